"""Community files that were read and found in order, kept in the data folder for the next start.

TOML of a hundred thousand radios takes ten seconds to read; most starts find it unchanged.

    DATA/cache/community-DIGEST     SHA-256 of the rest, then MessagePack of what the file says

DIGEST is over the file's bytes and over the code that reads and checks it: another file, or
another version of Yihu, and it is read anew. A copy that is damaged counts as none. The folder
may be deleted at any time; its files hold PINs, as the community's does, and are ours alone.
"""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec
import structlog

T = TypeVar("T")

READERS: Final = (
    "dispatch/config",
    "dispatch/ids",
    "dispatch/privacy/consent",
    "dispatch/radio_packed",
    "dispatch/radio_record",
    "dispatch/radio_table",
    "dispatch/roster",
    "dispatch/roster_cache",
    "dispatch/roster_kept",
    "dispatch/words",
    "geo/adjacency",
    "geo/datum",
    "geo/distance",
    "geo/grids",
    "geo/grids_kept",
    "geo/gridset",
)
"""Modules whose text decides what a file says."""

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = "cache"
PREFIX: Final = "community-"
DIGEST_BYTES: Final = 32
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600

log = structlog.get_logger("yihu.config")


class RosterCache(Generic[T]):
    """What files of one kind say; ``meaning``: digest of the code that reads and checks them."""

    def __init__(self, data_dir: Path, kind: type[T], *, meaning: bytes) -> None:
        self._folder = data_dir / FOLDER
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._meaning = meaning
        self._used: set[str] = set()

    def find(self, data: bytes) -> T | None:
        """What a file with these bytes says; None where it was not kept."""
        name = self._name(data)
        try:
            found = self._decoder.decode(read_summed(self._folder / name))
        except (OSError, msgspec.MsgspecError, ValueError):
            return None
        self._used.add(name)
        return found

    def keep(self, data: bytes, says: T) -> None:
        """Keep it for the next start; where that fails, the next one reads the file."""
        name = self._name(data)
        write_summed(self._folder / name, msgspec.msgpack.encode(says))
        self._used.add(name)

    def tidy(self) -> None:
        """Let go of what no file says any more."""
        for kept in self._folder.glob(f"{PREFIX}*"):
            if kept.name not in self._used:
                kept.unlink(missing_ok=True)

    def _name(self, data: bytes) -> str:
        return PREFIX + hashlib.sha256(self._meaning + data).hexdigest()


def read_summed(file: Path) -> bytes:
    """What ``write_summed`` kept. Raises OSError, ValueError where it is damaged."""
    kept = file.read_bytes()
    if hashlib.sha256(kept[DIGEST_BYTES:]).digest() != kept[:DIGEST_BYTES]:
        raise ValueError(f"{file} does not fit its checksum")
    return kept[DIGEST_BYTES:]


def write_summed(file: Path, data: bytes) -> None:
    """Whole or not at all, for our user only; where it cannot be written, that is said."""
    half = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(fd, "wb") as stream:
            stream.write(hashlib.sha256(data).digest() + data)
        half.replace(file)
    except OSError as exc:
        log.info("community_not_kept", why=exc.strerror)


@cache
def meaning() -> bytes:
    """Digest of the modules that read and check files: another text may do it otherwise."""
    digest = hashlib.sha256(msgspec.__version__.encode())
    for name in READERS:
        try:
            digest.update((ROOT / f"{name}.py").read_bytes())
        except OSError:  # installed without its source: the release says as much
            digest.update(_release())
    return digest.digest()


def _release() -> bytes:
    from importlib.metadata import version  # a tenth of a second, and seldom asked for

    return version("yihu").encode()
