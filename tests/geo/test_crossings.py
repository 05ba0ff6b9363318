"""Crossings: what a receiver makes up is not believed, what people do is."""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.adjacency import ROAD_WIDTH_M
from geo.crossings import (
    ACC_MAX_M,
    ACC_UNKNOWN_M,
    AGREEING_MIN,
    DWELL_US,
    FIXES_MIN,
    SPEED_MAX_MPS,
    UNPLACED,
    CrossingDetector,
    CrossingRules,
    Crossings,
    CrossingState,
)
from geo.distance import distance_m
from geo.grids import NO_GRID, GridSet, load_grids
from tests.data import data_folder
from tests.geo.places import at, collection, feature, row_of_squares, square

SECOND = 1_000_000
Crossing = tuple[int, int, int, int, int]
"""row, from, to, t, confirmed_t"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A unit in metres; grids are 100 m squares from x = 0 eastwards, 0 to 100 m north."""

    t_s: float
    x_m: float
    y_m: float = 50.0
    row: int = 0
    acc_m: float = 5.0


def hear(detector: CrossingDetector, gridset: GridSet, fixes: Sequence[Fix]) -> list[Crossing]:
    places = np.array([at(fix.x_m, fix.y_m) for fix in fixes], dtype=np.float64).reshape(-1, 2)
    lons, lats = places[:, 0].copy(), places[:, 1].copy()
    return listed(
        detector.detect(
            np.array([fix.row for fix in fixes], dtype=np.int64),
            np.array([round(fix.t_s * SECOND) for fix in fixes], dtype=np.int64),
            lons,
            lats,
            np.array([fix.acc_m for fix in fixes], dtype=np.float64),
            gridset.locate_batch(lons, lats),
        )
    )


def listed(found: Crossings) -> list[Crossing]:
    columns = (found.rows, found.from_grid, found.to_grid, found.t, found.confirmed_t)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def crossings(*fixes: Fix, gridset: GridSet | None = None) -> list[tuple[int, int, float]]:
    """(from, to, confirmed at second) for one unit that was settled at x = 50 by second 20."""
    gridset = gridset or row_of_squares(60)
    settled = [Fix(t_s=second, x_m=50) for second in (1, 11, 20)]
    found = hear(CrossingDetector(gridset), gridset, [*settled, *fixes])
    return [(before, after, t / SECOND) for _, before, after, _, t in found]


def wide() -> GridSet:
    """Two grids of 3 km side by side."""
    return load_grids(
        collection(
            feature(square(0, -1500, 3000), id="a"), feature(square(3000, -1500, 3000), id="b")
        )
    )


def test_a_unit_that_walks_over_is_in_the_next_grid() -> None:
    """First seen there at 30 s, settled at 40 s: both times are told."""
    gridset = row_of_squares(3)
    walk = [Fix(t_s=t, x_m=x) for t, x in ((1, 50), (11, 50), (30, 150), (35, 150), (40, 150))]

    found = hear(CrossingDetector(gridset), gridset, walk)

    assert found == [(0, 0, 1, 30 * SECOND, 40 * SECOND)]


def test_the_first_grid_is_no_crossing() -> None:
    """Signing on is not entering."""
    assert crossings() == []


def test_a_short_visit_is_none() -> None:
    """Round a corner and back within ten seconds."""
    assert crossings(Fix(t_s=30, x_m=150), Fix(t_s=39, x_m=150), Fix(t_s=41, x_m=50)) == []


def test_a_return_starts_the_dwell_anew() -> None:
    """Drift along a border: never ten seconds on end over there."""
    drift = [Fix(t_s=30 + 6 * n, x_m=150 if n % 2 else 50) for n in range(20)]

    assert crossings(*drift) == []


def test_one_fix_is_not_enough_however_long_ago() -> None:
    """A single fix over there proves nothing; the second one, an hour later, does."""
    assert crossings(Fix(t_s=30, x_m=150)) == []
    assert crossings(Fix(t_s=30, x_m=150), Fix(t_s=3630, x_m=150)) == [(0, 1, 3630)]


