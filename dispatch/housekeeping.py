"""What goes on beside the hub: letting go of what is personal, and keeping the next start quick.

Personal values go once at the start, then once a day.

What is kept how long stands in ``store/retention.py``; positions are cut off by whole
days (``history_days``). It runs in a thread beside the hub and never in an alarm's way; what
fails is said and tried again an hour later. What it goes by is the earlier of the hub's
clock and the machine's: a hub that runs ahead must not let go of what is still wanted.
"""

import asyncio
import datetime
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import structlog

from dispatch.clock import DAY, HOUR, SECOND, Clock, Instant
from dispatch.errors import YihuError

EVERY: Final = DAY
AGAIN_AFTER: Final = HOUR

NOTED_EVERY_S: Final = 15.0
"""So many seconds of facts are folded at a start at most, and a page of them (standing.py) at a
time meanwhile ..."""
NOTED_PAUSE_S: Final = 0.05
"""... with a breath between, so that the alarm lane has most of the processor."""

Pause = Callable[[float], Awaitable[None]]
"""Waits so many real seconds."""

log = structlog.get_logger("yihu.housekeeping")


class Expiring(Protocol):
    """What housekeeping needs of a store."""

    def erase_expired(self, t: Instant, *, told_t: Instant | None = None) -> int:
        """Tell by a fact at ``told_t``, the hub's time, that the personal values whose time is over
        at ``t`` go, and erase them; gives back how many."""
        ...

    def drop_history_before(self, day: datetime.date, *, told_t: Instant | None = None) -> int:
        """Tell by a fact, where there are any, that positions of days before ``day`` go, and drop
        them; gives back how many rows."""
        ...


def clean(
    store: Expiring, now: Instant, *, history_days: int, told_t: Instant | None = None
) -> None:
    """One round. Broken off anywhere, the next one goes on where it was."""
    erased = store.erase_expired(now, told_t=told_t)
    today = datetime.datetime.fromtimestamp(now / SECOND, datetime.UTC).date()
    first_kept = today - datetime.timedelta(days=history_days)
    dropped = store.drop_history_before(first_kept, told_t=told_t)
    if erased or dropped:
        log.info("expired", values_erased=erased, positions_dropped=dropped)


NOTED_AT_END_S: Final = 2.0
"""So long an ending hub goes on noting, within the grace that its supervisor gives it."""


class Noting(Protocol):
    """What a quick start needs of a store."""

    def note_standing(self) -> bool:
        """Go on by a page of facts; False where there is nothing to go on with."""
        ...


async def keep_standing(store: Noting, *, pause: Pause = asyncio.sleep) -> None:
    """Keep what is open as it stands, for the next start, until cancelled."""
    while True:
        await pause(NOTED_EVERY_S)
        try:
            while await asyncio.to_thread(store.note_standing):
                await pause(NOTED_PAUSE_S)
        except YihuError as exc:
            log.info("standing_not_noted", why=str(exc))


def note_the_rest(store: Noting, clock_s: Callable[[], float] = time.monotonic) -> None:
    """What is not noted yet, as far as it goes: the next start has the less to fold."""
    until_s = clock_s() + NOTED_AT_END_S
    try:
        while clock_s() < until_s and store.note_standing():
            pass
    except YihuError as exc:
        log.info("standing_not_noted", why=str(exc))


async def keep_clean(
    store: Expiring,
    clock: Clock,
    *,
    machine_now: Callable[[], Instant],
    history_days: int,
    pause: Pause = asyncio.sleep,
) -> None:
    """Clean now and every day, until cancelled."""
    while True:
        wait = EVERY
        try:
            told_t = clock.now()
            now = min(told_t, machine_now())
            await asyncio.to_thread(clean, store, now, history_days=history_days, told_t=told_t)
        except YihuError as exc:
            log.warning("housekeeping_failed", why=str(exc))
            wait = AGAIN_AFTER
        await pause(wait / SECOND / clock.speed)
