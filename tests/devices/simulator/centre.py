"""A dispatch centre in its shortest form: stores presses, confirms duty and answers.

It calls off what a sender asks to be called off, where it was told to grant that, and
sends who offers to go.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from devices.door import MqttDoor
from devices.mqtt import BrokerAddress
from devices.v1 import V1
from dispatch.clock import HubClock
from dispatch.ids import AssignmentId, IncidentId, RadioId
from dispatch.outgoing import (
    CalledOffMessage,
    ConfigMessage,
    OrderMessage,
    RadioMessage,
    RadioTopic,
    StoredMessage,
    ToRadio,
)
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    FixBatch,
    MessageReading,
    OfferReading,
    PressReading,
    TrialReading,
)
from dispatch.words import AssignmentState, Kind
from tests.broker import RunningBroker
from tests.rows import Rows

WAIT_S = 20.0


class Centre:
    """Keeps what it hears."""

    def __init__(
        self,
        *,
        clock_speed: float = 1.0,
        stores: bool = True,
        grants: bool | None = True,
        exercise: bool = False,
    ) -> None:
        """``grants``: its answer to who wishes to call off; None for no answer."""
        self.clock = HubClock(speed=clock_speed)
        self.stores = stores
        self.grants = grants
        self.exercise = exercise
        self.readings: list[MessageReading] = []
        self.batches: list[FixBatch] = []
        self.rows = Rows()
        self.up = asyncio.Event()
        self._heard = asyncio.Condition()
        self._door: MqttDoor | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def until(self, true: Callable[[], bool]) -> None:
        """Returns when it is true of what was heard."""
        async with asyncio.timeout(WAIT_S), self._heard:
            await self._heard.wait_for(true)

    def of(self, kind: type[MessageReading]) -> list[MessageReading]:
        """The readings of one kind."""
        return [reading for reading in self.readings if isinstance(reading, kind)]

    def order(self, to: DutyReading) -> None:
        """Send this radio somewhere."""
        self._say(to, RadioTopic.ORDER, self._order(AssignmentState.OFFERED))

    def on_reading(self, reading: MessageReading | TrialReading, ack: Callable[[], None]) -> None:
        """Answer as a hub would, and keep it."""
        ack()
        assert not isinstance(reading, TrialReading), "no doctor comes here"
        self.readings.append(reading)
        now = self.clock.now()
        match reading:
            case DutyReading(on=on):
                config = ConfigMessage(duty=on, t=now, interval_s=1.0, clock_speed=self.clock.speed)
                self._say(reading, RadioTopic.CONFIG, config)
            case PressReading(press=press, drill=drill) if self.stores:
                taken = self.exercise if drill else None
                stored = StoredMessage(subject=press.wire, is_report=False, t=now, drill=taken)
                self._say(reading, RadioTopic.STORED, stored)
            case AnswerReading(state=state):
                self._say(reading, RadioTopic.ORDER, self._order(state))
            case CallOffReading(alarm=alarm):
                _, boot, counter = alarm.split("/")
                has_it = CalledOffMessage(press=f"{boot}:{counter}", done=False, t=now)
                self._say(reading, RadioTopic.CALLED_OFF, has_it)
                if self.grants is not None:
                    answer = replace(has_it, done=self.grants, refused=not self.grants)
                    self._say(reading, RadioTopic.CALLED_OFF, answer)
            case OfferReading():
                going = self._order(AssignmentState.ACCEPTED)
                self._say(reading, RadioTopic.ORDER, going)
        self._tell()

    def on_fixes(self, batch: FixBatch) -> None:
        """Keep them."""
        self.batches.append(batch)
        self._tell()

    def connected(self, door: MqttDoor) -> None:
        """The door to answer by."""
        self._door = door

    def on_link(self, why: str) -> None:
        """Ready when the broker is there."""
        if not why:
            self.up.set()

    def _tell(self) -> None:
        async def tell() -> None:
            async with self._heard:
                self._heard.notify_all()

        task = asyncio.create_task(tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _say(self, to: MessageReading, topic: RadioTopic, message: RadioMessage) -> None:
        assert self._door is not None
        radio = to.press.radio if isinstance(to, PressReading) else to.radio
        self._door.send(
            ToRadio(community=to.community, radio=RadioId(radio), topic=topic, message=message)
        )

    def _order(self, state: AssignmentState) -> OrderMessage:
        return OrderMessage(
            order=AssignmentId("demo-20261121-001/1"),
            incident=IncidentId("demo-20261121-001"),
            kind=Kind.SOS,
            priority=1,
            state=state,
            t=self.clock.now(),
            lon=117.0,
            lat=36.0,
            grid="",
            near="",
            near_m=None,
            bearing="",
            sender="",
            covert=False,
        )


@asynccontextmanager
async def running_centre(
    broker: RunningBroker,
    *,
    clock_speed: float = 1.0,
    stores: bool = True,
    grants: bool | None = True,
    exercise: bool = False,
) -> AsyncIterator[Centre]:
    """A centre that hears; gone when the block ends."""
    centre = Centre(clock_speed=clock_speed, stores=stores, grants=grants, exercise=exercise)
    door = MqttDoor(
        BrokerAddress(host=broker.host, port=broker.mqtt_port),
        codec=V1(),
        clock=centre.clock,
        on_reading=centre.on_reading,
        on_fixes=centre.on_fixes,
        find=centre.rows.find,
        on_refused=lambda error, radio: None,
        on_link=centre.on_link,
        chance=random.Random(1),
        hub_password=broker.hub_password,
    )
    centre.connected(door)
    task = asyncio.create_task(door.run(), name="centre")
    try:
        async with asyncio.timeout(WAIT_S):
            await centre.up.wait()
        yield centre
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
