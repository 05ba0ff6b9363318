"""The texts that people consent to, read from TOML and checked. Who consented is told by facts
(access/facts.py); what withdrawing deletes is console/login/consents.py's.

    [[texts]]
    id = "place"
    version = 2             other words need a higher one, and everybody is asked again
    purpose = "place"       place | call
    zh = "..."
    en = "..."

Withdrawing must be as easy as giving, and what rests on a consent goes with it (PIPL 15, 47).
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from dispatch.errors import SettingsError, quoted
from dispatch.ids import WORD
from dispatch.toml_files import read_bounded, toml_of

CONSENT_BYTES_MAX: Final = 64 * 2**10
TEXTS_MAX: Final = 8
"""More purposes than that nobody reads apart."""
WORDS_MAX: Final = 2_000
"""What fits on a page and is read."""
VERSION_MAX: Final = 9_999


class ConsentFor(StrEnum):
    """What a consent is for."""

    PLACE = "place"
    """Being followed on duty."""
    CALL = "call"
    """Being called, or sent a message, by phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """What people are asked, word for word."""

    id: str
    version: int
    purpose: ConsentFor
    zh: str
    en: str

    @property
    def digest(self) -> str:
        """SHA-256 of the words, in hex: a fact names by it what exactly was read."""
        return hashlib.sha256(f"{self.zh}\n{self.en}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the bearer of a radio is asked."""

    texts: tuple[ConsentText, ...] = ()
    needed: frozenset[str] = frozenset()
    """Of these, by id, without which the community lets no radio in. None that its bearer is
    known to consent to already."""


class _Text(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    version: int
    purpose: ConsentFor
    zh: str
    en: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    texts: list[_Text]


@cache
def default_consent() -> tuple[ConsentText, ...]:
    """The texts that come with Yihu."""
    return load_consent(Path(__file__).with_name("consent.toml"))


def load_consent(file: Path) -> tuple[ConsentText, ...]:
    """The texts of a file, one for each purpose at most. Raises SettingsError."""
    table = toml_of(file, read_bounded(file, "consent file", CONSENT_BYTES_MAX))
    try:
        said = msgspec.convert(table, _File).texts
    except msgspec.ValidationError as exc:
        raise SettingsError(
            f"{file}: {exc}", "see docs/privacy.md for what may stand there"
        ) from exc
    if len(said) > TEXTS_MAX:
        raise SettingsError(f"{file}: {len(said)} texts", f"write at most {TEXTS_MAX}")
    texts = tuple(_text(file, each) for each in said)
    for key, held in (
        ("id", [each.id for each in texts]),
        ("purpose", [each.purpose.value for each in texts]),
    ):
        twice = next((each for each in held if held.count(each) > 1), None)
        if twice is not None:
            raise SettingsError(
                f"{file}: the {key} {quoted(twice)} stands there twice", "ask for each thing once"
            )
    return texts


def _text(file: Path, said: _Text) -> ConsentText:
    if not WORD.fullmatch(said.id):
        raise SettingsError(f"{file}: id is {quoted(said.id)}", "write 1 to 40 of a-z, 0-9 and -")
    if not 1 <= said.version <= VERSION_MAX:
        raise SettingsError(
            f"{file}: text {said.id}: version is {said.version}", f"write 1 to {VERSION_MAX}"
        )
    for key, words in (("zh", said.zh), ("en", said.en)):
        if not 0 < len(words.strip()) <= WORDS_MAX or not words.replace("\n", "").isprintable():
            raise SettingsError(
                f"{file}: text {said.id}: {key} is empty, too long or unprintable",
                f"write 1 to {WORDS_MAX} characters",
            )
    return ConsentText(
        id=said.id,
        version=said.version,
        purpose=said.purpose,
        zh=said.zh.strip(),
        en=said.en.strip(),
    )
