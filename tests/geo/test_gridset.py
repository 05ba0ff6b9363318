"""Which grid a place is in, which grids are next to it."""

from __future__ import annotations

import csv
import gzip
import json
import math
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import gridset as limits
from geo.adjacency import ROAD_WIDTH_M
from geo.arrays import Floats
from geo.grids import NO_GRID, GridSet, Level, load_grids
from tests.data import data_folder
from tests.geo.places import at, collection, feature, row_of_squares, square


def ray_casting(lon: float, lat: float, geometry: dict[str, Any]) -> bool:
    """Even-odd rule over every ring, with no library: holes and parts come out by themselves."""
    whole = geometry["coordinates"]
    parts = whole if geometry["type"] == "MultiPolygon" else [whole]
    inside = False
    for ring in (ring for part in parts for ring in part):
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
                inside = not inside
    return inside


def test_real_fixes_lie_where_ray_casting_says() -> None:
    """Every 500th of 209,960 recorded fixes, over 126 real subdistricts."""
    folder = data_folder()
    document = json.loads((folder / "city" / "beijing_core_subdistricts.geojson").read_bytes())
    gridset = load_grids(document)
    with gzip.open(folder / "traces" / "beijing_traces.csv.gz", "rt") as file:
        fixes = [
            (float(row["lon"]), float(row["lat"]))
            for row in islice(csv.DictReader(file), 0, None, 500)
        ]
    lons, lats = np.array(fixes).T

    found = gridset.locate_batch(lons, lats)

    for (lon, lat), index in zip(fixes, found, strict=True):
        containing = [
            i
            for i, each in enumerate(document["features"])
            if ray_casting(lon, lat, each["geometry"])
        ]
        assert containing == ([] if index == NO_GRID else [index])


@given(st.lists(st.tuples(st.floats(-50, 450), st.floats(-50, 150)), max_size=30))
def test_places_are_located_the_same_together_and_alone(
    places: list[tuple[float, float]],
) -> None:
    """An alarm is located alone, positions by the thousand."""
    gridset = row_of_squares(3, gap_m=20)
    lonlats = np.array([at(x, y) for x, y in places], dtype=np.float64).reshape(-1, 2)

    together = gridset.locate_batch(lonlats[:, 0], lonlats[:, 1])

    alone = [gridset.locate_index(lon, lat) for lon, lat in lonlats]
    assert together.tolist() == alone
    assert together.dtype == np.int32


def test_a_place_on_a_common_border_is_in_the_grid_with_the_lowest_id() -> None:
    """A replay must find the grid that the dispatcher saw; file order must not matter."""
    west, east = feature(square(0, 0), id="b"), feature(square(100, 0), id="a")

    for features in ([west, east], [east, west]):
        gridset = load_grids(collection(*features))
        corner = gridset.by_id["a"].polygon.exterior.coords[0]
        assert gridset.locate(*corner) == gridset.by_id["a"]


def test_each_level_is_asked_for_by_itself() -> None:
    """A place is in a community, a grid and a building at once."""
    gridset = load_grids(
        collection(
            feature(square(0, 0, 500), id="c", level="community"),
            feature(square(0, 0), id="g"),
            feature(square(10, 10, 20), id="b", level="building"),
        )
    )
    place = at(20, 20)

    found = {level: gridset.locate(*place, level) for level in Level}

    assert {level: grid.id for level, grid in found.items() if grid} == {
        Level.COMMUNITY: "c",
        Level.GRID: "g",
        Level.BUILDING: "b",
    }
    assert gridset.locate(*at(300, 300)) is None


def test_no_place_is_in_no_grid() -> None:
    """A unit without a fix, infinity, and a level that has no grids."""
    gridset = row_of_squares(2)
    nowhere = np.array([math.nan, math.inf, 0.0])

    assert gridset.locate_batch(nowhere, nowhere).tolist() == [NO_GRID] * 3
    assert gridset.locate(*at(50, 50), Level.BUILDING) is None
    assert gridset.locate_batch(np.array([]), np.array([])).tolist() == []


def test_grids_across_a_road_are_neighbours() -> None:
    """Drawn to the kerb, they do not touch; the next team is still over the road."""
    near = row_of_squares(3, gap_m=ROAD_WIDTH_M - 1)
    far = row_of_squares(3, gap_m=ROAD_WIDTH_M + 1)

    assert [near.neighbours(index) for index in range(3)] == [(1,), (0, 2), (1,)]
    assert [far.neighbours(index) for index in range(3)] == [(), (), ()]


def test_grids_of_another_level_are_no_neighbours() -> None:
    """The community around a grid is not the next team."""
    gridset = load_grids(
        collection(
            feature(square(0, 0, 500), id="c", level="community"), feature(square(0, 0), id="g")
        )
    )

    assert gridset.neighbours(0) == ()
    assert gridset.rings(1) == ((1,),)


def test_rings_grow_outwards_and_leave_nobody_out() -> None:
    """Help comes from the next grid, then the one after; an island comes last."""
    squares = [feature(square(i * 100, 0), id=f"g{i}") for i in range(4)]
    island = feature(square(5000, 5000), id="island")
    gridset = load_grids(collection(*squares, island))

    assert gridset.rings(1) == ((1,), (0, 2), (3,), (4,))
    assert gridset.rings(4) == ((4,), (0, 1, 2, 3))


def test_rings_do_not_pile_up_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of grids have millions of ring members; they are worked out again."""
    gridset = row_of_squares(4)
    monkeypatch.setattr(limits, "RINGS_KEPT_MAX", 2)

    first = [gridset.rings(index) for index in range(4)]

    assert [gridset.rings(index) for index in range(4)] == first


def test_rings_of_a_real_city_name_every_grid_once() -> None:
    """126 subdistricts; from the Forbidden City every other is within a few rings."""
    gridset = load_grids(
        (data_folder() / "city" / "beijing_core_subdistricts.geojson").read_bytes()
    )

    rings = gridset.rings(gridset.index_of("东城区/东华门街道"))

    assert sorted(index for ring in rings for index in ring) == list(range(126))
    for inner, outer in pairwise(rings):
        for index in outer:
            assert set(gridset.neighbours(index)) & set(inner)


def test_the_middle_of_a_grid_is_in_it() -> None:
    """Where only the grid is known, the map needs a place; a ring's centroid is in its hole."""
    gridset = load_grids(collection(feature(square(0, 0, 300), square(50, 50, 200))))

    assert gridset.locate_index(*gridset.centre(0)) == 0


def test_the_way_to_the_border_is_measured_in_metres() -> None:
    """From inside and from outside alike, and to the border of a hole."""
    gridset = load_grids(collection(feature(square(0, 0, 400), square(200, 200), id="a")))
    lons, lats = np.array([at(30, 100), at(-40, 100), at(190, 250), at(250, 250)]).T
    away_m = np.array([30.0, 40.0, 10.0, 50.0])

    def clear(metres: Floats) -> list[bool]:
        found: list[bool] = gridset.clear_of_border(
            np.zeros(4, np.int32), lons, lats, metres
        ).tolist()
        return found

    assert clear(away_m - 0.1) == [True] * 4
    assert clear(away_m + 0.1) == [False] * 4


def test_a_hub_without_grids_still_works() -> None:
    """The first day: no file yet, and an alarm all the same."""
    empty = GridSet([])

    assert (len(empty), empty.locate(*at(0, 0)), empty.to_geojson()["features"]) == (0, None, [])
    assert empty.locate_batch(np.array([120.0]), np.array([30.0])).tolist() == [NO_GRID]
