"""The history of positions and crossings: its tables, writing them, cutting old days off.

It is apart from the journal, in a file of its own under SQLite, so that a big
checkpoint or a slow disk never stands in front of an alarm. Rows lie in the
order of day, unit and time: a day is dropped in one stretch, a unit's track is
read in one stretch, and the same fix sent twice is kept once. Numbers are
small integers:

    day          days since 1970-01-01 UTC, of the fix's own time
    lon_e7       degrees times 10 000 000 (about a centimetre)
    acc_dm       tenths of a metre     speed_cmps   centimetres a second
    course_deg   0..359                battery_pct  0..100
    grid         its id, empty for none

Unknown is NULL. The version stands in the table ``history_version``; there is
one so far, and a history written by a newer one is refused.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    BigInteger,
    Column,
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
    select,
    text,
)

from dispatch.clock import DAY
from dispatch.errors import SettingsError
from dispatch.ids import UnitId
from dispatch.store.port import CrossingRow, FixRows, LastFix

HISTORY_VERSION: Final = 1
E7: Final = 1e7
ACC_M_MAX: Final = 1e6
SPEED_MPS_MAX: Final = 1e4
"""Beyond these a number is nonsense; it is cut to fit its column."""
UNITS_AT_ONCE: Final = 200
LAST_FIX_DAYS: Final = 3
"""A duty spans at most two of them; an older fix says nothing of where a unit is."""
DELETE_ROWS: Final = 20_000
"""Rows dropped in one transaction: some 50 ms, in which new fixes wait."""

METADATA: Final = MetaData()

history_version: Final = Table("history_version", METADATA, Column("version", Integer))

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


def _insert_new(table: Table) -> Any:
    names = [c.name for c in table.columns]
    keys = ", ".join(c.name for c in table.primary_key)
    marks = ", ".join(f":{name}" for name in names)
    sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608  our names
    return text(f"{sql} ON CONFLICT ({keys}) DO NOTHING")


FIX_IN: Final = _insert_new(fixes)
CROSSING_IN: Final = _insert_new(crossings)


UNIT_MARKS: Final = tuple(f"u{i}" for i in range(UNITS_AT_ONCE))

NEWEST_OF_DAY: Final = text(
    f"WITH wanted (unit) AS (VALUES {', '.join(f'(:{mark})' for mark in UNIT_MARKS)})"  # noqa: S608
    " SELECT fixes.* FROM wanted JOIN fixes ON fixes.day = :day AND fixes.unit = wanted.unit"
    " AND fixes.t = (SELECT max(t) FROM fixes AS f WHERE f.day = :day AND f.unit = wanted.unit)"
)
"""Written out: it is the same text every time, so that it is prepared once. No unit is ''."""


def prepare(conn: Connection) -> None:
    """Make the tables where they are missing. Raises SettingsError for a newer history."""
    METADATA.create_all(conn)
    version = conn.execute(select(func.max(history_version.c.version))).scalar()
    if version is None:
        conn.execute(insert(history_version).values(version=HISTORY_VERSION))
    elif version > HISTORY_VERSION:
        raise SettingsError(
            f"the history of positions was written by a newer Yihu (version {version})",
            "install that version or a later one",
        )


def write(conn: Connection, batches: Iterable[FixRows], crossed: Iterable[CrossingRow]) -> None:
    """Add these rows; those that are there already are left as they are."""
    rows = [row for batch in batches for row in _fix_rows(batch)]
    if rows:
        conn.execute(FIX_IN, rows)
    lines = [
        {
            "day": c.t // DAY,
            "unit": c.unit,
            "t": c.t,
            "from_grid": c.from_grid,
            "to_grid": c.to_grid,
        }
        for c in crossed
    ]
    if lines:
        conn.execute(CROSSING_IN, lines)


def last_fixes(conn: Connection, units: Sequence[UnitId]) -> list[LastFix]:
    """The newest fix of each of these units in the history's last days, by unit."""
    newest = conn.execute(select(func.max(fixes.c.day))).scalar()
    if newest is None:
        return []
    found: list[LastFix] = []
    missing = list(units)
    for day in range(newest, newest - LAST_FIX_DAYS, -1):
        rows = [_last_fix(row) for row in _newest_of_day(conn, day, missing)]
        found += rows
        have = {fix.unit for fix in rows}
        missing = [unit for unit in missing if unit not in have]
    return sorted(found, key=lambda fix: fix.unit)


def drop_before(engine: Engine, day: datetime.date) -> int:
    """Drop every fix and crossing of days before ``day`` (UTC); gives back how many rows.

    In small transactions, so that new fixes keep coming in between.
    """
    first_kept = (day - datetime.date(1970, 1, 1)).days
    return sum(_drop(engine, table, first_kept) for table in (fixes, crossings))


def _drop(engine: Engine, table: Table, first_kept: int) -> int:
    dropped = 0
    while True:
        with engine.begin() as conn:
            end = conn.execute(
                select(table.c.day, table.c.unit)
                .where(table.c.day < first_kept)
                .order_by(table.c.day, table.c.unit)
                .limit(DELETE_ROWS)
            ).all()
            if not end:
                return dropped
            day = end[0].day
            unit = max(row.unit for row in end if row.day == day)
            gone = conn.execute(delete(table).where(and_(table.c.day == day, table.c.unit <= unit)))
            dropped += gone.rowcount


def _newest_of_day(conn: Connection, day: int, units: Sequence[UnitId]) -> Iterator[RowMapping]:
    """One seek a unit, some hundred units a statement."""
    for start in range(0, len(units), UNITS_AT_ONCE):
        asked = dict.fromkeys(UNIT_MARKS, "") | dict(
            zip(UNIT_MARKS, units[start : start + UNITS_AT_ONCE], strict=False)
        )
        yield from conn.execute(NEWEST_OF_DAY, {"day": day, **asked}).mappings()


def _last_fix(row: RowMapping) -> LastFix:
    acc_dm: int | None = row["acc_dm"]
    return LastFix(
        unit=UnitId(row["unit"]),
        t=row["t"],
        lon=row["lon_e7"] / E7,
        lat=row["lat_e7"] / E7,
        acc_m=None if acc_dm is None else acc_dm / 10,
        battery_pct=row["battery_pct"],
    )


def _fix_rows(batch: FixRows) -> Iterator[dict[str, Any]]:
    names = [c.name for c in fixes.columns]
    columns = zip(
        (batch.t // DAY).tolist(),
        [batch.names.units[row] for row in batch.rows.tolist()],
        batch.t.tolist(),
        np.rint(batch.lon * E7).astype(np.int64).tolist(),
        np.rint(batch.lat * E7).astype(np.int64).tolist(),
        _whole(batch.acc_m, 10, ACC_M_MAX),
        _whole(batch.speed_mps, 100, SPEED_MPS_MAX),
        _whole(batch.course_deg, 1, 360),
        [None if pct < 0 else pct for pct in batch.battery_pct.tolist()],
        [batch.names.grids[code] for code in batch.grid.tolist()],
        strict=True,
    )
    return (dict(zip(names, row, strict=True)) for row in columns)


def _whole(numbers: npt.NDArray[np.float32], scale: int, limit: float) -> list[int | None]:
    """Scaled to whole numbers, unknown (NaN) as None."""
    scaled = np.rint(np.clip(numbers.astype(np.float64), 0, limit) * scale)
    return [None if number != number else int(number) for number in scaled.tolist()]
