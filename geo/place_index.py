"""Where to look for the units near a place, among very many that all move.

Every row that has a fix stands in two sets of buckets: one by its grid, one by the
cell of 250 m or more that it is in; in either those of each role by themselves, for who is
looked for is nearly always of one. Cells are numbered as if the map were rolled up, so
that a town needs no frame and two towns no bigger table; cells that share a number
cost a few rows looked at in vain. Rows that moved are only written down, and put into
their buckets when somebody asks, or when they have become many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Floats, Rows
from geo.buckets import NO_KEY, Buckets
from geo.distance import EARTH_RADIUS_M

CELL_M_MIN: Final = 250.0
CELL_M_MAX: Final = 8_000.0
UNITS_A_CELL: Final = 6.0
"""Cells are as small as leaves about so many units of a role in each where anybody is: fewer,
and time goes into empty cells; many more, and it goes into units that are too far."""

TABLE_BITS_MIN: Final = 6
TABLE_BITS_MAX: Final = 10
"""The rolled-up map has 2 ** bits cells each way: 16 km at least."""

ROLES_MAX: Final = 16
"""Roles kept apart; further ones share buckets with these."""

BLOCK_CELLS_MAX: Final = 4_096
"""Cells fetched in one go: more, and looking at every unit is about as quick."""

PENDING_MAX: Final = 256
"""Rows written down as moved before they are put away without anybody asking: so many share
what one such round costs, and who asks has little left to put away."""

COS_MIN: Final = 0.05
"""Nearer to a pole than 87 degrees, cells are no longer made wider."""


class PlaceIndex:
    """Buckets over columns that the owner fills; told of every row whose place changed."""

    def __init__(self, lon: Floats, lat: Floats, roles: int) -> None:
        """For about so many units, that stand about so, of so many roles: only speed depends
        on them."""
        self.units = len(lon)
        self.roles = min(max(roles, 1), ROLES_MAX)
        self.cells = Buckets()
        self.grids = Buckets()
        bits = (self.units // self.roles).bit_length() // 2
        bits = min(max(bits, TABLE_BITS_MIN), TABLE_BITS_MAX)
        self._side = 1 << bits
        middle = math.radians(float(np.median(lat))) if self.units else 0.0
        self._set_cell(CELL_M_MIN, max(math.cos(middle), COS_MIN))
        while self.cell_m < CELL_M_MAX and self._units_a_cell(lon, lat) < UNITS_A_CELL:
            self._set_cell(2.0 * self.cell_m, max(math.cos(middle), COS_MIN))
        self.m2_per_fit = self.cell_m * self.cell_m
        """The square of a circle's radius for each fit unit in it, as the last searches had it:
        where the next one begins. Changes no answer; nor does the other."""
        self.looked_per_fit = 16.0
        self._grid_max = 0
        self._pending: list[Rows] = []
        self.waiting = 0
        """Rows noted, perhaps more than once: `refresh` is due at `PENDING_MAX` of them."""
        self.cells.has_keys(self._side * self._side * self.roles)

    @property
    def nbytes(self) -> int:
        """Of all arrays."""
        return self.cells.nbytes + self.grids.nbytes

    def note(self, rows: Rows) -> None:
        """These rows have another place, grid or role now, or none any more."""
        self._pending.append(rows)
        self.waiting += len(rows)

    def refresh(self, fixes: NDArray[Any], roles: NDArray[np.int8]) -> None:
        """Puts away what was noted, as the records `fixes` have it now; `fix_t` 0: nowhere."""
        if not self._pending:
            return
        rows = self._pending[0]
        if len(self._pending) > 1:
            rows = np.unique(np.concatenate(self._pending))
        self._pending, self.waiting = [], 0
        of = fixes.take(rows)
        placed = of["fix_t"] != 0
        lon, lat = of["lon"], of["lat"]
        if not placed.all():
            lon, lat = np.where(placed, lon, 0.0), np.where(placed, lat, 0.0)
        role = roles[rows].astype(np.int32)  # `take` would copy all of a column of records
        role %= self.roles
        cells = self._cells_of(lon, lat)
        cells *= self.roles
        cells += role
        grids = of["grid"] + 1
        self._grid_max = max(self._grid_max, int(grids.max(initial=0)))
        grids *= self.roles
        grids += role
        if not placed.all():
            cells[~placed] = grids[~placed] = NO_KEY
        self.grids.has_keys((self._grid_max + 1) * self.roles)
        self.cells.move(rows, cells)
        self.grids.move(rows, grids)

    def block(self, lon: float, lat: float, radius_m: float) -> NDArray[np.intp] | None:
        """Cells that hold every unit of a circle; None where they are too many.

        The box round the circle is asin(sin(r) / cos(lat)) wide on each side, where
        the meridians touch it; round a pole it is as wide as the world: too many.
        """
        angle = radius_m * (1.0 + 1e-9) / EARTH_RADIUS_M
        if math.radians(abs(lat)) + angle >= math.pi / 2.0:
            return None
        north = math.degrees(angle)
        east = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(lat))))
        lines = _between((lat - north + 90.0) * self._per_lat, (lat + north + 90.0) * self._per_lat)
        columns = _between(
            (lon - east + 180.0) * self._per_lon, (lon + east + 180.0) * self._per_lon
        )
        if len(lines) * len(columns) > BLOCK_CELLS_MAX or len(columns) >= self._around:
            return None
        across = self._wrapped(columns)
        up = np.arange(lines.start, lines.stop) & (self._side - 1)
        up = up if len(up) <= self._side else np.arange(self._side)
        return (up[:, None] * self._side + across).ravel()

    def own_grid(self, ring: Sequence[int], roles: Sequence[int]) -> int:
        """The only key of a ring of one grid, for one role; NO_KEY if there are more, or nobody."""
        if len(ring) != 1 or len(roles) != 1 or ring[0] >= self._grid_max:
            return NO_KEY
        return (ring[0] + 1) * self.roles + roles[0] % self.roles

    def of_roles(self, places: NDArray[np.intp], roles: Sequence[int]) -> NDArray[np.intp]:
        """The keys of these roles, in cells, or in grids by their index + 1."""
        keys = places * self.roles
        apart = {role % self.roles for role in roles}
        if len(apart) == 1:
            keys += apart.pop()
            return keys
        return (keys[:, None] + np.array(sorted(apart), np.intp)).ravel()

    @property
    def units_a_grid(self) -> float:
        """About how many of a role stand in one, wherever the grids are."""
        return max(1.0, len(self.grids.key) / max(1, self._grid_max * self.roles))

    def in_grids(self, rings: Sequence[Sequence[int]], first: int, until: int) -> NDArray[np.intp]:
        """The grids in some rings, by their index + 1, as far as anybody is in them."""
        last = self._grid_max
        mine = [grid + 1 for ring in range(first, until) for grid in rings[ring] if grid < last]
        return np.array(mine, np.intp)

    def ring_of(self, rings: Sequence[Sequence[int]], first: int, until: int) -> NDArray[np.int64]:
        """The ring of every grid in some rings, by its index + 1; -1 of others."""
        ring_of = np.full(self._grid_max + 1, -1, np.int64)
        for ring in range(first, until):
            ring_of[[grid + 1 for grid in rings[ring] if grid < self._grid_max]] = ring
        return ring_of

    def _wrapped(self, columns: range) -> NDArray[np.int64]:
        """Round the world, then round the table, each once."""
        if columns.start >= 0 and columns.stop <= self._around and len(columns) <= self._side:
            return np.arange(columns.start, columns.stop) & (self._side - 1)
        # the column at the date line is narrower: one more on each side makes up for it
        numbers = np.arange(columns.start - 1, columns.stop + 1) % self._around
        return np.unique(numbers & (self._side - 1))

    def _set_cell(self, metres: float, cosine: float) -> None:
        self.cell_m = metres
        self._per_lat = math.radians(EARTH_RADIUS_M) / metres
        self._per_lon = self._per_lat * cosine
        self._around = math.floor(360.0 * self._per_lon) + 1

    def _units_a_cell(self, lon: Floats, lat: Floats) -> float:
        """On average over the cells in which anybody is."""
        counts = np.bincount(self._cells_of(lon, lat), minlength=1)
        return self.units / self.roles / max(1, int(np.count_nonzero(counts)))

    def _cells_of(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        """Truncating is rounding down: both are counted from the corner of the world."""
        column = ((lon + 180.0) * self._per_lon).astype(np.int32)
        cells = ((lat + 90.0) * self._per_lat).astype(np.int32)
        column &= self._side - 1
        cells &= self._side - 1
        cells *= self._side
        cells += column
        return cells


def _between(first: float, last: float) -> range:
    return range(math.floor(first), math.floor(last) + 1)
