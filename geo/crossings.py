"""Which units really went from one grid to another; receivers say so far too often.

A satellite fix jumps by kilometres between tall buildings, wanders for hours
round a parked unit, and comes late or twice. Each of these would ring at the
centre as a patrol that left its grid. So a crossing is believed when

- the fix is newer than all before it and says it is good to `acc_max_m`;
- it could be reached from the last believed fix at `speed_max_mps`, or
  `agreeing_min` fixes in a row agree with each other that the unit is elsewhere;
- it lies farther from the border than it may be wrong;
- `fixes_min` such fixes in the new grid span at least `dwell_us`, with none back
  in the old one between them.

Between grids lies the road, which is nobody's: only farther than its width from
the old grid is a unit in no grid (-1). State is columns, a row per unit, the
rows being the caller's.

Nearly all fixes say that a unit is still where it was: newer, a walk away from the
last, in the same grid, nothing in doubt. These are told by a dozen comparisons of
whole columns and only remembered; the rest of the file is for the few others.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.adjacency import ROAD_WIDTH_M
from geo.arrays import Flags, Floats, GridIndices, Rows, Times
from geo.distance import EARTH_RADIUS_M, distances_m
from geo.gridset import NO_GRID, GridSet

DWELL_US: Final = 10_000_000
"""Long enough for two or three fixes, short enough to be news when it rings."""

FIXES_MIN: Final = 2
ACC_MAX_M: Final = 100.0
"""Worse than this it is a cell tower's guess, and grids are a few hundred metres wide."""

ACC_UNKNOWN_M: Final = 15.0
"""What a fix that does not say is taken for: a handheld receiver in a street."""

SPEED_MAX_MPS: Final = 40.0
"""144 km/h: nobody on patrol; in real traces 0.1 % of steps are faster, all of them jumps."""

AGREEING_MIN: Final = 3
"""Fixes that must agree, the one that jumped among them, before a jump is believed:
a unit that was switched off in another district. Echoes off a tower seldom last three."""

STEP_US_MIN: Final = 1_000_000
"""Within a second two fixes differ by noise, not by movement: no speed is told from it."""

GROW_PART: Final = 8
"""Rows are added an eighth at a time."""

DOUBTS_FIRST: Final = 64

UNPLACED: Final = -2
"""The grid of a unit that has not been anywhere long enough. Below it stand those of units that
jumped, or seem to be going elsewhere: UNPLACED - n has the n-th doubt. No fix is in any."""

SURELY_DEG_PER_M: Final = (1.0 - 1e-9) / math.radians(EARTH_RADIUS_M)
"""Degrees north plus degrees east, in the metres of a degree north: never less than the
true distance, so that who is near by this is near. The rounding of either is far less."""

_LAST: Final = np.dtype(
    [("t", "i8"), ("lon", "f8"), ("lat", "f8"), ("calm_grid", "i4"), ("turn", "i4")]
)
"""What every fix is held against, 32 bytes in one piece, for with a hundred thousand units the
time goes into fetching them: the last believed fix, the unit's grid or which doubt it has, and
a place to write down which fix of a batch is the row's."""

_DOUBT: Final = np.dtype(
    [
        ("jump_t", "i8"),
        ("jump_lon", "f8"),
        ("jump_lat", "f8"),
        ("next_t", "i8"),
        ("next_grid", "i4"),
        ("jump_count", "i4"),
        ("next_count", "i4"),
    ]
)
"""The last of a run of fixes elsewhere, and the grid that the unit seems to be going to. A count
of 0 says that this means nothing; where both are 0 nothing is kept: of very many units few are
in doubt at any time."""

_SETTLED: Final = np.dtype([("grid", "i4")])
"""The grid that the unit is in."""

_RECORDS: Final = (_LAST, _SETTLED)

