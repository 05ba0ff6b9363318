"""Finds the fit units near a place by the index of places, looking at as few as it can.

Two ways, and either gives up where comparing all units would be quicker: by grids,
ring by ring, and by a circle of cells that grows until it holds enough. Where to
begin is told by what the searches before this one needed; that changes no answer.
What is nearest among those found, and equal cases, are `geo.nearest`'s.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Flags, Floats
from geo.buckets import NO_KEY
from geo.columns import NEVER, LiveColumns, status_pattern
from geo.distance import distances_m
from geo.place_index import PlaceIndex

Rings = Sequence[Sequence[int]]
"""Grid indices ring by ring, each once, as `GridSet.rings` gives them; empty where the
place is in no grid, and then metres alone decide."""

LOOK_PART: Final = 8
"""Where more than one unit in so many would have to be picked out one by one, comparing whole
columns is quicker."""

CROWD_MIN: Final = 512
"""Of rings with more units only those in a circle are looked at: picking so many out one by one
costs about as much as two circles."""

CIRCLE_LOOK_MAX: Final = 1_024
"""With more units in it, the first circle is drawn anew, smaller."""

CIRCLE_ROOM: Final = 1.3
LOOK_ROOM: Final = 1.3
"""The first circle is so much wider, and the first rings hold so many times the units, as the
last searches had to look at: mostly it is enough, and looking again costs as much again."""

LEARNT: Final = 0.25
CIRCLE_GROWTH_MAX: Final = 4.0

CIRCLE_SLACK: Final = 1.0 + 1e-9
CIRCLE_SLACK_M: Final = 0.001
"""Rounding must not lose a unit that stands on the circle."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Some fit units: their rows, and their records of `columns.fixes`."""

    rows: NDArray[Any]
    fixes: NDArray[Any]
    ring: NDArray[np.int64] | None = None
    """None: all in the innermost."""
    metres: Floats | None = None
    """None: not measured."""

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, chosen: Flags) -> Seen:
        """Those chosen."""
        ring = None if self.ring is None else self.ring[chosen]
        return Seen(self.rows[chosen], self.fixes.take(chosen.nonzero()[0]), ring)


class Fit:
    """Which units can be sent, wherever they are: asked of all, or of some."""

    def __init__(
        self,
        columns: LiveColumns,
        *,
        roles: Iterable[int],
        skills_all: int,
        exclude: Iterable[int],
        oldest: int,
        group: int | None,
    ) -> None:
        self._columns = columns
        self.roles = list(roles)
        self._skills = np.uint64(skills_all)
        self._exclude = list(exclude)
        self._oldest = max(oldest, NEVER + 1)
        role = self.roles[0] if len(self.roles) == 1 else None
        self._mask, self._wanted = _sendable(role, group)

    def all(self) -> Seen:
        """All units that can be sent."""
        status = self._columns.status & self._mask
        rows = (status == self._wanted).nonzero()[0]
        if self._skills:
            skills = self._columns.skills[rows]
            skills &= self._skills
            rows = rows[skills == self._skills]
        return self._rest(rows)

    def of(self, rows: NDArray[Any]) -> Seen:
        """Those of these that can be sent."""
        abilities = self._columns.abilities.take(rows)
        able = (abilities["status"] & self._mask) == self._wanted
        if self._skills:
            able &= (abilities["skills"] & self._skills) == self._skills
        return self._rest(rows[able])

    def _rest(self, rows: NDArray[Any]) -> Seen:
        columns = self._columns
        if len(self.roles) != 1:
            rows = rows[np.isin(columns.role[rows], self.roles)]
        if self._exclude:
            rows = rows[~np.isin(rows, self._exclude)]
        seen = Seen(rows, columns.fixes.take(rows))
        fresh = seen.fixes["fix_t"] >= self._oldest
        return seen if fresh.all() else seen.where(fresh)


@functools.lru_cache(256)
def _sendable(role: int | None, group: int | None) -> tuple[np.uint64, np.uint64]:
    """What the status of somebody who can be sent must be, and where."""
    wanted: dict[str, int] = {"live": 1, "on_duty": 1, "online": 1, "busy": 0}
    if role is not None:
        wanted["role"] = role
    if group is not None:
        wanted["group"] = group
    return status_pattern(**wanted)


