"""Tells every open stream what changed, drawing and encoding each thing once. No socket here.

The law: a snapshot with the changes after it applied is a fresh snapshot. The
links, the counts on duty and the undecided presses are compared with what was
last told, so that the law does not hang on somebody remembering to say so.

What changes is told at once after a quiet moment; what follows within a window is
gathered (gathering.py) and told together at its end, drawn as it is then. The law
holds whenever nothing waits: after a flush, a tick, a snapshot.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from console.docs import community_doc
from console.gathering import Gathering
from console.kept import Kept, Plan
from console.picture import Picture
from console.positions import Eye, Motion
from console.session import Session
from console.standing import Shift, Standing
from console.wire import (
    STREAM_VERSION,
    AlarmDoc,
    Beat,
    Change,
    CommunityDoc,
    Hello,
    StatusDoc,
    Waits,
)
from dispatch.ids import AlarmId, IncidentId, OperatorName, UnitId
from dispatch.outgoing import ToConsoles
from dispatch.settings import Settings

TICK_S: Final = 0.2
"""Positions go out at most so often: five a second look like movement."""
TICKS_A_BEAT: Final = 5
"""A page sees a dead server within three beats."""
SNAPSHOT_KEPT_TICKS: Final = 5
"""Pages that come back together, as after a restart, share one snapshot for a second."""
STOCK_A_FLUSH: Final = 25
"""Of the incidents that a start brought, so many are looked at in a window: two milliseconds."""
PIECES_KEPT_TICKS: Final = 25
"""And its pieces for five: a district's are not all sent within one."""

Wake = Callable[[], None]


