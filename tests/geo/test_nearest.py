"""Who is nearest: against brute force, and case by case; by comparing all and by the index."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import searching as limits
from geo.columns import LiveColumns
from geo.distance import distance_m
from geo.nearest import Found, nearest
from tests.geo.places import ORIGIN, at

NOW = 1_700_000_000_000_000
SECOND = 1_000_000
AGE_MAX = 90 * SECOND
VOLUNTEER, GUARD = 0, 1
MEDICAL = 0b10


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A fit volunteer in grid 0, unless the test says otherwise."""

    key: str
    x_m: float = 0.0
    y_m: float = 0.0
    grid: int = 0
    role: int = VOLUNTEER
    skills: int = MEDICAL
    age_s: float | None = 1.0
    on_duty: bool = True
    online: bool = True
    busy: bool = False


def columns_of(*units: Unit) -> LiveColumns:
    columns = LiveColumns()
    for unit in units:
        row = columns.add(unit.key, role=unit.role, skills=unit.skills)
        columns.on_duty[row] = unit.on_duty
        columns.online[row] = unit.online
        columns.busy[row] = unit.busy
        if unit.age_s is not None:
            lon, lat = at(unit.x_m, unit.y_m)
            columns.update_batch(
                np.array([row]),
                np.array([NOW - round(unit.age_s * SECOND)]),
                np.array([lon]),
                np.array([lat]),
                grid=np.array([unit.grid], dtype=np.int32),
            )
    return columns


def find(
    columns: LiveColumns,
    *,
    k: int = 8,
    rings: tuple[tuple[int, ...], ...] = ((0,),),
    skills_all: int = MEDICAL,
    roles: tuple[int, ...] = (VOLUNTEER,),
    exclude_rows: tuple[int, ...] = (),
    group: int | None = None,
) -> Found:
    def ask() -> Found:
        return nearest(
            columns,
            lon=ORIGIN[0],
            lat=ORIGIN[1],
            grid_rings=rings,
            k=k,
            roles=roles,
            skills_all=skills_all,
            now=NOW,
            age_max_us=AGE_MAX,
            exclude_rows=exclude_rows,
            group=group,
        )

    return either_way(ask)


def either_way(ask: Callable[[], Found]) -> Found:
    """What is found must not depend on the way: all compared, by the index, in crowds."""
    found = ask()
    for crowd_min in (0, limits.CROWD_MIN):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys.modules["geo.nearest"], "SCAN_MAX", -1)
            patch.setattr(limits, "LOOK_PART", 0)
            patch.setattr(limits, "CROWD_MIN", crowd_min)
            again = ask()
        assert again.rows.tolist() == found.rows.tolist()
        assert again.ring.tolist() == found.ring.tolist()
        assert again.distance_m.tolist() == found.distance_m.tolist()
    return found


def keys(columns: LiveColumns, found: Found) -> list[str]:
    return [columns.key_of(row) for row in found.rows.tolist()]


def brute(
    columns: LiveColumns, units: list[Unit], k: int, rings: tuple[tuple[int, ...], ...]
) -> list[str]:
    """The plain reading of the rule, a unit at a time."""

    def rank(unit: Unit) -> tuple[int, float, str]:
        ring = next((n for n, ring in enumerate(rings) if unit.grid in ring), len(rings))
        row = columns.row_of(unit.key)
        metres = distance_m(*ORIGIN, float(columns.lon[row]), float(columns.lat[row]))
        return ring, metres, unit.key

    fit = [
        unit
        for unit in units
        if unit.role == VOLUNTEER
        and unit.skills & MEDICAL
        and unit.on_duty
        and unit.online
        and not unit.busy
        and unit.age_s is not None
        and unit.age_s <= 90
    ]
    return [unit.key for unit in sorted(fit, key=rank)[:k]]


