"""Whom one wave calls, how many, and what is kept of it."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from dispatch import decide
from dispatch.chances import someone
from dispatch.decide import MORE_MAX, Choice, Prospects, besides
from dispatch.ids import UnitId
from dispatch.incident import Candidate
from dispatch.plan import Need
from dispatch.rules.call import Call, Lack
from dispatch.store.codec import canonical
from dispatch.told import tables_of
from dispatch.words import Role, Verdict
from tests.dispatch.rules.builders import DOCTOR, VOLUNTEERS, a_call, a_plan, seen

ONE = Need(count=1, role=Role.VOLUNTEER)
GUARD = Need(count=1, role=Role.GUARD)


def choose(call: Call, units: Sequence[Candidate]) -> Choice:
    """The choice among these, and nobody else is there."""
    return decide.choose(call, Prospects(seen=units))


def names(choice: Choice) -> list[str]:
    """Who is called."""
    return [each.unit for each in choice.called]


def told(choice: Choice) -> dict[str, Any]:
    """Every unit's verdict, as it is written down."""
    return {each["unit"]: each["verdict"] for each in tables_of(choice.inputs["candidates"])}


def some(count: int, **changes: object) -> list[Candidate]:
    """So many volunteers, each ten metres farther than the one before."""
    return [seen(f"r{n:03d}", **{"distance_m": 10.0 * (n + 1), **changes}) for n in range(count)]


# --- who comes first ---


def test_the_own_grid_comes_before_the_next_though_it_be_farther() -> None:
    """A grid's own people know its doors."""
    home, next_door = seen("home", distance_m=460.0), seen("next", ring=1, distance_m=30.0)

    assert names(choose(a_call(), [next_door, home])) == ["home", "next"]


def test_a_plan_that_counts_no_rings_takes_whoever_is_there_soonest() -> None:
    """A burning house is the next grid's matter, too."""
    home, next_door = seen("home", distance_m=460.0), seen("next", ring=1, distance_m=30.0)
    call = a_call(plan=a_plan(by_rings=False))

    assert names(choose(call, [home, next_door])) == ["next", "home"]


def test_within_a_ring_the_way_decides_and_then_the_id() -> None:
    """So that a replay chooses the same unit."""
    units = [seen("c"), seen("b", distance_m=150.0), seen("a"), seen("d", distance_m=40.0)]

    assert names(choose(a_call(), units)) == ["d", "a", "c", "b"]


def test_outside_every_grid_is_behind_every_ring() -> None:
    """Who stands in no grid is nobody's neighbour, however near."""
    units = [seen("out", ring=-1, distance_m=5.0), seen("far", ring=6, distance_m=900.0)]

    assert names(choose(a_call(), units)) == ["far", "out"]


def test_walking_time_comes_before_metres_where_it_is_known() -> None:
    """Sixty metres of water and a bridge a kilometre off."""
    across = seen("across", distance_m=60.0, walk_s=1_500.0)
    along = seen("along", distance_m=500.0, walk_s=370.0)

    choice = choose(a_call(), [across, along])

    assert names(choice) == ["along", "across"]
    assert [each.eta_s for each in choice.called] == [430.0, 1_560.0]


def test_without_a_place_there_is_no_near_and_the_id_decides() -> None:
    """People are called all the same, the same ones in a replay."""
    units = [seen("b", distance_m=None), seen("a", distance_m=None)]
    call = a_call(lon=None, lat=None, grid=None)

    assert names(choose(call, units)) == ["a", "b"]


def test_who_was_called_out_lately_counts_as_farther() -> None:
    """Fairness: the nearest gives way to the next by so much, and by no more."""
    tired = seen("tired", distance_m=100.0, asked=3, accepted=3, call_outs=3)
    rested = seen("rested", distance_m=130.0)
    plan = a_plan(ONE, fairness_s=30.0)

    assert names(choose(a_call(plan=plan), [tired, rested]))[0] == "rested"
    # Ninety seconds are some eighty metres on foot: beyond, the nearer one goes all the same.
    far = msgspec.structs.replace(rested, distance_m=230.0)
    assert names(choose(a_call(plan=plan), [tired, far]))[0] == "tired"


