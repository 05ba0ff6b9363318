"""Tells the report of an exercise: as JSON for the page, as a page to print."""

import asyncio
import re
from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web

from console.archive import folded
from console.asking import RequestRefusedError
from console.desk import DESK, Desk
from console.drill_page import drill_page
from console.drill_report import DrillReport, Exercise, drill_report
from console.looking import json_bytes, look_up
from console.paper import answer, language_asked
from dispatch.clock import MILLISECOND
from dispatch.errors import quoted
from dispatch.ids import AlarmId, DrillId, IncidentId
from dispatch.incident import Alarm, Incident
from dispatch.store.port import DrillRow, IncidentRow

DRILL_ID: Final = re.compile(r"[a-z0-9-]{1,40}-drill-[0-9]{14,17}")
INCIDENTS_MAX: Final = 300
"""Of one exercise: a day of one every five minutes. More are said to be left out."""


async def report(request: web.Request) -> web.Response:
    """The report, while the exercise is on and afterwards."""
    return json_bytes(msgspec.json.encode(await _report(request)))


async def page(request: web.Request) -> web.Response:
    """The same to read and print."""
    language = language_asked(request)
    return answer(drill_page(await _report(request), language=language))


async def _report(request: web.Request) -> DrillReport:
    """Raises StoreError, RequestRefusedError where there was none or the store is slow."""
    desk, name = request.app[DESK], request.match_info["drill"]
    if not DRILL_ID.fullmatch(name):
        raise _unknown(name)
    picture = desk.feed.picture
    drill, rows = await look_up(asyncio.to_thread(_rows, desk, DrillId(name)))
    exercise = await look_up(_exercise(desk, drill, rows))
    library = picture.hub.libraries.get(drill.community)
    now = picture.now_ms() * MILLISECOND
    return drill_report(exercise, picture.hub.roster, library, now)


def _rows(desk: Desk, name: DrillId) -> tuple[DrillRow, list[IncidentRow]]:
    drill = desk.archive.drill(name)
    if drill is None:
        raise _unknown(name)
    return drill, desk.archive.incidents_of_drill(name, count_max=INCIDENTS_MAX + 1)


async def _exercise(desk: Desk, drill: DrillRow, rows: list[IncidentRow]) -> Exercise:
    """Incidents that the hub holds as they stand, the others folded from their facts."""
    hub = desk.feed.picture.hub
    incidents: list[Incident] = []
    alarms: dict[AlarmId, Alarm] = {}
    for row in rows[:INCIDENTS_MAX]:
        held = hub.incidents.get(row.incident)
        if held is not None:
            alarms.update((each, hub.alarms[each]) for each in held.alarms if each in hub.alarms)
        else:
            found = await asyncio.to_thread(_folded, desk, row.incident)
            if found is None:
                continue
            held = found[0]
            alarms.update(found[1])
        incidents.append(held)
    return Exercise(
        drill=drill, incidents=incidents, alarms=alarms, left_out=len(rows) > INCIDENTS_MAX
    )


def _folded(desk: Desk, incident: IncidentId) -> tuple[Incident, Mapping[AlarmId, Alarm]] | None:
    return folded(incident, desk.archive.incident_facts(incident))


def _unknown(name: str) -> RequestRefusedError:
    return RequestRefusedError(404, "unknown_drill", f"there was no exercise {quoted(name)}")
