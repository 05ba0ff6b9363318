"""All that is done to a running Yihu, each by a function of its own that gives back a moment.

That moment is the one from which the way back is counted: of a death when it was dealt, of what
lasts a while when it ended. Whatever a fault stopped, filled or limited is as it was when its
function ends, however it ends. Only processes of the house are touched, by their ids.
"""

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.alarm import program
from bench.overload import UPGRADE
from bench.town import WALKING
from devices.broker.room import memory_folder
from tests.chaos.house import Layout
from tests.chaos.scene import Scene, now_s
from tests.chaos.servers import forget

ROUNDS: Final = 20
"""Of deaths, whose outcome hangs on the moment."""
ROUNDS_LASTING: Final = 5
"""Of what lasts a while: it meets every moment anyway."""
ROUNDS_LONG: Final = 3
"""Of what takes half a minute and has no moment."""

WORKER: Final = "-m dispatch.gateways"
"""A word of its command line."""
BALLAST: Final = "ballast"
BALLAST_PIECE: Final = b"\0" * 65536
FLOODER: Final = "w0000"
DROPPED: Final = 5
"""Radios that lose their link while nobody answers the broker."""
LOOK_S: Final = 0.2
STORE_DOWN_TIMEOUT_S: Final = 60.0
"""A full disk is noticed once the write-ahead log has used up what it had: at ten presses a second
after half a minute at most."""

