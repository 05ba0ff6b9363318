"""Messages to radios that are sent until confirmed."""

from dispatch.commands import AnswerCancel
from dispatch.deliver import CANCEL_AGE_MAX, CANCEL_TRIES_MAX, SEEN_PRESSES_MAX, SEEN_TRIES_MAX
from dispatch.outgoing import CalledOffMessage, CancelMessage, OrderMessage, SeenMessage
from dispatch.readings import Heard
from dispatch.words import AssignmentState
from tests.builders import at, patrol

ON_SCENE = AssignmentState.ON_SCENE


def test_an_order_is_repeated_quickly_then_slowly_until_received() -> None:
    """QoS is not trusted to be durability."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.wait(19)
    assert len(desk.sent(OrderMessage, "v2")) == 10
    desk.wait(29)
    assert len(desk.sent(OrderMessage, "v2")) == 13
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.RECEIVED)
    desk.forget_sent()
    desk.wait(100)

    assert desk.sent(OrderMessage, "v2") == []


def test_a_cancel_is_repeated_until_heard_and_not_for_ever() -> None:
    """A radio in a drawer is told for a quarter of an hour."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.close(incident)
    desk.hear("v2", Heard.CANCEL, desk.order_of(incident, "v2"))

    desk.wait(3_600)

    assert len(desk.sent(CancelMessage, "v2")) == 1
    assert len(desk.sent(CancelMessage, "v3")) == CANCEL_TRIES_MAX


def test_only_its_own_radio_can_confirm_a_cancel() -> None:
    """A radio speaks only as itself."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.close(incident)

    desk.hear("v3", Heard.CANCEL, order)

    assert not desk.assignment(order).cancel_heard
    assert desk.hub.counts["heard_unknown_cancel"] == 1


def test_who_has_it_is_told_for_the_newest_presses_and_not_for_ever() -> None:
    """A bearer in panic presses often; each name would be a message every five seconds."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    for counter in range(2, 12):
        desk.press("v1", counter)

    desk.took(incident)
    assert len(desk.sent(SeenMessage, "v1")) == SEEN_PRESSES_MAX
    desk.wait(3_600)

    assert len(desk.sent(SeenMessage, "v1")) == SEEN_PRESSES_MAX * SEEN_TRIES_MAX


def test_a_covert_order_names_nobody() -> None:
    """The call sign on a bystander's radio could betray who pressed."""
    desk = patrol()

    desk.open_by_press("v1", where=at(250), covert=True)

    order = desk.sent(OrderMessage, "v2")[0]
    assert (order.covert, order.sender) == (True, "")


def test_that_it_is_called_off_is_told_for_a_quarter_of_an_hour() -> None:
    """A radio without a link hears it when it is back; one in a drawer not for ever."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0])
    desk.do(AnswerCancel, incident)
    desk.forget_sent()

    desk.wait(3_600)

    assert len(desk.sent(CalledOffMessage, "v1")) == CANCEL_TRIES_MAX - 1


def test_after_an_hour_a_restart_says_nothing_of_what_was_called_off() -> None:
    """Whoever was away so long has other news to read."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.call_off(incident.alarms[0])
    desk.do(AnswerCancel, incident)
    desk.now += CANCEL_AGE_MAX + 1

    after = desk.restarted()
    after.wait(60)

    assert after.sent(CalledOffMessage, "v1") == []


def test_an_offer_is_acknowledged_by_the_order_until_the_radio_has_it() -> None:
    """It began as accepted, and must be received as well; over a restart, too."""
    desk = patrol()
    desk.sign_off("v4")
    incident = desk.open_by_press("v1", where=at(250))
    desk.offer("v4", incident.incident)

    after = desk.restarted()
    after.wait(5)
    assert {m.state.value for m in after.sent(OrderMessage, "v4")} == {"accepted"}
    after.answer(after.order_of(after.hub.incidents[incident.incident], "v4"), ON_SCENE)
    after.forget_sent()
    after.wait(60)

    assert after.sent(OrderMessage, "v4") == []
