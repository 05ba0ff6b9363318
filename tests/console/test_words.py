"""console/words.py: whatever the hub can say has words in both languages."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Final

import pytest

from console.words import WORDS, Tongue, language_of
from dispatch.events import EVENT_TYPES
from dispatch.store.auditing import BY_PEOPLE
from dispatch.words import (
    Agency,
    Disposition,
    EscalationReason,
    FalseReason,
    Kind,
    Linked,
    Phase,
    Rung,
    Satisfaction,
    Tier,
    Verdict,
    WithdrawReason,
)

PAGE_WORDS: Final = Path(__file__).parents[2] / "console" / "web" / "src" / "i18n"

GROUPS: dict[str, type[StrEnum]] = {
    "kind": Kind,
    "disposition": Disposition,
    "phase": Phase,
    "rung": Rung,
    "escalation": EscalationReason,
    "withdraw": WithdrawReason,
    "tier": Tier,
    "agency": Agency,
    "false_reason": FalseReason,
    "satisfaction": Satisfaction,
    "link": Linked,
    "verdict": Verdict,
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_code_of_the_hub_has_words(group: str) -> None:
    """A new kind without words would stand in the middle of a Chinese sentence in English."""
    missing = [code.value for code in GROUPS[group] if f"{group}.{code.value}" not in WORDS]

    assert missing == []


def test_every_fact_has_words() -> None:
    """Whatever stands in the journal can be named to somebody who reads no code."""
    assert [name for name in EVENT_TYPES if f"fact.{name}" not in WORDS] == []


def check_pairs(words: Mapping[str, tuple[str, str]]) -> None:
    """Both languages are there and take the same values."""
    formatter = Formatter()
    for code, pair in words.items():
        zh, en = ({name for _, name, _, _ in formatter.parse(text) if name} for text in pair)
        assert all(pair), code
        assert zh == en, code


def test_both_languages_take_the_same_values() -> None:
    """A place to fill in that one of them lacks would show a brace to an operator."""
    check_pairs(WORDS)


def test_an_unknown_code_is_shown_as_it_is() -> None:
    """An older watcher may meet a newer server."""
    assert Tongue("zh")("kind", "flood") == "flood"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_CN.UTF-8", "zh"), ("zh", "zh"), ("en_GB.UTF-8", "en"), ("C", "en"), ("", "en")],
)
def test_the_terminal_says_what_it_speaks(locale: str, language: str) -> None:
    """By LANG, as every program does."""
    assert language_of(locale) == language


@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_the_audit_names_every_fact_of_people_in_words(tongue: str) -> None:
    """Whoever reads who did what reads no names of our code; the page draws them by this table."""
    told = (PAGE_WORDS / f"{tongue}-login.ts").read_text(encoding="utf-8")
    table = told.split("  facts: {", 1)[1].split("}", 1)[0]

    assert set(re.findall(r"^    (\w+): '.+',$", table, re.MULTILINE)) == BY_PEOPLE
