"""What incident a press becomes: its number, and what it is linked to."""

import pytest

from dispatch.clock import HOUR, MINUTE
from dispatch.events import IncidentLinked
from dispatch.ids import CommunityId, RadioId
from dispatch.incident import Incident
from dispatch.opening import next_incident
from dispatch.words import AssignmentState, Kind, Linked, Phase, PlaceSource
from tests.builders import NOON, TOWN, Shell, at, called, patrol, shell, volunteer
from tests.dispatch.books import a_rule, town_of


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


# --- presses of others, nearby ---

MATTERS = {
    "fire": a_rule(priority=1, nearby="join", near_m=150, near_s=600),
    "dispute": a_rule(nearby="offer", near_m=50, near_s=300),
    "hazard": a_rule(priority=3, nearby="apart", near_m=500, near_s=3_600),
}
"""A fire is seen from many windows; two quarrels may be one; a hazard never is another's."""


def street() -> Shell:
    """Five volunteers off duty whose radios can press, and rules that a test can count on."""
    people = [volunteer(f"v{n}") for n in range(1, 6)]
    return shell(*people, community=town_of(kinds=MATTERS))


def incidents(desk: Shell) -> list[Incident]:
    """All of them, oldest first."""
    return list(desk.hub.incidents.values())


def test_a_fire_that_many_see_is_one_incident() -> None:
    """The second who presses is a further reporter; it rings again, and nobody is called twice."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    desk.wait(60)

    again = desk.press("v2", where=at(390), kind=Kind.FIRE)

    assert incidents(desk) == [first]
    assert first.reporters == {again}
    assert (len(first.alarms), first.last_press_t) == (2, desk.now)
    assert first.sender == "v1"


def test_whoever_told_of_it_too_is_free_again_once_their_press_has_joined() -> None:
    """While it was undecided they seemed to need help themselves: so they stayed, and nobody
    would have called them to anything until the next restart."""
    desk = street()
    desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    desk.press("v2", where=at(390), kind=Kind.FIRE)
    live = desk.hub.live
    rows = [live.find(TOWN, RadioId(radio)) for radio in ("v1", "v2")]

    assert live.busy[rows].tolist() == [1, 0]
    assert live.columns.busy[rows].tolist() == [True, False]
    assert desk.walk("v2", at(400)).dropped == {"off_duty": 1}


def test_a_further_reporter_does_not_move_the_fire() -> None:
    """They stand where they see it from."""
    desk = street()
    first = desk.open_by_press("v1", where=at(490), kind=Kind.FIRE)
    place = (first.lon, first.lat, first.grid)

    desk.press("v2", where=at(510), kind=Kind.FIRE)

    assert len(first.alarms) == 2
    assert (first.lon, first.lat, first.grid) == place


def test_a_further_press_of_a_reporter_joins_as_well_wherever_they_are_by_then() -> None:
    """They ran: it is still their matter."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    desk.press("v2", where=at(300), kind=Kind.FIRE)

    desk.press("v2", 2, where=at(1_500), kind=Kind.FIRE)

    assert incidents(desk) == [first]
    assert len(first.alarms) == 3


@pytest.mark.parametrize(
    ("away_m", "later_s", "together"),
    [(149.0, 599.0, True), (152.0, 0.0, False), (0.0, 600.0, True), (0.0, 601.0, False)],
)
def test_nearby_is_so_near_and_so_soon_as_the_kind_says(
    away_m: float, later_s: float, together: bool
) -> None:
    """A smoke two streets on, or an hour later, is another fire until somebody says otherwise."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    desk.wait(later_s)

    desk.press("v2", where=at(250 + away_m), kind=Kind.FIRE)

    assert (len(incidents(desk)) == 1) is together
    assert (len(first.alarms) == 2) is together


def test_each_press_of_the_matter_keeps_it_near_in_time() -> None:
    """A fire that goes on being told of is still that fire."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    for number, radio in enumerate(("v2", "v3", "v4"), start=1):
        desk.wait(500)
        desk.press(radio, number, where=at(250), kind=Kind.FIRE)

    assert incidents(desk) == [first]


def test_what_may_be_one_matter_is_offered_and_answered_at_once() -> None:
    """Nobody waits for the operator to look: people are called to both, and both say so."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.DISPUTE)
    desk.sign_on("v5", at(260))
    desk.wait(5)

    second = desk.open_by_press("v2", where=at(290), kind=Kind.DISPUTE)

    assert second is not first
    assert first.links == {second.incident: Linked.OFFERED}
    assert second.links == {first.incident: Linked.OFFERED}
    assert sorted(desk.of(IncidentLinked)) == [first.incident, second.incident]
    assert second.step is not None
    assert called(first) == ["v5"]


def test_what_stays_apart_is_not_even_offered() -> None:
    """Two holes in one street are two holes."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.HAZARD)

    second = desk.open_by_press("v2", where=at(251), kind=Kind.HAZARD)

    assert (first.links, second.links) == ({}, {})


def test_the_nearest_of_two_fires_is_joined() -> None:
    """Of equally likely ones the one that is nearer to whoever pressed."""
    desk = street()
    west = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    east = desk.open_by_press("v2", where=at(450), kind=Kind.FIRE)

    alarm = desk.press("v3", where=at(380), kind=Kind.FIRE)

    assert (alarm in west.alarms, alarm in east.alarms) == (False, True)


