"""Lets in only what comes from our own pages, and sends every answer well dressed.

A web page that the operator visits elsewhere may ask this server through the operator's
browser, by address or by a name of its own that it points here (DNS rebinding). Hence the
checks of Host, Origin and Sec-Fetch-Site; there is no CORS at all. Who asks, and what they
may, is login/guarding.py's.
"""

import asyncio
from collections.abc import Callable, Container
from typing import Final
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from console.asking import BODY_BYTES_MAX, Facts, RequestRefusedError
from console.bodies import Refusal
from console.login.guarding import Community, Gate, Needs, let_in, note_denied
from console.login.provider import ProviderError
from console.wire import IncidentDoc, StoryDoc
from dispatch.access.refusals import (
    BadCodeError,
    BadLinkError,
    BadPasswordError,
    CodeNeededError,
    ConsentNeededError,
    LoginRefusedError,
    NoRightError,
    NotLoggedInError,
    TooBusyError,
    UnfitAccessError,
    UnknownAccountError,
    WaitError,
    WrongNumberError,
)
from dispatch.errors import (
    RefusedError,
    StoreError,
    UnknownAssignmentError,
    UnknownDrillError,
    UnknownIncidentError,
    UnknownUnitError,
    quoted,
)
from dispatch.settings import LOOPBACK
from dispatch.tips.refusals import (
    TipErasedError,
    TooManyTipsError,
    UnfitTipError,
    UnknownTipCodeError,
    UnknownTipError,
)

log = structlog.get_logger("yihu.console")

REQUESTS_MAX: Final = 200
"""Requests being answered at once, streams apart: a page makes about five."""

RETRY_AFTER_S: Final = "2"

STS: Final = "max-age=31536000"
"""Once over TLS, for a year never without (RFC 6797): a slip in the address shows no password."""

HEADERS: Final = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "media-src 'self' data: blob:",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

STATUS_OF: Final[dict[type[RefusedError], int]] = {
    UnknownIncidentError: 404,
    UnknownUnitError: 404,
    UnknownAssignmentError: 404,
    UnknownDrillError: 404,
    NotLoggedInError: 401,
    NoRightError: 403,
    LoginRefusedError: 403,
    WrongNumberError: 403,
    CodeNeededError: 403,
    BadLinkError: 403,
    BadCodeError: 403,
    ConsentNeededError: 403,
    BadPasswordError: 422,
    ProviderError: 502,
    UnfitAccessError: 422,
    WaitError: 429,
    TooBusyError: 503,
    UnknownAccountError: 404,
    UnfitTipError: 422,
    UnknownTipError: 404,
    UnknownTipCodeError: 404,
    TipErasedError: 404,
    TooManyTipsError: 429,
}
"""What the hub refuses is 409, but for things that are not there."""

CHANGED_TOLD_MAX: Final = 20
"""Lines of what changed that a refusal tells: more is another incident."""

PresentState = Callable[[str], IncidentDoc | None]


def make_guard(
    present_state: PresentState,
    gate: Gate,
    needs: Needs,
    community_of_radio: Community,
    hosts: Container[str] = LOOPBACK,
) -> Middleware:
    """The one middleware. ``present_state`` gives the incident a refusal is about; ``gate``
    finds out who asks, ``needs`` says what each address asks of them; ``hosts`` are the
    names by which we may be asked."""
    places = asyncio.BoundedSemaphore(REQUESTS_MAX)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            check_source(request, hosts)
            check_encoding(request)
            check_kind(request)
            if places.locked():
                raise RequestRefusedError(503, "busy", "too many requests at once")
            if _is_stream(request):
                await let_in(request, gate, needs, community_of_radio)
                response = await handler(request)
            else:
                async with places:
                    await let_in(request, gate, needs, community_of_radio)
                    response = await handler(request)
        except Exception as exc:
            if isinstance(exc, NoRightError):
                note_denied(request, gate, exc)
            response = _refusal(request, exc, present_state)
        if not response.prepared:
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            if request.secure:
                response.headers.setdefault("Strict-Transport-Security", STS)
        return response

    return guard


