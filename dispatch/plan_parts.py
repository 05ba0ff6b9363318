"""The tables of a plan book to values and back, key by key. Knows no file and no other book.

Each part is read by itself, so that a refusal says which plan, step and need it means.
The shape is drawn in plan_files.py and explained in docs/plans.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import msgspec

from dispatch.errors import PlanError, quoted
from dispatch.ids import SKILL
from dispatch.plan import (
    MINUTES_OF_DAY,
    ChecklistItem,
    Hours,
    KindRule,
    Need,
    Plan,
    PlanBook,
    PlanId,
    PlanStep,
)
from dispatch.plan_checks import GRID_CLASSES, PRIORITY_MAX, check_enough, check_ladder
from dispatch.plan_reading import (
    check_between,
    check_code,
    check_count,
    check_once,
    check_word,
    named,
    read,
    word_of,
    words_of,
)
from dispatch.words import Agency, Kind, Nearby, Role, Tier

VERSION_MAX: Final = 1_000_000

PLANS_MAX: Final = 64
"""Nine kinds, by day and night, in both classes, with room."""

STEPS_MAX: Final = 8
"""Four tiers, two steps each. More could not be kept in mind while it runs."""

NEEDS_MAX: Final = 8
COUNT_MAX: Final = 100
"""Of one need: a missing child in a community of a thousand volunteers."""

HOURS_MAX: Final = 4
RINGS_MAX: Final = 20
TELL_MAX: Final = 8
CHECKLIST_MAX: Final = 12
"""What is gone through with somebody on the line; the built-in book has at most eight."""

WAVE_S: Final = (5.0, 600.0)
"""Under five seconds nobody can answer; after ten minutes nobody will."""

HOLD_S: Final = (10.0, 86_400.0)
TARGET_S: Final = (30.0, 86_400.0)

SURE: Final = (0.5, 0.99)
"""Being quite sure would mean asking everybody."""

FAIRNESS_S: Final = (0.0, 600.0)
NEAR_M: Final = (0.0, 5_000.0)
NEAR_S: Final = (0.0, 86_400.0)

SPAN: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Table = dict[str, Any]


# What stands where.


class _Head(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    version: int
    begins: Any = ""
    ends: Any = ""


class _Item(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    item: str
    zh: str
    en: str


class _Rule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    priority: int
    nearby: str
    near_m: float = 0.0
    near_s: float = 0.0
    checklist: list[Any]


class _Need(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    count: int
    role: str | None = None
    skill: str = ""


class _Step(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    step: str
    tier: str
    needs: list[Any] = []
    rings: int | None = None
    wave_s: float | None = None
    hold_s: float | None = None
    then: str = ""
    tell: list[str] = []
    agency: str | None = None


class _Plan(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    plan: str
    kinds: list[str]
    classes: list[str] = []
    hours: list[str] = []
    target_s: float
    sure: float = 0.9
    on_scene: int = 1
    fairness_s: float = 30.0
    by_rings: bool = False
    preempts: int | None = None
    steps: list[Any]


class _Tables(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    book: Any
    kinds: dict[str, Any] = {}
    plans: list[Any] = []
    inherited: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the tables of one book say, each part checked by itself."""

    book: str
    version: int
    begins: str
    ends: str
    kinds: Mapping[Kind, KindRule]
    plans: tuple[Plan, ...]
    inherited: tuple[Kind, ...]
    """Kinds whose rule was taken from the built-in book: said in the journal only."""


def parts_of(table: Table) -> Parts:
    """The parts of a book. Raises PlanError."""
    said = read(_Tables, table, "")
    head = read(_Head, said.book, "book")
    check_word("book.name", head.name)
    check_between("book.version", head.version, (1, VERSION_MAX))
    begins, ends = _day("book.begins", head.begins), _day("book.ends", head.ends)
    if ends and ends <= begins:
        raise PlanError("book.ends", f"{ends} is not after {begins}", "write a later day")
    name = f"{head.name}-{head.version}"
    check_count("plans", said.plans, (0, PLANS_MAX))
    plans = tuple(_plan(name, n, each) for n, each in enumerate(said.plans, start=1))
    check_once("plans", [each.plan.partition("/")[2] for each in plans])
    return Parts(
        book=head.name,
        version=head.version,
        begins=begins,
        ends=ends,
        kinds=dict(_rule(kind, each) for kind, each in said.kinds.items()),
        plans=plans,
        inherited=tuple(word_of(Kind, "inherited", each) for each in said.inherited),
    )


