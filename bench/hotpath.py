"""Where the microseconds of a position go: each step of the lane, run in one process.

    python -m bench.hotpath [--json] [--small] [--plot FILE.svg]

The real reader's codec, lane, live table, history and console feed with 20 streams, without
sockets and broker: bytes as a broker sends them, in bursts of 250 (5,000 a second) and of
1,000 (20,000). Processor microseconds of the hub's own thread for each step, and of the
history's thread beside it. The kernel's part, which `bench.positions` has, is not in these.
``--plot`` draws the steps, and beside it, with ``-flame`` in its name, the functions they call
(bench/flame.py).
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.colours import STYLE, style_of
from bench.flame import Sampler, boxes, drawing
from bench.packets import publish
from bench.rig import cpu_s, report
from console.api import make_feeds
from devices.positions.lane import PositionLane
from devices.positions.packets import PacketReader
from devices.v1.codec import V1
from dispatch.clock import MILLISECOND, SECOND, ManualClock
from dispatch.config import load_roster
from dispatch.demo import demo_community_path
from dispatch.hub import Hub
from dispatch.ids import OperatorName, RadioId
from dispatch.live import LiveTable
from dispatch.roster import Roster
from dispatch.settings import Settings
from dispatch.store.sql import SqlStore

UNITS: Final = 5_000
CONSOLES: Final = 20
BURSTS: Final = {"paced": 250, "full": 1_000}
BURST_EVERY_S: Final = 0.05
TICK_EVERY: Final = 4
"""Bursts between two frames: five frames a second."""
POSITIONS: Final = 100_000
FLAME_POSITIONS: Final = 400_000
"""Some 4,000 samples."""
NOON: Final = 1_780_027_200 * SECOND
STEP_DEG: Final = 2e-6
"""Walked in a burst's time: some 4 m/s, so that grids are left and entered."""

STEPS: Final = {
    "read": ("split packets", "#4e79a7"),
    "decode": ("decode into columns, measure each radio", "#59a14f"),
    "check": ("check, newest into the live table", "#9c755f"),
    "locate": ("which grid", "#f28e2b"),
    "cross": ("crossings", "#c9a227"),
    "hand": ("hand over to the history", "#b07aa1"),
    "frames": ("frames for 20 consoles", "#e15759"),
    "history": ("history's own thread, to disk and in order", "#8d99a6"),
}
"""Each step in its order, what it is called and its colour."""
ON_BARS: Final = "#0b0d10"
NAMED_PX: Final = 34
"""A part of a bar that is wider bears its figure."""


