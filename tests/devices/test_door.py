"""The door with a real broker: heard, withheld, delivered again, refused, reconnected."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.broker.config import IN_FLIGHT_MAX
from devices.door import GIVE_WAY_TRIES_MAX, ORDERS, MqttDoor, give_way
from devices.measure import MESSAGES_BURST
from devices.mqtt import BrokerAddress
from devices.v1 import V1
from devices.v1.radio import decode_to_radio
from dispatch.clock import HubClock
from dispatch.errors import DeviceProtocolError
from dispatch.ids import AssignmentId, CommunityId, IncidentId, RadioId
from dispatch.outgoing import OrderMessage, RadioTopic, StoredMessage, ToRadio
from dispatch.readings import FixBatch, MessageReading, PressReading, TrialReading
from dispatch.words import AssignmentState, Kind
from tests.broker import RunningBroker, running_broker
from tests.rows import Rows

pytestmark = pytest.mark.broker

WAIT_S = 20.0
"""For one thing to happen; above the 5 s after which the broker delivers again."""
RADIOS = {"r-1": ("demo", "secret-1"), "r-2": ("demo", "secret-2")}
T_MS = 1_760_000_000_000
Heard = tuple[MessageReading | TrialReading, Callable[[], None]]


class Listener:
    """Keeps what it hears; acknowledges at once unless told to withhold."""

    def __init__(self) -> None:
        self.withholds = False
        self.rows = Rows()
        self.readings: asyncio.Queue[Heard] = asyncio.Queue()
        self.batches: asyncio.Queue[FixBatch] = asyncio.Queue()
        self.refused: asyncio.Queue[tuple[str, RadioId | None]] = asyncio.Queue()
        self.links: asyncio.Queue[str] = asyncio.Queue()
        self.taken: asyncio.Queue[AssignmentId] = asyncio.Queue()

    def on_reading(self, reading: MessageReading | TrialReading, ack: Callable[[], None]) -> None:
        if not self.withholds:
            ack()
        self.readings.put_nowait((reading, ack))

    def on_taken(self, order: AssignmentId) -> None:
        self.taken.put_nowait(order)

    def on_refused(self, error: DeviceProtocolError, radio: RadioId | None) -> None:
        self.refused.put_nowait((error.reason, radio))

    async def press(self) -> tuple[PressReading, Callable[[], None]]:
        """The next press heard."""
        while True:
            async with asyncio.timeout(WAIT_S):
                reading, ack = await self.readings.get()
            if isinstance(reading, PressReading):
                return reading, ack

    async def link(self, *, up: bool) -> str:
        """What was said when the link next came (or went)."""
        while True:
            async with asyncio.timeout(WAIT_S):
                why = await self.links.get()
            if (why == "") == up:
                return why


@asynccontextmanager
async def open_door_at(
    address: BrokerAddress, listener: Listener, hub_password: str = ""
) -> AsyncIterator[MqttDoor]:
    """A door that stands open; shut when the block ends."""
    door = MqttDoor(
        address,
        codec=V1(),
        clock=HubClock(),
        on_reading=listener.on_reading,
        on_fixes=listener.batches.put_nowait,
        find=listener.rows.find,
        on_refused=listener.on_refused,
        on_link=listener.links.put_nowait,
        chance=random.Random(1),
        hub_password=hub_password,
        on_taken=listener.on_taken,
    )
    task = asyncio.create_task(door.run(), name="door")
    try:
        await listener.link(up=True)
        yield door
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def open_door(broker: RunningBroker, listener: Listener) -> AsyncIterator[MqttDoor]:
    """A door at the embedded broker."""
    address = BrokerAddress(host=broker.host, port=broker.mqtt_port)
    async with open_door_at(address, listener, broker.hub_password) as door:
        yield door


def alarm(counter: int, **more: object) -> str:
    """A press by its counter."""
    return json.dumps({"press": f"00ff00ff00ff00ff:{counter}", "t": T_MS, "kind": "sos", **more})


def position(i: int = 0) -> str:
    """A fix."""
    return json.dumps({"t": T_MS + i * 1000, "lon": 117.0, "lat": 36.0})


def stored(press: str, t: int) -> ToRadio:
    """An acknowledgement to r-1."""
    return ToRadio(
        community=CommunityId("demo"),
        radio=RadioId("r-1"),
        topic=RadioTopic.STORED,
        message=StoredMessage(subject=press, is_report=False, t=T_MS * 1000 + t),
    )


def order(number: int, state: AssignmentState = AssignmentState.OFFERED) -> ToRadio:
    """An order to r-1, or the echo of its answer."""
    return ToRadio(
        community=CommunityId("demo"),
        radio=RadioId("r-1"),
        topic=RadioTopic.ORDER,
        message=OrderMessage(
            order=AssignmentId(f"demo-20261121-001/{number}"),
            incident=IncidentId("demo-20261121-001"),
            kind=Kind.SOS,
            priority=1,
            state=state,
            t=T_MS * 1000,
            lon=None,
            lat=None,
            grid="",
            near="",
            near_m=None,
            bearing="",
            sender="",
            covert=False,
        ),
    )


async def test_a_press_is_heard_and_stored_goes_back(tmp_path: Path) -> None:
    """The shortest way through the product: button, broker, us, and the answer."""
    listener = Listener()
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener) as door,
        broker.radio("r-1") as radio,
    ):
        await radio.subscribe("radio/demo/r-1/+", qos=1)
        await radio.publish("patrol/demo/r-1/alarm", alarm(7), qos=1)

        press, _ = await listener.press()
        to_radio = stored(press.press.wire, 0)
        door.send(to_radio)
        answer = await radio.next_message()

    assert press.press.alarm == "r-1/00ff00ff00ff00ff/7"
    assert decode_to_radio(answer.topic, answer.payload) == to_radio


async def test_a_press_that_was_not_committed_is_delivered_again(tmp_path: Path) -> None:
    """A hub killed between hearing and storing gets the press from the broker once more."""
    listener = Listener()
    listener.withholds = True
    async with running_broker(tmp_path, RADIOS) as broker:
        async with open_door(broker, listener) as door, broker.radio("r-1") as radio:
            await radio.publish("patrol/demo/r-1/alarm", alarm(1), qos=1)
            await listener.press()
            assert door.unacked == 1

        async with open_door(broker, listener) as door:
            again, ack = await listener.press()
            ack()
            assert door.unacked == 0

    assert again.press.counter == 1


async def test_an_ack_of_an_earlier_connection_is_not_sent(tmp_path: Path) -> None:
    """Its packet id may be another alarm's by now; that alarm would be lost."""
    listener = Listener()
    listener.withholds = True
    async with running_broker(tmp_path, RADIOS) as broker:
        async with open_door(broker, listener), broker.radio("r-1") as radio:
            await radio.publish("patrol/demo/r-1/alarm", alarm(1), qos=1)
            _, stale = await listener.press()

        async with open_door(broker, listener) as door:
            again, _ = await listener.press()
            stale()

            assert door.unacked == 1

    assert again.press.counter == 1


