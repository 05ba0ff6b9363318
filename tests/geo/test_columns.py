"""Live columns: the newest fix stays, rows come and go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.columns import BATTERY_UNKNOWN, NEVER, NO_ROLE, ColumnsFullError, LiveColumns
from geo.numbering import Numbering

fixes = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9)), max_size=30)
"""(row, time) pairs; their place in the list is written as the longitude."""


def columns_of(count: int) -> LiveColumns:
    columns = LiveColumns()
    for number in range(count):
        columns.add(f"u{number}")
    return columns


def write(columns: LiveColumns, batch: list[tuple[int, int]], first: int = 0) -> list[int]:
    rows = np.array([row for row, _ in batch], dtype=np.int64)
    t = np.array([time for _, time in batch], dtype=np.int64)
    lon = np.arange(first, first + len(batch), dtype=np.float64)
    taken: list[int] = columns.update_batch(rows, t, lon, np.zeros(len(batch))).tolist()
    return taken


def test_a_new_unit_is_nowhere_and_off_duty() -> None:
    """Nothing is assumed of a unit that has said nothing."""
    columns = LiveColumns()

    row = columns.add("西子一间", role=2, skills=0b101)

    assert (columns.row_of("西子一间"), columns.key_of(row)) == (row, "西子一间")
    assert (columns.role[row], columns.skills[row]) == (2, 0b101)
    assert np.isnan([columns.lon[row], columns.lat[row], columns.acc_m[row]]).all()
    assert (columns.fix_t[row], columns.battery[row], columns.grid[row]) == (NEVER, -1, -1)
    assert not any((columns.on_duty[row], columns.online[row], columns.busy[row]))


@given(fixes, fixes)
def test_the_newest_fix_stays_whatever_the_order(
    one: list[tuple[int, int]], two: list[tuple[int, int]]
) -> None:
    """A backlog sent after a tunnel must not move a unit back to where it was."""
    columns = columns_of(5)
    expected: dict[int, tuple[int, int]] = {}
    for number, (row, time) in enumerate(one + two):
        if time > expected.get(row, (NEVER, 0))[0]:
            expected[row] = (time, number)

    write(columns, one)
    write(columns, two, first=len(one))

    for row in range(5):
        time, number = expected.get(row, (NEVER, 0))
        assert columns.fix_t[row] == time
        assert (columns.lon[row] == number) if time else np.isnan(columns.lon[row])


def test_the_fixes_that_were_taken_are_named() -> None:
    """The caller counts the others as late."""
    columns = columns_of(3)
    write(columns, [(1, 5)])

    assert write(columns, [(0, 1), (1, 4), (2, 7), (0, 3), (2, 7)]) == [3, 2]
    assert sorted(write(columns, [(2, 8), (1, 4), (0, 4)])) == [0, 2]


def test_a_fix_brings_its_own_accuracy_but_keeps_the_battery() -> None:
    """An accuracy belongs to its fix; a battery does not empty by being left out."""
    columns = columns_of(2)
    rows, place = np.array([0, 1]), np.array([120.0, 120.0])
    columns.update_batch(
        rows,
        np.array([1, 1]),
        place,
        place / 4,
        acc_m=np.array([5.0, 6.0]),
        speed=np.array([1.0, 1.0]),
        course=np.array([90.0, 90.0]),
        battery=np.array([80, 70], dtype=np.int8),
        grid=np.array([3, 4], dtype=np.int32),
    )
    assert (columns.acc_m[1], columns.speed[1], columns.course[1], columns.grid[1]) == (6, 1, 90, 4)

    battery = np.array([BATTERY_UNKNOWN, 60], dtype=np.int8)
    columns.update_batch(rows, np.array([2, 2]), place, place / 4, battery=battery)

    assert np.isnan(columns.acc_m[0])
    assert columns.grid[0] == -1
    assert columns.battery.tolist() == [80, 60]


def test_a_place_that_is_no_number_is_our_bug() -> None:
    """Codecs refuse NaN; a unit at NaN would silently be nowhere near."""
    columns = columns_of(1)

    with pytest.raises(AssertionError, match="no number"):
        columns.update_batch(np.array([0]), np.array([1]), np.array([np.nan]), np.array([1.0]))


def test_a_fix_for_a_row_that_is_nobodys_is_our_bug() -> None:
    """It would move the unit that gets the row next."""
    columns = columns_of(2)
    columns.remove("u0")

    with pytest.raises(AssertionError, match="no row"):
        write(columns, [(0, 1)])


def test_a_unit_that_is_removed_is_forgotten_and_keeps_its_row() -> None:
    """Should it come back, it must not be where it was years ago; and nobody else inherits that."""
    columns = columns_of(2)
    write(columns, [(0, 5)])
    columns.on_duty[0] = True

    row = columns.remove("u0")

    assert (len(columns), "u0" in columns, list(columns)) == (1, False, ["u1"])
    assert not columns.live[row]
    assert columns.add("u9") == 2
    assert columns.add("u0") == row
    assert (columns.fix_t[row], columns.on_duty[row], columns.role[row]) == (NEVER, False, NO_ROLE)


def test_a_fix_that_is_forgotten_leaves_the_unit_nowhere() -> None:
    """It is not found by its old place either, and the next fix places it, though it be older."""
    columns = columns_of(2)
    write(columns, [(0, 5), (1, 5)])
    columns.on_duty[0] = True
    assert columns.index().cells is not None

    columns.forget_fix(0)

    assert (columns.fix_t[0], columns.on_duty[0], columns.live[0]) == (NEVER, True, True)
    assert np.isnan([columns.lon[0], columns.lat[0], columns.acc_m[0]]).all()
    assert columns.index().waiting == 0
    assert write(columns, [(0, 3)]) == [0]
    assert columns.fix_t[0] == 3


def test_columns_grow_and_keep_what_they_hold() -> None:
    """The thousandth unit signs on like the first."""
    columns = columns_of(1)
    write(columns, [(0, 5)])

    for number in range(1, 1000):
        assert columns.add(f"u{number}") == number

    assert (len(columns), len(columns.lon), columns.fix_t[0]) == (1000, 1000, 5)
    columns.busy[999] = True
    columns.add("one more")
    assert columns.busy[999]


def test_a_table_that_has_grown_has_room_for_an_eighth_more_at_most() -> None:
    """A district's table would else hold another district's rows, empty."""
    columns = LiveColumns(rows_first=8_000)
    columns.add_many([f"u{number}" for number in range(8_000)])
    exact = columns.nbytes

    columns.add("one more")

    assert columns.nbytes == exact * 9 // 8


def test_rows_are_the_numbers_of_names_that_were_lent() -> None:
    """The roster and the live table name a hundred thousand units once, and agree on them."""
    names = Numbering(["a", "b"])
    columns = LiveColumns(names=names)
    columns.add_lent()

    names.add("c")
    names.add("d")

    assert "c" not in columns
    assert columns.add("d") == 3
    assert (len(columns), list(columns), columns.live.tolist()) == (
        3,
        ["a", "b", "d"],
        [True, True, False, True],
    )
    assert columns.add("c") == 2
    assert [columns.key_of(row) for row in range(4)] == list(names)


def test_units_that_nobody_lent_are_our_bug() -> None:
    """Their rows would be others' in every table beside this one."""
    columns = LiveColumns(names=Numbering(["a", "b"]))

    with pytest.raises(AssertionError, match="whoever lends"):
        columns.add_many(["c"])
    with pytest.raises(KeyError):
        columns.add("stranger")


