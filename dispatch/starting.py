"""How long each part of a start takes, told as it is over: what a slow start was busy with.

    start_phase   name=state s=0.31 cpu_s=0.29 rss_mb=141

``s`` is on the clock, ``cpu_s`` of this process: where they are far apart, it waited for the
disk, or for its share of the machine. Decides nothing; ``yihu hub`` says where a part ends.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

SELF: Final = Path("/proc/self")
STARTED_FIELD: Final = 19
"""proc(5), /proc/PID/stat: field 22, starttime, counted behind the name, which may hold spaces."""

LOOK_EVERY_S: Final = 0.05

Seconds = Callable[[], float]
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One part of a start, and what it took."""

    name: str
    s: float
    cpu_s: float


class StartTrace:
    """Laps from the beginning of the process on. What runs beside them says so by ``beside``."""

    def __init__(
        self, *, clock_s: Seconds = time.monotonic, cpu_s: Seconds = time.process_time
    ) -> None:
        self.phases: list[Phase] = []
        self._told = 0
        self._quiet = True
        self._log = structlog.get_logger("yihu.start")
        self._clock_s = clock_s
        self._cpu_s = cpu_s
        self._from_s = clock_s() - process_age_s()
        self._from_cpu_s = 0.0
        self._began_s = self._from_s

    def begin_telling(self) -> None:
        """What was noted until now, and from now on all: a start that is refused before, as where
        another hub has the folder, says its one sentence and nothing else."""
        self._quiet = False
        self._tell()

    def over(self, name: str) -> None:
        """The part that ran until now was this one."""
        now_s, now_cpu_s = self._clock_s(), self._cpu_s()
        self._note(Phase(name=name, s=now_s - self._from_s, cpu_s=now_cpu_s - self._from_cpu_s))
        self._from_s, self._from_cpu_s = now_s, now_cpu_s

    def beside(self, name: str, since_s: float) -> None:
        """Something was done in a thread beside the laps, or waited for; begun at ``now_s()``."""
        self._note(Phase(name=name, s=self._clock_s() - since_s, cpu_s=0.0))

    def now_s(self) -> float:
        """The clock that laps are measured by."""
        return self._clock_s()

    def serving(self) -> None:
        """The whole of it, once alarms can come and consoles are answered."""
        self._log.info(
            "started",
            s=round(self._clock_s() - self._began_s, 3),
            cpu_s=round(self._cpu_s(), 3),
            rss_mb=rss_mb(),
        )

    def _note(self, phase: Phase) -> None:
        self.phases.append(phase)
        if not self._quiet:
            self._tell()

    def _tell(self) -> None:
        for phase in self.phases[self._told :]:
            self._log.info(
                "start_phase",
                name=phase.name,
                s=round(phase.s, 3),
                cpu_s=round(phase.cpu_s, 3),
                rss_mb=rss_mb(),
            )
        self._told = len(self.phases)


async def tell_serving(
    trace: StartTrace,
    ready: Callable[[], bool],
    caught_up: Callable[[], bool],
    pause: Pause = asyncio.sleep,
) -> None:
    """Wait until alarms can come, and tell when that was; then until all that the start left for
    later is done. Ends then, or when cancelled."""
    while not ready():  # doors and gates tell their state, not its changes
        await pause(LOOK_EVERY_S)
    trace.over("broker")
    trace.serving()
    while not caught_up():
        await pause(LOOK_EVERY_S)
    trace.over("catch_up")


def process_age_s() -> float:
    """Seconds since this process was started; 0 where the system does not tell."""
    try:
        behind_name = (SELF / "stat").read_text().rpartition(")")[2].split()
        started_s = int(behind_name[STARTED_FIELD]) / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started_s)
    except (OSError, AttributeError, ValueError, IndexError):
        return 0.0


def rss_mb() -> int:
    """Resident memory of this process; 0 where the system does not tell."""
    try:
        pages = int((SELF / "statm").read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
    except (OSError, ValueError, IndexError):
        return 0
