"""One alarm from the press to the close, turn by turn."""

import dataclasses

import pytest

from dispatch.commands import AddNote, TakeIncident
from dispatch.errors import KeyReusedError
from dispatch.events import (
    AlarmReceived,
    AssignmentWithdrawn,
    IncidentOpened,
    ResponseDecided,
    StepBegun,
    UnitAssigned,
)
from dispatch.ids import CommandId, OperatorName
from dispatch.messages import AlarmStored, DecideAlarm
from dispatch.outgoing import CancelMessage, OrderMessage, SeenMessage, StoredMessage
from dispatch.readings import Heard
from dispatch.words import AssignmentState, Phase
from tests.builders import NOON, WANG, at, called, patrol, press, shell, states, volunteer


def test_a_press_is_stored_before_anything_else_is_done() -> None:
    """Turn one emits one fact and changes nothing: what is not on disk was not promised."""
    desk = shell(volunteer("v1"))

    effects = desk.hub.handle(press("v1"), NOON)

    assert [type(fact) for fact in effects.facts] == [AlarmReceived]
    assert effects.outgoing == ()
    assert effects.follow == ()
    assert desk.hub.alarms == {}


def test_only_a_stored_press_is_acknowledged_and_then_decided() -> None:
    """``stored`` waits for the commit, and deciding is a turn of its own."""
    desk = shell(volunteer("v1"))
    fact = desk.hub.handle(press("v1"), NOON).facts[0]
    assert isinstance(fact, AlarmReceived)

    effects = desk.hub.handle(AlarmStored(fact=fact), NOON)

    assert effects.facts == ()
    assert effects.follow == (DecideAlarm(alarm=fact.alarm),)
    stored = [each for each in effects.outgoing if getattr(each, "needs_commit", False)]
    assert len(stored) == 1


def test_one_alarm_from_press_to_close() -> None:
    """The whole of it: stored, opened, decided, called, answered, taken, seen, closed."""
    desk = patrol()

    alarm = desk.press("v1", where=at(250))

    incident = desk.incident_of(alarm)
    assert [type(f) for f in desk.facts[-9:-5]] == [
        AlarmReceived,
        IncidentOpened,
        StepBegun,
        ResponseDecided,
    ]
    assert incident.incident == "town-20260529-001"
    assert (incident.phase, incident.grid, incident.priority) == (Phase.DISPATCHED, "g1", 1)
    assert called(incident) == ["v2", "v3", "v4", "g1", "p1"]
    assert [m.subject for m in desk.sent(StoredMessage, "v1")] == [f"{'0123456789abcdef'}:1"]
    order = desk.sent(OrderMessage, "v2")[0]
    assert (order.grid, order.near, order.bearing) == ("第1网格", "幼儿园", "at")
    assert (order.sender, order.state) == ("呼号v1", AssignmentState.OFFERED)

    for unit in called(incident):
        desk.answer(desk.order_of(incident, unit), AssignmentState.RECEIVED)
        desk.answer(desk.order_of(incident, unit), AssignmentState.ACCEPTED)
    desk.took(incident)
    desk.hear("v1", Heard.SEEN, alarm)
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.EN_ROUTE)
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ON_SCENE)

    assert incident.phase == "on_scene"
    assert desk.sent(OrderMessage, "v2")[-1].state is AssignmentState.ON_SCENE
    assert [m.by for m in desk.sent(SeenMessage, "v1")] == ["王"]

    desk.answer(desk.order_of(incident, "v2"), AssignmentState.CLEAR)
    desk.close(incident)

    assert incident.phase == "closed"
    assert states(incident)["v2"] == "clear"
    assert desk.of(AssignmentWithdrawn) == ["v3", "v4", "g1", "p1"]
    assert {m.reason for m in desk.sent(CancelMessage)} == {"incident_ended"}
    assert len(desk.of(UnitAssigned)) == 5
    decision = incident.decisions[0]
    # As many as there are were asked, and as many as are wanted: none is short. Few are sure.
    assert (decision.step, decision.short) == ("near", {})
    assert decision.missing == {"volunteer": 3, "guard": 1, "police": 1}
    assert decision.chance is not None
    assert decision.chance < 0.9


def test_an_id_given_to_two_commands_is_refused_the_second_time() -> None:
    """A note that came under the id of a taking would else be answered as done, and be lost."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.ask(TakeIncident(command=CommandId("k"), by=WANG, incident=incident.incident))

    with pytest.raises(KeyReusedError):
        desk.ask(AddNote(command=CommandId("k"), by=WANG, incident=incident.incident, words="x"))


def test_an_id_answers_one_asker_one_thing_in_one_wording() -> None:
    """A note about another incident, or by another person, was answered as the first one was and
    never written: whoever wrote it believed that it stood in the file."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250)).incident
    two = desk.open_by_press("v2", where=at(350)).incident
    note = AddNote(command=CommandId("k"), by=WANG, incident=one, words="x")
    told = desk.ask(note)

    assert desk.ask(dataclasses.replace(note, based_on=3, lease=1)) == told
    for other in (
        dataclasses.replace(note, by=OperatorName("李")),
        dataclasses.replace(note, incident=two),
        dataclasses.replace(note, words="y"),
    ):
        with pytest.raises(KeyReusedError):
            desk.ask(other)
