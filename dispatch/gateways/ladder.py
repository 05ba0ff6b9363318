"""The delivery ladder of one person: which gateways are due now, and when to look again. Pure.

Told what is known of the person, it answers; it sends nothing and remembers nothing. Its laws:
nothing is due once there is an answer or the order no longer stands; a gateway that
delivered is not used again for the same order; one that failed is tried again after a
pause, a few times.
"""

from dataclasses import dataclass
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.gateways.book import Book, ContactKey, Gateway, Until

RETRY_PAUSES_S: Final = (10, 60)
"""After the first and the second failure. A service that stumbled is back in ten seconds;
a minute later its limits, and ours, have opened again. Then this gateway is given up."""

TRIES_MAX: Final = len(RETRY_PAUSES_S) + 1

RESULT_WAIT_S: Final = 60
"""A try without a result for so long counts as failed: the worker answers well within it,
so the result was lost in a restart. A message too many is better than none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One message given to one gateway."""

    gateway: str
    t: Instant
    ok: bool | None = None
    """None: no result yet."""
    done_t: Instant | None = None
    """When the result came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What is known of one person asked to one incident, or told of it."""

    contact: ContactKey
    priority: int
    order_t: Instant
    """When the order was made (queued)."""
    at_broker_t: Instant | None = None
    received_t: Instant | None = None
    shown_t: Instant | None = None
    answered_t: Instant | None = None
    """When the bearer accepted or declined."""
    stands: bool = True
    """Whether the order still stands: not withdrawn, and its incident not ended."""
    told: bool = False
    """Somebody without a radio, who is told and gives no answer: the first message delivered
    is enough, and the next gateway's turn comes when the one before has been given up."""
    tries: tuple[Try, ...] = ()
    """Oldest first, of every gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What to do now, and when to look again."""

    gateways: tuple[str, ...] = ()
    """In the order of the ladder. Each stays due until a try of it is known."""
    look_t: Instant | None = None
    """Later than now. None: nothing will come due unless something else happens."""


NOTHING_DUE: Final = Due()


def due(called: Called, book: Book, now: Instant) -> Due:
    """Which gateways are due for this person now."""
    if not called.stands or called.answered_t is not None:
        return NOTHING_DUE
    fit = [each for each in book.gateways if _fits(called, each, book)]
    times = _told_times(called, fit, now) if called.told else _asked_times(called, fit, now)
    future = [t for _, t in times if t > now]
    return Due(
        gateways=tuple(each.name for each, t in times if t <= now),
        look_t=min(future, default=None),
    )


def delivered(called: Called) -> frozenset[str]:
    """The gateways over which this person was reached, or may have been: to be told if the
    order no longer stands."""
    return frozenset(each.gateway for each in called.tries if each.ok is not False)


def _fits(called: Called, gateway: Gateway, book: Book) -> bool:
    """A group that everybody reads is no way to tell one person who gives no answer."""
    if called.priority > gateway.priority_max or (called.told and not gateway.needs):
        return False
    return book.reaches(gateway, called.contact)


def _asked_times(called: Called, fit: list[Gateway], now: Instant) -> list[tuple[Gateway, Instant]]:
    """Every gateway whose step was not reached, with its next time."""
    reached = _reached(called)
    times = []
    for each in fit:
        first_t = called.order_t + round(each.after_s * SECOND)
        next_t = _next_t(called, each, first_t=first_t, now=now)
        if each.until not in reached and next_t is not None:
            times.append((each, next_t))
    return times


def _told_times(called: Called, fit: list[Gateway], now: Instant) -> list[tuple[Gateway, Instant]]:
    """The first gateway that was not given up, unless one has delivered."""
    if any(each.ok for each in called.tries):
        return []
    for each in fit:
        next_t = _next_t(called, each, first_t=called.order_t, now=now)
        if next_t is not None:
            return [(each, next_t)]
    return []


def _reached(called: Called) -> frozenset[Until]:
    """The steps that were reached: a later one says that the earlier were, whatever was heard."""
    if called.shown_t is not None:
        return frozenset({Until.RECEIVED, Until.SHOWN})
    if called.received_t is not None:
        return frozenset({Until.RECEIVED})
    return frozenset()


def _next_t(called: Called, gateway: Gateway, *, first_t: Instant, now: Instant) -> Instant | None:
    """When to use this gateway, or to look whether a try was lost; None: not again."""
    tries = [each for each in called.tries if each.gateway == gateway.name]
    if not tries:
        return first_t
    if any(each.ok for each in tries):
        return None
    ended_t = max(_ended_t(each) for each in tries)
    if any(each.ok is None and _ended_t(each) > now for each in tries):
        return ended_t  # still under way: not before its result, or its loss
    if len(tries) >= TRIES_MAX:
        return None
    return max(first_t, ended_t + RETRY_PAUSES_S[len(tries) - 1] * SECOND)


def _ended_t(each: Try) -> Instant:
    """When this try failed, or will count as lost."""
    if each.ok is None:
        return each.t + RESULT_WAIT_S * SECOND
    return each.t if each.done_t is None else each.done_t
