"""Who may turn back, and when: enough.py's measure, applied to needs, places and priorities."""

import pytest

from dispatch.commands import BeginStep, ChangePlan
from dispatch.incident import Incident
from dispatch.outgoing import CancelMessage
from dispatch.words import AssignmentState, Kind, WithdrawReason
from tests.builders import Shell, at, called, guard, shell, states, volunteer
from tests.dispatch.books import a_plan, a_rule, a_step, need, town_of

SCENE = at(100)
FAR_M = 600.0
"""Some eleven minutes on foot."""
CLOSE_M = 130.0
"""Half a minute."""

PLANS = (
    a_plan(a_step("near", need(2), need(1, "guard")), plan="danger"),
    a_plan(a_step("near", need(2), need(1, "guard")), plan="errand", kinds=("nuisance",)),
    a_plan(a_step("near", need(1, "guard")), plan="guards", kinds=("other",)),
    *(
        a_plan(
            a_step("near", need(2), then="agency"),
            {**a_step("agency", tier="agency", agency="110"), "needs": []},
            plan=f"told-{kind}",
            kinds=(kind,),
        )
        for kind in ("fire", "hazard")
    ),
)


def eight_called(kind: Kind = Kind.SOS) -> tuple[Shell, Incident]:
    """Two volunteers and a guard are wanted; seven volunteers and two guards were asked, all of
    them far off."""
    people = [*(volunteer(f"v{n}") for n in range(8)), guard("g1"), guard("g2")]
    rules = {"nuisance": a_rule(priority=4)}
    desk = shell(*people, community=town_of(*PLANS, kinds=rules))
    for each in people[1:]:
        desk.sign_on(each.radio, at(FAR_M))
    incident = desk.open_by_press("v0", where=SCENE, kind=kind)
    assert sorted(called(incident)) == ["g1", "g2", *(f"v{n}" for n in range(1, 8))]
    return desk, incident


def says(desk: Shell, incident: Incident, state: AssignmentState, *units: str) -> None:
    """These say the same."""
    for unit in units:
        desk.answer(desk.order_of(incident, unit), state)


def walk(desk: Shell, east_m: float, *units: str) -> None:
    """These are there a second later."""
    desk.wait(1)
    for unit in units:
        desk.walk(unit, at(east_m))


def of_state(incident: Incident, state: str) -> set[str]:
    """Who stands so."""
    return {unit for unit, each in states(incident).items() if each == state}


def test_a_yes_turns_nobody_back_from_an_emergency() -> None:
    """The first to say yes is seldom the nearest, and may be held up at the lift."""
    desk, incident = eight_called()

    says(desk, incident, AssignmentState.EN_ROUTE, "v1", "v2", "v3")
    desk.wait(10)

    assert of_state(incident, "withdrawn") == set()


def test_who_counts_for_a_need_that_is_not_met_is_not_counted_for_another() -> None:
    """Of three with the skill one was there, and counted once more as a volunteer: the others were
    spared the way, called again for want of a volunteer, spared again, without end."""
    people = [volunteer(f"v{n}") for n in range(8)]
    people[1] = volunteer("v1", skills=("medical",))
    plan = a_plan(a_step("near", need(3, None, "medical"), need(2)))
    desk = shell(*people, community=town_of(plan))
    for each in people[1:]:
        desk.sign_on(each.radio, at(FAR_M))
    incident = desk.open_by_press("v0", where=SCENE)
    walk(desk, 100, "v1", "v2")

    says(desk, incident, AssignmentState.ON_SCENE, "v1", "v2")

    assert of_state(incident, "withdrawn") == set()
    assert len(incident.assignments) <= len(people)
    assert not desk.hub.counts["settling_stuck"]


def test_once_as_many_as_are_wanted_are_close_the_others_are_spared_the_way() -> None:
    """Within seconds of the fix that shows it; guards are still waited for."""
    desk, incident = eight_called()
    says(desk, incident, AssignmentState.EN_ROUTE, "v1", "v2", "v3", "v4")
    desk.wait(10)

    walk(desk, CLOSE_M, "v1", "v2")
    desk.wait(5)

    assert of_state(incident, "withdrawn") == {"v3", "v4", "v5", "v6", "v7"}
    left = incident.assignments[desk.order_of(incident, "v3")]
    assert left.withdrawn_for is WithdrawReason.ENOUGH
    assert desk.sent(CancelMessage, "v3")[-1].reason == "enough"
    assert of_state(incident, "offered") == {"g1", "g2"}


def test_they_are_spared_also_where_another_need_stays_unmet() -> None:
    """No guard ever answers: that is no reason to let four volunteers walk for nothing."""
    desk, incident = eight_called()
    says(desk, incident, AssignmentState.DECLINED, "g1", "g2")
    says(desk, incident, AssignmentState.EN_ROUTE, "v1", "v2", "v3")
    desk.wait(20)

    walk(desk, CLOSE_M, "v1", "v2")
    desk.wait(5)

    assert "v3" in of_state(incident, "withdrawn")


