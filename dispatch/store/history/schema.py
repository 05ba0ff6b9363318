"""The tables of one day of positions. What is in a block: block.py.

Under SQLite every day is a file, so that it can be dropped by unlinking it;
under PostgreSQL its tables bear its number. A day stands for itself: units and
grids are numbered in it, by the order in which they were first heard.
"""

import functools
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    event,
)

NEWEST: Final = -2
"""In place of the hour: the one block with the last fix of each unit, of all but what just came."""
JUST_CAME: Final = -1
"""In place of the hour: blocks as they came, of any hour of the day."""

SETTLED: Final = 99
"""The level of blocks of an hour that is over; below it stand those that are yet to be merged,
one level higher each time (plan.py), which a whole day of fixes does not bring beyond a few."""


@dataclass(frozen=True, slots=True)
class DayTables:
    """Where a day's rows lie."""

    metadata: MetaData
    blocks: Table
    units: Table
    grids: Table
    crossings: Table


@functools.lru_cache(maxsize=256)
def tables_of(prefix: str = "", suffix: str = "") -> DayTables:
    """The same tables under names of their own."""
    metadata = MetaData()

    def name(of: str) -> str:
        return f"{prefix}{of}{suffix}"

    key = BigInteger().with_variant(Integer(), "sqlite")
    blocks = Table(
        name("blocks"),
        metadata,
        Column("id", key, primary_key=True),
        Column("hour", SmallInteger, nullable=False),
        Column("level", SmallInteger, nullable=False),
        Column("unit_lo", Integer, nullable=False),
        Column("unit_hi", Integer, nullable=False),
        Column("t_lo", BigInteger, nullable=False),
        Column("t_hi", BigInteger, nullable=False),
        Column("lon_lo", Integer, nullable=False),
        Column("lon_hi", Integer, nullable=False),
        Column("lat_lo", Integer, nullable=False),
        Column("lat_hi", Integer, nullable=False),
        Column("rows", Integer, nullable=False),
        Column("data", LargeBinary, nullable=False),
        Index(name("blocks_of"), "hour", "level", "unit_lo", "unit_hi", "rows"),
    )
    event.listen(blocks, "after_create", _store_as_it_is)
    return DayTables(
        metadata=metadata,
        blocks=blocks,
        units=Table(
            name("units"),
            metadata,
            Column("code", Integer, primary_key=True, autoincrement=False),
            Column("unit", Text, nullable=False, unique=True),
        ),
        grids=Table(
            name("grids"),
            metadata,
            Column("code", Integer, primary_key=True, autoincrement=False),
            Column("grid", Text, nullable=False, unique=True),
        ),
        crossings=Table(
            name("crossings"),
            metadata,
            Column("unit", Text, primary_key=True),
            Column("t", BigInteger, primary_key=True, autoincrement=False),
            Column("from_grid", Text, primary_key=True),
            Column("to_grid", Text, primary_key=True),
        ),
    )


def _store_as_it_is(blocks: Table, conn: Connection, **_: object) -> None:
    """PostgreSQL would try to compress what is packed already."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql(f"ALTER TABLE {blocks.name} ALTER data SET STORAGE EXTERNAL")