_EMPTY: Final[dict[str, float]] = {
    "t": 0,
    "lon": np.nan,
    "lat": np.nan,
    "calm_grid": UNPLACED,
    "turn": 0,
    "grid": UNPLACED,
}
"""A row of which nothing was heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingRules:
    """The numbers above, as settings of a hub."""

    dwell_us: int = DWELL_US
    fixes_min: int = FIXES_MIN
    acc_max_m: float = ACC_MAX_M
    speed_max_mps: float = SPEED_MAX_MPS
    agreeing_min: int = AGREEING_MIN

    def __post_init__(self) -> None:
        if self.dwell_us < 0 or self.fixes_min < 1 or self.agreeing_min < 1:
            raise ValueError("a dwell is not negative and counts are at least 1")
        if not (self.acc_max_m > 0.0 and self.speed_max_mps > 0.0):
            raise ValueError("accuracy and speed are above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossings:
    """Confirmed crossings, in the order in which they were confirmed, then by row.

    `t` is the first fix in the new grid, `confirmed_t` the fix that settled it;
    -1 as a grid is "in none".
    """

    rows: Rows
    from_grid: GridIndices
    to_grid: GridIndices
    t: Times
    confirmed_t: Times

    def __len__(self) -> int:
        return len(self.rows)


NONE: Final = Crossings(
    rows=np.zeros(0, np.int64),
    from_grid=np.zeros(0, np.int32),
    to_grid=np.zeros(0, np.int32),
    t=np.zeros(0, np.int64),
    confirmed_t=np.zeros(0, np.int64),
)


@dataclass(frozen=True, slots=True)
class _Fixes:
    """A batch or a part of one; in a step, one fix a row."""

    rows: Rows
    t: Times
    lon: Floats
    lat: Floats
    acc_m: Floats
    grid: GridIndices
    place: NDArray[np.int32]
    """Of each in its batch; in a step, of its doubt among the step's."""

    def where(self, chosen: Flags) -> _Fixes:
        return self if chosen.all() else self.at(chosen)

    def at(self, chosen: Flags | NDArray[np.intp]) -> _Fixes:
        return _Fixes(
            self.rows[chosen],
            self.t[chosen],
            self.lon[chosen],
            self.lat[chosen],
            self.acc_m[chosen],
            self.grid[chosen],
            self.place[chosen],
        )


