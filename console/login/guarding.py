"""Each request: who asks, and may they. What no rule allows is denied.

    Authorization: Bearer TOKEN     a program, or this machine
    Cookie                          a login; X-CSRF must go with whatever changes something

The rules stand beside the addresses (``Need``); here they are looked up and held.
"""

import asyncio
import hmac
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import msgspec
from aiohttp import web

from console.asking import RequestRefusedError
from console.login.books import AccountBooks
from console.login.looks import Looks
from console.login.sessions import SEEN_KEPT_EVERY, Session, digest_of
from console.login.who import WHO, Who
from dispatch.access.asker import ASKER
from dispatch.access.facts import LookedAt
from dispatch.access.needs import AnyNeed, Need, Open, Where
from dispatch.access.refusals import NoRightError, NotLoggedInError
from dispatch.access.requests import ThisMachine
from dispatch.access.words import EVERYWHERE
from dispatch.clock import Instant
from dispatch.ids import CommunityId, IncidentId, UnitId

COOKIE: Final = "yihu"
COOKIE_TLS: Final = "__Host-yihu"
"""A browser takes it over TLS only, for this host and the whole of it, and no sister host can
set it (RFC 6265bis, 4.1.3)."""
CSRF_HEADER: Final = "X-CSRF"
BEARER: Final = "Bearer "
TOKEN_LENGTH_MAX: Final = 200
BODY_TIMEOUT_S: Final = 10.0
SAFE: Final = frozenset({"GET", "HEAD"})

Needs = Mapping[tuple[str, str], AnyNeed]
"""By method and path as the router writes it."""
Community = Callable[[str], CommunityId | None]
"""Which community a radio or unit belongs to; None where there is none of this name."""


class Gate(Protocol):
    """Finds out who asks."""

    def identify(self, request: web.Request) -> Who | None:
        """None where nobody is known."""
        ...

    @property
    def listeners(self) -> set[Callable[[], None]]:
        """Called when what somebody may do may be another thing now."""
        ...

    def now(self) -> Instant:
        """The machine's time."""
        ...

    def looked_live(self, who: Who, where: frozenset[CommunityId]) -> None:
        """They opened the map with everybody on duty there."""
        ...

    def looked_at_paper(
        self, who: Who, at: LookedAt, incident: IncidentId, units: Sequence[UnitId]
    ) -> None:
        """They took a file or sheet with places of these units."""
        ...


class AccessGate:
    """The gate of a running server."""

    def __init__(self, books: AccountBooks, looks: Looks, *, local_token: str) -> None:
        self._books = books
        self.looked_live = looks.live
        self.looked_at_paper = looks.paper
        self._local = digest_of(local_token)

    @property
    def listeners(self) -> set[Callable[[], None]]:
        """Called when what somebody may do may be another thing now."""
        return self._books.listeners

    def now(self) -> Instant:
        """The machine's time."""
        return self._books.times.machine()

    def identify(self, request: web.Request) -> Who | None:
        """By the token where one is shown, else by the cookie."""
        said = request.headers.get("Authorization", "")
        if said:
            return self._by_token(request, said)
        cookie = request.cookies.get(cookie_name(request), "")
        if not cookie:
            return None
        session = self._books.sessions.find(cookie, self._books.times.machine())
        account = None if session is None else self._books.account_of(session)
        if session is None or account is None:
            return None
        self._books.touch(session, kept_every=SEEN_KEPT_EVERY)
        return Who(actor=account, session=session, account=account)

    def _by_token(self, request: web.Request, said: str) -> Who | None:
        token = said.removeprefix(BEARER).strip()
        if not said.startswith(BEARER) or not 0 < len(token) <= TOKEN_LENGTH_MAX:
            return None
        digest = digest_of(token)
        if hmac.compare_digest(digest, self._local):
            return Who(actor=ThisMachine()) if is_from_here(request) else None
        row = self._books.tokens.get(digest)
        if row is None or row.expires_t <= self._books.times.machine():
            return None
        account = self._books.access.find(row.account)
        if account is None or account.closed or row.token not in account.tokens:
            return None
        return Who(actor=account, account=account, limit=account.tokens[row.token].rights)


