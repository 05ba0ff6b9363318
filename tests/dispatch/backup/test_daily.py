"""When a backup is due, what becomes of one that fails, and the process that makes it."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from dispatch.backup.daily import (
    AGAIN_AFTER_S,
    FIRST_AFTER_S,
    LOOK_EVERY_S,
    Daily,
    by_process,
    command_of,
    daily_of,
    due_in,
    newest_in,
)
from dispatch.backup.shelf import backups_in
from dispatch.clock import DAY, HOUR, MINUTE, SECOND, Instant
from dispatch.settings import Backups, Settings
from tests.dispatch.backup.conftest import fill
from tests.dispatch.store.conftest import Home

ZONE = "Asia/Shanghai"
NIGHT = 1_795_375_800 * SECOND
"""2026-11-23, half past three in the morning there."""


def due(now: Instant, newest_t: Instant | None) -> Instant:
    return due_in(now, newest_t, at="03:30", zone=ZONE)


def test_it_is_due_at_its_time_of_day() -> None:
    assert due(NIGHT - HOUR, NIGHT - DAY) == HOUR
    assert due(NIGHT - SECOND, NIGHT - DAY) == SECOND
    assert due(NIGHT, NIGHT - DAY) == 0


def test_one_that_was_made_is_not_made_again() -> None:
    assert due(NIGHT + MINUTE, NIGHT + SECOND) == DAY - MINUTE


def test_one_that_was_missed_is_made_when_the_machine_is_on_again() -> None:
    """Offices switch the PC off at night."""
    assert due(NIGHT + 5 * HOUR, NIGHT - DAY + SECOND) == 0
    assert due(NIGHT + 5 * HOUR, None) == 0


def test_summer_time_costs_no_day() -> None:
    """Where clocks are set, the time of day is what the wall says: this night has 23 hours."""
    before = 1_774_661_400 * SECOND  # 2026-03-28 02:30 in Berlin

    wait = due_in(before + HOUR, before + HOUR, at="03:30", zone="Europe/Berlin")

    assert wait == 23 * HOUR


class Night:
    """A machine's clock, its backups, and a wait that passes it."""

    def __init__(self, *, now: Instant, rounds: int) -> None:
        self.now = now
        self.newest_t: Instant | None = None
        self.made: list[Instant] = []
        self.whys: list[str] = []
        """What the next ones fail for; then they work."""
        self.waited: list[float] = []
        self._left = rounds

    def newest(self) -> Instant | None:
        return self.newest_t

    async def make(self) -> str:
        self.made.append(self.now)
        if self.whys:
            return self.whys.pop(0)
        self.newest_t = self.now
        return ""

    async def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        if len(self.waited) > self._left:
            raise asyncio.CancelledError
        self.now += int(seconds * SECOND)

    def daily(self) -> Daily:
        return Daily(
            at="03:30",
            zone=ZONE,
            newest=self.newest,
            make=self.make,
            machine_now=lambda: self.now,
        )

    async def live(self) -> Daily:
        daily = self.daily()
        with pytest.raises(asyncio.CancelledError):
            await daily.run(pause=self.pause)
        return daily


async def test_a_new_centre_has_its_first_soon() -> None:
    night = Night(now=NIGHT + 5 * HOUR, rounds=3)

    daily = await night.live()

    assert night.made == [NIGHT + 5 * HOUR + int(FIRST_AFTER_S * SECOND)]
    assert night.waited[1:] == [LOOK_EVERY_S] * 3
    assert daily.words == ""


