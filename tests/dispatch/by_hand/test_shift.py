"""Who has what: taking, taking over, handing a shift to the next, exercises."""

import pytest

from dispatch.commands import HandOverShift, ReviseIncident, StartDrill
from dispatch.errors import HeldError, StaleLeaseError, UnfitCommandError, UnknownDrillError
from dispatch.events import DrillEnded, IncidentTaken, ShiftHandedOver
from dispatch.ids import CommandId, CommunityId, OperatorName, UnitId
from dispatch.outgoing import ConfigMessage, OrderMessage, SeenMessage
from dispatch.words import Disposition, FalseReason, Kind, Phase
from tests.builders import LI, TOWN, WANG, at, called, patrol


def test_taking_over_needs_a_reason_and_the_holder_changes_nothing() -> None:
    """Nobody loses an incident by somebody else's slip of the hand."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.took(incident)
    desk.took(incident)
    with pytest.raises(HeldError) as refusal:
        desk.took(incident, LI, words="  ")
    desk.took(incident, LI, words="王去开门")

    assert refusal.value.facts["held_by"] == WANG
    taken = [fact for fact in desk.facts if isinstance(fact, IncidentTaken)]
    assert [(each.by, each.taken_from, each.lease) for each in taken] == [
        (WANG, None, 1),
        (LI, WANG, 2),
    ]
    assert taken[1].words is not None
    assert taken[1].words.value == "王去开门"
    assert (incident.taken_by, incident.phase) == (LI, Phase.DISPATCHED)


def test_what_the_former_holder_still_sends_is_refused() -> None:
    """Their page had not heard yet."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    lease = incident.lease
    desk.took(incident, LI, words="接管")

    with pytest.raises(StaleLeaseError) as refusal:
        desk.do(ReviseIncident, incident, lease=lease)

    assert refusal.value.facts["held_by"] == LI
    assert incident.priority == 1


def test_a_shift_is_handed_over_whole_to_somebody_who_is_there() -> None:
    """All open work of mine; what others have, and what has ended, stays."""
    desk = patrol(volunteers=5)
    desk.present(WANG, LI)
    mine = [desk.open_by_press(name) for name in ("v1", "v2")]
    theirs, ended = desk.open_by_press("v3"), desk.open_by_press("v4")
    for each in (*mine, ended):
        desk.took(each)
    desk.took(theirs, OperatorName("张"))
    desk.close(ended)
    leases = [each.lease for each in mine]

    desk.hand_shift(words="两起未结")

    assert [each.taken_by for each in (*mine, theirs)] == [LI, LI, "张"]
    assert [each.lease for each in mine] == [lease + 1 for lease in leases]
    (fact,) = (fact for fact in desk.facts if isinstance(fact, ShiftHandedOver))
    assert fact.incidents == tuple(each.incident for each in mine)
    assert fact.words is not None
    assert fact.words.value == "两起未结"
    with pytest.raises(StaleLeaseError):
        desk.do(ReviseIncident, mine[0], lease=leases[0])


def test_the_sender_sees_who_has_it_after_the_shift() -> None:
    """``seen by NAME`` must name somebody who is there."""
    desk = patrol()
    desk.present(WANG, LI)
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)

    desk.hand_shift()
    desk.wait(5)

    assert [message.by for message in desk.sent(SeenMessage, "v1")] == [WANG, LI]


@pytest.mark.parametrize(
    "to", [WANG, OperatorName("不在"), OperatorName(""), OperatorName("长" * 41)]
)
def test_a_shift_is_not_handed_to_nobody(to: OperatorName) -> None:
    """To oneself, or to somebody at no console, it would be given to the wall."""
    desk = patrol()
    desk.present(WANG, LI)
    incident = desk.open_by_press("v1", where=at(250))
    desk.took(incident)
    facts = len(desk.facts)

    with pytest.raises(UnfitCommandError):
        desk.hand_shift(to=to)

    assert incident.taken_by == WANG
    assert len(desk.facts) == facts


