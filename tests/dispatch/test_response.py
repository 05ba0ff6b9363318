"""Waves, enough of a need, nobody left, lapsed: what an incident's state calls for."""

from dataclasses import replace

from dispatch.clock import DAY, SECOND
from dispatch.events import IncidentEscalated, ResponseDecided, ResponseLapsed
from dispatch.ids import UnitId
from dispatch.outgoing import CancelMessage
from dispatch.told import tables_of
from dispatch.words import (
    AssignmentState,
    EscalationReason,
    Kind,
    Phase,
    Role,
    Rung,
    WithdrawReason,
)
from tests.builders import Shell, at, called, guard, patrol, police, shell, states, volunteer
from tests.dispatch.books import a_plan, a_rule, a_step, need, town_of
from tests.geo.towns import town as streets_of
from tests.geo.towns import way


def crowd(count: int, *, guards: int = 0, officers: int = 0) -> Shell:
    """The sender v01, so many more volunteers, and others, on duty a few steps from each other."""
    people = [volunteer(f"v{n:02d}") for n in range(1, count + 2)]
    people += [guard(f"g{n}") for n in range(guards)]
    people += [police(f"p{n}") for n in range(officers)]
    desk = shell(*people)
    for n, each in enumerate(people[1:], start=2):
        desk.sign_on(each.radio, at(2.0 * n))
    return desk


def all_answer(desk: Shell, units: list[str], state: AssignmentState) -> None:
    """These say the same to their newest order."""
    for unit in units:
        orders = [a for i in desk.hub.incidents.values() for a in i.assignments.values()]
        newest = [each.assignment for each in orders if each.unit == unit][-1]
        desk.answer(newest, state)


def test_a_wave_asks_so_many_that_as_many_as_are_wanted_come() -> None:
    """Of ten volunteers of whom nothing is known three come; of two guards, more than one."""
    desk = crowd(20, guards=5, officers=5)

    incident = desk.open_by_press("v01", where=at(20))

    roles = [each.role for each in incident.assignments.values()]
    assert [roles.count(role) for role in Role] == [10, 2, 2]
    assert incident.decisions[0].short == {}
    assert incident.decisions[0].chance is not None
    assert incident.decisions[0].chance > 0.9


def test_wave_size_follows_from_each_ones_own_record() -> None:
    """The same people, another quarter of a year behind them: fewer are woken, or more."""
    sizes = {}
    for yes in (True, False):
        desk = crowd(40)
        for n in range(2, 42):
            for day in range(1, 21):
                desk.hub.records.note(UnitId(f"v{n:02d}"), desk.now - day * DAY, None, yes)
        incident = desk.open_by_press("v01", where=at(20))
        sizes[yes] = len(called(incident))

    assert sizes == {True: 4, False: 40}


def test_silence_ends_a_wave_and_the_next_asks_those_not_yet_asked() -> None:
    """Thirty seconds without an answer, and other people are called."""
    desk = crowd(20)
    incident = desk.open_by_press("v01", where=at(20))
    first = called(incident)

    desk.wait(29.9)
    assert len(incident.decisions) == 1
    desk.wait(0.1)

    assert len(incident.decisions) == 2
    assert {states(incident)[unit] for unit in first} == {"expired"}
    assert sorted(called(incident)) == [f"v{n:02d}" for n in range(2, 22)]


def test_silence_counts_in_the_record_and_a_withdrawn_order_does_not() -> None:
    """Who did not answer may not answer next time; who was never waited for said nothing."""
    desk = crowd(12)
    incident = desk.open_by_press("v01", where=at(20))
    silent, *others = called(incident)
    all_answer(desk, others[:2], AssignmentState.ACCEPTED)
    desk.wait(30)
    asked_later = called(incident)[10:]
    assert asked_later

    desk.close(incident)

    tallies = {unit: desk.hub.records.of(UnitId(unit), desk.now) for unit in called(incident)}
    assert (tallies[silent].asked, tallies[silent].accepted) == (1, 0)
    assert (tallies[others[0]].asked, tallies[others[0]].accepted) == (1, 1)
    assert tallies[others[0]].call_outs == 1
    assert {tallies[unit].asked for unit in asked_later} == {0}


