"""console/docs.py: what a card shows, and how much of it on a bad night."""

import pytest

from console.docs import (
    ALARMS_SHOWN_MAX,
    CANDIDATES_SHOWN_MAX,
    ENDED_SHOWN_MAX,
    STEPS_SHOWN_MAX,
    STORY_SHOWN_MAX,
    DecisionDocs,
    community_doc,
    decision_doc,
    engagements,
    incident_doc,
    whole_incident_doc,
)
from console.places import Places
from console.wire import IncidentDoc
from dispatch.awaited import NOTHING_AWAITED
from dispatch.clock import SECOND
from dispatch.events import NoteAdded, Personal, Purpose
from dispatch.ids import AlarmId, CommandId, GridId
from dispatch.incident import Incident
from dispatch.words import AssignmentState, Verdict
from tests.console.builders import (
    NOON,
    OPERATOR,
    XIZI,
    alarm,
    assignment,
    candidate,
    community,
    decision,
    incident,
)
from tests.console.samples_steered import DRILL, STEERED_AWAITS, exercise, steered

PLACES = Places([community()], near_m=300.0)


def drawn(held: Incident, *presses: AlarmId) -> IncidentDoc:
    """The incident's document, with these presses known."""
    return incident_doc(
        held, {each: alarm(each) for each in presses}, PLACES, DecisionDocs(), NOTHING_AWAITED
    )


def test_the_called_stand_first_then_the_nearest() -> None:
    """An operator asks first who was called, then who was near and was not."""
    looked_at = [
        candidate("far", Verdict.CALLED, 900.0),
        candidate("b", Verdict.BUSY, 100.0),
        candidate("a", Verdict.BUSY, 100.0),
        candidate("nowhere", Verdict.NO_FIX, None),
        candidate("near", Verdict.CALLED, 50.0),
    ]

    doc = decision_doc(decision(looked_at))

    assert [each.unit for each in doc.candidates] == ["near", "far", "a", "b", "nowhere"]
    assert doc.verdicts == {"called": 2, "busy": 2, "no_fix": 1}


def test_ten_thousand_candidates_are_counted_not_listed() -> None:
    """The card has room for thirty; the API tells them all."""
    many = [candidate(f"u{n:05d}", Verdict.NOT_NEEDED, float(n)) for n in range(10_000)]

    doc = decision_doc(decision(many))

    assert len(doc.candidates) == CANDIDATES_SHOWN_MAX
    assert doc.verdicts == {"not_needed": 10_000}


def test_a_decision_is_drawn_once_and_anew_when_its_inputs_were_erased() -> None:
    """It never changes, but for an erasure, which must not live on in a cache."""
    docs = DecisionDocs()
    made = decision([candidate("r02", Verdict.CALLED, 1.0)])

    first, again = docs.of(made), docs.of(made)
    erased = docs.of(decision([]))

    assert first is again
    assert erased.candidates == []


def test_older_waves_tell_whom_they_called_but_no_candidates() -> None:
    """Five waves of thirty candidates each were most of what every change said."""
    waves = [
        decision(
            [
                candidate("near", Verdict.STALE, 10.0),
                candidate("called", Verdict.CALLED, 20.0),
                candidate("far", Verdict.NOT_NEEDED, 30.0),
            ],
            wave=wave,
        )
        for wave in (1, 2)
    ]

    older, newest = drawn(incident(decisions=waves)).decisions

    assert older.candidates == []
    assert [each.unit for each in newest.candidates] == ["called", "near", "far"]
    assert older.verdicts == newest.verdicts
    assert older.called == newest.called


def test_a_wave_without_verdicts_is_one_that_was_erased() -> None:
    """An older wave that called nobody still counts those it looked at."""
    nobody = decision([candidate("b", Verdict.STALE, 9.0), candidate("a", Verdict.STALE, 1.0)])
    erased = decision([], wave=2)

    first, second, _ = drawn(incident(decisions=[nobody, erased, erased])).decisions

    assert first.verdicts == {"stale": 2}
    assert second.verdicts == {}


def test_a_decision_is_drawn_anew_when_another_follows() -> None:
    """What was kept for the newest wave must not be shown for an older one, nor the reverse."""
    docs = DecisionDocs()
    made = decision([candidate("r02", Verdict.CALLED, 1.0), candidate("r03", Verdict.STALE, 2.0)])

    newest, past, again = docs.of(made), docs.past(made), docs.of(made)

    assert (len(newest.candidates), len(past.candidates)) == (2, 0)
    assert again is newest
    assert docs.past(made) is past


