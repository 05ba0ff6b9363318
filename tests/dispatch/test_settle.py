"""What stays in memory, and for how long."""

from dispatch.settle import ENDED_KEPT_MAX
from dispatch.timers import Due
from tests.builders import at, patrol, shell, volunteer


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
