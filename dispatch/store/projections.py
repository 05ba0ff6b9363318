"""What each fact changes in the tables for looking things up. The journal stays the truth.

``changes(fact, seq)`` gives statements with their values; running them in the
order of the journal builds the same tables every time, which is what
``rebuild`` does. No personal value is ever written here.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, delete, false, func, insert, or_, select, update
from sqlalchemy.sql.base import Executable

from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    AssignmentEvent,
    CancelRequested,
    DrillEnded,
    DrillStarted,
    Event,
    IncidentClosed,
    IncidentEvent,
    IncidentOpened,
    IncidentReopened,
    IncidentRevised,
    IncidentTaken,
    LeaseLapsed,
    PatrolReported,
    PlaceRevised,
    PlanBookAdopted,
    PlanChanged,
    RadioConnected,
    RadioEnrolled,
    RadioLost,
    RadioRevoked,
    ResponseDecided,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import unit_of
from dispatch.lifecycle import PHASES, STATES
from dispatch.records import answered
from dispatch.store import rows
from dispatch.store.schema import (
    PROJECTIONS,
    alarms,
    assignments,
    drills,
    incidents,
    plan_books,
    radio_codes,
    radios,
    reports,
    units,
    upsert,
)
from dispatch.words import Phase, PlaceSource

Change = tuple[Executable, dict[str, Any]]
"""A statement of this module and the values of one run of it."""

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
WAVE_DECIDED: Final = (
    update(alarms)
    .where(alarms.c.incident == bindparam("of"), alarms.c.undecided != "")
    .values(undecided="")
)
INCIDENT_IN: Final = insert(incidents)
INCIDENT_TAKEN: Final = (
    update(incidents)
    .where(_THIS_INCIDENT)
    .values(taken_by=bindparam("who"), taken_t=bindparam("when"))
)
INCIDENT_LEFT: Final = update(incidents).where(_THIS_INCIDENT).values(taken_by="", taken_t=None)
INCIDENT_REVISED: Final = (
    update(incidents)
    .where(_THIS_INCIDENT)
    .values(kind=bindparam("what"), priority=bindparam("urgency"))
)
INCIDENT_MOVED: Final = update(incidents).where(_THIS_INCIDENT).values(grid=bindparam("where"))
INCIDENT_REPLANNED: Final = update(incidents).where(_THIS_INCIDENT).values(plan=bindparam("by"))
INCIDENT_COVERT: Final = update(incidents).where(_THIS_INCIDENT).values(covert=True)
INCIDENT_CLOSED: Final = (
    update(incidents)
    .where(_THIS_INCIDENT)
    .values(
        phase=bindparam("to"),
        closed_t=bindparam("when"),
        disposition=bindparam("how"),
        duplicate_of=bindparam("twin"),
        false_reason=bindparam("why"),
    )
)
INCIDENT_REOPENED: Final = (
    update(incidents)
    .where(_THIS_INCIDENT)
    .values(
        closed_t=None,
        disposition="",
        duplicate_of=None,
        false_reason=None,
        taken_by="",
        taken_t=None,
    )
)
ASSIGNMENT_IN: Final = insert(assignments).values(
    {column.name: bindparam(column.name) for column in assignments.columns}
    | {
        "drill": select(incidents.c.drill)
        .where(incidents.c.incident == bindparam("incident"))
        .scalar_subquery()
    }
)
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
CODE_OUT: Final = delete(radio_codes).where(radio_codes.c.radio == bindparam("this"))
REPORT_IN: Final = insert(reports)
BOOK_IN: Final = insert(plan_books)
DRILL_IN: Final = upsert(drills, "drill", "community", "seq", "started_t", "ended_t")
DRILL_ENDED: Final = (
    update(drills).where(drills.c.drill == bindparam("this")).values(ended_t=bindparam("when"))
)


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
        .values(
            state=case(steps, value=state, else_=state),
            state_t=bindparam("when"),
            **_answer(fact),
        )
    )


def _answer(fact: type[Event]) -> dict[str, Any]:
    """What this fact says of ``answered``: nothing takes an acceptance back."""
    reached = {a: 0 for (before, kind), a in STATES.items() if kind is fact and before is not a}
    match answered(reached):
        case None:
            return {}
        case True:
            return {"answered": True}
        case False:
            return {"answered": func.coalesce(assignments.c.answered, False)}


PHASE_STEPS: Final = {fact: _stepping(fact) for _, fact in PHASES}
STATE_STEPS: Final = {fact: _answering(fact) for _, fact in STATES}


def changes(fact: Event, seq: int) -> Iterator[Change]:
    """What the fact numbered ``seq`` changes, in order; nothing for facts no table shows."""
    match fact:
        case AlarmReceived():
            yield ALARM_IN, rows.alarm_row(fact, seq)
        case AlarmRepeated():
            yield ALARM_REPEATED, {"this": fact.alarm, "n": fact.repeats}
        case AlarmConflicted():
            yield ALARM_CONFLICTED, {"this": fact.alarm}
        case AlarmUndecided():
            yield ALARM_UNDECIDED, {"this": fact.alarm, "why": fact.reason, "n": fact.tries}
        case IncidentOpened():
            yield INCIDENT_IN, rows.incident_row(fact)
            if fact.alarm is not None:
                yield ALARM_DECIDED, {"this": fact.alarm, "into": fact.incident}
        case ResponseDecided():
            yield WAVE_DECIDED, {"of": fact.incident}
        case AlarmJoined():
            yield ALARM_DECIDED, {"this": fact.alarm, "into": fact.incident}
            if fact.place_source is not PlaceSource.NONE:
                yield INCIDENT_MOVED, {"this": fact.incident, "where": fact.grid or ""}
        case IncidentTaken():
            yield INCIDENT_TAKEN, {"this": fact.incident, "who": fact.by, "when": fact.t}
        case LeaseLapsed():
            yield INCIDENT_LEFT, {"this": fact.incident}
        case IncidentRevised():
            yield INCIDENT_REVISED, rows.revision(fact)
        case PlaceRevised():
            yield INCIDENT_MOVED, {"this": fact.incident, "where": fact.grid or ""}
        case PlanChanged():
            yield INCIDENT_REPLANNED, {"this": fact.incident, "by": fact.plan}
        case CancelRequested(duress=True):
            yield INCIDENT_COVERT, {"this": fact.incident}
        case IncidentClosed():
            yield INCIDENT_CLOSED, rows.closing(fact)
        case IncidentReopened():
            yield INCIDENT_REOPENED, {"this": fact.incident}
        case UnitAssigned():
            yield ASSIGNMENT_IN, rows.assignment_row(fact)
        case AssignmentEvent() if type(fact) in STATE_STEPS:
            yield STATE_STEPS[type(fact)], {"this": fact.assignment, "when": fact.t}
        case UnitSignedOn() | UnitSignedOff():
            yield UNIT_DUTY, rows.duty_row(fact, seq)
        case RadioConnected() | RadioLost():
            yield UNIT_LINK, rows.link_row(fact, seq)
        case PatrolReported():
            yield REPORT_IN, rows.report_row(fact, seq)
        case PlanBookAdopted():
            yield BOOK_IN, rows.book_row(fact, seq)
        case DrillStarted():
            yield DRILL_IN, rows.drill_row(fact, seq)
        case DrillEnded():
            yield DRILL_ENDED, {"this": fact.drill, "when": fact.t}
        case RadioEnrolled():
            yield RADIO_IN, rows.radio_row(fact)
        case RadioRevoked():
            yield RADIO_REVOKED, {"this": fact.radio}
            yield UNIT_GONE, {"this": unit_of(fact.radio)}
            yield CODE_OUT, {"this": fact.radio}  # no projection, but it must go with the fact
    if isinstance(fact, IncidentEvent) and type(fact) in PHASE_STEPS:
        yield PHASE_STEPS[type(fact)], {"this": fact.incident}


def apply(conn: Connection, todo: Iterable[Change]) -> None:
    """Run the changes, runs of the same statement together: a wave's facts are of two statements
    in turn. Each table's stay in order; only an assignment reads another, its incident's row,
    of which it reads what never changes."""
    for _, run in itertools.groupby(sorted(todo, key=_rank), key=lambda change: id(change[0])):
        pairs = list(run)
        conn.execute(pairs[0][0], [values for _, values in pairs])


def _rank(change: Change) -> int:
    """Incidents before assignments before the rest."""
    table = getattr(change[0], "table", None)  # what is written out by hand has none
    return 0 if table is incidents else 1 if table is assignments else 2


def clear(conn: Connection) -> None:
    """Empty every projection, to be filled again from the journal."""
    for table in PROJECTIONS:
        conn.execute(delete(table))
