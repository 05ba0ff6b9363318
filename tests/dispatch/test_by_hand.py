"""What operators ask for, and what is refused with a sentence."""

import math

import pytest

from dispatch.commands import CloseIncident, TakeIncident
from dispatch.errors import (
    RefusedError,
    StaleVersionError,
    UnfitCommandError,
    UnknownAssignmentError,
    UnknownIncidentError,
    UnknownUnitError,
    WrongPhaseError,
)
from dispatch.events import IncidentClosed, IncidentTaken, RadioRevoked
from dispatch.ids import AssignmentId, CommandId, IncidentId
from dispatch.outgoing import CancelMessage, KickRadio, OrderMessage
from dispatch.words import AssignmentState, Disposition, Phase, PlaceSource
from tests.builders import LI, WANG, at, called, patrol, press, shell, states, volunteer


def test_the_same_command_twice_is_done_once_and_answered_alike() -> None:
    """A double click, or a page that did not hear the answer."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    take = TakeIncident(command=CommandId("x"), by=WANG, incident=incident.incident)

    first, second = desk.ask(take), desk.ask(take)

    assert first == second
    assert len(desk.of(IncidentTaken)) == 1


def test_a_command_is_remembered_over_a_restart() -> None:
    """The page repeats it to the hub that came back."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    close = CloseIncident(
        command=CommandId("x"),
        by=WANG,
        incident=incident.incident,
        disposition=Disposition.RESOLVED,
    )
    desk.ask(close)

    after = desk.restarted()

    assert after.ask(close).subject == incident.incident
    assert len(after.of(IncidentClosed)) == 1


def test_what_was_decided_on_an_old_picture_is_refused_but_a_note_is_not() -> None:
    """Nobody closes on what they no longer see; writing down loses nothing."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    seen = incident.version
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ACCEPTED)

    with pytest.raises(StaleVersionError) as refusal:
        desk.close(incident, based_on=seen)
    desk.note(incident, based_on=seen)

    assert refusal.value.facts["version"] == seen + 1
    assert incident.open
    assert desk.close(incident, based_on=incident.version).version == incident.version


def test_another_operator_may_take_over_and_the_same_one_changes_nothing() -> None:
    """Claims are by name, and handing over is part of the shift."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.took(incident)
    desk.took(incident)
    desk.took(incident, LI)

    assert [f.by for f in desk.facts if isinstance(f, IncidentTaken)] == [WANG, LI]
    assert (incident.taken_by, incident.phase) == (LI, Phase.DISPATCHED)


def test_an_incident_by_phone_calls_people_where_it_has_a_place() -> None:
    """A point, a grid or a unit will do; it is its operator's from the start."""
    desk = patrol()
    lon, lat = at(250)

    by_point = desk.hub.incidents[desk.open(lon=lon, lat=lat)]
    by_grid = desk.hub.incidents[desk.open(grid="g4")]
    by_unit = desk.hub.incidents[desk.open(unit="v4")]

    assert (by_point.place_source, by_point.grid) == (PlaceSource.OPERATOR, "g1")
    assert called(by_point) == ["v1", "v2", "v3", "v4", "g1", "p1"]
    assert (by_point.taken_by, by_point.words) == (WANG, "来电")
    assert (by_grid.grid, by_grid.lon) == ("g4", None)
    assert (by_unit.sender, by_unit.place_source) == ("v4", PlaceSource.LAST_FIX)


def test_an_incident_told_in_words_only_waits_for_a_person() -> None:
    """Near to what? The operator sends units by name."""
    desk = patrol()

    incident = desk.hub.incidents[desk.open(words="河边有人呼救")]
    desk.wait(100)

    assert (called(incident), incident.phase) == ([], Phase.ACKNOWLEDGED)

    order = desk.assign(incident, "v3")

    assert desk.assignment(order).by == WANG
    assert incident.phase is Phase.DISPATCHED


def test_an_operator_may_send_whom_the_rules_would_not() -> None:
    """Off duty, or busy elsewhere: a person may know better."""
    desk = patrol()
    first = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(first, "v2"), AssignmentState.ACCEPTED)
    second = desk.open_by_press("v3", where=at(250))

    desk.sign_off("v4")
    desk.assign(second, "v4")
    busy = desk.assign(second, "v2")

    assert states(first)["v2"] == "accepted"
    assert desk.assignment(busy).state is AssignmentState.OFFERED
    assert desk.sent(OrderMessage, "v4")


def test_an_operators_own_choice_is_not_released_as_enough() -> None:
    """A person said so."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.withdraw(incident, desk.order_of(incident, "p1"))
    order = desk.assign(incident, "p1")

    for unit in ("v2", "v3", "v4"):
        desk.answer(desk.order_of(incident, unit), AssignmentState.ACCEPTED)

    assert desk.assignment(order).state is AssignmentState.OFFERED


def test_closing_releases_every_unit_and_its_radio_is_told_until_it_heard() -> None:
    """Nobody walks to what is over."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.answer(order, AssignmentState.ACCEPTED)

    desk.close(incident, Disposition.FALSE_ALARM, words="误按")

    assert incident.phase is Phase.FALSE
    assert set(states(incident).values()) == {"withdrawn"}
    assert not desk.hub.live.columns.busy.any()
    desk.wait(5)
    assert len(desk.sent(CancelMessage, "v2")) == 3


