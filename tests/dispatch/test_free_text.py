"""What people write, without the signs that nobody sees."""

import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import given

from dispatch.free_text import KEPT, plain

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"


@pytest.mark.parametrize("sign", BIDI)
def test_nothing_turns_round_what_others_read(sign: str) -> None:
    """``1 号楼`` must not be read as something else because of who wrote before it."""
    assert plain(f"去{sign}楼号1{sign}门口") == "去楼号1门口"


@pytest.mark.parametrize(
    "text",
    [
        "三号楼西门,有人晕倒。\n叫了 120\t已出发",
        "👩‍🚒 和 👨‍👩‍👧 在 3️⃣ 号门 ☎️ 🇨🇳 👍🏽",
        "قوتقۇزۇش",
        "کمک می‌خواهم",
        "עזרה",
        "",
    ],
)
def test_what_is_seen_stays(text: str) -> None:
    """Emoji with their joiners and selectors; scripts that run the other way by themselves."""
    assert plain(text) == text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202d138 0000 0000\u202c", "138 0000 0000"),
        ("a\u200bb\u00adc\ufeffd\u2060e", "abcde"),
        ("a\x00b\x1b[31mc\x9bd\x7fe", "ab[31mcde"),
        ("门\r\n楼\r层\u2028室\x85", "门\n楼\n层\n室\n"),
        ("\U000e0068\U000e0069", ""),
    ],
)
def test_what_is_copied_along_is_left_out(typed: str, kept: str) -> None:
    """Out of an address book, a terminal, another system."""
    assert plain(typed) == kept


@given(st.text())
def test_nothing_unseen_is_left_and_nothing_seen_is_lost(text: str) -> None:
    """Whatever comes: and what was cleaned once is clean."""
    shown = plain(text)

    assert plain(shown) == shown
    assert all(c in KEPT or unicodedata.category(c) not in ("Cc", "Cf") for c in shown)
    seen = [c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp")]
    assert seen == [c for c in shown if unicodedata.category(c) not in ("Cc", "Cf")]
