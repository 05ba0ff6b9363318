"""The values of response plans: what fits what, and which plan and book answer."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.plan import Hours, KindRule, Library, Need, Plan, PlanBook, PlanId, PlanStep
from dispatch.words import Kind, Nearby, Role, Tier

NOON = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 -- a local time, as plan_for takes it


def a_plan(
    name: str = "x-1/any",
    *,
    kinds: frozenset[Kind] = frozenset(Kind),
    classes: frozenset[str] = frozenset(),
    hours: tuple[Hours, ...] = (),
) -> Plan:
    """A plan of one step that fits everything; a test says what it narrows."""
    step = PlanStep(
        step="near",
        tier=Tier.GRID,
        needs=(Need(count=1),),
        rings=None,
        wave_s=None,
        hold_s=None,
        then="",
    )
    return Plan(
        plan=PlanId(name),
        kinds=kinds,
        classes=classes,
        hours=hours,
        target_s=300,
        sure=0.9,
        on_scene=1,
        fairness_s=0,
        by_rings=True,
        preempts=None,
        steps=(step,),
    )


def a_book(
    book: str = "x",
    version: int = 1,
    *,
    begins: str = "",
    ends: str = "",
    plans: tuple[Plan, ...] = (),
) -> PlanBook:
    """A book that always serves."""
    rules = {
        kind: KindRule(kind=kind, priority=3, nearby=Nearby.OFFER, near_m=0, near_s=0, checklist=())
        for kind in Kind
    }
    return PlanBook(
        book=book,
        version=version,
        begins=begins,
        ends=ends,
        kinds=MappingProxyType(rules),
        plans=plans or (a_plan(f"{book}-{version}/any"),),
        text="",
    )


@pytest.mark.parametrize(
    ("need", "label", "fit"),
    [
        (Need(count=1), "any", {"doctor", "volunteer", "guard"}),
        (Need(count=1, role=Role.VOLUNTEER), "volunteer", {"doctor", "volunteer"}),
        (Need(count=1, skill="medical"), "any+medical", {"doctor"}),
        (Need(count=1, role=Role.GUARD, skill="medical"), "guard+medical", set()),
    ],
)
def test_a_need_is_filled_by_role_and_skill_together(need: Need, label: str, fit: set[str]) -> None:
    """A retired doctor on patrol is a volunteer too; a guard is no doctor for being near."""
    people = {
        "doctor": (Role.VOLUNTEER, ("medical", "english")),
        "volunteer": (Role.VOLUNTEER, ()),
        "guard": (Role.GUARD, ("fire",)),
    }

    assert {who for who, is_what in people.items() if need.fits(*is_what)} == fit
    assert need.label == label


@pytest.mark.parametrize(
    ("hours", "within", "outside"),
    [
        (Hours(begins=8 * 60, ends=20 * 60), (480, 720, 1199), (0, 479, 1200, 1439)),
        (Hours(begins=22 * 60, ends=6 * 60), (1320, 1439, 0, 359), (360, 720, 1319)),
        (Hours(begins=18 * 60, ends=24 * 60), (1080, 1439), (0, 1079)),
    ],
)
def test_hours_begin_sharp_end_before_and_may_pass_midnight(
    hours: Hours, within: tuple[int, ...], outside: tuple[int, ...]
) -> None:
    """At six in the morning the day plan answers, and no minute has two or none."""
    assert all(hours.holds(minute) for minute in within)
    assert not any(hours.holds(minute) for minute in outside)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_a_span_and_the_rest_of_the_day_share_no_minute(begins: int, ends: int, at: int) -> None:
    """Day and night written as two spans leave no gap and no doubt."""
    if begins == ends:
        return

    day, night = Hours(begins=begins, ends=ends), Hours(begins=ends, ends=begins)

    assert day.holds(at) != night.holds(at)


def test_the_first_plan_that_fits_answers() -> None:
    """The book's order is the manager's: the narrow ones stand above the wide ones."""
    night = a_plan("x-1/night", hours=(Hours(begins=1320, ends=360),))
    crowd = a_plan("x-1/crowd", classes=frozenset({"A"}))
    fire = a_plan("x-1/fire", kinds=frozenset({Kind.FIRE}))
    book = a_book(plans=(fire, night, crowd, a_plan()))

    def answer(kind: Kind, grid_class: str, hour: int) -> str:
        return book.plan_for(kind, grid_class, NOON.replace(hour=hour)).plan

    assert answer(Kind.FIRE, "A", 23) == "x-1/fire"
    assert answer(Kind.SOS, "A", 23) == "x-1/night"
    assert answer(Kind.SOS, "A", 12) == "x-1/crowd"
    assert answer(Kind.SOS, "B", 12) == "x-1/any"
    assert answer(Kind.SOS, "", 12) == "x-1/any"


def test_a_plan_is_found_by_its_name_and_a_step_by_its_own() -> None:
    """An incident of last year still shows the plan that answered it."""
    old, new = a_book(version=1), a_book(version=2)
    library = Library([old, new])

    plan = library.plan(PlanId("x-1/any"))

    assert plan is old.plans[0]
    assert plan.step("near") is plan.steps[0]
    assert library.book_of(PlanId("x-2/any")) is new
    assert library.plan(PlanId("x-1/gone")) is None
    assert library.plan(PlanId("y-1/any")) is None


def test_a_step_that_the_plan_no_longer_has_begins_it_anew() -> None:
    """A journal may name a step of a plan that was lost: better the first than none."""
    assert a_plan().step("gone").step == "near"


@pytest.mark.parametrize(
    ("day", "serves"),
    [("2026-02-28", False), ("2026-03-01", True), ("2026-09-30", True), ("2026-10-01", False)],
)
def test_a_book_serves_from_its_first_day_to_the_day_before_its_end(day: str, serves: bool) -> None:
    """Winter's book ends on the day on which summer's begins."""
    assert a_book(begins="2026-03-01", ends="2026-10-01").serves(day) is serves


def test_the_book_that_began_last_answers_and_of_those_the_higher_version() -> None:
    """A season's book goes before the one for all the year, which comes back after it."""
    built_in = a_book("default")
    year = a_book("lane", 4, begins="2026-01-01")
    summer = a_book("lane", 5, begins="2026-06-01", ends="2026-09-01")
    mended = a_book("lane", 6, begins="2026-06-01", ends="2026-09-01")
    library = Library([mended, built_in, year, summer])

    answers = [
        library.serving(day).name
        for day in ("2025-12-31", "2026-05-31", "2026-06-01", "2026-09-01")
    ]

    assert answers == ["default-1", "lane-4", "lane-6", "lane-4"]
    assert [book.name for book in library.books()] == ["default-1", "lane-4", "lane-5", "lane-6"]
