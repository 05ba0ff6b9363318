"""What stays in memory, and for how long."""

import pytest

from dispatch.clock import Instant
from dispatch.desk import Desk
from dispatch.incident import Assignment, Incident
from dispatch.settle import ENDED_KEPT_MAX, SETTLED_AGAIN_MAX
from dispatch.timers import Due
from tests.builders import at, patrol, shell, volunteer


def test_rules_that_undo_each_other_are_left_alone_after_some_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One rule called, another spared the same people the way: thousands of orders in one turn,
    and a hub that heard nothing for a minute."""

    def everybody(desk: Desk, incident: Incident, now: Instant) -> list[Assignment]:
        return [each for each in incident.assignments.values() if each.live]

    monkeypatch.setattr("dispatch.response.turn_back", everybody)
    desk = patrol()

    incident = desk.open_by_press("v1", where=at(250))

    assert desk.hub.counts["settling_stuck"]
    assert len(incident.assignments) <= (SETTLED_AGAIN_MAX + 1) * len(desk.hub.roster.radios)


def test_an_ended_incident_is_forgotten_after_a_shift_and_the_consoles_are_told() -> None:
    """The store keeps it; memory need not."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.close(incident)
    desk.wait(12 * 3_600 - 1)
    assert incident.incident in desk.hub.incidents
    desk.forget_sent()

    desk.wait(1)

    assert desk.hub.incidents == {}
    assert desk.hub.alarms == {}
    assert desk.told()[-1].incidents == {incident.incident}


def test_memory_holds_so_many_ended_incidents_and_every_open_one() -> None:
    """A bad night must not be forgotten while it lasts."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    kept = desk.open_by_press("v2")

    for counter in range(ENDED_KEPT_MAX + 5):
        desk.close(desk.open_by_press("v1", counter=counter))
        desk.now += 1

    assert len(desk.hub.incidents) == ENDED_KEPT_MAX + 1
    assert kept.incident in desk.hub.incidents


def test_closing_wants_no_timer_but_to_be_forgotten() -> None:
    """Closing or acknowledging cancels every timer."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    incident = desk.open_by_press("v1")
    assert len(desk.hub._desk.timers) > 1

    desk.close(incident)

    assert {key.due for key in desk.hub._desk.timers.awaited()} == {Due.FORGET}
