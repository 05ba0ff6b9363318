"""Who consented to what: each person gives and withdraws their own; a manager notes it from paper.

Asked is whoever carries a radio, by the texts of its community. Without consent nobody's alarm is
refused; signing on is, where the community's file says so. Withdrawing counts at once: the person
is followed no more, then their tracks go. Asked again after a failure it goes on.
"""

import asyncio
from typing import Any

from aiohttp import web

from console.login.bodies import (
    BearerDoc,
    BearersDoc,
    ConsentBody,
    ConsentDoc,
    ConsentsDoc,
    ConsentStateDoc,
    Done,
)
from console.login.consent_states import asked, giving, state_of
from console.login.office import LOGIN, MILLI, LoginDesk, answer, person, said
from console.login.promises import erase_numbers, erase_tracks
from console.login.who import who_asks
from console.looking import look_up
from dispatch.access.accounts import Account, holds
from dispatch.access.facts import AccountFact, ConsentBy, ConsentWithdrawn
from dispatch.access.kept import AccessChange
from dispatch.access.refusals import NoRightError, UnfitAccessError
from dispatch.access.requests import Actor, managed
from dispatch.access.words import NO_COMMUNITY, Right
from dispatch.ids import CommunityId
from dispatch.live import FUTURE_MAX
from dispatch.privacy.consent import ConsentFor, ConsentText

# --- looking ---


async def own_consents(request: web.Request) -> web.Response:
    """What I am asked, and what I said."""
    _, account, _ = person(request)
    where, texts = asked(request.app[LOGIN].roster, account)
    docs = [ConsentDoc(**_state(account, where, each), zh=each.zh, en=each.en) for each in texts]
    return answer(ConsentsDoc(community=where, consents=docs))


async def bearers(request: web.Request) -> web.Response:
    """Everybody who carries a radio where the asker manages people."""
    desk, who = request.app[LOGIN], who_asks(request)
    where_managed = who.where(Right.MANAGE_PEOPLE)
    docs = []
    for account in desk.books.access:
        where, texts = asked(desk.roster, account)
        if account.closed or account.unit is None or not holds(where_managed, where):
            continue
        states = [ConsentStateDoc(**_state(account, where, each)) for each in texts]
        docs.append(
            BearerDoc(account=account.name, unit=account.unit, community=where, consents=states)
        )
    return answer(BearersDoc(bearers=sorted(docs, key=lambda each: each.account)))


# --- saying ---


async def give_own(request: web.Request) -> web.Response:
    """I consent."""
    who, account, _ = person(request)
    return await _give(request, account, who, ConsentBy.PAGE)


async def withdraw_own(request: web.Request) -> web.Response:
    """No longer."""
    who, account, _ = person(request)
    return await _withdraw(request, account, who, ConsentBy.PAGE)


async def give_noted(request: web.Request) -> web.Response:
    """They consented on paper. Raises NoRightError, UnknownAccountError."""
    return await _give(request, _theirs(request), who_asks(request), ConsentBy.PAPER)


async def withdraw_noted(request: web.Request) -> web.Response:
    """They withdrew on paper. Raises NoRightError, UnknownAccountError."""
    return await _withdraw(request, _theirs(request), who_asks(request), ConsentBy.PAPER)


async def _give(request: web.Request, account: Account, by: Actor, how: ConsentBy) -> web.Response:
    desk, body = request.app[LOGIN], await said(request, ConsentBody)
    where, text = _text(request, desk, account)
    if body.version != text.version:
        raise UnfitAccessError("version", f"is not the one in force, {text.version}: read it again")

    def decide() -> tuple[list[AccountFact], list[AccessChange]]:
        given = giving(account, where, text, how, by.name, desk.books.times.hub())
        return [] if given is None else [given], []

    await desk.books.change(decide)
    return answer(Done(account=account.name))


async def _withdraw(
    request: web.Request, account: Account, by: Actor, how: ConsentBy
) -> web.Response:
    desk = request.app[LOGIN]
    where, text = _text(request, desk, account)

    def decide() -> tuple[list[AccountFact], list[AccessChange]]:
        if state_of(account.consents.get((where, text.id)), text) == "withdrawn":
            return [], []
        withdrawn = ConsentWithdrawn(
            t=desk.books.times.hub(),
            community=NO_COMMUNITY,
            account=account.name,
            where=where,
            text=text.id,
            version=text.version,
            purpose=text.purpose,
            how=how,
            by=by.name,
            unit=account.unit,
        )
        return [withdrawn], []

    await desk.books.change(decide)
    if text.purpose is ConsentFor.PLACE:
        t = desk.books.times.hub()
        await look_up(
            asyncio.to_thread(erase_tracks, desk, account.name, by.name, t, until_t=t + FUTURE_MAX)
        )
    else:
        await erase_numbers(desk, account)
    return answer(Done(account=account.name))


# --- pieces ---


def _theirs(request: web.Request) -> Account:
    """The account in the address, whose radio is where the asker manages people."""
    desk, who = request.app[LOGIN], who_asks(request)
    account = managed(desk.books.access, who, request.match_info["account"])
    where, _ = asked(desk.roster, account)
    if where and not who.may(Right.MANAGE_PEOPLE, where):
        raise NoRightError(Right.MANAGE_PEOPLE, where)
    return account


def _text(
    request: web.Request, desk: LoginDesk, account: Account
) -> tuple[CommunityId, ConsentText]:
    """The text in the address. Raises UnfitAccessError."""
    where, texts = asked(desk.roster, account)
    for each in texts:
        if each.id == request.match_info["text"]:
            return where, each
    raise UnfitAccessError("text", "is none that this person is asked to consent to")


def _state(account: Account, where: CommunityId, text: ConsentText) -> dict[str, Any]:
    found = account.consents.get((where, text.id))
    return {
        "text": text.id,
        "version": text.version,
        "purpose": text.purpose.value,
        "state": state_of(found, text),
        "said": None if found is None else found.t // MILLI,
        "how": "" if found is None else found.how.value,
        "by": "" if found is None else found.by,
    }
