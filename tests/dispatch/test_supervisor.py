"""Programs are kept running, and none is left behind."""

import asyncio
import os
import select
import signal
import socket
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.ports import Port
from dispatch.supervisor import (
    BAD_SETTINGS,
    LINE_BYTES_MAX,
    Child,
    Forward,
    GiveUp,
    Restart,
    RestartChild,
    Timing,
    after_exit,
    supervise,
)

QUICK = Timing(first_wait_s=0.001, wait_max_s=0.002, ready_s=10, grace_s=10)
TIMEOUT_S = 20.0


def python(name: str, code: str, **more: object) -> Child:
    """A child that runs this piece of Python, its output unbuffered."""
    argv = (sys.executable, "-u", "-c", textwrap.dedent(code))
    return Child(name=name, argv=argv, **more)  # type: ignore[arg-type]  # as Child has them


class Heard:
    """Collects what the children write, and waits for a line of it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._waiting: list[tuple[Callable[[], bool], asyncio.Event]] = []

    def __call__(self, name: str, line: str) -> Forward | None:
        self.lines.append((name, line))
        for reached, event in self._waiting:
            if reached():
                event.set()
        return None

    async def until(self, name: str, line: str, times: int = 1) -> None:
        event = asyncio.Event()

        def reached() -> bool:
            return self.lines.count((name, line)) >= times

        self._waiting.append((reached, event))
        if not reached():
            await asyncio.wait_for(event.wait(), TIMEOUT_S)


def swallow(_name: str, _stream: int, _line: bytes) -> None:
    """A sink for tests that look at lines only."""


@pytest.mark.parametrize(
    ("status", "lived_s", "last_wait_s", "step"),
    [
        (1, 0.1, None, Restart(wait_s=0.2)),
        (1, 0.1, 0.2, Restart(wait_s=0.4)),
        (1, 0.1, 6.4, Restart(wait_s=2.0)),
        (1, 0.1, 10.0, Restart(wait_s=2.0)),
        (1, 9.9, 6.4, Restart(wait_s=2.0)),
        (1, 10.0, 6.4, Restart(wait_s=0.2)),
        (-signal.SIGKILL, 500.0, 0.4, Restart(wait_s=0.2)),
        (0, 500.0, None, Restart(wait_s=0.2)),
        (127, 0.0, None, Restart(wait_s=0.2)),
        (BAD_SETTINGS, 0.1, None, GiveUp(status=2)),
        (BAD_SETTINGS, 500.0, 10.0, GiveUp(status=2)),
    ],
)
def test_what_follows_from_an_end(
    status: int, lived_s: float, last_wait_s: float | None, step: Restart | GiveUp
) -> None:
    """At once after long service, ever slower for one that cannot live, never for bad settings."""
    assert after_exit(status, lived_s=lived_s, last_wait_s=last_wait_s, timing=Timing()) == step


async def test_a_child_that_dies_is_started_again() -> None:
    """A killed hub or broker is back without anybody's help."""
    heard, stop = Heard(), asyncio.Event()
    child = python("hub", "print('here')")

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(
            supervise([child], on_line=heard, sink=swallow, timing=QUICK, stop=stop)
        )
        await heard.until("hub", "here", times=3)
        stop.set()

    assert run.result() == 0


async def test_a_child_reads_its_files_again_when_they_are_others() -> None:
    """A renewed certificate, and nobody there who would restart the broker."""
    heard, stop = Heard(), asyncio.Event()
    renewed = [False]
    broker = python(
        "broker",
        """
        import signal, time
        signal.signal(signal.SIGHUP, lambda *_: print("read again"))
        print("started")
        while True:
            time.sleep(60)
        """,
    )

    def other() -> bool:
        was, renewed[0] = renewed[0], False
        return was

    broker = replace(broker, reload_when=other)
    timing = replace(QUICK, look_every_s=0.01)

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(
            supervise([broker], on_line=heard, sink=swallow, timing=timing, stop=stop)
        )
        await heard.until("broker", "started")
        assert ("broker", "read again") not in heard.lines
        renewed[0] = True
        await heard.until("broker", "read again")
        stop.set()

    assert run.result() == 0
    assert heard.lines.count(("broker", "started")) == 1


async def test_bad_settings_end_everything_with_their_sentence(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Exit status 2 and one sentence, just as if the hub had been started by hand."""
    broker = python("broker", "import time; time.sleep(60)")
    hub = python("hub", "import sys; print('port 1 is taken', file=sys.stderr); sys.exit(2)")

    status = await asyncio.wait_for(supervise([broker, hub], timing=QUICK), TIMEOUT_S)

    assert status == 2
    assert "port 1 is taken\n" in capfd.readouterr().err


async def test_the_next_child_waits_until_the_one_before_answers(tmp_path: Path) -> None:
    """A hub that starts before its broker would spend its first second failing."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    heard, stop = Heard(), asyncio.Event()
    broker = python(
        "broker",
        f"""
        import socket
        print("started")
        server = socket.create_server(("127.0.0.1", {port}))
        while True:
            server.accept()
            print("answered")
        """,
        ready=Port(port=port),
    )
    hub = python("hub", "import time; print('started'); time.sleep(60)")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            supervise([broker, hub], on_line=heard, sink=swallow, timing=QUICK, stop=stop)
        )
        await heard.until("hub", "started")
        stop.set()

    assert heard.lines.index(("broker", "started")) < heard.lines.index(("hub", "started"))


