"""Who is there first on foot: minutes along the streets, from one place to many units.

A walk is a straight leg from the place to its nearest street, the streets, and a
straight leg to the unit. Where the unit is nearer than the two legs together are
long, nothing that may be walked lies between the two, and the walk is the straight
line itself: both stand in the same yard.

The search goes outward from the place, nearest crossing first (Dijkstra), until
enough units are reached. Units join it in the order of their straight lines, just
before it could come to them, so that only those nearby are ever put on a street.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import numpy as np

from geo.arrays import Floats, Rows
from geo.snapping import NO_EDGE, Indices
from geo.streets import Streets
from geo.walkways import FASTEST_MPS, OFF_STREET_MPS

WALK_S_MAX: Final = 3_600.0
"""Nobody is called on foot from more than an hour away."""

NODES_MAX: Final = 20_000
"""Crossings one search may come to: some 30 ms. A search for more units than the
neighbourhood has must not stop the hub; who is not found by then counts as not reached."""

JOINING: Final = 16
"""Units put on their streets together: NumPy costs nearly the same for one or sixteen."""

JOINING_FIRST: Final = 3
"""Times as many units as are wanted come with the place itself: mostly enough."""

ROUNDING: Final = 1.0 - 1e-9
"""A straight line must not seem longer than the walk along it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """The units that are there first, and their seconds; `off_street` apart.

    `off_street` are units no farther in a straight line than a walk of that time
    could be, which stand too far from every street: only metres can be told of them.
    """

    rows: Rows
    seconds: Floats
    off_street: Rows

    def __len__(self) -> int:
        return len(self.rows)


def rank_by_walking(
    streets: Streets,
    *,
    lon: float,
    lat: float,
    lons: Floats,
    lats: Floats,
    keys: Sequence[str],
    k: int,
    seconds_max: float = WALK_S_MAX,
    nodes_max: int = NODES_MAX,
) -> Walked | None:
    """The `k` units that walk to the place soonest, or as many as are reached.

    Units are WGS-84 places, NaN for one without a fix, which is never reached. Of
    equally soon ones that with the lower key comes first. None when the place itself
    is too far from every street; then, and for units not in the answer, metres are
    all there is.
    """
    assert k >= 0, "a number of units"
    assert len(keys) == len(lons) == len(lats), "a key and a place a unit"
    search = _search(streets, lon, lat, lons, lats, k, seconds_max, nodes_max)
    if search is None:
        return None
    found = sorted(search.found.items(), key=lambda item: (item[1], keys[item[0]]))[:k]
    return Walked(
        rows=np.array([row for row, _ in found], dtype=np.int64),
        seconds=np.array([seconds for _, seconds in found]),
        off_street=np.array(sorted(search.off_street, key=keys.__getitem__), dtype=np.int64),
    )


def walking_seconds(
    streets: Streets,
    *,
    lon: float,
    lat: float,
    lons: Floats,
    lats: Floats,
    seconds_max: float = WALK_S_MAX,
    nodes_max: int = NODES_MAX,
) -> tuple[float | None, ...]:
    """Seconds from the place to each unit, None where no walk is known (see `rank_by_walking`)."""
    search = _search(streets, lon, lat, lons, lats, len(lons), seconds_max, nodes_max)
    found = {} if search is None else search.found
    return tuple(found.get(row) for row in range(len(lons)))


def _search(
    streets: Streets,
    lon: float,
    lat: float,
    lons: Floats,
    lats: Floats,
    k: int,
    seconds_max: float,
    nodes_max: int,
) -> _Search | None:
    assert math.isfinite(lon), "a place"
    assert math.isfinite(lat), "a place"
    assert math.isfinite(seconds_max), "a bound"
    search = _Search(streets, lon, lat, lons, lats, k)
    if search.edge == NO_EDGE:
        return None
    if k > 0:
        search.run(k, seconds_max, nodes_max)
    return search


