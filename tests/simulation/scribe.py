"""The journal's real writer, which runs only while the world waits for it.

The writer and the world hand each other a baton: the writer has it until it would wait
(for facts, for the disk, for a pause after a failure); the world then says when it goes
on. So the very code that runs beside a hub runs here, and always in the same order.
"""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

import greenlet

from dispatch.store.writer import PATIENCE_S, Door, JournalWriter
from tests.simulation.agenda import Agenda, Owner, Step

RESTS: Final = -1
"""Wanted of the world: nothing until there is something to write."""
ENDED: Final = -2
"""It runs no more."""

WAKES_US: Final = 40
"""A thread that is woken runs a moment later."""
PUMPS_MAX: Final = 200
"""Turns in one wait for the writer: with pauses of up to five seconds between its tries, as long
as anybody waits for it."""


class Killed(BaseException):
    """The process is gone: unwinds whatever was running, and no handler of ours sees it."""


class Baton:
    """Passed between the world and the writer, which runs as a greenlet: switching costs a
    microsecond, where a real thread would have to be woken each time."""

    def __init__(self) -> None:
        self._writer: greenlet.greenlet | None = None

    # --- the world's side ---

    def give(self, run: Callable[[], object]) -> None:
        """What is to run when it has the baton for the first time."""
        self._writer = greenlet.greenlet(run)

    def go(self) -> int:
        """Let the writer run; what it wants next: microseconds to wait, RESTS, ENDED."""
        assert self._writer is not None
        wish = self._writer.switch()
        return ENDED if self._writer.dead else int(wish)

    def kill(self) -> None:
        """Unwind it where it stands."""
        assert self._writer is not None
        if self._writer:
            self._writer.throw(Killed)

    # --- the writer's side ---

    def wait(self, wish: int) -> None:
        """Hand the baton back until the world gives it again."""
        parent = greenlet.getcurrent().parent
        assert parent is not None
        parent.switch(wish)


class Scribe(JournalWriter):
    """``JournalWriter`` on an agenda."""

    def __init__(
        self,
        door: Door,
        *,
        agenda: Agenda,
        life: Owner,
        baton: Baton,
        on_state: Callable[[str], None],
    ) -> None:
        self._agenda = agenda
        self._life = life
        self._baton = baton
        self._step: Step | None = None
        self._resting = False
        self.over = False
        super().__init__(door, on_state=on_state, pause=self._rest_a_while)
        self._thread.join()
        baton.give(self._write)
        self._take(WAKES_US)

    @property
    def idle(self) -> bool:
        """Whether nothing is queued."""
        return not self._queue

    def pump(self, future: "Future[Any]") -> None:
        """Let it run, without the rest of the world, until this is answered; not for ever."""
        for _ in range(PUMPS_MAX):
            if future.done() or self.over:
                return
            self._run()

    def kill(self) -> None:
        """With its hub."""
        if not self.over:
            self._baton.kill()
            self.over = True

    def close(self) -> None:
        """In order, as a hub that is told to end does: commit what is queued, or give up."""
        with self._changed:
            self._closing.set()
        for _ in range(PUMPS_MAX):
            if self.over:
                break
            self._run()
        super().close()

    # --- the world's side ---

    def _put(self, entry: Any) -> None:
        super()._put(entry)
        if self._resting:
            self._take(WAKES_US)

    def _take(self, wait_us: int) -> None:
        """Its next turn comes so long from now."""
        self._resting = False
        self._step = self._agenda.after(wait_us, self._run, self._life)

    def _run(self) -> None:
        if self._step is not None:
            self._step.cancel()
        if self.over:
            return
        wish = self._baton.go()
        if wish == ENDED:
            self.over = True
        elif wish == RESTS:
            self._resting = True
        else:
            self._take(wish)

    # --- the writer's side ---

    def _main(self) -> None:
        """The thread ends before it began: what it would run, the baton runs."""

    def _write(self) -> None:
        with contextlib.suppress(Killed):
            super()._main()

    def _head(self) -> Any:
        while not (self._queue or self._closing.is_set()):
            self._baton.wait(RESTS)
        return super()._head()

    def _wait_for_more(self) -> None:
        self._baton.wait(round(PATIENCE_S * 1_000_000))

    def _rest_a_while(self, closing: threading.Event, pause_s: float) -> None:
        """Between two tries; told to close it does not wait it out."""
        if not closing.is_set():
            self._baton.wait(round(pause_s * 1_000_000))
