"""Small matters stay in the grid: a step asks only so many rings of grids round the place."""

import pytest

from dispatch.rules.within_rings import within_rings
from dispatch.words import Verdict
from tests.dispatch.rules.builders import a_call, a_step, seen


@pytest.mark.parametrize(
    ("rings", "ring", "verdict"),
    [
        (0, 0, None),
        (0, 1, Verdict.TOO_FAR),
        (1, 1, None),
        (1, 2, Verdict.TOO_FAR),
        (1, -1, Verdict.TOO_FAR),
        (None, 7, None),
        (None, -1, None),
    ],
)
def test_a_step_asks_its_rings_and_no_farther(
    rings: int | None, ring: int, verdict: Verdict | None
) -> None:
    """0 is the own grid alone; -1 is outside every grid, and behind all rings."""
    call = a_call(step=a_step(rings=rings))

    assert within_rings(call, seen(ring=ring)) is verdict


def test_a_place_outside_every_grid_has_no_rings_and_nobody_is_too_far() -> None:
    """In the river nobody has an own grid: the nearest by metres are asked."""
    call = a_call(step=a_step(rings=0), grid=None)

    assert within_rings(call, seen(ring=-1)) is None
