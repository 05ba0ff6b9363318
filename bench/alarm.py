"""How long from the press: to ``stored``, to the frame on 50 consoles, to the order on a radio.

    python -m bench.alarm [--json] [--small] [--rate POSITIONS_PER_S] [--presses N]

A whole Yihu in its own processes, a community of 1,000 units of which 200 are on duty;
radios and consoles are hand-made connections over loopback, so that the figures hold
little of their cost. The floor is the 40 lines of bench/floors.py on the same broker,
in the same run, pressed in turn with the hub. Idle, then with positions at the rate.
Then 200 radios press at once: from the first press sent until the last has heard ``stored``,
the floor as often just before by 200 connections of the same process. ``frame``: the first
one with the alarm in it, at the last of the consoles.
"""

import argparse
import asyncio
import contextlib
import json
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench.floors import PRESS_TOPIC, REPLY_TOPIC, USER
from bench.handset import Handset, Line, open_line
from bench.rig import arguments, cpu_s, percentile, report
from bench.town import Town, build_town
from tests.system import System, running_yihu

UNITS: Final = 1_000
RADIOS: Final = 200
"""Of the units, those that are on duty; in a burst all of them press."""
SCREENS: Final = 50
WALKERS: Final = 5_000
POSITIONS_PER_S: Final = 20_000
PRESSES: Final = 150
"""Idle and again loaded: with the bursts two minutes on a quiet machine."""
BURSTS: Final = 3
CLOSES_AT_ONCE: Final = 10
ANSWER_TIMEOUT_S: Final = 30.0
FRESH_EVERY_S: Final = 10.0
"""Soon enough that fixes which came before their radio counted as on duty cost one try."""
LOOKS_QUIET: Final = 2
"""Seconds without anything open, after which all of a burst is decided and closed."""
QUIET_S: Final = 0.1
"""After a close, for the recalled to confirm: what is measured is one press, not a crowd."""

now = time.monotonic


class Awaited:
    """Moments that are waited for by name."""

    def __init__(self) -> None:
        self._came: dict[str, asyncio.Future[float]] = {}
        self.every: dict[str, list[float]] = {"order": []}
        """Of these each one, until somebody clears them."""

    def expect(self, *names: str) -> None:
        """From here on these are looked for."""
        loop = asyncio.get_running_loop()
        for name in names:
            self._came[name] = loop.create_future()

    def came(self, name: str, at: float | None = None) -> None:
        """It happened (now), if anybody waits for it for the first time."""
        if name in self.every:
            self.every[name].append(now())
        future = self._came.get(name)
        if future is not None and not future.done():
            future.set_result(now() if at is None else at)

    async def when(self, name: str) -> float:
        """The moment. Raises TimeoutError."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await self._came[name]
        except TimeoutError as exc:
            raise TimeoutError(f"{name} never came") from exc


@contextmanager
def program(*argv: str) -> Iterator["subprocess.Popen[str]"]:
    """A helper of ours that says one line when it is ready and ends with its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise RuntimeError(f"{argv[0]} did not start")
        yield process
    finally:
        process.stdin.close()
        process.wait(30)


@asynccontextmanager
async def handsets(system: System, town: Town, awaited: Awaited) -> AsyncIterator[list[Handset]]:
    """All that can be called, on duty and with a fix, kept fresh."""
    chance = random.Random(7)
    made = [Handset(radio, chance, awaited.came) for radio in town.called[:RADIOS]]
    for radio in made:
        await asyncio.wait_for(radio.open(system.mqtt_port), ANSWER_TIMEOUT_S)
    await asyncio.sleep(3)  # a fix counts once its radio is on duty
    fresh = asyncio.create_task(_keep_fresh(made))
    await asyncio.sleep(1)
    try:
        yield made
    finally:
        fresh.cancel()
        await asyncio.gather(fresh, return_exceptions=True)
        for radio in made:
            radio.close()


async def _keep_fresh(made: list[Handset]) -> None:
    while True:
        for radio in made:
            radio.stand()
        await asyncio.sleep(FRESH_EVERY_S)


class Screens:
    """The consoles of bench/screens.py, asked for one alarm after the other."""

    def __init__(self, process: "subprocess.Popen[str]", awaited: Awaited) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._ask, self._answers = process.stdin, process.stdout
        self._awaited = awaited
        asyncio.get_running_loop().add_reader(self._answers, self._hear)

    def expect(self, alarm: str) -> None:
        """Look for the frame with it, as ``frame:ALARM``."""
        self._awaited.expect("frame:" + alarm)
        self._ask.write(alarm + "\n")
        self._ask.flush()

    def close(self) -> None:
        """Hear no more."""
        asyncio.get_running_loop().remove_reader(self._answers)

    def _hear(self) -> None:
        alarm, _, at = self._answers.readline().partition(" ")
        if at:
            self._awaited.came("frame:" + alarm, float(at))


