"""Decisions as memory keeps them: the candidates, and nothing twice."""

from dataclasses import replace

from dispatch.board import Board
from dispatch.events import IncidentOpened, Personal, Purpose, ResponseDecided
from dispatch.fold import CANDIDATES_REMEMBERED_MAX, candidates_of, fold
from dispatch.incident import Candidates
from dispatch.told import tables_of
from dispatch.words import Role, Verdict
from tests.builders import at, patrol


def test_what_a_decision_was_made_of_is_kept_once() -> None:
    """With a thousand units it is most of a megabyte: the journal has it, memory need not."""
    desk = patrol()

    incident = desk.open_by_press("v1", where=at(250))

    recorded = next(fact for fact in desk.facts if isinstance(fact, ResponseDecided))
    kept = next(fact for fact in incident.story if isinstance(fact, ResponseDecided))
    assert recorded.inputs.value["candidates"]
    assert kept.inputs == Personal(Purpose.DECISION, {})
    told = [each["unit"] for each in tables_of(recorded.inputs.value["candidates"])]
    assert [each.unit for each in incident.decisions[0].candidates] == told


def test_what_was_erased_stays_told_as_erased() -> None:
    """An empty table is not the same as one that somebody had a right to see gone."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    erased = [
        ResponseDecided(
            t=fact.t,
            community=fact.community,
            incident=fact.incident,
            decision=fact.decision,
            wave=fact.wave,
            called=fact.called,
            missing=fact.missing,
            short=fact.short,
            inputs=Personal(Purpose.DECISION, None),
        )
        if isinstance(fact, ResponseDecided)
        else fact
        for fact in desk.facts
    ]
    desk.facts = erased

    after = desk.restarted().hub.incidents[incident.incident]

    decided = next(fact for fact in after.story if isinstance(fact, ResponseDecided))
    assert decided.inputs.value is None
    assert after.decisions[0].candidates == Candidates()


def test_of_a_thousand_candidates_the_called_and_the_nearest_stay_in_memory() -> None:
    """Whole, ten thousand open incidents would need gigabytes; the journal has the others."""
    desk = patrol()
    incident = desk.open_by_press("v1", where=at(250))
    decided = next(fact for fact in desk.facts if isinstance(fact, ResponseDecided))
    sample = tables_of(decided.inputs.value["candidates"])[0]
    many = [
        sample | {"unit": f"u{n:04d}", "verdict": "busy", "distance_m": 2_000.0 - n}
        for n in range(1_000)
    ]
    many[0] |= {"verdict": "called"}
    inputs = decided.inputs.value | {"candidates": many, "verdicts": {"called": 1, "busy": 4_999}}
    again = replace(decided, inputs=Personal(Purpose.DECISION, inputs))
    board = Board()

    for fact in desk.facts:
        fold(board, again if fact is decided else fact)

    kept = board.incidents[incident.incident].decisions[0]
    nearest = [f"u{n:04d}" for n in range(1_001 - CANDIDATES_REMEMBERED_MAX, 1_000)]
    assert [each.unit for each in kept.candidates] == ["u0000", *nearest]
    assert kept.verdicts == {"called": 1, "busy": 4_999}


def test_candidates_of_an_older_decision_tell_what_was_kept_of_them() -> None:
    """The first decisions had a place and a verdict, and nothing of skills or records."""
    older = {
        "unit": "v1",
        "verdict": "busy",
        "role": "guard",
        "ring": -1,
        "distance_m": None,
        "fix_age_s": 12,
    }

    (candidate,) = candidates_of([older])

    assert (candidate.unit, candidate.verdict, candidate.role) == ("v1", Verdict.BUSY, Role.GUARD)
    assert (candidate.skills, candidate.busy, candidate.chance) == ((), 0, None)


def test_words_of_an_older_journal_are_remembered_without_what_turns_text_round() -> None:
    """The fact stays as it was hashed; what people are shown and read out is plain."""
    desk = patrol()
    desk.open_by_press("v1", where=at(250))
    number = desk.open(words="西门", caller_name="王", caller_phone="138")
    words = Personal(Purpose.WORDS, "\u202e西门")
    caller = Personal(Purpose.PERSON, {"name": "\u2067王", "phone": "\u202d138\u202c"})
    desk.facts = [
        replace(fact, words=words, caller=caller)
        if isinstance(fact, IncidentOpened) and fact.by
        else fact
        for fact in desk.facts
    ]

    held = desk.restarted().hub.incidents[number]

    assert (held.words, held.caller_name, held.caller_phone) == ("西门", "王", "138")
