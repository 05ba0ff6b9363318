"""The embedded broker's door for as long as the hub runs: admission, kicking, broken rules.

Waits for a broker that is not there yet, or no more. Another broker than the
embedded one keeps its own door, by the files that ``yihu acl`` writes; then there is
nothing to do here but to say so.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Final

import structlog

from devices.broker.admission import Admission, BrokerUnreachableError
from devices.broker.config import BrokerSettings
from devices.broker.credentials import BrokerSecrets
from devices.broker.doorman import Decide
from devices.broker.violations import Violations, count_forwarded
from dispatch.ids import RadioId

RETRY_S: Final = 0.2
"""A radio that was revoked is inside until the broker has cut it off; one that waits, outside."""

SETTLED_WAIT_S: Final = 2.0
"""A kick takes milliseconds."""

log = structlog.get_logger(__name__)


class EmbeddedGate:
    """Lets radios in by the table, and throws out who was revoked. ``run`` it in a task."""

    def __init__(self, settings: BrokerSettings, secrets: BrokerSecrets, decide: Decide) -> None:
        self._new: Callable[[], Admission] = lambda: Admission(settings, secrets, decide)
        self._admission: Admission | None = None
        self._kicks: set[asyncio.Task[None]] = set()
        self.violations = Violations()

    @property
    def open(self) -> bool:
        """Whether the broker can ask us; while not, it lets nobody in."""
        return self._admission is not None and self._admission.connected

    async def run(self, *, supervised: bool) -> None:
        """Answer the broker until cancelled; supervised, its log lines come by standard input."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._admit(), name="admission")
            if supervised:
                tasks.create_task(self._read_lines(), name="violations")

    def kick(self, radio: RadioId) -> None:
        """Cut the radio's live connection; tried again until the broker has done it."""
        task = asyncio.get_running_loop().create_task(self._kick(radio), name=f"kick {radio}")
        self._kicks.add(task)
        task.add_done_callback(self._kicks.discard)

    async def settled(self) -> None:
        """Until those who are to be cut off are; no longer than a moment, for a broker that is
        away cuts everybody off by itself. Who comes in after this is not taken for them."""
        if self._kicks:
            await asyncio.wait(set(self._kicks), timeout=SETTLED_WAIT_S)

    def counts(self) -> dict[str, int]:
        """Who was let in, who was not and why, who tried another's topic."""
        counts = {"topic_violations": self.violations.total}
        if self._admission is not None:
            counts["radios_admitted"] = self._admission.admitted
            for reason, count in self._admission.refused.items():
                counts[f"radios_refused:{reason}"] = count
        return counts

    async def _admit(self) -> None:
        while True:
            try:
                async with self._new() as admission:
                    self._admission = admission
                    await asyncio.Event().wait()
            except BrokerUnreachableError:
                await asyncio.sleep(RETRY_S)

    async def _kick(self, radio: RadioId) -> None:
        while True:
            try:
                if self._admission is not None:
                    await self._admission.kick(radio)
                    return
            except BrokerUnreachableError as exc:
                log.warning("radio_not_kicked_yet", radio=radio, why=exc.why)
            await asyncio.sleep(RETRY_S)

    async def _read_lines(self) -> None:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        await count_forwarded(reader, self.violations, time.monotonic)


class ForeignGate:
    """Another broker's: it keeps its own door, and cannot be told to cut anybody off."""

    open = True

    async def run(self, *, supervised: bool) -> None:
        """Nothing to answer."""

    def kick(self, radio: RadioId) -> None:
        """Say what the administrator has to do."""
        log.warning("write_acl_again", radio=radio)

    async def settled(self) -> None:
        """Nothing to wait for."""

    def counts(self) -> dict[str, int]:
        """Its own log has them."""
        return {}


Gate = EmbeddedGate | ForeignGate
