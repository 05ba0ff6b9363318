"""Another server vouches for a person: OpenID Connect, authorization code with PKCE and nonce.

    page -> begin()                    state, nonce and verifier kept here, a cookie in the browser
         -> the provider's own page -> GET /login/callback?code&state
            finish()                   code for an ID token, signature and claims checked

Who somebody is there (issuer and subject) was linked to their account by themselves, logged in;
a name or an address that the provider tells is never believed: whoever may choose it there
could choose an operator's (OpenID Connect Core 1.0, 5.7). joserfc's one door; it is loaded only
where a provider is set.
"""

import base64
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, encode_basic_auth

from console.login.sessions import digest_of
from dispatch.clock import MINUTE, SECOND, Instant
from dispatch.errors import RefusedError
from dispatch.ids import OperatorName

log = structlog.get_logger("yihu.access")

CALLBACK: Final = "/login/callback"
DISCOVERY: Final = "/.well-known/openid-configuration"
ANSWER_BYTES_MAX: Final = 256 * 1024
TIMEOUT_S: Final = 10.0
PENDING_MAX: Final = 1_000
"""Logins begun and not ended; the oldest gives way."""
PENDING_LASTS: Final = 10 * MINUTE
LEEWAY_S: Final = 60
"""Two servers' clocks."""
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""None with a shared secret, and never none (RFC 8725, 3.1)."""
KEYS_LAST: Final = 60 * MINUTE
RANDOM_BYTES: Final = 32

ShapeT = TypeVar("ShapeT", bound=msgspec.Struct)


class ProviderError(RefusedError):
    """The other server could not be asked, or what it said cannot be believed."""

    code = "provider_failed"

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the login server's answer cannot be used: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """Which server, and who we are to it."""

    issuer: str
    client: str
    secret: str
    """Empty: a public client; PKCE protects the code in any case."""
    name: str
    """What the login page calls it."""
    redirect: str
    """Our own address with CALLBACK, as it is registered there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A login that was begun."""

    state: str
    nonce: str
    verifier: str
    until_t: Instant
    linking: OperatorName | None
    """Whose account shall be linked; None: somebody logs in."""


class _Discovered(msgspec.Struct):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct):
    id_token: str


class Provider:
    """One provider. ``now`` is the machine's time."""

    def __init__(
        self,
        settings: ProviderSettings,
        *,
        now: Callable[[], Instant],
        token_bytes: Callable[[int], bytes],
    ) -> None:
        self.settings = settings
        self._now = now
        self._token_bytes = token_bytes
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._found: _Discovered | None = None
        self._keys: tuple[Instant, Any] | None = None

    async def begin(self, linking: OperatorName | None) -> tuple[str, str]:
        """Where the browser goes, and the value of the cookie that brings it back.

        Raises ProviderError.
        """
        found = await self._discovered()
        cookie = self._random()
        pending = Pending(
            state=self._random(),
            nonce=self._random(),
            verifier=self._random(),
            until_t=self._now() + PENDING_LASTS,
            linking=linking,
        )
        self._pending[digest_of(cookie)] = pending
        while len(self._pending) > PENDING_MAX:
            self._pending.popitem(last=False)
        challenge = _text(hashlib.sha256(pending.verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": self.settings.client,
            "redirect_uri": self.settings.redirect,
            "scope": "openid",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(found.authorization_endpoint).query else "?"
        return f"{found.authorization_endpoint}{joint}{urlencode(query)}", cookie

    async def finish(self, cookie: str, state: str, code: str) -> tuple[str, Pending]:
        """``issuer subject`` of whoever came back, and what they began. Once only.

        Raises ProviderError.
        """
        pending = self._pending.pop(digest_of(cookie), None)
        if pending is None or pending.until_t <= self._now():
            raise ProviderError("this login was not begun here, or too long ago")
        if not hmac.compare_digest(state.encode(), pending.state.encode()):
            raise ProviderError("the state is another one")
        if not code:
            raise ProviderError("there is no code")
        found = await self._discovered()
        tokens = await self._exchange(found, code, pending.verifier)
        claims = await self._claims(found, tokens.id_token, pending.nonce)
        return f"{self.settings.issuer} {claims['sub']}", pending

    async def _exchange(self, found: _Discovered, code: str, verifier: str) -> _Tokens:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect,
            "client_id": self.settings.client,
            "code_verifier": verifier,
        }
        headers = {}
        if self.settings.secret:  # RFC 6749, 2.3.1: both encoded as in a form
            who, secret = quote_plus(self.settings.client), quote_plus(self.settings.secret)
            headers["Authorization"] = encode_basic_auth(who, secret)
        data = await self._ask("POST", found.token_endpoint, data=body, headers=headers)
        return _read(data, _Tokens)

    async def _claims(self, found: _Discovered, id_token: str, nonce: str) -> dict[str, Any]:
        """What the token says, once its signature, issuer, audience, time and nonce are right."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        for again in (False, True):
            keys = await self._key_set(found, anew=again)
            try:
                claims = jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims
                break
            except (JoseError, ValueError, TypeError) as exc:
                if again:  # with the newest keys, too
                    raise ProviderError("the token's signature does not fit") from exc
        registry = jwt.JWTClaimsRegistry(
            now=self._now() // SECOND,
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except JoseError as exc:
            raise ProviderError(f"the token says {exc}") from exc
        audience = claims["aud"]
        others = isinstance(audience, list) and len(audience) > 1
        if (others or "azp" in claims) and claims.get("azp") != self.settings.client:
            raise ProviderError("the token is for another client")  # Core 1.0, 3.1.3.7
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise ProviderError("the subject is no name")
        return claims

    async def _discovered(self) -> _Discovered:
        """The provider's own description, read once."""
        if self._found is None:
            base = self.settings.issuer.rstrip("/")
            found = _read(await self._ask("GET", base + DISCOVERY), _Discovered)
            if found.issuer != self.settings.issuer:
                raise ProviderError("it calls itself by another name")
            for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
                if not is_safe(url):
                    raise ProviderError("it names an address without TLS")
            self._found = found
        return self._found

    async def _key_set(self, found: _Discovered, *, anew: bool) -> Any:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        now = self._now()
        if self._keys is None or anew or self._keys[0] <= now:
            data = await self._ask("GET", found.jwks_uri)
            try:
                keys = KeySet.import_key_set(msgspec.json.decode(data))
            except (JoseError, msgspec.DecodeError, ValueError, TypeError, KeyError) as exc:
                raise ProviderError("its keys cannot be read") from exc
            self._keys = (now + KEYS_LAST, keys)
        return self._keys[1]

    async def _ask(self, method: str, url: str, **options: Any) -> bytes:
        """A short answer; no address but the provider's is ever followed."""
        timeout = ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                ClientSession(timeout=timeout) as client,
                client.request(method, url, allow_redirects=False, **options) as answer,
            ):
                data = await answer.content.read(ANSWER_BYTES_MAX + 1)
        except (TimeoutError, ClientError, OSError, ValueError) as exc:
            log.warning("provider_failed", url=url, why=repr(exc))
            raise ProviderError("it does not answer") from exc
        if answer.status != 200 or len(data) > ANSWER_BYTES_MAX:
            log.warning("provider_failed", url=url, status=answer.status, size=len(data))
            raise ProviderError(f"it answers {answer.status}")
        return data

    def _random(self) -> str:
        return _text(self._token_bytes(RANDOM_BYTES))


def is_safe(url: str) -> bool:
    """TLS, or this very machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


def _read(data: bytes, shape: type[ShapeT]) -> ShapeT:
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise ProviderError("it is not what the standard says") from exc


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
