"""console/pump.py: never more in our memory than a reader takes, and messages any page can read."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import pump
from console.positions import Eye, Motion
from console.pump import BUFFER_BYTES_MAX, Pump, Wrapper, message
from console.session import Phase, Piece, Session
from console.turns import Turns
from dispatch.ids import UnitId
from tests.console.builders import OPERATOR, FakeLive
from tests.console.test_session import FakeSource


class FakeTransport(asyncio.Transport):
    """A reader that takes what a test lets it take."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = b""
        self.written: list[bytes] = []
        self.slow = False
        self.gone = False

    def write(self, data: "bytes | bytearray | memoryview") -> None:
        """Keep it, as a socket does whose reader is slow."""
        self.written.append(bytes(data))
        if self.slow:
            self.waiting += bytes(data)

    def get_write_buffer_size(self) -> int:
        """What waits."""
        return len(self.waiting)

    def is_closing(self) -> bool:
        """As a test says."""
        return self.gone


class FakeSocket:
    """A WebSocket that says nothing by itself."""

    closed = False


def a_pump() -> tuple[Pump, Session, FakeTransport, FakeSocket]:
    """A stream that has told all it had to tell at its beginning."""
    transport, socket = FakeTransport(), FakeSocket()
    made = Pump(socket=socket, transport=transport, turns=Turns(), wrapper=Wrapper())
    session = Session(
        operator=OPERATOR, source=FakeSource(), eye=Eye(Motion(FakeLive([UnitId("r01")])))
    )
    made.start(session)
    return made, session, transport, socket


async def turn() -> None:
    """Let everybody have their turn."""
    for _ in range(3):
        await asyncio.sleep(0)


@given(st.binary(max_size=300) | st.integers(65_530, 65_540).map(bytes), st.booleans())
def test_a_message_is_one_unmasked_piece_of_its_kind(data: bytes, binary: bool) -> None:
    """RFC 6455, 5.2: the three ways to write a length, the shortest that fits."""
    made = message(data, binary=binary)

    length, head = made[1], 2
    if length == 126:
        length, head = int.from_bytes(made[2:4], "big"), 4
        assert length > 125
    elif length == 127:
        length, head = int.from_bytes(made[2:10], "big"), 10
        assert length > 65_535
    assert made[0] == (0x82 if binary else 0x81)
    assert (length, made[head:]) == (len(data), data)


def test_the_next_reader_is_written_the_same_bytes() -> None:
    """A head costs no copy a reader; text and binary are never taken for each other."""
    wrapper, data = Wrapper(), b"the same"

    first = wrapper.wrap(Piece(data, binary=True))

    assert wrapper.wrap(Piece(data, binary=True, more=True)) is first
    assert wrapper.wrap(Piece(data, binary=False)) != first


async def test_what_a_session_has_is_written_in_order() -> None:
    """Hello, snapshot, positions."""
    made, session, transport, _ = a_pump()
    await turn()

    session.push(b"change")
    made.wake()
    await turn()

    assert [data[2:] for data in transport.written[:2]] == [OPERATOR.encode(), b"snapshot 1"]
    assert transport.written[2][0] == 0x82
    assert transport.written[3:] == [message(b"change", binary=False)]
    made.stop()


async def test_a_slow_reader_is_not_written_more_until_it_took_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rest waits in its queue, which has an end."""
    monkeypatch.setattr(pump, "LOOK_FIRST_S", 0.0)
    made, session, transport, _ = a_pump()
    await turn()
    transport.slow = True
    big = b"x" * (BUFFER_BYTES_MAX + 1)

    for _ in range(3):
        session.push(big)
        made.wake()
    await turn()
    assert len(transport.waiting) < 2 * len(big)

    transport.waiting = b""
    await turn()

    assert len(transport.written) == 5
    made.stop()


async def test_a_reader_that_takes_nothing_ends_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen page must not count as an operator who could take an alarm."""
    monkeypatch.setattr(pump, "LOOK_FIRST_S", 0.001)
    monkeypatch.setattr(pump, "SEND_TIMEOUT_S", 0.0)
    made, session, transport, _ = a_pump()
    await turn()
    transport.waiting = b"x" * (BUFFER_BYTES_MAX + 1)
    session.push(b"change")
    made.wake()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(made.ended, timeout=5.0)

    made.stop()


@pytest.mark.parametrize("ended", ["closed", "gone", "stopped"])
async def test_nothing_is_written_behind_a_goodbye(ended: str) -> None:
    """A page would take it for a broken stream."""
    made, session, transport, socket = a_pump()
    await turn()
    written = len(transport.written)
    socket.closed, transport.gone = ended == "closed", ended == "gone"
    if ended == "stopped":
        made.stop()

    session.push(b"change")
    made.wake()
    await turn()

    assert len(transport.written) == written
    made.stop()


async def test_our_own_error_ends_one_stream_and_no_other() -> None:
    """A page that reconnects is better than one that is open and silent."""
    made, session, _, _ = a_pump()
    session.phase = Phase.SNAPSHOT
    session._source.snapshot = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]

    made.wake()
    await turn()

    with pytest.raises(ZeroDivisionError):
        made.ended.result()
