"""Raw bytes at the port where radios connect: of strangers, and of a radio that has gone mad.

Cut anywhere, with lengths that lie, half packets held open: broker and hub live through it, and
while all these connections stand a good press goes its whole way.
"""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bench.packets import CONNACK_BYTES, connect, publish, subscribe
from tests.console_client import Console
from tests.integration.conftest import Community
from tests.raw_mqtt import CUTS, STREAMS, cut
from tests.system import BROKER, System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

EXAMPLES = 80
HELD_MAX = 40
"""Connections left open in the middle of what they were saying."""
ANSWER_S = 10.0
WELCOME = b"\x20\x02\x00\x00"
HALVES = (
    b"\x10",
    b"\x10\xff\xff\xff\x7f\x00\x04MQTT",
    b"\x10\xff\xff\xff\xff\xff",
    connect("stranger", "x")[:-3],
    publish("patrol/demo/x/alarm", b"{}"),
    b"GET / HTTP/1.1\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)
"""Beginnings by hand, held open: among them a browser's and a TLS client's."""

SAID = st.tuples(
    st.sampled_from(["alarm", "position", "status", "report", "alarm/x", ""]),
    st.binary(max_size=200),
)
"""By a radio on its own topics, before the noise: this the hub hears."""


class Crowd:
    """Connections to one port, of which some are kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._held: list[asyncio.StreamWriter] = []

    async def say(self, hello: bytes, pieces: list[bytes], *, stays: bool) -> None:
        """One connection that says this; being cut off by the broker is all right."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            async with asyncio.timeout(ANSWER_S):
                if hello:
                    writer.write(hello)
                    assert await reader.readexactly(CONNACK_BYTES) == WELCOME
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
        if stays and len(self._held) < HELD_MAX:
            self._held.append(writer)
        else:
            await self._end(writer)

    async def close(self) -> None:
        """Let all go."""
        for writer in self._held:
            await self._end(writer)

    async def _end(self, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()


@pytest.fixture(name="loop")
def loop_of_these_links() -> Iterator[asyncio.Runner]:
    """One for all examples of a test, so that links stay open from one to the next."""
    with asyncio.Runner() as runner:
        yield runner


def test_raw_bytes_cost_nobody_anything(
    system: System, community: Community, loop: asyncio.Runner
) -> None:
    """The same processes serve afterwards, nothing was logged that escaped, and a press is seen."""
    crowd = Crowd(system.mqtt_port)
    before = (system.hub_pid(), system.pid_of(BROKER))
    mad = f"{community.name}-v02"
    secret = system.credentials()["radios"][mad]["secret"]
    known = connect(mad, secret)

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],  # what is found is in the log; nothing to shrink
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.booleans(), SAID, STREAMS, CUTS, st.booleans())
    def say(
        is_radio: bool, said: tuple[str, bytes], noise: bytes, cuts: list[float], stays: bool
    ) -> None:
        lane, body = said
        own = publish(f"patrol/{community.name}/{mad}/{lane}", body)
        hello, stream = (known, own + noise) if is_radio else (b"", noise)
        loop.run(crowd.say(hello, cut(stream, cuts), stays=stays))

    for half in HALVES:
        loop.run(crowd.say(b"", [half], stays=True))
    loop.run(crowd.say(known, [subscribe("radio/#", qos=1)[:-2]], stays=True))
    say()

    system.until(lambda: _refused(system) > 0, "what the mad radio said, at the hub")
    loop.run(_press_is_seen(system, community))
    loop.run(crowd.close())
    assert (system.hub_pid(), system.pid_of(BROKER)) == before
    assert system.get("/health")["ready"]
    assert "Traceback" not in system.log()
    assert "panic" not in system.log()


def _refused(system: System) -> float:
    """Messages that the hub heard, and could not read."""
    told = system.metrics().items()
    return sum(number for name, number in told if name.startswith("yihu_device_refused_total"))


async def _press_is_seen(system: System, community: Community) -> None:
    """By the console, while the noise still stands at the door."""
    async with Console(system, "一号台") as console, community.radio("v01") as radio:
        await radio.press()

        await console.sees_incident(lambda each: each["sender"] == radio.name)
