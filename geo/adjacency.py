"""Which polygons touch and which overlap, in flat metres; knows no grids.

Neighbouring grids of a real city are seldom drawn edge to edge: the road between
them belongs to neither. So two polygons touch when they come within a road's
width of each other, at a corner too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import Floats
from geo.distance import LocalPlane

ROAD_WIDTH_M: Final = 30.0
"""Polygons at most this far apart touch: a six-lane street with its pavements."""

TOUCHING_MAX: Final = 500
"""Neighbours of one polygon. A real one has about six; the bound keeps a file of
thousands of polygons stacked on one point from costing millions of pairs."""


class TooManyTouchingError(ValueError):
    """One polygon touches more others than any real one."""

    def __init__(self, index: int, count: int) -> None:
        self.index = index
        self.count = count
        super().__init__(f"polygon {index} touches {count} others; at most {TOUCHING_MAX} may")


def plane_of(polygons: Sequence[Any]) -> LocalPlane:
    """A local plane about the middle of all polygons (WGS-84); for none, about 0, 0."""
    if not len(polygons):
        return LocalPlane(0.0, 0.0)
    west, south, east, north = shapely.total_bounds(polygons).tolist()
    return LocalPlane((west + east) / 2.0, (south + north) / 2.0)


def flattened(polygons: Sequence[Any], plane: LocalPlane) -> Any:
    """The polygons with coordinates in metres on `plane`, as an object array."""

    def flat(coordinates: Floats) -> Floats:
        return np.column_stack(plane.to_xy_arrays(coordinates[:, 0], coordinates[:, 1]))

    return shapely.transform(np.array(polygons, dtype=object), flat)


def touching(flat_polygons: Any, layers: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """For each polygon those of the same layer within `ROAD_WIDTH_M` of it, ascending.

    Raises `TooManyTouchingError` at the first polygon with more than `TOUCHING_MAX`.
    """
    found: list[tuple[int, ...]] = [()] * len(layers)
    for layer in dict.fromkeys(layers):
        mine = np.flatnonzero([each == layer for each in layers])
        tree = shapely.STRtree(flat_polygons[mine])
        for index in mine.tolist():
            near = tree.query(flat_polygons[index], predicate="dwithin", distance=ROAD_WIDTH_M)
            others = sorted(set(mine[near].tolist()) - {index})
            if len(others) > TOUCHING_MAX:
                raise TooManyTouchingError(index, len(others))
            found[index] = tuple(others)
    return tuple(found)


def breadth_first(start: int, touching: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """`start`, then its neighbours, then theirs, and so on; each ring ascending."""
    rings: list[tuple[int, ...]] = [(start,)]
    seen = {start}
    while rings[-1]:
        following = {other for index in rings[-1] for other in touching[index]} - seen
        seen |= following
        rings.append(tuple(sorted(following)))
    return tuple(rings[:-1])
