"""A server with its real door: real store, accounts and guard; the hub is a test's."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Container
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, TCPConnector
from yarl import URL

from console.api import NEEDS, make_app, make_feeds
from console.login.books import AccountBooks, Times
from console.login.entry import Entry
from console.login.guarding import COOKIE, AccessGate
from console.login.hashing import Hasher
from console.login.looks import Looks
from console.login.office import LoginDesk
from console.login.provider import Provider
from console.serve import Door
from dispatch.access.accounts import Held
from dispatch.access.kept import Secret
from dispatch.access.needs import AnyNeed, Guarded
from dispatch.access.requests import ThisMachine, open_account
from dispatch.access.words import EVERYWHERE, Office
from dispatch.clock import SECOND
from dispatch.gateways.forgetting import Numbers
from dispatch.ids import OperatorName, UnitId
from dispatch.settings import LOOPBACK
from dispatch.store.auditing import AuditQuery
from dispatch.store.sql import SqlStore
from dispatch.tips.room import TipRoom
from tests.console.builders import NOON, clock, settings_of_a_hub
from tests.console.samples import evening
from tests.console.server import FakeArchive, FakeShell, said
from tests.dispatch.tips.rooms import tip_room
from tests.ports import free_ports

TOKEN = "yihu-local-token-of-a-test"
PASSWORD = "夜班要喝浓茶2杯才行的"
MEMORY_KIB = 64
"""So that a test does not wait for what must be slow elsewhere."""


@dataclass
class Wound:
    """The machine's time and the steady one, wound by hand."""

    t: int = NOON

    def __call__(self) -> int:
        """Now."""
        return self.t

    def wind(self, seconds: float) -> None:
        """So much later."""
        self.t += int(seconds * SECOND)


@dataclass
class Browser:
    """Somebody's browser: keeps its cookie, and sends the token that goes with it."""

    place: "Place"
    client: ClientSession
    csrf: str = ""
    me: dict[str, Any] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        """What it holds."""
        return self.client.cookie_jar.filter_cookies(URL(self.place.url("/")))[COOKIE].value

    async def get(self, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON."""
        async with self.client.get(self.place.url(path), **options) as response:
            return response.status, await said(response)

    async def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON."""
        every = {"X-CSRF": self.csrf, "Idempotency-Key": "c-1", **headers}
        async with self.client.post(
            self.place.url(path), json=body or {}, headers={k: v for k, v in every.items() if v}
        ) as response:
            return response.status, await said(response)

    async def log_in(self, name: str, password: str = PASSWORD, code: str = "") -> tuple[int, Any]:
        """By the page's own request."""
        wanted = {"name": name, "password": password, "code": code}
        status, told = await self.post("/api/v1/login", wanted)
        self._welcome(status, told)
        return status, told

    async def follow(self, link: str, password: str = PASSWORD, name: str = "") -> tuple[int, Any]:
        """A one-time link."""
        wanted = {"link": link, "password": password, "name": name}
        status, told = await self.post("/api/v1/login/link", wanted)
        self._welcome(status, told)
        return status, told

    def _welcome(self, status: int, told: Any) -> None:
        if status == 200:
            self.csrf, self.me = told["csrf"], told


@dataclass
class Place:
    """The server, and what a test holds of it."""

    port: int
    store: SqlStore
    login: LoginDesk
    time: Wound
    shell: FakeShell
    store_folder: Path
    needs: dict[tuple[str, str], AnyNeed]
    tips: TipRoom
    browsers: list[ClientSession] = field(default_factory=list)

    def url(self, path: str) -> str:
        """An address."""
        return f"http://127.0.0.1:{self.port}{path}"

    def browser(self) -> Browser:
        """A fresh one."""
        client = ClientSession(
            connector=TCPConnector(force_close=True), cookie_jar=CookieJar(unsafe=True)
        )
        self.browsers.append(client)
        return Browser(self, client)

    async def machine(self, path: str, body: Any = None) -> tuple[int, Any]:
        """What the machine's own token asks."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "m-1"}
        async with ClientSession() as client:
            if body is None:
                async with client.get(self.url(path), headers=headers) as response:
                    return response.status, await said(response)
            async with client.post(self.url(path), json=body, headers=headers) as response:
                return response.status, await said(response)

    async def let_in(self, name: str, *held: Held, unit: str = "") -> Browser:
        """Somebody with an account, a password and these offices, logged in."""
        access, books = self.login.books.access, self.login.books
        facts = open_account(access, ThisMachine(), name, held, UnitId(unit) or None, NOON)
        await books.change(lambda: (facts, []))
        _, told = await self.machine("/api/v1/links", {"account": name})
        browser = self.browser()
        status, _ = await browser.follow(told["path"].partition("=")[2])
        assert status == 200
        return browser

    async def let_in_by_hand(self, name: str, *held: Held) -> None:
        """The same account and password, without a browser."""
        access, books = self.login.books.access, self.login.books
        facts = open_account(access, ThisMachine(), name, held, None, NOON)
        kept = await self.login.entry.hasher.hash(PASSWORD)
        secret = Secret(account=OperatorName(name), password=kept)
        await books.change(lambda: (facts, [secret]))

    async def administrator(self) -> Browser:
        """Of everything."""
        return await self.let_in("管理一席", (Office.ADMINISTRATOR, EVERYWHERE))

    async def facts(self, name: str) -> list[Any]:
        """Of this name, in the journal, oldest first."""
        await asyncio.wrap_future(self.store.keep_access([], []))  # behind what was noted
        page = self.store.audit(AuditQuery(names=frozenset({name}), count=500))
        return [fact for _, fact in page.facts][::-1]


@asynccontextmanager
async def open_place(
    folder: Path,
    *,
    extra_routes: list[Guarded] | None = None,
    rooms: Callable[[SqlStore, Wound], list[Guarded]] | None = None,
    provider: Callable[[int], Provider] | None = None,
    tls: ssl.SSLContext | None = None,
    hosts: Container[str] = LOOPBACK,
    numbers: Numbers | None = None,
) -> AsyncIterator[Place]:
    """The server, until the block ends; started again in the same folder it goes on. ``rooms``
    makes addresses that need its store."""
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    time, hub, shell = Wound(), evening(), FakeShell()
    books = AccountBooks(store, Times(hub=time, machine=time, steady=time))
    looks = Looks(books)
    entry = Entry(books, Hasher(memory_kib=MEMORY_KIB))
    (free,) = free_ports(1)
    login = LoginDesk(
        books=books,
        entry=entry,
        looks=looks,
        roster=hub.roster,
        numbers=numbers or Numbers(),
        provider=None if provider is None else provider(free),
    )
    tips = tip_room(store, folder, time)
    feeds = make_feeds(
        hub=hub,
        settings=settings_of_a_hub(),
        clock=clock(),
        present=shell.hear_present,
        counters={},
        version="0",
        demo=True,
    )
    app = make_app(
        feeds=feeds,
        gate=AccessGate(books, looks, local_token=TOKEN),
        login=login,
        tips=tips,
        archive=FakeArchive(),
        ask=shell.ask,
        counters=dict,
        ready=lambda: True,
        static_dir=folder,
        ticks=False,
        extra_routes=extra_routes or (rooms(store, time) if rooms else ()),
        hosts=hosts,
    )
    door = Door(app)
    place = Place(
        await door.open("127.0.0.1", free, tls),
        store,
        login,
        time,
        shell,
        folder,
        app[NEEDS],
        tips,
    )
    try:
        yield place
    finally:
        for client in place.browsers:
            await client.close()
        await door.close()
        store.close()
