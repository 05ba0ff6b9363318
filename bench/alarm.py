"""How long from the press: to ``stored``, to the frame on a console, to the order on a radio.

    python -m bench.alarm [--json] [--small]

A whole Yihu in its own processes; radios and console are real clients over
loopback. The floor is the 40 lines of bench/floors.py on the same broker, in the same run,
pressed in turn with the hub. Idle, then with 2,000 positions a second.
"""

import asyncio
import contextlib
import json
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from websockets.asyncio.client import connect as connect_console

from bench.floors import PRESS_TOPIC, REPLY_TOPIC, USER
from bench.rig import arguments, percentile, report
from bench.town import CALLED, Town, build_town, secret_of
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
from tests.system import System, running_yihu

CALLED_RADIOS: Final = 36
WALKERS: Final = 600
POSITIONS_PER_S: Final = 2_000
PRESSES: Final = 1_000
ANSWER_TIMEOUT_S: Final = 20.0
FRESH_EVERY_S: Final = 30.0
QUIET_S: Final = 0.1
"""After a close, for the recalled to confirm: what is measured is one press, not a crowd."""
CENTRE: Final = (112.93, 28.2)

Clock = Callable[[], float]
now: Clock = time.perf_counter


class Awaited:
    """Moments that are waited for by name."""

    def __init__(self) -> None:
        self._came: dict[str, asyncio.Future[float]] = {}
        self.open: set[str] = set()
        """Incidents that the console shows as open."""

    def expect(self, *names: str) -> None:
        """From here on these are looked for."""
        loop = asyncio.get_running_loop()
        for name in names:
            self._came[name] = loop.create_future()

    def came(self, name: str) -> None:
        """It happened now, if anybody waits for it for the first time."""
        future = self._came.get(name)
        if future is not None and not future.done():
            future.set_result(now())

    async def when(self, name: str) -> float:
        """The moment. Raises TimeoutError."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await self._came[name]


class BenchRadio:
    """A radio that stands still, receives orders, and can press."""

    def __init__(self, radio: str, port: int, awaited: Awaited, chance: random.Random) -> None:
        self.radio = radio
        self.up = asyncio.Event()
        self._awaited = awaited
        angle = chance.random()
        self._place = (CENTRE[0] + 0.002 * (angle - 0.5), CENTRE[1] + 0.002 * chance.random())
        login = Login(
            client_id=radio,
            username=radio,
            password=secret_of(radio),
            filters=((f"radio/{CALLED}/{radio}/+", 1),),
        )
        self.link = MqttLink(
            BrokerAddress(host="127.0.0.1", port=port),
            login,
            on_message=self._hear,
            on_link=lambda why: self.up.set() if not why else None,
            chance=chance,
        )

    def say(self, lane: str, **said: Any) -> None:
        """One message on a lane of its own."""
        topic = f"patrol/{CALLED}/{self.radio}/{lane}"
        body = {"t": time.time_ns() // 10**6, **said}
        self.link.publish(topic, json.dumps(body).encode(), qos=int(lane != "position"))

    def stand(self) -> None:
        """Say where it is."""
        self.say("position", lon=self._place[0], lat=self._place[1], acc=5.0)

    def press(self) -> str:
        """Push the button; gives back the press's name."""
        press = f"{secrets.token_hex(8)}:1"
        fix = {"t": time.time_ns() // 10**6, "lon": self._place[0], "lat": self._place[1]}
        self.say("alarm", press=press, kind="sos", fix=fix)
        return press

    def _hear(self, topic: str, data: bytes, ack: Ack) -> None:
        ack()
        said = json.loads(data)
        match topic.rpartition("/")[2]:
            case "stored":
                self._awaited.came("stored:" + said.get("press", ""))
            case "order" if said["state"] == "offered":
                self._awaited.came("order")
                self.say("status", order=said["order"], state="received")
            case "cancel":
                self.say("status", cancel=said["order"])
            case "seen":
                self.say("status", seen=said["press"])


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
async def radios(system: System, town: Town, awaited: Awaited) -> AsyncIterator[list[BenchRadio]]:
    """All that can be called, on duty and with a fix, kept fresh."""
    chance = random.Random(7)
    made = [BenchRadio(radio, system.mqtt_port, awaited, chance) for radio in town.called]
    tasks = [asyncio.create_task(radio.link.run()) for radio in made]
    for radio in made:
        await asyncio.wait_for(radio.up.wait(), ANSWER_TIMEOUT_S)
        radio.say("status", duty="on")
    await asyncio.sleep(1)
    tasks.append(asyncio.create_task(_keep_fresh(made)))
    await asyncio.sleep(0.5)
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_fresh(made: list[BenchRadio]) -> None:
    while True:
        for radio in made:
            radio.stand()
        await asyncio.sleep(FRESH_EVERY_S)


@asynccontextmanager
async def console(system: System, awaited: Awaited) -> AsyncIterator[None]:
    """A page that looks for one alarm in what it is told."""

    async def listen() -> None:
        url = f"ws://127.0.0.1:{system.http_port}/api/v1/stream?operator=bench"
        async with connect_console(url, max_size=None) as socket:
            async for message in socket:
                if isinstance(message, bytes) or '"change"' not in message[:40]:
                    continue
                change = json.loads(message)
                for incident in change["incidents"]:
                    for alarm in incident["alarms"]:
                        awaited.came("frame:" + alarm["id"])
                    if incident["closed_t"] is None:
                        awaited.open.add(incident["id"])
                    else:
                        awaited.open.discard(incident["id"])
                        awaited.came("closed:" + incident["id"])

    task = asyncio.create_task(listen())
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Floor:
    """Presses that the smallest program answers."""

    def __init__(self, port: int, password: str, awaited: Awaited) -> None:
        self._awaited = awaited
        self.up = asyncio.Event()
        self.link = MqttLink(
            BrokerAddress(host="127.0.0.1", port=port),
            Login(
                client_id="floor-press",
                username=USER,
                password=password,
                filters=((REPLY_TOPIC, 1),),
            ),
            on_message=self._hear,
            on_link=lambda why: self.up.set() if not why else None,
            chance=random.Random(1),
        )

    def press(self) -> str:
        """Push; gives back the name."""
        name = secrets.token_hex(8)
        body = {"press": name, "t": time.time_ns() // 10**6, "kind": "sos"}
        self.link.publish(PRESS_TOPIC, json.dumps(body).encode(), qos=1)
        return name

    def _hear(self, _topic: str, data: bytes, ack: Ack) -> None:
        ack()
        self._awaited.came("floor:" + json.loads(data)["press"])


async def measure(system: System, town: Town, floor: Floor, awaited: Awaited, count: int) -> Any:
    """``count`` presses, each closed before the next; milliseconds by what was waited for."""
    times: dict[str, list[float]] = {"stored": [], "frame": [], "order": [], "floor": []}
    async with (
        radios(system, town, awaited) as made,
        console(system, awaited),
        aiohttp.ClientSession(system.url) as http,
    ):
        for turn in range(count):
            await _one_floor(floor, awaited, times)
            await _one_press(made[turn % len(made)], awaited, times)
            await _close_all(http, awaited)
    return times


async def _one_floor(floor: Floor, awaited: Awaited, times: dict[str, list[float]]) -> None:
    name_came = now()
    name = floor.press()
    awaited.expect("floor:" + name)
    times["floor"].append(1000 * (await awaited.when("floor:" + name) - name_came))


async def _one_press(radio: BenchRadio, awaited: Awaited, times: dict[str, list[float]]) -> None:
    awaited.expect("order")
    begun = now()
    press = radio.press()
    boot, _, counter = press.partition(":")
    alarm = f"{radio.radio}/{boot}/{counter}"
    awaited.expect("stored:" + press, "frame:" + alarm)
    waits: dict[str, Awaitable[float]] = {
        "stored": awaited.when("stored:" + press),
        "frame": awaited.when("frame:" + alarm),
        "order": awaited.when("order"),
    }
    for what, wait in waits.items():
        times[what].append(1000 * (await wait - begun))


async def _close_all(http: aiohttp.ClientSession, awaited: Awaited) -> None:
    for incident in tuple(awaited.open):
        awaited.expect("closed:" + incident)
        headers = {"Idempotency-Key": secrets.token_hex(8), "X-Operator": "bench"}
        async with http.post(
            f"/api/v1/incidents/{incident}/close",
            json={"disposition": "resolved"},
            headers=headers,
        ) as answer:
            assert answer.status == 200, await answer.text()
        await awaited.when("closed:" + incident)
    await asyncio.sleep(QUIET_S)


async def run(folder: Path, *, presses: int, walkers: int, rate: int) -> dict[str, float]:
    """Idle, then loaded; the figures."""
    town = build_town(folder / "town", called=CALLED_RADIOS, walking=walkers)
    with running_yihu(folder, *town.arguments) as system:
        kept = json.loads((system.data_dir / "broker-secrets.json").read_text())
        password = kept["hub_password"]
        awaited = Awaited()
        floor = Floor(system.mqtt_port, password, awaited)
        listening = asyncio.create_task(floor.link.run())
        await asyncio.wait_for(floor.up.wait(), ANSWER_TIMEOUT_S)
        port = str(system.mqtt_port)
        with program("bench.floors", "reply", port, password, str(folder)):
            idle = await measure(system, town, floor, awaited, presses)
            with program("bench.load", port, str(walkers), str(rate)):
                loaded = await measure(system, town, floor, awaited, presses)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return {
        "presses": presses,
        "positions_per_s": rate,
        **_figures(idle, ""),
        **_figures(loaded, "loaded_"),
    }


def _figures(times: dict[str, list[float]], prefix: str) -> dict[str, float]:
    figures = {}
    for what, values in times.items():
        figures[f"{prefix}{what}_p50_ms"] = round(percentile(values, 0.5), 3)
        figures[f"{prefix}{what}_p99_ms"] = round(percentile(values, 0.99), 3)
    figures[f"{prefix}stored_p99_to_floor"] = round(
        figures[f"{prefix}stored_p99_ms"] / figures[f"{prefix}floor_p99_ms"], 2
    )
    return figures


def main() -> None:
    """Print what was measured."""
    options = arguments("press to stored, to a console's frame, to an order on a radio")
    small = options.small
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = asyncio.run(
            run(
                Path(folder),
                presses=30 if small else PRESSES,
                walkers=WALKERS // 10 if small else WALKERS,
                rate=POSITIONS_PER_S // 10 if small else POSITIONS_PER_S,
            )
        )
    report("press to stored, frame, order (milliseconds)", figures, as_json=options.json)


if __name__ == "__main__":
    main()
