"""dispatch/access/accounts.py: who may do what where is what the facts say, and no more."""

from hypothesis import given
from hypothesis import strategies as st

from dispatch.access.accounts import Access
from dispatch.access.facts import (
    AccountClosed,
    AccountFact,
    AccountOpened,
    AccountReopened,
    OfficeGiven,
    OfficeTaken,
)
from dispatch.access.permissions import RIGHTS_OF
from dispatch.access.words import EVERYWHERE, NO_COMMUNITY, Office, Right
from dispatch.ids import OperatorName
from tests.dispatch.access.people import ADMIN, DESK, HUBIN, NOW, XIZI, of, three

NAMES = st.sampled_from([OperatorName("甲"), OperatorName("Yi"), OperatorName("YI")])
WHERE = st.sampled_from([EVERYWHERE, XIZI, HUBIN])
BASE = {"t": st.just(NOW), "community": st.just(NO_COMMUNITY), "account": NAMES}
FACTS = st.one_of(
    st.builds(AccountOpened, **BASE, by=NAMES),
    st.builds(OfficeGiven, **BASE, office=st.sampled_from(Office), where=WHERE, by=NAMES),
    st.builds(OfficeTaken, **BASE, office=st.sampled_from(Office), where=WHERE, by=NAMES),
    st.builds(AccountClosed, **BASE, by=NAMES),
    st.builds(AccountReopened, **BASE, by=NAMES),
)


def test_an_office_counts_where_it_was_given() -> None:
    """An operator of one community sees nothing of the next."""
    desk = of(three(), DESK)

    assert desk.may(Right.HANDLE, XIZI)
    assert not desk.may(Right.HANDLE, HUBIN)
    assert not desk.may(Right.HANDLE, EVERYWHERE)


def test_an_office_everywhere_counts_in_communities_that_come_later() -> None:
    """Else every new community would begin with nobody."""
    admin = of(three(), ADMIN)

    assert admin.where(Right.MANAGE_PEOPLE) == {EVERYWHERE}
    assert admin.may(Right.MANAGE_PEOPLE, HUBIN)


def test_whoever_has_no_office_may_do_nothing() -> None:
    """Default deny: an account alone opens no door."""
    access = three()
    access.apply(
        AccountOpened(t=NOW, community=NO_COMMUNITY, account=OperatorName("新来"), by=ADMIN)
    )

    assert of(access, "新来").rights == frozenset()


def test_a_closed_account_may_do_nothing_and_keeps_its_offices() -> None:
    """Somebody on leave comes back to what they were."""
    access = three()
    access.apply(AccountClosed(t=NOW, community=NO_COMMUNITY, account=DESK, by=ADMIN))
    assert of(access, DESK).rights == frozenset()

    access.apply(AccountReopened(t=NOW, community=NO_COMMUNITY, account=DESK, by=ADMIN))

    assert of(access, DESK).may(Right.HANDLE, XIZI)


def test_a_name_is_found_in_whatever_case_it_is_typed() -> None:
    """And nobody is `Zhang` beside `zhang`."""
    access = Access(
        [AccountOpened(t=NOW, community=NO_COMMUNITY, account=OperatorName("Zhang"), by=ADMIN)]
    )

    assert of(access, "zHANG").name == "Zhang"


@given(st.lists(FACTS, max_size=40))
def test_folding_agrees_with_the_last_word_on_each_office(facts: list[AccountFact]) -> None:
    """However given and taken, what counts is what was said last of an account that is open."""
    access = Access(facts)
    opened: set[str] = set()
    held: dict[tuple[str, Office, str], bool] = {}
    closed: dict[str, bool] = {}
    for fact in facts:
        name = fact.account.casefold()
        match fact:
            case AccountOpened():
                opened.add(name)
            case OfficeGiven() | OfficeTaken() if name in opened:
                held[name, fact.office, fact.where] = isinstance(fact, OfficeGiven)
            case AccountClosed() | AccountReopened() if name in opened:
                closed[name] = isinstance(fact, AccountClosed)

    assert {each.name.casefold() for each in access} == opened
    for account in access:
        name = account.name.casefold()
        for right in Right:
            for community in (XIZI, HUBIN):
                allowed = not closed.get(name) and any(
                    yes and who == name and right in RIGHTS_OF[office]
                    for (who, office, where), yes in held.items()
                    if where in (EVERYWHERE, community)
                )
                assert account.may(right, community) is allowed
