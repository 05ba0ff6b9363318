"""How an incident that nobody takes is carried up."""

import pytest

from dispatch.clock import SECOND
from dispatch.commands import ReviseIncident
from dispatch.events import IncidentEscalated, LeaseLapsed
from dispatch.ids import OperatorName
from dispatch.incident import Incident
from dispatch.words import Kind, Phase, Rung
from tests.builders import LI, WANG, at, patrol, shell, volunteer


def test_a_top_alarm_nobody_takes_climbs_rung_by_rung_once_each() -> None:
    """Ten, thirty and sixty seconds; each is a fact, and none is repeated."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    opened_t = desk.now

    desk.wait(3_600)

    climbed = [(t - opened_t, r) for t, r, why in incident.escalations if why == "not_taken"]
    assert climbed == [
        (10 * SECOND, Rung.LOUDER),
        (30 * SECOND, Rung.SECOND_CONSOLE),
        (60 * SECOND, Rung.SUPERVISOR),
    ]


def test_taking_it_stops_the_climb() -> None:
    """Taking cancels every timer of it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(11)

    desk.took(incident)
    desk.wait(600)

    assert [rung for _, rung, why in incident.escalations if why == "not_taken"] == [Rung.LOUDER]


def test_what_is_no_emergency_does_not_climb() -> None:
    """A barking dog must not wake the supervisor."""
    desk = patrol()

    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    desk.wait(60)

    assert [why for _, _, why in incident.escalations if why == "not_taken"] == []


def test_a_restart_neither_repeats_nor_skips_a_rung() -> None:
    """Killed for half a minute: what was due is reached at once, what was told is not again."""
    desk = patrol()
    desk.open_by_press("v1", where=at(250))
    desk.wait(11)

    after = desk.restarted()
    after.jump(25)

    told = [f.rung for f in after.facts if isinstance(f, IncidentEscalated)]
    assert [rung for rung in told if rung is not Rung.SUPERVISOR] == [
        Rung.LOUDER,
        Rung.SECOND_CONSOLE,
    ]


def held(incident: Incident) -> tuple[OperatorName | None, int]:
    """Who has it, and under which lease."""
    return incident.taken_by, incident.lease


def test_who_is_at_no_console_for_a_minute_has_it_no_more() -> None:
    """It is nobody's, rings again from now, and its sender is told the next name."""
    desk = patrol()
    desk.present(WANG, LI)
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    desk.took(incident)
    lease = incident.lease
    desk.wait(300)

    desk.present(LI)
    desk.wait(59)
    assert incident.taken_by == WANG
    desk.wait(1)

    assert held(incident) == (None, lease)
    (lapsed,) = (fact for fact in desk.facts if isinstance(fact, LeaseLapsed))
    assert (lapsed.by, lapsed.lease) == (WANG, lease)
    assert incident.round.t == desk.now
    desk.took(incident, LI)
    assert held(incident) == (LI, lease + 1)


def test_an_incident_whose_holder_left_climbs_anew() -> None:
    """The next operator must hear it as they would hear a new one."""
    desk = patrol()
    desk.present(WANG, LI)
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(11)
    desk.took(incident)
    desk.present(LI)
    desk.wait(60)
    lapsed_t = desk.now

    desk.wait(61)

    climbed = [(t - lapsed_t, r) for t, r, why in incident.escalations if why == "not_taken"]
    assert climbed[1:] == [
        (10 * SECOND, Rung.LOUDER),
        (30 * SECOND, Rung.SECOND_CONSOLE),
        (60 * SECOND, Rung.SUPERVISOR),
    ]


def test_it_was_only_acknowledged_and_is_so_no_more() -> None:
    """*Acknowledged* without anybody who did would be a lie on every screen."""
    desk = shell(volunteer("v1"))
    incident = desk.open_by_press("v1")
    desk.took(incident)
    acknowledged = incident.phase

    desk.present(LI)
    desk.wait(60)

    assert (acknowledged, incident.phase) == (Phase.ACKNOWLEDGED, Phase.RECEIVED)


def test_a_page_that_reloads_or_asks_for_something_keeps_the_lease() -> None:
    """A minute is counted from the last sign of them, not from the first absence."""
    desk = patrol()
    desk.present(WANG, LI)
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)

    desk.present(LI)
    desk.wait(50)
    desk.present(WANG, LI)
    desk.wait(100)
    desk.present(LI)
    desk.wait(50)
    desk.note(incident)
    desk.wait(59)
    assert incident.taken_by == WANG
    desk.wait(1)

    assert incident.taken_by is None


def test_a_restart_counts_absence_from_then() -> None:
    """The server was away, not the operator: they have a minute to come back."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    desk.now += 3_600 * SECOND

    after = desk.restarted()
    same = after.hub.incidents[incident.incident]
    after.wait(59)
    assert same.taken_by == WANG
    after.wait(2)

    assert same.taken_by is None


def test_a_lease_of_what_has_ended_does_not_lapse() -> None:
    """Nothing is awaited of it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    desk.close(incident)

    desk.present()
    desk.wait(600)

    assert incident.taken_by == WANG
    assert desk.of(LeaseLapsed) == []


@pytest.mark.parametrize(
    ("priority", "after_s"), [(1, [10, 30, 60]), (2, [300]), (3, [900]), (4, [])]
)
def test_how_fast_it_climbs_follows_from_its_priority(priority: int, after_s: list[int]) -> None:
    """An emergency within a minute, what is urgent in five, what is watched in fifteen."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    if priority > 1:
        desk.do(ReviseIncident, incident, priority=priority)
    opened_t = desk.now

    desk.wait(3_600)

    climbed = [t - opened_t for t, _, why in incident.escalations if why == "not_taken"]
    assert climbed == [each * SECOND for each in after_s]