def test_a_vague_fix_makes_no_crossing() -> None:
    """A cell tower's guess of a kilometre is heard, shown, and not believed here."""

    def guesses(acc_m: float) -> list[Fix]:
        return [Fix(t_s=1000 + 5 * n, x_m=4500, acc_m=acc_m) for n in range(3)]

    assert crossings(*guesses(ACC_MAX_M + 1), gridset=wide()) == []
    assert crossings(*guesses(ACC_MAX_M), gridset=wide()) == [(0, 1, 1010)]


def test_closer_to_the_border_than_its_accuracy_it_proves_nothing() -> None:
    """15 m beyond the border and good to 20 m: it may stand on either side."""

    def beyond(x_m: float, acc_m: float) -> list[Fix]:
        return [Fix(t_s=30 + 5 * n, x_m=x_m, acc_m=acc_m) for n in range(5)]

    assert crossings(*beyond(115, 20)) == []
    assert crossings(*beyond(125, 20)) == [(0, 1, 40)]
    assert crossings(*beyond(100 + ACC_UNKNOWN_M - 1, math.nan)) == []
    assert crossings(*beyond(100 + ACC_UNKNOWN_M + 1, math.nan)) == [(0, 1, 40)]


def test_a_fix_near_the_border_does_not_end_a_dwell() -> None:
    """It speaks for neither side."""
    steps = ((30, 150), (33, 103), (36, 150), (38, 103), (40, 150))

    assert crossings(*[Fix(t_s=t, x_m=x) for t, x in steps]) == [(0, 1, 40)]


def test_an_older_fix_is_ignored() -> None:
    """A backlog of the walk home arrives after the unit is home."""
    gridset = row_of_squares(3)
    detector = CrossingDetector(gridset)
    hear(detector, gridset, [Fix(t_s=t, x_m=50) for t in (1, 11, 60)])

    late = [Fix(t_s=t, x_m=150) for t in (20, 30, 40, 60)]

    assert hear(detector, gridset, late) == []
    assert detector.grid_of(0) == 0


def test_a_jump_and_back_makes_no_crossing() -> None:
    """Kilometres off for one fix, or for two that would make a dwell, between tall buildings."""
    for away in (1, 2):
        echoes = [Fix(t_s=25 + 12 * n, x_m=5050) for n in range(away)]
        home = [Fix(t_s=60 + n * 10, x_m=50) for n in range(3)]
        assert crossings(*echoes, *home) == []


def test_a_jump_is_believed_once_enough_fixes_agree() -> None:
    """A radio switched off here and on again elsewhere: three fixes, then the dwell."""
    there = [Fix(t_s=25 + 5 * n, x_m=5050) for n in range(8)]

    (crossing,) = crossings(*there)

    believed_s = 25 + 5 * (AGREEING_MIN - 1)
    assert crossing == (0, 50, believed_s + DWELL_US / SECOND)


def test_a_jump_within_the_new_grid_starts_the_dwell_anew() -> None:
    """What was seen before the jump may itself have been the error."""
    seen = [Fix(t_s=1000, x_m=3100)]
    jumped = [Fix(t_s=t, x_m=5900) for t in (1005, 1006, 1007, 1012, 1017)]

    assert crossings(*seen, *jumped, gridset=wide()) == [(0, 1, 1017)]


def test_jumps_that_disagree_are_never_believed() -> None:
    """Each echo comes from another tower."""
    scattered = [Fix(t_s=25 + n, x_m=x) for n, x in enumerate((5050, 3050, 950, 4050, 2050) * 4)]

    assert crossings(*scattered) == []


def test_after_a_long_silence_no_distance_is_a_jump() -> None:
    """An hour is enough to be five kilometres off by bus."""
    assert crossings(Fix(t_s=3600, x_m=5050), Fix(t_s=3610, x_m=5050)) == [(0, 50, 3610)]


def test_leaving_all_grids_is_a_crossing_too_but_the_road_is_not() -> None:
    """A patrol along the kerb has not left; in the field behind it has."""

    def outside(y_m: float) -> list[Fix]:
        return [Fix(t_s=30 + 5 * n, x_m=50, y_m=y_m) for n in range(3)]

    assert crossings(*outside(100 + ROAD_WIDTH_M - 1)) == []
    assert crossings(*outside(100 + ROAD_WIDTH_M + 1)) == [(0, NO_GRID, 40)]


