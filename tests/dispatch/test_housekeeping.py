"""Housekeeping: what is personal goes when its time is over, day after day."""

import asyncio
import datetime

import pytest

from dispatch.clock import DAY, SECOND, Instant, ManualClock
from dispatch.errors import StoreDownError
from dispatch.housekeeping import (
    AGAIN_AFTER,
    EVERY,
    NOTED_AT_END_S,
    NOTED_EVERY_S,
    NOTED_PAUSE_S,
    clean,
    keep_clean,
    keep_standing,
    note_the_rest,
)

NOON = 1_780_000_000 * SECOND
"""2026-05-28, 20:26 UTC."""


class ExpiringStore:
    """Keeps what it was asked to let go of; may be down."""

    def __init__(self) -> None:
        self.erased_at: list[Instant] = []
        self.told_at: list[Instant | None] = []
        self.dropped: list[datetime.date] = []
        self.down = False

    def erase_expired(self, t: Instant, *, told_t: Instant | None = None) -> int:
        self.erased_at.append(t)
        self.told_at.append(told_t)
        if self.down:
            raise StoreDownError("disk full")
        return 3

    def drop_history_before(self, day: datetime.date, *, told_t: Instant | None = None) -> int:
        self.dropped.append(day)
        self.told_at.append(told_t)
        return 100


def test_positions_are_cut_by_whole_days() -> None:
    """Thirty days mean that the thirtieth day back is still there."""
    store = ExpiringStore()

    clean(store, NOON, history_days=30)

    assert store.erased_at == [NOON]
    assert store.dropped == [datetime.date(2026, 4, 28)]


async def test_a_store_that_is_down_is_tried_again_sooner() -> None:
    """It ends nothing; the hub has more important things to do."""
    store = ExpiringStore()
    store.down = True
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        store.down = False
        if len(pauses) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_clean(
            store, ManualClock(NOON), machine_now=lambda: NOON, history_days=30, pause=pause
        )

    assert pauses == [AGAIN_AFTER / SECOND, EVERY / SECOND]
    assert len(store.dropped) == 1
    assert set(store.told_at) == {NOON}


async def test_a_hub_whose_clock_runs_ahead_keeps_what_is_still_wanted() -> None:
    """After a drill at twenty times the speed a month of positions must not be gone at once."""
    store = ExpiringStore()

    async def pause(_seconds: float) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_clean(
            store,
            ManualClock(NOON + 60 * DAY),
            machine_now=lambda: NOON,
            history_days=30,
            pause=pause,
        )

    assert store.erased_at == [NOON]
    assert store.dropped == [datetime.date(2026, 4, 28)]


class NotingStore:
    """Has three pages to note, fails once, and then has no more."""

    def __init__(self) -> None:
        self.left = ["page", "page", "failure", "page"]

    def note_standing(self) -> bool:
        if not self.left:
            return False
        if self.left.pop(0) == "failure":
            raise StoreDownError("disk full")
        return True


async def test_what_is_open_is_noted_page_by_page_and_a_failure_is_no_end() -> None:
    """A start after a busy month folds a quarter of a minute of facts."""
    store = NotingStore()
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if pauses.count(NOTED_EVERY_S) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_standing(store, pause=pause)

    first, later = [NOTED_EVERY_S] + [NOTED_PAUSE_S] * 2, [NOTED_EVERY_S, NOTED_PAUSE_S]
    assert pauses == [*first, *later, NOTED_EVERY_S]


class Pages:
    """A store with so many pages to note, each of which takes a while."""

    def __init__(self, count: int, *, page_s: float) -> None:
        self.left = count
        self.now_s = 0.0
        self._page_s = page_s

    def note_standing(self) -> bool:
        if not self.left:
            return False
        self.left -= 1
        self.now_s += self._page_s
        return True


def test_a_hub_that_ends_notes_what_is_left() -> None:
    """Otherwise the next start folds it, while alarms wait."""
    store = Pages(5, page_s=0.1)

    note_the_rest(store, lambda: store.now_s)

    assert store.left == 0


def test_it_ends_in_time_all_the_same() -> None:
    """Its supervisor kills it after five seconds; the rest is folded by the next start."""
    store = Pages(1_000, page_s=0.5)

    note_the_rest(store, lambda: store.now_s)

    assert store.now_s <= NOTED_AT_END_S + 0.5
