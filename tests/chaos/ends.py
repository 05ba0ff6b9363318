"""Those who ask too much, each kind in a process of its own, so that only what they load is loaded.

    python -m tests.chaos.ends flood PORT COMMUNITY RADIO PER_S position|press|noise|presses
    python -m tests.chaos.ends idle PORT COUNT

Each says ``ready`` once it is at work, and ends with its standard input. A flood goes on through
lost connections, as the broken thing would that it stands for.
"""

import asyncio
import json
import resource
import secrets
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from bench.packets import connect, publish, publish_once
from bench.town import secret_of

TICK_S: Final = 0.01
RECONNECT_S: Final = 0.5
SPARE_FILES: Final = 64
"""Descriptors a process needs besides its connections."""
CENTRE: Final = (112.93, 28.2)
BUFFERED_MAX: Final = 4 * 1024 * 1024
"""Not yet taken by the broker; beyond it a tick is left out, or the flood would fill its own
memory instead of anybody's line."""


def messages(community: str, radio: str, what: str) -> Iterator[bytes]:
    """Packets without end."""
    alarm = f"patrol/{community}/{radio}/alarm"
    where = f"patrol/{community}/{radio}/position"
    boot, number = secrets.token_hex(8), 0
    while True:
        number += 1
        now_ms = time.time_ns() // 10**6
        packet = number % 65535 + 1
        match what:
            case "position":
                lon = CENTRE[0] + number % 100 * 1e-6
                yield publish(where, b'{"t":%d,"lon":%.6f,"lat":28.2}' % (now_ms, lon))
            case "noise":
                yield publish_once(alarm, secrets.token_bytes(40), packet)
            case "press":
                yield publish_once(alarm, _press(boot, 1, 0), packet)
            case _:
                yield publish_once(alarm, _press(boot, number, now_ms), packet)


def _press(boot: str, number: int, now_ms: int) -> bytes:
    return json.dumps({"press": f"{boot}:{number}", "t": now_ms, "kind": "sos"}).encode()


async def flood(port: int, community: str, radio: str, per_s: float, what: str) -> None:
    """At this rate, over one connection after the other."""
    packets = messages(community, radio, what)
    print("ready", flush=True)
    while True:
        with suppress(OSError, EOFError, ConnectionError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(connect(radio, secret_of(radio)))
                answer = await reader.readexactly(4)
                if answer[3]:
                    raise ConnectionError(f"refused: {answer[3]}")
                await _pour(reader, writer, packets, per_s)
            finally:
                writer.close()
        await asyncio.sleep(RECONNECT_S)


async def _pour(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    packets: Iterator[bytes],
    per_s: float,
) -> None:
    """Until the connection is lost."""
    draining = asyncio.create_task(_drain(reader))
    begun_s, sent = time.monotonic(), 0
    try:
        while not draining.done():
            due = int((time.monotonic() - begun_s) * per_s)
            if writer.transport.get_write_buffer_size() < BUFFERED_MAX:
                writer.write(b"".join(next(packets) for _ in range(due - sent)))
            sent = due
            await asyncio.sleep(TICK_S)
    finally:
        draining.cancel()


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass


async def idle(port: int, count: int) -> None:
    """Open them all and say nothing; who is cut off stays away."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE_FILES
    if hard < wanted:
        raise SystemExit(f"only {hard} files may be open here, {wanted} are needed: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    loop = asyncio.get_running_loop()
    held = []
    for _ in range(count):
        sock = socket.socket()
        sock.setblocking(False)
        held.append(sock)
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await loop.sock_connect(sock, ("127.0.0.1", port))
    print("ready", flush=True)
    await asyncio.Event().wait()


async def main(how: str, *arguments: str) -> None:
    """Until the input ends."""
    if how == "flood":
        port, community, radio, per_s, what = arguments
        work = flood(int(port), community, radio, float(per_s), what)
    else:
        port, count = arguments
        work = idle(int(port), int(count))
    working = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    ended = loop.run_in_executor(None, sys.stdin.read)
    await asyncio.wait({working, ended}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
    working.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *sys.argv[2:]))
