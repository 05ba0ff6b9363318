"""Live columns: what is known now of every unit, one NumPy row each; decides nothing.

A position is handled as a few numbers among thousands, so no Python object per
unit or fix survives here: a fix is written into its row and gone.

`lon`, `lat`         float64  degrees WGS-84, NaN before the first fix
`fix_t`              int64    microseconds UTC of that fix, 0 = never
`acc_m`              float32  its accuracy in metres, NaN unknown
`speed`, `course`    float32  metres a second and degrees, NaN unknown
`grid`               int32    index in the GridSet, -1 in none
`battery`            int8     per cent, -1 unknown
`role`               int8     the caller's code, -1 none
`group`              int16    the caller's code of the community, 0 where there is one
`skills`             uint64   the caller's bits
`on_duty`, `online`, `busy`, `live`  bool; a row is live from `add` to `remove`

The columns are arrays, written to in place (`columns.busy[row] = True`), but for
the first seven, which `update_batch` writes, and `role`, which `set_roles` writes: of
these an index is kept. Do not
keep one across `add`: growth replaces them. They are views into records, so that
what is written together lies together (with a hundred thousand units the time goes
into fetching memory), and whether a unit can be sent is one comparison of `status`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Flags, Floats, GridIndices, Rows, Times
from geo.numbering import Numbering
from geo.place_index import PENDING_MAX, PlaceIndex

ROWS_MAX: Final = 1_000_000
"""A city on one server, 60 MB of columns, 90 with the index; one more unit is refused."""

ROWS_FIRST: Final = 64
"""Rows allocated at first ..."""

GROW_PART: Final = 8
"""... then an eighth more at a time: a district that has just grown by one radio does not pay for
another district."""

INDEX_OUTGROWN: Final = 4
"""The index is laid out for the units of its first day, and anew for so many times as many."""

NO_ROLE: Final = -1
BATTERY_UNKNOWN: Final = -1
NEVER: Final = 0

_FIX: Final = np.dtype(
    [
        ("fix_t", "i8"),
        ("lon", "f8"),
        ("lat", "f8"),
        ("grid", "i4"),
        ("acc_m", "f4"),
        ("speed", "f4"),
        ("course", "f4"),
    ]
)

_STATUS: Final = np.dtype(
    [
        ("live", "?"),
        ("on_duty", "?"),
        ("online", "?"),
        ("busy", "?"),
        ("role", "i1"),
        ("battery", "i1"),
        ("group", "i2"),
        ("skills", "u8"),
    ]
)
"""Sixteen bytes: all but the skills are also read as one number."""

_ABILITIES: Final = np.dtype([("status", "u8"), ("skills", "u8")])
_TURN: Final = np.dtype([("turn", "i4")])
"""Where a batch writes down which of its fixes is the row's."""

_RECORDS: Final = (_FIX, _STATUS, _TURN)

_EMPTY: Final[dict[str, float]] = {
    "fix_t": NEVER,
    "lon": np.nan,
    "lat": np.nan,
    "grid": -1,
    "acc_m": np.nan,
    "speed": np.nan,
    "course": np.nan,
    "live": False,
    "on_duty": False,
    "online": False,
    "busy": False,
    "role": NO_ROLE,
    "battery": BATTERY_UNKNOWN,
    "group": 0,
    "skills": 0,
    "turn": 0,
}
"""Every column with what stands in a row that nobody has filled."""

FIX_FIELDS: Final = ("fix_t", "lon", "lat", "grid", "acc_m", "speed", "course")
"""What one fix says."""


class ColumnsFullError(RuntimeError):
    """There is no row left for one more unit."""

    def __init__(self, rows_max: int) -> None:
        self.rows_max = rows_max
        super().__init__(f"all {rows_max} rows of the live columns are taken")


