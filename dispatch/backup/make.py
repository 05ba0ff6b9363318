"""Makes one backup, beside a hub that runs: everything in a folder that gets its name last.

Broken off anywhere, it leaves nothing under a whole name; the next run removes what is left.
"""

import contextlib
import datetime
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Final

from dispatch.backup import files
from dispatch.backup.contents import Contents, contents_of
from dispatch.backup.errors import BackupError
from dispatch.backup.manifest import (
    DATA,
    DUMP_FILE,
    FORMAT,
    MANIFEST_FILE,
    OUTSIDE,
    JournalEnd,
    Kept,
    LeftOut,
    Manifest,
    Seen,
    text_of,
)
from dispatch.backup.shelf import PARTIAL, Backup, newest_of, sweep
from dispatch.clock import SECOND
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from dispatch.store import copying, dumping, heads
from dispatch.store.database import HISTORY_FILE, HISTORY_FOLDER, JOURNAL_FILE
from dispatch.store.folder import PRIVATE_FOLDER, FolderLock

LOCK_FILE: Final = ".yihu-backup.lock"
MEGABYTE: Final = 1_000_000
TOLD_EVERY_S: Final = 2.0
SPARE_BYTES: Final = 16 * 2**20
"""Left free beside what is reckoned: the manifest, and what the hub writes meanwhile."""

Tell = Callable[[str], None]
"""Says a line to whoever waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that is whole."""

    folder: Path
    manifest: Manifest
    linked: int
    """Files that are those of the backup before."""
    remarks: list[str]
    """What somebody should know of it."""


@dataclass(slots=True, kw_only=True)
class _Work:
    """What is being made."""

    settings: Settings
    folder: Path
    before: Backup | None
    tell: Tell
    pause: Callable[[float], None]
    now_ns: int
    kept: list[Kept] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    linked: int = 0


def make(
    settings: Settings,
    to: Path,
    *,
    settings_file: Path | None = None,
    tell: Tell = lambda _line: None,
    pause: Callable[[float], None] = time.sleep,
    clock_ns: Callable[[], int] = time.time_ns,
) -> Made:
    """Raises SettingsError where there is nothing to copy, BackupError where it cannot be done."""
    to = to.absolute()
    _check(settings, to)
    with files.told_in_a_sentence("the backup", to), _alone(to):
        sweep(to)
        now_ns = clock_ns()
        made_at = datetime.datetime.fromtimestamp(now_ns / 1e9, datetime.UTC)
        whole = to / f"yihu-{made_at:%Y%m%d-%H%M%S}"
        if whole.exists():
            raise BackupError(f"{whole} is there already", "try again in a second")
        partial = whole.with_name(whole.name + PARTIAL)
        work = _Work(
            settings=settings,
            folder=partial,
            before=newest_of(to, settings.data_dir),
            tell=tell,
            pause=pause,
            now_ns=now_ns,
        )
        contents = contents_of(settings, settings_file)
        _check_room(work, contents, to)
        try:
            partial.mkdir(mode=PRIVATE_FOLDER)
            manifest = _filled(work, contents, made_at)
            files.write(partial / MANIFEST_FILE, text_of(manifest))
            files.sync_folders(partial)
            partial.rename(whole)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        files.sync_folder(to)
    remarks = list(_remarks(settings, whole, manifest))
    return Made(folder=whole, manifest=manifest, linked=work.linked, remarks=remarks)


# --- before ---


def _check(settings: Settings, to: Path) -> None:
    data_dir = settings.data_dir
    if not data_dir.is_dir() or not (settings.store_url or (data_dir / JOURNAL_FILE).is_file()):
        raise SettingsError(
            f"there is no journal in {data_dir}", "name the data folder of a hub that has run"
        )
    if to.resolve().is_relative_to(data_dir.resolve()):
        raise BackupError(
            f"{to} is in the data folder itself", "name a folder elsewhere, best on another disk"
        )
    if not to.exists():  # made here, it would lie on the very disk that is to be outlived
        raise BackupError(f"there is no {to}", "is its disk mounted? if so, make the folder first")


