"""Turns a fact into a line of an incident's story: its name and what people are told of it.

Sentences are made by the pages. An erased value leaves the line standing, marked.
"""

from console.wire import StoryDoc
from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    AssignmentEvent,
    AssignmentWithdrawn,
    Event,
    IncidentClosed,
    IncidentEscalated,
    IncidentOpened,
    IncidentReopened,
    IncidentTaken,
    NoteAdded,
    Personal,
    ResponseDecided,
    SeenConfirmed,
    UnitAssigned,
    UnitDeclined,
)
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
            line.erased = _erased(event.place)
        case ResponseDecided():
            line.wave, line.called = event.wave, len(event.called)
        case UnitAssigned():
            line.unit, line.wave, line.by = event.unit, event.wave, event.by
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
            line.by = event.by
        case IncidentEscalated():
            line.rung, line.reason = event.rung, event.reason
        case NoteAdded() | IncidentReopened():
            line.by = event.by
            _say(line, event.words)
        case IncidentClosed():
            line.by, line.disposition = event.by, event.disposition
            _say(line, event.words)
    return line


def _say(line: StoryDoc, words: Personal | None) -> None:
    line.erased = _erased(words)
    if words is not None and isinstance(words.value, str) and words.value:
        line.words = words.value


def _erased(value: Personal | None) -> bool:
    return value is not None and value.value is None


def _sender(alarm: AlarmId) -> str:
    """An alarm is named ``radio/boot/counter``, and a unit answers by its radio."""
    return alarm.partition("/")[0]
