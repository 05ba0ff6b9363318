"""One order as its radio lives it: heard, weighed, walked to, done. Pure; a table and its times.

    received -> accepted -> en_route -> on_scene -> clear
            \\-> declined          (or nothing is said at all)

An answer is repeated until the centre echoes it; only then the next one is thought of.
An order may also begin under way, accepted or further: the unit offered itself, or was on
its way to what turned out to be the same matter. Then only its receipt has to be said.
"""

import random
from dataclasses import dataclass
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.outgoing import OrderMessage
from dispatch.words import COMING, AssignmentState

ANSWER_REPEAT_S: Final = 2.0
HEARS_S: Final = (0.3, 2.0)
SHOWS_S: Final = (0.2, 1.5)
"""After the radio has it: the screen lights, and the order stands before its bearer's eyes."""
SHOWN_AGAIN_S: Final = 60.0
"""It says so again while it shows it: of an order that it does not know any more the centre tells
it then."""
WEIGHS_S: Final = (3.0, 20.0)
SETS_OUT_S: Final = (1.0, 4.0)
LOOKS_S: Final = 2.0
"""How often it is looked at whether the place is reached."""
NEAR_M: Final = 25.0
UNPLACED_S: Final = (90.0, 240.0)
"""An order without a place is walked for so long."""
STAYS_S: Final = (120.0, 360.0)

ENDED: Final = frozenset(
    {
        AssignmentState.DECLINED,
        AssignmentState.CLEAR,
        AssignmentState.WITHDRAWN,
        AssignmentState.EXPIRED,
    }
)
_ORDER_OF_STATES: Final = list(AssignmentState)


@dataclass(slots=True, kw_only=True)
class Duty:
    """One order in its radio's hands."""

    order: OrderMessage
    will_go: bool | None
    chance: random.Random
    due: Instant
    shown_at: Instant
    """When to say next that its bearer sees it."""
    shown: bool = False
    """Whether that was said."""
    said: AssignmentState = AssignmentState.OFFERED
    """How far it is: what was last answered, or how it began; OFFERED before anything was."""
    echoed: bool = True
    """Whether the centre has confirmed it."""
    began_under_way: bool = False
    """And nothing was answered since: a repeat of it asks for its receipt."""
    owes_receipt: bool = False
    """Whether its receipt waits to be said, or for its echo."""

    @classmethod
    def offered(
        cls, order: OrderMessage, *, will_go: bool | None, chance: random.Random, now: Instant
    ) -> "Duty":
        """Asked to go."""
        hears = now + _drawn(chance, HEARS_S)
        shown_at = hears + _drawn(chance, SHOWS_S)
        return cls(order=order, will_go=will_go, chance=chance, due=hears, shown_at=shown_at)

    @classmethod
    def under_way(cls, order: OrderMessage, *, chance: random.Random, now: Instant) -> "Duty":
        """On the way already, as the centre says."""
        return cls(
            order=order,
            will_go=True,
            chance=chance,
            due=now,
            shown_at=now + _drawn(chance, SHOWS_S),
            said=order.state,
            began_under_way=True,
            owes_receipt=True,
        )

    def hear(self, state: AssignmentState, now: Instant) -> bool:
        """The order came again, as an echo or a repeat; whether that ends it."""
        if state in ENDED:
            return True
        ahead = _ORDER_OF_STATES.index(state) - _ORDER_OF_STATES.index(self.said)
        if ahead > 0:
            self.take_up(state, now)
        elif ahead == 0 and (self.owes_receipt or not self.echoed):
            self.owes_receipt, self.echoed = False, True
            self.due = now + self._pause()
        elif ahead == 0 and self.began_under_way:
            # The centre has not heard the receipt. Its echo looks the same as this repeat,
            # so that it is said once for the two: no talk without end.
            self.owes_receipt, self.due = True, now
            self.show_again(now)
        elif state is AssignmentState.OFFERED:
            self.show_again(now)
        return False

    def take_up(self, state: AssignmentState, now: Instant) -> None:
        """The centre holds that it is so far: that counts, whatever was said before."""
        self.said, self.echoed, self.owes_receipt = state, True, False
        if state in COMING:
            self.will_go = True
        self.due = now + self._pause()

    def wakes_at(self) -> Instant:
        """When it next has something to say or to look at."""
        return self.shown_at if self.silent else min(self.due, self.shown_at)

    def step(self, now: Instant, away_m: float | None) -> AssignmentState | None:
        """What to answer at ``due``; None for nothing yet. ``away_m`` is None without a place."""
        if self.owes_receipt:
            self.due = now + _micros(ANSWER_REPEAT_S)
            return AssignmentState.RECEIVED
        if not self.echoed:
            self.due = now + _micros(ANSWER_REPEAT_S)
            return self.said
        answer = self._next(away_m)
        if answer is None:
            self.due = now + _micros(LOOKS_S)
            return None
        self.said, self.echoed, self.began_under_way = answer, False, False
        self.due = now + _micros(ANSWER_REPEAT_S)
        return answer

    @property
    def silent(self) -> bool:
        """Nothing more will be said of it."""
        return self.will_go is None and self.said is AssignmentState.RECEIVED and self.echoed

    def show_again(self, now: Instant) -> None:
        """What is sent again is shown again; what was not shown yet will be."""
        if self.shown:
            self.shown_at = now

    def was_shown(self, now: Instant) -> None:
        """The centre was told, and will be again."""
        self.shown, self.shown_at = True, now + _micros(SHOWN_AGAIN_S)

    def _next(self, away_m: float | None) -> AssignmentState | None:
        match self.said:
            case AssignmentState.OFFERED:
                return AssignmentState.RECEIVED
            case AssignmentState.RECEIVED:
                if self.will_go is None:
                    return None
                return AssignmentState.ACCEPTED if self.will_go else AssignmentState.DECLINED
            case AssignmentState.ACCEPTED:
                return AssignmentState.EN_ROUTE
            case AssignmentState.EN_ROUTE:
                arrived = away_m is None or away_m <= NEAR_M
                return AssignmentState.ON_SCENE if arrived else None
            case _:
                return AssignmentState.CLEAR

    def _pause(self) -> Instant:
        """How long this bearer takes for what comes next."""
        match self.said:
            case AssignmentState.RECEIVED:
                span_s = WEIGHS_S
            case AssignmentState.ACCEPTED:
                span_s = SETS_OUT_S
            case AssignmentState.ON_SCENE:
                span_s = STAYS_S
            case _:
                span_s = UNPLACED_S if self.order.lon is None else (LOOKS_S, LOOKS_S)
        return _drawn(self.chance, span_s)


def _drawn(chance: random.Random, span_s: tuple[float, float]) -> Instant:
    return _micros(chance.uniform(*span_s))


def _micros(seconds: float) -> Instant:
    return int(seconds * SECOND)
