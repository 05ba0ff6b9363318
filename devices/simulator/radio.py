"""One simulated radio as a pure machine: what it says to what it hears, and when. No socket.

``now`` is time as it passes for the radio (as fast as the centre's clock, and never
jumping); what it writes on messages is the centre's time, which it learns from ``config``.
"""

import random
from collections import deque
from dataclasses import replace
from typing import Final

from devices.codec import PositionReading, Reading
from devices.simulator.button import PRESSES_MAX, Button
from devices.simulator.duty import Duty
from devices.simulator.orders import Orders, Say
from devices.simulator.temper import Temper
from devices.simulator.walk import Body
from devices.simulator.wishes import CallOff, CallOffs
from devices.v1.wire import FIXES_MAX
from dispatch.clock import SECOND, Instant
from dispatch.ids import AlarmId, AssignmentId, CommunityId, IncidentId, RadioId
from dispatch.outgoing import (
    CalledOffMessage,
    CancelMessage,
    ConfigMessage,
    OrderMessage,
    RadioMessage,
    SeenMessage,
    StoredMessage,
)
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    Fix,
    Heard,
    HeardReading,
    LinkReading,
    OfferReading,
    PressReading,
)
from dispatch.words import Kind

DUTY_REPEAT_S: Final = 5.0
LINK_LOST_S: Final = (15.0, 120.0)
BATTERY_CHANGED_S: Final = 300.0

Said = list[Reading]


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
        boots: random.Random | None = None,
        offset: Instant = 0,
    ) -> None:
        """``offset`` is the centre's time less ``now``, as far as is known at the start. ``boots``
        is where the bits of its start are drawn, which no two starts may share, else ``chance``."""
        self.radio = radio
        self.community = community
        self.body = body
        own = random.Random(chance.getrandbits(64))
        self.button = Button(radio, community, boots or own)
        self.on_duty = False
        """Whether the centre has confirmed it."""
        self.seen_by = ""
        """Who has its alarm, as its screen shows."""
        self.drill = ""
        """The exercise that is on, as its screen shows; empty for none."""
        self.call_offs = CallOffs()
        self._orders = Orders(body, temper, chance)
        self._pressed = ""
        """The press that its screen is about; a covert one changes nothing there."""
        self._covert: deque[str] = deque(maxlen=PRESSES_MAX)
        self._temper = temper
        self._chance = chance
        self._offset = offset
        self._interval_s = 10.0
        self._linked = False
        self._duty_due: Instant | None = None
        self._lose_link_at: Instant | None = None
        self._cut_for_s: float | None = None
        self._backlog: deque[Fix] = deque(maxlen=FIXES_MAX)

    @property
    def orders(self) -> dict[AssignmentId, Duty]:
        """The orders in its hands."""
        return self._orders.duties

    @property
    def call_off_shown(self) -> CallOff | None:
        """What its screen shows of the wish to call off the last alarm: nothing of a covert one."""
        return self.call_offs.stage(self._pressed)

    # --- the link ---

    def link_up(self, now: Instant) -> Said:
        """Connected: it says so, and signs on again, for the centre may have restarted."""
        self._linked = True
        self._orders.link_up(now)
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

    def press(
        self, now: Instant, *, kind: Kind = Kind.SOS, covert: bool = False, drill: bool = False
    ) -> PressReading:
        """The button is pushed: what to say at once, and to repeat until stored."""
        fix = self.body.last_fix()
        said = self.button.press(
            kind=kind,
            covert=covert,
            fix=None if fix is None else self._stamped(fix),
            stamp=self.stamp(now),
            now=now,
            drill=drill,
        )
        if covert:
            self._covert.append(said.press.wire)
        else:
            self._pressed = said.press.wire
        return said

    def call_off(self, press: str, now: Instant, *, pin: str = "") -> CallOffReading:
        """Its bearer asks to call a press off: what to say at once, and to repeat until answered.

        The radio knows of no PIN: whatever was typed is sent, and shown alike.
        """
        t = self.stamp(now)
        said = CallOffReading(
            radio=self.radio,
            community=self.community,
            alarm=AlarmId(self._alarm(press)),
            pin=pin,
            device_t=t,
            received_t=t,
        )
        self.call_offs.ask(press, said, now)
        return said

    def offer(self, now: Instant, incident: IncidentId | None = None) -> OfferReading:
        """Its bearer offers to go; None: to what is nearest. Said until an order for it comes."""
        t = self.stamp(now)
        said = OfferReading(
            radio=self.radio,
            community=self.community,
            incident=incident,
            device_t=t,
            received_t=t,
        )
        self._orders.offer(incident, said, now)
        return said

    # --- the centre ---

    def hear(self, message: RadioMessage, now: Instant) -> Said:
        """What it says to this at once."""
        match message:
            case StoredMessage(subject=subject, drill=drill):
                self.button.stored(subject, drill=drill)
                return []
            case SeenMessage(press=press, by=by):
                if press not in self._covert and self.call_offs.stage(press) is not CallOff.DONE:
                    self.seen_by = by
                return [self._heard(Heard.SEEN, self._alarm(press), now)]
            case ConfigMessage():
                return self._configure(message, now)
            case OrderMessage():
                self._orders.take(message, now)
                return []
            case CancelMessage(order=order):
                self._orders.drop(order)
                return [self._heard(Heard.CANCEL, order, now)]
            case CalledOffMessage(press=press, done=done, refused=refused):
                self.call_offs.hear(press, done=done, refused=refused)
                if not done and not refused:
                    return []
                what = Heard.CALLED_OFF if done else Heard.REFUSED
                return [self._heard(what, self._alarm(press), now)]

    # --- time ---

    def next_due(self) -> Instant | None:
        """When it next has something to say or do; None for never."""
        times = [
            self._duty_due,
            self.button.due(),
            self.call_offs.wishes.due(),
            self._orders.next_due(),
            self._lose_link_at,
        ]
        if self.on_duty:
            times.append(self.body.due())
        return min((t for t in times if t is not None), default=None)

    def expire(self, now: Instant) -> Said:
        """Everything that is due."""
        said: Said = []
        if self._duty_due is not None and self._duty_due <= now:
            self._duty_due = now + int(DUTY_REPEAT_S * SECOND)
            said.append(self._sign_on(now))
        said += self.button.repeats(now)
        said += self._positions(now)
        said += self.call_offs.wishes.repeats(now, linked=self._linked)
        said += self._orders.offers.repeats(now, linked=self._linked)
        said += [self._of_order(say, now) for say in self._orders.step(now, linked=self._linked)]
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
        self.drill = config.drill
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

    def _of_order(self, say: Say, now: Instant) -> Reading:
        if say.answer is None:
            return self._heard(Heard.SHOWN, say.order, now)
        t = self.stamp(now)
        return AnswerReading(
            radio=self.radio,
            community=self.community,
            assignment=say.order,
            state=say.answer,
            reason="",
            device_t=t,
            received_t=t,
        )

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
