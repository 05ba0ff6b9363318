"""Folds facts into the board: state is what the facts say, and nothing else. Decides nothing.

Facts about incidents that are no longer kept are passed over. A personal value
that was erased folds as *unknown*. Who signs on and off, comes and goes, changes the live table
(``Hub.apply``) and nothing here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from dispatch.board import Board
from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmLeft,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    AssignmentEvent,
    AssignmentWithdrawn,
    CallbackMade,
    CallsHeld,
    CancelAnswered,
    CancelRequested,
    ChecklistTicked,
    ConsoleAttended,
    ConsoleUnattended,
    DrillEnded,
    DrillStarted,
    Event,
    GatewayTried,
    HandedOver,
    IncidentClosed,
    IncidentEscalated,
    IncidentEvent,
    IncidentLinked,
    IncidentOpened,
    IncidentReopened,
    IncidentRevised,
    IncidentTaken,
    LeaseLapsed,
    OrderReceived,
    OrderShown,
    PatrolReported,
    Personal,
    PersonTold,
    PlaceRevised,
    PlanBookAdopted,
    PlanChanged,
    ResponseDecided,
    SeenConfirmed,
    ShiftHandedOver,
    StepBegun,
    UnitAssigned,
)
from dispatch.free_text import plain
from dispatch.ids import CommandId, IncidentId, unit_of
from dispatch.incident import (
    Alarm,
    Assignment,
    Begun,
    Callback,
    CancelWish,
    Candidate,
    Candidates,
    Decision,
    GatewayTry,
    Given,
    Incident,
    Round,
)
from dispatch.lifecycle import PHASES, STATES
from dispatch.messages import Reply
from dispatch.plan import PlanId
from dispatch.records import answered
from dispatch.story import Story
from dispatch.told import tables_of
from dispatch.words import (
    COUNTS_FOR_CARE,
    END_OF,
    AssignmentState,
    Linked,
    Phase,
    PlaceSource,
    Verdict,
)

CANDIDATES_REMEMBERED_MAX: Final = 30
"""Candidates of a decision kept in memory: as many as a console lists. At some 400 bytes each,
a thousand of every wave would be gigabytes on a night of ten thousand open incidents."""


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
            board.note_alarm(_alarm(event))
        case AlarmRepeated() | AlarmConflicted() | AlarmUndecided():
            alarm = board.alarms.get(event.alarm)
            if alarm is not None:
                _fold_alarm(alarm, event)
        case PatrolReported():
            board.remember_report(event.report, event.digest)
        case PlanBookAdopted():
            board.books[(event.community, f"{event.book}-{event.version}")] = event.text
        case DrillStarted():
            board.drills[event.community] = (event.drill, event.name)
        case DrillEnded():
            if board.drills.get(event.community, ("", ""))[0] == event.drill:
                del board.drills[event.community]
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
    return plain(words.value) if words is not None and isinstance(words.value, str) else ""


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
        clock_off_us=event.clock_off_us,
        received_t=event.t,
        digest=event.digest,
        lon=fix.get("lon"),
        lat=fix.get("lat"),
        acc_m=fix.get("acc_m"),
        fix_t=fix.get("t"),
        battery_pct=fix.get("battery_pct"),
        drill=event.drill,
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
    place, caller = personal(event.place), personal(event.caller)
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
        plan=PlanId(event.plan),
        story=Story([event]),
        phase_times={Phase.RECEIVED: event.t},
        round=Round(t=event.t),
        drill=event.drill,
        in_danger=event.in_danger,
        caller_name=plain(caller.get("name", "")),
        caller_phone=plain(caller.get("phone", "")),
        links={} if event.linked_to is None else {event.linked_to: Linked.LINKED},
    )
    board.note_incident(incident)
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
    before = board.incidents.get(alarm.incident or IncidentId(""))
    if before is not None and before.taken_by != incident.taken_by:
        alarm.seen_confirmed = False  # its sender was told another name
    alarm.incident = incident.incident
    alarm.undecided = ""
    board.note_alarm(alarm)
    moved = isinstance(event, AlarmJoined) and event.moved_from is not None
    if not alarm.late and not moved:
        incident.last_press_t = event.t
    if not alarm.late and was_late:
        incident.round = replace(incident.round, t=event.t)


def _fold_incident(board: Board, incident: Incident, event: IncidentEvent) -> None:
    incident.version += 1
    incident.story.append(_as_told(event))
    match event:
        case AlarmJoined():
            _join(board, incident, event)
        case AlarmLeft():
            _leave(incident, event)
        case IncidentLinked():
            incident.links[event.other] = event.how
        case StepBegun():
            incident.steps.append(_begun(event))
        case PlanChanged():
            incident.plan = PlanId(event.plan)
        case CallsHeld():
            incident.calls_held = event.held
        case IncidentRevised():
            incident.kind, incident.priority = event.kind, event.priority
        case PlaceRevised():
            _move(incident, event)
        case ChecklistTicked():
            incident.checked.pop(event.item, None)
            if event.done:
                incident.checked[event.item] = (event.t, event.by)
        case ResponseDecided():
            incident.decisions.append(_decision(event))
            for alarm in filter(None, map(board.alarms.get, incident.alarms)):
                alarm.undecided = ""
        case UnitAssigned():
            _assign(board, incident, event)
        case AssignmentEvent():
            _fold_assignment(board, incident, event)
        case IncidentTaken():
            _take(board, incident, event)
        case LeaseLapsed():
            incident.taken_by, incident.taken_t = None, None
            rings_anew = len(incident.escalations)
            incident.round = replace(incident.round, t=event.t, escalations=rings_anew)
        case HandedOver():
            given = Given(
                t=event.t,
                agency=event.agency,
                by=event.by,
                contact=said(event.contact),
                words=said(event.words),
            )
            incident.given.append(given)
        case PersonTold():
            incident.told.append(_try(event, event.person))
        case CancelRequested() | CancelAnswered():
            _fold_cancel(incident, event)
        case CallbackMade():
            callback = Callback(
                t=event.t, satisfaction=event.satisfaction, by=event.by, words=said(event.words)
            )
            incident.callbacks.append(callback)
        case SeenConfirmed():
            if event.alarm in board.alarms:
                board.alarms[event.alarm].seen_confirmed = True
        case IncidentEscalated():
            incident.escalations.append((event.t, event.rung, event.reason))
        case IncidentClosed():
            incident.closed_t, incident.closed_by = event.t, event.by
            incident.disposition = event.disposition
            incident.duplicate_of = event.duplicate_of
            incident.false_reason = event.false_reason
            board.note_end(incident)
            _count_false(board, incident)
        case IncidentReopened():
            if incident.sender is not None:
                board.records.forget_false(incident.sender, incident.incident)
            _reopen(incident, event)
            board.note_end(incident)
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
    if event.reporter:
        incident.reporters.add(event.alarm)
    if event.moved_from is not None:
        incident.moved_in.add(event.alarm)
    if event.place_source is not PlaceSource.NONE:
        _move(incident, event)


def _leave(incident: Incident, event: AlarmLeft) -> None:
    incident.reporters.discard(event.alarm)
    incident.moved_in.discard(event.alarm)
    if event.alarm in incident.alarms:
        incident.alarms.remove(event.alarm)


def _move(incident: Incident, event: AlarmJoined | PlaceRevised) -> None:
    place = personal(event.place)
    incident.place_source, incident.grid = event.place_source, event.grid
    incident.fix_t = event.fix_t
    incident.lon, incident.lat = place.get("lon"), place.get("lat")
    incident.acc_m = place.get("acc_m")
    if isinstance(event, PlaceRevised):
        incident.words = said(event.words) or incident.words


def _begun(event: StepBegun) -> Begun:
    return Begun(
        t=event.t,
        plan=PlanId(event.plan),
        step=event.step,
        tier=event.tier,
        due_t=event.due_t,
        reason=event.reason,
        by=event.by,
        tell=event.tell,
        agency=event.agency,
    )


def _try(event: GatewayTried | PersonTold, person: str = "") -> GatewayTry:
    recall = isinstance(event, GatewayTried) and event.recall
    return GatewayTry(
        t=event.t,
        gateway=event.gateway,
        ok=event.ok,
        why=event.why,
        recall=recall,
        person=person,
    )


def _fold_cancel(incident: Incident, event: CancelRequested | CancelAnswered) -> None:
    match event:
        case CancelRequested():
            incident.cancel = CancelWish(t=event.t, alarm=event.alarm, duress=event.duress)
            if event.duress:  # somebody forces them: from here on nothing may give them away
                incident.covert = True
        case CancelAnswered():
            if incident.cancel is not None:
                incident.cancel = replace(
                    incident.cancel, granted=event.granted, answered_t=event.t
                )
                incident.call_off_answer_shown = False


def _count_false(board: Board, incident: Incident) -> None:
    """A false alarm for its radio's sake counts toward the radio's care; an exercise never."""
    counts = incident.false_reason in COUNTS_FOR_CARE and incident.drill is None
    if counts and incident.sender is not None and incident.closed_t is not None:
        board.records.note_false(incident.sender, incident.incident, incident.closed_t)


def _decision(event: ResponseDecided) -> Decision:
    inputs = personal(event.inputs)
    told = tables_of(inputs.get("candidates", ()))
    return Decision(
        decision=event.decision,
        wave=event.wave,
        t=event.t,
        called=event.called,
        missing=dict(event.missing),
        short=dict(event.short),
        all_asked=event.all_asked or bool(event.short),
        candidates=Candidates(candidates_of(_most_telling(told))),
        verdicts=inputs.get("verdicts") or dict(Counter(each["verdict"] for each in told)),
        step=event.step,
        chance=event.chance,
        by=event.by,
    )


def candidates_of(told: Any) -> tuple[Candidate, ...]:
    """Candidates as the inputs of a decision tell them; older ones tell less of each."""
    return msgspec.convert(tables_of(told), tuple[Candidate, ...])


def _most_telling(told: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Those that memory keeps of them, in their order."""
    if len(told) <= CANDIDATES_REMEMBERED_MAX:
        return told
    by_interest = sorted(range(len(told)), key=lambda index: _interest(told[index]))
    return [told[index] for index in sorted(by_interest[:CANDIDATES_REMEMBERED_MAX])]