def test_a_free_unit_goes_before_one_that_would_be_called_off_an_errand() -> None:
    """To interrupt is allowed, not wished for."""
    errand = seen("errand", distance_m=50.0, busy=4)
    free = seen("free", distance_m=200.0)
    call = a_call(plan=a_plan(ONE, preempts=3))

    assert names(choose(call, [errand, free]))[0] == "free"
    assert (
        names(choose(call, [errand, msgspec.structs.replace(free, distance_m=400.0)]))[0]
        == "errand"
    )


# --- how many ---


@pytest.mark.parametrize(
    ("wanted", "role", "record", "asked"),
    [
        (1, Role.VOLUNTEER, {}, 4),
        (3, Role.VOLUNTEER, {}, 10),
        (1, Role.GUARD, {}, 2),
        (1, Role.VOLUNTEER, {"asked": 20, "accepted": 20}, 2),
        (1, Role.VOLUNTEER, {"asked": 20, "accepted": 0}, 17),
    ],
)
def test_a_wave_asks_as_many_as_let_so_many_come_by_each_ones_own_record(
    wanted: int, role: Role, record: dict[str, object], asked: int
) -> None:
    """Of people who always come two are asked for one, of people who never do seventeen; of
    newcomers as their role answers elsewhere."""
    units = some(40, role=role, **record)

    choice = choose(a_call(Need(count=wanted, role=role)), units)

    assert len(choice.called) == asked
    assert choice.short == {}


def test_no_more_are_asked_once_somebody_is_likely_enough_there_in_time() -> None:
    """The last one asked is the one who makes it so; without him it would not be."""
    units = some(40)

    choice = choose(a_call(plan=a_plan(ONE, sure=0.9)), units)

    chances = [each.chance or 0.0 for each in choice.called]
    assert someone(chances) >= 0.9 > someone(chances[:-1])
    assert choice.chance == pytest.approx(someone(chances), abs=1e-4)


def test_a_plan_that_need_not_be_so_sure_asks_fewer() -> None:
    """A barking dog is not worth a crowd."""
    sizes = [
        len(choose(a_call(plan=a_plan(ONE, sure=sure)), some(40)).called) for sure in (0.5, 0.9)
    ]

    assert sizes[0] < sizes[1]


def test_when_the_need_alone_makes_it_sure_nobody_is_added() -> None:
    """Ten are asked so that three come: that one of them is in time is sure enough already."""
    need = Need(count=3, role=Role.VOLUNTEER)

    for_need = choose(a_call(need), some(40))
    for_both = choose(a_call(plan=a_plan(need, sure=0.9)), some(40))

    assert names(for_both) == names(for_need)


def test_who_has_said_yes_counts_for_the_target() -> None:
    """Two are on their way, the next is only wanted as a third: no crowd is sent after them."""
    plan = a_plan(Need(count=3, role=Role.VOLUNTEER), sure=0.9)
    on_the_way = [seen("on1", busy=1, distance_m=60.0), seen("on2", busy=1, distance_m=60.0)]
    coming = frozenset(each.unit for each in on_the_way)
    call = a_call(plan=plan, lacking=(Lack(need=ONE, count=1),), asked=coming)

    alone = choose(call, [*some(40), *on_the_way])
    after_them = choose(replace(call, coming=coming), [*some(40), *on_the_way])

    assert len(after_them.called) == 4 < len(alone.called)


def test_who_could_not_be_there_in_time_is_not_asked_for_the_sake_of_time() -> None:
    """Four kilometres off, forty more would only learn not to listen."""
    choice = choose(a_call(plan=a_plan(ONE, sure=0.9)), some(40, distance_m=4_000.0))

    assert len(choice.called) == 4
    assert choice.chance < 0.01


def test_the_sake_of_time_has_an_end() -> None:
    """Of people who hardly ever come a hundred would be needed; asked are fifteen more."""
    lazy = some(100, asked=40, accepted=3, distance_m=50.0)

    with_target = choose(a_call(plan=a_plan(ONE, sure=0.99)), lazy)
    without = choose(a_call(ONE), lazy)

    assert len(with_target.called) == len(without.called) + MORE_MAX


