"""Writes what came, as it came: one block for each day touched, names and crossings beside it."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Table, insert

from dispatch.clock import DAY, Instant
from dispatch.store.history.block import Packed, pack_as_they_came
from dispatch.store.history.columns import Fixes, joined, whole_numbers
from dispatch.store.history.names import DayNames
from dispatch.store.history.schema import JUST_CAME, DayTables
from dispatch.store.history.shelf import Shelf
from dispatch.store.port import CrossingRow, FixRows, Names

FRESH_ROWS_MAX: Final = 50_000
"""Rows of one block as they came: 1.7 MB."""
DAYS_KNOWN_MAX: Final = 4
"""Days whose names are kept in memory; 100,000 units are some 3 MB each."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """What was added to a day."""

    day: int
    blocks: int
    rows: int
    t_hi: Instant


class Scribe:
    """For the one thread that writes."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._names: OrderedDict[int, DayNames] = OrderedDict()

    def write(
        self, batches: Iterable[FixRows], crossings: Iterable[CrossingRow]
    ) -> tuple[list[Wrote], int]:
        """One transaction a day. Gives back how many rows were no fixes at all, too.

        After a failure the same may be written again: what is there twice is read once.
        """
        parts, refused = _by_names(batches)
        return self.write_whole(parts, crossings), refused

    def write_whole(
        self, parts: Iterable[tuple[Names, Fixes]], crossings: Iterable[CrossingRow]
    ) -> list[Wrote]:
        """The same for fixes that are whole numbers already; units and grids are those of names."""
        days: dict[int, list[tuple[Names, Fixes]]] = {}
        for names, fixes in parts:
            for day, of_day in _by_day(fixes):
                days.setdefault(day, []).append((names, of_day))
        crossed: dict[int, list[CrossingRow]] = {}
        for crossing in crossings:
            crossed.setdefault(crossing.t // DAY, []).append(crossing)
        return [
            self._write_day(day, days.get(day, []), crossed.get(day, []))
            for day in sorted({*days, *crossed})
        ]

    def forget(self, day: int) -> None:
        """The day is gone, or nobody knows what became of it."""
        self._names.pop(day, None)

    def _write_day(
        self, day: int, parts: Sequence[tuple[Names, Fixes]], crossings: Sequence[CrossingRow]
    ) -> Wrote:
        try:
            with self._shelf.writing(day) as (conn, tables):
                names = self._names_of(day, conn, tables)
                fixes = [names.coded(fixes, called) for called, fixes in parts]
                names.store_new(conn)
                packed = [
                    pack_as_they_came(piece, hour=JUST_CAME)
                    for piece in (_pieces(joined(fixes)) if fixes else ())
                ]
                add_blocks(conn, tables, packed, level=0)
                add_crossings(conn, tables.crossings, crossings)
        except BaseException:
            self.forget(day)
            raise
        return Wrote(
            day=day,
            blocks=len(packed),
            rows=sum(block.rows for block in packed),
            t_hi=max((block.t_hi for block in packed), default=0),
        )

    def _names_of(self, day: int, conn: Connection, tables: DayTables) -> DayNames:
        if day not in self._names:
            self._names[day] = DayNames(conn, tables)
        self._names.move_to_end(day)
        while len(self._names) > DAYS_KNOWN_MAX:
            self._names.popitem(last=False)
        return self._names[day]


def add_blocks(
    conn: Connection, tables: DayTables, packed: Sequence[Packed], *, level: int
) -> None:
    """Put blocks with their index into the day's table."""
    if packed:
        conn.execute(
            insert(tables.blocks),
            [
                {name: getattr(block, name) for name in INDEXED} | {"level": level}
                for block in packed
            ],
        )


INDEXED: Final = tuple(Packed.__slots__)


def add_crossings(conn: Connection, table: Table, crossings: Sequence[CrossingRow]) -> None:
    """Those that are there already are left as they are."""
    if not crossings:
        return
    dialect: Any = import_module(f"sqlalchemy.dialects.{conn.dialect.name}")  # loads in 0.05 s
    conn.execute(
        dialect.insert(table).on_conflict_do_nothing(), [asdict(each) for each in crossings]
    )


def _by_names(batches: Iterable[FixRows]) -> tuple[list[tuple[Names, Fixes]], int]:
    """Batches of one hub have the same names and are joined; those of another stand apart."""
    found: list[tuple[Names, list[Fixes]]] = []
    refused = 0
    for batch in batches:
        fixes = whole_numbers(batch)
        refused += len(batch) - len(fixes)
        if not found or found[-1][0] is not batch.names:
            found.append((batch.names, []))
        found[-1][1].append(fixes)
    return [(names, joined(parts)) for names, parts in found], refused


def _by_day(fixes: Fixes) -> Iterable[tuple[int, Fixes]]:
    if not len(fixes):
        return
    first, last = int(fixes.t.min()) // DAY, int(fixes.t.max()) // DAY
    if first == last:
        yield first, fixes
        return
    days = fixes.t // DAY
    for day in np.unique(days).tolist():
        yield day, fixes.at(days == day)


def _pieces(fixes: Fixes) -> Iterable[Fixes]:
    for start in range(0, len(fixes), FRESH_ROWS_MAX):
        yield fixes.at(slice(start, start + FRESH_ROWS_MAX))