class CrossingState:
    """What is remembered of every row: 36 bytes, and 44 while it is in doubt. One for all
    communities of a hub, whose units share one numbering, or each would have rows for all."""

    def __init__(self) -> None:
        self._records = [np.zeros(0, dtype) for dtype in _RECORDS]
        self._doubts = np.zeros(1, _DOUBT)  # the first is everybody's who is in none
        self._free: list[int] = []
        """Those of ``_doubts`` that are nobody's."""
        self.of: dict[str, NDArray[Any]] = {}
        """Each column by its name, a view."""
        self._show()

    def __len__(self) -> int:
        return len(self.last)

    @property
    def last(self) -> NDArray[Any]:
        """The records that every fix is held against."""
        return self._records[0]

    def make_room(self, row_max: int) -> None:
        """Rows up to this one."""
        if row_max < len(self):
            return
        rows = max(row_max + 1, len(self) + len(self) // GROW_PART)
        self._records = [_grown(records, rows) for records in self._records]
        self._show()

    def forget(self, row: int) -> None:
        """The row is as if nothing had been heard."""
        rows = np.array([row])
        self.keep_doubts(rows, self.of["calm_grid"][rows], np.zeros(1, _DOUBT))
        for name, column in self.of.items():
            column[row] = _EMPTY[name]

    def doubts(self, calm_grid: GridIndices) -> NDArray[np.void]:
        """``_DOUBT`` of rows with these in that column, a copy; all zeros where there is none."""
        return self._doubts.take(np.maximum(UNPLACED - calm_grid, 0))

    def keep_doubts(self, rows: Rows, calm_grid: GridIndices, doubts: NDArray[np.void]) -> None:
        """These are what is in doubt of these rows from now on, each named once; before, they had
        these in that column, and their grids are settled. What is not in doubt is calm."""
        which = np.maximum(UNPLACED - calm_grid, 0)
        has = (doubts["jump_count"] > 0) | (doubts["next_count"] > 0)
        over = (which > 0) & ~has
        if over.any():
            self._free += which[over].tolist()
        calm = self.of["grid"][rows]
        if has.any():
            new = (has & (which == 0)).nonzero()[0]
            if len(new):
                which[new] = self._given(len(new))
            mine = has.nonzero()[0]
            self._doubts.put(which.take(mine), doubts.take(mine))  # a third of what `[]` takes
            calm = np.where(has, UNPLACED - which, calm)
        self.of["calm_grid"][rows] = calm

    def _given(self, count: int) -> list[int]:
        """So many that are nobody's."""
        held, more = len(self._doubts), count - len(self._free)
        if more > 0:
            more = max(more, DOUBTS_FIRST, held // GROW_PART)
            self._doubts = np.concatenate([self._doubts, np.zeros(more, _DOUBT)])
            self._free += range(held, held + more)
        first = len(self._free) - count
        given = self._free[first:]
        del self._free[first:]
        return given

    def _show(self) -> None:
        for records in self._records:
            self.of.update({name: records[name] for name in records.dtype.names or ()})


def _grown(records: NDArray[np.void], rows: int) -> NDArray[np.void]:
    """The same with more rows, of which nothing was heard."""
    grown = np.zeros(rows, records.dtype)
    grown[: len(records)] = records
    for name in records.dtype.names or ():
        if _EMPTY[name] != 0:
            grown[name][len(records) :] = _EMPTY[name]
    return grown


class CrossingDetector:
    """Hears fixes in batches and tells the crossings that they settle."""

    def __init__(
        self,
        gridset: GridSet,
        rules: CrossingRules | None = None,
        *,
        state: CrossingState | None = None,
    ) -> None:
        """`state` may be shared by detectors that never hear of the same row."""
        self._gridset = gridset
        self._rules = rules or CrossingRules()
        self._memory = CrossingState() if state is None else state
        self._state = self._memory.of
        self._deg_per_us = self._rules.speed_max_mps / 1_000_000 * SURELY_DEG_PER_M

    def detect(
        self,
        rows: Rows,
        t: Times,
        lon: Floats,
        lat: Floats,
        acc_m: Floats,
        grid: GridIndices,
    ) -> Crossings:
        """The crossings that these fixes settle, in whatever order they come.

        `grid` is where `GridSet.locate_batch` puts each fix; `acc_m` is NaN where
        unknown. The first grid a unit settles in is no crossing: it came from
        nowhere. How fixes are cut into batches makes no difference, as long as
        no batch brings a unit's fix that is older than one before.
        """
        if not len(rows):
            return NONE
        self._memory.make_room(int(rows.max()))
        turn = np.arange(len(rows), dtype=np.int32)
        acc_m = np.where(np.isnan(acc_m), ACC_UNKNOWN_M, acc_m)
        fixes = _Fixes(rows, t, lon, lat, acc_m, grid, turn)
        self._state["turn"][rows] = turn
        last = self._memory.last.take(rows)
        if (last["turn"] == turn).all():
            step = self._without_calm(fixes, last)
            return self._step(step) if len(step.rows) else NONE
        steps = _one_fix_a_row(self._without_calm_rows(fixes))
        return _joined([self._step(step) for step in steps])

    def grid_of(self, row: int) -> int:
        """The grid that the unit has settled in, -1 for none, UNPLACED before that."""
        return int(self._state["grid"][row]) if row < len(self._memory) else UNPLACED

    def place(self, row: int, grid: int) -> None:
        """Says where a unit is known to be, as after a restart; no crossing comes of it."""
        self.place_many(np.array([row]), np.array([grid], np.int32))

    def place_many(self, rows: Rows, grids: GridIndices) -> None:
        """The same for many units at once."""
        if len(rows):
            self._memory.make_room(int(rows.max()))
            calm_grid = self._state["calm_grid"][rows]
            doubts = self._memory.doubts(calm_grid)
            doubts["next_count"] = 0
            self._state["grid"][rows] = grids
            self._memory.keep_doubts(rows, calm_grid, doubts)

    def forget(self, row: int) -> None:
        """The unit signed off: the row may be another's, and its return is no crossing."""
        if row < len(self._memory):
            self._memory.forget(row)

    def _without_calm(self, fixes: _Fixes, last: NDArray[np.void]) -> _Fixes:
        """Remembers the fixes of units that are still where they were; gives the others.

        One fix a row; `last` is the record of each.
        """
        calm = self._calm(fixes, last["t"], last["lon"], last["lat"], last["calm_grid"])
        self._remember_last(fixes.where(calm))
        return fixes.at((~calm).nonzero()[0])

    def _without_calm_rows(self, fixes: _Fixes) -> _Fixes:
        """The same where rows repeat, as in a backlog: each fix is held against the one before
        it, and a row is calm when all of its are. In order of row, then time."""
        doubts = self._memory.doubts(self._state["calm_grid"][fixes.rows])
        heard_t = np.maximum(self._state["t"][fixes.rows], doubts["jump_t"])
        fixes = fixes.where(fixes.t > heard_t)  # what is older tells nothing, in any order
        if not len(fixes.rows):
            return fixes
        fixes = fixes.at(np.lexsort((fixes.t, fixes.rows)))
        first = np.ones(len(fixes.rows), dtype=np.bool_)
        first[1:] = fixes.rows[1:] != fixes.rows[:-1]
        last = self._memory.last.take(fixes.rows)
        for name, column in (("t", fixes.t), ("lon", fixes.lon), ("lat", fixes.lat)):
            last[name][1:] = np.where(first[1:], last[name][1:], column[:-1])
        calm = self._calm(fixes, last["t"], last["lon"], last["lat"], last["calm_grid"])
        starts = np.flatnonzero(first)
        counts = np.diff(starts, append=len(first))
        calm_row = np.logical_and.reduceat(calm, starts)
        self._remember_last(fixes.at((starts + counts - 1)[calm_row]))
        return fixes.where(np.repeat(~calm_row, counts))

    def _calm(
        self, fixes: _Fixes, t: Times, lon: Floats, lat: Floats, calm_grid: GridIndices
    ) -> Flags:
        """Which fixes are newer than the one beside them, a walk from it, in the unit's grid."""
        calm: Flags = fixes.grid == calm_grid
        calm &= fixes.t > t
        calm &= fixes.acc_m <= self._rules.acc_max_m
        calm &= self._surely_reachable(fixes, t, lon, lat)
        return calm

    def _remember_last(self, fixes: _Fixes) -> None:
        self._state["t"][fixes.rows] = fixes.t
        self._state["lon"][fixes.rows] = fixes.lon
        self._state["lat"][fixes.rows] = fixes.lat

    def _step(self, fixes: _Fixes) -> Crossings:
        """One fix of each of some units."""
        last = self._memory.last.take(fixes.rows)
        doubts = self._memory.doubts(last["calm_grid"])
        tells = fixes.t > np.maximum(last["t"], doubts["jump_t"])
        tells &= fixes.acc_m <= self._rules.acc_max_m
        if not tells.all():
            chosen = tells.nonzero()[0]
            if not len(chosen):
                return NONE
            fixes, last, doubts = fixes.at(chosen), last.take(chosen), doubts.take(chosen)
        place = np.arange(len(doubts), dtype=np.int32)
        fixes = _Fixes(fixes.rows, fixes.t, fixes.lon, fixes.lat, fixes.acc_m, fixes.grid, place)
        settled = self._settled(self._believed(fixes, last, doubts), doubts)
        self._memory.keep_doubts(fixes.rows, last["calm_grid"], doubts)
        return settled

    def _believed(self, fixes: _Fixes, last: NDArray[np.void], doubts: NDArray[np.void]) -> _Fixes:
        """The fixes that tell where the unit is; remembers them, and jumps until they agree."""
        t, lon, lat = last["t"], last["lon"], last["lat"]
        near = self._surely_reachable(fixes, t, lon, lat)
        near |= t == 0
        if not near.all():
            near |= self._reachable(fixes, t, lon, lat)
        before = doubts["jump_count"].copy()
        if near.all() and not before.any():
            self._remember_last(fixes)
            return fixes
        agreeing = before > 0
        agreeing &= self._reachable(fixes, doubts["jump_t"], doubts["jump_lon"], doubts["jump_lat"])
        count = np.where(near, 0, np.where(agreeing, before + 1, 1))
        moved = count >= self._rules.agreeing_min
        doubts["jump_count"] = np.where(moved, 0, count)
        doubts["next_count"][moved] = 0  # what it did before it jumped counts no more
        jumped = fixes.where(~near)
        doubts["jump_t"][jumped.place] = jumped.t
        doubts["jump_lon"][jumped.place] = jumped.lon
        doubts["jump_lat"][jumped.place] = jumped.lat
        believed = fixes.where(near | moved)
        self._remember_last(believed)
        return believed

    def _reachable(self, fixes: _Fixes, t: Times, lon: Floats, lat: Floats) -> Flags:
        """Whether each fix could be reached from the one beside it."""
        step_us = np.maximum(fixes.t - t, STEP_US_MIN)
        metres = distances_m(lon, lat, fixes.lon, fixes.lat)
        reachable: Flags = metres <= self._rules.speed_max_mps * (step_us / 1_000_000)
        return reachable

    def _surely_reachable(self, fixes: _Fixes, t: Times, lon: Floats, lat: Floats) -> Flags:
        """The same told by degrees: True is true, False says nothing."""
        away_deg = np.abs(fixes.lon - lon)
        away_deg += np.abs(fixes.lat - lat)
        surely: Flags = away_deg <= np.maximum(fixes.t - t, STEP_US_MIN) * self._deg_per_us
        return surely

    def _settled(self, fixes: _Fixes, doubts: NDArray[np.void]) -> Crossings:
        """Counts believed fixes in another grid; those that complete a dwell are crossings."""
        away = fixes.grid != self._state["grid"][fixes.rows]
        if not away.all():
            doubts["next_count"][fixes.place[~away]] = 0
            fixes = fixes.at(away)
        if not len(fixes.rows):
            return NONE
        fixes = fixes.where(self._clear_of_border(fixes))
        place = fixes.place
        if not len(place):
            return NONE
        since_t, count = doubts["next_t"][place], doubts["next_count"][place]
        fresh = (count == 0) | (doubts["next_grid"][place] != fixes.grid)
        since_t, count = np.where(fresh, fixes.t, since_t), np.where(fresh, 1, count + 1)
        doubts["next_grid"][place] = fixes.grid
        doubts["next_t"][place] = since_t
        doubts["next_count"][place] = count
        enough = count >= self._rules.fixes_min
        enough &= fixes.t - since_t >= self._rules.dwell_us
        return self._moved(fixes.where(enough), doubts) if enough.any() else NONE

    def _clear_of_border(self, fixes: _Fixes) -> Flags:
        """Whether each fix lies farther from the border it has crossed than it may be wrong.

        That is the new grid's border, or the old one's for a unit now in none; a
        unit that comes from nowhere into none has crossed none.
        """
        nowhere = fixes.grid == NO_GRID
        crossed = np.where(nowhere, self._state["grid"][fixes.rows], fixes.grid)
        needed_m = np.where(nowhere, np.maximum(fixes.acc_m, ROAD_WIDTH_M), fixes.acc_m)
        clear: Flags = crossed < 0
        known = np.flatnonzero(~clear)
        if len(known):
            clear[known] = self._gridset.clear_of_border(
                crossed[known], fixes.lon[known], fixes.lat[known], needed_m[known]
            )
        return clear

    def _moved(self, fixes: _Fixes, doubts: NDArray[np.void]) -> Crossings:
        state, rows = self._state, fixes.rows
        before = state["grid"][rows]
        state["grid"][rows] = fixes.grid
        doubts["next_count"][fixes.place] = 0
        placed = before != UNPLACED
        return Crossings(
            rows=rows[placed],
            from_grid=before[placed],
            to_grid=fixes.grid[placed],
            t=doubts["next_t"][fixes.place[placed]],
            confirmed_t=fixes.t[placed],
        )


def _one_fix_a_row(fixes: _Fixes) -> Iterator[_Fixes]:
    """Fixes in order of row and time as steps that have each row once: first fixes, second
    fixes, and so on."""
    starts = np.ones(len(fixes.rows), dtype=np.bool_)
    starts[1:] = fixes.rows[1:] != fixes.rows[:-1]
    place = np.arange(len(starts))
    turn = place - np.maximum.accumulate(np.where(starts, place, 0))
    for number in range(int(turn.max(initial=-1)) + 1):
        yield fixes.where(turn == number)


def _joined(parts: list[Crossings]) -> Crossings:
    parts = [part for part in parts if len(part)]
    if not parts:
        return NONE

    def joined(name: str, dtype: str) -> NDArray[np.int64]:
        return np.concatenate([getattr(part, name) for part in parts]).astype(dtype)

    rows, confirmed_t = joined("rows", "i8"), joined("confirmed_t", "i8")
    order = np.lexsort((rows, confirmed_t))
    return Crossings(
        rows=rows[order],
        from_grid=joined("from_grid", "i4")[order].astype(np.int32),
        to_grid=joined("to_grid", "i4")[order].astype(np.int32),
        t=joined("t", "i8")[order],
        confirmed_t=confirmed_t[order],
    )
