"""Hands out the file of an incident: sealed JSON, and the page that people read and print.

Making one may take seconds: it is done in a thread, few at once, so that no
alarm waits for it.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from aiohttp import web

from console.asking import RequestRefusedError
from console.casefile_page import case_page
from console.casefile_style import policy
from console.desk import DESK, Desk
from console.login.guarding import of_incident
from console.login.who import who_asks
from console.looking import INCIDENT_ID
from console.words import LANGUAGES
from dispatch.access.facts import LookedAt
from dispatch.access.words import Right
from dispatch.casefile import CaseFile, make_case_file
from dispatch.clock import MILLISECOND
from dispatch.commands import ExportIncident
from dispatch.errors import UnknownIncidentError, quoted
from dispatch.ids import CommandId, CommunityId, IncidentId, OperatorName, UnitId

FILE_TIMEOUT_S: Final = 60.0
"""The largest (casefile/make.py) takes some two seconds beside an idle hub."""

RECORD_TIMEOUT_S: Final = 15.0
"""A fact is on disk within milliseconds; when the store hangs, nothing is handed out."""

T = TypeVar("T")


async def file(request: web.Request) -> web.Response:
    """The sealed file, to be kept under the incident's number."""
    desk, by = request.app[DESK], _operator(request)
    made = await case_file(desk, _incident(request), personal=_personal(request))
    await _hand_out(desk, made, _incident(request), by, personal=_personal(request))
    _note_looking(request, made)
    name = f"{request.match_info['incident']}.json"
    return web.Response(
        body=made.data,
        content_type="application/json",
        charset="utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def page(request: web.Request) -> web.Response:
    """The same file as a page, complete in itself: to be read, printed, saved."""
    desk, by = request.app[DESK], _operator(request)
    language = request.query.get("lang", LANGUAGES[0])
    if language not in LANGUAGES:
        raise RequestRefusedError(
            400, "bad_query", f"lang is {' or '.join(LANGUAGES)}, not {quoted(language)}"
        )
    made = await case_file(desk, _incident(request), personal=_personal(request))
    await _hand_out(desk, made, _incident(request), by, personal=_personal(request))
    _note_looking(request, made)
    printed_t = desk.feed.picture.now_ms() * MILLISECOND
    told = await _beside(desk, lambda: case_page(made, language=language, printed_t=printed_t))
    return web.Response(
        text=told,
        content_type="text/html",
        headers={"Cache-Control": "no-store", "Content-Security-Policy": policy()},
    )


async def case_file(desk: Desk, incident: IncidentId, *, personal: bool) -> CaseFile:
    """The file as the journal has it now; its ``seal`` is what to note when it is handed out.

    Raises UnknownIncidentError, StoreError, RequestRefusedError where too many are being made.
    """
    hub, near_m = desk.feed.picture.hub, desk.feed.picture.places.near_m
    return await _beside(
        desk,
        lambda: make_case_file(
            desk.archive, hub.roster, incident, personal=personal, near_m=near_m
        ),
    )


async def _hand_out(
    desk: Desk, made: CaseFile, incident: IncidentId, by: OperatorName, *, personal: bool
) -> None:
    """Record whose hands the file goes into, before it does. The same file to the same person
    is told once. Raises RequestRefusedError where it cannot be recorded in time."""
    community = CommunityId(incident.rsplit("-", 2)[0])
    command = ExportIncident(
        command=CommandId(f"file/{incident}/{made.seal}/{personal}/{by}"),
        by=by,
        incident=incident,
        community=community,
        seal=made.seal,
        personal=personal,
    )
    try:
        async with asyncio.timeout(RECORD_TIMEOUT_S):
            await desk.ask(command)
    except TimeoutError:
        raise RequestRefusedError(504, "no_answer", "handing it out is not recorded yet") from None


def _operator(request: web.Request) -> OperatorName:
    """Who takes the file. One with tracks, names and words needs a right of its own."""
    who = who_asks(request)
    if _personal(request):
        who.check(Right.SEE_TRACK, of_incident(request.match_info["incident"]))
    return who.name


def _note_looking(request: web.Request, made: CaseFile) -> None:
    """Whose tracks are in it can see later who had them."""
    if _personal(request):
        units = [UnitId(track["unit"]) for track in made.sections["tracks"]]
        gate, who = request.app[DESK].gate, who_asks(request)
        gate.looked_at_paper(who, LookedAt.FILE, _incident(request), units)


async def _beside(desk: Desk, make: Callable[[], T]) -> T:
    """Made in a thread. One that takes too long keeps its place until it has ended."""
    if desk.making.locked():
        raise RequestRefusedError(503, "busy", "other files are being made; ask again")
    await desk.making.acquire()
    work = asyncio.ensure_future(asyncio.to_thread(make))

    def done(ended: "asyncio.Future[T]") -> None:
        desk.making.release()
        if not ended.cancelled():
            ended.exception()  # looked at, should nobody be waiting any more

    work.add_done_callback(done)
    try:
        async with asyncio.timeout(FILE_TIMEOUT_S):
            return await asyncio.shield(work)
    except TimeoutError:
        raise RequestRefusedError(503, "archive_slow", "the store did not answer in time") from None


def _incident(request: web.Request) -> IncidentId:
    name = request.match_info["incident"]
    if not INCIDENT_ID.fullmatch(name):
        raise UnknownIncidentError(name)
    return IncidentId(name)


def _personal(request: web.Request) -> bool:
    """Whether places, words, names and tracks shall be in it."""
    names = request.query.get("names", "1")
    if names not in ("0", "1"):
        raise RequestRefusedError(400, "bad_query", f"names is 0 or 1, not {quoted(names)}")
    return names == "1"
