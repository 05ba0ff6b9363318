"""Every address of the API, once: the router and the OpenAPI page read this same table."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from console import asking, looking
from console.asking import Asker, Path, RequestRefusedError
from console.desk import DESK
from console.stream import stream
from console.wire import (
    Accepted,
    AssignBody,
    CloseBody,
    DecisionDoc,
    Health,
    IncidentDoc,
    IncidentPage,
    NoteBody,
    OpenBody,
    ReopenBody,
    RevokeBody,
    Snapshot,
    TakeBody,
    WithdrawBody,
)
from dispatch.commands import AnyCommand

BODY_TIMEOUT_S: Final = 10.0
"""A body of 64 KiB that takes longer is held back on purpose."""
ASK_TIMEOUT_S: Final = 15.0
"""A command is on disk within milliseconds; when the store hangs the asker is told."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BodyT = TypeVar("BodyT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A part of an address after the question mark."""

    name: str
    what: str
    is_number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address and what it does."""

    method: str
    path: str
    summary: str
    handle: Handler
    body: type[msgspec.Struct] | None = None
    """A command has one; it also has the two headers."""
    answer: type[msgspec.Struct] | None = None
    answer_type: str = "application/json"
    query: tuple[Query, ...] = ()


def look(
    path: str,
    handle: Handler,
    summary: str,
    answer: type[msgspec.Struct] | None = None,
    *,
    answer_type: str = "application/json",
    query: tuple[Query, ...] = (),
) -> Route:
    """An address that changes nothing."""
    return Route(
        method="GET",
        path=path,
        summary=summary,
        handle=handle,
        answer=answer,
        answer_type=answer_type,
        query=query,
    )


def do(
    path: str,
    shape: type[BodyT],
    build: Callable[[Asker, Path, BodyT], AnyCommand],
    summary: str,
) -> Route:
    """An address that asks the hub to do something."""

    async def handle(request: web.Request) -> web.Response:
        who = asking.asker(request.headers)
        said = asking.body(await _body(request), shape)
        command = build(who, request.match_info, said)
        desk = request.app[DESK]
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                reply = await desk.ask(command)
        except TimeoutError:
            raise RequestRefusedError(
                504, "no_answer", "not on disk yet; ask again with the same Idempotency-Key"
            ) from None
        desk.feed.tell_now()  # before the answer: a button must not offer again what was just done
        accepted = Accepted(subject=reply.subject, version=reply.version)
        return looking.json_bytes(msgspec.json.encode(accepted))

    return Route(
        method="POST", path=path, summary=summary, handle=handle, body=shape, answer=Accepted
    )


async def _body(request: web.Request) -> bytes:
    """The body, bounded in length and in time. Raises RequestRefusedError.

    Only JSON is taken: a form of another site could send the other types
    without the browser asking us first.
    """
    if request.content_type != "application/json":
        raise RequestRefusedError(415, "not_json", "Content-Type must be application/json")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.read()
    except TimeoutError:
        raise RequestRefusedError(408, "too_slow", "the body did not come in time") from None


INCIDENT = "/api/v1/incidents/{incident}"

ROUTES: Final = (
    look("/api/v1/snapshot", looking.snapshot, "Everything that a page shows", Snapshot),
    look(
        "/api/v1/stream",
        stream,
        "The live stream (WebSocket): hello, snapshot, changes, positions",
        query=(Query(name="operator", what="who sits at this console", is_number=False),),
    ),
    look(
        "/api/v1/communities/{community}/grids",
        looking.grids,
        "The grids of a community",
        answer_type=looking.GEOJSON,
    ),
    look(
        "/api/v1/communities/{community}/streets",
        looking.streets,
        "The streets of a community",
        answer_type=looking.GEOJSON,
    ),
    look(
        "/api/v1/incidents",
        looking.incidents,
        "Ended incidents, newest first",
        IncidentPage,
        query=(
            Query(name="before", what="opened before this time, ms UTC"),
            Query(name="count", what=f"how many, at most {looking.ROWS_MAX}"),
        ),
    ),
    look(INCIDENT, looking.incident, "One incident with its whole story", IncidentDoc),
    look(
        INCIDENT + "/decisions/{wave}",
        looking.decision,
        "One wave with every candidate",
        DecisionDoc,
    ),
    do("/api/v1/incidents", OpenBody, asking.open_incident, "Open an incident by hand"),
    do(INCIDENT + "/take", TakeBody, asking.take_incident, "Take an incident by name"),
    do(INCIDENT + "/notes", NoteBody, asking.add_note, "Write a note"),
    do(INCIDENT + "/assignments", AssignBody, asking.assign_unit, "Send a unit"),
    do(INCIDENT + "/withdraw", WithdrawBody, asking.withdraw_unit, "Call a unit back"),
    do(INCIDENT + "/close", CloseBody, asking.close_incident, "Close with a disposition"),
    do(INCIDENT + "/reopen", ReopenBody, asking.reopen_incident, "Reopen"),
    do("/api/v1/radios/{radio}/revoke", RevokeBody, asking.revoke_radio, "Revoke a radio"),
    look("/metrics", looking.metrics, "Counts for Prometheus", answer_type="text/plain"),
    look("/health", looking.health, "Whether we work", Health),
)
