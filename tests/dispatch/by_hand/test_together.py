"""Incidents that are one, have to do with each other, or are two after all."""

import pytest

from dispatch.commands import LinkIncident, MergeIncident, SplitIncident
from dispatch.errors import (
    HeldError,
    RefusedError,
    UnfitCommandError,
    UnknownIncidentError,
    WrongPhaseError,
)
from dispatch.events import AlarmLeft, IncidentOpened
from dispatch.hub import Hub
from dispatch.ids import AlarmId, CommunityId, IncidentId
from dispatch.incident import Incident
from dispatch.live import LiveTable
from dispatch.outgoing import CancelMessage, OrderMessage, SeenMessage
from dispatch.readings import Heard
from dispatch.roster import Roster
from dispatch.words import AssignmentState, Disposition, Kind, Linked, Phase, WithdrawReason
from tests.builders import (
    LI,
    TOWN,
    WANG,
    Shell,
    at,
    called,
    patrol,
    press,
    settings,
    states,
    town,
    volunteer,
)


def two(desk: Shell) -> tuple[Incident, Incident]:
    """Two alarms of different people."""
    return desk.open_by_press("v1", where=at(250)), desk.open_by_press("v2", where=at(350))


def merge(desk: Shell, incident: Incident, into: Incident, **said: object) -> None:
    """An operator finds that it is the other one."""
    desk.do(MergeIncident, incident, into=into.incident, **said)


# --- linked ---


def test_linked_each_says_so_and_apart_again() -> None:
    """They stay two; somebody has looked."""
    desk = patrol()
    one, other = two(desk)

    desk.do(LinkIncident, one, other=other.incident)
    assert (one.links[other.incident], other.links[one.incident]) == (Linked.LINKED,) * 2
    desk.do(LinkIncident, other, other=one.incident, linked=False)

    assert (one.links[other.incident], other.links[one.incident]) == (Linked.APART,) * 2


def test_linked_twice_is_once() -> None:
    """The second would only make other requests stale."""
    desk = patrol()
    one, other = two(desk)
    desk.do(LinkIncident, one, other=other.incident)
    version = other.version

    desk.do(LinkIncident, one, other=other.incident)

    assert other.version == version


def test_it_may_be_linked_to_what_has_ended_but_not_to_itself_or_nothing() -> None:
    """Yesterday's quarrel has to do with today's."""
    desk = patrol()
    one, other = two(desk)
    desk.close(other)

    desk.do(LinkIncident, one, other=other.incident)
    with pytest.raises(UnfitCommandError):
        desk.do(LinkIncident, one, other=one.incident)
    with pytest.raises(UnknownIncidentError):
        desk.do(LinkIncident, one, other=IncidentId("town-20200101-001"))

    assert other.links == {one.incident: Linked.LINKED}


# --- merged ---


def test_merged_its_presses_move_and_it_ends_as_a_duplicate_that_both_tell() -> None:
    """Nothing is hidden: the story stays, and each press says where it went."""
    desk = patrol()
    one, other = two(desk)
    alarm = one.alarms[0]

    merge(desk, one, other)

    assert (one.phase, one.duplicate_of, one.alarms) == (Phase.DUPLICATE, other.incident, [])
    assert other.alarms[-1] == alarm
    assert desk.hub.alarms[alarm].incident == other.incident
    assert alarm in other.reporters
    assert (len(other.alarms), other.rings) == (2, 1), "it rang where it came from"
    assert (one.links[other.incident], other.links[one.incident]) == (Linked.MERGED,) * 2
    assert len(desk.of(AlarmLeft)) == 1
    assert {order.state for order in one.assignments.values() if order.live} == set()


