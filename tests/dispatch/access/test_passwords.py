"""dispatch/access/passwords.py: what others would try first is no password."""

import pytest

from dispatch.access.passwords import check_password, normal
from dispatch.access.refusals import BadPasswordError

NAMES = ["Caoyang", "xizi", "西子社区"]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short-one", "short"),
        ("x" * 201, "long"),
        ("13800138000", "digits"),
        ("19491001199", "digits"),
        ("aaaaaaaaaaaa", "pattern"),
        ("abcabcabcabc", "pattern"),
        ("qwertyuiopas", "pattern"),
        ("1qaz2wsx3edc", "pattern"),
        ("poiuytrewq", "pattern"),
        ("Password123", "common"),
        ("password123!", "common"),
        ("woaini1314520", "common"),
        ("Admin@123456", "common"),
        ("ｐａｓｓｗｏｒｄ１２３", "common"),
        ("zhangwei2024", "common"),
        ("caoyang1234", "name"),
        ("Caoyang-2026", "name"),
        ("一呼百应1234567", "common"),
        ("13812345678a", "number"),
        ("a138-1234-5678b", "number"),
        ("+8613812345678", "digits"),
        ("2026-11-22x", "number"),
        ("20261122ab", "number"),
        ("22.11.2026!!", "digits"),
        ("2026年11月22日啊", "number"),
        ("我1980/01/02你", "number"),
        ("Xizi20261122", "name"),
        ("xizi-2026-11-22-ab", "name"),
        ("西子社区20261122", "name"),
        ("caoyang13812345678", "name"),
        ("Caoyang2026abc", "name"),
        ("P@ssw0rd2026", "common"),
        ("p4$$w0rd2026", "common"),
        ("@dm1n1strat0r99", "common"),
        ("1loveyou2026", "common"),
        ("passwordx20261122", "common"),
    ],
)
def test_what_is_guessed_first_is_refused_and_why(password: str, why: str) -> None:
    """The page says it in words; the code is what it goes by."""
    with pytest.raises(BadPasswordError) as refused:
        check_password(password, NAMES)

    assert refused.value.facts["why"] == why


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "三月的雨下在西子湖边",
        "xK9-vv2-Qp7-mm",
        "夜班要喝浓茶2杯才行的",
        "20261122 the day it rained",
        "2026年11月22日下了雨",
        "caoyang drinks strong tea",
        "my password is a heron",
        "西子社区的桂花九月就开了",
    ],
)
def test_what_a_person_can_remember_and_nobody_guesses_is_taken(password: str) -> None:
    """No rules about capitals and signs."""
    check_password(password, NAMES)


def test_one_password_typed_on_two_keyboards_is_one() -> None:
    """A full-width keyboard, a composed accent."""
    assert normal("ｃafe\u0301") == normal("caf\u00e9")
