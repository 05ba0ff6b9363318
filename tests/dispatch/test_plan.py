"""The response plan."""

from dispatch.plan import DEFAULT_PLAN
from dispatch.words import Role


def test_the_default_plan_sizes_its_first_wave() -> None:
    """Three volunteers, a guard and an officer; nine, two and two are asked."""
    missing = DEFAULT_PLAN.missing({})

    assert missing == {Role.VOLUNTEER: 3, Role.GUARD: 1, Role.POLICE: 1}
    assert DEFAULT_PLAN.wave(missing) == {Role.VOLUNTEER: 9, Role.GUARD: 2, Role.POLICE: 2}


def test_who_comes_is_no_longer_missing_and_too_many_are_no_debt() -> None:
    """A role with nothing to wish is not asked at all."""
    assert DEFAULT_PLAN.missing({Role.VOLUNTEER: 5, Role.POLICE: 1}) == {Role.GUARD: 1}