async def test_positions_come_in_batches(tmp_path: Path) -> None:
    """Two hundred messages wake the hub a handful of times."""
    listener = Listener()
    rows = batches = 0
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener),
        broker.radio("r-1") as radio,
    ):
        for i in range(200):
            await radio.publish("patrol/demo/r-1/position", position(i))
        while rows < 200:
            async with asyncio.timeout(WAIT_S):
                batch = await listener.batches.get()
            assert set(listener.rows.radios(batch.rows)) == {"r-1"}
            rows, batches = rows + len(batch), batches + 1

    assert rows == 200
    assert batches < 100


async def test_hundreds_of_repeats_are_all_heard(tmp_path: Path) -> None:
    """Counting them is the hub's business; none is lost, none stops the lane."""
    count = int(MESSAGES_BURST)
    listener = Listener()
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener) as door,
        broker.radio("r-1") as radio,
    ):
        async with asyncio.TaskGroup() as tasks:
            for _ in range(count):
                tasks.create_task(radio.publish("patrol/demo/r-1/alarm", alarm(3), qos=1))
        heard = [(await listener.press())[0] for _ in range(count)]

        assert door.unacked == 0
    assert {(press.press.counter, press.digest) for press in heard} == {(3, heard[0].digest)}


async def test_a_flood_of_presses_stands_before_nobody(tmp_path: Path) -> None:
    """Alarms come one behind the other: what is more than a radio's measure is acknowledged and
    goes no farther, and its neighbour's press is heard. The flood is named."""
    listener = Listener()
    more = 100
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener) as door,
        broker.radio("r-1") as flooding,
        broker.radio("r-2") as neighbour,
    ):
        async with asyncio.TaskGroup() as tasks:
            for n in range(int(MESSAGES_BURST) + more):
                data = alarm(n + 1)
                tasks.create_task(flooding.publish("patrol/demo/r-1/alarm", data, qos=1))
        await neighbour.publish("patrol/demo/r-2/alarm", alarm(1), qos=1)

        heard = 0
        while (await listener.press())[0].press.radio != "r-2":
            heard += 1

        assert door.unacked == 0
        assert heard + door.too_many >= MESSAGES_BURST + more  # what is slow is delivered again
        assert door.too_many > 0
        assert "r-1" in door.too_fast_words


