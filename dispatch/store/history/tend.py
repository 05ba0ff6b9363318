"""Puts what came in order, in the background and in small steps: fewer, denser, sorted blocks.

A step takes some blocks of a day, and in one transaction puts others with the
same fixes in their place, each fix once. So a reader sees the one or the other,
a kill between any two steps loses nothing, and when the steps are done is of no
consequence but for speed. What a block that cannot be read held is lost: it is
dropped, counted and told of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import delete, func, select

from dispatch.clock import DAY, HOUR, MINUTE, Instant
from dispatch.store.history.block import (
    Packed,
    TornBlockError,
    pack_as_they_came,
    pack_in_order,
)
from dispatch.store.history.columns import Fixes, ends_of_runs, joined, latest, once
from dispatch.store.history.cut import unpack
from dispatch.store.history.plan import (
    STEP_ROWS,
    Came,
    Lying,
    Merge,
    merge_of,
    put_in_order_of,
)
from dispatch.store.history.schema import JUST_CAME, NEWEST, SETTLED
from dispatch.store.history.scribe import FRESH_ROWS_MAX, Wrote, add_blocks
from dispatch.store.history.shelf import Shelf

log = structlog.get_logger("yihu.store")

FRESH_BLOCKS_MAX: Final = 64
"""As they came, five a second: every 13 s they are put in order. Reading looks at all of them."""
STEP_BLOCKS_MAX: Final = 400
"""Blocks taken into one step, where many tiny ones wait."""
BEHIND_ROWS: Final = 8 * STEP_ROWS
BEHIND_BLOCKS: Final = 16 * FRESH_BLOCKS_MAX
"""Beyond either, putting in order no longer gives way to what comes, but takes turns with it."""
OVER_AFTER: Final = 10 * MINUTE
"""An hour is over when a fix was heard so long after it: by then what radios held back is in."""

LAST_HOUR: Final = DAY // HOUR - 1


@dataclass(slots=True)
class _Day:
    """What is known of a day without looking."""

    fresh_blocks: int = 0
    fresh_rows: int = 0
    hours: dict[int, bool | None] = field(default_factory=dict)
    """Hours with blocks that may be merged, and whether each was over when it was last looked
    at; None: something came since."""
    may_shrink: bool = False
    put_in_order_at: int = 0
    """The hour, of all hours, in which little was last put in order, the day being over."""


class Tender:
    """For the one thread that writes."""

    def __init__(self, shelf: Shelf) -> None:
        self.torn_blocks = 0
        self.torn_rows = 0
        """Lost with blocks that could not be read, since the start."""
        self._shelf = shelf
        self._unseen: list[int] | None = None
        self._days: dict[int, _Day] = {}
        self._heard_t: Instant = 0
        self._quiet = False

    @property
    def waiting_rows(self) -> int:
        """Rows that stand as they came."""
        return sum(day.fresh_rows for day in self._days.values())

    @property
    def wants(self) -> bool:
        """Whether a step may find something to do."""
        return not self._quiet

    @property
    def behind(self) -> bool:
        """Whether it can give way no longer."""
        blocks = max((day.fresh_blocks for day in self._days.values()), default=0)
        return blocks > BEHIND_BLOCKS or self.waiting_rows > BEHIND_ROWS

    def note(self, wrote: Iterable[Wrote]) -> None:
        """These were added."""
        for each in wrote:
            day = self._days.setdefault(each.day, _Day())
            day.fresh_blocks += each.blocks
            day.fresh_rows += each.rows
            self._heard_t = max(self._heard_t, each.t_hi)
        self._quiet = False

    def forget(self, day: int) -> None:
        """The day is gone, or was changed by another hand: look at it again if it is there."""
        self._days.pop(day, None)
        if self._unseen is not None and day in self._shelf.days():
            self._unseen.append(day)
        self._quiet = False

    def step(self, *, all_of_it: bool = False) -> bool:
        """One step; False where nothing is to be done.

        ``all_of_it``: also what would better wait for more, and as if every hour were over.
        """
        if self._see_a_day():
            return True
        for number in sorted(self._days, reverse=not self.behind):  # else old days wait for ever
            day = self._days[number]
            if self._is_due(number, day, all_of_it):
                self._put_in_order(number, day, all_of_it)
                return True
        for number in sorted(self._days, reverse=True):
            if self._merge_in(number, self._days[number], all_of_it):
                return True
        for number, day in self._days.items():
            if day.may_shrink and not day.hours:
                day.may_shrink = self._shelf.give_back(number)
                return True
        self._quiet = True
        return False

    # --- what there is ---

    def _see_a_day(self) -> bool:
        """Look into one of the days that were there at the start, the newest first."""
        if self._unseen is None:
            self._unseen = self._shelf.days()
        if not self._unseen:
            return False
        number = self._unseen.pop()
        day = _Day()
        with self._shelf.looking(number) as (conn, tables):
            blocks = tables.blocks.c
            found = conn.execute(
                select(blocks.hour, blocks.level, func.count(), func.sum(blocks.rows)).group_by(
                    blocks.hour, blocks.level
                )
            ).all()
            newest = conn.execute(select(func.max(blocks.t_hi)).where(blocks.hour <= JUST_CAME))
            self._heard_t = max(self._heard_t, newest.scalar() or 0)
        for hour, level, count, rows in found:
            if hour == JUST_CAME:
                day.fresh_blocks, day.fresh_rows = count, int(rows)
            elif hour >= 0 and level < SETTLED:
                day.hours[hour] = None
        self._days[number] = day
        return True

    def _is_due(self, number: int, day: _Day, all_of_it: bool) -> bool:
        """Enough came; or some came, and the day is over, of which once an hour is enough."""
        if not day.fresh_blocks:
            return False
        if all_of_it or day.fresh_blocks >= FRESH_BLOCKS_MAX or day.fresh_rows >= STEP_ROWS:
            return True
        hour = self._heard_t // HOUR
        if hour == day.put_in_order_at or not self._is_over(number, LAST_HOUR):
            return False
        day.put_in_order_at = hour
        return True

    def _is_over(self, day: int, hour: int) -> bool:
        return day * DAY + (hour + 1) * HOUR + OVER_AFTER <= self._heard_t

    # --- the two kinds of steps ---

    def _put_in_order(self, number: int, day: _Day, all_of_it: bool) -> None:
        """Of what came the oldest, and with it the day's last fix of each unit."""
        with self._shelf.looking(number) as (conn, tables):
            blocks = tables.blocks.c
            came = conn.execute(
                select(blocks.id, blocks.rows, blocks.t_lo, blocks.t_hi)
                .where(blocks.hour == JUST_CAME)
                .order_by(blocks.id)
            ).all()
            hours = select(blocks.hour, func.min(blocks.id)).group_by(blocks.hour)
            begun = {int(hour): int(key) for hour, key in conn.execute(hours)}
        step = put_in_order_of(
            [Came(id=key, rows=rows, t_lo=lo, t_hi=hi) for key, rows, lo, hi in came],
            begun,
            over_t=(number + 1) * DAY if all_of_it else self._heard_t - OVER_AFTER,
            blocks_max=STEP_BLOCKS_MAX,
        )
        fixes = joined(self._read(number, step.ids))
        left = fixes.at(slice(0))
        if step.until_t is not None:
            old = fixes.t < step.until_t
            fixes, left = fixes.at(old), fixes.at(~old)
        ordered = once(fixes)
        packed = list(pack_in_order(ordered))
        came_anew = list(_as_they_came(left))
        replaced = list(step.ids)
        if len(ordered):
            newest = [begun[NEWEST]] if NEWEST in begun else []
            last = latest(joined([*self._read(number, newest), ends_of_runs(ordered)]))
            came_anew.append(pack_as_they_came(last, hour=NEWEST, deflated=True))
            replaced += newest
        with self._shelf.writing(number) as (conn, tables):
            add_blocks(conn, tables, packed, level=1 if step.until_t is None else SETTLED)
            add_blocks(conn, tables, came_anew, level=0)
            conn.execute(delete(tables.blocks).where(tables.blocks.c.id.in_(replaced)))
        if step.until_t is None:
            day.hours.update(dict.fromkeys((block.hour for block in packed), None))
        day.fresh_blocks = max(
            0, day.fresh_blocks - len(step.ids) + -(-len(left) // FRESH_ROWS_MAX)
        )
        day.fresh_rows = max(0, day.fresh_rows - step.rows + len(left))
        day.may_shrink = True

    def _merge_in(self, number: int, day: _Day, all_of_it: bool) -> bool:
        """Merge in the first hour where something is to be merged. Hours at rest are let go of."""
        for hour, seen_over in sorted(day.hours.items(), key=lambda each: each[0]):
            over = all_of_it or self._is_over(number, hour)
            if seen_over is over:
                continue
            merge = merge_of(self._lying(number, hour), over=over)
            if merge is not None:
                self._merge(number, merge)
                return True
            day.hours[hour] = over
        for hour in [hour for hour, seen_over in day.hours.items() if seen_over]:
            del day.hours[hour]
        return False

    def _lying(self, number: int, hour: int) -> list[Lying]:
        with self._shelf.looking(number) as (conn, tables):
            blocks = tables.blocks.c
            rows = conn.execute(
                select(blocks.id, blocks.level, blocks.unit_lo, blocks.unit_hi, blocks.rows).where(
                    blocks.hour == hour
                )
            )
            return [
                Lying(id=key, level=level, unit_lo=lo, unit_hi=hi, rows=count)
                for key, level, lo, hi, count in rows
            ]

    def _merge(self, number: int, merge: Merge) -> None:
        fixes = self._read(number, merge.ids)
        packed = list(pack_in_order(once(joined(fixes)))) if fixes else []
        with self._shelf.writing(number) as (conn, tables):
            add_blocks(conn, tables, packed, level=merge.level)
            conn.execute(delete(tables.blocks).where(tables.blocks.c.id.in_(merge.ids)))

    def _read(self, number: int, ids: Sequence[int]) -> list[Fixes]:
        found: list[Fixes] = []
        with self._shelf.looking(number) as (conn, tables):
            blocks = tables.blocks.c
            rows = conn.execute(
                select(blocks.id, blocks.rows, blocks.data).where(blocks.id.in_(ids))
            ).all()
        for key, count, data in rows:
            try:
                found.append(unpack(data))
            except TornBlockError as exc:
                self.torn_blocks += 1
                self.torn_rows += count
                log.error("history_block_dropped", day=number, block=key, rows=count, why=exc.why)
        return found


def _as_they_came(fixes: Fixes) -> Iterator[Packed]:
    """What is not in its turn yet goes back to the others."""
    for start in range(0, len(fixes), FRESH_ROWS_MAX):
        yield pack_as_they_came(fixes.at(slice(start, start + FRESH_ROWS_MAX)), hour=JUST_CAME)
