"""Small plan books for tests, written as a file would say them, and towns that have them.

A plan is for red buttons and asks for two volunteers all over the community, in one step
that never ends; a test says what differs.
"""

from dataclasses import replace
from typing import Any

from dispatch.plan import PlanBook
from dispatch.plan_files import book_of_table
from dispatch.roster import Community
from tests.builders import town

Table = dict[str, Any]


def need(count: int, role: str | None = "volunteer", skill: str = "") -> Table:
    """So many of a role, a skill, or both."""
    said = {"count": count, "role": role, "skill": skill}
    return {key: value for key, value in said.items() if value}


def a_step(name: str = "near", *needs: Table, tier: str = "grid", **more: Any) -> Table:
    """One step."""
    return {"step": name, "tier": tier, "needs": list(needs) or [need(2)], **more}


def a_plan(
    *steps: Table, plan: str = "only", kinds: tuple[str, ...] = ("sos",), **more: Any
) -> Table:
    """One plan; not so sure of anything that it asks for more than its needs."""
    said = {"plan": plan, "kinds": list(kinds), "target_s": 600, "sure": 0.5, **more}
    return {**said, "steps": list(steps) or [a_step()]}


def a_rule(**more: Any) -> Table:
    """What a kind means: urgent, and its presses stay apart."""
    item = {"item": "look", "zh": "看一看", "en": "Have a look"}
    return {
        "priority": 2,
        "nearby": "apart",
        "near_m": 100,
        "near_s": 600,
        "checklist": [item],
    } | more


def a_book(
    *plans: Table, name: str = "test", version: int = 1, kinds: Table | None = None, **head: Any
) -> PlanBook:
    """A book of these plans, completed from the built-in one."""
    book = {"name": name, "version": version, "begins": "2026-01-01", **head}
    return book_of_table({"book": book, "kinds": kinds or {}, "plans": list(plans) or [a_plan()]})


def town_with(*books: PlanBook, **changes: Any) -> Community:
    """The small town with these books beside the built-in one."""
    return replace(town(), books=books, **changes)


def town_of(*plans: Table, kinds: Table | None = None) -> Community:
    """The small town with one book of these plans."""
    return town_with(a_book(*plans, kinds=kinds))