def in_rings(
    columns: LiveColumns, fit: Fit, *, lon: float, lat: float, rings: Rings, k: int
) -> Seen | None:
    """The fit units of the innermost rings that hold `k` of them together, of a crowded ring
    only the nearest; None where one had better look at all."""
    if not fit.roles:
        return fit.of(np.zeros(0, np.int64))
    index = columns.index()
    found: list[Seen] = []
    held, looked, opened = 0, 0, 0
    own = index.own_grid(rings[0], fit.roles)
    if own != NO_KEY and k * index.looked_per_fit <= index.grids.crowd(own) <= CROWD_MIN:
        # Mostly it is this: one bucket, and nothing to put together.
        seen = fit.of(index.grids.rows_of(own))
        if len(seen) >= k:
            return seen
        found.append(Seen(seen.rows, seen.fixes, np.zeros(len(seen), np.int64)))
        held, looked, opened = len(seen), index.grids.crowd(own), 1
    while held < k:
        until = _rings_until(index, rings, opened, k - held)
        keys = index.of_roles(index.in_grids(rings, opened, until), fit.roles)
        crowds = index.grids.crowds(keys)
        crowd = int(crowds.sum())
        if crowd > CROWD_MIN and until > opened + 1:
            until = opened + 1
            keys = index.of_roles(index.in_grids(rings, opened, until), fit.roles)
            crowds = index.grids.crowds(keys)
            crowd = int(crowds.sum())
        looked += min(crowd, CROWD_MIN)
        if opened == len(rings) or looked * LOOK_PART > len(columns):
            return None
        if crowd > CROWD_MIN:
            among = index.ring_of(rings, opened, until) >= 0
            nearby = in_circle(columns, fit, lon=lon, lat=lat, k=k - held, among=among)
            if nearby is None:
                return None
            seen = nearby
        else:
            seen = fit.of(index.grids.rows(keys, crowds))
            index.looked_per_fit += LEARNT * (crowd / (len(seen) + 1) - index.looked_per_fit)
        if held == 0 and len(seen) >= k and until == 1:
            return seen
        if until == opened + 1:
            ring = np.full(len(seen), opened)
        else:
            ring = index.ring_of(rings, opened, until).take(seen.fixes["grid"] + 1)
        found.append(Seen(seen.rows, seen.fixes, ring))
        held += len(seen)
        opened = until
    return _joined(columns, found)


def _rings_until(index: PlaceIndex, rings: Rings, opened: int, k: int) -> int:
    """How far to open rings at once, so that they probably hold `k` fit units."""
    grids = k * index.looked_per_fit * LOOK_ROOM / index.units_a_grid
    until = opened
    while until < len(rings) and (grids > 0.0 or until == opened):
        grids -= len(rings[until])
        until += 1
    return until


def in_circle(
    columns: LiveColumns,
    fit: Fit,
    *,
    lon: float,
    lat: float,
    k: int,
    among: Flags | None = None,
) -> Seen | None:
    """Fit units with those of a circle that holds `k` of them, of the grids `among` (by index
    + 1) if these are given; None where it takes so many units to look at that one had better
    look at all."""
    if not fit.roles:
        return fit.of(np.zeros(0, np.int64))
    index = columns.index()
    radius_m, crowded = math.sqrt(k * index.m2_per_fit) * CIRCLE_ROOM, False
    while True:
        block = index.block(lon, lat, radius_m)
        if block is None:
            return None
        cells = index.of_roles(block, fit.roles)
        crowds = index.cells.crowds(cells)
        looked = int(crowds.sum())
        if looked > CIRCLE_LOOK_MAX and not crowded:
            crowded = True
            radius_m *= math.sqrt(CIRCLE_LOOK_MAX / looked) / 2.0
            continue
        if looked * LOOK_PART > len(columns):
            return None
        seen = fit.of(index.cells.rows(cells, crowds))
        if among is not None:
            seen = seen.where(among.take(seen.fixes["grid"] + 1))
        if len(seen) < k:
            radius_m *= min(CIRCLE_GROWTH_MAX, math.sqrt(2.0 * k / (len(seen) + 0.5)))
            continue
        metres = distances_m(lon, lat, seen.fixes["lon"], seen.fixes["lat"])
        needed_m = float(np.partition(metres, k - 1)[k - 1]) * CIRCLE_SLACK + CIRCLE_SLACK_M
        if needed_m <= radius_m:
            index.m2_per_fit += LEARNT * (needed_m * needed_m / k - index.m2_per_fit)
            return Seen(seen.rows, seen.fixes, None, metres)
        radius_m = needed_m


def _joined(columns: LiveColumns, found: list[Seen]) -> Seen:
    """Records are fetched anew: that is several times as quick as joining them."""
    if len(found) == 1:
        return found[0]
    ring = [np.zeros(0, np.int64) if each.ring is None else each.ring for each in found]
    rows = np.concatenate([each.rows for each in found])
    return Seen(rows, columns.fixes.take(rows), np.concatenate(ring))
