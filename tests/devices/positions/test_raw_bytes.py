"""Our own reader of MQTT, from the socket to the hub's table, given whatever bytes there are."""

import asyncio
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.packets import publish
from devices.mqtt import Login
from devices.positions.lane import PositionLane
from devices.positions.packets import (
    CONNACK,
    PACKET_BYTES_MAX,
    SUBACK,
    Heard,
    PacketError,
    PacketReader,
)
from devices.positions.reader import _Connection
from devices.v1.codec import V1
from dispatch.clock import SECOND
from dispatch.errors import DeviceProtocolError
from dispatch.ids import RadioId
from tests.raw_mqtt import CUTS, STREAMS, TOPICS, cut, length_bytes
from tests.rows import Rows

NOON = 1_760_000_000 * SECOND
WELCOME = bytes([CONNACK, 2, 0, 0]) + bytes([SUBACK, 3, 0, 1, 0])
TOPIC = "patrol/demo/r-1/position"


def read(pieces: list[bytes]) -> tuple[list[Heard], list[tuple[int, bytes]], str]:
    """What was heard, the other packets, and why it ended; the last is empty where it did not."""
    reader, others = PacketReader(), []
    for piece in pieces:
        try:
            others += reader.feed(piece)
        except PacketError as exc:
            return reader.heard, others, exc.why
        assert len(reader._rest) < PACKET_BYTES_MAX + 8
    return reader.heard, others, ""


@given(STREAMS, CUTS)
@example(publish(TOPIC, b"a") + b"\x30\xff\xff\xff\xff\x7f", [0.5])
@example(b"\x30\xff\xff\xff\x7f" + b"x" * 100, [0.1, 0.2])
def test_wherever_it_is_cut_the_same_is_heard_and_the_same_ends_it(
    stream: bytes, cuts: list[float]
) -> None:
    """Lengths that lie, among them: nothing but our own error, and that at the same place."""
    whole, others, why = read([stream])
    heard, others_cut, why_cut = read(cut(stream, cuts))

    assert (heard, why_cut) == (whole, why)
    if not why:
        assert others_cut == others


@given(st.integers(PACKET_BYTES_MAX, 2**28 - 1), st.binary(max_size=50), st.integers(1, 40))
def test_a_packet_that_never_ends_is_not_gathered(length: int, begun: bytes, pieces: int) -> None:
    """Half a packet held open for ever costs what one packet may, whatever length it names."""
    reader = PacketReader()
    reader.feed(b"\x30" + length_bytes(length) + begun)
    for _ in range(pieces):
        reader.feed(b"x" * 1_000)
        assert len(reader._rest) < PACKET_BYTES_MAX + 8


class Wire(asyncio.Transport):
    """The broker's end of a connection; what is said to it is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""
        self.closed = False

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        self.said += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        """Nothing is read here but what a test gives."""

    def resume_reading(self) -> None:
        """As above."""


async def met(pieces: list[bytes]) -> tuple[list[Heard], str]:
    """What a connection hears of a broker that says this, and why it ended ("" where not)."""
    heard: list[Heard] = []
    login = Login(client_id="hub", username="hub", password="", filters=(("patrol/#", 0),))
    connection, wire = _Connection(login, PacketReader(), heard.extend), Wire()
    connection.connection_made(wire)
    for piece in pieces:
        if not connection.lost.done():
            connection.data_received(piece)
    why = connection.lost.result() if connection.lost.done() else ""
    connection.close()
    return heard, why


@settings(max_examples=60)
@given(st.sampled_from([b"", WELCOME[:4], WELCOME]), STREAMS, CUTS)
@example(WELCOME, bytes([CONNACK, 0]), [])
@example(WELCOME, bytes([SUBACK, 0]), [])
def test_a_broker_gone_mad_ends_its_connection_and_nothing_else(
    welcome: bytes, noise: bytes, cuts: list[float]
) -> None:
    """Before its welcome, in the middle of it or after it; the link says why, for the log."""
    heard, _ = asyncio.run(met([welcome, *cut(noise, cuts)]))

    assert all(isinstance(topic, bytes) and isinstance(body, bytes) for topic, body in heard)


@given(st.lists(st.tuples(TOPICS.map(str.encode) | st.binary(max_size=40), st.binary(max_size=80))))
def test_whatever_was_heard_the_lane_reads_it_or_refuses_it(heard: list[Heard]) -> None:
    """Topics that are no text, bodies that are no JSON: each refusal is ours, and has a reason."""
    refused: list[DeviceProtocolError] = []

    def refuse(error: DeviceProtocolError, radio: RadioId | None) -> None:
        refused.append(error)

    lane = PositionLane(V1(), Rows().find, refuse)
    lane.hear(heard)
    while lane.take(NOON) is not None:
        pass

    assert all(error.reason for error in refused)
    assert len(lane) == 0
