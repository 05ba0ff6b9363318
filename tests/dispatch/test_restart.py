"""A hub killed at any moment: the next one loses no alarm, no order, no timer."""

from dispatch.events import AlarmReceived
from dispatch.messages import DecideAlarm
from dispatch.outgoing import CancelMessage, OrderMessage, SeenMessage
from dispatch.readings import Heard
from dispatch.words import AssignmentState
from tests.builders import at, called, patrol, press, states


def test_an_alarm_stored_but_not_decided_is_decided_at_the_start() -> None:
    """The power failed between the two turns."""
    desk = patrol()
    fact = desk.hub.handle(press("v1", t=desk.now, where=at(250)), desk.now).facts[0]
    assert isinstance(fact, AlarmReceived)
    desk.facts.append(fact)

    after = desk.restarted()

    assert after.hub.alarms[fact.alarm].incident is not None
    assert DecideAlarm(alarm=fact.alarm)


def test_orders_cancels_and_names_not_confirmed_are_sent_again() -> None:
    """What was confirmed is not."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.RECEIVED)
    desk.withdraw(incident, desk.order_of(incident, "v3"))

    after = desk.restarted()

    assert after.sent(OrderMessage, "v2") == []
    assert len(after.sent(OrderMessage, "v4")) == 1
    assert len(after.sent(CancelMessage, "v3")) == 1
    assert len(after.sent(SeenMessage, "v1")) == 1

    after.hear("v3", Heard.CANCEL, desk.order_of(incident, "v3"))
    after.wait(10)
    assert len(after.sent(CancelMessage, "v3")) == 1


def test_a_wave_ends_when_it_would_have_ended() -> None:
    """A restart grants no more time to answer."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(20)

    after = desk.restarted()
    restored = after.hub.incidents[incident.incident]
    assert called(restored) == called(incident)

    after.wait(10)
    assert states(restored)["v2"] == "expired"


def test_who_was_there_is_there_and_silence_counts_from_the_start() -> None:
    """Nobody is thought lost because the hub was."""
    desk = patrol()

    after = desk.restarted()
    after.wait(60)

    assert after.hub.live.columns.online.all()
    assert after.hub.live.columns.on_duty.all()
