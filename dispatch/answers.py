"""What radios say about orders, what they have heard, and what patrols report.

A unit's screen shows a state only once the hub has echoed it. An answer that the
life cycle does not allow is counted, and answered with how the order really stands.
"""

from typing import Any

from dispatch.alarms import fix_told
from dispatch.deliver import echo, newest_presses
from dispatch.events import (
    AssignmentEvent,
    PatrolReported,
    Personal,
    Purpose,
    SeenConfirmed,
    UnitDeclined,
)
from dispatch.ids import AlarmId, AssignmentId, GridId, RadioId, ReportId, unit_of
from dispatch.incident import Assignment, Incident
from dispatch.lifecycle import ANSWER, STATES
from dispatch.outgoing import CancelMessage, RadioTopic, StoredMessage
from dispatch.readings import AnswerReading, Heard, HeardReading, ReportReading
from dispatch.turn import Turn
from dispatch.words import AssignmentState, WithdrawReason


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


def report(turn: Turn, reading: ReportReading) -> None:
    """A patrol report is recorded once, and acknowledged each time it is heard."""
    name = ReportId(f"{reading.radio}/{reading.key}")
    known = turn.board.reports.get(name)
    if known is None:
        turn.record(_reported(turn, reading, name))
    else:
        turn.count("report_repeated" if known == reading.digest else "report_conflicted")
    stored = StoredMessage(subject=reading.key, is_report=True, t=turn.now)
    turn.send(reading.radio, RadioTopic.STORED, stored, promise=True)


def _allowed(assignment: Assignment, said: AssignmentState) -> bool:
    if said is AssignmentState.RECEIVED and said in assignment.times:
        return False
    return (assignment.state, ANSWER[said]) in STATES


def _fact(
    turn: Turn, incident: Incident, assignment: Assignment, reading: AnswerReading
) -> AssignmentEvent:
    common: dict[str, Any] = {
        "t": turn.now,
        "community": incident.community,
        "incident": incident.incident,
        "assignment": assignment.assignment,
        "unit": assignment.unit,
    }
    if reading.state is AssignmentState.DECLINED:
        reason = Personal(Purpose.WORDS, reading.reason) if reading.reason else None
        return UnitDeclined(**common, reason=reason)
    fact = ANSWER[reading.state](**common)
    assert isinstance(fact, AssignmentEvent)
    return fact


def _clear_unknown(turn: Turn, radio: RadioId, order: AssignmentId) -> None:
    """The radio shows an order that is long over; it may stop."""
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
