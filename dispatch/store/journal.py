"""Appending facts to the journal, and reading its rows back, inside a transaction of the caller's.

What must be decided in the very transaction that appends is decided here: an
alarm or report whose identity is there already is not appended again, and
facts get their numbers and hashes. When to commit, and what to do when the
database fails, is the writer's business.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, RowMapping, Select, bindparam, insert, select

from dispatch.access.kept import BesideChange
from dispatch.events import AlarmReceived, Event, PatrolReported
from dispatch.ids import AlarmId, RadioId, ReportId
from dispatch.store import access, projections
from dispatch.store.chain import EMPTY, Tail, next_tail
from dispatch.store.codec import Encoded, Kept, decode
from dispatch.store.port import AlarmOutcome, Committed
from dispatch.store.retention import KEPT_FOR, KeptFor, expires_t
from dispatch.store.schema import alarms, journal, personal, radio_secrets, reports, upsert

T = TypeVar("T")

IN_LIST_MAX: Final = 500
"""Ids asked for in one statement; SQLite's oldest limit is 999 values."""
ROWS_AT_ONCE: Final = 1_000
"""Rows read at a time, so that walking a long journal needs little memory."""

FACT_IN: Final = insert(journal)
PERSONAL_IN: Final = insert(personal)
ALARM: Final = select(alarms.c.alarm, alarms.c.digest).where(alarms.c.alarm == bindparam("this"))
ALARMS: Final = select(alarms.c.alarm, alarms.c.digest).where(
    alarms.c.alarm.in_(bindparam("these", expanding=True))
)
REPORT: Final = select(reports.c.report, reports.c.digest).where(
    reports.c.report == bindparam("this")
)
REPORTS: Final = select(reports.c.report, reports.c.digest).where(
    reports.c.report.in_(bindparam("these", expanding=True))
)
"""Made once: making one took more than asking it. An id by itself is asked for without a list,
which would be written into the statement anew each time."""
SECRET_IN: Final = upsert(radio_secrets, "radio", "secret_hash", "t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A radio's secret, hashed, to be kept apart from the journal."""

    radio: RadioId
    secret_hash: str
    t: int


@dataclass(frozen=True, slots=True)
class Submission:
    """Facts that were submitted together and stand or fall together."""

    facts: tuple[Encoded, ...]
    secrets: tuple[Secret, ...] = ()
    beside: tuple[BesideChange, ...] = ()
    """What changes of accounts' secrets and radios' codes, in this order."""


@dataclass(slots=True)
class _Known:
    """Identities that the store, or this very group, holds already, with their digests."""

    alarms: dict[str, str]
    reports: dict[str, str]


@dataclass(slots=True)
class _Page:
    """Rows that one group adds."""

    tail: Tail
    kept_for: KeptFor
    facts: list[dict[str, Any]] = field(default_factory=list)
    personal: list[dict[str, Any]] = field(default_factory=list)
    changes: list[projections.Change] = field(default_factory=list)


def read_tail(conn: Connection) -> Tail:
    """The journal's end as it stands."""
    row = conn.execute(
        select(journal.c.seq, journal.c.hash).order_by(journal.c.seq.desc()).limit(1)
    ).first()
    return EMPTY if row is None else Tail(row.seq, row.hash)


def append(
    conn: Connection, tail: Tail, group: Sequence[Submission], kept_for: KeptFor = KEPT_FOR
) -> tuple[Tail, list[Committed]]:
    """Append the group behind ``tail``; gives the new tail and the answer to each submission."""
    known = _known(conn, [fact.event for one in group for fact in one.facts])
    page = _Page(tail, kept_for)
    answers = [_write(page, known, one) for one in group]
    if page.facts:
        conn.execute(FACT_IN, page.facts)
    if page.personal:
        conn.execute(PERSONAL_IN, page.personal)
    projections.apply(conn, page.changes)
    kept = [
        {"radio": secret.radio, "secret_hash": secret.secret_hash, "t": secret.t}
        for one in group
        for secret in one.secrets
    ]
    if kept:
        conn.execute(SECRET_IN, kept)
    access.keep(conn, [change for one in group for change in one.beside])
    return page.tail, answers


def facts_at(conn: Connection, seqs: Sequence[int]) -> Iterator[Event]:
    """The facts with these numbers (given in order), erased values as None."""
    return (fact for _, fact in events_at(conn, seqs))


def events_at(
    conn: Connection, seqs: Sequence[int], *, at_once: int = IN_LIST_MAX
) -> Iterator[tuple[int, Event]]:
    """The same, each with its number; so many are in memory at a time."""
    for part in parts(seqs, at_once):
        rows = conn.execute(
            select(journal).where(journal.c.seq.in_(part)).order_by(journal.c.seq)
        ).mappings()
        kept = kept_of(personal_of(conn, part))
        for row in rows:
            yield row["seq"], fact_of(row, kept)


def pages_of(conn: Connection) -> Iterator[Sequence[RowMapping]]:
    """The whole journal in the order of ``seq``, so many rows at a time."""
    last_seq = 0
    while True:
        wanted = select(journal).where(journal.c.seq > last_seq).order_by(journal.c.seq)
        page = conn.execute(wanted.limit(ROWS_AT_ONCE)).mappings().all()
        if not page:
            return
        yield page
        last_seq = page[-1]["seq"]


def fact_of(row: RowMapping, kept: Mapping[str, Kept]) -> Event:
    """The fact in a row of the journal. Raises FactUnreadableError."""
    return decode(
        seq=row["seq"],
        t=row["t"],
        community=row["community"],
        name=row["name"],
        body=row["body"],
        personal=kept,
    )


def personal_of(conn: Connection, seqs: Sequence[int]) -> dict[str, Row[Any]]:
    """The personal values of these facts, by id."""
    found: dict[str, Row[Any]] = {}
    for part in parts(seqs):
        for row in conn.execute(select(personal).where(personal.c.seq.in_(part))):
            found[row.id] = row
    return found


def kept_of(values: Mapping[str, Row[Any]]) -> dict[str, Kept]:
    """Rows of the personal table, as reading a fact wants them."""
    return {id_: Kept(value.purpose, value.value) for id_, value in values.items()}


def _write(page: _Page, known: _Known, one: Submission) -> Committed:
    """Add a submission's rows to the page, leaving out what is known."""
    found_alarms: dict[AlarmId, AlarmOutcome] = {}
    found_reports: dict[ReportId, AlarmOutcome] = {}
    for fact in one.facts:
        event = fact.event
        outcome = AlarmOutcome.NEW
        if isinstance(event, AlarmReceived):
            outcome = _meet(known.alarms, event.alarm, event.digest)
            found_alarms.setdefault(event.alarm, outcome)
        elif isinstance(event, PatrolReported):
            outcome = _meet(known.reports, event.report, event.digest)
            found_reports.setdefault(event.report, outcome)
        if outcome is AlarmOutcome.NEW:
            _add(page, fact)
    return Committed(seq=page.tail.seq, alarms=found_alarms, reports=found_reports)


def _meet(known: dict[str, str], identity: str, digest: str) -> AlarmOutcome:
    held = known.get(identity)
    if held is None:
        known[identity] = digest
        return AlarmOutcome.NEW
    return AlarmOutcome.SAME if held == digest else AlarmOutcome.CONFLICT


def _add(page: _Page, fact: Encoded) -> None:
    event = fact.event
    page.tail = next_tail(
        page.tail, t=event.t, community=event.community, name=fact.name, body=fact.body
    )
    seq = page.tail.seq
    page.facts.append(
        {
            "seq": seq,
            "t": event.t,
            "community": event.community,
            "name": fact.name,
            "incident": incident_of(event),
            "alarm": alarm_of(event),
            "body": fact.body,
            "hash": page.tail.hash,
        }
    )
    page.personal.extend(
        {
            "id": value.id,
            "seq": seq,
            "purpose": value.purpose.value,
            "salt": value.salt,
            "value": value.text,
            "expires_t": expires_t(value.purpose, event.t, page.kept_for),
            "erased_t": None,
        }
        for value in fact.personal
    )
    page.changes.extend(projections.changes(event, seq))


def incident_of(event: Event) -> str | None:
    """The incident a fact is about, for the journal's index."""
    return getattr(event, "incident", None)


def alarm_of(event: Event) -> str | None:
    """The alarm a fact is about, for the journal's index."""
    return getattr(event, "alarm", None)


def _known(conn: Connection, events: Iterable[Event]) -> _Known:
    events = list(events)
    return _Known(
        _digests(conn, ALARM, ALARMS, [e.alarm for e in events if isinstance(e, AlarmReceived)]),
        _digests(
            conn, REPORT, REPORTS, [e.report for e in events if isinstance(e, PatrolReported)]
        ),
    )


def _digests(
    conn: Connection, one: Select[Any], some: Select[Any], ids: list[str]
) -> dict[str, str]:
    """Of those that are there already, by id."""
    if len(ids) == 1:  # nearly always
        return {row[0]: row[1] for row in conn.execute(one, {"this": ids[0]})}
    found: dict[str, str] = {}
    for part in parts(ids):
        found.update({row[0]: row[1] for row in conn.execute(some, {"these": part})})
    return found


def parts(ids: Sequence[T], at_once: int = IN_LIST_MAX) -> Iterator[Sequence[T]]:
    """Cut so that each piece fits into one statement."""
    assert at_once <= IN_LIST_MAX
    for start in range(0, len(ids), at_once):
        yield ids[start : start + at_once]
