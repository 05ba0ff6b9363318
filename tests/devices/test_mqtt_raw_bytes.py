"""The hub's other lines, by the MQTT client of others, at a broker that says whatever it likes."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
from tests.raw_mqtt import CUTS, STREAMS, cut

WAIT_S = 20.0
CONNACK = b"\x20\x02\x00\x00"
SUBACK = b"\x90\x03\x00\x01\x01"
EXAMPLES = 40


@asynccontextmanager
async def saying(pieces: list[bytes]) -> AsyncIterator[int]:
    """A broker that says this to whoever comes, and hangs up; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.writelines(pieces)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def met(pieces: list[bytes]) -> tuple[list[str], list[Any]]:
    """What is said of the link until it is gone, and what escaped into the loop."""
    said: list[str] = []
    escaped: list[Any] = []
    gone = asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: escaped.append(told))

    def tell(why: str) -> None:
        said.append(why)
        if why:
            gone.set()

    def hear(topic: str, data: bytes, ack: Ack) -> None:
        ack()

    async with saying(pieces) as port, asyncio.timeout(WAIT_S):
        link = MqttLink(
            BrokerAddress(host="127.0.0.1", port=port),
            Login(client_id="hub", username="hub", password="", filters=(("patrol/#", 1),)),
            on_message=hear,
            on_link=tell,
            chance=random.Random(1),
        )
        running = asyncio.create_task(link.run())
        waiting = asyncio.create_task(gone.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        waiting.cancel()
        ended, _ = await asyncio.gather(running, waiting, return_exceptions=True)
    if not isinstance(ended, asyncio.CancelledError):
        escaped.append(ended)
    return said, escaped


@settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.sampled_from([b"", CONNACK, CONNACK + SUBACK]), STREAMS, CUTS)
@example(CONNACK + SUBACK, CONNACK + SUBACK, [])
@example(CONNACK + SUBACK, b"\x32\x05\x00\x03\xff\xff\xff", [0.5])
@example(CONNACK, b"\x90\x00", [])
def test_a_broker_gone_mad_costs_the_link_and_nothing_else(
    welcome: bytes, noise: bytes, cuts: list[float]
) -> None:
    """The link says why it is gone, for the log and the page, and would come back."""
    said, escaped = asyncio.run(met([welcome, *cut(noise, cuts)]))

    assert escaped == []
    assert said[-1]
