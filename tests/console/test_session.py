"""console/session.py: one page's stream, with pages that are slow, hostile or gone wrong."""

import contextlib
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.frames import decode_frame
from console.positions import Eye, Motion
from console.session import (
    MESSAGE_BYTES_MAX,
    MESSAGE_TOO_BIG,
    MESSAGES_BURST,
    POLICY_VIOLATION,
    QUEUE_BYTES_MAX,
    QUEUE_MESSAGES_MAX,
    RESYNCS_BURST,
    TRY_AGAIN_LATER,
    UNSUPPORTED_DATA,
    Phase,
    Session,
    StreamRefusedError,
)
from dispatch.ids import UnitId
from tests.console.builders import NOON, OPERATOR, FakeLive

CHANGE = b'{"type":"change"}'


class FakeSource:
    """Counts the snapshots it was asked for."""

    def __init__(self) -> None:
        self.snapshots = 0
        self.more: list[bytes] = []

    def hello(self, operator: str) -> bytes:
        """A hello that names the operator."""
        return operator.encode()

    def snapshot(self) -> bytes:
        """A snapshot that is numbered."""
        self.snapshots += 1
        return f"snapshot {self.snapshots}".encode()

    def parts(self) -> Iterator[bytes]:
        """As many as a test says."""
        return iter(self.more)


def a_session(live: FakeLive | None = None) -> tuple[Session, FakeSource, Motion]:
    """A new stream over a live table."""
    source = FakeSource()
    motion = Motion(live or FakeLive([UnitId("r01")]))
    return Session(operator=OPERATOR, source=source, eye=Eye(motion)), source, motion


def live_session(live: FakeLive | None = None) -> tuple[Session, FakeSource, Motion]:
    """A stream whose page has its snapshot and positions."""
    session, source, motion = a_session(live)
    for _ in range(3):
        session.take()
    assert session.phase is Phase.LIVE
    return session, source, motion


def taken(session: Session) -> list[bytes]:
    """Everything that waits."""
    pieces = []
    while (piece := session.take()) is not None:
        pieces.append(b"frame" if piece.binary else piece.data)
    return pieces


def test_a_stream_opens_with_hello_snapshot_positions() -> None:
    """In this order and nothing between."""
    session, _, _ = a_session()

    assert taken(session) == [OPERATOR.encode(), b"snapshot 1", b"frame"]


def test_what_happens_before_the_snapshot_is_in_it() -> None:
    """A change queued before the snapshot would be applied to what already holds it."""
    session, _, _ = a_session()
    session.push(CHANGE)
    session.take()
    session.push(CHANGE)

    assert taken(session) == [b"snapshot 1", b"frame"]


def test_what_happens_after_the_snapshot_comes_before_all_that_is_still_owed() -> None:
    """Else a press would wait while a hundred thousand units are told to a page that opens."""
    session, source, _ = a_session()
    source.more = [b"part 1", b"part 2"]
    session.take()
    session.take()
    session.push(CHANGE)

    told = [session.take()]
    session.push(CHANGE)

    assert [piece.data for piece in told if piece] == [CHANGE]
    assert taken(session) == [CHANGE, b"part 1", b"frame", b"part 2"]


def test_a_new_snapshot_ends_the_parts_of_the_last_one() -> None:
    """They would be counted against the wrong one."""
    session, source, _ = a_session()
    source.more = [b"part 1", b"part 2"]
    for _ in range(3):
        session.take()
    source.more = []

    session.hear('{"type":"resync"}', 0.0)

    assert taken(session) == [b"snapshot 2", b"frame"]


def test_others_have_their_turn_between_the_parts() -> None:
    """A hundred thousand units are four hundred messages."""
    session, source, _ = a_session()
    source.more = [b"part 1", b"part 2"]

    pieces = [session.take() for _ in range(5)]

    assert [piece.more for piece in pieces if piece] == [False, False, True, False, True]


