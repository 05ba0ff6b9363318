"""Who is nearest of those who can be sent: grid rings first, then metres.

Near is a matter of whose place it is before it is one of metres: the unit's own
grid, then the neighbouring grids ring by ring, then units in no grid. Metres
order units within a ring, and the key of the unit decides between equals, so
that a replay finds the same ones. Which roles and how many is the caller's.

`nearest` has two ways to the same answer. Among a few thousand units it compares
all of them: whole columns, quicker than any index. Among more it looks where the
index of the columns says: into the grids ring by ring until enough fit units stand
in them, or, by metres alone, into the cells of a circle that grows until it holds
enough. Either way a circle is then drawn that surely holds the nearest, and only
what is in it is measured and sorted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Flags, Floats, Rows
from geo.columns import LiveColumns
from geo.distance import EARTH_RADIUS_M, distances_m
from geo.searching import CIRCLE_SLACK, CIRCLE_SLACK_M, Fit, Rings, Seen, in_circle, in_rings

SCAN_MAX: Final = 6_000
"""Among so few units all are compared; the index is not even made."""

SAMPLE_SIZE: Final = 128
"""Units measured first to draw the circle. The circle then holds about k in 128 of
them, so that both passes stay small from hundreds of units to a hundred thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The fit units, nearest first: row, ring (0 the own grid) and metres of each."""

    rows: Rows
    ring: NDArray[np.int64]
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.rows)


def nearest(
    columns: LiveColumns,
    *,
    lon: float,
    lat: float,
    grid_rings: Rings,
    k: int,
    roles: Iterable[int],
    now: int,
    age_max_us: int,
    skills_all: int = 0,
    exclude_rows: Iterable[int] = (),
    group: int | None = None,
) -> Found:
    """The `k` nearest units, or as many as there are, that can be sent at `now`.

    A unit can be sent when its role is among `roles`, it has all bits of
    `skills_all`, is on duty, online, not busy, not excluded, and its fix is at
    most `age_max_us` old. A fix from the future, of a clock that runs ahead, is new.
    Ring numbers: as in `grid_rings`; `len(grid_rings)` for units in no grid, or
    in one that is in no ring. With a `group`, units of others do not exist.
    """
    assert k >= 0, "a number of units"
    assert math.isfinite(lon), "a place"
    assert math.isfinite(lat), "a place"
    fit = Fit(
        columns,
        roles=roles,
        skills_all=skills_all,
        exclude=exclude_rows,
        oldest=now - age_max_us,
        group=group,
    )
    seen: Seen | None = None
    if len(columns) > SCAN_MAX and k > 0:
        if grid_rings:
            seen = in_rings(columns, fit, lon=lon, lat=lat, rings=grid_rings, k=k)
        else:
            seen = in_circle(columns, fit, lon=lon, lat=lat, k=k)
    if seen is None:
        seen = _opened(fit.all(), grid_rings, k)
    if seen.metres is None:
        seen = _within_circle(seen, lon, lat, k)
    metres = seen.metres
    if metres is None:
        metres = distances_m(lon, lat, seen.fixes["lon"], seen.fixes["lat"])
    order = _first(columns, seen, metres, k)
    ring = np.zeros(len(order), np.int64) if seen.ring is None else seen.ring.take(order)
    rows = seen.rows.take(order).astype(np.int64)
    return Found(rows=rows, ring=ring, distance_m=metres.take(order))


def _ring_of(grid: NDArray[np.int32], rings: Rings, k: int) -> NDArray[np.int64]:
    """The ring of each unit by its grid; `len(rings)` where that is in none, and in all rings
    behind those that hold `k` units."""
    place = grid + 1  # so that grid -1 has place 0
    counts = np.bincount(place)
    numbers = np.full(len(counts), len(rings), dtype=np.int64)
    count_of = counts.tolist()
    held = 0
    for number, ring in enumerate(rings):
        members = [index + 1 for index in ring if index + 1 < len(count_of)]
        numbers[members] = number
        held += sum([count_of[member] for member in members])
        if held >= k:
            break
    return numbers.take(place)


def _opened(seen: Seen, rings: Rings, k: int) -> Seen:
    """Those in the innermost rings that hold `k` of them together; all where these hold fewer."""
    if not rings:
        return seen
    ring = _ring_of(seen.fixes["grid"], rings, k)
    seen = Seen(seen.rows, seen.fixes, ring)
    inside = ring < len(rings)
    return seen.where(inside) if int(inside.sum()) >= k else seen


def _within_circle(seen: Seen, lon: float, lat: float, k: int) -> Seen:
    """Leaves out units of the outermost ring that are surely not among the nearest `k`.

    The rings inside it hold fewer than `k`, so that some of it are wanted. As many
    from a sample are certainly no farther than the true ones: they give the radius.
    """
    if len(seen) <= 2 * SAMPLE_SIZE:
        return seen
    outermost = np.ones(len(seen), np.bool_) if seen.ring is None else seen.ring == seen.ring.max()
    outer = np.flatnonzero(outermost)
    wanted = k - (len(seen) - len(outer))
    if len(outer) <= 2 * SAMPLE_SIZE or not 0 < wanted <= SAMPLE_SIZE:
        return seen
    lons, lats = seen.fixes["lon"][outer], seen.fixes["lat"][outer]
    step = len(outer) // SAMPLE_SIZE
    metres = distances_m(lon, lat, lons[::step], lats[::step])
    radius_m = float(np.partition(metres, wanted - 1)[wanted - 1])
    radius_m = radius_m * CIRCLE_SLACK + CIRCLE_SLACK_M
    keep = ~outermost
    keep[outer] = _in_box(lons, lats, lon, lat, radius_m)
    return seen.where(keep)


def _in_box(lons: Floats, lats: Floats, lon: float, lat: float, radius_m: float) -> Flags:
    """Which places lie in the box of degrees that holds the whole circle.

    Its half width is asin(sin(r) / cos(lat)), where the meridians touch the circle;
    a circle that holds a pole is as wide as the world.
    """
    angle = radius_m / EARTH_RADIUS_M
    inside: Flags = np.abs(lats - lat) <= math.degrees(angle)
    if math.radians(abs(lat)) + angle < math.pi / 2.0:
        half_deg = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(lat))))
        east_deg = np.abs(lons - lon)
        inside &= np.minimum(east_deg, 360.0 - east_deg) <= half_deg
    return inside


def _first(columns: LiveColumns, seen: Seen, metres: Floats, k: int) -> NDArray[np.intp]:
    """The first `k` in order; mostly nobody is as far as another, and no key is asked."""
    if seen.ring is None:
        order = metres.argsort()
        top = metres.take(order[: k + 1])
        if (top[1:] != top[:-1]).all():
            return order[:k]
    ring = np.zeros(len(seen), np.int64) if seen.ring is None else seen.ring
    return _order(columns, seen.rows, ring, metres)[:k]


def _order(
    columns: LiveColumns, rows: Rows, ring: NDArray[np.int64], metres: Floats
) -> NDArray[np.intp]:
    """Sorted by ring, metres, key; keys are compared only where the rest is equal."""
    order = np.lexsort((metres, ring))
    ring, metres = ring.take(order), metres.take(order)
    equal = metres[1:] == metres[:-1]
    equal &= ring[1:] == ring[:-1]
    if equal.any():
        for first, last in _runs(equal):
            run = order[first:last].tolist()
            order[first:last] = sorted(run, key=lambda place: columns.key_of(int(rows[place])))
    return order


def _runs(equal: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The slices (first, last + 1) in which each is equal to the next."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], equal, [False])).astype(np.int8)))
    return [(first, last + 1) for first, last in edges.reshape(-1, 2).tolist()]