async def test_a_child_may_start_beside_the_one_before_and_the_third_waits_for_both() -> None:
    """A hub takes a second to load and read before it needs its broker: that need not be lost."""
    with (
        socket.create_server(("127.0.0.1", 0)) as broker_held,
        socket.create_server(("127.0.0.1", 0)) as hub_held,
    ):
        broker_port = broker_held.getsockname()[1]
        hub_port = hub_held.getsockname()[1]
    heard, stop = Heard(), asyncio.Event()
    opens_when_told = """
        import socket
        print("started")
        input()
        server = socket.create_server(("127.0.0.1", {port}))
        print("open")
        while True:
            server.accept()
        """
    broker = python(
        "broker", opens_when_told.format(port=broker_port), ready=Port(port=broker_port)
    )
    hub = python("hub", opens_when_told.format(port=hub_port), ready=Port(port=hub_port))
    broker = replace(broker, takes_lines=True)
    hub = replace(hub, takes_lines=True, at_once=True)
    radios = python("simulator", "import time; print('started'); time.sleep(60)")

    def both_may_open(name: str, line: str) -> Forward | None:
        heard(name, line)
        if line == "started" and name == "hub":
            return Forward(to="broker", line="open")
        return Forward(to="hub", line="open") if (name, line) == ("broker", "open") else None

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            supervise(
                [broker, hub, radios], on_line=both_may_open, sink=swallow, timing=QUICK, stop=stop
            )
        )
        await heard.until("simulator", "started")
        stop.set()

    told = heard.lines.index
    assert told(("hub", "started")) < told(("broker", "open"))
    assert told(("simulator", "started")) > told(("hub", "open"))


async def test_a_child_that_never_gets_ready_does_not_hold_up_the_next() -> None:
    """Without its broker the hub still shows what it has."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    heard, stop = Heard(), asyncio.Event()
    mute = python("broker", "import time; time.sleep(60)", ready=Port(port=port))
    hub = python("hub", "import time; print('started'); time.sleep(60)")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            supervise(
                [mute, hub], on_line=heard, sink=swallow, timing=Timing(ready_s=0.05), stop=stop
            )
        )
        await heard.until("hub", "started")
        stop.set()


SAYS_GOODBYE = """
    import signal, sys, time
    def bye(number, frame):
        print("bye")
        sys.exit(0)
    signal.signal(signal.SIGTERM, bye)
    print("here")
    while True:
        time.sleep(0.05)  # a signal just before one long sleep would be handled only after it
"""


async def test_a_signal_stops_the_last_started_first() -> None:
    """The hub still has its broker while it says its last words."""
    heard = Heard()
    children = [python("broker", SAYS_GOODBYE), python("hub", SAYS_GOODBYE)]

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(supervise(children, on_line=heard, sink=swallow, timing=QUICK))
        await heard.until("broker", "here")
        await heard.until("hub", "here")
        os.kill(os.getpid(), signal.SIGTERM)

    assert run.result() == 0
    assert heard.lines[-2:] == [("hub", "bye"), ("broker", "bye")]


async def test_a_child_that_will_not_end_is_killed() -> None:
    """And what it started itself goes with it, or its port would stay taken."""
    heard, stop = Heard(), asyncio.Event()
    stubborn = python(
        "hub",
        """
        import signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        print(f"grandchild {grandchild.pid}")
        print("here")
        time.sleep(60)
        """,
    )

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            supervise(
                [stubborn], on_line=heard, sink=swallow, timing=Timing(grace_s=0.05), stop=stop
            )
        )
        await heard.until("hub", "here")
        stop.set()

    grandchild = int(heard.lines[0][1].split()[1])
    # Killed with its group; nobody tells us when the kernel is done with it, as with a child.
    await asyncio.wait_for(asyncio.to_thread(wait_until_gone, grandchild), TIMEOUT_S)


async def test_children_die_with_a_supervisor_that_was_killed() -> None:
    """kill -9 gives no time to stop anything: the kernel does it for us."""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(
            """
            import asyncio, sys
            from dispatch.supervisor import Child, supervise
            code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
            asyncio.run(supervise([Child(name="hub", argv=(sys.executable, "-c", code))]))
            """
        ),
        stdout=asyncio.subprocess.PIPE,
    )
    assert supervisor.stdout is not None
    child = None
    while child is None:
        line = await asyncio.wait_for(supervisor.stdout.readline(), TIMEOUT_S)
        child = int(line) if line.strip().isdigit() else None
    assert is_running(child)

    supervisor.kill()
    await supervisor.communicate()

    await asyncio.wait_for(asyncio.to_thread(wait_until_gone, child), TIMEOUT_S)


async def test_a_line_of_one_child_can_be_told_to_another() -> None:
    """The broker's log is read by the hub, which has the counters."""
    heard, stop = Heard(), asyncio.Event()

    def forward(name: str, line: str) -> Forward | None:
        heard(name, line)
        return Forward(to="hub", line=line) if name == "broker" else None

    hub = python("hub", "print('ready'); print('told', input())", takes_lines=True)
    broker = python("broker", "import time\nwhile True: print('报警'); time.sleep(0.01)")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            supervise([hub, broker], on_line=forward, sink=swallow, timing=QUICK, stop=stop)
        )
        await heard.until("hub", "told 报警")
        stop.set()