def test_from_nowhere_into_a_grid_is_an_entry() -> None:
    """A unit that signed on outside comes in."""
    gridset = row_of_squares(3)
    path = [Fix(t_s=1, x_m=-500), Fix(t_s=11, x_m=-500), Fix(t_s=60, x_m=50), Fix(t_s=70, x_m=50)]

    found = hear(CrossingDetector(gridset), gridset, path)

    assert found == [(0, NO_GRID, 0, 60 * SECOND, 70 * SECOND)]


def test_a_unit_that_signed_off_starts_anew() -> None:
    """Its row may be another's next time, and coming back is not entering."""
    gridset = row_of_squares(3)
    detector = CrossingDetector(gridset)
    hear(detector, gridset, [Fix(t_s=t, x_m=50) for t in (1, 11)])

    detector.forget(0)
    detector.forget(999)

    assert detector.grid_of(0) == UNPLACED
    assert hear(detector, gridset, [Fix(t_s=t, x_m=150) for t in (5, 15)]) == []
    assert detector.grid_of(0) == 1


def test_after_a_restart_a_unit_is_where_it_was() -> None:
    """What it crossed meanwhile is still told."""
    gridset = row_of_squares(3)
    detector = CrossingDetector(gridset)

    detector.place(7, 0)

    fixes = [Fix(row=7, t_s=t, x_m=150) for t in (1, 11)]
    assert hear(detector, gridset, fixes) == [(7, 0, 1, SECOND, 11 * SECOND)]


def test_many_units_may_be_placed_at_once() -> None:
    """A start does it for all of a district; one that was about to cross is so no more."""
    gridset = row_of_squares(3)
    one_by_one, at_once = CrossingDetector(gridset), CrossingDetector(gridset)
    for detector in (one_by_one, at_once):
        hear(detector, gridset, [Fix(row=1, t_s=t, x_m=50) for t in (1, 11)])
        hear(detector, gridset, [Fix(row=1, t_s=20, x_m=150)])
    for row, grid in ((7, 0), (1, 2), (3, NO_GRID)):
        one_by_one.place(row, grid)

    at_once.place_many(np.array([7, 1, 3]), np.array([0, 2, NO_GRID], np.int32))
    at_once.place_many(np.zeros(0, np.int64), np.zeros(0, np.int32))

    later = [Fix(row=row, t_s=t, x_m=150) for row in (1, 3, 7) for t in (30, 40)]
    assert hear(at_once, gridset, later) == hear(one_by_one, gridset, later)
    assert [at_once.grid_of(row) for row in range(8)] == [one_by_one.grid_of(r) for r in range(8)]


def test_communities_may_share_one_memory() -> None:
    """A hundred detectors, each with a row for every unit of the district, would not fit."""
    gridset, state = row_of_squares(3), CrossingState()
    one, other = CrossingDetector(gridset, state=state), CrossingDetector(gridset, state=state)
    walk = [Fix(t_s=t, x_m=x) for t, x in ((1, 50), (11, 50), (30, 150), (40, 150))]

    hear(other, gridset, [Fix(row=1, t_s=t, x_m=250) for t in (1, 11)])

    assert hear(one, gridset, walk) == [(0, 0, 1, 30 * SECOND, 40 * SECOND)]
    assert (one.grid_of(0), other.grid_of(1), len(state)) == (1, 2, 2)


def test_a_backlog_crosses_like_the_same_fixes_one_by_one() -> None:
    """An hour without a link comes in one batch, among others that move as ever."""
    gridset = row_of_squares(60)
    walk = [Fix(t_s=5.0 * n, x_m=50 + 4.0 * n) for n in range(1, 300)]
    others = [Fix(row=row, t_s=1500.0, x_m=50) for row in range(1, 40)]

    together = hear(CrossingDetector(gridset), gridset, [*walk, *others])

    alone = CrossingDetector(gridset)
    assert together == [found for fix in walk for found in hear(alone, gridset, [fix])]
    assert len(together) == 12


def test_the_rules_are_settings() -> None:
    """A community with wide grids may want to wait longer."""
    gridset = row_of_squares(3)
    path = [Fix(t_s=t, x_m=50) for t in (1, 90)] + [Fix(t_s=t, x_m=150) for t in (100, 130, 161)]

    patient = CrossingDetector(gridset, CrossingRules(dwell_us=60 * SECOND))

    assert [c[4] for c in hear(patient, gridset, path)] == [161 * SECOND]


