"""dispatch/intervals.py: how long each step took, told only where both its ends happened."""

import pytest

from dispatch.board import Board
from dispatch.clock import MILLISECOND, SECOND
from dispatch.incident import Incident
from dispatch.intervals import INTERVALS, intervals_ms, moments
from dispatch.words import AssignmentState
from tests.builders import NOON, WANG, Shell, at, fixes, patrol, shell, volunteer


def whole_life() -> tuple[Shell, Incident]:
    """Pressed, taken, accepted, gone to, cleared, closed; each a little later."""
    made = patrol()
    incident = made.incident_of(made.press("v1", device_t=NOON - SECOND))
    made.wait(4)
    made.took(incident)
    order = made.order_of(incident, "v2")
    for seconds, state in (
        (1, AssignmentState.RECEIVED),
        (6, AssignmentState.ACCEPTED),
        (3, AssignmentState.EN_ROUTE),
        (120, AssignmentState.ON_SCENE),
        (300, AssignmentState.CLEAR),
    ):
        made.wait(seconds)
        made.answer(order, state)
    made.wait(30)
    made.close(incident)
    return made, incident


def test_each_step_of_a_whole_life_is_told() -> None:
    """Answering, processing, turnout, travel: what a report of the night is made of."""
    made, incident = whole_life()

    assert intervals_ms(incident, made.hub.alarms) == {
        "device_to_received": 1_000,
        "received_to_decided": 0,
        "received_to_taken": 4_000,
        "received_to_first_order_heard": 5_000,
        "received_to_first_accepted": 11_000,
        "accepted_to_en_route": 3_000,
        "en_route_to_on_scene": 120_000,
        "received_to_on_scene": 134_000,
        "on_scene_to_clear": 300_000,
        "received_to_closed": 464_000,
    }


def test_what_did_not_happen_is_not_told() -> None:
    """Nobody answered, nobody took it: no zero may stand for never."""
    made = patrol(volunteers=1, guards=0, officers=0)
    incident = made.incident_of(made.press("v1"))

    told = intervals_ms(incident, made.hub.alarms)

    assert "received_to_on_scene" not in told
    assert "received_to_taken" not in told
    assert "received_to_closed" not in told


def test_an_incident_by_hand_counts_from_its_opening() -> None:
    """No radio pressed: there is nothing before."""
    made = patrol()
    incident = made.hub.incidents[made.open()]
    made.wait(9)
    made.close(incident)

    told = intervals_ms(incident, made.hub.alarms)

    assert "device_to_received" not in told
    assert told["received_to_closed"] == 9_000


def test_a_clock_that_runs_ahead_gives_no_negative_time() -> None:
    """A radio's own time is a claim; a median of claims below nothing would mean nothing."""
    made = patrol()
    incident = made.incident_of(made.press("v1", device_t=NOON + 2 * SECOND))

    assert "device_to_received" not in intervals_ms(incident, made.hub.alarms)


def test_between_two_clocks_there_is_no_interval() -> None:
    """Of a radio ten minutes slow, or of one that nothing is known of, it said that its press had
    taken ten minutes to arrive; the mean of a night was spoiled by one of them."""
    slow = patrol()
    for _ in range(2):
        slow.wait(10)
        t = slow.now - 600 * SECOND
        slow.hub.live.take(fixes(slow.hub.live, ("v1", t, at(250)), received_t=slow.now), slow.now)
    incident = slow.incident_of(slow.press("v1", device_t=slow.now - 600 * SECOND))
    [alarm] = slow.hub.alarms.values()
    assert alarm.clock_off_us == 600 * SECOND
    assert "device_to_received" not in intervals_ms(incident, slow.hub.alarms)

    stranger = shell(volunteer("v1"))
    incident = stranger.incident_of(stranger.press("v1"))
    [alarm] = stranger.hub.alarms.values()
    assert alarm.clock_off_us is None
    assert "device_to_received" not in intervals_ms(incident, stranger.hub.alarms)


def test_a_press_out_of_a_backlog_says_nothing_of_the_way_of_its_radio() -> None:
    """It lay there for an hour; the network is not to blame."""
    made, incident = whole_life()
    for alarm in made.hub.alarms.values():
        alarm.late = True

    assert "device" not in moments(incident, made.hub.alarms)


def test_the_first_who_took_it_counts_and_the_last_who_left() -> None:
    """A lease that lapsed does not make the answer slower, nor one who left early it shorter."""
    made, incident = whole_life()
    first = incident.first_taken_t
    incident.taken_t = NOON + 999 * SECOND
    early = made.order_of(incident, "v3")
    incident.assignments[early].times[AssignmentState.CLEAR] = NOON + SECOND

    at = moments(incident, made.hub.alarms)

    assert at["taken"] == first
    assert at["clear"] == NOON + 434 * SECOND


def test_alarms_that_are_no_longer_known_do_not_matter() -> None:
    """An incident of long ago is folded from its own facts alone."""
    _, incident = whole_life()

    told = intervals_ms(incident, Board().alarms)

    assert told["received_to_on_scene"] == 134_000


@pytest.mark.parametrize(("name", "begin", "end"), INTERVALS)
def test_an_interval_is_the_way_between_its_two_moments(name: str, begin: str, end: str) -> None:
    """The table says what it says."""
    made, incident = whole_life()

    at = moments(incident, made.hub.alarms)

    assert incident.taken_by == WANG
    assert intervals_ms(incident, made.hub.alarms)[name] == (at[end] - at[begin]) // MILLISECOND
