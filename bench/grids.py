"""Which grid a batch of positions is in: microseconds a point, at 10, 100, 1,000 and 10,000 grids.

    python -m bench.grids [--json] [--small]

Grids tile a town of 40 km without gaps, their common borders bent, every seventh with a
hole. Points are anywhere, and one in fifty on a corner of a border. Shapely's STRtree,
asked for what intersects, answers the same points in the same run, and every answer is
compared. Figures are processor time of this thread.
"""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from shapely.geometry import Polygon

from bench.rig import arguments, report
from geo.arrays import Floats, GridIndices
from geo.gridset import NO_GRID, Grid, GridSet

COUNTS: Final = (10, 100, 1_000, 10_000)
ASKED_FOR: Final = 1_000
"""The number of grids whose figures have no number in their name."""

SMALLER: Final = 10
BATCHES: Final = (1, 50, 250, 2_000, 10_000)
POINTS: Final = 40_000
"""For each size of batch, in so many batches as that makes, at least `BATCHES_MIN`."""

BATCHES_MIN: Final = 20
BATCHES_MAX: Final = 400
ON_BORDER: Final = 0.02
WEST, SOUTH, SIDE_DEG = 116.1, 39.8, 0.4
BEND: Final = 0.08
"""Of a grid's width: how far corners and the points between them are off the straight line."""

PIECES: Final = 6
"""Of each side of a grid: 24 corners and more, as drawn by hand."""

HOLE_EVERY: Final = 7
SEED: Final = 31

Answer = TypeVar("Answer")


def main() -> int:
    options = arguments("Which grid a batch of positions is in")
    figures = measure(smaller=SMALLER if options.small else 1)
    report("Which grid: microseconds a point", figures, as_json=options.json)
    return 0 if figures["exact"] else 1


def measure(*, smaller: int) -> dict[str, Any]:
    """All numbers of grids, all sizes of batch; contenders in turn within each."""
    figures: dict[str, Any] = {}
    exact = True
    for full in COUNTS:
        told, equal = _of(max(1, full // smaller), max(1, POINTS // smaller))
        name = "" if full == ASKED_FOR else f"_{full}_grids"
        figures |= {f"{key}{name}": value for key, value in told.items()}
        exact &= equal
    figures["us_per_point"] = figures["us_per_point_of_250"]
    figures["strtree_us"] = figures["floor_us_per_point_of_250"]
    return {**figures, "exact": exact, "divided_by": smaller}


def _of(grids: int, points: int) -> tuple[dict[str, float], bool]:
    chance = np.random.default_rng(SEED)
    polygons = tiles(grids, chance)
    floor = Floor(polygons)
    gridset = GridSet(
        Grid(id=f"{n:06}", name="", polygon=polygon) for n, polygon in enumerate(polygons)
    )
    start = time.thread_time()
    gridset.fill_rasters()
    told = {"fill_ms": round((time.thread_time() - start) * 1_000, 1)}
    exact = True
    for size in BATCHES:
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(min(BATCHES_MAX, max(BATCHES_MIN, points // size))):
            lons, lats = places(polygons, size, chance)
            taken, found = _timed(functools.partial(gridset.locate_batch, lons, lats))
            ours.append(taken / size)
            taken, expected = _timed(functools.partial(floor.locate, lons, lats))
            theirs.append(taken / size)
            exact &= bool((found == expected).all())
        told[f"us_per_point_of_{size}"] = round(statistics.median(ours), 3)
        told[f"floor_us_per_point_of_{size}"] = round(statistics.median(theirs), 3)
    return told, exact


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    start = time.thread_time_ns()
    answer = work()
    return (time.thread_time_ns() - start) / 1_000, answer


class Floor:
    """Shapely's tree, asked for what each point intersects; of several the first grid."""

    def __init__(self, polygons: list[Polygon]) -> None:
        self._tree = shapely.STRtree(polygons)
        shapely.prepare(np.array(polygons, dtype=object))

    def locate(self, lons: Floats, lats: Floats) -> GridIndices:
        points = shapely.points(np.column_stack([lons, lats]))
        place, polygon = self._tree.query(points, predicate="intersects")
        found = np.full(len(lons), len(self._tree), np.int32)
        np.minimum.at(found, place, polygon.astype(np.int32))
        return np.where(found == len(self._tree), NO_GRID, found).astype(np.int32)


def places(
    polygons: list[Polygon], size: int, chance: np.random.Generator
) -> tuple[Floats, Floats]:
    """Anywhere in the town and a little round it, some of them on the corners of borders."""
    margin = SIDE_DEG / 20
    lons = chance.uniform(WEST - margin, WEST + SIDE_DEG + margin, size)
    lats = chance.uniform(SOUTH - margin, SOUTH + SIDE_DEG + margin, size)
    for number in np.flatnonzero(chance.random(size) < ON_BORDER).tolist():
        corners = polygons[int(chance.integers(len(polygons)))].exterior.coords
        lons[number], lats[number] = corners[int(chance.integers(len(corners)))]
    return lons, lats


def tiles(count: int, chance: np.random.Generator) -> list[Polygon]:
    """So many grids, about square, neighbours sharing every point of their border."""
    across = max(1, round(count**0.5))
    rows = -(-count // across)
    width = SIDE_DEG / max(across, rows)
    corner = _bent(chance, (across + 1, rows + 1), width)
    lying = _bent(chance, (across, rows + 1, PIECES - 1), width)
    standing = _bent(chance, (across + 1, rows, PIECES - 1), width)
    made: list[Polygon] = []
    for number in range(count):
        row, column = divmod(number, across)
        south = list(_side(corner, lying, column, row, width, along=0))
        north = list(_side(corner, lying, column, row + 1, width, along=0))
        west = list(_side(corner, standing, column, row, width, along=1))
        east = list(_side(corner, standing, column + 1, row, width, along=1))
        shell = [*south, *east[1:], *north[-2::-1], *west[-2:0:-1]]
        holes = [_hole(column, row, width)] if number % HOLE_EVERY == 0 else []
        made.append(Polygon(shell, holes))
    assert all(each.is_valid for each in made), "no border crosses another"
    return made


def _bent(chance: np.random.Generator, shape: tuple[int, ...], width: float) -> Floats:
    return chance.uniform(-BEND, BEND, (*shape, 2)) * width


def _side(
    corner: Floats, between: Floats, column: int, row: int, width: float, *, along: int
) -> Iterator[tuple[float, float]]:
    """The points of one side from corner to corner, going east (0) or north (1)."""
    step = (1, 0) if along == 0 else (0, 1)
    first = np.array([WEST + column * width, SOUTH + row * width])
    start = first + corner[column, row]
    end = first + np.array(step) * width + corner[column + step[0], row + step[1]]
    yield tuple(start.tolist())
    for piece in range(1, PIECES):
        on = start + (end - start) * piece / PIECES + between[column, row, piece - 1]
        yield tuple(on.tolist())
    yield tuple(end.tolist())


def _hole(column: int, row: int, width: float) -> list[tuple[float, float]]:
    """A lake in the middle, that is in no grid."""
    x, y, half = WEST + (column + 0.5) * width, SOUTH + (row + 0.5) * width, width / 8
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x, y + 1.5 * half)]


if __name__ == "__main__":
    raise SystemExit(main())
