"""Waves, enough of a role, nobody left, lapsed: what an incident's state calls for."""

from dispatch.events import IncidentEscalated, ResponseDecided, ResponseLapsed
from dispatch.outgoing import CancelMessage
from dispatch.words import AssignmentState, EscalationReason, Phase, Role, Rung
from tests.builders import Shell, at, called, guard, patrol, police, shell, states, volunteer


def crowd(count: int) -> Shell:
    """The sender v01, and so many more volunteers on duty."""
    desk = shell(*(volunteer(f"v{n:02d}") for n in range(1, count + 2)))
    for n in range(2, count + 2):
        desk.sign_on(f"v{n:02d}", at(20.0 * n))
    return desk


def test_a_wave_asks_three_for_each_volunteer_and_two_for_each_other() -> None:
    """Volunteers answer 17 to 47 % of calls."""
    desk = patrol(volunteers=20, guards=5, officers=5)

    incident = desk.open_by_press("v1", where=at(250))

    roles = [each.role for each in incident.assignments.values()]
    assert [roles.count(role) for role in Role] == [9, 2, 2]


def test_silence_ends_a_wave_and_the_next_asks_those_not_yet_asked() -> None:
    """Thirty seconds without an answer, and other people are called."""
    desk = crowd(20)
    incident = desk.open_by_press("v01", where=at(20))
    first = called(incident)

    desk.wait(29.9)
    assert len(incident.decisions) == 1
    desk.wait(0.1)

    assert len(incident.decisions) == 2
    assert states(incident)[first[0]] == "expired"
    assert not set(called(incident)[9:]) & set(first)
    assert called(incident)[9:] == [f"v{n:02d}" for n in range(11, 20)]


def test_the_next_wave_is_sized_by_who_is_still_missing() -> None:
    """Two of three come: three more are asked, not nine."""
    desk = crowd(20)
    incident = desk.open_by_press("v01", where=at(20))
    for unit in called(incident)[:2]:
        desk.answer(desk.order_of(incident, unit), AssignmentState.ACCEPTED)

    desk.wait(30)

    assert incident.decisions[1].missing == {Role.VOLUNTEER: 1, Role.GUARD: 1, Role.POLICE: 1}
    assert len(incident.decisions[1].called) == 3


def test_when_all_have_declined_the_next_wave_does_not_wait() -> None:
    """Nobody is left to wait for."""
    desk = crowd(20)
    incident = desk.open_by_press("v01", where=at(20))
    desk.wait(3)

    for unit in called(incident)[:9]:
        desk.answer(desk.order_of(incident, unit), AssignmentState.DECLINED)

    assert [d.t for d in incident.decisions] == [desk.now - 3_000_000, desk.now]


def test_enough_of_a_role_releases_the_others_of_that_role_only() -> None:
    """Nine were asked for three: six are told at once that they need not go."""
    desk = patrol(volunteers=10, guards=2, officers=1)
    incident = desk.open_by_press("v1", where=at(250))

    for unit in ("v2", "v3", "v4"):
        desk.answer(desk.order_of(incident, unit), AssignmentState.ACCEPTED)

    told = {m.reason for m in desk.sent(CancelMessage, "v5")}
    assert told == {"enough"}
    assert [states(incident)[unit] for unit in ("v5", "g1", "g2")] == [
        "withdrawn",
        *["offered"] * 2,
    ]


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
    incident = desk.open_by_press("v1", where=at(250))
    for unit in ("v2", "v3", "v4"):
        desk.answer(desk.order_of(incident, unit), AssignmentState.ACCEPTED)
    assert states(incident)["v5"] == "withdrawn"

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.DECLINED)

    assert states(incident)["v5"] == "offered"
    assert states(incident)["v2"] == "declined"


def test_with_nobody_left_and_nobody_coming_the_supervisor_is_told_once() -> None:
    """The plan's end must not be silence."""
    desk = patrol(volunteers=2, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    assert incident.decisions[0].short == {Role.VOLUNTEER: 8, Role.GUARD: 2, Role.POLICE: 2}

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.DECLINED)
    desk.wait(300)

    reasons = [reason for _, _, reason in incident.escalations]
    assert reasons.count(EscalationReason.NOBODY_LEFT) == 1
    assert incident.phase is Phase.RECEIVED
    assert len(desk.of(ResponseLapsed)) == 1
    assert len(desk.of(ResponseDecided)) == 2


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
    """Nobody comes on duty for an hour: the journal does not grow with every look."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    incident = desk.open_by_press("v1", where=at(250))

    desk.wait(3_600)

    assert len(desk.of(ResponseDecided)) == len(incident.decisions) == 1


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
    told = {c["unit"]: (c["verdict"], c["ring"]) for c in inputs["candidates"]}
    assert told == {
        "g1": ("called", 1),
        "v2": ("offline", 0),
        "v1": ("sender", 0),
        "v3": ("off_duty", -1),
        "p1": ("off_duty", -1),
    }
    assert inputs["place"]["grid"] == "g1"
    assert inputs["plan"]["name"] == incident.plan == "default-1"
    assert inputs["missing"] == {"volunteer": 3, "guard": 1, "police": 1}
    assert desk.of(IncidentEscalated) == []
