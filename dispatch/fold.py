"""Folds facts into the board: state is what the facts say, and nothing else. Decides nothing.

Facts about incidents that are no longer kept are passed over. A personal value
that was erased folds as *unknown*.
"""

from dataclasses import replace
from typing import Any

from dispatch.board import Board
from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    AssignmentEvent,
    AssignmentWithdrawn,
    ConsoleAttended,
    ConsoleUnattended,
    Event,
    IncidentClosed,
    IncidentEscalated,
    IncidentEvent,
    IncidentOpened,
    IncidentReopened,
    IncidentTaken,
    OrderReceived,
    PatrolReported,
    Personal,
    RadioConnected,
    RadioLost,
    RadioRevoked,
    ResponseDecided,
    SeenConfirmed,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import CommandId, IncidentId, UnitId, unit_of
from dispatch.incident import Alarm, Assignment, Candidate, Decision, Incident, Round
from dispatch.lifecycle import PHASES, STATES
from dispatch.messages import Reply
from dispatch.words import END_OF, AssignmentState, Phase, PlaceSource, Role, Verdict


def fold(board: Board, event: Event) -> None:
    """Change the board as this fact says."""
    match event:
        case IncidentOpened():
            _open(board, event)
        case IncidentEvent():
            incident = board.incidents.get(event.incident)
            if incident is not None:
                _fold_incident(board, incident, event)
        case AlarmReceived():
            board.alarms[event.alarm] = _alarm(event)
        case AlarmRepeated() | AlarmConflicted() | AlarmUndecided():
            alarm = board.alarms.get(event.alarm)
            if alarm is not None:
                _fold_alarm(alarm, event)
        case UnitSignedOn():
            board.on_duty.add(event.unit)
        case UnitSignedOff():
            board.on_duty.discard(event.unit)
        case RadioConnected():
            board.online.add(event.radio)
        case RadioLost():
            board.online.discard(event.radio)
        case RadioRevoked():
            board.online.discard(event.radio)
            board.on_duty.discard(unit_of(event.radio))
        case PatrolReported():
            board.remember_report(event.report, event.digest)
        case ConsoleUnattended():
            board.unattended.add(event.community)
        case ConsoleAttended():
            board.unattended.discard(event.community)
    _remember_command(board, event)


def personal(value: Personal | None) -> dict[str, Any]:
    """The members of a personal value; empty where there is none or it was erased."""
    return value.value if value is not None and isinstance(value.value, dict) else {}


def said(words: Personal | None) -> str:
    """Free words of a personal value; empty where there are none or they were erased."""
    return words.value if words is not None and isinstance(words.value, str) else ""


def number_of(incident: IncidentId) -> tuple[str, int]:
    """The day (YYYYMMDD) and number in an incident's id."""
    _, day, number = incident.rsplit("-", 2)
    return day, int(number)


def _alarm(event: AlarmReceived) -> Alarm:
    fix = personal(event.fix)
    return Alarm(
        alarm=event.alarm,
        community=event.community,
        unit=unit_of(event.radio),
        press=f"{event.boot}:{event.counter}",
        kind=event.kind,
        covert=event.covert,
        late=event.late,
        device_t=event.device_t,
        received_t=event.t,
        digest=event.digest,
        lon=fix.get("lon"),
        lat=fix.get("lat"),
        acc_m=fix.get("acc_m"),
        fix_t=fix.get("t"),
    )


def _fold_alarm(alarm: Alarm, event: AlarmRepeated | AlarmConflicted | AlarmUndecided) -> None:
    match event:
        case AlarmRepeated():
            alarm.repeats = event.repeats
        case AlarmConflicted():
            alarm.conflicts += 1
        case AlarmUndecided():
            alarm.undecided = event.reason


def _open(board: Board, event: IncidentOpened) -> None:
    place = personal(event.place)
    incident = Incident(
        incident=event.incident,
        community=event.community,
        kind=event.kind,
        priority=event.priority,
        covert=event.covert,
        phase=Phase.RECEIVED,
        opened_t=event.t,
        version=1,
        sender=event.sender,
        opened_by=event.by,
        linked_to=event.linked_to,
        place_source=event.place_source,
        grid=event.grid,
        fix_t=event.fix_t,
        lon=place.get("lon"),
        lat=place.get("lat"),
        acc_m=place.get("acc_m"),
        words=said(event.words),
        plan=event.plan,
        story=[event],
        phase_times={Phase.RECEIVED: event.t},
        round=Round(t=event.t),
    )
    board.incidents[event.incident] = incident
    day, number = number_of(event.incident)
    key = (event.community, day)
    board.numbers[key] = max(number, board.numbers.get(key, 0))
    if event.alarm is not None:
        _take_in(board, incident, event)


def _take_in(board: Board, incident: Incident, event: IncidentOpened | AlarmJoined) -> None:
    """The alarm belongs to the incident from now on, and rings unless it is late."""
    assert event.alarm is not None
    was_late = board.is_late(incident)
    incident.alarms.append(event.alarm)
    alarm = board.alarms.get(event.alarm)
    if alarm is None:
        return
    alarm.incident = incident.incident
    alarm.undecided = ""
    if not alarm.late:
        incident.last_press_t = event.t
        if was_late:
            incident.round = replace(incident.round, t=event.t)