def check_source(request: web.Request, hosts: Container[str] = LOOPBACK) -> None:
    """Refuse what another web page sends through the operator's browser."""
    said = request.headers.getall("Host", [])
    if len(said) != 1 or _name(f"//{said[0]}") not in hosts:
        raise RequestRefusedError(
            403, "wrong_host", f"this server is not {quoted(', '.join(said))}"
        )
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{said[0]}":
        raise RequestRefusedError(403, "wrong_origin", f"not for pages of {quoted(origin)}")
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.path.startswith("/api/") and site not in ("same-origin", "none"):
        raise RequestRefusedError(403, "wrong_origin", "not for pages of another site")


def check_kind(request: web.Request) -> None:
    """No address takes files, also where it would not read them. Raises RequestRefusedError."""
    if request.content_type.startswith("multipart/"):
        raise RequestRefusedError(415, "not_json", "no file is taken: only application/json")


def check_encoding(request: web.Request) -> None:
    """Refuse a packed body: 64 KiB need no packing, and a small one may unpack to gigabytes."""
    said = ", ".join(request.headers.getall("Content-Encoding", []))
    if said.strip().lower() not in ("", "identity"):
        raise RequestRefusedError(
            415, "encoded", f"Content-Encoding {quoted(said)} is not read: send the body as it is"
        )


def refusal(
    status: int, code: str, sentence: str, facts: Facts, incident: IncidentDoc | None = None
) -> web.Response:
    """A refusal as an answer."""
    changed = [] if incident is None else since(incident, facts.get("based_on"))
    doc = Refusal(code=code, detail=sentence, facts=facts, incident=incident, changed=changed)
    response = web.Response(
        status=status, body=msgspec.json.encode(doc), content_type="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response


def since(incident: IncidentDoc, based_on: str | int | None) -> list[StoryDoc]:
    """What happened since the version that was known: a version counts the lines of the story.

    Where that is too much, people's deeds stay: one closing lets go of many units.
    """
    if not isinstance(based_on, int):
        return []
    lines = incident.story[max(0, based_on - incident.story_left_out) :]
    gravest_last = sorted(range(len(lines)), key=lambda n: (_is_deed(lines[n]), n))
    return [lines[n] for n in sorted(gravest_last[-CHANGED_TOLD_MAX:])]


def _is_deed(line: StoryDoc) -> bool:
    """A person did it, and not to one unit of many."""
    return line.by is not None and line.unit is None


def _refusal(
    request: web.Request, exc: Exception, present_state: PresentState
) -> web.StreamResponse:
    """Every error as an answer; what we did not foresee is logged, its words kept inside."""
    match exc:
        case RequestRefusedError():
            return refusal(exc.status, exc.code, str(exc), exc.facts)
        case RefusedError():
            status = STATUS_OF.get(type(exc), 409)
            subject = request.match_info.get("incident", "")
            state = None if status in (401, 403) else present_state(subject)
            answer = refusal(status, exc.code, str(exc), dict(exc.facts), state)
            if isinstance(exc, WaitError):
                answer.headers["Retry-After"] = str(exc.wait_s)
            return answer
        case StoreError():
            return refusal(503, "store_down", str(exc), {})
        case web.HTTPException() if exc.status < 400:
            return exc
        case web.HTTPException():
            answer = refusal(exc.status, *_told(request, exc), {})
            if "Allow" in exc.headers:
                answer.headers["Allow"] = exc.headers["Allow"]
            return answer
        case _:
            log.error("request_failed", method=request.method, path=request.path, exc_info=exc)
            return refusal(500, "internal", "our own error; it is in the log", {})


def _told(request: web.Request, exc: web.HTTPException) -> tuple[str, str]:
    """The code and the sentence of what the server itself refuses."""
    method, path = request.method, quoted(request.path)
    match exc:
        case web.HTTPNotFound():
            return "not_found", f"there is nothing at {path}"
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(exc.allowed_methods))
            return "method_not_allowed", f"{quoted(method)} cannot be done at {path}: {allowed} can"
        case web.HTTPRequestEntityTooLarge():
            return "too_large", f"a body has at most {BODY_BYTES_MAX} bytes"
        case _:
            return "refused", f"{quoted(method)} {path} is refused: {exc.reason}"


def _is_stream(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _name(address: str) -> str:
    try:
        parts = urlsplit(address)
        _ = parts.port  # a port that is no number raises here
        return parts.hostname or ""
    except ValueError:
        return ""
