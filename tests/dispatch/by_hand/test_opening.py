"""Incidents that begin by hand, and those found to be another matter or elsewhere."""

import pytest

from dispatch.commands import ReviseIncident, RevisePlace
from dispatch.errors import UnfitCommandError
from dispatch.events import IncidentOpened, IncidentRevised, PlaceRevised
from dispatch.ids import GridId
from dispatch.outgoing import CancelMessage, OrderMessage
from dispatch.words import AssignmentState, Kind, Phase, PlaceSource, WithdrawReason
from tests.builders import WANG, at, called, patrol, states


def test_an_incident_by_phone_calls_people_where_it_has_a_place() -> None:
    """A point, a grid or a unit will do; it is its operator's from the start."""
    desk = patrol()
    lon, lat = at(250)

    by_point = desk.hub.incidents[desk.open(lon=lon, lat=lat)]
    by_grid = desk.hub.incidents[desk.open(grid="g4")]
    by_unit = desk.hub.incidents[desk.open(unit="v4")]

    assert (by_point.place_source, by_point.grid) == (PlaceSource.OPERATOR, "g1")
    assert called(by_point) == ["v1", "v2", "v3", "v4", "g1", "p1"]
    assert (by_point.taken_by, by_point.words, by_point.lease) == (WANG, "来电", 1)
    assert (by_grid.grid, by_grid.lon) == ("g4", None)
    assert (by_unit.sender, by_unit.place_source) == ("v4", PlaceSource.LAST_FIX)


def test_a_place_far_from_every_grid_is_a_slip_of_the_hand() -> None:
    """0, 0 lies in the sea off Africa: whoever drops a comma should hear of it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    for lon, lat in ((0.0, 0.0), (30.25, 120.15 - 90)):
        with pytest.raises(UnfitCommandError, match="20 km from every grid"):
            desk.do(RevisePlace, incident, lon=lon, lat=lat)
    desk.do(RevisePlace, incident, lon=at(250)[0], lat=at(250, 5_000)[1], grid=None)


def test_a_point_and_the_grid_of_another_are_refused_whoever_says_so() -> None:
    """Both commands that take a place; nothing was opened or moved by then."""
    desk = patrol()
    lon, lat = at(1_750)
    incident = desk.open_by_press("v1", where=at(250))
    before = len(desk.facts)

    with pytest.raises(UnfitCommandError, match="grid g2 does not hold"):
        desk.open(lon=lon, lat=lat, grid=GridId("g2"))
    with pytest.raises(UnfitCommandError, match="grid g2 does not hold"):
        desk.do(RevisePlace, incident, lon=lon, lat=lat, grid=GridId("g2"))

    assert (len(desk.facts), incident.grid) == (before, "g1")


def test_who_called_is_kept_apart_so_that_it_can_be_erased() -> None:
    """Name and number are personal; the chain holds only their digest."""
    desk = patrol()

    incident = desk.hub.incidents[desk.open(caller_name=" 陈阿姨 ", caller_phone="13800000000")]
    silent = desk.hub.incidents[desk.open()]

    assert (incident.caller_name, incident.caller_phone) == ("陈阿姨", "13800000000")
    opened = [fact for fact in desk.facts if isinstance(fact, IncidentOpened)]
    assert opened[0].caller is not None
    assert opened[0].caller.value == {"name": "陈阿姨", "phone": "13800000000"}
    assert (opened[1].caller, silent.caller_name) == (None, "")


def test_priority_and_plan_are_the_kinds_unless_the_operator_says_otherwise() -> None:
    """A person on the phone knows more than a table."""
    desk = patrol()

    usual = desk.hub.incidents[desk.open(kind=Kind.NUISANCE, grid="g1")]
    grave = desk.hub.incidents[
        desk.open(kind=Kind.NUISANCE, grid="g1", priority=1, plan="default-1/sos")
    ]

    assert (usual.priority, usual.plan) == (3, "default-1/watch")
    assert (grave.priority, grave.plan) == (1, "default-1/sos")
    assert grave.step is not None
    assert grave.step.plan == "default-1/sos"


def test_an_incident_told_in_words_only_waits_for_a_person() -> None:
    """Near to what? The operator sends units by name."""
    desk = patrol()

    incident = desk.hub.incidents[desk.open(words="河边有人呼救")]
    desk.wait(100)

    assert (called(incident), incident.phase, incident.step) == ([], Phase.ACKNOWLEDGED, None)

    order = desk.assign(incident, "v3")

    assert desk.assignment(order).by == WANG
    assert incident.phase is Phase.DISPATCHED


def test_once_it_is_placed_people_are_called() -> None:
    """The caller remembered the shop on the corner."""
    desk = patrol()
    incident = desk.hub.incidents[desk.open(words="河边有人呼救")]

    desk.do(RevisePlace, incident, grid="g1")

    assert incident.step is not None
    assert called(incident)


def test_another_priority_or_kind_is_a_fact_with_the_reason() -> None:
    """It looked like a quarrel; there was a knife. The plan stays until another is chosen."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    plan = incident.plan

    desk.do(ReviseIncident, incident, kind=Kind.SOS, priority=None, words="有人持刀")
    desk.do(ReviseIncident, incident, priority=2)

    facts = [fact for fact in desk.facts if isinstance(fact, IncidentRevised)]
    assert [(each.kind, each.priority) for each in facts] == [(Kind.SOS, 1), (Kind.SOS, 2)]
    assert facts[0].words is not None
    assert facts[0].words.value == "有人持刀"
    assert (incident.kind, incident.priority, incident.plan) == (Kind.SOS, 2, plan)


