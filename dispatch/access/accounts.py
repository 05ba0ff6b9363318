"""Accounts as the facts say they are. Folds, and answers what somebody may do where."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from dispatch.access.facts import (
    AccountClosed,
    AccountFact,
    AccountOpened,
    AccountReopened,
    BearerNamed,
    ConsentBy,
    ConsentGiven,
    ConsentWithdrawn,
    NumberErased,
    OfficeGiven,
    OfficeTaken,
    PasswordChanged,
    ProviderLinked,
    SecondFactorRemoved,
    SecondFactorSet,
    TokenMade,
    TokenRevoked,
)
from dispatch.access.permissions import RIGHTS_OF
from dispatch.access.words import EVERYWHERE, NO_COMMUNITY, Office, Right, TokenId
from dispatch.clock import Instant
from dispatch.ids import CommunityId, OperatorName, UnitId
from dispatch.privacy.consent import ConsentFor

Held = tuple[Office, CommunityId]
"""An office, and where it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A program's way in, as far as everybody may know of it."""

    token: TokenId
    label: str
    rights: frozenset[Right]
    made_t: Instant
    expires_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What this person said last of one text."""

    given: bool
    """False: withdrawn."""
    version: int
    purpose: str
    t: Instant
    how: ConsentBy
    by: OperatorName


@dataclass(slots=True, kw_only=True)
class Account:
    """One person who may use the console."""

    name: OperatorName
    opened_t: Instant
    opened_by: OperatorName
    offices: set[Held] = field(default_factory=set)
    closed: bool = False
    password_t: Instant | None = None
    """When the password was set; None: the link was not used yet."""
    second_factor: bool = False
    unit: UnitId | None = None
    """The radio this person carries."""
    issuer: str = ""
    """The server that vouches for them; empty: none."""
    tokens: dict[TokenId, Token] = field(default_factory=dict)
    consents: dict[tuple[CommunityId, str], Consent] = field(default_factory=dict)
    """By community and text; nothing where they were never asked."""
    withdrawn: dict[str, ConsentWithdrawn] = field(default_factory=dict)
    """By purpose, the last: what rested on it goes, also where they have consented again since. Of
    a phone number only until it is told that it went."""

    def where(self, right: Right) -> frozenset[CommunityId]:
        """The communities in which this is allowed; ``{EVERYWHERE}`` for all; none once closed."""
        if self.closed:
            return frozenset()
        found = frozenset(where for office, where in self.offices if right in RIGHTS_OF[office])
        return frozenset({EVERYWHERE}) if EVERYWHERE in found else found

    def may(self, right: Right, community: CommunityId) -> bool:
        """Whether this is allowed there. ``EVERYWHERE`` asks for all communities at once."""
        return holds(self.where(right), community)

    def said_last(self, purpose: ConsentFor) -> Consent | None:
        """What they said last of this, whichever community asked; None: nothing yet."""
        told = [each for each in self.consents.values() if each.purpose == purpose]
        return max(told, key=lambda each: each.t, default=None)

    def withdrew(self, purpose: ConsentFor) -> bool:
        """Whether that was that they withdraw."""
        last = self.said_last(purpose)
        return last is not None and not last.given

    @property
    def rights(self) -> frozenset[Right]:
        """All that is allowed anywhere."""
        return frozenset(right for right in Right if self.where(right))


def holds(where: frozenset[CommunityId], community: CommunityId) -> bool:
    """Whether a right that is held there counts in this community."""
    return EVERYWHERE in where or community in where


class Access:
    """All accounts, those that were closed too: a name is never given twice."""

    def __init__(self, facts: Iterable[AccountFact] = ()) -> None:
        self.home_of: Callable[[UnitId], CommunityId] = lambda _: NO_COMMUNITY
        """The community of a radio, as the roster has it; whoever holds the roster says so."""
        self._accounts: dict[str, Account] = {}
        """By the name, case-folded: nobody is ``Zhang`` beside ``zhang``."""
        for fact in facts:
            self.apply(fact)

    def find(self, name: str) -> Account | None:
        """The account of this name, written in whatever case; None where there is none."""
        return self._accounts.get(name.casefold())

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def __len__(self) -> int:
        return len(self._accounts)

    def administrators(self) -> list[Account]:
        """Who can let anybody in everywhere, as things stand: open, with a way to log in."""
        return [
            each
            for each in self
            if (Office.ADMINISTRATOR, EVERYWHERE) in each.offices
            and not each.closed
            and (each.password_t is not None or each.issuer)
        ]

    def apply(self, fact: AccountFact) -> None:
        """Fold one fact. One about an account that nothing told of is passed over: a journal
        that was tampered with must not keep a server from starting."""
        if isinstance(fact, AccountOpened):
            self._accounts.setdefault(
                fact.account.casefold(),
                Account(name=fact.account, opened_t=fact.t, opened_by=fact.by),
            )
            return
        account = self.find(fact.account)
        if account is not None:
            _fold(account, fact)


def _fold(account: Account, fact: AccountFact) -> None:
    match fact:
        case OfficeGiven():
            account.offices.add((fact.office, fact.where))
        case OfficeTaken():
            account.offices.discard((fact.office, fact.where))
        case BearerNamed():
            account.unit = fact.unit
        case AccountClosed():
            account.closed = True
            account.tokens.clear()
        case AccountReopened():
            account.closed = False
        case PasswordChanged():
            account.password_t = fact.t
        case SecondFactorSet():
            account.second_factor = True
        case SecondFactorRemoved():
            account.second_factor = False
        case ProviderLinked():
            account.issuer = fact.issuer if fact.subject is not None else ""
        case TokenMade():
            account.tokens[fact.token] = Token(
                token=fact.token,
                label=fact.label,
                rights=frozenset(fact.rights),
                made_t=fact.t,
                expires_t=fact.expires_t,
            )
        case TokenRevoked():
            account.tokens.pop(fact.token, None)
        case ConsentGiven() | ConsentWithdrawn():
            account.consents[fact.where, fact.text] = Consent(
                given=isinstance(fact, ConsentGiven),
                version=fact.version,
                purpose=fact.purpose,
                t=fact.t,
                how=fact.how,
                by=fact.by,
            )
            if isinstance(fact, ConsentWithdrawn):
                account.withdrawn[fact.purpose] = fact
        case NumberErased():
            left = account.withdrawn.get(ConsentFor.CALL)
            if left is not None and left.unit == fact.unit:
                del account.withdrawn[ConsentFor.CALL]
