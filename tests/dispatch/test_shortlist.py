"""Whom a decision looks at closely: all on whom it depends, and whom one would ask about."""

import random
from collections.abc import Sequence
from dataclasses import replace

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from dispatch.chances import eta_s
from dispatch.decide import Choice, Prospects, choose
from dispatch.incident import Candidate
from dispatch.line import line_of, rank
from dispatch.plan import Need, Plan
from dispatch.rules import verdict_of, verdicts_of
from dispatch.rules.call import Call
from dispatch.shortlist import ROOM, Room, shortlist
from dispatch.words import Role, Verdict
from tests.dispatch.rules.builders import a_call, a_plan, a_step, seen
from tests.dispatch.rules.crowds import crowd_of, needs, numbers, units

GUARD = Need(count=1, role=Role.GUARD)

NO_ROOM = Room(free=3, free_more=0, line=5, others=2, spare=1)
"""So little that what it does can be seen among a few people."""

walkers = st.builds(
    lambda each, walk_s: msgspec.structs.replace(each, walk_s=walk_s),
    units,
    st.none() | st.sampled_from([60.0, 90.0, 120.0, 500.0]),
)
people = st.lists(walkers, max_size=40, unique_by=lambda each: each.unit)
plans = st.builds(
    lambda wanted, rings, **changes: a_plan(steps=(a_step(*wanted, rings=rings),), **changes),
    st.lists(needs, min_size=1, max_size=3, unique_by=lambda each: each.label),
    st.none() | st.integers(0, 2),
    sure=st.sampled_from([0.0, 0.5, 0.9]),
    by_rings=st.booleans(),
    preempts=st.none() | st.integers(2, 4),
    fairness_s=st.sampled_from([0.0, 30.0]),
)


def listed(call: Call, found: Sequence[Candidate], room: Room = ROOM) -> list[Candidate]:
    """Those on the short list, of all these."""
    crowd = crowd_of(found)
    outs = {each.unit: each.call_outs for each in found}
    kept = shortlist(
        call,
        crowd,
        verdicts_of(call, crowd),
        line_of(call, crowd, numbers(each.walk_s for each in found)),
        name_of=lambda place: found[place].unit,
        call_outs_of=outs.__getitem__,
        room=room,
    )
    return [found[place] for place in kept.tolist()]


def chosen(call: Call, found: Sequence[Candidate]) -> Choice:
    """What is chosen among these, but for what is written down of it."""
    return replace(choose(call, Prospects(seen=found)), inputs={})


def in_line(call: Call, found: Sequence[Candidate]) -> list[Candidate]:
    """Everybody free by brute force: asked one by one, sorted, call-outs and all."""
    free = [each for each in found if verdict_of(call, each) is Verdict.CALLED]
    return sorted(free, key=lambda each: rank(call, each, _eta(each)))


def _eta(each: Candidate) -> float | None:
    return eta_s(each.role, walk_s=each.walk_s, distance_m=each.distance_m)


@pytest.mark.parametrize("seed", range(12))
def test_of_a_district_the_choice_is_that_of_looking_at_everybody(seed: int) -> None:
    """Two thousand people: rings or none, errands, walks, tired ones; a twentieth is kept."""
    chance = random.Random(seed)
    found = [somebody(chance, f"r{n:04d}") for n in range(2_000)]
    wanted = [Need(count=1, skill="medical"), Need(count=3, role=Role.VOLUNTEER), GUARD]
    plan = a_plan(
        steps=(a_step(*wanted[seed % 3 :], rings=chance.choice([None, None, 2])),),
        sure=chance.choice([0.5, 0.9]),
        by_rings=seed % 2 == 0,
        preempts=chance.choice([None, 3]),
        fairness_s=chance.choice([0.0, 30.0]),
    )
    call = a_call(plan=plan)

    kept = listed(call, found)

    assert len(kept) < 400
    everybodys = chosen(call, found)
    assert chosen(call, kept) == everybodys
    assert everybodys.called


