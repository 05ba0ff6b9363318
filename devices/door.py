"""Where radios are heard and spoken to by MQTT: four connections, one codec. Decides nothing.

Alarms come by one connection, statuses and reports by another, message by message, each
the broker's until the hub has it on disk. A broker keeps only so many unacknowledged to one
session, and ours tries a message beyond them again after five seconds: behind the statuses
of a thousand radios that come back, an alarm would wait that long. Statuses that come close
together are handed on together, so that the journal rests between them. Positions have a third,
which a flood may fill, read by a reader of our own. By a fourth the hub gives its orders:
brokers take a connection's packets one after the other, and ours waits for each QoS 1
message to be stored, so that the acks of alarms would stand behind orders and the broker,
unacknowledged, would hold the next alarms back. ``stored`` goes by the
alarms' own connection, one for an ack: two hundred presses call thousands of units, and
behind their orders the last ``stored`` would come seconds late, or find no room. What
cannot be read is acknowledged at once, or the broker would send it for ever, and told
with its reason. Of one radio so much is taken and no more (``measure``): alarms come one behind
the other, and a button that is stuck must not stand before the others'.

Positions are handled in slices, and between two of them the loop is the others'.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import structlog

from devices.acl import DOCTOR_PRESS_TOPIC, HUB_USERS
from devices.codec import Codec, PositionReading, Reading
from devices.gathering import Gathering, Hear
from devices.measure import MESSAGES_PER_S, MessageMeasure
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
from devices.positions.lane import FIXES_PER_S, OVERLOAD, SUPERSEDED, FindRow, PositionLane
from devices.positions.packets import Heard
from devices.positions.reader import PositionReader
from devices.positions.too_fast import TooFast
from dispatch.clock import Clock
from dispatch.errors import DeviceProtocolError
from dispatch.ids import AssignmentId, RadioId
from dispatch.outgoing import (
    CalledOffMessage,
    CancelMessage,
    ConfigMessage,
    OrderMessage,
    RadioMessage,
    SeenMessage,
    StoredMessage,
    ToRadio,
)
from dispatch.readings import (
    FixBatch,
    MessageReading,
    PressReading,
    TipReading,
    TrialReading,
)
from dispatch.seldom import Seldom
from dispatch.words import AssignmentState

ALARMS, STATUSES, POSITIONS, ORDERS = HUB_USERS
GIVE_WAY_S: Final = 0.001
GIVE_WAY_TRIES_MAX: Final = 15
"""Deciding whom to call and a commit take so long; a disk that stalls, or alarms without end, must
not cost the positions more than that a slice."""
NOT_YET: Final = "not connected yet"
NOBODYS_TOPIC: Final = "patrol/nobody/nobody/alarm"
"""By which the doctor's press is decoded: who made it is told by its own topic alone."""

READS_A_SLICE_MAX: Final = 8
"""Full reads between two slices of positions: some 16,000 messages unread for 512 handled."""
SLICE_FIXES_MAX: Final = 512
"""Handled in one go: a millisecond or so, in which an alarm waits."""

log = structlog.get_logger(__name__)


class OnReading(Protocol):
    """Hears the alarm lane. Called in the loop; must not block."""

    def __call__(self, reading: MessageReading | TrialReading, ack: Ack, /) -> None:
        """Call ``ack`` when it is on disk, or needs not be."""
        ...


class OnTip(Protocol):
    """Hears sealed tips, which nothing else does. Called in the loop; must not block."""

    def __call__(self, reading: TipReading, ack: Ack, /) -> None:
        """Call ``ack`` when it is on disk, or needs not be."""
        ...


class OnFixes(Protocol):
    """Hears the position lane, some hundred fixes at a time. Must not block."""

    def __call__(self, batch: FixBatch, /) -> None: ...


class OnRefused(Protocol):
    """Hears of what could not be read; ``radio`` is whose topic it came by, if anybody's."""

    def __call__(self, error: DeviceProtocolError, radio: RadioId | None, /) -> None: ...


class OnLink(Protocol):
    """Hears that the broker is there (""), or gone and why; told when it changes."""

    def __call__(self, why: str, /) -> None: ...


OnTaken = Callable[[AssignmentId], None]
"""Hears that the broker has an order that was offered; again for each time it was sent.
Called in the loop, between other messages; must not block."""


OnShed = Callable[[int], None]
"""Hears how many positions gave way to newer ones, because more come than can be handled."""


