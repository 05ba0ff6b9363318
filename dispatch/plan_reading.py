"""One value of a hand-written table at a time, and the sentence that refuses it.

Knows shapes, words and bounds, not what they are for: plan_parts.py names those.
"""

import difflib
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from dispatch.errors import PlanError, quoted
from dispatch.ids import WORD

WORDS_CHARS_MAX: Final = 200
"""Of a sentence: two lines on the page."""

CODE: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""A checklist item, or somebody to tell."""


Shape = TypeVar("Shape", bound=msgspec.Struct)
Word = TypeVar("Word", bound=StrEnum)

_UNKNOWN: Final = re.compile(r"unknown field `(.*?)`", re.DOTALL)
_MISSING: Final = re.compile(r"missing required field `(.*?)`")
_TYPED: Final = re.compile(r"Expected `(.*?)`, got `(.*?)`(?: - at `\$\.?(.*)`)?")


def read(shape: type[Shape], table: object, where: str) -> Shape:
    """The table as a msgspec shape. Raises PlanError, as everything here does."""
    try:
        return msgspec.convert(table, shape)
    except (msgspec.ValidationError, OverflowError) as exc:
        raise _refused(shape, str(exc), where) from exc


def _refused(shape: type[msgspec.Struct], said: str, where: str) -> PlanError:
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


def named(what: str, table: object, number: int) -> str:
    """How a refusal calls a plan or step: by its name, else by its place in the list."""
    name = table.get(what) if isinstance(table, dict) else None
    return f"{what} {quoted(name)}" if isinstance(name, str) and name else f"{what} {number}"


def word_of(words: type[Word], where: str, text: str) -> Word:
    """One word of a closed vocabulary."""
    try:
        return words(text)
    except ValueError as exc:
        near = [] if text.isdigit() else difflib.get_close_matches(text, list(words), n=1)
        remedy = f"did you mean {near[0]}?" if near else f"write one of {', '.join(words)}"
        raise PlanError(where, f"there is no {quoted(text)}", remedy) from exc


def words_of(where: str, text: str) -> str:
    """A sentence that people will see."""
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


def check_word(where: str, text: str) -> None:
    """A name that may stand in an id."""
    if not WORD.fullmatch(text):
        raise PlanError(where, f"is {quoted(text)!r}", "write 1 to 40 of a-z, 0-9 and -")


def check_code(where: str, text: str) -> None:
    """A name within the book, or of somebody in another file."""
    if not CODE.fullmatch(text):
        raise PlanError(
            where, f"is {quoted(text)!r}", "write 1 to 40 of a-z, 0-9, _ and -, a letter first"
        )


def check_between(where: str, value: float | None, bounds: tuple[float, float]) -> None:
    """A number within its bounds, or left out."""
    low, high = bounds
    if value is not None and not low <= value <= high:  # so that nan is refused as well
        raise PlanError(where, f"is {quoted(str(value))}", f"set it between {low:g} and {high:g}")


def check_count(where: str, values: Sequence[object], bounds: tuple[int, int]) -> None:
    """A list that is neither too short nor too long."""
    low, high = bounds
    if not low <= len(values) <= high:
        raise PlanError(where, f"has {len(values)} entries", f"give it {low} to {high}")


def check_once(where: str, names: Sequence[str]) -> None:
    """Names of which none stands there twice."""
    for n, name in enumerate(names):
        if name in names[:n]:
            raise PlanError(where, f"{quoted(name)} stands there twice", "give it once")
