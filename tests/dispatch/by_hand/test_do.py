"""Every request: done once, refused whole, and told who is in the way."""

import math
from collections.abc import Callable

import pytest

from dispatch.commands import (
    AddNote,
    AnswerCancel,
    AssignUnit,
    BeginStep,
    CallMore,
    ChangePlan,
    CloseIncident,
    Command,
    ExportIncident,
    HandOver,
    HandOverShift,
    HoldCalls,
    IncidentCommand,
    LinkIncident,
    MergeIncident,
    OpenIncident,
    RecordCallback,
    ReopenIncident,
    ReviseIncident,
    RevisePlace,
    SplitIncident,
    StartDrill,
    TakeIncident,
    TickItem,
    WithdrawUnit,
)
from dispatch.errors import (
    HeldError,
    RefusedError,
    StaleLeaseError,
    StaleVersionError,
    UnfitCommandError,
    UnknownAssignmentError,
    UnknownDrillError,
    UnknownIncidentError,
    UnknownUnitError,
    WrongPhaseError,
)
from dispatch.events import IncidentClosed, IncidentTaken
from dispatch.ids import AssignmentId, CommandId, DrillId, IncidentId, OperatorName
from dispatch.incident import Incident
from dispatch.words import AssignmentState, Disposition, Kind
from tests.builders import LI, NOON, TOWN, WANG, Shell, at, patrol, shell, volunteer

STEERS: list[type[IncidentCommand]] = [
    ReviseIncident,
    RevisePlace,
    ChangePlan,
    HoldCalls,
    BeginStep,
    CallMore,
    LinkIncident,
    MergeIncident,
    SplitIncident,
    AnswerCancel,
    AssignUnit,
    WithdrawUnit,
    CloseIncident,
]
"""What only the holder of an incident may ask for; anybody where nobody holds it."""

BESIDE: list[type[IncidentCommand]] = [TickItem, HandOver]
"""What whoever did it may say, while the incident is open."""

AFTER: list[type[IncidentCommand]] = [ReopenIncident, RecordCallback]

ANYTIME: list[type[IncidentCommand]] = [AddNote, ExportIncident]
"""These change nothing that somebody could decide on, and are never stale."""


def said(desk: Shell, incident: Incident, asked: type[IncidentCommand]) -> dict[str, object]:
    """What this command needs to say of other things, so that it could be done."""
    match asked.__name__:
        case "LinkIncident":
            return {"other": desk.open(words="另一件")}
        case "MergeIncident":
            desk.sign_on("v4", at(1_900))
            return {"into": desk.open_by_press("v4").incident}
        case "CallMore":
            desk.do(HoldCalls, incident)
            desk.sign_off("v4")
            desk.sign_on("v4", at(550))
        case "SplitIncident":
            return {"alarms": (desk.press("v1", 9),)}
        case "AssignUnit":
            desk.sign_off("v4")
            return {"unit": "v4"}
        case "WithdrawUnit":
            return {"assignment": desk.order_of(incident, "v2")}
        case "AnswerCancel":
            desk.call_off(incident.alarms[0])
    return {}


def test_the_same_command_twice_is_done_once_and_answered_alike() -> None:
    """A double click, or a page that did not hear the answer."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    take = TakeIncident(command=CommandId("x"), by=WANG, incident=incident.incident)

    first, second = desk.ask(take), desk.ask(take)

    assert first == second
    assert len(desk.of(IncidentTaken)) == 1


@pytest.mark.parametrize("asked", [*STEERS, *BESIDE, *ANYTIME])
def test_every_request_is_done_once_however_often_it_is_sent(asked: type[IncidentCommand]) -> None:
    """Each carries its own id; also over a restart, where the journal remembers it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    more = said(desk, incident, asked)

    first = desk.do(asked, incident, command="once", **more)
    facts = len(desk.facts)
    assert desk.do(asked, incident, command="once", **more) == first
    assert len(desk.facts) == facts

    after = desk.restarted()
    facts = len(after.facts)
    assert after.do(asked, incident, command="once", **more).subject == first.subject
    assert len(after.facts) == facts


def test_shifts_and_exercises_too_are_remembered_over_a_restart() -> None:
    """A drill must not be refused as begun already by whoever began it."""
    desk = patrol()
    desk.present(WANG, LI)
    drill = StartDrill(command=CommandId("d"), by=WANG, community=TOWN, name="夜间演练")
    shift = HandOverShift(command=CommandId("s"), by=WANG, community=TOWN, to=LI)
    asked: list[Command] = [drill, shift]
    first = [desk.ask(each) for each in asked]

    after = desk.restarted()
    after.present(WANG, LI)
    facts = len(after.facts)

    assert [after.ask(each) for each in asked] == first
    assert len(after.facts) == facts


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