maybe = st.sampled_from([True, True, True, False])
# Places repeat, but no two of them lie equally far off: only equal places tie.
units_drawn = st.lists(
    st.builds(
        Unit,
        key=st.text("abc", min_size=1, max_size=4),
        x_m=st.integers(-5, 5).map(lambda n: n * 317.0 + 13.0),
        y_m=st.integers(-5, 5).map(lambda n: n * 311.0 + 29.0),
        grid=st.integers(-1, 9),
        role=st.sampled_from([VOLUNTEER, VOLUNTEER, GUARD]),
        skills=st.sampled_from([0, 1, MEDICAL, 3]),
        age_s=st.sampled_from([None, -5.0, 0.0, 89.0, 90.0, 90.5, 3600.0]),
        on_duty=maybe,
        online=maybe,
        busy=maybe.map(lambda free: not free),
    ),
    max_size=40,
    unique_by=lambda unit: unit.key,
)
rings_drawn = st.sampled_from([(), ((0,),), ((3,), (1, 2, 4)), ((5,), (), (0, 9, 12), (1,))])


@given(units_drawn, st.integers(0, 12), rings_drawn)
def test_the_nearest_are_those_that_brute_force_names(
    units: list[Unit], k: int, rings: tuple[tuple[int, ...], ...]
) -> None:
    """Every short cut must name the people that the plain rule names, in its order."""
    columns = columns_of(*units)

    found = find(columns, k=k, rings=rings)

    assert keys(columns, found) == brute(columns, units, k, rings)


@pytest.mark.parametrize("k", [1, 8, 100, 200])
@pytest.mark.parametrize("where", [ORIGIN, (179.999, 0.0), (20.0, 89.99)])
@pytest.mark.parametrize("rings", [(), ((0,), (1, 2)), ((3,),)])
def test_thousands_of_units_are_cut_without_losing_one(
    k: int, where: tuple[float, float], rings: tuple[tuple[int, ...], ...]
) -> None:
    """The circle that spares measuring everybody, also at the date line and the pole."""
    chance = np.random.default_rng(k)
    columns, count = LiveColumns(), 3000
    for number in range(count):
        columns.add(f"u{number:04}", role=VOLUNTEER)
    columns.on_duty[:] = True
    columns.online[:] = True
    lon = (where[0] + chance.normal(0, 0.05, count) + 180) % 360 - 180
    lat = np.clip(where[1] + chance.normal(0, 0.05, count), -90, 90)
    grid = chance.integers(-1, 4, count).astype(np.int32)
    columns.update_batch(np.arange(count), np.full(count, NOW), lon, lat, grid=grid)

    found = either_way(
        lambda: nearest(
            columns,
            lon=where[0],
            lat=where[1],
            grid_rings=rings,
            k=k,
            roles=[VOLUNTEER],
            now=NOW,
            age_max_us=AGE_MAX,
        )
    )

    ring = [next((n for n, r in enumerate(rings) if g in r), len(rings)) for g in grid.tolist()]
    metres = [distance_m(*where, *place) for place in zip(lon.tolist(), lat.tolist(), strict=True)]
    ranked = sorted(range(count), key=lambda row: (ring[row], metres[row]))[:k]
    assert found.rows.tolist() == ranked
    assert found.distance_m == pytest.approx([metres[row] for row in ranked], abs=0.001)


def test_the_own_grid_comes_before_metres() -> None:
    """Whose grid it is goes first, even if the neighbour stands nearer."""
    columns = columns_of(
        Unit(key="own", x_m=400, grid=0),
        Unit(key="neighbour", x_m=30, grid=1),
        Unit(key="second ring", x_m=20, grid=2),
        Unit(key="no grid", x_m=10, grid=-1),
    )

    found = find(columns, rings=((0,), (1,), (2,)))

    assert keys(columns, found) == ["own", "neighbour", "second ring", "no grid"]
    assert found.ring.tolist() == [0, 1, 2, 3]
    assert found.distance_m == pytest.approx([400, 30, 20, 10], abs=0.1)


def test_where_no_grid_is_known_metres_alone_decide() -> None:
    """An alarm on a bridge between grids still finds somebody."""
    columns = columns_of(Unit(key="far", x_m=50, grid=0), Unit(key="near", x_m=20, grid=-1))

    assert keys(columns, find(columns, rings=())) == ["near", "far"]


def test_equal_units_are_chosen_by_their_key() -> None:
    """A replay must call the same ones, whatever rows they got."""
    units = [Unit(key=key) for key in "dbeac"]

    columns = columns_of(*units)

    assert keys(columns, find(columns, k=3)) == ["a", "b", "c"]


def test_any_of_several_roles_will_do() -> None:
    """A plan may ask for a guard or an officer."""
    columns = columns_of(Unit(key="v"), Unit(key="g", role=GUARD), Unit(key="other", role=7))

    assert keys(columns, find(columns, roles=(VOLUNTEER, GUARD))) == ["g", "v"]
    assert keys(columns, find(columns, roles=())) == []


