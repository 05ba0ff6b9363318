"""Turns a fact into a line of an incident's story: its name and what people are told of it.

Sentences are made by the pages. An erased value leaves the line standing, marked.
"""

from console.wire import StoryDoc
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
    Event,
    GatewayTried,
    HandedOver,
    IncidentClosed,
    IncidentEscalated,
    IncidentExported,
    IncidentLinked,
    IncidentOpened,
    IncidentReopened,
    IncidentRevised,
    IncidentTaken,
    LeaseLapsed,
    NoteAdded,
    Personal,
    PersonTold,
    PlaceRevised,
    PlanChanged,
    ResponseDecided,
    SeenConfirmed,
    StepBegun,
    UnitAssigned,
    UnitDeclined,
)
from dispatch.free_text import plain
from dispatch.ids import AlarmId


def story_doc(event: Event) -> StoryDoc:
    """The line for one fact; a fact with nothing to tell beside its name is just that."""
    line = StoryDoc(t=event.t // 1000, what=type(event).__name__)
    match event:
        case AlarmReceived() | AlarmConflicted():
            line.alarm, line.unit = event.alarm, event.radio
        case AlarmRepeated():
            line.alarm, line.unit, line.count = event.alarm, _sender(event.alarm), event.repeats
        case AlarmUndecided():
            line.alarm, line.unit = event.alarm, _sender(event.alarm)
            line.reason, line.count = event.reason, event.tries
        case IncidentOpened():
            line.unit, line.by, line.alarm = event.sender, event.by, event.alarm
            _say(line, event.words)
            line.erased = line.erased or _erased(event.place)
        case AlarmJoined():
            line.alarm, line.unit = event.alarm, _sender(event.alarm)
            line.how, line.other = "reporter" if event.reporter else None, event.moved_from
            line.erased = _erased(event.place)
        case ResponseDecided():
            line.wave, line.called, line.by = event.wave, len(event.called), event.by
        case UnitAssigned():
            line.unit, line.wave, line.by = event.unit, event.wave, event.by
            line.volunteered = event.volunteered
            line.how = "carried" if event.carried_from is not None else None
        case GatewayTried():
            line.unit, line.gateway = event.unit, event.gateway
            line.how = "recall" if event.recall else None
            line.ok, line.reason = event.ok, event.why or None
        case UnitDeclined():
            line.unit = event.unit
            _say(line, event.reason)
        case AssignmentWithdrawn():
            line.unit, line.reason, line.by = event.unit, event.reason, event.by
        case AssignmentEvent():
            line.unit = event.unit
        case SeenConfirmed():
            line.alarm, line.unit = event.alarm, _sender(event.alarm)
        case IncidentTaken():
            line.by, line.other = event.by, event.taken_from
            _say(line, event.words)
        case IncidentEscalated():
            line.rung, line.reason = event.rung, event.reason
        case NoteAdded() | IncidentReopened():
            line.by = event.by
            _say(line, event.words)
        case IncidentClosed():
            line.by, line.disposition, line.reason = event.by, event.disposition, event.false_reason
            _say(line, event.words)
        case _:
            _steered(line, event)
    return line


def _steered(line: StoryDoc, event: Event) -> None:
    """What an operator or the plan changed about the response."""
    match event:
        case StepBegun():
            line.plan, line.step, line.tier = event.plan, event.step, event.tier
            line.reason, line.agency, line.by = event.reason, event.agency, event.by
            _say(line, event.words)
        case PlanChanged():
            line.plan, line.by = event.plan, event.by
            _say(line, event.words)
        case CallsHeld():
            line.by, line.how = event.by, "held" if event.held else "released"
            _say(line, event.words)
        case IncidentRevised():
            line.kind, line.priority, line.by = event.kind, event.priority, event.by
            _say(line, event.words)
        case PlaceRevised():
            line.by = event.by
            _say(line, event.words)
            line.erased = line.erased or _erased(event.place)
        case ChecklistTicked():
            line.item, line.how, line.by = event.item, "done" if event.done else "undone", event.by
        case IncidentLinked():
            line.other, line.how, line.by = event.other, event.how, event.by
        case AlarmLeft():
            line.alarm, line.unit, line.other = event.alarm, _sender(event.alarm), event.to
        case LeaseLapsed():
            line.by = event.by
        case HandedOver():
            line.agency, line.by = event.agency, event.by
            _say(line, event.words)
        case PersonTold():
            line.other, line.gateway = event.person, event.gateway
            line.ok, line.reason = event.ok, event.why or None
        case CancelRequested():
            line.unit, line.alarm, line.duress = event.unit, event.alarm, event.duress
        case CancelAnswered():
            line.by, line.how = event.by, "granted" if event.granted else "refused"
            _say(line, event.words)
        case CallbackMade():
            line.by, line.how = event.by, event.satisfaction
            _say(line, event.words)
        case IncidentExported():
            line.by, line.how = event.by, "whole" if event.personal else "without_names"


def _say(line: StoryDoc, words: Personal | None) -> None:
    line.erased = _erased(words)
    if words is not None and isinstance(words.value, str) and words.value:
        line.words = plain(words.value)


def _erased(value: Personal | None) -> bool:
    return value is not None and value.value is None


def _sender(alarm: AlarmId) -> str:
    """An alarm is named ``radio/boot/counter``, and a unit answers by its radio."""
    return alarm.partition("/")[0]
