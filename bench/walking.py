"""Who walks there soonest: 8 of 2,000 units in Beijing's core, in microseconds.

    python -m bench.walking [--json] [--small]

The town is that of the test data (YIHU_TEST_DATA); units and places are drawn along
its streets and stand some 25 m beside them. Nothing is kept between queries: each
puts the units it comes to on their streets anew. The floor in the same process is a
plain search with heapq over dicts that settles the whole town, its units put on their
streets beforehand and for nothing; answers are held against it.
"""

from __future__ import annotations

import gzip
import heapq
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from bench.rig import arguments, percentile, report
from geo.arrays import Floats
from geo.street_files import load_streets
from geo.street_osm import load_streets_osm
from geo.streets import Streets
from geo.walking import WALK_S_MAX, rank_by_walking
from geo.walkways import OFF_STREET_MPS

UNITS: Final = 2_000
WANTED: Final = 8
TITLE: Final = f"{WANTED} of {UNITS:,} units by walking time"
BESIDE_M: Final = 25.0
SEED: Final = 20_170_101
REPOSITORY: Final = Path(__file__).resolve().parent.parent

Answer = TypeVar("Answer")


def main() -> int:
    options = arguments((__doc__ or "").splitlines()[0])
    folder = Path(os.environ.get("YIHU_TEST_DATA", REPOSITORY.parent / "shared" / "data")) / "city"
    if not folder.is_dir():
        reason = f"nothing measured: {folder} is not a folder (set YIHU_TEST_DATA)"
        report(TITLE, {"skipped": reason}, as_json=options.json)
        return 0
    figures = measure(
        folder, places=20 if options.small else 200, checks=3 if options.small else 20
    )
    report(TITLE, figures, as_json=options.json)
    return 0 if figures["exact"] else 1


def measure(folder: Path, *, places: int, checks: int) -> dict[str, Any]:
    """Loads both towns, asks at `places` in each; the first `checks` of one are compared."""
    packed = (folder / "beijing_core_ways.geojson.gz").read_bytes()
    beijing, load_s = timed(lambda: load_streets(gzip.decompress(packed)))
    _, load_osm_s = timed(lambda: load_streets_osm(folder / "beijing_core.osm.pbf"))
    helsinki, load_helsinki_s = timed(lambda: load_streets_osm(folder / "helsinki_centre.osm.pbf"))
    town = Town(beijing, np.random.default_rng(SEED), places)
    took = [town.ask(place) for place in range(places)]
    other = Town(helsinki, np.random.default_rng(SEED), places)
    other_took = [other.ask(place) for place in range(places)]
    floor = Floor(town)
    floors = [floor.ask(place) for place in range(checks)]
    pairs = zip(took[:checks], floors, strict=True)
    return {
        "edges": len(beijing),
        "load_s": load_s,
        "load_osm_s": load_osm_s,
        "rank_us": statistics.mean(each.wall_us for each in took),
        "rank_cpu_us": statistics.mean(each.cpu_us for each in took),
        "rank_median_us": statistics.median(each.wall_us for each in took),
        "rank_p99_us": percentile([each.wall_us for each in took], 0.99),
        "floor_us": statistics.mean(each.wall_us for each in floors),
        "helsinki_edges": len(helsinki),
        "helsinki_load_s": load_helsinki_s,
        "helsinki_rank_us": statistics.mean(each.wall_us for each in other_took),
        "helsinki_rank_cpu_us": statistics.mean(each.cpu_us for each in other_took),
        "queries": places,
        "checks": checks,
        "exact": all(same(bounded, plain) for bounded, plain in pairs),
    }


def timed(work: Callable[[], Answer]) -> tuple[Answer, float]:
    start = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Took:
    """One answer, on the clock on the wall and on the processor's own."""

    rows: list[int]
    seconds: list[float]
    wall_us: float
    cpu_us: float


def same(one: Took, other: Took) -> bool:
    """The same units; their seconds, added up in another order, to a millionth."""
    return one.rows == other.rows and bool(np.allclose(one.seconds, other.seconds, rtol=1e-6))


def clocked(work: Callable[[], tuple[list[int], list[float]]]) -> Took:
    cpu, wall = time.thread_time(), time.perf_counter()
    rows, seconds = work()
    wall_us, cpu_us = (time.perf_counter() - wall) * 1e6, (time.thread_time() - cpu) * 1e6
    return Took(rows, seconds, wall_us, cpu_us)


