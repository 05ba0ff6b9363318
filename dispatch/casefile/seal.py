"""The incident file's outer form and its seal, byte for byte. What its sections say is shape.py's.

    {"format":"yihu incident file 1",
     "sections":[
       {"name":"about","hash":"<64 hex digits>","content":...},
       {"name":"facts",...},          the journal's rows, raw
       {"name":"values",...},         personal values beside them
       {"name":"decisions",...},      whom each wave called and why
       {"name":"tracks",...},         where those involved were
       {"name":"directory",...}],     what the ids are called
     "seal":"<64 hex digits>"}

All six sections are there, in this order. Each hash covers the one before:

    hash of a section = SHA-256( PREVIOUS "\\n" NAME "\\n" CONTENT )   in UTF-8

PREVIOUS  the hash of the section before; for the first, SHA-256 of the text of ``format``
NAME      the section's name
CONTENT   its content as canonical JSON: RFC 8785, and every number a whole one

The seal is the last hash. How the file is laid out (blanks, line feeds, order
of members) does not matter: what is hashed is written anew from what was read.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FORMAT: Final = "yihu incident file 1"
SECTIONS: Final = ("about", "facts", "values", "decisions", "tracks", "directory")
START: Final = hashlib.sha256(FORMAT.encode()).hexdigest()
"""What stands for the hash before the first section."""

FILE_BYTES_MAX: Final = 64 * 2**20
"""Above what make.py's own limits let a file become; a longer one is not read."""
PIECE_ITEMS: Final = 500
"""Items of a long list that are written at once: about a millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A file and its seal. ``sections`` holds the contents in order, JSON-shaped."""

    sections: Mapping[str, Any]
    seal: str
    data: bytes
    """The file itself."""


def sealed(sections: Mapping[str, Any]) -> CaseFile:
    """The file with these contents, which must be all of SECTIONS, in order, without fractions."""
    assert tuple(sections) == SECTIONS, tuple(sections)
    before = START
    parts = [f'{{"format":"{FORMAT}",\n"sections":[\n'.encode()]
    for name, content in sections.items():
        data = canonical(content).encode()
        before = _hash(before, name, data)
        comma = "" if name == SECTIONS[-1] else ",\n"
        parts += [f'{{"name":"{name}","hash":"{before}","content":'.encode(), data]
        parts.append(f"}}{comma}".encode())
    parts.append(f'],\n"seal":"{before}"}}\n'.encode())
    return CaseFile(sections=sections, seal=before, data=b"".join(parts))


def section_hash(before: str, name: str, content: Any) -> str:
    """The hash of a section that follows the hash ``before``."""
    return _hash(before, name, canonical(content).encode())


def canonical(content: Any) -> str:
    """JSON as RFC 8785 has it, for content without fractions and with ASCII names of members.

    Written in pieces: one call for a whole section would let no other thread run
    for a quarter of a second. Raises ValueError for text that is not Unicode.
    """
    match content:
        case dict():
            members = (f"{_text(key)}:{canonical(content[key])}" for key in sorted(content))
            return f"{{{','.join(members)}}}"
        case list() | tuple() if len(content) > PIECE_ITEMS:
            cuts = range(0, len(content), PIECE_ITEMS)
            return f"[{','.join(_text(content[n : n + PIECE_ITEMS])[1:-1] for n in cuts)}]"
        case list() | tuple():
            return f"[{','.join(map(canonical, content))}]"
        case _:
            return _text(content)


def whole_numbers(value: Any) -> Any:
    """The same with every fraction as text (``"120.5"``): programs write fractions differently."""
    match value:
        case bool():
            return value
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case Mapping():
            return {key: whole_numbers(item) for key, item in value.items()}
        case list() | tuple():
            return [whole_numbers(item) for item in value]
        case _:
            return value


def _text(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text.encode()  # a half of a surrogate pair, that no UTF-8 holds, is refused here
    return text


def _hash(before: str, name: str, data: bytes) -> str:
    hashed = hashlib.sha256(f"{before}\n{name}\n".encode())
    hashed.update(data)
    return hashed.hexdigest()
