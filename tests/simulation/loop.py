"""An event loop of asyncio on an agenda: every callback is a step of its own, time is the world's.

What the hub's shell and its tasks ask of a loop, and no more: no sockets, no threads. What
escapes a callback is kept, for in this world nothing may. A loop whose hub was killed does
nothing any more, as if the process were gone.
"""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar, TypeVarTuple

from tests.simulation.agenda import Agenda, Owner

LEAST_US = 1
"""A timer is later than now, as real time would have it: else one that is set by a rounding
error comes again and again in the same moment."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class LifeLoop(asyncio.BaseEventLoop):
    """The loop of one hub's life; of its base it has the form only, and nothing that it does."""

    def __init__(self, agenda: Agenda, life: Owner) -> None:
        self._agenda = agenda
        self._life = life
        self.escaped: BaseException | None = None
        """What a callback raised."""
        self._tasks: list[asyncio.Task[Any]] = []

    def time(self) -> float:
        """Seconds of true time."""
        return self._agenda.now / 1_000_000

    def call_soon(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.Handle:
        """In the order of asking."""
        handle = asyncio.Handle(callback, args, self, context)
        if self._life.alive:
            self._agenda.at(self._agenda.now, lambda: _run(handle), self._life)
        return handle

    call_soon_threadsafe = call_soon  # the one other thread runs only while the world waits for it

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """So many seconds from now, to the microsecond."""
        handle = asyncio.TimerHandle(self.time() + delay, callback, args, self, context)
        if self._life.alive:
            wait_us = max(LEAST_US, round(delay * 1_000_000))
            self.timed(handle, wait_us)
        return handle

    def timed(self, handle: asyncio.TimerHandle, wait_us: int) -> None:
        """Put it down."""
        self._agenda.after(wait_us, lambda: _run(handle), self._life)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: contextvars.Context | None = None,
    ) -> asyncio.TimerHandle:
        """At a time of this loop."""
        return self.call_later(when - self.time(), callback, *args, context=context)

    def create_future(self) -> "asyncio.Future[Any]":
        """Of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: object = None,
        context: contextvars.Context | None = None,
    ) -> "asyncio.Task[T]":
        """A task that vanishes with its hub, without a word."""
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, name=str(name), context=context)
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # else it complains at exit
        self._tasks = [each for each in self._tasks if not each.done()]
        self._tasks.append(task)
        return task

    def abandon(self) -> None:
        """What its tasks were doing is nobody's concern any more."""
        for task in self._tasks:
            if not task.done():
                task.get_coro().close()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Something escaped a callback; errors that nobody asked for are no such thing."""
        if "handle" in context:
            self.escaped = context.get("exception")

    def get_debug(self) -> bool:
        """Never."""
        return False

    def is_running(self) -> bool:
        """As long as it lives."""
        return self._life.alive

    def is_closed(self) -> bool:
        """Once it does not."""
        return not self._life.alive

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Asked by asyncio; a cancelled handle is passed over when its time comes."""


def _run(handle: asyncio.Handle) -> None:
    if not handle.cancelled():
        handle._run()
