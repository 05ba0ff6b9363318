"""Distances against known ones, against arrays, and against flat metres."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.distance import (
    EARTH_RADIUS_M,
    LocalPlane,
    bearing_deg,
    distance_m,
    distances_m,
    offset_lonlat,
)

lons = st.floats(-180, 180)
lats = st.floats(-89, 89)
city_m = st.floats(-5_000, 5_000)
TIANANMEN = (116.3913, 39.9075)


def test_a_degree_of_latitude_is_111_km() -> None:
    """The scale itself: a sixtieth of it is the nautical mile, 1,853 m on this sphere."""
    assert distance_m(116.0, 39.0, 116.0, 40.0) == pytest.approx(111_195.08, abs=0.01)


def test_half_the_world_away_is_half_the_circumference() -> None:
    """Rounding at the antipode must not ask for the arcsine of more than one."""
    assert distance_m(0.0, 0.0, 180.0, 0.0) == pytest.approx(math.pi * EARTH_RADIUS_M)
    assert distance_m(10.0, 45.0, -170.0, -45.0) == pytest.approx(math.pi * EARTH_RADIUS_M)


@given(lons, lats, lons, lats)
def test_there_is_as_far_as_back(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    """A distance has no direction, and never is negative or NaN."""
    there = distance_m(lon1, lat1, lon2, lat2)

    assert there == pytest.approx(distance_m(lon2, lat2, lon1, lat1), abs=1e-6)
    assert 0.0 <= there <= math.pi * EARTH_RADIUS_M + 1e-6


@given(lons, lats, st.lists(st.tuples(lons, lats), max_size=10))
def test_many_distances_are_the_same_distances(
    lon: float, lat: float, places: list[tuple[float, float]]
) -> None:
    """The nearest unit must not depend on whether it was measured alone."""
    each = [distance_m(lon, lat, *place) for place in places]

    there = np.array(places, dtype=np.float64).reshape(-1, 2)
    together = distances_m(lon, lat, there[:, 0], there[:, 1])

    assert together == pytest.approx(np.array(each), rel=1e-9, abs=1e-3)


def test_a_place_that_is_no_number_is_at_no_distance() -> None:
    """A unit without a fix must not be near anything."""
    assert np.isnan(distances_m(np.array([math.nan]), np.array([39.9]), *TIANANMEN)).all()


@pytest.mark.parametrize(
    ("east_m", "north_m", "expected"),
    [(0, 100, 0), (100, 100, 45), (100, 0, 90), (0, -100, 180), (-100, 0, 270), (0, 0, 0)],
)
def test_bearings_go_round_with_the_clock(east_m: float, north_m: float, expected: float) -> None:
    """0 is north and 90 is east, as on a compass."""
    there = offset_lonlat(*TIANANMEN, east_m, north_m)

    degrees = bearing_deg(*TIANANMEN, *there)

    assert (degrees - expected + 180) % 360 - 180 == pytest.approx(0, abs=0.1)
    assert 0 <= degrees < 360


@given(city_m, city_m)
def test_an_offset_lies_as_far_off_as_asked(east_m: float, north_m: float) -> None:
    """Simulated walks and drawn circles keep their metres."""
    there = offset_lonlat(*TIANANMEN, east_m, north_m)

    assert distance_m(*TIANANMEN, *there) == pytest.approx(math.hypot(east_m, north_m), abs=10)


@given(city_m, city_m, st.floats(-179.99, 179.99))
def test_flat_metres_lead_back_to_the_place(x_m: float, y_m: float, lon: float) -> None:
    """Also across the date line, where longitudes jump by 360."""
    plane = LocalPlane(lon, 39.9)

    assert plane.to_xy(*plane.to_lonlat(x_m, y_m)) == pytest.approx((x_m, y_m), abs=1e-5)


def test_flat_metres_stay_true_across_a_city() -> None:
    """20 km off its origin the plane is wrong by less than 0.4 %."""
    plane = LocalPlane(*TIANANMEN)
    corners = np.array([[116.60, 40.08], [116.18, 39.75]])

    xs, ys = plane.to_xy_arrays(corners[:, 0], corners[:, 1])

    true = distances_m(*TIANANMEN, corners[:, 0], corners[:, 1])
    assert np.hypot(xs, ys) == pytest.approx(true, rel=0.004)
    assert plane.to_xy(*corners[0]) == pytest.approx((xs[0], ys[0]))