def test_all_who_come_are_shown_and_of_the_others_those_that_ended_last() -> None:
    """Two hundred mute radios must not hide the one that is on its way, nor travel each time."""
    asked = [
        assignment(number, f"u{number}", AssignmentState.EXPIRED, state_t=NOON - number)
        for number in range(1, ENDED_SHOWN_MAX + 6)
    ]
    asked[20].state = AssignmentState.EN_ROUTE
    held = incident(assignments={each.assignment: each for each in asked})

    doc = drawn(held)

    shown = asked[: ENDED_SHOWN_MAX + 1]  # the others ended longest ago
    assert [each.id for each in doc.assignments] == [each.assignment for each in shown]
    assert doc.assignments_left_out == 4


def test_the_whole_incident_leaves_nobody_and_nothing_out() -> None:
    """Who looks back asks the API, and there every unit and line must be."""
    asked = [
        assignment(number, f"u{number}", AssignmentState.WITHDRAWN)
        for number in range(1, ENDED_SHOWN_MAX + 6)
    ]
    waves = [
        decision([candidate("a", Verdict.STALE, 1.0), candidate("b", Verdict.STALE, 2.0)])
        for _ in range(2)
    ]
    held = incident(assignments={each.assignment: each for each in asked}, decisions=waves)

    doc = whole_incident_doc(held, {}, PLACES)

    assert (len(doc.assignments), doc.assignments_left_out) == (len(asked), 0)
    assert [len(each.candidates) for each in doc.decisions] == [2, 2]


def test_a_long_story_is_cut_at_its_beginning_and_says_so() -> None:
    """Ten thousand notes must not make every change a book."""
    notes = [
        NoteAdded(
            t=NOON + number,
            community=XIZI,
            incident=incident().incident,
            by=OPERATOR,
            words=Personal(Purpose.WORDS, str(number)),
            command=CommandId(f"c{number}"),
        )
        for number in range(STORY_SHOWN_MAX + 7)
    ]

    doc = drawn(incident(story=list(notes)))

    assert (len(doc.story), doc.story_left_out) == (STORY_SHOWN_MAX, 7)
    assert doc.story[-1].words == str(STORY_SHOWN_MAX + 6)


def test_a_note_of_an_older_journal_is_shown_without_what_turns_text_round() -> None:
    """It was kept as it came; what is hashed stays, what people read is made plain."""
    note = NoteAdded(
        t=NOON,
        community=XIZI,
        incident=incident().incident,
        by=OPERATOR,
        words=Personal(Purpose.WORDS, "去\u202e楼号1\u202c门口"),
        command=CommandId("c1"),
    )

    doc = drawn(incident(story=[note]))

    assert doc.story[-1].words == "去楼号1门口"
    assert note.words == Personal(Purpose.WORDS, "去\u202e楼号1\u202c门口")


def test_a_thousand_presses_ring_a_thousand_times_and_show_the_newest() -> None:
    """``rings`` is what makes the page sound; the list is for the eye."""
    presses = [AlarmId(f"r01/00000000000000a1/{number}") for number in range(1_000)]

    doc = drawn(incident(alarms=list(presses)), *presses)

    assert doc.rings == 1_000
    assert [each.id for each in doc.alarms] == presses[-ALARMS_SHOWN_MAX:]


def test_a_place_is_told_by_what_people_know() -> None:
    """Grid, key unit, bearing."""
    place = drawn(incident()).place

    assert (place.grid_name, place.key_unit, place.key_unit_m, place.bearing) == (
        "西子小区一期",
        "幼儿园",
        40,
        "E",
    )


def test_a_place_is_told_in_english_where_the_grids_have_english_names() -> None:
    """Empty says that there is none, and the page shows the other name."""
    one, two = drawn(incident()).place, drawn(incident(grid=GridId("g2"), lon=120.015)).place

    assert (one.grid_name_en, one.key_unit_en) == ("Xizi Estate, Phase 1", "Kindergarten")
    assert (two.grid_name_en, two.key_unit_en) == ("", "")


def test_a_key_unit_far_away_is_of_no_help() -> None:
    """Beyond the setting nothing is said rather than something misleading."""
    doc = incident_doc(
        incident(), {}, Places([community()], near_m=39.0), DecisionDocs(), NOTHING_AWAITED
    )

    assert (doc.place.key_unit, doc.place.key_unit_m, doc.place.bearing) == ("", None, "")


