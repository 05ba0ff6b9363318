"""The real hub, store and server before a browser, but no broker: the test is the radios.

Everything runs on one loop in a thread of its own, so that a test may drive a
browser and the radios in turn, in plain sentences.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
from aiohttp import web

from console.api import STATIC_DIR, make_app, make_feeds
from console.login.first import first_link, make_login, where_of
from console.login.guarding import COOKIE
from console.login.hashing import Hasher
from console.login.radio_consents import RadioConsents
from console.lookups import BackupsDoc
from console.serve import Door
from devices.ca_page import ca_routes
from dispatch.access.accounts import Held
from dispatch.access.facts import Ended, How, PasswordChanged
from dispatch.access.kept import Secret
from dispatch.access.needs import Guarded, Need, Where
from dispatch.access.permissions import FIRST_OFFICES
from dispatch.access.requests import ThisMachine, open_account
from dispatch.access.words import EVERYWHERE, NO_COMMUNITY, Right
from dispatch.clock import MILLISECOND, SECOND, HubClock
from dispatch.config import load_roster
from dispatch.decide import Chooser, choose
from dispatch.hub import Hub
from dispatch.ids import AssignmentId, CommunityId, OperatorName, RadioId, UnitId
from dispatch.live import LiveTable
from dispatch.outgoing import OrderMessage, ToRadio
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    Fix,
    FixBatch,
    LinkReading,
    MessageReading,
    PressId,
    PressReading,
)
from dispatch.roster import Pins, RadioRecord, Roster
from dispatch.settings import Settings
from dispatch.shell import Shell
from dispatch.store.auditing import AuditQuery
from dispatch.store.sql import SqlStore
from dispatch.tls.folder import TlsFolder
from dispatch.words import AssignmentState, Kind
from tests.devices.radio_rooms import office_of
from tests.dispatch.tips.rooms import tip_room
from tests.system import PASSWORD

COMMUNITY: Final = CommunityId("xizi")
WAIT_S: Final = 20.0
BOOT: Final = "00000000000000a1"
PIN: Final = "0417"
DURESS_PIN: Final = "9417"
QUICK: Final = Hasher(memory_kib=64)
"""Of tests: what must be slow elsewhere would only be waited for."""

T = TypeVar("T")


class Orders:
    """The radios' ears: keeps the last order each was sent."""

    def __init__(self) -> None:
        self.of: dict[RadioId, AssignmentId] = {}

    def send(self, message: ToRadio) -> None:
        """Remember an order; the rest needs no answer here."""
        if isinstance(message.message, OrderMessage):
            self.of[message.radio] = message.message.order


