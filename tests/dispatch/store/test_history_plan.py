"""Merging comes to rest, leaves few layers, and takes no more at once than a step may."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from dispatch.clock import DAY, HOUR, MINUTE
from dispatch.store.history import plan
from dispatch.store.history.plan import (
    FAN,
    STEP_ROWS,
    WHOLE_HOUR_MAX,
    Came,
    Lying,
    Merge,
    depth,
    merge_of,
    put_in_order_of,
)
from dispatch.store.history.schema import SETTLED

BLOCK_ROWS = 2_000


def lying(key: int, lo: int, hi: int, *, level: int = 1, rows: int = BLOCK_ROWS) -> Lying:
    return Lying(id=key, level=level, unit_lo=lo, unit_hi=hi, rows=rows)


class Hour:
    """Does with ranges what the tender does with blocks."""

    def __init__(self) -> None:
        self.blocks: list[Lying] = []
        self.taken: list[int] = []
        self._next = 0

    def add(self, lo: int, hi: int, rows: int, level: int = 1) -> None:
        """A round: rows spread evenly over units, in blocks by unit."""
        count = -(-rows // BLOCK_ROWS)
        width = max(1, (hi - lo + 1) // count)
        for n in range(count):
            first = min(hi, lo + n * width)
            last = hi if n == count - 1 else min(hi, first + width - 1)
            self._next += 1
            self.blocks.append(lying(self._next, first, last, level=level, rows=rows // count))

    def tend(self, *, over: bool) -> int:
        """To the end; how many steps it took."""
        steps = 0
        while (merge := merge_of(self.blocks, over=over)) is not None:
            self._do(merge)
            steps += 1
            assert steps < 10_000, "it never comes to rest"
        return steps

    def _do(self, merge: Merge) -> None:
        taken = [block for block in self.blocks if block.id in merge.ids]
        assert len(taken) == len(merge.ids) > 0
        self.taken.append(sum(block.rows for block in taken))
        self.blocks = [block for block in self.blocks if block.id not in merge.ids]
        lo, hi = min(b.unit_lo for b in taken), max(b.unit_hi for b in taken)
        self.add(lo, hi, self.taken[-1], merge.level)


def layers(blocks: Sequence[Lying]) -> int:
    return depth(blocks)


def test_depth_is_how_many_lie_over_one_unit() -> None:
    assert depth([]) == 0
    assert depth([lying(1, 0, 4), lying(2, 5, 9)]) == 1
    assert depth([lying(1, 0, 5), lying(2, 5, 9), lying(3, 0, 9)]) == 3


def test_a_few_layers_are_left_alone_and_eight_become_one() -> None:
    hour = Hour()
    for _ in range(FAN - 1):
        hour.add(0, 999, 700)
    assert merge_of(hour.blocks, over=False) is None

    hour.add(0, 999, 700)
    hour.tend(over=False)

    assert {block.level for block in hour.blocks} == {2}
    assert layers(hour.blocks) == 1


def test_an_hour_that_is_over_becomes_one_layer() -> None:
    hour = Hour()
    for _ in range(20):
        hour.add(0, 999, 7_000)
        hour.tend(over=False)
    assert layers(hour.blocks) < 2 * FAN

    hour.tend(over=True)

    assert {block.level for block in hour.blocks} == {SETTLED}
    assert layers(hour.blocks) <= 2  # where one step ends and the next begins, two may touch


def test_a_trickle_of_late_fixes_waits_until_it_is_worth_it() -> None:
    """One radio's backlog must not have a whole hour packed again for every fix."""
    hour = Hour()
    hour.add(0, 999, 100_000, SETTLED)
    hour.add(0, 999, 50)
    assert hour.tend(over=True) == 0

    hour.add(0, 999, 100_000 // 8)
    hour.tend(over=True)

    assert {block.level for block in hour.blocks} == {SETTLED}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("units", [10, 1_000, 100_000])
def test_it_always_comes_to_rest_in_small_steps(seed: int, units: int) -> None:
    """Rounds of any size, late ones among them: bounded work, bounded layers."""
    chance = random.Random(seed)
    hour = Hour()
    for _ in range(30):
        lo = chance.randrange(units)
        hi = chance.randrange(lo, units)
        hour.add(
            *((0, units - 1) if chance.random() < 0.7 else (lo, hi)), chance.randint(1, 90_000)
        )
        hour.tend(over=chance.random() < 0.2)

    hour.tend(over=True)

    lower = [block for block in hour.blocks if block.level < SETTLED]
    for level in {block.level for block in lower}:
        assert layers([block for block in lower if block.level == level]) < FAN
    assert max(hour.taken, default=0) <= 2 * plan.STEP_ROWS + BLOCK_ROWS


def test_one_block_too_many_is_taken_alone() -> None:
    """A step takes one at least, or it would stand still before a large one."""
    large = lying(1, 0, 9, rows=10 * plan.STEP_ROWS)

    assert merge_of([large, replace(large, id=2)], over=True) == Merge((1,), SETTLED)


TODAY = 20_000 * DAY


def came(count: int, *, rows: int, minutes: int, first: int = 0) -> list[Came]:
    """Blocks one after the other from the day's begin on, each of so many minutes."""
    return [
        Came(
            id=1 + n,
            rows=rows,
            t_lo=TODAY + (first + n * minutes) * MINUTE,
            t_hi=TODAY + (first + (n + 1) * minutes) * MINUTE - 1,
        )
        for n in range(count)
    ]


def test_an_hour_that_came_whole_is_taken_alone() -> None:
    """With the block that reaches into the next, and nothing of what follows: packed once."""
    step = put_in_order_of(
        came(9, rows=50_000, minutes=25), (), over_t=TODAY + 3 * HOUR, blocks_max=400
    )

    assert step.ids == (1, 2, 3)
    assert step.rows == 150_000
    assert step.until_t == TODAY + HOUR


@pytest.mark.parametrize(
    ("blocks", "begun", "over_t"),
    [
        (came(9, rows=50_000, minutes=25), (0,), TODAY + 3 * HOUR),
        (came(9, rows=50_000, minutes=25), (), TODAY + HOUR - 1),
        (came(9, rows=7, minutes=5), (), TODAY + DAY),
        (came(9, rows=WHOLE_HOUR_MAX // 3, minutes=15), (), TODAY + DAY),
        (came(9, rows=50_000, minutes=300), (), TODAY + DAY),
    ],
    ids=["begun", "not over", "few", "too many", "mostly of other hours"],
)
def test_else_the_oldest_are_taken_as_far_as_a_step_goes(
    blocks: list[Came], begun: tuple[int, ...], over_t: int
) -> None:
    """The hour goes on, or is worked in by merges, or others would be written again and again."""
    step = put_in_order_of(blocks, begun, over_t=over_t, blocks_max=400)

    assert step.until_t is None
    assert step.ids == tuple(range(1, 1 + len(step.ids)))
    assert step.rows == sum(block.rows for block in blocks[: len(step.ids)])
    assert len(step.ids) == len(blocks) or step.rows <= max(STEP_ROWS, blocks[0].rows)


def test_many_tiny_ones_are_taken_in_parts_and_a_large_one_alone() -> None:
    assert put_in_order_of(came(9, rows=1, minutes=1), (), over_t=0, blocks_max=4).ids == (
        1,
        2,
        3,
        4,
    )
    large = came(2, rows=2 * STEP_ROWS, minutes=90)
    assert put_in_order_of(large, (), over_t=0, blocks_max=4).ids == (1,)
