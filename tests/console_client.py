"""A console in a test's hand: a WebSocket, and a plain reducer over what it says.

    async with Console(system, "张三") as console:
        incident = await console.sees_incident(lambda each: each["sender"] == "xizi-v01")
        await console.do(f"incidents/{incident['id']}/take")
        await console.agrees_with_a_fresh_snapshot()

It knows nothing of our Python types, as a page does not: documents are dicts, and the
rule for a change is the one in console/wire.py. It comes back when the server does.
"""

import asyncio
import json
import struct
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.awaiting import NEWS_TIMEOUT_S, Bell
from tests.system import System

RECONNECT_S: Final = 0.2
COMPARISONS_MAX: Final = 50
FRAME_HEAD: Final = struct.Struct("<BBHId")
FRAME_RECORD: Final = struct.Struct("<IhbBiidHHHH")
FIRST_OF_LOOK: Final = 1
LAST_OF_LOOK: Final = 2
SIDES: Final = struct.Struct("<iiii")

Doc = dict[str, Any]
T = TypeVar("T")


class Console:
    """One page, from ``async with`` to its end. Without an operator it merely watches."""

    def __init__(self, system: System, operator: str = "") -> None:
        self.system = system
        self.operator = operator
        self.hello: Doc = {}
        self.seq = -1
        self.incidents: dict[str, Doc] = {}
        self.units: dict[str, Doc] = {}
        self.undecided: list[Doc] = []
        self.status: Doc = {}
        self.positions: dict[int, tuple[Any, ...]] = {}
        """By row: the rest of a record, as it stands in the frame."""
        self._looked_at: set[int] = set()
        """Rows told since the present look at the map began."""
        self.snapshots = 0
        self.parts_left = 0
        self.frames = 0
        self.gaps = 0
        self.behind = 0
        """How often it read too slowly, and was given a new snapshot."""
        self._bell = Bell()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._live(), name=f"console {self.operator}")
        await self.sees(
            lambda: self.snapshots and self.frames and not self.parts_left, "a first snapshot"
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        (ended,) = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended

    # --- looking ---

    async def sees(
        self, look: Callable[[], T | None], what: str, timeout_s: float = NEWS_TIMEOUT_S
    ) -> T:
        """What ``look`` finds in the state, now or after some message."""
        return await self._bell.until(look, lambda: f"{what}; {self._told()}", timeout_s)

    async def sees_incident(
        self, fits: Callable[[Doc], object], timeout_s: float = NEWS_TIMEOUT_S
    ) -> Doc:
        """The first incident that fits, now or after some message."""

        def look() -> Doc | None:
            return next((each for each in self.incidents.values() if fits(each)), None)

        return await self.sees(look, "an incident that fits", timeout_s)

    async def sees_of(self, incident: str, fits: Callable[[Doc], object]) -> Doc:
        """This incident, once it fits."""
        return await self.sees_incident(lambda each: each["id"] == incident and fits(each))

    # --- doing ---

    async def do(self, path: str, body: Doc | None = None) -> Doc:
        """A command that is accepted."""
        status, answer = await self.ask(path, body)
        assert status == 200, answer
        return answer

    async def ask(self, path: str, body: Doc | None = None) -> tuple[int, Doc]:
        """A command: status and answer."""
        return await asyncio.to_thread(
            self.system.post, f"/api/v1/{path}", body or {}, operator=self.operator
        )

    # --- the law ---

    async def agrees_with_a_fresh_snapshot(self) -> None:
        """What this page has come to by changes is what a page opened now is given."""
        for _ in range(COMPARISONS_MAX):
            fresh = await asyncio.to_thread(self.system.get, "/api/v1/snapshot")
            await self.sees(lambda seq=fresh["seq"]: self.seq >= seq, "the newest change")  # type: ignore[misc]  # mypy has no type for a default
            if self.seq == fresh["seq"]:
                break
        assert self.seq == fresh["seq"], "changes never paused"
        assert self.gaps == 0
        assert self.incidents == {each["id"]: each for each in fresh["incidents"]}
        assert self.units == {each["id"]: each for each in fresh["units"]}
        assert (self.undecided, self.status) == (fresh["undecided"], fresh["status"])
        async with Console(self.system) as page:
            await self.sees(
                lambda: page.positions.items() <= self.positions.items(), "every unit's place"
            )

    # --- the stream ---

    async def _live(self) -> None:
        url = f"ws://127.0.0.1:{self.system.http_port}/api/v1/stream"
        who = self.system.machine() if not self.operator else None
        headers = who or await asyncio.to_thread(self.system.person, self.operator)
        while True:
            try:
                async with connect(
                    url, additional_headers=headers, proxy=None, max_size=2**26
                ) as socket:
                    async for data in socket:
                        await self._hear(data, socket)
            except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake):
                pass  # the server is away; a page says so and tries again
            await asyncio.sleep(RECONNECT_S)

    async def _hear(self, data: str | bytes, socket: ClientConnection) -> None:
        if isinstance(data, bytes):
            self._place(data)
        else:
            message = json.loads(data)
            match message["type"]:
                case "hello":
                    self.hello = message
                case "snapshot":
                    self._begin(message)
                case "part":
                    self._go_on(message)
                case "change" if message["seq"] == self.seq + 1:
                    self._change(message)
                case "change":
                    self.gaps += 1
                    await socket.send('{"type":"resync"}')
                case "beat":
                    assert message["seq"] == self.seq, "a change was not told"
                case "behind":
                    self.behind += 1  # a snapshot follows
                case other:
                    raise AssertionError(f"a page was told {other}")
        self._bell.ring()

    def _begin(self, snapshot: Doc) -> None:
        self.seq = snapshot["seq"]
        self.incidents = {each["id"]: each for each in snapshot["incidents"]}
        self.units = {each["id"]: each for each in snapshot["units"]}
        self.parts_left = snapshot["parts"]
        self.undecided = snapshot["undecided"]
        self.status = snapshot["status"]
        self.snapshots += 1

    def _go_on(self, part: Doc) -> None:
        self.incidents.update({each["id"]: each for each in part["incidents"]})
        self.units.update({each["id"]: each for each in part["units"]})
        self.parts_left = part["left"]

    def _change(self, change: Doc) -> None:
        self.seq = change["seq"]
        self.incidents.update({each["id"]: each for each in change["incidents"]})
        for gone in change["incidents_gone"]:
            self.incidents.pop(gone, None)
        self.units.update({each["id"]: each for each in change["units"]})
        if change["undecided"] is not None:
            self.undecided = change["undecided"]
        if change["status"] is not None:
            self.status = change["status"]

    def _place(self, frame: bytes) -> None:
        version, flags, _, count, _ = FRAME_HEAD.unpack_from(frame)
        assert version == 2
        end = FRAME_HEAD.size + count * FRAME_RECORD.size
        last = bool(flags & LAST_OF_LOOK)
        assert len(frame) == end + last * SIDES.size
        if flags & FIRST_OF_LOOK:
            self._looked_at = set()
        for row, *rest in FRAME_RECORD.iter_unpack(frame[FRAME_HEAD.size : end]):
            self.positions[row] = tuple(rest)
            self._looked_at.add(row)
        if last:
            self._forget_within(*SIDES.unpack_from(frame, end))
        self.frames += 1

    def _forget_within(self, west: int, south: int, east: int, north: int) -> None:
        """Who was in the box that was looked at, and was not told, is not there any more."""
        for row, (*_, lon, lat, _t, _acc, _speed, _course, _zero) in tuple(self.positions.items()):
            inside = west <= lon <= east and south <= lat <= north
            if inside and row not in self._looked_at:
                del self.positions[row]

    def _told(self) -> str:
        """What a failure shows: the incidents, without their long parts."""
        short = [
            {
                "id": each["id"],
                "phase": each["phase"],
                "sender": each["sender"],
                "taken_by": each["taken_by"],
                "orders": {a["unit"]: a["state"] for a in each["assignments"]},
            }
            for each in self.incidents.values()
        ]
        return json.dumps({"incidents": short, "status": self.status}, ensure_ascii=False)
