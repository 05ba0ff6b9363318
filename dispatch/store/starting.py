"""What a starting hub needs of what is open: as it was kept, and the facts since; else all facts.

    standing.py up to its head  +  the facts after it  =  the facts folded from the first

Both are folded here, a fact at a time: decisions among a thousand units take a quarter of a
megabyte each. Where the first cannot be had (no rows, another version, one missing) every fact
is folded, and how far that is told now and then.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, union

from dispatch.board import Board
from dispatch.clock import HOUR, Instant
from dispatch.events import (
    AlarmReceived,
    DrillEnded,
    DrillStarted,
    Event,
    IncidentOpened,
    PlanBookAdopted,
    ShiftHandedOver,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import RadioId, UnitId, radio_of
from dispatch.store import standing
from dispatch.store.journal import events_at, facts_at, parts
from dispatch.store.schema import alarms, drills, incidents, journal, plan_books, units
from dispatch.store.since import OnDuty, Since

log = structlog.get_logger("yihu.store")

LATELY_CLOSED: Final = 12 * HOUR
"""A shift: so long ended incidents stay at hand (settle.py keeps them as long)."""
LATELY_CLOSED_MAX: Final = 200
FOLDED_AT_ONCE: Final = 50
"""Facts read together: twelve megabytes where all of them are decisions."""
TOLD_EVERY_S: Final = 5.0
ASKED_LATELY_FACTS: Final = 2_000
"""Of the journal's last facts, in which a request is looked for that no incident tells of: a page
that lost its hub asks again for some minutes, and must not have it done twice."""
ASKED_APART: Final = (ShiftHandedOver.__name__, DrillStarted.__name__, DrillEnded.__name__)
"""Facts that answer such requests. (A radio that was revoked may have been let in since.)"""
FORGOTTEN_LATELY_FACTS: Final = 20_000
"""Of the journal's last facts, in which a sign-off is looked for whose fixes were to be forgotten:
that is done within seconds of it. 20 ms of a start."""
SIGNED_ON_LATELY_FACTS: Final = 20_000
"""Of the journal's last facts, in which the sign-on of a duty that is over is looked for: a broker
delivers it once more where the last hub ended before it was acknowledged, some seconds at most."""
BEGINNINGS: Final = (IncidentOpened.__name__, AlarmReceived.__name__)
"""Names in the journal of the facts that an incident and an alarm begin with; the latter names
no incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What is open."""

    board: Board
    facts: list[Event]
    """Plan books that were adopted and exercises that are on, oldest first."""
    anew: standing.Folded | None
    """The board with all that is to be kept of it, where it was folded from the first fact."""


def state(conn: Connection, last_t: Instant) -> Started:
    """Of open and lately closed incidents, and undecided alarms."""
    current = _current(last_t).scalar_subquery()
    theirs = select(alarms.c.alarm).where(
        or_(alarms.c.incident.is_(None), alarms.c.incident.in_(current))
    )
    about = (
        journal.c.incident.in_(current),
        and_(journal.c.alarm.in_(theirs), journal.c.incident.is_(None)),
    )
    books = _standing_facts(conn)
    head = standing.read_head(conn)
    if head is not None:
        known = _ids(conn, _current(last_t)), _ids(conn, theirs)
        folded = standing.read_all(conn, *known)
        since = _seqs(conn, *(and_(journal.c.seq > head.seq, each) for each in about))
        if folded is not None and _is_complete(conn, folded.board, since, *known):
            _fold(conn, folded, since)
            return Started(board=folded.board, facts=books, anew=None)
        log.warning("standing_incomplete", why="rows are missing or damaged: all facts are folded")
    anew = standing.Folded()
    _fold(conn, anew, _seqs(conn, *about))
    return Started(board=anew.board, facts=books, anew=anew)


def _fold(conn: Connection, folded: standing.Folded, seqs: Sequence[int]) -> None:
    """These facts onto what is folded already."""
    told_s = time.monotonic()
    for count, (seq, fact) in enumerate(events_at(conn, seqs, at_once=FOLDED_AT_ONCE), 1):
        folded.take(seq, fact)
        if time.monotonic() - told_s > TOLD_EVERY_S:
            told_s = time.monotonic()
            log.info("state_folding", facts=count, of=len(seqs))


def on_duty(conn: Connection) -> OnDuty:
    """Who is, since when, and since when by the radio's own clock; by id."""
    rows = conn.execute(
        select(units.c.unit, journal.c.t, journal.c.body)
        .join(journal, journal.c.seq == units.c.duty_seq)
        .where(units.c.duty.is_(True))
        .order_by(units.c.unit)
    )
    return OnDuty((UnitId(unit), t, _SAID.decode(body).device_t) for unit, t, body in rows)


