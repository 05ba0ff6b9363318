"""All orders in one radio's hands, and its bearer's offers to go. Pure: says what to say, and when.

One body, one place: who is going somewhere declines what else is asked, unless it was the
one to offer, or the centre says that it is on its way there already.
"""

import random
from collections import deque
from dataclasses import dataclass
from typing import Final

from devices.codec import Reading
from devices.simulator.duty import Duty
from devices.simulator.temper import Temper, goes
from devices.simulator.walk import Body
from devices.simulator.wishes import OFFER_REPEAT_S, OFFER_TRIES_MAX, Wishes
from dispatch.clock import SECOND, Instant
from dispatch.ids import AssignmentId, IncidentId
from dispatch.outgoing import OrderMessage
from dispatch.words import COMING, AssignmentState

ORDERS_DONE_MAX: Final = 100
"""Orders remembered so that a late repeat of one does not begin it anew."""
NEAREST: Final = ""
"""Under which an offer waits that names no incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """One thing to say of an order: an answer, or that it is shown."""

    order: AssignmentId
    answer: AssignmentState | None
    """None: its bearer sees it."""


class Orders:
    """Told of orders, withdrawals and time."""

    def __init__(self, body: Body, temper: Temper, chance: random.Random) -> None:
        self.duties: dict[AssignmentId, Duty] = {}
        self.offers = Wishes(repeat_s=OFFER_REPEAT_S, tries_max=OFFER_TRIES_MAX)
        self._body = body
        self._temper = temper
        self._chance = chance
        self._done: deque[AssignmentId] = deque(maxlen=ORDERS_DONE_MAX)

    def offer(self, incident: IncidentId | None, reading: Reading, now: Instant) -> None:
        """Its bearer offers to go: said until an order for it comes."""
        self.offers.ask(incident or NEAREST, reading, now)
        for duty in self.duties.values():
            if duty.order.incident == incident:
                duty.will_go = True

    def take(self, order: OrderMessage, now: Instant) -> None:
        """An order, a repeat of one, or the echo of an answer."""
        known = self.duties.get(order.order)
        if known is None:
            self._take_new(order, now)
            return
        before = known.said
        if known.hear(order.state, now):
            self.drop(order.order)
            return
        if known.said not in COMING and order.state in COMING and self._offered(order):
            known.take_up(order.state, now)
        if known.said in COMING and before not in COMING:
            self._answered(order)
            self._set_out(order)
        elif known.said is AssignmentState.ACCEPTED and known.echoed:
            self.offers.answered(order.incident)
            self._set_out(order)

    def drop(self, order: AssignmentId) -> None:
        """It is over. Its bearer goes on, or to where else they are needed."""
        dropped = self.duties.pop(order, None)
        self._done.append(order)
        if dropped is None or not dropped.will_go:
            return
        other = next((duty for duty in self.duties.values() if duty.said in COMING), None)
        if other is None:
            self._body.go_on()
        else:
            self._set_out(other.order)

    def link_up(self, now: Instant) -> None:
        """What it shows is said again: the centre may hold it ended since."""
        for duty in self.duties.values():
            duty.show_again(now)

    def next_due(self) -> Instant | None:
        """When to look again; None for never."""
        times = [*(duty.wakes_at() for duty in self.duties.values()), self.offers.due()]
        return min((t for t in times if t is not None), default=None)

    def step(self, now: Instant, *, linked: bool) -> list[Say]:
        """What is due to be said of the orders. Without a link it is looked at again later."""
        said: list[Say] = []
        for order, duty in self.duties.items():
            if not duty.silent and duty.due <= now:
                answer = self._answer(duty, now) if linked else None
                if answer is not None:
                    said.append(Say(order=order, answer=answer))
                elif not linked:
                    duty.due = now + SECOND
            if duty.shown_at <= now and linked:
                duty.was_shown(now)
                said.append(Say(order=order, answer=None))
            elif duty.shown_at <= now:
                duty.shown_at = now + SECOND
        return said

    # --- private steps ---

    def _take_new(self, order: OrderMessage, now: Instant) -> None:
        wished = order.state in COMING and self._offered(order)
        if order.order in self._done and not wished:
            return
        if order.state is AssignmentState.OFFERED:
            named = self.offers.answered(order.incident)
            self.duties[order.order] = Duty.offered(
                order, will_go=named or self._will_go(), chance=self._chance, now=now
            )
        elif order.state in COMING:
            self._answered(order)
            self.duties[order.order] = Duty.under_way(order, chance=self._chance, now=now)
            self._set_out(order)

    def _offered(self, order: OrderMessage) -> bool:
        """Whether its bearer waits for such an order."""
        return self.offers.waiting(order.incident) or self.offers.waiting(NEAREST)

    def _answered(self, order: OrderMessage) -> None:
        """The wish to go is fulfilled: the one for this incident, or else the one for any."""
        if not self.offers.answered(order.incident):
            self.offers.answered(NEAREST)

    def _will_go(self) -> bool | None:
        temper = self._temper
        if any(duty.will_go for duty in self.duties.values()):
            return False
        return goes(self._chance, temper.likely[temper.role], temper.says_no)

    def _set_out(self, order: OrderMessage) -> None:
        if order.lon is not None and order.lat is not None:
            self._body.go_to(order.lon, order.lat)

    def _answer(self, duty: Duty, now: Instant) -> AssignmentState | None:
        order = duty.order
        away_m = None
        if order.lon is not None and order.lat is not None:
            away_m = self._body.away_m(order.lon, order.lat)
        return duty.step(now, away_m)
