"""Where radios are heard and spoken to by MQTT: two connections, one codec. Decides nothing.

Alarms, statuses and reports come by one connection, message by message, each the
broker's until the hub has it on disk; positions by another that a flood may fill
without an alarm standing behind it. By that other one the hub speaks, too: brokers
take a connection's packets one after the other, and ours waits for each QoS 1
message to be stored, so that the acks of alarms would stand behind orders and the
broker, unacknowledged, would hold the next alarms back. What cannot be read is
acknowledged at once, or the broker would send it for ever, and told with its reason.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import structlog

from devices.acl import HUB_USERS
from devices.codec import Codec, PositionReading
from devices.collect import COLLECT_S, Collector, FindRow
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
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
from dispatch.readings import FixBatch, MessageReading, PressReading
from dispatch.words import AssignmentState

ALARMS, POSITIONS = HUB_USERS
NOT_YET: Final = "not connected yet"

log = structlog.get_logger(__name__)


class OnReading(Protocol):
    """Hears the alarm lane. Called in the loop; must not block."""

    def __call__(self, reading: MessageReading, ack: Ack, /) -> None:
        """Call ``ack`` when it is on disk, or needs not be."""
        ...


class OnFixes(Protocol):
    """Hears the position lane, at most 20 times a second. Must not block."""

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
    ) -> None:
        """``hub_password`` is that of HUB_USERS; a login in the address goes before it."""
        self._codec = codec
        self._clock = clock
        self._on_reading = on_reading
        self._on_fixes = on_fixes
        self._on_refused = on_refused
        self._on_link = on_link
        self._on_taken = on_taken
        self._collector = Collector(find)
        self._due: asyncio.TimerHandle | None = None
        self._why = {ALARMS: NOT_YET, POSITIONS: NOT_YET}
        self._told = ""
        self.refused: Counter[str] = Counter()
        """Messages that could not be read, by reason."""
        self.mended: Counter[str] = Counter()
        """Presses taken although a part could not be read, by reason."""
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

        def link(who: Login) -> MqttLink:
            return MqttLink(
                address,
                who,
                on_message=self._on_message,
                on_link=lambda why: self._link_changed(who.client_id, why),
                chance=chance,
            )

        self._alarms = link(login(ALARMS, codec.alarm_filters, 1))
        self._positions = link(login(POSITIONS, codec.position_filters, 0))

    @property
    def up(self) -> bool:
        """Whether both connections stand."""
        return self._alarms.up and self._positions.up

    @property
    def shed(self) -> Counter[str]:
        """Fixes that gave way, by reason."""
        return self._collector.shed

    @property
    def unacked(self) -> int:
        """Messages the broker still waits to have acknowledged."""
        return self._alarms.unacked

    @property
    def acked_early(self) -> int:
        """Messages acknowledged before they were on disk, because the store is down."""
        return self._alarms.acked_early

    @property
    def held_back(self) -> int:
        """Repeats to radios not sent, since the broker still had the same before it."""
        return self._positions.held_back

    @property
    def dropped_out(self) -> int:
        """Messages to radios dropped for want of a link; the hub repeats what matters."""
        return self._positions.dropped_out

    async def run(self) -> None:
        """Listen until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._alarms.run(), name="mqtt alarms")
                tasks.create_task(self._positions.run(), name="mqtt positions")
        finally:
            if self._due is not None:
                self._due.cancel()

    def send(self, to_radio: ToRadio) -> None:
        """Say it to the radio. Dropped while the link is down: the hub repeats until answered."""
        topic, data = self._codec.encode(to_radio)
        self._positions.publish(
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

    def _on_message(self, topic: str, data: bytes, ack: Ack) -> None:
        try:
            reading = self._codec.decode(topic, data, self._clock.now())
        except DeviceProtocolError as error:
            ack()
            self.refused[error.reason] += 1
            self._on_refused(error, self._codec.speaker(topic))
            return
        if isinstance(reading, PositionReading):
            ack()
            self.heard["fixes"] += len(reading.fixes)
            self._collect(reading)
        else:
            self.heard["readings"] += 1
            if isinstance(reading, PressReading) and reading.mended:
                self._tell_mended(reading)
            self._on_reading(reading, ack)

    def _tell_mended(self, press: PressReading) -> None:
        self.mended.update(press.mended)
        log.warning("press_mended", radio=press.press.radio, faults=" ".join(press.mended))

    def _collect(self, reading: PositionReading) -> None:
        self._collector.add(reading)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(COLLECT_S, self._flush)

    def _flush(self) -> None:
        self._due = None
        batch = self._collector.take()
        if batch is not None:
            self._on_fixes(batch)

    def _link_changed(self, name: str, why: str) -> None:
        self._why[name] = why
        text = "; ".join(f"{name}: {why}" for name, why in self._why.items() if why)
        if text != self._told:
            self._told = text
            log.info("broker_link", why=text)
            self._on_link(text)


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
        case CalledOffMessage(press=press, done=done):
            return f"{press} {done}"
        case ConfigMessage(duty=duty, drill=drill):
            return f"{duty} {drill}"
