"""One simulated radio as a pure machine: what it says to what it hears, and when. No socket.

``now`` is time as it passes for the radio (as fast as the centre's clock, and never
jumping); what it writes on messages is the centre's time, which it learns from ``config``.
"""

import random
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from devices.codec import PositionReading, Reading
from devices.simulator.button import Button
from devices.simulator.duty import ACCEPTS, SAYS_NO, Duty, goes, hears_after
from devices.simulator.walk import Body
from devices.v1.wire import FIXES_MAX
from dispatch.clock import SECOND, Instant
from dispatch.ids import AssignmentId, CommunityId, RadioId
from dispatch.outgoing import (
    CancelMessage,
    ConfigMessage,
    OrderMessage,
    RadioMessage,
    SeenMessage,
    StoredMessage,
)
from dispatch.readings import (
    AnswerReading,
    DutyReading,
    Fix,
    Heard,
    HeardReading,
    LinkReading,
    PressReading,
)
from dispatch.words import AssignmentState, Kind, Role

DUTY_REPEAT_S: Final = 5.0
LINK_LOSSES_PER_H: Final = 1.5
LINK_LOST_S: Final = (15.0, 120.0)
BATTERY_CHANGED_S: Final = 300.0
ORDERS_DONE_MAX: Final = 100
"""Orders remembered so that a late repeat of one does not begin it anew."""