def _interest(candidate: Mapping[str, Any]) -> tuple[bool, float, str]:
    """The called first, then the nearest, as the consoles list them."""
    away_m = candidate["distance_m"]
    not_called = candidate["verdict"] != Verdict.CALLED
    return not_called, float("inf") if away_m is None else away_m, candidate["unit"]


def _as_told(event: IncidentEvent) -> IncidentEvent:
    """A fact as memory keeps it. What a decision was made of is some kilobytes, of older ones most
    of a megabyte: the first candidates stand in the decision, the rest in the journal."""
    if isinstance(event, ResponseDecided) and event.inputs.value is not None:
        return replace(event, inputs=Personal(event.inputs.purpose, {}))
    return event


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
        need=event.need,
        walk_s=event.walk_s,
        volunteered=event.volunteered,
        carried_from=event.carried_from,
    )
    incident.assignments[event.assignment] = assignment
    board.note_assignment(incident.incident, assignment)
    _count_answer(board, incident, assignment, None)


def _count_answer(
    board: Board, incident: Incident, assignment: Assignment, before: bool | None
) -> None:
    """Exercises are in nobody's record, and an order carried on was counted already."""
    if incident.drill is None and assignment.carried_from is None:
        after = answered(assignment.times)
        board.records.note(assignment.unit, assignment.offered_t, before, after)


