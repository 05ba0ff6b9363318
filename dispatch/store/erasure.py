"""Erasing personal values: on request, and when their time is over. The chain stays whole.

The value goes and its salt with it; id, purpose and the day of erasing stay,
so that ``verify`` can tell an erasure from a theft. An incident that is still
open keeps what its responders need, and so does an alarm that nobody has
decided yet.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Select, and_, or_, select, update

from dispatch.clock import Instant
from dispatch.errors import UnknownIncidentError, WrongPhaseError
from dispatch.ids import IncidentId
from dispatch.store import standing
from dispatch.store.journal import parts
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
    still_open = select(incidents.c.incident).where(incidents.c.closed_t.is_(None))
    needed = select(alarms.c.alarm).where(
        or_(alarms.c.incident.is_(None), alarms.c.incident.in_(still_open))
    )
    in_use = or_(journal.c.incident.in_(still_open), journal.c.alarm.in_(needed))
    ids = (
        select(personal.c.id)
        .join(journal, and_(journal.c.seq == personal.c.seq))
        .where(personal.c.expires_t <= t, personal.c.value.is_not(None), in_use.is_not(True))
        .order_by(personal.c.expires_t)
        .limit(EXPIRED_AT_ONCE)
    )
    return _erase(conn, ids, t)


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