def table_of(book: PlanBook) -> Table:
    """The tables that say this book, with nothing left to a default."""
    return {
        "book": {
            "name": book.book,
            "version": book.version,
            "begins": book.begins,
            "ends": book.ends,
        },
        "kinds": {kind.value: _told_rule(rule) for kind, rule in book.kinds.items()},
        "plans": [_told_plan(plan) for plan in book.plans],
    }


# Kinds.


def _rule(kind: str, table: object) -> tuple[Kind, KindRule]:
    word = word_of(Kind, "kinds", kind)
    where = f"kinds.{kind}"
    said = read(_Rule, table, where)
    check_between(f"{where}.priority", said.priority, (1, PRIORITY_MAX))
    check_between(f"{where}.near_m", said.near_m, NEAR_M)
    check_between(f"{where}.near_s", said.near_s, NEAR_S)
    check_count(f"{where}.checklist", said.checklist, (1, CHECKLIST_MAX))
    items = tuple(_item(f"{where}.checklist", each) for each in said.checklist)
    check_once(f"{where}.checklist", [each.item for each in items])
    return word, KindRule(
        kind=word,
        priority=said.priority,
        nearby=word_of(Nearby, f"{where}.nearby", said.nearby),
        near_m=said.near_m,
        near_s=said.near_s,
        checklist=items,
    )


def _item(where: str, table: object) -> ChecklistItem:
    said = read(_Item, table, where)
    check_code(f"{where}: item", said.item)
    where = f"{where}, {said.item}"
    return ChecklistItem(
        item=said.item, zh=words_of(f"{where}: zh", said.zh), en=words_of(f"{where}: en", said.en)
    )


def _told_rule(rule: KindRule) -> Table:
    return {
        "priority": rule.priority,
        "nearby": rule.nearby.value,
        "near_m": rule.near_m,
        "near_s": rule.near_s,
        "checklist": [{"item": i.item, "zh": i.zh, "en": i.en} for i in rule.checklist],
    }


# Plans.


def _plan(book: str, number: int, table: object) -> Plan:
    where = named("plan", table, number)
    said = read(_Plan, table, where)
    check_word(f"{where}: plan", said.plan)
    check_count(f"{where}: kinds", said.kinds, (1, len(Kind)))
    check_count(f"{where}: classes", said.classes, (0, len(GRID_CLASSES)))
    check_count(f"{where}: hours", said.hours, (0, HOURS_MAX))
    check_between(f"{where}: target_s", said.target_s, TARGET_S)
    check_between(f"{where}: sure", said.sure, SURE)
    check_between(f"{where}: on_scene", said.on_scene, (1, COUNT_MAX))
    check_between(f"{where}: fairness_s", said.fairness_s, FAIRNESS_S)
    check_between(f"{where}: preempts", said.preempts, (2, PRIORITY_MAX))
    check_count(f"{where}: steps", said.steps, (1, STEPS_MAX))
    plan = Plan(
        plan=PlanId(f"{book}/{said.plan}"),
        kinds=frozenset(word_of(Kind, f"{where}: kinds", each) for each in said.kinds),
        classes=frozenset(_grid_class(f"{where}: classes", each) for each in said.classes),
        hours=tuple(_hours(f"{where}: hours", each) for each in said.hours),
        target_s=said.target_s,
        sure=said.sure,
        on_scene=said.on_scene,
        fairness_s=said.fairness_s,
        by_rings=said.by_rings,
        preempts=said.preempts,
        steps=tuple(_step(where, n, each) for n, each in enumerate(said.steps, start=1)),
    )
    check_ladder(where, plan.steps)
    check_enough(where, plan)
    return plan


