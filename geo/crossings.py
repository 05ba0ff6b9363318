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
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.adjacency import ROAD_WIDTH_M
from geo.arrays import Flags, Floats, GridIndices, Rows, Times
from geo.distance import distances_m
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

UNPLACED: Final = -2
"""The grid of a unit that has not been anywhere long enough."""

_EMPTY: Final[dict[str, tuple[str, float]]] = {
    "heard_t": ("i8", 0),
    "last_t": ("i8", 0),
    "last_lon": ("f8", np.nan),
    "last_lat": ("f8", np.nan),
    "jump_t": ("i8", 0),
    "jump_lon": ("f8", np.nan),
    "jump_lat": ("f8", np.nan),
    "jump_count": ("i4", 0),
    "grid": ("i4", UNPLACED),
    "next_grid": ("i4", UNPLACED),
    "next_t": ("i8", 0),
    "next_count": ("i4", 0),
}
"""The state of a row: newest fix heard, last believed, the last of a run of fixes
elsewhere, the grid that the unit is in, and the one it seems to be going to."""


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


@dataclass(frozen=True, slots=True)
class _Fixes:
    """A batch or a part of one; in a step, one fix a row."""

    rows: Rows
    t: Times
    lon: Floats
    lat: Floats
    acc_m: Floats
    grid: GridIndices

    def where(self, chosen: Flags | NDArray[np.intp]) -> _Fixes:
        return _Fixes(
            self.rows[chosen],
            self.t[chosen],
            self.lon[chosen],
            self.lat[chosen],
            self.acc_m[chosen],
            self.grid[chosen],
        )