class Town:
    """Units and places beside the streets of a town."""

    def __init__(self, streets: Streets, chance: np.random.Generator, places: int) -> None:
        self.streets = streets
        self.lons, self.lats = beside(streets, chance, UNITS)
        self.place_lons, self.place_lats = beside(streets, chance, places)
        self.keys = [f"u{number:04}" for number in range(UNITS)]

    def ask(self, place: int) -> Took:
        lon, lat = float(self.place_lons[place]), float(self.place_lats[place])

        def rank() -> tuple[list[int], list[float]]:
            walked = rank_by_walking(
                self.streets,
                lon=lon,
                lat=lat,
                lons=self.lons,
                lats=self.lats,
                keys=self.keys,
                k=WANTED,
            )
            assert walked is not None, "drawn beside a street"
            return walked.rows.tolist(), walked.seconds.tolist()

        return clocked(rank)


def beside(streets: Streets, chance: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Places (lons, lats) along the streets, each metre as likely, and some metres off."""
    share = streets.edge_m / streets.edge_m.sum()
    edge, part = chance.choice(len(streets), count, p=share), chance.random(count)
    a, b = streets.edge_a[edge], streets.edge_b[edge]
    off_x, off_y = chance.normal(0.0, BESIDE_M, (2, count))
    x = streets.node_x[a] * (1.0 - part) + streets.node_x[b] * part + off_x
    y = streets.node_y[a] * (1.0 - part) + streets.node_y[b] * part + off_y
    places = [streets.plane.to_lonlat(*each) for each in zip(x.tolist(), y.tolist(), strict=True)]
    lons, lats = np.array(places).T
    return lons, lats


class Floor:
    """The plain search: dicts, the whole town, every unit."""

    def __init__(self, town: Town) -> None:
        streets = self._streets = town.streets
        self._at = streets.snap(town.place_lons, town.place_lats)
        self._beside: dict[int, list[tuple[int, float]]] = {}
        edges = zip(
            streets.edge_a.tolist(), streets.edge_b.tolist(), streets.edge_s.tolist(), strict=True
        )
        for a, b, seconds in edges:
            self._beside.setdefault(a, []).append((b, seconds))
            self._beside.setdefault(b, []).append((a, seconds))
        self._place_xy = np.column_stack(
            streets.plane.to_xy_arrays(town.place_lons, town.place_lats)
        ).tolist()
        x, y = streets.plane.to_xy_arrays(town.lons, town.lats)
        unit = streets.snap_xy(x, y)
        on = np.flatnonzero(unit.edge >= 0)
        self._units = list(
            zip(
                on.tolist(),
                x[on].tolist(),
                y[on].tolist(),
                unit.edge[on].tolist(),
                unit.along[on].tolist(),
                unit.away_m[on].tolist(),
                strict=True,
            )
        )

    def ask(self, place: int) -> Took:
        return clocked(lambda: self._rank(place))

    def _rank(self, place: int) -> tuple[list[int], list[float]]:
        streets, at = self._streets, self._at
        edge, along, away_m = int(at.edge[place]), float(at.along[place]), float(at.away_m[place])
        street_s = float(streets.edge_s[edge])
        a, b = int(streets.edge_a[edge]), int(streets.edge_b[edge])
        reached = self._settle([(along * street_s, a), ((1.0 - along) * street_s, b)])
        x, y = self._place_xy[place]
        answers = []
        for row, unit_x, unit_y, its, part, its_away_m in self._units:
            its_s = float(streets.edge_s[its])
            by_a = reached.get(int(streets.edge_a[its]), np.inf) + part * its_s
            by_b = reached.get(int(streets.edge_b[its]), np.inf) + (1.0 - part) * its_s
            walk_s = min(by_a, by_b)
            if its == edge:
                walk_s = min(walk_s, abs(part - along) * its_s)
            walk_s += (away_m + its_away_m) / OFF_STREET_MPS
            straight_m = float(np.hypot(unit_x - x, unit_y - y))
            if straight_m < away_m + its_away_m:
                walk_s = min(walk_s, straight_m / OFF_STREET_MPS)
            if walk_s <= WALK_S_MAX:
                answers.append((walk_s, row))
        answers.sort()
        return [row for _, row in answers[:WANTED]], [seconds for seconds, _ in answers[:WANTED]]

    def _settle(self, heap: list[tuple[float, int]]) -> dict[int, float]:
        heapq.heapify(heap)
        reached: dict[int, float] = {}
        while heap:
            seconds, node = heapq.heappop(heap)
            if node not in reached:
                reached[node] = seconds
                for other, more in self._beside[node]:
                    if other not in reached:
                        heapq.heappush(heap, (seconds + more, other))
        return reached


if __name__ == "__main__":
    sys.exit(main())