class LiveColumns:
    """The columns and which unit has which row; keys are the caller's ids."""

    lon: Floats
    lat: Floats
    fix_t: Times
    acc_m: NDArray[np.float32]
    speed: NDArray[np.float32]
    course: NDArray[np.float32]
    grid: GridIndices
    battery: NDArray[np.int8]
    role: NDArray[np.int8]
    group: NDArray[np.int16]
    skills: NDArray[np.uint64]
    on_duty: Flags
    online: Flags
    busy: Flags
    live: Flags
    fixes: NDArray[Any]
    """The first seven as records."""
    abilities: NDArray[Any]
    """`status` and `skills` as records."""
    status: NDArray[np.uint64]
    """Live, duty, online, busy, role, battery and group as one number: see `status_pattern`."""

    def __init__(
        self,
        *,
        rows_max: int = ROWS_MAX,
        rows_first: int = ROWS_FIRST,
        names: Numbering | None = None,
    ) -> None:
        """``rows_first`` rows are allocated at once; then they grow by an eighth.

        A unit's row is its number in ``names``. Where these are lent, only units that have one
        are added. No row is ever another unit's.
        """
        self._rows_max = rows_max
        self._lent = names is not None
        self._names = Numbering() if names is None else names
        self._used = 0
        """Rows up to the last that was given; of those lent, more may be to come."""
        self._units = 0
        self._store: dict[str, NDArray[Any]] = {}
        self._shown: list[str] = []
        self._index: PlaceIndex | None = None
        self._records = [_emptied(np.zeros(rows_first, dtype)) for dtype in _RECORDS]
        self._name()

    def __getattr__(self, name: str) -> NDArray[Any]:
        """A column, cut to the rows in use when it is first asked for after an `add`, so that
        adding a hundred thousand units does not cut every column as often."""
        store = self.__dict__.get("_store", {})
        if name not in store:
            raise AttributeError(f"{type(self).__name__!r} has no column {name!r}")
        column: NDArray[Any] = store[name][: self._used]
        column.flags.writeable = name != "role"
        self.__dict__[name] = column
        self._shown.append(name)
        return column

    def __len__(self) -> int:
        """How many units there are; the arrays may be longer, by those that were removed."""
        return self._units

    def __contains__(self, key: str) -> bool:
        row = self._names.find(key)
        return row is not None and row < self._used and bool(self._store["live"][row])

    def __iter__(self) -> Iterator[str]:
        return (self._names[row] for row in np.flatnonzero(self.live).tolist())

    def row_of(self, key: str) -> int:
        """The unit's row; KeyError when it has none."""
        return self._names.number(key)

    def key_of(self, row: int) -> str:
        """The unit in a live row."""
        assert self.live[row], f"row {row} is nobody's"
        return self._names[row]

    def add(self, key: str, *, role: int = NO_ROLE, skills: int = 0) -> int:
        """A row for a new unit: off duty, offline, without a fix.

        Raises ColumnsFullError. One that was removed has the row that it had.
        """
        assert key not in self, f"{key} has a row already"
        row = self._names.number(key) if self._lent else self._names.find(key)
        if (len(self._names) if row is None else row) >= self._rows_max:
            raise ColumnsFullError(self._rows_max)
        row = self._names.add(key) if row is None else row
        self._reach(row + 1)
        self._units += 1
        self._store["live"][row] = True
        self._store["role"][row] = role
        self._store["skills"][row] = skills
        return row

    def set_roles(self, rows: Rows | slice, roles: NDArray[np.int8] | int) -> None:
        """These units are of these roles from now on."""
        self._store["role"][: self._used][rows] = roles
        if self._index is not None:
            self._index.note(np.arange(self._used)[rows])

    def add_many(self, keys: Sequence[str]) -> None:
        """Rows for many new units, in this order and behind all others, as ``add`` makes them.

        Raises ColumnsFullError, and then adds nobody.
        """
        assert not self._lent, "whoever lends the names adds to them"
        if len(self._names) + len(keys) > self._rows_max:
            raise ColumnsFullError(self._rows_max)
        for key in keys:
            self._names.add(key)
        self._add_rest()

    def add_lent(self) -> None:
        """The same for all names that were lent since the last unit was added.

        Raises ColumnsFullError, and then adds nobody.
        """
        if len(self._names) > self._rows_max:
            raise ColumnsFullError(self._rows_max)
        self._add_rest()

    def remove(self, key: str) -> int:
        """Forgets all that is known of the unit; returns its row, which stays its own, empty."""
        row = self._names.number(key)
        assert self.live[row], f"{key} has no row"
        for name, empty in _EMPTY.items():
            self._store[name][row] = empty
        if self._index is not None:
            self._index.note(np.array([row]))
        self._units -= 1
        return row

    def forget_fix(self, row: int) -> None:
        """Where the unit is is not known any more; what else is known of it stays."""
        for name in FIX_FIELDS:
            self._store[name][row] = _EMPTY[name]
        if self._index is not None:
            self._index.note(np.array([row]))

    def update_batch(
        self,
        rows: Rows,
        t: Times,
        lon: Floats,
        lat: Floats,
        *,
        acc_m: Floats | None = None,
        speed: Floats | None = None,
        course: Floats | None = None,
        battery: NDArray[np.int8] | None = None,
        grid: GridIndices | None = None,
    ) -> Rows:
        """Writes each unit's newest fix; returns its indices in the batch, in no certain order.

        An older fix never overwrites a newer one, whichever came first, nor does
        another of the same time. A fix replaces all of the one before: what is not
        given is unknown again, except the battery, which no fix makes unknown.
        Places are finite and times bounded: who takes a fix from a device sees to
        it, since one from next year would keep out all others.
        """
        assert self.live[rows].all(), "a fix of a unit that has no row"
        assert np.isfinite(lon).all(), "a longitude that is no number"
        assert np.isfinite(lat).all(), "a latitude that is no number"
        newest = self._newest(rows, t)
        newer = t[newest] > self.fix_t[rows[newest]]
        all_of_it = len(newest) == len(rows) and bool(newer.all())
        if not all_of_it:
            newest = newest[newer]
        chosen = slice(None) if all_of_it else newest
        where = rows[chosen]
        self.fix_t[where] = t[chosen]
        self.lon[where] = lon[chosen]
        self.lat[where] = lat[chosen]
        self.grid[where] = -1 if grid is None else grid[chosen]
        self.acc_m[where] = np.nan if acc_m is None else acc_m[chosen]
        self.speed[where] = np.nan if speed is None else speed[chosen]
        self.course[where] = np.nan if course is None else course[chosen]
        if battery is not None:
            level = battery[chosen]
            unknown = level == BATTERY_UNKNOWN
            if unknown.any():
                level = np.where(unknown, self.battery[where], level)
            self.battery[where] = level
        if self._index is not None:
            self._index.note(where)
            if self._index.waiting >= PENDING_MAX:
                self._put_away(self._index)
        return newest

    def update(
        self,
        row: int,
        t: int,
        lon: float,
        lat: float,
        *,
        acc_m: float | None,
        battery: int | None,
        grid: int,
    ) -> bool:
        """``update_batch`` of one fix without speed and course, in a tenth of its time; whether
        it was news."""
        assert self.live[row], "a fix of a unit that has no row"
        assert math.isfinite(lon), "a longitude that is no number"
        assert math.isfinite(lat), "a latitude that is no number"
        if t <= self.fix_t[row]:
            return False
        self.fix_t[row], self.lon[row], self.lat[row], self.grid[row] = t, lon, lat, grid
        self.acc_m[row] = np.nan if acc_m is None else acc_m
        self.speed[row] = self.course[row] = np.nan
        if battery is not None:
            self.battery[row] = battery
        if self._index is not None:
            self._index.note(np.array([row]))
            if self._index.waiting >= PENDING_MAX:
                self._put_away(self._index)
        return True

    def index(self) -> PlaceIndex:
        """Where to look for units near a place, up to date. Made when first asked for, and anew
        when there are many times the units; who has few units never asks."""
        index = self._index
        if index is None or len(self) > INDEX_OUTGROWN * max(index.units, ROWS_FIRST):
            placed = np.flatnonzero(self.fix_t != NEVER)
            roles = int(self.role.max(initial=NO_ROLE)) + 1
            index = PlaceIndex(self.lon[placed], self.lat[placed], roles)
            index.units = max(index.units, len(self) // INDEX_OUTGROWN)
            index.note(placed)
            self._index = index
        self._put_away(index)
        return index

    @property
    def nbytes(self) -> int:
        """Of all arrays, those of the index too; not of the keys."""
        index = 0 if self._index is None else self._index.nbytes
        return index + sum(records.nbytes for records in self._records)

    def _put_away(self, index: PlaceIndex) -> None:
        if index.waiting:
            index.refresh(self.fixes, self.role)

    def _newest(self, rows: Rows, t: Times) -> Rows:
        """For each row its fix with the greatest time, the first of equals."""
        place = np.arange(len(rows))
        turn = self._store["turn"]
        turn[rows] = place
        if (turn[rows] == place).all():  # no row comes twice
            return place
        order = np.lexsort((-place, t, rows))
        last = np.ones(len(rows), dtype=np.bool_)
        last[:-1] = rows[order][1:] != rows[order][:-1]
        return order[last]

    def _add_rest(self) -> None:
        """Every name has a row, and those behind the last that was given are units now."""
        first, count = self._used, len(self._names)
        self._reach(count)
        self._units += count - first
        self._store["live"][first:count] = True

    def _reach(self, count: int) -> None:
        """There are so many rows now, if there were fewer."""
        if count <= self._used:
            return
        more = count - len(self._records[0])
        if more > 0:
            more = max(more, ROWS_FIRST, len(self._records[0]) // GROW_PART)
            self._records = [
                np.concatenate([records, _emptied(np.zeros(more, records.dtype))])
                for records in self._records
            ]
            self._name()
        self._used = count
        self._forget_cuts()

    def _forget_cuts(self) -> None:
        """There are more units: columns are cut anew when they are asked for."""
        for name in self._shown:
            del self.__dict__[name]
        self._shown.clear()

    def _name(self) -> None:
        """Each column by its name, a view, whole."""
        for records in self._records:
            self._store.update({name: records[name] for name in records.dtype.names or ()})
        self._store["fixes"] = self._records[0]
        self._store["abilities"] = self._records[1].view(_ABILITIES)
        self._store["status"] = self._store["abilities"]["status"]


def status_pattern(**wanted: int) -> tuple[np.uint64, np.uint64]:
    """A mask and what `status & mask` is in rows that have these values."""
    mask = value = 0
    for name, each in wanted.items():
        one, whole = _STATUS_BITS[name]
        mask |= whole
        value |= (one * int(each)) & whole
    return np.uint64(mask), np.uint64(value)


def _status_bits() -> dict[str, tuple[int, int]]:
    """What a 1 in each field adds to the whole number, and all bits of the field."""
    told = {}
    for name in [each for each in _STATUS.names or () if each != "skills"]:
        record = np.zeros(1, _STATUS)
        record[name] = 1
        one = int(record.view(_ABILITIES)["status"][0])
        told[name] = one, one * (256 ** record[name].itemsize - 1)
    return told


_STATUS_BITS: Final = _status_bits()


def _emptied(records: NDArray[np.void]) -> NDArray[np.void]:
    """New ones, all zeros, as rows that nobody has filled. What stays zero is not written to, for
    then its memory is not taken either."""
    for name in records.dtype.names or ():
        if _EMPTY[name] != 0:
            records[name] = _EMPTY[name]
    return records
