"""Erasing personal values: on request, and when their time is over. The chain stays whole.

The value goes and its salt with it; id, purpose and the day of erasing stay,
so that ``verify`` can tell an erasure from a theft. An incident that is still
open keeps what its responders need, and so does an alarm that nobody has
decided yet.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, or_, select, update

from dispatch.clock import Instant
from dispatch.errors import UnknownIncidentError, WrongPhaseError
from dispatch.events import Purpose
from dispatch.ids import IncidentId
from dispatch.store import standing
from dispatch.store.journal import parts
from dispatch.store.retention import KeptFor, expires_t
from dispatch.store.schema import alarms, incidents, journal, personal

EXPIRED_AT_ONCE: Final = 1_000
"""Values erased in one transaction: a few milliseconds, so that no alarm waits behind it."""


def erase_incident(conn: Connection, incident: IncidentId, t: Instant) -> int:
    """Erase every personal value of an ended incident and its alarms; gives back how many.

    An alarm that was moved belongs to where it is now; what another incident says of it is
    erased with that one, which may still need it.

    Raises UnknownIncidentError, or WrongPhaseError where it is still open.
    """
    row = conn.execute(
        select(incidents.c.phase, incidents.c.closed_t).where(incidents.c.incident == incident)
    ).first()
    if row is None:
        raise UnknownIncidentError(incident)
    if row.closed_t is None:
        raise WrongPhaseError(subject=f"incident {incident}", phase=row.phase, request="erasing")
    theirs = select(alarms.c.alarm).where(alarms.c.incident == incident)
    about = and_(journal.c.alarm.in_(theirs), journal.c.incident.is_(None))
    seqs = (
        select(journal.c.seq)
        .where(journal.c.incident == incident)
        .union(select(journal.c.seq).where(about))
        .subquery()
    )
    ids = select(personal.c.id).where(personal.c.seq.in_(select(seqs.c.seq)))
    return _erase(conn, ids, t)


def erase_expired(conn: Connection, t: Instant) -> int:
    """Erase values whose time was over at ``t``, the oldest first, at most EXPIRED_AT_ONCE."""
    ids = (
        select(personal.c.id)
        .join(journal, journal.c.seq == personal.c.seq)
        .where(*_expired(t))
        .order_by(personal.c.expires_t)
        .limit(EXPIRED_AT_ONCE)
    )
    return _erase(conn, ids, t)


def count_expired(conn: Connection, t: Instant) -> dict[str, int]:
    """How many values ``erase_expired`` has to erase in all, by purpose."""
    rows = conn.execute(
        select(personal.c.purpose, func.count())
        .join(journal, journal.c.seq == personal.c.seq)
        .where(*_expired(t))
        .group_by(personal.c.purpose)
        .order_by(personal.c.purpose)
    )
    return {str(purpose): int(count) for purpose, count in rows}


def misdated(
    conn: Connection, kept_for: KeptFor, *, above: int
) -> tuple[int | None, dict[str, Instant]]:
    """Values that were written under other settings, and when their time is over under these: of
    the facts after the number ``above``, so many at a time. Gives back the number of the last one
    looked at, too; None at the end. Changes nothing: it is read beside the writer.
    """
    held = personal.c.value.is_not(None)
    page = select(personal.c.seq).where(personal.c.seq > above, held).order_by(personal.c.seq)
    seqs = conn.scalars(page.limit(EXPIRED_AT_ONCE)).all()
    if not seqs:
        return None, {}
    rows = conn.execute(
        select(
            personal.c.id,
            personal.c.purpose,
            personal.c.expires_t,
            journal.c.t.label("fact_t"),
        )
        .join(journal, journal.c.seq == personal.c.seq)
        .where(personal.c.seq > above, personal.c.seq <= seqs[-1], held)
    )
    due = {
        row.id: (expires_t(Purpose(row.purpose), row.fact_t, kept_for), row.expires_t)
        for row in rows
    }
    return seqs[-1], {id_: now_t for id_, (now_t, was_t) in due.items() if now_t != was_t}


def redate(conn: Connection, due: Mapping[str, Instant]) -> None:
    """From now on these values' time is over then."""
    rows = [{"this": id_, "due_t": due_t} for id_, due_t in due.items()]
    conn.execute(
        update(personal)
        .where(personal.c.id == bindparam("this"))
        .values(expires_t=bindparam("due_t")),
        rows,
    )


def _expired(t: Instant) -> tuple[ColumnElement[bool], ...]:
    """That the time of a value was over at ``t`` and nobody needs it any more."""
    still_open = select(incidents.c.incident).where(incidents.c.closed_t.is_(None))
    needed = select(alarms.c.alarm).where(
        or_(alarms.c.incident.is_(None), alarms.c.incident.in_(still_open))
    )
    in_use = or_(journal.c.incident.in_(still_open), journal.c.alarm.in_(needed))
    return personal.c.expires_t <= t, personal.c.value.is_not(None), in_use.is_not(True)


def _erase(conn: Connection, wanted: Select[tuple[str]], t: Instant) -> int:
    done = 0
    for ids in parts([str(row[0]) for row in conn.execute(wanted)]):
        _erase_kept(conn, ids)
        done += conn.execute(
            update(personal)
            .where(personal.c.id.in_(ids), personal.c.value.is_not(None))
            .values(value=None, salt=None, erased_t=t)
        ).rowcount
    return done


def _erase_kept(conn: Connection, ids: Sequence[str]) -> None:
    """What is kept of an ended incident for a quick start goes as well, and with it all of that:
    it is made anew, slowly, at the next start."""
    rows = conn.execute(
        select(journal.c.incident, journal.c.alarm)
        .join(personal, personal.c.seq == journal.c.seq)
        .where(personal.c.id.in_(ids))
        .distinct()
    ).all()
    incidents_of = [row.incident for row in rows if row.incident is not None]
    alarms_of = [row.alarm for row in rows if row.alarm is not None]
    if standing.holds_any(conn, incidents_of, alarms_of):
        standing.forget(conn)
