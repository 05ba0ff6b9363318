"""What bad input and too much of it cost an alarm, and what is lost by it.

    python -m bench.overload [--json] [--small]

A whole Yihu with 100,000 enrolled radios, a tenth of them on duty. Ten presses a second, each
waited for until its ``stored``, alone and then while: ten consoles read 1 KB a second, 5,000
positions a second coming, and stay in what follows for as long as they may; a lock is held on the
history's files for ten seconds; one radio sends 1,000 fixes a second; another's are of tomorrow,
of last week, twice and in no order; 5,000 radios join over connections of their own within half a
minute, the same positions behind the door; and in the end positions come as fast as one process
can send them, several times what is borne.

What is lost is counted from outside: the neighbours' fixes by ``/metrics``, the history's by its
file, the newest fix of each radio by what a console was told in the end. ``recovered_s`` is from
the last position of the flood until the console had the last place of every radio.
"""

import asyncio
import contextlib
import json
import random
import secrets
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from sqlalchemy import create_engine
from websockets.asyncio.client import connect as connect_console

from bench.alarm import Awaited, program
from bench.flood import place
from bench.handset import Handset
from bench.packets import connect, publish
from bench.rig import arguments, cpu_s, memory_mb, percentile, report
from bench.town import WALKING, Town, build_town, secret_of
from console.frames import decode_frame
from console.wire import Change, Part, ServerMessage, Snapshot
from devices.secrets import SALT_BYTES, hash_secret
from dispatch.clock import HOUR, Instant
from dispatch.config import load_community
from dispatch.events import Event, RadioConnected, UnitSignedOn
from dispatch.ids import CommunityId, RadioId, unit_of
from dispatch.radio_record import RadioRecord
from dispatch.store.codec import encode
from dispatch.store.history.schema import NEWEST
from dispatch.store.journal import Secret, Submission, append, read_tail
from dispatch.store.sql import SqlStore
from tests.system import System, running_yihu

