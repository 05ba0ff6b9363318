"""Questions to the journal and its tables, each in one consistent look. Changes nothing."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)

from dispatch.chances import RECORD_DAYS
from dispatch.clock import DAY, Instant
from dispatch.events import DrillStarted, Event
from dispatch.ids import CommunityId, DrillId, GridId, IncidentId, OperatorName, RadioId, UnitId
from dispatch.records import FALSE_DAYS, FalseAlarm, Records
from dispatch.roster import RadioRecord
from dispatch.store.journal import facts_at
from dispatch.store.port import DrillRow, IncidentRow, RadioSecret
from dispatch.store.schema import (
    alarms,
    assignments,
    drills,
    incidents,
    journal,
    radio_secrets,
    radios,
)
from dispatch.words import COUNTS_FOR_CARE, Role

NUMBERS_DAYS: Final = 3 * DAY
"""Incident numbers of older days are not needed: the clock never steps back, zones span 26 h."""
LAST_TIMES: Final = 1_000
"""Facts stand in the order of submission, their times nearly so: the latest is among the last."""
CLOSED_PAGE_MAX: Final = 1_000
PRINT_PRIME: Final = 1_000_000_007
"""Sums of a city's times, so cut, stay within 64 bits."""


def last_time(conn: Connection) -> Instant:
    """The latest time in the journal; 0 where it is empty."""
    tail = select(journal.c.t).order_by(journal.c.seq.desc()).limit(LAST_TIMES).subquery()
    return int(conn.execute(select(func.coalesce(func.max(tail.c.t), 0))).scalar_one())


def incident_facts(conn: Connection, incident: IncidentId) -> list[Event]:
    """Every fact about an incident and its alarms, also those that left it, oldest first; what
    other incidents say of these alarms is told there.
    """
    its_own = journal.c.incident == incident
    theirs = select(alarms.c.alarm).where(alarms.c.incident == incident)
    named = select(journal.c.alarm).where(its_own, journal.c.alarm.is_not(None))
    about = and_(journal.c.alarm.in_(theirs.union(named)), journal.c.incident.is_(None))
    return _facts(conn, its_own, about)


