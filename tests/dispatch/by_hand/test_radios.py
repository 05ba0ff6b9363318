"""A radio that is cut off."""

import pytest

from dispatch.errors import UnfitCommandError
from dispatch.events import RadioRevoked
from dispatch.outgoing import KickRadio
from tests.builders import at, patrol, press, states


def test_a_revoked_radio_is_cut_off_and_its_orders_are_taken_back() -> None:
    """Its connection, its orders, and its place among those who may be called."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.revoke("v2")
    desk.revoke("v2")

    assert [each.radio for each in desk.outgoing if isinstance(each, KickRadio)] == ["v2"]
    assert len(desk.of(RadioRevoked)) == 1
    assert states(incident)["v2"] == "withdrawn"
    desk.forget_sent()
    desk.give(press("v2", t=desk.now))
    assert desk.hub.counts["press_refused_revoked_radio"] == 1
    with pytest.raises(UnfitCommandError):
        desk.assign(incident, "v2")


def test_a_revoked_radio_can_neither_offer_nor_call_off() -> None:
    """Whoever found it on the street says nothing in its name."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.revoke("v1")
    desk.revoke("v2")
    facts = len(desk.facts)

    desk.call_off(incident.alarms[0])
    desk.offer("v2")

    assert len(desk.facts) == facts
    assert desk.hub.counts["reading_refused_revoked_radio"] == 2
