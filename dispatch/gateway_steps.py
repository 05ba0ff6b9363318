"""The delivery ladder of everybody called: radio first, then SMS, voice and chat. Pure.

A radio in a drawer or a locked phone does not ring. How far each call has come is known
here; which other way is due, gateways/ladder.py says; what came of it is a fact. What is
under way is remembered while we run only: after a restart it counts as lost, and a message
too many is better than none.
"""

from typing import Any, Final

from dispatch.clock import HOUR, Instant
from dispatch.events import GatewayTried, PersonTold
from dispatch.gateways.book import Book, ContactKey, person_contact, radio_contact
from dispatch.gateways.facts import Purpose
from dispatch.gateways.from_order import facts_of
from dispatch.gateways.ladder import Called, Try, delivered, due
from dispatch.gateways.messages import Message
from dispatch.ids import radio_of
from dispatch.incident import Assignment, GatewayTry, Incident
from dispatch.lifecycle import STANDING
from dispatch.messages import GatewayTold, OrderAtBroker
from dispatch.outgoing import ToGateway
from dispatch.place import order_message, wide_message
from dispatch.timers import Due, Key
from dispatch.turn import Turn
from dispatch.words import AssignmentState, Rung

SUPERVISOR: Final = "supervisor"
"""Who is told when nobody takes an incident, whatever the plan says."""

RECALL_AGE_MAX: Final = HOUR
"""An order taken back longer ago than that is nobody's errand any more."""

_ANSWERS: Final = (
    AssignmentState.ACCEPTED,
    AssignmentState.DECLINED,
    AssignmentState.EN_ROUTE,
    AssignmentState.ON_SCENE,
)


def at_broker(turn: Turn, message: OrderAtBroker) -> None:
    """The broker has taken the order: shown live, told by no fact."""
    order = turn.board.order(message.assignment)
    if order is not None and order[1].at_broker_t is None:
        order[1].at_broker_t = turn.now
        turn.look_at(order[0].incident)


def told(turn: Turn, message: GatewayTold) -> None:
    """A gateway did its work, or could not."""
    turn.desk.under_way.pop(message.id, None)
    incident = turn.board.incidents.get(message.incident)
    assignment = None
    if incident is not None and message.assignment is not None:
        assignment = incident.assignments.get(message.assignment)
    if incident is None or (message.assignment is not None and assignment is None):
        turn.count("gateway_told_too_late")
        return
    common: dict[str, Any] = {
        "t": turn.now,
        "community": incident.community,
        "incident": incident.incident,
    }
    if assignment is None:
        turn.record(
            PersonTold(
                **common,
                person=message.person,
                gateway=message.gateway,
                ok=message.ok,
                why=message.why,
            )
        )
        return
    turn.record(
        GatewayTried(
            **common,
            assignment=assignment.assignment,
            unit=assignment.unit,
            gateway=message.gateway,
            ok=message.ok,
            why=message.why,
            recall=message.recall,
        )
    )


def deliver_by_gateways(turn: Turn, incident: Incident) -> dict[Key, Instant]:
    """Send what is due over other ways; gives back when to look again."""
    ways = turn.desk.ways
    if ways is None:
        return {}
    wanted: dict[Key, Instant] = {}
    for each in incident.assignments.values():
        look_t = _person_called(turn, ways, incident, each)
        if look_t is not None:
            wanted[Key(Due.GATEWAY, each.assignment)] = look_t
    if incident.open:
        looks = [_person_told(turn, ways, incident, *each) for each in _people(incident)]
        times = [t for t in looks if t is not None]
        if times:
            wanted[Key(Due.TELLING, incident.incident)] = min(times)
    return wanted


