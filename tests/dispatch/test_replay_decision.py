"""A wave of the past is decided again from what its decision kept, and from nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from dispatch import decide
from dispatch.decide import Choice, Prospects
from dispatch.ids import UnitId
from dispatch.incident import Candidate
from dispatch.need import lacking
from dispatch.plan import Matter, Need, PlanId
from dispatch.replay_decision import ReplayError, compare, decide_again, not_kept, plan_for
from dispatch.rules.call import Call, Lack
from dispatch.told import tables_of
from dispatch.words import Kind, Role, Verdict
from tests.dispatch.books import a_book, need
from tests.dispatch.books import a_plan as plan_table
from tests.dispatch.books import a_step as step_table
from tests.dispatch.rules.builders import DOCTOR, VOLUNTEERS, a_call, a_plan, a_step, seen

GUARD = Need(count=1, role=Role.GUARD)
AT_NOON = Matter(kind=Kind.SOS, grid_class="A", minute=720)


def choose(call: Call, found: Sequence[Candidate], **counted: int) -> Choice:
    """The choice among these, others counted by verdict."""
    others = {Verdict(verdict): count for verdict, count in counted.items()}
    return decide.choose(call, Prospects(seen=found, counted=others))


def kept(choice: Choice) -> dict[str, Any]:
    """The inputs as the journal gives them back."""
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(choice.inputs))
    return told


def names(choice: Choice) -> list[str]:
    """Who is called."""
    return [each.unit for each in choice.called]


def unit_told(**changes: object) -> dict[str, Any]:
    """One unit as a decision writes it down, with something that cannot be."""
    (told,) = tables_of(kept(choose(a_call(), [seen()]))["candidates"])
    return {**told, **changes}


def an_evening() -> tuple[Call, list[Candidate]]:
    """Somebody collapsed: a doctor two grids on, volunteers near, a guard, one who comes."""
    plan = a_plan(DOCTOR, VOLUNTEERS, GUARD, sure=0.9, fairness_s=30.0, preempts=3)
    units = [
        *(
            seen(f"v{n}", distance_m=40.0 * n, call_outs=n % 3, asked=9, accepted=4)
            for n in range(20)
        ),
        seen("doctor", skills=("medical",), ring=2, distance_m=700.0),
        seen("guard", role=Role.GUARD, walk_s=200.0),
        seen("here", busy=1, distance_m=5.0),
        seen("errand", busy=4),
        seen("off", on_duty=False, distance_m=None, fix_age_s=None),
    ]
    coming = frozenset({UnitId("here")})
    lacks = lacking(plan.steps[0].needs, [(Role.VOLUNTEER, ())])
    call = a_call(plan=plan, asked=coming, coming=coming, lacking=lacks, matter=AT_NOON)
    return call, units


def test_the_same_rules_decide_the_same() -> None:
    """What is kept is enough: nothing else of that evening is needed."""
    choice = choose(*an_evening())

    again = decide_again(kept(choice))

    assert again == replace(choice, inputs=again.inputs)
    assert kept(again) == kept(choice)
    assert not any(each.differs for each in compare(kept(choice), again))


roles = st.sampled_from(list(Role))
skills = st.sampled_from([(), ("medical",), ("medical", "fire")])
units = st.builds(
    seen,
    st.uuids().map(str),
    role=roles,
    skills=skills,
    ring=st.integers(-1, 3),
    distance_m=st.none() | st.floats(0, 5_000).map(lambda metres: round(metres, 1)),
    fix_age_s=st.none() | st.floats(0, 200),
    on_duty=st.booleans(),
    online=st.booleans(),
    busy=st.integers(0, 4),
    walk_s=st.none() | st.floats(0, 5_000).map(lambda seconds: round(seconds, 1)),
    asked=st.just(9),
    accepted=st.integers(0, 9),
    call_outs=st.integers(0, 3),
)
needs = st.builds(
    Need,
    count=st.integers(1, 4),
    role=st.none() | roles,
    skill=st.sampled_from(["", "medical"]),
)


@given(
    st.lists(units, max_size=30, unique_by=lambda each: each.unit),
    st.lists(needs, min_size=1, max_size=3, unique_by=lambda each: each.label),
    st.sampled_from([0.5, 0.9, 0.99]),
    st.booleans(),
    st.none() | st.integers(2, 4),
    st.none() | st.integers(0, 2),
)
def test_whatever_was_decided_is_decided_again(
    found: list[Candidate],
    wanted: list[Need],
    sure: float,
    by_rings: bool,
    preempts: int | None,
    rings: int | None,
) -> None:
    """Any people, any plan: the journal's JSON gives back the same choice."""
    plan = a_plan(
        sure=sure,
        by_rings=by_rings,
        preempts=preempts,
        steps=(a_step(*wanted, rings=rings),),
    )
    choice = choose(a_call(plan=plan), found)

    assert kept(decide_again(kept(choice))) == kept(choice)


def test_under_another_plan_others_are_called_and_it_is_told_who() -> None:
    """What would have come of asking one ring fewer, and no doctor?"""
    choice = choose(*an_evening())
    narrow = a_plan(
        plan=PlanId("other-1/narrow"), steps=(a_step(VOLUNTEERS, rings=0), a_step(step="wider"))
    )

    again = decide_again(kept(choice), narrow)

    assert "doctor" in names(choice)
    assert "doctor" not in names(again)
    differing = {each.unit: each for each in compare(kept(choice), again) if each.differs}
    assert differing[UnitId("doctor")].then.verdict is Verdict.CALLED
    assert differing[UnitId("doctor")].now.verdict is Verdict.TOO_FAR
    assert differing[UnitId("guard")].now.verdict is Verdict.WRONG_ROLE


