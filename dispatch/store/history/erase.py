"""Erasing one unit's fixes of a span: the blocks that hold them are written anew without them.

The new blocks say nothing of what is gone. Under SQLite what the old ones took
up on disk is overwritten and the log emptied; PostgreSQL reuses it in its time.
"""

from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection, delete, select

from dispatch.clock import DAY, Instant
from dispatch.ids import UnitId
from dispatch.store.history.block import TornBlockError, pack_as_they_came, pack_in_order
from dispatch.store.history.columns import Fixes, joined, latest
from dispatch.store.history.cut import unpack
from dispatch.store.history.schema import JUST_CAME, NEWEST, DayTables
from dispatch.store.history.scribe import add_blocks
from dispatch.store.history.shelf import Shelf


@dataclass(frozen=True, slots=True)
class _Span:
    code: int
    from_t: Instant
    to_t: Instant


@dataclass(slots=True)
class _Found:
    """What stands in a day of the unit."""

    gone: list[Fixes] = field(default_factory=list)
    left: list[Fixes] = field(default_factory=list)


def erase_of_day(shelf: Shelf, day: int, unit: UnitId, from_t: Instant, to_t: Instant) -> int:
    """Erase a unit's fixes and crossings of a span, both ends included; how many fixes."""
    with shelf.writing(day) as (conn, tables):
        crossings = tables.crossings.c
        conn.execute(
            delete(tables.crossings).where(
                crossings.unit == unit, crossings.t.between(from_t, to_t)
            )
        )
        code = conn.execute(select(tables.units.c.code).where(tables.units.c.unit == unit)).scalar()
        if code is None:
            return 0
        found = _rewrite(conn, tables, _Span(code, max(from_t, day * DAY), to_t))
        if found.gone:
            _newest_anew(conn, tables, code, found.left)
    shelf.forget(day)
    return len(np.unique(joined(found.gone).t)) if found.gone else 0


def _rewrite(conn: Connection, tables: DayTables, span: _Span) -> _Found:
    """One block after the other, as they are few of a unit and each is small."""
    blocks = tables.blocks.c
    ids = conn.execute(
        select(blocks.id).where(
            blocks.hour != NEWEST, blocks.unit_lo <= span.code, blocks.unit_hi >= span.code
        )
    ).scalars()
    found = _Found()
    for key in ids.all():
        hour, level, data = conn.execute(
            select(blocks.hour, blocks.level, blocks.data).where(blocks.id == key)
        ).one()
        try:
            fixes = unpack(data)
        except TornBlockError:
            continue  # who puts it in order drops and counts it
        theirs = fixes.unit == span.code
        gone = theirs & (fixes.t >= span.from_t) & (fixes.t <= span.to_t)
        if hour != JUST_CAME:
            found.left.append(fixes.at(theirs & ~gone))
        if not gone.any():
            continue
        found.gone.append(fixes.at(gone))
        kept = fixes.at(~gone)
        if len(kept):
            one = hour == JUST_CAME
            packed = [pack_as_they_came(kept, hour=hour)] if one else list(pack_in_order(kept))
            add_blocks(conn, tables, packed, level=level)
        conn.execute(delete(tables.blocks).where(blocks.id == key))
    return found


def _newest_anew(conn: Connection, tables: DayTables, code: int, left: list[Fixes]) -> None:
    """The unit's last fix is now the last of those that are left."""
    blocks = tables.blocks.c
    parts = list(left)
    for key, data in conn.execute(
        select(blocks.id, blocks.data).where(blocks.hour == NEWEST)
    ).all():
        try:
            fixes = unpack(data)
            parts.append(fixes.at(fixes.unit != code))
        except TornBlockError:
            pass  # as above: it is gone with this
        conn.execute(delete(tables.blocks).where(blocks.id == key))
    last = latest(joined(parts)) if parts else None
    if last is not None and len(last):
        block = pack_as_they_came(last, hour=NEWEST, deflated=True)
        add_blocks(conn, tables, [block], level=0)
