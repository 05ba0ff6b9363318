"""Closing, reopening, handing over to an agency, calling back, handing a file out."""

import pytest

from dispatch.by_hand.after import ENDED_BEFORE_MAX
from dispatch.clock import SECOND
from dispatch.commands import ExportIncident, HandOver, RecordCallback
from dispatch.errors import RefusedError, UnfitCommandError, UnknownIncidentError
from dispatch.events import CallbackMade, HandedOver, IncidentClosed, IncidentExported, Purpose
from dispatch.ids import CommunityId, IncidentId, UnitId
from dispatch.outgoing import CancelMessage
from dispatch.words import (
    Agency,
    AssignmentState,
    Disposition,
    FalseReason,
    Phase,
    Satisfaction,
    Tier,
)
from tests.builders import SEAL, WANG, at, called, patrol, states


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


def test_a_duplicate_is_of_the_same_matter() -> None:
    """Closed as the duplicate of an exercise, or of what ended yesterday, a cry for help would be
    off every list with nobody sent; a covert one would be told on the other's page."""
    desk = patrol(volunteers=6)
    incident = desk.open_by_press("v1", where=at(250))
    covert = desk.open_by_press("v2", where=at(350), covert=True)
    desk.start_drill()
    exercise = desk.open_by_press("v3", where=at(450), drill=True)
    for other, why in ((covert, "covert"), (exercise, "same exercise")):
        with pytest.raises(UnfitCommandError, match=why):
            desk.close(incident, Disposition.DUPLICATE, duplicate_of=other.incident)

    desk.close(incident)
    desk.wait(ENDED_BEFORE_MAX // SECOND - 60)
    soon = desk.open_by_press("v4", where=at(250))
    desk.wait(120)
    late = desk.open_by_press("v5", where=at(250))

    with pytest.raises(UnfitCommandError, match="more than an hour before"):
        desk.close(late, Disposition.DUPLICATE, duplicate_of=incident.incident)
    desk.close(soon, Disposition.DUPLICATE, duplicate_of=incident.incident)
    assert soon.duplicate_of == incident.incident


def test_a_duplicate_is_of_the_same_community() -> None:
    """The people of the other one look after the other one."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    other = desk.open_by_press("v2", where=at(250))
    other.community = CommunityId("elsewhere")

    with pytest.raises(UnknownIncidentError):  # what is elsewhere is as unknown as nothing
        desk.close(incident, Disposition.DUPLICATE, duplicate_of=other.incident)


def test_a_false_alarm_says_why_and_nothing_else_does() -> None:
    """The reason is what the care of radios, and the talk with people, goes by."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(UnfitCommandError):
        desk.close(incident, Disposition.FALSE_ALARM, false_reason=None)
    with pytest.raises(UnfitCommandError):
        desk.close(incident, Disposition.RESOLVED, false_reason=FalseReason.PRANK)
    desk.close(incident, Disposition.FALSE_ALARM, false_reason=FalseReason.PRANK)

    assert incident.false_reason is FalseReason.PRANK
    (fact,) = (fact for fact in desk.facts if isinstance(fact, IncidentClosed))
    assert fact.false_reason is FalseReason.PRANK


@pytest.mark.parametrize(
    ("reason", "count"),
    [
        (FalseReason.BY_ACCIDENT, 1),
        (FalseReason.RADIO_FAULT, 1),
        (FalseReason.TEST, 0),
        (FalseReason.MISTAKEN, 0),
        (FalseReason.PRANK, 0),
    ],
)
def test_only_what_speaks_of_the_radio_counts_toward_its_care(
    reason: FalseReason, count: int
) -> None:
    """A child's prank mends no button."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.close(incident, Disposition.FALSE_ALARM, false_reason=reason)

    assert desk.hub.records.false_alarms(UnitId("v1"), desk.now) == count
    assert desk.restarted().hub.records.false_alarms(UnitId("v1"), desk.now) == count


def test_a_false_alarm_that_was_none_is_forgotten() -> None:
    """Reopened, it speaks against nobody's radio any more."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.close(incident, Disposition.FALSE_ALARM, false_reason=FalseReason.RADIO_FAULT)

    desk.reopen(incident)

    assert incident.false_reason is None
    assert desk.hub.records.false_alarms(UnitId("v1"), desk.now) == 0


def test_reopened_it_rings_again_and_calls_again() -> None:
    """It was not over: unacknowledged, from the first rung and step, and whoever was asked may
    be again."""
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
    assert [each.step for each in incident.round_steps()] == ["near"]
    desk.wait(10)
    assert [rung.value for _, rung, _ in incident.escalations] == ["louder"]


@pytest.mark.parametrize("agency", list(Agency))
def test_handing_over_is_written_down_with_whom_and_carries_it_up(agency: Agency) -> None:
    """Who took it there, under which number: a person, so it stands beside the chain."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.do(HandOver, incident, agency=agency, contact="接警员 3 号", words="已说明位置")

    (given,) = incident.given
    assert (given.agency, given.by, given.contact, given.words) == (
        agency,
        WANG,
        "接警员 3 号",
        "已说明位置",
    )
    assert incident.tier is Tier.AGENCY
    assert incident.open
    (fact,) = (fact for fact in desk.facts if isinstance(fact, HandedOver))
    assert fact.contact is not None
    assert fact.contact.purpose is Purpose.PERSON


def test_it_may_be_handed_over_to_several_and_more_than_once() -> None:
    """Ambulance first, police when the quarrel flares up again, and both called back."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    for agency in (Agency.AMBULANCE, Agency.POLICE, Agency.AMBULANCE):
        desk.do(HandOver, incident, agency=agency)

    assert [given.agency.value for given in incident.given] == ["120", "110", "120"]


def test_the_one_who_reported_is_asked_afterwards() -> None:
    """Not reached today, satisfied tomorrow: each call is kept."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    desk.close(incident)

    desk.do(RecordCallback, incident, satisfaction=Satisfaction.NOT_REACHED)
    desk.do(RecordCallback, incident, words="来得快")

    assert [each.satisfaction.value for each in incident.callbacks] == [
        "not_reached",
        "satisfied",
    ]
    assert incident.callbacks[1].words == "来得快"
    assert len(desk.of(CallbackMade)) == 2
    assert not incident.open


def test_a_file_that_is_handed_out_leaves_its_seal_in_the_journal() -> None:
    """Whoever shows it later can be checked against this."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    desk.do(ExportIncident, incident, personal=True)

    (fact,) = (fact for fact in desk.facts if isinstance(fact, IncidentExported))
    assert (fact.seal, fact.personal, fact.by) == (SEAL, True, WANG)


@pytest.mark.parametrize("seal", ["", "ab" * 31, "ab" * 33, "zz" * 32, "AB" * 32, SEAL + "\n"])
def test_what_is_no_seal_is_refused(seal: str) -> None:
    """A file would later be judged by it."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))

    with pytest.raises(UnfitCommandError):
        desk.do(ExportIncident, incident, seal=seal)