def test_the_next_wave_is_sized_by_who_is_still_missing() -> None:
    """Two of three come: four more are asked for the third, not ten."""
    desk = crowd(20)
    incident = desk.open_by_press("v01", where=at(20))
    first = called(incident)
    all_answer(desk, first[:2], AssignmentState.ACCEPTED)

    desk.wait(30)

    assert incident.decisions[1].missing == {"volunteer": 1, "guard": 1, "police": 1}
    assert len(incident.decisions[1].called) == 4


def test_when_all_have_declined_the_next_wave_does_not_wait() -> None:
    """Nobody is left to wait for."""
    desk = crowd(20)
    incident = desk.open_by_press("v01", where=at(20))
    desk.wait(3)

    all_answer(desk, called(incident), AssignmentState.DECLINED)

    assert [d.t for d in incident.decisions] == [desk.now - 3 * SECOND, desk.now]


def test_an_errand_with_its_people_releases_the_others_of_that_need_only() -> None:
    """A hazard has the volunteer it asked for: the others are told at once that they need not
    go; the guards, of whom none has answered, are still waited for."""
    desk = patrol(volunteers=4, guards=2, officers=0)
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.HAZARD)
    asked = [unit for unit in called(incident) if unit.startswith("v")]
    assert len(asked) == 3

    desk.answer(desk.order_of(incident, asked[0]), AssignmentState.ACCEPTED)

    told = {m.reason for unit in asked[1:] for m in desk.sent(CancelMessage, unit)}
    assert told == {"enough"}
    assert [states(incident)[unit] for unit in ("g1", "g2")] == ["offered", "offered"]


def test_an_order_that_ran_out_may_still_be_accepted() -> None:
    """Late help is help, as long as the incident is open and lacks it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(40)
    assert states(incident)["v2"] == "expired"

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ACCEPTED)

    assert states(incident)["v2"] == "accepted"
    assert incident.phase is Phase.ACCEPTED


def test_one_who_was_released_may_be_asked_again() -> None:
    """He had not said no; when another cannot come after all, he is needed."""
    desk = patrol(volunteers=5, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.HAZARD)
    first, *others = called(incident)
    desk.answer(desk.order_of(incident, first), AssignmentState.ACCEPTED)
    assert {states(incident)[unit] for unit in others} == {"withdrawn"}

    desk.answer(desk.order_of(incident, first), AssignmentState.DECLINED)

    assert {states(incident)[unit] for unit in others} == {"offered"}
    assert states(incident)[first] == "declined"


def test_with_nobody_left_and_nobody_coming_the_supervisor_is_told_once() -> None:
    """The plan's end must not be silence."""
    desk = patrol(volunteers=2, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    assert incident.decisions[0].short == {"volunteer": 2, "guard": 1, "police": 1}

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.DECLINED)
    desk.wait(300)

    reasons = [reason for _, _, reason in incident.escalations]
    assert reasons.count(EscalationReason.NOBODY_LEFT) == 1
    assert incident.phase is Phase.RECEIVED
    assert len(desk.of(ResponseLapsed)) == 1
    # One wave that called, then one look in each step that found nobody.
    assert [each.step for each in incident.decisions] == [
        "near",
        "near",
        "wider",
        "street",
        "agency",
    ]


def test_who_comes_on_duty_later_is_asked_while_nobody_is_coming() -> None:
    """The plan keeps looking."""
    desk = patrol(volunteers=2, guards=0, officers=1)
    desk.sign_off("p1")
    incident = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.DECLINED)
    assert incident.phase == "received"
    desk.wait(45)

    desk.sign_on("p1", at(300))
    desk.wait(5)

    assert called(incident) == ["v2", "p1"]
    assert incident.phase == "dispatched"


def test_a_press_before_the_shift_signs_on_is_answered_within_moments_of_its_first_fix() -> None:
    """Right after a start nobody is on duty yet; half a minute more would be lost for nothing."""
    desk = shell(volunteer("v1"), volunteer("v2"), volunteer("v3"))
    incident = desk.open_by_press("v1", where=at(250))
    assert called(incident) == []
    desk.wait(1)
    desk.sign_on("v2")
    desk.wait(1)

    desk.walk("v2", at(300))
    desk.wait(5)

    assert called(incident) == ["v2"]


