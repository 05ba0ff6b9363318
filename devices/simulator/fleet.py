"""Plays many simulated radios as MQTT clients, each by a connection of its own. Thin waiting.

They are outside clients like any radio: same broker, same admission, same wire. One
task a radio keeps its connection; one timer a radio wakes it when something is due.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from devices.codec import PositionReading, Reading
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
from devices.simulator.radio import SimulatedRadio
from devices.simulator.wishes import CallOff
from devices.v1.radio import decode_to_radio, encode_reading, own_filter, will
from dispatch.clock import CLOCK_SPEED_MAX, SECOND, Instant
from dispatch.errors import DeviceProtocolError
from dispatch.ids import IncidentId
from dispatch.outgoing import ConfigMessage
from dispatch.readings import AnswerReading, CallOffReading, OfferReading, PressReading
from dispatch.words import Kind

HEARS_QOS: Final = 0
"""All that matters is repeated until confirmed. For QoS 1 the embedded broker keeps a queue a
radio: with 220 radios a message to one cost it 0.56 ms, with QoS 0 it costs 0.02 ms."""
STARTS_PER_S: Final = 40.0
"""Connections begun in a second: a fleet must not look like an attack."""
STORED_TIMEOUT_S: Final = 10.0

log = structlog.get_logger(__name__)


class PassingTime:
    """Time as it passes at the centre: ``speed`` times as fast as here, and never jumping."""

    def __init__(self, steady_ns: Callable[[], int], speed: float) -> None:
        self._steady_ns = steady_ns
        self._passed: float = 0.0
        self._since_ns = steady_ns()
        self.speed = speed

    def now(self) -> Instant:
        """Microseconds that have passed at the centre since this was made."""
        return int(self._passed + (self._steady_ns() - self._since_ns) / 1000 * self.speed)

    def run_at(self, speed: float) -> None:
        """From now on so fast; what has passed stays."""
        if speed != self.speed and 0 < speed <= CLOCK_SPEED_MAX:
            self._passed, self._since_ns = float(self.now()), self._steady_ns()
            self.speed = speed

    def real_s(self, until: Instant) -> float:
        """Seconds of waiting here until ``until``."""
        return max(0.0, (until - self.now()) / SECOND / self.speed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What became of a press."""

    reading: PressReading
    stored: bool
    waited_s: float
    """Real seconds until ``stored`` was heard, or until nobody waited any longer."""


