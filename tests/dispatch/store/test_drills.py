"""Exercises in the store: found by their name, with what belonged to them and nothing else."""

from dataclasses import replace

from dispatch.clock import HOUR, MINUTE
from dispatch.events import ShiftHandedOver
from dispatch.ids import CommandId, DrillId, OperatorName
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import COMMUNITY, INCIDENT, NOON, closed, opened
from tests.dispatch.store.started import board_of
from tests.dispatch.store.story import DRILL, drill_ended, drill_started

SECOND_INCIDENT = f"{INCIDENT[:-3]}002"
REAL = f"{INCIDENT[:-3]}003"


def test_an_exercise_is_found_by_its_name(home: Home) -> None:
    """Who began it and what it is called stand in the fact; when it ended, once it has."""
    store = home.open()
    store.submit([drill_started(t=NOON)]).result()

    on = store.drill(DrillId(DRILL))
    store.submit([drill_ended(t=NOON + HOUR)]).result()
    over = store.drill(DrillId(DRILL))

    assert on is not None
    assert over is not None
    assert (on.name, on.community, on.started_t, on.ended_t) == ("夜间演练", COMMUNITY, NOON, None)
    assert (over.by, over.ended_t) == (on.by, NOON + HOUR)
    assert store.drill(DrillId("riverside-drill-20000101000000")) is None


def test_what_was_asked_of_an_exercise_or_a_shift_is_known_after_a_restart(home: Home) -> None:
    """No incident tells of it; a page that lost its hub asked again, and it was done twice."""
    store = home.open()
    facts = [
        replace(drill_started(), command=CommandId("d1")),
        replace(drill_ended(), command=CommandId("d2")),
        ShiftHandedOver(
            t=NOON,
            community=COMMUNITY,
            by=OperatorName("王"),
            command=CommandId("d3"),
            to=OperatorName("李"),
            incidents=(),
            words=None,
        ),
    ]
    store.submit(facts).result()

    board = board_of(store.load())

    assert [*board.replies] == ["d1", "d2", "d3"]
    assert board.drills == {}


def test_its_incidents_are_found_open_and_ended_and_no_real_one(home: Home) -> None:
    """A report that held somebody's real night would be worse than none."""
    store = home.open()
    drill = DrillId(DRILL)
    store.submit(
        [
            drill_started(),
            opened(SECOND_INCIDENT, drill=drill, t=NOON + MINUTE),
            opened(INCIDENT, drill=drill),
            opened(REAL),
            closed(INCIDENT),
        ]
    ).result()

    rows = store.incidents_of_drill(drill, count_max=10)

    assert [(row.incident, row.drill) for row in rows] == [
        (INCIDENT, DRILL),
        (SECOND_INCIDENT, DRILL),
    ]
    assert [row.closed_t is None for row in rows] == [False, True]
    assert len(store.incidents_of_drill(drill, count_max=1)) == 1
    assert store.incidents_of_drill(DrillId("other"), count_max=10) == []
