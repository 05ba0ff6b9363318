"""The rules over many units at once say what they say of each."""

from collections.abc import Sequence

import hypothesis.strategies as st
import msgspec
from hypothesis import given

from dispatch.ids import GridId, UnitId
from dispatch.incident import Candidate
from dispatch.plan import Need
from dispatch.rules import OF_ALL, RULES, verdict_of, verdicts_of
from dispatch.rules.call import Call, Lack
from dispatch.rules.crowd import VERDICTS
from dispatch.words import DRILL_PRIORITY, Verdict
from tests.dispatch.rules.builders import a_call, a_plan, a_step
from tests.dispatch.rules.crowds import crowd_of, needs, units

people = st.lists(units, max_size=20, unique_by=lambda each: each.unit)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Anybody may have pressed, been asked or be coming; of the needs some are met."""
    wanted: list[Need] = draw(st.lists(needs, max_size=3, unique_by=lambda each: each.label))
    step = a_step(rings=draw(st.none() | st.integers(0, 2)))
    names = st.frozensets(st.integers(0, 9_999).map("r{:04d}".format).map(UnitId), max_size=5)
    return a_call(
        plan=a_plan(preempts=draw(st.none() | st.integers(2, 4))),
        step=a_step(*wanted, rings=step.rings) if wanted else step,
        lacking=tuple(Lack(need=each, count=1) for each in wanted if draw(st.booleans())),
        grid=draw(st.sampled_from([None, GridId("g1")])),
        sender=draw(st.none() | names.map(lambda some: next(iter(some), None))),
        reporters=draw(names),
        asked=draw(names),
        priority=draw(st.sampled_from([1, 2, 3, 4, DRILL_PRIORITY])),
    )


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Call, Sequence[Candidate]]:
    """Some of the people are those whom the call speaks of."""
    call, found = draw(calls()), draw(people)
    names = sorted({*call.asked, *call.reporters, *filter(None, [call.sender])})
    known = {each.unit for each in found}
    spoken_of = [
        msgspec.structs.replace(draw(units), unit=name) for name in names if name not in known
    ]
    return call, [*found, *spoken_of]


@given(scenes())
def test_every_rule_says_of_many_what_it_says_of_each(
    scene: tuple[Call, Sequence[Candidate]],
) -> None:
    """It has one meaning, whichever way it is asked."""
    call, found = scene
    crowd = crowd_of(found)

    for rule in RULES:
        codes = OF_ALL[rule](call, crowd).tolist()

        said = [rule(call, each) for each in found]
        assert [VERDICTS[code] for code in codes] == [each or Verdict.CALLED for each in said], rule


@given(scenes())
def test_the_first_that_speaks_is_the_same_one(scene: tuple[Call, Sequence[Candidate]]) -> None:
    """Who is only counted is counted under the reason that the page would have told."""
    call, found = scene

    codes = verdicts_of(call, crowd_of(found))

    assert [VERDICTS[code] for code in codes.tolist()] == [verdict_of(call, e) for e in found]
