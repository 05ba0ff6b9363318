"""Whoever is off duty is left in peace."""

from dispatch.rules.on_duty import on_duty
from dispatch.words import Verdict
from tests.dispatch.rules.builders import a_call, seen


def test_who_has_gone_home_is_not_called() -> None:
    """However near they live, and whatever happened."""
    assert on_duty(a_call(), seen(on_duty=False)) is Verdict.OFF_DUTY
    assert on_duty(a_call(), seen()) is None
