"""The nearest of many straight edges to each of many places, in flat metres.

Edges are cut into pieces no longer than a cell; each piece is noted in every cell
from which it may be in reach, so that a place looks into one cell only:

    cells     i64[c]    column * 2^32 + row of every cell that notes a piece, ascending
    starts    i64[c+1]  its pieces are pieces[starts[i]:starts[i + 1]]
    pieces    i32[...]  edge numbers

There are two such nets. The fine one answers most places from a handful of edges,
also in the lanes of an old town; who finds nothing there asks the coarse one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Flags, Floats

REACHES_M: Final = (30.0, 200.0)
"""Fine and coarse. Farther than the last from any street, a place has none: blocks of
the real town with no way inside are seldom wider than twice that."""

SNAP_M_MAX: Final = REACHES_M[-1]
NO_EDGE: Final = -1

EQUAL_M: Final = 1e-6
"""Edges whose distances differ by less are equally near: streets drawn one over the
other are, though rounding, a hundredth of that, says otherwise of one drawn backwards."""

_COLUMN: Final = 2**32

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapped:
    """For each place its nearest edge, or NO_EDGE; where along it, 0 to 1; metres to it.

    Without an edge, `along` is 0 and `away_m` infinite.
    """

    edge: Indices
    along: Floats
    away_m: Floats


class EdgeNets:
    """Edges between (ax, ay) and (bx, by), ready to be asked."""

    def __init__(self, ax: Floats, ay: Floats, bx: Floats, by: Floats) -> None:
        dx, dy = bx - ax, by - ay
        squared = dx * dx + dy * dy
        per_squared = np.divide(1.0, squared, out=np.zeros_like(squared), where=squared > 0.0)
        self._edges = np.column_stack((ax, ay, dx, dy, per_squared))
        """One row an edge, so that asking for one touches one piece of memory."""
        self._nets = [_Net(ax, ay, bx, by, reach_m) for reach_m in REACHES_M]

    def snap(self, xs: Floats, ys: Floats) -> Snapped:
        """Each place on its nearest edge, the lowest number of equally near ones.

        None farther than SNAP_M_MAX; none for a place that is NaN.
        """
        edge = np.full(len(xs), NO_EDGE, dtype=np.int64)
        along = np.zeros(len(xs))
        away_m = np.full(len(xs), np.inf)
        left = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
        for net in self._nets:
            place, number, part, metres = self._nearest(net, xs[left], ys[left])
            found = left[place]
            edge[found], along[found], away_m[found] = number, part, metres
            left = left[edge[left] == NO_EDGE]
            if not len(left):
                break
        return Snapped(edge=edge, along=along, away_m=away_m)

    def _nearest(
        self, net: _Net, xs: Floats, ys: Floats
    ) -> tuple[Indices, Indices, Floats, Floats]:
        """(place, edge, part along it, metres) for those places that have an edge in reach."""
        place, candidate = net.candidates(xs, ys)
        if not len(place):
            none = np.zeros(0)
            return place, candidate, none, none
        ax, ay, dx, dy, per_squared = self._edges[candidate].T
        from_x, from_y = xs[place] - ax, ys[place] - ay
        along = (from_x * dx + from_y * dy) * per_squared
        along = np.minimum(np.maximum(along, 0.0), 1.0)
        off_x, off_y = from_x - along * dx, from_y - along * dy
        metres = np.sqrt(off_x * off_x + off_y * off_y)
        new = _first_of_run(place)
        least = np.minimum.reduceat(metres, np.flatnonzero(new))[np.cumsum(new) - 1]
        best = np.flatnonzero((metres <= least + EQUAL_M) & (metres <= net.reach_m))
        best = best[_first_of_run(place[best])]
        return place[best], candidate[best], along[best], metres[best]


class _Net:
    """One of the nets: cells as wide as its reach."""

    def __init__(self, ax: Floats, ay: Floats, bx: Floats, by: Floats, reach_m: float) -> None:
        self.reach_m = reach_m
        number, west, south, east, north = _pieces(ax, ay, bx, by, reach_m)
        low_x, high_x = _cells(west - reach_m, reach_m), _cells(east + reach_m, reach_m)
        low_y, high_y = _cells(south - reach_m, reach_m), _cells(north + reach_m, reach_m)
        high = high_y - low_y + 1
        piece, step = _spread((high_x - low_x + 1) * high)
        key = (low_x[piece] + step // high[piece]) * _COLUMN + low_y[piece] + step % high[piece]
        order = np.argsort(key, kind="stable")
        self._cells, starts = np.unique(key[order], return_index=True)
        self._starts = np.append(starts, len(key))
        self._pieces = number[piece[order]].astype(np.int32)

    def candidates(self, xs: Floats, ys: Floats) -> tuple[Indices, Indices]:
        """Pairs (place, edge) that may be in reach; both ascend, the edges of each place."""
        if not len(self._cells):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        key = _cells(xs, self.reach_m) * _COLUMN + _cells(ys, self.reach_m)
        slot = np.minimum(np.searchsorted(self._cells, key), len(self._cells) - 1)
        start = self._starts[slot]
        count = np.where(self._cells[slot] == key, self._starts[slot + 1] - start, 0)
        place, step = _spread(count)
        return place, self._pieces[start[place] + step].astype(np.int64)


def _first_of_run(values: Indices) -> Flags:
    """Which values differ from the one before them."""
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first


def _cells(metres: Floats, cell_m: float) -> Indices:
    """Columns or rows of cells."""
    return np.floor(metres / cell_m).astype(np.int64)


def _spread(count: Indices) -> tuple[Indices, Indices]:
    """Each index as often as `count` says, and beside it 0, 1, 2, ... within its run."""
    index = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    return index, np.arange(len(index)) - first[index]


def _pieces(
    ax: Floats, ay: Floats, bx: Floats, by: Floats, piece_m: float
) -> tuple[Indices, Floats, Floats, Floats, Floats]:
    """(edge, west, south, east, north) of pieces at most `piece_m` long."""
    count = np.maximum(1, np.ceil(np.hypot(bx - ax, by - ay) / piece_m)).astype(np.int64)
    edge, step = _spread(count)
    start, end = step / count[edge], (step + 1) / count[edge]
    dx, dy = (bx - ax)[edge], (by - ay)[edge]
    x0, x1 = ax[edge] + start * dx, ax[edge] + end * dx
    y0, y1 = ay[edge] + start * dy, ay[edge] + end * dy
    slack = 1e-3  # a piece's end is not computed twice alike
    low_x, low_y = np.minimum(x0, x1) - slack, np.minimum(y0, y1) - slack
    return edge, low_x, low_y, np.maximum(x0, x1) + slack, np.maximum(y0, y1) + slack
