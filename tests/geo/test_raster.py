"""The raster answers as the polygons themselves do, filled or not."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon, box

from geo import raster as limits
from geo.arrays import Floats
from geo.raster import NO_POLYGON, Raster
from tests.data import data_folder

Shape: TypeAlias = Any
"""A Polygon or a MultiPolygon; shapely has no types."""

Place = tuple[float, float]

# Coordinates of few values, so that corners, edges and cells fall on each other.
coordinate = st.one_of(
    st.integers(0, 16).map(lambda n: n / 4), st.floats(0, 4, allow_subnormal=False)
)
rings = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8)


@st.composite
def shapes(draw: st.DrawFn) -> list[Shape]:
    """Valid areas of any form: with holes, of several parts, over and beside each other."""
    drawn: list[Shape] = []
    for _ in range(draw(st.integers(1, 6))):
        area = shapely.make_valid(Polygon(draw(rings)))
        hole = shapely.make_valid(Polygon(draw(rings)))
        area = shapely.make_valid(area.difference(hole)) if draw(st.booleans()) else area
        parts = [part for part in shapely.get_parts(area).tolist() if part.area > 1e-6]
        parts = [part for part in parts if isinstance(part, Polygon) and part.is_valid]
        whole = MultiPolygon(parts)
        if parts and whole.is_valid:
            drawn.append(whole if len(parts) > 1 else parts[0])
    return drawn


def array(polygons: list[Shape]) -> NDArray[Any]:
    made = np.empty(len(polygons), dtype=object)
    made[:] = polygons
    return made


def plainly(polygons: list[Shape], lons: Floats, lats: Floats) -> list[int]:
    """One polygon and place after the other."""
    points = shapely.points(lons, lats).tolist()
    return [
        next((n for n, each in enumerate(polygons) if each.intersects(point)), NO_POLYGON)
        for point in points
    ]


def awkward(polygons: list[Shape]) -> list[Place]:
    """Corners, places on the edges, and places a rounding away from them."""
    corners = shapely.get_coordinates(array(polygons))
    middles = (corners + np.roll(corners, 1, axis=0)) / 2
    on = np.concatenate([corners, middles])[:200]
    beside = [np.nextafter(on, on + way) for way in (-1.0, 1.0)]
    return [(x, y) for x, y in np.concatenate([on, *beside]).tolist()]


@settings(deadline=None, max_examples=60)
@given(shapes(), st.lists(st.tuples(st.floats(-1, 5), st.floats(-1, 5)), max_size=40))
def test_a_place_is_where_the_polygons_say(polygons: list[Shape], places: list[Place]) -> None:
    """Holes, overlaps, common borders, corners, a rounding beside them: never a wrong grid."""
    lons, lats = np.array([*places, *awkward(polygons)]).reshape(-1, 2).T
    raster = Raster(array(polygons))
    expected = plainly(polygons, lons, lats)

    empty = raster.locate(lons, lats).tolist()
    raster.fill()

    assert empty == expected
    assert raster.locate(lons, lats).tolist() == expected


def test_a_raster_takes_memory_when_places_in_it_are_many() -> None:
    """A district has a hundred communities, and in most of them nobody moves at night."""
    raster = Raster(array([box(0, 0, 1, 1), box(1, 0, 2, 1)]))
    places = np.linspace(0.1, 1.9, limits.ASKED_MIN // 2)

    raster.locate(places, np.full(len(places), 0.5))
    assert not len(raster._cells)
    raster.locate(places, np.full(len(places), 0.5))

    assert raster._cells.nbytes < 2.2 * max(limits.CELLS_MIN, 2 * limits.CELLS_PER_POLYGON)


def test_cells_grow_wider_when_there_are_more_sets_than_two_bytes_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten thousand grids meet in more ways than there are narrow numbers."""
    tiles = [box(x, y, x + 1, y + 1) for x in range(4) for y in range(4)]
    lons, lats = (each.ravel() for each in np.meshgrid(*[np.linspace(-0.5, 4.5, 99)] * 2))
    narrow, wide = Raster(array(tiles)), Raster(array(tiles))
    narrow.fill()

    monkeypatch.setattr(limits, "_NARROW_MAX", len(tiles))
    wide.fill()

    assert (narrow._cells.itemsize, wide._cells.itemsize) == (2, 4)
    assert wide.locate(lons, lats).tolist() == narrow.locate(lons, lats).tolist()


