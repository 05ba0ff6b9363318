"""Whoever changes how facts are folded, or what the state looks like, says so by a number."""

import hashlib
import zlib
from typing import Any, Final

import msgspec

from dispatch.store import standing
from dispatch.store.standing import FORMAT, Folded
from tests.dispatch.store.story import a_whole_story

KNOWN: Final = ("3", "5ee59b24cabb1876")
"""A format, and the digest of what it makes of an evening with every kind of fact in it."""


def test_rows_that_are_made_otherwise_have_another_format() -> None:
    """A start believes the rows of the format it knows: of another shape, or folded in another
    way, they would be a state that no facts tell. Raise ``FORMAT`` and put the pair in KNOWN."""
    folded = Folded()
    for seq, fact in enumerate(a_whole_story(), 1):
        folded.take(seq, fact)

    digest = hashlib.sha256()
    for row in sorted(standing.rows_of(folded), key=lambda row: str(row["key"])):
        plain = _unpacked(msgspec.msgpack.decode(row["data"]))
        digest.update(msgspec.msgpack.encode([row["key"], plain], order="deterministic"))
    assert (FORMAT, digest.hexdigest()[:16]) == KNOWN


def _unpacked(value: Any) -> Any:
    """With what is compressed in it inflated: another zlib packs otherwise, and says the same."""
    match value:
        case dict():
            return {key: _unpacked(each) for key, each in value.items()}
        case list():
            return [_unpacked(each) for each in value]
        case bytes():
            return zlib.decompress(value)
        case _:
            return value