def test_one_who_comes_back_into_reach_is_asked_within_moments() -> None:
    """In the cellar when it was decided, and up again."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2", at(300))
    desk.link("v2", False)
    incident = desk.open_by_press("v1", where=at(250))
    assert called(incident) == []

    desk.wait(7)
    desk.link("v2", True)
    desk.wait(5)

    assert called(incident) == ["v2"]


def test_looking_for_somebody_all_night_is_written_down_once() -> None:
    """Nobody comes on duty for an hour: one decision in each step, however often is looked."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    incident = desk.open_by_press("v1", where=at(250))
    written = len(desk.facts)

    desk.wait(3_600)

    assert [each.step for each in incident.decisions] == ["near", "wider", "street", "agency"]
    # What came in that hour: nobody took it, and that is told once for each rung.
    assert [type(fact) for fact in desk.facts[written:]] == [IncidentEscalated] * 3


def test_a_wave_that_was_short_asks_whoever_comes_free_beside_those_who_may_still_answer() -> None:
    """One of two is on duty: the second is not kept waiting for the first one's silence."""
    plan = a_plan(a_step("near", need(2)))
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 5)), community=town_of(plan))
    desk.sign_on("v2", at(300))
    incident = desk.open_by_press("v1", where=at(250))
    assert (called(incident), incident.decisions[0].short) == (["v2"], {"volunteer": 1})
    desk.wait(6)

    desk.sign_on("v3", at(320))
    desk.wait(5)

    assert called(incident) == ["v2", "v3"]
    assert states(incident)["v2"] == "offered", "who was asked first may still come"


def test_those_who_may_still_answer_count_and_not_everybody_who_comes_on_duty_is_asked() -> None:
    """Two are wanted, one is there, and ten come on duty: as many are asked beside the first as
    would have been asked with them, and nobody more."""
    plan = a_plan(a_step("near", need(2)), sure=0.5)
    desk = shell(*(volunteer(f"v{n:02d}") for n in range(1, 13)), community=town_of(plan))
    desk.sign_on("v02", at(300))
    incident = desk.open_by_press("v01", where=at(250))
    assert incident.decisions[0].all_asked
    desk.wait(6)

    for n in range(3, 13):
        desk.sign_on(f"v{n:02d}", at(300 + n))
    desk.wait(10)

    assert len(called(incident)) == 7, "seven newcomers make two"
    assert not incident.decisions[-1].all_asked


def test_a_wave_of_all_there_are_asks_whoever_comes_free_before_what_is_less_urgent_does() -> None:
    """Two are wanted and both who are there were asked, of whom hardly one comes: the third is for
    the red button, and not for a quarrel that has nobody."""
    plan = a_plan(a_step("near", need(2)), kinds=("sos", "suspicious"))
    rules = {"sos": a_rule(priority=1), "suspicious": a_rule(priority=2)}
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 6)), community=town_of(plan, kinds=rules))
    for n in (2, 3):
        desk.sign_on(f"v{n}", at(300 + n))
    danger = desk.open_by_press("v1", where=at(250))
    quarrel = desk.open_by_press("v5", where=at(250), kind=Kind.SUSPICIOUS)
    assert (len(called(danger)), danger.decisions[0].short, called(quarrel)) == (2, {}, [])
    desk.wait(2)

    desk.sign_on("v4", at(305))
    desk.wait(2)

    assert called(danger)[2:] == ["v4"]
    assert called(quarrel) == []


def test_what_is_more_urgent_and_cannot_use_somebody_does_not_hide_what_can() -> None:
    """Six fires want police and there is none: a volunteer is for the red button, and not for the
    blocked lane that was opened before it."""
    plans = (
        a_plan(a_step("near", need(1, role="police")), plan="fire", kinds=("fire",)),
        a_plan(a_step("near", need(1)), plan="rest", kinds=("sos", "nuisance")),
    )
    rules = {"fire": a_rule(priority=1), "sos": a_rule(priority=1), "nuisance": a_rule(priority=3)}
    people = [volunteer(f"v{n:02d}") for n in range(1, 11)]
    desk = shell(*people, community=town_of(*plans, kinds=rules))
    for n in range(3, 9):
        desk.open_by_press(f"v{n:02d}", where=at(250 + 10 * n), kind=Kind.FIRE)
    lane = desk.open_by_press("v09", where=at(340), kind=Kind.NUISANCE)
    danger = desk.open_by_press("v01", where=at(250))
    desk.wait(1.5)

    desk.sign_on("v02", at(300))
    desk.wait(0.1)

    assert (called(danger), called(lane)) == (["v02"], [])