def cell_edges(raster: Raster) -> tuple[Floats, Floats]:
    """Places exactly on the lines between cells, as far as numbers go."""
    step = np.arange(0, 64, 7) + 0.0
    lon = raster._west + step / raster._per_lon
    lat = raster._south + step / raster._per_lat
    lons, lats = np.meshgrid(lon, lat)
    return lons.ravel(), lats.ravel()


def test_borders_along_the_lines_between_cells_are_borders_of_both() -> None:
    """A grid drawn by a program may well have its border exactly there."""
    frame = Raster(array([box(0, 0, 1, 1)]))
    lons, lats = (np.unique(each) for each in cell_edges(frame))
    inner = box(lons[2], lats[2], lons[5], lats[6])
    polygons: list[Shape] = [inner, box(0, 0, 1, 1)]
    raster = Raster(array(polygons))
    raster.fill()
    places = np.array([*awkward(polygons), *zip(*cell_edges(frame), strict=True)]).T

    assert raster.locate(*places).tolist() == plainly(polygons, *places)


def test_it_fills_where_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for all of it at once; what nobody asks for is never filled."""
    monkeypatch.setattr(limits, "STRIP_CELLS", 64 * 8)
    polygons: list[Shape] = [box(0, 0, 1, 1), box(1, 0, 2, 1)]
    raster = Raster(array(polygons))
    assert raster.filled == 0.0
    lons, lats = np.full(500, 0.5), np.full(500, 0.25)

    for call in range(4):
        assert raster.filled == (0.0 if call < 2 else 1 / 8)
        assert set(raster.locate(lons, lats).tolist()) == {0}

    raster.fill()
    assert raster.filled == 1.0


def test_many_over_each_other_are_all_asked() -> None:
    """More than a set names: six that meet in a point, and the whole over them."""
    angles = np.linspace(0, 2 * np.pi, 7)
    ends = np.column_stack([np.cos(angles), np.sin(angles)])
    polygons: list[Shape] = [Polygon([(0, 0), a, b]) for a, b in pairwise(ends)]
    polygons.append(box(-2, -2, 2, 2))
    raster = Raster(array(polygons))
    raster.fill()
    lons, lats = np.random.default_rng(1).normal(0, 0.05, (2, 2000))
    lons[0] = lats[0] = 0.0

    assert raster.locate(lons, lats).tolist() == plainly(polygons, lons, lats)


def test_far_off_and_unknown_places_are_in_none() -> None:
    """The other side of the world, infinity and NaN are no place in the raster."""
    raster = Raster(array([box(0, 0, 1, 1)]))
    raster.fill()
    far = np.array([-180.0, 180.0, np.nan, np.inf, -np.inf, 0.5])

    assert raster.locate(far, np.full(6, 0.5)).tolist() == [-1, -1, -1, -1, -1, 0]
    assert raster.locate(np.full(6, 0.5), far).tolist() == [-1, -1, -1, -1, -1, 0]
    assert Raster(array([])).locate(far, far).tolist() == [-1] * 6


def test_real_subdistricts_are_told_as_before() -> None:
    """126 of them with thousands of corners, at 50,000 places around and on their borders."""
    path = data_folder() / "city" / "beijing_core_subdistricts.geojson"
    features = json.loads(path.read_bytes())["features"]
    polygons = [shapely.geometry.shape(each["geometry"]) for each in features]
    west, south, east, north = shapely.total_bounds(polygons).tolist()
    chance = np.random.default_rng(7)
    corners = shapely.get_coordinates(array(polygons))
    near = corners[chance.integers(len(corners), size=20_000)] + chance.normal(0, 1e-4, (20_000, 2))
    anywhere = chance.uniform((west, south), (east, north), (30_000, 2))
    lons, lats = np.concatenate([near, anywhere]).T
    raster = Raster(array(polygons))
    expected = raster._by_tree(lons, lats).tolist()

    raster.fill()

    assert raster.locate(lons, lats).tolist() == expected
