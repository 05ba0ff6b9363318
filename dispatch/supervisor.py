"""Keeps a few programs running: starts them in order, restarts the dead and those that hang, stops
them in reverse.

It knows nothing of brokers or hubs; the wiring says which programs. What to do when
one dies is decided by ``after_exit``, without a process or a clock; the rest waits.

No child outlives us: each has a process group of its own, which is killed as a whole,
and asks the kernel (prctl(2), PR_SET_PDEATHSIG) to be killed when we are. The kernel
takes "we" for the thread that started the child, hence: the main thread only.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from dispatch.heartbeat import BEAT_S, DESCRIPTOR, Pulse
from dispatch.ports import Port, answers

BAD_SETTINGS: Final = 2
"""The exit status by which a child says that starting it again would not help."""

NOT_STARTED: Final = 127
"""What a shell reports for a program that it cannot start, and so do we."""

LINE_BYTES_MAX: Final = 4096
"""A longer line of a child's output is handed on in pieces of about this size."""

FORWARD_BYTES_MAX: Final = 64 * 1024
"""Waiting for a child that does not read what is forwarded to it; more is dropped and counted."""

PROBE_EVERY_S: Final = 0.05

_PR_SET_PDEATHSIG: Final = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program to keep running."""

    name: str
    argv: tuple[str, ...]
    ready: Port | None = None
    """The next child waits for it. None: ready as soon as it is started."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to our own environment."""
    at_once: bool = False
    """Started beside the one before and not after it: it can do without for a while, as a hub
    that still reads its state can without its broker."""
    takes_lines: bool = False
    """Whether it reads forwarded lines on its standard input."""
    reload_when: Callable[[], bool] | None = None
    """Asked now and then; where it says so, the child is told to read its files again (SIGHUP)."""
    beats: bool = False
    """Whether it gives signs of life (heartbeat.py), and is killed when they stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A line that one child wrote and another should read."""

    to: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartChild:
    """Kill the child: it is in a state out of which only a new start leads."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long things may take, in seconds."""

    first_wait_s: float = 0.2
    wait_max_s: float = 2.0
    """With the start itself, a child that dies again and again is back within ten seconds: on two
    busy cores the start alone took five."""
    settled_s: float = 10.0
    """A child that lived so long, some seconds of service after its start, dies for a new reason:
    its next wait is the first again."""
    ready_s: float = 15.0
    """Not ready by then, the next is started all the same: a hub without a broker still shows."""
    grace_s: float = 5.0
    """Between the request to end and the order to."""
    look_every_s: float = 10.0
    """Between two questions of ``reload_when``."""
    hangs_s: float = 20.0
    """Of a child that beats: no call in its loop may take so long, and no console waits longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Start it again after so long."""

    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """It would only die again: everything ends, with this status."""

    status: int


def after_exit(
    status: int, *, lived_s: float, last_wait_s: float | None, timing: Timing
) -> Restart | GiveUp:
    """What follows from a child's end, ``last_wait_s`` being what was waited before its start.

    Any status but BAD_SETTINGS is restarted, 0 too: nobody asked it to end.
    """
    if status == BAD_SETTINGS:
        return GiveUp(status=status)
    if last_wait_s is None or lived_s >= timing.settled_s:
        return Restart(wait_s=timing.first_wait_s)
    return Restart(wait_s=min(2 * last_wait_s, timing.wait_max_s))


OnLine = Callable[[str, str], Forward | RestartChild | None]
"""Sees (child, line) of all they write; may have a line forwarded or a child restarted."""

Sink = Callable[[str, int, bytes], None]
"""Takes (child, 1 or 2 for stdout or stderr, line with its end)."""