class Stage:
    """Demo community, real hub; every method may be called from the test's thread."""

    def __init__(self, data_dir: Path, *, choose: Chooser = choose) -> None:
        self.data_dir = data_dir
        self._choose = choose
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stage", daemon=True)
        self._presses = 0
        self.port = 0
        self.places: dict[RadioId, tuple[float, float]] = {}
        """Where every radio was last put."""
        self.backups = BackupsDoc()
        """What is told of them."""

    @property
    def url(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.port}/"

    # --- curtain ---

    def open(self) -> None:
        """Start everything; all radios sign on at their posts."""
        self._thread.start()
        self._run(self._open())

    def close(self) -> None:
        """End everything."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    async def _open(self) -> None:
        self._store = SqlStore.open("", data_dir=self.data_dir, on_state=lambda _why: None)
        settings = Settings(data_dir=self.data_dir)
        listed = load_roster(())
        self._clock = HubClock()
        enrolled = [
            self._store.enroll(record, secret_hash="none", t=self._clock.now())
            for record in listed.radios.values()
        ]
        await asyncio.gather(*map(asyncio.wrap_future, enrolled))
        pins = {radio: Pins(calm=PIN, duress=DURESS_PIN) for radio in listed.radios}
        roster = Roster(listed.communities.values(), listed.radios.values(), pins)
        self.hub = Hub(
            settings=settings, roster=roster, live=LiveTable(roster), choose=self._choose
        )
        self._shell = Shell(hub=self.hub, clock=self._clock)
        self.orders = Orders()
        self.login, self._gate = make_login(
            self._store,
            self._clock,
            roster,
            token="yihu-local-stage",
            has_authority=TlsFolder.of(self.data_dir).authority_file.exists,
            unfollow=self.hub.live.set_unfollowed,
            bar=self.hub.live.set_barred,
        )
        self._feeds = make_feeds(
            hub=self.hub,
            settings=settings,
            clock=self._clock,
            present=self._shell.present,
            counters=self._shell.counts,
            version="0.0.0",
            demo=True,
            where_of=partial(where_of, self.login),
            restored_until=lambda: self.backups.restored_until,
        )
        times = self.login.books.times
        self._office = office_of(
            self._store,
            roster,
            times.machine,
            enroll=self._shell.enroll,
            consents=RadioConsents(self.login),
        )
        self._shell.connect(
            store=self._store,
            radios=self.orders,
            consoles=self._feeds,
            kick=self._office.codes.void,
        )
        self._shell.start(self._store.load())
        await self._listen()
        self._sign_on(roster)

    async def _close(self) -> None:
        self._shell.stop()
        if self._door is not None:
            await self._door.close()
        self._store.close()

    async def _listen(self, static_dir: Path = STATIC_DIR) -> None:
        press = Guarded(
            method="POST",
            path="/demo/press",
            handle=self._demo_press,
            need=Need(Right.USE_DEMO, Where.BODY_UNIT),
        )
        app = make_app(
            feeds=self._feeds,
            gate=self._gate,
            login=self.login,
            tips=tip_room(self._store, self.data_dir, self._clock.now),
            archive=self._store,
            ask=self._shell.ask,
            counters=dict,
            ready=lambda: True,
            backups=lambda: self.backups,
            static_dir=static_dir,
            extra_routes=[press, *self._office.routes(), *ca_routes(self.data_dir)],
        )
        self._door: Door | None = Door(app)
        self.port = await self._door.open("127.0.0.1", self.port)

    # --- who sits at the console ---

    def let_in(self, name: str, *held: Held, unit: str = "") -> None:
        """Open an account with the password of all tests and these offices; by default an
        operator's and administrator's of everything. They may carry a radio."""

        async def open_it() -> None:
            books, by = self.login.books, ThisMachine()
            if books.access.find(name) is not None:
                return
            offices = held or tuple((each, EVERYWHERE) for each in FIRST_OFFICES)
            carried = UnitId(unit) or None
            opened = open_account(books.access, by, name, offices, carried, self._now())
            changed = PasswordChanged(
                t=self._now(), community=NO_COMMUNITY, account=opened[0].account, by_link=True
            )
            secret = Secret(account=opened[0].account, password=await QUICK.hash(PASSWORD))
            await books.change(lambda: ([*opened, changed], [secret]))

        self._run(open_it())

    def first_link(self) -> str:
        """What a server prints that has no administrator."""
        return self._run(first_link(self.login))

    def facts(self, name: str) -> list[Any]:
        """Of this name, in the journal, oldest first."""

        async def read() -> list[Any]:
            await asyncio.wrap_future(self._store.keep_access([], []))  # behind what was noted
            page = self._store.audit(AuditQuery(names=frozenset({name}), count=500))
            return [fact for _, fact in page.facts][::-1]

        return self._run(read())

    def end_logins(self, name: str) -> None:
        """Somebody ends them from elsewhere."""

        def end() -> None:
            books = self.login.books
            mine = books.sessions.of(OperatorName(name))
            books.note(*books.ending(mine, Ended.ENDED, OperatorName(name)))

        self._on_loop(end)

    def headers(self, name: str) -> dict[str, str]:
        """Headers of somebody who is logged in, for requests by hand."""
        self.let_in(name)

        async def come_in() -> dict[str, str]:
            account = self.login.books.access.find(name)
            assert account is not None
            cookie, session = self.login.entry.begin(account, How.LINK, address="", agent="")
            return {"Cookie": f"{COOKIE}={cookie}", "X-CSRF": session.csrf}

        return self._run(come_in())

    # --- the radios ---

    def press(
        self,
        unit: str,
        kind: Kind = Kind.SOS,
        *,
        covert: bool = False,
        fix: bool = True,
        late_s: float = 0,
        drill: bool = False,
    ) -> str:
        """A red button; gives back the incident's id once it is decided."""
        before = self._on_loop(lambda: self._rings_of(unit))
        self._on_loop(lambda: self._press(RadioId(unit), kind, covert, fix, late_s, drill))
        self.until(lambda: self._rings_of(unit) > before)
        return self._on_loop(lambda: self._incident_of(unit))

    def call_off(self, unit: str, pin: str = PIN) -> None:
        """The bearer asks to call the last alarm off."""
        self._on_loop(lambda: self._call_off(RadioId(unit), pin))

    def answer(self, unit: str, *states: AssignmentState, reason: str = "") -> None:
        """What a unit answers to its order, one state after the other."""
        for state in states:
            self._on_loop(partial(self._answer, RadioId(unit), state, reason))

    def move(self, unit: str, lon: float, lat: float, *, age_s: float = 0) -> None:
        """A fix of one radio."""
        self._on_loop(lambda: self._fix([RadioId(unit)], [(lon, lat)], age_s))

    def go_offline(self, unit: str) -> None:
        """The radio's last will."""
        reading = LinkReading(
            radio=RadioId(unit), community=COMMUNITY, online=False, received_t=self._now()
        )
        self._on_loop(lambda: self._hear(reading))

    def called(self, incident: str) -> list[str]:
        """Units that are asked or coming, in the order they were asked."""

        def look() -> list[str]:
            held = self.hub.incidents[incident]  # type: ignore[index]  # a test's plain text
            return [each.unit for each in held.assignments.values() if each.live]

        return self._on_loop(look)

    # --- trouble ---

    def broker(self, why: str) -> None:
        """The broker goes (why) or comes back (empty)."""
        self._on_loop(lambda: self._shell.on_link(why))

    def shed(self, count: int) -> None:
        """So many positions come that these are given up."""
        self._on_loop(lambda: self._shell.on_positions_shed(count))

    def store(self, why: str) -> None:
        """The store goes (why) or comes back (empty)."""
        self._shell.store_state_threadsafe(why)

    def hang_up(self) -> None:
        """The server is gone: its port closes and every stream with it."""

        async def end() -> None:
            assert self._door is not None
            await self._door.close()
            self._door = None

        self._run(end())

    def pick_up(self, static_dir: Path = STATIC_DIR) -> None:
        """The server is back on the same port, with this build of the page."""
        self._run(self._listen(static_dir))

    # --- steps ---

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds on the hub's loop."""

        deadline = time.monotonic() + WAIT_S
        while not self._on_loop(true):
            assert time.monotonic() < deadline, f"not true within {WAIT_S} s"
            time.sleep(0.01)

    def _sign_on(self, roster: Roster) -> None:
        for number, radio in enumerate(roster.radios.values()):
            about = {"radio": radio.radio, "community": COMMUNITY, "received_t": self._now()}
            self._hear(LinkReading(online=True, **about))  # type: ignore[arg-type]  # one dict
            self._hear(DutyReading(on=True, device_t=self._now(), **about))  # type: ignore[arg-type]
            self.places[radio.radio] = _post(roster, radio, number)
        self._fix(list(self.places), list(self.places.values()), age_s=0)

    def _hear(self, reading: MessageReading) -> None:
        self._shell.on_reading(reading, lambda: None)

    def _call_off(self, radio: RadioId, pin: str) -> None:
        mine = [a for a in self.hub.alarms.values() if a.unit == UnitId(radio)]
        self._hear(
            CallOffReading(
                radio=radio,
                community=COMMUNITY,
                alarm=max(mine, key=lambda alarm: alarm.received_t).alarm,
                pin=pin,
                device_t=self._now(),
                received_t=self._now(),
            )
        )

    def _press(
        self,
        radio: RadioId,
        kind: Kind,
        covert: bool,
        fix: bool,
        late_s: float,
        drill: bool = False,
    ) -> None:
        self._presses += 1
        now = self._now()
        device_t = now - int(late_s * SECOND)
        lon, lat = self.places[radio]
        self._hear(
            PressReading(
                press=PressId(radio=radio, boot=BOOT, counter=self._presses),
                community=COMMUNITY,
                device_t=device_t,
                received_t=now,
                kind=kind,
                covert=covert,
                fix=Fix(t=device_t - 3 * SECOND, lon=lon, lat=lat, acc_m=12.0) if fix else None,
                digest=f"{self._presses:064x}",
                drill=drill,
            )
        )

    def _answer(self, radio: RadioId, state: AssignmentState, reason: str) -> None:
        self._hear(
            AnswerReading(
                radio=radio,
                community=COMMUNITY,
                assignment=self.orders.of[radio],
                state=state,
                reason=reason,
                device_t=self._now(),
                received_t=self._now(),
            )
        )

    def _fix(self, radios: list[RadioId], at: list[tuple[float, float]], age_s: float) -> None:
        count, now, find = len(radios), self._now(), self.hub.live.find
        self.places.update(zip(radios, at, strict=True))
        self._shell.on_fixes(
            FixBatch(
                rows=np.array([find(COMMUNITY, radio) for radio in radios], dtype=np.int64),
                t=np.full(count, now - int(age_s * SECOND), dtype=np.int64),
                lon=np.array([lon for lon, _ in at], dtype=np.float64),
                lat=np.array([lat for _, lat in at], dtype=np.float64),
                acc_m=np.full(count, 8.0, dtype=np.float32),
                speed_mps=np.full(count, 1.1, dtype=np.float32),
                course_deg=np.full(count, 90.0, dtype=np.float32),
                battery_pct=np.full(count, 76, dtype=np.int8),
                received_t=now,
            )
        )

    def _rings_of(self, unit: str) -> int:
        return sum(
            alarm.unit == unit and (alarm.incident is not None or bool(alarm.undecided))
            for alarm in self.hub.alarms.values()
        )

    def _incident_of(self, unit: str) -> str:
        mine = [a for a in self.hub.alarms.values() if a.unit == UnitId(unit)]
        return max(mine, key=lambda alarm: alarm.received_t).incident or ""

    async def _demo_press(self, request: web.Request) -> web.Response:
        said: dict[str, Any] = await request.json()
        self._press(RadioId(said["unit"]), Kind(said["kind"]), bool(said["covert"]), True, 0)
        body = msgspec.json.encode({"subject": said["unit"], "version": 0})
        return web.Response(body=body, content_type="application/json")

    def _now(self) -> int:
        return self._clock.now() // MILLISECOND * MILLISECOND

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S * 2)

    def _on_loop(self, do: Callable[[], T]) -> T:
        async def once() -> T:
            return do()

        return self._run(once())


def _post(roster: Roster, radio: RadioRecord, number: int) -> tuple[float, float]:
    """Somewhere in the radio's grid, the same in every run; those with no post spread out."""
    grids = roster.communities[radio.community].grids.grids
    posted = [grid for grid in grids if grid.id == radio.post]
    grid = posted[0] if posted else grids[number % len(grids)]
    west, south, east, north = grid.polygon.bounds
    across, up = 0.25 + 0.17 * (number % 4), 0.3 + 0.2 * (number % 3)
    return west + (east - west) * across, south + (north - south) * up


@contextmanager
def staged(data_dir: Path, *, choose: Chooser = choose) -> Iterator[Stage]:
    """A stage for the length of a block."""
    stage = Stage(data_dir, choose=choose)
    stage.open()
    try:
        yield stage
    finally:
        stage.close()