def test_too_few_are_said_and_how_likely_it_is_that_nobody_comes() -> None:
    """Two are wanted, one is there: the operator sees it at once, and not after the silence."""
    choice = choose(a_call(VOLUNTEERS, GUARD), [seen("v1")])

    assert names(choice) == ["v1"]
    assert choice.missing == {"volunteer": 2, "guard": 1}
    assert choice.short == {"volunteer": 1, "guard": 1}
    assert choice.chance == choice.called[0].chance


def test_with_nobody_at_all_the_choice_says_so() -> None:
    """A community asleep: nobody called, everything short, no chance."""
    choice = choose(a_call(VOLUNTEERS), [])

    assert (choice.called, choice.short, choice.chance) == ((), {"volunteer": 2}, 0.0)


def test_it_is_said_when_everybody_free_was_asked_and_too_few_are_likely_to_come() -> None:
    """Three newcomers for two: one of them comes, and whoever comes free is wanted, too."""
    assert choose(a_call(VOLUNTEERS), some(3)).short == {}
    assert choose(a_call(VOLUNTEERS), some(3)).all_asked
    assert not choose(a_call(VOLUNTEERS), some(40)).all_asked


def test_who_has_not_answered_yet_counts_by_the_chance_to_say_yes() -> None:
    """Three newcomers were asked for two, and one of them comes: four more make it two."""
    silent = [seen(f"silent{n}", busy=1) for n in range(3)]
    asked = frozenset(each.unit for each in silent)
    call = a_call(VOLUNTEERS, asked=asked, awaited=asked)

    choice = choose(call, [*some(40), *silent])

    assert len(choice.called) == 4
    assert not choice.all_asked


def test_who_has_not_answered_yet_counts_for_the_target() -> None:
    """They may be there in time: fewer are asked for its sake than if nobody had been asked."""
    silent = [seen(f"silent{n}", busy=1, distance_m=60.0) for n in range(6)]
    asked = frozenset(each.unit for each in silent)
    alone = a_call(plan=a_plan(VOLUNTEERS, sure=0.9), asked=asked)

    after_them = choose(replace(alone, awaited=asked), [*some(40), *silent])

    assert len(after_them.called) < len(choose(alone, [*some(40), *silent]).called)


def test_those_who_may_still_answer_count_for_one_need_each() -> None:
    """A doctor who was asked is no doctor and volunteer in one; who is not needed is left over."""
    waiting = [(Role.VOLUNTEER, ("medical",), 0.9), (Role.VOLUNTEER, (), 0.5)]

    both = besides((Lack(need=DOCTOR, count=1), Lack(need=ONE, count=1)), waiting)

    assert [heads for _, heads in both] == [0, 0]
    assert [wanted for wanted, _ in both] == pytest.approx([0.1, 0.5])
    assert besides((Lack(need=DOCTOR, count=1),), waiting[1:]) == [(1.0, 1)]


# --- skills ---


def test_the_retired_doctor_is_called_first_and_as_a_doctor() -> None:
    """Somebody has collapsed: whoever can help comes before whoever is next door."""
    doctor = seen("doctor", ring=2, distance_m=600.0, skills=("medical",))
    plan = a_plan(DOCTOR, ONE)

    choice = choose(a_call(plan=plan), [*some(10), doctor])

    assert names(choice)[0] == "doctor"
    assert [each.need for each in choice.called] == ["any+medical", *["volunteer"] * 4]


def test_a_doctor_is_not_used_up_as_a_volunteer() -> None:
    """Where the plan names the volunteer first, the skill is met first all the same."""
    doctor = seen("doctor", distance_m=1.0, skills=("medical",))

    choice = choose(a_call(ONE, DOCTOR), [doctor, *some(10)])

    assert {str(each.unit): each.need for each in choice.called}["doctor"] == "any+medical"
    assert choice.short == {}


