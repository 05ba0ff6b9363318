"""console/gathering.py: what can wait is told together; what needs eyes now is not held back."""

import pytest

from console.gathering import Gathering
from dispatch.ids import AlarmId, IncidentId, OperatorName, UnitId
from dispatch.outgoing import ToConsoles
from dispatch.words import Kind, Phase
from tests.console.builders import FakeHub, hub, incident

FIRST = incident().incident
LATER = ToConsoles(incidents=frozenset({FIRST}))


def told_and_open(full: FakeHub) -> Gathering:
    """One whose window is open after a first change of the first incident."""
    gathering = Gathering(full)
    gathering.timed = True
    gathering.add(LATER)
    gathering.take()
    return gathering


def a_hub() -> FakeHub:
    """With one open incident."""
    full = hub()
    full.hold(incident())
    return full


def test_the_first_change_after_a_quiet_moment_does_not_wait() -> None:
    """From press to page nothing is held back, and one change alone is never late."""
    gathering = Gathering(a_hub())
    gathering.timed = True

    assert not gathering.add(LATER)


def test_what_follows_waits_and_is_taken_together() -> None:
    """Thirty orders received in one breath are one message."""
    gathering = told_and_open(a_hub())

    assert gathering.add(LATER)
    assert gathering.add(ToConsoles(units=frozenset({UnitId("r01")})))
    assert gathering.add(ToConsoles(units=frozenset({UnitId("r02")}), status=True))

    gathering.end()
    assert gathering.take() == ToConsoles(
        incidents=LATER.incidents, units=frozenset({UnitId("r01"), UnitId("r02")}), status=True
    )
    assert gathering.take() is None


def test_the_window_stays_open_while_things_go_on() -> None:
    """Else every end would be followed by one more message at once."""
    gathering = told_and_open(a_hub())
    gathering.add(LATER)
    gathering.end()
    gathering.take()

    assert gathering.add(LATER)


def test_a_window_in_which_nothing_happened_closes() -> None:
    """The next change is the first after a quiet moment again."""
    gathering = told_and_open(a_hub())
    gathering.end()

    assert gathering.take() is None
    assert not gathering.add(LATER)


def test_nothing_waits_for_an_end_that_nobody_times() -> None:
    """A page must not hang on a task that has stopped."""
    gathering = told_and_open(a_hub())
    gathering.timed = False

    assert not gathering.add(LATER)


@pytest.mark.parametrize("verb", ["open", "press", "take", "phase", "reopen"])
def test_what_needs_eyes_now_does_not_wait(verb: str) -> None:
    """A new incident, a further press, a hand on it, an emergency's next step."""
    full = a_hub()
    gathering = told_and_open(full)
    gathering.add(ToConsoles(status=True))
    held, name = full.incidents[FIRST], FIRST
    match verb:
        case "open":
            full.hold(incident(2))
            name = incident(2).incident
        case "press":
            held.alarms.append(AlarmId("r01/00000000000000a1/2"))
        case "take":
            held.taken_by = OperatorName("二席")
        case "phase":
            held.phase = Phase.ACCEPTED
        case "reopen":
            held.phase = Phase.REOPENED
    what = ToConsoles(incidents=frozenset({name}))

    assert not gathering.add(what)
    taken = gathering.take()
    assert taken is not None
    assert taken.status, "it takes along what waits"
    assert gathering.add(what), "told once; what follows waits again"


def test_whom_the_machine_called_may_wait() -> None:
    """The alarm is on screen; a tenth of a second later so is who was called, and who of them has
    the order already."""
    full = a_hub()
    gathering = told_and_open(full)
    full.incidents[FIRST].phase = Phase.DISPATCHED

    assert gathering.add(LATER)


def test_the_step_of_a_quarrel_may_wait() -> None:
    """A tenth of a second is lost on nobody but in an emergency."""
    full = hub()
    full.hold(incident(kind=Kind.DISPUTE, priority=2))
    gathering = told_and_open(full)
    full.incidents[FIRST].phase = Phase.ACCEPTED

    assert gathering.add(LATER)


def test_an_incident_let_go_may_wait_and_is_forgotten() -> None:
    """The hub runs for months; and one that comes back under its name is a new one."""
    full = a_hub()
    gathering = told_and_open(full)
    kept = full.incidents.pop(FIRST)

    assert gathering.add(LATER)
    gathering.take()
    full.incidents[IncidentId(FIRST)] = kept

    assert not gathering.add(LATER)