class Floor:
    """Presses that the smallest program answers, each by the next of its lines."""

    def __init__(self, password: str, awaited: Awaited) -> None:
        self._awaited = awaited
        self._lines = [
            Line(f"floor-{n}", password, f"{REPLY_TOPIC}/{n}", self._hear, user=USER)
            for n in range(RADIOS)
        ]
        self._presses = 0

    async def open(self, port: int) -> None:
        """Connect them all. Raises ConnectionError where one is refused."""
        for line in self._lines:
            await open_line(line, port)

    def close(self) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()

    def press(self) -> str:
        """Push; gives back the name."""
        number, name = self._presses % len(self._lines), secrets.token_hex(8)
        self._presses += 1
        body = {"press": name, "t": time.time_ns() // 10**6, "kind": "sos", "by": number}
        self._awaited.expect("floor:" + name)
        self._lines[number].say(PRESS_TOPIC, json.dumps(body).encode(), qos=1)
        return "floor:" + name

    def _hear(self, _topic: str, data: bytes) -> None:
        self._awaited.came("floor:" + json.loads(data)["press"])


@dataclass(slots=True)
class Rig:
    """All that a measurement presses and listens to."""

    made: list[Handset]
    floor: Floor
    screens: Screens
    awaited: Awaited
    http: aiohttp.ClientSession
    times: dict[str, list[float]] = field(default_factory=dict)

    @property
    def orders(self) -> list[float]:
        """When each order was heard."""
        return self.awaited.every["order"]

    def took(self, what: str, begun: float, ended: float) -> None:
        """So many milliseconds from one to the other."""
        self.times.setdefault(what, []).append(1000 * (ended - begun))

    def taken(self) -> dict[str, list[float]]:
        """What was measured since the last time."""
        times, self.times = self.times, {}
        return times


async def one_by_one(rig: Rig, count: int) -> None:
    """``count`` presses, each closed before the next, in turn with the floor's."""
    for turn in range(count):
        begun = now()
        rig.took("floor", begun, await rig.awaited.when(rig.floor.press()))
        await _one_press(rig, rig.made[turn % len(rig.made)])
        await asyncio.sleep(QUIET_S)


async def _one_press(rig: Rig, radio: Handset) -> None:
    rig.awaited.expect("order")
    begun = now()
    press = radio.press()
    rig.awaited.expect("stored:" + press)
    rig.took("stored", begun, await rig.awaited.when("stored:" + press))
    rig.screens.expect(radio.alarm(press))
    waits: dict[str, Awaitable[float]] = {
        "order": rig.awaited.when("order"),
        "frame": rig.awaited.when("frame:" + radio.alarm(press)),
    }
    for what, wait in waits.items():
        rig.took(what, begun, await wait)
    called_to = {each.called_to for each in rig.made} - {""}
    await close(rig.http, max(called_to, key=number))  # of an older one an order may come late


async def burst(rig: Rig) -> None:
    """Every radio presses at once, the floor as often before; all is closed in the end."""
    begun = now()
    names = [rig.floor.press() for _ in rig.made]
    rig.took("floor_burst", begun, max([await rig.awaited.when(name) for name in names]))
    begun = now()
    names = ["stored:" + radio.press() for radio in rig.made]
    rig.awaited.expect(*names)
    rig.took("burst", begun, max([await rig.awaited.when(name) for name in names]))
    quiet = 0
    while quiet < LOOKS_QUIET:  # deciding goes on after the last `stored`
        await asyncio.sleep(1)
        quiet = 0 if await _close_all(rig) else quiet + 1


async def _close_all(rig: Rig) -> int:
    """How many were open."""
    async with rig.http.get("/api/v1/snapshot") as answer:
        body = await answer.json()
        assert "incidents" in body, body
        left = [each["id"] for each in body["incidents"] if each.get("closed_t") is None]
    count = len(left)
    while left:
        await asyncio.gather(*(close(rig.http, left.pop()) for _ in left[:CLOSES_AT_ONCE]))
    return count


def number(incident: str) -> int:
    """The last part of its name."""
    return int(incident.rpartition("-")[2])


async def close(http: aiohttp.ClientSession, incident: str) -> None:
    """As an operator does, resolved."""
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    async with http.post(
        f"/api/v1/incidents/{incident}/close", json={"disposition": "resolved"}, headers=headers
    ) as answer:
        assert answer.status == 200, await answer.text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    presses: int
    walkers: int
    rate: int
    units: int = UNITS
    bursts: int = BURSTS


async def run(folder: Path, size: Size) -> dict[str, Any]:
    """Idle, a burst, loaded; the figures."""
    town = build_town(folder / "town", called=size.units, walking=size.walkers)
    with running_yihu(folder, *town.arguments) as system:
        kept = json.loads((system.data_dir / "broker-secrets.json").read_text())
        password, port = kept["hub_password"], str(system.mqtt_port)
        awaited = Awaited()
        floor = Floor(password, awaited)
        await floor.open(system.mqtt_port)
        bench = await asyncio.to_thread(system.person, "bench")
        with (
            program("bench.floors", "reply", port, password, str(folder)),
            program(
                "bench.screens", str(system.http_port), str(SCREENS), json.dumps(bench)
            ) as shown,
        ):
            async with (
                handsets(system, town, awaited) as made,
                aiohttp.ClientSession(system.url, headers=bench) as http,
            ):
                rig = Rig(made, floor, Screens(shown, awaited), awaited, http)
                figures = await _measure(rig, system, size, password)
                rig.screens.close()
        floor.close()
    return figures


async def _measure(rig: Rig, system: System, size: Size, password: str) -> dict[str, Any]:
    hub, port = system.hub_pid(), str(system.mqtt_port)
    await one_by_one(rig, size.presses // 20)  # warm: caches, compiled statements
    rig.taken()
    begun_s = cpu_s(hub)
    await one_by_one(rig, size.presses)
    figures = {
        **_figures(rig.taken(), ""),
        "cpu_ms_per_press": round(1000 * (cpu_s(hub) - begun_s) / size.presses, 2),
    }
    for _ in range(size.bursts):
        await burst(rig)
    figures |= _bursts(rig.taken(), "")
    if size.rate:
        with program("bench.flood", port, password, str(size.walkers), str(size.rate)):
            await asyncio.to_thread(all_walk, system, RADIOS + size.walkers)
            await one_by_one(rig, size.presses // 20)  # warm: what signing on left to be done
            rig.taken()
            before, begun = heard(system), now()
            await one_by_one(rig, size.presses)
            figures["loaded_heard_per_s"] = round((heard(system) - before) / (now() - begun))
            figures |= _figures(rig.taken(), "loaded_")
            for _ in range(size.bursts):
                await burst(rig)
            figures |= _bursts(rig.taken(), "loaded_")
    return {"presses": size.presses, "positions_per_s": size.rate, "screens": SCREENS} | figures


def all_walk(system: System, units: int) -> None:
    """Wait until the hub has heard them all sign on: that goes by the alarm lane."""
    system.until(lambda: system.metrics()["yihu_units_on_duty"] >= units, f"{units} on duty")


def heard(system: System) -> float:
    """Positions that the hub has had from the broker: whether it was loaded as was asked for."""
    return system.metrics()["yihu_positions_heard_total"]


def _figures(times: dict[str, list[float]], prefix: str) -> dict[str, float]:
    figures = {}
    for what, values in times.items():
        figures[f"{prefix}{what}_p50_ms"] = round(percentile(values, 0.5), 3)
        figures[f"{prefix}{what}_p99_ms"] = round(percentile(values, 0.99), 3)
    figures[f"{prefix}stored_p99_to_floor"] = round(
        figures[f"{prefix}stored_p99_ms"] / figures[f"{prefix}floor_p99_ms"], 2
    )
    return figures


def _bursts(times: dict[str, list[float]], prefix: str) -> dict[str, float]:
    """Medians over the bursts."""
    return {
        f"{prefix}{what}_{RADIOS}_ms": round(statistics.median(values), 1)
        for what, values in times.items()
    }


def _own_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=int, help="positions a second while loaded; 0: idle only")
    parser.add_argument("--presses", type=int, help="how many, idle and again loaded")


def main() -> None:
    """Print what was measured."""
    options = arguments("press to stored, to 50 consoles' frame, to an order", _own_options)
    part = 10 if options.small else 1
    rate = POSITIONS_PER_S // part if options.rate is None else options.rate
    size = Size(
        presses=options.presses or PRESSES // part // (3 if options.small else 1),
        walkers=WALKERS // part,
        rate=rate,
        bursts=1 if options.small else BURSTS,
    )
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="yihu-bench-"))
        figures = asyncio.run(run(Path(folder), size))
    report("press to stored, frame, order (milliseconds)", figures, as_json=options.json)


if __name__ == "__main__":
    main()
