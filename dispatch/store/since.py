"""Ids with a time each, in little room: who is on duty or in reach, and since when. No I/O.

As a list of pairs, twenty thousand of them take three megabytes for the second of a start that
needs them, in pieces that lie between what stays, and so are not given back.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar, cast

from dispatch.clock import Instant

Id = TypeVar("Id", bound=str)

_LINE: Final = re.compile("[^\n]+")


class Since(Generic[Id]):
    """Pairs that are made one at a time, each time they are gone through."""

    def __init__(self, pairs: Iterable[tuple[Id, Instant]]) -> None:
        self._times = array("q")
        ids = bytearray()
        for each, t in pairs:
            ids += each.encode() + b"\n"
            self._times.append(t)
        self._ids = ids.decode()

    def __len__(self) -> int:
        return len(self._times)

    def __iter__(self) -> Iterator[tuple[Id, Instant]]:
        for line, t in zip(_LINE.finditer(self._ids), self._times, strict=True):
            yield cast(Id, line[0]), t
