"""The addresses of logging in by another server that vouches for people (provider.py)."""

from dataclasses import replace
from typing import Final

from aiohttp import web

from console.asking import RequestRefusedError
from console.login.bodies import AgainBody, Done, NothingBody, ProviderDoc
from console.login.guarding import address_of
from console.login.office import (
    LOGIN,
    LoginDesk,
    answer,
    leave_former,
    person,
    said,
    set_cookie,
)
from console.login.provider import PENDING_LASTS, Provider, ProviderError
from dispatch.access.accounts import Account
from dispatch.access.facts import AccountFact, How, ProviderLinked
from dispatch.access.kept import AccessChange
from dispatch.access.requests import known
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import SECOND
from dispatch.events import Personal, Purpose

COOKIE: Final = "yihu-coming"
"""Lax, since the provider's page sends the browser back to us; it opens nothing by itself."""
CODE_LENGTH_MAX: Final = 4_096


class Vouched:
    """Handlers; ``provider`` None: there is none, and every one says so."""

    def __init__(self, provider: Provider | None) -> None:
        self._provider = provider

    @property
    def name(self) -> str:
        """What the login page calls it; empty: there is none."""
        return "" if self._provider is None else self._provider.settings.name

    async def begin(self, request: web.Request) -> web.Response:
        """Somebody wants to log in by it."""
        await said(request, NothingBody)
        return await self._send_off(request, None)

    async def begin_link(self, request: web.Request) -> web.Response:
        """Somebody who is logged in wants it to vouch for them."""
        desk, body = request.app[LOGIN], await said(request, AgainBody)
        _, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))
        return await self._send_off(request, account)

    async def unlink(self, request: web.Request) -> web.Response:
        """It vouches for me no more."""
        desk, body = request.app[LOGIN], await said(request, AgainBody)
        _, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            if not account.issuer:
                return [], []
            secret = replace(desk.books.secret(account.name), subject="")
            return [_linked(desk, account, "", None)], [secret]

        await desk.books.change(decide)
        return answer(Done(account=account.name))

    async def callback(self, request: web.Request) -> web.Response:
        """The browser comes back: in, or to the login page with a word why not."""
        provider = self._has()
        cookie = request.cookies.get(COOKIE, "")
        state, code = request.query.get("state", ""), request.query.get("code", "")
        try:
            subject, pending = await provider.finish(
                cookie[:CODE_LENGTH_MAX], state[:CODE_LENGTH_MAX], code[:CODE_LENGTH_MAX]
            )
        except ProviderError:
            return _back("failed")
        desk = request.app[LOGIN]
        if pending.linking is not None:
            return await self._link(desk, known(desk.books.access, pending.linking), subject)
        secret = desk.books.secret_of_subject(subject)
        account = None if secret is None else desk.books.access.find(secret.account)
        if account is None or account.closed:
            return _back("unknown")
        cookie, session = desk.entry.begin(
            account,
            How.PROVIDER,
            address=address_of(request),
            agent=request.headers.get("User-Agent", ""),
        )
        response = _back("")
        leave_former(request, desk, session)
        set_cookie(request, response, cookie)
        return response

    async def _link(self, desk: LoginDesk, account: Account, subject: str) -> web.Response:
        issuer = self._has().settings.issuer

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            other = desk.books.secret_of_subject(subject)
            if other is not None and other.account != account.name:
                raise ProviderError("this login is another account's")
            secret = replace(desk.books.secret(account.name), subject=subject)
            return [_linked(desk, account, issuer, subject)], [secret]

        try:
            await desk.books.change(decide)
        except ProviderError:
            return _back("taken")
        return _back("linked")

    async def _send_off(self, request: web.Request, account: Account | None) -> web.Response:
        provider = self._has()
        url, cookie = await provider.begin(None if account is None else account.name)
        response = answer(ProviderDoc(url=url))
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=PENDING_LASTS // SECOND,
            path="/login",
            httponly=True,
            samesite="Lax",
            secure=request.secure,
        )
        return response

    def _has(self) -> Provider:
        if self._provider is None:
            raise RequestRefusedError(404, "no_provider", "no other server vouches for people here")
        return self._provider


def _linked(desk: LoginDesk, account: Account, issuer: str, subject: str | None) -> ProviderLinked:
    return ProviderLinked(
        t=desk.books.times.hub(),
        community=NO_COMMUNITY,
        account=account.name,
        issuer=issuer,
        subject=None if subject is None else Personal(Purpose.PERSON, subject),
        by=account.name,
    )


def _back(word: str) -> web.Response:
    """To the page, which says the word in its language."""
    to = f"/#provider={word}" if word else "/"
    response = web.Response(status=303, headers={"Location": to, "Cache-Control": "no-store"})
    response.del_cookie(COOKIE, path="/login")
    return response
