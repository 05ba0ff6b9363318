"""console/casefile_words.py: whatever an incident file can hold has words in both languages."""

from enum import StrEnum
from string import Formatter

import pytest

from console.casefile_words import PAGE_WORDS, PageTongue
from console.words import WORDS
from dispatch.words import AssignmentState, PlaceSource, Role, Verdict

GROUPS: dict[str, type[StrEnum]] = {
    "role": Role,
    "state": AssignmentState,
    "verdict": Verdict,
    "source": PlaceSource,
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_code_of_the_hub_has_words(group: str) -> None:
    """A court reads the page; it does not know our codes."""
    tongue = PageTongue("zh")

    assert [code.value for code in GROUPS[group] if not tongue.knows(group, code.value)] == []


def test_both_languages_take_the_same_values() -> None:
    """A place to fill in that one of them lacks would show a brace on paper."""
    formatter = Formatter()
    for code, pair in PAGE_WORDS.items():
        zh, en = ({name for _, name, _, _ in formatter.parse(text) if name} for text in pair)
        assert all(pair), code
        assert zh == en, code


def test_what_the_console_says_is_said_alike_here() -> None:
    """The page must not call a thing otherwise than the operators did."""
    assert PageTongue("zh")("disposition", "resolved") == WORDS["disposition.resolved"][0]
    assert PageTongue("en")("kind", "never_heard_of") == "never_heard_of"


def test_names_are_those_of_the_language_where_there_are_any() -> None:
    assert PageTongue("en").either("幼儿园", "Kindergarten") == "Kindergarten"
    assert PageTongue("en").either("幼儿园", "") == "幼儿园"
    assert PageTongue("zh").either("幼儿园", "Kindergarten") == "幼儿园"