async def test_one_a_day() -> None:
    night = Night(now=NIGHT - HOUR, rounds=4 * 24 * 3)
    night.newest_t = NIGHT - DAY

    await night.live()

    assert [(t - NIGHT) // DAY for t in night.made] == [0, 1, 2]
    assert all(t - NIGHT - n * DAY < SECOND for n, t in enumerate(night.made))


async def test_one_that_failed_is_told_and_tried_again_in_an_hour() -> None:
    """The stick was out. Somebody puts it back once /health says so."""
    night = Night(now=NIGHT, rounds=1)
    night.whys = ["there is no /media/usb"]

    daily = await night.live()

    assert daily.words == "the last backup failed: there is no /media/usb"
    assert night.waited[-1] == AGAIN_AFTER_S


async def test_what_works_again_is_no_longer_told() -> None:
    night = Night(now=NIGHT, rounds=2)
    night.whys = ["there is no /media/usb"]

    daily = await night.live()

    assert len(night.made) == 2
    assert daily.words == ""


async def test_a_clock_that_was_set_back_asks_for_no_second_one() -> None:
    night = Night(now=NIGHT, rounds=3)
    night.newest_t = NIGHT + DAY

    daily = await night.live()

    assert night.made == []
    assert daily.words == ""


async def test_one_that_grows_old_is_told() -> None:
    """Whatever the reason: as when the machine sleeps at night."""
    night = Night(now=NIGHT, rounds=1)
    night.newest_t = NIGHT + MINUTE
    daily = await night.live()

    night.now += 3 * DAY

    assert daily.words == "the newest backup is 3 days old"


async def test_a_place_that_cannot_be_seen_is_the_makers_to_name() -> None:
    night = Night(now=NIGHT, rounds=1)
    night.whys = ["there is no /media/usb"]

    def gone() -> Instant | None:
        raise FileNotFoundError(2, "No such file or directory")

    night.newest = gone  # type: ignore[method-assign]  # a stick that is out
    daily = await night.live()

    assert daily.words == "the last backup failed: there is no /media/usb"


# --- the process ---


def centre(tmp_path: Path) -> Settings:
    """At rest, with a place for backups."""
    home = Home(url="", data_dir=tmp_path / "data")
    store = home.open()
    fill(store)
    store.close()
    return Settings(data_dir=home.data_dir, backup=Backups(to=tmp_path / "usb", keep=2))


async def test_the_process_makes_one_and_drops_the_oldest(tmp_path: Path) -> None:
    settings = centre(tmp_path)
    to = tmp_path / "usb"
    to.mkdir()
    assert await by_process(command_of(settings, None), "") == ""
    [made] = to.glob("yihu-*")
    for second in (0, 1):
        shutil.copytree(made, to / f"yihu-19990101-00000{second}")
    shutil.rmtree(made)

    assert await by_process(command_of(settings, None), "") == ""

    assert [each.folder.name for each in backups_in(to)][1:] == ["yihu-19990101-000001"]
    assert newest_in(to, settings.data_dir) == backups_in(to)[0].manifest.made_t


async def test_why_it_failed_is_its_own_sentence(tmp_path: Path) -> None:
    settings = centre(tmp_path)

    why = await by_process(command_of(settings, None), "")

    assert why == f"there is no {tmp_path}/usb; is its disk mounted? if so, make the folder first"
    assert await by_process(["/nowhere/python"], "") == (
        "it could not be started (No such file or directory)"
    )


async def test_a_database_s_password_is_in_no_command_line(tmp_path: Path) -> None:
    """Whoever is on the machine can read it there."""
    for name in ("data", "usb"):
        (tmp_path / name).mkdir()
    settings = Settings(
        data_dir=tmp_path / "data",
        store_url="postgresql://yihu:hush@127.0.0.1:1/none",
        backup=Backups(to=tmp_path / "usb"),
    )

    argv = command_of(settings, None)
    why = await by_process(argv, settings.store_url)

    assert not any("hush" in each for each in argv)
    assert "127.0.0.1" in why
    assert "hush" not in why


async def test_it_ends_with_its_hub(tmp_path: Path) -> None:
    program = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
    file = tmp_path / "pid"
    going_on = asyncio.create_task(by_process([sys.executable, "-c", program, str(file)], ""))
    async with asyncio.timeout(20):
        while not file.exists() or not file.read_text():  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0.05)

    going_on.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going_on

    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)


def test_without_the_setting_there_is_none(tmp_path: Path) -> None:
    assert daily_of(Settings(data_dir=tmp_path), None, ZONE) is None


class Checked:
    """A check that finds this."""

    def __init__(self, *found: str) -> None:
        self.found = list(found)
        self.times = 0

    async def __call__(self) -> str:
        self.times += 1
        return self.found[min(self.times, len(self.found)) - 1]


async def looked_into(newest_t: Instant | None, check: Checked, *, looks: int) -> Daily:
    """A hub that looked so often, the clock at noon, the newest made then."""
    noon = 1_790_000_000 * SECOND
    left = looks

    async def pause(_seconds: float) -> None:
        nonlocal left
        if not left:
            raise asyncio.CancelledError
        left -= 1

    async def make() -> str:
        return ""

    daily = Daily(
        at="00:00",
        zone="UTC",
        newest=lambda: newest_t,
        make=make,
        check=check,
        machine_now=lambda: noon,
    )
    with pytest.raises(asyncio.CancelledError):
        await daily.run(pause=pause)
    return daily


async def test_the_newest_is_read_through_once_after_a_start() -> None:
    """A backup that nobody has read may be none; to read it every quarter of an hour helps not."""
    check = Checked("")

    daily = await looked_into(1_790_000_000 * SECOND, check, looks=5)

    assert check.times == 1
    assert (daily.wrong, daily.words) == ("", "")
    assert daily.checked_t == 1_790_000_000 * SECOND


async def test_one_that_was_just_made_is_read_through() -> None:
    """Of the day before yesterday there was none."""
    check = Checked("")

    daily = await looked_into(None, check, looks=2)

    assert check.times == 1
    assert daily.checked_t is not None


async def test_what_a_check_finds_is_told() -> None:
    """The one night on which the stick began to fail."""
    daily = await looked_into(1_790_000_000 * SECOND, Checked("a file is missing"), looks=2)

    assert daily.wrong == "a file is missing"
    assert daily.words == "the newest backup cannot be trusted: a file is missing"
