"""Consoles in a process of their own, by hand-made WebSocket frames: when has the last one it?

    python -m bench.screens HTTP_PORT COUNT HEADERS      headers of whoever is logged in, JSON

Says ``watching`` when all are shown the present state. Then it reads names of alarms from
its input, one a line, and answers each with ``NAME SECONDS``: the machine's monotonic
clock when the last console held the frame of the incident with that alarm.
"""

import asyncio
import base64
import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Final

NEEDED: Final = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
TEXT, PING = 1, 9
ALARM_IN_INCIDENT: Final = b'"alarms":[{"id":"'


class Screens:
    """Which alarms how many of them have seen."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._seen: dict[str, list[float]] = {}
        self._asked: set[str] = set()

    def saw(self, alarm: str) -> None:
        """One console has it, now."""
        self._seen.setdefault(alarm, []).append(time.monotonic())
        self._tell(alarm)

    def ask(self, alarm: str) -> None:
        """Somebody wants to know."""
        self._asked.add(alarm)
        self._tell(alarm)

    def _tell(self, alarm: str) -> None:
        seen = self._seen.get(alarm, ())
        if alarm in self._asked and len(seen) >= self._count:
            self._asked.discard(alarm)
            print(alarm, max(seen), flush=True)


class Screen:
    """One console: reads frames as they come and looks for alarms in them."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._known: set[str] = set()

    async def run(self, port: int, headers: Mapping[str, str], ready: asyncio.Event) -> None:
        """Watch until the stream ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**26)
        key = base64.b64encode(os.urandom(16)).decode()
        who = (f"{name}: {value}" for name, value in headers.items())
        lines = ("GET /api/v1/stream HTTP/1.1", f"Host: 127.0.0.1:{port}", *NEEDED, *who)
        writer.write("\r\n".join((*lines, f"Sec-WebSocket-Key: {key}", "", "")).encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            raise ConnectionError(answer.decode())
        while True:
            kind, data = await self._frame(reader)
            if kind == PING:
                writer.write(b"\x8a" + bytes([0x80 | len(data)]) + bytes(4) + data)
            if kind == TEXT and data.startswith(b'{"type":"snapshot"'):
                ready.set()
            elif kind == TEXT:
                self._look(data)

    async def _frame(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        """Kind and content of the next frame (RFC 6455, 5.2); the server never cuts one up."""
        head = await reader.readexactly(2)
        length = head[1]
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await reader.readexactly(8), "big")
        return head[0] & 0x0F, await reader.readexactly(length)

    def _look(self, data: bytes) -> None:
        at = data.find(ALARM_IN_INCIDENT)
        while at >= 0:
            begin = at + len(ALARM_IN_INCIDENT)
            alarm = data[begin : data.index(b'"', begin)].decode()
            if alarm not in self._known:
                self._known.add(alarm)
                self._screens.saw(alarm)
            at = data.find(ALARM_IN_INCIDENT, begin)


async def watch(port: int, count: int, headers: Mapping[str, str]) -> None:
    """All of them, until the input ends."""
    screens = Screens(count)
    readies = [asyncio.Event() for _ in range(count)]
    tasks = [asyncio.create_task(Screen(screens).run(port, headers, ready)) for ready in readies]
    await asyncio.gather(*(ready.wait() for ready in readies))
    print("watching", flush=True)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def hear() -> None:
        line = sys.stdin.readline()
        if not line:
            stop.set()
            loop.remove_reader(sys.stdin)
        elif line.strip():
            screens.ask(line.strip())

    loop.add_reader(sys.stdin, hear)
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(watch(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])))
