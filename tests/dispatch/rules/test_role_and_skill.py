"""Only what the plan still lacks is called: the role, and the skill where one is asked."""

import pytest

from dispatch.plan import Need
from dispatch.rules.call import Lack
from dispatch.rules.role_and_skill import role_and_skill
from dispatch.words import Role, Verdict
from tests.dispatch.rules.builders import DOCTOR, a_call, seen

VOLUNTEER = Need(count=1, role=Role.VOLUNTEER)
TRAINED_GUARD = Need(count=1, role=Role.GUARD, skill="fire")


def test_a_retired_doctor_is_called_as_a_doctor_and_as_a_volunteer() -> None:
    """Role and skill are two things; either may be what is lacking."""
    doctor = seen(skills=("medical",))

    assert role_and_skill(a_call(DOCTOR), doctor) is None
    assert role_and_skill(a_call(VOLUNTEER), doctor) is None


@pytest.mark.parametrize(
    ("role", "skills", "verdict"),
    [
        (Role.VOLUNTEER, (), Verdict.WRONG_ROLE),
        (Role.VOLUNTEER, ("fire",), Verdict.WRONG_ROLE),
        (Role.GUARD, (), Verdict.LACKS_SKILL),
        (Role.GUARD, ("medical",), Verdict.LACKS_SKILL),
        (Role.GUARD, ("medical", "fire"), None),
    ],
)
def test_the_nearest_miss_is_named(
    role: Role, skills: tuple[str, ...], verdict: Verdict | None
) -> None:
    """A guard who was never trained is told as that, not as somebody of the wrong kind."""
    assert role_and_skill(a_call(TRAINED_GUARD), seen(role=role, skills=skills)) is verdict


def test_one_whose_part_is_filled_is_not_needed() -> None:
    """The plan asks for volunteers, only none is lacking any more."""
    call = a_call(DOCTOR, VOLUNTEER, lacking=(Lack(need=DOCTOR, count=1),))

    assert role_and_skill(call, seen()) is Verdict.NOT_NEEDED
    assert role_and_skill(call, seen(role=Role.GUARD)) is Verdict.LACKS_SKILL


def test_a_step_that_asks_for_nobody_calls_nobody() -> None:
    """A last step may only tell somebody."""
    call = a_call(VOLUNTEER, lacking=(), step=a_call().plan.steps[0])

    assert role_and_skill(call, seen()) is Verdict.NOT_NEEDED