def test_a_full_table_refuses_one_more() -> None:
    """A flood of sign-ons ends in a sentence, not in the memory of the machine."""
    columns = LiveColumns(rows_max=2)
    columns.add("a")
    columns.add("b")

    with pytest.raises(ColumnsFullError, match="all 2 rows"):
        columns.add("c")

    columns.remove("a")
    columns.add("a")


def test_many_units_at_once_are_as_one_after_the_other() -> None:
    """A start knows a hundred thousand of them."""
    keys = [f"u{n}" for n in range(200)]
    one_by_one, at_once = LiveColumns(), LiveColumns()
    for key in keys:
        one_by_one.add(key)

    at_once.add(keys[0])
    at_once.add_many(keys[1:])

    assert [at_once.row_of(key) for key in keys] == [one_by_one.row_of(key) for key in keys]
    assert [at_once.key_of(row) for row in range(200)] == keys
    for name in ("live", "on_duty", "role", "fix_t", "grid", "battery"):
        assert getattr(at_once, name).tolist() == getattr(one_by_one, name).tolist()


def test_too_many_at_once_are_all_refused() -> None:
    """Half of a roster would look like all of it."""
    columns = LiveColumns(rows_max=3)

    with pytest.raises(ColumnsFullError):
        columns.add_many(["a", "b", "c", "d"])

    assert len(columns) == 0


@given(fixes)
def test_one_fix_is_written_as_a_batch_of_one(batch: list[tuple[int, int]]) -> None:
    """A press is written by a shorter way, which must not come to another end."""
    alone, batched = columns_of(5), columns_of(5)

    for place, (row, t) in enumerate(batch):
        battery = None if place % 3 else place
        acc_m = float(place) if place % 2 else None
        news = alone.update(row, t, place, -place, acc_m=acc_m, battery=battery, grid=place)
        taken = batched.update_batch(
            np.array([row]),
            np.array([t]),
            np.array([float(place)]),
            np.array([-float(place)]),
            acc_m=np.array([np.nan if acc_m is None else acc_m]),
            battery=np.array([BATTERY_UNKNOWN if battery is None else battery], np.int8),
            grid=np.array([place], np.int32),
        )

        assert news == bool(len(taken))

    for name in ("fix_t", "lon", "lat", "acc_m", "speed", "course", "battery", "grid"):
        ours, theirs = getattr(alone, name), getattr(batched, name)
        assert ((ours == theirs) | ((ours != ours) & (theirs != theirs))).all(), name
