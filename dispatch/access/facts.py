"""The facts about accounts, logins and looks. They stand in the journal like all others.

Their community is "" (words.NO_COMMUNITY): an account is nobody's alone. No password, hash or
other secret is ever in one; where somebody sat is personal and erasable.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.access.words import Office, Right, SessionId, TokenId
from dispatch.clock import Instant
from dispatch.events import Event, Personal
from dispatch.ids import CommunityId, IncidentId, OperatorName, UnitId


class How(StrEnum):
    """By what somebody showed who they are."""

    PASSWORD = "password"  # noqa: S105  the word, not one
    PASSWORD_AND_CODE = "password_and_code"  # noqa: S105
    PASSWORD_AND_RECOVERY = "password_and_recovery"  # noqa: S105
    LINK = "link"
    """A one-time link, with which the password was set."""
    PROVIDER = "provider"
    """Another server said so (OpenID Connect)."""


class Why(StrEnum):
    """Why a login was refused."""

    UNKNOWN = "unknown"
    """No account of this name. The name is not noted: people type passwords there."""
    PASSWORD = "password"  # noqa: S105
    CODE = "code"
    CLOSED = "closed"
    WAIT = "wait"
    """Too many tries before it."""
    LINK = "link"


class Ended(StrEnum):
    """Why a login ended before its time."""

    LOGOUT = "logout"
    ENDED = "ended"
    """By themselves from elsewhere, or by an administrator."""
    PASSWORD = "password"  # noqa: S105
    CLOSED = "closed"


class LookedAt(StrEnum):
    """What was looked at."""

    LIVE = "live"
    """The map with everybody on duty."""
    FILE = "file"
    """An incident's file with tracks and names."""
    SHEET = "sheet"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFact(Event):
    """Something that happened to an account, or that it did."""

    account: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOpened(AccountFact):
    """A person may be let in from now on. The name is never given to another one."""

    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeGiven(AccountFact):
    """From here on the account may do what this office may, there."""

    office: Office
    where: CommunityId
    """``*``: everywhere."""
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeTaken(AccountFact):
    """From here on no longer."""

    office: Office
    where: CommunityId
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerNamed(AccountFact):
    """Which radio this person carries, so that they can see who looked at it; None: none."""

    unit: UnitId | None
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(AccountFact):
    """Nobody is let in by this name any more; every login of it ended."""

    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReopened(AccountFact):
    """The same person is let in again."""

    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMade(AccountFact):
    """A one-time link to set a password was made for this account; where it was the very first,
    the account's name is not known yet and empty."""

    expires_t: Instant
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(AccountFact):
    """Every other login of the account ended with it."""

    by_link: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorSet(AccountFact):
    """A number from the person's phone is asked for from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRemoved(AccountFact):
    """No longer; by an administrator where a phone was lost."""

    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesMade(AccountFact):
    """New ones, each good for one login without the phone; older ones are void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLinked(AccountFact):
    """Another server vouches for this person from now on; None: no longer."""

    issuer: str
    subject: Personal | None
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn(AccountFact):
    """Somebody came in."""

    session: SessionId
    how: How
    address: Personal | None
    """Where they sat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused(AccountFact):
    """Somebody did not; told at most once a minute for an account and an address."""

    why: Why
    times: int
    """How often since this was told last."""
    address: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDenied(AccountFact):
    """This account asked for what it may not do; told at most once a minute for an account and an
    address of the server."""

    asked: str
    """Method and address as the server's table has it: ``POST /api/v1/people``."""
    right: Right
    """The one that was missing."""
    where: str
    """Where it was missing, as it was asked; empty: anywhere."""
    program: bool
    """By a token, and not by somebody in a browser."""
    times: int
    """How often since this was told last."""
    address: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedOut(AccountFact):
    """A login ended before its time."""

    session: SessionId
    why: Ended
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitLifted(AccountFact):
    """An administrator let somebody try again at once."""

    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(AccountFact):
    """A program may ask in this account's name, for these things only."""

    token: TokenId
    label: str
    rights: tuple[Right, ...]
    expires_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(AccountFact):
    """No longer."""

    token: TokenId
    by: OperatorName


class ConsentBy(StrEnum):
    """How somebody said so."""

    PAGE = "page"
    """Themselves, logged in."""
    PAPER = "paper"
    """On paper; a manager noted it."""
    JOIN = "join"
    """On the radio, when it was let in by a code; ``by`` made the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(AccountFact):
    """This person consented to these words."""

    where: CommunityId
    """Whose text it is."""
    text: str
    version: int
    purpose: str
    digest: str
    """SHA-256 of the words (privacy/consent.py)."""
    how: ConsentBy
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn(AccountFact):
    """They do so no longer, in any version: what rests on it is deleted after this is told."""

    where: CommunityId
    text: str
    version: int
    """The one in force; they may have consented to an older one, or to none."""
    purpose: str
    how: ConsentBy
    by: OperatorName
    unit: UnitId | None = None
    """The radio that they carried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberErased(AccountFact):
    """After they withdrew their consent to be called, what the gateways' file held to reach them
    is gone."""

    unit: UnitId
    """Under which radio it stood."""
    count: int
    """So many values; 0: none stood there."""
    by: OperatorName
    """Who withdrew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(AccountFact):
    """This account looked at where people are or were."""

    at: LookedAt
    where: tuple[CommunityId, ...]
    """``*``: all there are."""
    about: IncidentId | None
    """Whose file or sheet. (A field ``incident`` would put it among the facts of that incident.)"""
    units: tuple[UnitId, ...]
    """Whose tracks; empty: of everybody on duty there."""


AnyAccess = (
    AccountOpened
    | OfficeGiven
    | OfficeTaken
    | BearerNamed
    | AccountClosed
    | AccountReopened
    | LinkMade
    | PasswordChanged
    | SecondFactorSet
    | SecondFactorRemoved
    | RecoveryCodesMade
    | ProviderLinked
    | LoggedIn
    | LoginRefused
    | RequestDenied
    | LoggedOut
    | WaitLifted
    | TokenMade
    | TokenRevoked
    | ConsentGiven
    | ConsentWithdrawn
    | NumberErased
    | Looked
)

STATE_FACTS: Final[tuple[type[AccountFact], ...]] = (
    AccountOpened,
    OfficeGiven,
    OfficeTaken,
    BearerNamed,
    AccountClosed,
    AccountReopened,
    PasswordChanged,
    SecondFactorSet,
    SecondFactorRemoved,
    ProviderLinked,
    TokenMade,
    TokenRevoked,
    ConsentGiven,
    ConsentWithdrawn,
    NumberErased,
)
"""What a starting server folds: few, however long the journal is."""

NOTED_FACTS: Final[tuple[type[AccountFact], ...]] = (
    LinkMade,
    RecoveryCodesMade,
    LoggedIn,
    LoginRefused,
    RequestDenied,
    LoggedOut,
    WaitLifted,
    Looked,
)
"""What is there to be looked up: many."""

ACCESS_FACTS: Final[dict[str, type[Event]]] = {
    cls.__name__: cls for cls in (*STATE_FACTS, *NOTED_FACTS)
}
"""Every one of them by the name it has in the journal. Names are never reused."""
