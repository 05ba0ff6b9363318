"""The built-in plan book: what it promises, whatever numbers are tuned in it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import pytest

from dispatch.config import load_community
from dispatch.demo import demo_community_path
from dispatch.plan_files import default_book
from dispatch.words import Agency, Kind, Role, Tier

NOON = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 -- a local time, as plan_for takes it
NIGHT = NOON.replace(hour=23)

RELEASED = "214df1698f700b6f91dbdeaac0096f1989b7239ec34356a8483bbe3f9f5a8865"
"""SHA-256 of the built-in book's text."""


def test_the_built_in_book_is_the_one_that_was_released() -> None:
    """Hubs keep a book by name and version. After a release, what changes is another version."""
    assert hashlib.sha256(default_book().text.encode()).hexdigest() == RELEASED


def test_every_kind_has_a_checklist_in_both_languages() -> None:
    """Four to eight things, in the order in which they matter."""
    for rule in default_book().kinds.values():
        assert 4 <= len(rule.checklist) <= 8, rule.kind
        for each in rule.checklist:
            assert each.en.isascii()
            assert re.search("[\u4e00-\u9fff]", each.zh)


def test_danger_to_life_comes_first_and_is_answered_in_minutes() -> None:
    """Priority 1 may interrupt errands; nobody is too far to be asked for it."""
    book = default_book()
    for kind in (Kind.SOS, Kind.MEDICAL, Kind.FIRE):
        assert book.kinds[kind].priority == 1
    for plan in book.plans:
        emergency = bool(plan.kinds & {Kind.SOS, Kind.MEDICAL, Kind.FIRE})
        assert plan.preempts == (3 if emergency else None)
        assert (plan.target_s <= 240) == emergency
        if emergency:
            assert all(step.rings is None for step in plan.steps)


def test_a_press_of_the_red_button_wants_three_volunteers_a_guard_and_an_officer() -> None:
    """In a quiet grid; a busy one gets a volunteer more."""
    book = default_book()

    def first(grid_class: str) -> list[tuple[str, int]]:
        plan = book.plan_for(Kind.SOS, grid_class, NOON)
        return [(need.label, need.count) for need in plan.steps[0].needs]

    assert first("") == first("B") == [("volunteer", 3), ("guard", 1), ("police", 1)]
    assert first("A") == [("volunteer", 4), ("guard", 1), ("police", 1)]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.MISSING])
@pytest.mark.parametrize("hour", [12, 23])
def test_a_busy_grid_is_sent_one_more(kind: Kind, hour: int) -> None:
    """Class A: strangers, markets, crowds. Who is missing does not stay in one grid."""
    book, when = default_book(), NOON.replace(hour=hour)
    if kind in (Kind.HAZARD, Kind.NUISANCE, Kind.OTHER) and hour == 23:
        return  # at night two guards look, wherever it is

    in_a, in_b = (
        [sum(need.count for need in step.needs) for step in book.plan_for(kind, c, when).steps]
        for c in "AB"
    )

    assert in_a[0] == in_b[0] + 1
    assert all(a > b for a, b in zip(in_a, in_b, strict=True))


def test_at_night_a_quarrel_is_first_for_guards_and_police() -> None:
    """Volunteers of seventy come only where those are too few."""
    for kind in (Kind.DISPUTE, Kind.SUSPICIOUS):
        for grid_class in ("", "A", "B"):
            near, wider, *_ = default_book().plan_for(kind, grid_class, NIGHT).steps
            assert {need.role for need in near.needs} == {Role.GUARD, Role.POLICE}
            assert wider.needs[-1].role is Role.VOLUNTEER


def test_skills_come_on_top_of_people_and_the_demo_has_them() -> None:
    """Where nobody is trained, as many come; in the demo every need can be filled."""
    _, radios = load_community(demo_community_path())
    for plan in default_book().plans:
        for step in plan.steps:
            assert any(not need.skill for need in step.needs), (plan.plan, step.step)
            for need in step.needs:
                assert any(need.fits(each.role, each.skills) for each in radios), need.label


def test_every_ladder_tells_the_supervisor_from_the_community_on_and_names_an_agency() -> None:
    """What stays without anybody is never a silent matter."""
    for plan in default_book().plans:
        assert any(step.agency for step in plan.steps) or Kind.OTHER in plan.kinds
        for step in plan.steps:
            above = step.tier is not Tier.GRID
            assert (step.tell == ("supervisor",)) == above


def test_ambulance_and_fire_service_are_proposed_with_the_first_call() -> None:
    """Nothing that a community has replaces them."""
    book = default_book()

    assert book.plan_for(Kind.MEDICAL, "", NOON).steps[0].agency is Agency.AMBULANCE
    assert book.plan_for(Kind.FIRE, "A", NOON).steps[0].agency is Agency.FIRE


def test_each_step_asks_for_at_least_what_the_one_before_asked() -> None:
    """Needs are how many should come in all: a later step never lets anybody go."""
    for plan in default_book().plans:
        for below, above in zip(plan.steps, plan.steps[1:], strict=False):
            has = {need.label: need.count for need in above.needs}
            for need in below.needs:
                assert has.get(need.label, 0) >= need.count, (plan.plan, above.step, need.label)
