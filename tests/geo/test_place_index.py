"""The index of places: a block of cells holds all of its circle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geo.arrays import Floats
from geo.distance import distances_m
from geo.place_index import ROLES_MAX, PlaceIndex


def records(lon: Floats, lat: Floats) -> NDArray[Any]:
    made = np.zeros(len(lon), [("fix_t", "i8"), ("lon", "f8"), ("lat", "f8"), ("grid", "i4")])
    made["lon"], made["lat"] = lon, lat
    made["fix_t"] = ~np.isnan(lon)
    return made


def filled(lon: Floats, lat: Floats) -> PlaceIndex:
    index = PlaceIndex(lon, lat, roles=1)
    index.note(np.arange(len(lon)))
    index.refresh(records(lon, lat), of_one_role(lon))
    return index


def of_one_role(lon: Floats) -> NDArray[np.int8]:
    return np.zeros(len(lon), np.int8)


@pytest.mark.parametrize("where", [(116.3, 39.9), (179.999, 0.02), (-179.999, -30.0), (0.0, 60.0)])
@pytest.mark.parametrize("radius_m", [1.0, 400.0, 5_000.0])
@pytest.mark.parametrize("spread_deg", [0.01, 0.5])
def test_a_block_holds_every_unit_of_its_circle(
    where: tuple[float, float], radius_m: float, spread_deg: float
) -> None:
    """Across the date line and the line between cells, and with another town far away that
    shares the rolled-up map."""
    chance = np.random.default_rng(3)
    lon = where[0] + chance.normal(0, spread_deg, 4000)
    lat = where[1] + chance.normal(0, spread_deg, 4000)
    lon[::3] += 20.0
    lon = (lon + 180.0) % 360.0 - 180.0
    index = filled(lon, lat)

    cells = index.block(*where, radius_m)

    assert cells is not None
    assert len(np.unique(cells)) == len(cells)
    rows = index.cells.rows(cells, index.cells.crowds(cells))
    inside = np.flatnonzero(distances_m(*where, lon, lat) <= radius_m)
    assert set(inside.tolist()) <= set(rows.tolist())
    assert len(set(rows.tolist())) == len(rows)


def test_a_circle_round_a_pole_or_half_the_world_is_not_looked_up() -> None:
    """One compares all units there."""
    index = filled(np.array([10.0]), np.array([0.0]))

    assert index.block(0.0, 89.999, 500.0) is None
    assert index.block(0.0, 0.0, 15_000_000.0) is None
    assert PlaceIndex(np.zeros(0), np.zeros(0), roles=0).block(0.0, 0.0, 1.0) is not None


def test_cells_are_wide_where_people_are_few() -> None:
    """Else a search in the country goes through thousands of empty cells."""
    chance = np.random.default_rng(5)
    lon, lat = chance.uniform(100, 101, (2, 5000)) - [[0.0], [70.0]]

    assert filled(lon, lat).cell_m > filled(lon / 10.0, lat / 10.0).cell_m


def test_a_unit_without_a_fix_is_nowhere() -> None:
    """Not at the place it had before it was forgotten."""
    lon, lat = np.full(2, 116.0), np.full(2, 39.0)
    index = filled(lon, lat)

    index.note(np.array([0]))
    lon[0] = lat[0] = np.nan
    index.refresh(records(lon, lat), of_one_role(lon))

    cells = index.block(116.0, 39.0, 100.0)
    assert cells is not None
    assert index.cells.rows(cells, index.cells.crowds(cells)).tolist() == [1]


def test_roles_stand_apart_and_more_of_them_than_are_kept_apart_share() -> None:
    """Who looks for guards does not go through volunteers, and nobody is lost."""
    lon, lat = np.full(40, 116.0), np.full(40, 39.0)
    roles = np.arange(-1, 39).astype(np.int8)
    index = PlaceIndex(lon, lat, roles=39)
    index.note(np.arange(40))
    index.refresh(records(lon, lat), roles)
    cells = index.block(116.0, 39.0, 100.0)
    assert cells is not None

    for role in range(-1, 39):
        keys = index.of_roles(cells, [role])
        rows = index.cells.rows(keys, index.cells.crowds(keys)).tolist()
        assert role + 1 in rows
        assert {(row - 1 - role) % ROLES_MAX for row in rows} == {0}
    keys = index.of_roles(cells, [3, 5, 3 + ROLES_MAX])
    rows = index.cells.rows(keys, index.cells.crowds(keys)).tolist()
    assert len(set(rows)) == len(rows)
    assert {3 + 1, 5 + 1, 3 + ROLES_MAX + 1} <= set(rows)