@pytest.mark.parametrize(
    "said", [["accepted"], ["accepted", "en_route"], ["accepted", "on_scene"], ["on_scene"]]
)
def test_whoever_is_on_the_way_goes_on_and_need_not_answer_again(said: list[str]) -> None:
    """The old order is taken back, the new one stands where they stand."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))
    other = desk.open_by_press("v2", where=at(350))
    old = desk.order_of(one, "v3")
    for state in said:
        desk.answer(old, AssignmentState(state))
    desk.forget_sent()

    merge(desk, one, other)

    new = desk.assignment(desk.order_of(other, "v3"))
    assert (desk.assignment(old).state.value, new.state.value) == ("withdrawn", said[-1])
    assert desk.assignment(old).withdrawn_for is WithdrawReason.MERGED
    assert (new.carried_from, new.by) == (old, WANG)
    assert [m.reason for m in desk.sent(CancelMessage, "v3")] == ["merged"]
    assert {m.state.value for m in desk.sent(OrderMessage, "v3")} == {said[-1]}
    assert other.phase.value == said[-1]


def test_a_carried_order_is_repeated_until_its_radio_has_it_and_no_longer() -> None:
    """*Received* it says, or what comes next: either shows that it has it."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))
    other = desk.open_by_press("v2", where=at(350))
    for unit in ("v3", "v4"):
        desk.answer(desk.order_of(one, unit), AssignmentState.ACCEPTED)
    merge(desk, one, other)
    desk.wait(5)
    assert len(desk.sent(OrderMessage, "v3")) > 3

    desk.answer(desk.order_of(other, "v3"), AssignmentState.RECEIVED)
    desk.answer(desk.order_of(other, "v4"), AssignmentState.EN_ROUTE)
    desk.forget_sent()
    desk.wait(60)

    assert desk.sent(OrderMessage, "v3") == []
    assert desk.sent(OrderMessage, "v4") == []
    assert states(other)["v3"] == "accepted"


def test_who_has_not_answered_is_released_and_may_be_asked_for_the_other() -> None:
    """They owe nobody an answer any more."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))
    other = desk.open_by_press("v2", where=at(350))

    merge(desk, one, other)
    assert set(states(one).values()) == {"withdrawn"}
    desk.wait(5)

    assert set(called(other)) >= {"v3", "v4"}


def test_one_who_was_asked_to_both_and_goes_to_one_goes_to_the_other() -> None:
    """An operator had asked for the same person twice."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))
    other = desk.open_by_press("v2", where=at(350))
    desk.answer(desk.order_of(one, "v3"), AssignmentState.EN_ROUTE)
    asked = desk.assign(other, "v3")

    merge(desk, one, other)

    assert desk.assignment(asked).state is AssignmentState.EN_ROUTE
    assert [a.unit for a in other.assignments.values()].count(desk.assignment(asked).unit) == 1