Act = Callable[[Scene], Awaitable[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One line of the table."""

    name: str
    layout: Layout
    act: Act
    says: str
    """What is done, in a few words."""
    rounds: int = ROUNDS
    spares: bool = False
    """Others must not notice it: alarms keep their second, consoles their beat."""


# --- deaths ---


async def kill_hub(scene: Scene) -> float:
    """SIGKILL to the hub; its supervisor starts it again."""
    begun_s = now_s()
    os.kill(scene.house.system.hub_pid(), signal.SIGKILL)
    return begun_s


async def kill_broker(scene: Scene) -> float:
    """SIGKILL to the embedded broker; the supervisor starts it again."""
    begun_s = now_s()
    os.kill(scene.house.broker_pid(), signal.SIGKILL)
    return begun_s


async def kill_mosquitto(scene: Scene) -> float:
    """SIGKILL to Mosquitto, started again as a service manager would."""
    server = scene.house.mosquitto
    assert server is not None
    begun_s = now_s()
    server.kill()
    await server.again()
    return begun_s


async def kill_postgresql(scene: Scene) -> float:
    """SIGKILL to all of PostgreSQL at once, as when its machine goes."""
    server = scene.house.postgresql
    assert server is not None
    begun_s = now_s()
    server.kill()
    await server.again()
    return begun_s


async def kill_backend(scene: Scene) -> float:
    """SIGKILL to one of PostgreSQL's own processes: it throws everybody out and recovers."""
    server = scene.house.postgresql
    assert server is not None
    begun_s = now_s()
    _, *children = server.pids()
    with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile
        os.kill(scene.chance.choice(children), signal.SIGKILL)
    return begun_s


async def forgetful_broker(scene: Scene) -> float:
    """The embedded broker dies, and what it kept is gone when it comes back."""
    begun_s = now_s()
    os.kill(scene.house.broker_pid(), signal.SIGKILL)
    folder = memory_folder(scene.house.system.data_dir)
    kept = folder if folder.exists() else scene.house.system.data_dir / "broker"
    shutil.rmtree(kept / "jetstream", ignore_errors=True)
    return begun_s


async def forgetful_mosquitto(scene: Scene) -> float:
    """The same of Mosquitto."""
    server = scene.house.mosquitto
    assert server is not None
    begun_s = now_s()
    server.kill()
    forget(server)
    await server.again()
    return begun_s


async def kill_worker(scene: Scene) -> float:
    """SIGKILL to the process that sends messages; the hub starts it again."""
    begun_s = now_s()
    os.kill(await asyncio.to_thread(_worker, scene), signal.SIGKILL)
    return begun_s


def _worker(scene: Scene) -> int:
    """It is there from the first message on, and a message follows a press within seconds."""
    system = scene.house.system
    system.until(lambda: any(WORKER in line for line in system.processes().values()), "the worker")
    return system.pid_of(WORKER)


# --- standing still ---


@contextmanager
def stopped(pids: Sequence[int]) -> Iterator[None]:
    """They stand still while the block lasts."""
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


async def _stop(scene: Scene, pids: Sequence[int]) -> float:
    with stopped(pids):
        await scene.hold()
    return now_s()


async def stop_hub(scene: Scene) -> float:
    """SIGSTOP, and SIGCONT some seconds later."""
    return await _stop(scene, [scene.house.system.hub_pid()])


async def stop_broker(scene: Scene) -> float:
    """The broker, embedded or not."""
    return await _stop(scene, [scene.house.broker_pid()])


async def stop_supervisor(scene: Scene) -> float:
    """``yihu run`` itself, which reads what the others say."""
    return await _stop(scene, [scene.house.system.process.pid])


async def stop_worker(scene: Scene) -> float:
    """The process that sends messages by SMS: calls by radio go on without it."""
    return await _stop(scene, [await asyncio.to_thread(_worker, scene)])


async def stop_postgresql(scene: Scene) -> float:
    """All its processes: no error comes, and no answer."""
    server = scene.house.postgresql
    assert server is not None
    with stopped(server.pids()):
        await _shown_although_not_stored(scene)
    return now_s()


async def hang_at_the_door(scene: Scene) -> float:
    """The hub hangs while the broker asks it who may come in: some radios come back from a lift
    just then. The others must keep their links."""
    dropped, others = scene.crowd.radios[-DROPPED:], scene.crowd.radios[:-DROPPED]
    links = {radio.name: radio.links for radio in others}
    with stopped([scene.house.system.hub_pid()]):
        for radio in dropped:
            radio.drop()
        await scene.hold()
    thrown_out = [radio.name for radio in others if radio.links != links[radio.name]]
    if thrown_out:
        scene.note(f"{len(thrown_out)} radios lost their links while others waited at the door")
    return now_s()


# --- a store that takes nothing ---


async def _shown_although_not_stored(scene: Scene, *, at_once: bool = True) -> None:
    """Until the pages say that the store is away, and then as long as faults last: look whether
    an alarm that is pressed stands on a page, marked as not stored. Where the store took nothing
    ``at_once``, no radio may hear ``stored`` meanwhile."""
    page, begun_s = scene.watchers[0], now_s()
    try:
        await page.sees(lambda: page.status["store_down"], "the store down", STORE_DOWN_TIMEOUT_S)
    except AssertionError:
        scene.note(f"no page said within {STORE_DOWN_TIMEOUT_S:.0f} s that the store is away")
    until_s, shown = now_s() + scene.chance.uniform(*scene.scale.hold_s), False
    while now_s() < until_s:
        await asyncio.sleep(LOOK_S)
        mine = [p.name for p in scene.crowd.presses if p.pressed_s >= begun_s]
        shown = shown or any(page.shows_unstored(name) for name in mine)
    if not shown:
        scene.note("no alarm was shown as not stored while the store was away")
    mine_heard = [p for p in scene.crowd.presses if p.pressed_s >= begun_s and p.stored_s]
    if at_once and mine_heard:
        scene.note(f"{len(mine_heard)} presses heard `stored` while nothing could be written")


@contextmanager
def refusing(pid: int) -> Iterator[None]:
    """Whatever this process writes into a file fails (setrlimit(2), RLIMIT_FSIZE)."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


async def refusing_store(scene: Scene) -> float:
    """Nothing that the hub writes is taken, as an ordinary user can have it."""
    with refusing(scene.house.system.hub_pid()):
        await _shown_although_not_stored(scene)
    return now_s()


async def kill_hub_unwritten(scene: Scene) -> float:
    """The same, and then SIGKILL: what was shown and never written is in nobody's hands but the
    radios'."""
    pid = scene.house.system.hub_pid()
    with refusing(pid):
        await _shown_although_not_stored(scene)
        begun_s = now_s()
        os.kill(pid, signal.SIGKILL)
    return begun_s


async def disk_full(scene: Scene) -> float:
    """The last byte of the data folder's disk is taken, and some seconds later given back."""
    ballast = scene.house.system.data_dir / BALLAST
    try:
        _fill(ballast)
        await _shown_although_not_stored(scene, at_once=False)  # the file has room left in itself
    finally:
        ballast.unlink(missing_ok=True)
    return now_s()


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(BALLAST_PIECE)
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0")


# --- others who ask too much ---


async def slow_consoles(scene: Scene) -> float:
    """Consoles that read nothing at all."""
    system = scene.house.system
    headers = [f"{name}: {value}" for name, value in system.machine().items()]
    request = "\r\n".join((*UPGRADE, *headers, "", "")).encode()
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as stack:
        for _ in range(scene.scale.slow_consoles):
            sock = stack.enter_context(socket.socket())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", system.http_port))
            await loop.sock_sendall(sock, request)
        await asyncio.sleep(scene.scale.slow_s)
        await scene.newcomers_get_in()
    return now_s()


async def flood_of_positions(scene: Scene) -> float:
    """One radio tells its place 5,000 times a second."""
    return await _flooded(scene, "position")


async def flood_of_one_press(scene: Scene) -> float:
    """One radio repeats one press 5,000 times a second, as with a button that is stuck."""
    return await _flooded(scene, "press")


async def flood_of_noise(scene: Scene) -> float:
    """One radio sends 5,000 messages a second that nobody can read, by the alarm lane."""
    return await _flooded(scene, "noise")


async def flood_of_presses(scene: Scene) -> float:
    """One radio sends 5,000 presses a second, each another one."""
    return await _flooded(scene, "presses")


async def idle_at_mqtt(scene: Scene) -> float:
    """A stranger opens 5,000 connections to the broker and says nothing."""
    return await _idle(scene, scene.house.mqtt_port)


async def idle_at_http(scene: Scene) -> float:
    """A stranger opens 5,000 connections to the pages' port and says nothing."""
    return await _idle(scene, scene.house.system.http_port)


async def _flooded(scene: Scene, what: str) -> float:
    arguments = (str(scene.house.mqtt_port), WALKING, FLOODER, str(scene.scale.flood_per_s), what)
    async with _beside("flood", *arguments):
        await scene.hold()
        await scene.newcomers_get_in()
    return now_s()


async def _idle(scene: Scene, port: int) -> float:
    async with _beside("idle", str(port), str(scene.scale.idle)):
        await scene.hold()
        await scene.newcomers_get_in()
    return now_s()


@asynccontextmanager
async def _beside(*arguments: str) -> AsyncIterator[None]:
    """One of ends.py, in a process of its own."""
    with contextlib.ExitStack() as stack:
        entering = program("tests.chaos.ends", *arguments)
        await asyncio.to_thread(stack.enter_context, entering)
        try:
            yield
        finally:
            await asyncio.to_thread(stack.close)


FAULTS: Final = (
    Fault(name="kill_hub", layout=Layout.EMBEDDED, act=kill_hub, says="kill -9 of the hub"),
    Fault(
        name="kill_broker", layout=Layout.EMBEDDED, act=kill_broker,
        says="kill -9 of the embedded broker",
    ),
    Fault(
        name="forgetful_broker", layout=Layout.EMBEDDED, act=forgetful_broker,
        says="the embedded broker comes back without its memory",
    ),
    Fault(
        name="kill_mosquitto", layout=Layout.MOSQUITTO, act=kill_mosquitto,
        says="kill -9 of Mosquitto",
    ),
    Fault(
        name="forgetful_mosquitto", layout=Layout.MOSQUITTO, act=forgetful_mosquitto,
        says="Mosquitto comes back without its memory",
    ),
    Fault(
        name="kill_hub_mosquitto", layout=Layout.MOSQUITTO, act=kill_hub,
        says="kill -9 of the hub beside Mosquitto",
    ),
    Fault(
        name="kill_postgresql", layout=Layout.POSTGRESQL, act=kill_postgresql,
        says="kill -9 of all of PostgreSQL",
    ),
    Fault(
        name="kill_backend", layout=Layout.POSTGRESQL, act=kill_backend,
        says="kill -9 of one of PostgreSQL's processes",
    ),
    Fault(
        name="kill_hub_postgresql", layout=Layout.POSTGRESQL, act=kill_hub,
        says="kill -9 of the hub on PostgreSQL",
    ),
    Fault(
        name="kill_worker", layout=Layout.GATEWAYS, act=kill_worker, rounds=ROUNDS_LASTING,
        spares=True, says="kill -9 of the gateways' worker",
    ),
    Fault(
        name="stop_hub", layout=Layout.EMBEDDED, act=stop_hub, rounds=ROUNDS_LASTING,
        says="the hub stands still for 4 to 8 s",
    ),
    Fault(
        name="stop_broker", layout=Layout.EMBEDDED, act=stop_broker, rounds=ROUNDS_LASTING,
        says="the embedded broker stands still",
    ),
    Fault(
        name="stop_supervisor", layout=Layout.EMBEDDED, act=stop_supervisor,
        rounds=ROUNDS_LASTING, spares=True, says="the supervisor stands still",
    ),
    Fault(
        name="stop_worker", layout=Layout.GATEWAYS, act=stop_worker, rounds=ROUNDS_LASTING,
        spares=True, says="the gateways' worker stands still",
    ),
    Fault(
        name="stop_mosquitto", layout=Layout.MOSQUITTO, act=stop_broker, rounds=ROUNDS_LASTING,
        says="Mosquitto stands still",
    ),
    Fault(
        name="stop_postgresql", layout=Layout.POSTGRESQL, act=stop_postgresql,
        rounds=ROUNDS_LASTING, says="all of PostgreSQL stands still",
    ),
    Fault(
        name="hang_at_the_door", layout=Layout.EMBEDDED, act=hang_at_the_door,
        rounds=ROUNDS_LASTING, says="the hub hangs while the broker asks it who may come in",
    ),
    Fault(
        name="refusing_store", layout=Layout.EMBEDDED, act=refusing_store,
        rounds=ROUNDS_LASTING, says="nothing that the hub writes is taken",
    ),
    Fault(
        name="kill_hub_unwritten", layout=Layout.EMBEDDED, act=kill_hub_unwritten,
        rounds=ROUNDS_LASTING, says="nothing is taken, and then kill -9 of the hub",
    ),
    Fault(
        name="disk_full", layout=Layout.SMALL_DISK, act=disk_full, rounds=ROUNDS_LASTING,
        says="the disk is full to the last byte (as root)",
    ),
    Fault(
        name="slow_consoles", layout=Layout.EMBEDDED, act=slow_consoles, rounds=ROUNDS_LONG,
        spares=True, says="20 consoles read nothing",
    ),
    Fault(
        name="flood_of_positions", layout=Layout.EMBEDDED, act=flood_of_positions,
        rounds=ROUNDS_LONG, spares=True, says="one radio tells its place 5,000 times a second",
    ),
    Fault(
        name="flood_of_noise", layout=Layout.EMBEDDED, act=flood_of_noise,
        rounds=ROUNDS_LONG, spares=True, says="one radio sends 5,000 unreadable alarms a second",
    ),
    Fault(
        name="flood_of_one_press", layout=Layout.EMBEDDED, act=flood_of_one_press,
        rounds=ROUNDS_LONG, spares=True, says="one radio repeats a press 5,000 times a second",
    ),
    Fault(
        name="flood_of_presses", layout=Layout.EMBEDDED, act=flood_of_presses,
        rounds=ROUNDS_LONG, spares=True, says="one radio makes 5,000 presses a second",
    ),
    Fault(
        name="idle_at_mqtt", layout=Layout.EMBEDDED, act=idle_at_mqtt, rounds=ROUNDS_LONG,
        spares=True, says="5,000 idle connections to the broker",
    ),
    Fault(
        name="idle_at_mosquitto", layout=Layout.MOSQUITTO, act=idle_at_mqtt,
        rounds=ROUNDS_LONG, spares=True, says="5,000 idle connections to Mosquitto",
    ),
    Fault(
        name="idle_at_http", layout=Layout.EMBEDDED, act=idle_at_http, rounds=ROUNDS_LONG,
        spares=True, says="5,000 idle connections to the pages' port",
    ),
)  # fmt: skip
"""In the order in which they are played and told."""
