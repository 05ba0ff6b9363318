"""Reads an incident file that came from anywhere: refused unless it is of the format's outer form.

What its sections hold, and whether its hashes fit, is verify.py's. Nothing in the
file is trusted: length, depth, members said twice, numbers that are no whole ones.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from dispatch.casefile.seal import FILE_BYTES_MAX, FORMAT, SECTIONS, canonical
from dispatch.errors import YihuError, quoted

SECTIONS_MAX: Final = 4 * len(SECTIONS)
INT64: Final = 2**63
DIGITS_MAX: Final = 19


class CaseFileError(YihuError):
    """A file is not of the incident file's form: there is nothing in it that could be checked."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"this is no incident file: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSection:
    """A section as it stands in a file."""

    name: str
    hash: str
    content: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """A file of the format's outer form; nothing is said of its hashes yet."""

    sections: list[RawSection]
    seal: str


def read_case_file(data: bytes) -> RawFile:
    """The sections and the seal. Raises CaseFileError."""
    if len(data) > FILE_BYTES_MAX:
        raise CaseFileError(f"it is longer than {FILE_BYTES_MAX} bytes")
    if data.lstrip()[:1] == b"<":
        raise CaseFileError("it is a page for people; what can be checked is the JSON file beside")
    try:
        document = json.loads(
            data.decode(),
            object_pairs_hook=_members,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
            parse_int=_whole,
        )
        canonical(document)  # what cannot be written anew cannot be hashed
    except UnicodeDecodeError as exc:
        raise CaseFileError(f"it is not UTF-8 (byte {exc.start})") from exc
    except json.JSONDecodeError as exc:
        raise CaseFileError(
            f"it is not whole JSON, cut off or damaged: {exc.msg} at character {exc.pos}"
        ) from exc
    except UnicodeEncodeError as exc:
        raise CaseFileError("it holds half a character, which is no Unicode text") from exc
    except RecursionError as exc:
        raise CaseFileError("it is nested deeper than any file of ours") from exc
    return _outer(document)


def _outer(document: Any) -> RawFile:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CaseFileError(f'it does not begin with "format":"{FORMAT}"')
    _only(document, {"format", "sections", "seal"}, "the file")
    sections, seal = document.get("sections"), document.get("seal")
    if not isinstance(sections, list) or not isinstance(seal, str):
        raise CaseFileError("it has no list of sections, or no seal")
    if len(sections) > SECTIONS_MAX:
        raise CaseFileError(f"it has {len(sections)} sections")
    return RawFile(sections=[_section(each) for each in sections], seal=seal)


def _section(raw: Any) -> RawSection:
    if not isinstance(raw, dict):
        raise CaseFileError("a section is no object")
    _only(raw, {"name", "hash", "content"}, "a section")
    name, stated = raw.get("name"), raw.get("hash")
    if not isinstance(name, str) or not isinstance(stated, str) or "content" not in raw:
        raise CaseFileError("a section has no name, no hash or no content")
    return RawSection(name=name, hash=stated, content=raw["content"])


def _only(document: dict[str, Any], members: set[str], what: str) -> None:
    strange = sorted(document.keys() - members)
    if strange:
        raise CaseFileError(
            f"{what} has a member {quoted(strange[0])}, which the seal does not cover"
        )


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a member said twice, one reader takes the first and another the last."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise CaseFileError("an object has the same member twice")
    return members


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS_MAX or not -INT64 <= int(digits) < INT64:
        raise CaseFileError(f"the number {quoted(digits)} needs more than 64 bits")
    return int(digits)


def _no_fraction(text: str) -> NoReturn:
    raise CaseFileError(f"the number {quoted(text)} is no whole one")
