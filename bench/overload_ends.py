"""The radios of bench/overload.py, each kind in a process of its own.

    python -m bench.overload_ends join PORT FIRST COUNT SECONDS
    python -m bench.overload_ends fast PORT RADIO PER_S
    python -m bench.overload_ends times PORT RADIO PER_S

``join``: so many radios come within so many seconds, each over a connection of its own with a
last will: it subscribes, says that it is there and on duty, and where it is. Who is refused comes
again as our radios do, each time later and by chance; who is not in after a minute, is not.
``fast``: one that sends far more than any patrol. ``times``: one whose fixes are of tomorrow, of
last week, twice and in no order. Each says ``ready`` first, and in the end, with its input, what
it did as JSON.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Final

from bench.flood import CENTRE, ROUND_DEG
from bench.handset import Line
from bench.rig import percentile
from bench.town import WALKING, secret_of
from devices.mqtt import backoff_s

ANSWER_TIMEOUT_S: Final = 30.0
TICK_S: Final = 0.02
WITHIN_S: Final = 60.0
"""What counts as having joined, from the first radio's first try."""
DAY_MS: Final = 86_400_000
SPREAD_MS: Final = 60_000
"""How far the fixes in no order lie apart."""


def now_ms() -> int:
    """By this machine."""
    return time.time_ns() // 10**6


class Real:
    """A radio with a connection of its own."""

    def __init__(self, name: str) -> None:
        self._topic = f"patrol/{WALKING}/{name}"
        self.line = Line(
            name,
            secret_of(name),
            f"radio/{WALKING}/{name}/+",
            self._hear,
            qos=0,
            will=(f"{self._topic}/status", b'{"link":"offline"}'),
        )
        self.on_duty = asyncio.get_running_loop().create_future()

    async def join(self, port: int) -> None:
        """As docs/wire.md has it. Raises OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            await loop.create_connection(lambda: self.line, "127.0.0.1", port)
            await self.line.up
            self.line.say(f"{self._topic}/status", b'{"link":"online"}', qos=1)
            self.line.say(f"{self._topic}/status", b'{"t":%d,"duty":"on"}' % now_ms(), qos=1)
            await self.on_duty

    def stand(self, t_ms: int, lon: float, lat: float) -> None:
        """Say where it is, or was."""
        fix = b'{"t":%d,"lon":%.6f,"lat":%.6f,"acc":8.0}' % (t_ms, lon, lat)
        self.line.say(f"{self._topic}/position", fix, qos=0)

    def _hear(self, topic: str, data: bytes) -> None:
        if topic.endswith("/config") and not self.on_duty.done():
            self.on_duty.set_result(json.loads(data))


@dataclass(slots=True)
class Joined:
    """How it went."""

    radios: list[Real] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def one(self, name: str, port: int, after_s: float, chance: random.Random) -> None:
        """This radio, after a while; refused, it tries again as radios do."""
        until_s = time.monotonic() + WITHIN_S
        await asyncio.sleep(after_s)
        begun_s = time.monotonic()
        failures = 0
        while time.monotonic() < until_s:
            radio = Real(name)
            try:
                await radio.join(port)
            except (OSError, TimeoutError) as exc:
                self.refused.append(str(exc) or type(exc).__name__)
                radio.line.close()
                failures += 1
                await asyncio.sleep(backoff_s(failures, chance))
                continue
            self.took_s.append(time.monotonic() - begun_s)
            radio.stand(now_ms(), CENTRE[0], CENTRE[1])
            self.radios.append(radio)
            return


async def join(port: int, first: int, count: int, seconds: float) -> dict[str, Any]:
    """All of them; stays until told."""
    joined, chance = Joined(), random.Random(5)
    begun_s = time.monotonic()
    await asyncio.gather(
        *(joined.one(f"w{first + n:04d}", port, seconds * n / count, chance) for n in range(count))
    )
    took_s = time.monotonic() - begun_s
    print("joined", flush=True)
    await told_to_end()
    return {
        "joined": len(joined.radios),
        "refused": len(joined.refused),
        "why": joined.refused[:3],
        "took_s": took_s,
        "p99_s": percentile(joined.took_s or [0.0], 0.99),
    }


async def misbehave(port: int, name: str, per_s: float, how: str) -> dict[str, Any]:
    """Until told."""
    radio = Real(name)
    await radio.join(port)
    chance = random.Random(3)
    done = asyncio.create_task(told_to_end())
    begun_s, begun_ms, sent = time.monotonic(), now_ms(), 0
    while not done.done():
        due = int((time.monotonic() - begun_s) * per_s)
        for number in range(sent, due):
            fast_ms = begun_ms + int(1000 * number / per_s)
            t_ms = fast_ms if how == "fast" else odd_time(number, chance)
            radio.stand(t_ms, CENTRE[0] + ROUND_DEG * chance.random(), CENTRE[1])
        sent = due
        await asyncio.sleep(TICK_S)
    return {"sent": sent}


def odd_time(number: int, chance: random.Random) -> int:
    """One of each in turn: right, tomorrow's, last week's, out of order, twice the same."""
    now = now_ms()
    late = now - chance.randrange(SPREAD_MS)
    return (now, now + DAY_MS, now - 7 * DAY_MS, late, now // 1000 * 1000)[number % 5]


async def told_to_end() -> None:
    """Wait for the end of the input."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def main(how: str, port: int, *rest: str) -> None:
    """One kind of radio."""
    print("ready", flush=True)
    if how == "join":
        first, count, seconds = rest
        told = await join(port, int(first), int(count), float(seconds))
    else:
        name, per_s = rest
        told = await misbehave(port, name, float(per_s), how)
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