def test_a_skill_that_nobody_has_is_short_and_people_come_all_the_same() -> None:
    """Skills come on top of people, never instead."""
    choice = choose(a_call(DOCTOR, ONE), some(10))

    assert choice.short == {"any+medical": 1}
    assert len(choice.called) == 4


# --- what is told ---


def test_everybody_left_out_is_told_why() -> None:
    """The first reason that holds, beside the facts it stands on."""
    units = [
        *some(6),
        seen("sender"),
        seen("asked"),
        seen("guard", role=Role.GUARD),
        seen("off", on_duty=False),
        seen("away", online=False),
        seen("busy", busy=1),
        seen("nofix", fix_age_s=None, distance_m=None),
        seen("stale", fix_age_s=120.0),
    ]
    call = a_call(ONE, sender=UnitId("sender"), asked=frozenset({UnitId("asked")}))

    choice = choose(call, units)

    assert told(choice) == {
        **dict.fromkeys(["r000", "r001", "r002", "r003"], "called"),
        **dict.fromkeys(["r004", "r005"], "not_needed"),
        "sender": "sender",
        "asked": "already_asked",
        "guard": "wrong_role",
        "off": "off_duty",
        "away": "offline",
        "busy": "busy",
        "nofix": "no_fix",
        "stale": "stale",
    }
    assert [each["verdict"] for each in tables_of(choice.inputs["candidates"])[:4]] == [
        "called"
    ] * 4


def test_chances_are_told_of_those_who_could_be_called_and_of_nobody_else() -> None:
    """What somebody off duty would do is nobody's business, nor is it known."""
    choice = choose(a_call(ONE), [*some(6), seen("off", on_duty=False)])

    by_unit = {each["unit"]: each for each in tables_of(choice.inputs["candidates"])}
    assert by_unit["r005"]["chance"] == pytest.approx(0.26, abs=0.05)
    assert by_unit["r005"]["eta_s"] > 60.0
    assert (by_unit["off"]["chance"], by_unit["off"]["eta_s"]) == (None, None)


def test_those_who_were_only_counted_are_counted_with_the_others() -> None:
    """Of a district's ten thousand a hundred are written down; how many there were is not lost."""
    prospects = Prospects(
        seen=[*some(5), seen("off", on_duty=False)],
        counted={Verdict.OFF_DUTY: 8_000, Verdict.NOT_NEEDED: 1_900},
    )

    choice = decide.choose(a_call(ONE), prospects)

    assert choice.inputs["verdicts"] == {"called": 4, "not_needed": 1_901, "off_duty": 8_001}


def test_the_inputs_are_plain_json() -> None:
    """They are read for years, by whatever program: words, numbers, lists and tables."""
    choice = choose(a_call(DOCTOR, ONE), [*some(3), seen("doctor", skills=("medical",))])

    text = canonical(choice.inputs)

    assert '"role":["volunteer","volunteer","volunteer","volunteer"]' in text
    assert '"skills":[["medical"],[],[],[]]' in text
    assert canonical(msgspec.json.decode(text)) == text


# --- against brute force ---


def by_hand(units: Sequence[Candidate], wanted: int) -> list[str]:
    """The nearest by ring, metres and id, until so many come on average of 0.3 each."""
    line = sorted(units, key=lambda each: (each.ring, each.distance_m, each.unit))
    return [each.unit for each in line[: -(-wanted * 10 // 3)]]


def test_the_choice_is_what_brute_force_names() -> None:
    """Over the same units in any order: rings, then metres, then ids."""
    chance = random.Random(7)
    units = [
        seen(
            f"r{n:03d}",
            ring=chance.randrange(4),
            distance_m=round(chance.uniform(0, 300), -1),
            on_duty=chance.random() < 0.7,
        )
        for n in range(200)
    ]
    fit = [each for each in units if each.on_duty]

    for _ in range(5):
        chance.shuffle(units)
        choice = choose(a_call(Need(count=3, role=Role.VOLUNTEER)), units)

        assert names(choice) == by_hand(fit, 3)
        assert set(told(choice)) == {each.unit for each in units}
        assert sum(v == Verdict.NOT_NEEDED.value for v in told(choice).values()) == len(fit) - 10
