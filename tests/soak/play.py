"""Plays an ordinary day, as long as wanted: radios walk, shifts change, somebody presses.

Radios tell their place every five seconds. Every so often a shift ends: some go off duty, others
come on, and each of them loses its link on the way, as a radio does whose battery is changed. Each
alarm calls people; an operator closes it before the next. A console is open all the while.
"""

import asyncio
import contextlib
import os
import resource
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.chaos.house import House, Layout, open_house, quiet_end
from tests.chaos.play import close_all
from tests.chaos.presses import read_logs
from tests.chaos.radios import Crowd, now_s
from tests.chaos.watching import Watcher
from tests.soak.judge import Count
from tests.soak.samples import Sample, look, stores_mb
from tests.system import HUB

BEGIN_TIMEOUT_S: Final = 180.0
"""For a thousand radios to come at once, beside other work."""
END_TIMEOUT_S: Final = 60.0
FILES_A_RADIO: Final = 2
"""Its connection and its log."""
SPARE_FILES: Final = 200
LOAD: Final = "soak"
"""What the radios' logs call the time of it."""

Tell = Callable[[Sample], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How much of everything, and how long."""

    lasts_s: float
    radios: int = 1_000
    off_duty: int = 100
    """Of them, at any time: whom a change of shift brings on."""
    position_every_s: float = 5.0
    alarm_every_s: float = 60.0
    shift_every_s: float = 300.0
    sample_every_s: float = 60.0


def played(day: Day, folder: Path, *, seed: str, tell: Tell) -> tuple[list[Sample], Count]:
    """One such day from its beginning to the comparison of journal and logs.

    Raises NotHereError where the machine lacks what it takes, AssertionError where the radios
    never all came, or a press was never answered.
    """
    with (
        _files_enough(day.radios),
        open_house(Layout.EMBEDDED, folder, radios=day.radios, seed=seed) as house,
    ):
        samples = asyncio.run(_Run(house, day, tell).play())
        quiet_end(house)
        return samples, _count(house)


class _Run:
    """One day in one house."""

    def __init__(self, house: House, day: Day, tell: Tell) -> None:
        self._house, self._day, self._tell = house, day, tell
        self._crowd = Crowd(
            house.town.called,
            pressing=day.radios,
            logs=house.logs,
            chance=house.chance,
            position_every_s=day.position_every_s,
        )
        for radio in self._crowd.radios[: day.off_duty]:
            radio.works = False
        self._sampled = 0
        """Presses that were in a sample."""
        self._begun_s = 0.0

    async def play(self) -> list[Sample]:
        """All of it; what failed while it went on is raised in the end."""
        crowd = self._crowd
        radios = asyncio.create_task(crowd.run(self._house.mqtt_port), name="radios")
        try:
            await crowd.bell.until(
                crowd.all_linked, lambda: "all radios there and on duty", BEGIN_TIMEOUT_S
            )
            async with Watcher(self._house.system) as watcher:
                self._begun_s = now_s()
                async with _beside(self._alarms(), self._shifts()):
                    samples = [each async for each in self._samples(watcher)]
            await crowd.bell.until(crowd.answered, lambda: "every press stored", END_TIMEOUT_S)
        finally:
            radios.cancel()
            await asyncio.gather(radios, return_exceptions=True)
            crowd.close()
        return samples

    async def _alarms(self) -> None:
        """One, half of the time to the next for those who are called, and closed."""
        pause_s = self._day.alarm_every_s / 2
        while True:
            radio = self._house.chance.choice([one for one in self._crowd.radios if one.works])
            self._crowd.presses.append(radio.press(LOAD))
            await asyncio.sleep(pause_s)
            await asyncio.to_thread(close_all, self._house)
            await asyncio.sleep(pause_s)

    async def _shifts(self) -> None:
        """Who was off comes on, and as many others go."""
        chance = self._house.chance
        while True:
            await asyncio.sleep(self._day.shift_every_s)
            coming = [one for one in self._crowd.radios if not one.works]
            going = chance.sample([one for one in self._crowd.radios if one.works], len(coming))
            for radio in (*coming, *going):
                radio.works = not radio.works
                radio.drop()

    async def _samples(self, watcher: Watcher) -> AsyncIterator[Sample]:
        day = self._day
        for number in range(1, round(day.lasts_s / day.sample_every_s) + 1):
            watcher.begin()
            due_s = self._begun_s + number * day.sample_every_s
            await asyncio.sleep(max(0.0, due_s - now_s()))
            sample = await self._sample(watcher.gap_so_far_s)
            self._tell(sample)
            yield sample

    async def _sample(self, console_gap_s: float) -> Sample:
        house, presses = self._house, self._crowd.presses
        new, self._sampled = presses[self._sampled :], len(presses)
        pids = await asyncio.to_thread(_pids, house)
        journal_mb, history_mb = stores_mb(house.system.data_dir)
        return Sample(
            t_s=now_s() - self._begun_s,
            processes={who: look(pid) for who, pid in pids.items()},
            journal_mb=journal_mb,
            history_mb=history_mb,
            alarm_ms=[1000 * ((each.stored_s or now_s()) - each.pressed_s) for each in new],
            on_duty=sum(one.on_duty for one in self._crowd.radios),
            console_gap_s=console_gap_s,
            load=os.getloadavg()[0],
        )


def _pids(house: House) -> dict[str, int]:
    system = house.system
    return {
        "hub": system.pid_of(HUB),
        "broker": house.broker_pid(),
        "supervisor": system.process.pid,
    }


def _count(house: House) -> Count:
    """What the radios say, what the disk says."""
    told, alarms = read_logs(house.logs)[LOAD], house.alarms_on_disk()
    return Count(
        pressed=len(told.pressed),
        stored=len(told.pressed & alarms.keys()),
        lost=len(told.pressed - alarms.keys()),
        doubled=sum(times > 1 for times in alarms.values()),
        unheard=len(told.pressed - told.heard),
        chain_fault=house.chain_fault(),
    )


@asynccontextmanager
async def _beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """These go on until the block ends; what failed of them is raised then."""
    tasks = [asyncio.create_task(each) for each in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception):
            raise each


@contextmanager
def _files_enough(radios: int) -> Iterator[None]:
    """So many files may be open here. Raises OSError or ValueError where the machine says no."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_A_RADIO * radios + SPARE_FILES
    with contextlib.ExitStack() as stack:
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        yield
