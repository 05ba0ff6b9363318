"""Puts a backup into a data folder that has no journal, and the database it may have with it.

Nothing is written over. Everything is copied and checked beside its place first, in the folder
``restore.partial``; while that is there no hub starts, and the same backup may be given again.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dispatch.backup import files
from dispatch.backup.check import faults_of, inside
from dispatch.backup.errors import BackupError
from dispatch.backup.manifest import DATA, DUMP_FILE, OUTSIDE, Kept, Manifest, read_manifest
from dispatch.backup.restored import RestoredFrom, note_restored
from dispatch.errors import SettingsError, StoreError
from dispatch.store import dumping, heads, migrate
from dispatch.store.database import HISTORY_FILE, HISTORY_FOLDER, JOURNAL_FILE, place_of
from dispatch.store.folder import PRIVATE_FOLDER, RESTORING, FolderLock

if TYPE_CHECKING:
    from sqlalchemy import Connection

RUN_LOCK_FILE: Final = "run.lock"
"""The supervisor's, as wiring.py has it."""
JOURNAL: Final = f"{DATA}/{JOURNAL_FILE}"
SPARE_BYTES: Final = 16 * 2**20

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What is in its place now."""

    manifest: Manifest
    faults: list[str]
    """What is wrong with the journal; it is in its place all the same: there may be no other."""
    outside: list[Path]
    """Files that the settings name elsewhere and that are not there as they were: where they
    should be. They lie in the data folder's ``outside``."""


def restore(
    backup: Path, data_dir: Path, *, url: str = "", tell: Tell = lambda _line: None
) -> Restored:
    """Raises SettingsError where the place does not fit, BackupError where the backup does not."""
    backup, data_dir = backup.absolute(), data_dir.absolute()
    manifest = read_manifest(backup)
    migrate.refuse_newer(manifest.schema)
    _check_store(manifest, url)
    with files.told_in_a_sentence("restoring", data_dir), contextlib.ExitStack() as stack:
        _make(data_dir)
        stack.enter_context(_held(data_dir))
        staging = data_dir / RESTORING
        _check_place(manifest, data_dir, again=staging.exists())
        conn = stack.enter_context(dumping.held_database(url)) if url else None
        filled = conn is not None and _is_filled(manifest, conn, url, again=staging.exists())
        _check_room(manifest, data_dir)
        _stage(manifest, backup, staging, tell)
        _put_in_place(manifest, staging, data_dir)
        if conn is not None and not filled:
            tell("database: pg_restore is at work")
            dumping.put_back(url, staging / DUMP_FILE, conn)
        end = manifest.journal
        now = time.time_ns() // 1000
        note_restored(
            data_dir, RestoredFrom(backup=backup.name, until_t=end.last_t, restored_t=now)
        )
        shutil.rmtree(staging)  # from here on a hub may start
        files.sync_folder(data_dir)
    tell("the journal's chain is walked")
    report = (
        heads.walked_in(url, data_dir) if url else heads.walked_at_rest(data_dir / JOURNAL_FILE)
    )
    return Restored(
        manifest=manifest,
        faults=faults_of(report, manifest.journal),
        outside=list(_missing_outside(manifest)),
    )


# --- before ---


def _check_store(manifest: Manifest, url: str) -> None:
    if manifest.store == "postgresql" and not url:
        raise SettingsError(
            "the backup is of PostgreSQL", "name an empty database with --store-url"
        )
    if manifest.store == "sqlite" and url:
        raise SettingsError("the backup is of SQLite", "leave --store-url (store_url) out")


def _make(data_dir: Path) -> None:
    """Raises SettingsError where it is somebody else's: a hub could not read what we put there."""
    files.make_private(data_dir)
    owner = data_dir.stat().st_uid
    if owner != os.geteuid():
        raise SettingsError(
            f"{data_dir} belongs to another user (number {owner})",
            "run this as the user whom the server runs as",
        )


@contextlib.contextmanager
def _held(data_dir: Path) -> Iterator[None]:
    """No hub and no other restore has it meanwhile. Raises SettingsError."""
    with contextlib.ExitStack() as stack:
        for name, kind in ((RUN_LOCK_FILE, "yihu"), ("hub.lock", "hub")):
            stack.callback(FolderLock(data_dir, name=name, kind=kind).release)
        yield


