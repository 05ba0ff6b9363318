"""The hub's side of the gateway worker: takes messages, keeps it running, hands back results.

Every message submitted gets exactly one result, whatever happens: refused at once (``full``,
``limited``, ...), told by the worker, or failed with it (``worker_died``). Nothing here blocks
its caller or raises into it, and no alarm waits for any of it. Use it from one event loop.

The worker is started by the first message, so that a hub without gateways has none.
"""

import asyncio
import contextlib
import time
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from dispatch.clock import Instant
from dispatch.gateways.book import Book
from dispatch.gateways.checking import worker_argv
from dispatch.gateways.limits import Limits
from dispatch.gateways.messages import (
    LINE_BYTES_MAX,
    LineError,
    Message,
    Result,
    decode_result,
    encode,
)
from dispatch.gateways.worker import DEADLINE_S, IN_FLIGHT_MAX
from dispatch.supervisor import NOT_STARTED, GiveUp, Restart, Timing, after_exit

WAITING_MAX: Final = 500
"""Messages not yet given to the worker. Half a minute's work for it: what would wait longer is
refused, and the ladder tries again or goes on."""

PER_GATEWAY_MAX: Final = IN_FLIGHT_MAX // 2
"""Of one gateway at once, so that a voice service that hangs leaves room for the SMS."""

RESTART: Final = Timing(first_wait_s=0.5, wait_max_s=15.0)
"""A worker that dies again and again need not be back as soon as the hub."""

OnResult = Callable[[Message, Result], None]
"""Hears of every message once, in the event loop, never within ``submit``."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTiming:
    """How long things may take, in seconds."""

    result_s: float = DEADLINE_S + 10
    """The worker answers for each message within its deadline; a silent one is killed. Below
    the ladder's RESULT_WAIT_S, so that it hears of a failure before it guesses one."""
    waiting_s: float = 30.0
    """A message that found no worker for so long is refused: the world has moved on."""
    close_s: float = 2.0
    """Given to what is under way when we close."""
    restart: Timing = RESTART


@dataclass(frozen=True, slots=True)
class _Held:
    """A message of which no result was told yet, and when it came here or to the worker."""

    message: Message
    since_s: float


