"""Questions to the history, while it is written. Changes nothing.

Each day is one consistent look; what stands in several blocks, or in what is
left of version 1 as well, is read once. A block that cannot be read is passed
over, counted and told of once.
"""

import functools
from collections.abc import Iterator, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import structlog
from sqlalchemy import Connection, Select, bindparam, or_, select
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from dispatch.clock import DAY, HOUR, Instant
from dispatch.errors import StoreError
from dispatch.ids import UnitId
from dispatch.store.database import reason_of
from dispatch.store.history.block import TornBlockError
from dispatch.store.history.columns import E7, Fixes, WholeBox, joined, latest, once
from dispatch.store.history.cut import Cut, unpack
from dispatch.store.history.names import Codes, Words
from dispatch.store.history.rows_v1 import RowsV1
from dispatch.store.history.schema import JUST_CAME, NEWEST, DayTables
from dispatch.store.history.shelf import Shelf, is_bare, is_torn
from dispatch.store.port import AreaFixes, Box, CrossingRow, LastFix, Track

log = structlog.get_logger("yihu.store")

TRACK_DAYS_MAX: Final = 8
"""UTC days of one track; nobody is on the way to one incident for longer."""
AREA_FIXES_MAX: Final = 2_000_000
"""Of one area and time, 70 MB: an hour of 5,000 units. Whoever asks for more asks in parts."""
LAST_FIX_DAYS: Final = 3
"""A duty spans at most two of them; an older fix says nothing of where a unit is."""
BLOCKS_AT_ONCE: Final = 32
"""Fetched in one call: 1 MB."""
DAYS_KNOWN_MAX: Final = 64
TOLD_MAX: Final = 1_000
CUT_ROWS_MAX: Final = 500_000
"""Put together at once: 50 MB. An area's rows are then looked at one by one."""


