"""A block gives back what was put into it, or says that it is torn; never anything else."""

import base64
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.clock import DAY, HOUR, MILLISECOND, SECOND
from dispatch.store.history.block import (
    BLOCK_ROWS,
    Packed,
    TornBlockError,
    pack_as_they_came,
    pack_in_order,
)
from dispatch.store.history.columns import (
    COLUMNS,
    DTYPES,
    PLACES,
    Fixes,
    WholeBox,
    joined,
    latest,
    once,
)
from dispatch.store.history.cut import Cut, unpack

DAY_20_000 = 20_000 * DAY
OF_OLD = Path(__file__).with_name("history_blocks_3.json")
"""Two blocks of kind 3 as an older version wrote them, times in milliseconds and in microseconds,
with the rows that are in them."""

Row = tuple[int, int, int, int, int, int, int, int, int]

ROWS = st.lists(
    st.tuples(
        st.integers(0, 3) | st.just((1 << 26) - 1),
        st.integers(0, DAY - 1) | st.integers(0, 30).map(lambda n: n * 10 * SECOND),
        st.integers(-1_800_000_000, 1_800_000_000) | st.integers(1_163_000_000, 1_163_000_900),
        st.integers(-900_000_000, 900_000_000),
        st.integers(-1, 10_000_000),
        st.integers(-1, 1_000_000),
        st.integers(-1, 359),
        st.integers(-1, 100),
        st.integers(0, 1 << 20),
    ),
    min_size=1,
    max_size=60,
)

BOXES = st.tuples(
    st.integers(-1_800_000_000, 1_163_000_500),
    st.integers(-900_000_000, 100),
    st.integers(1_163_000_200, 1_800_000_000),
    st.integers(-100, 900_000_000),
)


def fixes_of(rows: list[Row]) -> Fixes:
    columns = zip(*rows, strict=True)
    made = {
        name: np.array(column, np.int64).astype(DTYPES[name])
        for name, column in zip(COLUMNS, columns, strict=True)
    }
    return Fixes(**made | {"t": made["t"] + DAY_20_000})


def rows_of(fixes: Fixes) -> list[Row]:
    return list(zip(*(getattr(fixes, name).tolist() for name in COLUMNS), strict=True))


def cut_of(blocks: list[bytes], cut: Cut) -> Fixes:
    for block in blocks:
        cut.add(block)
    fixes = cut.fixes()
    assert cut.rows == len(fixes)
    return fixes


def walk(units: int, count: int, *, seed: int = 1) -> Fixes:
    """Units that wander through one hour."""
    chance = np.random.default_rng(seed)
    total = units * count
    whole = {
        "unit": np.repeat(np.arange(units), count),
        "t": DAY_20_000 + np.tile(np.linspace(0, HOUR - 1, count).astype(np.int64), units),
        "lon": 1_163_000_000 + chance.integers(-900, 900, total).cumsum(),
        "lat": 399_000_000 + chance.integers(-900, 900, total).cumsum(),
        "acc": chance.integers(20, 90, total),
        "speed": chance.integers(-1, 200, total),
        "course": chance.integers(-1, 360, total),
        "battery": np.full(total, 77),
        "grid": np.repeat(chance.integers(0, 9, units), count),
    }
    return Fixes(**{name: column.astype(DTYPES[name]) for name, column in whole.items()})


@given(ROWS, st.booleans())
def test_what_came_comes_back_in_its_order(rows: list[Row], deflated: bool) -> None:
    block = pack_as_they_came(fixes_of(rows), hour=-1, deflated=deflated)

    assert rows_of(unpack(block.data)) == rows_of(fixes_of(rows))


@given(ROWS)
def test_what_was_put_in_order_comes_back(rows: list[Row]) -> None:
    """Block by block, and all of them at once."""
    ordered = once(fixes_of(rows))
    blocks = [block.data for block in pack_in_order(ordered)]

    assert rows_of(joined([unpack(block) for block in blocks])) == rows_of(ordered)
    assert rows_of(cut_of(blocks, Cut())) == rows_of(ordered)


@given(ROWS, ROWS)
def test_a_unit_is_put_together_out_of_many_blocks(rows: list[Row], came: list[Row]) -> None:
    """Of blocks in order and as they came; some with its times in microseconds, some not."""
    blocks = [
        *(block.data for block in pack_in_order(once(fixes_of(rows)))),
        pack_as_they_came(fixes_of(came), hour=-1).data,
    ]
    all_of_it = joined([unpack(block) for block in blocks])
    for unit in {row[0] for row in (*rows, *came)} | {7}:
        places = cut_of(blocks, Cut(unit=unit, places_only=True))

        theirs = all_of_it.at(all_of_it.unit == unit)
        for name in ("unit", *PLACES):
            assert getattr(places, name).tolist() == getattr(theirs, name).tolist()
        assert rows_of(cut_of(blocks, Cut(unit=unit))) == rows_of(theirs)


@given(ROWS, BOXES)
def test_nobody_in_a_box_is_left_out(rows: list[Row], box: WholeBox) -> None:
    """Runs that do not come near it are; whoever asks looks at each row that is left."""
    west, south, east, north = box
    ordered = once(fixes_of(rows))
    blocks = [block.data for block in pack_in_order(ordered)]

    near = cut_of(blocks, Cut(box=box))

    def inside(fixes: Fixes) -> list[Row]:
        return [
            row for row in rows_of(fixes) if west <= row[2] <= east and south <= row[3] <= north
        ]

    assert inside(near) == inside(ordered)