class GatewayClient:
    """Messages out, results back."""

    def __init__(
        self,
        *,
        book: Book,
        on_result: OnResult,
        argv: Sequence[str] | None = None,
        timing: ClientTiming | None = None,
        now: Callable[[], Instant] = lambda: time.monotonic_ns() // 1000,
    ) -> None:
        """``now`` is real time, for the limits: services do not care how fast a drill runs."""
        self._book = book
        self._on_result = on_result
        self._argv = tuple(argv or worker_argv(book.file))
        self._timing = timing or ClientTiming()
        self._now = now
        self._limits = Limits()
        self._waiting: dict[str, _Held] = {}  # the longest waiting first
        self._under_way: dict[str, _Held] = {}
        self._changed = asyncio.Event()
        self._broken = ""
        self._living = False
        self._outdated = False
        """The living worker has read more than is known here."""
        self._keeper: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """Messages not yet given to the worker."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        """Messages given to the worker, without a result."""
        return len(self._under_way)

    def submit(self, message: Message) -> None:
        """Send this, or say why not; ``on_result`` hears of it either way."""
        why = self._refusal(message)
        if why:
            asyncio.get_running_loop().call_soon(self._tell, message, _failed(message, why))
            return
        self._waiting[message.id] = _Held(message, asyncio.get_running_loop().time())
        self._changed.set()
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="gateways")

    def use(self, book: Book) -> None:
        """Fewer are to be reached. What waits for one of them is refused, and a worker that knows
        more is let end when it has done what it has, for another to read the file."""
        self._book = book
        lost = {key: held for key, held in self._waiting.items() if not self._reaches(held.message)}
        for key in lost:
            del self._waiting[key]
        self._fail(lost, "no_contact")
        self._outdated = self._living
        self._changed.set()

    def _reaches(self, message: Message) -> bool:
        gateway = self._book.gateway(message.gateway)
        return gateway is not None and self._book.reaches(gateway, message.contact)

    def drop(self, id: str) -> bool:  # noqa: A002 -- as everywhere in these messages
        """Do not send this after all (its order was answered); False: too late, or unknown.

        Its result is ``dropped``.
        """
        held = self._waiting.pop(id, None)
        if held is None:
            return False
        asyncio.get_running_loop().call_soon(
            self._tell, held.message, _failed(held.message, "dropped")
        )
        return True

    async def close(self) -> None:
        """Give what is under way a moment, end the worker; the rest fails with ``closed``."""
        self._broken = "closed"
        self._fail(self._waiting, "closed")
        if self._keeper is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.close_s):
                    while self._under_way:
                        self._changed.clear()
                        await self._changed.wait()
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self._fail(self._under_way, "closed")

    def _refusal(self, message: Message) -> str:
        gateway = self._book.gateway(message.gateway)
        if self._broken:
            return self._broken
        if gateway is None:
            return "unknown_gateway"
        if not self._book.reaches(gateway, message.contact):
            return "no_contact"
        if message.id in self._waiting or message.id in self._under_way:
            return "twice"
        if len(self._waiting) >= WAITING_MAX:
            return "full"
        if self._limits.take(gateway, message.contact, self._now()) is not None:
            return "limited"
        return ""

    # The worker, life after life.

    async def _keep(self) -> None:
        try:
            await self._keep_alive()
        except Exception:  # the task ends here, and with it every message that counts on it
            log.exception("gateway_keeper_failed")
            self._broken = self._broken or "no_worker"
        self._fail(self._under_way, "worker_died")
        self._fail(self._waiting, self._broken)

    async def _keep_alive(self) -> None:
        """Until there is no use in starting it again."""
        loop = asyncio.get_running_loop()
        last_wait_s: float | None = None
        while True:
            await self._until_wanted()
            started_s = loop.time()
            status = await self._live()
            self._fail(self._under_way, "worker_died")
            lived_s = loop.time() - started_s
            if self._outdated:
                self._outdated = False
                log.info("gateway_worker_renewed")
                continue
            match after_exit(
                status, lived_s=lived_s, last_wait_s=last_wait_s, timing=self._timing.restart
            ):
                case GiveUp():
                    log.error("gateway_worker_gave_up", status=status)
                    self._broken = self._broken or "no_worker"
                    return
                case Restart(wait_s=last_wait_s):
                    log.warning("gateway_worker_died", status=status, restart_in_s=last_wait_s)
                    await asyncio.sleep(last_wait_s)
            self._refuse_old()

    async def _until_wanted(self) -> None:
        while not self._waiting:
            self._changed.clear()
            await self._changed.wait()

    async def _live(self) -> int:
        """One life of the worker, from start to exit status; it never outlives this."""
        self._living = True  # from here on it may have read the file
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES_MAX
            )
        except OSError as exc:
            self._living = False
            log.error("gateway_worker_not_started", why=str(exc))
            return NOT_STARTED
        assert process.stdin is not None
        assert process.stdout is not None
        log.info("gateway_worker_started", pid=process.pid)
        feeding = asyncio.create_task(self._feed(process.stdin), name="gateways feed")
        watching = asyncio.create_task(self._watch(process), name="gateways watch")
        try:
            await self._hear(process.stdout)
            return await process.wait()
        finally:
            self._living = False
            feeding.cancel()
            watching.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.gather(feeding, watching, return_exceptions=True)
            await process.wait()

    async def _feed(self, stdin: StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._refuse_old()
            if self._outdated:
                stdin.close()
                return
            while (message := self._next()) is not None:
                del self._waiting[message.id]
                self._under_way[message.id] = _Held(message, loop.time())
                with contextlib.suppress(ConnectionError):  # its end is heard elsewhere
                    stdin.write(encode(message))
                    await stdin.drain()
            self._changed.clear()
            await self._changed.wait()

    def _next(self) -> Message | None:
        """The message that has waited longest and may go now."""
        if len(self._under_way) >= IN_FLIGHT_MAX:
            return None
        busy = Counter(held.message.gateway for held in self._under_way.values())
        waiting = (held.message for held in self._waiting.values())
        return next((each for each in waiting if busy[each.gateway] < PER_GATEWAY_MAX), None)

    async def _hear(self, stdout: StreamReader) -> None:
        """Results, until the worker ends."""
        while True:
            try:
                line = await stdout.readline()
                if not line:
                    return
                result = decode_result(line)
            except (ValueError, LineError) as exc:  # ValueError: longer than the limit
                log.warning("gateway_result_refused", why=str(exc))
                continue
            held = self._under_way.pop(result.id, None)
            self._changed.set()
            if held is not None:
                self._tell(held.message, result)

    async def _watch(self, process: Process) -> None:
        """Kill a worker that keeps a message too long: it hangs, or was stopped."""
        loop = asyncio.get_running_loop()
        while True:
            oldest_s = min((held.since_s for held in self._under_way.values()), default=loop.time())
            left_s = oldest_s + self._timing.result_s - loop.time()
            if left_s <= 0:
                log.warning("gateway_worker_silent", pid=process.pid)
                process.kill()
                return
            await asyncio.sleep(left_s)

    # Results.

    def _refuse_old(self) -> None:
        oldest_s = asyncio.get_running_loop().time() - self._timing.waiting_s
        old = {key: held for key, held in self._waiting.items() if held.since_s < oldest_s}
        for key in old:
            del self._waiting[key]
        if old:
            self._fail(old, "too_old")

    def _fail(self, held: dict[str, _Held], why: str) -> None:
        """All of these failed for the same reason."""
        messages = [each.message for each in held.values()]
        held.clear()
        self._changed.set()
        for message in messages:
            self._tell(message, _failed(message, why))

    def _tell(self, message: Message, result: Result) -> None:
        log.info(
            "gateway_result",
            gateway=message.gateway,
            message=message.id,
            ok=result.ok,
            why=result.why,
            took_ms=result.took_ms,
        )
        try:
            self._on_result(message, result)
        except Exception:  # the hub's own fault must not end the worker's keeper
            log.exception("gateway_result_not_taken", message=message.id)


def _failed(message: Message, why: str) -> Result:
    return Result(id=message.id, ok=False, why=why)
