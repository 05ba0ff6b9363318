"""The roster that the last start ended with, for a start at which nothing about it is new.

    DATA/cache/roster     SHA-256 of the rest, then MessagePack: what it rests on, what it says

To read a hundred thousand radios from files and store, to compare and check them takes two
seconds, and nearly always finds that nothing changed. Believed only where the program reads
files as it did, every file that was read has the same bytes, and the store's radios have the same
print; a copy that is damaged counts as none. The file may be deleted at any time; it holds
PINs, as the communities' files do, and is ours alone.

The supervisor looks at it, too, and loads what reads communities only where something is new.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from dispatch.ids import RadioId
from dispatch.radio_packed import PackedRadios, Pins
from dispatch.roster_cache import FOLDER, meaning, read_summed, write_summed

ROSTER_FILE: Final = "roster"


class KeptRoster(msgspec.Struct, frozen=True):
    """What is known without reading it again."""

    heads: list[bytes]
    """What each community's file says besides its radios; the caller's own writing."""
    grids: bytes
    """The grids of all of them, as ``geo.grids_kept`` writes them."""
    radios: PackedRadios
    pins: dict[RadioId, Pins]


class _Rests(msgspec.Struct, frozen=True):
    """What it was made from."""

    meaning: bytes
    asked: list[str]
    """The communities' files, in order."""
    read: list[tuple[str, bytes]]
    """Every file that was read for it, and the digest of its bytes."""
    walking: list[str]
    """Files that are read at every start, and so must be there."""
    radios: str
    """The print of the store's radios."""


def keep_roster(
    data_dir: Path,
    kept: KeptRoster,
    *,
    asked: Sequence[Path],
    read: Sequence[Path],
    walking: Sequence[Path],
    radios: str,
) -> None:
    """Keep it for the next start. Where a file is gone meanwhile, nothing is kept."""
    try:
        digests = [(str(file), _digest(file)) for file in read]
    except OSError:
        return
    rests = _Rests(meaning(), _named(asked), digests, _named(walking), radios)
    data = msgspec.msgpack.encode((rests, msgspec.Raw(msgspec.msgpack.encode(kept))))
    write_summed(data_dir / FOLDER / ROSTER_FILE, data)


def find_roster(data_dir: Path, *, asked: Sequence[Path], radios: str) -> KeptRoster | None:
    """What was kept, where it still holds."""
    try:
        rests, raw = _kept(data_dir)
        holds = rests.radios == radios and _holds(rests, asked)
        return msgspec.msgpack.decode(raw, type=KeptRoster) if holds else None
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def nothing_new(data_dir: Path, asked: Sequence[Path]) -> bool:
    """Whether every file is as it was when a hub last started on these, and all are there."""
    try:
        rests, _ = _kept(data_dir)
        for file in rests.walking:
            Path(file).open("rb").close()
        return _holds(rests, asked)
    except (OSError, ValueError, msgspec.MsgspecError):
        return False


def _kept(data_dir: Path) -> tuple[_Rests, msgspec.Raw]:
    data = read_summed(data_dir / FOLDER / ROSTER_FILE)
    return msgspec.msgpack.decode(data, type=tuple[_Rests, msgspec.Raw])


def _holds(rests: _Rests, asked: Sequence[Path]) -> bool:
    return (
        rests.meaning == meaning()
        and rests.asked == _named(asked)
        and all(_digest(Path(file)) == digest for file, digest in rests.read)
    )


def _named(files: Sequence[Path]) -> list[str]:
    return [str(file) for file in files]


def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()