@pytest.mark.parametrize(
    "wrong",
    [{"dwell_us": -1}, {"fixes_min": 0}, {"agreeing_min": 0}, {"acc_max_m": math.nan}],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, int]) -> None:
    """A setting is checked when it is read, not when the first unit crosses."""
    with pytest.raises(ValueError, match=r"not negative|above 0"):
        CrossingRules(**wrong)


@dataclass(slots=True)
class PlainUnit:
    """The rule for one unit and one fix at a time, as one would tell it."""

    gridset: GridSet
    row: int
    heard_s: float = 0.0
    last: Fix | None = None
    jumps: list[Fix] = field(default_factory=list)
    grid: int = UNPLACED
    visit: list[tuple[Fix, int]] = field(default_factory=list)
    found: list[Crossing] = field(default_factory=list)

    def hear(self, fix: Fix) -> None:
        acc_m = ACC_UNKNOWN_M if math.isnan(fix.acc_m) else fix.acc_m
        if fix.t_s <= self.heard_s or acc_m > ACC_MAX_M:
            return
        self.heard_s = fix.t_s
        if self.last is None or reachable(self.last, fix):
            self.jumps = []
        else:
            agrees = self.jumps and reachable(self.jumps[-1], fix)
            self.jumps = [*self.jumps, fix] if agrees else [fix]
            if len(self.jumps) < AGREEING_MIN:
                return
            self.jumps, self.visit = [], []
        self.last = fix
        self.believe(fix, acc_m)

    def believe(self, fix: Fix, acc_m: float) -> None:
        grid = self.gridset.locate_index(*at(fix.x_m, fix.y_m))
        if grid == self.grid:
            self.visit = []
            return
        crossed = self.grid if grid == NO_GRID else grid
        needed_m = max(acc_m, ROAD_WIDTH_M) if grid == NO_GRID else acc_m
        if crossed >= 0 and border_m(fix, crossed) <= needed_m:
            return
        same = self.visit and self.visit[-1][1] == grid
        self.visit = [*self.visit, (fix, grid)] if same else [(fix, grid)]
        since_s = self.visit[0][0].t_s
        if len(self.visit) >= FIXES_MIN and fix.t_s - since_s >= DWELL_US / SECOND:
            if self.grid != UNPLACED:
                times = round(since_s * SECOND), round(fix.t_s * SECOND)
                self.found.append((self.row, self.grid, grid, *times))
            self.grid, self.visit = grid, []


def reachable(since: Fix, fix: Fix) -> bool:
    metres = distance_m(*at(since.x_m, since.y_m), *at(fix.x_m, fix.y_m))
    return metres <= SPEED_MAX_MPS * max(fix.t_s - since.t_s, 1.0)


def border_m(fix: Fix, grid: int) -> float:
    """To the border of the square, from inside or outside."""
    east = max(grid * 100 - fix.x_m, fix.x_m - grid * 100 - 100)
    north = max(-fix.y_m, fix.y_m - 100)
    outside = math.hypot(max(east, 0), max(north, 0))
    return outside or min(-east, -north)


# Steps and places that keep every comparison away from the rounding of metres.
fixes_drawn = st.lists(
    st.builds(
        Fix,
        row=st.integers(0, 2),
        t_s=st.integers(1, 60).map(lambda n: n * 2.5),
        x_m=st.sampled_from([50.3, 91.7, 110.9, 153.1, 170.7, 253.9, 4051.3]),
        y_m=st.sampled_from([50.1, 50.1, 50.1, 120.7, 140.3]),
        acc_m=st.sampled_from([5.0, 5.0, math.nan, 25.0, 150.0]),
    ),
    max_size=60,
)


@given(fixes_drawn, st.lists(st.integers(0, 60), max_size=5))
def test_many_units_at_once_cross_as_each_would_alone(fixes: list[Fix], cuts: list[int]) -> None:
    """However batches are cut, each unit gets the plain reading of the rule."""
    gridset = row_of_squares(3)
    fixes.sort(key=lambda fix: fix.t_s)
    units = [PlainUnit(gridset, row) for row in range(3)]
    for fix in fixes:
        units[fix.row].hear(fix)
    detector = CrossingDetector(gridset)

    ends = sorted({0, *cuts, len(fixes)})
    found = [c for i, j in pairwise(ends) for c in hear(detector, gridset, fixes[i:j])]

    assert sorted(found) == sorted(crossing for unit in units for crossing in unit.found)
    assert [detector.grid_of(row) for row in range(3)] == [unit.grid for unit in units]


