"""Everything held on one person: found, told and erased, inside transactions of the caller's.

The journal has no index by person: finding walks the facts that have personal values, or name
the person, once. It is asked for some times a year, beside the hub.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, false, or_, select, update

from dispatch.access.facts import AccountFact, BearerNamed
from dispatch.clock import Instant
from dispatch.errors import YihuError, quoted
from dispatch.events import Event, Purpose
from dispatch.ids import IncidentId, OperatorName, UnitId
from dispatch.privacy.holdings import FOREVER, Person, Span, fact_doc, theirs
from dispatch.store import standing
from dispatch.store.auditing import access_facts
from dispatch.store.codec import personal_fields
from dispatch.store.journal import IN_LIST_MAX, fact_of, kept_of, parts, personal_of
from dispatch.store.schema import (
    access_links,
    access_tokens,
    account_secrets,
    alarms,
    assignments,
    incidents,
    journal,
    personal,
    radios,
    sessions,
)
from dispatch.store.tips import tip_facts
from dispatch.tips.facts import TipGiven
from dispatch.tips.words import TipId

OF_ACCOUNT: Final = (account_secrets, sessions, access_tokens, access_links)
"""What stands beside the journal for an account."""


class UnknownPersonError(YihuError):
    """No account, radio or call sign is called so."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no account, radio or call sign is called {quoted(name)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A personal value of theirs in the journal."""

    id: str
    seq: int
    purpose: str
    fact: str
    incident: str | None
    alarm: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What erasing them means."""

    person: Person
    values: tuple[Value, ...]
    """What goes of the journal."""
    needed: tuple[Value, ...]
    """What stays as long as its incident is open, or its press undecided."""
    rows: dict[str, int]
    """What goes beside the journal, by table."""
    named: int
    """Facts that name them, and stay."""


def find(conn: Connection, name: str) -> Person:
    """The person of this account, radio or call sign. Raises UnknownPersonError.

    By the account: with the radios they carried, for the time in which they did. By the radio: all
    that was ever told by it, whoever carried it.
    """
    facts = access_facts(conn)
    account = next((f.account for f in facts if f.account.casefold() == name.casefold()), None)
    if account is not None:
        person = Person(account=account, spans=_spans(facts, account))
    else:
        unit = conn.scalar(
            select(radios.c.radio).where(or_(radios.c.radio == name, radios.c.call_sign == name))
        )
        if unit is None:
            raise UnknownPersonError(name)
        person = Person(spans=(Span(UnitId(unit)),))
    return replace(person, incidents=_raised(conn, person))


def _spans(facts: Sequence[AccountFact], account: OperatorName) -> tuple[Span, ...]:
    named = [f for f in facts if isinstance(f, BearerNamed) and f.account == account]
    ends = [*(f.t for f in named[1:]), FOREVER][: len(named)]
    return tuple(
        Span(fact.unit, fact.t, end)
        for fact, end in zip(named, ends, strict=True)
        if fact.unit is not None
    )


def _raised(conn: Connection, person: Person) -> frozenset[IncidentId]:
    rows = conn.execute(
        select(incidents.c.incident, incidents.c.sender, incidents.c.opened_t).where(
            incidents.c.sender.in_(person.units)
        )
    )
    return frozenset(IncidentId(i) for i, unit, t in rows if person.bore(unit, t))


# --- what is held ---


def facts_about(conn: Connection, person: Person) -> Iterator[tuple[int, Event]]:
    """Every fact that names them or one of their radios, or says something of their own, with its
    number, oldest first."""
    for row, _refs, fact in _walk(conn, person):
        if theirs(fact, person) or _names(row["body"], fact, person):
            yield row["seq"], fact


def document(conn: Connection, person: Person) -> dict[str, Any]:
    """Everything held of them but the positions, secrets left out: no copy needs those."""
    units = person.units
    beside = conn.execute(select(sessions).where(sessions.c.account == person.account)).mappings()
    tokens = conn.execute(
        select(access_tokens.c.token, access_tokens.c.expires_t).where(
            access_tokens.c.account == person.account
        )
    ).mappings()
    roster = conn.execute(select(radios).where(radios.c.radio.in_(units))).mappings()
    asked = conn.execute(
        select(assignments).where(assignments.c.unit.in_(units)).order_by(assignments.c.offered_t)
    ).mappings()
    return {
        "account": person.account,
        "radios": [{"radio": s.unit, "from_t": s.from_t, "to_t": s.to_t} for s in person.spans],
        "roster": [dict(row) for row in roster],
        "logins": [
            {key: row[key] for key in ("session", "made_t", "seen_t", "address", "agent")}
            for row in beside
        ],
        "tokens": [dict(row) for row in tokens],
        "incidents_raised": sorted(person.incidents),
        "assignments": [dict(row) for row in asked if person.bore(row["unit"], row["offered_t"])],
        "looks": [fact_doc(seq, fact, person) for seq, fact in _looks(conn, person)],
        "facts": [fact_doc(seq, fact, person) for seq, fact in facts_about(conn, person)],
    }


def _looks(conn: Connection, person: Person) -> Iterator[tuple[int, Event]]:
    """Who opened a map that they were on, or took a file or sheet with them in it."""
    homes = set(
        conn.scalars(select(radios.c.community).where(radios.c.radio.in_(person.units))).all()
    )
    wanted = [journal.c.name == "Looked"]
    for row, _refs, fact in _rows(conn, wanted):
        told = msgspec.json.decode(row["body"])
        on_map = told["at"] == "live" and {"*", *homes} & set(told["where"]) and homes
        if on_map or any(person.bore(UnitId(unit), fact.t) for unit in told["units"]):
            yield row["seq"], fact


# --- erasing ---


def plan(conn: Connection, person: Person, tips: Collection[TipId] = ()) -> Plan:
    """What erasing them means, now. Changes nothing. ``tips`` are those that they gave."""
    values: list[Value] = list(_tellers(conn, tips))
    named = 0
    for row, refs, fact in _walk(conn, person):
        own = theirs(fact, person)
        named += bool(own) or _names(row["body"], fact, person)
        values += [
            Value(
                id=refs[field].personal,
                seq=row["seq"],
                purpose=getattr(fact, field).purpose,
                fact=row["name"],
                incident=row["incident"],
                alarm=row["alarm"],
            )
            for field in own
            if field in refs and getattr(fact, field).value is not None
        ]
    open_now = set(conn.scalars(select(incidents.c.incident).where(incidents.c.closed_t.is_(None))))
    waiting = set(
        conn.scalars(
            select(alarms.c.alarm).where(
                or_(alarms.c.incident.is_(None), alarms.c.incident.in_(open_now))
            )
        )
    )
    needed = {each for each in values if each.incident in open_now or each.alarm in waiting}
    return Plan(
        person=person,
        values=tuple(each for each in values if each not in needed),
        needed=tuple(each for each in values if each in needed),
        rows=_rows_beside(conn, person.account),
        named=named,
    )


def _tellers(conn: Connection, tips: Collection[TipId]) -> Iterator[Value]:
    """Who gave these tips. What they say is the centre's until its time is over."""
    if not tips:
        return
    seqs = [seq for seq, fact in tip_facts(conn) if isinstance(fact, TipGiven) and fact.tip in tips]
    for row, refs, fact in _rows(conn, [journal.c.seq.in_(seqs)]):
        assert isinstance(fact, TipGiven)
        if fact.teller is not None and fact.teller.value is not None:
            yield Value(
                id=refs["teller"].personal,
                seq=row["seq"],
                purpose=Purpose.TIP.value,
                fact=row["name"],
                incident=None,
                alarm=None,
            )