def test_a_slow_reader_is_told_behind_and_begins_anew() -> None:
    """It costs bounded memory, and ends with the true picture all the same."""
    session, _, _ = live_session()
    change = b"x" * (QUEUE_BYTES_MAX // 4)
    for _ in range(5):
        session.push(change)

    behind, *rest = taken(session)

    assert msgspec.json.decode(behind) == {"type": "behind"}
    assert rest == [b"snapshot 2", b"frame"]
    assert session.fell_behind == 1


def test_a_reader_of_many_small_changes_is_behind_too() -> None:
    """Messages cost more than their bytes."""
    session, _, _ = live_session()

    for _ in range(QUEUE_MESSAGES_MAX + 1):
        session.push(CHANGE)

    assert session.phase is Phase.BEHIND


def test_one_slow_reader_falls_behind_once_not_at_every_change() -> None:
    """While it owes a snapshot nothing piles up."""
    session, source, _ = live_session()
    for _ in range(3 * QUEUE_MESSAGES_MAX):
        session.push(CHANGE)

    assert len(taken(session)) == 3
    assert (session.fell_behind, source.snapshots) == (1, 2)


def test_a_gap_is_answered_by_a_snapshot() -> None:
    """The page asks, what was queued for it is dropped, and it has the whole again."""
    session, _, _ = live_session()
    session.push(CHANGE)

    session.hear('{"type":"resync"}', 0.0)

    assert taken(session) == [b"snapshot 2", b"frame"]


def test_a_page_that_asks_for_snapshots_all_the_time_is_cut_off() -> None:
    """Drawing them would delay the alarms of everybody."""
    session, _, _ = live_session()
    for _ in range(RESYNCS_BURST):
        session.hear('{"type":"resync"}', 0.0)

    with pytest.raises(StreamRefusedError) as refused:
        session.hear('{"type":"resync"}', 1.0)

    assert refused.value.code == TRY_AGAIN_LATER


def test_a_page_that_never_stops_talking_is_cut_off() -> None:
    """Views of a dragged map are few; ten thousand a second are an attack."""
    session, _, _ = live_session()
    for _ in range(MESSAGES_BURST):
        session.hear('{"type":"beat"}', 0.0)

    with pytest.raises(StreamRefusedError, match="more messages"):
        session.hear('{"type":"beat"}', 0.01)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", POLICY_VIOLATION),
        ("null", POLICY_VIOLATION),
        ("[" * 2000, POLICY_VIOLATION),
        ('{"type":"snapshot"}', POLICY_VIOLATION),
        ('{"type":"view"}', POLICY_VIOLATION),
        ('{"type":"view","bbox":[1,2,3]}', POLICY_VIOLATION),
        ('{"type":"view","bbox":[1,2,3,"4"]}', POLICY_VIOLATION),
        ('{"type":"view","bbox":[2,1,1,2]}', POLICY_VIOLATION),
        ('{"type":"view","bbox":[1,2,3,1e999]}', POLICY_VIOLATION),
        (b"\x00", UNSUPPORTED_DATA),
        ('{"type":"' + "x" * MESSAGE_BYTES_MAX + '"}', MESSAGE_TOO_BIG),
    ],
)
def test_what_no_page_says_ends_the_stream_with_a_reason(said: str | bytes, code: int) -> None:
    """The reason fits a close frame: at most 123 bytes."""
    session, _, _ = live_session()

    with pytest.raises(StreamRefusedError) as refused:
        session.hear(said, 0.0)

    assert refused.value.code == code
    assert 0 < len(refused.value.reason.encode()) <= 123


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_any_noise_is_refused_or_heard(noise: str | bytes) -> None:
    """Nothing else may come out: it would be our bug."""
    session, _, _ = live_session()

    with contextlib.suppress(StreamRefusedError):
        session.hear(noise, 0.0)


def test_a_view_beyond_the_world_is_cut_not_refused() -> None:
    """An operator who zooms out is no attacker."""
    session, _, _ = live_session()

    session.hear('{"type":"view","bbox":[-900,-100,900,100]}', 0.0)

    assert session.phase is Phase.LIVE


def test_positions_go_out_once_a_tick() -> None:
    """Five frames a second look like movement; fifty cost ten times as much."""
    live = FakeLive([UnitId("r01")])
    session, _, motion = live_session(live)

    frames = []
    for step in range(10):
        live.put("r01", 120.0 + step / 1e4, 30.0, NOON + step + 1)
        motion.moved(live.rows("r01"))
        if step % 5 == 4:
            motion.step(0)
            session.tick()
        piece = session.take()
        if piece is not None:
            frames.append(decode_frame(piece.data))

    assert [frame.records["lon_e7"].tolist() for frame in frames] == [
        [1_200_004_000],
        [1_200_009_000],
    ]


def test_changes_pass_before_positions() -> None:
    """An alarm never waits behind dots on a map."""
    live = FakeLive([UnitId("r01")])
    session, _, motion = live_session(live)
    live.put("r01", 120.0, 30.0, NOON)
    motion.moved(live.rows("r01"))
    motion.step(0)
    session.tick()
    session.push(CHANGE)

    assert taken(session) == [CHANGE, b"frame"]
