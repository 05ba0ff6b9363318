"""The tables of a plan book to values and back, key by key. Knows no file and no other book.

Each part is read by itself, so that a refusal says which plan, step and need it means.
The shape is drawn in plan_files.py and explained in docs/plans.md.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from dispatch.errors import PlanError, quoted
from dispatch.ids import SKILL, WORD
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

WORDS_CHARS_MAX: Final = 200

WAVE_S: Final = (5.0, 600.0)
"""Under five seconds nobody can answer; after ten minutes nobody will."""

HOLD_S: Final = (10.0, 86_400.0)
TARGET_S: Final = (30.0, 86_400.0)

SURE: Final = (0.5, 0.99)
"""Being quite sure would mean asking everybody."""

FAIRNESS_S: Final = (0.0, 600.0)
NEAR_M: Final = (0.0, 5_000.0)
NEAR_S: Final = (0.0, 86_400.0)

CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""A checklist item, or somebody to tell."""

SPAN: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")
DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")

Table = dict[str, Any]


# What stands where.


class _Struct(msgspec.Struct, forbid_unknown_fields=True):
    pass


class _Head(_Struct, kw_only=True):
    name: str
    version: int
    begins: Any = ""
    ends: Any = ""


class _Item(_Struct, kw_only=True):
    item: str
    zh: str
    en: str


class _Rule(_Struct, kw_only=True):
    priority: int
    nearby: str
    near_m: float = 0.0
    near_s: float = 0.0
    checklist: list[Any]


class _Need(_Struct, kw_only=True):
    count: int
    role: str | None = None
    skill: str = ""


class _Step(_Struct, kw_only=True):
    step: str
    tier: str
    needs: list[Any] = []
    rings: int | None = None
    wave_s: float | None = None
    hold_s: float | None = None
    then: str = ""
    tell: list[str] = []
    agency: str | None = None


class _Plan(_Struct, kw_only=True):
    plan: str
    kinds: list[str]
    classes: list[str] = []
    hours: list[str] = []
    target_s: float
    sure: float = 0.9
    on_scene: int = 1
    fairness_s: float = 30.0
    by_rings: bool = True
    preempts: int | None = None
    steps: list[Any]


