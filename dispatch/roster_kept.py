"""The roster that the last start ended with, for a start at which nothing about it is new.

    DATA/cache/roster     SHA-256 of the rest, then MessagePack: what it rests on, what it says

To read a hundred thousand radios from files and store, to compare and check them takes two
seconds, and nearly always finds that nothing changed. Believed only where the program reads
files as it did, every file that was read has the same bytes, and the store's radios have the same
print; a copy that is damaged counts as none. The file may be deleted at any time; it holds
PINs, as the communities' files do, and is ours alone.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from dispatch.ids import RadioId
from dispatch.radio_table import PackedRadios
from dispatch.roster import Pins
from dispatch.roster_cache import FOLDER, read_summed, write_summed

ROSTER_FILE: Final = "roster"


class KeptRoster(msgspec.Struct, frozen=True):
    """What is known without reading it again."""

    heads: list[bytes]
    """What each community's file says besides its radios; the caller's own writing."""
    radios: PackedRadios
    pins: dict[RadioId, Pins]


class _Rests(msgspec.Struct, frozen=True):
    """What it was made from."""

    meaning: bytes
    asked: list[str]
    """The communities' files, in order."""
    read: list[tuple[str, bytes]]
    """Every file that was read for it, and the digest of its bytes."""
    radios: str
    """The print of the store's radios."""


def keep_roster(
    data_dir: Path,
    kept: KeptRoster,
    *,
    meaning: bytes,
    asked: Sequence[Path],
    read: Sequence[Path],
    radios: str,
) -> None:
    """Keep it for the next start. Where a file is gone meanwhile, nothing is kept."""
    try:
        digests = [(str(file), _digest(file)) for file in read]
    except OSError:
        return
    rests = _Rests(meaning, [str(file) for file in asked], digests, radios)
    data = msgspec.msgpack.encode((rests, msgspec.Raw(msgspec.msgpack.encode(kept))))
    write_summed(data_dir / FOLDER / ROSTER_FILE, data)


def find_roster(
    data_dir: Path, *, meaning: bytes, asked: Sequence[Path], radios: str | None
) -> KeptRoster | None:
    """What was kept, where it still holds; ``radios`` None: whatever the store has."""
    try:
        data = read_summed(data_dir / FOLDER / ROSTER_FILE)
        rests, raw = msgspec.msgpack.decode(data, type=tuple[_Rests, msgspec.Raw])
        holds = (
            rests.meaning == meaning
            and rests.asked == [str(file) for file in asked]
            and radios in (None, rests.radios)
            and all(_digest(Path(file)) == digest for file, digest in rests.read)
        )
        return msgspec.msgpack.decode(raw, type=KeptRoster) if holds else None
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()
