"""The connection of positions: at a broker of ours, and at one that does as it likes."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bench.packets import publish
from devices.door import POSITIONS
from devices.mqtt import BrokerAddress, Login
from devices.positions.packets import Heard
from devices.positions.reader import PositionReader
from tests.broker import running_broker

WAIT_S = 20.0
TOPIC = "patrol/demo/r-1/position"
CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x00"


class Ears:
    """What a reader told."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.links: asyncio.Queue[str] = asyncio.Queue()
        self._more = asyncio.Event()

    def hear(self, messages: list[Heard]) -> None:
        self.heard += messages
        self._more.set()

    async def until(self, true: Callable[[], bool]) -> None:
        """Returns when it is true of what was heard."""
        async with asyncio.timeout(WAIT_S):
            while not true():
                self._more.clear()
                await self._more.wait()

    async def link(self) -> str:
        """What is said next of the link."""
        async with asyncio.timeout(WAIT_S):
            return await self.links.get()


@asynccontextmanager
async def reading(
    ears: Ears, port: int, *, password: str = "secret"
) -> AsyncIterator[PositionReader]:
    """A reader at this port; it has said goodbye when the block ends."""
    name = POSITIONS
    reader = PositionReader(
        BrokerAddress(host="127.0.0.1", port=port),
        Login(
            client_id=name,
            username=name,
            password=password,
            filters=(("patrol/+/+/position", 0),),
        ),
        on_heard=ears.hear,
        on_link=ears.links.put_nowait,
        chance=random.Random(1),
    )
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def told(*answers: bytes, closes: bool = False) -> AsyncIterator[int]:
    """A broker that answers each thing it hears with the next of these; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            if not await reader.read(4096):
                break
            writer.write(answer)
        if not closes:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.broker
async def test_all_that_is_published_is_heard_in_order(tmp_path: Path) -> None:
    """At the embedded broker, in bursts; another community's too, for who hears is the hub."""
    ears = Ears()
    radios = {"r-1": ("demo", "secret"), "r-2": ("west", "secret")}
    async with (
        running_broker(tmp_path, radios) as broker,
        reading(ears, broker.mqtt_port, password=broker.hub_password) as reader,
        broker.radio("r-1") as radio,
        broker.radio("r-2") as other,
    ):
        assert await ears.link() == ""
        assert reader.up
        for i in range(300):
            await radio.publish(TOPIC, b"%d" % i)
        await other.publish("patrol/west/r-2/position", b"x" * 60_000)
        await ears.until(lambda: len(ears.heard) == 301)

    mine = [payload for topic, payload in ears.heard if topic == TOPIC.encode()]
    assert mine == [b"%d" % i for i in range(300)]


@pytest.mark.broker
async def test_a_broker_that_restarts_is_found_again(tmp_path: Path) -> None:
    """By itself, and the reason is told meanwhile."""
    ears = Ears()
    async with (
        running_broker(tmp_path, {"r-1": ("demo", "secret")}) as broker,
        reading(ears, broker.mqtt_port, password=broker.hub_password) as reader,
    ):
        assert await ears.link() == ""
        await broker.stop(kill=True)
        why = await ears.link()
        assert why
        assert not reader.up
        await broker.start()
        while await ears.link() != "":
            pass
        await broker.admission_back()
        async with broker.radio("r-1") as radio:
            await radio.publish(TOPIC, b"again")
            await ears.until(lambda: bool(ears.heard))

    assert ears.heard == [(TOPIC.encode(), b"again")]


@pytest.mark.broker
async def test_a_wrong_password_is_told_in_words(tmp_path: Path) -> None:
    """As the broker says it, and asked again."""
    ears = Ears()
    async with (
        running_broker(tmp_path, {}) as broker,
        reading(ears, broker.mqtt_port, password="guessed"),
    ):
        why = await ears.link()

    assert why in ("refused: not authorised", "refused: bad user name or password")


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((b"\x20\x02\x00\x03",), "refused: the broker is not ready"),
        ((b"\x20\x02\x00\x63",), "refused: code 99"),
        ((CONNACK, b"\x90\x03\x00\x01\x80"), "a subscription was refused"),
        ((CONNACK, SUBACK + b"\x32\x06\x00\x01a\x00\x01x"), "begins with 0x32"),
        ((CONNACK, SUBACK + b"\x30\x00"), "not MQTT|without a topic"),
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "no answer to CONNECT"),
    ],
)
async def test_a_broker_that_says_no_or_nonsense_is_left_and_tried_again(
    answers: tuple[bytes, ...], why: str
) -> None:
    """Nothing it sends can do more than end the connection."""
    ears = Ears()
    async with told(*answers) as port, reading(ears, port) as reader:
        while (told_why := await ears.link()) == "":
            pass
        assert not reader.up

    assert re.search(why, told_why), told_why


async def test_what_was_heard_before_the_end_is_not_lost() -> None:
    """A broker that hangs up right after a burst."""
    ears = Ears()
    burst = b"".join(publish(TOPIC, b"%d" % i) for i in range(5_000))
    async with told(CONNACK, SUBACK + burst, closes=True) as port, reading(ears, port):
        await ears.until(lambda: len(ears.heard) >= 5_000)

    assert [payload for _, payload in ears.heard[:5_000]] == [b"%d" % i for i in range(5_000)]


async def test_a_fault_in_what_hears_costs_its_burst_and_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The connection is the broker's and ours, whatever the hub does with what came."""
    ears = Ears()

    def fail(messages: list[Heard]) -> None:
        ears.hear(messages)
        raise RuntimeError("a bug")

    async with told(CONNACK, SUBACK + publish(TOPIC, b"1")) as port:
        reader = PositionReader(
            BrokerAddress(host="127.0.0.1", port=port),
            Login(client_id="h", username="h", password="p", filters=(("a", 0),)),
            on_heard=fail,
            on_link=ears.links.put_nowait,
            chance=random.Random(1),
        )
        task = asyncio.create_task(reader.run())
        await ears.until(lambda: bool(ears.heard))
        assert await ears.link() == ""
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert "a bug" in capsys.readouterr().out


async def test_nobody_there_is_a_reason_too() -> None:
    """The console shows it."""
    ears = Ears()
    async with told() as port:
        pass
    async with reading(ears, port):
        why = await ears.link()

    assert "refused" in why.lower() or "connect" in why.lower()
