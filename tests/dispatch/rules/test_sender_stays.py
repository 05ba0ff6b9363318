"""The one in need is not sent to their own rescue."""

from dispatch.ids import UnitId
from dispatch.rules.sender_stays import sender_stays
from dispatch.words import Verdict
from tests.dispatch.rules.builders import a_call, seen


def test_the_sender_is_not_sent_and_everybody_else_may_be() -> None:
    """An order would light and sound the radio of one who hides."""
    call = a_call(sender=UnitId("v1"))

    assert sender_stays(call, seen("v1")) is Verdict.SENDER
    assert sender_stays(call, seen("v2")) is None


def test_a_call_without_a_radio_keeps_nobody_back() -> None:
    """Somebody telephoned: none of the units is the one in need."""
    assert sender_stays(a_call(sender=None), seen("v1")) is None


def test_whoever_pressed_for_the_same_is_not_sent_either() -> None:
    """Their own incident was merged into this one: they may be in need themselves."""
    call = a_call(sender=UnitId("v1"), reporters=frozenset({UnitId("v2")}))

    assert sender_stays(call, seen("v2")) is Verdict.SENDER
    assert sender_stays(call, seen("v3")) is None
