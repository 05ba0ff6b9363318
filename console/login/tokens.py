"""Programs' ways in: a person makes them for some of their own rights, and takes them back."""

import base64
from typing import Final

from aiohttp import web

from console.login.bodies import Done, NewTokenDoc, TokenBody
from console.login.guarding import address_of
from console.login.office import LOGIN, answer, person, said
from console.login.sessions import digest_of
from dispatch.access import requests
from dispatch.access.facts import AccountFact
from dispatch.access.kept import AccessChange, DropToken, TokenRow
from dispatch.access.refusals import UnfitAccessError
from dispatch.access.words import Right, TokenId
from dispatch.clock import DAY

TOKEN_BYTES: Final = 32
TOKEN_PREFIX: Final = "yihu-"  # noqa: S105  what a leaked one is searched for by


async def make_token(request: web.Request) -> web.Response:
    """A program's way in; told this once."""
    desk, body = request.app[LOGIN], await said(request, TokenBody)
    _, account, _ = person(request)
    await desk.entry.check_again(account, body.password, address=address_of(request))
    try:
        rights = [Right(each) for each in body.rights]
    except ValueError:
        raise UnfitAccessError("rights", f"are of {', '.join(Right)}") from None
    token = TokenId(desk.entry.new_id())
    data = desk.books.token_bytes(TOKEN_BYTES)
    secret = TOKEN_PREFIX + base64.urlsafe_b64encode(data).decode().rstrip("=")
    now = desk.books.times.machine()
    expires_t = now + max(0, min(body.days, 10_000)) * DAY

    def decide() -> tuple[list[AccountFact], list[AccessChange]]:
        facts = requests.make_token(account, token, body.label, rights, expires_t, now)
        row = TokenRow(
            digest=digest_of(secret), token=token, account=account.name, expires_t=expires_t
        )
        return facts, [row]

    await desk.books.change(decide)
    return answer(NewTokenDoc(id=token, token=secret))


async def revoke_token(request: web.Request) -> web.Response:
    """At once."""
    desk = request.app[LOGIN]
    who, _, _ = person(request)
    token = TokenId(request.match_info["token"])

    def decide() -> tuple[list[AccountFact], list[AccessChange]]:
        t = desk.books.times.hub()
        facts = requests.revoke_token(desk.books.access, who, who.name, token, t)
        return facts, [DropToken(token)] if facts else []

    await desk.books.change(decide)
    return answer(Done(account=who.name))
