"""Facts as canonical JSON and back, with what is personal taken out. Knows no database.

A body holds the fact's fields except ``t`` and ``community``, which have
columns of their own: UTF-8 JSON, keys sorted, no blanks. A personal field is
replaced by a reference

    {"digest": "<64 hex digits>", "personal": "<id>"}

where digest = SHA-256(salt || value text in UTF-8). The value text is
canonical JSON too and is kept beside the journal with its salt of random
bytes. Both go when the value is erased; without the salt, the digest that
stays behind cannot be searched for a guessed name or phone.
"""

import dataclasses
import hashlib
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from dispatch.access.facts import ACCESS_FACTS
from dispatch.clock import Instant
from dispatch.errors import FactRefusedError, FactUnreadableError
from dispatch.events import EVENT_TYPES, Event, Personal, Purpose
from dispatch.ids import CommunityId
from dispatch.privacy.facts import PRIVACY_FACTS
from dispatch.tips.facts import TIP_FACTS

TokenBytes = Callable[[int], bytes]
"""Gives so many random bytes, fit for secrets."""

SALT_BYTES: Final = 16
PERSONAL_ID_BYTES: Final = 16
"""128 bits: two of them never meet."""

DIGITS_TOO_MANY: Final = b"0" * 19
"""No number of 18 digits needs more than 64 bits."""
NO_NUMBER: Final = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]")
"""In MessagePack a float (0xcb) of IEEE 754 whose exponent is all ones: NaN or infinite."""
_DIGITS_AS_0: Final = bytes.maketrans(b"123456789", b"0" * 9)

INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1

FACT_TYPES: Final = EVENT_TYPES | ACCESS_FACTS | PRIVACY_FACTS | TIP_FACTS
"""Every fact by the name it has in the journal."""

COLUMNS: Final = frozenset({"t", "community"})
"""Fields that stand in columns beside the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalValue:
    """A personal value on its way to the table beside the journal."""

    id: str
    purpose: Purpose
    salt: str
    """Hex."""
    text: str
    """Canonical JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A fact ready to be appended."""

    event: Event
    name: str
    body: str
    personal: tuple[PersonalValue, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a body says of a personal value."""

    personal: str
    """The value's id in the table beside the journal."""
    digest: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A personal value as the table has it; ``text`` is None once it was erased."""

    purpose: str
    text: str | None


def encode(event: Event, token_bytes: TokenBytes) -> Encoded:
    """The fact as it will be stored, checked to read back as the same fact.

    Raises FactRefusedError where it would not: a number that is no number, text
    that is not Unicode, a field of another type than it declares.
    """
    name = type(event).__name__
    assert FACT_TYPES.get(name) is type(event), name
    fields: dict[str, Any] = {}
    values: list[PersonalValue] = []
    try:
        if "\n" in event.community:
            raise ValueError("a line feed in the community's id")
        _check_plain(event.t)
        for field in _FIELDS[name]:
            value = getattr(event, field)
            if isinstance(value, Personal):
                kept = _personal(value, token_bytes)
                values.append(kept)
                value = Reference(personal=kept.id, digest=digest_of(kept.salt, kept.text))
            fields[field] = value
        body = canonical(fields)
        # What the personal values hold was read back when they were written, and is most of it.
        hidden = {v.id: Kept(v.purpose, None) for v in values}
        decode(seq=0, t=event.t, community=event.community, name=name, body=body, personal=hidden)
    except FactUnreadableError as exc:
        raise FactRefusedError(name=name, why=exc.why) from exc
    except (ValueError, TypeError, RecursionError, msgspec.MsgspecError) as exc:
        raise FactRefusedError(name=name, why=str(exc)) from exc
    return Encoded(event=event, name=name, body=body, personal=tuple(values))


def decode(
    *,
    seq: int,
    t: Instant,
    community: str,
    name: str,
    body: str,
    personal: Mapping[str, Kept],
) -> Event:
    """The fact that a row of the journal holds.

    ``personal`` maps ids to what is kept of them. Raises FactUnreadableError
    where the name is unknown, the body is broken or a value is missing.
    """
    cls = FACT_TYPES.get(name)
    if cls is None:
        raise FactUnreadableError(seq=seq, name=name, why="no fact has this name")
    try:
        raw = msgspec.json.decode(body, type=dict[str, Any])
        unknown = raw.keys() - _FIELDS[name]
        if unknown:
            raise FactUnreadableError(seq=seq, name=name, why=f"unknown fields {sorted(unknown)}")
        for ref_field, ref in _references(name, raw):
            kept = personal[ref.personal]
            value = None if kept.text is None else msgspec.json.decode(kept.text)
            raw[ref_field] = {"purpose": kept.purpose, "value": value}
        return msgspec.convert(raw | {"t": t, "community": CommunityId(community)}, cls)
    except KeyError as exc:
        why = f"its personal value {exc.args[0]} is missing"
        raise FactUnreadableError(seq=seq, name=name, why=why) from exc
    except (ValueError, TypeError, msgspec.MsgspecError) as exc:
        raise FactUnreadableError(seq=seq, name=name, why=str(exc)) from exc


def references(*, seq: int, name: str, body: str) -> list[Reference]:
    """The personal values that a body speaks of. Raises FactUnreadableError."""
    if name not in FACT_TYPES:
        raise FactUnreadableError(seq=seq, name=name, why="no fact has this name")
    try:
        return [ref for _, ref in _references(name, msgspec.json.decode(body, type=dict[str, Any]))]
    except (ValueError, TypeError, msgspec.MsgspecError) as exc:
        raise FactUnreadableError(seq=seq, name=name, why=str(exc)) from exc


def personal_fields(*, name: str, body: str) -> dict[str, Reference]:
    """The same by field. For facts that were read before: nothing is checked again."""
    return dict(_references(name, msgspec.json.decode(body, type=dict[str, Any])))


def digest_of(salt: str, text: str) -> str:
    """What the body keeps of a personal value: SHA-256 over salt (given in hex) and text."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blanks. Raises ValueError for what it could not hold."""
    quick = _quickly(value) if type(value) is dict else None
    if quick is not None:
        return quick.decode()
    plain = msgspec.to_builtins(value, order="sorted")
    _check_plain(plain)
    return msgspec.json.encode(plain, order="sorted").decode()