CALLED: Final = 60
TURN: Final = 10
"""Roles and posts of a town come round after so many radios."""
HANDSETS: Final = 40
PRESS_EVERY_S: Final = 0.1
CONSOLE_BYTES_PER_S: Final = 1_000
SLOW_CONSOLES: Final = 10
FAST_PER_S: Final = 1_000
ODD_PER_S: Final = 100
SETTLE_S: Final = 0.5
LOOK_S: Final = 0.1
WARM_S: Final = 2.0
READY_TIMEOUT_S: Final = 180.0
"""A first start with a hundred thousand radios, on a machine that has other work as well."""
RECOVERED_TIMEOUT_S: Final = 20.0
CUT_OFF_S: Final = 25.0
"""A slow console is let go after so long, at the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    units: int = 100_000
    on_duty: int = 10_000
    joining: int = 5_000
    join_s: float = 25.0
    case_s: float = 3.0
    """The cases that need no time of their own."""
    stall_s: float = 10.0
    paced_per_s: int = 5_000
    flood_per_s: int = 0
    """0: as many as the broker takes. Each radio stays within what one may send in all, or it
    is thinned for that, and its newest is not taken."""
    flood_s: float = 5.0
    neighbours: int = 50

    @property
    def first_joining(self) -> int:
        """Number of the first radio that joins; two behind the last one send what is bad."""
        return self.units - self.joining - 2


SMALL: Final = Size(
    units=600, on_duty=200, joining=100, join_s=2.0, case_s=2.0, stall_s=3.0, paced_per_s=200,
    flood_per_s=60_000, flood_s=2.0, neighbours=10,
)  # fmt: skip


# --- the town ---


def enroll(folder: Path, town: Town, size: Size) -> None:
    """Everybody on the roster and some of the walkers on duty, straight into the journal. Each
    secret is hashed in one round and not a thousand, or this would take minutes: at its first
    coming after the hub's start a radio costs admission 0.6 ms more, outside Python's lock."""
    data_dir = folder / "data"
    data_dir.mkdir()
    SqlStore.open("", data_dir=data_dir, on_state=lambda _why: None).close()
    t = time.time_ns() // 1000 - HOUR
    engine = create_engine(f"sqlite:///{data_dir / 'journal.db'}")
    _, called = load_community(town.communities[0])
    walking = _walkers(called, town)
    present = [fact for record in walking[: size.on_duty] for fact in _present(record, t)]
    records = [*called, *walking]
    facts: list[Event] = [*(record.enrolled(t) for record in records), *present]
    with engine.begin() as conn:
        conn.exec_driver_sql("PRAGMA synchronous=OFF")
        encoded = tuple(encode(fact, secrets.token_bytes) for fact in facts)
        kept = tuple(Secret(radio=r.radio, secret_hash=_hashed(r.radio), t=t) for r in records)
        append(conn, read_tail(conn), [Submission(encoded, kept)])
    engine.dispose()


def _walkers(called: list[RadioRecord], town: Town) -> list[RadioRecord]:
    """As the walkers' file has them, roles and posts in the same turn: to read a hundred thousand
    takes half a minute on a busy machine, and the hub does it anyway."""
    return [
        replace(called[n % TURN], radio=radio, call_sign=radio, community=CommunityId(WALKING))
        for n, radio in enumerate(map(RadioId, town.walking))
    ]


def _hashed(radio: str) -> str:
    return hash_secret(secret_of(radio), secrets.token_bytes(SALT_BYTES), 1)


def _present(record: Any, t: Instant) -> list[Event]:
    return [
        UnitSignedOn(t=t, community=record.community, unit=unit_of(record.radio), device_t=t),
        RadioConnected(t=t, community=record.community, radio=record.radio),
    ]


# --- what watches ---


class Presses:
    """Ten a second, by radios in turn; how long each waited for its ``stored``."""

    def __init__(self, made: list[Handset], awaited: Awaited) -> None:
        self._made = made
        self._awaited = awaited
        self._next = 0

    async def during(self, work: Awaitable[Any]) -> tuple[list[float], Any]:
        """Press until the work is done: milliseconds of each, and what it gave back."""
        task = asyncio.ensure_future(work)
        waits: list[asyncio.Task[float]] = []
        while not task.done():
            waits.append(asyncio.create_task(self._one()))
            await asyncio.wait([task], timeout=PRESS_EVERY_S)
        return list(await asyncio.gather(*waits)), task.result()

    async def _one(self) -> float:
        radio = self._made[self._next % len(self._made)]
        self._next += 1
        begun_s = time.monotonic()
        name = "stored:" + radio.press()
        self._awaited.expect(name)
        return 1000 * (await self._awaited.when(name) - begun_s)


class Screen:
    """A console that keeps where everybody is, as a page does."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.shed = 0
        """Positions given up, as the page is told it."""
        self._where = np.zeros((0, 2), np.int64)
        self._changed_s = np.zeros(0)
        self._decoder = msgspec.json.Decoder(ServerMessage)

    async def watch(self, system: System) -> None:
        """Until cancelled."""
        url = f"ws://127.0.0.1:{system.http_port}/api/v1/stream"
        async with connect_console(
            url, additional_headers=system.machine(), max_size=None
        ) as socket:
            async for data in socket:
                if isinstance(data, bytes):
                    self._move(data)
                else:
                    self._hear(self._decoder.decode(data))

    def _hear(self, message: Any) -> None:
        if isinstance(message, Snapshot | Part | Change):
            self.rows.update({unit.id: unit.row for unit in message.units})
        status = getattr(message, "status", None)
        if status is not None:
            self.shed = status.positions_shed

    def _move(self, data: bytes) -> None:
        records, now_s = decode_frame(data).records, time.monotonic()
        if not len(records):
            return
        self._make_room(int(records["row"].max()))
        rows = records["row"]
        told = np.stack([records["lon_e7"], records["lat_e7"]], axis=1).astype(np.int64)
        moved = (self._where[rows] != told).any(axis=1)
        self._where[rows] = told
        self._changed_s[rows[moved]] = now_s

    def lost(self, radios: list[str], places: np.ndarray[Any, Any]) -> tuple[int, float]:
        """How many radios are not at these places (steps of 1e-7 degrees); and when the last of
        them came to where it is."""
        rows = np.array([self.rows.get(radio, 0) for radio in radios])
        self._make_room(int(rows.max()))
        off = (np.abs(self._where[rows] - places) > 1).any(axis=1)
        return int(off.sum()), float(self._changed_s[rows].max())

    def _make_room(self, row: int) -> None:
        more = max(row + 1, 2 * len(self._where)) - len(self._where)
        if row >= len(self._where):
            self._where = np.concatenate([self._where, np.zeros((more, 2), np.int64)])
            self._changed_s = np.concatenate([self._changed_s, np.zeros(more)])


