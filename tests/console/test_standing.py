"""console/standing.py: kept up change by change, it says what a look at everything would."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from console.docs import engagements
from console.standing import Standing
from dispatch.clock import SECOND
from dispatch.ids import AlarmId, IncidentId, UnitId
from dispatch.words import AssignmentState, Phase
from tests.console.builders import NOON, FakeHub, alarm, assignment, hub, incident

UNITS = ["r01", "r02", "r03"]
NUMBERS = st.integers(1, 4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), NUMBERS, st.sampled_from(UNITS)),
        st.tuples(st.just("ask"), NUMBERS, st.sampled_from(UNITS)),
        st.tuples(st.just("answer"), NUMBERS, st.sampled_from(list(AssignmentState))),
        st.tuples(st.just("phase"), NUMBERS, st.sampled_from([Phase.RECEIVED, Phase.CLOSED])),
        st.tuples(st.just("forget"), NUMBERS, st.none()),
        st.tuples(st.just("press"), NUMBERS, st.sampled_from(UNITS)),
        st.tuples(st.just("join"), NUMBERS, st.none()),
    ),
    max_size=30,
)


def act(
    full: FakeHub, number: int, verb: str, subject: int, detail: Any
) -> tuple[set[Any], set[Any]]:
    """One thing that happens; which incidents and presses the hub would say look different."""
    at = NOON + number * SECOND
    name = IncidentId(f"xizi-20251121-{subject:03d}")
    press = AlarmId(f"r01/00000000000000a1/{subject}")
    held = full.incidents.get(name)
    match verb:
        case "open":
            full.hold(incident(subject, at=at, sender=UnitId(detail)))
        case "ask" if held:
            made = assignment(len(held.assignments) + 1, detail, of=held.incident, at=at)
            held.assignments[made.assignment] = made
        case "answer" if held and held.assignments:
            list(held.assignments.values())[-1].state = detail
        case "phase" if held:
            held.phase = detail
        case "forget":
            full.incidents.pop(name, None)
        case "press":
            full.alarms[press] = alarm(press, at=at, unit=UnitId(detail), incident=None)
            return set(), {press}
        case "join" if press in full.alarms:
            full.alarms[press].incident = name
            return {name}, set()  # nobody says that the press waits no more
    return {name}, set()


@given(STEPS)
def test_it_says_what_a_look_at_everything_would(steps: list[tuple[str, int, Any]]) -> None:
    """If one change were missed, a unit would stay asked, or off the map, for ever."""
    full = hub()
    standing = Standing(full)
    pinned: set[UnitId] = set()
    for number, (verb, subject, detail) in enumerate(steps):
        before = dict(standing.engaged)

        shift = standing.update(*act(full, number, verb, subject, detail))

        pinned = (pinned | shift.pinned) - shift.unpinned
        fresh = Standing(full)
        assert pinned == fresh.take_stock().pinned
        assert standing.engaged == fresh.engaged
        assert standing.engaged == engagements(i for i in full.incidents.values() if i.open)
        assert standing.waiting == fresh.waiting
        changed = {
            u for u in before.keys() | standing.engaged if before.get(u) != standing.engaged.get(u)
        }
        assert shift.units == changed


def test_taking_stock_again_changes_nothing() -> None:
    """The server does as it begins, whatever was announced before."""
    full = hub()
    asked = assignment(1, "r02")
    full.hold(incident(assignments={asked.assignment: asked}))
    standing = Standing(full)
    standing.take_stock()

    shift = standing.take_stock()

    assert (shift.units, shift.pinned, shift.unpinned) == (set(), set(), set())


def test_it_knows_whom_an_incident_is_about() -> None:
    """A page that opens must know these before all others."""
    full = hub()
    asked = assignment(1, "r02")
    full.hold(incident(assignments={asked.assignment: asked}))
    standing = Standing(full)
    standing.take_stock()

    assert standing.seen_for([incident().incident]) == {"r01", "r02"}
    assert standing.seen_for(["nobody"]) == set()


def test_stock_taken_a_few_at_a_time_is_stock_taken_at_once() -> None:
    """After a start a district's incidents are looked at in pieces, and some change meanwhile."""
    full = hub()
    for number in range(1, 8):
        asked = assignment(number, f"r{number:02d}")
        full.hold(incident(number, assignments={asked.assignment: asked}))
    standing, fresh = Standing(full), Standing(full)
    standing.take_presses()
    names = standing.everything()

    while names:
        standing.update(names[-2:], ())
        del names[-2:]
        standing.update([incident(1).incident], ())  # it was announced while others waited

    fresh.take_stock()
    assert standing.engaged == fresh.engaged
    assert standing.seen_for(full.incidents) == fresh.seen_for(full.incidents)
