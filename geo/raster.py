"""Which of many polygons a place is in: by looking up a cell where no border is near.

A raster lies over all polygons. A cell that no border touches is in one polygon as a
whole, or in none, and then a place in it costs a look-up; for the others the cell
names the few polygons that come into question, and those are asked exactly. The
raster is filled strip by strip, each when enough places have been asked for in it,
so that nobody waits for all of it. Answers never depend on what is filled.

All is flat in degrees, as the polygons' own test is. Knows no levels, no metres.

    cell      meaning
    n >= 0    in polygon n, whole
    -1        in none, whole
    -2        not filled yet: the tree is asked
    -3        more than four polygons come into question: the tree is asked
    -4 - n    those of the n-th set of polygons come into question
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.arrays import Flags, Floats, GridIndices

NO_POLYGON: Final = -1
_UNFILLED: Final = -2
_MANY: Final = -3
_FIRST_SET: Final = -4

SET_SIZE: Final = 4
"""Two on the sides of a street, four at a crossing."""

CELLS_PER_POLYGON: Final = 2048
"""Some 45 cells across one polygon, 4 kB: of a hundred places in it six are then in a cell with
a border. Four times the memory would make that four."""

CELLS_MIN: Final = 64 * 64
CELLS_MAX: Final = 2048 * 2048
"""8 MB, or 16; beyond some 2,000 polygons the cells grow, and more of them hold a border."""

STRIP_CELLS: Final = 8192
STRIP_SEGMENTS: Final = 1024
"""Cells filled and pieces of border looked at in one go: one to two milliseconds of work."""

ASKED_MIN: Final = 1_000
"""Places that the tree has answered for in a strip before it is filled: by then they have cost
as much as filling it, so that a strip which nobody asks for costs nothing."""

MARGIN: Final = 1e-6
"""Of a cell: how near a border counts as touching. Rounding, here and in looking up, is a
thousandth of that, so that a place is never looked up on the wrong side of one."""

_SHIFT: Final = 21
"""Bits of a polygon's number beside that of a cell: two million."""

_NARROW_MAX: Final = 30_000
"""Cells are two bytes while there are no more polygons and no more sets than this, else four."""

_KEY_BITS: Final = 63
"""Of a number that tells a whole set: with more than 32,767 polygons it tells fewer than four."""

Cells = NDArray[np.int32]
Codes = NDArray[np.int16] | NDArray[np.int32]


