"""Reads what an operator asks over HTTP and makes a command of it, or refuses with a sentence.

Only what can be judged without the hub is judged here: sizes, words of the
closed vocabularies, who asks. Whether it can be done is the hub's to say.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec

from console.wire import (
    AssignBody,
    CloseBody,
    NoteBody,
    OpenBody,
    ReopenBody,
    RevokeBody,
    TakeBody,
    WithdrawBody,
)
from dispatch.commands import (
    NOTE_LENGTH_MAX,
    OPERATOR_LENGTH_MAX,
    WORDS_LENGTH_MAX,
    AddNote,
    AssignUnit,
    CloseIncident,
    OpenIncident,
    ReopenIncident,
    RevokeRadio,
    TakeIncident,
    WithdrawUnit,
)
from dispatch.errors import quoted
from dispatch.ids import (
    AssignmentId,
    CommandId,
    CommunityId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.words import Disposition, Kind

BODY_BYTES_MAX: Final = 64 * 1024
"""A note of the greatest length, every character escaped, is 60 KB."""
ID_LENGTH_MAX: Final = 120
"""Longer is no id of ours: ``community-YYYYMMDD-NNN/N`` has at most 60, a grid's name 100."""
COMMAND_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
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


def asker(headers: Mapping[str, str]) -> Asker:
    """Who asks, by the two headers that every command has. Raises RequestRefusedError."""
    key = headers.get("Idempotency-Key", "")
    if not COMMAND_ID.fullmatch(key):
        raise RequestRefusedError(
            BAD_REQUEST,
            "no_command_id",
            "header Idempotency-Key must be 1 to 80 of A-Z a-z 0-9 . _ : -",
        )
    try:
        name = unquote_to_bytes(headers.get("X-Operator", "")).decode()
    except UnicodeDecodeError as exc:
        raise RequestRefusedError(
            BAD_REQUEST, "bad_operator", "header X-Operator is not percent-encoded UTF-8"
        ) from exc
    by = operator(name)
    if not by:
        raise RequestRefusedError(BAD_REQUEST, "no_operator", "header X-Operator must say who asks")
    return Asker(command=CommandId(key), by=by)


def operator(name: str) -> OperatorName:
    """An operator's name, spaces around it cut; may be empty. Raises RequestRefusedError.

    Printable only: a name goes to radios, logs and every screen, and must not
    turn text around there.
    """
    name = name.strip()
    if len(name) > OPERATOR_LENGTH_MAX:
        raise RequestRefusedError(
            BAD_REQUEST,
            "bad_operator",
            f"an operator's name has at most {OPERATOR_LENGTH_MAX} characters",
            {"length": len(name)},
        )
    if not name.isprintable():
        raise RequestRefusedError(
            BAD_REQUEST, "bad_operator", "an operator's name has unprintable characters"
        )
    return OperatorName(name)


def body(data: bytes, shape: type[BodyT]) -> BodyT:
    """The body in its shape; nothing at all stands for an empty object.

    Raises RequestRefusedError.
    """
    if len(data) > BODY_BYTES_MAX:
        raise RequestRefusedError(413, "too_large", f"a body has at most {BODY_BYTES_MAX} bytes")
    try:
        return msgspec.json.decode(data or b"{}", type=shape)
    except (msgspec.DecodeError, RecursionError, OverflowError) as exc:
        raise RequestRefusedError(BAD_REQUEST, "bad_body", quoted(str(exc))) from exc


# --- one function a command ---


def open_incident(who: Asker, _: Path, said: OpenBody) -> OpenIncident:
    """Begin one by hand."""
    if (said.lon is None) != (said.lat is None):
        raise _refused("bad_place", "a place has both lon and lat, or neither")
    if said.lon is not None and said.lat is not None and not _on_earth(said.lon, said.lat):
        raise _refused("bad_place", "lon is -180 to 180, lat is -90 to 90 degrees")
    return OpenIncident(
        command=who.command,
        by=who.by,
        community=CommunityId(_id(said.community, "community")),
        kind=_word(Kind, said.kind, "kind"),
        words=_words(said.words, WORDS_LENGTH_MAX),
        lon=said.lon,
        lat=said.lat,
        grid=None if said.grid is None else GridId(_id(said.grid, "grid")),
        unit=None if said.unit is None else UnitId(_id(said.unit, "unit")),
    )