def _step(plan: str, number: int, table: object) -> PlanStep:
    where = f"{plan}, {named('step', table, number)}"
    said = read(_Step, table, where)
    check_word(f"{where}: step", said.step)
    check_count(f"{where}: needs", said.needs, (0, NEEDS_MAX))
    check_count(f"{where}: tell", said.tell, (0, TELL_MAX))
    check_once(f"{where}: tell", said.tell)
    for each in said.tell:
        check_code(f"{where}: tell", each)
    check_between(f"{where}: rings", said.rings, (0, RINGS_MAX))
    check_between(f"{where}: wave_s", said.wave_s, WAVE_S)
    check_between(f"{where}: hold_s", said.hold_s, HOLD_S)
    needs = tuple(_need(f"{where}, need {n}", each) for n, each in enumerate(said.needs, start=1))
    check_once(f"{where}: needs", [each.label for each in needs])
    step = PlanStep(
        step=said.step,
        tier=word_of(Tier, f"{where}: tier", said.tier),
        needs=needs,
        rings=said.rings,
        wave_s=said.wave_s,
        hold_s=said.hold_s,
        then=said.then,
        tell=tuple(said.tell),
        agency=None if said.agency is None else word_of(Agency, f"{where}: agency", said.agency),
    )
    _check_step(where, step)
    return step


def _check_step(where: str, step: PlanStep) -> None:
    if not (step.needs or step.tell or step.agency):
        raise PlanError(where, "nothing happens in it", "give it needs, tell or agency")
    if step.hold_s is not None and not step.then:
        raise PlanError(
            where,
            "hold_s says when the next step begins, but there is none",
            "name it as `then`, or leave out hold_s",
        )
    if step.tier is Tier.AGENCY and step.agency is None:
        raise PlanError(
            where, "its tier is agency, but none is named", 'write agency = "110", or another'
        )


def _need(where: str, table: object) -> Need:
    said = read(_Need, table, where)
    check_between(f"{where}: count", said.count, (1, COUNT_MAX))
    if said.skill and not SKILL.fullmatch(said.skill):
        raise PlanError(
            f"{where}: skill",
            f"is {quoted(said.skill)!r}",
            "write one word of a-z, 0-9 and _, such as medical",
        )
    role = None if said.role is None else word_of(Role, f"{where}: role", said.role)
    return Need(count=said.count, role=role, skill=said.skill)


def _told_plan(plan: Plan) -> Table:
    return {
        "plan": plan.plan.partition("/")[2],
        "kinds": sorted(plan.kinds),
        "classes": sorted(plan.classes),
        "hours": [told_hours(each) for each in plan.hours],
        "target_s": plan.target_s,
        "sure": plan.sure,
        "on_scene": plan.on_scene,
        "fairness_s": plan.fairness_s,
        "by_rings": plan.by_rings,
        "preempts": plan.preempts,
        "steps": [_told_step(each) for each in plan.steps],
    }


def _told_step(step: PlanStep) -> Table:
    return {
        "step": step.step,
        "tier": step.tier.value,
        "needs": [{"count": n.count, "role": n.role, "skill": n.skill} for n in step.needs],
        "rings": step.rings,
        "wave_s": step.wave_s,
        "hold_s": step.hold_s,
        "then": step.then,
        "tell": list(step.tell),
        "agency": step.agency,
    }


def told_hours(hours: Hours) -> str:
    """As a file has them: ``22:00-06:00``."""
    return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (hours.begins, hours.ends))


# Days, hours and classes.


def _grid_class(where: str, text: str) -> str:
    if text not in GRID_CLASSES[1:]:
        raise PlanError(where, f"there is no {quoted(text)}", 'write "A", "B" or both')
    return text


def _hours(where: str, text: str) -> Hours:
    found = SPAN.fullmatch(text)
    if found is None:
        raise PlanError(where, f"is {quoted(text)!r}", 'write them as in "22:00-06:00"')
    at = [int(each) for each in found.groups() if each is not None]
    hours = Hours(begins=at[0] * 60 + at[1], ends=at[2] * 60 + at[3])
    if hours.begins == hours.ends % MINUTES_OF_DAY:
        raise PlanError(where, f"{text} is the whole day", "leave them out")
    return hours


def _day(where: str, value: object) -> str:
    """TOML has days of its own: ``2026-03-01`` without quotes is as good."""
    text = value.isoformat() if type(value) is date else value
    if text == "":
        return ""
    if isinstance(text, str) and DAY.fullmatch(text) and text.isascii():
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass  # the 31st of February: refused like any other
    raise PlanError(where, f"is {quoted(str(value))!r}", 'write a day, such as "2026-03-01"')
