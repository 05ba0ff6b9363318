"""What radios say about orders, what they have heard, and what patrols report.

A unit's screen shows a state only once the hub has echoed it. An answer that the
life cycle does not allow is counted, and answered with how the order really stands.
"""

from typing import Any, Final

from dispatch import calling_off
from dispatch.alarms import fix_told
from dispatch.deliver import call_off_answer, echo, newest_presses, send_again
from dispatch.events import (
    AssignmentEvent,
    OrderShown,
    PatrolReported,
    Personal,
    Purpose,
    SeenConfirmed,
    UnitAccepted,
    UnitDeclined,
)
from dispatch.ids import AlarmId, AssignmentId, GridId, RadioId, ReportId, unit_of
from dispatch.incident import Assignment, Incident
from dispatch.lifecycle import ANSWER, STANDING, STATES
from dispatch.orders import assign
from dispatch.outgoing import CancelMessage, RadioTopic, StoredMessage
from dispatch.readings import AnswerReading, Heard, HeardReading, OfferReading, ReportReading
from dispatch.turn import Turn
from dispatch.words import ASKED, AssignmentState, WithdrawReason

OFFER_M_MAX: Final = 500.0
"""Who says "I go" without saying where means what they can see or hear."""


def answer(turn: Turn, reading: AnswerReading) -> None:
    """A unit received, accepted, declined, goes, is there, or has finished."""
    order = turn.board.order(reading.assignment)
    if order is None:
        turn.count("answer_unknown_order")
        _clear_unknown(turn, reading.radio, reading.assignment)
        return
    incident, assignment = order
    if assignment.unit != unit_of(reading.radio):
        turn.count("answer_not_its_order")
        _clear_unknown(turn, reading.radio, reading.assignment)
        return
    kind = ANSWER.get(reading.state)
    if kind is None or not _allowed(assignment, reading.state):
        same = assignment.state is reading.state
        turn.count("answer_repeated" if same else "answer_out_of_place")
    else:
        turn.record(_fact(turn, incident, assignment, reading))
    echo(turn, incident, assignment)


def heard(turn: Turn, reading: HeardReading) -> None:
    """A radio confirms a message that is repeated until then."""
    match reading.what:
        case Heard.CANCEL:
            _cancel_heard(turn, reading)
        case Heard.SEEN:
            _seen_heard(turn, reading)
        case Heard.SHOWN:
            _order_shown(turn, reading)
        case Heard.CALLED_OFF | Heard.REFUSED:
            _call_off_answer_shown(turn, reading)


def offer(turn: Turn, reading: OfferReading) -> None:
    """A unit that saw the matter goes by itself: an order that is accepted already."""
    incident = _offered_for(turn, reading)
    unit = unit_of(reading.radio)
    if incident is None:
        turn.count("offer_for_nothing")
        return
    for each in incident.assignments.values():
        if each.unit == unit and each.state in STANDING:
            if each.state in ASKED or each.state is AssignmentState.EXPIRED:
                turn.record(UnitAccepted(**_common(turn, incident, each)))
            echo(turn, incident, each)
            return
    if unit == incident.sender or turn.board.is_live(unit):
        turn.count("offer_out_of_place")
        return
    record = turn.desk.roster.radios[reading.radio]
    away_m = None
    if incident.lon is not None and incident.lat is not None:
        away_m = turn.desk.live.distance_m(unit, incident.lon, incident.lat)
    order = assign(turn, incident, unit, record.role, away_m, volunteered=True)
    turn.record(UnitAccepted(**_common(turn, incident, incident.assignments[order])))


def _offered_for(turn: Turn, reading: OfferReading) -> Incident | None:
    """The incident it names, or the nearest that it may know of: never a covert one."""
    known = [
        each
        for each in turn.board.open_incidents()
        if each.community == reading.community and not each.covert
    ]
    if reading.incident is not None:
        return next((each for each in known if each.incident == reading.incident), None)
    near = [
        (away_m, each.incident)
        for each in known
        if each.lon is not None
        and each.lat is not None
        and (away_m := turn.desk.live.distance_m(unit_of(reading.radio), each.lon, each.lat))
        is not None
        and away_m <= OFFER_M_MAX
    ]
    return turn.board.incidents[min(near)[1]] if near else None


def report(turn: Turn, reading: ReportReading) -> None:
    """A patrol report is recorded once, and acknowledged each time it is heard."""
    name = ReportId(f"{reading.radio}/{reading.key}")
    known = turn.board.reports.get(name)
    if known is None:
        turn.record(_reported(turn, reading, name))
    else:
        turn.count("report_repeated" if known == reading.digest else "report_conflicted")
    stored = StoredMessage(subject=reading.key, is_report=True, t=turn.now)
    turn.send(reading.radio, RadioTopic.STORED, stored, promise=True, rests_on_earlier=True)


