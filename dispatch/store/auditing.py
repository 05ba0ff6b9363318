"""Reading the journal as an audit: who did what, newest first, a page at a time. Changes nothing.

A page looks at so many rows at most, however few of them fit: its answer says where the next
one begins. Times in the journal stand in the order of its numbers, nearly, so that a day is
found by halving.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select

from dispatch.access.facts import ACCESS_FACTS, STATE_FACTS, AccountFact
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import MINUTE, Instant
from dispatch.events import EVENT_TYPES, Event, RadioCodeRefused
from dispatch.privacy.facts import PRIVACY_FACTS
from dispatch.store.journal import events_at, facts_at
from dispatch.store.schema import journal
from dispatch.tips.facts import TIP_FACTS, TOLD_IN_AUDIT

ROWS_LOOKED_AT_MAX: Final = 20_000
"""A busy month of a community; 20 ms of reading beside the writer."""
PAGE_MAX: Final = 500
SLACK: Final = MINUTE
"""By so much may a fact stand before an older one (port.Restored.last_t)."""

BY_PEOPLE: Final = frozenset(
    {name for name, cls in EVENT_TYPES.items() if "by" in cls.__dataclass_fields__}
    | ACCESS_FACTS.keys()
    | PRIVACY_FACTS.keys()
    | {RadioCodeRefused.__name__}
    | TOLD_IN_AUDIT
)
"""Facts that tell of somebody at a console, or of one who tried to get in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """What is looked for; nothing said: everything."""

    who: str = ""
    """Who did it, or whose account it is about."""
    names: frozenset[str] = BY_PEOPLE
    from_t: Instant = 0
    to_t: Instant = 2**62
    before: int | None = None
    """Of a page before: where this one begins."""
    communities: Collection[str] | None = None
    """Those that may be told of; None: all."""
    count: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Facts with their numbers, newest first, and where the next page begins (None: the end)."""

    facts: list[tuple[int, Event]]
    next_before: int | None


def access_facts(conn: Connection) -> list[AccountFact]:
    """What accounts are folded from, oldest first."""
    wanted = (
        select(journal.c.seq)
        .where(
            journal.c.community == NO_COMMUNITY,
            journal.c.name.in_([cls.__name__ for cls in STATE_FACTS]),
        )
        .order_by(journal.c.seq)
    )
    found = facts_at(conn, [seq for (seq,) in conn.execute(wanted)])
    return [fact for fact in found if isinstance(fact, AccountFact)]


def audit(conn: Connection, query: AuditQuery) -> AuditPage:
    """One page."""
    end = _first_after(conn, query.to_t + SLACK)
    if query.before is not None:
        end = min(end, query.before)
    begin = max(_first_after(conn, query.from_t - SLACK), end - ROWS_LOOKED_AT_MAX)
    count = max(1, min(query.count, PAGE_MAX))
    wanted = (
        select(journal.c.seq)
        .where(
            journal.c.seq >= begin,
            journal.c.seq < end,
            journal.c.t >= query.from_t,
            journal.c.t < query.to_t,
            journal.c.name.in_(sorted(query.names & BY_PEOPLE)),
        )
        .order_by(journal.c.seq.desc())
        .limit(count)
    )
    if query.communities is not None:
        wanted = wanted.where(_within(query.communities))
    if query.who:
        wanted = wanted.where(or_(*(_says(key, query.who) for key in ("by", "account"))))
    else:
        somebody = or_(journal.c.community == NO_COMMUNITY, journal.c.body.contains('"by":"'))
        wanted = wanted.where(somebody)
    seqs = [seq for (seq,) in conn.execute(wanted)]
    facts = list(events_at(conn, seqs[::-1]))[::-1]
    if len(seqs) == count:
        return AuditPage(facts=facts, next_before=seqs[-1])
    at_end = begin <= _first_after(conn, query.from_t - SLACK)
    return AuditPage(facts=facts, next_before=None if at_end else begin)


def _within(communities: Collection[str]) -> ColumnElement[bool]:
    """That a fact is of one of these; one about a tip says so in its body."""
    of_tips = and_(
        journal.c.community == NO_COMMUNITY,
        journal.c.name.in_(sorted(TIP_FACTS)),
        or_(false(), *(_says("where", each) for each in sorted(communities))),
    )
    return or_(journal.c.community.in_(sorted(communities)), of_tips)


def _says(key: str, who: str) -> ColumnElement[bool]:
    """That a body names this person: canonical JSON has no blanks, and one way to write a text."""
    said = msgspec.json.encode(who).decode()
    return journal.c.body.contains(f'"{key}":{said}', autoescape=True)


def _first_after(conn: Connection, t: Instant) -> int:
    """The number of the first fact at or after a time, as far as times stand in order; one behind
    the last where there is none."""
    low, high = conn.execute(select(func.min(journal.c.seq), func.max(journal.c.seq))).one()
    if low is None:
        return 1
    high += 1
    while low < high:
        middle = (low + high) // 2
        at = conn.scalar(
            select(journal.c.t).where(journal.c.seq >= middle).order_by(journal.c.seq).limit(1)
        )
        if at is None or at >= t:
            high = middle
        else:
            low = middle + 1
    return int(low)
