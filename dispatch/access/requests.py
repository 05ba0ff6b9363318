"""What people ask about accounts: each request is checked whole, then gives its facts.

Whoever manages people does so where they manage: an account that also holds an office
elsewhere is not theirs to close or to open again. Raises RefusedError, and then
there is no fact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dispatch.access.accounts import Access, Account, Held
from dispatch.access.facts import (
    AccountClosed,
    AccountFact,
    AccountOpened,
    AccountReopened,
    BearerNamed,
    OfficeGiven,
    OfficeTaken,
    SecondFactorRemoved,
    TokenMade,
    TokenRevoked,
    WaitLifted,
)
from dispatch.access.permissions import FIRST_OFFICES, GIVEN_BY_ADMINISTRATORS
from dispatch.access.refusals import (
    LastAdministratorError,
    NameTakenError,
    NoRightError,
    UnfitAccessError,
    UnknownAccountError,
)
from dispatch.access.words import (
    EVERYWHERE,
    NO_COMMUNITY,
    THIS_MACHINE,
    Office,
    Right,
    TokenId,
)
from dispatch.clock import DAY, Instant
from dispatch.commands import OPERATOR_LENGTH_MAX
from dispatch.ids import WORD, CommunityId, OperatorName, UnitId

ACCOUNTS_MAX: Final = 5_000
"""A city's consoles, with everybody who left since; each is some hundred bytes in memory."""
OFFICES_MAX: Final = 200
"""Of one account: five offices in forty communities."""
TOKENS_MAX: Final = 20
LABEL_LENGTH_MAX: Final = 40
TOKEN_DAYS_MAX: Final = 366
"""A program's way in is looked at once a year."""


class Actor(Protocol):
    """Who asks: an account, or this machine."""

    @property
    def name(self) -> OperatorName:
        """As facts carry it."""
        ...

    def may(self, right: Right, community: CommunityId) -> bool:
        """Whether this is allowed there."""
        ...

    def where(self, right: Right) -> frozenset[CommunityId]:
        """The communities in which this is allowed."""
        ...