async def let_in(
    request: web.Request, gate: Gate, needs: Needs, community_of_unit: Community
) -> None:
    """Find out who asks, note it with the request, and hold the rule of the address.

    Raises NotLoggedInError, NoRightError, RequestRefusedError.
    """
    if request.match_info.http_exception is not None:
        return  # there is nothing at this address, which is said to anybody
    resource = request.match_info.route.resource
    path = "" if resource is None else resource.canonical
    method = "GET" if request.method == "HEAD" else request.method
    need = needs.get((method, path))
    if need is None:
        raise RequestRefusedError(403, "no_rule", "no rule says who may ask this: nobody may")
    if need is Open.PUBLIC:
        return
    who = gate.identify(request)
    if who is None:
        raise NotLoggedInError
    request[WHO] = who
    ASKER.set(who.name)
    if who.session is not None and request.method not in SAFE:
        check_csrf(request, who.session)
    if isinstance(need, Need):
        await _check(request, who, need, community_of_unit)


def check_csrf(request: web.Request, session: Session) -> None:
    """Raises RequestRefusedError where a request may have been made by another page."""
    said = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(said.encode("utf-8", "surrogatepass"), session.csrf.encode()):
        raise RequestRefusedError(
            403, "no_csrf", f"header {CSRF_HEADER} must hold the token that /api/v1/me gives"
        )


async def _check(request: web.Request, who: Who, need: Need, of_unit: Community) -> None:
    """Raises NoRightError."""
    path = request.match_info
    match need.where:
        case Where.ANY:
            if not who.where(need.right):
                raise NoRightError(need.right, "")
            return
        case Where.EVERYWHERE:
            community = EVERYWHERE
        case Where.COMMUNITY:
            community = CommunityId(path["community"])
        case Where.INCIDENT:
            community = of_incident(path["incident"])
        case Where.DRILL:
            community = of_drill(path["drill"])
        case Where.RADIO:
            community = of_unit(path["radio"]) or EVERYWHERE
        case Where.BODY_COMMUNITY:
            community = CommunityId((await _named(request)).community)
        case Where.BODY_UNIT:
            community = of_unit((await _named(request)).unit) or EVERYWHERE
    who.check(need.right, community)


def of_incident(incident: str) -> CommunityId:
    """The community that an incident's id begins with; what is no id begins with none that is
    anybody's."""
    return CommunityId(incident.rsplit("-", 2)[0] if incident.count("-") >= 2 else "")


def of_drill(drill: str) -> CommunityId:
    """The community that an exercise's id begins with; its own name may hold the same word."""
    return CommunityId(drill.rpartition("-drill-")[0])


class _Named(msgspec.Struct):
    community: str = ""
    unit: str = ""


async def _named(request: web.Request) -> _Named:
    """What of a body the rule needs; the handler reads all of it, from memory."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            data = await request.read()
        return msgspec.json.decode(data or b"{}", type=_Named)
    except TimeoutError:
        raise RequestRefusedError(408, "too_slow", "the body did not come in time") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Named()  # whoever may do it everywhere is told by the handler what is wrong


def cookie_name(request: web.Request) -> str:
    """The cookie's, by whether the request came over TLS."""
    return COOKIE_TLS if request.secure else COOKIE


def address_of(request: web.Request) -> str:
    """The other end of the connection; no header of theirs says otherwise."""
    return (request.remote or "")[:60]


def is_from_here(request: web.Request) -> bool:
    """Whether the other end is on this machine."""
    try:
        return ipaddress.ip_address(address_of(request).partition("%")[0]).is_loopback
    except ValueError:
        return False