def test_one_who_says_no_is_asked_by_one_after_the_other_in_the_order_of_their_urgency() -> None:
    """Eight matters and one volunteer, who declines each: nobody waits for a second between, and
    what is less urgent comes last."""
    plans = (a_plan(a_step("near", need(1)), kinds=("sos", "nuisance")),)
    rules = {"sos": a_rule(priority=1), "nuisance": a_rule(priority=3)}
    people = [volunteer(f"v{n:02d}") for n in range(1, 20)]
    desk = shell(*people, community=town_of(*plans, kinds=rules))
    kinds = {}
    for n in range(2, 18):
        kind = Kind.NUISANCE if n % 2 else Kind.SOS
        incident = desk.open_by_press(f"v{n:02d}", where=at(200 + 10 * n), kind=kind)
        kinds[incident.incident] = kind
    desk.wait(3)

    desk.sign_on("v01", at(300))
    desk.wait(0.01)
    asked = []
    while orders := desk.hub._desk.board.orders_of(UnitId("v01")):
        [(incident, order)] = [(i, o) for i, o in orders if o.live]
        asked.append(kinds[incident.incident])
        desk.answer(order.assignment, AssignmentState.DECLINED)
        desk.wait(0.01)

    assert asked == [Kind.SOS] * 8 + [Kind.NUISANCE] * 8


def test_a_step_is_not_given_up_in_the_moment_in_which_somebody_comes_free() -> None:
    """Asked elsewhere he stayed silent: now he is asked here, in the step that waited for him."""
    plans = (
        a_plan(a_step("near", need(1), wave_s=6), plan="urgent", kinds=("suspicious",)),
        a_plan(
            a_step("near", need(1), hold_s=600, then="up"),
            a_step("up", need(1)),
            plan="rest",
            kinds=("nuisance",),
        ),
    )
    rules = {"suspicious": a_rule(priority=2), "nuisance": a_rule(priority=4)}
    desk = shell(*map(volunteer, ("v1", "v2", "v3")), community=town_of(*plans, kinds=rules))
    desk.sign_on("v1", at(300))
    first = desk.open_by_press("v2", where=at(320), kind=Kind.SUSPICIOUS)
    desk.wait(0.5)
    rest = desk.open_by_press("v3", where=at(320), kind=Kind.NUISANCE)
    assert (called(first), called(rest)) == (["v1"], [])

    desk.wait(6)

    assert called(rest) == ["v1"]
    assert rest.step is not None
    assert rest.step.step == "near"


def test_whom_a_look_finds_what_is_more_urgent_and_looks_later_asks_first() -> None:
    """The first fix comes without a word of ours, and the less urgent is the first to look."""
    plans = (a_plan(a_step("near", need(1)), kinds=("sos", "nuisance")),)
    rules = {"sos": a_rule(priority=1), "nuisance": a_rule(priority=4)}
    desk = shell(*map(volunteer, ("v1", "v2", "v3")), community=town_of(*plans, kinds=rules))
    rest = desk.open_by_press("v3", where=at(320), kind=Kind.NUISANCE)
    desk.wait(3)
    danger = desk.open_by_press("v2", where=at(300))
    desk.sign_on("v1")
    desk.wait(1)
    assert (called(danger), called(rest)) == ([], [])

    desk.walk("v1", at(310))
    desk.wait(1.5)

    assert (called(danger), called(rest)) == (["v1"], [])