async def test_garbage_is_refused_and_the_next_press_still_heard(tmp_path: Path) -> None:
    """Each refusal has its reason, is acknowledged, and costs nothing else."""
    listener = Listener()
    bad = [
        (b"\xff\x00garbage", "not_json"),
        (b"[]", "wrong_type"),
        (alarm(1).encode().ljust(64 * 1024 + 1), "too_long"),
        (b'{"t": 1760000000000, "kind": "sos"}', "missing_member"),
    ]
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener) as door,
        broker.radio("r-1") as radio,
    ):
        for data, _ in bad:
            await radio.publish("patrol/demo/r-1/alarm", data, qos=1)
        await radio.publish("patrol/demo/r-1/alarm", alarm(2), qos=1)

        press, _ = await listener.press()
        reasons = [listener.refused.get_nowait() for _ in range(listener.refused.qsize())]

        assert door.unacked == 0
        assert door.refused == {reason: 1 for _, reason in bad}
    assert reasons == [(reason, RadioId("r-1")) for _, reason in bad]
    assert press.press.counter == 2


async def test_a_press_with_an_impossible_place_is_heard_and_counted(tmp_path: Path) -> None:
    """A receiver that is off its head must not silence its bearer."""
    listener = Listener()
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener) as door,
        broker.radio("r-1") as radio,
    ):
        bad = alarm(1, fix={"t": T_MS, "lon": 500, "lat": 0})
        await radio.publish("patrol/demo/r-1/alarm", bad, qos=1)

        press, _ = await listener.press()

        assert press.fix is None
        assert door.mended == {"out_of_range": 1}
        assert not door.refused


async def test_a_listener_that_fails_costs_one_message(tmp_path: Path) -> None:
    """A bug of ours must not end the lane for every radio."""
    listener = Listener()
    hear = listener.on_reading

    def fails_on_the_first(reading: MessageReading | TrialReading, ack: Callable[[], None]) -> None:
        if isinstance(reading, PressReading) and reading.press.counter == 1:
            raise RuntimeError("a bug")
        hear(reading, ack)

    listener.on_reading = fails_on_the_first  # type: ignore[method-assign]  # this one instance
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener),
        broker.radio("r-1") as radio,
    ):
        await radio.publish("patrol/demo/r-1/alarm", alarm(1), qos=1)
        await radio.publish("patrol/demo/r-1/alarm", alarm(2), qos=1)

        press, _ = await listener.press()

    assert press.press.counter == 2


async def test_a_broker_that_restarts_is_found_again(tmp_path: Path) -> None:
    """The hub says that it is gone, comes back by itself, and hears the next press."""
    listener = Listener()
    async with running_broker(tmp_path, RADIOS) as broker, open_door(broker, listener) as door:
        await broker.stop(kill=True)
        while ORDERS not in (why := await listener.link(up=False)):
            pass
        door.send(stored("00ff00ff00ff00ff:1", 0))
        assert door.dropped_out == 1
        await broker.start()
        await listener.link(up=True)
        await broker.admission_back()
        async with broker.radio("r-2") as radio:
            await radio.publish("patrol/demo/r-2/alarm", alarm(9), qos=1)
            press, _ = await listener.press()

    assert "connection lost" in why
    assert press.press.radio == "r-2"


async def test_no_press_stands_behind_statuses(tmp_path: Path) -> None:
    """A thousand radios come back, and the broker keeps 256 unacknowledged to a session."""
    listener = Listener()
    listener.withholds = True
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener) as door,
        broker.radio("r-1") as radio,
        broker.radio("r-2") as other,
    ):
        for t in range(IN_FLIGHT_MAX + 50):
            await radio.publish("patrol/demo/r-1/status", f'{{"t":{T_MS + t},"duty":"on"}}', qos=1)
        async with asyncio.timeout(WAIT_S):
            for _ in range(IN_FLIGHT_MAX):
                await listener.readings.get()
        assert door.unacked == IN_FLIGHT_MAX
        await other.publish("patrol/demo/r-2/alarm", alarm(1), qos=1)
        press, _ = await listener.press()

    assert press.press.radio == "r-2"


