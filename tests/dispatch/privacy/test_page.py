"""docs/privacy.md is what administrators answer for: it names every deed, and tests that exist."""

import dataclasses
import re

from dispatch.access.facts import ACCESS_FACTS
from dispatch.privacy.facts import PRIVACY_FACTS
from dispatch.settings import KeptDays
from dispatch.tips.facts import TIP_FACTS
from tests.data import REPOSITORY

PAGE = (REPOSITORY / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_every_deed_with_accounts_and_personal_data_is_in_the_table() -> None:
    """What is new is noted, held by a test, and told to people, or it is not done."""
    told = set(re.findall(r"`([A-Z]\w+)`", PAGE))

    assert {*ACCESS_FACTS, *PRIVACY_FACTS, *TIP_FACTS} <= told


def test_the_tests_that_hold_it_are_there() -> None:
    """A table of good intentions helps nobody."""
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)

    assert len(named) > 15
    for file, test in named:
        text = (REPOSITORY / file).read_text(encoding="utf-8")
        assert f"def {test}(" in text if test else "def test_" in text, (file, test)


def test_the_days_are_those_of_the_settings() -> None:
    """Table and example, both."""
    for field in dataclasses.fields(KeptDays):
        assert re.search(rf"^\| `{field.name}` \|[^|]*\| {field.default} \|", PAGE, re.MULTILINE)
        assert re.search(rf"^{field.name} = {field.default}$", PAGE, re.MULTILINE)
