"""A unit is asked once in a round."""

from dispatch.ids import UnitId
from dispatch.rules.asked_once import asked_once
from dispatch.words import Verdict
from tests.dispatch.rules.builders import a_call, seen


def test_who_was_asked_is_not_asked_again() -> None:
    """No is no, and silence still has its order."""
    call = a_call(asked=frozenset({UnitId("v1")}))

    assert asked_once(call, seen("v1")) is Verdict.ALREADY_ASKED
    assert asked_once(call, seen("v2")) is None