def test_in_older_inputs_those_awaited_had_been_taken_off_what_was_lacking() -> None:
    """They are not taken off twice, and count for another plan as they did."""
    awaited = frozenset({UnitId("silent")})
    call = a_call(asked=awaited, lacking=(Lack(need=VOLUNTEERS, count=1),))
    told = kept(choose(call, [*(seen(f"v{n}") for n in range(20)), seen("silent", busy=1)]))
    then = {**told, "v": 3, "awaited": ["silent"]}

    assert names(decide_again(then)) == names(decide_again(told))
    assert decide_again(then, call.plan).missing == {"volunteer": 1}


def test_who_was_coming_counts_for_another_plan_as_well() -> None:
    """Two are wanted there, and one was on the way: one is lacking."""
    choice = choose(*an_evening())

    again = decide_again(kept(choice), a_plan(VOLUNTEERS))

    assert again.missing == {"volunteer": 1}


def test_another_plan_is_asked_for_the_step_of_the_same_name() -> None:
    """A decision of the second rung is held against a second rung."""
    two = a_plan(
        steps=(a_step(VOLUNTEERS, step="near"), a_step(GUARD, step="wider")),
    )
    call, found = an_evening()
    wider = choose(replace(call, step=replace(call.step, step="wider")), found)

    assert decide_again(kept(wider), two).missing == {"guard": 1}
    renamed = replace(two, steps=(replace(two.steps[0], step="first"), two.steps[1]))
    assert decide_again(kept(choose(call, found)), renamed).inputs["step"] == "first"


def test_a_book_offers_the_plan_that_would_have_answered() -> None:
    """By the kind, the grid's class and the hour as they were then."""
    night = plan_table(step_table("near", need(1)), plan="night", hours=["22:00-06:00"])
    crowded = plan_table(step_table("near", need(3)), plan="crowded", classes=["A"])
    book = a_book(night, crowded, plan_table(plan="rest"))
    call, found = an_evening()

    assert plan_for(kept(choose(call, found)), book).plan == "test-1/crowded"
    late = replace(call, matter=replace(AT_NOON, minute=23 * 60))
    assert plan_for(kept(choose(late, found)), book).plan == "test-1/night"


def test_a_decision_that_does_not_say_what_it_was_about_takes_no_other_book() -> None:
    """Guessing a plan would answer a question that nobody asked."""
    choice = choose(a_call(), [seen("v1")])

    with pytest.raises(ReplayError, match="does not say what it was about"):
        plan_for(kept(choice), a_book())


def test_those_who_were_only_counted_are_told_as_unknown() -> None:
    """Of the others nothing can be said."""
    found = [seen("v1"), seen("off", on_duty=False)]

    assert not_kept(kept(choose(a_call(), found))) == 0
    assert not_kept(kept(choose(a_call(), found, off_duty=5, not_needed=2))) == 7


def test_those_who_were_only_counted_are_counted_again_by_the_same_plan_alone() -> None:
    """What another plan would have said of them nobody knows."""
    choice = choose(*an_evening(), off_duty=900)

    assert kept(decide_again(kept(choice))) == kept(choice)
    by_another = decide_again(kept(choice), a_plan(GUARD)).inputs
    assert sum(by_another["verdicts"].values()) == len(an_evening()[1])


def test_a_decision_of_the_second_version_is_decided_again() -> None:
    """Then every candidate was a table of its own, with all that is not worth saying."""
    choice = choose(*an_evening())
    tables = [
        msgspec.to_builtins(each)
        for each in msgspec.convert(tables_of(kept(choice)["candidates"]), list[Candidate])
    ]
    older = kept(choice) | {"v": 2, "candidates": tables}

    again = decide_again(older)

    assert kept(again) == kept(choice)
    assert not any(each.differs for each in compare(older, again))


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({"v": 1, "now": 0}, "version 1 .* only those of version 2, 3, 4"),
        ({"now": 0, "candidates": []}, "version 1 "),
        ({"v": 5}, "version 5 "),
        ({"v": 4}, "not as it was written"),
        ({"v": "2"}, "version '2' "),
    ],
)
def test_what_cannot_be_decided_again_is_refused_in_a_sentence(
    inputs: dict[str, Any], why: str
) -> None:
    """Older decisions kept too little: no answer is better than a made-up one."""
    with pytest.raises(ReplayError, match=why):
        decide_again(inputs)


@pytest.mark.parametrize(
    "change",
    [
        {"candidates": [{"unit": "v1"}]},
        {"candidates": "v1"},
        {"candidates": None},
        {"candidates": {"unit": ["v1"], "verdict": []}},
        {"candidates": {"unit": 1}},
        {"needs": [{"role": "wizard", "skill": "", "count": 1}]},
        {"place": None},
        {"sure": "very"},
        {"sure": 1.5},
        {"fresh_s": 1e308},
        {"lacking": [{"role": "guard", "skill": "", "count": -1}]},
        {"candidates": [unit_told(asked=1, accepted=2)]},
        {"candidates": [unit_told(distance_m=-1.0)]},
    ],
)
def test_inputs_that_were_tampered_with_are_refused(change: dict[str, Any]) -> None:
    """Whatever stands in the database: a sentence, and no guess."""
    inputs = kept(choose(*an_evening())) | change

    with pytest.raises(ReplayError, match="not as it was written"):
        decide_again(inputs)