async def test_what_is_on_its_way_is_not_said_again(tmp_path: Path) -> None:
    """A broker that is behind must not be given each repeat of an order on top."""
    listener = Listener()
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        open_door(broker, listener) as door,
        broker.radio("r-1") as radio,
    ):
        await radio.subscribe("radio/demo/r-1/+", qos=1)
        for time in range(5):
            door.send(stored("00ff00ff00ff00ff:1", time))
        door.send(stored("00ff00ff00ff00ff:2", 0))
        heard = [await radio.next_message() for _ in range(2)]
        assert door.held_back == 4
        while True:  # until the broker has acknowledged the first
            before = door.held_back
            door.send(stored("00ff00ff00ff00ff:1", 9))
            if door.held_back == before:
                break
            await asyncio.sleep(0)
        heard.append(await radio.next_message())

    assert [json.loads(message.payload)["press"][-1] for message in heard] == ["1", "2", "1"]
    assert door.dropped_out == 0


async def test_it_is_told_when_the_broker_has_an_order(tmp_path: Path) -> None:
    """The first step of a call on its way; echoes, and all else that is said, are not told of."""
    listener = Listener()
    async with running_broker(tmp_path, RADIOS) as broker, open_door(broker, listener) as door:
        door.send(order(1, AssignmentState.ACCEPTED))
        door.send(stored("00ff00ff00ff00ff:1", 0))
        door.send(order(2))
        door.send(order(3))
        async with asyncio.timeout(WAIT_S):
            taken = [await listener.taken.get() for _ in range(2)]

    assert taken == ["demo-20261121-001/2", "demo-20261121-001/3"]
    assert listener.taken.empty()


async def test_an_order_that_died_with_its_connection_was_not_taken(tmp_path: Path) -> None:
    """Packet ids begin anew with each connection: an ack of another message must not count."""
    listener = Listener()
    async with running_broker(tmp_path, RADIOS) as broker, open_door(broker, listener) as door:
        await broker.stop(kill=True)
        door.send(order(1))
        await listener.link(up=False)
        door.send(order(2))
        await broker.start()
        await listener.link(up=True)
        door.send(order(3))
        async with asyncio.timeout(WAIT_S):
            taken = await listener.taken.get()

    assert taken == "demo-20261121-001/3"
    assert listener.taken.empty()


async def test_who_fails_at_hearing_that_an_order_was_taken_costs_no_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The ladder of a call is worth knowing; the next order is worth more."""
    listener = Listener()
    hears = listener.on_taken

    def fails_on_the_first(order: AssignmentId) -> None:
        hears(order)
        if order.endswith("/1"):
            raise RuntimeError("a bug")

    listener.on_taken = fails_on_the_first  # type: ignore[method-assign]  # this one instance
    async with running_broker(tmp_path, RADIOS) as broker, open_door(broker, listener) as door:
        door.send(order(1))
        door.send(order(2))
        async with asyncio.timeout(WAIT_S):
            taken = [await listener.taken.get() for _ in range(2)]
        assert door.up

    assert [each[-1] for each in taken] == ["1", "2"]
    assert "a bug" in caplog.text


async def test_a_broker_that_refuses_us_is_told_of_and_asked_again(tmp_path: Path) -> None:
    """A wrong password is a sentence on the console, not a crash."""
    listener = Listener()
    async with running_broker(tmp_path, RADIOS) as broker:
        door = MqttDoor(
            BrokerAddress(host=broker.host, port=broker.mqtt_port),
            codec=V1(),
            clock=HubClock(),
            on_reading=listener.on_reading,
            on_fixes=listener.batches.put_nowait,
            find=listener.rows.find,
            on_refused=listener.on_refused,
            on_link=listener.links.put_nowait,
            chance=random.Random(1),
            hub_password="wrong",
        )
        task = asyncio.create_task(door.run())
        why = await listener.link(up=False)
        while "refused" not in why:
            why = await listener.link(up=False)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert not door.up


async def test_positions_give_way_to_people_but_not_for_ever() -> None:
    """A commit takes some milliseconds; a disk that stalls must not end the position lane."""
    asked: list[bool] = []

    def people_wait(answers: Iterator[bool]) -> Callable[[], bool]:
        def ask() -> bool:
            asked.append(True)
            return next(answers)

        return ask

    await give_way(people_wait(iter([True, True, False])))
    assert len(asked) == 3

    asked.clear()
    await give_way(people_wait(itertools.repeat(True)))
    assert len(asked) == GIVE_WAY_TRIES_MAX