async def test_a_child_that_says_it_is_ill_is_started_again() -> None:
    """A broker that lives but lets no radio in is worse than one that is away for a second."""
    heard, stop = Heard(), asyncio.Event()

    def judge(name: str, line: str) -> RestartChild | None:
        heard(name, line)
        return RestartChild(name="broker") if line == "ill" else None

    broker = python(
        "broker", "import time\nprint('here')\nprint('ill\\nill\\nill')\ntime.sleep(60)"
    )

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(
            supervise([broker], on_line=judge, sink=swallow, timing=QUICK, stop=stop)
        )
        await heard.until("broker", "here", times=3)
        stop.set()

    assert run.result() == 0


async def test_a_child_whose_signs_of_life_stop_is_killed_and_started_again() -> None:
    """It lives and serves nobody: only from outside can that be seen and ended."""
    heard, stop = Heard(), asyncio.Event()
    hub = python(
        "hub",
        """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print('here')
        os.write(int(os.environ['YIHU_HEARTBEAT']), b'.')
        time.sleep(60)
        """,
        beats=True,
    )

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(
            supervise(
                [hub],
                on_line=heard,
                sink=swallow,
                timing=replace(QUICK, hangs_s=1.0, grace_s=0.1),
                stop=stop,
            )
        )
        await heard.until("hub", "here", times=2)
        stop.set()

    assert run.result() == 0


async def test_one_child_may_have_another_restarted_but_nobody_unknown() -> None:
    """The name in an answer is looked up; a wrong one harms nothing."""
    heard, stop = Heard(), asyncio.Event()

    def judge(name: str, line: str) -> RestartChild | None:
        heard(name, line)
        return RestartChild(name=line) if name == "hub" else None

    hub = python("hub", "import time; print('nobody'); print('broker'); time.sleep(60)")
    broker = python("broker", "import time; print('here'); time.sleep(60)")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            supervise([broker, hub], on_line=judge, sink=swallow, timing=QUICK, stop=stop)
        )
        await heard.until("broker", "here")
        await heard.until("hub", "broker")
        stop.set()

    assert ("hub", "nobody") in heard.lines


async def test_output_without_end_is_handed_on_in_pieces() -> None:
    """A child that writes no line ends must not fill our memory."""
    heard, stop = Heard(), asyncio.Event()
    child = python(
        "hub", f"import sys, time; sys.stdout.write('x' * {5 * LINE_BYTES_MAX}); time.sleep(60)"
    )
    pieces: list[bytes] = []

    def collect(_name: str, _stream: int, line: bytes) -> None:
        pieces.append(line)
        if sum(map(len, pieces)) >= 4 * LINE_BYTES_MAX:
            stop.set()

    await asyncio.wait_for(
        supervise([child], on_line=heard, sink=collect, timing=QUICK, stop=stop), TIMEOUT_S
    )

    assert max(map(len, pieces)) <= 2 * LINE_BYTES_MAX


async def test_a_program_that_is_not_there_does_not_end_the_others() -> None:
    """While it is being installed anew, for instance."""
    heard, stop = Heard(), asyncio.Event()
    missing = Child(name="broker", argv=("/nonexistent/nats-server",))
    hub = python("hub", "import time; print('started'); time.sleep(60)")

    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(
            supervise(
                [missing, hub],
                on_line=heard,
                sink=swallow,
                timing=Timing(ready_s=0.01, first_wait_s=0.01, wait_max_s=0.01),
                stop=stop,
            )
        )
        await heard.until("hub", "started")
        stop.set()

    assert run.result() == 0


def is_running(pid: int) -> bool:
    """Whether it lives; a zombie that nobody has fetched does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pid: int) -> None:
    """By a descriptor of the process, which the kernel makes readable at its end."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(fd):
        select.select([fd], [], [], TIMEOUT_S)
    assert not is_running(pid)