def test_another_kind_is_another_matter() -> None:
    """Somebody hurt beside a fire needs a doctor, not a hose."""
    desk = street()
    fire = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)

    hurt = desk.open_by_press("v2", where=at(250), kind=Kind.MEDICAL)

    assert hurt is not fire
    assert hurt.links == {}


@pytest.mark.parametrize("first_covert", [True, False])
def test_covert_is_nobody_elses_and_joins_nothing(first_covert: bool) -> None:
    """Who presses in secret must not be given away by a neighbour's order, nor be lost in one."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE, covert=first_covert)

    second = desk.open_by_press("v2", where=at(250), kind=Kind.FIRE, covert=not first_covert)

    assert second is not first
    assert (first.links, second.links) == ({}, {})


def test_a_late_press_joins_no_other_ones_incident() -> None:
    """What was pressed an hour ago is not today's fire."""
    desk = street()
    desk.sign_on("v2", at(250))
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)

    late = desk.open_by_press("v2", where=at(250), kind=Kind.FIRE, device_t=desk.now - HOUR)

    assert late is not first
    assert late.links == {}


def test_a_press_of_nobody_knows_where_is_near_nothing() -> None:
    """It may be anywhere: it has its own incident, and people are called."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)

    second = desk.open_by_press("v2", kind=Kind.FIRE)

    assert second is not first


def test_a_fire_that_was_closed_takes_nobody_in() -> None:
    """It burns again: a new one is opened and rings as one."""
    desk = street()
    first = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    desk.close(first)

    second = desk.open_by_press("v2", where=at(250), kind=Kind.FIRE)

    assert (second.phase, second.links) == (Phase.RECEIVED, {})


def test_a_responder_in_danger_is_no_further_reporter() -> None:
    """He came to the fire and presses beside it: that is about him."""
    desk = street()
    desk.sign_on("v2", at(260))
    fire = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    desk.answer(desk.order_of(fire, "v2"), AssignmentState.ON_SCENE)

    danger = desk.open_by_press("v2", where=at(250), kind=Kind.FIRE)

    assert (danger.linked_to, danger.priority) == (fire.incident, 1)
    assert danger.in_danger
    assert not fire.in_danger
    assert fire.links == {}


# --- exercises ---


def test_a_press_in_an_exercise_belongs_to_it_and_meets_no_real_one() -> None:
    """Neither a real fire beside the played one nor the other way round is lost in the other."""
    desk = street()
    drill = desk.start_drill()
    played = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE, drill=True)

    real = desk.open_by_press("v2", where=at(250), kind=Kind.FIRE)
    also_played = desk.press("v3", where=at(250), kind=Kind.FIRE, drill=True)
    also_real = desk.press("v4", where=at(250), kind=Kind.FIRE)

    assert (played.drill, real.drill) == (drill, None)
    assert also_played in played.alarms
    assert also_real in real.alarms
    assert (played.links, real.links) == ({}, {})


def test_a_real_press_of_a_player_is_real() -> None:
    """He plays the victim and falls down the stairs: the played matter must not swallow it."""
    desk = street()
    desk.start_drill()
    played = desk.open_by_press("v1", where=at(250), drill=True)

    real = desk.open_by_press("v1", counter=2, where=at(250))

    assert real is not played
    assert real.drill is None


def test_a_radio_left_in_exercise_mode_is_heard_as_real() -> None:
    """The exercise is over; somebody forgot the switch, and needs help."""
    desk = street()
    desk.end_drill(desk.start_drill())

    incident = desk.open_by_press("v1", where=at(250), drill=True)

    assert incident.drill is None


def test_a_real_press_is_not_told_as_the_same_matter_as_a_played_one() -> None:
    """Closed a minute ago, an exercise explains nothing that happens now."""
    desk = street()
    desk.start_drill()
    played = desk.open_by_press("v1", where=at(250), drill=True)
    desk.close(played)

    real = desk.open_by_press("v1", counter=2, where=at(250))

    assert (real.linked_to, real.links) == (None, {})


def test_who_plays_a_responder_and_presses_in_earnest_is_linked_to_no_played_matter() -> None:
    """Nor is a real nuisance an emergency because its sender is on an exercise."""
    desk = street()
    desk.sign_on("v2", at(260))
    desk.start_drill()
    played = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE, drill=True)
    desk.answer(desk.order_of(played, "v2"), AssignmentState.EN_ROUTE)

    real = desk.open_by_press("v2", where=at(250), kind=Kind.HAZARD)

    assert (real.linked_to, real.priority, real.drill) == (None, 3, None)


def test_a_late_press_that_joins_a_phone_call_makes_the_call_no_less_live() -> None:
    """People go on being called for it, and nothing waits for a moment that is over."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v1", at(250))
    desk.wait(10)
    lon, lat = at(250)
    call = desk.hub.incidents[desk.open(unit="v1", lon=lon, lat=lat)]

    late = desk.press("v1", device_t=desk.now - HOUR)
    desk.jump(3_700)
    desk.sign_on("v2", at(300))
    desk.wait(10)

    assert call.alarms == [late]
    assert desk.hub.alarms[late].late
    assert called(call) == ["v2"]
    due = desk.hub.next_deadline()
    assert due is None or due > desk.now
