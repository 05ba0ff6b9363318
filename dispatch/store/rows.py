"""The rows that facts make in the tables for looking things up. Runs no statement.

No personal value is ever put into one: erasing would not reach it there.
"""

import re
from typing import Any, Final

import msgspec

from dispatch.events import (
    AlarmReceived,
    DrillStarted,
    IncidentClosed,
    IncidentOpened,
    IncidentRevised,
    PatrolReported,
    PlanBookAdopted,
    RadioConnected,
    RadioEnrolled,
    RadioLost,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import unit_of
from dispatch.words import END_OF, AssignmentState, Phase

INCIDENT_ID: Final = re.compile(r".+-(\d{8})-(\d{1,9})")


def alarm_row(fact: AlarmReceived, seq: int) -> dict[str, Any]:
    """A press as it came, undecided."""
    return {
        "alarm": fact.alarm,
        "community": fact.community,
        "radio": fact.radio,
        "boot": fact.boot,
        "counter": fact.counter,
        "kind": fact.kind.value,
        "covert": fact.covert,
        "late": fact.late,
        "device_t": fact.device_t,
        "received_t": fact.t,
        "digest": fact.digest,
        "seq": seq,
        "incident": None,
        "undecided": "",
        "tries": 0,
        "repeats": 0,
        "conflicts": 0,
        "drill": fact.drill,
    }


def incident_row(fact: IncidentOpened) -> dict[str, Any]:
    """An incident that began."""
    named = INCIDENT_ID.fullmatch(fact.incident)
    return {
        "incident": fact.incident,
        "community": fact.community,
        "day": named[1] if named else "",
        "number": int(named[2]) if named else 0,
        "kind": fact.kind.value,
        "priority": fact.priority,
        "covert": fact.covert,
        "phase": Phase.RECEIVED.value,
        "opened_t": fact.t,
        "closed_t": None,
        "sender": fact.sender,
        "grid": fact.grid or "",
        "taken_by": "",
        "taken_t": None,
        "disposition": "",
        "linked_to": fact.linked_to,
        "duplicate_of": None,
        "plan": fact.plan,
        "drill": fact.drill,
        "false_reason": None,
    }


def revision(fact: IncidentRevised) -> dict[str, Any]:
    """What INCIDENT_REVISED binds."""
    return {"this": fact.incident, "what": fact.kind.value, "urgency": fact.priority}


def closing(fact: IncidentClosed) -> dict[str, Any]:
    """What INCIDENT_CLOSED binds."""
    return {
        "this": fact.incident,
        "to": END_OF[fact.disposition].value,
        "when": fact.t,
        "how": fact.disposition.value,
        "twin": fact.duplicate_of,
        "why": None if fact.false_reason is None else fact.false_reason.value,
    }


def assignment_row(fact: UnitAssigned) -> dict[str, Any]:
    """A unit that was asked, not answered yet."""
    return {
        "assignment": fact.assignment,
        "incident": fact.incident,
        "unit": fact.unit,
        "role": fact.role.value,
        "wave": fact.wave,
        "by": fact.by or "",
        "distance_m": fact.distance_m,
        "state": AssignmentState.OFFERED.value,
        "state_t": fact.t,
        "offered_t": fact.t,
        "answer_by_t": fact.answer_by_t,
        "need": fact.need,
        "volunteered": fact.volunteered,
        "carried_from": fact.carried_from,
        "answered": None,
    }


def duty_row(fact: UnitSignedOn | UnitSignedOff, seq: int) -> dict[str, Any]:
    """Whether a unit is on duty, and the fact that says so."""
    return {
        "unit": fact.unit,
        "community": fact.community,
        "duty": isinstance(fact, UnitSignedOn),
        "duty_seq": seq,
    }


def link_row(fact: RadioConnected | RadioLost, seq: int) -> dict[str, Any]:
    """Whether a unit's radio is at the broker, and the fact that says so."""
    return {
        "unit": unit_of(fact.radio),
        "community": fact.community,
        "online": isinstance(fact, RadioConnected),
        "online_seq": seq,
    }


def radio_row(fact: RadioEnrolled) -> dict[str, Any]:
    """A radio on the roster."""
    return {
        "radio": fact.radio,
        "community": fact.community,
        "call_sign": fact.call_sign,
        "role": fact.role.value,
        "skills": msgspec.json.encode(fact.skills).decode(),
        "post": fact.post,
        "revoked": False,
        "enrolled_t": fact.t,
    }


def report_row(fact: PatrolReported, seq: int) -> dict[str, Any]:
    """A patrol report."""
    return {
        "report": fact.report,
        "community": fact.community,
        "unit": fact.unit,
        "kind": fact.kind.value,
        "grid": fact.grid,
        "t": fact.t,
        "device_t": fact.device_t,
        "digest": fact.digest,
        "seq": seq,
    }


def book_row(fact: PlanBookAdopted, seq: int) -> dict[str, Any]:
    """Where a plan book was adopted."""
    return {
        "seq": seq,
        "community": fact.community,
        "book": fact.book,
        "version": fact.version,
    }


def drill_row(fact: DrillStarted, seq: int) -> dict[str, Any]:
    """An exercise that is on."""
    return {
        "drill": fact.drill,
        "community": fact.community,
        "seq": seq,
        "started_t": fact.t,
        "ended_t": None,
    }
