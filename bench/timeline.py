"""Where the milliseconds go between a press and ``stored``, the consoles' frame and the orders.

    python -m bench.timeline [--json] [--small] [--rate POSITIONS_PER_S] [--presses N]

As bench/alarm.py, with a hub that notes what it does when (bench/traced.py); the notes cost it
some tenths of a millisecond a press. Milliseconds since the press, each the median over all
presses, then what the hub was busy with until the last order was heard: milliseconds, those of
them on a processor, and how often, a press.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp

from bench.alarm import (
    QUIET_S,
    RADIOS,
    SCREENS,
    UNITS,
    WALKERS,
    Awaited,
    Floor,
    Rig,
    Screens,
    all_walk,
    close,
    handsets,
    now,
    number,
    program,
)
from bench.handset import Handset
from bench.rig import arguments, report
from bench.town import build_town
from bench.traced import FILE, LOOP, Mark
from tests.system import running_yihu

PRESSES: Final = 100
WARM: Final = 8
BUSY_LEAST_MS: Final = 0.02
COMMAND: Final = (sys.executable, "-m", "bench.traced")

Press = dict[str, float]
"""Moments of one press, by name."""

STEPS: Final = (
    ("packet read", "heard alarm", "begun"),
    ("decoded, handled", "handle PressReading", "ended"),
    ("given to the writer", "submit AlarmReceived", "ended"),
    ("group taken up", "group", "begun"),
    ("commit begun", "commit", "begun"),
    ("commit ended", "commit", "ended"),
    ("group ended", "group", "ended"),
    ("loop woken", "on_disk AlarmReceived", "begun"),
    ("stored published", "publish stored", "ended"),
    ("stored written", "write yihu_alarms", "ended"),
    ("opening begun", "handle DecideAlarm", "begun"),
    ("opening ended", "handle DecideAlarm", "ended"),
    ("opening submitted", "submit IncidentOpened", "ended"),
    ("frame drawn", "draw", "ended"),
    ("consoles written", "turn Turns._give_some", "ended"),
    ("call begun", "handle CallPeople", "begun"),
    ("call ended", "handle CallPeople", "ended"),
    ("call submitted", "submit StepBegun", "ended"),
    ("opening on disk", "on_disk IncidentOpened", "begun"),
    ("call on disk", "on_disk StepBegun", "begun"),
    ("first order published", "publish order", "ended"),
    ("orders written", "write yihu_orders", "ended"),
)
"""In the order in which they come; each is the first of its kind behind the one before."""


async def press_all(rig: Rig, radios: Sequence[Handset], count: int) -> list[Press]:
    """One after the other, each closed before the next."""
    presses = []
    for turn in range(count):
        presses.append(await _press(rig, radios[turn % len(radios)]))
        await asyncio.sleep(QUIET_S)
    return presses


async def _press(rig: Rig, radio: Handset) -> Press:
    rig.awaited.expect("order")
    rig.orders.clear()
    moments = {"begun": now()}
    press = radio.press()
    rig.awaited.expect("stored:" + press)
    moments["stored heard"] = await rig.awaited.when("stored:" + press)
    rig.screens.expect(radio.alarm(press))
    moments["frame at the last console"] = await rig.awaited.when("frame:" + radio.alarm(press))
    moments["first order heard"] = await rig.awaited.when("order")
    await asyncio.sleep(QUIET_S)
    moments["last order heard"] = max(rig.orders)
    moments["orders"] = len(rig.orders)
    await close(rig.http, max({each.called_to for each in rig.made} - {""}, key=number))
    return moments


def told(presses: Sequence[Press], marks: Sequence[Mark]) -> dict[str, Any]:
    """Medians of every moment, and what the loop did."""
    times: dict[str, list[float]] = {}
    busy: dict[str, list[tuple[float, float]]] = {}
    for press in presses:
        begun, ended = press["begun"], press["last order heard"]
        mine = [mark for mark in marks if begun <= mark[2] <= ended]
        for name, at in _steps(mine) + [each for each in press.items() if each[0] != "orders"]:
            times.setdefault(name, []).append(1000 * (at - begun))
        for what, took in _busy(mine):
            busy.setdefault(what, []).append(took)
    del times["begun"]
    middle = {name: round(statistics.median(each), 2) for name, each in times.items()}
    figures: dict[str, Any] = dict(sorted(middle.items(), key=lambda each: each[1]))
    figures["orders a press"] = statistics.median(press["orders"] for press in presses)
    for what, each in sorted(busy.items(), key=lambda one: -sum(took[1] for took in one[1])):
        wall, own = (
            round(1000 * sum(column) / len(presses), 2) for column in zip(*each, strict=True)
        )
        if wall >= BUSY_LEAST_MS:
            figures[what] = f"{wall:7.2f} {own:7.2f} {len(each) / len(presses):6.1f}"
    return figures


def _steps(marks: Iterable[Mark]) -> list[tuple[str, float]]:
    ordered, since, found = sorted(marks, key=lambda mark: mark[2]), 0.0, []
    for name, wanted, edge in STEPS:
        for _, what, begun, ended, _ in ordered:
            at = begun if edge == "begun" else ended
            if what == wanted and at >= since:
                found.append((name, at))
                since = begun
                break
    return found


def _busy(marks: Iterable[Mark]) -> Iterator[tuple[str, tuple[float, float]]]:
    """Seconds and processor seconds by what was done; what was done within it is in it."""
    for thread, what, begun, ended, own in marks:
        yield what if thread == LOOP else f"{thread}: {what}", (ended - begun, own)


async def run(folder: Path, presses: int, rate: int) -> dict[str, Any]:
    """The timeline, loaded where a rate is given."""
    town = build_town(folder / "town", called=UNITS, walking=WALKERS if rate else 0)
    with running_yihu(folder, *town.arguments, command=COMMAND) as system:
        kept = json.loads((system.data_dir / "broker-secrets.json").read_text())
        password, awaited = kept["hub_password"], Awaited()
        with contextlib.ExitStack() as stack:
            bench = system.person("bench")
            screens = ("bench.screens", str(system.http_port), str(SCREENS), json.dumps(bench))
            shown = stack.enter_context(program(*screens))
            async with (
                handsets(system, town, awaited) as made,
                aiohttp.ClientSession(system.url, headers=bench) as http,
            ):
                rig = Rig(made, Floor(password, awaited), Screens(shown, awaited), awaited, http)
                if rate:
                    port = str(system.mqtt_port)
                    flood = ("bench.flood", port, password, str(WALKERS), str(rate))
                    stack.enter_context(program(*flood))
                    await asyncio.to_thread(all_walk, system, RADIOS + WALKERS)
                await press_all(rig, made, WARM)
                noted = await press_all(rig, made, presses)
                rig.screens.close()
        system.stop()
        marks = json.loads((system.data_dir / FILE).read_text())
    return told(noted, marks)


def _own_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rate", type=int, default=0, help="positions a second meanwhile")
    parser.add_argument("--presses", type=int, help="how many")


def main() -> None:
    """Print what was noted."""
    options = arguments("where the time of a press goes", _own_options)
    presses = options.presses or (PRESSES // 10 if options.small else PRESSES)
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = asyncio.run(run(Path(folder), presses, options.rate))
    report("since the press (milliseconds)", figures, as_json=options.json)


if __name__ == "__main__":
    main()
