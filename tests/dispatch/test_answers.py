"""What radios say about orders, what they heard, and what patrols report."""

import pytest

from dispatch.commands import AnswerCancel
from dispatch.events import OrderShown, PatrolReported, SeenConfirmed, UnitAccepted, UnitDeclined
from dispatch.ids import AssignmentId, IncidentId, RadioId
from dispatch.outgoing import (
    CalledOffMessage,
    CancelMessage,
    OrderMessage,
    SeenMessage,
    StoredMessage,
)
from dispatch.readings import AnswerReading, Heard
from dispatch.words import AssignmentState, Kind, Phase
from tests.builders import LI, TOWN, at, patrol, states


def test_every_answer_is_echoed_with_the_state_that_holds() -> None:
    """A unit's screen shows a state only once the hub has said so."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.forget_sent()

    for state in ("received", "accepted", "accepted", "en_route", "received", "on_scene"):
        desk.answer(order, AssignmentState(state))

    echoed = [m.state.value for m in desk.sent(OrderMessage, "v2")]
    assert echoed == ["received", "accepted", "accepted", "en_route", "en_route", "on_scene"]
    assert len(desk.of(UnitAccepted)) == 1
    assert desk.hub.counts["answer_repeated"] == 1
    assert desk.hub.counts["answer_out_of_place"] == 1


def test_an_answer_to_an_order_that_was_taken_back_is_told_so() -> None:
    """The acceptance crossed the cancel on its way: the radio must not show it as going."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.close(incident)
    desk.forget_sent()

    desk.answer(order, AssignmentState.ACCEPTED)

    assert states(incident)["v2"] == "withdrawn"
    assert [m.order for m in desk.sent(CancelMessage, "v2")] == [order]
    assert desk.sent(OrderMessage, "v2") == []


def test_a_radio_cannot_answer_for_another() -> None:
    """A radio speaks only as itself."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.forget_sent()

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ACCEPTED, radio="v3")

    assert states(incident)["v2"] == "offered"
    assert desk.hub.counts["answer_not_its_order"] == 1


def test_a_radio_with_an_order_that_is_now_another_units_is_told_to_drop_it() -> None:
    """It had it from a hub that could not write it down and was lost; the next one gave the
    order's name away again, and the radio repeated its answer for ever."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.forget_sent()

    desk.answer(order, AssignmentState.RECEIVED, radio="v3")

    assert [m.order for m in desk.sent(CancelMessage, "v3")] == [order]
    assert desk.sent(CancelMessage, "v2") == []


def test_an_order_nobody_knows_is_cancelled_on_its_radio() -> None:
    """A radio that was off for a day must not repeat its answer for ever."""
    desk = patrol()

    desk.give(
        AnswerReading(
            radio=RadioId("v1"),
            community=TOWN,
            assignment=AssignmentId("town-20200101-001/1"),
            state=AssignmentState.ACCEPTED,
            reason="",
            device_t=desk.now,
            received_t=desk.now,
        )
    )

    assert [m.order for m in desk.sent(CancelMessage, "v1")] == ["town-20200101-001/1"]
    assert desk.hub.counts["answer_unknown_order"] == 1


def test_an_expired_order_shows_on_its_radio_as_open() -> None:
    """The radio knows no *expired*: it would wait for an echo that never comes."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(31)
    desk.forget_sent()

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.RECEIVED)

    assert states(incident)["v2"] == "expired"
    assert [m.state for m in desk.sent(OrderMessage, "v2")] == [AssignmentState.RECEIVED]


def test_one_who_accepted_may_still_decline_and_the_words_are_kept() -> None:
    """Things happen on the way; better said than silent."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.answer(order, AssignmentState.ACCEPTED)

    desk.answer(order, AssignmentState.DECLINED, reason="脚扭了")

    fact = next(f for f in desk.facts if isinstance(f, UnitDeclined))
    assert fact.reason is not None
    assert fact.reason.value == "脚扭了"
    assert states(incident)["v2"] == "declined"


