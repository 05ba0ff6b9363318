"""A few accounts, built of facts; a test says only what it is about."""

from dispatch.access.accounts import Access, Account, Held
from dispatch.access.facts import AccountOpened, OfficeGiven, PasswordChanged
from dispatch.access.words import EVERYWHERE, NO_COMMUNITY, THIS_MACHINE, Office
from dispatch.clock import DAY, Instant
from dispatch.ids import CommunityId, OperatorName

NOW: Instant = 20_000 * DAY
XIZI = CommunityId("xizi")
HUBIN = CommunityId("hubin")

ADMIN = OperatorName("管理一席")
DESK = OperatorName("调度一席")
HEAD = OperatorName("主任")


def with_account(access: Access, name: OperatorName, *offices: Held) -> Account:
    """Open one with a password."""
    access.apply(AccountOpened(t=NOW, community=NO_COMMUNITY, account=name, by=THIS_MACHINE))
    for office, where in offices:
        access.apply(
            OfficeGiven(
                t=NOW,
                community=NO_COMMUNITY,
                account=name,
                office=office,
                where=where,
                by=THIS_MACHINE,
            )
        )
    access.apply(PasswordChanged(t=NOW, community=NO_COMMUNITY, account=name, by_link=True))
    found = access.find(name)
    assert found is not None
    return found


def three() -> Access:
    """An administrator of everything, an operator and a manager of one community."""
    access = Access()
    with_account(access, ADMIN, (Office.ADMINISTRATOR, EVERYWHERE))
    with_account(access, DESK, (Office.OPERATOR, XIZI))
    with_account(access, HEAD, (Office.MANAGER, XIZI))
    return access


def of(access: Access, name: str) -> Account:
    """The account of this name."""
    found = access.find(name)
    assert found is not None
    return found
