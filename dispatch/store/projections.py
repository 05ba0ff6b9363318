"""What each fact changes in the tables for looking things up. The journal stays the truth.

``changes(fact, seq)`` gives statements with their values; running them in the
order of the journal builds the same tables every time, which is what
``rebuild`` does. No personal value is ever written here.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, case, delete, false, insert, or_, update
from sqlalchemy.sql.base import Executable

from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    AssignmentEvent,
    Event,
    IncidentClosed,
    IncidentEvent,
    IncidentOpened,
    IncidentReopened,
    IncidentTaken,
    PatrolReported,
    RadioConnected,
    RadioEnrolled,
    RadioLost,
    RadioRevoked,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import unit_of
from dispatch.lifecycle import PHASES, STATES
from dispatch.store.schema import (
    PROJECTIONS,
    alarms,
    assignments,
    incidents,
    radios,
    reports,
    units,
    upsert,
)
from dispatch.words import END_OF, AssignmentState, Phase

Change = tuple[Executable, dict[str, Any]]
"""A statement of this module and the values of one run of it."""

INCIDENT_ID: Final = re.compile(r".+-(\d{8})-(\d{1,9})")

_THIS_ALARM: Final = alarms.c.alarm == bindparam("this")
_THIS_INCIDENT: Final = incidents.c.incident == bindparam("this")

ALARM_IN: Final = insert(alarms)
ALARM_REPEATED: Final = update(alarms).where(_THIS_ALARM).values(repeats=bindparam("n"))
ALARM_CONFLICTED: Final = update(alarms).where(_THIS_ALARM).values(conflicts=alarms.c.conflicts + 1)
ALARM_UNDECIDED: Final = (
    update(alarms).where(_THIS_ALARM).values(undecided=bindparam("why"), tries=bindparam("n"))
)
ALARM_DECIDED: Final = (
    update(alarms).where(_THIS_ALARM).values(incident=bindparam("into"), undecided="")
)
INCIDENT_IN: Final = insert(incidents)
INCIDENT_TAKEN: Final = (
    update(incidents)
    .where(_THIS_INCIDENT)
    .values(taken_by=bindparam("who"), taken_t=bindparam("when"))
)
INCIDENT_CLOSED: Final = (
    update(incidents)
    .where(_THIS_INCIDENT)
    .values(
        phase=bindparam("to"),
        closed_t=bindparam("when"),
        disposition=bindparam("how"),
        duplicate_of=bindparam("twin"),
    )
)
INCIDENT_REOPENED: Final = (
    update(incidents)
    .where(_THIS_INCIDENT)
    .values(closed_t=None, disposition="", duplicate_of=None, taken_by="", taken_t=None)
)
ASSIGNMENT_IN: Final = insert(assignments)
UNIT_DUTY: Final = upsert(units, "unit", "community", "duty", "duty_seq")
UNIT_LINK: Final = upsert(units, "unit", "community", "online", "online_seq")
RADIO_IN: Final = upsert(
    radios,
    *("radio", "community", "call_sign", "role", "skills", "post", "revoked", "enrolled_t"),
)
RADIO_REVOKED: Final = (
    update(radios).where(radios.c.radio == bindparam("this")).values(revoked=True)
)
UNIT_GONE: Final = (
    update(units).where(units.c.unit == bindparam("this")).values(duty=False, online=False)
)
REPORT_IN: Final = insert(reports)


def _stepping(fact: type[Event]) -> Executable:
    """What this fact makes of an incident's phase, as the life cycle's table has it."""
    steps = {
        before.value: case((incidents.c.taken_by != "", _when_taken(after)), else_=after.value)
        for (before, kind), after in PHASES.items()
        if kind is fact
    }
    phase = incidents.c.phase
    return (
        update(incidents).where(_THIS_INCIDENT).values(phase=case(steps, value=phase, else_=phase))
    )


def _when_taken(phase: Phase) -> str:
    return Phase.ACKNOWLEDGED.value if phase is Phase.RECEIVED else phase.value


def _answering(fact: type[Event]) -> Executable:
    """What this fact makes of an assignment's state; the time stays where the state does."""
    steps = {
        before.value: after.value
        for (before, kind), after in STATES.items()
        if kind is fact and before is not after
    }
    state = assignments.c.state
    return (
        update(assignments)
        .where(assignments.c.assignment == bindparam("this"))
        .where(or_(false(), *(state == before for before in steps)))  # IN has no executemany
        .values(state=case(steps, value=state, else_=state), state_t=bindparam("when"))
    )


