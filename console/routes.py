"""Every address of the API, once: the router and the OpenAPI page read this same table."""

import asyncio
from collections.abc import Callable
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
from console.login.who import who_asks
from console.lookups import BackupsDoc, BooksDoc, Health, IncidentPage
from console.route import Query, Route, look
from console.stream import stream
from console.wire import DecisionDoc, IncidentDoc, Snapshot
from dispatch.access.needs import AnyNeed, Need, Open, Where
from dispatch.access.words import Right
from dispatch.commands import AnyCommand

BODY_TIMEOUT_S: Final = 10.0
"""A body of 64 KiB that takes longer is held back on purpose."""
ASK_TIMEOUT_S: Final = 15.0
"""A command is on disk within milliseconds; when the store hangs the asker is told."""

BodyT = TypeVar("BodyT", bound=msgspec.Struct)


def do(
    path: str,
    shape: type[BodyT],
    build: Callable[[Asker, Path, BodyT], AnyCommand],
    need: AnyNeed,
    summary: str,
) -> Route:
    """An address that asks the hub to do something."""

    async def handle(request: web.Request) -> web.Response:
        who = asking.asker(request.headers, who_asks(request).name)
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
        desk.feeds.tell_now()  # before the answer: a button must not offer again what was just done
        accepted = Accepted(subject=reply.subject, version=reply.version)
        return looking.json_bytes(msgspec.json.encode(accepted))

    return Route(
        method="POST",
        path=path,
        summary=summary,
        handle=handle,
        need=need,
        body=shape,
        answer=Accepted,
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
COMMUNITY = "/api/v1/communities/{community}"

SEE_ANY = Need(Right.SEE_SITUATION, Where.ANY)
SEE_COMMUNITY = Need(Right.SEE_SITUATION, Where.COMMUNITY)
SEE_INCIDENT = Need(Right.SEE_SITUATION, Where.INCIDENT)
HANDLE = Need(Right.HANDLE, Where.INCIDENT)
EXPORT = Need(Right.EXPORT_FILE, Where.INCIDENT)

ROUTES: Final = (
    look("/api/v1/snapshot", looking.snapshot, SEE_ANY, "Everything that a page shows", Snapshot),
    look(
        "/api/v1/stream",
        stream,
        SEE_ANY,
        "The live stream (WebSocket): hello, snapshot, changes, positions",
    ),
    look(
        "/api/v1/communities/{community}/grids",
        looking.grids,
        SEE_COMMUNITY,
        "The grids of a community",
        answer_type=looking.GEOJSON,
    ),
    look(
        "/api/v1/communities/{community}/streets",
        looking.streets,
        SEE_COMMUNITY,
        "The streets of a community",
        answer_type=looking.GEOJSON,
    ),
    look(
        "/api/v1/incidents",
        looking.incidents,
        SEE_ANY,
        "Ended incidents, newest first",
        IncidentPage,
        query=(
            Query(name="before", what="opened before this time, ms UTC"),
            Query(name="count", what=f"how many, at most {looking.ROWS_MAX}"),
        ),
    ),
    look(
        INCIDENT, looking.incident, SEE_INCIDENT, "One incident with its whole story", IncidentDoc
    ),
    look(
        INCIDENT + "/decisions/{wave}",
        looking.decision,
        SEE_INCIDENT,
        "One wave with every candidate",
        DecisionDoc,
    ),
    look(
        COMMUNITY + "/plans",
        looking.plans,
        SEE_COMMUNITY,
        "The plan books of a community: kinds, checklists, plans",
        BooksDoc,
    ),
    look(
        INCIDENT + "/file",
        filing.file,
        EXPORT,
        "The incident's file, sealed (docs/incident-file.md)",
        query=(NAMES,),
    ),
    look(
        INCIDENT + "/file.html",
        filing.page,
        EXPORT,
        "The same file as a page to read and print",
        answer_type="text/html",
        query=(NAMES, Query(name="lang", what="zh or en", is_number=False)),
    ),
    look(
        INCIDENT + "/handover.html",
        handover.sheet,
        Need(Right.PRINT_SHEET, Where.INCIDENT),
        "The sheet by which it is told to an agency: to read out, print and sign",
        answer_type="text/html",
        query=(
            Query(name="agency", what="110, 119, 120 or 12345", is_number=False),
            Query(name="lang", what="zh or en", is_number=False),
        ),
    ),
    do(
        "/api/v1/incidents",
        OpenBody,
        requests.open_incident,
        Need(Right.HANDLE, Where.BODY_COMMUNITY),
        "Open an incident by hand",
    ),
    do(INCIDENT + "/take", TakeBody, requests.take_incident, HANDLE, "Take an incident by name"),
    do(
        INCIDENT + "/revise",
        ReviseBody,
        requests.revise_incident,
        HANDLE,
        "Another kind or priority",
    ),
    do(INCIDENT + "/place", PlaceBody, requests.revise_place, HANDLE, "It is somewhere else"),
    do(INCIDENT + "/plan", PlanBody, requests.change_plan, HANDLE, "Answer it by another plan"),
    do(INCIDENT + "/hold", HoldBody, requests.hold_calls, HANDLE, "Hold further calls, or go on"),
    do(INCIDENT + "/step", StepBody, requests.begin_step, HANDLE, "Carry it up now"),
    do(INCIDENT + "/call", CallMoreBody, requests.call_more, HANDLE, "Ask more people"),
    do(INCIDENT + "/checklist", TickBody, requests.tick_item, HANDLE, "Tick the checklist"),
    do(INCIDENT + "/link", LinkBody, requests.link_incident, HANDLE, "Link two incidents, or not"),
    do(INCIDENT + "/merge", MergeBody, requests.merge_incident, HANDLE, "It is another incident"),
    do(INCIDENT + "/split", SplitBody, requests.split_incident, HANDLE, "Split presses off"),
    do(INCIDENT + "/hand-over", HandOverBody, requests.hand_over, HANDLE, "An agency was told"),
    do(INCIDENT + "/cancel", CancelAnswerBody, requests.answer_cancel, HANDLE, "Answer a call-off"),
    do(INCIDENT + "/callback", CallbackBody, requests.record_callback, HANDLE, "Record a callback"),
    do(INCIDENT + "/notes", NoteBody, requests.add_note, HANDLE, "Write a note"),
    do(INCIDENT + "/assignments", AssignBody, requests.assign_unit, HANDLE, "Send a unit"),
    do(INCIDENT + "/withdraw", WithdrawBody, requests.withdraw_unit, HANDLE, "Call a unit back"),
    do(INCIDENT + "/close", CloseBody, requests.close_incident, HANDLE, "Close with a disposition"),
    do(INCIDENT + "/reopen", ReopenBody, requests.reopen_incident, HANDLE, "Reopen"),
    do(
        COMMUNITY + "/shift",
        ShiftBody,
        requests.hand_over_shift,
        Need(Right.HANDLE, Where.COMMUNITY),
        "Hand over a shift",
    ),
    do(
        COMMUNITY + "/drills",
        DrillBody,
        requests.start_drill,
        Need(Right.RUN_DRILL, Where.COMMUNITY),
        "Start an exercise",
    ),
    do(
        "/api/v1/drills/{drill}/end",
        EndDrillBody,
        requests.end_drill,
        Need(Right.RUN_DRILL, Where.DRILL),
        "End an exercise",
    ),
    do(
        "/api/v1/radios/{radio}/revoke",
        RevokeBody,
        requests.revoke_radio,
        Need(Right.MANAGE_RADIOS, Where.RADIO),
        "Revoke a radio",
    ),
    look(
        "/api/v1/drills/{drill}.html",
        drilling.page,
        Need(Right.PRINT_SHEET, Where.DRILL),
        "The report of an exercise, to read and print",
        answer_type="text/html",
        query=(Query(name="lang", what="zh or en", is_number=False),),
    ),
    look(
        "/api/v1/drills/{drill}",
        drilling.report,
        Need(Right.SEE_SITUATION, Where.DRILL),
        "The report of an exercise",
        DrillReport,
    ),
    look(
        "/metrics",
        looking.metrics,
        Need(Right.SEE_METRICS, Where.EVERYWHERE),
        "Counts for Prometheus",
        answer_type="text/plain",
    ),
    look(
        "/api/v1/backups",
        looking.backups,
        Need(Right.MANAGE_SETTINGS, Where.EVERYWHERE),
        "When the last backup was made, and whether it is whole",
        BackupsDoc,
    ),
    look("/health", looking.health, Open.PUBLIC, "Whether we work", Health),
)
