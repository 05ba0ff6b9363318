"""The steps of a plan: when the next begins, why, and that it begins once."""

from dataclasses import replace

import pytest

from dispatch.clock import SECOND
from dispatch.events import PlanBookAdopted, StepBegun
from dispatch.incident import Incident
from dispatch.plan import PlanId
from dispatch.roster import Community
from dispatch.words import Agency, AssignmentState, EscalationReason, Kind, Phase, Tier, Verdict
from geo.grids import GridSet
from tests.builders import TOWN, WANG, Shell, at, called, guard, police, shell, states, volunteer
from tests.dispatch.books import a_book, a_plan, a_rule, a_step, need, town_of, town_with

LADDER = a_plan(
    a_step("near", need(1), rings=0, hold_s=120, then="wider"),
    a_step(
        "wider", need(2), tier="community", rings=1, hold_s=60, then="police", tell=["supervisor"]
    ),
    a_step("police", need(2), need(1, "police"), tier="agency", agency="110", tell=["supervisor"]),
)
"""One volunteer of the own grid; after two minutes two with the neighbours; then anybody, and
the police."""


def started(desk: Shell) -> Shell:
    """As a hub starts: its plan books are adopted, and an operator is there."""
    desk = desk.restarted()
    desk.present(WANG)
    return desk


def books(desk: Shell) -> list[str]:
    """The books that were adopted, in order."""
    adopted = [fact for fact in desk.facts if isinstance(fact, PlanBookAdopted)]
    return [f"{each.book}-{each.version}" for each in adopted]


def with_class_a(community: Community, grid: str) -> Community:
    """The same with one grid of class A: strangers, markets, crowds."""
    grids = [
        replace(each, klass="A") if each.id == grid else each for each in community.grids.grids
    ]
    return replace(community, grids=GridSet(grids))


def town_shift(plan: dict[str, object] = LADDER) -> Shell:
    """A sender in g1, a volunteer in each grid from west to east, and an officer far off."""
    people = [volunteer(name) for name in ("sender", "v1", "v2", "v3", "v4")]
    desk = started(shell(*people, police("p1"), community=town_of(plan)))
    for n in range(1, 5):
        desk.sign_on(f"v{n}", at(500.0 * n - 200))
    desk.sign_on("p1", at(1_950))
    return desk


def begun(incident: Incident) -> list[tuple[str, str | None]]:
    """The steps so far, each with why it began."""
    return [(each.step, each.reason and each.reason.value) for each in incident.steps]


def stay_in_touch(desk: Shell, seconds: float) -> None:
    """Time passes, and everybody's radio goes on telling where they are."""
    for _ in range(round(seconds / 10)):
        desk.wait(10)
        for n in range(1, 5):
            desk.walk(f"v{n}", at(500.0 * n - 200))
        desk.walk("p1", at(1_950))


def verdicts(incident: Incident, wave: int) -> dict[str, Verdict]:
    """What the wave of this number said of everybody."""
    return {str(c.unit): c.verdict for c in incident.decisions[wave].candidates}


def test_the_first_step_begins_with_the_response() -> None:
    """It says when the next one is due, so that nobody need know the plan to know that."""
    desk = town_shift()

    incident = desk.open_by_press("sender", where=at(250))

    assert begun(incident) == [("near", None)]
    step = incident.step
    assert step is not None
    assert (step.tier, step.due_t) == (Tier.GRID, desk.now + 120 * SECOND)
    assert step.plan == incident.plan == "test-1/only"


def test_small_matters_stay_in_the_grid_and_each_step_asks_wider() -> None:
    """The neighbour two hundred metres on is too far, until the step that asks him."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    assert called(incident) == ["v1"]
    assert verdicts(incident, 0)["v2"] is Verdict.TOO_FAR

    desk.answer(desk.order_of(incident, "v1"), AssignmentState.DECLINED)

    assert called(incident) == ["v1", "v2"]
    assert verdicts(incident, -1)["v3"] is Verdict.TOO_FAR

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.DECLINED)

    assert called(incident) == ["v1", "v2", "v3", "v4", "p1"]


def test_a_step_that_nobody_reached_in_its_time_makes_way_for_the_next() -> None:
    """One said yes and is not there after two minutes: the neighbours are asked as well."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.EN_ROUTE)

    stay_in_touch(desk, 110)
    assert begun(incident) == [("near", None)]
    stay_in_touch(desk, 10)

    assert begun(incident) == [("near", None), ("wider", "nobody_there")]
    assert called(incident) == ["v1", "v2"]
    assert states(incident)["v1"] == "en_route"