class HistoryReader:
    """May be asked from any thread."""

    def __init__(self, shelf: Shelf, rows_v1: RowsV1) -> None:
        self.torn_blocks = 0
        self._shelf = shelf
        self._rows_v1 = rows_v1
        self._words: dict[int, tuple[Words, Words]] = {}
        self._told: set[tuple[int, int]] = set()

    def track(self, unit: UnitId, *, from_t: Instant, to_t: Instant, fixes_max: int) -> Track:
        """Where a unit was, both ends included, thinned evenly to at most ``fixes_max``."""
        assert fixes_max > 0
        days = range(from_t // DAY, min(to_t // DAY, from_t // DAY + TRACK_DAYS_MAX - 1) + 1)
        parts = [
            _Asked(from_t=from_t, to_t=to_t, unit=unit).of_day(self, day)
            for day in self._days_among(days)
        ]
        found = joined(parts)
        every = max(1, -(-len(found) // fixes_max))
        kept = found.at(slice(None, None, every))
        acc = [None if dm < 0 else dm for dm in kept.acc.tolist()]
        return Track(
            unit=unit,
            from_t=from_t,
            to_t=to_t,
            fixes=tuple(
                zip(kept.t.tolist(), kept.lon.tolist(), kept.lat.tolist(), acc, strict=True)
            ),
            fixes_left_out=len(found) - len(kept),
        )

    def area(
        self, box: Box, *, from_t: Instant, to_t: Instant, fixes_max: int = AREA_FIXES_MAX
    ) -> AreaFixes:
        """Every fix in a box and a span, both ends included, by unit and time.

        Raises StoreError where there are more than ``fixes_max``.
        """
        asked = _Asked(from_t=from_t, to_t=to_t, box=whole_box(box), fixes_max=fixes_max)
        days = range(from_t // DAY, to_t // DAY + 1)
        parts = [asked.of_day(self, day) for day in self._days_among(days)]
        return asked.named(joined(parts))

    def crossings(self, *, from_t: Instant, to_t: Instant) -> list[CrossingRow]:
        """Who went from which grid into which, both ends included, by time and unit."""
        found = set(self._rows_v1.crossings(from_t, to_t))
        for day in self._days_among(range(from_t // DAY, to_t // DAY + 1)):
            if day not in self._shelf.days():
                continue
            try:
                with self._shelf.looking(day) as (conn, tables):
                    within = tables.crossings.c.t.between(from_t, to_t)
                    rows = conn.execute(select(tables.crossings).where(within)).mappings()
                    found.update(CrossingRow(**row) for row in rows)
            except SQLAlchemyError as exc:
                self._pass_over(day, exc)
        return sorted(found, key=lambda line: (line.t, line.unit, line.from_grid, line.to_grid))

    def last_fixes(self, units: Sequence[UnitId]) -> list[LastFix]:
        """The newest fix of each of these units in the history's last days, by unit."""
        days = sorted({*self._shelf.days(), *self._rows_v1.days()}, reverse=True)
        missing = set(units)
        found: list[LastFix] = []
        for day in [day for day in days if days and day > days[0] - LAST_FIX_DAYS]:
            of_day = self._last_of_day(day, missing)
            if before := self._last_of_rows_v1(day, missing):
                newest = {fix.unit: fix for fix in sorted([*before, *of_day], key=attrgetter("t"))}
                of_day = list(newest.values())
            found += of_day
            missing.difference_update([fix.unit for fix in of_day])
        return sorted(found, key=attrgetter("unit"))

    # --- a day ---

    def spans(self) -> list[tuple[Instant, Instant]]:
        """Every day that it has anything of, both ends included, oldest first."""
        return [(day * DAY, (day + 1) * DAY - 1) for day in self._days_among(range(2**31))]

    def _days_among(self, wanted: range) -> list[int]:
        return [d for d in sorted({*self._shelf.days(), *self._rows_v1.days()}) if d in wanted]

    def parts_of(self, day: int, asked: "_Asked") -> Iterator[Fixes]:
        """What a day has, with ``asked``'s own numbers for units and grids; in any order."""
        if day not in self._shelf.days():
            return
        try:
            with self._shelf.looking(day) as (conn, tables):
                yield from self._parts_of_blocks(conn, tables, day, asked)
        except SQLAlchemyError as exc:
            self._pass_over(day, exc)

    def _parts_of_blocks(
        self, conn: Connection, tables: DayTables, day: int, asked: "_Asked"
    ) -> Iterator[Fixes]:
        code: int | None = None
        if asked.unit is not None:
            code = conn.scalar(_code_in(tables), {"unit": asked.unit})
            if code is None:
                return
        cut = asked.cut(code)
        for data, key in self._blocks(conn, tables, day, asked, code):
            try:
                cut.add(data)
            except TornBlockError as exc:
                self._tell_torn(day, key, exc)
            if cut.rows > CUT_ROWS_MAX:
                yield self._with_numbers_of(asked, cut.fixes(), day, conn, tables)
                cut = asked.cut(code)
        yield self._with_numbers_of(asked, cut.fixes(), day, conn, tables)

    def _with_numbers_of(
        self, asked: "_Asked", fixes: Fixes, day: int, conn: Connection, tables: DayTables
    ) -> Fixes:
        fixes = asked.those_of(fixes)
        if asked.unit is not None or not len(fixes):
            return asked.as_the_one_unit(fixes)
        units, grids = self._words.get(day) or self._begin_words(day)
        unit_count, grid_count = int(fixes.unit.max()) + 1, int(fixes.grid.max()) + 1
        return asked.renamed(
            fixes,
            units.at_least(conn, tables.units, tables.units.c.unit, unit_count),
            grids.at_least(conn, tables.grids, tables.grids.c.grid, grid_count),
        )

    def _blocks(
        self,
        conn: Connection,
        tables: DayTables,
        day: int,
        asked: "_Asked",
        code: int | None,
    ) -> Iterator[tuple[bytes, int]]:
        bounds: dict[str, int] = {
            "first": max(0, (asked.from_t - day * DAY) // HOUR),
            "last": min(DAY // HOUR - 1, (asked.to_t - day * DAY) // HOUR),
            "from_t": asked.from_t,
            "to_t": asked.to_t,
        }
        if code is not None:
            bounds["code"] = code
        if asked.box is not None:
            bounds |= zip(("west", "south", "east", "north"), asked.box, strict=True)
        wanted = _blocks_of(tables, code is not None, asked.box is not None)
        for rows in conn.execute(wanted, bounds).partitions(BLOCKS_AT_ONCE):
            yield from rows

    def _last_of_day(self, day: int, wanted: set[UnitId]) -> list[LastFix]:
        if day not in self._shelf.days() or not wanted:
            return []
        try:
            last, words = self._newest_of(day)
        except SQLAlchemyError as exc:
            self._pass_over(day, exc)
            return []
        units = [UnitId(words[code]) for code in last.unit.tolist()]
        kept = np.fromiter((unit in wanted for unit in units), np.bool_, len(units))
        if not kept.all():
            units, last = list(compress(units, kept.tolist())), last.at(kept)
        columns = (
            last.t.tolist(),
            (last.lon / E7).tolist(),
            (last.lat / E7).tolist(),
            [None if acc < 0 else acc / 10 for acc in last.acc.tolist()],
            [None if battery < 0 else battery for battery in last.battery.tolist()],
        )
        return [
            LastFix(unit=unit, t=t, lon=lon, lat=lat, acc_m=acc_m, battery_pct=battery_pct)
            for unit, t, lon, lat, acc_m, battery_pct in zip(units, *columns, strict=True)
        ]

    def _newest_of(self, day: int) -> tuple[Fixes, list[str]]:
        """The last fix of each unit in a day, and what the units are called."""
        units, _ = self._words.get(day) or (Words(), None)  # asked once, as a hub begins
        with self._shelf.looking(day) as (conn, tables):
            blocks = tables.blocks.c
            rows = conn.execute(
                select(blocks.data, blocks.id).where(blocks.hour.in_([JUST_CAME, NEWEST]))
            ).all()
            parts = [self._unpacked(day, key, data) for data, key in rows]
            last = latest(joined([part for part in parts if part is not None]))
            count = int(last.unit.max()) + 1 if len(last) else 0
            return last, units.at_least(conn, tables.units, tables.units.c.unit, count)

    def _pass_over(self, day: int, exc: SQLAlchemyError) -> None:
        """A day that is dropped, broken or was never finished has nothing; whatever else is, is
        told."""
        if isinstance(exc, DatabaseError) and is_bare(exc):
            log.warning("history_day_without_tables", day=day)
        elif isinstance(exc, DatabaseError) and is_torn(exc):
            log.error("history_day_unreadable", day=day, why=reason_of(exc))
        elif day in self._shelf.days():
            raise StoreError(f"the history cannot be read: {reason_of(exc)}") from exc

    def _last_of_rows_v1(self, day: int, wanted: set[UnitId]) -> list[LastFix]:
        return [
            LastFix(
                unit=UnitId(row["unit"]),
                t=row["t"],
                lon=row["lon_e7"] / E7,
                lat=row["lat_e7"] / E7,
                acc_m=None if row["acc_dm"] is None else row["acc_dm"] / 10,
                battery_pct=row["battery_pct"],
            )
            for row in self._rows_v1.newest(day, sorted(wanted))
        ]

    def rows_v1_of(self, day: int, asked: "_Asked") -> Iterator[Fixes]:
        """What version 1 still has of the day, likewise."""
        names, fixes = self._rows_v1.fixes(
            day, from_t=asked.from_t, to_t=asked.to_t, unit=asked.unit, box=asked.box
        )
        if len(fixes):
            yield asked.renamed(fixes, names.units, names.grids)

    def _unpacked(self, day: int, key: int, data: bytes) -> Fixes | None:
        try:
            return unpack(data)
        except TornBlockError as exc:
            self._tell_torn(day, key, exc)
            return None

    def _tell_torn(self, day: int, key: int, exc: TornBlockError) -> None:
        if (day, key) not in self._told and len(self._told) < TOLD_MAX:
            self._told.add((day, key))
            self.torn_blocks += 1
            log.error("history_block_unreadable", day=day, block=key, why=exc.why)

    def _begin_words(self, day: int) -> tuple[Words, Words]:
        """The day's dictionaries; those of days not asked for lately may be read again."""
        while len(self._words) >= DAYS_KNOWN_MAX:
            self._words.pop(next(iter(self._words)), None)
        return self._words.setdefault(day, (Words(), Words(("",))))

    def forget(self, day: int) -> None:
        """The day is gone; another of its number would have other codes."""
        self._words.pop(day, None)


class _Asked:
    """One question, and the numbers its answer uses for units and grids."""

    def __init__(
        self,
        *,
        from_t: Instant,
        to_t: Instant,
        unit: UnitId | None = None,
        box: WholeBox | None = None,
        fixes_max: int | None = None,
    ) -> None:
        self.from_t = from_t
        self.to_t = to_t
        self.unit = unit
        self.box = box
        self._room = fixes_max
        self._units: dict[str, int] = {}
        self._grids: dict[str, int] = {"": 0}

    def of_day(self, reader: HistoryReader, day: int) -> Fixes:
        """Each fix once, by unit and time."""
        parts: list[Fixes] = []
        held = 0
        for part in (*reader.rows_v1_of(day, self), *reader.parts_of(day, self)):
            held += len(part)
            if self._room is not None and held > self._room:
                raise StoreError(
                    f"there are more than {self._room} fixes in this area and time;"
                    " ask for a smaller area or a shorter time"
                )
            parts.append(part)
        if self._room is not None:
            self._room -= held
        found = once(joined(parts))
        if self.unit is not None:
            return found
        return found.at(np.lexsort((found.t, found.unit)))

    def cut(self, code: int | None) -> Cut:
        """Takes what may be asked for out of blocks; ``code`` is the unit's in their day."""
        return Cut(unit=code, box=self.box, places_only=code is not None)

    def those_of(self, fixes: Fixes) -> Fixes:
        """Within the span and the box."""
        fixes = fixes.within(self.from_t, self.to_t)
        if self.box is None or not len(fixes):
            return fixes
        west, south, east, north = self.box
        inside = (fixes.lon >= west) & (fixes.lon <= east)
        inside &= (fixes.lat >= south) & (fixes.lat <= north)
        return fixes.at(inside)

    def as_the_one_unit(self, fixes: Fixes) -> Fixes:
        """The only unit asked for is number 0 everywhere; its grids are not asked for."""
        return _with(fixes, np.zeros(len(fixes), np.int32), np.zeros(len(fixes), np.int32))

    def renamed(self, fixes: Fixes, units: Sequence[str], grids: Sequence[str]) -> Fixes:
        """With this question's numbers."""
        if self.unit is not None:
            return self.as_the_one_unit(fixes)
        return _with(
            fixes,
            _renumbered(fixes.unit, units, self._units),
            _renumbered(fixes.grid, grids, self._grids),
        )

    def named(self, fixes: Fixes) -> AreaFixes:
        """The answer, units in the order of their names."""
        names = sorted(self._units)
        place = np.zeros(max(1, len(names)), np.int32)
        place[[self._units[name] for name in names]] = np.arange(len(names))
        fixes = _with(fixes, place[fixes.unit], fixes.grid)
        fixes = fixes.at(np.lexsort((fixes.t, fixes.unit)))
        return AreaFixes(
            units=[UnitId(name) for name in names],
            grids=list(self._grids),
            unit=fixes.unit,
            t=fixes.t,
            lon=fixes.lon / E7,
            lat=fixes.lat / E7,
            acc_m=_or_nan(fixes.acc, 10),
            speed_mps=_or_nan(fixes.speed, 100),
            course_deg=_or_nan(fixes.course, 1),
            battery_pct=fixes.battery,
            grid=fixes.grid,
        )


@functools.lru_cache(maxsize=256)
def _blocks_of(tables: DayTables, of_unit: bool, in_box: bool) -> "Select[bytes, int]":
    """Blocks that may have what is asked for. Made once, as long as SQLAlchemy takes for it."""
    blocks = tables.blocks.c
    which = [
        or_(
            blocks.hour == JUST_CAME,
            blocks.hour.between(bindparam("first"), bindparam("last")),
        ),
        blocks.t_lo <= bindparam("to_t"),
        blocks.t_hi >= bindparam("from_t"),
    ]
    if of_unit:
        which += [blocks.unit_lo <= bindparam("code"), blocks.unit_hi >= bindparam("code")]
    if in_box:
        which += [blocks.lon_lo <= bindparam("east"), blocks.lon_hi >= bindparam("west")]
        which += [blocks.lat_lo <= bindparam("north"), blocks.lat_hi >= bindparam("south")]
    return select(blocks.data, blocks.id).where(*which)


@functools.lru_cache(maxsize=256)
def _code_in(tables: DayTables) -> "Select[int]":
    """A unit's number in a day."""
    return select(tables.units.c.code).where(tables.units.c.unit == bindparam("unit"))


def whole_box(box: Box) -> WholeBox:
    """A box in whole numbers, its borders included."""
    west, south, east, north = (round(degrees * E7) for degrees in box)
    return west, south, east, north


def _renumbered(codes: Codes, words: Sequence[str], ours: dict[str, int]) -> Codes:
    used = np.unique(codes)
    place = np.zeros(int(used[-1]) + 1, np.int32)
    place[used] = [ours.setdefault(words[code], len(ours)) for code in used.tolist()]
    return place[codes]


def _with(fixes: Fixes, unit: Codes, grid: Codes) -> Fixes:
    return Fixes(
        unit=unit,
        t=fixes.t,
        lon=fixes.lon,
        lat=fixes.lat,
        acc=fixes.acc,
        speed=fixes.speed,
        course=fixes.course,
        battery=fixes.battery,
        grid=grid,
    )


def _or_nan(numbers: npt.NDArray[Any], scale: int) -> npt.NDArray[np.float32]:
    return np.where(numbers < 0, np.nan, numbers / scale).astype(np.float32)
