"""Giving a tip, by oneself or for somebody who telephones; and looking what became of one.

Of a tip without a name nothing of the login goes further than the measure of how many one login
gives in an hour, which is no name and ends with the process (tips/room.py).
"""

from aiohttp import web

from console import asking
from console.asking import RequestRefusedError
from console.login.guarding import address_of
from console.login.office import LOGIN, answer, said
from console.login.who import Who, who_asks
from console.tips.bodies import CodeBody, GiveBody, GivenDoc, PlaceDoc, StateDoc, TipDoorDoc
from console.tips.shelf import TIPS
from dispatch.access.attempts import place_of
from dispatch.access.codes import spelled
from dispatch.access.words import Right
from dispatch.errors import quoted
from dispatch.ids import CommunityId
from dispatch.roster import Community
from dispatch.tips.told import Teller, Told
from dispatch.tips.words import CALLER_MAX, PLACE_MAX, WORDS_MAX, TipKind, Way


async def door(request: web.Request) -> web.Response:
    """What the page shows."""
    doc = TipDoorDoc(
        communities=[place_doc(each) for each in communities(request)],
        kinds=list(TipKind),
        words_max=WORDS_MAX,
        place_max=PLACE_MAX,
        days=request.app[TIPS].days,
    )
    return answer(doc)


async def give(request: web.Request) -> web.Response:
    """Keep it, sealed; the answer has its code."""
    who, body = who_asks(request), await said(request, GiveBody)
    where = _community(request, body.community)
    told = _told(body)
    by_call = body.call is not None
    if by_call and not who.may(Right.HANDLE, where):
        # No NoRightError: that would be noted, and who wanted to give a tip is nobody's business.
        raise RequestRefusedError(403, "no_right", "who handles there writes down calls")
    code = await request.app[TIPS].give(
        told,
        _teller(who, body),
        where=where,
        way=Way.CALL if by_call else Way.PAGE,
        taken_by=who.name if by_call else None,
        giver=who.name,
    )
    return answer(GivenDoc(code=spelled(code)))


async def state(request: web.Request) -> web.Response:
    """Of the tip with this code; whoever has it may ask, logged in or not."""
    body = await said(request, CodeBody)
    found = await request.app[TIPS].state(body.code, place_of(address_of(request)))
    return answer(StateDoc(state=found.value))


# --- pieces ---


def communities(request: web.Request) -> list[Community]:
    """All there are, by name."""
    held = request.app[LOGIN].roster.communities
    return [held[each] for each in sorted(held)]


def place_doc(community: Community) -> PlaceDoc:
    """Its names."""
    return PlaceDoc(id=community.community, zh=community.name_zh, en=community.name_en)


def _community(request: web.Request, name: str) -> CommunityId:
    """Raises RequestRefusedError."""
    where = CommunityId(name)
    if where not in request.app[LOGIN].roster.communities:
        raise RequestRefusedError(404, "unknown_community", f"no community {quoted(name)}")
    return where


def _told(body: GiveBody) -> Told:
    """Raises RequestRefusedError, UnfitTipError."""
    lon, lat = asking.point(body.lon, body.lat)
    return Told(
        kind=asking.word(TipKind, body.kind, "kind"),
        words=asking.words(body.words, WORDS_MAX),
        place=asking.words(body.place, PLACE_MAX),
        lon=lon,
        lat=lat,
    )


def _teller(who: Who, body: GiveBody) -> Teller | None:
    """None where whoever tells it does not say who they are. Of a call it is the caller, never
    the operator."""
    if body.call is None:
        return None if body.anonymous else Teller(account=who.name)
    caller = asking.words(body.call.caller, CALLER_MAX)
    return Teller(caller=caller) if caller and not body.anonymous else None
