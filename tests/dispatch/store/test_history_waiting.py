"""What is kept of a history that cannot be written: where each unit was last."""

import numpy as np

from dispatch.clock import SECOND
from dispatch.ids import UnitId
from dispatch.store.history.waiting import PIECES_MAX, NewestKept
from dispatch.store.port import FixRows, Names
from tests.dispatch.store.facts import NOON
from tests.dispatch.store.past import fixes

NAMES = Names(units=[UnitId(f"r{n}") for n in range(4)], grids=[""])


def told(*of: tuple[int, int]) -> FixRows:
    """Fixes of (row, seconds after noon)."""
    rows = np.array([row for row, _ in of], np.int64)
    t = NOON + np.array([at for _, at in of], np.int64) * SECOND
    grid = np.zeros(len(of), np.int32)
    return fixes(count=len(of), names=NAMES, rows=rows, t=t, grid=grid)


def kept(waiting: NewestKept) -> list[tuple[int, int]]:
    """All of it, as (row, seconds after noon)."""
    return [
        (row, (t - NOON) // SECOND)
        for part in waiting.take()
        for row, t in zip(part.rows.tolist(), part.t.tolist(), strict=True)
    ]


def test_only_what_is_superseded_is_lost() -> None:
    """A car tells every second; of a guard that told once, this one fix is all there is."""
    waiting = NewestKept()
    first, second = told((0, 0), (1, 0), (0, 1)), told((0, 2))
    waiting.heard(first)
    waiting.heard(second)

    lost = waiting.give_way(first)

    assert (lost, waiting.rows) == (2, 1)
    assert kept(waiting) == [(1, 0)]
    assert waiting.rows == 0


def test_what_was_kept_goes_when_a_newer_one_has_come() -> None:
    """However long a stall lasts, few of a unit are kept: memory is bounded by the units."""
    waiting = NewestKept()
    lost = 0
    for second in range(10 * PIECES_MAX):
        batch = told((0, second), (1, second))
        waiting.heard(batch)
        lost += waiting.give_way(batch)
        assert waiting.rows <= 2 * PIECES_MAX

    assert lost + waiting.rows == 20 * PIECES_MAX
    assert {(0, 10 * PIECES_MAX - 1), (1, 10 * PIECES_MAX - 1)} <= set(kept(waiting))


def test_fixes_of_another_numbering_are_only_counted() -> None:
    """A row means something only beside its names."""
    waiting = NewestKept()
    waiting.heard(told((0, 0)))

    assert waiting.give_way(fixes(count=3)) == 3
    assert waiting.rows == 0
