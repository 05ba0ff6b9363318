"""Walks the whole journal and says where it was tampered with, and what was erased by right.

Found: a changed, removed, added or swapped fact; an index column that does not
fit its body; a personal value that was changed, or removed without being
erased. Not found by the chain alone: facts cut off at the very end. For these,
note ``ChainReport.head`` elsewhere and compare (personal values of facts cut
off betray them too). Erasing is told by a fact first, whose time the erased values
bear: what was erased at a time that no fact tells of is listed apart.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, RowMapping, func, select

from dispatch.clock import Instant
from dispatch.errors import FactUnreadableError
from dispatch.privacy.facts import ERASING_FACTS
from dispatch.store.chain import EMPTY, Tail, next_tail
from dispatch.store.codec import Kept, digest_of, references
from dispatch.store.journal import alarm_of, fact_of, incident_of, kept_of, pages_of, personal_of
from dispatch.store.port import ChainReport
from dispatch.store.schema import personal

HEX: Final = re.compile(r"([0-9a-f]{2})+")


class _BrokenError(Exception):
    """The first thing that does not fit."""

    def __init__(self, seq: int, why: str) -> None:
        self.seq = seq
        self.why = why
        super().__init__(why)


def verify(conn: Connection, *, noted: str = "") -> ChainReport:
    """Check every fact; memory stays bounded however long the journal is.

    ``noted`` is a hash that somebody wrote down: the report says which fact has it.
    """
    walk = _Walk(noted)
    broken_at_seq, why = None, ""
    try:
        for page in pages_of(conn):
            walk.check_page(page, personal_of(conn, [row["seq"] for row in page]))
        _check_no_leftovers(conn, walk.tail)
    except _BrokenError as broken:
        broken_at_seq, why = broken.seq, broken.why
    return ChainReport(
        facts=walk.tail.seq,
        broken_at_seq=broken_at_seq,
        why=why,
        erased=walk.erased,
        head=walk.tail.hash,
        erased_for=dict(walk.erased_for),
        told=frozenset(walk.told),
        held=walk.held,
    )


class _Erasing(msgspec.Struct):
    """Of a fact that tells of an erasing: the time that the erased values bear."""

    erased_t: Instant


class _Walk:
    """How far the chain was found whole, and what was erased so far."""

    def __init__(self, noted: str = "") -> None:
        self.tail = EMPTY
        self.erased: list[tuple[int, Instant]] = []
        self.erased_for: Counter[tuple[Instant, str]] = Counter()
        self.told: set[Instant] = set()
        self.held: int | None = None
        self._noted = noted

    def check_page(self, page: Sequence[RowMapping], values: Mapping[str, Row[Any]]) -> None:
        """The next facts in order. Raises _BrokenError."""
        kept = kept_of(values)
        for row in page:
            here = self._link(row)
            try:
                self._check_values(row, values)
                _check_index(row, kept)
            except FactUnreadableError as exc:
                raise _BrokenError(row["seq"], exc.why) from exc
            self.tail = here
            if here.hash == self._noted:
                self.held = here.seq
            if row["name"] in ERASING_FACTS:
                self.told.add(msgspec.json.decode(row["body"], type=_Erasing).erased_t)

    def _link(self, row: RowMapping) -> Tail:
        """The chain's end with this fact in it."""
        last = self.tail.seq
        if row["seq"] != last + 1:
            raise _BrokenError(last + 1, f"fact {last + 1} is missing: {row['seq']} follows {last}")
        if not all(isinstance(row[part], str) for part in ("community", "name", "body")):
            raise _BrokenError(row["seq"], "its community, name or body is no text")
        if "\n" in row["community"] or "\n" in row["name"]:
            raise _BrokenError(row["seq"], "its community or name holds a line feed")
        here = next_tail(
            self.tail, t=row["t"], community=row["community"], name=row["name"], body=row["body"]
        )
        if here.hash != row["hash"]:
            raise _BrokenError(
                row["seq"], "its hash does not fit its content and the fact before it"
            )
        return here

    def _check_values(self, row: RowMapping, values: Mapping[str, Row[Any]]) -> None:
        """What the body says of its personal values is still so, or was erased."""
        for ref in references(seq=row["seq"], name=row["name"], body=row["body"]):
            value = values.get(ref.personal)
            if value is None or value.seq != row["seq"]:
                raise _BrokenError(row["seq"], f"its personal value {ref.personal} was removed")
            if value.value is None and value.erased_t is not None:
                self.erased.append((row["seq"], value.erased_t))
                self.erased_for[value.erased_t, value.purpose] += 1
            elif value.value is None:
                raise _BrokenError(row["seq"], f"its personal value {ref.personal} was removed")
            elif not _fits(value, ref.digest):
                raise _BrokenError(row["seq"], f"its personal value {ref.personal} was changed")


def _fits(value: Row[Any], digest: str) -> bool:
    """Whether a personal value is the one that was recorded; SQLite lets anything stand there."""
    salt, text = value.salt, value.value
    if not (isinstance(text, str) and isinstance(salt, str) and HEX.fullmatch(salt)):
        return False
    return digest_of(salt, text) == digest


def _check_index(row: RowMapping, kept: Mapping[str, Kept]) -> None:
    fact = fact_of(row, kept)
    if (incident_of(fact), alarm_of(fact)) != (row["incident"], row["alarm"]):
        raise _BrokenError(row["seq"], "its incident or alarm column does not fit its body")


def _check_no_leftovers(conn: Connection, tail: Tail) -> None:
    last = conn.execute(select(func.max(personal.c.seq))).scalar()
    if last is not None and last > tail.seq:
        raise _BrokenError(tail.seq + 1, f"facts up to {last} are missing at the end")