class CrossingDetector:
    """Hears fixes in batches and tells the crossings that they settle."""

    def __init__(self, gridset: GridSet, rules: CrossingRules | None = None) -> None:
        self._gridset = gridset
        self._rules = rules or CrossingRules()
        self._state = {name: np.full(0, empty, dtype) for name, (dtype, empty) in _EMPTY.items()}

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
        fixes = _Fixes(rows, t, lon, lat, np.where(np.isnan(acc_m), ACC_UNKNOWN_M, acc_m), grid)
        self._make_room(rows)
        settled = [self._step(step) for step in _one_fix_a_row(fixes)]
        return _joined(settled)

    def grid_of(self, row: int) -> int:
        """The grid that the unit has settled in, -1 for none, UNPLACED before that."""
        return int(self._state["grid"][row]) if row < len(self._state["grid"]) else UNPLACED

    def place(self, row: int, grid: int) -> None:
        """Says where a unit is known to be, as after a restart; no crossing comes of it."""
        self._make_room(np.array([row]))
        self._state["grid"][row] = grid
        self._state["next_count"][row] = 0

    def forget(self, row: int) -> None:
        """The unit signed off: the row may be another's, and its return is no crossing."""
        if row < len(self._state["grid"]):
            for name, (_, empty) in _EMPTY.items():
                self._state[name][row] = empty

    def _make_room(self, rows: Rows) -> None:
        have, need = len(self._state["grid"]), int(rows.max(initial=-1)) + 1
        if need <= have:
            return
        more = max(need, 2 * have) - have
        for name, (dtype, empty) in _EMPTY.items():
            added = np.full(more, empty, dtype)
            self._state[name] = np.concatenate([self._state[name], added])

    def _step(self, fixes: _Fixes) -> Crossings:
        """One fix of each of some units, newer than those before it."""
        newer = fixes.t > self._state["heard_t"][fixes.rows]
        fixes = fixes.where(newer & (fixes.acc_m <= self._rules.acc_max_m))
        self._state["heard_t"][fixes.rows] = fixes.t
        return self._settled(fixes.where(self._believed(fixes)))

    def _believed(self, fixes: _Fixes) -> Flags:
        """Which fixes tell where the unit is; remembers them, and jumps until they agree."""
        state, rows = self._state, fixes.rows
        near = (state["last_t"][rows] == 0) | self._reachable(fixes, "last")
        agreeing = (state["jump_count"][rows] > 0) & self._reachable(fixes, "jump")
        count = np.where(near, 0, np.where(agreeing, state["jump_count"][rows] + 1, 1))
        moved = count >= self._rules.agreeing_min
        believed: Flags = near | moved
        state["jump_count"][rows] = np.where(moved, 0, count)
        state["next_count"][rows[moved]] = 0  # what it did before it jumped counts no more
        self._remember("jump", fixes.where(~near))
        self._remember("last", fixes.where(believed))
        return believed

    def _reachable(self, fixes: _Fixes, since: str) -> Flags:
        """Whether each fix could be reached from the row's fix remembered as `since`."""
        state, rows = self._state, fixes.rows
        metres = distances_m(
            state[f"{since}_lon"][rows], state[f"{since}_lat"][rows], fixes.lon, fixes.lat
        )
        step_us = np.maximum(fixes.t - state[f"{since}_t"][rows], STEP_US_MIN)
        reachable: Flags = metres <= self._rules.speed_max_mps * (step_us / 1_000_000)
        return reachable

    def _remember(self, what: str, fixes: _Fixes) -> None:
        self._state[f"{what}_t"][fixes.rows] = fixes.t
        self._state[f"{what}_lon"][fixes.rows] = fixes.lon
        self._state[f"{what}_lat"][fixes.rows] = fixes.lat

    def _settled(self, fixes: _Fixes) -> Crossings:
        """Counts believed fixes in another grid; those that complete a dwell are crossings."""
        state = self._state
        away = fixes.grid != state["grid"][fixes.rows]
        state["next_count"][fixes.rows[~away]] = 0
        fixes = fixes.where(away)
        fixes = fixes.where(self._clear_of_border(fixes))
        rows = fixes.rows
        fresh = (state["next_count"][rows] == 0) | (state["next_grid"][rows] != fixes.grid)
        state["next_grid"][rows] = fixes.grid
        state["next_t"][rows] = np.where(fresh, fixes.t, state["next_t"][rows])
        state["next_count"][rows] = np.where(fresh, 1, state["next_count"][rows] + 1)
        enough = state["next_count"][rows] >= self._rules.fixes_min
        return self._moved(
            fixes.where(enough & (fixes.t - state["next_t"][rows] >= self._rules.dwell_us))
        )

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
            metres = self._gridset.border_distances_m(
                crossed[known], fixes.lon[known], fixes.lat[known]
            )
            clear[known] = metres > needed_m[known]
        return clear

    def _moved(self, fixes: _Fixes) -> Crossings:
        state, rows = self._state, fixes.rows
        before = state["grid"][rows]
        state["grid"][rows] = fixes.grid
        state["next_count"][rows] = 0
        placed = before != UNPLACED
        return Crossings(
            rows=rows[placed],
            from_grid=before[placed],
            to_grid=fixes.grid[placed],
            t=state["next_t"][rows[placed]],
            confirmed_t=fixes.t[placed],
        )


def _one_fix_a_row(fixes: _Fixes) -> Iterator[_Fixes]:
    """The batch as steps that have each row once: first fixes, second fixes, and so on."""
    order = np.lexsort((fixes.t, fixes.rows))
    fixes = fixes.where(order)
    count = len(order)
    starts = np.ones(count, dtype=np.bool_)
    starts[1:] = fixes.rows[1:] != fixes.rows[:-1]
    place = np.arange(count)
    turn = place - np.maximum.accumulate(np.where(starts, place, 0))
    for number in range(int(turn.max(initial=-1)) + 1):
        yield fixes.where(turn == number)


def _joined(parts: list[Crossings]) -> Crossings:
    def joined(name: str, dtype: str) -> NDArray[np.int64]:
        arrays = [getattr(part, name) for part in parts if len(part)]
        return np.concatenate([np.zeros(0, dtype), *arrays]).astype(dtype)

    rows, confirmed_t = joined("rows", "i8"), joined("confirmed_t", "i8")
    order = np.lexsort((rows, confirmed_t))
    return Crossings(
        rows=rows[order],
        from_grid=joined("from_grid", "i4")[order].astype(np.int32),
        to_grid=joined("to_grid", "i4")[order].astype(np.int32),
        t=joined("t", "i8")[order],
        confirmed_t=confirmed_t[order],
    )