class ThisMachine:
    """Whoever holds the machine's own token: may do everything."""

    name: Final = THIS_MACHINE

    def may(self, right: Right, community: CommunityId) -> bool:
        """Everything everywhere."""
        del right, community
        return True

    def where(self, right: Right) -> frozenset[CommunityId]:
        """All communities."""
        del right
        return frozenset({EVERYWHERE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A change of an account's offices."""

    give: tuple[Held, ...] = ()
    take: tuple[Held, ...] = ()


def clean_name(name: str) -> OperatorName:
    """A name fit to stand on every screen and in every fact. Raises UnfitAccessError."""
    name = name.strip()
    if not name:
        raise UnfitAccessError("name", "is empty")
    if len(name) > OPERATOR_LENGTH_MAX:
        raise UnfitAccessError("name", f"has more than {OPERATOR_LENGTH_MAX} characters")
    if not name.isprintable():
        raise UnfitAccessError("name", "has unprintable characters")
    if name.casefold() == THIS_MACHINE:
        raise UnfitAccessError("name", "is the machine's own")
    return OperatorName(name)


def open_account(
    access: Access,
    by: Actor,
    name: str,
    offices: Sequence[Held],
    unit: UnitId | None,
    now: Instant,
) -> list[AccountFact]:
    """Let a person in from now on, with these offices. That ``unit`` is one where the asker manages
    people is for the caller to know."""
    clean = clean_name(name)
    if not by.where(Right.MANAGE_PEOPLE):
        raise NoRightError(Right.MANAGE_PEOPLE, "")
    if access.find(clean) is not None:
        raise NameTakenError(clean)
    if len(access) >= ACCOUNTS_MAX:
        raise UnfitAccessError("name", f"cannot be added: there are {ACCOUNTS_MAX} accounts")
    for held in offices:
        _check_giving(by, held)
    opened: list[AccountFact] = [
        AccountOpened(t=now, community=NO_COMMUNITY, account=clean, by=by.name)
    ]
    opened += _given(clean, by, offices, now)
    if unit is not None:
        _check_carried_by_nobody(access, clean, unit)
        opened.append(
            BearerNamed(t=now, community=NO_COMMUNITY, account=clean, unit=unit, by=by.name)
        )
    return opened


def open_first(access: Access, name: str, now: Instant) -> list[AccountFact]:
    """The account of whoever followed the link that the server printed."""
    clean = clean_name(name)
    if access.find(clean) is not None:
        raise NameTakenError(clean)
    by = ThisMachine()
    opened = AccountOpened(t=now, community=NO_COMMUNITY, account=clean, by=by.name)
    return [opened, *_given(clean, by, [(each, EVERYWHERE) for each in FIRST_OFFICES], now)]


def change_offices(
    access: Access, by: Actor, name: str, wish: Wish, now: Instant
) -> list[AccountFact]:
    """Give and take; what is held already, or not held, is passed over.

    Nobody is given a first office here by somebody who does not manage them elsewhere: they
    would be out of the hands of those who do.
    """
    account = known(access, name)
    for held in (*wish.give, *wish.take):
        _check_giving(by, held)
    if wish.give:
        managed(access, by, name)
    given = [each for each in dict.fromkeys(wish.give) if each not in account.offices]
    taken = [each for each in dict.fromkeys(wish.take) if each in account.offices]
    if len(account.offices) + len(given) - len(taken) > OFFICES_MAX:
        raise UnfitAccessError("offices", f"are more than {OFFICES_MAX}")
    if (Office.ADMINISTRATOR, EVERYWHERE) in taken:
        _check_not_last(access, account)
    facts: list[AccountFact] = [
        OfficeTaken(
            t=now,
            community=NO_COMMUNITY,
            account=account.name,
            office=office,
            where=where,
            by=by.name,
        )
        for office, where in taken
    ]
    return facts + _given(account.name, by, given, now)


def name_bearer(
    access: Access, by: Actor, name: str, unit: UnitId | None, now: Instant
) -> list[AccountFact]:
    """Which radio this person carries, and nobody else. That it is one where the asker manages
    people is for the caller to know."""
    account = managed(access, by, name)
    if account.unit == unit:
        return []
    if unit is not None:
        _check_carried_by_nobody(access, account.name, unit)
    return [BearerNamed(t=now, community=NO_COMMUNITY, account=account.name, unit=unit, by=by.name)]


def close_account(access: Access, by: Actor, name: str, now: Instant) -> list[AccountFact]:
    """Let this person in no more."""
    account = managed(access, by, name)
    if account.closed:
        return []
    if (Office.ADMINISTRATOR, EVERYWHERE) in account.offices:
        _check_not_last(access, account)
    return [AccountClosed(t=now, community=NO_COMMUNITY, account=account.name, by=by.name)]


def reopen_account(access: Access, by: Actor, name: str, now: Instant) -> list[AccountFact]:
    """Let the same person in again."""
    account = managed(access, by, name)
    if not account.closed:
        return []
    return [AccountReopened(t=now, community=NO_COMMUNITY, account=account.name, by=by.name)]


def remove_second_factor(access: Access, by: Actor, name: str, now: Instant) -> list[AccountFact]:
    """A phone was lost, or is not wanted any more."""
    account = known(access, name)
    if account.name != by.name:
        managed(access, by, name)
    if not account.second_factor:
        return []
    return [SecondFactorRemoved(t=now, community=NO_COMMUNITY, account=account.name, by=by.name)]


def lift_wait(access: Access, by: Actor, name: str, now: Instant) -> list[AccountFact]:
    """Let them try to log in at once."""
    account = managed(access, by, name)
    return [WaitLifted(t=now, community=NO_COMMUNITY, account=account.name, by=by.name)]


def make_token(
    account: Account,
    token: TokenId,
    label: str,
    rights: Iterable[Right],
    expires_t: Instant,
    now: Instant,
) -> list[AccountFact]:
    """Let a program ask in one's own name, for no more than one may oneself."""
    label, wanted = label.strip(), frozenset(rights)
    if not label or len(label) > LABEL_LENGTH_MAX or not label.isprintable():
        raise UnfitAccessError("label", f"is 1 to {LABEL_LENGTH_MAX} characters that can be seen")
    if not wanted:
        raise UnfitAccessError("rights", "are none")
    for right in sorted(wanted - account.rights):
        raise NoRightError(right, "")
    if not now < expires_t <= now + TOKEN_DAYS_MAX * DAY:
        raise UnfitAccessError("expires", f"is within the next {TOKEN_DAYS_MAX} days")
    if len(account.tokens) >= TOKENS_MAX:
        raise UnfitAccessError("tokens", f"are {TOKENS_MAX} already: revoke one first")
    return [
        TokenMade(
            t=now,
            community=NO_COMMUNITY,
            account=account.name,
            token=token,
            label=label,
            rights=tuple(sorted(wanted)),
            expires_t=expires_t,
        )
    ]


def revoke_token(
    access: Access, by: Actor, name: str, token: TokenId, now: Instant
) -> list[AccountFact]:
    """One's own, or of somebody whom one manages."""
    account = known(access, name)
    if account.name != by.name:
        managed(access, by, name)
    if token not in account.tokens:
        return []
    return [
        TokenRevoked(t=now, community=NO_COMMUNITY, account=account.name, token=token, by=by.name)
    ]


# --- pieces ---


def known(access: Access, name: str) -> Account:
    """The account of this name. Raises UnknownAccountError."""
    account = access.find(name)
    if account is None:
        raise UnknownAccountError(name)
    return account


def managed(access: Access, by: Actor, name: str) -> Account:
    """The account, where the asker manages people wherever it holds an office and where its radio
    is; one that has neither, where they let it in, or manage people everywhere.

    Of an administrator or auditor, only an administrator: else a manager could let themselves
    in by a new link in the administrator's name.
    """
    account = known(access, name)
    if not by.where(Right.MANAGE_PEOPLE):
        raise NoRightError(Right.MANAGE_PEOPLE, "")
    for held in sorted(account.offices):
        _check_giving(by, held)
    homes = [] if account.unit is None else [access.home_of(account.unit)]
    if not account.offices and not homes and account.opened_by != by.name:
        homes = [NO_COMMUNITY]
    for home in homes:
        if not by.may(Right.MANAGE_PEOPLE, home):
            raise NoRightError(Right.MANAGE_PEOPLE, home)
    return account


def may_manage(access: Access, by: Actor, name: str) -> bool:
    """Whether ``managed`` would let them."""
    try:
        managed(access, by, name)
    except (NoRightError, UnknownAccountError):
        return False
    return True


def _check_giving(by: Actor, held: Held) -> None:
    """Raises NoRightError, UnfitAccessError."""
    office, where = held
    if where != EVERYWHERE and not WORD.fullmatch(where):
        raise UnfitAccessError("where", "is no community")
    needed = Right.MANAGE_SETTINGS if office in GIVEN_BY_ADMINISTRATORS else Right.MANAGE_PEOPLE
    if not by.may(needed, where):
        raise NoRightError(needed, where)


def _check_carried_by_nobody(access: Access, name: OperatorName, unit: UnitId) -> None:
    """Whoever carries it sees who looked at it: that is one person. Raises UnfitAccessError."""
    if any(each.unit == unit and each.name != name and not each.closed for each in access):
        raise UnfitAccessError("unit", "is carried by somebody else: take it from them first")


def _check_not_last(access: Access, account: Account) -> None:
    if all(each is account for each in access.administrators()):
        raise LastAdministratorError


def _given(
    name: OperatorName, by: Actor, offices: Iterable[Held], now: Instant
) -> list[AccountFact]:
    return [
        OfficeGiven(
            t=now, community=NO_COMMUNITY, account=name, office=office, where=where, by=by.name
        )
        for office, where in dict.fromkeys(offices)
    ]