@pytest.mark.parametrize("asked", [TakeIncident, *STEERS, *BESIDE])
def test_what_was_decided_on_an_old_picture_is_refused(asked: type[IncidentCommand]) -> None:
    """Nobody decides on what they no longer see; the refusal tells the present version."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    more = said(desk, incident, asked)
    seen = incident.version
    desk.answer(desk.order_of(incident, "v3"), AssignmentState.ACCEPTED)
    facts = len(desk.facts)

    with pytest.raises(StaleVersionError) as refusal:
        desk.do(asked, incident, based_on=seen, **more)

    assert refusal.value.facts["version"] == incident.version
    assert len(desk.facts) == facts
    desk.do(asked, incident, based_on=incident.version, **more)


@pytest.mark.parametrize("asked", ANYTIME)
def test_writing_down_is_never_stale(asked: type[IncidentCommand]) -> None:
    """It loses nothing, and nobody decides by it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    seen = incident.version
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ACCEPTED)

    desk.do(asked, incident, based_on=seen, lease=99)

    assert incident.story[-1].t == desk.now


@pytest.mark.parametrize("asked", STEERS)
def test_only_the_holder_steers(asked: type[IncidentCommand]) -> None:
    """Two who pull at one incident tear it; the refusal says who has it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    more = said(desk, incident, asked)
    desk.took(incident, LI)
    facts = len(desk.facts)

    with pytest.raises(HeldError) as refusal:
        desk.do(asked, incident, **more)

    assert refusal.value.facts["held_by"] == LI
    assert len(desk.facts) == facts
    desk.do(asked, incident, by=LI, **more)


@pytest.mark.parametrize("asked", [*BESIDE, *ANYTIME])
def test_who_helps_the_holder_says_so_without_taking_over(asked: type[IncidentCommand]) -> None:
    """One speaks with the sender, the other calls 110 and ticks it off."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident, LI)

    desk.do(asked, incident, by=WANG)

    assert incident.taken_by == LI


@pytest.mark.parametrize("asked", [*STEERS, *BESIDE])
def test_a_lease_that_was_taken_over_counts_no_more(asked: type[IncidentCommand]) -> None:
    """The former holder's page is behind; also where they have it back under a new lease."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    more = said(desk, incident, asked)
    desk.took(incident)
    old = incident.lease
    desk.took(incident, LI, words="王去开门")
    desk.took(incident, WANG, words="回来了")

    with pytest.raises(StaleLeaseError) as refusal:
        desk.do(asked, incident, lease=old, **more)

    assert (refusal.value.facts["present"], refusal.value.facts["held_by"]) == (old + 2, WANG)
    desk.do(asked, incident, lease=incident.lease, **more)


@pytest.mark.parametrize("asked", [TakeIncident, *STEERS, *BESIDE])
def test_what_has_ended_is_steered_no_more(asked: type[IncidentCommand]) -> None:
    """The refusal says how it stands."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    more = said(desk, incident, asked)
    desk.close(incident)

    with pytest.raises(WrongPhaseError):
        desk.do(asked, incident, **more)


@pytest.mark.parametrize("asked", AFTER)
def test_what_comes_after_the_end_does_not_come_before(asked: type[IncidentCommand]) -> None:
    """Nothing to reopen, nobody to be content."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(WrongPhaseError):
        desk.do(asked, incident)
    desk.close(incident)
    with pytest.raises(StaleVersionError):
        desk.do(asked, incident, based_on=1)

    desk.do(asked, incident, based_on=incident.version)


@pytest.mark.parametrize("asked", [TakeIncident, *STEERS, *BESIDE, *AFTER, AddNote])
def test_an_incident_nobody_knows_is_refused_by_name(asked: type[IncidentCommand]) -> None:
    """Whatever stands in the request, it is told cut and printable."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    more = said(desk, incident, asked)
    facts = len(desk.facts)
    unknown = IncidentId("town-20200101-001")

    with pytest.raises(UnknownIncidentError):
        desk.do(asked, incident, incident=unknown, **more)

    assert len(desk.facts) == facts


def test_ten_operators_press_the_same_button_and_one_has_it() -> None:
    """Nine are told who, and nobody's click is lost without a word."""
    desk = patrol()
    names = [OperatorName(f"操作员{n}") for n in range(10)]
    desk.present(*names)
    incident = desk.open_by_press("v1", where=at(250))
    seen = incident.version
    refused = []

    for name in names:
        try:
            desk.took(incident, name)
        except HeldError as error:
            refused.append(error.facts["held_by"])

    assert incident.taken_by == names[0]
    assert refused == [names[0]] * 9
    assert len(desk.of(IncidentTaken)) == 1
    with pytest.raises(StaleVersionError):
        desk.took(incident, names[1], words="我来", based_on=seen)


