"""Ids with a time each, in little room: who is on duty or in reach, and since when. No I/O.

As a list of pairs, twenty thousand of them take three megabytes for the second of a start that
needs them, in pieces that lie between what stays, and so are not given back.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Final, Generic, TypeVar, cast

from dispatch.clock import Instant
from dispatch.ids import UnitId

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


class OnDuty:
    """Units with two times each: since when by our clock, and since when by their radio's own."""

    def __init__(self, told: Iterable[tuple[UnitId, Instant, Instant]]) -> None:
        self._said = array("q")
        self._since = Since(self._without_said(told))

    def __len__(self) -> int:
        return len(self._since)

    def __iter__(self) -> Iterator[tuple[UnitId, Instant, Instant]]:
        for (unit, t), said_t in zip(self._since, self._said, strict=True):
            yield unit, t, said_t

    def _without_said(
        self, told: Iterable[tuple[UnitId, Instant, Instant]]
    ) -> Iterator[tuple[UnitId, Instant]]:
        for unit, t, said_t in told:
            self._said.append(said_t)
            yield unit, t