def test_a_second_one_is_looked_for_while_the_first_is_on_the_way() -> None:
    """Two are wanted, one comes and nobody else was there: whoever signs on is asked, and not kept
    for what is less urgent."""
    plan = a_plan(a_step("near", need(2)), kinds=("sos", "suspicious"))
    rules = {"sos": a_rule(priority=1), "suspicious": a_rule(priority=2)}
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 6)), community=town_of(plan, kinds=rules))
    desk.sign_on("v2", at(300))
    danger = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(danger, "v2"), AssignmentState.EN_ROUTE)
    rest = desk.open_by_press("v5", where=at(250), kind=Kind.SUSPICIOUS)
    desk.wait(7)
    written = len(danger.decisions)

    desk.sign_on("v3", at(320))
    desk.wait(0.01)

    assert (called(danger), called(rest)) == (["v2", "v3"], [])
    assert len(danger.decisions) == written + 1


def test_what_needs_nobody_any_more_lets_others_look() -> None:
    """Somebody offered to go where nobody was found: whoever comes free is for the next matter."""
    plan = a_plan(a_step("near", need(1)), kinds=("sos", "suspicious"))
    rules = {"sos": a_rule(priority=1), "suspicious": a_rule(priority=2)}
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 6)), community=town_of(plan, kinds=rules))
    danger = desk.open_by_press("v1", where=at(250))
    assert set(desk.hub._desk.looks) == {danger.incident}
    desk.sign_on("v2", at(251))
    desk.wait(5)
    assert called(danger) == ["v2"]

    desk.answer(desk.order_of(danger, "v2"), AssignmentState.ACCEPTED)

    assert not desk.hub._desk.looks


def test_whoever_comes_free_is_asked_by_the_more_urgent_first() -> None:
    """Everybody was asked elsewhere when a red button was pressed: those who say no there are for
    the button, and not for what was opened before it and happens to look first."""
    plan = a_plan(a_step("near", need(2)), kinds=("sos", "suspicious", "fire"))
    rules = {kind: a_rule(priority=n) for kind, n in (("sos", 1), ("suspicious", 2), ("fire", 2))}
    people = [volunteer(f"v{n}") for n in range(1, 7)]
    desk = shell(*people, community=town_of(plan, kinds=rules))
    for n in (2, 3, 4):
        desk.sign_on(f"v{n}", at(300 + n))
    quarrel = desk.open_by_press("v5", where=at(250), kind=Kind.SUSPICIOUS)
    desk.wait(2)
    second = desk.open_by_press("v6", where=at(260), kind=Kind.FIRE)
    danger = desk.open_by_press("v1", where=at(250))
    assert (len(called(quarrel)), called(second), called(danger)) == (3, [], [])
    desk.wait(2)

    for unit in ("v3", "v4"):
        desk.answer(desk.order_of(quarrel, unit), AssignmentState.DECLINED)
        desk.wait(1)

    assert called(danger) == ["v3", "v4"]
    assert called(second) == []


def test_a_step_is_not_given_up_while_everybody_is_only_asked_elsewhere() -> None:
    """Within a wave's time they say yes or no there: who says no is asked here, in the first step,
    and not by 110 a tenth of a second after the press."""
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 6)))
    for n in (2, 3):
        desk.sign_on(f"v{n}", at(300 + n))
    first = desk.open_by_press("v4", where=at(320), kind=Kind.SUSPICIOUS)
    assert set(called(first)) == {"v2", "v3"}

    danger = desk.open_by_press("v1", where=at(250))
    desk.wait(4)
    assert [each.step for each in danger.decisions] == ["near"]
    desk.answer(desk.order_of(first, "v3"), AssignmentState.DECLINED)
    desk.wait(1)
    assert called(danger) == ["v3"]
    assert danger.step is not None
    assert danger.step.step == "near"


def test_a_step_is_given_up_once_those_elsewhere_have_said_yes() -> None:
    """They will not come here: the next step may have others."""
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 6)))
    desk.sign_on("v2", at(300))
    first = desk.open_by_press("v4", where=at(320), kind=Kind.SUSPICIOUS)
    danger = desk.open_by_press("v1", where=at(250))
    assert [each.step for each in danger.decisions] == ["near"]

    desk.answer(desk.order_of(first, "v2"), AssignmentState.ACCEPTED)
    desk.wait(6)

    assert [each.step for each in danger.decisions] == ["near", "wider", "street", "agency"]