class _Tables(_Struct, kw_only=True):
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
    read = _read(_Tables, table, "")
    head = _read(_Head, read.book, "book")
    _check_word("book.name", head.name)
    _check_between("book.version", head.version, (1, VERSION_MAX))
    begins, ends = _day("book.begins", head.begins), _day("book.ends", head.ends)
    if ends and ends <= begins:
        raise PlanError("book.ends", f"{ends} is not after {begins}", "write a later day")
    name = f"{head.name}-{head.version}"
    _check_count("plans", read.plans, (0, PLANS_MAX))
    plans = tuple(_plan(name, n, each) for n, each in enumerate(read.plans, start=1))
    _check_once("plans", [each.plan.partition("/")[2] for each in plans])
    return Parts(
        book=head.name,
        version=head.version,
        begins=begins,
        ends=ends,
        kinds=dict(_rule(kind, each) for kind, each in read.kinds.items()),
        plans=plans,
        inherited=tuple(_word(Kind, "inherited", each) for each in read.inherited),
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
    word = _word(Kind, "kinds", kind)
    where = f"kinds.{kind}"
    read = _read(_Rule, table, where)
    _check_between(f"{where}.priority", read.priority, (1, PRIORITY_MAX))
    _check_between(f"{where}.near_m", read.near_m, NEAR_M)
    _check_between(f"{where}.near_s", read.near_s, NEAR_S)
    _check_count(f"{where}.checklist", read.checklist, (1, CHECKLIST_MAX))
    items = tuple(_item(f"{where}.checklist", each) for each in read.checklist)
    _check_once(f"{where}.checklist", [each.item for each in items])
    return word, KindRule(
        kind=word,
        priority=read.priority,
        nearby=_word(Nearby, f"{where}.nearby", read.nearby),
        near_m=read.near_m,
        near_s=read.near_s,
        checklist=items,
    )


def _item(where: str, table: object) -> ChecklistItem:
    read = _read(_Item, table, where)
    _check_code(f"{where}: item", read.item)
    where = f"{where}, {read.item}"
    return ChecklistItem(
        item=read.item, zh=_words(f"{where}: zh", read.zh), en=_words(f"{where}: en", read.en)
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
    where = _named("plan", table, number)
    read = _read(_Plan, table, where)
    _check_word(f"{where}: plan", read.plan)
    _check_count(f"{where}: kinds", read.kinds, (1, len(Kind)))
    _check_count(f"{where}: classes", read.classes, (0, len(GRID_CLASSES)))
    _check_count(f"{where}: hours", read.hours, (0, HOURS_MAX))
    _check_between(f"{where}: target_s", read.target_s, TARGET_S)
    _check_between(f"{where}: sure", read.sure, SURE)
    _check_between(f"{where}: on_scene", read.on_scene, (1, COUNT_MAX))
    _check_between(f"{where}: fairness_s", read.fairness_s, FAIRNESS_S)
    if read.preempts is not None:
        _check_between(f"{where}: preempts", read.preempts, (2, PRIORITY_MAX))
    _check_count(f"{where}: steps", read.steps, (1, STEPS_MAX))
    plan = Plan(
        plan=PlanId(f"{book}/{read.plan}"),
        kinds=frozenset(_word(Kind, f"{where}: kinds", each) for each in read.kinds),
        classes=frozenset(_grid_class(f"{where}: classes", each) for each in read.classes),
        hours=tuple(_hours(f"{where}: hours", each) for each in read.hours),
        target_s=read.target_s,
        sure=read.sure,
        on_scene=read.on_scene,
        fairness_s=read.fairness_s,
        by_rings=read.by_rings,
        preempts=read.preempts,
        steps=tuple(_step(where, n, each) for n, each in enumerate(read.steps, start=1)),
    )
    check_ladder(where, plan.steps)
    check_enough(where, plan)
    return plan


def _step(plan: str, number: int, table: object) -> PlanStep:
    where = f"{plan}, {_named('step', table, number)}"
    read = _read(_Step, table, where)
    _check_word(f"{where}: step", read.step)
    _check_count(f"{where}: needs", read.needs, (0, NEEDS_MAX))
    _check_count(f"{where}: tell", read.tell, (0, TELL_MAX))
    _check_once(f"{where}: tell", read.tell)
    for each in read.tell:
        _check_code(f"{where}: tell", each)
    if read.rings is not None:
        _check_between(f"{where}: rings", read.rings, (0, RINGS_MAX))
    if read.wave_s is not None:
        _check_between(f"{where}: wave_s", read.wave_s, WAVE_S)
    if read.hold_s is not None:
        _check_between(f"{where}: hold_s", read.hold_s, HOLD_S)
    needs = tuple(_need(f"{where}, need {n}", each) for n, each in enumerate(read.needs, start=1))
    _check_once(f"{where}: needs", [each.label for each in needs])
    step = PlanStep(
        step=read.step,
        tier=_word(Tier, f"{where}: tier", read.tier),
        needs=needs,
        rings=read.rings,
        wave_s=read.wave_s,
        hold_s=read.hold_s,
        then=read.then,
        tell=tuple(read.tell),
        agency=None if read.agency is None else _word(Agency, f"{where}: agency", read.agency),
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
    read = _read(_Need, table, where)
    _check_between(f"{where}: count", read.count, (1, COUNT_MAX))
    if read.skill and not SKILL.fullmatch(read.skill):
        raise PlanError(
            f"{where}: skill",
            f"is {quoted(read.skill)!r}",
            "write one word of a-z, 0-9 and _, such as medical",
        )
    role = None if read.role is None else _word(Role, f"{where}: role", read.role)
    return Need(count=read.count, role=role, skill=read.skill)


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


# Words and numbers.

Shape = TypeVar("Shape", bound=_Struct)
Word = TypeVar("Word", bound=StrEnum)

_UNKNOWN: Final = re.compile(r"unknown field `(.*?)`", re.DOTALL)
_MISSING: Final = re.compile(r"missing required field `(.*?)`")
_TYPED: Final = re.compile(r"Expected `(.*?)`, got `(.*?)`(?: - at `\$\.?(.*)`)?")


def _read(shape: type[Shape], table: object, where: str) -> Shape:
    try:
        return msgspec.convert(table, shape)
    except (msgspec.ValidationError, OverflowError) as exc:
        raise _refused(shape, str(exc), where) from exc


def _refused(shape: type[_Struct], said: str, where: str) -> PlanError:
    """msgspec's finding in words that somebody who writes plans can use."""
    if unknown := _UNKNOWN.search(said):
        key = unknown[1]
        near = difflib.get_close_matches(key, shape.__struct_fields__, n=1)
        remedy = f"did you mean {near[0]}?" if near else "remove it"
        return PlanError(where, f"there is no key {quoted(key)}", remedy)
    if missing := _MISSING.search(said):
        return PlanError(where, f"{missing[1]} is missing", "write it")
    if typed := _TYPED.search(said):
        key = f"{where}: {typed[3]}" if where and typed[3] else typed[3] or where
        wanted, got = (_SHOWN.get(each, each) for each in (typed[1], typed[2]))
        return PlanError(key, f"is {got}", f"write {wanted}")
    return PlanError(where, quoted(said), "see docs/plans.md")


_SHOWN: Final = {
    "str": "text in quotes",
    "str | null": "text in quotes",
    "int": "a whole number",
    "int | null": "a whole number",
    "float": "a number",
    "float | null": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}


def _named(what: str, table: object, number: int) -> str:
    """How a refusal calls a plan or step: by its name, else by its place in the list."""
    name = table.get(what) if isinstance(table, dict) else None
    return f"{what} {quoted(name)}" if isinstance(name, str) and name else f"{what} {number}"


def _word(words: type[Word], where: str, text: str) -> Word:
    try:
        return words(text)
    except ValueError as exc:
        near = [] if text.isdigit() else difflib.get_close_matches(text, list(words), n=1)
        remedy = f"did you mean {near[0]}?" if near else f"write one of {', '.join(words)}"
        raise PlanError(where, f"there is no {quoted(text)}", remedy) from exc


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


def _words(where: str, text: str) -> str:
    if (
        not text.strip()
        or text != text.strip()
        or len(text) > WORDS_CHARS_MAX
        or not text.isprintable()
    ):
        raise PlanError(
            where,
            f"is {quoted(text)!r}",
            f"write 1 to {WORDS_CHARS_MAX} printable characters, no blank at either end",
        )
    return text


def _check_word(where: str, text: str) -> None:
    if not WORD.fullmatch(text):
        raise PlanError(where, f"is {quoted(text)!r}", "write 1 to 40 of a-z, 0-9 and -")


def _check_code(where: str, text: str) -> None:
    if not CODE.fullmatch(text):
        raise PlanError(
            where, f"is {quoted(text)!r}", "write 1 to 40 of a-z, 0-9, _ and -, a letter first"
        )


def _check_between(where: str, value: float, bounds: tuple[float, float]) -> None:
    low, high = bounds
    if not low <= value <= high:  # so that nan is refused as well
        raise PlanError(where, f"is {quoted(str(value))}", f"set it between {low:g} and {high:g}")


def _check_count(where: str, values: Sequence[object], bounds: tuple[int, int]) -> None:
    low, high = bounds
    if not low <= len(values) <= high:
        raise PlanError(where, f"has {len(values)} entries", f"give it {low} to {high}")


def _check_once(where: str, names: Sequence[str]) -> None:
    for n, name in enumerate(names):
        if name in names[:n]:
            raise PlanError(where, f"{quoted(name)} stands there twice", "give it once")
