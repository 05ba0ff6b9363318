"""Reading the journal for tips: how each stands, and the boxes of one. Changes nothing.

Their facts have the community "", where an index finds them by name among millions.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from dispatch.access.words import NO_COMMUNITY
from dispatch.events import Purpose
from dispatch.store.codec import Kept
from dispatch.store.journal import IN_LIST_MAX, events_at, fact_of, parts
from dispatch.store.schema import journal, personal
from dispatch.tips.facts import TIP_FACTS, TipFact

_HIDDEN: Final[Mapping[str, Kept]] = defaultdict(lambda: Kept(Purpose.TIP.value, None))
"""No value is read: it would be in memory when it is erased on the disk."""


def tip_facts(conn: Connection) -> list[tuple[int, TipFact]]:
    """All facts about tips with their numbers, oldest first; what is personal is left out."""
    found: list[tuple[int, TipFact]] = []
    for some in parts(_seqs(conn), IN_LIST_MAX):
        rows = conn.execute(
            select(journal).where(journal.c.seq.in_(some)).order_by(journal.c.seq)
        ).mappings()
        for row in rows:
            fact = fact_of(row, _HIDDEN)
            assert isinstance(fact, TipFact), row["name"]
            found.append((row["seq"], fact))
    return found


def whole_tip_facts(conn: Connection, seqs: Sequence[int]) -> list[tuple[int, TipFact]]:
    """These facts with their boxes; where one was erased, it holds None."""
    return [(seq, fact) for seq, fact in events_at(conn, sorted(seqs)) if isinstance(fact, TipFact)]


def tip_boxes(conn: Connection) -> list[tuple[int, str]]:
    """Every box that is kept, with its fact's number: to count which keys they name."""
    found: list[tuple[int, str]] = []
    for some in parts(_seqs(conn), IN_LIST_MAX):
        rows = conn.execute(
            select(personal.c.seq, personal.c.value).where(
                personal.c.seq.in_(some),
                personal.c.purpose == Purpose.TIP.value,
                personal.c.value.is_not(None),
            )
        )
        found += [(row.seq, row.value) for row in rows]
    return found


def _seqs(conn: Connection) -> Sequence[int]:
    return conn.scalars(
        select(journal.c.seq)
        .where(journal.c.community == NO_COMMUNITY, journal.c.name.in_(sorted(TIP_FACTS)))
        .order_by(journal.c.seq)
    ).all()