def test_a_last_step_that_only_tells_goes_on_asking_for_what_was_wanted_before() -> None:
    """Handing over to 110 is proposed, and whoever comes on duty then is asked all the same."""
    plan = a_plan(
        a_step("near", need(2), then="agency", hold_s=60),
        {"step": "agency", "tier": "agency", "agency": "110"},
    )
    desk = shell(*(volunteer(f"v{n}") for n in range(1, 5)), community=town_of(plan))
    incident = desk.open_by_press("v1", where=at(250))
    assert [each.step for each in incident.decisions] == ["near", "agency"]

    desk.sign_on("v2", at(300))
    desk.wait(5)

    assert called(incident) == ["v2"]
    assert incident.decisions[-1].missing == {"volunteer": 2}


def test_looking_beside_those_who_were_asked_writes_nothing_until_somebody_is_found() -> None:
    """A short wave and nobody free: no decision but the first until its people have answered."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2", at(300))
    incident = desk.open_by_press("v1", where=at(250))

    desk.wait(25)

    assert incident.decisions[0].short
    assert len(incident.decisions) == 1
    assert [type(fact) for fact in desk.facts].count(ResponseDecided) == 1


def test_a_lapsed_response_of_a_taken_incident_stands_as_acknowledged() -> None:
    """Somebody has it, but nobody is coming."""
    desk = patrol(volunteers=2, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)

    desk.wait(31)

    assert incident.phase is Phase.ACKNOWLEDGED


def test_somebody_who_was_there_keeps_the_incident_on_scene() -> None:
    """It does not lapse because the last one has finished."""
    desk = patrol(volunteers=2, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.answer(order, AssignmentState.ON_SCENE)

    desk.answer(order, AssignmentState.CLEAR)
    desk.wait(120)

    assert incident.phase is Phase.ON_SCENE
    assert (Rung.SUPERVISOR, EscalationReason.NOBODY_LEFT) not in [
        (rung, reason) for _, rung, reason in incident.escalations
    ]


def test_two_alarms_at_once_do_not_share_a_volunteer() -> None:
    """Status belongs to an assignment, and who is asked here is busy there."""
    desk = patrol(volunteers=6, guards=1, officers=1)

    first = desk.open_by_press("v1", where=at(250))
    second = desk.open_by_press("v2", where=at(250))

    assert not set(called(first)) & set(called(second))
    verdicts = {str(c.unit): c.verdict.value for c in second.decisions[0].candidates}
    assert (verdicts["v3"], verdicts["v2"], verdicts["v1"]) == ("busy", "sender", "busy")


def test_a_silent_unit_asked_elsewhere_loses_its_older_order() -> None:
    """Or it might accept both, and be waited for in two places."""
    desk = patrol(volunteers=3, guards=0, officers=0)
    first = desk.open_by_press("v1", where=at(250))
    desk.wait(40)
    assert states(first) == {"v2": "expired", "v3": "expired"}

    second = desk.open_by_press("v2", where=at(250))

    assert called(second) == ["v3"]
    assert states(first) == {"v2": "expired", "v3": "withdrawn"}
    assert desk.sent(CancelMessage, "v3")[-1].reason == "replaced"


def test_the_decision_keeps_what_it_was_made_of() -> None:
    """Why and why not can be shown tomorrow, and decided again by other rules."""
    desk = shell(volunteer("v1"), volunteer("v2"), volunteer("v3"), guard("g1"), police("p1"))
    desk.sign_on("v2", at(300))
    desk.wait(91)
    desk.sign_on("g1", at(700))

    incident = desk.open_by_press("v1", where=at(250))

    fact = next(f for f in desk.facts if isinstance(f, ResponseDecided))
    inputs = fact.inputs.value
    told = {c["unit"]: (c["verdict"], c["ring"]) for c in tables_of(inputs["candidates"])}
    assert told == {
        "g1": ("called", 1),
        "v2": ("offline", 0),
        "v1": ("sender", 0),
        "v3": ("off_duty", -1),
        "p1": ("off_duty", -1),
    }
    assert inputs["place"]["grid"] == "g1"
    assert inputs["plan"] == incident.plan == "default-1/sos"
    assert inputs["matter"] == {"kind": "sos", "grid_class": "", "minute": 12 * 60 + 1}
    assert fact.missing == {"volunteer": 3, "guard": 1, "police": 1}
    assert desk.of(IncidentEscalated) == []


# --- skills, errands, exercises ---


def test_the_retired_doctor_on_patrol_is_called_first_for_somebody_who_collapsed() -> None:
    """DOMAIN 4.15: farther than all the others, and the first to be told."""
    people = [volunteer(f"v{n}") for n in range(1, 9)]
    desk = shell(*people, volunteer("doctor", skills=("medical",)))
    for n, each in enumerate(people, start=1):
        desk.sign_on(each.radio, at(250 + 5.0 * n))
    desk.sign_on("doctor", at(900))

    incident = desk.open_by_press("v1", where=at(250), kind=Kind.MEDICAL)

    order = next(iter(incident.assignments.values()))
    assert (order.unit, order.need) == ("doctor", "any+medical")
    assert "any+first_aid" in incident.decisions[0].short
    assert {each.need for each in incident.assignments.values()} == {"any+medical", "volunteer"}


def errand_desk() -> Shell:
    """Volunteers v1 to v3 of whom one is wanted for anything; v2 and v3 are on duty, v2 nearest.
    A red button may interrupt a nuisance."""
    plans = (
        a_plan(a_step("near", need(1)), plan="danger", preempts=3),
        a_plan(a_step("near", need(1)), plan="rest", kinds=("nuisance", "suspicious")),
    )
    rules = {"nuisance": a_rule(priority=4), "suspicious": a_rule(priority=2)}
    desk = shell(*map(volunteer, ("v1", "v2", "v3", "v4")), community=town_of(*plans, kinds=rules))
    desk.sign_on("v2", at(300))
    return desk


def test_a_low_errand_gives_way_to_an_emergency_and_asks_others() -> None:
    """The only one near is watching a blocked fire lane: he is called off, and told why; the
    fire lane is looked after by the next who comes on duty."""
    desk = errand_desk()
    errand = desk.open_by_press("v4", where=at(320), kind=Kind.NUISANCE)
    desk.answer(desk.order_of(errand, "v2"), AssignmentState.EN_ROUTE)

    danger = desk.open_by_press("v1", where=at(250))

    left = errand.assignments[desk.order_of(errand, "v2")]
    assert (left.state.value, left.withdrawn_for) == ("withdrawn", WithdrawReason.PREEMPTED)
    assert desk.sent(CancelMessage, "v2")[-1].reason == "preempted"
    assert called(danger) == ["v2"]
    candidate = danger.decisions[0].candidates[0]
    assert (candidate.unit, candidate.busy) == ("v2", 4)

    desk.answer(desk.order_of(danger, "v2"), AssignmentState.ACCEPTED)
    desk.sign_on("v3", at(1_200))
    desk.wait(5)
    assert called(errand)[-1] == "v3"


def test_whoever_is_on_scene_is_called_off_nothing() -> None:
    """Those they came for would be left alone by a machine's word; an operator may say it."""
    desk = errand_desk()
    errand = desk.open_by_press("v4", where=at(320), kind=Kind.NUISANCE)
    desk.answer(desk.order_of(errand, "v2"), AssignmentState.ON_SCENE)

    danger = desk.open_by_press("v1", where=at(250))

    assert states(errand)["v2"] == "on_scene"
    assert called(danger) == []


