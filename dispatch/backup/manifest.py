"""What a backup says of itself: ``manifest.json``, written last. Read as hostile.

    yihu-20261122-033000/
        manifest.json
        data/...                what goes back into a data folder, names as they were in it
        outside/...             what the settings named elsewhere, by its whole path
        postgresql.dump         of pg_dump, where the store is PostgreSQL

A field that is added one day gets a default; what an older Yihu must not restore raises FORMAT.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, Literal

import msgspec

from dispatch.backup.errors import BackupError
from dispatch.clock import Instant
from dispatch.errors import SettingsError, quoted
from dispatch.toml_files import read_bounded

FORMAT: Final = 1
MANIFEST_FILE: Final = "manifest.json"
DUMP_FILE: Final = "postgresql.dump"
DATA: Final = "data"
OUTSIDE: Final = "outside"
MANIFEST_BYTES_MAX: Final = 32 * 2**20
"""Room for FILES_MAX files at some 400 bytes each, and what was left out."""
FILES_MAX: Final = 50_000
"""Ten years of days, and all the files that anybody would put beside them."""
NAME_CHARS_MAX: Final = 1_000
SHA256: Final = re.compile("[0-9a-f]{64}")

Kind = Literal["sqlite", "postgresql"]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A source file as it was when it was copied: the same again has the same in it."""

    bytes: int
    mtime_ns: int
    log_bytes: int = 0
    log_mtime_ns: int = 0
    """Of SQLite's log beside it."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the backup."""

    name: str
    bytes: int
    sha256: str
    seen: Seen | None = None
    """None: it changed lately, or is no file of its own; the next backup copies it anew."""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is not in the backup."""

    name: str
    why: str
    harm: bool = False
    """Whether somebody will miss it."""


class JournalEnd(msgspec.Struct, frozen=True, kw_only=True):
    """Where the journal ended: its last fact."""

    seq: int
    hash: str
    last_t: Instant


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    format: int
    yihu: str
    schema: str
    made_t: Instant
    made: str
    """The same for people, in UTC."""
    store: Kind
    machine: str
    data_dir: str
    journal: JournalEnd
    files: tuple[Kept, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def bytes(self) -> int:
        """All files together."""
        return sum(each.bytes for each in self.files)

    def file(self, name: str) -> Kept | None:
        """The one of this name."""
        return next((each for each in self.files if each.name == name), None)


class _Format(msgspec.Struct):
    format: int


def text_of(manifest: Manifest) -> bytes:
    """As it is written."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def read_manifest(backup: Path) -> Manifest:
    """Raises BackupError where the folder is no backup that this version can read."""
    if backup.name.endswith(".partial"):
        raise BackupError(f"{backup} was never finished", "name one that was")
    try:
        data = read_bounded(backup / MANIFEST_FILE, "manifest", MANIFEST_BYTES_MAX)
    except SettingsError as exc:
        raise BackupError(
            f"{backup} is no whole backup ({exc.what})", "name a folder yihu-DATE-TIME"
        ) from exc
    return manifest_of(data, str(backup))


def manifest_of(data: bytes, where: str) -> Manifest:
    """Raises BackupError."""
    try:
        if (format_ := msgspec.json.decode(data, type=_Format).format) != FORMAT:
            raise BackupError(
                f"the backup {where} has format {format_}, and this Yihu reads {FORMAT}",
                "restore it with the Yihu that made it, or a later one",
            )
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as exc:
        raise BackupError(
            f"the manifest of {where} is damaged ({quoted(str(exc))})", "take another backup"
        ) from exc
    for why in _unfit(manifest):
        raise BackupError(f"the manifest of {where} {why}", "take another backup")
    return manifest


def _unfit(manifest: Manifest) -> Iterator[str]:
    """Why this is no manifest of ours."""
    names = [each.name for each in manifest.files]
    if len(names) > FILES_MAX:
        yield f"names {len(names)} files"
    if len(set(names)) != len(names):
        yield "names a file twice"
    for each in manifest.files:
        if not is_inside(each.name):
            yield f"names {quoted(each.name)}, which leads outside"
        if each.bytes < 0 or not SHA256.fullmatch(each.sha256):
            yield f"gives no size and sha256 of {quoted(each.name)}"
    needed = f"{DATA}/journal.db" if manifest.store == "sqlite" else DUMP_FILE
    if needed not in names:
        yield f"names no {needed}"
    if not SHA256.fullmatch(manifest.journal.hash) or manifest.journal.seq < 0:
        yield "gives no end of the journal"


def is_inside(name: str) -> bool:
    """Whether this may be a file of a backup: ``data/...``, ``outside/...`` or the dump."""
    if name == DUMP_FILE:
        return True
    path = PurePosixPath(name)
    return (
        len(name) <= NAME_CHARS_MAX
        and name.isprintable()
        and "\\" not in name
        and str(path) == name
        and len(path.parts) > 1
        and path.parts[0] in (DATA, OUTSIDE)
        and ".." not in path.parts
    )
