"""What those who manage people do: let in, give offices, close, end logins, make links."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aiohttp import web

from console.login.bodies import (
    CommunityNameDoc,
    Done,
    NewLinkBody,
    NewLinkDoc,
    OfficesBody,
    OpenPersonBody,
    PeopleDoc,
    PersonDoc,
    PlaceWaitDoc,
    UnitBody,
)
from console.login.entry import LINK_LASTS
from console.login.office import LOGIN, MILLI, LoginDesk, answer, office_docs, offices, said
from console.login.own import end_one, session_docs
from console.login.who import Who, who_asks
from dispatch.access import requests
from dispatch.access.accounts import Account, Held, holds
from dispatch.access.facts import AccountFact, Ended
from dispatch.access.kept import AccessChange, DropLinks
from dispatch.access.refusals import UnfitAccessError
from dispatch.access.requests import Wish, may_manage
from dispatch.access.words import EVERYWHERE, Right
from dispatch.errors import quoted
from dispatch.ids import CommunityId, OperatorName, RadioId, UnitId

KNOWN_MAX: Final = 20
"""Communities that one sentence names."""

Kept = tuple[list[AccountFact], list[AccessChange]]


async def people(request: web.Request) -> web.Response:
    """By name: whom the asker manages, and who else holds an office where they manage people; of
    such a person what they hold elsewhere is not told."""
    desk, who = request.app[LOGIN], who_asks(request)
    managed = who.where(Right.MANAGE_PEOPLE)
    docs = [
        _person(desk, who, each)
        for each in desk.books.access
        if may_manage(desk.books.access, who, each.name)
        or any(_counts(managed, where) for _, where in each.offices)
    ]
    return answer(
        PeopleDoc(
            people=sorted(docs, key=lambda each: (each.closed, each.name)),
            communities=[
                CommunityNameDoc(id=each.community, zh=each.name_zh, en=each.name_en)
                for each in desk.roster.communities.values()
                if holds(managed, each.community)
            ],
            everywhere=EVERYWHERE in managed,
        )
    )


async def open_person(request: web.Request) -> web.Response:
    """Let somebody in; answers with the link by which they set their password."""
    desk, who, body = request.app[LOGIN], who_asks(request), await said(request, OpenPersonBody)
    unit, wanted = _unit(desk, who, body.unit), offices(body.offices)
    name = requests.clean_name(body.name)
    told: list[NewLinkDoc] = []

    def decide() -> Kept:
        t = desk.books.times.hub()
        opened = requests.open_account(desk.books.access, who, name, wanted, unit, t)
        _check_places(desk, who, wanted)
        doc, facts, beside = _link(desk, name, who)
        told.append(doc)
        return [*opened, *facts], beside

    await desk.books.change(decide)
    return answer(told[0])


async def change_offices(request: web.Request) -> web.Response:
    """Give and take."""
    desk, who, body = request.app[LOGIN], who_asks(request), await said(request, OfficesBody)
    wish = Wish(give=offices(body.give), take=offices(body.take))
    name = _account(request)

    def decide() -> Kept:
        t = desk.books.times.hub()
        facts = requests.change_offices(desk.books.access, who, name, wish, t)
        _check_places(desk, who, wish.give)
        return facts, []

    await desk.books.change(decide)
    return answer(Done(account=name))


async def name_bearer(request: web.Request) -> web.Response:
    """Which radio they carry."""
    desk, who, body = request.app[LOGIN], who_asks(request), await said(request, UnitBody)
    unit, name = _unit(desk, who, body.unit), _account(request)

    def decide() -> Kept:
        t = desk.books.times.hub()
        return requests.name_bearer(desk.books.access, who, name, unit, t), []

    await desk.books.change(decide)
    return answer(Done(account=name))


async def close(request: web.Request) -> web.Response:
    """Let them in no more: logins end, tokens and links are void, at once."""
    desk, who, name = request.app[LOGIN], who_asks(request), _account(request)

    def decide() -> Kept:
        books = desk.books
        account = requests.known(books.access, name)
        revoked, dropped = books.revoking(account, who)
        closed = requests.close_account(books.access, who, name, books.times.hub())
        ended, ending = books.ending(books.sessions.of(account.name), Ended.CLOSED, who.name)
        return [*closed, *revoked, *ended], [*dropped, *ending, DropLinks(account.name)]

    await desk.books.change(decide)
    return answer(Done(account=name))


async def reopen(request: web.Request) -> web.Response:
    """Let the same person in again."""
    desk, who, name = request.app[LOGIN], who_asks(request), _account(request)

    def decide() -> Kept:
        return requests.reopen_account(desk.books.access, who, name, desk.books.times.hub()), []

    await desk.books.change(decide)
    return answer(Done(account=name))


async def new_link(request: web.Request) -> web.Response:
    """A one-time link with which they set another password; the present one goes on until then."""
    desk, who, name = request.app[LOGIN], who_asks(request), _account(request)
    told: list[NewLinkDoc] = []

    def decide() -> Kept:
        account = requests.managed(desk.books.access, who, name)
        if account.closed:
            raise UnfitAccessError("account", "is closed: open it first")
        doc, facts, beside = _link(desk, account.name, who)
        told.append(doc)
        return facts, beside

    await desk.books.change(decide)
    return answer(told[0])


async def any_link(request: web.Request) -> web.Response:
    """For ``yihu link``: of an account, or one that opens another administrator's."""
    desk, who, body = request.app[LOGIN], who_asks(request), await said(request, NewLinkBody)
    told: list[NewLinkDoc] = []

    def decide() -> Kept:
        name = OperatorName("")
        if body.account:
            account = requests.known(desk.books.access, body.account)
            if account.closed:
                raise UnfitAccessError("account", "is closed: open it first")
            name = account.name
        doc, facts, beside = _link(desk, name, who)
        told.append(doc)
        return facts, beside

    await desk.books.change(decide)
    return answer(told[0])