async def supervise(
    children: Sequence[Child],
    *,
    on_line: OnLine | None = None,
    sink: Sink | None = None,
    timing: Timing | None = None,
    stop: asyncio.Event | None = None,
) -> int:
    """Run the children until SIGTERM or SIGINT (0) or until one gives up (its status).

    Started in the given order, each when those before are ready (or ``at_once``), and stopped in
    the reverse. ``stop`` ends it from within, as a signal would. Call it in the main thread.
    """
    assert threading.current_thread() is threading.main_thread()
    assert len({child.name for child in children}) == len(children)
    house = _House(
        on_line=on_line or (lambda _name, _line: None),
        sink=sink or pass_on,
        timing=timing or Timing(),
        stop=stop or asyncio.Event(),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, house.stop.set)
    try:
        return await house.run(children)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def pass_on(_name: str, stream: int, line: bytes) -> None:
    """A child's line goes where ours go, unchanged."""
    out = sys.stdout if stream == 1 else sys.stderr
    with contextlib.suppress(BrokenPipeError):
        out.buffer.write(line)
        out.buffer.flush()


class _House:
    """The children that belong together, and the wish to stop, which is theirs in common."""

    def __init__(self, *, on_line: OnLine, sink: Sink, timing: Timing, stop: asyncio.Event) -> None:
        self.on_line = on_line
        self.sink = sink
        self.timing = timing
        self.stop = stop
        self.status = 0
        self.keepers: dict[str, _Keeper] = {}

    async def run(self, children: Sequence[Child]) -> int:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._start(children, tasks), name="start")
            await self.stop.wait()
            for keeper in reversed(self.keepers.values()):
                await keeper.end()
        return self.status

    async def _start(self, children: Sequence[Child], tasks: asyncio.TaskGroup) -> None:
        waited_for: list[_Keeper] = []
        for child in children:
            if not child.at_once:
                await self._until_ready(waited_for)
            if self.stop.is_set():
                return
            keeper = _Keeper(child, self)
            self.keepers[child.name] = keeper
            tasks.create_task(keeper.keep(), name=f"keep {child.name}")
            waited_for.append(keeper)
        await self._until_ready(waited_for)

    async def _until_ready(self, keepers: list["_Keeper"]) -> None:
        """Or until it takes too long; they are waited for once."""
        for keeper in keepers:
            await first_of(self.stop.wait(), keeper.ready.wait(), timeout_s=self.timing.ready_s)
            if not keeper.ready.is_set() and not self.stop.is_set():
                name = keeper.child.name
                log.warning("child_not_ready", child=name, after_s=self.timing.ready_s)
        keepers.clear()

    def heard(self, name: str, line: bytes) -> None:
        match self.on_line(name, line.decode("utf-8", "replace").rstrip("\r\n")):
            case Forward(to=to, line=told) if to in self.keepers:
                self.keepers[to].tell(told)
            case RestartChild(name=ill) if ill in self.keepers:
                self.keepers[ill].kill()