def records(conn: Connection, now: Instant) -> Records:
    """What units did with orders and presses lately, as records.py counts it.

    The counts come as one text in one row: a start counts them in a thread, and a thread that asks
    for two hundred thousand rows waits for Python's lock as often.
    """
    first_day = now // DAY - RECORD_DAYS + 1
    on_day = (assignments.c.offered_t // literal_column(str(DAY), BigInteger)).label("on_day")
    counts = (
        select(
            assignments.c.unit,
            on_day,
            func.count().label("asked"),
            func.sum(case((assignments.c.answered, 1), else_=0)).label("accepted"),
        )
        .where(
            assignments.c.offered_t >= first_day * DAY,
            assignments.c.answered.is_not(None),
            assignments.c.carried_from.is_(None),
            assignments.c.drill.is_(None),
        )
        .group_by(assignments.c.unit, on_day)
        .subquery()
    )
    day, asked, accepted = (cast(counts.c[n], Text) for n in ("on_day", "asked", "accepted"))
    days = func.aggregate_strings(day + " " + asked + " " + accepted, " ")
    of_unit = select((counts.c.unit + " " + days).label("line")).group_by(counts.c.unit).subquery()
    told = select(func.aggregate_strings(of_unit.c.line, "\n"))
    false_alarms = select(incidents.c.sender, incidents.c.incident, incidents.c.closed_t).where(
        incidents.c.closed_t >= now - FALSE_DAYS * DAY,
        incidents.c.false_reason.in_([reason.value for reason in COUNTS_FOR_CARE]),
        incidents.c.drill.is_(None),
        incidents.c.sender.is_not(None),
    )
    return Records(
        conn.execute(told).scalar() or "",
        (
            FalseAlarm(unit=UnitId(sender), incident=IncidentId(incident), t=t)
            for sender, incident, t in conn.execute(false_alarms)
        ),
    )


def incident_numbers(conn: Connection, last_t: Instant) -> dict[tuple[CommunityId, str], int]:
    """The highest number given on each of the last days, by (community, YYYYMMDD)."""
    rows = conn.execute(
        select(incidents.c.community, incidents.c.day, func.max(incidents.c.number))
        .where(incidents.c.opened_t >= last_t - NUMBERS_DAYS, incidents.c.day != "")
        .group_by(incidents.c.community, incidents.c.day)
    )
    return {(CommunityId(community), day): number for community, day, number in rows}


def closed_incidents(conn: Connection, *, before_t: Instant, count_max: int) -> list[IncidentRow]:
    """Incidents that ended before a time, newest first."""
    rows = conn.execute(
        select(incidents)
        .where(incidents.c.closed_t < before_t)
        .order_by(incidents.c.closed_t.desc(), incidents.c.incident.desc())
        .limit(max(0, min(count_max, CLOSED_PAGE_MAX)))
    )
    return [_incident_row(row) for row in rows]


def drill(conn: Connection, name: DrillId) -> DrillRow | None:
    """An exercise; its name and who began it stand in the fact. None where there is none."""
    row = conn.execute(select(drills).where(drills.c.drill == name)).one_or_none()
    if row is None:
        return None
    [began] = facts_at(conn, [row.seq])
    assert isinstance(began, DrillStarted), "seq is that of the fact that it began"
    return DrillRow(
        drill=name,
        community=CommunityId(row.community),
        name=began.name,
        by=began.by,
        started_t=row.started_t,
        ended_t=row.ended_t,
    )


def incidents_of_drill(conn: Connection, name: DrillId, *, count_max: int) -> list[IncidentRow]:
    """Incidents of an exercise, open and ended, oldest first."""
    rows = conn.execute(
        select(incidents)
        .where(incidents.c.drill == name)
        .order_by(incidents.c.opened_t, incidents.c.incident)
        .limit(max(0, min(count_max, CLOSED_PAGE_MAX)))
    )
    return [_incident_row(row) for row in rows]


def radio_records(conn: Connection) -> list[RadioRecord]:
    """The roster, revoked radios too, by id. A hundred thousand in a quarter of a second, and
    what they have in common is kept once."""
    shared: dict[str, str] = {}
    skilled: dict[str, tuple[str, ...]] = {}
    roles = {role.value: role for role in Role}
    rows = conn.exec_driver_sql(
        "SELECT radio, community, call_sign, role, skills, post, revoked FROM radios ORDER BY radio"
    ).all()
    found = []
    for radio, community, call_sign, role, skills, post, revoked in rows:
        known = skilled.get(skills)
        if known is None:
            known = skilled[skills] = msgspec.json.decode(skills, type=tuple[str, ...])
        found.append(
            RadioRecord(
                radio=RadioId(radio),
                community=CommunityId(shared.setdefault(community, community)),
                call_sign=call_sign,
                role=roles[role],
                skills=known,
                post=None if post is None else GridId(shared.setdefault(post, post)),
                revoked=bool(revoked),
            )
        )
    return found


def radios_print(conn: Connection) -> str:
    """Another one after every change of the roster: whoever is enrolled, anew too, is enrolled
    at another time, and who is revoked is counted. A hundred thousand in 14 ms."""
    row = conn.execute(
        select(
            func.count().label("radios"),
            func.max(radios.c.enrolled_t).label("last_t"),
            func.sum(radios.c.enrolled_t % PRINT_PRIME).label("times"),
            func.sum(case((radios.c.revoked, 1), else_=0)).label("revoked"),
        )
    ).one()
    return f"{row.radios} {row.last_t} {row.times} {row.revoked}"


def secrets_of(
    conn: Connection, only: Sequence[RadioId] | None = None, *, after_t: Instant = -1
) -> list[RadioSecret]:
    """What admission needs, of these radios or of all with a secret given after a time, by id."""
    query = (
        select(radios.c.radio, radios.c.community, radio_secrets.c.secret_hash, radios.c.revoked)
        .join(radio_secrets, radio_secrets.c.radio == radios.c.radio)
        .where(radio_secrets.c.t > after_t)
        .order_by(radios.c.radio)
    )
    if only is not None:
        query = query.where(radios.c.radio.in_(only))
    return [
        RadioSecret(
            radio=RadioId(row.radio),
            community=CommunityId(row.community),
            secret_hash=row.secret_hash,
            revoked=row.revoked,
        )
        for row in conn.execute(query)
    ]


def _facts(conn: Connection, *either: ColumnElement[bool]) -> list[Event]:
    """The union lets each condition use its own index, where OR would walk the whole journal."""
    first, *rest = (select(journal.c.seq).where(condition) for condition in either)
    seqs = [seq for (seq,) in conn.execute(first.union(*rest))]
    return list(facts_at(conn, sorted(seqs)))


def _incident_row(row: Row[Any]) -> IncidentRow:
    return IncidentRow(
        incident=IncidentId(row.incident),
        community=CommunityId(row.community),
        kind=row.kind,
        priority=row.priority,
        phase=row.phase,
        opened_t=row.opened_t,
        closed_t=row.closed_t,
        sender=None if row.sender is None else UnitId(row.sender),
        grid=row.grid,
        taken_by=OperatorName(row.taken_by),
        disposition=row.disposition,
        drill=None if row.drill is None else DrillId(row.drill),
    )