def test_enough_on_scene_hold_the_matter_where_it_is() -> None:
    """Help is there: it is carried no higher, however long it takes."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.ON_SCENE)

    stay_in_touch(desk, 600)

    assert begun(incident) == [("near", None)]


def test_too_few_on_scene_are_not_enough() -> None:
    """A quarrel wants one for each side: with one there, the next step comes."""
    plan = LADDER | {"on_scene": 2}
    desk = town_shift(plan)
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.ON_SCENE)

    stay_in_touch(desk, 120)

    assert begun(incident) == [("near", None), ("wider", "nobody_there")]


def test_with_nobody_left_the_next_step_does_not_wait() -> None:
    """Nobody is on duty: the ladder is climbed at once, and its end is told once."""
    desk = shell(volunteer("sender"), community=town_of(LADDER))

    incident = desk.open_by_press("sender", where=at(250))

    assert begun(incident) == [
        ("near", None),
        ("wider", "nobody_left"),
        ("police", "nobody_left"),
    ]
    assert {each.t for each in incident.steps} == {desk.now}
    desk.wait(3_600)
    told = [why for _, _, why in incident.escalations]
    assert told.count(EscalationReason.NOBODY_LEFT) == 1
    assert len(incident.steps) == 3


def test_the_last_step_names_the_agency_and_who_is_told() -> None:
    """Nothing is handed over by machine: it is proposed, and the supervisor hears of it."""
    desk = shell(volunteer("sender"), community=town_of(LADDER))

    incident = desk.open_by_press("sender", where=at(250))

    step = incident.step
    assert step is not None
    assert (step.agency, step.tell, step.due_t) == (Agency.POLICE, ("supervisor",), None)
    assert incident.tier is Tier.AGENCY
    assert incident.given == []


def test_who_comes_already_counts_for_the_next_step() -> None:
    """Two are wanted in all, not two more."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.EN_ROUTE)

    stay_in_touch(desk, 120)

    assert incident.decisions[-1].missing == {"volunteer": 1}


def test_closing_stops_the_ladder() -> None:
    """Closing cancels every timer: a closed matter is carried nowhere."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.ACCEPTED)

    desk.close(incident)
    stay_in_touch(desk, 600)

    assert begun(incident) == [("near", None)]
    assert incident.phase is Phase.CLOSED


def test_reopened_it_climbs_from_the_bottom() -> None:
    """It was not over: the nearest are asked again, and the due time is a new one."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.DECLINED)
    desk.close(incident)

    desk.reopen(incident)

    assert begun(incident)[-1] == ("near", None)
    assert called(incident)[-1] == "v1"


# --- restarts and changed files ---


def test_a_restart_neither_loses_nor_doubles_a_step() -> None:
    """Killed a minute before the step was due and back two minutes later: it comes, once."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.EN_ROUTE)
    stay_in_touch(desk, 60)

    after = desk.restarted()
    assert len(after.of(StepBegun)) == 1
    after.jump(120)
    after.jump(0)
    again = after.restarted()

    found = again.hub.incidents[incident.incident]
    assert begun(found)[:2] == [("near", None), ("wider", "nobody_there")]
    assert [each.step for each in found.steps].count("wider") == 1


@pytest.mark.parametrize("hold_s", [30, 3_000])
def test_the_due_time_is_the_one_that_was_told_whatever_the_file_says_now(hold_s: int) -> None:
    """Somebody edited the book and restarted: what the operator's screen counted down to holds."""
    desk = town_shift()
    incident = desk.open_by_press("sender", where=at(250))
    desk.answer(desk.order_of(incident, "v1"), AssignmentState.EN_ROUTE)
    steps = [dict(each) for each in LADDER["steps"]]
    steps[0]["hold_s"] = hold_s
    edited = a_book(LADDER | {"steps": steps}, version=2)

    after = desk.restarted(town_with(edited))
    after.wait(119)
    found = after.hub.incidents[incident.incident]
    assert begun(found) == [("near", None)]
    after.wait(1)

    assert begun(found) == [("near", None), ("wider", "nobody_there")]
    assert found.step is not None
    assert found.step.plan == found.plan == "test-1/only"