def test_commands_out_of_order_are_refused_and_leave_the_incident_as_it_was() -> None:
    """Closed before opened, released before sent, answered before asked: a page may do anything."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.answer(order, AssignmentState.DECLINED)
    facts, version = len(desk.facts), incident.version
    asks: list[Callable[[], object]] = [
        lambda: desk.reopen(incident),
        lambda: desk.withdraw(incident, order),
        lambda: desk.do(AnswerCancel, incident),
        lambda: desk.do(HoldCalls, incident, held=False),
        lambda: desk.do(RecordCallback, incident),
        lambda: desk.do(SplitIncident, incident, alarms=tuple(incident.alarms)),
        lambda: desk.end_drill(DrillId("town-drill-1")),
    ]

    for ask in asks:
        with pytest.raises(RefusedError):
            ask()

    assert (len(desk.facts), incident.version) == (facts, version)
    desk.took(incident)
    desk.close(incident)
    assert not incident.open


def test_a_clock_that_steps_back_leaves_nothing_stuck() -> None:
    """The shell's clock never does; should it all the same, work goes on and waits are only
    longer."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.wait(45)
    desk.took(incident)

    desk.now = NOON - 3_600_000_000
    for name in ("v2", "v3"):
        desk.answer(desk.order_of(incident, name), AssignmentState.ACCEPTED)
    desk.do(ReviseIncident, incident)
    desk.do(HoldCalls, incident)
    desk.do(HoldCalls, incident, held=False)
    other = desk.open_by_press("v4", where=at(1_900), kind=Kind.FIRE)
    desk.close(incident)
    desk.reopen(incident)
    desk.jump(1)
    desk.wait(7_300)

    assert incident.open
    assert other.open
    due = desk.hub.next_deadline()
    assert due is None or due > desk.now
    desk.close(incident)
    desk.close(other)


def test_what_cannot_be_done_is_refused_with_a_reason_and_leaves_no_trace() -> None:
    """Every refusal says which and why, and the journal does not hear of it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    order = desk.order_of(incident, "v2")
    desk.answer(order, AssignmentState.DECLINED)
    before, version = len(desk.facts), incident.version

    refused: list[tuple[type[RefusedError], Callable[[], object]]] = [
        (UnfitCommandError, lambda: desk.open(words="")),
        (UnfitCommandError, lambda: desk.open(words="长" * 501)),
        (UnfitCommandError, lambda: desk.open(by="")),
        (UnfitCommandError, lambda: desk.open(by="长" * 41)),
        (UnfitCommandError, lambda: desk.open(community="elsewhere")),
        (UnfitCommandError, lambda: desk.open(lon=1.0)),
        (UnfitCommandError, lambda: desk.open(lon=math.nan, lat=1.0)),
        (UnfitCommandError, lambda: desk.open(lon=1.0, lat=91.0)),
        (UnfitCommandError, lambda: desk.open(grid="nowhere")),
        (UnfitCommandError, lambda: desk.open(priority=5)),
        (UnfitCommandError, lambda: desk.open(plan="default-1/none")),
        (UnfitCommandError, lambda: desk.open(caller_name="长" * 61)),
        (UnfitCommandError, lambda: desk.open(caller_phone="1" * 61)),
        (UnfitCommandError, lambda: desk.open(drill=True)),
        (UnknownUnitError, lambda: desk.open(unit="nobody")),
        (UnknownUnitError, lambda: desk.assign(incident, "nobody")),
        (UnfitCommandError, lambda: desk.assign(incident, "v1")),
        (WrongPhaseError, lambda: desk.assign(incident, "v3")),
        (WrongPhaseError, lambda: desk.withdraw(incident, order)),
        (UnknownAssignmentError, lambda: desk.withdraw(incident, AssignmentId("x/1"))),
        (WrongPhaseError, lambda: desk.reopen(incident)),
        (UnfitCommandError, lambda: desk.note(incident, " ")),
        (UnfitCommandError, lambda: desk.note(incident, "长" * 5_001)),
        (UnfitCommandError, lambda: desk.do(ExportIncident, incident, seal="AB" * 32)),
        (UnfitCommandError, lambda: desk.do(TickItem, incident, item="nothing")),
        (UnknownUnitError, lambda: desk.revoke("nobody")),
        (UnknownDrillError, lambda: desk.end_drill(DrillId("x"))),
    ]
    for kind, ask in refused:
        with pytest.raises(kind):
            ask()

    assert (len(desk.facts), incident.version) == (before, version)
    assert desk.hub.counts["command_refused"] == len(refused)


def test_what_has_ended_takes_notes_and_may_be_reopened() -> None:
    """The story may still be completed."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    incident = desk.open_by_press("v1")
    desk.close(incident)

    with pytest.raises(WrongPhaseError):
        desk.close(incident)
    desk.note(incident)

    assert incident.story[-1].t == desk.now
    desk.reopen(incident)
    assert incident.open


def test_a_request_to_open_is_answered_with_what_it_made() -> None:
    """The page goes there."""
    desk = patrol()

    reply = desk.ask(
        OpenIncident(command=CommandId("o"), by=WANG, community=TOWN, kind=Kind.SOS, words="来电")
    )

    incident = desk.hub.incidents[IncidentId(reply.subject)]
    assert reply.version == incident.version
