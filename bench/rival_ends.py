"""The ends of what bench/rivals.py measures: who sends and who counts, each in its own process.

    python -m bench.rival_ends cot PORT UNITS RATE_PER_S     positions as CoT events over TCP
    python -m bench.rival_ends hear-cot PORT                 counts the events of a CoT server
    python -m bench.rival_ends hear-websocket URL HEADERS    counts the messages of a WebSocket

The sender says ``walking``, sends until its input ends (RATE 0: as fast as they are taken),
and says how many it sent. A hearer says ``ready``, then, for every line of its input, how
many have come. The positions are those of bench/flood.py, word for word in CoT's words; what
a server does with them is none of this file's business.
"""

import asyncio
import contextlib
import datetime
import json
import math
import socket
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Final

from websockets.asyncio.client import connect

from bench.flood import CENTRE, ROUND_DEG, radios

STEP_S: Final = 0.01
PIECE: Final = 50
"""Events joined for one send."""
STALE_S: Final = 600
"""Above any run, so that nobody grows stale within one."""
UNKNOWN: Final = "9999999.0"
"""What CoT writes for an unknown height or height error (MITRE, Cursor on Target, Event.xsd)."""
LINGER_S: Final = 120.0
"""Above what a server takes to read what lies in its socket, however slow it is."""
END_OF_EVENT: Final = b"</event>"
READ_BYTES: Final = 2**18

EVENT: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<event version="2.0" uid="{uid}" type="a-f-G-U-C" how="m-g" '
    'time="{at}" start="{at}" stale="{stale}">'
    '<point lat="{lat:.6f}" lon="{lon:.6f}" hae="' + UNKNOWN + '" ce="8.0" le="' + UNKNOWN + '"/>'
    '<detail><track course="90.0" speed="1.2"/><status battery="77"/></detail></event>'
)
"""A declaration before each event, as the handsets of this world send it."""


def _utc(at_s: float) -> str:
    at = datetime.datetime.fromtimestamp(at_s, datetime.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1_000:03d}Z"


def position_events(first: int, count: int, names: list[str], now_s: float) -> bytes:
    """``count`` positions from the ``first`` on, the units in turn, all of this moment."""
    at, stale, units = _utc(now_s), _utc(now_s + STALE_S), len(names)
    said = []
    for number in range(first, first + count):
        angle = 2 * math.pi * (number % units) / units + number / units / 500
        said.append(
            EVENT.format(
                uid=names[number % units],
                at=at,
                stale=stale,
                lon=CENTRE[0] + ROUND_DEG * math.cos(angle),
                lat=CENTRE[1] + ROUND_DEG * math.sin(angle),
            )
        )
    return "".join(said).encode()


class EventCount:
    """Events in a stream that is cut anywhere."""

    def __init__(self) -> None:
        self.events = 0
        self._tail = b""

    def feed(self, data: bytes) -> None:
        """Count the ends of events, also one that came in two pieces."""
        data = self._tail + data
        self.events += data.count(END_OF_EVENT)
        # One byte less than the mark: too short to be counted again.
        self._tail = data[-len(END_OF_EVENT) + 1 :]


def send_cot(port: int, units: int, rate: float) -> None:
    """Send until the input ends, say how many, and stay until the server has read them."""
    names, stop = radios(units), threading.Event()

    def hear() -> None:
        sys.stdin.read()
        stop.set()

    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        drain = threading.Thread(target=_drain, args=(sock,), daemon=True)
        drain.start()
        threading.Thread(target=hear, daemon=True).start()
        print("walking", flush=True)
        begun_s, sent = time.perf_counter(), 0
        while not stop.is_set():
            due = int((time.perf_counter() - begun_s) * rate) - sent if rate else PIECE
            for done in range(0, due, PIECE):
                some = min(PIECE, due - done)
                sock.sendall(position_events(sent, some, names, time.time()))
                sent += some
            if rate:
                time.sleep(STEP_S)
        print(sent, flush=True)
        # To hang up at once could break what the server has yet to read; it closes when it has.
        sock.shutdown(socket.SHUT_WR)
        drain.join(LINGER_S)


def _drain(sock: socket.socket) -> None:
    """What a server sends back would otherwise fill the way, or break it when we hang up."""
    with contextlib.suppress(OSError):
        while sock.recv(READ_BYTES):
            pass


async def hear_cot(port: int) -> None:
    """Another client of the server, until the input ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = EventCount()

    async def listen() -> None:
        while data := await reader.read(READ_BYTES):
            count.feed(data)

    await _answer(listen(), lambda: count.events)
    writer.close()


async def hear_websocket(url: str, headers: dict[str, str]) -> None:
    """A page that counts and forgets, until the input ends."""
    heard = 0

    async def listen() -> None:
        nonlocal heard
        async for _ in socket_:
            heard += 1

    async with connect(url, additional_headers=headers, max_size=None) as socket_:
        await _answer(listen(), lambda: heard)


async def _answer(listening: Coroutine[None, None, None], heard: Callable[[], int]) -> None:
    """Listen, and answer each line of the input with a number; ends with the input."""
    task = asyncio.create_task(listening)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print("ready", flush=True)
    while await lines.readline():
        print(heard(), flush=True)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["cot", port, units, rate]:
            send_cot(int(port), int(units), float(rate))
        case ["hear-cot", port]:
            asyncio.run(hear_cot(int(port)))
        case ["hear-websocket", url, headers]:
            asyncio.run(hear_websocket(url, json.loads(headers)))
        case other:
            sys.exit(f"no such end: {' '.join(other)}")
