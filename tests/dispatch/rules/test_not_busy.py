"""Whoever is asked or coming somewhere is not called away, but from an errand that can wait."""

import pytest

from dispatch.rules.not_busy import not_busy
from dispatch.words import DRILL_PRIORITY, Verdict
from tests.dispatch.rules.builders import a_call, a_plan, seen


@pytest.mark.parametrize(
    ("preempts", "priority", "busy", "verdict"),
    [
        (3, 1, 0, None),
        (3, 1, 3, None),
        (3, 1, 4, None),
        (3, 1, 2, Verdict.BUSY),
        (3, 1, 1, Verdict.BUSY),
        (3, 3, 3, Verdict.BUSY),
        (3, 3, 4, None),
        (1, 2, 1, Verdict.BUSY),
        (None, 1, 4, Verdict.BUSY),
    ],
)
def test_an_errand_gives_way_to_what_the_plan_puts_above_it(
    preempts: int | None, priority: int, busy: int, verdict: Verdict | None
) -> None:
    """Only where the plan says so, and only to something more urgent than itself."""
    call = a_call(plan=a_plan(preempts=preempts), priority=priority)

    assert not_busy(call, seen(busy=busy)) is verdict


@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_an_exercise_gives_way_to_anything_real(priority: int) -> None:
    """Whatever the plan says of errands: nobody is kept from a real matter by a played one."""
    call = a_call(plan=a_plan(preempts=None), priority=priority)

    assert not_busy(call, seen(busy=DRILL_PRIORITY)) is None


@pytest.mark.parametrize("busy", [1, 2, 3, 4, DRILL_PRIORITY])
def test_an_exercise_calls_nobody_off_anything(busy: int) -> None:
    """Not even off another exercise."""
    call = a_call(plan=a_plan(preempts=1), priority=DRILL_PRIORITY)

    assert not_busy(call, seen(busy=busy)) is Verdict.BUSY
