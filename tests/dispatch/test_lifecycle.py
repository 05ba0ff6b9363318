"""The life cycles as tables."""

import pytest

from dispatch.events import AssignmentWithdrawn, ResponseLapsed
from dispatch.lifecycle import ANSWER, PHASES, STANDING, STATES
from dispatch.words import ENDED, LIVE, AssignmentState, Phase


def test_every_live_order_can_be_taken_back() -> None:
    """Closing releases everybody, whatever they were doing."""
    assert all((state, AssignmentWithdrawn) in STATES for state in LIVE)
    assert LIVE | {AssignmentState.EXPIRED} == STANDING


@pytest.mark.parametrize("state", ["declined", "clear", "withdrawn"])
def test_some_answers_are_final(state: str) -> None:
    """Nothing leads on from them; another order may be given."""
    assert not [pair for pair in STATES if pair[0] == state]


def test_nothing_but_reopening_leads_out_of_an_end() -> None:
    """A late answer must not bring a closed incident back to life."""
    leaving = {fact.__name__ for phase, fact in PHASES if phase in ENDED}
    assert leaving == {"IncidentReopened"}


def test_every_phase_is_reached_and_a_scene_that_all_were_called_from_is_none() -> None:
    """Whoever finished there keeps it on scene; where all were called back, nobody is there."""
    assert set(PHASES.values()) | ENDED | {Phase.RECEIVED} == set(Phase)
    assert PHASES[Phase.ON_SCENE, ResponseLapsed] is Phase.RECEIVED


def test_a_radio_can_say_all_that_a_unit_does_and_no_more() -> None:
    """Offering, withdrawing and expiring are the centre's."""
    centre = {AssignmentState.OFFERED, AssignmentState.WITHDRAWN, AssignmentState.EXPIRED}
    assert set(ANSWER) == set(AssignmentState) - centre