class SlowConsole:
    """Takes a thousand bytes a second, and answers no ping before it has come to it."""

    def __init__(self) -> None:
        self.taken = 0
        self.ended = False

    async def watch(self, port: int, headers: Mapping[str, str]) -> None:
        """Until it is let go."""
        loop = asyncio.get_running_loop()
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.setblocking(False)
            await loop.sock_connect(sock, ("127.0.0.1", port))
            lines = (*UPGRADE, *(f"{name}: {value}" for name, value in headers.items()), "", "")
            await loop.sock_sendall(sock, "\r\n".join(lines).encode())
            with contextlib.suppress(ConnectionError):
                while data := await loop.sock_recv(sock, CONSOLE_BYTES_PER_S // 10):
                    self.taken += len(data)
                    await asyncio.sleep(0.1)
        self.ended = True


UPGRADE: Final = (
    "GET /api/v1/stream HTTP/1.1",
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


# --- the cases ---


@dataclass(slots=True)
class Rig:
    """All that presses, looks and counts."""

    system: System
    size: Size
    password: str
    presses: Presses
    screen: Screen
    http_port: int
    figures: dict[str, Any] = field(default_factory=dict)
    slow: list["SlowConsole"] = field(default_factory=list)
    slow_tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def count(self, name: str, *, labels: str = "") -> int:
        """A number of ``/metrics``, all its reasons together."""
        told = await asyncio.to_thread(self.system.metrics)
        return int(sum(n for key, n in told.items() if key.startswith(name) and labels in key))

    async def case(self, name: str, work: Coroutine[Any, Any, Any]) -> Any:
        """Press while it lasts; the alarms' figure is ``NAME_alarm_p99_ms``."""
        pids = {"hub": self.system.hub_pid(), "broker": self.system.pid_of("nats-server")}
        begun_s, used = time.monotonic(), {who: cpu_s(pid) for who, pid in pids.items()}
        waited_ms, told = await self.presses.during(work)
        for who, pid in pids.items():
            share = (cpu_s(pid) - used[who]) / (time.monotonic() - begun_s)
            self.figures[f"{name}_{who}_cores"] = round(share, 2)
        self.figures[f"{name}_alarm_p50_ms"] = round(percentile(waited_ms, 0.5), 2)
        self.figures[f"{name}_alarm_p99_ms"] = round(percentile(waited_ms, 0.99), 2)
        return told

    async def history_waits(self, *, at_most: int) -> None:
        """Until no more rows than these wait for the disk."""
        while True:
            if await self.count("yihu_history_rows_waiting") <= at_most:
                return
            await asyncio.sleep(LOOK_S)

    async def settled(self, name: str) -> int:
        """A number of ``/metrics``, once it stays the same."""
        while True:
            before = await self.count(name)
            await asyncio.sleep(SETTLE_S)
            if await self.count(name) == before:
                return before

    def end(self, load: "subprocess.Popen[str]") -> list[str]:
        """Tell it to end, and read what it has to say."""
        assert load.stdin is not None
        assert load.stdout is not None
        load.stdin.close()
        return load.stdout.read().splitlines()

    def flood(self, per_s: int) -> "contextlib.AbstractContextManager[subprocess.Popen[str]]":
        """Positions of those on duty, by one connection."""
        return program(
            "bench.flood", str(self.system.mqtt_port), self.password, str(self.size.on_duty),
            str(per_s), "on",
        )  # fmt: skip


async def flooding_radio(rig: Rig) -> None:
    """One sends 1,000 a second; its neighbours one a second each, and all of that is taken."""
    size, port = rig.size, str(rig.system.mqtt_port)
    too_fast = 'reason="too_fast"'
    taken = await rig.count("yihu_positions_taken_total")
    thinned = await rig.count("yihu_positions_shed_at_door_total", labels=too_fast)
    flooder, first = f"w{size.units - 1:04d}", 1
    with program("bench.overload_ends", "fast", port, flooder, str(FAST_PER_S)) as load:
        await asyncio.sleep(SETTLE_S)
        sent = await rig.case("flood", _neighbours(rig, first))
        said = json.loads((await asyncio.to_thread(rig.end, load))[-1])["sent"]
    await asyncio.sleep(SETTLE_S)  # what is on its way
    thinned = await rig.count("yihu_positions_shed_at_door_total", labels=too_fast) - thinned
    taken = await rig.count("yihu_positions_taken_total") - taken
    of_flooder = said - thinned
    rig.figures |= {
        "flood_sent": said,
        "flood_taken": of_flooder,
        "flood_neighbours_lost": sent - (taken - of_flooder),
    }


async def _neighbours(rig: Rig, first: int) -> int:
    """A fix a second of each, over one connection."""
    _, writer = await asyncio.open_connection("127.0.0.1", rig.system.mqtt_port)
    writer.write(connect("bench-neighbours", rig.password, user="yihu_alarms"))
    await writer.drain()
    await asyncio.sleep(0.2)
    sent, until_s = 0, time.monotonic() + rig.size.case_s
    while time.monotonic() < until_s:
        for number in range(first, first + rig.size.neighbours):
            lon, lat = place(number + sent, rig.size.on_duty)
            fix = b'{"t":%d,"lon":%.6f,"lat":%.6f}' % (time.time_ns() // 10**6, lon, lat)
            writer.write(publish(f"patrol/{WALKING}/w{number:04d}/position", fix))
            sent += 1
        await asyncio.sleep(1.0)
    writer.close()
    return sent


async def bad_times(rig: Rig) -> None:
    """Fixes of tomorrow, of last week, twice and in no order."""
    dropped = "yihu_positions_dropped_total"
    before = await rig.count(dropped)
    radio = f"w{rig.size.units - 2:04d}"
    with program(
        "bench.overload_ends", "times", str(rig.system.mqtt_port), radio, str(ODD_PER_S)
    ) as load:
        await rig.case("bad_times", asyncio.sleep(rig.size.case_s))
        await asyncio.to_thread(rig.end, load)
    await asyncio.sleep(SETTLE_S)
    rig.figures["bad_times_refused"] = await rig.count(dropped) - before


async def slow_consoles(rig: Rig) -> None:
    """They come, and stay on through the next cases for as long as they may."""
    who = await asyncio.to_thread(rig.system.person, "slow")
    rig.slow += [SlowConsole() for _ in range(SLOW_CONSOLES)]
    rig.slow_tasks += [asyncio.create_task(each.watch(rig.http_port, who)) for each in rig.slow]
    with rig.flood(rig.size.paced_per_s) as load:
        await rig.case("slow_console", asyncio.sleep(rig.size.case_s))
        await asyncio.to_thread(rig.end, load)


async def slow_consoles_gone(rig: Rig) -> None:
    """They were let go meanwhile."""
    with contextlib.suppress(TimeoutError):
        await until(lambda: all(each.ended for each in rig.slow), CUT_OFF_S)
    rig.figures |= {
        "slow_consoles_let_go": await rig.count("yihu_console_cut_off_total"),
        "slow_console_bytes": round(sum(each.taken for each in rig.slow) / len(rig.slow)),
    }


async def until(true: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Look now and then: what is waited for tells nobody. Raises TimeoutError."""
    until_s = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > until_s:
            raise TimeoutError
        await asyncio.sleep(LOOK_S)


async def stalled_disk(rig: Rig) -> None:
    """Nobody can write the history of today; then all of it is written after all."""
    with rig.flood(rig.size.paced_per_s) as load:
        await asyncio.sleep(SETTLE_S)
        waiting = await rig.case("stalled", _held(rig))
        begun_s = time.monotonic()
        await rig.history_waits(at_most=rig.size.paced_per_s)
        rig.figures["stalled_caught_up_s"] = round(time.monotonic() - begun_s, 2)
        await asyncio.to_thread(rig.end, load)
    await rig.history_waits(at_most=0)
    await asyncio.sleep(SETTLE_S)
    shed = await rig.count("yihu_history_shed_total")
    taken = await rig.count("yihu_positions_taken_total")
    rig.figures |= {
        "stalled_waiting_max": waiting,
        "stalled_shed": shed,
        "stalled_lost": taken - shed - await asyncio.to_thread(on_disk, rig.system),
        "stalls_told": await rig.count("yihu_history_stalls_total"),
    }


async def _held(rig: Rig) -> int:
    """Hold a lock on every day there is; gives back how many rows waited in the end."""
    files = sorted((rig.system.data_dir / "history").glob("*.db"))
    holders = [sqlite3.connect(file, isolation_level=None, timeout=10) for file in files]
    for holder in holders:
        holder.execute("BEGIN EXCLUSIVE")
    try:
        await asyncio.sleep(rig.size.stall_s)
        return await rig.count("yihu_history_rows_waiting")
    finally:
        for holder in holders:
            holder.execute("ROLLBACK")
            holder.close()


def on_disk(system: System) -> int:
    """Fixes in the history, by its own files."""
    rows = 0
    for file in sorted((system.data_dir / "history").glob("*.db")):
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as day:
            [(found,)] = day.execute("SELECT sum(rows) FROM blocks WHERE hour != ?", (NEWEST,))
            rows += found or 0
    return rows


async def joining(rig: Rig) -> None:
    """A district comes back, each radio over a connection of its own."""
    size, port = rig.size, str(rig.system.mqtt_port)
    on_duty = await rig.count("yihu_units_on_duty")
    with (
        rig.flood(size.paced_per_s) as load,
        program(
            "bench.overload_ends",
            "join",
            port,
            str(size.first_joining),
            str(size.joining),
            str(size.join_s),
        ) as ends,
    ):
        assert ends.stdout is not None
        line = ends.stdout.readline
        await rig.case("joining", asyncio.to_thread(line))
        more = await rig.count("yihu_units_on_duty") - on_duty
        told = json.loads((await asyncio.to_thread(rig.end, ends))[-1])
        await asyncio.to_thread(rig.end, load)
    rig.figures |= {
        "joined": told["joined"],
        "joined_on_duty": more,
        "joining_refused": told["refused"],
        "joining_s": round(told["took_s"], 1),
        "joining_p99_s": round(told["p99_s"], 3),
    }


async def overload(rig: Rig) -> None:
    """More than is borne; each radio's newest survives, and all is quiet soon after."""
    size = rig.size
    heard = await rig.settled("yihu_positions_heard_total")
    before = await rig.count("yihu_positions_shed_total")
    begun_s = time.monotonic()
    with rig.flood(size.flood_per_s) as load:
        await rig.case("overload", asyncio.sleep(size.flood_s))
        sent_text, ended_text, *_ = await asyncio.to_thread(rig.end, load)
    sent, ended_s = int(sent_text), float(ended_text)
    radios, places = last_places(sent, size.on_duty)
    with contextlib.suppress(TimeoutError):
        await until(lambda: not rig.screen.lost(radios, places)[0], RECOVERED_TIMEOUT_S)
    lost, last_s = rig.screen.lost(radios, places)
    handled = await rig.settled("yihu_positions_heard_total") - heard
    shed = await rig.count("yihu_positions_shed_total") - before
    took_s = ended_s - begun_s
    rig.figures |= {
        "overload_offered_per_s": round(sent / took_s),
        "overload_handled_per_s": round(handled / took_s),
        "overload_shed": shed,
        "overload_unaccounted": sent - handled - shed,
        "overload_lost_newest": lost,
        "overload_told_to_pages": rig.screen.shed,
        "recovered_s": round(max(0.0, last_s - ended_s), 3),
    }


def last_places(sent: int, units: int) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Where each radio of a flood said last that it is."""
    last = range(max(0, sent - units), sent)
    radios = [f"w{number % units:04d}" for number in last]
    lonlat = [[round(float(f"{each:.6f}") * 1e7) for each in place(n, units)] for n in last]
    return radios, np.array(lonlat, np.int64)


# --- all of it ---


@asynccontextmanager
async def handsets(system: System, town: Town, awaited: Awaited) -> AsyncIterator[list[Handset]]:
    """Those that press and can be called."""
    chance = random.Random(7)
    made = [Handset(radio, chance, awaited.came) for radio in town.called[:HANDSETS]]
    for radio in made:
        await asyncio.wait_for(radio.open(system.mqtt_port), 30)
    await asyncio.sleep(SETTLE_S)
    for radio in made:
        radio.stand()
    try:
        yield made
    finally:
        for radio in made:
            radio.close()


CASES: Final[tuple[Callable[[Rig], Awaitable[None]], ...]] = (
    slow_consoles,
    stalled_disk,
    flooding_radio,
    bad_times,
    slow_consoles_gone,
    joining,
    overload,
)


async def run(folder: Path, size: Size) -> dict[str, Any]:
    """One case after the other; the figures."""
    town = build_town(folder / "town", called=CALLED, walking=size.units)
    enroll(folder, town, size)
    with running_yihu(folder, *town.arguments, wait=False) as system:
        system.wait_ready(timeout_s=READY_TIMEOUT_S)
        password = json.loads((system.data_dir / "broker-secrets.json").read_text())["hub_password"]
        awaited, screen = Awaited(), Screen()
        watching = asyncio.create_task(screen.watch(system))
        async with handsets(system, town, awaited) as made:
            rig = Rig(
                system, size, password, Presses(made, awaited), screen, system.http_port,
                {"units": size.units, "start_mb": round(memory_mb(system.hub_pid()), 1)},
            )  # fmt: skip
            await rig.presses.during(asyncio.sleep(WARM_S))
            await rig.case("idle", asyncio.sleep(size.case_s))
            for case in CASES:
                await case(rig)
            rig.figures["peak_mb"] = round(memory_mb(system.hub_pid(), "VmHWM"), 1)
        for task in (watching, *rig.slow_tasks):
            task.cancel()
        await asyncio.gather(watching, *rig.slow_tasks, return_exceptions=True)
        return rig.figures


def main() -> None:
    """Print what was measured."""
    options = arguments("alarms under bad input and overload")
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = asyncio.run(run(Path(folder), SMALL if options.small else Size()))
    report("bad input and overload", figures, as_json=options.json)


if __name__ == "__main__":
    main()