def test_a_point_in_no_grid_is_told_from_the_nearest_one() -> None:
    """Somebody pressed just over the border: the place is known, and is not said to be unknown."""
    place = drawn(incident(grid=None, lon=120.0312, lat=30.005)).place

    assert (place.grid, place.grid_name) == (None, "")
    assert (place.outside, place.outside_bearing) == ("西子小区二期", "E")
    assert place.outside_m is not None
    assert drawn(incident()).place.outside == ""


def test_a_grid_that_is_no_more_is_told_by_its_id() -> None:
    """Grids are redrawn; the journal's old ids remain."""
    assert drawn(incident(grid=GridId("old"))).place.grid_name == "old"


def test_what_is_awaited_is_told_beside_the_state() -> None:
    """The page counts down to the next step, and to the end of a lease."""
    held, _ = steered()

    doc = incident_doc(held, {}, PLACES, DecisionDocs(), STEERED_AWAITS)
    idle = drawn(held)

    assert (doc.step_due_t, doc.lease_due_t) == (
        NOON // 1000 + 15 * 60_000,
        NOON // 1000 + 11 * 60_000,
    )
    assert (idle.step_due_t, idle.lease_due_t) == (None, None)


def test_how_far_the_response_was_carried_is_told() -> None:
    """Steps with their reasons, the highest tier, who was told, what is done."""
    doc = drawn(steered()[0])

    assert [(each.step, each.tier, each.reason) for each in doc.steps] == [
        ("near", "grid", None),
        ("near", "grid", None),
        ("wider", "community", "by_operator"),
    ]
    assert doc.tier == "agency"  # the fire service was told
    assert [(each.agency, each.contact) for each in doc.given] == [("119", "接线员 7 号")]
    assert [(each.person, each.ok) for each in doc.told] == [
        ("supervisor", True),
        ("fire-post", False),
    ]
    assert list(doc.checked) == ["weapon"]
    assert (doc.lease, doc.taken_by) == (3, OPERATOR)
    assert [(each.id, each.how) for each in doc.links] == [("xizi-20251121-002", "linked")]


def test_many_steps_are_cut_to_the_newest() -> None:
    """An incident reopened ten times must not make every change a book."""
    held, _ = steered()
    held.steps = held.steps * STEPS_SHOWN_MAX

    assert len(drawn(held).steps) == STEPS_SHOWN_MAX


def test_a_wish_under_duress_is_told_and_is_covert_from_then_on() -> None:
    """An operator must see it; no radio and no loudspeaker may tell it."""
    doc = drawn(steered()[0])

    assert doc.cancel is not None
    assert (doc.cancel.duress, doc.cancel.granted) == (True, True)
    assert doc.covert


def test_intervals_are_told_once_it_has_ended() -> None:
    """While it is open they would only be half of what they become."""
    held, alarms = exercise()
    presses = {each.alarm: each for each in alarms}

    ended = incident_doc(held, presses, PLACES, DecisionDocs(), NOTHING_AWAITED)

    assert ended.intervals["received_to_on_scene"] == 145_000
    assert drawn(steered()[0]).intervals == {}


def test_an_exercise_and_its_caller_are_told() -> None:
    """Whatever shows it must show it otherwise."""
    doc = drawn(exercise()[0])

    assert (doc.drill, doc.caller_name, doc.caller_phone) == (DRILL, "前台", "010-5550-0100")
    assert (doc.false_reason, [each.satisfaction for each in doc.callbacks]) == (
        "by_accident",
        ["very_satisfied"],
    )


def test_a_unit_is_shown_with_what_it_is_coming_to_before_what_it_is_asked_to() -> None:
    """An operator may send a unit that was asked elsewhere; its card shows where it goes."""
    coming = assignment(1, "r02", AssignmentState.EN_ROUTE)
    asked = assignment(1, "r02", of="xizi-20251121-002", at=NOON + SECOND)
    done = assignment(2, "r03", AssignmentState.CLEAR)
    first = incident(1, assignments={each.assignment: each for each in (coming, done)})
    second = incident(2, assignments={asked.assignment: asked})

    assert engagements([first, second]) == {"r02": (first.incident, AssignmentState.EN_ROUTE)}


def test_a_community_has_a_box_round_all_its_grids() -> None:
    """The map opens there."""
    doc = community_doc(community())

    assert doc.bbox == pytest.approx([120.0, 30.0, 120.02, 30.01])
    assert doc.grids == ["g1", "g2"]
    assert not doc.has_streets
