"""Bytes that stand at an MQTT door: packets, packets that lie about their length, and noise.

Drawn so that a reader gets far: noise alone is mostly refused by its first byte.
"""

import itertools

from hypothesis import strategies as st

from bench.packets import publish

LENGTH_MAX = 2**28 - 1
"""Of what MQTT can say in its four bytes (3.1.1, section 2.2.3)."""

TOPICS = st.one_of(
    st.sampled_from(["patrol/demo/r-1/position", "patrol/demo/r-1/alarm", "", "#", "$SYS/x", "/"]),
    st.text(st.characters(codec="utf-8"), max_size=20),
)


def length_bytes(length: int) -> bytes:
    """Seven bits a byte, the low ones first."""
    out = bytearray()
    while True:
        length, low = divmod(length, 128)
        out.append(low | (128 if length else 0))
        if not length:
            return bytes(out)


def _honest(first: int, body: bytes) -> bytes:
    return bytes([first]) + length_bytes(len(body)) + body


def _lying(first: int, length: int, body: bytes) -> bytes:
    return bytes([first]) + length_bytes(length) + body


_FIRST = st.one_of(
    st.integers(0, 255), st.sampled_from([0x10, 0x20, 0x30, 0x32, 0x34, 0x36, 0x82, 0x90, 0xD0])
)
_LENGTHS = st.one_of(
    st.integers(0, 200), st.integers(0, LENGTH_MAX), st.sampled_from([127, 128, 16_383, 16_384])
)
PACKETS = st.one_of(
    st.builds(publish, TOPICS, st.binary(max_size=60)),
    st.builds(_honest, _FIRST, st.binary(max_size=80)),
    st.builds(_lying, _FIRST, _LENGTHS, st.binary(max_size=80)),
    st.builds(lambda first: bytes([first]) + b"\xff\xff\xff\xff\x7f", _FIRST),
    st.binary(max_size=60),
)
"""One packet or what may be taken for one; the last but one has a length of five bytes."""

STREAMS = st.lists(PACKETS, max_size=8).map(b"".join)

CUTS = st.lists(st.floats(0, 1), max_size=8)
"""Where a stream is cut, as parts of it."""


def cut(stream: bytes, cuts: list[float]) -> list[bytes]:
    """Its pieces, in order; some may be empty."""
    places = [0, *sorted(round(part * len(stream)) for part in cuts), len(stream)]
    return [stream[a:b] for a, b in itertools.pairwise(places)]