@contextlib.contextmanager
def _alone(to: Path) -> Iterator[None]:
    """Nobody else makes a backup there meanwhile. Raises BackupError, OSError."""
    try:
        lock = FolderLock(to, name=LOCK_FILE, kind="backup")
    except SettingsError as exc:
        raise BackupError(f"another backup is being written to {to}", "wait for it") from exc
    try:
        yield
    finally:
        lock.release()


def _check_room(work: _Work, contents: Contents, to: Path) -> None:
    """Better refused now than after an hour. What PostgreSQL's dump takes is not known."""
    data_dir = work.settings.data_dir
    needed = sum(_size(path) for path in contents.outside)
    needed += sum(_size(data_dir / name) for name in contents.inside)
    if not work.settings.store_url:
        for name in (JOURNAL_FILE, HISTORY_FILE):
            needed += _size(data_dir / name) + _size(data_dir / f"{name}-wal")
        for day in _days(data_dir):
            if _same_before(work, f"{DATA}/{HISTORY_FOLDER}/{day.name}", _seen(work, day)) is None:
                needed += _size(day)
    free = shutil.disk_usage(to).free
    if free < needed + SPARE_BYTES:
        raise BackupError(
            f"the disk with {to} has {_mb(free)} free, and the backup needs"
            f" {_mb(needed + SPARE_BYTES)}",
            "make room there, or name another disk",
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


# --- what is in it ---


def _filled(work: _Work, contents: Contents, made_at: datetime.datetime) -> Manifest:
    """The journal first: what it does not tell yet may be in the history, but not the reverse."""
    data_dir = work.settings.data_dir
    work.left_out += contents.left_out
    if work.settings.store_url:
        head = _dump(work)
    else:
        head = _journal(work)
        if (data_dir / HISTORY_FILE).is_file():
            _database(work, f"{DATA}/{HISTORY_FILE}", data_dir / HISTORY_FILE)
        days = _days(data_dir)
        for number, day in enumerate(days, 1):
            _day(work, day, f"day {number} of {len(days)}")
    for name in contents.inside:
        _plain(work, f"{DATA}/{name}", data_dir / name)
    for path in contents.outside:
        _plain(work, f"{OUTSIDE}{path}", path)
    return Manifest(
        format=FORMAT,
        yihu=version("yihu"),
        schema=head.schema,
        made_t=int(made_at.timestamp() * SECOND),
        made=f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
        store="postgresql" if work.settings.store_url else "sqlite",
        machine=os.uname().nodename,
        data_dir=str(data_dir),
        journal=JournalEnd(seq=head.seq, hash=head.hash, last_t=head.last_t),
        files=tuple(work.kept),
        left_out=tuple(work.left_out),
    )


def _journal(work: _Work) -> heads.Head:
    source, target = work.settings.data_dir / JOURNAL_FILE, _place(work, f"{DATA}/{JOURNAL_FILE}")
    copying.copy_database(source, target, told=_told(work, "journal"), pause=work.pause)
    copying.forget_logins(target)
    with heads.at_rest(target) as conn:
        head = heads.head_of(conn)
    _keep(work, f"{DATA}/{JOURNAL_FILE}", target, None)
    return head


def _dump(work: _Work) -> heads.Head:
    target = work.folder / DUMP_FILE
    work.tell("database: pg_dump is at work")
    head = dumping.dump(work.settings.store_url, target)
    _keep(work, DUMP_FILE, target, None)
    return head


def _days(data_dir: Path) -> list[Path]:
    """Files of days, oldest first. What else lies there is theirs while it is written."""
    return sorted((data_dir / HISTORY_FOLDER).glob("????-??-??.db"))


def _day(work: _Work, day: Path, words: str) -> None:
    """One that is unchanged is the file of the last backup. One that was dropped is left out; one
    made anew meanwhile is whatever it is now."""
    name = f"{DATA}/{HISTORY_FOLDER}/{day.name}"
    seen = _seen(work, day)
    same = _same_before(work, name, seen)
    if same is not None and _linked(work, same):
        return
    try:
        _database(work, name, day, seen, words)
    except FileNotFoundError:
        work.left_out.append(LeftOut(name=name, why="the hub dropped it meanwhile"))
    except copying.TornError as exc:
        (work.folder / name).unlink()
        work.left_out.append(LeftOut(name=name, why=str(exc), harm=True))


def _database(
    work: _Work, name: str, source: Path, seen: Seen | None = None, words: str = "history"
) -> None:
    target = _place(work, name)
    try:
        copying.copy_database(source, target, told=_told(work, words), pause=work.pause)
    except FileNotFoundError:
        target.unlink()
        raise
    _keep(work, name, target, seen)


def _plain(work: _Work, name: str, source: Path) -> None:
    try:
        seen = files.seen_of(source, work.now_ns)
        same = _same_before(work, name, seen)
        if same is not None and _linked(work, same):
            return
        size, sha256 = files.copy(source, _place(work, name))
    except FileNotFoundError:
        work.left_out.append(LeftOut(name=name, why="it was gone meanwhile"))
        return
    work.kept.append(Kept(name=name, bytes=size, sha256=sha256, seen=seen))


def _seen(work: _Work, file: Path) -> Seen | None:
    try:
        return files.seen_of(file, work.now_ns)
    except FileNotFoundError:
        return None


def _same_before(work: _Work, name: str, seen: Seen | None) -> Kept | None:
    """The last backup's file, where its source stands as it stood."""
    before = work.before.manifest.file(name) if work.before is not None else None
    return before if before is not None and seen is not None and before.seen == seen else None


def _linked(work: _Work, kept: Kept) -> bool:
    assert work.before is not None
    source = work.before.folder / kept.name
    if source.is_symlink() or _size(source) != kept.bytes:
        return False
    if not files.link(source, _place(work, kept.name)):
        return False
    work.kept.append(kept)
    work.linked += 1
    return True


def _keep(work: _Work, name: str, target: Path, seen: Seen | None) -> None:
    size, sha256 = files.hashed(target)
    work.kept.append(Kept(name=name, bytes=size, sha256=sha256, seen=seen))


def _place(work: _Work, name: str) -> Path:
    target = work.folder / name
    files.make_private(target.parent)
    return target


def _told(work: _Work, words: str) -> copying.Told:
    """A line now and then, for what takes long."""
    told_s = time.monotonic()

    def told(done: int, of: int) -> None:
        nonlocal told_s
        if time.monotonic() - told_s >= TOLD_EVERY_S:
            told_s = time.monotonic()
            work.tell(f"{words}: {_mb(done)} of {_mb(of)}")

    return told


# --- after ---


def _remarks(settings: Settings, whole: Path, manifest: Manifest) -> Iterator[str]:
    if whole.stat().st_mode & 0o077:
        yield "this disk keeps no permissions: whoever has it in hand can read the backup"
    if not settings.store_url and whole.stat().st_dev == settings.data_dir.stat().st_dev:
        yield "it is on the same disk as the data: if that breaks, both are gone"
    for each in manifest.left_out:
        if each.harm:
            yield f"not in it: {each.name} ({each.why})"


def _mb(count: int) -> str:
    return f"{count / MEGABYTE:.0f} MB"


def in_words(made: Made) -> str:
    """For people."""
    end = made.manifest.journal
    linked = f", {made.linked} of them as they were" if made.linked else ""
    return (
        f"{made.folder}: {end.seq} facts, {len(made.manifest.files)} files{linked},"
        f" {_mb(made.manifest.bytes)}; the last hash is {end.hash}"
    )


def niced(by: int) -> None:
    """This process gives way to the hub. Where it may not, it is no worse than before."""
    with contextlib.suppress(OSError):
        os.nice(by)
