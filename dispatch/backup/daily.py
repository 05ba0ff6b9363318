"""A backup every day, by a process of its own, and what is to be said of it. Copies nothing itself.

When one is due is decided by ``due_in``; the rest waits. The process ends with the hub, and cleans
up. By the machine's clock: a hub whose own runs twenty times as fast makes no more of them.
"""

import asyncio
import contextlib
import datetime
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from dispatch.backup.shelf import newest_of
from dispatch.clock import DAY, SECOND, Instant
from dispatch.settings import Settings

FIRST_AFTER_S: Final = 300.0
"""After a power cut a thousand radios come back first."""
AGAIN_AFTER_S: Final = 3_600.0
LOOK_EVERY_S: Final = 900.0
"""The clock may be set, or the machine sleep."""
OLD_AFTER: Final = 2 * DAY
END_S: Final = 10.0

Pause = Callable[[float], Awaitable[None]]
"""Waits so many real seconds."""
Newest = Callable[[], Instant | None]
"""When the newest backup was made; None: there is none. Raises OSError."""
Run = Callable[[], Awaitable[str]]
"""Makes or checks one; gives back why it could not, or what is wrong; empty where all is well."""

log = structlog.get_logger("yihu.backup")


def due_in(now: Instant, newest_t: Instant | None, *, at: str, zone: str) -> Instant:
    """How long until the next is due; 0: at once, for the last time of day saw none."""
    hour, _, minute = at.partition(":")
    place = ZoneInfo(zone)
    here = datetime.datetime.fromtimestamp(now / SECOND, place)
    today = datetime.datetime.combine(here, datetime.time(int(hour), int(minute)), tzinfo=place)
    last, following = today, today + datetime.timedelta(days=1)
    if last > here:
        last, following = today - datetime.timedelta(days=1), today
    if newest_t is None or newest_t < int(last.timestamp() * SECOND):
        return 0
    return int(following.timestamp() * SECOND) - now


class Daily:
    """The backups of a running hub."""

    def __init__(
        self,
        *,
        at: str,
        zone: str,
        newest: Newest,
        make: Run,
        check: Run | None = None,
        machine_now: Callable[[], Instant] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._at = at
        self._zone = zone
        self._newest = newest
        self._make = make
        self._check = check
        self._now = machine_now
        self._newest_t: Instant | None = None
        self.failed = ""
        """Why the last one could not be made."""
        self.wrong = ""
        """What is wrong with the newest one, by the last check."""
        self.checked_t: Instant | None = None
        """When the newest was checked last; None: it was not yet, since the start."""
        self._checked_of: Instant | None = None

    @property
    def words(self) -> str:
        """What is wrong, in a sentence; empty where nothing is."""
        if self.failed:
            return f"the last backup failed: {self.failed}"
        if self.wrong:
            return f"the newest backup cannot be trusted: {self.wrong}"
        age = 0 if self._newest_t is None else self._now() - self._newest_t
        return f"the newest backup is {age // DAY} days old" if age > OLD_AFTER else ""

    async def run(self, *, pause: Pause = asyncio.sleep) -> None:
        """Until cancelled."""
        await pause(FIRST_AFTER_S)
        while True:
            await pause(await self._step())

    async def _step(self) -> float:
        """Make one where it is due; how many seconds to wait then."""
        try:
            self._newest_t = await asyncio.to_thread(self._newest)
        except OSError as exc:  # the stick is out; making one will say so
            log.info("backups_not_seen", why=exc.strerror)
            self._newest_t = None
        wait = due_in(self._now(), self._newest_t, at=self._at, zone=self._zone)
        if wait:
            await self._look_into()
            return min(wait / SECOND, LOOK_EVERY_S)
        self.failed = await self._make()
        if self.failed:
            log.error("backup_failed", why=self.failed)
            return AGAIN_AFTER_S
        self._newest_t = self._now()
        log.info("backup_made")
        await self._look_into()
        return LOOK_EVERY_S

    async def _look_into(self) -> None:
        """Check the newest, once: a backup that nobody has read may be none."""
        if self._check is None or self._newest_t in (None, self._checked_of):
            return
        self._checked_of = self._newest_t
        self.wrong = await self._check()
        self.checked_t = self._now()
        if self.wrong:
            log.error("backup_wrong", why=self.wrong)
        else:
            log.info("backup_checked")


def newest_in(to: Path, data_dir: Path) -> Instant | None:
    """Of this data folder. Raises OSError."""
    found = newest_of(to, data_dir)
    return None if found is None else found.manifest.made_t


def command_of(settings: Settings, settings_file: Path | None) -> list[str]:
    """The process that makes one. The store's address may hold a password: it is handed in."""
    assert settings.backup.to is not None
    return [
        *(sys.executable, "-m", "dispatch", "backup", str(settings.backup.to.absolute())),
        *(f"--data={settings.data_dir}", f"--keep={settings.backup.keep}", "--quiet"),
        *([f"--settings={settings_file.absolute()}"] if settings_file is not None else []),
        *(["--store-url=-"] if settings.store_url else []),
    ]


def checking(settings: Settings) -> Run:
    """Has a process read every byte of the newest one, and walk its journal."""
    to = settings.backup.to
    assert to is not None

    async def check() -> str:
        try:
            newest = await asyncio.to_thread(newest_of, to, settings.data_dir)
        except OSError as exc:
            return f"it cannot be read ({exc.strerror})"
        if newest is None:
            return "it is gone"
        argv = (sys.executable, "-m", "dispatch", "backup", str(newest.folder.absolute()))
        return await by_process([*argv, "--check", "--quiet"], "")

    return check


async def by_process(argv: Sequence[str], handed_in: str) -> str:
    """Run it to its end; why it failed, in its own last words. Ended when we are cancelled."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as exc:
        return f"it could not be started ({exc.strerror})"
    try:
        said, told = await process.communicate(f"{handed_in}\n".encode())
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), END_S)
        raise
    if process.returncode == 0:
        return ""
    lines = told.decode(errors="replace").strip().splitlines()
    if lines:
        return lines[-1].removeprefix("yihu: ")
    found = said.decode(errors="replace").strip().splitlines()  # of a check, what is wrong
    return found[0] if found else f"it ended with {process.returncode}"


def daily_of(settings: Settings, settings_file: Path | None, zone: str) -> Daily | None:
    """As the settings want it; None: they want none."""
    to = settings.backup.to
    if to is None:
        return None
    return Daily(
        at=settings.backup.at,
        zone=zone,
        newest=lambda: newest_in(to, settings.data_dir),
        make=lambda: by_process(command_of(settings, settings_file), settings.store_url),
        check=checking(settings),
    )