def test_who_was_far_away_is_not_unpacked() -> None:
    """An area's hour is read as quickly as the few who were there."""
    blocks = [block.data for block in pack_in_order(once(walk(100, 140)))]
    lon, lat = (getattr(walk(100, 140), name)[140 * 50] for name in ("lon", "lat"))

    near = cut_of(blocks, Cut(box=(lon - 9, lat - 9, lon + 9, lat + 9)))

    assert 50 in near.unit.tolist()
    assert len(near) < 10 * 140


def test_blocks_of_an_older_version_are_read() -> None:
    """Beside those of today, and whatever is asked of them."""
    old = json.loads(OF_OLD.read_text())
    blocks = [base64.b64decode(each["data"]) for each in old]
    expected = [tuple(row) for each in old for row in each["rows"]]
    assert {block[0] for block in blocks} == {3}
    today = [
        block.data
        for block in pack_in_order(joined([unpack(blocks[1]), unpack(blocks[0])]).at(slice(40)))
    ]

    assert rows_of(cut_of(blocks, Cut())) == expected
    assert rows_of(cut_of(blocks, Cut(unit=5))) == [row for row in expected if row[0] == 5]
    assert sorted(rows_of(cut_of([*blocks, *today], Cut(box=(0, 0, 1, 1))))) == sorted(expected)


@given(ROWS)
def test_the_index_says_what_is_in_a_block(rows: list[Row]) -> None:
    """Whatever lies outside of it, no reader looks for in the block."""
    for block in pack_in_order(once(fixes_of(rows))):
        fixes = unpack(block.data)
        assert block.rows == len(fixes)
        assert {block.hour} == {t % DAY // HOUR for t in fixes.t.tolist()}
        for name in ("unit", "t", "lon", "lat"):
            column = getattr(fixes, name)
            assert getattr(block, f"{name}_lo") == column.min()
            assert getattr(block, f"{name}_hi") == column.max()


@given(ROWS, st.randoms())
def test_one_fix_is_kept_whatever_the_order_and_the_grouping(
    rows: list[Row], chance: object
) -> None:
    """Nobody knows after a merge which of two came first, so it must not matter."""
    fixes = fixes_of([*rows, *rows[: len(rows) // 2]])
    half = len(fixes) // 2
    turned = fixes.at(np.arange(len(fixes))[::-1])
    by_parts = joined([once(fixes.at(slice(half))), once(fixes.at(slice(half, None)))])

    expected = rows_of(once(fixes))

    assert rows_of(once(turned)) == expected
    assert rows_of(once(by_parts)) == expected
    keys = [(unit, t) for unit, t, *_ in expected]
    assert len(set(keys)) == len(keys) == len({(u, t) for u, t, *_ in rows_of(fixes)})


@given(ROWS)
def test_the_latest_is_the_last_of_each_unit(rows: list[Row]) -> None:
    fixes = fixes_of(rows)

    last = {unit: t for unit, t, *_ in rows_of(latest(fixes))}

    assert last == {unit: max(t for u, t, *_ in rows_of(fixes) if u == unit) for unit in last}
    assert last.keys() == set(fixes.unit.tolist())


@given(st.data())
def test_any_byte_changed_is_noticed(data: st.DataObject) -> None:
    """A torn page or a bad disk must cost one block, not show somebody at sea."""
    fixes = walk(3, 20)
    packed: list[Packed] = [*pack_in_order(fixes), pack_as_they_came(fixes, hour=-1, deflated=True)]
    block = data.draw(st.sampled_from(packed)).data
    place = data.draw(st.integers(0, len(block) - 1))
    torn = bytearray(block)
    torn[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(TornBlockError):
        unpack(bytes(torn))
    with pytest.raises(TornBlockError):
        unpack(block[:place])


@given(st.binary(max_size=300))
def test_noise_is_no_block(noise: bytes) -> None:
    with pytest.raises(TornBlockError):
        unpack(noise)


def test_blocks_are_of_one_hour_and_some_units_and_never_large() -> None:
    """A unit's day is read in 24 of them, so they must stay small; a few units fill one."""
    many = list(pack_in_order(once(walk(100, 140))))
    assert [block.rows for block in many[:-1]] == [pytest.approx(BLOCK_ROWS, rel=0.1)] * (
        len(many) - 1
    )
    assert all(a.unit_hi < b.unit_lo for a, b in itertools.pairwise(many))

    fast = list(pack_in_order(once(walk(2, 5 * BLOCK_ROWS))))
    assert max(block.rows for block in fast) <= 2 * BLOCK_ROWS


def test_times_of_whole_milliseconds_lie_smaller() -> None:
    """Radios tell milliseconds; a microsecond somewhere must not be lost for it."""
    whole = walk(10, 140)
    whole = Fixes(
        **{name: getattr(whole, name) for name in COLUMNS if name != "t"},
        t=whole.t // MILLISECOND * MILLISECOND,
    )
    odd = Fixes(**{name: getattr(whole, name) for name in COLUMNS if name != "t"}, t=whole.t + 1)

    [small], [large] = (list(pack_in_order(once(fixes))) for fixes in (whole, odd))

    assert len(small.data) < len(large.data)
    assert unpack(large.data).t.tolist() == odd.t.tolist()
