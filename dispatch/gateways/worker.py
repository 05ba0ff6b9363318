"""The worker: reads messages, composes and sends them, writes results. Knows nothing of Apprise.

Sending blocks and cannot be interrupted, so each message has a thread of its own, at most
IN_FLIGHT_MAX at a time. One that does not come back within the deadline is reported and left
to itself; when every thread is such a one, the worker ends, and its parent starts another.
"""

import asyncio
import contextlib
import threading
from asyncio import StreamReader
from collections.abc import Callable
from typing import Final

import structlog

from dispatch.gateways.book import Book, Gateway
from dispatch.gateways.messages import (
    LineError,
    Message,
    Outcome,
    Result,
    decode_message,
    encode,
)
from dispatch.gateways.words import compose

IN_FLIGHT_MAX: Final = 8
"""Messages at once. A service answers within a second, so some hundred go out in ten: more than
limits let through. Whoever asks for more at once is refused, and tries again."""

SEND_TIMEOUT_S: Final = 5.0
"""For connecting, and for each wait for an answer."""

DEADLINE_S: Final = 15.0
"""For one message as a whole: a service that sends a byte now and then would never time out."""

ENDED: Final = 0
STUCK: Final = 75
"""The exit status of a worker whose threads are all stuck (EX_TEMPFAIL of sysexits.h)."""

Send = Callable[[Gateway, str, str], Outcome]
"""Takes (gateway, filled-in url, text). Blocks, raises nothing."""

log = structlog.get_logger(__name__)


class Worker:
    """One worker's messages under way."""

    def __init__(
        self,
        *,
        book: Book,
        send: Send,
        answer: Callable[[bytes], None],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._book = book
        self._send = send
        self._answer = answer
        self._deadline_s = deadline_s
        self._overdue = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._stuck = asyncio.Event()

    @property
    def sending(self) -> int:
        """Threads that have not come back, overdue ones included."""
        return len(self._tasks) + self._overdue

    async def run(self, lines: StreamReader) -> int:
        """Until the lines end, and then until what is under way is done; the exit status."""
        reading = asyncio.ensure_future(self._read(lines))
        stuck = asyncio.ensure_future(self._stuck.wait())
        await asyncio.wait((reading, stuck), return_when=asyncio.FIRST_COMPLETED)
        reading.cancel()
        stuck.cancel()
        await asyncio.gather(reading, stuck, *self._tasks, return_exceptions=True)
        return STUCK if self._stuck.is_set() else ENDED

    async def _read(self, lines: StreamReader) -> None:
        while True:
            try:
                line = await lines.readline()
            except ValueError:  # longer than the reader's limit, and skipped by it
                log.warning("gateway_line_refused", why="too long")
                continue
            if not line:
                return
            try:
                message = decode_message(line)
            except LineError as exc:
                log.warning("gateway_line_refused", why=exc.why)
                continue
            self._take(message)

    def _take(self, message: Message) -> None:
        gateway = self._book.gateway(message.gateway)
        if gateway is None:
            self._tell(message, Outcome(ok=False, why="unknown_gateway"))
        elif not self._book.reaches(gateway, message.contact):
            self._tell(message, Outcome(ok=False, why="no_contact"))
        elif self.sending >= IN_FLIGHT_MAX:
            self._tell(message, Outcome(ok=False, why="busy"))
        else:
            task = asyncio.create_task(self._deliver(gateway, message), name=message.id)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, gateway: Gateway, message: Message) -> None:
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        done: asyncio.Future[Outcome] = loop.create_future()
        try:
            self._start(gateway, message, done)
            async with asyncio.timeout(self._deadline_s):
                outcome = await asyncio.shield(done)
        except TimeoutError:
            outcome = Outcome(ok=False, why="timeout")
            self._overdue += 1
            done.add_done_callback(self._came_back)
        except Exception:  # a task ends here; what it could not send is told like any other
            log.exception("gateway_message_failed", gateway=gateway.name)
            outcome = Outcome(ok=False, why="failed")
        self._tell(message, outcome, took_ms=round((loop.time() - started_s) * 1000))
        if self._overdue >= IN_FLIGHT_MAX:
            self._stuck.set()

    def _start(self, gateway: Gateway, message: Message, done: asyncio.Future[Outcome]) -> None:
        """Send in a thread, which no end of ours waits for."""
        loop = asyncio.get_running_loop()
        url = gateway.url_for(self._book.fills(message.contact))
        text = compose(
            message.facts,
            kind=gateway.kind,
            language=gateway.language,
            callback=message.callback or self._book.callback,
        )

        def in_the_thread() -> None:
            outcome = self._send(gateway, url, text)
            with contextlib.suppress(RuntimeError):  # the loop ended before this came back
                loop.call_soon_threadsafe(done.set_result, outcome)

        threading.Thread(target=in_the_thread, name=message.id, daemon=True).start()

    def _came_back(self, _done: asyncio.Future[Outcome]) -> None:
        self._overdue -= 1

    def _tell(self, message: Message, outcome: Outcome, *, took_ms: int = 0) -> None:
        self._answer(encode(Result(id=message.id, ok=outcome.ok, why=outcome.why, took_ms=took_ms)))
