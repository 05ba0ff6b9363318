"""Answers what an operator or a machine looks at over HTTP. Changes nothing."""

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import hdrs, web

from console import archive
from console.asking import RequestRefusedError
from console.desk import DESK, Desk
from console.docs import (
    WHOLE,
    decision_doc,
    incident_row_doc,
    whole_incident_doc,
)
from console.login.who import who_asks
from console.lookups import Degraded, Health, IncidentPage
from console.metrics import CONTENT_TYPE, exposition, summed
from console.pages import is_built
from console.wire import IncidentDoc
from console.within import Scope
from dispatch.access.accounts import holds
from dispatch.access.words import Right
from dispatch.awaited import NOTHING_AWAITED
from dispatch.clock import MILLISECOND
from dispatch.errors import UnknownIncidentError, quoted
from dispatch.ids import CommunityId, IncidentId
from dispatch.incident import Candidates, Decision, Incident
from dispatch.roster import Community
from dispatch.store.port import IncidentRow

INCIDENT_ID: Final = re.compile(r"[a-z0-9-]{1,40}-[0-9]{8}-[0-9]{3,9}")
PIECES_JOINED_MAX: Final = 100
"""A snapshot of more, some megabytes, is sent piece by piece as its reader takes it."""
ROWS_MAX: Final = 200
"""A page of the past; a screen shows 30."""
PAGES_LOOKED_AT_MAX: Final = 50
"""Ten thousand ended incidents of all communities, for one who may see a small one."""
ROWS_DEFAULT: Final = 50
ARCHIVE_TIMEOUT_S: Final = 10.0
TIME_MS_MAX: Final = 2**53
"""What a JavaScript number holds exactly."""

GEOJSON: Final = "application/geo+json"
NO_STREETS: Final = b'{"type":"FeatureCollection","features":[]}'

T = TypeVar("T")


async def snapshot(request: web.Request) -> web.StreamResponse:
    """Everything that a page shows, positions apart: the stream's snapshot, with all its parts."""
    feed = request.app[DESK].feeds.of(who_asks(request).where(Right.SEE_SITUATION))
    feed.snapshot()
    for _ in feed.parts():
        await asyncio.sleep(0)  # others may have their turn; what is drawn now is kept
    pieces = feed.snapshot_at_once()
    if len(pieces) <= PIECES_JOINED_MAX:
        return json_bytes(b"".join(pieces))
    answer = web.StreamResponse(headers={hdrs.CACHE_CONTROL: "no-store"})
    answer.content_type = "application/json"
    await answer.prepare(request)
    for piece in pieces:
        await answer.write(piece)
    await answer.write_eof()
    return answer


async def grids(request: web.Request) -> web.Response:
    """The grids of a community in the order that position frames count them (GeoJSON, WGS-84)."""
    of = _community(request)

    def make() -> bytes:
        return msgspec.json.encode(of.grids.to_geojson())

    return await request.app[DESK].packed.answer(request, f"grids {of.community}", make, GEOJSON)


async def streets(request: web.Request) -> web.Response:
    """The streets of the plain map (GeoJSON, WGS-84); empty where there are none."""
    of = _community(request)
    return await request.app[DESK].packed.answer(
        request, f"streets {of.community}", lambda: of.streets or NO_STREETS, GEOJSON
    )


async def plans(request: web.Request) -> web.Response:
    """The kinds and plans of a community, by book."""
    of = _community(request)
    picture = request.app[DESK].feed.picture
    return json_bytes(msgspec.json.encode(picture.books(of)))


async def incidents(request: web.Request) -> web.Response:
    """Ended incidents, newest first, a page at a time."""
    desk = request.app[DESK]
    count = _number(request, "count", default=ROWS_DEFAULT, at_least=1, at_most=ROWS_MAX)
    before_ms = _number(request, "before", default=TIME_MS_MAX, at_least=0, at_most=TIME_MS_MAX)
    scope = who_asks(request).where(Right.SEE_SITUATION)
    rows = await look_up(
        asyncio.to_thread(_ended, desk.archive, scope, before_ms * MILLISECOND, count + 1)
    )
    page = IncidentPage(
        incidents=[incident_row_doc(row) for row in rows[:count]], more=len(rows) > count
    )
    return json_bytes(msgspec.json.encode(page))


def _ended(
    archive: archive.Archive, scope: Scope, before_t: int, count_max: int
) -> list[IncidentRow]:
    """Of the communities that may be seen, newest first; looks no further than some pages back."""
    found: list[IncidentRow] = []
    for _ in range(PAGES_LOOKED_AT_MAX):
        rows = archive.closed_incidents(before_t=before_t, count_max=ROWS_MAX + 1)
        found += [row for row in rows if holds(scope, row.community)]
        if len(found) >= count_max or len(rows) <= ROWS_MAX:
            break
        before_t = min(row.closed_t or before_t for row in rows)
    return found[:count_max]


async def incident(request: web.Request) -> web.Response:
    """One incident, open or ended, with its whole story."""
    doc, _ = await whole(request)
    return json_bytes(msgspec.json.encode(doc))


async def decision(request: web.Request) -> web.Response:
    """One wave of an incident with every candidate that the journal tells of."""
    _, found = await whole(request)
    wave = request.match_info["wave"]
    for each in found.decisions:
        if str(each.wave) == wave:
            all_told = await _with_everybody(request.app[DESK], found, each)
            return json_bytes(msgspec.json.encode(decision_doc(all_told, candidates_max=WHOLE)))
    raise RequestRefusedError(
        404, "unknown_decision", f"incident {found.incident} has no wave {quoted(wave)}"
    )


