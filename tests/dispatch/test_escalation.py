"""How an incident that nobody takes is carried up."""

from dispatch.clock import SECOND
from dispatch.events import IncidentEscalated
from dispatch.words import Kind, Rung
from tests.builders import at, patrol


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