# --- books ---


def test_a_book_is_adopted_once_and_remembered() -> None:
    """The journal holds the text of every version that ever answered."""
    desk = started(shell(volunteer("v1"), community=town_of(LADDER)))

    again = started(desk)

    assert books(desk) == ["default-1", "test-1"]
    assert books(again) == books(desk)


def test_an_incident_keeps_its_version_when_a_newer_book_begins() -> None:
    """What answers it does not change under the operator's hands; the next one is answered anew."""
    desk = town_shift()
    old = desk.open_by_press("sender", where=at(250))
    newer = a_book(a_plan(a_step("all", need(4)), plan="only"), version=2)

    after = desk.restarted(town_with(newer))
    for n in range(1, 5):
        after.walk(f"v{n}", at(500.0 * n - 200))
    kept = after.hub.incidents[old.incident]
    after.answer(after.order_of(kept, "v1"), AssignmentState.DECLINED)
    other = after.open_by_press("v4", where=at(1_800))

    assert begun(kept)[:2] == [("near", None), ("wider", "nobody_left")]
    assert (kept.plan, other.plan) == ("test-1/only", "test-2/only")
    assert begun(other) == [("all", None)]
    library = after.hub.libraries[TOWN]
    assert library.plan(PlanId("test-1/only")) is not None


def test_a_plan_of_a_book_that_is_gone_is_replaced_by_what_answers_now() -> None:
    """A journal without its books (written before there were any) must not stop the hub."""
    desk = shell(volunteer("sender"), community=town_of(LADDER))
    incident = desk.open_by_press("sender", where=at(250))
    assert books(desk) == []

    after = desk.restarted(town_with())
    after.wait(200)

    found = after.hub.incidents[incident.incident]
    assert found.plan == "test-1/only"
    assert begun(found)[3:] == [(name, "nobody_left") for name in ("wider", "street", "agency")]
    assert {each.plan for each in found.steps[3:]} == {"default-1/sos"}


def test_a_plan_is_chosen_by_the_class_of_the_grid_and_the_hour() -> None:
    """Strangers and crowds want one more; at night it is for guards."""
    plans = (
        a_plan(a_step("near", need(1, "guard")), plan="night", hours=["22:00-06:00"]),
        a_plan(a_step("near", need(3)), plan="busy-grid", classes=["A"]),
        a_plan(a_step("near", need(1)), plan="rest"),
    )
    community = with_class_a(town_of(*plans), "g1")
    desk = shell(*map(volunteer, ("v1", "v2", "v3")), guard("g1"), community=community)

    crowded = desk.open_by_press("v1", where=at(250))
    quiet = desk.open_by_press("v2", where=at(750))
    desk.jump(10 * 3_600)
    night = desk.open_by_press("v3", where=at(250))

    assert [each.plan for each in (crowded, quiet, night)] == [
        "test-1/busy-grid",
        "test-1/rest",
        "test-1/night",
    ]


def test_a_kind_that_a_book_does_not_name_is_answered_by_the_built_in_book() -> None:
    """A community writes down what is different with it, and nothing else."""
    rules = {"nuisance": a_rule(priority=4)}
    desk = shell(volunteer("v1"), volunteer("v2"), community=town_of(LADDER, kinds=rules))

    danger = desk.open_by_press("v1", where=at(250))
    fire = desk.open(kind=Kind.FIRE, grid="g2")

    assert danger.plan == "test-1/only"
    assert desk.hub.incidents[fire].plan.startswith("test-1/default-1-fire")