class MqttDoor:
    """The hub's ears and mouth. ``run`` it in a task; cancelling it says goodbye."""

    def __init__(
        self,
        address: BrokerAddress,
        *,
        codec: Codec,
        clock: Clock,
        on_reading: OnReading,
        on_fixes: OnFixes,
        find: FindRow,
        on_refused: OnRefused,
        on_link: OnLink,
        chance: random.Random,
        hub_password: str = "",
        on_taken: OnTaken | None = None,
        on_shed: OnShed | None = None,
        on_tip: OnTip | None = None,
        people_wait: Callable[[], bool] = lambda: False,
    ) -> None:
        """``hub_password`` is that of HUB_USERS; a login in the address goes before it.

        While ``people_wait`` for the disk or for a decision, positions and statuses wait a
        moment, too.
        """
        self._codec = codec
        self._clock = clock
        self._on_reading = on_reading
        self._on_fixes = on_fixes
        self._on_refused = on_refused
        self._on_link = on_link
        self._on_taken = on_taken
        self._on_shed = on_shed
        self._on_tip = on_tip
        self._people_wait = people_wait
        self._lane = PositionLane(codec, find, self._refuse, self._hear_too_fast)
        self._too_fast = TooFast()
        self._measure = MessageMeasure()
        self._seldom = Seldom()
        self._lane_filled = asyncio.Event()
        self._overloaded = 0
        """Positions that gave way to newer ones, as far as that was told."""
        self._why = dict.fromkeys(HUB_USERS, NOT_YET)
        self._told = ""
        self._refused: Counter[str] = Counter()
        self.mended: Counter[str] = Counter()
        """Presses taken although a part could not be read, by reason."""
        self.too_many = 0
        """Messages of the alarm lane not taken: their radios send more than their measure."""
        self.heard: Counter[str] = Counter()
        """Messages and fixes heard: ``readings`` and ``fixes``."""

        def login(name: str, filters: tuple[str, ...], qos: int) -> Login:
            return Login(
                client_id=name,
                username=address.username or name,
                password=address.password or hub_password,
                filters=tuple((each, qos) for each in filters),
                persistent=qos > 0,
            )

        def link(who: Login, hear: Hear = self._on_message) -> MqttLink:
            return MqttLink(
                address,
                who,
                on_message=hear,
                on_link=lambda why: self._link_changed(who.client_id, why),
                chance=chance,
            )

        self._alarms = link(login(ALARMS, codec.alarm_filters, 1), self._measured(self._on_message))
        self._gathering = Gathering(self._on_message, people_wait)
        statuses = login(STATUSES, codec.status_filters, 1)
        self._statuses = link(statuses, self._measured(self._gathering.on_message))
        self._orders = link(login(ORDERS, (), 0))
        self._positions = PositionReader(
            address,
            login(POSITIONS, codec.position_filters, 0),
            on_heard=self._hear_positions,
            on_link=partial(self._link_changed, POSITIONS),
            chance=chance,
        )

    @property
    def _heard_by(self) -> tuple[MqttLink, ...]:
        """The connections of the alarm lane."""
        return self._alarms, self._statuses

    @property
    def up(self) -> bool:
        """Whether all connections stand."""
        links = (*self._heard_by, self._orders)
        return self._positions.up and all(each.up for each in links)

    @property
    def refused(self) -> Counter[str]:
        """Messages that could not be read, by reason."""
        too_long = self._positions.too_long
        return self._refused + Counter({"too_long": too_long} if too_long else {})

    @property
    def shed(self) -> Counter[str]:
        """Positions that gave way, by reason."""
        return self._lane.shed

    @property
    def positions_waiting(self) -> int:
        """Messages of positions that were read and not handled yet."""
        return len(self._lane)

    @property
    def radios_too_fast(self) -> int:
        """Radios of which more came lately than is taken."""
        return self._too_fast.count(self._clock.now())

    @property
    def too_fast_words(self) -> str:
        """Which radios these are, in a sentence; empty where there are none."""
        return self._too_fast.words(self._clock.now())

    @property
    def unacked(self) -> int:
        """Messages the broker still waits to have acknowledged."""
        return sum(each.unacked for each in self._heard_by)

    @property
    def acked_early(self) -> int:
        """Messages acknowledged before they were on disk, because the store is down."""
        return sum(each.acked_early for each in self._heard_by)

    @property
    def held_back(self) -> int:
        """Repeats to radios not sent, since the broker still had the same before it."""
        return self._alarms.held_back + self._orders.held_back

    @property
    def dropped_out(self) -> int:
        """Messages to radios dropped for want of a link; the hub repeats what matters."""
        return self._alarms.dropped_out + self._orders.dropped_out

    async def run(self) -> None:
        """Listen until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._alarms.run(), name="mqtt alarms")
                tasks.create_task(self._statuses.run(), name="mqtt statuses")
                tasks.create_task(self._orders.run(), name="mqtt orders")
                tasks.create_task(self._positions.run(), name="mqtt positions")
                tasks.create_task(self._handle_positions(), name="positions")
        finally:
            self._gathering.close()

    def send(self, to_radio: ToRadio) -> None:
        """Say it to the radio. Dropped while the link is down: the hub repeats until answered."""
        topic, data = self._codec.encode(to_radio)
        link = self._alarms if isinstance(to_radio.message, StoredMessage) else self._orders
        link.publish(
            topic,
            data,
            qos=1,
            same=f"{topic} {_subject(to_radio.message)}",
            on_taken=self._taken(to_radio.message),
        )

    def _taken(self, message: RadioMessage) -> Callable[[], None] | None:
        """Whom to tell that the broker has it; None for nobody."""
        match message:
            case OrderMessage(order=order, state=AssignmentState.OFFERED) if self._on_taken:
                return partial(self._on_taken, order)
        return None

    def _measured(self, hear: Hear) -> Hear:
        """Hear what each radio may say; the rest is the broker's no more, and still its radio's."""

        def on_message(topic: str, data: bytes, ack: Ack) -> None:
            if self._measure.allows(topic, self._clock.now()):
                hear(topic, data, ack)
                return
            ack()
            self.too_many += 1
            radio = self._codec.speaker(topic)
            if radio is not None:
                self._hear_too_fast(radio, 1, MESSAGES_PER_S)

        return on_message

    def _on_message(self, topic: str, data: bytes, ack: Ack) -> None:
        try:
            reading = self._decode(topic, data)
        except DeviceProtocolError as error:
            ack()
            self._refuse(error, self._codec.speaker(topic))
            return
        assert not isinstance(reading, PositionReading), "positions have a connection of their own"
        self.heard["readings"] += 1
        if isinstance(reading, PressReading) and reading.mended:
            self._tell_mended(reading)
        if isinstance(reading, TipReading):
            self._hear_tip(reading, ack)
            return
        self._on_reading(reading, ack)

    def _decode(self, topic: str, data: bytes) -> Reading | TrialReading:
        """The reading; the doctor's press as if it were a radio's. Raises DeviceProtocolError."""
        if topic != DOCTOR_PRESS_TOPIC:
            return self._codec.decode(topic, data, self._clock.now())
        press = self._codec.decode(NOBODYS_TOPIC, data, self._clock.now())
        assert isinstance(press, PressReading)
        return TrialReading(press=press)

    def _hear_tip(self, tip: TipReading, ack: Ack) -> None:
        if self._on_tip is None:
            ack()
        else:
            self._on_tip(tip, ack)

    def _refuse(self, error: DeviceProtocolError, radio: RadioId | None) -> None:
        self._refused[error.reason] += 1
        self._on_refused(error, radio)

    def _tell_mended(self, press: PressReading) -> None:
        self.mended.update(press.mended)
        log.warning("press_mended", radio=press.press.radio, faults=" ".join(press.mended))

    # --- positions ---

    def _hear_positions(self, messages: list[Heard]) -> None:
        self._lane.hear(messages)
        shed = self._lane.shed[SUPERSEDED] + self._lane.shed[OVERLOAD]
        if shed > self._overloaded:
            if self._on_shed is not None:
                self._on_shed(shed - self._overloaded)
            self._overloaded = shed
        self._lane_filled.set()

    def _hear_too_fast(self, radio: RadioId, count: int, per_s: float = FIXES_PER_S) -> None:
        so_far = self._too_fast.note(radio, count, self._clock.now())
        if self._seldom.worth_telling(radio, asyncio.get_running_loop().time()):
            log.warning("radio_too_fast", radio=radio, taken_per_s=per_s, not_taken=so_far)

    async def _handle_positions(self) -> None:
        """Slice by slice, giving way to the alarm lane between them."""
        while True:
            await self._lane_filled.wait()
            self._lane_filled.clear()
            while (batch := self._lane.take(self._clock.now())) is not None:
                await self._read_on()
                self.heard["fixes"] += len(batch)
                if not len(batch):
                    await asyncio.sleep(0)
                for start in range(0, len(batch), SLICE_FIXES_MAX):
                    await give_way(self._people_wait)
                    self._handle(batch.chosen(slice(start, start + SLICE_FIXES_MAX)))
                    await asyncio.sleep(0)

    async def _read_on(self) -> None:
        """Under overload read far more than is handled: what is not read, the broker would have
        to drop, and us with it, whoever's newest position is in it."""
        for _ in range(READS_A_SLICE_MAX):
            if not self._positions.behind:
                return
            await asyncio.sleep(0)

    def _handle(self, batch: FixBatch) -> None:
        try:
            self._on_fixes(batch)
        except Exception:  # the next slice is not this one's fault
            log.exception("positions_failed", fixes=len(batch))

    def _link_changed(self, name: str, why: str) -> None:
        self._why[name] = why
        text = "; ".join(f"{name}: {why}" for name, why in self._why.items() if why)
        if text != self._told:
            self._told = text
            log.info("broker_link", why=text)
            self._on_link(text)


async def give_way(people_wait: Callable[[], bool]) -> None:
    """Let presses and calls reach the disk before more positions are handled: Python runs one
    thread at a time, and the journal's writer asks for its turn some twenty times a commit."""
    for _ in range(GIVE_WAY_TRIES_MAX):
        if not people_wait():
            return
        await asyncio.sleep(GIVE_WAY_S)


def _subject(message: RadioMessage) -> str:
    """What a message is about: a repeat has the same, whatever its time."""
    match message:
        case StoredMessage(subject=subject):
            return subject
        case SeenMessage(press=press, by=by):
            return f"{press} {by}"
        case OrderMessage(order=order, state=state):
            return f"{order} {state}"
        case CancelMessage(order=order):
            return order
        case CalledOffMessage(press=press, done=done, refused=refused):
            return f"{press} {done} {refused}"
        case ConfigMessage(duty=duty, drill=drill):
            return f"{duty} {drill}"