def _check_place(manifest: Manifest, data_dir: Path, *, again: bool) -> None:
    """Nothing there that would be written over, or that a hub would take for its own.

    ``again``: an earlier try was broken off, and no hub has started since. What it put there is
    as the backup has it. Raises SettingsError.
    """
    expected = {each.name: each for each in manifest.files}
    for name in _stored(data_dir):
        kept = expected.get(f"{DATA}/{name}")
        if not again or kept is None or not _is(data_dir / name, kept):
            raise SettingsError(
                f"{data_dir} has a journal or a history already ({name})",
                "name an empty data folder, or move that one away",
            )
    for each in manifest.files:
        target = _target(each, data_dir)
        if target is not None and os.path.lexists(target) and not _is(target, each):
            raise SettingsError(
                f"{target} is there already, and is not what the backup has",
                "name an empty data folder, or move that file away",
            )


def _stored(data_dir: Path) -> Iterator[str]:
    """Files of a store."""
    for name in (JOURNAL_FILE, HISTORY_FILE):
        for side in ("", "-wal", "-shm", "-journal"):
            if os.path.lexists(data_dir / f"{name}{side}"):
                yield f"{name}{side}"
    folder = data_dir / HISTORY_FOLDER
    if folder.is_dir():
        yield from sorted(f"{HISTORY_FOLDER}/{each.name}" for each in folder.iterdir())


def _is_filled(manifest: Manifest, conn: "Connection", url: str, *, again: bool) -> bool:
    """Whether an earlier try came as far as the database. Raises SettingsError where there is
    something else in it."""
    if dumping.is_empty(conn):
        return False
    if again:
        with contextlib.suppress(StoreError), conn.begin():
            head, end = heads.head_of(conn), manifest.journal
            if (head.seq, head.hash) == (end.seq, end.hash):
                return True
    raise SettingsError(
        f"{place_of(url, Path())} is not empty",
        "make an empty one (createdb), and name it as --store-url",
    )


def _is(file: Path, kept: Kept) -> bool:
    try:
        return files.hashed(file) == (kept.bytes, kept.sha256)
    except OSError:
        return False


def _check_room(manifest: Manifest, data_dir: Path) -> None:
    free = shutil.disk_usage(data_dir).free
    if free < manifest.bytes + SPARE_BYTES:
        raise BackupError(
            f"the disk with {data_dir} has {free // 10**6} MB free, and the backup needs"
            f" {(manifest.bytes + SPARE_BYTES) // 10**6} MB",
            "make room there, or name another disk",
        )


# --- putting it there ---


def _stage(manifest: Manifest, backup: Path, staging: Path, tell: Tell) -> None:
    """Every file beside its place, and each as the manifest says. Raises BackupError, OSError."""
    if staging.exists():
        shutil.rmtree(staging)
    staging.mkdir(mode=PRIVATE_FOLDER)
    try:
        for number, each in enumerate(manifest.files, 1):
            tell(f"{number} of {len(manifest.files)}: {each.name}")
            target = staging / each.name
            files.make_private(target.parent)
            if files.copy(_source(backup, each), target) != (each.bytes, each.sha256):
                raise BackupError(
                    f"{backup / each.name} is not as it was written", "take another backup"
                )
        files.sync_folders(staging)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _source(backup: Path, kept: Kept) -> Path:
    """Raises BackupError where it is not to be had."""
    try:
        file = inside(backup, kept.name)
        os.close(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
    except OSError as exc:
        raise BackupError(
            f"{backup / kept.name} cannot be read ({exc.strerror})", "take another backup"
        ) from exc
    return file


def _put_in_place(manifest: Manifest, staging: Path, data_dir: Path) -> None:
    """The journal last."""
    for each in sorted(manifest.files, key=lambda each: each.name == JOURNAL):
        target = _target(each, data_dir)
        if target is not None:
            files.make_private(target.parent)
            (staging / each.name).replace(target)
    files.sync_folders(data_dir)


def _target(kept: Kept, data_dir: Path) -> Path | None:
    """Where it goes; None: into the database."""
    first, _, rest = kept.name.partition("/")
    match first:
        case "data":
            return data_dir / rest
        case "outside":
            return data_dir / OUTSIDE / rest
        case _:
            return None


def _missing_outside(manifest: Manifest) -> Iterator[Path]:
    for each in manifest.files:
        if each.name.startswith(f"{OUTSIDE}/"):
            path = Path("/", each.name.removeprefix(f"{OUTSIDE}/"))
            if not _is_there(path, each):
                yield path


def _is_there(path: Path, kept: Kept) -> bool:
    """Links are followed: it is where the settings look."""
    return _is(path.resolve(), kept)
