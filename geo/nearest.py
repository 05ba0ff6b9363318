"""Who is nearest, and why not the others: grid rings first, then metres.

Near is a matter of whose place it is before it is one of metres: the unit's own
grid, then the neighbouring grids ring by ring, then units in no grid. Metres
order units within a ring, and the key of the unit decides between equals, so
that a replay finds the same ones. Which roles and how many is the caller's.

`nearest` answers an alarm among tens of thousands of moving units without an
index that would have to follow them: one pass over small columns, then rings
are opened one by one until enough units stand in them, then a circle is drawn
round the last of these, and only what is left is measured and sorted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Rows
from geo.columns import NEVER, LiveColumns
from geo.distance import EARTH_RADIUS_M, distances_m

SAMPLE_SIZE: Final = 128
"""Units measured first to draw the circle. The circle then holds about k in 128 of
them, so that both passes stay small from hundreds of units to a hundred thousand."""

CIRCLE_SLACK: Final = 1.0 + 1e-9
CIRCLE_SLACK_M: Final = 0.001
"""Rounding must not lose a unit that stands on the circle."""

Rings = Sequence[Sequence[int]]
"""Grid indices ring by ring, each once, as `GridSet.rings` gives them; empty where the
place is in no grid, and then metres alone decide."""


class Verdict(StrEnum):
    """Why a unit can or cannot be sent: the first that applies, in this order.

    What lasts comes before what passes: a guard does not become a doctor by
    switching his radio on.
    """

    WRONG_ROLE = "wrong_role"
    LACKS_SKILL = "lacks_skill"
    EXCLUDED = "excluded"
    OFF_DUTY = "off_duty"
    OFFLINE = "offline"
    BUSY = "busy"
    NO_FIX = "no_fix"
    STALE = "stale"
    FIT = "fit"


VERDICTS: Final = tuple(Verdict)
"""`Explanation.verdict` counts in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The fit units, nearest first: row, ring (0 the own grid) and metres of each."""

    rows: Rows
    ring: NDArray[np.int64]
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Every unit, nearest first, with its verdict as an index into VERDICTS.

    A unit without a fix comes last in its ring; its distance is NaN.
    """

    rows: Rows
    verdict: NDArray[np.uint8]
    ring: NDArray[np.int64]
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def verdict_of(self, place: int) -> Verdict:
        """The verdict on the unit at a place in this order."""
        return VERDICTS[int(self.verdict[place])]


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
) -> Found:
    """The `k` nearest units, or as many as there are, that can be sent at `now`.

    A unit can be sent when its role is among `roles`, it has all bits of
    `skills_all`, is on duty, online, not busy, not excluded, and its fix is at
    most `age_max_us` old. A fix from the future, of a clock that runs ahead, is new.
    Ring numbers: as in `grid_rings`; `len(grid_rings)` for units in no grid, or
    in one that is in no ring.
    """
    assert k >= 0, "a number of units"
    assert math.isfinite(lon), "a place"
    assert math.isfinite(lat), "a place"
    rows = _fit_rows(columns, roles, skills_all, exclude_rows, now - age_max_us)
    rows, ring = _opened(columns, rows, grid_rings, k)
    rows, ring = _within_circle(columns, rows, ring, lon, lat, k)
    metres = distances_m(lon, lat, columns.lon[rows], columns.lat[rows])
    order = _order(columns, rows, ring, metres)[:k]
    return Found(rows=rows[order], ring=ring[order], distance_m=metres[order])


def explain(
    columns: LiveColumns,
    *,
    lon: float,
    lat: float,
    grid_rings: Rings,
    roles: Iterable[int],
    now: int,
    age_max_us: int,
    skills_all: int = 0,
    exclude_rows: Iterable[int] = (),
) -> Explanation:
    """Every unit with the reason why it can or cannot be sent; arguments as in `nearest`.

    The fit ones are, in this order, those that `nearest` finds.
    """
    assert math.isfinite(lon), "a place"
    assert math.isfinite(lat), "a place"
    rows = np.flatnonzero(columns.live)
    excluded = np.zeros(len(columns.live), dtype=np.bool_)
    excluded[list(exclude_rows)] = True
    need = np.uint64(skills_all)
    fails = [
        ~np.isin(columns.role[rows], list(roles)),
        (columns.skills[rows] & need) != need,
        excluded[rows],
        ~columns.on_duty[rows],
        ~columns.online[rows],
        columns.busy[rows],
        columns.fix_t[rows] == NEVER,
        columns.fix_t[rows] < now - age_max_us,
        np.ones(len(rows), dtype=np.bool_),
    ]
    verdict = np.argmax(fails, axis=0).astype(np.uint8)
    _, ring = _opened(columns, rows, grid_rings, len(rows) + 1)  # more than there are: all
    metres = distances_m(lon, lat, columns.lon[rows], columns.lat[rows])
    order = _order(columns, rows, ring, metres)
    return Explanation(
        rows=rows[order], verdict=verdict[order], ring=ring[order], distance_m=metres[order]
    )


