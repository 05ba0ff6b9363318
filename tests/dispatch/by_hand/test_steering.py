"""An operator overrules the plan."""

import pytest

from dispatch.commands import BeginStep, CallMore, ChangePlan, HoldCalls, TickItem
from dispatch.errors import UnfitCommandError, WrongPhaseError
from dispatch.events import CallsHeld, ChecklistTicked, PlanChanged, ResponseDecided, StepBegun
from dispatch.words import AssignmentState, EscalationReason, Kind, Role, Tier
from tests.builders import LI, WANG, at, called, patrol, shell, states, volunteer
from tests.dispatch.test_alarms import BrokenOnce


def test_another_plan_begins_at_its_first_step_and_who_comes_counts() -> None:
    """It is a fire after all; whoever runs already need not be asked twice."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    coming = desk.order_of(incident, "v2")
    desk.answer(coming, AssignmentState.ACCEPTED)

    desk.do(ChangePlan, incident, plan="default-1/fire", words="看到明火")

    assert incident.plan == "default-1/fire"
    step = incident.step
    assert step is not None
    assert (step.plan, step.step, step.by) == ("default-1/fire", "near", WANG)
    assert step.reason is EscalationReason.BY_OPERATOR
    assert desk.assignment(coming).state is AssignmentState.ACCEPTED
    assert called(incident).count("v2") == 1
    (fact,) = (fact for fact in desk.facts if isinstance(fact, PlanChanged))
    assert fact.words.value == "看到明火"


@pytest.mark.parametrize(
    "said", [{"plan": "default-1/none"}, {"plan": "default-1/sos"}, {"words": " "}]
)
def test_a_plan_is_changed_to_another_one_for_a_reason(said: dict[str, object]) -> None:
    """One that does not exist, the one it has, or without a word: refused."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(UnfitCommandError):
        desk.do(ChangePlan, incident, **said)

    assert desk.of(PlanChanged) == []


def test_a_plan_chosen_before_the_response_begins_begins_nothing() -> None:
    """Where it is, nobody knows yet."""
    desk = patrol()
    incident = desk.hub.incidents[desk.open(words="河边")]

    desk.do(ChangePlan, incident)

    assert (incident.step, incident.plan) == (None, "default-1/watch")


def test_held_nobody_further_is_called_and_released_it_goes_on() -> None:
    """The police ask to keep away; whoever was asked may still come."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    asked = called(incident)
    desk.do(HoldCalls, incident, words="警察要求不要靠近")

    desk.wait(600)
    assert called(incident) == asked
    assert [each.step for each in incident.steps] == ["near"]

    desk.sign_off("v2")
    desk.sign_on("v2", at(350))
    assert called(incident) == asked
    desk.do(HoldCalls, incident, held=False, words="")

    assert called(incident) == [*asked, "v2"]
    assert [fact.held for fact in desk.facts if isinstance(fact, CallsHeld)] == [True, False]


def test_holding_needs_a_reason_and_a_difference() -> None:
    """Keeping help away is a heavy thing; a double click is none."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(UnfitCommandError):
        desk.do(HoldCalls, incident, words="")
    desk.do(HoldCalls, incident)
    with pytest.raises(UnfitCommandError):
        desk.do(HoldCalls, incident)

    assert len(desk.of(CallsHeld)) == 1


def test_calls_held_from_the_start_may_be_begun_by_hand_and_call_nobody() -> None:
    """A step tells the supervisor and names the agency; people come once the calls go on."""
    desk = patrol()
    incident = desk.hub.incidents[desk.open(words="河边")]
    desk.do(HoldCalls, incident)

    desk.do(BeginStep, incident, words="先报告")

    assert incident.step is not None
    assert called(incident) == []


def test_it_is_carried_up_at_once_to_the_next_step_or_the_named_one() -> None:
    """An experienced ear does not wait three minutes."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.do(BeginStep, incident, words="声音很急")
    desk.do(BeginStep, incident, step="agency")

    begun = [fact for fact in desk.facts if isinstance(fact, StepBegun)]
    assert [(each.step, each.by) for each in begun] == [
        ("near", None),
        ("wider", WANG),
        ("agency", WANG),
    ]
    assert begun[1].words is not None
    assert begun[1].words.value == "声音很急"
    assert begun[1].reason is EscalationReason.BY_OPERATOR
    assert incident.tier is Tier.AGENCY
    with pytest.raises(WrongPhaseError):
        desk.do(BeginStep, incident)
    with pytest.raises(UnfitCommandError):
        desk.do(BeginStep, incident, step="nowhere")


def test_the_clock_of_a_step_begun_by_hand_starts_then() -> None:
    """And the old one's is forgotten: it does not fire as well."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ACCEPTED)
    desk.wait(170)

    desk.do(BeginStep, incident)
    assert incident.step is not None
    assert incident.step.due_t is not None
    due_s = (incident.step.due_t - desk.now) / 1e6
    desk.wait(due_s - 1)
    assert [each.step for each in incident.steps] == ["near", "wider"]
    desk.wait(1)

    assert [each.step for each in incident.steps] == ["near", "wider", "street"]