def somebody(chance: random.Random, name: str) -> Candidate:
    """On duty or not, near or far, with a record of their own."""
    metres = round(chance.uniform(0, 3_000), 1)
    asked = chance.choice([0, 0, 5, 20])
    return seen(
        name,
        role=chance.choice([Role.VOLUNTEER] * 8 + [Role.GUARD]),
        skills=chance.choice([(), (), (), ("medical",)]),
        ring=-1 if chance.random() < 0.05 else int(metres // 400),
        distance_m=metres,
        walk_s=metres * 1.6 if metres < 300 else None,
        fix_age_s=chance.choice([5.0, 40.0, 89.0, 120.0]),
        on_duty=chance.random() < 0.5,
        busy=chance.choice([0] * 9 + [4]),
        asked=asked,
        accepted=chance.randint(0, asked),
        call_outs=chance.choice([0, 0, 0, 1, 4]),
    )


@given(people, plans)
def test_whoever_would_be_called_is_enough_for_the_same_choice(
    found: list[Candidate], plan: Plan
) -> None:
    """However little room there is: who is left out changes nothing unless they are called."""
    call = a_call(plan=plan)
    kept = listed(call, found, NO_ROOM)

    everybodys = chosen(call, found)

    if {each.unit for each in everybodys.called} <= {each.unit for each in kept}:
        assert chosen(call, kept) == everybodys


@given(people, plans)
def test_the_head_of_the_line_is_kept_for_each_need(found: list[Candidate], plan: Plan) -> None:
    """Who stands before all that were not even asked for their call-outs stands there for good."""
    call = a_call(plan=plan)
    kept = {each.unit for each in listed(call, found, NO_ROOM)}

    for lack in call.lacking:
        line = [x for x in in_line(call, found) if lack.need.fits(x.role, x.skills)]
        rested = [msgspec.structs.replace(each, call_outs=0) for each in line]
        wide = {each.unit for each in in_line(call, rested)[: NO_ROOM.line]}
        head = [each.unit for each in line if each.unit in wide][: NO_ROOM.free]
        assert set(head) <= kept


def test_the_tired_do_not_keep_the_rested_out_of_the_head() -> None:
    """A hundred people of one house who went out all week, and behind them some who did not."""
    tired = [
        seen(f"t{n:03d}", distance_m=10.0, call_outs=5, asked=9, accepted=5) for n in range(100)
    ]
    rested = [seen(f"u{n:03d}", distance_m=60.0) for n in range(5)]
    call = a_call(plan=a_plan(Need(count=1, role=Role.VOLUNTEER), fairness_s=30.0))

    assert {each.unit for each in rested} <= {each.unit for each in listed(call, tired + rested)}


def test_who_is_on_the_way_is_kept_however_far() -> None:
    """They count for the target, and for deciding again by another plan."""
    near = [seen(f"n{n:03d}", on_duty=False) for n in range(200)]
    coming = seen("coming", distance_m=9_000.0, ring=9, busy=1)
    names = frozenset({coming.unit})

    for call in (a_call(asked=names, coming=names), a_call(asked=names, awaited=names)):
        assert coming in listed(call, [*near, coming])


def test_the_nearest_of_those_kept_back_are_there_to_be_asked_about() -> None:
    """Why not the one next door? He is off duty."""
    off = [seen(f"o{n:04d}", on_duty=False, distance_m=float(n)) for n in range(1_000, 0, -1)]
    lost = [seen(f"l{n:03d}", on_duty=False, distance_m=None, fix_age_s=None) for n in range(50)]

    kept = listed(a_call(), lost + off)

    assert {each.distance_m for each in kept} == {float(n) for n in range(1, ROOM.others + 1)}


def test_of_a_role_that_is_not_asked_the_nearest_on_duty_are_kept() -> None:
    """Deciding again by a plan that asks guards must find the guards."""
    asleep = [seen(f"o{n:03d}", on_duty=False, distance_m=1.0) for n in range(200)]
    guards = [seen(f"g{n:03d}", role=Role.GUARD, distance_m=900.0 + n) for n in range(40)]

    kept = listed(a_call(), asleep + guards)

    assert [x for x in kept if x.role is Role.GUARD] == guards[: ROOM.spare]


def test_a_small_community_is_kept_whole() -> None:
    """Whoever is there is told of, with every reason."""
    found = [seen(f"a{n}") for n in range(30)] + [seen(f"b{n}", online=False) for n in range(30)]

    assert listed(a_call(), found) == found


def test_nobody_is_a_short_list() -> None:
    """A community without a radio."""
    assert listed(a_call(), []) == []