def take_incident(who: Asker, path: Path, said: TakeBody) -> TakeIncident:
    """I handle this one."""
    return TakeIncident(
        command=who.command, by=who.by, incident=_incident(path), based_on=_version(said.based_on)
    )


def add_note(who: Asker, path: Path, said: NoteBody) -> AddNote:
    """Write this down."""
    words = _words(said.words, NOTE_LENGTH_MAX)
    if not words:
        raise _refused("no_words", "a note says something")
    return AddNote(
        command=who.command,
        by=who.by,
        incident=_incident(path),
        based_on=_version(said.based_on),
        words=words,
    )


def assign_unit(who: Asker, path: Path, said: AssignBody) -> AssignUnit:
    """Send this unit."""
    return AssignUnit(
        command=who.command,
        by=who.by,
        incident=_incident(path),
        based_on=_version(said.based_on),
        unit=UnitId(_id(said.unit, "unit")),
    )


def withdraw_unit(who: Asker, path: Path, said: WithdrawBody) -> WithdrawUnit:
    """Call this unit back."""
    return WithdrawUnit(
        command=who.command,
        by=who.by,
        incident=_incident(path),
        based_on=_version(said.based_on),
        assignment=AssignmentId(_id(said.assignment, "assignment")),
    )


def close_incident(who: Asker, path: Path, said: CloseBody) -> CloseIncident:
    """It is over."""
    other = said.duplicate_of
    return CloseIncident(
        command=who.command,
        by=who.by,
        incident=_incident(path),
        based_on=_version(said.based_on),
        disposition=_word(Disposition, said.disposition, "disposition"),
        words=_words(said.words, WORDS_LENGTH_MAX),
        duplicate_of=None if other is None else IncidentId(_id(other, "incident")),
    )


def reopen_incident(who: Asker, path: Path, said: ReopenBody) -> ReopenIncident:
    """It is not over after all."""
    return ReopenIncident(
        command=who.command,
        by=who.by,
        incident=_incident(path),
        based_on=_version(said.based_on),
        words=_words(said.words, WORDS_LENGTH_MAX),
    )


def revoke_radio(who: Asker, path: Path, _: RevokeBody) -> RevokeRadio:
    """This radio may not connect any more."""
    return RevokeRadio(command=who.command, by=who.by, radio=RadioId(_id(path["radio"], "radio")))


# --- pieces ---

WordT = TypeVar("WordT", Kind, Disposition)


def _word(vocabulary: type[WordT], value: str, what: str) -> WordT:
    try:
        return vocabulary(value)
    except ValueError:
        known = ", ".join(vocabulary)
        raise _refused(f"unknown_{what}", f"{what} {quoted(value)} is none of {known}") from None


def _words(text: str, length_max: int) -> str:
    """Free words as people typed them; newlines and tabs may stay, other controls may not."""
    text = text.strip()
    if len(text) > length_max:
        raise _refused(
            "too_long", f"at most {length_max} characters, these are {len(text)}", length=len(text)
        )
    if any(c < " " and c not in "\n\t" for c in text) or "\x7f" in text:
        raise _refused("unprintable", "the words have control characters")
    return text


def _id(value: str, what: str) -> str:
    if not 0 < len(value) <= ID_LENGTH_MAX or not value.isprintable():
        raise _refused(f"bad_{what}", f"{quoted(value)} is no id of a {what}")
    return value


def _incident(path: Path) -> IncidentId:
    return IncidentId(_id(path["incident"], "incident"))


def _version(based_on: int) -> int:
    if not 0 <= based_on < VERSION_MAX:
        raise _refused("bad_version", "based_on is a version that was read, or 0")
    return based_on


def _on_earth(lon: float, lat: float) -> bool:
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90


def _refused(code: str, sentence: str, **facts: str | int | None) -> RequestRefusedError:
    return RequestRefusedError(UNPROCESSABLE, code, sentence, facts)
