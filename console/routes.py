"""Every address of the API, once: the router and the OpenAPI page read this same table."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from console import asking, drilling, filing, handover, looking, requests
from console.asking import Asker, Path, RequestRefusedError
from console.bodies import (
    Accepted,
    AssignBody,
    CallbackBody,
    CallMoreBody,
    CancelAnswerBody,
    CloseBody,
    DrillBody,
    EndDrillBody,
    HandOverBody,
    HoldBody,
    LinkBody,
    MergeBody,
    NoteBody,
    OpenBody,
    PlaceBody,
    PlanBody,
    ReopenBody,
    ReviseBody,
    RevokeBody,
    ShiftBody,
    SplitBody,
    StepBody,
    TakeBody,
    TickBody,
    WithdrawBody,
)
from console.desk import DESK
from console.drill_report import DrillReport
from console.lookups import BooksDoc, Health, IncidentPage
from console.stream import stream
from console.wire import DecisionDoc, IncidentDoc, Snapshot
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
NAMES = Query(name="names", what="0 leaves places, words, names and tracks out")
TAKER = Query(
    name="operator", what="who takes it, where no header X-Operator says so", is_number=False
)
COMMUNITY = "/api/v1/communities/{community}"

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
    look(
        COMMUNITY + "/plans",
        looking.plans,
        "The plan books of a community: kinds, checklists, plans",
        BooksDoc,
    ),
    look(
        INCIDENT + "/file",
        filing.file,
        "The incident's file, sealed (docs/incident-file.md)",
        query=(NAMES, TAKER),
    ),
    look(
        INCIDENT + "/file.html",
        filing.page,
        "The same file as a page to read and print",
        answer_type="text/html",
        query=(NAMES, TAKER, Query(name="lang", what="zh or en", is_number=False)),
    ),
    look(
        INCIDENT + "/handover.html",
        handover.sheet,
        "The sheet by which it is told to an agency: to read out, print and sign",
        answer_type="text/html",
        query=(
            Query(name="agency", what="110, 119, 120 or 12345", is_number=False),
            Query(name="lang", what="zh or en", is_number=False),
        ),
    ),
    do("/api/v1/incidents", OpenBody, requests.open_incident, "Open an incident by hand"),
    do(INCIDENT + "/take", TakeBody, requests.take_incident, "Take an incident by name"),
    do(INCIDENT + "/revise", ReviseBody, requests.revise_incident, "Another kind or priority"),
    do(INCIDENT + "/place", PlaceBody, requests.revise_place, "It is somewhere else"),
    do(INCIDENT + "/plan", PlanBody, requests.change_plan, "Answer it by another plan"),
    do(INCIDENT + "/hold", HoldBody, requests.hold_calls, "Hold further calls, or go on"),
    do(INCIDENT + "/step", StepBody, requests.begin_step, "Carry it up now"),
    do(INCIDENT + "/call", CallMoreBody, requests.call_more, "Ask more people"),
    do(INCIDENT + "/checklist", TickBody, requests.tick_item, "Tick the checklist"),
    do(INCIDENT + "/link", LinkBody, requests.link_incident, "Link two incidents, or not"),
    do(INCIDENT + "/merge", MergeBody, requests.merge_incident, "It is another incident"),
    do(INCIDENT + "/split", SplitBody, requests.split_incident, "Split presses off"),
    do(INCIDENT + "/hand-over", HandOverBody, requests.hand_over, "An agency was told"),
    do(INCIDENT + "/cancel", CancelAnswerBody, requests.answer_cancel, "Answer a call-off"),
    do(INCIDENT + "/callback", CallbackBody, requests.record_callback, "Record a callback"),
    do(INCIDENT + "/notes", NoteBody, requests.add_note, "Write a note"),
    do(INCIDENT + "/assignments", AssignBody, requests.assign_unit, "Send a unit"),
    do(INCIDENT + "/withdraw", WithdrawBody, requests.withdraw_unit, "Call a unit back"),
    do(INCIDENT + "/close", CloseBody, requests.close_incident, "Close with a disposition"),
    do(INCIDENT + "/reopen", ReopenBody, requests.reopen_incident, "Reopen"),
    do(COMMUNITY + "/shift", ShiftBody, requests.hand_over_shift, "Hand over a shift"),
    do(COMMUNITY + "/drills", DrillBody, requests.start_drill, "Start an exercise"),
    do("/api/v1/drills/{drill}/end", EndDrillBody, requests.end_drill, "End an exercise"),
    do("/api/v1/radios/{radio}/revoke", RevokeBody, requests.revoke_radio, "Revoke a radio"),
    look(
        "/api/v1/drills/{drill}.html",
        drilling.page,
        "The report of an exercise, to read and print",
        answer_type="text/html",
        query=(Query(name="lang", what="zh or en", is_number=False),),
    ),
    look("/api/v1/drills/{drill}", drilling.report, "The report of an exercise", DrillReport),
    look("/metrics", looking.metrics, "Counts for Prometheus", answer_type="text/plain"),
    look("/health", looking.health, "Whether we work", Health),
)