def test_the_one_who_called_for_help_is_not_sent_to_themselves() -> None:
    """The sender of the other one was on the way to this one."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(one, "v2"), AssignmentState.ACCEPTED)
    other = desk.open_by_press("v2", where=at(350))

    merge(desk, one, other)

    assert other.sender == "v2"
    assert "v2" not in called(other)
    assert states(one)["v2"] == "withdrawn"


def test_its_further_presses_join_the_one_it_became() -> None:
    """The radio knows nothing of it."""
    desk = patrol()
    one, other = two(desk)
    merge(desk, one, other)

    alarm = desk.press("v1", 2)

    assert desk.hub.alarms[alarm].incident == other.incident
    assert len(desk.hub.incidents) == 2


def test_its_sender_is_told_who_has_it_now() -> None:
    """They had read another name."""
    desk = patrol()
    one, other = two(desk)
    desk.took(one)
    desk.hear("v1", Heard.SEEN, one.alarms[0])
    desk.took(other, LI)
    desk.took(one, LI, words="接管")
    desk.forget_sent()

    merge(desk, one, other, by=LI)

    assert {message.by for message in desk.sent(SeenMessage, "v1")} == {LI}


def test_a_merged_incident_is_split_off_and_not_reopened() -> None:
    """Its presses are elsewhere: reopened, the same people would be called a second time."""
    desk = patrol()
    one, other = two(desk)
    merge(desk, one, other)

    with pytest.raises(UnfitCommandError, match=other.incident):
        desk.reopen(one)


def test_a_chain_of_merges_ends_in_one() -> None:
    """The smoke was seen from three windows."""
    desk = patrol(volunteers=6)
    one, other = two(desk)
    third = desk.open_by_press("v3", where=at(1_900))
    desk.answer(desk.order_of(one, "v5"), AssignmentState.ACCEPTED)

    merge(desk, one, other)
    merge(desk, other, third)

    assert [each.duplicate_of for each in (one, other, third)] == [
        other.incident,
        third.incident,
        None,
    ]
    assert len(third.alarms) == 3
    last = desk.assignment(desk.order_of(third, "v5"))
    assert last.state is AssignmentState.ACCEPTED
    assert last.carried_from == desk.order_of(other, "v5")
    for each in (one, other):
        with pytest.raises(WrongPhaseError):
            merge(desk, each, third)
        with pytest.raises(WrongPhaseError):
            merge(desk, third, each)
    assert third.open


def test_what_cannot_be_one_is_refused_and_nothing_moves() -> None:
    """Covert and open, exercise and real, two communities, held by another, ended, itself."""
    desk = patrol(volunteers=6)
    drill = desk.start_drill()
    one = desk.open_by_press("v1", where=at(250))
    covert = desk.open_by_press("v2", where=at(350), covert=True)
    exercise = desk.open_by_press("v3", where=at(450), drill=True)
    held = desk.open_by_press("v4", where=at(550))
    ended = desk.open_by_press("v5", where=at(650))
    desk.took(held, LI)
    desk.close(ended)
    assert exercise.drill == drill
    facts = len(desk.facts)

    refused: list[tuple[type[RefusedError], Incident]] = [
        (UnfitCommandError, covert),
        (UnfitCommandError, exercise),
        (HeldError, held),
        (WrongPhaseError, ended),
        (UnfitCommandError, one),
    ]
    for kind, into in refused:
        with pytest.raises(kind):
            merge(desk, one, into)
    with pytest.raises(UnfitCommandError):
        merge(desk, covert, one)

    assert len(desk.facts) == facts
    assert len(one.alarms) == 1


def test_incidents_of_two_communities_stay_two() -> None:
    """Each has its own operators and books."""
    east = CommunityId("east")
    roster = Roster([town(), town(east)], [volunteer("v1"), volunteer("e1", community=east)])
    desk = Shell(Hub(settings=settings(), roster=roster, live=LiveTable(roster)))
    one = desk.open_by_press("v1", where=at(250))
    desk.give(press("e1", t=desk.now, where=at(260), community=east))
    other = next(each for each in desk.hub.incidents.values() if each.community != TOWN)

    for asked, said in ((MergeIncident, "into"), (LinkIncident, "other")):
        with pytest.raises(UnknownIncidentError):
            desk.do(asked, one, **{said: other.incident})

    assert one.links == {}


def test_a_wish_to_call_it_off_is_answered_before_it_moves() -> None:
    """It would stay behind with the one that ends, and the sender wait for ever."""
    desk = patrol()
    one, other = two(desk)
    desk.press("v1", 2)
    desk.call_off(one.alarms[1])

    with pytest.raises(WrongPhaseError):
        merge(desk, one, other)
    with pytest.raises(WrongPhaseError):
        desk.do(SplitIncident, one, alarms=(one.alarms[1],))
    desk.do(SplitIncident, one, alarms=(one.alarms[0],))

    assert one.open


def test_a_merged_pair_is_not_declared_apart() -> None:
    """That would contradict what both tell; reopening is the way back."""
    desk = patrol()
    one, other = two(desk)
    merge(desk, one, other)

    with pytest.raises(UnfitCommandError):
        desk.do(LinkIncident, other, other=one.incident, linked=False)

    assert other.links[one.incident] is Linked.MERGED


def test_a_live_one_merged_into_a_late_one_makes_it_ring_from_now() -> None:
    """Not through all its rungs at once for the hours in which it was only a line in a list."""
    desk = patrol()
    desk.wait(60)
    late = desk.open_by_press("v2", device_t=desk.now - 3_600_000_000)
    desk.wait(600)
    desk.walk("v3", at(450))
    live = desk.open_by_press("v1", where=at(250))
    assert not late.steps

    merge(desk, live, late)

    assert [why for _, _, why in late.escalations if why == "not_taken"] == []
    assert late.round.t == desk.now
    assert late.step is not None
    desk.wait(6)  # its radio is found in reach again within five, and asked in the turn after
    assert "v3" in called(late)


# --- split ---


def pair(desk: Shell) -> tuple[Incident, tuple[AlarmId, ...]]:
    """A fire that two people reported from one street."""
    incident = desk.open_by_press("v1", where=at(250), kind=Kind.FIRE)
    desk.press("v2", where=at(330), kind=Kind.FIRE)
    assert len(incident.alarms) == 2
    return incident, tuple(incident.alarms)


def test_split_the_presses_move_out_and_people_are_called_for_them() -> None:
    """Two fires in one street."""
    desk = patrol(volunteers=12)
    incident, (stays, goes) = pair(desk)

    reply = desk.do(SplitIncident, incident, alarms=(goes,))

    new = desk.hub.incidents[IncidentId(reply.subject)]
    assert (incident.alarms, new.alarms) == ([stays], [goes])
    assert desk.hub.alarms[goes].incident == new.incident
    assert (new.sender, new.kind, new.priority) == ("v2", Kind.FIRE, incident.priority)
    assert (new.lon, new.lat) == at(330)
    assert (new.links[incident.incident], incident.links[new.incident]) == (Linked.SPLIT,) * 2
    assert new.linked_to == incident.incident
    assert goes not in incident.reporters
    assert new.step is not None
    assert new.decisions
    fact = next(f for f in desk.facts if isinstance(f, IncidentOpened) and f.by == WANG)
    assert fact.command is not None


def test_all_of_them_none_or_foreign_ones_are_no_split() -> None:
    """Something must stay behind, and something must go."""
    desk = patrol()
    incident, alarms = pair(desk)
    other = desk.open_by_press("v4", where=at(1_900))

    for chosen in (alarms, (), tuple(other.alarms), (alarms[0], AlarmId("v9/x/1"))):
        with pytest.raises(UnfitCommandError):
            desk.do(SplitIncident, incident, alarms=chosen)

    assert incident.alarms == list(alarms)


def test_of_another_kind_it_is_as_urgent_as_that_kind() -> None:
    """A joined cry for help was about another matter than the noise."""
    desk = patrol()
    noise = desk.open_by_press("v1", where=at(250), kind=Kind.NUISANCE)
    cry = desk.press("v1", 2, kind=Kind.SOS)
    assert cry in noise.alarms

    new = desk.hub.incidents[IncidentId(desk.do(SplitIncident, noise, alarms=(cry,)).subject)]

    assert (new.kind, new.priority, noise.priority) == (Kind.SOS, 1, 3)


def test_what_is_split_from_a_covert_one_stays_covert() -> None:
    """A duress PIN made it covert; the second press is of the same hand."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    second = desk.press("v1", 2)
    third = desk.press("v1", 3)
    desk.call_off(second, "0")
    assert incident.covert
    desk.forget_sent()

    new = desk.hub.incidents[IncidentId(desk.do(SplitIncident, incident, alarms=(third,)).subject)]

    assert (new.covert, new.priority) == (True, 1)
    assert all(not order.sender for order in desk.sent(OrderMessage))


def test_split_and_merged_again_it_is_as_it_was() -> None:
    """A slip of the hand is mended; the story keeps both."""
    desk = patrol(volunteers=12)
    incident, alarms = pair(desk)
    new = desk.hub.incidents[
        IncidentId(desk.do(SplitIncident, incident, alarms=alarms[1:]).subject)
    ]

    merge(desk, new, incident)

    assert incident.alarms == list(alarms)
    assert new.disposition is Disposition.DUPLICATE
    assert incident.links[new.incident] is Linked.MERGED


def test_a_press_merged_into_a_phone_call_may_be_split_off_again() -> None:
    """The call itself stays behind; so a slip of the hand is mended here, too."""
    desk = patrol()
    call = desk.hub.incidents[desk.open(grid="g1")]
    pressed = desk.open_by_press("v1", where=at(250))
    alarms = tuple(pressed.alarms)
    merge(desk, pressed, call)

    new = desk.hub.incidents[IncidentId(desk.do(SplitIncident, call, alarms=alarms).subject)]

    assert (call.alarms, tuple(new.alarms)) == ([], alarms)
    assert call.open
    assert new.open