def test_a_call_that_nobody_could_place_may_be_begun_by_hand() -> None:
    """The operator asks whoever there is; who began it is told."""
    desk = patrol()
    incident = desk.hub.incidents[desk.open(words="河边")]

    desk.do(BeginStep, incident)

    assert incident.step is not None
    assert (incident.step.step, incident.step.by) == ("near", WANG)


def test_more_people_are_chosen_by_the_rules_and_asked_in_the_operators_name() -> None:
    """Two more guards, whoever is nearest; the plan's own count does not send them home."""
    desk = patrol(volunteers=2, guards=8)
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    first = called(incident)

    desk.do(CallMore, incident, count=2, role=Role.GUARD)

    more = called(incident)[len(first) :]
    decision = incident.decisions[-1]
    assert (decision.by, decision.step, decision.missing) == (WANG, "", {"guard": 2})
    assert len(more) >= 2
    assert {desk.assignment(desk.order_of(incident, unit)).role for unit in more} == {Role.GUARD}
    for unit in first:
        if states(incident)[unit] == "offered":
            desk.answer(desk.order_of(incident, unit), AssignmentState.ACCEPTED)
    assert {states(incident)[unit] for unit in more} == {"offered"}


def test_more_people_of_a_skill_are_those_who_have_it() -> None:
    """A sign-language interpreter is worth a walk across the town."""
    desk = shell(
        volunteer("v1"),
        volunteer("v2"),
        volunteer("v3", skills=("sign_language",)),
        volunteer("v4"),
    )
    for name, east_m in (("v1", 250), ("v2", 260), ("v3", 1_900), ("v4", 270)):
        desk.sign_on(name, at(east_m))
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    assert "v3" not in called(incident)

    desk.do(CallMore, incident, skill="sign_language")

    assert called(incident)[-1] == "v3"
    assert incident.decisions[-1].missing == {"any+sign_language": 1}


def test_more_people_may_be_asked_before_the_response_began() -> None:
    """A backlog alarm calls nobody by machine."""
    desk = patrol()
    incident = desk.hub.incidents[desk.open(words="河边")]

    desk.do(CallMore, incident, count=2)

    assert len(called(incident)) >= 2
    assert incident.step is None


@pytest.mark.parametrize(
    "said", [{"count": 0}, {"count": 51}, {"role": Role.POLICE}, {"skill": "x"}]
)
def test_nobody_left_or_no_number_is_a_refusal(said: dict[str, object]) -> None:
    """Better than a wave of nobody: the operator thinks of something else."""
    desk = patrol(officers=0)
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(UnfitCommandError):
        desk.do(CallMore, incident, **said)

    assert len([fact for fact in desk.facts if isinstance(fact, ResponseDecided)]) == 1


def test_a_rule_that_fails_is_a_refusal_too() -> None:
    """The operator can still send units by name, and hears so."""
    chooser = BrokenOnce(times=0)
    desk = shell(volunteer("v1"), volunteer("v2"), chooser=chooser)
    desk.sign_on("v2", at(250))
    incident = desk.hub.incidents[desk.open(words="河边")]
    chooser.left = 1
    facts = len(desk.facts)

    with pytest.raises(UnfitCommandError, match="by name"):
        desk.do(CallMore, incident)

    assert len(desk.facts) == facts
    assert desk.hub.counts["decide_failed"] == 1
    desk.assign(incident, "v2")


def test_an_item_is_ticked_and_the_tick_taken_back() -> None:
    """Who did it and when stands beside it; the same tick twice is one."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.do(TickItem, incident)
    desk.do(TickItem, incident, by=LI)
    assert incident.checked == {"speak": (desk.now, WANG)}
    desk.do(TickItem, incident, done=False)

    assert incident.checked == {}
    assert [f.done for f in desk.facts if isinstance(f, ChecklistTicked)] == [True, False]


def test_the_checklist_is_that_of_the_kind_it_is_now() -> None:
    """A person in danger is asked other things than a barking dog."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)

    with pytest.raises(UnfitCommandError):
        desk.do(TickItem, incident, item="speak")
    desk.do(TickItem, incident, item="talk")

    assert list(incident.checked) == ["talk"]
