"""``yihu backup`` and ``yihu restore``.

    yihu backup TO                   make TO/yihu-DATE-TIME (UTC), while the hub runs
    yihu backup TO --keep 14         and drop all but the newest fourteen of this data folder
    yihu backup TO --list            what is there
    yihu backup FROM --check         whether one is whole: every file, and the journal's chain
    yihu restore FROM                put one into an empty data folder

Exit status 0 where all is well, 1 where a backup failed or something is wrong with one.
"""

import argparse
import contextlib
import datetime
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dispatch.backup.check import Tell, check
from dispatch.backup.errors import BackupError
from dispatch.backup.make import in_words, make, niced
from dispatch.backup.restore import Restored, restore
from dispatch.backup.shelf import backups_in, drop_old
from dispatch.clock import SECOND, Instant
from dispatch.errors import SettingsError, StoreError
from dispatch.options import add_data
from dispatch.settings import Settings
from dispatch.settings_file import SETTINGS_FILE, load_settings
from dispatch.tips.command import readable
from dispatch.tips.keys import KeyFile, TipKeyFileError

NICE: Final = 10
KEEP_MAX: Final = 1_000
FAILED: Final = 1
MEGABYTE: Final = 1_000_000

HANDED_IN: Final = "-"
"""As --store-url: its address comes in a line on standard input, where nobody else sees it."""
URL_CHARS_MAX: Final = 10_000