class Lane:
    """Everything between the socket's bytes and the consoles' frames, with a stopwatch."""

    def __init__(self, folder: Path, units: int) -> None:
        listed = load_roster([demo_community_path()])
        community = next(iter(listed.communities.values()))
        first = next(iter(listed.radios.values()))
        names = [f"w{n:05d}" for n in range(units)]
        radios = [replace(first, radio=RadioId(name), revoked=False) for name in names]
        settings = Settings(data_dir=folder)
        roster = Roster([community], radios)
        self.live = LiveTable(roster)
        self.live.columns.on_duty[:] = True
        self.clock = ManualClock(NOON)
        hub = Hub(settings=settings, roster=roster, live=self.live)
        self.store = SqlStore.open("", data_dir=folder, on_state=lambda _: None)
        self.feed = make_feeds(
            hub=hub,
            settings=settings,
            clock=self.clock,
            present=lambda _: None,
            counters={},
            version="bench",
            demo=False,
        ).whole
        self.streams = [
            self.feed.join(OperatorName("bench"), lambda: None) for _ in range(CONSOLES)
        ]
        self._drain()
        self.lane = PositionLane(V1(), self.live.find, _refused)
        self.topics = [f"patrol/{community.community}/{name}/position" for name in names]
        chance = np.random.default_rng(4)
        grids = self.live.gridset(community.community)
        west, south, east, north = grids.grids[0].polygon.bounds
        self.lon = chance.uniform(west, east, units)
        self.lat = chance.uniform(south, north, units)
        self.way = chance.uniform(-1, 1, (units, 2)) * STEP_DEG
        self.spent: Counter[str] = Counter()
        self._time("locate", grids, "locate_batch")
        for detector in self.live._detectors.values():
            self._time("cross", detector, "detect")

    def burst(self, number: int, size: int) -> None:
        """One burst of positions, from bytes to frames."""
        units = len(self.topics)
        who = [(number * size + i) % units for i in range(size)]
        self.lon[who] += self.way[who, 0]
        self.lat[who] += self.way[who, 1]
        now = self.clock.advance(int(BURST_EVERY_S * SECOND))
        data = b"".join(
            publish(
                self.topics[unit],
                b'{"t":%d,"lon":%.6f,"lat":%.6f,"acc":8.0,"spd":1.2,"crs":90.0,"bat":77}'
                % (now // MILLISECOND, self.lon[unit], self.lat[unit]),
            )
            for unit in who
        )
        reader = PacketReader()
        self._timed("read", lambda: reader.feed(data))
        self.lane.hear(reader.heard)
        while True:
            batch = self._timed("decode", lambda: self.lane.take(now))
            if batch is None:
                break
            inner = self.spent["locate"] + self.spent["cross"]
            outcome = self._timed("check", partial(self.live.take, batch, now))
            self.spent["check"] -= self.spent["locate"] + self.spent["cross"] - inner
            assert not outcome.dropped, outcome.dropped
            rows, crossings = outcome.rows, outcome.crossings
            self._timed("hand", partial(self.store.submit_fixes, rows, crossings))
            self._timed("frames", partial(self.feed.moved, outcome.changed_rows))
        if number % TICK_EVERY == 0:
            self._timed("frames", self.feed.tick)
            self._timed("frames", self._drain)

    def _drain(self) -> None:
        for each in self.streams:
            while each.take() is not None:
                pass

    def _timed(self, step: str, work: Callable[[], Any]) -> Any:
        begun = time.thread_time()
        result = work()
        self.spent[step] += time.thread_time() - begun  # type: ignore[assignment]
        return result

    def _time(self, step: str, owner: Any, method: str) -> None:
        """Have every call of a method counted to a step."""
        plain = getattr(owner, method)
        setattr(
            owner, method, lambda *args, **more: self._timed(step, lambda: plain(*args, **more))
        )


def _refused(error: Exception, _radio: RadioId | None) -> None:
    raise error


def flames(folder: Path, *, units: int, size: int, positions: int) -> str:
    """The functions of the hub's thread and of the history's, as a drawing."""
    lane = Lane(folder, units)
    writer = next(t for t in threading.enumerate() if t.name == "history-writer")
    warm = units // size + TICK_EVERY
    for number in range(warm):
        lane.burst(number, size)
    bursts = positions // size
    with Sampler(writer) as sampler:
        for number in range(warm, warm + bursts):
            lane.burst(number, size)
        lane.store.flush_history()
    lane.store.close()
    names = {"MainThread": "hub's thread", writer.name: "history's thread"}
    roots = [boxes(words, sampler.spent(name), bursts * size) for name, words in names.items()]
    us = sum(root.us for root in roots)
    rate = f"{int(size / BURST_EVERY_S):,}"
    return drawing(
        roots, f"{us:.1f} µs of processor time a position, at {rate} a second: in which functions"
    )


def measure(folder: Path, *, units: int, size: int, positions: int) -> dict[str, float]:
    """Microseconds a position of each step, once everybody has been heard."""
    lane = Lane(folder, units)
    warm = units // size + TICK_EVERY
    for number in range(warm):
        lane.burst(number, size)
    lane.store.settle_history()
    lane.spent.clear()
    begun_s, here_s = cpu_s_of_others(), positions // size
    for number in range(warm, warm + here_s):
        lane.burst(number, size)
    lane.store.settle_history()  # what it puts in order later is its work, too
    lane.spent["history"] = cpu_s_of_others() - begun_s  # type: ignore[assignment]
    lane.store.close()
    done = here_s * size
    return {step: round(1e6 * lane.spent[step] / done, 3) for step in STEPS}


def cpu_s_of_others() -> float:
    """Processor seconds of all threads of this process but this one."""
    return cpu_s(os.getpid()) - time.thread_time()


def plotted(figures: dict[str, float]) -> str:
    """SVG: one bar a rate, its parts the steps."""
    width, bar, left = 800, 34, 160
    totals = {name: sum(figures[f"{name}_{step}_us"] for step in STEPS) for name in BURSTS}
    scale = (width - left - 90) / max(totals.values())
    parts = [style_of(STYLE), '<rect class="paper" width="100%" height="100%"/>']
    for row, (name, size) in enumerate(BURSTS.items()):
        x, y = float(left), 20 + row * (bar + 26)
        rate = f"{int(size / BURST_EVERY_S):,}"
        parts.append(f'<text x="8" y="{y + 22}">at {rate} a second</text>')
        for step, (_, colour) in STEPS.items():
            wide = figures[f"{name}_{step}_us"] * scale
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{bar}" fill="{colour}"/>'
            )
            if wide > NAMED_PX:
                said = f"{figures[f'{name}_{step}_us']:.2f}"
                parts.append(
                    f'<text style="fill:{ON_BARS}" x="{x + 4:.1f}" y="{y + 22}">{said}</text>'
                )
            x += wide
        parts.append(f'<text x="{x + 6:.1f}" y="{y + 22}">{totals[name]:.1f} µs</text>')
    foot = 20 + len(BURSTS) * (bar + 26)
    parts.append(f'<text x="{left}" y="{foot}">microseconds of processor time a position</text>')
    foot += 34
    for place, (words, colour) in enumerate(STEPS.values()):
        x, y = 8 + (place % 2) * 380, foot + (place // 2) * 22
        parts.append(f'<rect x="{x}" y="{y - 11}" width="14" height="14" fill="{colour}"/>')
        parts.append(f'<text x="{x + 22}" y="{y}">{words}</text>')
    height = foot + len(STEPS) // 2 * 22 + 6
    size_said = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size_said} font-family="sans-serif"'
    return "\n".join((head + ' font-size="13">', *parts, "</svg>\n"))


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was measured; draw it where asked."""
    parser = argparse.ArgumentParser(description="where the microseconds of a position go")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a small run, to see that it works")
    parser.add_argument("--plot", type=Path, help="draw it into this SVG file")
    options = parser.parse_args(argv)
    share = 10 if options.small else 1
    units = UNITS // 5 if options.small else UNITS
    figures: dict[str, float] = {"units": units, "consoles": CONSOLES}
    for name, size in BURSTS.items():
        with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
            told = measure(Path(folder), units=units, size=size, positions=POSITIONS // share)
        figures |= {f"{name}_{step}_us": us for step, us in told.items()}
        figures[f"{name}_us"] = round(sum(told.values()), 2)
    if options.plot is not None:
        options.plot.write_text(plotted(figures), encoding="utf-8")
        with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
            drawn = flames(
                Path(folder), units=units, size=BURSTS["full"], positions=FLAME_POSITIONS // share
            )
        beside = options.plot.with_stem(f"{options.plot.stem}-flame")
        beside.write_text(drawn, encoding="utf-8")
    report("a position, step by step", figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