def signed_off(conn: Connection, last: int) -> OnDuty:
    """Who lately was on duty and is no more, with the sign-on of that duty as ``on_duty`` tells it;
    ``last`` is the journal's last number."""
    lately = journal.c.seq > last - SIGNED_ON_LATELY_FACTS
    told = select(journal.c.t, journal.c.body).where(
        lately, journal.c.name == UnitSignedOn.__name__
    )
    newest: dict[UnitId, tuple[Instant, Instant]] = {}
    for t, body in conn.execute(told.order_by(journal.c.seq)):
        said = _SIGNED_ON.decode(body)
        newest[said.unit] = t, said.device_t
    off = select(units.c.unit).where(
        units.c.duty.is_(False), units.c.duty_seq > last - SIGNED_ON_LATELY_FACTS
    )
    gone = [unit for unit in map(UnitId, conn.scalars(off)) if unit in newest]
    return OnDuty((unit, *newest[unit]) for unit in sorted(gone))


def to_forget(conn: Connection, last: int) -> list[tuple[UnitId, Instant, Instant]]:
    """Whose fixes were to go out of the history, since when, and when that was told; ``last`` is
    the journal's last number. Not of those who signed on or pressed since: what is kept of them
    now may lie in the same minute."""
    asked = and_(
        journal.c.seq > last - FORGOTTEN_LATELY_FACTS,
        journal.c.name == UnitSignedOff.__name__,
        journal.c.body.contains('"forget_from_t":'),
    )
    told = select(journal.c.seq, journal.c.t, journal.c.body).where(asked)
    found = []
    for seq, t, body in conn.execute(told.order_by(journal.c.seq)).all():
        said = _FORGETS.decode(body)
        off = select(units.c.unit).where(
            units.c.unit == said.unit,
            units.c.duty_seq == seq,
            ~exists().where(alarms.c.radio == radio_of(said.unit), alarms.c.seq > seq),
        )
        if said.forget_from_t is not None and conn.scalar(off) is not None:
            found.append((said.unit, said.forget_from_t, t))
    return found


class _Forgets(msgspec.Struct):
    """Of a fact of signing off, since when fixes were none of ours."""

    unit: UnitId
    forget_from_t: Instant | None = None


_FORGETS: Final = msgspec.json.Decoder(_Forgets)


class _Said(msgspec.Struct):
    """Of a fact of duty, what its radio's clock showed."""

    device_t: Instant


_SAID: Final = msgspec.json.Decoder(_Said)


class _SignedOn(msgspec.Struct):
    """Of a fact of signing on, whose it is and what its radio's clock showed."""

    unit: UnitId
    device_t: Instant


_SIGNED_ON: Final = msgspec.json.Decoder(_SignedOn)


def online(conn: Connection) -> Since[RadioId]:
    """Which radios are at the broker, and since when; by id."""
    rows = conn.execute(
        select(units.c.unit, journal.c.t)
        .join(journal, journal.c.seq == units.c.online_seq)
        .where(units.c.online.is_(True))
        .order_by(units.c.unit)
    )
    return Since((radio_of(UnitId(unit)), t) for unit, t in rows)


def _current(last_t: Instant) -> Select[tuple[str]]:
    """Incidents that are open, and those that ended lately."""
    lately = (
        select(incidents.c.incident)
        .where(incidents.c.closed_t >= last_t - LATELY_CLOSED)
        .order_by(incidents.c.closed_t.desc(), incidents.c.incident)
        .limit(LATELY_CLOSED_MAX)
    )
    return select(incidents.c.incident).where(
        or_(incidents.c.closed_t.is_(None), incidents.c.incident.in_(lately))
    )


def _ids(conn: Connection, wanted: Select[tuple[str]]) -> set[str]:
    return set(conn.scalars(wanted))


def _seqs(conn: Connection, *either: ColumnElement[bool]) -> list[int]:
    """The union lets each condition use its own index, where OR would walk the whole journal."""
    first, *rest = (select(journal.c.seq).where(condition) for condition in either)
    return sorted(seq for (seq,) in conn.execute(first.union(*rest)))


def _standing_facts(conn: Connection) -> list[Event]:
    """Every plan book that was adopted, the exercises that are on, and what was lately asked for
    that no incident tells of."""
    last = conn.execute(select(func.max(journal.c.seq))).scalar() or 0
    asked = and_(journal.c.seq > last - ASKED_LATELY_FACTS, journal.c.name.in_(ASKED_APART))
    wanted = union(
        select(plan_books.c.seq),
        select(drills.c.seq).where(drills.c.ended_t.is_(None)),
        select(journal.c.seq).where(asked),
    )
    texts: dict[str, str] = {}
    return [
        # a book that a hundred communities adopted is kept once
        replace(fact, text=texts.setdefault(fact.text, fact.text))
        if isinstance(fact, PlanBookAdopted)
        else fact
        for fact in facts_at(conn, sorted(seq for (seq,) in conn.execute(wanted)))
    ]


def _is_complete(
    conn: Connection,
    board: Board,
    since: Sequence[int],
    known_incidents: set[str],
    known_alarms: set[str],
) -> bool:
    """Everything that is current has its row, or began afterwards."""
    began: set[str] = set()
    for part in parts(since):
        wanted = select(journal.c.incident, journal.c.alarm).where(
            journal.c.seq.in_(part), journal.c.name.in_(BEGINNINGS)
        )
        began.update(
            row.alarm if row.incident is None else row.incident for row in conn.execute(wanted)
        )
    return (known_incidents - began) <= board.incidents.keys() and (
        known_alarms - began
    ) <= board.alarms.keys()
