"""One suite over every registered codec: read what was captured, refuse the rest in one way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codec import Codec
from devices.registry import CODECS
from dispatch.errors import DeviceProtocolError
from dispatch.readings import TipReading
from tests.conformance.frames import Frame, frames

NOON = 1_760_000_000_000_000
FRAMES = frames()
HUGE = 256 * 1024

every_frame = pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.name)
every_codec = pytest.mark.parametrize("codec", CODECS.values(), ids=lambda codec: codec.name)


def read_or_refuse(codec: Codec, topic: str, data: bytes) -> None:
    """Decode, and let one kind of error by: another one escaping is our bug."""
    refusal = refusal_of(codec, topic, data)
    if refusal is not None:
        assert refusal.protocol == codec.name
        assert refusal.reason
        assert len(str(refusal)) < 300
        assert str(refusal).isprintable()


def refusal_of(codec: Codec, topic: str, data: bytes) -> DeviceProtocolError | None:
    """Why it was not read; None where it was."""
    try:
        codec.decode(topic, data, NOON)
    except DeviceProtocolError as refusal:
        return refusal
    return None


@every_codec
def test_every_codec_has_captured_frames(codec: Codec) -> None:
    """A codec nobody captured a frame for is not known to read anything."""
    assert any(frame.codec is codec for frame in FRAMES)
    assert codec is CODECS[codec.name]


@every_frame
def test_a_captured_frame_is_read_the_same_each_time(frame: Frame) -> None:
    """A codec keeps nothing between payloads that could change the next one."""
    first = frame.codec.decode(frame.topic, frame.data, NOON)

    assert frame.codec.decode(frame.topic, frame.data, NOON) == first
    assert isinstance(first, TipReading) or first.received_t == NOON


@every_frame
@given(where=st.integers(0, 400), noise=st.binary(max_size=6), drop=st.integers(0, 6))
def test_a_damaged_frame_is_read_or_refused(
    frame: Frame, where: int, noise: bytes, drop: int
) -> None:
    """Bits flip on the air and firmware has bugs; no message may stop the lane."""
    data = frame.data[:where] + noise + frame.data[where + drop :]

    read_or_refuse(frame.codec, frame.topic, data)


@every_frame
@given(data=st.binary(max_size=120))
def test_any_bytes_on_a_known_topic_are_read_or_refused(frame: Frame, data: bytes) -> None:
    """Whoever holds a radio's secret can send whatever they like."""
    read_or_refuse(frame.codec, frame.topic, data)


@every_frame
@given(topic=st.text(max_size=120))
def test_any_topic_is_read_or_refused(frame: Frame, topic: str) -> None:
    """A filter of ours may match what nobody foresaw."""
    read_or_refuse(frame.codec, topic, frame.data)


@every_frame
def test_a_frame_blown_up_to_a_quarter_megabyte_is_refused(frame: Frame) -> None:
    """Length comes before content: a big message costs no reading."""
    with pytest.raises(DeviceProtocolError) as refusal:
        frame.codec.decode(frame.topic, frame.data + b" " * HUGE, NOON)

    assert refusal.value.reason == "too_long"
