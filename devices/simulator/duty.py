"""One order as its radio lives it: heard, weighed, walked to, done. Pure; a table and its times.

    received -> accepted -> en_route -> on_scene -> clear
            \\-> declined          (or nothing is said at all)

An answer is repeated until the centre echoes it; only then the next one is thought of.
"""

import random
from dataclasses import dataclass
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.outgoing import OrderMessage
from dispatch.words import AssignmentState, Role

ANSWER_REPEAT_S: Final = 2.0
HEARS_S: Final = (0.3, 2.0)
WEIGHS_S: Final = (3.0, 20.0)
SETS_OUT_S: Final = (1.0, 4.0)
LOOKS_S: Final = 2.0
"""How often it is looked at whether the place is reached."""
NEAR_M: Final = 25.0
UNPLACED_S: Final = (90.0, 240.0)
"""An order without a place is walked for so long."""
STAYS_S: Final = (120.0, 360.0)

ACCEPTS: Final[dict[Role, float]] = {
    Role.VOLUNTEER: 0.35,
    Role.GUARD: 0.9,
    Role.POLICE: 0.9,
}
"""Of those who hear the order."""
SAYS_NO: Final = 0.5
"""Of those who will not go; the other half says nothing."""

ENDED: Final = frozenset(
    {
        AssignmentState.DECLINED,
        AssignmentState.CLEAR,
        AssignmentState.WITHDRAWN,
        AssignmentState.EXPIRED,
    }
)
_ORDER_OF_STATES: Final = list(AssignmentState)


def goes(chance: random.Random, likely: float, says_no: float) -> bool | None:
    """Whether this bearer would go; None where nothing will be said."""
    if chance.random() < likely:
        return True
    return False if chance.random() < says_no else None


@dataclass(slots=True, kw_only=True)
class Duty:
    """One order in its radio's hands."""

    order: OrderMessage
    will_go: bool | None
    chance: random.Random
    due: Instant
    said: AssignmentState = AssignmentState.OFFERED
    """What was last answered; OFFERED before anything was."""
    echoed: bool = True
    """Whether the centre has confirmed it."""

    def confirm(self, state: AssignmentState, now: Instant) -> bool:
        """The centre's echo; whether it ends the order."""
        if state in ENDED:
            return True
        if not self.echoed and _ORDER_OF_STATES.index(state) >= _ORDER_OF_STATES.index(self.said):
            self.echoed = True
            self.due = now + self._pause()
        return False

    def step(self, now: Instant, away_m: float | None) -> AssignmentState | None:
        """What to answer at ``due``; None for nothing yet. ``away_m`` is None without a place."""
        if not self.echoed:
            self.due = now + _micros(ANSWER_REPEAT_S)
            return self.said
        answer = self._next(away_m)
        if answer is None:
            self.due = now + _micros(LOOKS_S)
            return None
        self.said, self.echoed = answer, False
        self.due = now + _micros(ANSWER_REPEAT_S)
        return answer

    @property
    def silent(self) -> bool:
        """Nothing more will be said of it."""
        return self.will_go is None and self.said is AssignmentState.RECEIVED and self.echoed

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
        return _micros(self.chance.uniform(*span_s))


def hears_after(chance: random.Random) -> Instant:
    """How long the radio takes to answer that it has the order."""
    return _micros(chance.uniform(*HEARS_S))


def _micros(seconds: float) -> Instant:
    return int(seconds * SECOND)