class RadioClient:
    """One simulated radio and its connection."""

    def __init__(
        self,
        radio: SimulatedRadio,
        *,
        secret: str,
        address: BrokerAddress,
        time: PassingTime,
        chance: random.Random,
    ) -> None:
        self.radio = radio
        self.changed = asyncio.Event()
        """Set whenever something was heard or fell due; whoever waits clears it first."""
        self._time = time
        self._timer: asyncio.TimerHandle | None = None
        self._cut = asyncio.Event()
        self._cut_for_s = 0.0
        self._link = MqttLink(
            address,
            Login(
                client_id=radio.radio,
                username=radio.radio,
                password=secret,
                filters=((own_filter(radio.community, radio.radio), HEARS_QOS),),
                will=will(radio.community, radio.radio),
            ),
            on_message=self._on_message,
            on_link=self._on_link,
            chance=chance,
        )

    @property
    def linked(self) -> bool:
        """Whether it has a connection now."""
        return self._link.up

    async def run(self) -> None:
        """Live until cancelled: stay connected, lose the link now and then, come back."""
        self._arm()
        try:
            while True:
                await self._stay_linked()
                await asyncio.sleep(self._cut_for_s / self._time.speed)
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def wake(self) -> None:
        """Something of its body changed: look at once what is due."""
        self._arm()

    async def press(
        self,
        *,
        kind: Kind = Kind.SOS,
        covert: bool = False,
        drill: bool = False,
        wait_s: float = STORED_TIMEOUT_S,
    ) -> Pressed:
        """Push the button and wait until the press is stored, or so many real seconds."""
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        reading = self.radio.press(self._time.now(), kind=kind, covert=covert, drill=drill)
        self._say([reading])
        self._arm()
        stored = await self._until(
            lambda: not self.radio.button.waiting(reading.press.wire), wait_s
        )
        return Pressed(reading=reading, stored=stored, waited_s=loop.time() - begun_s)

    def call_off(self, press: str, *, pin: str = "") -> None:
        """Ask to call a press off; the radio goes on asking until it is answered."""
        self._say([self.radio.call_off(press, self._time.now(), pin=pin)])
        self._arm()

    async def call_off_reaches(
        self, press: str, stage: CallOff, *, wait_s: float
    ) -> CallOff | None:
        """How far the wish is once it is so far, or at its end, or after so many seconds."""
        ends = (stage, CallOff.DONE, CallOff.REFUSED, CallOff.UNANSWERED, None)
        await self._until(lambda: self.radio.call_offs.stage(press) in ends, wait_s)
        return self.radio.call_offs.stage(press)

    def offer(self, incident: IncidentId | None = None) -> None:
        """Offer to go there, or to what is nearest; the radio goes on offering for a while."""
        self._say([self.radio.offer(self._time.now(), incident)])
        self._arm()

    def status(self) -> dict[str, Any]:
        """What a control panel shows of it."""
        return {
            "unit": self.radio.radio,
            "linked": self.linked,
            "on_duty": self.radio.on_duty,
            "orders": [
                {
                    "order": duty.order.order,
                    "state": duty.said.value,
                    "shown": duty.shown,
                    "drill": duty.order.drill,
                }
                for duty in self.radio.orders.values()
            ],
            "seen_by": self.radio.seen_by,
            "call_off": self.radio.call_off_shown,
            "drill": self.radio.drill,
        }

    async def _until(self, true: Callable[[], bool], wait_s: float) -> bool:
        """Whether it became true in so many real seconds; the radio goes on either way."""
        try:
            async with asyncio.timeout(wait_s):
                while not true():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return true()
        return True

    async def _stay_linked(self) -> None:
        """Returns when the radio's link is to be lost, after losing it without a word."""
        self._cut.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                link = tasks.create_task(self._link.run(), name=f"link {self.radio.radio}")
                try:
                    await self._cut.wait()
                except asyncio.CancelledError:
                    self._say(self.radio.goodbye(self._time.now()))
                    raise
                self._link.cut()
                link.cancel()
        finally:
            self.radio.link_down()

    def _on_link(self, why: str) -> None:
        if why:
            log.debug("radio_link_lost", radio=self.radio.radio, why=why)
            self.radio.link_down()
        else:
            self._say(self.radio.link_up(self._time.now()))
        self._arm()

    def _on_message(self, topic: str, data: bytes, ack: Ack) -> None:
        ack()
        try:
            message = decode_to_radio(topic, data).message
        except DeviceProtocolError as error:
            log.warning("radio_heard_nonsense", radio=self.radio.radio, why=str(error))
            return
        if isinstance(message, ConfigMessage):
            self._time.run_at(message.clock_speed)
        self._say(self.radio.hear(message, self._time.now()))
        self.changed.set()
        self._arm()

    def _wake(self) -> None:
        self._timer = None
        self._say(self.radio.expire(self._time.now()))
        self.changed.set()
        cut_for_s = self.radio.take_cut()
        if cut_for_s is not None:
            self._cut_for_s = cut_for_s
            self._cut.set()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.radio.next_due()
        if due is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._time.real_s(due), self._wake)

    def _say(self, readings: Sequence[Reading]) -> None:
        for reading in readings:
            topic, data = encode_reading(reading)
            if isinstance(reading, PositionReading):
                self._link.publish(topic, data, qos=0)
            else:
                self._link.publish(topic, data, qos=1, same=_same(topic, reading))


class Fleet:
    """Many of them."""

    def __init__(self, clients: Iterable[RadioClient]) -> None:
        self.clients = {client.radio.radio: client for client in clients}

    async def run(self) -> None:
        """Start them one after the other, then let them live until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for client in self.clients.values():
                tasks.create_task(client.run(), name=f"radio {client.radio.radio}")
                await asyncio.sleep(1.0 / STARTS_PER_S)

    def status(self) -> list[dict[str, Any]]:
        """What a control panel shows of each radio."""
        return [client.status() for client in self.clients.values()]


def _same(topic: str, reading: Reading) -> str:
    """The name of what is repeated; "" for what is said once each time."""
    match reading:
        case PressReading(press=press):
            return press.wire
        case AnswerReading(assignment=assignment, state=state):
            return f"{topic} {assignment} {state}"
        case CallOffReading(alarm=alarm, pin=pin):
            return f"{topic} call_off {alarm} {pin}"
        case OfferReading(incident=incident):
            return f"{topic} offer {incident or ''}"
        case _:
            return ""
