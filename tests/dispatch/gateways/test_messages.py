"""What hub and worker tell each other is read back as it was written, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.gateways.messages import (
    LINE_BYTES_MAX,
    LineError,
    Result,
    decode_message,
    decode_result,
    encode,
)
from tests.dispatch.gateways.builders import message


def test_a_message_is_read_as_it_was_written() -> None:
    """Nothing of the place is lost on the way to the worker."""
    sent = message("xizi-20261122-001/1/sms/1", "sms")

    assert decode_message(encode(sent)) == sent


def test_a_result_is_read_as_it_was_written() -> None:
    """And nothing of the reason on the way back."""
    result = Result(id="a", ok=False, why="http_500", took_ms=41)

    assert decode_result(encode(result)) == result


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[" * 5000,
        b'{"id": "", "gateway": "sms", "contact": "a", "facts": {"purpose": "ask", "kind": "sos"}}',
        b'{"id": "a", "gateway": "sms", "contact": "a", "facts": {"purpose": "go", "kind": "sos"}}',
        b'{"id":"a","gateway":"s","contact":"a","facts":{"purpose":"ask","kind":"sos","near_m":-1}}',
        b'{"id":"a","gateway":"s","contact":"a","callback":"x","facts":{"purpose":"ask","kind":"sos"}}',
        b'{"id": "' + b"a" * LINE_BYTES_MAX + b'"}',
    ],
)
def test_a_line_that_is_no_message_is_refused(line: bytes) -> None:
    """The worker goes on with the next."""
    with pytest.raises(LineError):
        decode_message(line)


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    """Whatever a library prints on standard output, the hub reads it as no result."""
    with pytest.raises(LineError):
        decode_result(b"\x00" + noise)