def _allowed(assignment: Assignment, said: AssignmentState) -> bool:
    if said is AssignmentState.RECEIVED and said in assignment.times:
        return False
    return (assignment.state, ANSWER[said]) in STATES


def _fact(
    turn: Turn, incident: Incident, assignment: Assignment, reading: AnswerReading
) -> AssignmentEvent:
    common = _common(turn, incident, assignment)
    if reading.state is AssignmentState.DECLINED:
        reason = Personal(Purpose.WORDS, reading.reason) if reading.reason else None
        return UnitDeclined(**common, reason=reason)
    fact = ANSWER[reading.state](**common)
    assert isinstance(fact, AssignmentEvent)
    return fact


def _common(turn: Turn, incident: Incident, assignment: Assignment) -> dict[str, Any]:
    return {
        "t": turn.now,
        "community": incident.community,
        "incident": incident.incident,
        "assignment": assignment.assignment,
        "unit": assignment.unit,
    }


def _clear_unknown(turn: Turn, radio: RadioId, order: AssignmentId) -> None:
    """The radio shows an order that is long over, or one that a hub gave it while its store was
    down and that was lost with that hub; its name may be another unit's by now. It may stop."""
    gone = CancelMessage(order=order, reason=WithdrawReason.INCIDENT_ENDED.value, t=turn.now)
    turn.send(radio, RadioTopic.CANCEL, gone)


def _cancel_heard(turn: Turn, reading: HeardReading) -> None:
    order = turn.board.order(AssignmentId(reading.subject))
    if order is None or order[1].unit != unit_of(reading.radio):
        turn.count("heard_unknown_cancel")
        return
    incident, assignment = order
    if assignment.state is AssignmentState.WITHDRAWN and not assignment.cancel_heard:
        assignment.cancel_heard = True
        turn.resettle(incident.incident)


def _order_shown(turn: Turn, reading: HeardReading) -> None:
    order = turn.board.order(AssignmentId(reading.subject))
    if order is None or order[1].unit != unit_of(reading.radio):
        turn.count("heard_unknown_order")
        _clear_unknown(turn, reading.radio, AssignmentId(reading.subject))
        return
    incident, assignment = order
    if assignment.state is AssignmentState.WITHDRAWN:  # it shows it all the same: told once more
        assignment.cancel_heard = False
        turn.board.note_assignment(incident.incident, assignment)
        send_again(turn, incident, assignment)
    if assignment.shown_t is None and assignment.state in STANDING:
        turn.record(OrderShown(**_common(turn, incident, assignment)))


def _call_off_answer_shown(turn: Turn, reading: HeardReading) -> None:
    alarm = turn.board.alarms.get(AlarmId(reading.subject))
    incident = None
    if alarm is not None and alarm.incident is not None:
        incident = turn.board.incidents.get(alarm.incident)
    if alarm is None or incident is None or alarm.unit != unit_of(reading.radio):
        turn.count("heard_unknown_call_off")
        return
    answer = call_off_answer(incident)
    said = reading.what is Heard.CALLED_OFF
    if answer is not None and (answer.alarm, answer.granted) == (alarm.alarm, said):
        calling_off.shown(turn, incident)


def _seen_heard(turn: Turn, reading: HeardReading) -> None:
    alarm = turn.board.alarms.get(AlarmId(reading.subject))
    incident = None
    if alarm is not None and alarm.incident is not None:
        incident = turn.board.incidents.get(alarm.incident)
    if alarm is None or incident is None or alarm.unit != unit_of(reading.radio):
        turn.count("heard_unknown_seen")
        return
    waiting = incident.taken_by is not None and not alarm.seen_confirmed
    if incident.open and waiting and alarm in newest_presses(turn.desk, incident):
        turn.record(
            SeenConfirmed(
                t=turn.now,
                community=incident.community,
                incident=incident.incident,
                alarm=alarm.alarm,
            )
        )


def _reported(turn: Turn, reading: ReportReading, name: ReportId) -> PatrolReported:
    fix = reading.fix
    live = turn.desk.live
    here = fix or live.last_fix(unit_of(reading.radio))
    grid: GridId | None = None
    if here is not None:
        grid = live.locate(reading.community, here.lon, here.lat)
    return PatrolReported(
        t=turn.now,
        community=reading.community,
        report=name,
        unit=unit_of(reading.radio),
        kind=reading.kind,
        grid=grid,
        device_t=reading.device_t,
        digest=reading.digest,
        words=Personal(Purpose.WORDS, reading.words),
        photo=Personal(Purpose.MEDIA, reading.photo) if reading.photo else None,
        fix=None if fix is None else Personal(Purpose.PLACE, fix_told(fix)),
    )
