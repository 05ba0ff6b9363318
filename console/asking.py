"""Reads what an operator asks over HTTP, piece by piece, or refuses with a sentence.

Only what can be judged without the hub is judged here: sizes, words of the closed
vocabularies, who asks. What command it makes is requests.py's, whether it can be done the
hub's to say.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from dispatch.errors import quoted
from dispatch.free_text import plain
from dispatch.ids import CommandId, OperatorName

BODY_BYTES_MAX: Final = 64 * 1024
"""A note of the greatest length, every character escaped, is 60 KB."""
ID_LENGTH_MAX: Final = 120
"""Longer is no id of ours: ``community-YYYYMMDD-NNN/N`` has at most 60, a grid's name 100."""
COMMAND_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_LONE_SURROGATE: Final = re.compile(
    rb"(?i)\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f]"
)
HALF_A_SIGN: Final = "a text has half of a sign beyond U+FFFF: \\ud800 to \\udfff stand in pairs"
VERSION_MAX: Final = 2**31

BAD_REQUEST: Final = 400
UNPROCESSABLE: Final = 422

Facts = dict[str, str | int | None]


class RequestRefusedError(Exception):
    """A request that is not what the API says: an HTTP status, a code, a sentence, facts."""

    def __init__(self, status: int, code: str, sentence: str, facts: Facts | None = None) -> None:
        self.status = status
        self.code = code
        self.facts: Facts = facts or {}
        super().__init__(sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and the name of the asking."""

    command: CommandId
    by: OperatorName


Path = Mapping[str, str]
"""The named pieces of the address."""

BodyT = TypeVar("BodyT", bound=msgspec.Struct)


def asker(headers: Mapping[str, str], by: OperatorName) -> Asker:
    """Who asks, as the login says, and the header that every command has.

    Raises RequestRefusedError.
    """
    key = headers.get("Idempotency-Key", "")
    if not COMMAND_ID.fullmatch(key):
        raise RequestRefusedError(
            BAD_REQUEST,
            "no_command_id",
            "header Idempotency-Key must be 1 to 80 of A-Z a-z 0-9 . _ : -",
        )
    return Asker(command=CommandId(key), by=by)


def body(data: bytes, shape: type[BodyT]) -> BodyT:
    """The body in its shape; nothing at all stands for an empty object.

    Raises RequestRefusedError.
    """
    if len(data) > BODY_BYTES_MAX:
        raise RequestRefusedError(413, "too_large", f"a body has at most {BODY_BYTES_MAX} bytes")
    try:
        return msgspec.json.decode(data or b"{}", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as exc:
        why = HALF_A_SIGN if _LONE_SURROGATE.search(data) else quoted(str(exc))
        raise RequestRefusedError(BAD_REQUEST, "bad_body", why) from exc


# --- pieces ---

WordT = TypeVar("WordT", bound=StrEnum)


def word(vocabulary: type[WordT], value: str, what: str) -> WordT:
    """A word of a closed vocabulary. Raises RequestRefusedError."""
    try:
        return vocabulary(value)
    except ValueError:
        known = ", ".join(vocabulary)
        raise refused(f"unknown_{what}", f"{what} {quoted(value)} is none of {known}") from None


def word_or_none(vocabulary: type[WordT], value: str | None, what: str) -> WordT | None:
    """The same, where nothing may be said. Raises RequestRefusedError."""
    return None if value is None else word(vocabulary, value, what)


def words(text: str, length_max: int) -> str:
    """Free words as people typed them, without the signs that nobody sees (free_text.py).

    Raises RequestRefusedError.
    """
    text = plain(text).strip()
    if len(text) > length_max:
        raise refused(
            "too_long", f"at most {length_max} characters, these are {len(text)}", length=len(text)
        )
    return text


def name_of(value: str, what: str) -> str:
    """An id of ours, as far as that can be seen. Raises RequestRefusedError."""
    if not 0 < len(value) <= ID_LENGTH_MAX or not value.isprintable():
        why = f"is no id: 1 to {ID_LENGTH_MAX} characters that can be printed"
        raise refused(f"bad_{what}", f"{what} {quoted(repr(value))} {why}")
    return value


def version(based_on: int) -> int:
    """A version or lease that was read, or 0. Raises RequestRefusedError."""
    if not 0 <= based_on < VERSION_MAX:
        raise refused("bad_version", "based_on and lease are numbers that were read, or 0")
    return based_on


def point(lon: float | None, lat: float | None) -> tuple[float | None, float | None]:
    """Both or neither, on Earth. Raises RequestRefusedError."""
    if (lon is None) != (lat is None):
        raise refused("bad_place", "a place has both lon and lat, or neither")
    if lon is not None and lat is not None and not _on_earth(lon, lat):
        raise refused("bad_place", "lon is -180 to 180, lat is -90 to 90 degrees")
    return lon, lat


def refused(code: str, sentence: str, **facts: str | int | None) -> RequestRefusedError:
    """What the API says of a request that no hub could do."""
    return RequestRefusedError(UNPROCESSABLE, code, sentence, facts)


def _on_earth(lon: float, lat: float) -> bool:
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
