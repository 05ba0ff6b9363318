"""Streets as a graph that can be walked; reads no file and asks for no route.

Nodes are where ways begin, bend, meet and end; edges are the straight pieces
between them, walked both ways. All metres are on one plane about the middle of
the town, so that a straight line is never longer than a walk. The neighbours of
node n stand, as is usual for sparse graphs, in

    targets[offsets[n]:offsets[n + 1]]     i32, beside `seconds`, f64, for getting there
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.arrays import Flags, Floats
from geo.distance import LocalPlane
from geo.snapping import EdgeNets, Indices, Snapped

ISLAND_M_MIN: Final = 500.0
"""Ways that meet no other and are shorter in all are left out (the longest island always
stays): a platform drawn beside its station, a path whose gate nobody mapped. Whoever
stands there can walk, so he is put on the street beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Ways that may be walked, their vertices one after another; checked by who read them.

    `node` is equal where ways meet. `way` is one number a way, and changes from each
    to the next; `pace_mps` is that of the vertex's way. Degrees WGS-84.
    """

    node: Indices
    way: Indices
    lon: Floats
    lat: Floats
    pace_mps: Floats

    def plane(self) -> LocalPlane:
        """The plane about their middle; for none, about 0, 0."""
        if not len(self.lon):
            return LocalPlane(0.0, 0.0)
        middle_lon = (float(self.lon.min()) + float(self.lon.max())) / 2.0
        return LocalPlane(middle_lon, (float(self.lat.min()) + float(self.lat.max())) / 2.0)


class Streets:
    """The graph of a town; never changes.

    `edge_a`, `edge_b`  i64  the two nodes of each edge
    `edge_s`            f64  seconds from one to the other

    Those walked fastest have the lowest numbers, and otherwise they stand as the ways
    do: where stairs are drawn over a street, a place is put on the street.
    """

    def __init__(self, ways: Ways) -> None:
        self.plane = ways.plane()
        _, first, number = np.unique(ways.node, return_index=True, return_inverse=True)
        x, y = self.plane.to_xy_arrays(ways.lon[first], ways.lat[first])
        step = (ways.way[1:] == ways.way[:-1]) & (number[1:] != number[:-1])
        a, b = number[:-1][step], number[1:][step]
        metres = np.hypot(x[b] - x[a], y[b] - y[a])
        kept = _on_mainland(len(first), a, b, metres)
        pace_mps = ways.pace_mps[1:][step]
        edges = np.flatnonzero(kept)
        edges = edges[np.argsort(-pace_mps[edges], kind="stable")]
        self.edge_a, self.edge_b = a[edges], b[edges]
        self.edge_m = metres[edges]
        self.edge_s: Floats = self.edge_m / pace_mps[edges]
        self.node_x, self.node_y = x, y
        self._link(len(first))
        a, b = self.edge_a, self.edge_b
        self._nets = EdgeNets(x[a], y[a], x[b], y[b])

    def __len__(self) -> int:
        """How many edges."""
        return len(self.edge_a)

    def snap(self, lons: Floats, lats: Floats) -> Snapped:
        """Each WGS-84 place on its nearest edge; none where none is near or it is NaN."""
        return self.snap_xy(*self.plane.to_xy_arrays(lons, lats))

    def snap_xy(self, xs: Floats, ys: Floats) -> Snapped:
        """`snap` for places on `plane`."""
        return self._nets.snap(xs, ys)

    def _link(self, nodes: int) -> None:
        """The neighbours of every node, in the order of the edges."""
        source = np.concatenate((self.edge_a, self.edge_b))
        order = np.argsort(source, kind="stable")
        self.offsets: Indices = np.zeros(nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(source, minlength=nodes), out=self.offsets[1:])
        target = np.concatenate((self.edge_b, self.edge_a))
        self.targets: NDArray[np.int32] = target[order].astype(np.int32)
        self.seconds: Floats = np.concatenate((self.edge_s, self.edge_s))[order]


def _on_mainland(nodes: int, a: Indices, b: Indices, metres: Floats) -> Flags:
    """Which edges belong to the longest island or to one of ISLAND_M_MIN and more."""
    if not len(a):
        return np.zeros(0, dtype=np.bool_)
    island = _islands(nodes, a, b)[a]
    length_m = np.bincount(island, weights=metres, minlength=nodes)
    enough_m = min(ISLAND_M_MIN, float(length_m.max()))
    kept: Flags = length_m[island] >= enough_m
    return kept


def _islands(nodes: int, a: Indices, b: Indices) -> Indices:
    """For each node the lowest node that can be reached from it.

    Every round hangs each root under the lowest root beside it and halves the way
    to the root, so a city takes a dozen rounds, not one a street.
    """
    root = np.arange(nodes)
    while True:
        before = root.copy()
        low = np.minimum(before[a], before[b])
        np.minimum.at(root, before[a], low)
        np.minimum.at(root, before[b], low)
        root = root[root]
        if np.array_equal(root, before):
            return root
