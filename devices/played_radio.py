"""A radio that nobody carries, played for the length of a press. It does not walk or answer orders.

One connection with the radio's own secret: the press is repeated until it is stored, the
wish to call it off until the centre has it, and what the centre repeats is confirmed. It
neither signs on nor leaves a last will: a radio in a drawer is no unit on duty.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from devices.codec import Reading
from devices.credentials import RadioCredentials
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
from devices.simulator.button import REPEAT_S, Button
from devices.simulator.wishes import CALL_OFF_REPEAT_S, CallOff, CallOffs
from devices.v1.radio import decode_to_radio, encode_reading, own_filter
from dispatch.clock import Instant
from dispatch.errors import DeviceProtocolError
from dispatch.ids import AlarmId
from dispatch.outgoing import CalledOffMessage, SeenMessage, StoredMessage
from dispatch.readings import CallOffReading, Heard, HeardReading
from dispatch.words import Kind

WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a press."""

    stored: bool
    press: str
    waited_s: float
    why: str = ""
    """Why it was not stored, as far as is known."""
    drill: bool | None = None
    """Whether the centre takes it for part of an exercise; None where it did not say."""


class PlayedRadio:
    """The radio, from ``async with`` to its end."""

    def __init__(
        self,
        known: RadioCredentials,
        address: BrokerAddress,
        *,
        chance: random.Random,
        wall_ns: Callable[[], int],
        wait_s: float = WAIT_S,
    ) -> None:
        self._known = known
        self._wall_ns = wall_ns
        self._wait_s = wait_s
        self._button = Button(known.radio, known.community, chance)
        self._call_offs = CallOffs()
        self._why = ""
        self._something = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._link = MqttLink(
            address,
            Login(
                client_id=known.radio,
                username=known.radio,
                password=known.secret,
                filters=((own_filter(known.community, known.radio), 1),),
            ),
            on_message=self._on_message,
            on_link=self._on_link,
            chance=chance,
        )

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._link.run(), name=f"played {self._known.radio}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def press(self, *, kind: Kind, covert: bool, drill: bool) -> Outcome:
        """Push its button until that is stored."""
        begun_s = asyncio.get_running_loop().time()
        now = self._now()
        said = self._button.press(
            kind=kind, covert=covert, drill=drill, fix=None, stamp=now, now=now
        )
        press = said.press.wire
        stored = await self._say_until(said, REPEAT_S, lambda: not self._button.waiting(press))
        return Outcome(
            stored=stored,
            press=press,
            waited_s=asyncio.get_running_loop().time() - begun_s,
            why="" if stored else self._why or "The centre did not answer.",
            drill=self._button.taken_for_drill(press),
        )

    async def call_off(self, press: str, pin: str) -> bool:
        """Ask to call the press off; whether the centre has the wish."""
        now = self._now()
        wish = CallOffReading(
            radio=self._known.radio,
            community=self._known.community,
            alarm=self._alarm(press),
            pin=pin,
            device_t=now,
            received_t=now,
        )
        return await self._say_until(
            wish, CALL_OFF_REPEAT_S, lambda: self._call_offs.stage(press) is not None
        )

    async def called_off(self, press: str, wait_s: float) -> CallOff | None:
        """How far the wish is once it is answered, or after so many seconds."""
        try:
            async with asyncio.timeout(wait_s):
                while self._call_offs.stage(press) not in (CallOff.DONE, CallOff.REFUSED):
                    await self._something_heard(wait_s)
        except TimeoutError:
            pass  # told in the answer
        return self._call_offs.stage(press)

    async def _say_until(self, said: Reading, every_s: float, done: Callable[[], bool]) -> bool:
        """Say it again and again; whether it was answered in time."""
        try:
            async with asyncio.timeout(self._wait_s):
                while not done():
                    self._say(said)
                    await self._something_heard(every_s)
        except TimeoutError:
            pass  # told in the answer
        return done()

    async def _something_heard(self, wait_s: float) -> None:
        """Wait for news of the link or the centre, at most so long."""
        self._something.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._something.wait()
        except TimeoutError:
            pass  # time to repeat

    def _say(self, said: Reading) -> None:
        if self._link.up:
            topic, data = encode_reading(said)
            self._link.publish(topic, data, qos=1)

    def _on_message(self, topic: str, data: bytes, ack: Ack) -> None:
        ack()
        try:
            message = decode_to_radio(topic, data).message
        except DeviceProtocolError:
            return  # not for a press
        match message:
            case StoredMessage(subject=subject, drill=drill):
                self._button.stored(subject, drill=drill)
            case SeenMessage(press=press):
                self._confirm(Heard.SEEN, press)
            case CalledOffMessage(press=press, done=done, refused=refused):
                self._call_offs.hear(press, done=done, refused=refused)
                if done or refused:
                    self._confirm(Heard.CALLED_OFF if done else Heard.REFUSED, press)
            case _:
                return
        self._something.set()

    def _confirm(self, what: Heard, press: str) -> None:
        self._say(
            HeardReading(
                radio=self._known.radio,
                community=self._known.community,
                what=what,
                subject=self._alarm(press),
                received_t=self._now(),
            )
        )

    def _on_link(self, why: str) -> None:
        self._why = f"The broker: {why}." if why else ""
        self._something.set()

    def _alarm(self, press: str) -> AlarmId:
        return AlarmId(f"{self._known.radio}/{press.replace(':', '/')}")

    def _now(self) -> Instant:
        return self._wall_ns() // 1000