def test_a_duplicate_names_another_incident_that_is_none_itself() -> None:
    """Two lines on the list must not point at each other."""
    desk = patrol()
    first = desk.open_by_press("v1", where=at(250))
    second = desk.open_by_press("v2", where=at(250))

    for named in (None, second.incident, IncidentId("town-20200101-001")):
        with pytest.raises(RefusedError):
            desk.close(second, Disposition.DUPLICATE, duplicate_of=named)
    with pytest.raises(UnfitCommandError):
        desk.close(second, Disposition.RESOLVED, duplicate_of=first.incident)
    desk.close(second, Disposition.DUPLICATE, duplicate_of=first.incident)
    with pytest.raises(UnfitCommandError):
        desk.close(first, Disposition.DUPLICATE, duplicate_of=second.incident)

    assert (second.phase, second.duplicate_of) == (Phase.DUPLICATE, first.incident)


def test_reopened_it_rings_again_and_calls_again() -> None:
    """It was not over: unacknowledged, from the first rung, and whoever was asked may be again."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    first = called(incident)
    desk.close(incident)
    desk.wait(20)

    desk.reopen(incident)

    assert (incident.taken_by, incident.closed_t, incident.disposition) == (None, None, None)
    assert called(incident) == first * 2
    assert incident.phase_times[Phase.REOPENED] == desk.now
    desk.wait(10)
    assert [rung.value for _, rung, _ in incident.escalations] == ["louder"]


def test_a_revoked_radio_is_cut_off_and_its_orders_are_taken_back() -> None:
    """Its connection, its orders, and its place among those who may be called."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.revoke("v2")
    desk.revoke("v2")

    assert [each.radio for each in desk.outgoing if isinstance(each, KickRadio)] == ["v2"]
    assert len(desk.of(RadioRevoked)) == 1
    assert states(incident)["v2"] == "withdrawn"
    desk.forget_sent()
    desk.give(press("v2", t=desk.now))
    assert desk.hub.counts["press_refused_revoked_radio"] == 1
    with pytest.raises(UnfitCommandError):
        desk.assign(incident, "v2")


def test_what_cannot_be_done_is_refused_with_a_reason_and_leaves_no_trace() -> None:
    """Every refusal says which and why, and the journal does not hear of it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.answer(order, AssignmentState.DECLINED)
    before, version = len(desk.facts), incident.version

    refused: list[tuple[type[RefusedError], object]] = [
        (UnfitCommandError, lambda: desk.open(words="")),
        (UnfitCommandError, lambda: desk.open(words="长" * 501)),
        (UnfitCommandError, lambda: desk.open(by="")),
        (UnfitCommandError, lambda: desk.open(community="elsewhere")),
        (UnfitCommandError, lambda: desk.open(lon=1.0)),
        (UnfitCommandError, lambda: desk.open(lon=math.nan, lat=1.0)),
        (UnfitCommandError, lambda: desk.open(lon=1.0, lat=91.0)),
        (UnfitCommandError, lambda: desk.open(grid="nowhere")),
        (UnknownUnitError, lambda: desk.open(unit="nobody")),
        (UnknownUnitError, lambda: desk.assign(incident, "nobody")),
        (UnfitCommandError, lambda: desk.assign(incident, "v1")),
        (WrongPhaseError, lambda: desk.assign(incident, "v3")),
        (WrongPhaseError, lambda: desk.withdraw(incident, order)),
        (UnknownAssignmentError, lambda: desk.withdraw(incident, AssignmentId("x/1"))),
        (WrongPhaseError, lambda: desk.reopen(incident)),
        (UnfitCommandError, lambda: desk.note(incident, " ")),
        (UnfitCommandError, lambda: desk.note(incident, "长" * 5_001)),
        (UnknownUnitError, lambda: desk.revoke("nobody")),
    ]
    for kind, ask in refused:
        with pytest.raises(kind):
            ask()  # type: ignore[operator]  # each is a question without arguments

    assert (len(desk.facts), incident.version) == (before, version)
    assert desk.hub.counts["command_refused"] == len(refused)


def test_what_has_ended_takes_no_more_commands_but_notes_and_reopening() -> None:
    """The story may still be completed."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    incident = desk.open_by_press("v1")
    desk.close(incident)

    for ask in (
        lambda: desk.took(incident),
        lambda: desk.assign(incident, "v2"),
        lambda: desk.close(incident),
    ):
        with pytest.raises(WrongPhaseError):
            ask()
    with pytest.raises(UnknownIncidentError):
        desk.ask(
            TakeIncident(command=CommandId("y"), by=WANG, incident=IncidentId("town-20200101-001"))
        )
    desk.note(incident)

    assert incident.story[-1].t == desk.now
