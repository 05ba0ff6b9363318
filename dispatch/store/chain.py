"""The hash chain over the journal: what is hashed, byte for byte. Pure; reads and writes nothing.

Every fact's hash covers the fact before it, so that changing, removing or
swapping one breaks every hash after it. To check a journal without our
program, walk its rows in the order of ``seq`` and compute, in UTF-8,

    SHA-256( PREVIOUS "\\n" SEQ "\\n" T "\\n" COMMUNITY "\\n" NAME "\\n" BODY )

PREVIOUS   the hash of the row before, 64 lower-case hex digits; GENESIS before the first
SEQ        the row's number, decimal; the first is 1 and none is left out
T          the row's time, decimal microseconds since 1970-01-01T00:00:00Z
COMMUNITY  the column ``community``
NAME       the column ``name``, the kind of fact
BODY       the column ``body`` exactly as stored; nothing follows it

No part can hide another: only BODY, which is last, could hold a line feed,
and being JSON it writes that as ``\\n``.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

GENESIS: Final = hashlib.sha256(b"yihu journal 1").hexdigest()
"""What stands for the hash before the first fact: SHA-256 of the text ``yihu journal 1``."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of the journal: the last fact's number and hash."""

    seq: int
    hash: str


EMPTY: Final = Tail(0, GENESIS)
"""The end of a journal that holds nothing yet."""


def next_tail(tail: Tail, *, t: int, community: str, name: str, body: str) -> Tail:
    """The journal's end once this fact stands behind ``tail``."""
    assert "\n" not in community, community
    assert "\n" not in name, name
    seq = tail.seq + 1
    text = f"{tail.hash}\n{seq}\n{t}\n{community}\n{name}\n{body}"
    return Tail(seq, hashlib.sha256(text.encode()).hexdigest())
