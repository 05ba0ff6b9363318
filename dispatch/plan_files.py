"""Reads plan books from TOML, and back from the journal; refuses what cannot work, in one sentence.

    [book]
    name = "riverside"
    version = 3                     of one name, the higher replaces the lower
    begins = "2026-03-01"           first day, in the community's time
    ends = "2026-10-01"             first day no longer; may be left out

    [kinds.dispute]                 a kind left out is taken from the built-in book
    priority = 2
    nearby = "join"
    near_m = 50
    near_s = 600
    checklist = [{ item = "weapon", zh = "有没有人持械？", en = "Is anybody armed?" }]

    [[plans]]                       the first that fits is taken
    plan = "dispute-night"
    kinds = ["dispute"]
    classes = ["A"]
    hours = ["22:00-06:00"]
    target_s = 300
    [[plans.steps]]
    step = "near"
    tier = "grid"
    needs = [{ count = 2, role = "guard" }, { count = 1, skill = "mediation" }]
    wave_s = 45

Every key is in plan_parts.py and docs/plans.md. The journal keeps a book as JSON of the
same shape, whole: what was inherited is written out in it and named, so that the file can
be told from what it was completed with. A key that is added here one day needs a default,
or older journals could not be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from dispatch.errors import PlanError, SettingsError
from dispatch.plan import KindRule, Plan, PlanBook, PlanId
from dispatch.plan_checks import check_preempts, check_turns, turns, unanswered
from dispatch.plan_parts import Parts, Table, parts_of, table_of
from dispatch.plans import default_plans_path
from dispatch.roster import RadioRecord
from dispatch.toml_files import read_bounded, toml_of
from dispatch.words import Kind

BOOK_BYTES_MAX: Final = 256 * 2**10
"""Some eight times the built-in book."""

BOOKS_READ_MAX: Final = 32
"""Books of the journal kept at hand as they were read: some 50 kB each."""

DEFAULT: Final = "default"
"""The name of the built-in book; no other may have it, nor a plan of another begin with it."""

_CANONICAL: Final = msgspec.json.Encoder(order="sorted")


def load_book(file: Path) -> PlanBook:
    """The book of a file, completed from the built-in one. Raises SettingsError."""
    table = _table_of(file)
    try:
        return book_of_table(table)
    except PlanError as exc:
        raise SettingsError(f"{file}: {exc.what}", exc.remedy) from exc


def book_of_table(table: Table) -> PlanBook:
    """The book that a file's table says; rules and plans that it leaves out are those of the
    built-in book. Raises PlanError.
    """
    own, base = parts_of(table), default_book()
    _check_own(own)
    check_turns(own.plans)
    inherited = tuple(kind for kind in Kind if kind not in own.kinds)
    rules = {**own.kinds, **{kind: base.kinds[kind] for kind in inherited}}
    return _book(own, rules, [*own.plans, *_lent(base, own, rules)], inherited)


@cache
def default_book() -> PlanBook:
    """The book that comes with Yihu."""
    return _whole(parts_of(_table_of(default_plans_path())))


@lru_cache(maxsize=BOOKS_READ_MAX)
def book_of_text(text: str) -> PlanBook:
    """The book that PlanBook.text says; it needs no other to be complete. Raises PlanError.

    The same text is the same book: every community adopts the built-in one, and a start
    reads each adoption, some ten milliseconds each time.
    """
    try:
        table = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, UnicodeError) as exc:
        raise PlanError("", f"the text is no plan book ({exc})", "restore the journal") from exc
    return replace(_whole(parts_of(table)), text=text)


def conflict(known_text: str, book: PlanBook) -> str:
    """Why this book may not go by the name and version that the journal knows; empty: it may.

    What a file inherits may change with another Yihu: that is no conflict, and the book
    of the journal goes on serving as it was adopted. Raises PlanError.
    """
    differs = _difference(_own(known_text), _own(book.text))
    if not differs:
        return ""
    return (
        f"plan book {book.name} differs from the one that has served as {book.name} ({differs}); "
        f"give it a version of its own, above {book.version}"
    )


def unfillable(book: PlanBook, radios: Iterable[RadioRecord]) -> list[str]:
    """A sentence for each need that nobody on this roster could fill. What the built-in book
    asks for is never among them: it has to do for every community.
    """
    people = {(each.role, each.skills) for each in radios if not each.revoked}
    return [
        f"plan {short_name(plan)}, step {step.step} asks for {need.count} {need.label}, "
        "and nobody on the roster is that"
        for plan in book.plans
        if not (book.book == DEFAULT or is_inherited(plan))
        for step in plan.steps
        for need in step.needs
        if not any(need.fits(role, skills) for role, skills in people)
    ]


def short_name(plan: Plan) -> str:
    """A plan's name within its book."""
    return plan.plan.partition("/")[2]


