"""Grids and what is asked of them: which one is a place in, which are next to it.

A grid is the piece of a community that one team looks after. Reading them from a
file is in `geo.grids`; nothing here checks what a file may get wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import nan
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping

from geo.adjacency import breadth_first, flattened, plane_of, touching
from geo.arrays import Flags, Floats, GridIndices
from geo.datum import Datum
from geo.raster import Raster

NO_GRID: Final = -1
"""The index that stands for "in no grid"."""

RINGS_KEPT_MAX: Final = 256
"""Rings kept for the next alarm; each names every grid of its level, so for
thousands of grids keeping all would take more than keeping the grids. When
full, the oldest goes and is worked out again in milliseconds."""


class Level(StrEnum):
    """How large a piece of the town a grid is; grids of one level do not overlap."""

    COMMUNITY = "community"
    GRID = "grid"
    BUILDING = "building"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUnit:
    """A place that everybody knows and patrols care for: a kindergarten, a hotel."""

    name: str
    lon: float
    lat: float
    kind: str = ""
    name_en: str = ""
    """Empty where the file has no English name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One polygon (WGS-84) with what the community says of it.

    `klass` is "A" (harder: floating people, public places), "B", or "" where
    nobody graded it.
    """

    id: str
    name: str
    level: Level = Level.GRID
    klass: str = ""
    polygon: Polygon | MultiPolygon
    key_units: tuple[KeyUnit, ...] = ()
    name_en: str = ""
    """Empty where the file has no English name."""


class GridSet:
    """All grids of a hub, indexed by their position in `grids`; never changes.

    Neighbours and rings stay within the grid's own level.
    """

    def __init__(self, grids: Iterable[Grid]) -> None:
        """Raises `TooManyTouchingError` where more grids meet than any town has."""
        self.grids: tuple[Grid, ...] = tuple(grids)
        self.by_id: Mapping[str, Grid] = MappingProxyType({grid.id: grid for grid in self.grids})
        assert len(self.by_id) == len(self.grids), "grid ids are unique"
        self._index = {grid.id: index for index, grid in enumerate(self.grids)}
        self.key_units: tuple[KeyUnit, ...] = tuple(
            unit for grid in self.grids for unit in grid.key_units
        )
        self.key_unit_lons: Floats = np.array([unit.lon for unit in self.key_units])
        self.key_unit_lats: Floats = np.array([unit.lat for unit in self.key_units])
        polygons = [grid.polygon for grid in self.grids]
        self._plane = plane_of(polygons)
        flat = flattened(polygons, self._plane)
        self._borders = shapely.boundary(flat)
        shapely.prepare(self._borders)
        self._layers = {level: _Layer(self.grids, level) for level in Level}
        self._neighbours = touching(flat, [grid.level for grid in self.grids])
        self._rings: dict[int, tuple[tuple[int, ...], ...]] = {}
        self._last: tuple[tuple[float, float, Level], int] = (nan, nan, Level.GRID), NO_GRID
        """The last place asked for by itself: of a press it is asked for two or three times."""

    def __len__(self) -> int:
        return len(self.grids)

    def index_of(self, grid_id: str) -> int:
        """Position in `grids`; KeyError when there is no such grid."""
        return self._index[grid_id]

    def locate(self, lon: float, lat: float, level: Level = Level.GRID) -> Grid | None:
        """The grid of this level that the place is in, or None in no grid."""
        index = self.locate_index(lon, lat, level)
        return None if index == NO_GRID else self.grids[index]

    def locate_index(self, lon: float, lat: float, level: Level = Level.GRID) -> int:
        """`locate` as an index, `NO_GRID` in no grid."""
        asked = (lon, lat, level)
        last, index = self._last
        if last != asked:
            index = int(self.locate_batch(np.array([lon]), np.array([lat]), level)[0])
            self._last = asked, index
        return index

    def locate_batch(self, lons: Floats, lats: Floats, level: Level = Level.GRID) -> GridIndices:
        """The grid index of each place, -1 in none or where a coordinate is NaN.

        A place on a common border is in the grid with the lowest id, so that a
        replay finds the same one.
        """
        return self._layers[level].locate(lons, lats)

    def nearest(
        self, lon: float, lat: float, level: Level = Level.GRID
    ) -> tuple[Grid, float, float] | None:
        """The grid of this level whose border is nearest, and the nearest point (lon, lat) of
        that border; None where there is no grid of the level.

        Of grids equally near it is the one with the lowest id. Every border is measured: some
        milliseconds for thousands of grids, so it is asked where `locate` found none.
        """
        mine = self._layers[level].indices
        if not len(mine):
            return None
        place = shapely.Point(*self._plane.to_xy(lon, lat))
        index = int(mine[int(np.argmin(shapely.distance(self._borders[mine], place)))])
        x, y = shapely.shortest_line(self._borders[index], place).coords[0]
        return self.grids[index], *self._plane.to_lonlat(x, y)

    def fill_rasters(self) -> None:
        """Prepares `locate_batch` for full speed, some 0.3 ms a grid; else it prepares itself
        piece by piece, in a millisecond or two now and then, where it is asked most."""
        for layer in self._layers.values():
            layer.raster.fill()

    def neighbours(self, index: int) -> tuple[int, ...]:
        """Grids of the same level at most a road's width away, ascending."""
        return self._neighbours[index]

    def rings(self, index: int) -> tuple[tuple[int, ...], ...]:
        """The grid itself, its neighbours, theirs, and so on, each ring ascending.

        Grids of the level that no chain of neighbours reaches form the last ring.
        """
        if index not in self._rings:
            reached = breadth_first(index, self._neighbours)
            level = self.grids[index].level
            apart = set(self._layers[level].indices.tolist()).difference(*reached)
            if len(self._rings) >= RINGS_KEPT_MAX:
                del self._rings[next(iter(self._rings))]
            self._rings[index] = (*reached, tuple(sorted(apart))) if apart else reached
        return self._rings[index]

    def overlaps(self, area_m2_min: float) -> Iterator[tuple[int, int, float]]:
        """Pairs of one level (lower index, higher, m2) that share more than `area_m2_min`."""
        flat = flattened([grid.polygon for grid in self.grids], self._plane)
        for index, others in enumerate(self._neighbours):
            for other in others:
                if other > index:
                    shared_m2 = float(flat[index].intersection(flat[other]).area)
                    if shared_m2 > area_m2_min:
                        yield index, other, shared_m2

    def centre(self, index: int) -> tuple[float, float]:
        """A place (lon, lat) inside the grid, for when only the grid is known."""
        point = self.grids[index].polygon.representative_point()
        return float(point.x), float(point.y)

    def clear_of_border(
        self, indices: GridIndices, lons: Floats, lats: Floats, metres: Floats
    ) -> Flags:
        """Whether each place is farther than so many metres from the border, inner borders too,
        of the grid named beside it."""
        points = shapely.points(np.column_stack(self._plane.to_xy_arrays(lons, lats)))
        near: Flags = shapely.dwithin(self._borders[indices], points, metres)
        return ~near

    def to_geojson(self) -> dict[str, Any]:
        """A FeatureCollection in WGS-84 that `load_grids` reads back unchanged."""
        features = [_feature(grid) for grid in self.grids]
        return {"type": "FeatureCollection", "datum": Datum.WGS84.value, "features": features}


class _Layer:
    """The grids of one level, in the order of their ids."""

    def __init__(self, grids: Sequence[Grid], level: Level) -> None:
        mine = [index for index, grid in enumerate(grids) if grid.level is level]
        mine.sort(key=lambda index: grids[index].id)
        self.indices: GridIndices = np.array(mine, dtype=np.int32)
        self.raster = Raster(np.array([grids[index].polygon for index in mine], dtype=object))
        self._index_of: GridIndices = np.append(self.indices, NO_GRID).astype(np.int32)

    def locate(self, lons: Floats, lats: Floats) -> GridIndices:
        return self._index_of.take(self.raster.locate(lons, lats))  # -1 takes the last: NO_GRID


def _feature(grid: Grid) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": mapping(grid.polygon),
        "properties": {
            "id": grid.id,
            **_names(grid),
            "level": grid.level.value,
            "class": grid.klass,
            "key_units": [
                {**_names(unit), "lon": unit.lon, "lat": unit.lat, "kind": unit.kind}
                for unit in grid.key_units
            ],
        },
    }


def _names(of: Grid | KeyUnit) -> dict[str, str]:
    return {"name": of.name, "name_en": of.name_en} if of.name_en else {"name": of.name}
