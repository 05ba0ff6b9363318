"""Checks an incident file with nothing but itself. Opens no store and asks no server.

Found and named: a section that was changed, removed, added or swapped; a fact
whose hash does not fit it, that is out of order, of another incident, or does
not join its neighbour; a personal value that was changed or removed; decisions
that say other than the facts; a file cut off. Not found, and said so by the
command: a fact left out before the file was sealed, where its neighbours in the
journal are not in the file either; a file written anew with every hash in it, or
made up from the beginning. For those, compare it with the journal (compare.py).

The personal references are known by their shape, {"digest", "personal"}, so that
facts of later versions are checked too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import msgspec

from dispatch.casefile.decisions import decisions_of
from dispatch.casefile.read import RawFile, read_case_file
from dispatch.casefile.seal import SECTIONS, START, canonical, section_hash
from dispatch.casefile.shape import Contents, Fact, Value
from dispatch.clock import Instant
from dispatch.errors import quoted
from dispatch.store.chain import GENESIS, Tail, next_tail
from dispatch.store.codec import digest_of

FAULTS_MAX: Final = 50
"""More are not told: whoever changed so much changed the file."""
HEX: Final = re.compile(r"([0-9a-f]{2})+")
HASH: Final = re.compile(r"[0-9a-f]{64}")
OPENED: Final = "IncidentOpened"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the file that does not fit."""

    part: str
    """``section tracks``, ``fact 41``, ``personal value 0a1b...``, ``seal``."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What was found. ``contents`` is None where a section is not of the format's shape."""

    seal: str
    """As stated in the file."""
    faults: tuple[Fault, ...]
    contents: Contents | None
    erased: tuple[tuple[int, Instant], ...] = ()
    """Facts with an erased personal value: (seq, when erased)."""
    left_out: int = 0
    """Personal values that are in the journal and not in the file."""
    gaps: int = 0
    """Places between two facts where the journal has facts that are not in the file."""


@dataclass(frozen=True, slots=True)
class _Reference:
    seq: int
    personal: str
    digest: str


def verify_file(data: bytes) -> FileReport:
    """Check a file. Raises CaseFileError where there is nothing in it that could be checked."""
    raw = read_case_file(data)
    faults = list(_outer_faults(raw))
    contents = _contents(raw, faults)
    if contents is None:
        return FileReport(seal=raw.seal, faults=tuple(faults[:FAULTS_MAX]), contents=None)
    faults += _about_faults(contents)
    faults += _fact_faults(contents)
    faults += _value_faults(contents)
    faults += _decision_faults(contents)
    faults += _track_faults(contents)
    return FileReport(
        seal=raw.seal,
        faults=tuple(faults[:FAULTS_MAX]),
        contents=contents,
        erased=tuple((v.seq, v.erased_t) for v in contents.values if v.erased_t is not None),
        left_out=sum(value.left_out for value in contents.values),
        gaps=sum(a.seq + 1 != b.seq for a, b in pairwise(contents.facts)),
    )


# --- the seal ---


def _outer_faults(raw: RawFile) -> Iterator[Fault]:
    """Sections missing, strange or out of order; hashes and the seal."""
    names = [section.name for section in raw.sections]
    for name in SECTIONS:
        if names.count(name) != 1:
            how = "is missing" if name not in names else "is there more than once"
            yield Fault(f"section {name}", how)
    for name in names:
        if name not in SECTIONS:
            yield Fault(f"section {quoted(name)}", "does not belong into the file")
    ours = [name for name in names if name in SECTIONS]
    if ours != sorted(ours, key=SECTIONS.index):
        yield Fault("sections", f"are out of order: {', '.join(ours)}")
    before = START
    for section in raw.sections:
        if section_hash(before, section.name, section.content) != section.hash:
            yield Fault(
                f"section {quoted(section.name)}",
                "was changed: its hash does not fit its content and the section before it",
            )
        before = section.hash
    if raw.seal != before:
        yield Fault("seal", "is not the hash of the last section")


def _contents(raw: RawFile, faults: list[Fault]) -> Contents | None:
    """The sections in their types; None, with a fault, where one is not of its shape."""
    found = {section.name: section.content for section in raw.sections}
    try:
        return msgspec.convert({name: found.get(name) for name in SECTIONS}, Contents)
    except msgspec.ValidationError as exc:
        faults.append(Fault("contents", f"are not of the format's shape: {quoted(str(exc))}"))
        return None


# --- what the sections say ---


def _about_faults(contents: Contents) -> Iterator[Fault]:
    about, facts = contents.about, contents.facts
    if about.facts != len(facts):
        yield Fault("section facts", f"has {len(facts)} facts where {about.facts} are announced")
    if facts and (about.first_t, about.last_t) != (facts[0].t, facts[-1].t):
        yield Fault("section about", "does not tell the times of its first and last fact")
    if not facts:
        yield Fault("section facts", "is empty")
    elif not about.left_out.facts and all(fact.name != OPENED for fact in facts):
        yield Fault("section facts", f"lacks the fact {OPENED}, with which every incident begins")