def inherited_kinds(book: PlanBook) -> frozenset[Kind]:
    """The kinds whose rule was taken from the built-in book."""
    return frozenset(parts_of(msgspec.json.decode(book.text)).inherited)


def is_inherited(plan: Plan) -> bool:
    """Whether another book took this plan from the built-in one."""
    return short_name(plan).startswith(f"{DEFAULT}-")


def _table_of(file: Path) -> Table:
    return toml_of(file, read_bounded(file, "plan book", BOOK_BYTES_MAX))


# Whole books.


def _check_own(own: Parts) -> None:
    if own.book == DEFAULT:
        raise PlanError("book.name", f"{DEFAULT} is the built-in book", "choose another name")
    if not own.begins:
        raise PlanError("book.begins", "is missing", 'write a day, such as "2026-03-01"')
    if own.inherited:
        raise PlanError("", "there is no key inherited", "remove it")
    for plan in own.plans:
        if is_inherited(plan):
            raise PlanError(
                f"plan {short_name(plan)}",
                f"names with {DEFAULT}- are those of inherited plans",
                "choose another name",
            )


def _lent(base: PlanBook, own: Parts, rules: Mapping[Kind, KindRule]) -> list[Plan]:
    """The plans of `base` where `own` has none that fits, under names that say so."""
    found = turns([*own.plans, *base.plans])
    lent = []
    for index, plan in enumerate(base.plans, start=len(own.plans)):
        if kinds := found.get(index):
            name = PlanId(f"{own.book}-{own.version}/{base.name}-{short_name(plan)}")
            preempts = _preempts(plan, [rules[kind] for kind in kinds])
            lent.append(replace(plan, plan=name, kinds=frozenset(kinds), preempts=preempts))
    return lent


def _preempts(lent: Plan, rules: Iterable[KindRule]) -> int | None:
    """Where a file made a kind less urgent, it does not interrupt what is as urgent."""
    urgent = lent.preempts is not None and all(each.priority < lent.preempts for each in rules)
    return lent.preempts if urgent else None


def _whole(parts: Parts) -> PlanBook:
    """A book that leaves nothing to be taken from another."""
    missing = [kind for kind in Kind if kind not in parts.kinds]
    if missing:
        raise PlanError("kinds", f"{', '.join(missing)} missing", "write a table for each")
    left_out = sorted(unanswered(parts.plans))
    if left_out:
        raise PlanError(
            "plans",
            f"none fits {', '.join(left_out)} in every grid at every hour",
            "add one without classes and hours",
        )
    check_turns(parts.plans)
    return _book(parts, parts.kinds, parts.plans, parts.inherited)


def _book(
    parts: Parts,
    rules: Mapping[Kind, KindRule],
    plans: Sequence[Plan],
    inherited: Sequence[Kind],
) -> PlanBook:
    check_preempts(plans, rules)
    book = PlanBook(
        book=parts.book,
        version=parts.version,
        begins=parts.begins,
        ends=parts.ends,
        kinds=MappingProxyType({kind: rules[kind] for kind in Kind}),
        plans=tuple(plans),
        text="",
    )
    table = {**table_of(book), "inherited": sorted(inherited)}
    return replace(book, text=_CANONICAL.encode(table).decode())


# Comparing two of one name.


def _own(text: str) -> dict[str, object]:
    """What the file itself said, by the names that a refusal uses for it."""
    book = book_of_text(text)
    table = table_of(book)
    inherited = inherited_kinds(book)
    lent = {short_name(plan) for plan in book.plans if is_inherited(plan)}
    plans = {each["plan"]: each for each in table["plans"] if each["plan"] not in lent}
    return {
        **{f"book.{key}": value for key, value in table["book"].items()},
        **{f"kinds.{k}": rule for k, rule in table["kinds"].items() if k not in inherited},
        **{f"plan {name}": plan for name, plan in plans.items()},
        "the order of the plans": list(plans),
    }


def _difference(known: Mapping[str, object], given: Mapping[str, object]) -> str:
    """What the one has otherwise than the other; empty: nothing."""
    keys = [*known, *(key for key in given if key not in known)]
    return ", ".join(key for key in keys if known.get(key) != given.get(key))
