"""The delivery ladder as the hub drives it: radio, then SMS, voice, chat, and nobody twice."""

from dispatch.events import GatewayTried, PersonTold
from dispatch.gateways.book import Book, GatewayKind, person_contact, radio_contact
from dispatch.gateways.facts import Purpose
from dispatch.hub import Hub
from dispatch.ids import RadioId
from dispatch.live import LiveTable
from dispatch.messages import GatewayTold, OrderAtBroker
from dispatch.outgoing import ToGateway
from dispatch.roster import Roster
from dispatch.words import AssignmentState
from tests.builders import WANG, Shell, at, settings, town, volunteer
from tests.dispatch.gateways.builders import PHONE, book, gateway

CONTACTS = {
    radio_contact(RadioId("v2")): {"phone": PHONE},
    radio_contact(RadioId("v1")): {"phone": PHONE},
    person_contact("supervisor"): {"phone": PHONE},
}
SMS_THEN_VOICE = book(
    gateway("sms", after_s=5.0),
    gateway("voice", GatewayKind.VOICE, after_s=20.0),
    contacts=CONTACTS,
)


def desk(ways: Book | None = SMS_THEN_VOICE) -> Shell:
    """Two volunteers on duty, one of whom will press; nobody tells anything by itself."""
    people = [volunteer("v1"), volunteer("v2")]
    roster = Roster([town()], people)
    made = Shell(Hub(settings=settings(), roster=roster, live=LiveTable(roster), ways=ways))
    made.present(WANG)
    for index, each in enumerate(people):
        made.sign_on(each.radio, at(250.0 + 100.0 * index))
    made.forget_sent()
    return made


def sent(made: Shell, contact: str = "radio/v2") -> list[ToGateway]:
    """What was given to gateways for one person, in order."""
    found = [each for each in made.outgoing if isinstance(each, ToGateway)]
    return [each for each in found if each.message.contact == contact]


def came_back(made: Shell, what: ToGateway, *, ok: bool = True, why: str = "") -> None:
    """The worker tells the result."""
    made.give(
        GatewayTold(
            id=what.message.id,
            gateway=what.message.gateway,
            incident=what.incident,
            assignment=what.assignment,
            person=what.person,
            recall=what.recall,
            ok=ok,
            why=why,
        )
    )


def test_a_radio_that_stays_silent_is_followed_by_sms_and_then_by_a_call() -> None:
    """A locked phone does not ring."""
    made = desk()
    made.open_by_press("v1", where=at(250))

    made.wait(4.9)
    assert sent(made) == []
    made.wait(0.2)
    assert [each.message.gateway for each in sent(made)] == ["sms"]
    came_back(made, sent(made)[0])
    made.wait(15)

    assert [each.message.gateway for each in sent(made)] == ["sms", "voice"]
    assert all(each.message.facts.purpose is Purpose.ASK for each in sent(made))


def test_the_ladder_stops_at_the_first_answer() -> None:
    """Who has said yes is not rung by a machine."""
    made = desk()
    incident = made.open_by_press("v1", where=at(250))
    made.wait(6)
    made.answer(made.order_of(incident, "v2"), AssignmentState.ACCEPTED)

    made.wait(60)

    assert [each.message.gateway for each in sent(made)] == ["sms"]


def test_what_a_gateway_did_is_a_fact_beside_the_order() -> None:
    """The operator sees live how far each call has come."""
    made = desk()
    incident = made.open_by_press("v1", where=at(250))
    order = incident.assignments[made.order_of(incident, "v2")]
    made.give(OrderAtBroker(assignment=order.assignment))
    made.wait(6)

    came_back(made, sent(made)[0], ok=False, why="http_500")

    fact = next(each for each in made.facts if isinstance(each, GatewayTried))
    assert (fact.gateway, fact.ok, fact.why, fact.unit) == ("sms", False, "http_500", "v2")
    assert [each.why for each in order.gateways] == ["http_500"]
    assert order.at_broker_t is not None


def test_a_failure_is_tried_again_after_a_pause_and_not_forever() -> None:
    """A service that stumbles is back in moments; one that is gone must not be asked all night."""
    made = desk()
    made.open_by_press("v1", where=at(250))

    failed = 0
    for _ in range(40):
        made.wait(10)
        for each in sent(made)[failed:]:
            came_back(made, each, ok=False, why="http_500")
            failed += 1

    gateways = [each.message.gateway for each in sent(made)]
    assert 1 < gateways.count("sms") <= 3


def test_who_was_called_by_sms_is_told_by_sms_that_they_need_not_come() -> None:
    """Their radio did not ring; nor would it tell them to turn back."""
    made = desk()
    incident = made.open_by_press("v1", where=at(250))
    made.wait(6)
    came_back(made, sent(made)[0])

    made.close(incident)

    last = sent(made)[-1]
    assert (last.message.gateway, last.message.facts.purpose) == ("sms", Purpose.RECALL)
    came_back(made, last)
    made.wait(60)
    assert sent(made)[-1] is last


def test_nobody_is_told_to_stay_who_was_never_told_to_come() -> None:
    """A message about a matter one never heard of only frightens."""
    made = desk()
    incident = made.open_by_press("v1", where=at(250))

    made.close(incident)
    made.wait(60)

    assert sent(made) == []


def test_the_supervisor_is_told_when_nobody_takes_it() -> None:
    """Whoever is not at a console hears of it all the same."""
    made = desk()
    incident = made.open_by_press("v1", where=at(250))

    made.wait(70)

    told = sent(made, "person/supervisor")
    assert told
    assert told[0].message.facts.purpose is Purpose.TELL
    came_back(made, told[0])
    assert any(isinstance(each, PersonTold) and each.ok for each in made.facts)
    made.wait(600)
    assert len(sent(made, "person/supervisor")) == 1
    assert incident.told


def test_a_covert_alarm_tells_a_gateway_neither_place_nor_kind() -> None:
    """A message on a screen that others read must not give the sender away."""
    made = desk()
    made.open_by_press("v1", where=at(250), covert=True)
    made.wait(6)

    facts = sent(made)[0].message.facts

    assert facts.covert
    assert (facts.grid, facts.near, facts.kind.value) == ("", "", "other")


def test_without_a_gateway_file_nothing_is_sent() -> None:
    """Radios only is a proper way to work."""
    made = desk(ways=None)
    made.open_by_press("v1", where=at(250))

    made.wait(120)

    assert [each for each in made.outgoing if isinstance(each, ToGateway)] == []


def test_a_result_that_comes_after_the_incident_was_forgotten_is_only_counted() -> None:
    """The worker may be slow."""
    made = desk()
    incident = made.open_by_press("v1", where=at(250))
    made.wait(6)
    late = sent(made)[0]
    made.close(incident)
    made.wait(13 * 3600)

    came_back(made, late)

    assert made.hub.counts["gateway_told_too_late"] == 1


def test_who_withdrew_in_the_middle_is_not_called_by_phone_any_more() -> None:
    """The order goes on by radio; nor are they told over another way that it was taken back."""
    made = desk()
    incident = made.open_by_press("v1", where=at(250))
    made.wait(6)
    came_back(made, sent(made)[0])

    made.hub.use_ways(SMS_THEN_VOICE.without([radio_contact(RadioId("v2"))]))
    made.wait(60)
    made.close(incident)

    assert [each.message.gateway for each in sent(made)] == ["sms"]
    assert made.order_of(incident, "v2")
