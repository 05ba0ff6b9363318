"""Names by number and numbers by name: one pair for all tables whose rows are the same units.

As a dictionary and a list, a hundred thousand names took 14 MB, 140 bytes each, most of it what
Python keeps for every text and every whole number. Here they lie one behind the other, and a
number is found by the hash of its name:

    text      "c000-r000c000-r001..."           UTF-8
    starts    0, 9, 18, ...                     name n is text[starts[n]:starts[n + 1]]
    hashes    of name n, 32 bits of it
    slots     numbers, each at its hash or, where that slot was taken, the next free one

A name of nine letters takes 23 bytes, finding it half a microsecond. Numbers are given in order
and never taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

import numpy as np

FREE: Final = -1
HASH_MASK: Final = 2**32 - 1
ROOM_FIRST: Final = 64
GROW_PART: Final = 8
"""Room for an eighth more at a time."""
SLOTS_A_NAME: Final = 1.5
"""With two of three slots taken a name is found at the second look, on the mean."""


class Numbering(Sequence[str]):
    """Every name has one number, from 0 up. Its owner adds; whoever it is lent to reads, another
    thread too: what is there of a number stays as it is."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Raises ValueError for a name that comes twice."""
        names = list(names)
        self._count = len(names)
        self._text = bytearray("".join(names).encode())
        sizes = np.fromiter(map(len, map(str.encode, names)), np.int64, len(names))
        self._starts = np.concatenate([[0], sizes]).cumsum().astype(np.uint32).data
        hashes = (hash(name) & HASH_MASK for name in names)
        self._hashes = np.fromiter(hashes, np.uint32, len(names)).data
        self._slots = self._laid_out()
        self._refuse_twice(names)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        """The name of a number."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(self._count))]
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._text[self._starts[number] : self._starts[number + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(self._count))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.find(name) is not None

    def find(self, name: str) -> int | None:
        """The number of a name; None where it has none."""
        wanted = hash(name) & HASH_MASK
        slots, hashes = self._slots, self._hashes
        slot = wanted % len(slots)
        while (number := slots[slot]) != FREE:
            if hashes[number] == wanted and self[number] == name:
                return number
            slot = (slot + 1) % len(slots)
        return None

    def number(self, name: str) -> int:
        """The same for a name that has one. Raises KeyError."""
        found = self.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def add(self, name: str) -> int:
        """The number of a new name."""
        assert name not in self, f"{name} has a number already"
        number = self._count
        if number == len(self._hashes):
            self._make_room(number + max(ROOM_FIRST, number // GROW_PART))
        self._text += name.encode()
        self._starts[number + 1] = len(self._text)
        self._hashes[number] = hash(name) & HASH_MASK
        self._count += 1
        slot = self._hashes[number] % len(self._slots)
        while self._slots[slot] != FREE:
            slot = (slot + 1) % len(self._slots)
        self._slots[slot] = number
        return number

    @property
    def nbytes(self) -> int:
        """Of all of it."""
        views = (self._starts, self._hashes, self._slots)
        return len(self._text) + sum(view.nbytes for view in views)

    def _make_room(self, names: int) -> None:
        """For so many."""
        self._starts = _grown(self._starts, names + 1)
        self._hashes = _grown(self._hashes, names)
        self._slots = self._laid_out()

    def _laid_out(self) -> memoryview:
        """Every number in its slot: as many of those that wait as find theirs free, then the
        others one slot further, and so on."""
        slots = np.full(int(len(self._hashes) * SLOTS_A_NAME) + 1, FREE, np.int32)
        waiting = np.arange(self._count, dtype=np.int32)
        slot = np.asarray(self._hashes[: self._count]) % np.uint32(len(slots))
        while len(waiting):
            free = slots[slot] == FREE
            slots[slot[free]] = waiting[free]
            others = slots[slot] != waiting  # of several for the same slot one had it
            waiting, slot = waiting[others], (slot[others] + 1) % np.uint32(len(slots))
        return slots.data

    def _refuse_twice(self, names: Sequence[str]) -> None:
        hashes = np.sort(np.asarray(self._hashes))
        if (hashes[1:] == hashes[:-1]).any() and len(set(names)) < len(names):
            raise ValueError(f"{len(names) - len(set(names))} names come twice")


def _grown(held: memoryview, count: int) -> memoryview:
    grown = np.zeros(count, np.uint32)
    grown[: len(held)] = held
    return grown.data
