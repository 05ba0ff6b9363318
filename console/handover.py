"""Hands out the sheet by which an incident is told to an agency: ``.../handover.html``.

It works for open and ended incidents. Making it changes nothing: that an agency was told
is recorded by the operator who told them (``.../hand-over``).
"""

import asyncio
from typing import Final

import numpy as np
from aiohttp import web

from console.asking import RequestRefusedError
from console.desk import DESK
from console.handover_page import handover_page
from console.handover_told import Sheet
from console.login.who import who_asks
from console.looking import whole
from console.paper import answer, language_asked
from console.wire import IncidentDoc
from dispatch.access.facts import LookedAt
from dispatch.casefile.directory import directory_of
from dispatch.errors import quoted
from dispatch.ids import CommunityId, IncidentId, UnitId
from dispatch.plan import Library, PlanId
from dispatch.roster import Community, Roster
from dispatch.words import Agency, Kind
from geo.distance import distances_m
from geo.gridset import KeyUnit

LANDMARKS_MAX: Final = 4
"""More names would cover one another on a sketch of seven centimetres."""


async def sheet(request: web.Request) -> web.Response:
    """The page, in one language, for one agency."""
    desk, language = request.app[DESK], language_asked(request)
    asked = request.query.get("agency")
    doc, _ = await whole(request)
    agency = _agency(asked) if asked is not None else proposed(doc)
    picture = desk.feed.picture
    library = picture.hub.libraries.get(CommunityId(doc.community))
    printed_t, near_m = picture.now_ms(), picture.places.near_m

    def make() -> str:
        made = make_sheet(
            doc, agency, picture.hub.roster, library, printed_t=printed_t, near_m=near_m
        )
        return handover_page(made, language=language)

    told = answer(await asyncio.to_thread(make))
    units = [UnitId(each) for each in (doc.sender, *(a.unit for a in doc.assignments)) if each]
    who = who_asks(request)
    desk.gate.looked_at_paper(who, LookedAt.SHEET, IncidentId(doc.id), units)
    return told


def make_sheet(
    doc: IncidentDoc,
    agency: Agency,
    roster: Roster,
    library: Library | None,
    *,
    printed_t: int,
    near_m: float,
) -> Sheet:
    """The incident with the names of what it holds. Raises RequestRefusedError."""
    community = roster.communities.get(CommunityId(doc.community))
    if community is None:
        raise RequestRefusedError(
            404, "unknown_community", f"no community {quoted(doc.community)} on the roster"
        )
    units = [each.unit for each in doc.assignments]
    units += [each.unit for each in doc.alarms]
    units += [doc.sender] if doc.sender is not None else []
    lon, lat = doc.place.lon, doc.place.lat
    names = directory_of(
        roster,
        community,
        units=map(UnitId, units),
        grids=[doc.place.grid] if doc.place.grid is not None else [],
        place=None if lon is None or lat is None else (lon, lat),
        tracks=[],
        near_m=near_m,
    )
    return Sheet(
        doc=doc,
        agency=agency,
        names=names,
        items={} if library is None else _items(library, doc),
        near=() if lon is None or lat is None else _near(community, lon, lat, near_m),
        printed_t=printed_t,
    )


def proposed(doc: IncidentDoc) -> Agency:
    """Whom the plan proposed last; the police where it proposed nobody."""
    named = [each.agency for each in doc.steps if each.agency is not None]
    return Agency(named[-1]) if named else Agency.POLICE


def _items(library: Library, doc: IncidentDoc) -> dict[str, tuple[str, str]]:
    """Words of the checklist; an item may be of the kind that the incident first seemed."""
    book = library.book_of(PlanId(doc.plan))
    if book is None:
        return {}
    own = Kind(doc.kind)
    kinds = sorted(book.kinds.values(), key=lambda rule: rule.kind is own)  # its own kind's last
    return {each.item: (each.zh, each.en) for rule in kinds for each in rule.checklist}


def _near(community: Community, lon: float, lat: float, near_m: float) -> list[KeyUnit]:
    """The nearest key units, as far as one is of help."""
    grids = community.grids
    if not grids.key_units:
        return []
    away_m = distances_m(lon, lat, grids.key_unit_lons, grids.key_unit_lats)
    nearest = np.argsort(away_m, kind="stable")[:LANDMARKS_MAX]
    return [grids.key_units[index] for index in nearest if away_m[index] <= near_m]


def _agency(asked: str) -> Agency:
    try:
        return Agency(asked)
    except ValueError:
        known = ", ".join(Agency)
        raise RequestRefusedError(
            400, "bad_query", f"agency is one of {known}, not {quoted(asked)}"
        ) from None