def _fit_rows(
    columns: LiveColumns, roles: Iterable[int], skills_all: int, exclude: Iterable[int], oldest: int
) -> Rows:
    """Rows of all units that can be sent.

    Whole columns are compared, the wide ones too: that is quicker than picking a
    tenth of their values out one by one.
    """
    fit = np.zeros(len(columns.live), dtype=np.bool_)
    for role in roles:
        fit |= columns.role == role
    fit &= columns.live
    fit &= columns.on_duty
    fit &= columns.online
    fit &= ~columns.busy
    fit &= columns.fix_t >= max(oldest, NEVER + 1)
    if skills_all:
        need = np.uint64(skills_all)
        fit &= (columns.skills & need) == need
    if out := list(exclude):
        fit[out] = False
    return np.flatnonzero(fit)


def _opened(
    columns: LiveColumns, rows: Rows, rings: Rings, k: int
) -> tuple[Rows, NDArray[np.int64]]:
    """The rows in the innermost rings that hold `k` of them together, each with its ring.

    All rows when the rings hold fewer.
    """
    place = columns.grid[rows] + 1  # so that grid -1 has place 0
    counts = np.bincount(place)
    numbers = np.full(len(counts), len(rings), dtype=np.int64)
    count_of = counts.tolist()
    held, opened = 0, 0
    while held < k and opened < len(rings):
        members = [index + 1 for index in rings[opened] if index + 1 < len(count_of)]
        numbers[members] = opened
        held += sum([count_of[member] for member in members])
        opened += 1
    ring = numbers[place]
    if held < k:
        return rows, ring
    inside = ring < opened
    return rows[inside], ring[inside]


def _within_circle(
    columns: LiveColumns, rows: Rows, ring: NDArray[np.int64], lon: float, lat: float, k: int
) -> tuple[Rows, NDArray[np.int64]]:
    """Leaves out units of the outermost ring that are surely not among the nearest `k`.

    The rings inside it hold fewer than `k`, so that some of it are wanted. As many
    from a sample are certainly no farther than the true ones: they give the radius.
    """
    if len(rows) <= 2 * SAMPLE_SIZE:
        return rows, ring
    outermost = ring == ring.max()
    outer = rows[outermost]
    wanted = k - (len(rows) - len(outer))
    if len(outer) <= 2 * SAMPLE_SIZE or not 0 < wanted <= SAMPLE_SIZE:
        return rows, ring
    sample = outer[:: len(outer) // SAMPLE_SIZE]
    metres = distances_m(lon, lat, columns.lon[sample], columns.lat[sample])
    radius_m = float(np.partition(metres, wanted - 1)[wanted - 1])
    keep = ~outermost
    keep[outermost] = _in_box(columns, outer, lon, lat, radius_m * CIRCLE_SLACK + CIRCLE_SLACK_M)
    return rows[keep], ring[keep]


def _in_box(
    columns: LiveColumns, rows: Rows, lon: float, lat: float, radius_m: float
) -> NDArray[np.bool_]:
    """Which rows lie in the box of degrees that holds the whole circle.

    Its half width is asin(sin(r) / cos(lat)), where the meridians touch the circle;
    a circle that holds a pole is as wide as the world.
    """
    angle = radius_m / EARTH_RADIUS_M
    inside = np.abs(columns.lat[rows] - lat) <= math.degrees(angle)
    if math.radians(abs(lat)) + angle < math.pi / 2.0:
        half_deg = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(lat))))
        east_deg = np.abs(columns.lon[rows] - lon)
        inside &= np.minimum(east_deg, 360.0 - east_deg) <= half_deg
    return inside


def _order(
    columns: LiveColumns, rows: Rows, ring: NDArray[np.int64], metres: Floats
) -> NDArray[np.intp]:
    """Sorted by ring, metres (NaN last), key; keys are compared only where the rest is equal."""
    metres = np.where(np.isnan(metres), np.inf, metres)
    order = np.lexsort((metres, ring))
    ring, metres = ring[order], metres[order]
    equal = (ring[1:] == ring[:-1]) & (metres[1:] == metres[:-1])
    if equal.any():
        for first, last in _runs(equal):
            run = order[first:last].tolist()
            order[first:last] = sorted(run, key=lambda place: columns.key_of(int(rows[place])))
    return order


def _runs(equal: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The slices (first, last + 1) in which each is equal to the next."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], equal, [False])).astype(np.int8)))
    return [(first, last + 1) for first, last in edges.reshape(-1, 2).tolist()]