class _Search:
    """One search outward. In its heap stand (seconds, node) and (seconds, ~row of a unit)."""

    def __init__(
        self, streets: Streets, lon: float, lat: float, lons: Floats, lats: Floats, k: int
    ) -> None:
        self._streets = streets
        x, y = streets.plane.to_xy(lon, lat)
        self._xs, self._ys = streets.plane.to_xy_arrays(lons, lats)
        east_m, north_m = self._xs - x, self._ys - y
        # Four times as fast as np.hypot, whose care for huge numbers no town needs.
        self._straight_m: Floats = np.sqrt(east_m * east_m + north_m * north_m)
        self.found: dict[int, float] = {}
        self.off_street: list[int] = []
        self._heap: list[tuple[float, int]] = []
        self._settled: dict[int, float] = {}
        self._waiting: dict[int, list[tuple[float, int]]] = {}
        self._queue = _Queue(self._straight_m, 2 * JOINING_FIRST * k)
        rows = self._queue.take(JOINING_FIRST * k)
        xs, ys = np.concatenate((self._xs[rows], (x,))), np.concatenate((self._ys[rows], (y,)))
        first = streets.snap_xy(xs, ys)
        self.edge = int(first.edge[-1])
        self._along, self._away_m = float(first.along[-1]), float(first.away_m[-1])
        if self.edge != NO_EDGE:
            self._join(rows, first.edge[:-1], first.along[:-1], first.away_m[:-1])

    def run(self, k: int, seconds_max: float, nodes_max: int) -> None:
        """Fills `found`: the first `k`, and all that are as soon as the last of them."""
        streets = self._streets
        # A memoryview gives plain numbers, three times as fast as an array does.
        offsets, targets, cost = streets.offsets.data, streets.targets.data, streets.seconds.data
        heap, settled, queue = self._heap, self._settled, self._queue
        best: dict[int, float] = {}
        limit = seconds_max
        self._leave()
        while len(settled) < nodes_max:
            seconds = heap[0][0] if heap else math.inf
            if seconds >= queue.soonest and queue.soonest <= limit:
                self._join_next()
                continue
            if seconds > limit:
                break
            number = heappop(heap)[1]
            if number < 0:
                self.found.setdefault(~number, seconds)
                if len(self.found) == k:
                    limit = seconds  # and on to those who are as soon
                continue
            if number in settled:
                continue
            settled[number] = seconds
            for extra, unit in self._waiting.get(number, ()):
                heappush(heap, (seconds + extra, unit))
            for half in range(offsets[number], offsets[number + 1]):
                target, there = targets[half], seconds + cost[half]
                if there < best.get(target, math.inf):
                    best[target] = there
                    heappush(heap, (there, target))
        reach_m = limit * FASTEST_MPS
        self.off_street = [row for row in self.off_street if self._straight_m[row] <= reach_m]

    def _leave(self) -> None:
        """From the place to both ends of its street."""
        streets, edge = self._streets, self.edge
        away_s, street_s = self._away_m / OFF_STREET_MPS, float(streets.edge_s[edge])
        for node, part in ((streets.edge_a, self._along), (streets.edge_b, 1.0 - self._along)):
            heappush(self._heap, (float(away_s + part * street_s), int(node[edge])))

    def _join_next(self) -> None:
        rows = self._queue.take(JOINING)
        at = self._streets.snap_xy(self._xs[rows], self._ys[rows])
        self._join(rows, at.edge, at.along, at.away_m)

    def _join(self, rows: Rows, edge: Indices, along: Floats, away_m: Floats) -> None:
        """Puts these units on their streets; they wait at both ends of them."""
        streets = self._streets
        on_street = edge != NO_EDGE
        if not on_street.all():
            self.off_street += rows[~on_street].tolist()
            rows, edge = rows[on_street], edge[on_street]
            along, away_m = along[on_street], away_m[on_street]
        away_s, street_s = away_m / OFF_STREET_MPS, streets.edge_s[edge]
        for node, part in ((streets.edge_a, along), (streets.edge_b, 1.0 - along)):
            extra = (away_s + part * street_s).tolist()
            for row, at, more in zip(rows.tolist(), node[edge].tolist(), extra, strict=True):
                self._wait(row, at, more)
        same = np.flatnonzero(edge == self.edge)
        legs_s = (self._away_m + away_m[same]) / OFF_STREET_MPS
        self._push(rows[same], legs_s + np.abs(along[same] - self._along) * street_s[same])
        straight_m = self._straight_m[rows]
        yard = np.flatnonzero(straight_m < self._away_m + away_m)
        self._push(rows[yard], straight_m[yard] / OFF_STREET_MPS)

    def _wait(self, row: int, node: int, extra_s: float) -> None:
        if node in self._settled:
            heappush(self._heap, (self._settled[node] + extra_s, ~row))
        else:
            self._waiting.setdefault(node, []).append((extra_s, ~row))

    def _push(self, rows: Rows, seconds: Floats) -> None:
        for row, there in zip(rows.tolist(), seconds.tolist(), strict=True):
            heappush(self._heap, (there, ~row))


class _Queue:
    """Units by their straight lines, and when the next could be there at the soonest.

    Sorting thousands would cost more than the search, and mostly the first few
    suffice: the others are sorted when they are wanted.
    """

    def __init__(self, straight_m: Floats, wanted: int) -> None:
        self._straight_m = straight_m
        rows = np.flatnonzero(np.isfinite(straight_m))
        self._later = rows[:0]
        if len(rows) > wanted:
            metres = straight_m[rows]
            inside = metres <= np.partition(metres, wanted)[wanted]
            rows, self._later = rows[inside], rows[~inside]
        self._line_up(rows)

    def take(self, count: int) -> Rows:
        """The next ones; none when there are no more."""
        taken = self._rows[self._next : self._next + count]
        self._next += len(taken)
        if self._next == len(self._rows) and len(self._later):
            later, self._later = self._later, self._later[:0]
            self._line_up(later)
        self.soonest = self._soonest[self._next]
        return taken

    def _line_up(self, rows: Rows) -> None:
        self._rows = rows[np.argsort(self._straight_m[rows], kind="stable")]
        soonest = self._straight_m[self._rows] * (ROUNDING / FASTEST_MPS)
        self._soonest: list[float] = [*soonest.tolist(), math.inf]
        self._next = 0
        self.soonest = self._soonest[0]
