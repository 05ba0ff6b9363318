"""Units that an operator sends or calls back."""

import pytest

from dispatch.commands import AssignUnit
from dispatch.errors import UnknownUnitError, WrongPhaseError
from dispatch.ids import CommunityId
from dispatch.outgoing import CancelMessage, OrderMessage
from dispatch.words import AssignmentState, WithdrawReason
from tests.builders import at, patrol, states, volunteer


def test_an_operator_may_send_whom_the_rules_would_not() -> None:
    """Off duty, or busy elsewhere: a person may know better."""
    desk = patrol()
    first = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(first, "v2"), AssignmentState.ACCEPTED)
    second = desk.open_by_press("v3", where=at(250))

    desk.sign_off("v4")
    desk.assign(second, "v4")
    busy = desk.assign(second, "v2")

    assert states(first)["v2"] == "accepted"
    assert desk.assignment(busy).state is AssignmentState.OFFERED
    assert desk.sent(OrderMessage, "v4")


def test_an_operators_own_choice_is_not_released_as_enough() -> None:
    """A person said so."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.withdraw(incident, desk.order_of(incident, "p1"))
    order = desk.assign(incident, "p1")

    for unit in ("v2", "v3", "v4"):
        desk.answer(desk.order_of(incident, unit), AssignmentState.ACCEPTED)

    assert desk.assignment(order).state is AssignmentState.OFFERED


def test_one_who_never_answered_may_be_asked_by_name() -> None:
    """The silent order is taken back first: a radio shows one at a time."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    silent = desk.order_of(incident, "v2")
    desk.wait(31)

    again = desk.assign(incident, "v2")

    assert desk.assignment(silent).withdrawn_for is WithdrawReason.REPLACED
    assert desk.assignment(again).live
    with pytest.raises(WrongPhaseError):
        desk.assign(incident, "v2")


def test_one_called_back_hears_it_and_is_not_asked_again_by_machine() -> None:
    """The operator had a reason."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")

    desk.withdraw(incident, order)
    desk.wait(120)

    assert desk.assignment(order).withdrawn_for is WithdrawReason.BY_OPERATOR
    assert next(m.order for m in desk.sent(CancelMessage, "v2")) == order
    assert [a.unit for a in incident.assignments.values()].count(desk.assignment(order).unit) == 1


def test_a_unit_of_another_community_is_not_sent() -> None:
    """Its operators answer for it, not ours."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.hub.roster.put(volunteer("x1", community=CommunityId("elsewhere")))

    with pytest.raises(UnknownUnitError):
        desk.do(AssignUnit, incident, unit="x1")


def test_what_is_elsewhere_is_as_unknown_as_nothing() -> None:
    """Also where it was revoked: nobody counts the radios of the neighbours by asking."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.hub.roster.put(volunteer("x1", community=CommunityId("elsewhere"), revoked=True))

    told = []
    for unit in ("x1", "x9"):
        with pytest.raises(UnknownUnitError) as refused:
            desk.do(AssignUnit, incident, unit=unit)
        told.append(str(refused.value).replace(unit, "UNIT"))

    assert told[0] == told[1]