def _person_called(turn: Turn, ways: Book, incident: Incident, each: Assignment) -> Instant | None:
    contact = radio_contact(radio_of(each.unit))
    stands = incident.open and each.state in STANDING
    called = Called(
        contact=contact,
        priority=incident.priority,
        order_t=each.offered_t,
        at_broker_t=each.at_broker_t,
        received_t=each.times.get(AssignmentState.RECEIVED),
        shown_t=each.shown_t,
        answered_t=min((each.times[s] for s in _ANSWERS if s in each.times), default=None),
        stands=stands,
        tries=_tries(turn, str(each.assignment), each.gateways),
    )
    if not stands:
        _recall(turn, ways, incident, each, called)
        return None
    found = due(called, ways, turn.now)
    for gateway in found.gateways:
        _send(turn, incident, each, contact, gateway, Purpose.ASK)
    return found.look_t


def _recall(turn: Turn, ways: Book, incident: Incident, each: Assignment, called: Called) -> None:
    """Whom another way called is told over the same that they need not come; over none by which
    they are not to be reached any more."""
    withdrawn = each.state is AssignmentState.WITHDRAWN
    if not withdrawn or turn.now - each.state_t > RECALL_AGE_MAX:
        return
    known = {tried.gateway for tried in each.gateways if tried.recall}
    known |= {
        gateway
        for subject, gateway, recall, _ in turn.desk.under_way.values()
        if recall and subject == each.assignment
    }
    reaching = {way.name for way in ways.gateways if ways.reaches(way, called.contact)}
    for gateway in sorted((delivered(called) & reaching) - known):
        _send(turn, incident, each, called.contact, gateway, Purpose.RECALL)


def _person_told(
    turn: Turn, ways: Book, incident: Incident, person: str, since: Instant
) -> Instant | None:
    contact = person_contact(person)
    mine = [each for each in incident.told if each.person == person]
    called = Called(
        contact=contact,
        priority=incident.priority,
        order_t=since,
        told=True,
        tries=_tries(turn, f"{incident.incident}#{person}", mine),
    )
    found = due(called, ways, turn.now)
    for gateway in found.gateways:
        _send(turn, incident, None, contact, gateway, Purpose.TELL, person=person)
    return found.look_t


def _people(incident: Incident) -> list[tuple[str, Instant]]:
    """Whom this round's steps and rungs tell, each once, and since when."""
    since: dict[str, Instant] = {}
    for begun in incident.round_steps():
        for person in begun.tell:
            since.setdefault(person, begun.t)
    for t, rung, _ in incident.escalations[incident.round.escalations :]:
        if rung is Rung.SUPERVISOR:
            since.setdefault(SUPERVISOR, t)
    return list(since.items())


def _tries(turn: Turn, subject: str, known: list[GatewayTry]) -> tuple[Try, ...]:
    done = [
        Try(gateway=each.gateway, t=each.t, ok=each.ok, done_t=each.t)
        for each in known
        if not each.recall
    ]
    open_ones = [
        Try(gateway=gateway, t=t)
        for whose, gateway, recall, t in turn.desk.under_way.values()
        if whose == subject and not recall
    ]
    return (*done, *open_ones)


def _send(
    turn: Turn,
    incident: Incident,
    assignment: Assignment | None,
    contact: ContactKey,
    gateway: str,
    purpose: Purpose,
    *,
    person: str = "",
) -> None:
    desk = turn.desk
    subject = f"{incident.incident}#{person}" if assignment is None else assignment.assignment
    desk.gateway_messages += 1
    name = f"{subject}/{gateway}/{desk.gateway_messages}"
    recall = purpose is Purpose.RECALL
    desk.under_way[name] = (subject, gateway, recall, turn.now)
    record = None if assignment is None else desk.roster.radios.get(radio_of(assignment.unit))
    order = (
        wide_message(desk, incident, turn.now)
        if assignment is None
        else order_message(desk, incident, assignment, turn.now)
    )
    facts = facts_of(
        order,
        community=desk.roster.communities[incident.community],
        purpose=purpose,
        opened_t=incident.opened_t,
        who="" if record is None else record.call_sign,
        away_m=None if assignment is None else assignment.distance_m,
    )
    turn.tell(
        ToGateway(
            message=Message(id=name, gateway=gateway, contact=contact, facts=facts),
            incident=incident.incident,
            assignment=None if assignment is None else assignment.assignment,
            person=person,
            recall=recall,
        )
    )