def _fold_incident(board: Board, incident: Incident, event: IncidentEvent) -> None:
    incident.version += 1
    incident.story.append(event)
    match event:
        case AlarmJoined():
            _join(board, incident, event)
        case ResponseDecided():
            incident.decisions.append(_decision(event))
        case UnitAssigned():
            _assign(board, incident, event)
        case AssignmentEvent():
            _fold_assignment(board, incident, event)
        case IncidentTaken():
            _take(board, incident, event)
        case SeenConfirmed():
            if event.alarm in board.alarms:
                board.alarms[event.alarm].seen_confirmed = True
        case IncidentEscalated():
            incident.escalations.append((event.t, event.rung, event.reason))
        case IncidentClosed():
            incident.closed_t, incident.closed_by = event.t, event.by
            incident.disposition = event.disposition
            incident.duplicate_of = event.duplicate_of
        case IncidentReopened():
            _reopen(incident, event)
    _step(incident, event)


def _step(incident: Incident, event: IncidentEvent) -> None:
    after = PHASES.get((incident.phase, type(event)), incident.phase)
    if isinstance(event, IncidentClosed):
        after = END_OF[event.disposition]
    if after is Phase.RECEIVED and incident.taken_by is not None:
        after = Phase.ACKNOWLEDGED
    incident.phase = after
    incident.phase_times.setdefault(after, event.t)


def _join(board: Board, incident: Incident, event: AlarmJoined) -> None:
    _take_in(board, incident, event)
    if event.place_source is not PlaceSource.NONE:
        place = personal(event.place)
        incident.place_source, incident.grid = event.place_source, event.grid
        incident.fix_t = event.fix_t
        incident.lon, incident.lat = place.get("lon"), place.get("lat")
        incident.acc_m = place.get("acc_m")


def _decision(event: ResponseDecided) -> Decision:
    inputs = personal(event.inputs)
    return Decision(
        decision=event.decision,
        wave=event.wave,
        t=event.t,
        called=event.called,
        missing=dict(event.missing),
        short=dict(event.short),
        candidates=tuple(_candidate(each) for each in inputs.get("candidates", [])),
    )


def _candidate(told: dict[str, Any]) -> Candidate:
    return Candidate(
        unit=UnitId(told["unit"]),
        verdict=Verdict(told["verdict"]),
        role=Role(told["role"]),
        ring=told["ring"],
        distance_m=told["distance_m"],
        fix_age_s=told["fix_age_s"],
    )


def _assign(board: Board, incident: Incident, event: UnitAssigned) -> None:
    assignment = Assignment(
        assignment=event.assignment,
        unit=event.unit,
        role=event.role,
        wave=event.wave,
        by=event.by,
        distance_m=event.distance_m,
        state=AssignmentState.OFFERED,
        offered_t=event.t,
        answer_by_t=event.answer_by_t,
        state_t=event.t,
        times={AssignmentState.OFFERED: event.t},
    )
    incident.assignments[event.assignment] = assignment
    board.note_assignment(incident.incident, assignment)


def _fold_assignment(board: Board, incident: Incident, event: AssignmentEvent) -> None:
    assignment = incident.assignments.get(event.assignment)
    after = None if assignment is None else STATES.get((assignment.state, type(event)))
    if assignment is None or after is None:
        return
    if after is not assignment.state:
        assignment.state, assignment.state_t = after, event.t
    reached = AssignmentState.RECEIVED if isinstance(event, OrderReceived) else after
    assignment.times.setdefault(reached, event.t)
    if isinstance(event, AssignmentWithdrawn):
        assignment.withdrawn_for = event.reason
        assignment.cancel_heard = False
    board.note_assignment(incident.incident, assignment)


def _take(board: Board, incident: Incident, event: IncidentTaken) -> None:
    if incident.taken_by != event.by:
        for alarm in incident.alarms:
            if alarm in board.alarms:
                board.alarms[alarm].seen_confirmed = False
    incident.taken_by, incident.taken_t = event.by, event.t


def _reopen(incident: Incident, event: IncidentReopened) -> None:
    incident.taken_by, incident.taken_t = None, None
    incident.closed_t, incident.closed_by = None, None
    incident.disposition, incident.duplicate_of = None, None
    incident.round = Round(
        t=event.t,
        assignments=len(incident.assignments),
        decisions=len(incident.decisions),
        escalations=len(incident.escalations),
    )


def _remember_command(board: Board, event: Event) -> None:
    """After a restart the reply tells the version right after the command's own fact."""
    command: CommandId | None = getattr(event, "command", None)
    if command is None or command in board.replies or not isinstance(event, IncidentEvent):
        return
    incident = board.incidents.get(event.incident)
    if incident is not None:
        board.remember_reply(command, Reply(subject=incident.incident, version=incident.version))
