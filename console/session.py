"""One console's stream as a codec: what it may say, what is sent to it next. No socket here.

    HELLO -> SNAPSHOT -> LIVE             take() steps to the right
               ^  ^       | |
               |  +resync-+ |
               +-- BEHIND <-+ too slow

What everybody is told waits in a queue with an end. A snapshot, its parts and positions
are made only when they can be sent, so that they are never old and cost a slow
reader no memory. While a snapshot is still owed nothing is queued: it will
hold everything. Once live, what is queued goes first; then the parts of the snapshot
that are still to come and positions take turns.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

import msgspec

from console.frames import Box
from console.positions import Eye
from console.wire import Behind, ClientBeat, ClientMessage, Resync, View
from dispatch.ids import OperatorName
from dispatch.seldom import Allowance

QUEUE_BYTES_MAX: Final = 4 * 2**20
"""Changes waiting for one reader: half a minute of a very bad night. Then it is *behind*."""
QUEUE_MESSAGES_MAX: Final = 2_000
MESSAGE_BYTES_MAX: Final = 4_096
"""A page says 120 bytes at most; longer is no page of ours."""

MESSAGES_BURST: Final = 60
MESSAGES_PER_S: Final = 10.0
"""A map being dragged tells its view a few times a second."""
RESYNCS_BURST: Final = 5
RESYNCS_PER_S: Final = 0.2
"""A snapshot is the dearest thing a page may ask for; a healthy one asks once a day."""

TRY_AGAIN_LATER: Final = 1013
POLICY_VIOLATION: Final = 1008
MESSAGE_TOO_BIG: Final = 1009
UNSUPPORTED_DATA: Final = 1003
"""Close codes of RFC 6455, 7.4.1, and 1013 of its registry."""

_BEHIND: Final = msgspec.json.encode(Behind())
_DECODER: Final = msgspec.json.Decoder(ClientMessage)


class StreamRefusedError(Exception):
    """A page said what it may not: the stream is closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{reason} ({code})")


@dataclass(frozen=True, slots=True)
class Piece:
    """One WebSocket message to send."""

    data: bytes
    binary: bool
    more: bool = False
    """Another follows at once: others may have their turn before."""


class Phase(Enum):
    """What is owed next."""

    HELLO = auto()
    BEHIND = auto()
    SNAPSHOT = auto()
    LIVE = auto()


class Source(Protocol):
    """Makes what a stream begins with."""

    def hello(self, operator: str) -> bytes:
        """The first message."""
        ...

    def snapshot(self) -> bytes:
        """What a page shows first, as of now."""
        ...

    def parts(self) -> Iterator[bytes]:
        """The rest of the snapshot just made, each part as of when it is asked for."""
        ...


class Session:
    """The stream of one page. ``operator`` is empty for a mere watcher."""

    def __init__(self, *, operator: OperatorName, source: Source, eye: Eye) -> None:
        self.operator = operator
        self.phase = Phase.HELLO
        self.fell_behind = 0
        self._source = source
        self._eye = eye
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._frame_due = False
        self._parts: Iterator[bytes] = iter(())
        self._parts_turn = False
        self._messages = Allowance(burst=MESSAGES_BURST, per_s=MESSAGES_PER_S)
        self._resyncs = Allowance(burst=RESYNCS_BURST, per_s=RESYNCS_PER_S)

    def push(self, data: bytes) -> None:
        """Something everybody is told; encoded once, the same bytes for all."""
        if self.phase is not Phase.LIVE:
            return
        full = len(self._queue) >= QUEUE_MESSAGES_MAX
        if full or self._queued_bytes + len(data) > QUEUE_BYTES_MAX:
            self.fell_behind += 1
            self._owe(Phase.BEHIND)
            return
        self._queue.append(data)
        self._queued_bytes += len(data)

    def tick(self) -> bool:
        """Positions may be sent once until the next tick; whether there may be any."""
        self._frame_due = True
        return self._eye.due

    def take(self) -> Piece | None:
        """What to send next; None where nothing waits."""
        match self.phase:
            case Phase.HELLO:
                self.phase = Phase.SNAPSHOT
                return Piece(self._source.hello(self.operator), binary=False)
            case Phase.BEHIND:
                self.phase = Phase.SNAPSHOT
                return Piece(_BEHIND, binary=False)
            case Phase.SNAPSHOT:
                snapshot = self._source.snapshot()  # may push; that is in it, so not for us
                self._owe(Phase.LIVE)
                self._parts = self._source.parts()
                self._eye.look_everywhere()
                return Piece(snapshot, binary=False)
            case Phase.LIVE:
                return self._queued() or self._next()

    def hear(self, data: str | bytes, now_s: float) -> None:
        """Something the page said. Raises StreamRefusedError.

        ``now_s`` is any clock of real seconds; how often a page may speak is
        no matter of the hub's time.
        """
        if not self._messages.take(now_s):
            raise StreamRefusedError(POLICY_VIOLATION, "more messages than any page sends")
        match _message(data):
            case Resync():
                if not self._resyncs.take(now_s):
                    raise StreamRefusedError(TRY_AGAIN_LATER, "too many snapshots asked for")
                if self.phase is Phase.LIVE:
                    self._owe(Phase.SNAPSHOT)
            case View(bbox=bbox):
                self._eye.look(_box(bbox))
            case ClientBeat():
                pass  # an open stream is presence enough

    def _owe(self, phase: Phase) -> None:
        self.phase = phase
        self._queue.clear()
        self._queued_bytes = 0

    def _queued(self) -> Piece | None:
        if not self._queue:
            return None
        data = self._queue.popleft()
        self._queued_bytes -= len(data)
        return Piece(data, binary=False)

    def _next(self) -> Piece | None:
        """A part of the snapshot or positions, in turns: neither starves the other."""
        for _ in range(2):
            self._parts_turn = not self._parts_turn
            piece = self._part() if self._parts_turn else self._frame()
            if piece is not None:
                return piece
        return None

    def _part(self) -> Piece | None:
        part = next(self._parts, None)
        return None if part is None else Piece(part, binary=False, more=True)

    def _frame(self) -> Piece | None:
        if not (self._frame_due or self._eye.looking):
            return None
        self._frame_due = False
        frame = self._eye.frame()
        return None if frame is None else Piece(frame, binary=True, more=self._eye.looking)


def _message(data: str | bytes) -> ClientMessage:
    if isinstance(data, bytes):
        raise StreamRefusedError(UNSUPPORTED_DATA, "a page sends text, not bytes")
    if len(data.encode()) > MESSAGE_BYTES_MAX:
        raise StreamRefusedError(MESSAGE_TOO_BIG, f"longer than {MESSAGE_BYTES_MAX} bytes")
    try:
        message: ClientMessage = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise StreamRefusedError(
            POLICY_VIOLATION, "not one of resync, view, beat in their shapes"
        ) from exc
    return message


def _box(bbox: tuple[float, float, float, float]) -> Box:
    """A map zoomed far out shows more than the world; that is cut, not refused."""
    if not all(map(math.isfinite, bbox)):
        raise StreamRefusedError(POLICY_VIOLATION, "a view with a side that is no number")
    west, south, east, north = bbox
    if west > east or south > north:
        raise StreamRefusedError(POLICY_VIOLATION, "a view is west, south, east, north")
    return Box(
        west=min(max(west, -180.0), 180.0),
        south=min(max(south, -90.0), 90.0),
        east=min(max(east, -180.0), 180.0),
        north=min(max(north, -90.0), 90.0),
    )
