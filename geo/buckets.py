"""Which rows are under which key, kept up in batches: as a dict of sets, in three columns.

A bucket is a piece of one long array, of a power of two slots, with a row in each of
the first `fill`. Who leaves leaves a hole (-1) behind; who comes goes to the end. A
bucket that is full is freed of its holes, or moves to a piece of twice the size, and
its old piece waits for the next bucket of that size. So a batch of moves is a handful
of NumPy calls, whatever moved, and no move ever makes all others be sorted anew.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Rows

NO_KEY: Final = -1
HOLE: Final = -1

SLOTS_MIN: Final = 4
"""Of a bucket that is not empty."""

BULK_PART: Final = 4
"""Where more than one row in so many gets another key at once, as at the start, all are laid
out anew: cheaper than making room bucket by bucket."""

Keys = NDArray[np.int32]


class Buckets:
    """Each row is under one key, a small number, or under none."""

    def __init__(self) -> None:
        self.key: Keys = np.zeros(0, np.int32)
        """By row."""
        self._slot: Keys = np.zeros(0, np.int32)
        self._slots: Keys = np.zeros(0, np.int32)
        self._used = 0
        """Of `_slots`: beyond it nothing was given out yet."""
        self._start: Keys = np.zeros(0, np.int32)
        self._fill: Keys = np.zeros(0, np.int32)
        self._room: Keys = np.zeros(0, np.int32)
        self._spare: dict[int, list[int]] = {}
        """Starts of pieces that are nobody's, by their size."""

    def __len__(self) -> int:
        """Keys below this may be used."""
        return len(self._fill)

    @property
    def nbytes(self) -> int:
        """Of all arrays."""
        arrays = (self.key, self._slot, self._slots, self._start, self._fill, self._room)
        return sum(array.nbytes for array in arrays)

    def crowds(self, keys: NDArray[np.intp]) -> Keys:
        """How many rows at most are under each of these keys."""
        return self._fill.take(keys)

    def rows(self, keys: NDArray[np.intp], crowds: Keys) -> Keys:
        """All rows under these keys, each key once; `crowds` is what that says of them."""
        shift = self._start.take(keys)
        shift += crowds
        ends = crowds.cumsum()
        shift -= ends
        slots = shift.repeat(crowds)
        slots += np.arange(len(slots), dtype=np.int32)
        rows = self._slots.take(slots)
        return rows[rows >= 0]

    def crowd(self, key: int) -> int:
        """How many rows at most are under this key."""
        return int(self._fill[key])

    def rows_of(self, key: int) -> Keys:
        """All rows under this key."""
        start = int(self._start[key])
        rows = self._slots[start : start + int(self._fill[key])]
        return rows[rows >= 0]

    def has_keys(self, count: int) -> None:
        """Keys below `count` may be used from now on."""
        more = count - len(self._fill)
        if more > 0:
            nothing = np.zeros(max(more, len(self._fill)), np.int32)
            self._start = np.concatenate([self._start, nothing])
            self._fill = np.concatenate([self._fill, nothing])
            self._room = np.concatenate([self._room, nothing])

    def move(self, rows: Rows, keys: Keys) -> None:
        """Puts each row, named once, under its key, or under none."""
        self._make_rows(rows)
        changed = (self.key.take(rows) != keys).nonzero()[0]
        if not len(changed):
            return
        rows, keys = rows.take(changed), keys.take(changed)
        self.key[rows] = keys
        if len(rows) * BULK_PART > len(self.key):
            self._lay_out()
            return
        old = self._slot.take(rows)
        self._slots[old[old >= 0]] = HOLE
        gone = keys < 0
        if gone.any():
            self._slot[rows[gone]] = HOLE
            rows, keys = rows[~gone], keys[~gone]
        if len(rows):
            self._append(rows, keys)

    def _append(self, rows: Rows, keys: Keys) -> None:
        order = keys.argsort(kind="stable")
        rows, keys = rows.take(order), keys.take(order)
        first = np.ones(len(keys) + 1, np.bool_)
        np.not_equal(keys[1:], keys[:-1], out=first[1:-1])
        begins = first.nonzero()[0]  # and the end
        count = (begins[1:] - begins[:-1]).astype(np.int32)
        begins = begins[:-1]
        each = keys.take(begins)
        full = self._fill.take(each) + count > self._room.take(each)
        if full.any():
            for key, more in zip(each[full].tolist(), count[full].tolist(), strict=True):
                self._make_room(key, more)
        fill = self._fill.take(each)
        slots = (self._start.take(each) + fill - begins).repeat(count)
        slots += np.arange(len(keys))
        self._slots[slots] = rows
        self._slot[rows] = slots
        self._fill[each] = fill + count

    def _make_room(self, key: int, more: int) -> None:
        """Frees the bucket of its holes, in a piece with room for so many more."""
        start, fill, room = int(self._start[key]), int(self._fill[key]), int(self._room[key])
        members = self._slots[start : start + fill]
        members = members[members >= 0]
        need = SLOTS_MIN
        while need < (len(members) + more) * 3 // 2:
            need *= 2
        if need > room:
            self._slots[start : start + fill] = HOLE
            if room:
                self._spare.setdefault(room, []).append(start)
            start, room = self._piece(need), need
            self._start[key], self._room[key] = start, room
        self._slots[start : start + len(members)] = members
        self._slots[start + len(members) : start + fill] = HOLE
        self._slot[members] = np.arange(start, start + len(members))
        self._fill[key] = len(members)

    def _piece(self, size: int) -> int:
        if self._spare.get(size):
            return self._spare[size].pop()
        if self._used + size > len(self._slots):
            more = max(size, len(self._slots) // 2)
            self._slots = np.concatenate([self._slots, np.full(more, HOLE, np.int32)])
        self._used += size
        return self._used - size

    def _lay_out(self) -> None:
        """Every bucket anew, with some room to spare."""
        rows = np.flatnonzero(self.key >= 0)
        rows = rows[np.argsort(self.key[rows], kind="stable")]
        keys = self.key[rows]
        fill = np.bincount(keys, minlength=len(self._fill))
        wanted = np.maximum(fill * 3 // 2, SLOTS_MIN)
        room = np.where(fill > 0, 1 << np.ceil(np.log2(wanted)).astype(np.int64), 0)
        start = np.cumsum(room) - room
        slots = start[keys] + np.arange(len(rows)) - (np.cumsum(fill) - fill)[keys]
        self._used = int(room.sum())
        self._slots = np.full(self._used + self._used // 8, HOLE, np.int32)
        self._slots[slots] = rows
        self._slot = np.full(len(self.key), HOLE, np.int32)
        self._slot[rows] = slots
        self._start, self._fill, self._room = (
            each.astype(np.int32) for each in (start, fill, room)
        )
        self._spare = {}

    def _make_rows(self, rows: Rows) -> None:
        more = int(rows.max(initial=-1)) + 1 - len(self.key)
        if more > 0:
            none = np.full(max(more, len(self.key) // 2), NO_KEY, np.int32)
            self.key = np.concatenate([self.key, none])
            self._slot = np.concatenate([self._slot, none])
