"""Codes: read as people write them, wrong in one symbol never taken for another."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.access.codes import (
    CODE_SYMBOLS,
    SAID_LENGTH_MAX,
    SYMBOLS,
    code_digest,
    code_key,
    new_code,
    read_code,
    spelled,
)

codes = st.integers(0, 2**63).map(lambda seed: new_code(random.Random(seed).randbytes))


def test_no_symbol_is_taken_for_another() -> None:
    """Read out over the phone, written down by hand."""
    assert len(set(SYMBOLS)) == len(SYMBOLS) == 29
    assert not set(SYMBOLS) & set("01ILOUV")


@given(codes)
def test_a_code_is_read_as_people_write_it(code: str) -> None:
    """With the dash, without, in small letters, with blanks."""
    assert len(code) == CODE_SYMBOLS
    shown = spelled(code)
    for said in (code, shown, shown.lower(), f" {' '.join(code)} ", shown.replace("-", "—")):
        assert read_code(said) == code


def test_a_chinese_keyboard_writes_the_same_code() -> None:
    """Full-width letters, digits and dash."""
    code = new_code(random.Random(3).randbytes)

    wide = "".join(chr(ord(each) + 0xFEE0) for each in spelled(code))

    assert read_code(wide) == code


@given(codes, st.integers(0, CODE_SYMBOLS - 1), st.sampled_from(SYMBOLS))
def test_one_wrong_symbol_is_noticed(code: str, at: int, other: str) -> None:
    """Before anything is looked up, so that a slip is no guess."""
    wrong = code[:at] + other + code[at + 1 :]

    assert (read_code(wrong) == wrong) is (other == code[at])


@given(codes, st.integers(0, CODE_SYMBOLS - 1), st.integers(0, CODE_SYMBOLS - 1))
def test_two_that_were_exchanged_are_noticed(code: str, one: int, other: int) -> None:
    """The commonest slip after a wrong one."""
    swapped = list(code)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    wrong = "".join(swapped)

    assert (read_code(wrong) is not None) is (wrong == code)


@given(st.text(max_size=SAID_LENGTH_MAX * 2))
def test_whatever_is_said_is_a_code_or_none(said: str) -> None:
    """Nothing escapes, and what is read is in the alphabet."""
    code = read_code(said)

    assert code is None or (len(code) == CODE_SYMBOLS and set(code) <= set(SYMBOLS))


@pytest.mark.parametrize("said", ["", "-", "A" * 9, "A" * 11, "0" * 10, "ABCDE-FGHJ\n" * 9])
def test_what_is_no_code_is_none(said: str) -> None:
    """Too short, too long, of other symbols."""
    assert read_code(said) is None


def test_chance_is_spread_over_all_symbols() -> None:
    """A code that favours some is guessed sooner."""
    chance = random.Random(1)

    told = "".join(new_code(chance.randbytes)[:-1] for _ in range(3_000))

    assert all(700 < told.count(each) < 1_170 for each in SYMBOLS)


def test_another_key_keeps_another_digest() -> None:
    """A copy of the table alone opens nothing."""
    code = new_code(random.Random(3).randbytes)

    kept = code_digest(code, code_key("one"))

    assert kept != code_digest(code, code_key("other"))
    assert set(kept) <= set(string.hexdigits)
    assert code not in kept