def test_an_incident_whose_people_have_left_does_not_say_that_they_are_there() -> None:
    """The one on scene is called back: the phase tells the truth, and others are asked."""
    desk = errand_desk()
    errand = desk.open_by_press("v4", where=at(320), kind=Kind.NUISANCE)
    order = desk.order_of(errand, "v2")
    desk.answer(order, AssignmentState.ON_SCENE)
    phases = [errand.phase]

    desk.withdraw(errand, order)

    phases.append(errand.phase)
    assert phases == [Phase.ON_SCENE, Phase.RECEIVED]
    desk.sign_on("v3", at(1_200))
    desk.wait(5)
    assert called(errand)[-1] == "v3"


def test_who_was_called_off_an_errand_is_asked_again_once_free() -> None:
    """He did not decline; when the emergency is over, the errand is still there."""
    desk = errand_desk()
    errand = desk.open_by_press("v4", where=at(320), kind=Kind.NUISANCE)
    danger = desk.open_by_press("v1", where=at(250))
    assert states(errand)["v2"] == "withdrawn"

    desk.close(danger)
    desk.wait(5)

    assert states(errand)["v2"] == "offered"


def test_what_is_urgent_itself_is_not_interrupted() -> None:
    """Somebody climbs over a wall: whoever watches that stays on it."""
    desk = errand_desk()
    urgent = desk.open_by_press("v4", where=at(320), kind=Kind.SUSPICIOUS)

    danger = desk.open_by_press("v1", where=at(250))

    assert states(urgent)["v2"] == "offered"
    assert called(danger) == []
    assert danger.decisions[0].short == {"volunteer": 1}