Said = list[Reading]


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How a radio and its bearer behave."""

    role: Role
    likely: dict[Role, float]
    """How likely the bearer goes where called."""
    says_no: float = SAYS_NO
    """Of the rest, how many say so; the others say nothing."""
    link_losses_per_h: float = LINK_LOSSES_PER_H

    @classmethod
    def of(cls, role: Role) -> "Temper":
        """As people of this role do."""
        return cls(role=role, likely=ACCEPTS)

    @classmethod
    def mute(cls, role: Role) -> "Temper":
        """Hears orders and answers none; its link holds. For replayed traces."""
        return cls(role=role, likely=dict.fromkeys(Role, 0.0), says_no=0.0, link_losses_per_h=0.0)


class SimulatedRadio:
    """Told of time, messages and the link; gives back what it says."""

    def __init__(
        self,
        radio: RadioId,
        community: CommunityId,
        *,
        body: Body,
        temper: Temper,
        chance: random.Random,
        offset: Instant = 0,
    ) -> None:
        """``offset`` is the centre's time less ``now``, as far as is known at the start."""
        self.radio = radio
        self.community = community
        self.body = body
        self.button = Button(radio, community, random.Random(chance.getrandbits(64)))
        self.on_duty = False
        """Whether the centre has confirmed it."""
        self.orders: dict[AssignmentId, Duty] = {}
        self.seen_by = ""
        """Who has its alarm, as its screen shows."""
        self._temper = temper
        self._chance = chance
        self._offset = offset
        self._interval_s = 10.0
        self._linked = False
        self._duty_due: Instant | None = None
        self._lose_link_at: Instant | None = None
        self._cut_for_s: float | None = None
        self._backlog: deque[Fix] = deque(maxlen=FIXES_MAX)
        self._done: deque[AssignmentId] = deque(maxlen=ORDERS_DONE_MAX)

    # --- the link ---

    def link_up(self, now: Instant) -> Said:
        """Connected: it says so, and signs on again, for the centre may have restarted."""
        self._linked = True
        self._duty_due = now + int(DUTY_REPEAT_S * SECOND)
        if self._temper.link_losses_per_h > 0:
            holds_s = self._chance.expovariate(self._temper.link_losses_per_h / 3600.0)
            self._lose_link_at = now + int(holds_s * SECOND)
        online = LinkReading(
            radio=self.radio, community=self.community, online=True, received_t=self.stamp(now)
        )
        return [online, self._sign_on(now)]

    def goodbye(self, now: Instant) -> Said:
        """Switched off by hand: the broker speaks no last will for who leaves in order."""
        t = self.stamp(now)
        return [LinkReading(radio=self.radio, community=self.community, online=False, received_t=t)]

    def link_down(self) -> None:
        """Lost: fixes are kept for later."""
        self._linked = False
        self._duty_due = None
        self._lose_link_at = None

    def take_cut(self) -> float | None:
        """For how many seconds the link is to be lost now; None to keep it. Asked once each."""
        cut_for_s, self._cut_for_s = self._cut_for_s, None
        return cut_for_s

    # --- people ---

    def press(self, now: Instant, *, kind: Kind = Kind.SOS, covert: bool = False) -> PressReading:
        """The button is pushed: what to say at once, and to repeat until stored."""
        fix = self.body.last_fix()
        return self.button.press(
            kind=kind,
            covert=covert,
            fix=None if fix is None else self._stamped(fix),
            stamp=self.stamp(now),
            now=now,
        )

    # --- the centre ---

    def hear(self, message: RadioMessage, now: Instant) -> Said:
        """What it says to this at once."""
        match message:
            case StoredMessage(subject=subject):
                self.button.stored(subject)
                return []
            case SeenMessage(press=press, by=by):
                self.seen_by = by
                return [self._heard(Heard.SEEN, self._alarm(press), now)]
            case ConfigMessage():
                return self._configure(message, now)
            case OrderMessage():
                self._take_order(message, now)
                return []
            case CancelMessage(order=order):
                self._drop(order)
                return [self._heard(Heard.CANCEL, order, now)]

    # --- time ---

    def next_due(self) -> Instant | None:
        """When it next has something to say or do; None for never."""
        times = [self._duty_due, self.button.due(), self._lose_link_at]
        if self.on_duty:
            times.append(self.body.due())
        times += [duty.due for duty in self.orders.values() if not duty.silent]
        return min((t for t in times if t is not None), default=None)

    def expire(self, now: Instant) -> Said:
        """Everything that is due."""
        said: Said = []
        if self._duty_due is not None and self._duty_due <= now:
            self._duty_due = now + int(DUTY_REPEAT_S * SECOND)
            said.append(self._sign_on(now))
        said += self.button.repeats(now)
        said += self._positions(now)
        for duty in list(self.orders.values()):
            said += self._step(duty, now)
        self._maybe_lose_link(now)
        return said

    def stamp(self, now: Instant) -> Instant:
        """The centre's time, as far as this radio knows."""
        return now + self._offset

    # --- private steps ---

    def _sign_on(self, now: Instant) -> DutyReading:
        t = self.stamp(now)
        return DutyReading(
            radio=self.radio, community=self.community, on=True, device_t=t, received_t=t
        )

    def _configure(self, config: ConfigMessage, now: Instant) -> Said:
        self._offset = config.t - now
        self._interval_s = max(1.0, config.interval_s)
        self._duty_due = None
        self.on_duty = config.duty
        backlog = tuple(self._stamped(fix) for fix in self._backlog)
        self._backlog.clear()
        return [self._position(backlog, now)] if backlog and self.on_duty else []

    def _positions(self, now: Instant) -> Said:
        due = self.body.due()
        if not self.on_duty or due is None or due > now:
            return []
        fixes = self.body.tell(now, self._interval_s)
        if not self._linked:
            self._backlog += fixes
            return []
        stamped = tuple(self._stamped(fix) for fix in fixes)
        # One by one where they are few: so do radios that were not away.
        return [self._position((fix,), now) for fix in stamped]

    def _position(self, fixes: tuple[Fix, ...], now: Instant) -> PositionReading:
        return PositionReading(
            radio=self.radio,
            community=self.community,
            fixes=fixes,
            received_t=self.stamp(now),
        )

    def _take_order(self, order: OrderMessage, now: Instant) -> None:
        known = self.orders.get(order.order)
        if known is not None:
            if known.confirm(order.state, now):
                self._drop(order.order)
            elif known.said is AssignmentState.ACCEPTED and known.echoed:
                self._set_out(order)
        elif order.order not in self._done and order.state is AssignmentState.OFFERED:
            self.orders[order.order] = Duty(
                order=order,
                will_go=self._will_go(),
                chance=self._chance,
                due=now + hears_after(self._chance),
            )

    def _will_go(self) -> bool | None:
        temper = self._temper
        if any(duty.will_go for duty in self.orders.values()):
            return False
        return goes(self._chance, temper.likely[temper.role], temper.says_no)

    def _set_out(self, order: OrderMessage) -> None:
        if order.lon is not None and order.lat is not None:
            self.body.go_to(order.lon, order.lat)

    def _drop(self, order: AssignmentId) -> None:
        dropped = self.orders.pop(order, None)
        self._done.append(order)
        if dropped is not None and dropped.will_go:
            self.body.go_on()

    def _step(self, duty: Duty, now: Instant) -> Said:
        if duty.due > now or duty.silent or not self._linked:
            if duty.due <= now:
                duty.due = now + SECOND  # looked at again when there may be a link
            return []
        order = duty.order
        away_m = None
        if order.lon is not None and order.lat is not None:
            away_m = self.body.away_m(order.lon, order.lat)
        state = duty.step(now, away_m)
        if state is None:
            return []
        t = self.stamp(now)
        return [
            AnswerReading(
                radio=self.radio,
                community=self.community,
                assignment=order.order,
                state=state,
                reason="",
                device_t=t,
                received_t=t,
            )
        ]

    def _maybe_lose_link(self, now: Instant) -> None:
        if not self._linked:
            return
        if self.body.battery_empty(now):
            self._cut_for_s = BATTERY_CHANGED_S
        elif self._lose_link_at is not None and self._lose_link_at <= now:
            self._lose_link_at = None
            self._cut_for_s = self._chance.uniform(*LINK_LOST_S)

    def _heard(self, what: Heard, subject: str, now: Instant) -> HeardReading:
        return HeardReading(
            radio=self.radio,
            community=self.community,
            what=what,
            subject=subject,
            received_t=self.stamp(now),
        )

    def _alarm(self, press: str) -> str:
        return f"{self.radio}/{press.replace(':', '/')}"

    def _stamped(self, fix: Fix) -> Fix:
        return replace(fix, t=self.stamp(fix.t))