class _Keeper:
    """One child: its present process, and starting the next when that ends."""

    def __init__(self, child: Child, house: _House) -> None:
        self.child = child
        self._house = house
        self._process: Process | None = None
        self._condemned: Process | None = None
        self._gone = asyncio.Event()
        self._dropped = 0
        self.ready = asyncio.Event()

    async def keep(self) -> None:
        loop = asyncio.get_running_loop()
        last_wait_s: float | None = None
        while not self._house.stop.is_set():
            started_s = loop.time()
            status = await self._live()
            if self._house.stop.is_set():
                break
            lived_s = loop.time() - started_s
            step = after_exit(
                status, lived_s=lived_s, last_wait_s=last_wait_s, timing=self._house.timing
            )
            match step:
                case GiveUp():
                    log.error("child_gave_up", child=self.child.name, status=status)
                    self._house.status = step.status
                    self._house.stop.set()
                case Restart(wait_s=last_wait_s):
                    log.warning(
                        "child_died",
                        child=self.child.name,
                        status=status,
                        lived_s=round(lived_s, 1),
                        restart_in_s=last_wait_s,
                    )
                    await first_of(self._house.stop.wait(), timeout_s=last_wait_s)
        self._gone.set()

    def tell(self, line: str) -> None:
        """Write to the child's standard input; dropped when it is away or does not read."""
        stdin = self._process.stdin if self._process is not None else None
        if stdin is None or stdin.is_closing():
            return
        if stdin.transport.get_write_buffer_size() > FORWARD_BYTES_MAX:
            self._dropped += 1
            if self._dropped == 1:
                log.warning("forwarded_lines_dropped", child=self.child.name)
            return
        stdin.write(line.encode() + b"\n")

    def kill(self) -> None:
        """End the present process at once; it is restarted as if it had died, with the usual wait.

        Its last lines may ask for it again: they are read before the next is started.
        """
        if self._process is not None and self._process is not self._condemned:
            self._condemned = self._process
            log.warning("child_ill", child=self.child.name)
            self._signal(signal.SIGKILL)

    async def end(self) -> None:
        """Ask the child to end, insist after the grace time, and see it gone."""
        self._signal(signal.SIGTERM)
        await first_of(self._gone.wait(), timeout_s=self._house.timing.grace_s)
        if not self._gone.is_set():
            log.warning("child_killed", child=self.child.name)
            self._signal(signal.SIGKILL)
            await self._gone.wait()

    async def _live(self) -> int:
        """One life of the child, from start to exit status (negative: a signal's number)."""
        if not self.child.beats:
            return await self._live_with(None)
        with Pulse() as pulse:
            return await self._live_with(pulse)

    async def _live_with(self, pulse: Pulse | None) -> int:
        try:
            process = await self._spawn(pulse)
        except OSError as exc:
            log.error("child_not_started", child=self.child.name, why=str(exc))
            return NOT_STARTED
        if pulse is not None:
            pulse.give_away()
        self._process = process
        if self._house.stop.is_set():
            self._signal(signal.SIGTERM)  # the wish came while it was being started
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(1, process.stdout))
            tasks.create_task(self._listen(2, process.stderr))
            probing = tasks.create_task(self._probe())
            watching = tasks.create_task(self._watch(pulse))
            reloading = tasks.create_task(self._reload())
            status = await process.wait()
            probing.cancel()
            watching.cancel()
            reloading.cancel()
            self._signal(signal.SIGKILL)  # whatever it started itself goes with it
        self._process = None
        return status

    async def _spawn(self, pulse: Pulse | None) -> Process:
        log.info("child_starts", child=self.child.name)
        given = {} if pulse is None else {DESCRIPTOR: str(pulse.write)}
        return await asyncio.create_subprocess_exec(
            *self.child.argv,
            stdin=PIPE if self.child.takes_lines else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, **self.child.env, **given},
            pass_fds=() if pulse is None else (pulse.write,),
            process_group=0,
            preexec_fn=_die_with_us(),
        )

    async def _listen(self, stream: int, reader: asyncio.StreamReader) -> None:
        pending = b""
        while data := await reader.read(LINE_BYTES_MAX):
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                self._heard(stream, line + b"\n")
            if len(pending) > LINE_BYTES_MAX:
                self._heard(stream, pending)
                pending = b""
        if pending:
            self._heard(stream, pending + b"\n")

    def _heard(self, stream: int, line: bytes) -> None:
        self._house.sink(self.child.name, stream, line)
        self._house.heard(self.child.name, line)

    async def _probe(self) -> None:
        port = self.child.ready
        while port is not None and not await answers(port):  # noqa: ASYNC110 -- nobody tells us
            await asyncio.sleep(PROBE_EVERY_S)
        self.ready.set()

    async def _watch(self, pulse: Pulse | None) -> None:
        """Kill it once it hangs. It is restarted as if it had died."""
        while pulse is not None:
            await asyncio.sleep(BEAT_S)
            silent_s = pulse.silent_s()
            if silent_s >= self._house.timing.hangs_s:
                log.error("child_hangs", child=self.child.name, silent_s=silent_s)
                self._signal(signal.SIGKILL)
                return

    async def _reload(self) -> None:
        """Have it read its files again when they are others."""
        while self.child.reload_when is not None:
            await asyncio.sleep(self._house.timing.look_every_s)
            if self.child.reload_when():
                log.info("child_reloads", child=self.child.name)
                self._signal(signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


async def first_of(*waits: Coroutine[Any, Any, object], timeout_s: float) -> None:
    """Wait until one of them is done, or so long at most; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _die_with_us() -> Callable[[], None]:
    """To run in the child between fork and exec: when we die, so does it.

    Loaded before the fork, so that the child has only a system call to make.
    """
    assert threading.current_thread() is threading.main_thread()
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def in_the_child() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died before the request was made
            os._exit(NOT_STARTED)

    return in_the_child
