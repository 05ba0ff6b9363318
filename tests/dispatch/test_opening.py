"""What incident a press becomes: its number, and what it is linked to."""

from dispatch.clock import HOUR, MINUTE
from dispatch.ids import CommunityId
from dispatch.opening import next_incident
from dispatch.words import AssignmentState, Kind, PlaceSource
from tests.builders import NOON, TOWN, at, patrol, shell, volunteer


def test_incidents_are_numbered_by_the_day_of_the_communitys_zone() -> None:
    """Eight in the evening by UTC is tomorrow in Shanghai, and people speak of their day."""
    desk = shell(volunteer("v1"), volunteer("v2"))

    first = desk.open_by_press("v1")
    second = desk.open_by_press("v2")
    desk.close(first)
    desk.wait(12.5 * 3_600)
    third = desk.open_by_press("v1", counter=2)

    assert [i.incident for i in (first, second, third)] == [
        "town-20260529-001",
        "town-20260529-002",
        "town-20260530-001",
    ]


def test_numbers_go_on_after_a_restart() -> None:
    """Also where the store no longer hands over the facts of the old ones."""
    desk = shell(volunteer("v1"))
    board = desk.hub._desk.board

    board.numbers[TOWN, "20260529"] = 999

    assert next_incident(desk.hub._desk, CommunityId(TOWN), NOON) == "town-20260529-1000"


def test_a_press_soon_after_closing_is_linked_and_later_it_is_not() -> None:
    """Closed too early, it is told as the same matter; tomorrow it is another."""
    desk = patrol()
    first = desk.open_by_press("v1", where=at(250))
    desk.close(first)

    desk.wait(59 * 60)
    second = desk.open_by_press("v1", counter=2)
    desk.close(second)
    desk.wait(2 * 3_600)
    third = desk.open_by_press("v1", counter=3)

    assert (second.linked_to, third.linked_to) == (first.incident, None)


def test_a_responder_in_danger_opens_a_linked_top_priority_incident() -> None:
    """Who is on an order and presses needs help more than who called first."""
    desk = patrol()
    first = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(first, "v2"), AssignmentState.ACCEPTED)

    second = desk.open_by_press("v2", kind=Kind.NUISANCE)
    again = desk.open_by_press("v2", counter=2)

    assert (second.linked_to, second.priority) == (first.incident, 1)
    assert again is second
    assert first.assignments[desk.order_of(first, "v2")].state == "accepted"


def test_a_press_of_one_who_was_only_asked_is_no_linked_incident() -> None:
    """An unanswered order does not put its unit in the other's danger."""
    desk = patrol()
    desk.open_by_press("v1", where=at(250))

    second = desk.open_by_press("v2", kind=Kind.NUISANCE)

    assert (second.linked_to, second.priority) == (None, 3)


def test_a_further_press_moves_the_place_only_to_one_as_well_known() -> None:
    """A press without a fix must not drag the incident from a fix to an older place."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(750))
    desk.walk("v1", at(1_250))

    desk.press("v1", 2)

    assert (incident.place_source, incident.grid) == (PlaceSource.FIX, "g2")


def test_a_late_press_joins_and_moves_nothing() -> None:
    """It belongs to its sender's open incident, and rings no bell."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    rang_t = incident.last_press_t
    desk.wait(10)

    desk.press("v1", 2, where=at(750), device_t=desk.now - HOUR)

    assert (incident.grid, incident.last_press_t) == ("g1", rang_t)
    assert len(incident.alarms) == 2


def test_a_covert_alarm_is_an_emergency_whatever_its_kind() -> None:
    """Who presses in secret has a reason."""
    desk = patrol()

    incident = desk.open_by_press("v1", kind=Kind.OTHER, covert=True, device_t=desk.now - MINUTE)

    assert (incident.priority, incident.covert) == (1, True)
