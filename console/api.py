"""Puts the operators' side together: one aiohttp application. Opening its port is serve.py's."""

from collections.abc import Callable, Container, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from aiohttp import web

from console import pages
from console.archive import Archive
from console.asking import BODY_BYTES_MAX
from console.desk import DESK, Ask, Desk
from console.feed import Feed
from console.feeds import Feeds, Names
from console.guard import make_guard
from console.login.guarding import Gate
from console.login.office import LOGIN, LoginDesk
from console.login.own import Own
from console.login.routes import login_routes
from console.login.sweeping import sweeping
from console.login.vouched import Vouched
from console.looking import json_bytes
from console.lookups import BackupsDoc
from console.openapi import openapi
from console.picture import HubView, Picture, everybody
from console.places import Places
from console.pump import Wrapper
from console.route import Query, Route
from console.routes import ROUTES
from console.stream import STREAMS, TURNS, WRAPPER, close_streams, streaming
from console.tips.routes import TIP_ROUTES
from console.tips.shelf import TIPS
from console.turns import Turns
from console.within import WHOLE, HubWithin, Scope, WhereOf, community_of_radio
from dispatch.access.needs import AnyNeed, Guarded, Open
from dispatch.clock import Clock
from dispatch.ids import OperatorName
from dispatch.settings import LOOPBACK, Settings
from dispatch.tips.room import TipRoom

NEEDS: Final = web.AppKey("needs", dict[tuple[str, str], AnyNeed])
"""What each address asks, as the router has them: for the guard, and for the test of all."""

STATIC_DIR: Final = Path(__file__).resolve().parent / "static"
"""Where the build puts the page."""


def make_feeds(
    *,
    hub: HubView,
    settings: Settings,
    clock: Clock,
    present: Callable[[frozenset[OperatorName]], None],
    counters: Mapping[str, int],
    version: str,
    demo: bool,
    where_of: WhereOf = lambda _name: WHOLE,
    restored_until: Callable[[], int | None] = lambda: None,
) -> Feeds:
    """The live streams of one hub: hand them to the shell as its consoles.

    ``present`` is told the names of operators with an open stream, whenever
    they change; ``counters`` is read for ``positions_shed``; ``where_of`` says where an
    operator handles what comes in; ``restored_until`` since when something is missing after a
    restore, ms.
    """
    places = Places(hub.roster.communities.values(), near_m=settings.near_key_unit_m)

    def make(scope: Scope, names: Names) -> tuple[Feed, HubWithin | None]:
        view = None if scope == WHOLE else HubWithin(hub, scope, where_of)
        picture = Picture(
            hub=view or hub,
            clock=clock,
            places=places,
            counts=counters,
            among=everybody if view is None else view.among,
            restored_until=restored_until,
        )
        feed = Feed(picture=picture, settings=settings, present=names, version=version, demo=demo)
        return feed, view

    return Feeds(make, present=present)


def make_app(
    *,
    feeds: Feeds,
    gate: Gate,
    archive: Archive,
    ask: Ask,
    counters: Callable[[], Mapping[str, int]],
    ready: Callable[[], bool],
    static_dir: Path = STATIC_DIR,
    extra_routes: Iterable[Guarded] = (),
    notices: Callable[[], list[tuple[str, str]]] = list,
    gauges: Callable[[], Mapping[str, float]] = dict,
    backups: Callable[[], BackupsDoc] = BackupsDoc,
    ticks: bool = True,
    login: LoginDesk | None = None,
    hosts: Container[str] = LOOPBACK,
    tips: TipRoom | None = None,
) -> web.Application:
    """The application.

    ``gate`` finds out who asks; ``ask`` does what a person asks; ``counters`` tells the
    counts of the other rooms for /metrics; ``ready`` whether the hub has its state back;
    ``extra_routes`` are mounted behind the same guard; ``notices`` tells what else
    is not as it should be, for /health; ``gauges`` how things stand in the other rooms,
    for /metrics; ``backups`` how it stands with them, in a thread; ``ticks`` false leaves
    ticking to the caller; ``login`` lets people in (without it, ``gate`` alone knows them);
    ``hosts`` are the names and addresses by which browsers may ask; ``tips`` are the sealed
    ones, where there is a ``login``.
    """
    desk = Desk(
        feeds=feeds,
        gate=gate,
        archive=archive,
        ask=ask,
        counters=counters,
        ready=ready,
        static_dir=static_dir,
        notices=notices,
        gauges=gauges,
        backups=backups,
    )
    needs: dict[tuple[str, str], AnyNeed] = {}
    roster = feeds.whole.picture.hub.roster
    guard = make_guard(desk.incident, gate, needs, partial(community_of_radio, roster), hosts)
    app = web.Application(middlewares=[guard], client_max_size=BODY_BYTES_MAX)
    app[NEEDS] = needs
    app[DESK] = desk
    app[STREAMS] = set()
    app[TURNS] = Turns()
    app[WRAPPER] = Wrapper()
    told: tuple[Route, ...] = ROUTES
    if login is not None:
        app[LOGIN] = login
        app.cleanup_ctx.append(sweeping)
        vouched = Vouched(login.provider)
        told = (*ROUTES, *login_routes(Own(provider_name=vouched.name), vouched))
        if tips is not None:
            app[TIPS] = tips
            told = (*told, *TIP_ROUTES)
    own: tuple[Route | Guarded, ...] = (*told, *extra_routes)
    described = (*told, *(_route(each) for each in own if isinstance(each, Guarded)))
    described = tuple(each for each in described if each.summary)
    for route in (*own, *_descriptions(described, feeds.whole.version), *_pages(static_dir)):
        heads = route.method == "GET" and isinstance(route, Guarded)
        add = app.router.add_get if heads else partial(app.router.add_route, route.method)
        added = add(route.path, route.handle)
        assert added.resource is not None, "a route has an address"
        needs[route.method, added.resource.canonical] = route.need
    if ticks:
        app.cleanup_ctx.append(streaming)
    app.on_shutdown.append(close_streams)
    return app


def _route(guarded: Guarded) -> Route:
    """An address of another room, as the description tells of ours."""
    return Route(
        method=guarded.method,
        path=guarded.path,
        summary=guarded.summary,
        handle=guarded.handle,
        need=guarded.need,
        body=guarded.body,
        is_command=False,
        answer=guarded.answer,
        query=tuple(Query(name=name, what=what, is_number=False) for name, what in guarded.query),
    )


def _descriptions(routes: Iterable[Route], version: str) -> list[Guarded]:
    page = openapi(routes, version=version)

    async def tell(_: web.Request) -> web.Response:
        return json_bytes(page)

    return [Guarded(method="GET", path="/api/v1/openapi.json", handle=tell, need=Open.PERSON)]


def _pages(static_dir: Path) -> list[Guarded]:
    """The page is for everybody: it is where one logs in, and holds nothing of anybody's."""

    async def index(_: web.Request) -> web.StreamResponse:
        return pages.index(static_dir)

    async def asset(request: web.Request) -> web.StreamResponse:
        return pages.asset(static_dir, request.match_info["path"])

    return [
        Guarded(method="GET", path="/", handle=index, need=Open.PUBLIC),
        Guarded(method="GET", path="/{path:(?!api/).+}", handle=asset, need=Open.PUBLIC),
    ]
