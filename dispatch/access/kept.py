"""What is kept beside the journal: digests and secrets, which no fact may hold.

A change names what stands there afterwards, so that doing it twice is harmless. All of it can
be erased; then the person sets a password by a new link. The tables: store/access.py.
"""

from dataclasses import dataclass

from dispatch.access.words import SessionId, TokenId
from dispatch.clock import Instant
from dispatch.ids import OperatorName, RadioId


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What one account knows."""

    account: OperatorName
    password: str = ""
    """Argon2id in its usual text form; empty: none was set."""
    totp: str = ""
    """The second factor's secret in base32; empty: none."""
    totp_step: int = 0
    """The last step that was accepted: it is never again."""
    recovery: tuple[str, ...] = ()
    """SHA-256 of each recovery code that was not used."""
    subject: str = ""
    """Who they are at the server that vouches for them: ``issuer subject``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One login."""

    digest: str
    """SHA-256 of what the cookie holds."""
    session: SessionId
    account: OperatorName
    made_t: Instant
    """The machine's own time, as all times here: a hub's may run faster."""
    seen_t: Instant
    address: str
    agent: str
    """What the browser says it is, cut: to tell one's own logins apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One API token."""

    digest: str
    token: TokenId
    account: OperatorName
    expires_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """One one-time link; the account is empty where it opens the first one."""

    digest: str
    account: OperatorName
    expires_t: Instant


@dataclass(frozen=True, slots=True)
class DropSession:
    """A login that ended."""

    digest: str


@dataclass(frozen=True, slots=True)
class DropToken:
    """A token that was revoked."""

    token: TokenId


@dataclass(frozen=True, slots=True)
class DropLinks:
    """Every link of an account: a password was set, or a newer link was made."""

    account: OperatorName


AccessChange = Secret | SessionRow | TokenRow | LinkRow | DropSession | DropToken | DropLinks
"""One change beside the journal, in the same transaction as the facts it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """The one code that lets a radio in, until it is used or runs out; a newer one replaces it."""

    radio: RadioId
    digest: str
    by: OperatorName
    """Who made it."""
    made_t: Instant
    """The machine's own time, as that of a login."""
    expires_t: Instant


@dataclass(frozen=True, slots=True)
class DropCode:
    """It was used, or is void: the radio was let in by another way, or revoked."""

    radio: RadioId


BesideChange = AccessChange | CodeRow | DropCode
"""Those of radios, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBeside:
    """All that stands there, as a starting server reads it."""

    secrets: tuple[Secret, ...] = ()
    sessions: tuple[SessionRow, ...] = ()
    tokens: tuple[TokenRow, ...] = ()
    links: tuple[LinkRow, ...] = ()