def _fold_assignment(board: Board, incident: Incident, event: AssignmentEvent) -> None:
    assignment = incident.assignments.get(event.assignment)
    if assignment is None:
        return
    match event:
        case GatewayTried():
            assignment.gateways.append(_try(event))
        case OrderShown() if assignment.shown_t is None:
            assignment.shown_t = event.t
    after = STATES.get((assignment.state, type(event)))
    if after is None:
        return
    before = answered(assignment.times)
    if after is not assignment.state:
        assignment.state, assignment.state_t = after, event.t
    reached = AssignmentState.RECEIVED if isinstance(event, OrderReceived) else after
    assignment.times.setdefault(reached, event.t)
    if isinstance(event, AssignmentWithdrawn):
        assignment.withdrawn_for = event.reason
        assignment.cancel_heard = False
    board.note_assignment(incident.incident, assignment)
    _count_answer(board, incident, assignment, before)


def _take(board: Board, incident: Incident, event: IncidentTaken) -> None:
    if incident.taken_by != event.by:
        for alarm in incident.alarms:
            if alarm in board.alarms:
                board.alarms[alarm].seen_confirmed = False
    incident.taken_by, incident.taken_t = event.by, event.t
    if incident.first_taken_t is None:
        incident.first_taken_t = event.t
    incident.lease = max(event.lease, incident.lease + 1)


def _reopen(incident: Incident, event: IncidentReopened) -> None:
    incident.taken_by, incident.taken_t = None, None
    incident.closed_t, incident.closed_by = None, None
    incident.disposition, incident.duplicate_of = None, None
    incident.false_reason, incident.cancel, incident.call_off_answer_shown = None, None, True
    incident.calls_held = False
    incident.round = Round(
        t=event.t,
        assignments=len(incident.assignments),
        decisions=len(incident.decisions),
        escalations=len(incident.escalations),
        steps=len(incident.steps),
    )


def _remember_command(board: Board, event: Event) -> None:
    """After a restart the reply tells the version right after the command's own fact."""
    command: CommandId | None = getattr(event, "command", None)
    if command is None or command in board.replies:
        return
    incident = board.incidents.get(getattr(event, "incident", IncidentId("")))
    version = 0 if incident is None else incident.version
    subject: str | None = None if incident is None else incident.incident
    match event:
        case UnitAssigned() | AssignmentWithdrawn():
            subject = event.assignment
        case IncidentLinked(how=Linked.MERGED):
            subject = event.other
        case ShiftHandedOver():
            subject = event.to
        case DrillStarted() | DrillEnded():
            subject = event.drill
    if subject is not None:
        board.remember_reply(command, Reply(subject=subject, version=version))