@pytest.mark.parametrize(
    "said", [{"priority": 1}, {"kind": Kind.SOS, "priority": None}, {"priority": 0}]
)
def test_revising_to_what_it_is_or_to_nothing_is_refused(said: dict[str, object]) -> None:
    """A version that changes nothing would make other requests stale."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(UnfitCommandError):
        desk.do(ReviseIncident, incident, **said)


def test_whoever_is_asked_or_comes_is_told_the_new_place_at_once() -> None:
    """Somebody running the wrong way loses minutes."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ACCEPTED)
    desk.answer(desk.order_of(incident, "v3"), AssignmentState.DECLINED)
    desk.forget_sent()
    lon, lat = at(1_750)

    desk.do(RevisePlace, incident, lon=lon, lat=lat, grid=None, words="在后门")

    (told,) = desk.sent(OrderMessage, "v2")
    assert (told.lon, told.lat, told.state) == (lon, lat, AssignmentState.ACCEPTED)
    assert desk.sent(OrderMessage, "v4")
    assert desk.sent(OrderMessage, "v3") == []
    assert (incident.place_source, incident.grid) == (PlaceSource.OPERATOR, "g4")
    assert incident.words == "在后门"
    assert len(desk.of(PlaceRevised)) == 1


@pytest.mark.parametrize(
    ("said", "grid", "lon"),
    [({"grid": "g3"}, "g3", None), ({"grid": None, "unit": "v4"}, "g2", at(550)[0])],
)
def test_a_place_is_a_grid_or_where_a_unit_is(
    said: dict[str, object], grid: str, lon: float | None
) -> None:
    """What the caller can say: beside the patrol, somewhere in the third grid."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.do(RevisePlace, incident, **said)

    assert (incident.grid, incident.lon) == (grid, lon)


def test_a_place_in_words_only_is_a_note_and_not_a_place() -> None:
    """Moving it to nowhere would lose what is known."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(UnfitCommandError):
        desk.do(RevisePlace, incident, grid=None, words="在树下")

    assert incident.lon is not None


def test_who_is_at_a_place_that_was_wrong_is_not_there_and_the_plan_asks_who_is_near() -> None:
    """The operator moves the incident a kilometre: the volunteer at the old place is told so, and
    the one beside the new one is called. Who is near the corrected place stays on scene."""
    desk = patrol(volunteers=4, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(1)
    for unit, east_m in (("v2", 250), ("v3", 1_100), ("v4", 1_250)):
        desk.walk(unit, at(east_m))
    for unit in ("v2", "v3"):
        desk.answer(desk.order_of(incident, unit), AssignmentState.ON_SCENE)
    lon, lat = at(1_200)

    desk.do(RevisePlace, incident, lon=lon, lat=lat, grid=None)

    first = incident.assignments[desk.order_of(incident, "v3")]
    assert (first.state, first.withdrawn_for) == (AssignmentState.ON_SCENE, None)
    left = next(each for each in incident.assignments.values() if each.unit == "v2")
    assert (left.state, left.withdrawn_for) == (AssignmentState.WITHDRAWN, WithdrawReason.MOVED)
    assert desk.sent(CancelMessage, "v2")[-1].reason == "moved"
    assert states(incident)["v4"] in {"offered", "received"}


def test_an_incident_whose_people_are_all_at_the_place_that_was_wrong_is_not_on_scene() -> None:
    """Who hands it over to 119 must not say that somebody is there."""
    desk = patrol(volunteers=3, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(1)
    desk.walk("v2", at(250))
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ON_SCENE)
    assert incident.phase.value == "on_scene"
    lon, lat = at(2_300)

    desk.do(RevisePlace, incident, lon=lon, lat=lat, grid=None)

    assert incident.phase.value != "on_scene"
    desk.answer(desk.order_of(incident, "v3"), AssignmentState.ACCEPTED)
    assert incident.phase.value == "accepted"


def test_a_place_known_by_its_grid_alone_moves_nobody_away() -> None:
    """The middle of a grid is not where the person is."""
    desk = patrol(volunteers=2, guards=0, officers=0)
    incident = desk.open_by_press("v1", where=at(250))
    desk.walk("v2", at(250))
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ON_SCENE)

    desk.do(RevisePlace, incident, grid="g2")

    assert states(incident)["v2"] == "on_scene"