def test_the_63rd_skill_is_a_skill() -> None:
    """The mask has 64 bits and no sign."""
    columns = columns_of(Unit(key="a", skills=1 << 63))

    assert keys(columns, find(columns, skills_all=1 << 63)) == ["a"]


FIT = Unit(key="u")


@pytest.mark.parametrize(
    "unit",
    [
        replace(FIT, on_duty=False),
        replace(FIT, online=False),
        replace(FIT, age_s=91),
        replace(FIT, age_s=None),
        replace(FIT, busy=True),
        replace(FIT, role=GUARD),
        replace(FIT, skills=1),
    ],
)
def test_a_unit_that_cannot_be_sent_is_not_found(unit: Unit) -> None:
    """One reason is enough."""
    assert len(find(columns_of(FIT))) == 1
    assert len(find(columns_of(unit))) == 0


def test_a_unit_already_asked_is_excluded() -> None:
    """The next wave goes to others."""
    columns = columns_of(Unit(key="a"), Unit(key="b"))

    assert keys(columns, find(columns, exclude_rows=(0,))) == ["b"]


def test_a_unit_that_left_is_not_found() -> None:
    """Its row may still lie between those of others."""
    columns = columns_of(Unit(key="a"), Unit(key="b"))
    columns.remove("a")

    assert keys(columns, find(columns)) == ["b"]


def test_units_that_walk_on_are_found_where_they_are_now() -> None:
    """The index hears of every move, sign-off and return; against all compared, round by round."""
    chance = np.random.default_rng(4)
    columns, count = LiveColumns(), 2000
    for number in range(count):
        columns.add(f"u{number:04}", role=VOLUNTEER, skills=MEDICAL)
    columns.on_duty[:] = True
    columns.online[:] = True
    places = chance.normal(0, 3000, (2, count))
    for second in range(12):
        moved = chance.choice(count, 700, replace=False)
        places[:, moved] += chance.normal(0, 600, (2, 700))
        lons, lats = np.array([at(*places[:, row].tolist()) for row in moved.tolist()]).T
        t = np.full(700, NOW - 12 * SECOND + second * SECOND)
        grid = (np.abs(places[0, moved]) // 500).astype(np.int32)
        columns.update_batch(moved, t, lons, lats, grid=grid)
        gone = f"u{second:04}"
        columns.remove(gone)
        find(columns, k=20, rings=((0,), (1, 2), (3,)))
        find(columns, k=20, rings=())
        columns.set_roles(np.array([columns.add(gone)]), VOLUNTEER)


def test_who_changes_their_role_where_they_stand_is_found_in_the_new_one() -> None:
    """The index keeps roles apart, and hears of it without a fix."""
    units = [Unit(key=f"u{n}", x_m=10.0 * n) for n in range(20)]
    columns = columns_of(*units)
    assert keys(columns, find(columns, k=2)) == ["u0", "u1"]

    columns.set_roles(np.array([columns.row_of("u0"), columns.row_of("u9")]), GUARD)

    assert keys(columns, find(columns, k=2)) == ["u1", "u2"]
    assert keys(columns, find(columns, k=2, roles=(GUARD,))) == ["u0", "u9"]
    assert keys(columns, find(columns, k=3, rings=(), roles=(GUARD, VOLUNTEER))) == [
        *("u0", "u1", "u2"),
    ]


def test_a_role_is_not_written_behind_the_back_of_the_index() -> None:
    """Whoever did would make a unit that stands still unfindable."""
    columns = columns_of(Unit(key="u"))

    with pytest.raises(ValueError, match="read-only"):
        columns.role[0] = GUARD


def test_only_units_of_the_group_exist() -> None:
    """Another community's guard is no help, however near."""
    columns = columns_of(Unit(key="ours", x_m=500), Unit(key="theirs", x_m=5))
    columns.group[columns.row_of("ours")] = 3

    assert keys(columns, find(columns, group=3)) == ["ours"]
    assert keys(columns, find(columns)) == ["theirs", "ours"]


def test_nobody_is_found_among_nobody() -> None:
    """The first minute of a new community."""
    assert len(find(LiveColumns())) == 0
