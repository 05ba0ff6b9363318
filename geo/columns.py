"""Live columns: what is known now of every unit, one NumPy row each; decides nothing.

A position is handled as a few numbers among thousands, so no Python object per
unit or fix survives here: a fix is written into its row and gone.

`lon`, `lat`         float64  degrees WGS-84, NaN before the first fix
`fix_t`              int64    microseconds UTC of that fix, 0 = never
`acc_m`              float32  its accuracy in metres, NaN unknown
`speed`, `course`    float32  metres a second and degrees, NaN unknown
`battery`            int8     per cent, -1 unknown
`grid`               int32    index in the GridSet, -1 in none
`role`               int8     the caller's code, -1 none
`skills`             uint64   the caller's bits
`on_duty`, `online`, `busy`, `live`  bool; a row is live from `add` to `remove`

The columns are plain arrays, written to in place (`columns.busy[row] = True`).
Do not keep one across `add`: growth replaces them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Flags, Floats, GridIndices, Rows, Times

ROWS_MAX: Final = 1_000_000
"""A city on one server, 54 MB of columns; one more unit is refused."""

ROWS_FIRST: Final = 64
"""Rows allocated at first; then their number doubles."""

NO_ROLE: Final = -1
BATTERY_UNKNOWN: Final = -1
NEVER: Final = 0

_EMPTY: Final[dict[str, tuple[str, float]]] = {
    "lon": ("f8", np.nan),
    "lat": ("f8", np.nan),
    "fix_t": ("i8", NEVER),
    "acc_m": ("f4", np.nan),
    "speed": ("f4", np.nan),
    "course": ("f4", np.nan),
    "battery": ("i1", BATTERY_UNKNOWN),
    "grid": ("i4", -1),
    "role": ("i1", NO_ROLE),
    "skills": ("u8", 0),
    "on_duty": ("?", False),
    "online": ("?", False),
    "busy": ("?", False),
    "live": ("?", False),
}
"""Every column with its type and what stands in a row that nobody has filled."""


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
    battery: NDArray[np.int8]
    grid: GridIndices
    role: NDArray[np.int8]
    skills: NDArray[np.uint64]
    on_duty: Flags
    online: Flags
    busy: Flags
    live: Flags

    def __init__(self, *, rows_max: int = ROWS_MAX) -> None:
        self._rows_max = rows_max
        self._rows: dict[str, int] = {}
        self._keys: list[str] = []
        self._free: list[int] = []
        self._store = {name: np.full(ROWS_FIRST, empty, t) for name, (t, empty) in _EMPTY.items()}
        self._show()

    def __len__(self) -> int:
        """How many units there are; the arrays may be longer, by rows given back."""
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def row_of(self, key: str) -> int:
        """The unit's row; KeyError when it has none."""
        return self._rows[key]

    def key_of(self, row: int) -> str:
        """The unit in a live row."""
        assert self.live[row], f"row {row} is nobody's"
        return self._keys[row]

    def add(self, key: str, *, role: int = NO_ROLE, skills: int = 0) -> int:
        """A row for a new unit: off duty, offline, without a fix.

        Raises ColumnsFullError. The row may be one that a removed unit had.
        """
        assert key not in self._rows, f"{key} has a row already"
        if len(self._rows) >= self._rows_max:
            raise ColumnsFullError(self._rows_max)
        row = self._free.pop() if self._free else self._append()
        self._rows[key] = row
        self._keys[row] = key
        self.live[row] = True
        self.role[row] = role
        self.skills[row] = skills
        return row

    def remove(self, key: str) -> int:
        """Forgets the unit and all that is known of it; returns the row it had."""
        row = self._rows.pop(key)
        for name, (_, empty) in _EMPTY.items():
            self._store[name][row] = empty
        self._keys[row] = ""
        self._free.append(row)
        return row

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
        """Writes each unit's newest fix; returns its indices in the batch, in order of rows.

        An older fix never overwrites a newer one, whichever came first, nor does
        another of the same time. A fix replaces all of the one before: what is not
        given is unknown again, except the battery, which no fix makes unknown.
        Places are finite and times bounded: who takes a fix from a device sees to
        it, since one from next year would keep out all others.
        """
        assert self.live[rows].all(), "a fix of a unit that has no row"
        assert np.isfinite(lon).all(), "a longitude that is no number"
        assert np.isfinite(lat).all(), "a latitude that is no number"
        newest = _newest(rows, t)
        newest = newest[t[newest] > self.fix_t[rows[newest]]]
        where = rows[newest]
        self.lon[where] = lon[newest]
        self.lat[where] = lat[newest]
        self.fix_t[where] = t[newest]
        self.acc_m[where] = np.nan if acc_m is None else acc_m[newest]
        self.speed[where] = np.nan if speed is None else speed[newest]
        self.course[where] = np.nan if course is None else course[newest]
        self.grid[where] = -1 if grid is None else grid[newest]
        if battery is not None:
            known = battery[newest] != BATTERY_UNKNOWN
            self.battery[where[known]] = battery[newest[known]]
        return newest

    def _append(self) -> int:
        row = len(self._keys)
        self._keys.append("")
        capacity = len(self._store["lon"])
        if row == capacity:
            for name, (dtype, empty) in _EMPTY.items():
                self._store[name] = np.concatenate(
                    [self._store[name], np.full(capacity, empty, dtype)]
                )
        self._show()
        return row

    def _show(self) -> None:
        """Cuts the public columns to the rows in use, so that a mask costs no more than these."""
        for name, column in self._store.items():
            setattr(self, name, column[: len(self._keys)])


def _newest(rows: Rows, t: Times) -> Rows:
    """For each row its fix with the greatest time, the first of equals."""
    order = np.lexsort((-np.arange(len(rows)), t, rows))
    last = np.ones(len(rows), dtype=np.bool_)
    last[:-1] = rows[order][1:] != rows[order][:-1]
    return order[last]
