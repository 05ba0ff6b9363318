"""What is watched while a fault lasts: consoles, by how long they hear nothing, and memory.

A console here is that of the tests, which keeps a page's state and comes back by itself; it only
notes besides when it heard something, and of whom.
"""

import asyncio
import math
import time
from contextlib import suppress
from typing import Final

from websockets.asyncio.client import ClientConnection

from bench.rig import memory_mb
from tests.chaos.house import House
from tests.console_client import FRAME_HEAD, FRAME_RECORD, Console
from tests.system import BROKER, HUB, System

SAMPLE_EVERY_S: Final = 0.2

now_s = time.monotonic


class Watcher(Console):
    """A page that knows how long it was told nothing."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.heard_s = now_s()
        """When it was told anything last."""
        self.gap_s = 0.0
        """The longest it was told nothing, since ``begin``."""
        self.moved_s: dict[int, float] = {}
        """By row, when its unit's place was told last."""

    def begin(self) -> None:
        """From now on gaps count."""
        self.heard_s, self.gap_s = now_s(), 0.0

    @property
    def gap_so_far_s(self) -> float:
        """The longest silence since ``begin``, one that goes on included."""
        return max(self.gap_s, now_s() - self.heard_s)

    def stillest_s(self, units: list[str]) -> float:
        """How long ago the place was told of the one of these units who was told of last."""
        rows = [self.units[unit]["row"] for unit in units if unit in self.units]
        if len(rows) < len(units):
            return math.inf
        return now_s() - min(self.moved_s.get(row, -math.inf) for row in rows)

    def shows_unstored(self, alarm: str) -> bool:
        """Whether this alarm stands on the page, marked as not on disk."""
        return any(
            each["id"] == alarm and not each["stored"]
            for incident in self.incidents.values()
            for each in incident["alarms"]
        )

    async def _hear(self, data: str | bytes, socket: ClientConnection) -> None:
        now = now_s()
        self.gap_s = max(self.gap_s, now - self.heard_s)
        self.heard_s = now
        if isinstance(data, bytes):
            count = FRAME_HEAD.unpack_from(data)[3]
            end = FRAME_HEAD.size + count * FRAME_RECORD.size
            for row, *_ in FRAME_RECORD.iter_unpack(data[FRAME_HEAD.size : end]):
                self.moved_s[row] = now
        await super()._hear(data, socket)


class Memory:
    """What hub and broker have in memory, looked at five times a second."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._pids: dict[str, int] = {}
        self.now_mb: dict[str, float] = {}
        self.peak_mb: dict[str, float] = {}

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            for who in (HUB, BROKER):
                self.now_mb[who] = await asyncio.to_thread(self._look, who)
                self.peak_mb[who] = max(self.peak_mb.get(who, 0.0), self.now_mb[who])
            await asyncio.sleep(SAMPLE_EVERY_S)

    def begin(self) -> float:
        """From now on the peak counts; gives back what the hub has now, in MB."""
        self.peak_mb.clear()
        return self.now_mb.get(HUB, 0.0)

    def _look(self, who: str) -> float:
        """0 while there is none."""
        pid = self._pids.get(who, 0)
        with suppress(OSError, StopIteration):  # dead, or a zombie, which has no memory
            return memory_mb(pid) if pid else self._find(who)
        self._pids.pop(who, None)
        return 0.0

    def _find(self, who: str) -> float:
        with suppress(AssertionError):
            is_broker = who == BROKER
            pid = self._house.broker_pid() if is_broker else self._house.system.pid_of(who)
            self._pids[who] = pid
            return memory_mb(pid)
        return 0.0