LOOK_AT: Final = (
    "Look at these before anybody relies on it; the journal does not know what came after:",
    "- radios that were revoked, lost or enrolled anew since: revoke them again (yihu revoke);",
    "- accounts that were closed, and API tokens that were ended since: they are open again;",
    "- passwords and second factors that were changed since are the old ones again;",
    "- people whose data was erased since: erase it again (yihu person erase);",
    "- sealed tips: no backup has their key (yihu tips key import, yihu tips check);",
    "- incidents that were open then: they ring again as if no time had passed.",
    "Everybody has to log in anew. If nobody can: yihu link.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``yihu backup``."""
    parser.add_argument(
        "to", type=Path, metavar="TO", help="the folder for backups; with --check one backup"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="the backups in TO")
    what.add_argument("--check", action="store_true", help="whether the backup TO is whole")
    what.add_argument(
        "--keep", type=_keep, metavar="N", help="drop all but the newest N of this data folder"
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing while it goes on")
    add_data(parser)


def add_restore_arguments(parser: argparse.ArgumentParser) -> None:
    """Of ``yihu restore``."""
    parser.add_argument("backup", type=Path, metavar="FROM", help="a folder yihu-DATE-TIME")
    parser.add_argument("--quiet", action="store_true", help="say nothing while it goes on")
    add_data(parser)


def run(options: argparse.Namespace) -> int:
    """Raises SettingsError, BackupError."""
    tell = _silent if options.quiet else _progress
    if options.list:
        return _list(options.to)
    if options.check:
        niced(NICE)
        return _check(options.to, tell)
    settings = _settings(options)
    niced(NICE)
    with _ended_in_a_sentence("the backup was broken off; nothing of it is left"):
        made = make(settings, options.to, settings_file=_settings_file(options), tell=tell)
        print(in_words(made))
        for remark in made.remarks:
            print(f"note: {remark}")
        if options.keep is not None:
            for gone in _dropped(options.to.absolute(), settings, options.keep):
                print(f"dropped {gone}")
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Raises SettingsError, BackupError."""
    tell = _silent if options.quiet else _progress
    settings = _settings(options)
    with _ended_in_a_sentence("broken off; no hub starts there until the same is given again"):
        done = restore(options.backup, settings.data_dir, url=settings.store_url, tell=tell)
    for line in _told(done, settings):
        print(line)
    return FAILED if done.faults else 0


# --- making, looking ---


def _list(folder: Path) -> int:
    try:
        found = backups_in(folder)
    except OSError as exc:
        raise BackupError(f"{folder} cannot be read ({exc.strerror})", "name a folder") from exc
    for each in found:
        manifest, end = each.manifest, each.manifest.journal
        print(
            f"{each.folder.name}  {end.seq} facts, last {_time(end.last_t)},"
            f" {manifest.bytes / MEGABYTE:.0f} MB, {manifest.store}, yihu {manifest.yihu},"
            f" {manifest.data_dir} on {manifest.machine}"
        )
    if not found:
        print(f"no whole backup in {folder}")
    return 0


def _check(backup: Path, tell: Tell) -> int:
    found = check(backup, tell)
    for fault in found.faults:
        print(fault)
    if found.faults:
        print("This backup cannot be trusted: take another, and make a new one now.")
        return FAILED
    end = found.manifest.journal
    walked = "unbroken" if found.manifest.store == "sqlite" else "not walked: it is a dump"
    print(
        f"whole: {len(found.manifest.files)} files, {end.seq} facts ({walked}), last"
        f" {_time(end.last_t)}; the last hash is {end.hash}"
    )
    for each in found.manifest.left_out:
        if each.harm:
            print(f"note: not in it: {each.name} ({each.why})")
    return 0


def _dropped(to: Path, settings: Settings, keep: int) -> list[Path]:
    try:
        return drop_old(to, settings.data_dir, keep=keep)
    except OSError as exc:
        raise BackupError(
            f"an old backup in {to} cannot be dropped ({exc.strerror})", "remove it by hand"
        ) from exc


def _settings(options: argparse.Namespace) -> Settings:
    url = options.store_url
    if url == HANDED_IN:
        url = sys.stdin.readline(URL_CHARS_MAX).strip()
    given = {} if url is None else {"store_url": url}
    return load_settings(
        data_dir=options.data.absolute(), settings_file=options.settings, overrides=given
    )


def _settings_file(options: argparse.Namespace) -> Path | None:
    """The one that counts, where there is one."""
    file: Path = options.settings or options.data / SETTINGS_FILE
    return file.absolute() if file.is_file() else None


def _keep(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= KEEP_MAX:
        raise argparse.ArgumentTypeError(f"a number from 1 to {KEEP_MAX} is needed")
    return int(text)


@contextlib.contextmanager
def _ended_in_a_sentence(words: str) -> Iterator[None]:
    """Whoever ends this process, by hand or by its hub's end, has it clean up first."""

    def end(number: int, _frame: object) -> None:
        raise _EndedError(number)

    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    except _EndedError as exc:
        print(f"yihu: {words}", file=sys.stderr)
        raise SystemExit(128 + exc.number) from exc
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


class _EndedError(BaseException):
    """A signal came. No Exception: nobody on the way takes it for a fault."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


# --- what is said ---


def _told(done: Restored, settings: Settings) -> Iterator[str]:
    """After a restore."""
    manifest, end = done.manifest, done.manifest.journal
    for fault in done.faults:
        yield f"WRONG: {fault}"
    if done.faults:
        yield "It is in its place all the same; if you have another backup, compare."
    else:
        yield f"{end.seq} facts, unbroken; the last hash is {end.hash}"
    yield f"from the backup of {manifest.made} (UTC); its last fact is of {_time(end.last_t)}."
    for path in done.outside:
        yield (
            f"The settings name {path}, which is not there as it was: it lies in"
            f" {settings.data_dir}/outside{path}; put it back, or change the settings."
        )
    yield from LOOK_AT
    yield from _unreadable_tips(settings)
    yield f"Then start it: yihu run --data {settings.data_dir}, with the options it had."
    if settings.store_url:
        yield "The database is the one you named: see that store_url in the settings is, too."


def _unreadable_tips(settings: Settings) -> Iterator[str]:
    """Which sealed tips nobody can read here; nothing where all can be, or that cannot be told."""
    with contextlib.suppress(SettingsError, StoreError, TipKeyFileError):
        file = KeyFile.of(settings.data_dir)
        lines, missing = readable(file, settings.store_url, settings.data_dir)
        if missing:
            yield from lines


def _time(t: Instant) -> str:
    if not t:
        return "never"
    at = datetime.datetime.fromtimestamp(t / SECOND, datetime.UTC)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _silent(_line: str) -> None:
    """Nothing."""