async def remove_factor(request: web.Request) -> web.Response:
    """Their phone was lost."""
    desk, who, name = request.app[LOGIN], who_asks(request), _account(request)

    def decide() -> Kept:
        books = desk.books
        account = requests.managed(books.access, who, name)
        facts = requests.remove_second_factor(books.access, who, name, books.times.hub())
        kept = replace(books.secret(account.name), totp="", totp_step=0, recovery=())
        return facts, [kept]

    await desk.books.change(decide)
    return answer(Done(account=name))


async def lift(request: web.Request) -> web.Response:
    """They need not wait any longer."""
    desk, who, name = request.app[LOGIN], who_asks(request), _account(request)

    def decide() -> Kept:
        return requests.lift_wait(desk.books.access, who, name, desk.books.times.hub()), []

    await desk.books.change(decide)
    desk.entry.attempts.lift(name)
    return answer(Done(account=name))


async def sessions(request: web.Request) -> web.Response:
    """Their logins."""
    desk, who = request.app[LOGIN], who_asks(request)
    account = requests.managed(desk.books.access, who, _account(request))
    return answer(session_docs(desk, account.name, who.session))


async def end_session(request: web.Request) -> web.Response:
    """One of theirs."""
    desk, who = request.app[LOGIN], who_asks(request)
    account = requests.managed(desk.books.access, who, _account(request))
    end_one(desk, account, request.match_info["session"], who)
    return answer(Done(account=account.name))


# --- pieces ---


def _counts(managed: frozenset[CommunityId], where: str) -> bool:
    """Whether an office held there is one where people are managed from here, or counts there."""
    return where == EVERYWHERE or holds(managed, CommunityId(where))


def _person(desk: LoginDesk, who: Who, account: Account) -> PersonDoc:
    """What the asker may know: of whom they do not manage no more than the offices held here."""
    books = desk.books
    managed = who.where(Right.MANAGE_PEOPLE)
    mine = may_manage(books.access, who, account.name)
    waits = desk.entry.attempts.waits(account.name, books.times.steady()) if mine else []
    return PersonDoc(
        name=account.name,
        offices=[each for each in office_docs(account) if _counts(managed, each.where)],
        closed=account.closed,
        password=account.password_t is not None,
        second_factor=mine and account.second_factor,
        unit=account.unit if mine else None,
        sessions=len(books.sessions.of(account.name)) if mine else 0,
        tokens=len(account.tokens) if mine else 0,
        opened=account.opened_t // MILLI,
        wait_s=waits[0][1] if waits else 0,
        waits=[PlaceWaitDoc(place=place, wait_s=wait_s) for place, wait_s in waits],
        manageable=mine,
    )


def _link(
    desk: LoginDesk, name: OperatorName, who: Who
) -> tuple[NewLinkDoc, list[AccountFact], list[AccessChange]]:
    secret, facts, beside = desk.entry.make_link(name, who)
    return link_doc(desk, name, secret), facts, beside


def link_doc(desk: LoginDesk, name: OperatorName, secret: str) -> NewLinkDoc:
    """The link as it is told."""
    expires_t = desk.books.times.machine() + LINK_LASTS
    return NewLinkDoc(account=name, path=f"/#link={secret}", expires=expires_t // MILLI)


def _account(request: web.Request) -> OperatorName:
    return OperatorName(request.match_info["account"])


def _check_places(desk: LoginDesk, who: Who, wanted: Sequence[Held]) -> None:
    """Nobody is given an office where nothing is. It is looked at after the right to give it: who
    may not give it there is told so, whether the place exists or not.

    Raises UnfitAccessError, which names the places where the asker manages people.
    """
    places = desk.roster.communities
    for _, where in wanted:
        if where != EVERYWHERE and where not in places:
            known = [each for each in places if holds(who.where(Right.MANAGE_PEOPLE), each)]
            raise UnfitAccessError(
                "where",
                f"{quoted(where)} is no community here; known are {', '.join(known[:KNOWN_MAX])}"
                + (f" and {len(known) - KNOWN_MAX} more" if len(known) > KNOWN_MAX else ""),
            )


def _unit(desk: LoginDesk, who: Who, name: str | None) -> UnitId | None:
    """The radio of this name, where the asker manages people: whoever carries it sees who looked
    at it, and what is elsewhere is nobody's business here."""
    if not name:
        return None
    record = desk.roster.radios.get(RadioId(name))
    if record is None or not holds(who.where(Right.MANAGE_PEOPLE), record.community):
        raise UnfitAccessError("unit", "is not on the roster")
    return UnitId(name)
