"""Hands out everything held on a person: to themselves, or by somebody who may see it all.

Each time is told in the journal, with the document's digest, before the document goes out. Somebody
else's needs two things: managing their account, and seeing tracks wherever their radios are; the
tips that they gave are in none but their own.
"""

import asyncio
from typing import Any

from aiohttp import web

from console.asking import RequestRefusedError
from console.login.office import LOGIN, person
from console.login.who import who_asks
from console.looking import look_up
from console.tips.shelf import TIPS
from dispatch.access.accounts import holds
from dispatch.access.refusals import NoRightError
from dispatch.access.requests import managed
from dispatch.access.words import NO_COMMUNITY, Right
from dispatch.ids import OperatorName, radio_of
from dispatch.privacy.handing_out import exported


async def own_data(request: web.Request) -> web.Response:
    """Of whoever asks."""
    _, account, _ = person(request)
    return await _handed_out(request, account.name, by=account.name)


async def their_data(request: web.Request) -> web.Response:
    """Of the account in the address. Raises NoRightError, UnknownAccountError."""
    desk, who = request.app[LOGIN], who_asks(request)
    account = managed(desk.books.access, who, request.match_info["account"])
    found = await asyncio.to_thread(desk.books.ledger.person, account.name)
    seen = who.where(Right.SEE_TRACK)
    for unit in found.units:
        record = desk.roster.radios.get(radio_of(unit))
        where = NO_COMMUNITY if record is None else record.community
        if not holds(seen, where):
            raise NoRightError(Right.SEE_TRACK, where)
    return await _handed_out(request, account.name, by=who.name)


async def _handed_out(
    request: web.Request, name: OperatorName, *, by: OperatorName
) -> web.Response:
    desk = request.app[LOGIN]
    books, ledger = desk.books, desk.books.ledger
    if desk.handing_out.locked():
        raise RequestRefusedError(503, "busy", "another copy is being made; ask again")

    def look(own: dict[str, Any]) -> tuple[bytes, str]:
        ledger.record([])  # behind what was only noted, such as the login that asks for this
        found = ledger.person(name)
        document = {**ledger.person_document(found), **own}
        data, told = exported(document, found, by, books.times.hub())
        ledger.record([told])
        return data, told.digest

    async with desk.handing_out:
        own = await _tips_of(request, name) if name == by else {}
        data, digest = await look_up(asyncio.to_thread(look, own))
    return web.Response(
        body=data,
        content_type="application/json",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="yihu-person-{digest[:8]}.json"',
        },
    )


async def _tips_of(request: web.Request, name: OperatorName) -> dict[str, Any]:
    """The tips that they gave: to nobody but themselves, and no word elsewhere that there are
    any."""
    tips = request.app.get(TIPS)
    if tips is None:
        return {}
    ledger = request.app[LOGIN].books.ledger
    found = await look_up(asyncio.to_thread(ledger.person, name))
    return {"tips": await look_up(tips.own(found))}