class Feed:
    """All open streams, and the numbers that they count by."""

    def __init__(
        self,
        *,
        picture: Picture,
        settings: Settings,
        present: Callable[[frozenset[OperatorName]], None],
        version: str,
        demo: bool,
    ) -> None:
        self.picture = picture
        self.motion = Motion(picture.hub.live, picture.among)
        self.seq = 0
        self.snapshots = 0
        self.fell_behind = 0
        """How often streams now closed had fallen behind."""
        self.cut_off: Counter[str] = Counter()
        """Streams ended because their reader took nothing, by how that was seen."""
        self.version = version
        self._settings = settings
        self._present = present
        self._demo = demo
        self._streams: dict[Session, Wake] = {}
        self._standing = Standing(picture.hub)
        self._pin(self._standing.take_stock())
        self._unstocked: list[IncidentId] = []
        """Those that a start brought and that nobody looked at yet."""
        self._kept = Kept(picture, self._standing)
        self._plan: Plan = self._kept.plan()
        self._told_status: StatusDoc = picture.status()
        self._told_undecided: list[AlarmDoc] = self._undecided()
        self._names: frozenset[OperatorName] = frozenset()
        self._ticks = 0
        self._gathering = Gathering(picture.hub)
        self._kept_snapshot: tuple[int, int, bytes] = (-1, 0, b"")
        self._encode = msgspec.json.Encoder().encode

    # --- streams ---

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._streams)

    @property
    def behind(self) -> int:
        """How often any stream could not keep up."""
        return self.fell_behind + sum(each.fell_behind for each in self._streams)

    def join(self, operator: OperatorName, wake: Wake) -> Session:
        """A new stream; ``wake`` is called whenever ``take()`` may have something."""
        self.stock_up()
        session = Session(operator=operator, source=self, eye=Eye(self.motion))
        self._streams[session] = wake
        self._tell_names()
        return session

    def leave(self, session: Session) -> None:
        """A stream was closed."""
        del self._streams[session]
        self.fell_behind += session.fell_behind
        self._tell_names()

    # --- what the hub and the clock say ---

    def changed(self, what: ToConsoles) -> None:
        """These things look different now; told at once, or at the end of the window."""
        may_wait = self._gathering.add(what)
        if not may_wait or self._stuck(what):
            self.tell_now()

    def tell_now(self) -> None:
        """Let nothing wait: whoever asked for something sees it done before the answer comes."""
        what = self._gathering.take()
        if what is None:
            return
        shift = self._standing.update(what.incidents, what.undecided)
        self._pin(shift)
        self.motion.moved_units(what.units | self._senders(what.incidents))
        units = what.units | shift.units
        self._kept.changed(what.incidents, units)
        change = self._blank()
        for incident in sorted(what.incidents):
            doc = self.picture.incident(incident)
            if doc is None:
                change.incidents_gone.append(incident)
            else:
                change.incidents.append(doc)
        change.units = self.picture.units(units, self._standing.engaged)
        self._compare(change)
        self._tell(change)

    @contextmanager
    def flushing(self) -> Iterator[None]:
        """While this lasts, ``flush()`` or ``tick()`` comes every ``GATHER_S``.

        Only then may a change wait. Whatever ends it, what waits is told. The hub has its state
        back as this begins, and announced little of it: ten thousand incidents are looked at some
        in each window (``stock``), which a server that has just begun need not wait for.
        """
        self._pin(self._standing.take_presses())
        self._unstocked = self._standing.everything()
        self._gathering.timed = True
        try:
            yield
        finally:
            self._gathering.timed = False
            self.tell_now()

    def flush(self) -> None:
        """The window is over: what waits is told, and what comes next waits again."""
        self.stock(STOCK_A_FLUSH)
        self._gathering.end()
        self.tell_now()

    def stock(self, count: int) -> bool:
        """Look at so many of what a start brought; False once nothing of it is left."""
        if self._unstocked:
            self._pin(self._standing.update(self._unstocked[-count:], ()))
            del self._unstocked[-count:]
        return bool(self._unstocked)

    def stock_up(self) -> None:
        """All that is left of it: whoever looks from now on sees who is asked, and by whom."""
        self.stock(len(self._unstocked))

    def moved(self, rows: npt.NDArray[np.int32]) -> None:
        """These rows have a new fix; they are sent at the next tick."""
        self.motion.moved(rows)

    def tick(self) -> None:
        """Every ``TICK_S``: a flush, positions may go, and now and then a sign of life."""
        self.flush()
        self._ticks += 1
        if self._ticks % TICKS_A_BEAT == 0:
            self._settle()
            self._push(self._encode(Beat(seq=self.seq, now=self.picture.now_ms())))
        if self._ticks % PIECES_KEPT_TICKS == 0:
            self._kept.drop()
        self.motion.step(self.now_ms())
        for session, wake in self._streams.items():
            if session.tick():
                wake()

    # --- what a stream begins with ---

    def hello(self, operator: str) -> bytes:
        """The first message of a stream."""
        settings, waits = self._settings, self._settings.waits
        hello = Hello(
            version=STREAM_VERSION,
            server=self.version,
            now=self.now_ms(),
            clock_speed=settings.clock_speed,
            fresh_s=settings.fresh_s,
            report_interval_s=settings.report_interval_s,
            demo=self._demo,
            operator=operator,
            communities=self.communities(),
            waits=Waits(
                louder_s=waits.louder_s,
                second_console_s=waits.second_console_s,
                supervisor_s=waits.supervisor_s,
                wave_s=waits.wave_s,
                urgent_s=waits.urgent_s,
                watch_s=waits.watch_s,
                lease_s=waits.lease_s,
            ),
        )
        return self._encode(hello)

    def communities(self) -> list[CommunityDoc]:
        """The communities, as the hello tells them."""
        return [community_doc(each) for each in self.picture.hub.roster.communities.values()]

    def snapshot(self) -> bytes:
        """The first of a snapshot, drawn afresh unless a second ago it was and nothing changed."""
        self.stock_up()
        self.tell_now()
        self._settle()
        self.motion.step(self.now_ms())
        seq, tick, data = self._kept_snapshot
        if seq != self.seq or self._ticks - tick >= SNAPSHOT_KEPT_TICKS:
            self._plan = self._kept.plan()
            data = self._kept.snapshot(self._plan, seq=self.seq)
            self._kept_snapshot = (self.seq, self._ticks, data)
            self.snapshots += 1
        return data

    def parts(self) -> Iterator[bytes]:
        """What follows the snapshot just made, each part drawn when it is asked for."""
        return self._kept.parts(self._plan)

    def snapshot_at_once(self) -> list[bytes]:
        """All of it as one message, in pieces. Going through ``parts`` before makes it quick."""
        self.stock_up()
        self.tell_now()
        self._settle()
        return self._kept.at_once(self._kept.plan(), seq=self.seq)

    def now_ms(self) -> int:
        """The hub's time."""
        return self.picture.now_ms()

    # --- steps ---

    def _stuck(self, what: ToConsoles) -> bool:
        """A press that deciding failed for waits for nothing: somebody must call by hand."""
        return bool(what.undecided) and self._undecided(what.undecided) != self._told_undecided

    def _blank(self) -> Change:
        return Change(
            seq=self.seq + 1, now=self.now_ms(), incidents=[], incidents_gone=[], units=[]
        )

    def _senders(self, incidents: Iterable[IncidentId]) -> set[UnitId]:
        """A press tells where its sender is, without any batch of fixes."""
        held = (self.picture.hub.incidents.get(each) for each in incidents)
        return {each.sender for each in held if each is not None and each.sender is not None}

    def _undecided(self, more: Iterable[AlarmId] = ()) -> list[AlarmDoc]:
        return self.picture.undecided(self._standing.waiting.union(more))

    def _pin(self, shift: Shift) -> None:
        self.motion.pin(shift.pinned, on=True)
        self.motion.pin(shift.unpinned, on=False)

    def _settle(self) -> None:
        change = self._blank()
        self._compare(change)
        self._tell(change)

    def _compare(self, change: Change) -> None:
        status, undecided = self.picture.status(), self._undecided()
        if status != self._told_status:
            change.status = self._told_status = status
        if undecided != self._told_undecided:
            change.undecided = self._told_undecided = undecided

    def _tell(self, change: Change) -> None:
        said = change.incidents or change.incidents_gone or change.units
        if said or change.undecided is not None or change.status is not None:
            self.seq = change.seq
            self._push(self._encode(change))

    def _push(self, data: bytes) -> None:
        for session, wake in self._streams.items():
            session.push(data)
            wake()

    def _tell_names(self) -> None:
        names = frozenset(each.operator for each in self._streams if each.operator)
        if names != self._names:
            self._names = names
            self._present(names)
