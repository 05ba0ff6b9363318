"""Lets go in time of what is personal: once at the start, then once a day.

What is kept how long stands in ``store/retention.py``; positions are cut off by whole
days (``history_days``). It runs in a thread beside the hub and never in an alarm's way; what
fails is said and tried again an hour later. What it goes by is the earlier of the hub's
clock and the machine's: a hub that runs ahead must not let go of what is still wanted.
"""

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import structlog

from dispatch.clock import DAY, HOUR, SECOND, Clock, Instant
from dispatch.errors import YihuError

EVERY: Final = DAY
AGAIN_AFTER: Final = HOUR

Pause = Callable[[float], Awaitable[None]]
"""Waits so many real seconds."""

log = structlog.get_logger("yihu.housekeeping")


class Expiring(Protocol):
    """What housekeeping needs of a store."""

    def erase_expired(self, t: Instant) -> int:
        """Erase personal values whose time is over; gives back how many."""
        ...

    def drop_history_before(self, day: datetime.date) -> int:
        """Drop positions of days before ``day``; gives back how many rows."""
        ...


def clean(store: Expiring, now: Instant, *, history_days: int) -> None:
    """One round."""
    erased = store.erase_expired(now)
    today = datetime.datetime.fromtimestamp(now / SECOND, datetime.UTC).date()
    dropped = store.drop_history_before(today - datetime.timedelta(days=history_days))
    if erased or dropped:
        log.info("expired", values_erased=erased, positions_dropped=dropped)


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
            now = min(clock.now(), machine_now())
            await asyncio.to_thread(clean, store, now, history_days=history_days)
        except YihuError as exc:
            log.warning("housekeeping_failed", why=str(exc))
            wait = AGAIN_AFTER
        await pause(wait / SECOND / clock.speed)