class Raster:
    """Polygons in the order of their rank: a place in several is in the first of them."""

    def __init__(self, polygons: NDArray[Any]) -> None:
        assert len(polygons) < 1 << _SHIFT, "more polygons than can be numbered"
        self._polygons = polygons
        self._tree = shapely.STRtree(self._polygons)
        self._wide, self._high, self._strip_rows = _shape(
            len(polygons), int(shapely.get_num_coordinates(polygons).sum())
        )
        self._cells: Codes = np.zeros(0, np.int16)
        """None before the first strip is filled: of a hundred communities few are busy."""
        self._bits = len(polygons).bit_length()
        self._set_size = min(SET_SIZE, _KEY_BITS // max(1, self._bits))
        self._sets: Cells = np.zeros((0, self._set_size), np.int32)
        self._segments: _Segments | None = None
        self._asked = np.zeros(-(-self._high // self._strip_rows), np.int64)
        if len(polygons):
            west, south, east, north = shapely.total_bounds(polygons).tolist()
            # half a cell on each side, so that the outermost border is inside
            self._per_lon = (self._wide - 1) / max(east - west, 1e-9)
            self._per_lat = (self._high - 1) / max(north - south, 1e-9)
            self._west, self._south = west - 0.5 / self._per_lon, south - 0.5 / self._per_lat

    @property
    def filled(self) -> float:
        """The part of the strips that are filled."""
        return float((self._asked < 0).mean())

    def locate(self, lons: Floats, lats: Floats) -> GridIndices:
        """The number of the first polygon that each place is in; -1 in none, or for NaN."""
        if not len(self._polygons):
            return np.full(len(lons), NO_POLYGON, np.int32)
        column = self._cell_of(lons, self._per_lon, self._west, self._wide)
        row = self._cell_of(lats, self._per_lat, self._south, self._high)
        found = self._cells_at(row, column)
        if found.min(initial=0) < NO_POLYGON:
            self._decide(found, lons, lats, row)
        return found

    def fill(self) -> None:
        """Fills what is not filled yet: some 0.3 ms a polygon."""
        if len(self._polygons):
            for strip in np.flatnonzero(self._asked >= 0).tolist():
                self._fill_strip(strip)

    @staticmethod
    def _cell_of(degrees: Floats, per_degree: float, first: float, count: int) -> NDArray[np.int64]:
        """The column or row, from 1; 0 and `count + 1`, of no polygon, are for what is outside.

        NaN is outside, too: fmax takes the other number.
        """
        cell = degrees * per_degree
        cell -= first * per_degree - 1.0
        np.fmax(cell, 0.0, out=cell)
        np.fmin(cell, count + 1.0, out=cell)
        return cell.astype(np.int64)

    def _cells_at(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> Cells:
        if len(self._cells):
            return self._cells.take(row * (self._wide + 2) + column).astype(np.int32)
        outside = (row == 0) | (row > self._high) | (column == 0) | (column > self._wide)
        return np.where(outside, NO_POLYGON, _UNFILLED).astype(np.int32)

    # --- places in cells that do not answer by themselves ---

    def _decide(self, found: Cells, lons: Floats, lats: Floats, row: NDArray[np.int64]) -> None:
        """Replaces the numbers below -1 by the answer."""
        where = np.flatnonzero(found < NO_POLYGON)
        cell = found[where]
        in_set = cell <= _FIRST_SET
        if in_set.all():
            found[where] = self._by_set(_FIRST_SET - cell, lons[where], lats[where])
            return
        chosen, rest = where[in_set], where[~in_set]
        found[chosen] = self._by_set(_FIRST_SET - cell[in_set], lons[chosen], lats[chosen])
        found[rest] = self._by_tree(lons[rest], lats[rest])
        unfilled = where[cell == _UNFILLED]
        if len(unfilled):
            self._note_asked((row[unfilled] - 1) // self._strip_rows)

    def _by_set(self, numbers: Cells, lons: Floats, lats: Floats) -> Cells:
        """The first of the polygons named by a set that each place is in."""
        named = self._sets.take(numbers, axis=0)
        place, member = np.nonzero(named >= 0)
        polygon = named[place, member]
        inside = shapely.intersects_xy(self._polygons[polygon], lons[place], lats[place])
        answers = np.full(len(numbers), NO_POLYGON, np.int32)
        # backwards, so that the first is written last and stays
        answers[place[inside][::-1]] = polygon[inside][::-1]
        return answers

    def _by_tree(self, lons: Floats, lats: Floats) -> Cells:
        place, polygon = self._containing(lons, lats)
        answers = np.full(len(lons), NO_POLYGON, np.int32)
        order = np.argsort(-polygon, kind="stable")  # the first is written last and stays
        answers[place[order]] = polygon[order]
        return answers

    def _containing(self, lons: Floats, lats: Floats) -> tuple[Any, Any]:
        """All pairs of a place and a polygon that it is in."""
        points = shapely.points(np.column_stack([lons, lats]))
        place, polygon = self._tree.query(points)  # by bounding boxes
        inside = shapely.intersects_xy(self._polygons[polygon], lons[place], lats[place])
        return place[inside], polygon[inside]

    # --- filling ---

    def _begin(self) -> None:
        """Takes the memory: two bytes a cell, and a hundred for each corner of the polygons, by
        which they answer at once."""
        shapely.prepare(self._polygons)
        narrow = len(self._polygons) <= _NARROW_MAX
        kind = np.int16 if narrow else np.int32
        cells = np.full((self._high + 2, self._wide + 2), _UNFILLED, kind)
        cells[[0, -1], :] = NO_POLYGON
        cells[:, [0, -1]] = NO_POLYGON
        self._cells = cells.ravel()

    def _note_asked(self, strips: NDArray[np.int64]) -> None:
        """Counts them, and fills the one most asked for, if that is often enough."""
        self._asked += np.bincount(strips, minlength=len(self._asked))
        most = int(self._asked.argmax())
        if self._asked[most] >= ASKED_MIN:
            self._fill_strip(most)

    def _fill_strip(self, strip: int) -> None:
        if not len(self._cells):
            self._begin()
        if self._segments is None:
            self._segments = _Segments(
                self._polygons, self._west, self._south, self._per_lon, self._per_lat
            )
        south = strip * self._strip_rows
        north = min(south + self._strip_rows, self._high)
        cell, polygon = self._segments.touched(south, north, self._wide)
        touched = np.zeros((north - south) * self._wide, np.bool_)
        touched[cell] = True
        cells = self._whole(touched, south)
        border = np.flatnonzero(touched)
        cells[border] = self._set_codes(border, cell, polygon, south)
        if len(self._sets) > _NARROW_MAX:
            self._cells = self._cells.astype(np.int32, copy=False)
        inner = self._cells.reshape(self._high + 2, -1)[south + 1 : north + 1, 1:-1]
        inner[:] = cells.reshape(inner.shape)
        self._asked[strip] = np.iinfo(np.int64).min // 2  # never the most asked again
        if (self._asked < 0).all():
            self._segments = None

    def _whole(self, touched: Flags, south: int) -> Cells:
        """What each cell is in, where no border touches it: neighbours in a row without a
        border between them are in the same, so one place answers for each run of them."""
        starts = ~touched
        starts[1:] &= touched[:-1]
        starts[:: self._wide] = ~touched[:: self._wide]
        first = np.flatnonzero(starts)
        answer = self._by_tree(*self._centres(first, south))
        run = np.cumsum(starts) - 1
        cells: Cells = np.append(answer, NO_POLYGON).astype(np.int32)[run]
        return cells

    def _set_codes(
        self, border: NDArray[np.intp], cell: NDArray[np.int64], polygon: Cells, south: int
    ) -> Cells:
        """For each cell with a border: its set, of the polygons whose border touches it and
        those that its centre is in. New sets are appended."""
        place, around = self._containing(*self._centres(border, south))
        pairs = np.unique(
            np.concatenate([(cell << _SHIFT) | polygon, (border[place] << _SHIFT) | around])
        )
        cell, polygon = pairs >> _SHIFT, pairs & ((1 << _SHIFT) - 1)
        first = np.searchsorted(cell, border)
        count = np.append(first[1:], len(cell)) - first
        sets = np.full((len(border), self._set_size), NO_POLYGON, np.int64)
        key = np.zeros(len(border), np.int64)
        for member in range(self._set_size):
            has = count > member
            sets[has, member] = polygon[first[has] + member]
            key = (key << self._bits) | (sets[:, member] + 1)
        _, example, number = np.unique(key, return_index=True, return_inverse=True)
        codes = _FIRST_SET - len(self._sets) - number
        self._sets = np.concatenate([self._sets, sets[example].astype(np.int32)])
        return np.where(count > self._set_size, _MANY, codes).astype(np.int32)

    def _centres(self, cells: NDArray[np.intp], south: int) -> tuple[Floats, Floats]:
        """Of cells numbered row by row from a southern row on."""
        row, column = np.divmod(cells, self._wide)
        lons: Floats = self._west + (column + 0.5) / self._per_lon
        lats: Floats = self._south + (row + south + 0.5) / self._per_lat
        return lons, lats


class _Segments:
    """All borders, straight piece by straight piece, in cells."""

    def __init__(
        self, polygons: NDArray[Any], west: float, south: float, per_lon: float, per_lat: float
    ) -> None:
        parts, part_of = shapely.get_parts(polygons, return_index=True)
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        corners, corner_of = shapely.get_coordinates(rings, return_index=True)
        x, y = (corners[:, 0] - west) * per_lon, (corners[:, 1] - south) * per_lat
        begins = np.flatnonzero(corner_of[1:] == corner_of[:-1])
        self._polygon = part_of[ring_of[corner_of[begins]]].astype(np.int32)
        self._x, self._y = x[begins], y[begins]
        self._dx, self._dy = x[begins + 1] - self._x, y[begins + 1] - self._y
        self._low = np.minimum(self._y, y[begins + 1])
        self._top = np.maximum(self._y, y[begins + 1])

    def touched(self, south: int, north: int, wide: int) -> tuple[NDArray[np.int64], Cells]:
        """Pairs of a cell, numbered row by row from row `south`, and a polygon whose border
        touches it; rows up to `north`, that one not. A pair may come twice."""
        hit = np.flatnonzero((self._low <= north + MARGIN) & (self._top >= south - MARGIN))
        first = np.maximum(np.floor(self._low[hit] - MARGIN).astype(np.int64), south)
        last = np.minimum(np.floor(self._top[hit] + MARGIN).astype(np.int64), north - 1)
        piece, row = _ranges(first, last)
        piece = hit[piece]
        south_y = row.astype(np.float64) - MARGIN
        one, other = self._x_at(piece, south_y), self._x_at(piece, south_y + (1.0 + 2.0 * MARGIN))
        west = np.floor(np.minimum(one, other) - MARGIN).astype(np.int64)
        east = np.floor(np.maximum(one, other) + MARGIN).astype(np.int64)
        step, column = _ranges(np.maximum(west, 0), np.minimum(east, wide - 1))
        return (row[step] - south) * wide + column, self._polygon[piece[step]]

    def _x_at(self, piece: NDArray[np.intp], y: Floats) -> Floats:
        """Where the piece is at this height, or at its end nearest to it. One that lies flat
        has two ends at one height: the upper height gives the other one."""
        dy = self._dy[piece]
        flat = np.abs(dy) < MARGIN / 2
        part = np.where(flat, y > self._y[piece], (y - self._y[piece]) / np.where(flat, 1.0, dy))
        x: Floats = self._x[piece] + np.clip(part, 0.0, 1.0) * self._dx[piece]
        return x


def _ranges(
    first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Every number from each first to its last: which range it is of, and the number."""
    count = np.maximum(last - first + 1, 0)
    which = np.repeat(np.arange(len(count)), count)
    before = np.cumsum(count) - count
    return which, np.arange(len(which)) - before[which] + first[which]


def _shape(polygons: int, corners: int) -> tuple[int, int, int]:
    """Cells across, cells high, rows of them in a strip."""
    cells = min(max(polygons * CELLS_PER_POLYGON, CELLS_MIN), CELLS_MAX)
    side = round(cells**0.5)
    strips = max(cells / STRIP_CELLS, corners / STRIP_SEGMENTS)
    return side, side, max(1, int(side / strips))
