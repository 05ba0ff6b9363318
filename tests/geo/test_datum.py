"""Datums against published pairs of points, and against themselves."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.datum import Datum, from_wgs84, from_wgs84_arrays, to_wgs84, to_wgs84_arrays
from tests.data import data_folder

METRES_PER_DEG = 111_195.0
FORMULA_OFF_M_MAX = 0.011
"""What the common formula leaves against points given in full double precision."""
TABLE_OFF_M_MAX = 0.75
"""gcoord's table of cities was itself rounded: 0.73 m at most."""

lons_in_china = st.floats(74.0, 135.0)
lats_in_china = st.floats(2.0, 54.0)
shifted_datums = st.sampled_from([Datum.GCJ02, Datum.BD09])


def published_pairs() -> list[dict[str, Any]]:
    document = json.loads((data_folder() / "coords" / "gcj02_points.json").read_bytes())
    pairs: list[dict[str, Any]] = document["pairs"]
    return pairs


def off_m(place: tuple[float, float], expected: dict[str, float]) -> float:
    lon, lat = place
    east = (lon - expected["lon"]) * METRES_PER_DEG * math.cos(math.radians(lat))
    return math.hypot(east, (lat - expected["lat"]) * METRES_PER_DEG)


def off_m_max(pair: dict[str, Any]) -> float:
    if "gcoord" in pair["source"]:
        return TABLE_OFF_M_MAX
    # The published pair has a slip in a digit of its longitude; its authors compare 6 decimals.
    return 0.1 if pair["name"] == "shenzhen" else FORMULA_OFF_M_MAX


def test_published_cities_land_where_the_map_shows_them() -> None:
    """339 places published in both systems; a shift of its own would be an invention."""
    for pair in published_pairs():
        wgs = pair["wgs84"]

        shown = from_wgs84(wgs["lon"], wgs["lat"], Datum.GCJ02)

        assert off_m(shown, pair["gcj02"]) < off_m_max(pair), pair["name"]


def test_places_read_off_a_chinese_map_come_back_to_wgs84() -> None:
    """The direction that matters: a fix or a grid drawn on AMap or Baidu."""
    for pair in published_pairs():
        for datum in (Datum.GCJ02, Datum.BD09):
            if datum.value not in pair:
                continue
            there = pair[datum.value]

            place = to_wgs84(there["lon"], there["lat"], datum)

            assert off_m(place, pair["wgs84"]) < off_m_max(pair) + 0.35, (datum, pair["name"])


def test_single_operations_published_elsewhere_agree() -> None:
    """A third library, whose inverse takes one step and so errs by metres."""
    document = json.loads((data_folder() / "coords" / "gcj02_points.json").read_bytes())
    operations = {each["op"]: each for each in document["operations"]}
    forward, back = operations["wgs84->gcj02"], operations["gcj02->wgs84"]

    shown = from_wgs84(forward["input"]["lon"], forward["input"]["lat"], Datum.GCJ02)
    place = to_wgs84(back["input"]["lon"], back["input"]["lat"], Datum.GCJ02)

    assert off_m(shown, forward["output"]) < 1e-6
    assert off_m(place, back["output"]) < 5.0


@given(lons_in_china, lats_in_china, shifted_datums)
def test_there_and_back_is_the_same_place(lon: float, lat: float, datum: Datum) -> None:
    """The inverse is exact to 1e-8 degrees, a millimetre, everywhere in China."""
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)

    assert back == pytest.approx((lon, lat), abs=1e-8, rel=0)


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=20),
    st.sampled_from(list(Datum)),
)
def test_many_places_at_once_are_the_same_places(
    places: list[tuple[float, float]], datum: Datum
) -> None:
    """The formula stands in the code twice; grids take one way and fixes the other."""
    lons = np.array([lon for lon, _ in places], dtype=np.float64)
    lats = np.array([lat for _, lat in places], dtype=np.float64)

    shown = np.column_stack(from_wgs84_arrays(lons, lats, datum))
    back = np.column_stack(to_wgs84_arrays(lons, lats, datum))

    each_shown = [from_wgs84(lon, lat, datum) for lon, lat in places]
    each_back = [to_wgs84(lon, lat, datum) for lon, lat in places]
    assert shown == pytest.approx(np.array(each_shown).reshape(-1, 2), abs=2e-9, rel=0)
    assert back == pytest.approx(np.array(each_back).reshape(-1, 2), abs=2e-9, rel=0)


@pytest.mark.parametrize("datum", list(Datum))
def test_places_outside_china_are_left_alone(datum: Datum) -> None:
    """San Francisco has no shift, in whichever datum somebody declared it."""
    assert from_wgs84(-122.4194, 37.7749, datum) == (-122.4194, 37.7749)
    assert to_wgs84(-122.4194, 37.7749, datum) == (-122.4194, 37.7749)


def test_a_place_that_is_no_number_stays_none() -> None:
    """NaN never turns into a place; who reads a fix refuses it before."""
    lon, lat = to_wgs84(math.nan, math.nan, Datum.GCJ02)

    assert math.isnan(lon)
    assert math.isnan(lat)


def test_the_shift_is_hundreds_of_metres_in_beijing() -> None:
    """Why all this: unnoticed, it would call the volunteer of another street."""
    lon, lat = from_wgs84(116.404, 39.915, Datum.GCJ02)

    assert 500 < off_m((lon, lat), {"lon": 116.404, "lat": 39.915}) < 600
