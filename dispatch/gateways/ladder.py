"""The delivery ladder of one person: which gateways are due now, and when to look again. Pure.

Told what is known of the person, it answers; it sends nothing and remembers nothing. Its laws:
nothing is due once there is an answer or the order no longer stands; a gateway that
delivered is not used again for the same order; one that failed is tried again after a
pause, a few times.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.gateways.book import Book, ContactKey, Gateway, GatewayKind, Until

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


class StepState(StrEnum):
    """How one gateway stands for one person."""

    LATER = "later"
    DUE = "due"
    UNDER_WAY = "under_way"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    NOT_NEEDED = "not_needed"
    """Answered, no longer asked, or the step that makes it unnecessary was reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One gateway of the ladder, as it stands for one person."""

    gateway: str
    kind: GatewayKind
    state: StepState
    tries: int
    next_t: Instant | None = None
    """When it comes due (later, due) or counts as lost (under way). None: no matter when, or
    not before the gateway ahead of it has been given up."""


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
    ladder = steps(called, book, now)
    times = [each.next_t for each in ladder if each.next_t is not None and each.next_t > now]
    return Due(
        gateways=tuple(each.gateway for each in ladder if each.state is StepState.DUE),
        look_t=min(times, default=None),
    )


def steps(called: Called, book: Book, now: Instant) -> tuple[Step, ...]:
    """How every gateway stands that could reach this person, in the order of the ladder."""
    delivered_once = any(each.ok for each in called.tries)
    over = not called.stands or called.answered_t is not None or (called.told and delivered_once)
    reached = _reached(called)
    ladder: list[Step] = []
    its_turn = True
    for each in book.gateways:
        if not _fits(called, each, book):
            continue
        needed = not over and each.until not in reached
        step = _step(called, each, now, needed=needed, its_turn=its_turn)
        ladder.append(step)
        if called.told and step.state is not StepState.GIVEN_UP:
            its_turn = False
    return tuple(ladder)


def delivered(called: Called) -> frozenset[str]:
    """The gateways over which this person was reached, or may have been: to be told if the
    order no longer stands."""
    return frozenset(each.gateway for each in called.tries if each.ok is not False)


def _fits(called: Called, gateway: Gateway, book: Book) -> bool:
    """A group that everybody reads is no way to tell one person who gives no answer."""
    if called.priority > gateway.priority_max or (called.told and not gateway.needs):
        return False
    return book.reaches(gateway, called.contact)


def _reached(called: Called) -> frozenset[Until]:
    """The steps that were reached: a later one says that the earlier were, whatever was heard."""
    if called.shown_t is not None:
        return frozenset({Until.RECEIVED, Until.SHOWN})
    if called.received_t is not None:
        return frozenset({Until.RECEIVED})
    return frozenset()


def _step(called: Called, gateway: Gateway, now: Instant, *, needed: bool, its_turn: bool) -> Step:
    tries = [each for each in called.tries if each.gateway == gateway.name]
    state, next_t = _state(called, gateway, tries, now)
    if state in (StepState.LATER, StepState.DUE):
        if not needed:
            state = StepState.NOT_NEEDED
        elif not its_turn:
            state, next_t = StepState.LATER, None
    return Step(
        gateway=gateway.name,
        kind=gateway.kind,
        state=state,
        tries=len(tries),
        next_t=next_t if needed else None,
    )


def _state(
    called: Called, gateway: Gateway, tries: list[Try], now: Instant
) -> tuple[StepState, Instant | None]:
    """By its tries alone, with when it is to be used, or looked at, next."""
    if any(each.ok for each in tries):
        return StepState.DELIVERED, None
    ended_t = max((_ended_t(each) for each in tries), default=called.order_t)
    if any(each.ok is None and _ended_t(each) > now for each in tries):
        return StepState.UNDER_WAY, ended_t
    if len(tries) >= TRIES_MAX:
        return StepState.GIVEN_UP, None
    first_t = called.order_t + (0 if called.told else round(gateway.after_s * SECOND))
    pause_s = RETRY_PAUSES_S[len(tries) - 1] if tries else 0
    next_t = max(first_t, ended_t + pause_s * SECOND)
    return (StepState.DUE if next_t <= now else StepState.LATER), next_t


def _ended_t(each: Try) -> Instant:
    """When this try failed, or will count as lost."""
    if each.ok is None:
        return each.t + RESULT_WAIT_S * SECOND
    return each.t if each.done_t is None else each.done_t