def erase(conn: Connection, planned: Plan, t: Instant) -> int:
    """Erase what was planned; gives back how many values. What a fact says of it stays."""
    done = 0
    for ids in parts([each.id for each in planned.values]):
        done += conn.execute(
            update(personal)
            .where(personal.c.id.in_(ids), personal.c.value.is_not(None))
            .values(value=None, salt=None, erased_t=t)
        ).rowcount
    standing.forget(conn)
    if planned.person.account:
        for table in OF_ACCOUNT:
            conn.execute(delete(table).where(table.c.account == planned.person.account))
    return done


def by_purpose(values: Sequence[Value]) -> dict[str, int]:
    """How many of each."""
    return dict(sorted(Counter(each.purpose for each in values).items()))


def _rows_beside(conn: Connection, account: OperatorName) -> dict[str, int]:
    if not account:
        return {}
    found = {}
    for table in OF_ACCOUNT:
        rows = conn.execute(select(table.c.account).where(table.c.account == account)).all()
        found[table.name] = len(rows)
    return {name: count for name, count in found.items() if count}


# --- walking ---

_Row = tuple[Any, dict[str, Any], Event]


def _walk(conn: Connection, person: Person) -> Iterator[_Row]:
    """Facts that may be about them."""
    either: list[ColumnElement[bool]] = []
    for unit in person.units:
        either.append(_says(journal.c.body, unit))
        either.append(journal.c.alarm.startswith(f"{unit}/", autoescape=True))
        either.append(
            journal.c.seq.in_(select(personal.c.seq).where(_says(personal.c.value, unit)))
        )
    if person.incidents:
        either += [journal.c.incident.in_(some) for some in parts(sorted(person.incidents))]
    if person.account:
        either.append(_says(journal.c.body, person.account))
    yield from _rows(conn, [or_(false(), *either)])


def _rows(conn: Connection, wanted: Sequence[ColumnElement[bool]]) -> Iterator[_Row]:
    seqs = conn.scalars(select(journal.c.seq).where(*wanted).order_by(journal.c.seq)).all()
    for some in parts(seqs, IN_LIST_MAX):
        rows = conn.execute(
            select(journal).where(journal.c.seq.in_(some)).order_by(journal.c.seq)
        ).mappings()
        kept = kept_of(personal_of(conn, some))
        for row in rows.all():
            refs = personal_fields(name=row["name"], body=row["body"])
            yield row, dict(refs), fact_of(row, kept)


def _names(body: str, fact: Event, person: Person) -> bool:
    """Whether a fact's body names them, or a radio of theirs while it was."""
    if person.account and _quoted(person.account) in body:
        return True
    alarm = getattr(fact, "alarm", None) or ""
    return any(
        (_quoted(unit) in body or alarm.startswith(f"{unit}/")) and person.bore(unit, fact.t)
        for unit in person.units
    )


def _says(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    return column.contains(_quoted(text), autoescape=True)


def _quoted(text: str) -> str:
    """As canonical JSON writes it."""
    return msgspec.json.encode(text).decode()