@pytest.mark.parametrize("skipped", ["en_route", "on_scene"])
def test_a_unit_that_forgot_a_button_is_believed(skipped: str) -> None:
    """The one who says *on scene* is there, whether or not he said that he would go."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.answer(desk.order_of(incident, "v2"), AssignmentState(skipped))

    assert incident.phase.value == skipped


def test_the_sender_is_told_who_took_it_until_it_confirms() -> None:
    """``seen by NAME`` is what makes somebody in danger breathe again."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250), covert=True)
    alarm = incident.alarms[0]
    desk.took(incident)
    desk.wait(12)
    assert len(desk.sent(SeenMessage, "v1")) == 3

    desk.hear("v1", Heard.SEEN, alarm)
    desk.hear("v1", Heard.SEEN, alarm)
    desk.hear("v2", Heard.SEEN, alarm)
    desk.wait(60)

    assert len(desk.sent(SeenMessage, "v1")) == 3
    assert len(desk.of(SeenConfirmed)) == 1
    assert desk.hub.counts["heard_unknown_seen"] == 1


def test_a_new_name_is_told_again() -> None:
    """Taken over by another, the sender sees who has it now."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    desk.hear("v1", Heard.SEEN, incident.alarms[0])

    desk.took(incident, LI, words="王去开门")

    assert [m.by for m in desk.sent(SeenMessage, "v1")] == ["王", "李"]


def test_a_report_is_recorded_once_and_acknowledged_each_time() -> None:
    """A radio repeats it until it hears ``stored``."""
    desk = patrol()

    desk.report("v2")
    desk.report("v2")
    desk.report("v2", digest="other")
    desk.report("v3")

    assert desk.of(PatrolReported) == ["v2", "v3"]
    first = next(f for f in desk.facts if isinstance(f, PatrolReported))
    assert (first.report, first.grid) == ("v2/r1", "g1")
    told = desk.sent(StoredMessage, "v2")
    assert [(m.subject, m.is_report) for m in told] == [("r1", True)] * 3
    assert desk.hub.counts["report_conflicted"] == 1


def test_the_radio_says_once_that_the_order_is_before_its_bearers_eyes() -> None:
    """Received is not read: a phone in a pocket has it too."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")

    for _ in range(2):
        desk.hear("v2", Heard.SHOWN, order)
    desk.hear("v3", Heard.SHOWN, order)

    assert desk.of(OrderShown) == ["v2"]
    assert desk.assignment(order).shown_t == desk.now
    assert desk.assignment(order).state is AssignmentState.OFFERED
    assert desk.hub.counts["heard_unknown_order"] == 1


def test_an_order_that_was_taken_back_is_not_shown_any_more() -> None:
    """The word was on its way when the incident ended."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.close(incident)

    desk.hear("v2", Heard.SHOWN, order)

    assert desk.of(OrderShown) == []


def test_an_order_that_was_shown_for_long_is_taken_back_at_once() -> None:
    """That it stands before somebody's eyes is no reason to be slow with its end."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.answer(order, AssignmentState.RECEIVED)
    for _ in range(3):
        desk.hear("v2", Heard.SHOWN, order)
        desk.wait(9)

    desk.close(incident)

    assert [m.order for m in desk.sent(CancelMessage, "v2")] == [order]


def test_a_radio_that_shows_an_order_nobody_knows_any_more_is_told_that_it_is_over() -> None:
    """Off since the weekend, and switched on again: the incident has left memory long ago."""
    desk = patrol()

    desk.hear("v2", Heard.SHOWN, "town-20260101-001/7")

    told = desk.sent(CancelMessage, "v2")
    assert [(m.order, m.reason) for m in told] == [("town-20260101-001/7", "incident_ended")]