PHASE_STEPS: Final = {fact: _stepping(fact) for _, fact in PHASES}
STATE_STEPS: Final = {fact: _answering(fact) for _, fact in STATES}


def changes(fact: Event, seq: int) -> Iterator[Change]:
    """What the fact numbered ``seq`` changes, in order; nothing for facts no table shows."""
    match fact:
        case AlarmReceived():
            yield ALARM_IN, _alarm_row(fact, seq)
        case AlarmRepeated():
            yield ALARM_REPEATED, {"this": fact.alarm, "n": fact.repeats}
        case AlarmConflicted():
            yield ALARM_CONFLICTED, {"this": fact.alarm}
        case AlarmUndecided():
            yield ALARM_UNDECIDED, {"this": fact.alarm, "why": fact.reason, "n": fact.tries}
        case IncidentOpened():
            yield INCIDENT_IN, _incident_row(fact)
            if fact.alarm is not None:
                yield ALARM_DECIDED, {"this": fact.alarm, "into": fact.incident}
        case AlarmJoined():
            yield ALARM_DECIDED, {"this": fact.alarm, "into": fact.incident}
        case IncidentTaken():
            yield INCIDENT_TAKEN, {"this": fact.incident, "who": fact.by, "when": fact.t}
        case IncidentClosed():
            yield INCIDENT_CLOSED, _closing(fact)
        case IncidentReopened():
            yield INCIDENT_REOPENED, {"this": fact.incident}
        case UnitAssigned():
            yield ASSIGNMENT_IN, _assignment_row(fact)
        case AssignmentEvent():
            yield STATE_STEPS[type(fact)], {"this": fact.assignment, "when": fact.t}
        case UnitSignedOn() | UnitSignedOff():
            yield UNIT_DUTY, _duty_row(fact, seq)
        case RadioConnected() | RadioLost():
            yield UNIT_LINK, _link_row(fact, seq)
        case PatrolReported():
            yield REPORT_IN, _report_row(fact, seq)
        case RadioEnrolled():
            yield RADIO_IN, _radio_row(fact)
        case RadioRevoked():
            yield RADIO_REVOKED, {"this": fact.radio}
            yield UNIT_GONE, {"this": unit_of(fact.radio)}
    if isinstance(fact, IncidentEvent) and type(fact) in PHASE_STEPS:
        yield PHASE_STEPS[type(fact)], {"this": fact.incident}


def apply(conn: Connection, todo: Iterable[Change]) -> None:
    """Run the changes in order, runs of the same statement together."""
    for _, run in itertools.groupby(todo, key=lambda change: id(change[0])):
        pairs = list(run)
        conn.execute(pairs[0][0], [values for _, values in pairs])


def clear(conn: Connection) -> None:
    """Empty every projection, to be filled again from the journal."""
    for table in PROJECTIONS:
        conn.execute(delete(table))


def _alarm_row(fact: AlarmReceived, seq: int) -> dict[str, Any]:
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
    }


def _incident_row(fact: IncidentOpened) -> dict[str, Any]:
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
    }


def _closing(fact: IncidentClosed) -> dict[str, Any]:
    return {
        "this": fact.incident,
        "to": END_OF[fact.disposition].value,
        "when": fact.t,
        "how": fact.disposition.value,
        "twin": fact.duplicate_of,
    }


def _assignment_row(fact: UnitAssigned) -> dict[str, Any]:
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
    }


def _duty_row(fact: UnitSignedOn | UnitSignedOff, seq: int) -> dict[str, Any]:
    return {
        "unit": fact.unit,
        "community": fact.community,
        "duty": isinstance(fact, UnitSignedOn),
        "duty_seq": seq,
    }


def _link_row(fact: RadioConnected | RadioLost, seq: int) -> dict[str, Any]:
    return {
        "unit": unit_of(fact.radio),
        "community": fact.community,
        "online": isinstance(fact, RadioConnected),
        "online_seq": seq,
    }


def _radio_row(fact: RadioEnrolled) -> dict[str, Any]:
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


def _report_row(fact: PatrolReported, seq: int) -> dict[str, Any]:
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
