"""Puts the operators' side together: one aiohttp application. Opening its port is serve.py's."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from aiohttp import web

from console import pages
from console.archive import Archive
from console.asking import BODY_BYTES_MAX
from console.desk import DESK, Ask, Desk
from console.feed import Feed
from console.guard import make_guard
from console.looking import json_bytes
from console.openapi import openapi
from console.picture import HubView, Picture
from console.places import Places
from console.pump import Wrapper
from console.routes import ROUTES
from console.stream import STREAMS, TURNS, WRAPPER, close_streams, streaming
from console.turns import Turns
from dispatch.clock import Clock
from dispatch.ids import OperatorName
from dispatch.settings import Settings

STATIC_DIR: Final = Path(__file__).resolve().parent / "static"
"""Where the build puts the page."""


def make_feed(
    *,
    hub: HubView,
    settings: Settings,
    clock: Clock,
    present: Callable[[frozenset[OperatorName]], None],
    counters: Mapping[str, int],
    version: str,
    demo: bool,
) -> Feed:
    """The live stream of one hub: hand it to the shell as its consoles.

    ``present`` is told the names of operators with an open stream, whenever
    they change; ``counters`` is read for ``positions_shed``.
    """
    places = Places(hub.roster.communities.values(), near_m=settings.near_key_unit_m)
    return Feed(
        picture=Picture(hub=hub, clock=clock, places=places, counts=counters),
        settings=settings,
        present=present,
        version=version,
        demo=demo,
    )


def make_app(
    *,
    feed: Feed,
    archive: Archive,
    ask: Ask,
    counters: Callable[[], Mapping[str, int]],
    ready: Callable[[], bool],
    static_dir: Path = STATIC_DIR,
    extra_routes: Iterable[web.RouteDef] = (),
    notices: Callable[[], list[tuple[str, str]]] = list,
    gauges: Callable[[], Mapping[str, float]] = dict,
    ticks: bool = True,
) -> web.Application:
    """The application.

    ``ask`` does what a person asks; ``counters`` tells the counts of the other
    rooms for /metrics; ``ready`` whether the hub has its state back;
    ``extra_routes`` are mounted behind the same guard; ``notices`` tells what else
    is not as it should be, for /health; ``gauges`` how things stand in the other rooms,
    for /metrics; ``ticks`` false leaves ticking to the caller.
    """
    desk = Desk(
        feed=feed,
        archive=archive,
        ask=ask,
        counters=counters,
        ready=ready,
        static_dir=static_dir,
        notices=notices,
        gauges=gauges,
    )
    app = web.Application(middlewares=[make_guard(desk.incident)], client_max_size=BODY_BYTES_MAX)
    app[DESK] = desk
    app[STREAMS] = set()
    app[TURNS] = Turns()
    app[WRAPPER] = Wrapper()
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.handle)
    _add_openapi(app, feed.version)
    app.add_routes(extra_routes)
    _add_pages(app, static_dir)
    if ticks:
        app.cleanup_ctx.append(streaming)
    app.on_shutdown.append(close_streams)
    return app


def _add_openapi(app: web.Application, version: str) -> None:
    page = openapi(ROUTES, version=version)

    async def tell(_: web.Request) -> web.Response:
        return json_bytes(page)

    app.router.add_get("/api/v1/openapi.json", tell)


def _add_pages(app: web.Application, static_dir: Path) -> None:
    async def index(_: web.Request) -> web.StreamResponse:
        return pages.index(static_dir)

    async def asset(request: web.Request) -> web.StreamResponse:
        return pages.asset(static_dir, request.match_info["path"])

    app.router.add_get("/", index)
    app.router.add_get("/{path:(?!api/).+}", asset)