def test_one_who_calls_for_help_is_called_off_nothing_and_to_nothing() -> None:
    """Even where what they called about is a nuisance: they stand in the middle of it."""
    desk = errand_desk()
    desk.open_by_press("v2", where=at(320), kind=Kind.NUISANCE)

    danger = desk.open_by_press("v1", where=at(250))

    verdicts = {c.unit: c.verdict.value for c in danger.decisions[0].candidates}
    assert verdicts[UnitId("v2")] == "busy"
    assert called(danger) == []


def test_an_exercise_gives_way_to_anything_real_and_is_in_nobodys_record() -> None:
    """A played fire takes no guard from a real quarrel, and nobody's figures change by it."""
    desk = crowd(6)
    desk.start_drill()
    played = desk.open_by_press("v01", where=at(20), drill=True)
    all_answer(desk, called(played)[:2], AssignmentState.ACCEPTED)
    desk.wait(31)
    assert len(called(played)) == 6

    real = desk.open_by_press("v02", where=at(20))

    assert sorted(called(real)) == ["v03", "v04", "v05", "v06", "v07"]
    assert {state for unit, state in states(played).items() if unit != "v02"} == {"withdrawn"}
    assert all(desk.hub.records.of(UnitId(f"v{n:02d}"), desk.now).asked == 0 for n in range(2, 8))


def test_an_exercise_calls_nobody_off_anything_real() -> None:
    """Whoever is asked to a nuisance is busy for every exercise."""
    desk = errand_desk()
    errand = desk.open_by_press("v4", where=at(320), kind=Kind.NUISANCE)
    desk.start_drill()

    played = desk.open_by_press("v1", where=at(250), drill=True)

    assert states(errand)["v2"] == "offered"
    assert called(played) == []


# --- fairness, walking ---


def test_who_went_out_this_week_is_spared_where_another_is_as_near() -> None:
    """Four call-outs in seven days: his neighbour goes. After the week he is the nearest again."""
    plan = a_plan(a_step("near", need(1)), fairness_s=60)
    always = dict.fromkeys(range(8, 89), True)
    for days_ago, first in ((6, "rested"), (7, "busy")):
        desk = shell(
            volunteer("v1"), volunteer("busy"), volunteer("rested"), community=town_of(plan)
        )
        desk.sign_on("busy", at(260))
        desk.sign_on("rested", at(290))
        for unit, days in (("busy", {**always, days_ago: True}), ("rested", always)):
            for day in days:
                desk.hub.records.note(UnitId(unit), desk.now - day * DAY, None, True)

        incident = desk.open_by_press("v1", where=at(250))

        assert called(incident)[0] == first


def test_a_unit_behind_the_wall_is_not_first_where_the_streets_are_known() -> None:
    """Forty metres by the map and eight hundred on foot: the one up the street is there sooner."""
    street = way((250, 250), (650, 250))
    lane = way((250, 290), (650, 290))
    gate = way((650, 250), (650, 290), highway="footway")
    community = town_of(a_plan(a_step("near", need(1)), by_rings=False))
    people = (volunteer("v1"), volunteer("behind"), volunteer("along"))
    first = {}
    for walking in (None, streets_of(street, lane, gate)):
        desk = shell(*people, community=replace(community, walking=walking))
        desk.sign_on("behind", at(250, 290))
        desk.sign_on("along", at(400, 250))

        incident = desk.open_by_press("v1", where=at(250, 250))

        order = next(iter(incident.assignments.values()))
        first[walking is not None] = (order.unit, order.walk_s is not None)

    assert first == {False: ("behind", False), True: ("along", True)}
