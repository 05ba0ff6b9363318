"""What a fix and a search cost as a town grows, and as reports come faster. In process.

    python -m bench.scale [--json] [--small] [--plot FILE]

Units walk in a square of 40 km with 400 grids and report every ten seconds, in an order
of chance. Each batch is located, held against the borders, and written into the live
columns, its place index kept; then eight nearest of one role are asked for, ring by ring
and by metres alone. First 1,000 to 1,000,000 units in batches of 500 (10,000 fixes a second
in batches of 50 ms); then 100,000 units at 100 to 40,000 fixes a second. No broker, no disk.
Figures are medians of this thread's processor time, in microseconds.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from bench.nearest_world import STEP_US, World
from bench.rig import machine
from bench.scale_drawing import drawing
from geo.arrays import Rows
from geo.crossings import CrossingDetector

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
BATCH: Final = 500
RATES: Final = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000)
RATED_UNITS: Final = 100_000
BATCHES_A_SECOND: Final = 20
MEASURED: Final = 60
"""Batches of each kind."""

QUERIES: Final = 60
SETTLED_ROUNDS: Final = 3
"""After so many reports everybody is settled in a grid, as on any working day."""

SMALLER: Final = 10
DRAWING: Final = Path(__file__).resolve().parent.parent / "docs" / "img" / "scale.svg"
"""Not written by a small run."""

SEED: Final = 77
ACC_M: Final = 8.0

Answer = TypeVar("Answer")
Took = dict[str, list[float]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.scale", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a tenth, to see that it works")
    parser.add_argument("--plot", type=Path, help="where the drawing goes, else docs/img/scale.svg")
    options = parser.parse_args()
    figures = measure(smaller=SMALLER if options.small else 1)
    plot: Path | None = options.plot or (None if options.small else DRAWING)
    if plot is not None:
        plot.write_text(drawing(figures), encoding="utf-8")
    print(json.dumps({**figures, "machine": machine()}) if options.json else table(figures))
    return 0


def measure(*, smaller: int) -> dict[str, Any]:
    """Two lists of points: by units, and by rate."""
    by_units = [Town(size // smaller).point(BATCH) for size in SIZES]
    town = Town(RATED_UNITS // smaller)
    by_rate = [{**town.point(rate // BATCHES_A_SECOND), "rate_per_s": rate} for rate in RATES]
    return {"by_units": by_units, "by_rate": by_rate, "divided_by": smaller}


class Town:
    """The world, and what a hub keeps of it."""

    def __init__(self, units: int) -> None:
        self._world = world = World(units, np.random.default_rng(SEED))
        self._detector = CrossingDetector(world.gridset)
        self._order = world.order
        self._next = 0
        self._t = np.full(units, world.now)
        for _ in range(SETTLED_ROUNDS):
            for first in range(0, units, 5_000):
                self._report(self._order[first : first + 5_000], {})
            self._walk()
        if units > max(SIZES) // 1_000:
            world.columns.index()

    def point(self, batch: int) -> dict[str, Any]:
        """What one fix costs in batches of this size, and one search between them."""
        took: Took = {}
        for _ in range(MEASURED):
            self._report(self._some(batch), took)
        for _ in range(QUERIES):
            world = self._world
            self._report(self._some(batch), {})  # so that no search finds all put away
            one, other = world.question(), world.question()
            _timed("nearest_us", 1, took, functools.partial(world.ask, one, one.rings))
            _timed("metres_us", 1, took, functools.partial(world.ask, other, ()))
        told = {name: round(statistics.median(each), 3) for name, each in took.items()}
        told["fix_us"] = round(
            sum(told[name] for name in ("locate_us", "cross_us", "update_us")), 3
        )
        bytes_per_unit = round(self._world.columns.nbytes / self._world.units, 1)
        return {
            "units": self._world.units,
            "batch": batch,
            **told,
            "bytes_per_unit": bytes_per_unit,
        }

    def _some(self, batch: int) -> Rows:
        """The next to report; after the last, everybody has walked on."""
        if self._next + batch > len(self._order):
            self._walk()
        self._next += batch
        return self._order[self._next - batch : self._next]

    def _walk(self) -> None:
        self._world.walk()
        self._world.place()
        self._order, self._next = self._world.order, 0
        self._t += STEP_US

    def _report(self, rows: Rows, took: Took) -> None:
        world, size = self._world, len(rows)
        t, lon, lat = self._t[rows], world.lon[rows], world.lat[rows]
        acc_m = np.full(size, ACC_M)
        grid = _timed("locate_us", size, took, lambda: world.gridset.locate_batch(lon, lat))
        _timed(
            "cross_us", size, took, lambda: self._detector.detect(rows, t, lon, lat, acc_m, grid)
        )
        _timed(
            "update_us",
            size,
            took,
            lambda: world.columns.update_batch(rows, t, lon, lat, acc_m=acc_m, grid=grid),
        )


def _timed(what: str, times: int, took: Took, work: Callable[[], Answer]) -> Answer:
    start = time.thread_time_ns()
    answer = work()
    took.setdefault(what, []).append((time.thread_time_ns() - start) / 1_000 / times)
    return answer


def table(figures: dict[str, Any]) -> str:
    """Both lists for people."""
    names = ("locate_us", "cross_us", "update_us", "fix_us", "nearest_us", "metres_us")
    lines = []
    for title, key, points in (
        ("units", "units", figures["by_units"]),
        ("fixes a second", "rate_per_s", figures["by_rate"]),
    ):
        lines.append(f"{title:>16}" + "".join(f"{name:>12}" for name in names))
        lines += [
            f"{point[key]:>16,}" + "".join(f"{point[name]:>12.2f}" for name in names)
            for point in points
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
