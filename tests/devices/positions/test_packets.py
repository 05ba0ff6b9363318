"""The packets of a client that listens: whole however they are cut, refused when they are none."""

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.packets import publish
from devices.positions.packets import (
    CONNACK,
    PACKET_BYTES_MAX,
    Heard,
    PacketError,
    PacketReader,
    connect_packet,
    subscribe_packet,
)

TOPIC = "patrol/demo/r-1/position"


def fed(pieces: list[bytes]) -> tuple[list[Heard], list[tuple[int, bytes]], PacketReader]:
    """What a reader makes of these pieces."""
    reader = PacketReader()
    others = [each for piece in pieces for each in reader.feed(piece)]
    return reader.heard, others, reader


@given(
    st.lists(st.binary(max_size=300), max_size=8),
    st.lists(st.integers(min_value=0, max_value=3000), max_size=12),
)
def test_however_it_is_cut_the_same_is_heard(payloads: list[bytes], cuts: list[int]) -> None:
    """TCP keeps no borders; lengths of one and of two bytes are among these."""
    stream = b"\x20\x02\x00\x00" + b"".join(publish(TOPIC, each) for each in payloads)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in itertools.pairwise(places)]

    heard, others, _ = fed(pieces)

    assert heard == [(TOPIC.encode(), each) for each in payloads]
    assert others == [(CONNACK, b"\x00\x00")]


@given(st.binary(max_size=400), st.integers(min_value=0, max_value=400))
def test_whatever_comes_only_our_own_error_escapes(data: bytes, cut: int) -> None:
    """A broker gone mad ends the connection and nothing else."""
    with contextlib.suppress(PacketError):
        fed([data[:cut], data[cut:]])


@pytest.mark.parametrize("size", [126, 127, 128, 16_383, 16_384, 60_000])
def test_every_form_of_length_is_read(size: int) -> None:
    """The borders of one, two and three bytes of length, byte by byte."""
    packet = publish(TOPIC, b"x" * (size - len(TOPIC) - 2))

    whole, _, _ = fed([packet, publish(TOPIC, b"next")])
    cut, _, _ = fed([packet[i : i + 1] for i in range(len(packet))])

    assert [len(payload) for _, payload in whole] == [size - len(TOPIC) - 2, 4]
    assert cut == whole[:1]


@pytest.mark.parametrize("step", [1_000, 70_000, 10_000_000])
def test_what_is_too_long_is_passed_over_and_costs_no_memory(step: int) -> None:
    """The next message is heard all the same."""
    long = publish(TOPIC, b"x" * (PACKET_BYTES_MAX + 100_000))
    stream = publish(TOPIC, b"before") + long + publish(TOPIC, b"after")

    reader = PacketReader()
    kept = 0
    for start in range(0, len(stream), step):
        reader.feed(stream[start : start + step])
        kept = max(kept, len(reader._rest))

    assert [payload for _, payload in reader.heard] == [b"before", b"after"]
    assert reader.too_long == 1
    assert kept < PACKET_BYTES_MAX


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x30\x00", "without a topic"),
        (b"\x30\x03\x00\x09a", "longer than its message"),
        (b"\x30\xff\xff\xff\xff\x01", "more than 4 bytes"),
    ],
)
def test_what_is_no_mqtt_says_why(data: bytes, why: str) -> None:
    """It stands in the log beside the broker's name."""
    with pytest.raises(PacketError, match=why):
        fed([data])


def test_a_message_we_would_have_to_acknowledge_is_no_message() -> None:
    """We asked for QoS 0; whoever owns the packet decides, and it is not heard."""
    heard, others, _ = fed([b"\x32\x06\x00\x01a\x00\x01x"])

    assert heard == []
    assert others == [(0x32, b"\x00\x01a\x00\x01x")]


def test_what_we_say_is_as_the_standard_has_it() -> None:
    """By hand from sections 3.1 and 3.8."""
    hello = connect_packet(client_id="hub", username="u", password="p", keepalive_s=30)

    assert hello == b"\x10\x15\x00\x04MQTT\x04\xc2\x00\x1e\x00\x03hub\x00\x01u\x00\x01p"
    assert subscribe_packet(("a/+",)) == b"\x82\x08\x00\x01\x00\x03a/+\x00"
