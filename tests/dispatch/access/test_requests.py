"""dispatch/access/requests.py: what people ask about accounts, and who may."""

import pytest

from dispatch.access import requests
from dispatch.access.accounts import Access, Held
from dispatch.access.facts import AccountFact, AccountOpened, OfficeGiven, TokenMade
from dispatch.access.refusals import (
    LastAdministratorError,
    NameTakenError,
    NoRightError,
    UnfitAccessError,
    UnknownAccountError,
)
from dispatch.access.requests import ThisMachine, Wish
from dispatch.access.words import EVERYWHERE, THIS_MACHINE, Office, Right, TokenId
from dispatch.clock import DAY
from dispatch.ids import OperatorName, UnitId
from tests.dispatch.access.people import (
    ADMIN,
    DESK,
    HEAD,
    HUBIN,
    NOW,
    XIZI,
    of,
    three,
    with_account,
)


def applied(access: Access, facts: list[AccountFact]) -> Access:
    """The accounts after these."""
    for fact in facts:
        access.apply(fact)
    return access


def test_the_first_account_can_let_others_in_and_sees_alarms() -> None:
    """Whoever installs it in a small place is its operator, too."""
    access = applied(Access(), requests.open_first(Access(), " 王站长 ", NOW))

    first = of(access, "王站长")
    assert first.may(Right.MANAGE_PEOPLE, EVERYWHERE)
    assert first.may(Right.HANDLE, XIZI)


def test_a_name_is_never_given_twice_even_after_closing() -> None:
    """What stands under it in the journal is another person's."""
    access = three()
    applied(access, requests.close_account(access, of(access, ADMIN), DESK, NOW))

    with pytest.raises(NameTakenError):
        requests.open_account(access, of(access, ADMIN), DESK, (), None, NOW)


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\u202eb", "This Machine"])
def test_a_name_that_would_mislead_is_refused(name: str) -> None:
    """It stands on radios, in logs and on every screen."""
    with pytest.raises(UnfitAccessError):
        requests.open_account(Access(), ThisMachine(), name, (), None, NOW)


def test_a_manager_lets_people_in_where_they_manage() -> None:
    """And is named as who did."""
    access = three()

    facts = requests.open_account(
        access, of(access, HEAD), "新调度", [(Office.OPERATOR, XIZI)], None, NOW
    )

    assert [(type(each), getattr(each, "by", None)) for each in facts] == [
        (AccountOpened, HEAD),
        (OfficeGiven, HEAD),
    ]


@pytest.mark.parametrize(
    "held",
    [
        (Office.OPERATOR, HUBIN),
        (Office.OPERATOR, EVERYWHERE),
        (Office.ADMINISTRATOR, XIZI),
        (Office.AUDITOR, XIZI),
    ],
)
def test_a_manager_gives_nothing_beyond_their_own(held: Held) -> None:
    """Neither another community, nor all, nor the offices that watch over them."""
    access = three()

    with pytest.raises(NoRightError):
        requests.change_offices(access, of(access, HEAD), DESK, Wish(give=(held,)), NOW)


def test_a_manager_cannot_reach_an_administrators_account() -> None:
    """Else a new link in that name would make them administrator."""
    access = three()

    for ask in (requests.close_account, requests.remove_second_factor, requests.lift_wait):
        with pytest.raises(NoRightError):
            ask(access, of(access, HEAD), ADMIN, NOW)


def test_who_carries_a_radio_elsewhere_is_out_of_a_managers_hands() -> None:
    """A new link would let the manager in as them: to their tracks, of a community that is none of
    the manager's business."""
    access = three()
    volunteer = with_account(access, OperatorName("志愿者"))
    access.home_of = {UnitId("h01"): HUBIN, UnitId("x01"): XIZI}.__getitem__
    head = of(access, HEAD)

    volunteer.unit = UnitId("x01")
    assert requests.managed(access, head, "志愿者") is volunteer

    volunteer.unit = UnitId("h01")
    with pytest.raises(NoRightError):
        requests.managed(access, head, "志愿者")
    with pytest.raises(NoRightError):
        requests.close_account(access, head, "志愿者", NOW)


def test_who_holds_nothing_is_managed_by_whoever_let_them_in() -> None:
    """What they are owed, such as what they told in confidence, is not for any manager to take."""
    access = three()
    applied(access, requests.open_account(access, of(access, HEAD), "新来的", (), None, NOW))
    with_account(access, OperatorName("别处的"), (Office.MANAGER, HUBIN))

    requests.managed(access, of(access, HEAD), "新来的")
    requests.managed(access, of(access, ADMIN), "新来的")
    with pytest.raises(NoRightError):
        requests.managed(access, of(access, "别处的"), "新来的")


def test_an_operator_manages_nobody() -> None:
    """Not even an account that holds no office at all."""
    access = three()
    applied(access, requests.open_account(access, of(access, ADMIN), "新来", (), None, NOW))

    with pytest.raises(NoRightError):
        requests.close_account(access, of(access, DESK), "新来", NOW)


def test_the_last_administrator_cannot_be_closed_or_laid_down() -> None:
    """Nobody would be left to let people in."""
    access = three()
    admin = of(access, ADMIN)

    with pytest.raises(LastAdministratorError):
        requests.close_account(access, admin, ADMIN, NOW)
    wish = Wish(take=((Office.ADMINISTRATOR, EVERYWHERE),))
    with pytest.raises(LastAdministratorError):
        requests.change_offices(access, admin, ADMIN, wish, NOW)


def test_with_a_second_administrator_the_first_may_go() -> None:
    """The rule is about being the last."""
    access = three()
    with_account(access, DESK, (Office.ADMINISTRATOR, EVERYWHERE))

    assert requests.close_account(access, of(access, ADMIN), ADMIN, NOW)


def test_asking_twice_changes_nothing_more() -> None:
    """A page that repeats a request after a lost answer leaves one fact."""
    access = three()
    admin = of(access, ADMIN)
    wish = Wish(give=((Office.LEADER, XIZI), (Office.LEADER, XIZI)))
    facts = requests.change_offices(access, admin, DESK, wish, NOW)
    applied(access, facts)

    assert len(facts) == 1
    assert requests.change_offices(access, admin, DESK, wish, NOW) == []


def test_a_token_allows_no_more_than_its_account() -> None:
    """A program acts for a person, never beyond them."""
    desk = of(three(), DESK)
    soon = NOW + 30 * DAY

    [made] = requests.make_token(desk, TokenId("t"), "报表", [Right.SEE_SITUATION], soon, NOW)

    assert isinstance(made, TokenMade)
    with pytest.raises(NoRightError):
        requests.make_token(desk, TokenId("t"), "报表", [Right.MANAGE_PEOPLE], soon, NOW)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_ends_within_a_year(days: int) -> None:
    """What is forgotten must end by itself."""
    desk = of(three(), DESK)

    with pytest.raises(UnfitAccessError):
        requests.make_token(desk, TokenId("t"), "报表", [Right.HANDLE], NOW + days * DAY, NOW)


def test_this_machine_may_do_everything_and_is_named() -> None:
    """`yihu link` works when nobody can log in."""
    facts = requests.close_account(three(), ThisMachine(), DESK, NOW)

    assert [getattr(each, "by", None) for each in facts] == [THIS_MACHINE]


def test_nobody_is_known_by_another_name() -> None:
    """And the name that was said is quoted."""
    with pytest.raises(UnknownAccountError, match="路人"):
        requests.close_account(three(), ThisMachine(), "路人", NOW)
