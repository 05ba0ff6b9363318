"""What is no password: too short, a name, a phone number or date, a run of keys, a common word.

Nearly all of the commonest thousand passwords have fewer than ten characters and fall to the
length alone. What remains of them is a common word or run with digits put behind it, so the
digits are taken off and the rest is looked up, also as it reads with signs for letters
(p@ssw0rd). Whatever stands beside a number, a name or a common word must be worth something
by itself. There are no rules about capitals and signs:
they make people write things down (NIST SP 800-63B, 5.1.1.2).
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from dispatch.access.refusals import BadPasswordError

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 200
"""Longer is hashed by nobody: a sentence has some eighty."""

RUNS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "zaq12wsxcde34rfvbgt56yhn",
    "!@#$%^&*()",
)
"""What fingers do by themselves, forwards and backwards."""

_COMMON = """
    abc abcd abcdef access admin administrator alarm alarmcenter apple asd asdf asdfgh asdfghjkl
    baidu baseball batman beijing boss changeme chelsea china chongqing community computer
    console dashboard default demo diaodu dispatch dispatcher dragon football freedom guangzhou
    guest hangzhou hello helloworld huawei iloveyou jiaxing jordan killer leader letmein linux
    liverpool login lovely loveme manager master michael monkey mustang nanjing ninja nihao
    operator pass passw0rd password passwort patrol pinganxing police princess project public
    qazwsx qq qwe qweasd qweasdzxc qwer qwert qwerty qwertyuiop root samsung security server
    service shadow shanghai shenzhen sheng starwars summer sunshine superman support sysadmin
    system taobao tencent test tester testing tianjin trustno trustno1 user volunteer wang
    wangwei weixin welcome whatever winter woaini woaiwojia wode wohenhao wuhan xiaoming xuexi
    yihu yihubaiying yihuyihu zhang zhangsan zhangwei zhongguo zxc zxcv zxcvbn zxcvbnm
    一呼百应 密码 调度员 管理员 我爱你 中国 社区
"""
COMMON: Final = frozenset(_COMMON.split())
"""Words that common passwords are made of, in lower case; ours among them."""

_NUMBER: Final = re.compile(r"\d(?:[\s\-./:_年月日]?\d){5,}日?")
"""A phone number or a date, written in whatever way: six digits and more, with signs between."""
_LEET: Final = tuple(
    str.maketrans("0134578@$!|+", letters) for letters in ("oleastbasilt", "oieastbasiit")
)
"""Digits and signs that stand for letters; a one is an l to some and an i to others."""
BESIDE_MIN: Final = 6
"""What a number, a name or a common word must have beside it: letters; a Chinese character,
one of thousands, counts as two."""
WORD_MIN: Final = 5
"""Shorter common words (abc, hello) are found within others, and are looked up whole only."""

_EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_ENDS: Final = re.compile(r"^[\d_]+|[\W\d_]+$")
"""As _EDGES, but for a sign in front that stands for a letter (@dmin)."""
FIRST_WIDE: Final = 0x2E80
"""From here on a character is a word, or half of one (Unicode: CJK)."""


def check_password(password: str, names: Iterable[str]) -> None:
    """Raises BadPasswordError; ``names`` are what the person or the place is called."""
    if len(password) < LENGTH_MIN:
        raise BadPasswordError("short", f"a password has at least {LENGTH_MIN} characters")
    if len(password) > LENGTH_MAX:
        raise BadPasswordError("long", f"a password has at most {LENGTH_MAX} characters")
    plain = folded(password)
    if plain.isdigit() or (_NUMBER.search(plain) and not _EDGES.sub("", plain)):
        raise BadPasswordError("digits", "digits alone are a phone number or a date: add words")
    if _is_pattern(plain):
        raise BadPasswordError("pattern", "this is a run or a repetition: others try it first")
    if _is_common(plain):
        raise BadPasswordError("common", "this is among the commonest: others try it first")
    rest = _NUMBER.sub("", plain)
    for own in map(folded, names):
        if own and own in plain and _weight(rest.replace(own, "")) < BESIDE_MIN:
            raise BadPasswordError("name", "a name with nothing or little beside it is guessed")
    if rest != plain and _weight(rest) < BESIDE_MIN:
        raise BadPasswordError(
            "number", "a phone number or a date with little beside it is guessed"
        )


def normal(password: str) -> str:
    """The same characters however a keyboard composed them (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def folded(text: str) -> str:
    """For comparing: width, case and outer blanks do not count."""
    return normal(text).casefold().strip()


def _is_common(plain: str) -> bool:
    """A common word with digits and signs around it, or with hardly a letter more."""
    bare = _EDGES.sub("", plain)
    ended = _ENDS.sub("", plain)
    readings = {bare, *(ended.translate(table) for table in _LEET)}
    if not bare or readings & COMMON:
        return True
    letters = _NUMBER.sub("", plain)
    readings |= {letters, *(letters.translate(table) for table in _LEET)}
    return any(
        len(word) >= WORD_MIN and word in each and _weight(each.replace(word, "")) < WORD_MIN
        for each in readings
        for word in COMMON
    )


def _weight(text: str) -> int:
    """How much there is to guess: letters; neither digits nor signs."""
    return sum(2 if ord(each) >= FIRST_WIDE else 1 for each in text if each.isalpha())


def _is_pattern(plain: str) -> bool:
    """A short piece again and again, or a run of keys as long as that."""
    if any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, 5)):
        return True
    return any(plain in run or plain in run[::-1] for run in RUNS)