def test_an_order_taken_back_that_is_shown_all_the_same_is_taken_back_once_more() -> None:
    """The radio confirmed, and lost what it had confirmed with its battery."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.close(incident)
    desk.hear("v2", Heard.CANCEL, order)
    before = len(desk.sent(CancelMessage, "v2"))

    desk.hear("v2", Heard.SHOWN, order)
    desk.wait(10)
    desk.hear("v2", Heard.CANCEL, order)
    told = len(desk.sent(CancelMessage, "v2"))
    desk.wait(60)

    assert told > before
    assert len(desk.sent(CancelMessage, "v2")) == told


def test_one_who_offers_to_go_has_an_order_that_is_accepted() -> None:
    """Whoever sees it goes, also off duty; nobody need ask."""
    desk = patrol()
    desk.sign_off("v4")
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    assert "v4" not in states(incident)
    desk.forget_sent()

    desk.offer("v4", incident.incident)

    order = desk.assignment(desk.order_of(incident, "v4"))
    assert (order.state, order.volunteered, order.wave) == (AssignmentState.ACCEPTED, True, 0)
    assert [m.state for m in desk.sent(OrderMessage, "v4")] == [AssignmentState.ACCEPTED]
    assert order.distance_m == pytest.approx(300, abs=2)
    assert incident.phase is Phase.ACCEPTED


def test_an_offer_is_repeated_until_the_order_is_there_and_is_one() -> None:
    """The radio says it every few seconds; the order goes out until it is received."""
    desk = patrol()
    desk.sign_off("v4")
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)

    for _ in range(3):
        desk.offer("v4", incident.incident)
    desk.wait(10)
    assert len(desk.sent(OrderMessage, "v4")) > 3
    desk.answer(desk.order_of(incident, "v4"), AssignmentState.RECEIVED)
    desk.forget_sent()
    desk.wait(60)

    assert desk.sent(OrderMessage, "v4") == []
    assert list(states(incident)).count("v4") == 1


def test_to_offer_is_to_accept_where_one_was_asked() -> None:
    """Both buttons mean: I go. Also after the wave ended in silence."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.offer("v2", incident.incident)
    desk.wait(31)
    assert states(incident)["v3"] == "expired"

    desk.offer("v3", incident.incident)

    assert (states(incident)["v2"], states(incident)["v3"]) == ("accepted", "accepted")
    assert not desk.assignment(desk.order_of(incident, "v3")).volunteered


def test_who_names_nothing_means_the_nearest_they_can_see() -> None:
    """Half a kilometre; beyond, nothing happens."""
    desk = patrol()
    desk.sign_off("v4")
    desk.sign_off("g1")
    far = desk.open_by_press("v1", where=at(1_900), kind=Kind.NUISANCE)
    near = desk.open_by_press("v2", where=at(300), kind=Kind.NUISANCE)

    desk.wait(20)
    desk.sign_on("v4", at(350))
    desk.offer("v4")
    desk.sign_on("g1", at(1_200))
    desk.offer("g1")

    assert states(near)["v4"] == "accepted"
    assert "v4" not in states(far)
    assert desk.hub.counts["offer_for_nothing"] == 1


def test_nobody_offers_for_a_covert_one_their_own_or_beside_another_task() -> None:
    """Of a covert one nobody may know; the sender stays; one task at a time."""
    desk = patrol()
    covert = desk.open_by_press("v1", where=at(250), covert=True)
    own = desk.open_by_press("v2", where=at(350), kind=Kind.NUISANCE)
    facts = len(desk.facts)

    desk.offer("v4", covert.incident)
    desk.offer("v2", own.incident)
    desk.offer("v3", own.incident)
    desk.offer("v4", IncidentId("town-20200101-001"))

    assert len(desk.facts) == facts
    assert desk.hub.counts["offer_for_nothing"] == 2
    assert desk.hub.counts["offer_out_of_place"] == 2


def test_an_offer_for_what_ended_is_nothing() -> None:
    """They came too late, luckily."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    desk.close(incident)

    desk.offer("v4", incident.incident)
    desk.offer("v4")

    assert desk.hub.counts["offer_for_nothing"] == 2


def test_only_the_radio_that_asked_confirms_that_it_is_called_off() -> None:
    """Another's word, or of another press, ends no repeating."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    first, second = incident.alarms[0], desk.press("v1", 2)
    desk.call_off(second)
    desk.do(AnswerCancel, incident)
    desk.hear("v2", Heard.CALLED_OFF, second)
    desk.hear("v1", Heard.CALLED_OFF, first)
    desk.forget_sent()
    desk.wait(2)
    assert desk.sent(CalledOffMessage, "v1")

    desk.hear("v1", Heard.CALLED_OFF, second)
    desk.forget_sent()
    desk.wait(60)

    assert desk.sent(CalledOffMessage, "v1") == []
    assert desk.hub.counts["heard_unknown_call_off"] == 1
