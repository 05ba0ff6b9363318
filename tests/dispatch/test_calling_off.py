"""The sender's wish to call an alarm off: heard and told back, never fulfilled by machine."""

import pytest

from dispatch.events import CancelRequested
from dispatch.ids import AlarmId, RadioId
from dispatch.outgoing import CalledOffMessage, OrderMessage
from dispatch.readings import WRONG_PIN, CallOffReading
from dispatch.roster import Pins
from dispatch.words import Disposition
from tests.builders import CALM, FORCED, at, patrol, states


def wishes(facts: list[object]) -> list[tuple[str, bool]]:
    """(alarm, duress) of every wish recorded."""
    return [(f.alarm, f.duress) for f in facts if isinstance(f, CancelRequested)]


def test_a_wish_is_recorded_once_and_answered_each_time() -> None:
    """The radio repeats it until it hears that the centre has it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    alarm = incident.alarms[0]

    for _ in range(3):
        desk.call_off(alarm)

    assert wishes([*desk.facts]) == [(alarm, False)]
    assert [m.done for m in desk.sent(CalledOffMessage, "v1")] == [False] * 3


def test_nothing_ends_by_a_wish() -> None:
    """Whoever holds the radio may not be the one who pressed."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    before = states(incident)

    desk.call_off(incident.alarms[0])
    desk.wait(5)

    assert incident.open
    assert states(incident) == before
    assert incident.cancel is not None
    assert incident.cancel.granted is None


@pytest.mark.parametrize(
    ("pins", "typed", "duress"),
    [
        (Pins(calm=CALM, duress=FORCED), CALM, False),
        (Pins(calm=CALM, duress=FORCED), FORCED, True),
        (Pins(calm=CALM, duress=FORCED), "", True),
        (Pins(calm=CALM, duress=FORCED), "1112", True),
        (Pins(calm=CALM, duress=FORCED), WRONG_PIN, True),
        (Pins(calm=CALM), "9999", True),
        (Pins(duress=FORCED), FORCED, True),
        (Pins(duress=FORCED), "", False),
        (Pins(), "", False),
        (Pins(), "1234", False),
    ],
)
def test_any_pin_but_the_calm_one_is_duress(pins: Pins, typed: str, duress: bool) -> None:
    """A forced hand mistypes; a look in vain costs little."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.hub.roster.pins = {RadioId("v1"): pins}

    desk.call_off(incident.alarms[0], typed)

    assert wishes([*desk.facts]) == [(incident.alarms[0], duress)]
    assert incident.covert is duress


def test_typed_wrong_first_or_after_it_stays_duress() -> None:
    """They may make the sender type again; what was said once is not taken back by a PIN."""
    first_calm, first_forced = patrol(), patrol()
    for desk, pins in ((first_calm, (CALM, FORCED)), (first_forced, (FORCED, CALM))):
        incident = desk.open_by_press("v1", where=at(250))
        for pin in pins:
            desk.call_off(incident.alarms[0], pin)

        assert incident.cancel is not None
        assert incident.cancel.duress
        assert len(desk.sent(CalledOffMessage, "v1")) == 2


def test_another_press_of_the_same_hand_calls_off_no_duress() -> None:
    """The first was under threat; so is the second, whatever is typed."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    second = desk.press("v1", 2)

    desk.call_off(incident.alarms[0], FORCED)
    desk.call_off(second, CALM)

    assert [duress for _, duress in wishes([*desk.facts])] == [True, True]
    assert [m.press for m in desk.sent(CalledOffMessage, "v1")] == [
        desk.hub.alarms[alarm].press for alarm in incident.alarms
    ]


def test_two_presses_that_are_asked_in_turn_are_two_facts_and_no_more() -> None:
    """A radio that repeats both must not fill the journal."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.press("v1", 2)

    for _ in range(5):
        for alarm in incident.alarms:
            desk.call_off(alarm)

    assert len(wishes([*desk.facts])) == 2


def test_under_duress_no_radio_shows_the_call_sign_any_more() -> None:
    """An order in a bystander's hand must not give the sender away."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0], FORCED)
    desk.forget_sent()

    desk.wait(2)

    orders = desk.sent(OrderMessage)
    assert orders
    assert {(order.covert, order.sender) for order in orders} == {(True, "")}


def test_a_wish_for_what_is_over_is_answered_as_done() -> None:
    """However it ended: the radio may stop asking, and nothing is recorded."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.close(incident, Disposition.RESOLVED)
    facts = len(desk.facts)

    desk.call_off(incident.alarms[0])

    assert [m.done for m in desk.sent(CalledOffMessage, "v1")] == [True]
    assert len(desk.facts) == facts


def test_a_wish_of_another_radio_or_for_nothing_is_counted_and_not_heard() -> None:
    """A radio speaks only as itself, and only of what there is."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    facts = len(desk.facts)
    alarm = incident.alarms[0]
    reading = CallOffReading(
        radio=RadioId("v2"),
        community=incident.community,
        alarm=alarm,
        pin=CALM,
        device_t=desk.now,
        received_t=desk.now,
    )

    desk.give(reading)
    desk.call_off(AlarmId("v1/0123456789abcdef/99"))

    assert desk.hub.counts["call_off_unknown_alarm"] == 2
    assert len(desk.facts) == facts
    assert desk.sent(CalledOffMessage) == []


def test_reopened_a_wish_is_a_new_one() -> None:
    """It was granted, and was not over."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    alarm = incident.alarms[0]
    desk.call_off(alarm)
    desk.close(incident)
    desk.reopen(incident)
    assert incident.cancel is None
    desk.forget_sent()

    desk.call_off(alarm)

    assert len(wishes([*desk.facts])) == 2
    assert [m.done for m in desk.sent(CalledOffMessage, "v1")] == [False]