def _fact_faults(contents: Contents) -> Iterator[Fault]:
    about, facts = contents.about, contents.facts
    alarms = {
        body.get("alarm")
        for body in map(_body, facts)
        if body is not None and body.get("incident") == about.incident
    }
    for fact in facts:
        why = _own_fault(fact, about.incident, about.community, alarms)
        if why:
            yield Fault(f"fact {fact.seq}", why)
    for one, after in pairwise(facts):
        if after.seq <= one.seq:
            yield Fault(f"fact {after.seq}", f"stands behind fact {one.seq}")
        elif after.seq == one.seq + 1 and after.before != one.hash:
            yield Fault(f"fact {after.seq}", f"does not follow fact {one.seq}: their hashes differ")


def _own_fault(fact: Fact, incident: str, community: str, alarms: set[Any]) -> str:
    """What is wrong with a fact by itself; empty where nothing is."""
    if fact.seq < 1 or "\n" in fact.community or "\n" in fact.name:
        return "has a number below 1, or a line feed in its community or name"
    if not HASH.fullmatch(fact.before) or (fact.seq == 1) != (fact.before == GENESIS):
        return "does not have the hash before it that its number asks for"
    tail = Tail(fact.seq - 1, fact.before)
    here = next_tail(tail, t=fact.t, community=fact.community, name=fact.name, body=fact.body)
    if here.hash != fact.hash:
        return "was changed: its hash does not fit its content and the hash before it"
    body = _body(fact)
    if body is None:
        return "has a body that is no JSON object"
    belongs = body["incident"] == incident if "incident" in body else body.get("alarm") in alarms
    if fact.community != community or not belongs:
        return "is about another incident"
    return ""


def _value_faults(contents: Contents) -> Iterator[Fault]:
    values = {value.id: value for value in contents.values}
    if len(values) < len(contents.values):
        yield Fault("section values", "has a value twice")
    referred = set()
    may_lack = not contents.about.personal or contents.about.left_out.values > 0
    for ref in _references(contents):
        referred.add(ref.personal)
        why = _value_fault(values.get(ref.personal), ref, may_lack)
        if why:
            yield Fault(f"personal value {quoted(ref.personal)} of fact {ref.seq}", why)
    for value in contents.values:
        if value.id not in referred:
            yield Fault(f"personal value {quoted(value.id)}", "is one that no fact refers to")


def _value_fault(value: Value | None, ref: _Reference, may_lack: bool) -> str:
    if value is None or value.seq != ref.seq:
        return "was removed"
    if value.text is not None:
        if value.erased_t is not None or value.left_out:
            return "is said to be gone, and stands there"
        return "" if _fits(value, ref.digest) else "was changed"
    if value.erased_t is not None:
        return ""
    if value.left_out:
        return "" if may_lack else "is left out, though the file says that it leaves nothing out"
    return "was removed without being erased"


def _fits(value: Value, digest: str) -> bool:
    salt, text = value.salt or "", value.text or ""
    return bool(HEX.fullmatch(salt)) and digest_of(salt, text) == digest


def _decision_faults(contents: Contents) -> Iterator[Fault]:
    values = {value.id: value for value in contents.values}
    try:
        meant = msgspec.to_builtins(decisions_of(contents.facts, values))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        yield Fault(
            "section decisions", "cannot be compared: a decision's fact is not of its shape"
        )
        return
    stated = msgspec.to_builtins(contents.decisions)
    if len(meant) != len(stated):
        yield Fault("section decisions", f"has {len(stated)} where the facts tell of {len(meant)}")
        return
    for one, other in zip(meant, stated, strict=True):
        if canonical(one) != canonical(other):
            yield Fault("section decisions", f"says other than fact {one['seq']}")


def _track_faults(contents: Contents) -> Iterator[Fault]:
    if not contents.about.personal and contents.tracks:
        yield Fault("section tracks", "is there, though the file says that tracks are left out")
    for track in contents.tracks:
        times = [fix[0] for fix in track.fixes]
        in_order = all(one < after for one, after in pairwise(times))
        within = not times or (track.from_t <= times[0] and times[-1] <= track.to_t)
        if not in_order or not within:
            yield Fault(
                f"track of {quoted(track.unit)}", "has fixes out of order, or outside its time"
            )


def _references(contents: Contents) -> Iterator[_Reference]:
    """What the bodies say of personal values."""
    for fact in contents.facts:
        for member in (_body(fact) or {}).values():
            if isinstance(member, dict) and member.keys() == {"digest", "personal"}:
                yield _Reference(fact.seq, str(member["personal"]), str(member["digest"]))


def _body(fact: Fact) -> Mapping[str, Any] | None:
    try:
        body = msgspec.json.decode(fact.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
