"""A place told in facts that become words: grid, nearest key unit, bearing from it.

"80 m north-east of the West Lake kindergarten" is found faster at night than a
pin on a map. The sentence itself is the console's, in the operator's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from geo.distance import bearing_deg, distance_m, distances_m
from geo.gridset import GridSet, KeyUnit, Level

AT_M: Final = 20.0
"""Closer than this a place is at the key unit: a fix is no better, and a direction
from a gate to a spot ten metres on would be the noise of the receiver."""


class Bearing(StrEnum):
    """One of eight directions, or at the place itself."""

    N = "N"
    NE = "NE"
    E = "E"
    SE = "SE"
    S = "S"
    SW = "SW"
    W = "W"
    NW = "NW"
    AT = "at"


_ROSE: Final = tuple(Bearing)[:8]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """What can be said of a place; None where it is in no grid, or no key unit is known.

    `bearing` leads from the key unit to the place. The key unit may belong to
    another grid than the place does.
    """

    grid_id: str | None
    grid_name: str | None
    key_unit_name: str | None
    distance_m: float | None
    bearing: Bearing | None
    grid_name_en: str = ""
    key_unit_name_en: str = ""
    """The English names, empty where the file has none."""


def place_facts(gridset: GridSet, lon: float, lat: float) -> PlaceFacts:
    """The facts about a WGS-84 place; the grid is that of level "grid"."""
    grid = gridset.locate(lon, lat, Level.GRID)
    unit = _nearest_key_unit(gridset, lon, lat)
    away_m = None if unit is None else distance_m(unit.lon, unit.lat, lon, lat)
    return PlaceFacts(
        grid_id=None if grid is None else grid.id,
        grid_name=None if grid is None else grid.name,
        key_unit_name=None if unit is None else unit.name,
        distance_m=away_m,
        bearing=None if unit is None else _bearing(unit.lon, unit.lat, lon, lat),
        grid_name_en="" if grid is None else grid.name_en,
        key_unit_name_en="" if unit is None else unit.name_en,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFacts:
    """What can be said of a place in no grid: how far it is from the nearest one.

    `bearing` leads from the nearest point of that grid's border to the place.
    """

    grid_id: str
    grid_name: str
    distance_m: float
    bearing: Bearing
    grid_name_en: str = ""
    """Empty where the file has no English name."""


def outside_facts(gridset: GridSet, lon: float, lat: float) -> OutsideFacts | None:
    """The facts about a WGS-84 place outside the grids of level "grid"; None where it is in one,
    or there is none."""
    if gridset.locate(lon, lat, Level.GRID) is not None:
        return None
    nearest = gridset.nearest(lon, lat, Level.GRID)
    if nearest is None:
        return None
    grid, from_lon, from_lat = nearest
    return OutsideFacts(
        grid_id=grid.id,
        grid_name=grid.name,
        distance_m=distance_m(from_lon, from_lat, lon, lat),
        bearing=_bearing(from_lon, from_lat, lon, lat),
        grid_name_en=grid.name_en,
    )


def _nearest_key_unit(gridset: GridSet, lon: float, lat: float) -> KeyUnit | None:
    """The first in file order of those equally near."""
    if not gridset.key_units:
        return None
    metres = distances_m(lon, lat, gridset.key_unit_lons, gridset.key_unit_lats)
    return gridset.key_units[int(np.argmin(metres))]


def _bearing(from_lon: float, from_lat: float, lon: float, lat: float) -> Bearing:
    if distance_m(from_lon, from_lat, lon, lat) <= AT_M:
        return Bearing.AT
    return _ROSE[round(bearing_deg(from_lon, from_lat, lon, lat) / 45.0) % 8]
