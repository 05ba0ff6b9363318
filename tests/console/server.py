"""A console on a free port of this machine with a hub that a test writes itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from aiohttp import (
    ClientResponse,
    ClientSession,
    ClientWebSocketResponse,
    TCPConnector,
    WSMsgType,
    web,
)

from console.api import make_app, make_feeds
from console.feed import Feed
from console.feeds import Feeds
from console.login.sessions import Session
from console.login.who import Who
from console.serve import Door
from console.wire import ServerMessage
from dispatch.access.accounts import Account, Held
from dispatch.access.facts import LookedAt
from dispatch.access.refusals import NoRightError
from dispatch.access.requests import ThisMachine
from dispatch.access.words import EVERYWHERE, THIS_MACHINE, Office, SessionId
from dispatch.commands import AnyCommand
from dispatch.events import Event
from dispatch.ids import CommunityId, DrillId, IncidentId, OperatorName, UnitId
from dispatch.messages import Reply
from dispatch.store.port import DrillRow, IncidentRow, IncidentSlice, Track
from tests.console.builders import NOON, FakeHub, clock, settings_of_a_hub
from tests.console.samples import evening
from tests.slices import slice_of

CSRF = "csrf-of-a-test"
DESK_ONE = OperatorName("调度一席")


def as_operator(name: str) -> dict[str, str]:
    """Headers by which ``FakeGate`` knows a person at a console."""
    return {"Authorization": f"Bearer {quote(name)}", "X-CSRF": CSRF}


HEADERS = {"Idempotency-Key": "c-1", **as_operator(DESK_ONE)}


class FakeGate:
    """Knows everybody by the name they say, and lets them do what their offices allow: all of
    them everywhere, unless a test says otherwise. Nobody in particular is this machine."""

    def __init__(self) -> None:
        self.offices: dict[str, set[Held]] = {}
        self.gone: set[str] = set()
        """Whose login has ended."""
        self.listeners: set[Callable[[], None]] = set()
        self.looks: list[tuple[str, LookedAt | None, Sequence[UnitId]]] = []

    def now(self) -> int:
        """It is noon."""
        return NOON

    def identify(self, request: web.Request) -> Who | None:
        """By the name said."""
        name = unquote(request.headers.get("Authorization", "").partition(" ")[2])
        if name in self.gone:
            return None
        if not name:
            return Who(actor=ThisMachine())
        every = {(office, EVERYWHERE) for office in Office}
        offices = self.offices.get(name, every)
        account = Account(
            name=OperatorName(name), opened_t=NOON, opened_by=THIS_MACHINE, offices=offices
        )
        session = Session(
            digest=name,
            session=SessionId("s1"),
            account=account.name,
            made_t=NOON,
            seen_t=NOON,
            address="127.0.0.1",
            agent="",
            csrf=CSRF,
        )
        return Who(actor=account, session=session, account=account)

    def looked_live(self, who: Who, where: frozenset[CommunityId]) -> None:
        """Write it down."""
        del where
        self.looks.append((who.name, None, ()))

    def looked_at_paper(
        self, who: Who, at: LookedAt, incident: IncidentId, units: Sequence[UnitId]
    ) -> None:
        """Write it down."""
        del incident
        self.looks.append((who.name, at, tuple(units)))

    def denied(self, who: Who, asked: str, refused: NoRightError, address: str) -> None:
        """Nobody reads it here: tests/console/login has the gate of a real server."""
        del who, asked, refused, address


@dataclass
class FakeArchive:
    """A store that holds what it is given."""

    facts: dict[IncidentId, list[Event]] = field(default_factory=dict)
    rows: list[IncidentRow] = field(default_factory=list)
    drills: dict[DrillId, DrillRow] = field(default_factory=dict)

    def incident_facts(self, incident: IncidentId) -> list[Event]:
        """What it was given; nothing for a stranger."""
        return self.facts.get(incident, [])

    def incident_slice(self, incident: IncidentId) -> IncidentSlice:
        """As if nothing but this incident stood in the journal."""
        return slice_of(self.facts.get(incident, []), incident)

    def track(self, unit: UnitId, *, from_t: int, to_t: int, fixes_max: int) -> Track:
        """Nobody went anywhere."""
        return Track(unit=unit, from_t=from_t, to_t=to_t, fixes=(), fixes_left_out=0)

    def drill(self, drill: DrillId) -> DrillRow | None:
        """What it was given."""
        return self.drills.get(drill)

    def incidents_of_drill(self, drill: DrillId, *, count_max: int) -> list[IncidentRow]:
        """Oldest first."""
        its = [row for row in self.rows if row.drill == drill]
        return sorted(its, key=lambda row: row.opened_t)[:count_max]

    def closed_incidents(self, *, before_t: int, count_max: int) -> list[IncidentRow]:
        """Newest first."""
        older = [row for row in self.rows if row.opened_t < before_t]
        return sorted(older, key=lambda row: -row.opened_t)[:count_max]


class FakeShell:
    """Does what it is asked by writing it down; refuses where a test says so."""

    def __init__(self) -> None:
        self.asked: list[AnyCommand] = []
        self.present: list[frozenset[OperatorName]] = []
        self.alone = asyncio.Event()
        self.refuse: Exception | None = None
        self.hangs = False

    def hear_present(self, names: frozenset[OperatorName]) -> None:
        """Who sits at a console; ``alone`` is set once nobody does any more."""
        self.present.append(names)
        if not names:
            self.alone.set()

    async def ask(self, command: AnyCommand) -> Reply:
        """A reply at version 6, or the refusal."""
        self.asked.append(command)
        if self.hangs:
            await asyncio.Event().wait()
        if self.refuse is not None:
            raise self.refuse
        return Reply(subject="xizi-20251121-001", version=6)


@dataclass
class Console:
    """A running console and what a test holds of it."""

    hub: FakeHub
    feed: Feed
    feeds: Feeds
    gate: FakeGate
    shell: FakeShell
    archive: FakeArchive
    port: int
    client: ClientSession
    static_dir: Path

    def url(self, path: str) -> str:
        """An address of this console."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        async with self.client.get(self.url(path), **options) as response:
            return response.status, await said(response)

    async def post(
        self, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of a command's answer; bytes go as they are."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body or {})
        all_headers = {"Content-Type": "application/json", **HEADERS, **(headers or {})}
        async with self.client.post(
            self.url(path), data=data, headers={k: v for k, v in all_headers.items() if v}
        ) as response:
            return response.status, await said(response)


async def said(response: ClientResponse) -> Any:
    """An answer's JSON; its text where it is none."""
    data = await response.read()
    if response.content_type == "application/json":
        return msgspec.json.decode(data)
    return data.decode()


async def hear(socket: ClientWebSocketResponse) -> Any:
    """The next message of a stream: a server message, or the bytes of a frame."""
    message = await socket.receive(timeout=5.0)
    if message.type is WSMsgType.BINARY:
        return message.data
    assert message.type is WSMsgType.TEXT, message
    return msgspec.json.decode(message.data, type=ServerMessage)


@asynccontextmanager
async def running(
    static_dir: Path,
    *,
    ready: Callable[[], bool] = lambda: True,
    counters: Mapping[str, int] | None = None,
    **options: Any,
) -> AsyncIterator[Console]:
    """A console in the middle of the evening of the samples; it ticks only when told."""
    hub, shell, archive = evening(), FakeShell(), FakeArchive()
    gate = FakeGate()
    feeds = make_feeds(
        hub=hub,
        settings=settings_of_a_hub(),
        clock=clock(),
        present=shell.hear_present,
        counters={},
        version="0.0.0",
        demo=True,
    )
    app = make_app(
        feeds=feeds,
        gate=gate,
        archive=archive,
        ask=shell.ask,
        counters=lambda: counters or {},
        ready=ready,
        static_dir=static_dir,
        ticks=False,
        **options,
    )
    door = Door(app)
    port = await door.open("127.0.0.1", 0)
    async with ClientSession(connector=TCPConnector(force_close=True)) as client:
        try:
            yield Console(hub, feeds.whole, feeds, gate, shell, archive, port, client, static_dir)
        finally:
            await door.close()