async def _with_everybody(desk: Desk, incident: Incident, told: Decision) -> Decision:
    """The decision with the candidates that memory does not keep, as far as the journal does."""
    if len(told.candidates) >= sum(told.verdicts.values()):
        return told
    facts = await look_up(asyncio.to_thread(desk.archive.incident_facts, incident.incident))
    candidates = archive.candidates_in(facts, told.decision)
    return replace(told, candidates=Candidates(candidates)) if candidates else told


async def metrics(request: web.Request) -> web.Response:
    """Counts and gauges for Prometheus."""
    desk = request.app[DESK]
    counters = summed([desk.counters(), _own_counters(desk)])
    response = web.Response(body=exposition(counters, _gauges(desk)).encode())
    response.headers["Content-Type"] = CONTENT_TYPE
    response.headers["Cache-Control"] = "no-store"
    return response


async def health(request: web.Request) -> web.Response:
    """Whether we work, and what does not work as it should."""
    desk = request.app[DESK]
    degraded = [Degraded(what=what, why=why) for what, why in _reasons(desk)]
    doc = Health(live=True, ready=desk.ready(), degraded=degraded)
    return json_bytes(msgspec.json.encode(doc), status=200 if doc.ready else 503)


async def backups(request: web.Request) -> web.Response:
    """How it stands with backups."""
    told = await look_up(asyncio.to_thread(request.app[DESK].backups))
    return json_bytes(msgspec.json.encode(told))


def json_bytes(data: bytes, *, status: int = 200) -> web.Response:
    """A JSON answer that nobody keeps."""
    return web.Response(
        body=data,
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


# --- pieces ---


async def whole(request: web.Request) -> tuple[IncidentDoc, Incident]:
    """The incident of the address with nothing left out. Raises UnknownIncidentError."""
    desk = request.app[DESK]
    name = request.match_info["incident"]
    if not INCIDENT_ID.fullmatch(name):
        raise UnknownIncidentError(name)
    incident_id = IncidentId(name)
    hub = desk.feed.picture.hub
    held = hub.incidents.get(incident_id)
    alarms = hub.alarms
    if held is None:
        facts = await look_up(asyncio.to_thread(desk.archive.incident_facts, incident_id))
        folded = archive.folded(incident_id, facts)
        if folded is None:
            raise UnknownIncidentError(name)
        held, alarms = folded
    awaited = hub.awaited(held) if held.incident in hub.incidents else NOTHING_AWAITED
    doc = whole_incident_doc(held, alarms, desk.feed.picture.places, awaited)
    return doc, held


async def look_up(reading: Coroutine[Any, Any, T]) -> T:
    try:
        async with asyncio.timeout(ARCHIVE_TIMEOUT_S):
            return await reading
    except TimeoutError:
        raise RequestRefusedError(503, "archive_slow", "the store did not answer in time") from None


def _community(request: web.Request) -> Community:
    name = request.match_info["community"]
    communities = request.app[DESK].feed.picture.hub.roster.communities
    found = communities.get(CommunityId(name))
    if found is None:
        raise RequestRefusedError(404, "unknown_community", f"no community {quoted(name)}")
    return found


def _number(request: web.Request, name: str, *, default: int, at_least: int, at_most: int) -> int:
    text = request.query.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 16:
        value = int(text)
        if at_least <= value <= at_most:
            return value
    raise RequestRefusedError(
        400, "bad_query", f"{name} is {at_least} to {at_most}, not {quoted(text)}"
    )


def _own_counters(desk: Desk) -> dict[str, int]:
    return {
        "console_changes": desk.feed.seq,
        "console_behind": desk.feeds.behind,
        **{f"console_cut_off:{reason}": n for reason, n in desk.feeds.cut_off.items()},
    }


def _reasons(desk: Desk) -> list[tuple[str, str]]:
    """What does not work as it should, and why, in words for who runs it."""
    hub = desk.feed.picture.hub
    found = (
        ("store", hub.store_down),
        ("broker", hub.broker_down),
        ("unattended", "" if hub.operators else "no operator at any console"),
        ("page", "" if is_built(desk.static_dir) else "the operators' page is not built"),
        *desk.notices(),
    )
    return [(what, why) for what, why in found if why]


def _gauges(desk: Desk) -> dict[str, float]:
    hub, status = desk.feed.picture.hub, desk.feed.picture.status()
    held = [each for each in hub.incidents.values() if each.open]
    real = [each for each in held if each.drill is None]
    return {
        "console_streams": desk.feeds.streams,
        "operators": len(status.operators),
        "incidents_open": len(real),
        "incidents_not_taken": sum(each.taken_by is None for each in real),
        "drill_incidents_open": len(held) - len(real),
        "alarms_undecided": len(desk.feed.picture.undecided()),
        "alarms_not_stored": sum(not each.stored for each in hub.alarms.values()),
        "units_on_duty": status.units_on_duty,
        "units_online": status.units_online,
        "store_up": float(not status.store_down),
        "broker_up": float(not status.broker_down),
        "ready": float(desk.ready()),
        **{f"degraded:{what}": 1.0 for what, _ in _reasons(desk)},
        **desk.gauges(),
    }
