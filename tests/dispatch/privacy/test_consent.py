"""What people are asked to consent to is read whole, or refused with a sentence."""

from pathlib import Path

import pytest

from dispatch.errors import SettingsError
from dispatch.privacy.consent import ConsentFor, default_consent, load_consent

GOOD = '[[texts]]\nid = "place"\nversion = 2\npurpose = "place"\nzh = "位置"\nen = "place"\n'


def test_the_built_in_texts_ask_for_each_purpose_apart() -> None:
    """A separate consent for each (PIPL 29)."""
    assert [each.purpose for each in default_consent()] == list(ConsentFor)


def test_other_words_have_another_digest(tmp_path: Path) -> None:
    """A fact says by it which words were read."""
    file = tmp_path / "consent.toml"
    file.write_text(GOOD, encoding="utf-8")
    (before,) = load_consent(file)
    file.write_text(GOOD.replace("位置", "位置。"), encoding="utf-8")

    (after,) = load_consent(file)

    assert (before.id, before.version) == ("place", 2)
    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GOOD + GOOD, "twice"),
        (GOOD + GOOD.replace('id = "place"', 'id = "other"'), "twice"),
        (GOOD.replace("version = 2", "version = 0"), "version is 0"),
        (GOOD.replace('"位置"', '" "'), "zh is empty"),
        (GOOD.replace('purpose = "place"', 'purpose = "fun"'), "fun"),
        (GOOD.replace('id = "place"', 'id = "A/b"'), "id is"),
        (GOOD + "more = 1\n", "more"),
        ("", "texts"),
        ("[[texts]", "TOML"),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """At the start, and not when somebody opens the page."""
    file = tmp_path / "consent.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=why):
        load_consent(file)