def _quickly(value: dict[str, Any]) -> bytes | None:
    """The JSON where it is sure that nothing was lost; None: each value must be looked at.

    A decision among a thousand units holds some two thousand values, in an alarm's way:
    looking for what could be wrong in its bytes takes a twentieth of looking at each value.
    What is found may yet be harmless, a word that spells out an escape or so many digits.
    """
    try:
        data = msgspec.json.encode(value, order="sorted")
        packed = msgspec.msgpack.encode(value)  # where JSON says null, it still has the NaN
    except OverflowError:
        return None
    doubtful = b"\\u0000" in data or DIGITS_TOO_MANY in data.translate(_DIGITS_AS_0)
    return None if doubtful or NO_NUMBER.search(packed) else data


def _personal(value: Personal, token_bytes: TokenBytes) -> PersonalValue:
    if value.value is None:
        raise ValueError("a personal value of None would read as erased")
    return PersonalValue(
        id=token_bytes(PERSONAL_ID_BYTES).hex(),
        purpose=value.purpose,
        salt=token_bytes(SALT_BYTES).hex(),
        text=canonical(value.value),
    )


def _check_plain(value: Any) -> None:
    """JSON turns NaN into null without a word, big numbers into others; PostgreSQL keeps no NUL.

    What ``to_builtins`` gives is of these very types.
    """
    left = [value]
    while left:
        each = left.pop()
        kind = type(each)
        if kind is str:
            if "\0" in each:
                raise ValueError("text with a NUL character")
        elif kind is float:
            if not math.isfinite(each):
                raise ValueError(f"{each} is no number that JSON can hold")
        elif kind is int:
            if not INT64_MIN <= each <= INT64_MAX:
                raise ValueError(f"{each} needs more than 64 bits")
        elif kind is dict:
            left += each.keys()
            left += each.values()
        elif kind is list or kind is tuple:
            left += each


def _references(name: str, raw: Mapping[str, Any]) -> list[tuple[str, Reference]]:
    """The personal fields that are not null. Raises msgspec.ValidationError for another shape."""
    return [
        (field, msgspec.convert(raw[field], Reference))
        for field in _PERSONAL_FIELDS[name]
        if raw.get(field) is not None
    ]


def _is_personal(hint: Any) -> bool:
    union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    return hint is Personal or (union and Personal in typing.get_args(hint))


_FIELDS: Final = {
    name: frozenset(f.name for f in dataclasses.fields(cls)) - COLUMNS
    for name, cls in FACT_TYPES.items()
}
_PERSONAL_FIELDS: Final = {
    name: tuple(field for field, hint in typing.get_type_hints(cls).items() if _is_personal(hint))
    for name, cls in FACT_TYPES.items()
}
