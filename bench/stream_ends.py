"""The ends of the stream that bench/stream.py measures, each in a process of its own.

    python -m bench.stream_ends ours UNITS PER_S      the console, its units on the move
    python -m bench.stream_ends floor UNITS PER_S     websockets' broadcast of a ready frame
    python -m bench.stream_ends readers PORT COUNT same|own    pages that count and forget

A server prints its port. Readers print ``ready``, then for every line on their input how
many position frames came so far. All end with their input.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from websockets.asyncio.server import ServerConnection, broadcast, serve

from console.api import make_app, make_feeds
from console.serve import Door
from console.wire import FRAME_HEAD, FRAME_RECORD_SIZE
from dispatch.clock import HubClock
from dispatch.ids import UnitId
from dispatch.logs import configure_logs
from tests.console.builders import FakeHub, hub, radio, settings_of_a_hub
from tests.console.server import FakeArchive, FakeGate, FakeShell

BATCH_S: Final = 0.02
"""How often the position lane hands over what it has read."""
ACROSS_DEG: Final = 0.05
"""The district is a square of five kilometres, and every view shows all of it."""
WEST, SOUTH = 120.0, 30.0
BATCHES_LATE_MAX: Final = 5
"""A server that has no time left moves nobody more than it would have."""
PAGE: Final = (
    "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
BINARY: Final = 0x82
"""First byte of a whole binary message (RFC 6455, 5.2)."""
PING: Final = 0x89
PONG: Final = bytes((0x8A, 0x80, 0, 0, 0, 0))
"""Of nothing, masked with zeros, as a client must."""
READ_BYTES: Final = 2**20


class Walk:
    """Moves all units ``per_s`` times a second, a few each time it is asked."""

    def __init__(self, full: FakeHub, units: int, per_s: float) -> None:
        self._columns = full.live.columns
        self._rows = np.array([full.live.row_of(UnitId(name_of(n))) for n in range(units)])
        self._chance = np.random.default_rng(4)
        self._per_batch = max(1, round(units * per_s * BATCH_S))
        self._at = 0
        place = self._chance.random((2, units)) * ACROSS_DEG
        self._lon, self._lat = WEST + place[0], SOUTH + place[1]
        self.step(HubClock().now(), units)

    def step(self, now: int, count: int | None = None) -> npt.NDArray[np.int32]:
        """The next units go on; gives back their rows."""
        count = self._per_batch if count is None else count
        which = (self._at + np.arange(count)) % len(self._rows)
        self._at = int(which[-1]) + 1
        self._lon[which] += self._chance.normal(0, 1e-5, count)
        rows = self._rows[which]
        self._columns.update_batch(rows, np.full(count, now), self._lon[which], self._lat[which])
        return rows.astype(np.int32)


def name_of(number: int) -> str:
    """A radio's name."""
    return f"u{number:06d}"


def district(units: int) -> FakeHub:
    """A hub with so many units on duty."""
    return hub(radios=[radio(name_of(n)) for n in range(units)])


async def ours(units: int, per_s: float) -> None:
    """The console as it is, over a hub whose units walk."""
    configure_logs(level="error")  # a line for every page would fill nobody's pipe
    full, clock = district(units), HubClock()
    feeds = make_feeds(
        hub=full,
        settings=settings_of_a_hub(),
        clock=clock,
        present=lambda _: None,
        counters={},
        version="0",
        demo=False,
    )
    app = make_app(
        feeds=feeds,
        gate=FakeGate(),
        archive=FakeArchive(),
        ask=FakeShell().ask,
        counters=dict,
        ready=lambda: True,
        static_dir=Path(os.devnull),
    )
    door = Door(app)
    print(await door.open("127.0.0.1", 0), flush=True)
    walk = Walk(full, units, per_s)

    def move() -> None:
        feeds.moved(walk.step(clock.now()))

    await _every(BATCH_S, move)
    await door.close()


async def floor(units: int, per_s: float) -> None:
    """Broadcasts the same ready bytes, as many as a frame of all units has, ``per_s`` a second."""
    frame = FRAME_HEAD.pack(0, 0, 0, units, 0.0) + bytes(units * FRAME_RECORD_SIZE)
    connections: set[ServerConnection] = set()

    async def take(connection: ServerConnection) -> None:
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    async with serve(take, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await _every(1.0 / per_s, lambda: broadcast(connections, frame))


async def _every(period_s: float, act: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(sys.stdin, ended.set)
    due_s = loop.time()
    while not ended.is_set():
        act()
        due_s = max(due_s + period_s, loop.time() - BATCHES_LATE_MAX * period_s)
        await asyncio.sleep(max(0.0, due_s - loop.time()))


class Reader(asyncio.BufferedProtocol):
    """A page that counts whole binary messages and forgets what is in them."""

    room = bytearray(READ_BYTES)
    """One for all: nothing is kept in it."""
    frames = 0
    size = 0
    opened = 0

    def __init__(self, view: bytes) -> None:
        self._view = view
        self._head = b""
        self._skip = 0
        self._upgraded = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(PAGE.encode())
        transport.write(self._view)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where to put what comes."""
        del sizehint  # there is room for more
        return Reader.room

    def buffer_updated(self, nbytes: int) -> None:
        """Step from message to message."""
        Reader.size += nbytes
        if self._skip >= nbytes:
            self._skip -= nbytes
            return
        data = self._head + Reader.room[self._skip : nbytes]
        self._skip = 0
        if not self._upgraded:
            answer, blank, data = data.partition(b"\r\n\r\n")
            if not blank:
                self._head = answer
                return
            self._upgraded = True
            Reader.opened += 1
        self._step(data)

    def _step(self, data: "bytes | bytearray") -> None:
        at = 0
        while len(data) - at >= 2:
            size, head = data[at + 1] & 127, 2
            if size >= 126:
                head = 4 if size == 126 else 10
                if len(data) - at < head:
                    break
                size = int.from_bytes(data[at + 2 : at + head], "big")
            Reader.frames += data[at] == BINARY
            if data[at] == PING and self._transport is not None:
                self._transport.write(PONG)
            at += head + size
        self._head = b"" if at >= len(data) else bytes(data[at:])
        self._skip = max(0, at - len(data))


def view_message(number: int, own: bool) -> bytes:
    """What a page says its map shows; masked with zeros, as a client must (RFC 6455, 5.3)."""
    by = 1e-6 * (number if own else 0)
    box = [WEST - 1 - by, SOUTH - 1 - by, WEST + 1 + by, SOUTH + 1 + by]
    said = f'{{"type":"view","bbox":{box}}}'.encode()
    assert len(said) < 126
    return bytes((0x81, 0x80 | len(said), 0, 0, 0, 0)) + said


async def readers(port: int, count: int, own: bool) -> None:
    """Open them all, then answer every line with the frames that came."""
    loop = asyncio.get_running_loop()
    for number in range(count):
        view = view_message(number, own)
        await loop.create_connection(partial(Reader, view), "127.0.0.1", port)
    while Reader.opened < count:  # noqa: ASYNC110  # a count, not an event
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    asked = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), sys.stdin)
    while await asked.readline():
        print(Reader.frames, Reader.size, flush=True)


def main() -> None:
    """One of the ends."""
    role, first, second = sys.argv[1:4]
    if role == "readers":
        asyncio.run(readers(int(first), int(second), sys.argv[4] == "own"))
    else:
        asyncio.run({"ours": ours, "floor": floor}[role](int(first), float(second)))


if __name__ == "__main__":
    main()