def test_one_close_by_is_not_two() -> None:
    """Two are wanted: while there is one, everybody goes on."""
    desk, incident = eight_called()
    says(desk, incident, AssignmentState.EN_ROUTE, "v1", "v2", "v3")

    walk(desk, CLOSE_M, "v1")
    desk.wait(10)

    assert of_state(incident, "withdrawn") == set()


def test_those_just_behind_come_all_the_same() -> None:
    """A third who is half a minute away as well is there before the word reaches them."""
    desk, incident = eight_called()
    says(desk, incident, AssignmentState.EN_ROUTE, "v1", "v2", "v3")

    walk(desk, CLOSE_M, "v1", "v2", "v3")
    desk.wait(5)

    assert of_state(incident, "en_route") == {"v1", "v2", "v3"}
    assert of_state(incident, "withdrawn") == {"v4", "v5", "v6", "v7"}


def test_who_is_on_scene_is_as_near_as_can_be_whatever_their_fix_says() -> None:
    """In the stairwell there is no fix: the button counts."""
    desk, incident = eight_called()

    says(desk, incident, AssignmentState.ON_SCENE, "v1", "v2")

    assert of_state(incident, "withdrawn") == {"v3", "v4", "v5", "v6", "v7"}


def test_an_old_fix_shows_nobody_close() -> None:
    """They were close two minutes ago, and may be anywhere."""
    desk, incident = eight_called()
    walk(desk, CLOSE_M, "v1", "v2")
    desk.wait(91)

    says(desk, incident, AssignmentState.EN_ROUTE, "v1", "v2", "v3")
    desk.wait(10)

    assert of_state(incident, "withdrawn") == set()


def test_from_an_errand_a_yes_turns_the_others_back_at_once() -> None:
    """Nobody's evening is spent on a matter that has its people."""
    desk, incident = eight_called(Kind.NUISANCE)

    says(desk, incident, AssignmentState.ACCEPTED, "v1", "v2")

    assert of_state(incident, "withdrawn") == {"v3", "v4", "v5", "v6", "v7"}
    assert of_state(incident, "accepted") == {"v1", "v2"}


@pytest.mark.parametrize("kind", [Kind.SOS, Kind.NUISANCE])
def test_whom_an_operator_sent_stays(kind: Kind) -> None:
    """They were sent for a reason that no plan knows."""
    desk, incident = eight_called(kind)
    says(desk, incident, AssignmentState.DECLINED, "v7")
    order = desk.assign(incident, "v7")

    says(desk, incident, AssignmentState.ON_SCENE, "v1", "v2")

    assert incident.assignments[order].state is AssignmentState.OFFERED
    assert "v6" in of_state(incident, "withdrawn")


def test_another_plan_sends_nobody_home_who_is_there_and_nobody_who_comes_before_its_own() -> None:
    """The new plan wants guards only: the volunteer who is with the person in need stays, and the
    one under way turns back once the guard is close, not before."""
    desk, incident = eight_called()
    says(desk, incident, AssignmentState.ON_SCENE, "v1")
    says(desk, incident, AssignmentState.ACCEPTED, "v2")

    desk.do(ChangePlan, incident, plan="test-1/guards", words="a quarrel")

    assert (states(incident)["v1"], states(incident)["v2"]) == ("on_scene", "accepted")
    assert states(incident)["v3"] == "withdrawn", "asked, unanswered, and not wanted any more"

    says(desk, incident, AssignmentState.EN_ROUTE, "g1")
    walk(desk, CLOSE_M, "g1")
    desk.wait(10)

    assert states(incident)["v1"] == "on_scene"
    assert states(incident)["v2"] == "withdrawn"


def test_who_offered_to_go_goes() -> None:
    """They saw it themselves; nobody sends them home."""
    desk, incident = eight_called()
    desk.close(incident)
    again = desk.open_by_press("v0", counter=2, where=SCENE, kind=Kind.NUISANCE)
    says(desk, again, AssignmentState.DECLINED, "v7")
    desk.offer("v7", again.incident)

    says(desk, again, AssignmentState.ON_SCENE, "v1", "v2")

    assert states(again)["v7"] == "accepted"


@pytest.mark.parametrize("kind", [Kind.FIRE, Kind.HAZARD], ids=["emergency", "errand"])
def test_a_step_that_only_tells_an_agency_sends_nobody_home(kind: Kind) -> None:
    """Until the police are there, the neighbours are all there is."""
    desk = shell(*(volunteer(f"v{n}") for n in range(6)), community=town_of(*PLANS))
    for n in range(1, 6):
        desk.sign_on(volunteer(f"v{n}").radio, at(FAR_M))
    incident = desk.open_by_press("v0", where=SCENE, kind=kind)
    says(desk, incident, AssignmentState.EN_ROUTE, "v1")

    desk.do(BeginStep, incident)
    desk.wait(10)

    assert incident.step is not None
    assert incident.step.step == "agency"
    assert of_state(incident, "withdrawn") == set()


def test_after_the_end_nobody_is_looked_at() -> None:
    """Closing stops that timer like all others."""
    desk, incident = eight_called()
    says(desk, incident, AssignmentState.EN_ROUTE, "v1", "v2", "v3")

    desk.close(incident)
    version = incident.version
    walk(desk, CLOSE_M, "v1", "v2")
    desk.wait(30)

    assert incident.version == version
