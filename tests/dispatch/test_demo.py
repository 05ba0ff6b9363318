"""The demo community: whole, tidy and walkable, since it is the first thing that anybody sees."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest
import shapely

from dispatch.config import load_community
from dispatch.demo import demo_community_path
from dispatch.roster import Community, RadioRecord
from dispatch.words import Role

Demo = tuple[Community, list[RadioRecord]]


@pytest.fixture(scope="module", name="demo")
def loaded_demo() -> Demo:
    """The demo as `yihu run` loads it."""
    return load_community(demo_community_path())


def streets(demo: Demo) -> list[dict[str, Any]]:
    """The features of its basemap."""
    features: list[dict[str, Any]] = json.loads(demo[0].streets)["features"]
    return features


def test_ten_grids_have_three_volunteers_each(demo: Demo) -> None:
    """Thirty volunteers, two police officers, four guards: what the default plan is sized for."""
    community, radios = demo

    roles = Counter(radio.role for radio in radios)
    posted = Counter(radio.post for radio in radios if radio.role is Role.VOLUNTEER)

    assert roles == {Role.VOLUNTEER: 30, Role.POLICE: 2, Role.GUARD: 4}
    assert posted == dict.fromkeys(community.grids.by_id, 3)
    assert len(community.grids) == 10


def test_call_signs_are_places_not_people(demo: Demo) -> None:
    """People say 西子一间; a name would be personal data in a product's own files."""
    _, radios = demo

    assert radios[0].call_sign == "西子一间"
    assert all(radio.call_sign.startswith("西子") for radio in radios)


def test_the_grids_tile_the_ground(demo: Demo) -> None:
    """A press between two grids would have no grid, and one in an overlap two."""
    polygons = [grid.polygon for grid in demo[0].grids.grids]

    whole = shapely.union_all(polygons)

    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert whole.area == pytest.approx(sum(polygon.area for polygon in polygons), rel=1e-9)


def test_every_key_unit_stands_in_its_grid(demo: Demo) -> None:
    """A place told as 60 m from the kindergarten must be near that kindergarten."""
    community, _ = demo

    for grid in community.grids.grids:
        assert grid.klass in ("A", "B")
        assert len(grid.key_units) >= 2
        for unit in grid.key_units:
            found = community.grids.locate(unit.lon, unit.lat)
            assert found is not None, unit.name
            assert found.id == grid.id, unit.name


def test_every_place_has_an_english_name(demo: Demo) -> None:
    """A visitor who reads no Chinese sees the demo first in English."""
    for grid in demo[0].grids.grids:
        assert grid.name_en.isascii()
        assert grid.name_en
        assert all(unit.name_en and unit.name_en.isascii() for unit in grid.key_units)


def test_every_street_can_be_walked_to_from_every_other(demo: Demo) -> None:
    """Streets meet in one and the same coordinate, or a simulated walker is stuck in a lane."""
    joined: defaultdict[tuple[float, ...], set[tuple[float, ...]]] = defaultdict(set)
    for feature in streets(demo):
        if feature["geometry"]["type"] == "LineString":
            places = [tuple(place) for place in feature["geometry"]["coordinates"]]
            for here, there in pairwise(places):
                joined[here].add(there)
                joined[there].add(here)

    reached = {next(iter(joined))}
    open_ends = list(reached)
    while open_ends:
        new = joined[open_ends.pop()] - reached
        reached |= new
        open_ends += new

    assert reached == set(joined)


def test_every_grid_has_streets_within(demo: Demo) -> None:
    """Volunteers walk their rounds on streets, in their own grid."""
    lines = [
        shapely.LineString(feature["geometry"]["coordinates"])
        for feature in streets(demo)
        if feature["geometry"]["type"] == "LineString"
    ]
    ways = shapely.union_all(lines)

    for grid in demo[0].grids.grids:
        assert shapely.intersection(ways, grid.polygon).length > 0.005, grid.name


def test_what_the_map_draws_is_of_known_kinds(demo: Demo) -> None:
    """The page styles by `kind`; what it does not know would be drawn as nothing."""
    kinds = {
        "LineString": {"road", "lane", "path"},
        "Polygon": {"building", "green", "water"},
    }

    for feature in streets(demo):
        properties = feature["properties"]
        assert properties["kind"] in kinds[feature["geometry"]["type"]]
        assert ("name" in properties) == ("name_en" in properties), properties
