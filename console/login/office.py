"""What the handlers of logins and people work with, and how they read and answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from console import asking
from console.asking import BODY_BYTES_MAX, RequestRefusedError
from console.login.bodies import OfficeDoc
from console.login.books import AccountBooks
from console.login.entry import Entry
from console.login.guarding import cookie_name
from console.login.looks import Looks
from console.login.provider import Provider
from console.login.sessions import ABSOLUTE, Session
from console.login.who import Who, who_asks
from console.looking import json_bytes
from dispatch.access.accounts import Account, Held
from dispatch.access.facts import Ended
from dispatch.access.refusals import NoRightError, UnfitAccessError
from dispatch.access.words import NO_COMMUNITY, Office, Right
from dispatch.clock import SECOND
from dispatch.gateways.forgetting import Numbers
from dispatch.ids import CommunityId, UnitId, radio_of
from dispatch.roster import Roster

MILLI: Final = 1_000
"""Microseconds in the wire's unit of time."""

BodyT = TypeVar("BodyT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginDesk:
    """The collaborators."""

    books: AccountBooks
    entry: Entry
    looks: Looks
    roster: Roster
    numbers: Numbers = field(default_factory=Numbers)
    """What reaches people by phone."""
    provider: Provider | None = None
    """Another server that vouches for people."""
    has_authority: Callable[[], bool] = lambda: False
    """Whether the centre made an authority of its own; it may while we run."""
    handing_out: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One copy of a person's data is made at a time: a month of positions takes seconds."""

    def __post_init__(self) -> None:
        self.books.access.home_of = self._home_of

    def _home_of(self, unit: UnitId) -> CommunityId:
        record = self.roster.radios.get(radio_of(unit))
        return NO_COMMUNITY if record is None else record.community


LOGIN: Final = web.AppKey("login", LoginDesk)


async def said(request: web.Request, shape: type[BodyT]) -> BodyT:
    """The body in its shape. Raises RequestRefusedError."""
    if request.content_type != "application/json":
        raise RequestRefusedError(415, "not_json", "Content-Type must be application/json")
    data = await request.read()
    assert len(data) <= BODY_BYTES_MAX, "the server takes no more"
    return asking.body(data, shape)


def person(request: web.Request) -> tuple[Who, Account, Session]:
    """Somebody who is logged in in a browser; a program changes nobody's password.

    Raises NoRightError.
    """
    who = who_asks(request)
    if who.account is None or who.session is None:
        raise NoRightError(Right.HANDLE, "(a person's own login)")
    return who, who.account, who.session


def offices(docs: Sequence[OfficeDoc]) -> tuple[Held, ...]:
    """Raises UnfitAccessError."""
    try:
        return tuple((Office(each.office), CommunityId(each.where)) for each in docs)
    except ValueError:
        raise UnfitAccessError("office", f"is one of {', '.join(Office)}") from None


def office_docs(account: Account) -> list[OfficeDoc]:
    """In one order."""
    return [OfficeDoc(office=office, where=where) for office, where in sorted(account.offices)]


def answer(doc: msgspec.Struct) -> web.Response:
    """As JSON that nobody keeps."""
    return json_bytes(msgspec.json.encode(doc))


def leave_former(request: web.Request, desk: LoginDesk, fresh: Session) -> None:
    """Whoever logs in anew here has left the login that this browser had: nobody could end it
    from its desk any more."""
    said = request.cookies.get(cookie_name(request), "")
    former = desk.books.sessions.find(said, desk.books.times.machine()) if said else None
    if former is not None and former is not fresh:
        desk.books.note(*desk.books.ending([former], Ended.LOGOUT, former.account))


def set_cookie(request: web.Request, response: web.Response, cookie: str) -> None:
    """Give a browser its login: out of reach of scripts, never sent from another site."""
    response.set_cookie(
        cookie_name(request),
        cookie,
        max_age=ABSOLUTE // SECOND,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.secure,
    )


def drop_cookie(request: web.Request, response: web.Response) -> None:
    """Take it back."""
    response.del_cookie(
        cookie_name(request), path="/", httponly=True, samesite="Strict", secure=request.secure
    )
