"""console/drill_report.py: what an exercise came to, fairly told."""

from collections.abc import Iterable
from typing import Any

from console.drill_report import DrillReport, Exercise, drill_report
from dispatch.clock import MINUTE, SECOND, Instant
from dispatch.ids import DrillId
from dispatch.incident import Assignment, Incident
from dispatch.plan import Library
from dispatch.plan_files import default_book
from dispatch.store.port import DrillRow
from dispatch.words import AssignmentState, Phase
from tests.console.builders import NOON, OPERATOR, XIZI, assignment, hub, incident
from tests.console.samples_steered import DRILL, exercise

BOOK = default_book()
PLAN = BOOK.plans[0]
TARGET = round(PLAN.target_s) * SECOND


def report(incidents: Iterable[Incident], now: Instant = NOON + 60 * MINUTE) -> DrillReport:
    """The report of an exercise of these."""
    drill = DrillRow(
        drill=DRILL,
        community=XIZI,
        name="夜间演练",
        by=OPERATOR,
        started_t=NOON,
        ended_t=None,
    )
    whole = Exercise(drill=drill, incidents=tuple(incidents), alarms={}, left_out=False)
    return drill_report(whole, hub().roster, Library([BOOK]), now)


def drilled(number: int, *orders: Assignment, **changes: Any) -> Incident:
    """An incident of the exercise with these orders."""
    held = {each.assignment: each for each in orders}
    made = incident(number, drill=DrillId(DRILL), assignments=held, **changes)
    made.plan = PLAN.plan
    return made


def order(number: int, unit: str, **after_s: float) -> Assignment:
    """An order and how many seconds after it each state began."""
    times = {AssignmentState(state): NOON + round(s * SECOND) for state, s in after_s.items()}
    return assignment(number, unit, times={AssignmentState.OFFERED: NOON, **times})


def test_whoever_is_there_within_the_plans_target_has_met_it() -> None:
    """And a second later has not."""
    in_time, too_late = (
        drilled(number, order(number, "r02", on_scene=PLAN.target_s + late_s))
        for number, late_s in ((1, 0.0), (2, 1.0))
    )

    told = report([in_time, too_late])

    assert [each.met for each in told.incidents] == [True, False]
    assert [each.target_s for each in told.incidents] == [PLAN.target_s] * 2
    assert (told.targets_met, told.targets) == (1, 2)


def test_an_incident_that_ended_before_its_target_says_nothing_about_it() -> None:
    """Nobody failed who was told to go home after a minute; nor is an open one judged early."""
    ended = drilled(1, closed_t=NOON + TARGET - SECOND, phase=Phase.CLOSED)
    missed = drilled(2, closed_t=NOON + TARGET + SECOND, phase=Phase.CLOSED)
    is_open = drilled(3)

    early, late = (
        report([ended, missed, is_open], now=NOON + TARGET + by) for by in (-SECOND, SECOND)
    )

    assert [each.met for each in early.incidents] == [None, False, None]
    assert [each.met for each in late.incidents] == [None, False, False]


def test_a_plan_that_is_no_longer_known_has_no_target() -> None:
    """The times stand; nothing is judged."""
    old = drilled(1, order(1, "r02", on_scene=9_999))
    old.plan = type(old.plan)("gone-9/sos")

    [told] = report([old]).incidents

    assert (told.target_s, told.met) == (None, None)
    assert told.intervals["received_to_on_scene"] == 9_999_000


def test_who_did_not_answer_is_told_and_whose_radio_never_heard() -> None:
    """The one is asked why, of the other the radio is looked at."""
    told = report(
        [
            drilled(1, order(1, "r02", received=2, expired=30), order(2, "r03", expired=30)),
            drilled(2, order(3, "r02", received=2, accepted=9, on_scene=60, clear=90)),
        ]
    )

    units = {each.unit: each for each in told.units}
    assert (units["r02"].asked, units["r02"].silent, units["r02"].unheard) == (2, 1, 0)
    assert (units["r03"].asked, units["r03"].silent, units["r03"].unheard) == (1, 1, 1)
    assert (units["r02"].accepted, units["r02"].came) == (1, 1)


def test_an_order_taken_back_or_declined_is_no_silence() -> None:
    """Enough others came; or they said that they could not."""
    told = report(
        [
            drilled(
                1,
                order(1, "r02", received=2, withdrawn=20),
                order(2, "r03", received=2, declined=8),
                order(3, "g01", received=2, expired=30, accepted=41),
            )
        ]
    )

    units = {each.unit: each for each in told.units}
    assert [units[unit].silent for unit in ("r02", "r03", "g01")] == [0, 0, 0]
    assert (units["r03"].declined, units["g01"].accepted) == (1, 1)


def test_an_order_carried_on_from_a_merged_incident_is_counted_once() -> None:
    """They were asked once and came once."""
    carried = order(2, "r02", accepted=0, on_scene=50)
    carried.carried_from = order(1, "r02").assignment
    told = report([drilled(1, order(1, "r02", accepted=9)), drilled(2, carried)])

    [unit] = told.units

    assert (unit.asked, unit.accepted, unit.came) == (1, 1, 1)


def test_medians_are_over_what_happened() -> None:
    """One who never came makes nobody slower, and the longest is told beside."""
    told = report(
        [
            drilled(1, order(1, "r02", accepted=10, on_scene=100)),
            drilled(2, order(2, "r02", accepted=20, on_scene=200)),
            drilled(3, order(3, "r02", accepted=90)),
        ]
    )

    arrival = told.spans["received_to_on_scene"]
    assert (arrival.count, arrival.median, arrival.longest) == (2, 150_000, 200_000)
    [unit] = told.units
    assert unit.spans["order_to_accepted"].median == 20_000
    assert "order_to_heard" not in unit.spans


def test_units_stand_by_their_call_signs_and_incidents_by_their_time() -> None:
    """As people look for them."""
    second = drilled(2, order(1, "p01"), order(2, "r02"))
    second.opened_t = NOON + MINUTE

    told = report([second, drilled(1, order(3, "g01"))])

    assert [each.call_sign for each in told.units] == ["保安一号", "民警一号", "西子二间"]
    assert [each.id[-3:] for each in told.incidents] == ["001", "002"]


def test_an_exercise_without_incidents_is_told_too() -> None:
    """Begun by mistake, ended at once."""
    told = report([])

    assert (told.incidents, told.units, told.spans) == ([], [], {})
    assert (told.targets, told.targets_met) == (0, 0)


def test_a_whole_incident_of_an_exercise_is_told() -> None:
    """As it came out of its facts."""
    [told] = report([exercise()[0]]).incidents

    assert told.kind == "sos"
    assert (told.disposition, told.taken_by) == ("false_alarm", OPERATOR)
    assert (told.asked, told.came, told.waves) == (1, 1, 0)
