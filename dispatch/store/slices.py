"""One incident cut out of the journal, as it stands there. Changes nothing.

Rows are handed out raw, each with the hash of the row before it, so that whoever
gets them can compute every hash again (chain.py). What is beyond the limits
below is left out and counted: of facts those in the middle, of personal values
the longest-winded (inputs of decisions) from the newest back.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, Row, RowMapping, func, select

from dispatch.events import Purpose
from dispatch.ids import IncidentId
from dispatch.store.chain import GENESIS
from dispatch.store.journal import IN_LIST_MAX
from dispatch.store.port import Beside, IncidentSlice, SliceRow, SliceValue
from dispatch.store.schema import alarms, journal, personal

T = TypeVar("T")

FACTS_MAX: Final = 20_000
"""A very bad night's incident has some hundreds; a press told again every 10 s for a day, 8,640."""
BODY_CHARS_MAX: Final = 8_000_000
"""Of all bodies together; a body has some 300."""
VALUE_CHARS_MAX: Final = 8_000_000
"""Of all personal values together: 80 decisions that looked at a thousand units each."""
EXPORTED: Final = "IncidentExported"
"""The fact that a file was handed out."""


def incident_slice(
    conn: Connection,
    incident: IncidentId,
    *,
    facts_max: int = FACTS_MAX,
    body_chars_max: int = BODY_CHARS_MAX,
    value_chars_max: int = VALUE_CHARS_MAX,
) -> IncidentSlice:
    """The rows about an incident and its alarms, with their personal values."""
    sizes = _sizes(conn, incident)
    kept = _both_ends(sizes, facts_max, body_chars_max)
    rows = rows_at(conn, kept)
    return IncidentSlice(
        rows=tuple(rows),
        values=tuple(_values(conn, kept, value_chars_max)),
        rows_left_out=len(sizes) - len(kept),
    )


def rows_at(conn: Connection, seqs: Sequence[int]) -> list[SliceRow]:
    """The rows with these numbers, in order; those that are not there are passed over."""
    before = journal.alias()
    found: list[SliceRow] = []
    for part in _parts(sorted(seqs)):
        rows = conn.execute(
            select(journal, before.c.hash.label("before"))
            .outerjoin(before, before.c.seq == journal.c.seq - 1)
            .where(journal.c.seq.in_(part))
            .order_by(journal.c.seq)
        )
        found += [_slice_row(row) for row in rows.mappings()]
    return found


def beside(conn: Connection, incident: IncidentId, seqs: Sequence[int]) -> Beside:
    """What this journal has under these numbers, what else of the incident, and its exports."""
    exported = conn.execute(
        select(journal.c.t, journal.c.body)
        .where(journal.c.incident == incident, journal.c.name == EXPORTED)
        .order_by(journal.c.seq)
    )
    told = [(msgspec.json.decode(body), t) for t, body in exported]
    return Beside(
        rows={row.seq: row for row in rows_at(conn, seqs)},
        numbers=frozenset(seq for seq, _ in _sizes(conn, incident)),
        exports=tuple((str(body.get("seal")), str(body.get("by")), t) for body, t in told),
    )


def _sizes(conn: Connection, incident: IncidentId) -> list[tuple[int, int]]:
    """(seq, characters of the body) of every fact about the incident and its alarms, in order.

    Its alarms are those it has now and those it ever had: an alarm may have left
    for another incident, whose own facts about it are not meant. Asked in steps, so
    that each uses its own index; in one statement the whole journal was walked.
    """
    length = func.length(journal.c.body)
    own = conn.execute(
        select(journal.c.seq, length, journal.c.alarm).where(journal.c.incident == incident)
    ).all()
    theirs = {alarm for _, _, alarm in own if alarm is not None}
    theirs.update(conn.scalars(select(alarms.c.alarm).where(alarms.c.incident == incident)))
    sizes = {seq: chars for seq, chars, _ in own}
    for part in _parts(sorted(theirs)):
        rows = conn.execute(
            select(journal.c.seq, length, journal.c.incident).where(journal.c.alarm.in_(part))
        )
        sizes.update({seq: chars for seq, chars, of in rows if of is None})
    return sorted(sizes.items())


def _both_ends(sizes: Sequence[tuple[int, int]], count_max: int, chars_max: int) -> list[int]:
    """How it began and how it ended matter most: numbers from both ends, half the room for each."""
    if len(sizes) <= count_max and sum(chars for _, chars in sizes) <= chars_max:
        return [seq for seq, _ in sizes]
    head = _fitting(sizes, count_max - count_max // 2, chars_max // 2)
    tail = _fitting(sizes[::-1], count_max // 2, chars_max // 2)
    return sorted({*head, *tail})


def _fitting(sizes: Sequence[tuple[int, int]], count_max: int, chars_max: int) -> list[int]:
    kept: list[int] = []
    for seq, chars in sizes[:count_max]:
        chars_max -= chars
        if chars_max < 0:
            break
        kept.append(seq)
    return kept


def _values(conn: Connection, seqs: Sequence[int], chars_max: int) -> Iterator[SliceValue]:
    """By seq and id. Where not all fit, inputs of decisions are left out first, then the newest."""
    known: list[Row[Any]] = []
    for part in _parts(seqs):
        known += conn.execute(
            select(
                personal.c.id,
                personal.c.seq,
                personal.c.purpose,
                personal.c.salt,
                personal.c.erased_t,
                func.length(personal.c.value).label("chars"),
            ).where(personal.c.seq.in_(part))
        )
    by_weight = sorted(
        (row for row in known if row.chars is not None),
        key=lambda row: (row.purpose == Purpose.DECISION, row.seq, row.id),
    )
    read = set(_fitting([(n, row.chars) for n, row in enumerate(by_weight)], len(known), chars_max))
    wanted = [row.id for n, row in enumerate(by_weight) if n in read]
    texts: dict[str, str] = {}
    for ids in _parts(wanted):
        rows = conn.execute(select(personal.c.id, personal.c.value).where(personal.c.id.in_(ids)))
        texts.update({row.id: row.value for row in rows})
    for row in sorted(known, key=lambda row: (row.seq, row.id)):
        yield SliceValue(
            id=row.id,
            seq=row.seq,
            purpose=row.purpose,
            salt=row.salt,
            text=texts.get(row.id),
            erased_t=row.erased_t,
            left_out=row.chars is not None and row.id not in texts,
        )


def _slice_row(row: RowMapping) -> SliceRow:
    return SliceRow(
        seq=row["seq"],
        t=row["t"],
        community=row["community"],
        name=row["name"],
        body=row["body"],
        before=GENESIS if row["seq"] == 1 else row["before"] or "",
        hash=row["hash"],
    )


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), IN_LIST_MAX):
        yield items[start : start + IN_LIST_MAX]