@given(st.data())
def test_echoes_change_nothing(data: st.DataObject) -> None:
    """A walk with jumps of kilometres thrown in crosses exactly where the walk does."""
    gridset = row_of_squares(60)
    stride = st.sampled_from([-12.0, 0.0, 3.0, 12.0])
    strides = data.draw(st.lists(stride, min_size=5, max_size=60))
    path = np.cumsum([250.0, *strides]).tolist()
    walk = [Fix(t_s=5.0 * n, x_m=x) for n, x in enumerate(path, 1)]
    echoes = [
        Fix(t_s=fix.t_s + 1 + n, x_m=fix.x_m + 2500)
        for fix in data.draw(st.lists(st.sampled_from(walk), unique_by=lambda fix: fix.t_s))
        for n in range(data.draw(st.integers(1, AGREEING_MIN - 1)))
    ]

    heard = sorted([*walk, *echoes], key=lambda fix: fix.t_s)

    plain = hear(CrossingDetector(gridset), gridset, walk)
    assert hear(CrossingDetector(gridset), gridset, heard) == plain


def test_recorded_people_cross_where_they_walk_and_not_where_they_jump() -> None:
    """220 real trips, their first hour together, over 126 real subdistricts."""
    folder = data_folder()
    gridset = load_grids((folder / "city" / "beijing_core_subdistricts.geojson").read_bytes())
    trips: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    with gzip.open(folder / "traces" / "beijing_traces.csv.gz", "rt") as file:
        for line in csv.DictReader(file):
            time = datetime.fromisoformat(line["time"]).timestamp()
            trips[line["trace_id"]].append((time, float(line["lon"]), float(line["lat"])))
    flat = [
        (row, round((time - trip[0][0] + 1) * SECOND), lon, lat)
        for row, trip in enumerate(trips.values())
        for time, lon, lat in trip
        if time - trip[0][0] < 3600
    ]
    flat.sort(key=lambda fix: fix[1])
    rows, t = np.array([fix[:2] for fix in flat], dtype=np.int64).T
    lon, lat = np.array([fix[2:] for fix in flat], dtype=np.float64).T
    grid = gridset.locate_batch(lon, lat)
    detector = CrossingDetector(gridset)

    found: list[Crossing] = []
    unknown = np.full(len(rows), np.nan)
    for part in np.array_split(np.arange(len(rows)), 500):
        settled = detector.detect(
            rows[part], t[part], lon[part], lat[part], unknown[part], grid[part]
        )
        found.extend(listed(settled))

    of_row: dict[int, list[tuple[int, float, float, int]]] = defaultdict(list)
    for row, *rest in zip(*(each.tolist() for each in (rows, t, lon, lat, grid)), strict=True):
        of_row[row].append((rest[0], rest[1], rest[2], rest[3]))
    naive = sum(a[3] != b[3] for fixes in of_row.values() for a, b in pairwise(fixes))
    assert 100 < len(found) < naive
    for row, _, to_grid, first_t, confirmed_t in found:
        there = [fix for fix in of_row[row] if first_t <= fix[0] <= confirmed_t]
        assert sum(fix[3] == to_grid for fix in there) >= FIXES_MIN
        assert confirmed_t - first_t >= DWELL_US
    landed = {
        (row, b[0])
        for row, fixes in of_row.items()
        for a, b in pairwise(fixes)
        if distance_m(*a[1:3], *b[1:3]) > max(1000.0, SPEED_MAX_MPS * (b[0] - a[0]) / SECOND)
    }
    assert landed, "the recording has jumps of kilometres"
    assert not landed & {(c[0], t) for c in found for t in c[3:]}
    for row in {crossing[0] for crossing in found}:
        chain = [crossing for crossing in found if crossing[0] == row]
        assert all(a[2] == b[1] and a[4] < b[4] for a, b in pairwise(chain))
