"""Who is nearest: 8 of 10,000 units that all move between rounds of queries, in microseconds.

    python -m bench.nearest [--json] [--small]

Each query filters by role (1 of 8), skill (every second unit), duty, age and
busy. Two floors run beside it in the same process: NumPy that masks, measures
and sorts every unit, and a grid of Python dicts that follows every move. Fifty
queries are held against the first, and as many by metres alone against both.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
import shapely

from geo.arrays import Floats, Rows
from geo.columns import LiveColumns
from geo.distance import LocalPlane, distance_m, distances_m
from geo.grids import GridSet, load_grids
from geo.nearest import Rings, nearest

UNITS: Final = 10_000
WANTED: Final = 8
ROLES: Final = 8
SKILL: Final = 1
SIDE_M: Final = 40_000.0
GRIDS_A_SIDE: Final = 20
CELL_M: Final = 1_000.0
STEP_M: Final = 12.0
STEP_US: Final = 10_000_000
AGE_MAX_US: Final = 90_000_000
CHECKS: Final = 50
SEED: Final = 20_170_101
ORIGIN: Final = LocalPlane(116.34, 39.96)

Answer = TypeVar("Answer")
Ask: TypeAlias = "Callable[[Question], list[int]]"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.nearest", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a few rounds, to see that it works")
    options = parser.parse_args(arguments)
    result = measure(rounds=5 if options.small else 60, queries=10 if options.small else 50)
    print(json.dumps(result) if options.json else table(result))
    return 0 if result["exact"] else 1


def measure(*, rounds: int, queries: int) -> dict[str, Any]:
    """All units move, then each method answers the same `queries`; medians over `rounds`."""
    chance = np.random.default_rng(SEED)
    world = World(chance)
    cells = DictGrid(world)
    took: dict[str, list[float]] = {}
    exact, checked = True, 0

    def timed(name: str, times: int, work: Callable[[], Answer]) -> Answer:
        start = time.perf_counter()
        answer = work()
        took.setdefault(name, []).append((time.perf_counter() - start) / times * 1e6)
        return answer

    def timed_queries(name: str, asked: list[Question], ask: Ask) -> list[list[int]]:
        return timed(name, len(asked), lambda: [ask(question) for question in asked])

    for _ in range(rounds):
        world.walk(chance)
        timed("locate_us", UNITS, world.locate)
        timed("update_us", UNITS, world.update)
        timed("dict_grid_update_us", UNITS, cells.update)
        asked = [world.question(chance) for _ in range(queries)]
        rings = timed_queries("us_10k", asked, lambda q: world.ask(q, q.rings))
        metres = timed_queries("metres_us_10k", asked, lambda q: world.ask(q, ()))
        floor = timed_queries("floor_us", asked, lambda q: world.brute(q, q.ring_of))
        dicts = timed_queries("dict_grid_us", asked, cells.ask)
        for place in range(min(queries, CHECKS - checked)):
            plain = world.brute(asked[place], np.zeros_like(asked[place].ring_of))
            exact &= rings[place] == floor[place] and metres[place] == plain == dicts[place]
            checked += 1

    return {
        **{name: round(statistics.median(each), 3) for name, each in took.items()},
        "spread_us": {
            name: [round(min(each), 3), round(max(each), 3)] for name, each in took.items()
        },
        "exact": exact,
        "checks": checked,
        "units": UNITS,
        "rounds": rounds,
        "queries": rounds * queries,
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "cpus": os.cpu_count(),
        "arch": platform.machine(),
    }


LINES: Final = (
    ("us_10k", "nearest, rings then metres", "query"),
    ("floor_us", "  floor: NumPy, mask + measure + sort all", "query"),
    ("metres_us_10k", "nearest, metres alone", "query"),
    ("dict_grid_us", "  floor: grid of dicts, metres alone", "query"),
    ("update_us", "live columns, newest fix wins", "update"),
    ("dict_grid_update_us", "  floor: grid of dicts", "update"),
    ("locate_us", f"point in {GRIDS_A_SIDE * GRIDS_A_SIDE} grids", "update"),
)


def table(result: dict[str, Any]) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in result["machine"].items())
    lines = [f"{WANTED} of {result['units']:,} moving units, {result['queries']} queries; {facts}"]
    lines.append(f"{'microseconds':44}{'median':>9}{'min':>9}{'max':>9}  a")
    for name, label, what in LINES:
        low, high = result["spread_us"][name]
        lines.append(f"{label:44}{result[name]:9.2f}{low:9.2f}{high:9.2f}  {what}")
    verdict = "equal to" if result["exact"] else "DIFFERENT FROM"
    lines.append(f"answers {verdict} brute force in {result['checks']} checks")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Question:
    """An alarm somewhere, for one role."""

    lon: float
    lat: float
    role: int
    rings: Rings
    ring_of: Rows
    """The ring of each grid, made beforehand: the floor need not pay for it."""


class World:
    """Units walking in a square of 20 by 20 grids."""

    def __init__(self, chance: np.random.Generator) -> None:
        self.gridset = squares()
        self.x, self.y = chance.uniform(-SIDE_M / 2, SIDE_M / 2, (2, UNITS))
        self.columns = LiveColumns()
        for number in range(UNITS):
            skills = int(chance.integers(2)) * SKILL
            self.columns.add(f"u{number:05}", role=int(chance.integers(ROLES)), skills=skills)
        self.columns.on_duty[:] = chance.random(UNITS) < 0.9
        self.columns.online[:] = chance.random(UNITS) < 0.95
        self.columns.busy[:] = chance.random(UNITS) < 0.1
        self.late = chance.random(UNITS) < 0.05
        self.rows = np.arange(UNITS)
        self.now = STEP_US * 100
        self.locate()

    def walk(self, chance: np.random.Generator) -> None:
        self.now += STEP_US
        half = SIDE_M / 2
        self.x = np.clip(self.x + chance.normal(0, STEP_M, UNITS), -half, half)
        self.y = np.clip(self.y + chance.normal(0, STEP_M, UNITS), -half, half)

    def locate(self) -> None:
        self.lon = ORIGIN.lon + self.x / METRES_PER_DEG[0]
        self.lat = ORIGIN.lat + self.y / METRES_PER_DEG[1]
        self.grid = self.gridset.locate_batch(self.lon, self.lat)

    def update(self) -> None:
        t = np.where(self.late, self.now - 2 * AGE_MAX_US, self.now)
        self.columns.update_batch(self.rows, t, self.lon, self.lat, grid=self.grid)

    def question(self, chance: np.random.Generator) -> Question:
        x, y = chance.uniform(-SIDE_M / 2, SIDE_M / 2, 2).tolist()
        lon, lat = ORIGIN.to_lonlat(x, y)
        rings = self.gridset.rings(max(0, self.gridset.locate_index(lon, lat)))
        ring_of = np.full(len(self.gridset) + 1, len(rings), dtype=np.int64)
        for number, ring in enumerate(rings):
            ring_of[list(ring)] = number
        return Question(lon, lat, int(chance.integers(ROLES)), rings, ring_of)

    def ask(self, question: Question, rings: Rings) -> list[int]:
        found = nearest(
            self.columns,
            lon=question.lon,
            lat=question.lat,
            grid_rings=rings,
            k=WANTED,
            roles=(question.role,),
            skills_all=SKILL,
            now=self.now,
            age_max_us=AGE_MAX_US,
        )
        answer: list[int] = found.rows.tolist()
        return answer

    def brute(self, question: Question, ring_of: Rows) -> list[int]:
        """Every fit unit is measured and sorted; rows are in the order of keys here."""
        all_of = self.columns
        fit = all_of.live & all_of.on_duty & all_of.online & ~all_of.busy
        fit &= (all_of.role == question.role) & (all_of.skills & np.uint64(SKILL) != 0)
        fit &= (all_of.fix_t > 0) & (all_of.fix_t >= self.now - AGE_MAX_US)
        rows = np.flatnonzero(fit)
        metres: Floats = distances_m(question.lon, question.lat, all_of.lon[rows], all_of.lat[rows])
        order = np.lexsort((rows, metres, ring_of[all_of.grid[rows]]))
        answer: list[int] = rows[order][:WANTED].tolist()
        return answer


class DictGrid:
    """A grid of Python dicts for each role: what one would build without columns."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cells: list[dict[tuple[int, int], set[int]]] = [{} for _ in range(ROLES)]
        self._role = world.columns.role.tolist()
        self._cell: list[tuple[int, int] | None] = [None] * UNITS
        steady = world.columns.on_duty & world.columns.online & ~world.columns.busy
        steady &= ~world.late & (world.columns.skills & np.uint64(SKILL) != 0)
        self._fit = steady.tolist()
        self._place: list[tuple[float, float]] = [(0.0, 0.0)] * UNITS

    def update(self) -> None:
        world = self._world
        self._place = list(zip(world.lon.tolist(), world.lat.tolist(), strict=True))
        moves = zip(world.x.tolist(), world.y.tolist(), strict=True)
        for row, (x, y) in enumerate(moves):
            cell = (math.floor(x / CELL_M), math.floor(y / CELL_M))
            before = self._cell[row]
            if cell != before:
                cells = self._cells[self._role[row]]
                if before is not None:
                    cells[before].discard(row)
                cells.setdefault(cell, set()).add(row)
                self._cell[row] = cell

    def ask(self, question: Question) -> list[int]:
        """Rings of cells until none outside them can be nearer than the eighth."""
        x, y = ORIGIN.to_xy(question.lon, question.lat)
        home = math.floor(x / CELL_M), math.floor(y / CELL_M)
        cells = self._cells[question.role]
        found: list[tuple[float, int]] = []
        for reach in range(2 * round(SIDE_M / CELL_M)):
            for cell in around(home, reach):
                for row in cells.get(cell, ()):
                    if self._fit[row]:
                        metres = distance_m(question.lon, question.lat, *self._place[row])
                        found.append((metres, row))
            found.sort()
            # 1 % for the plane, whose metres shrink towards the north
            if len(found) >= WANTED and found[WANTED - 1][0] < 0.99 * reach * CELL_M:
                break
        return [row for _, row in found[:WANTED]]


def around(home: tuple[int, int], reach: int) -> list[tuple[int, int]]:
    """The cells of the square ring at this reach."""
    cx, cy = home
    if reach == 0:
        return [home]
    sides = range(-reach, reach + 1)
    flat = [(cx + step, cy + edge) for step in sides for edge in (-reach, reach)]
    return flat + [(cx + edge, cy + step) for step in sides[1:-1] for edge in (-reach, reach)]


METRES_PER_DEG: Final = ORIGIN.to_xy(ORIGIN.lon + 1.0, ORIGIN.lat + 1.0)


def squares() -> GridSet:
    """The square of the bench, cut into 400 grids of 2 km."""
    edges = np.linspace(-SIDE_M / 2, SIDE_M / 2, GRIDS_A_SIDE + 1).tolist()
    features = []
    for row, (south, north) in enumerate(pairwise(edges)):
        for column, (west, east) in enumerate(pairwise(edges)):
            corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
            ring = [list(ORIGIN.to_lonlat(*corner)) for corner in corners]
            name = f"{row:02}-{column:02}"
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                    "properties": {"id": name, "name": name},
                }
            )
    return load_grids({"type": "FeatureCollection", "features": features})


if __name__ == "__main__":
    sys.exit(main())