def test_an_exercise_begins_and_ends_and_radios_on_duty_are_told() -> None:
    """Every screen looks different while it is on."""
    desk = patrol(volunteers=2)
    desk.sign_off("v2")
    desk.forget_sent()

    drill = desk.start_drill()
    assert desk.hub.drills == {TOWN: (drill, "夜间演练")}
    desk.end_drill(drill)

    assert [m.drill for m in desk.sent(ConfigMessage, "v1")] == ["夜间演练", ""]
    assert desk.sent(ConfigMessage, "v2") == []
    assert desk.hub.drills == {}
    assert len(desk.of(DrillEnded)) == 1
    desk.start_drill()
    desk.forget_sent()
    desk.sign_on("v2")
    assert [m.drill for m in desk.sent(ConfigMessage, "v2")] == ["夜间演练"]


def test_one_exercise_at_a_time_and_only_its_own_end_ends_it() -> None:
    """Which exercise a press belongs to must be plain."""
    desk = patrol()
    drill = desk.start_drill()

    for name in ("又一次", "", "长" * 41, "有\x07铃"):
        with pytest.raises(UnfitCommandError):
            desk.start_drill(name)
    desk.end_drill(drill)
    with pytest.raises(UnknownDrillError):
        desk.end_drill(drill)

    for name in ("", "长" * 41, "有\x07铃"):
        with pytest.raises(UnfitCommandError):
            desk.start_drill(name)
    desk.wait(1)
    assert desk.start_drill("又一次") != drill


def test_a_press_that_says_drill_outside_an_exercise_is_real() -> None:
    """A radio left in exercise mode may be in somebody's hand who needs help."""
    desk = patrol()
    before = desk.open_by_press("v1", where=at(250), drill=True)
    drill = desk.start_drill()
    during = desk.open_by_press("v2", where=at(350), drill=True)
    real = desk.open_by_press("v3", where=at(450), drill=False)
    desk.end_drill(drill)
    after = desk.open_by_press("v4", where=at(550), drill=True)

    assert [each.drill for each in (before, during, real, after)] == [None, drill, None, None]


def test_an_exercise_never_meets_what_is_real() -> None:
    """The same person, place and kind: a real press opens what is real, and calls off nobody's
    rescue for an exercise."""
    desk = patrol()
    drill = desk.start_drill()
    exercise = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE, drill=True)
    assert all(order.drill for order in desk.sent(OrderMessage))

    real = desk.open_by_press("v1", counter=2, where=at(250), kind=Kind.FIRE)
    near = desk.open_by_press("v2", where=at(260), kind=Kind.FIRE, drill=True)

    assert real is not exercise
    assert (exercise.drill, real.drill) == (drill, None)
    assert near is exercise
    assert set(called(real)) >= {"v3", "v4", "g1"}


def test_an_exercise_is_in_nobodys_record() -> None:
    """Neither whether one came, nor a false alarm."""
    desk = patrol()
    desk.start_drill()
    incident = desk.open_by_press("v1", where=at(250), drill=True)
    desk.wait(40)

    desk.close(incident, Disposition.FALSE_ALARM, false_reason=FalseReason.RADIO_FAULT)

    assert desk.hub.records.of(UnitId("v2"), desk.now).asked == 0
    assert desk.hub.records.false_alarms(UnitId("v1"), desk.now) == 0


def test_an_incident_by_phone_may_belong_to_the_exercise() -> None:
    """The one who plays the caller says so."""
    desk = patrol()
    drill = desk.start_drill()

    incident = desk.hub.incidents[desk.open(grid="g1", drill=True)]

    assert incident.drill == drill
    assert desk.restarted().hub.drills == desk.hub.drills


def test_a_community_that_is_not_on_the_roster_has_neither_shift_nor_exercise() -> None:
    """The request names it; the roster decides."""
    desk = patrol()
    desk.present(WANG, LI)
    elsewhere = CommunityId("elsewhere")
    begin = StartDrill(command=CommandId("d"), by=WANG, community=elsewhere, name="演练")
    shift = HandOverShift(command=CommandId("s"), by=WANG, community=elsewhere, to=LI)

    for command in (begin, shift):
        with pytest.raises(UnfitCommandError):
            desk.ask(command)

    assert desk.hub.drills == {}
