"""Positions as version 1 kept them, a row each: read while they are there, moved a step at a time.

They lay in the order of day, unit and time, in the numbers of columns.py, unknown
being NULL. At the first start after it a hub serves at once and moves them in
its idle time, the newest days first: written to where they belong, then deleted
here. A kill in between leaves some in both places, and they are read once.

The version stands in the table ``history_version``: 3 for what this package
writes (2 had no blocks of kind 4). A history written by a newer one is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    MetaData,
    RowMapping,
    SmallInteger,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from dispatch.clock import DAY, Instant
from dispatch.errors import SettingsError
from dispatch.ids import UnitId
from dispatch.store.history.columns import COLUMNS, DTYPES, Fixes
from dispatch.store.history.scribe import Scribe, Wrote
from dispatch.store.port import CrossingRow, Names

log = structlog.get_logger("yihu.store")

T = TypeVar("T")

HISTORY_VERSION: Final = 3
UNITS_AT_ONCE: Final = 200
STEP_ROWS: Final = 20_000
"""Moved in one step: some 200 ms, in which new fixes wait."""

VERSIONS: Final = MetaData()
history_version: Final = Table("history_version", VERSIONS, Column("version", Integer))

METADATA: Final = MetaData()

fixes: Final = Table(
    "fixes",
    METADATA,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("unit", Text, primary_key=True),
    Column("t", BigInteger, primary_key=True, autoincrement=False),
    Column("lon_e7", Integer, nullable=False),
    Column("lat_e7", Integer, nullable=False),
    Column("acc_dm", Integer),
    Column("speed_cmps", Integer),
    Column("course_deg", SmallInteger),
    Column("battery_pct", SmallInteger),
    Column("grid", Text, nullable=False),
    sqlite_with_rowid=False,
)

crossings: Final = Table(
    "crossings",
    METADATA,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("unit", Text, primary_key=True),
    Column("t", BigInteger, primary_key=True, autoincrement=False),
    Column("from_grid", Text, primary_key=True),
    Column("to_grid", Text, primary_key=True),
    sqlite_with_rowid=False,
)

TOLD: Final = tuple(column.name for column in fixes.columns if column.name != "day")
"""In the order of columns.COLUMNS."""
CROSSING: Final = tuple(column.name for column in crossings.columns if column.name != "day")

UNIT_MARKS: Final = tuple(f"u{i}" for i in range(UNITS_AT_ONCE))

NEWEST_OF_DAY: Final = text(
    f"WITH wanted (unit) AS (VALUES {', '.join(f'(:{mark})' for mark in UNIT_MARKS)})"  # noqa: S608
    " SELECT fixes.* FROM wanted JOIN fixes ON fixes.day = :day AND fixes.unit = wanted.unit"
    " AND fixes.t = (SELECT max(t) FROM fixes AS f WHERE f.day = :day AND f.unit = wanted.unit)"
)
"""Written out: it is the same text every time, so that it is prepared once. No unit is ''."""


def prepare(conn: Connection) -> None:
    """Take note of the version, ours from now on. Raises SettingsError for a newer history."""
    VERSIONS.create_all(conn)
    version = conn.execute(select(func.max(history_version.c.version))).scalar()
    if version is None:
        conn.execute(insert(history_version).values(version=HISTORY_VERSION))
    elif version > HISTORY_VERSION:
        raise SettingsError(
            f"the history of positions was written by a newer Yihu (version {version})",
            "install that version or a later one",
        )
    elif version < HISTORY_VERSION:
        conn.execute(update(history_version).values(version=HISTORY_VERSION))


class RowsV1:
    """What is left of them. Moving is for the one thread that writes."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer = writer
        self._reader = reader
        self.there = inspect(writer).has_table(fixes.name)
        self._told = False

    # --- reading ---

    def days(self) -> list[int]:
        """Those that still have rows, oldest first."""
        return self._asked(_days, [])

    def fixes(
        self,
        day: int,
        *,
        from_t: Instant,
        to_t: Instant,
        unit: UnitId | None = None,
        box: tuple[int, int, int, int] | None = None,
    ) -> tuple[Names, Fixes]:
        """Those of a day in a span, of one unit, or in a box (west, south, east, north in E7)."""
        which: list[ColumnElement[bool]] = [fixes.c.day == day, fixes.c.t.between(from_t, to_t)]
        if unit is not None:
            which.append(fixes.c.unit == unit)
        if box is not None:
            west, south, east, north = box
            which += [fixes.c.lon_e7.between(west, east), fixes.c.lat_e7.between(south, north)]
        return columns_of(
            self._asked(lambda conn: conn.execute(select(fixes).where(*which)).mappings().all(), [])
        )

    def newest(self, day: int, units: Sequence[UnitId]) -> Sequence[RowMapping]:
        """The day's last row of each of these: one seek a unit, some hundred units a statement."""
        found: list[RowMapping] = []
        for start in range(0, len(units), UNITS_AT_ONCE):
            asked = dict.fromkeys(UNIT_MARKS, "") | dict(
                zip(UNIT_MARKS, units[start : start + UNITS_AT_ONCE], strict=False)
            )
            found += self._asked(partial(_newest_of_day, {"day": day, **asked}), [])
        return found

    def crossings(self, from_t: Instant, to_t: Instant) -> list[CrossingRow]:
        """Those of a span."""
        days = range(from_t // DAY, to_t // DAY + 1)

        def of_span(conn: Connection) -> list[CrossingRow]:
            return [
                CrossingRow(**{name: row[name] for name in CROSSING})
                for day in _days(conn)
                if day in days
                for row in conn.execute(
                    select(crossings).where(
                        crossings.c.day == day, crossings.c.t.between(from_t, to_t)
                    )
                ).mappings()
            ]

        return self._asked(of_span, [])

    def _asked(self, question: Callable[[Connection], T], nothing: T) -> T:
        """The answer; ``nothing`` once the tables are gone, which they may be at any moment."""
        if not self.there:
            return nothing
        try:
            with self._reader.connect() as conn:
                return question(conn)
        except SQLAlchemyError:
            if inspect(self._reader).has_table(fixes.name):
                raise
            return nothing

    # --- moving and dropping ---

    def move(self, scribe: Scribe) -> list[Wrote]:
        """A step; once nothing is left the tables go."""
        with self._reader.connect() as conn:
            days = _days(conn)
            rows = _first(conn, fixes, days[-1]) if days else []
            crossed = _first(conn, crossings, days[-1]) if days else []
        if not days:
            self._remove_tables()
            return []
        if not self._told:
            log.info("history_moving", days=len(days), why="it is of an older version")
            self._told = True
        lines = [CrossingRow(**{name: row[name] for name in CROSSING}) for row in crossed]
        wrote = scribe.write_whole([columns_of(rows)], lines)
        with self._writer.begin() as conn:
            for table, moved in ((fixes, rows), (crossings, crossed)):
                if moved:
                    conn.execute(delete(table).where(_up_to(table, moved[-1])))
        return wrote

    def drop_before(self, first_kept: int) -> int:
        """Drop whole days, in small transactions; gives back how many rows."""
        if not self.there:
            return 0
        dropped = 0
        for table in (fixes, crossings):
            while True:
                with self._writer.begin() as conn:
                    day = conn.execute(select(func.min(table.c.day))).scalar()
                    rows = [] if day is None or day >= first_kept else _first(conn, table, day)
                    if not rows:
                        break
                    dropped += conn.execute(delete(table).where(_up_to(table, rows[-1]))).rowcount
        return dropped

    def erase(self, unit: UnitId, from_t: Instant, to_t: Instant) -> int:
        """Delete a unit's fixes and crossings of a span; gives back how many fixes."""
        if not self.there:
            return 0
        days = range(from_t // DAY, to_t // DAY + 1)
        with self._writer.begin() as conn:
            gone = {fixes.name: 0, crossings.name: 0}
            for day in [day for day in _days(conn) if day in days]:
                for table in (fixes, crossings):
                    which = (
                        table.c.day == day,
                        table.c.unit == unit,
                        table.c.t.between(from_t, to_t),
                    )
                    gone[table.name] += conn.execute(delete(table).where(*which)).rowcount
        return gone[fixes.name]

    def _remove_tables(self) -> None:
        with self._writer.begin() as conn:
            METADATA.drop_all(conn)
        self.there = False
        if self._writer.dialect.name == "sqlite":
            with self._writer.connect() as conn:
                raw: Any = conn.connection.driver_connection
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        log.info("history_moved")


def columns_of(rows: Sequence[RowMapping]) -> tuple[Names, Fixes]:
    """Rows of the table as columns, with the names that their numbers mean."""
    units = sorted({row["unit"] for row in rows})
    grids = ["", *sorted({row["grid"] for row in rows} - {""})]
    code_of = {
        "unit": {unit: code for code, unit in enumerate(units)},
        "grid": {grid: code for code, grid in enumerate(grids)},
    }
    found = Fixes(
        **{
            name: np.array([code_of[name][row[name]] for row in rows], DTYPES[name])
            if name in code_of
            else np.array([-1 if row[told] is None else row[told] for row in rows], DTYPES[name])
            for name, told in zip(COLUMNS, TOLD, strict=True)
        }
    )
    return Names(units=[UnitId(unit) for unit in units], grids=grids), found


def _newest_of_day(asked: Mapping[str, object], conn: Connection) -> Sequence[RowMapping]:
    return conn.execute(NEWEST_OF_DAY, asked).mappings().all()


def _days(conn: Connection) -> list[int]:
    """A seek a day: the table may have a hundred million rows."""
    found: set[int] = set()
    for table in (fixes, crossings):
        after = -1
        while (day := _next_day(conn, table, after)) is not None:
            found.add(day)
            after = day
    return sorted(found)


def _next_day(conn: Connection, table: Table, after: int) -> int | None:
    day: int | None = conn.execute(
        select(func.min(table.c.day)).where(table.c.day > after)
    ).scalar()
    return day


def _first(conn: Connection, table: Table, day: int) -> list[RowMapping]:
    """In the order of the key."""
    return list(
        conn.execute(
            select(table)
            .where(table.c.day == day)
            .order_by(*table.primary_key.columns)
            .limit(STEP_ROWS)
        ).mappings()
    )


def _up_to(table: Table, last: RowMapping) -> ColumnElement[bool]:
    """What ``_first`` gave."""
    key = [column for column in table.primary_key.columns if column.name != "day"]
    return and_(
        table.c.day == last["day"], tuple_(*key) <= tuple_(*(last[column.name] for column in key))
    )
