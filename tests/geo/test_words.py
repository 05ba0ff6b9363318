"""A place in words: the right key unit, the right way round."""

from __future__ import annotations

import pytest

from geo.grids import GridSet, load_grids
from geo.words import AT_M, PlaceFacts, outside_facts, place_facts
from tests.geo.places import at, collection, feature, square


def community() -> GridSet:
    """Two grids side by side; the kindergarten in the first, the hotel in the second."""

    def unit(name: str, x_m: float) -> dict[str, object]:
        lon, lat = at(x_m, 500)
        return {"name": name, "lon": lon, "lat": lat}

    return load_grids(
        collection(
            feature(square(0, 0, 1000), id="g1", name="西子", key_units=[unit("幼儿园", 500)]),
            feature(square(1000, 0, 1000), id="g2", name="东园", key_units=[unit("酒店", 1100)]),
        )
    )


@pytest.mark.parametrize(
    ("x_m", "y_m", "bearing"),
    [
        (0, 100, "N"),
        (100, 100, "NE"),
        (100, 0, "E"),
        (100, -100, "SE"),
        (0, -100, "S"),
        (-100, -100, "SW"),
        (-100, 0, "W"),
        (-100, 100, "NW"),
        (-36, 100, "N"),
        (-46, 100, "NW"),
        (0, AT_M - 1, "at"),
        (0, 0, "at"),
    ],
)
def test_the_bearing_leads_from_the_key_unit_to_the_place(
    x_m: float, y_m: float, bearing: str
) -> None:
    """ "North of the kindergarten" means: stand there and go north."""
    facts = place_facts(community(), *at(500 + x_m, 500 + y_m))

    assert (facts.key_unit_name, facts.bearing) == ("幼儿园", bearing)
    assert facts.distance_m == pytest.approx((x_m**2 + y_m**2) ** 0.5, abs=0.1)


def test_the_nearest_key_unit_may_stand_in_the_next_grid() -> None:
    """People know the hotel over the road better than the school at the other end."""
    facts = place_facts(community(), *at(990, 500))

    assert (facts.grid_id, facts.grid_name, facts.key_unit_name) == ("g1", "西子", "酒店")


def test_outside_all_grids_the_key_unit_still_helps() -> None:
    """Somebody pressed just over the border."""
    facts = place_facts(community(), *at(500, -50))

    assert (facts.grid_id, facts.grid_name) == (None, None)
    assert (facts.key_unit_name, facts.bearing) == ("幼儿园", "S")


def test_english_names_come_along_where_the_file_has_them() -> None:
    """Who reads no Chinese must find the place as fast."""
    unit = {"name": "幼儿园", "name_en": "Kindergarten", "lon": at(50, 50)[0], "lat": at(50, 50)[1]}
    gridset = load_grids(
        collection(feature(square(0, 0), id="g", name_en="Grid 1", key_units=[unit]))
    )

    facts = place_facts(gridset, *at(50, 90))

    assert (facts.grid_name_en, facts.key_unit_name_en) == ("Grid 1", "Kindergarten")


def test_without_key_units_there_is_only_the_grid() -> None:
    """Nothing is invented where the file names nothing."""
    gridset = load_grids(collection(feature(square(0, 0), id="g")))

    assert place_facts(gridset, *at(50, 50)) == PlaceFacts(
        grid_id="g", grid_name="西子", key_unit_name=None, distance_m=None, bearing=None
    )


@pytest.mark.parametrize(
    ("x_m", "y_m", "grid", "away_m", "bearing"),
    [
        (2120, 500, "g2", 120, "E"),
        (-80, 300, "g1", 80, "W"),
        (500, -300, "g1", 300, "S"),
        (2100, 1100, "g2", 141.4, "NE"),
        (2010, 500, "g2", 10, "at"),
    ],
)
def test_a_place_in_no_grid_is_told_from_the_nearest_border(
    x_m: float, y_m: float, grid: str, away_m: float, bearing: str
) -> None:
    """A precise fix just over the border is anything but unknown."""
    facts = outside_facts(community(), *at(x_m, y_m))

    assert facts is not None
    assert (facts.grid_id, facts.bearing) == (grid, bearing)
    assert facts.distance_m == pytest.approx(away_m, rel=0.01)


def test_a_place_in_a_grid_or_where_there_are_none_is_not_outside() -> None:
    """There is nothing to tell it from."""
    assert outside_facts(community(), *at(500, 500)) is None
    assert outside_facts(GridSet(()), *at(500, 500)) is None
