"""Distances and bearings between WGS-84 places; knows no streets.

Everything is on a sphere of the Earth's mean radius: against the ellipsoid a
distance is off by 0.5 % at most, less than a patrol's fix. Longitudes and
latitudes are degrees, longitude first, as in GeoJSON.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.arrays import Floats

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius (2a + b) / 3 of the WGS-84 ellipsoid (IUGG)."""

RADIAN: Final = math.pi / 180.0
HALF_RADIAN: Final = math.pi / 360.0
"""Of degrees."""


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Metres along the great circle (haversine, exact also for close places)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_north = math.sin((phi2 - phi1) / 2.0)
    half_east = math.sin(math.radians(lon2 - lon1) / 2.0)
    chord = half_north * half_north + math.cos(phi1) * math.cos(phi2) * half_east * half_east
    return 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def distances_m(
    lon1: Floats | float, lat1: Floats | float, lon2: Floats | float, lat2: Floats | float
) -> Floats:
    """`distance_m` for arrays, broadcast against each other; NaN where a place is."""
    # in place: one alarm measures tens of units, and most of the time goes into the calls
    chord = np.asarray(np.subtract(lat2, lat1))
    chord *= HALF_RADIAN
    np.sin(chord, out=chord)
    chord *= chord
    east = np.asarray(np.subtract(lon2, lon1))
    east *= HALF_RADIAN
    np.sin(east, out=east)
    east *= east
    east = np.cos(np.multiply(lat2, RADIAN)) * np.cos(np.multiply(lat1, RADIAN)) * east
    metres: Floats = np.asarray(np.add(chord, east))
    np.minimum(1.0, metres, out=metres)
    np.sqrt(metres, out=metres)
    np.arcsin(metres, out=metres)
    metres *= 2.0 * EARTH_RADIUS_M
    return metres


def bearing_deg(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The direction in which one leaves the first place for the second: 0 north, 90 east.

    In [0, 360); 0 when both are the same place.
    """
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    east = math.radians(lon2 - lon1)
    y = math.sin(east) * math.cos(phi2)
    x = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(east)
    degrees = math.degrees(math.atan2(y, x)) % 360.0
    return 0.0 if degrees == 360.0 else degrees  # -1e-20 % 360 rounds up to 360


def offset_lonlat(lon: float, lat: float, east_m: float, north_m: float) -> tuple[float, float]:
    """The (lon, lat) that lies so many metres east and north; for steps of a few kilometres.

    Over 5 km in China it is off by under 10 m. Meaningless at the poles.
    """
    return LocalPlane(lon, lat).to_lonlat(east_m, north_m)


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """Flat metres, x east and y north of an origin: for a city, where speed matters.

    North-south is exact; east-west is stretched by the change of cos(latitude)
    since the origin: 0.3 % at 20 km north or south of it in Beijing.
    """

    lon: float
    lat: float

    @property
    def _east_m_per_deg(self) -> float:
        return _NORTH_M_PER_DEG * math.cos(math.radians(self.lat))

    def to_xy(self, lon: float, lat: float) -> tuple[float, float]:
        """Metres (x, y) of one place."""
        east_deg = (lon - self.lon + 180.0) % 360.0 - 180.0
        return east_deg * self._east_m_per_deg, (lat - self.lat) * _NORTH_M_PER_DEG

    def to_xy_arrays(self, lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
        """Metres (xs, ys) of many places."""
        east_deg = (lons - self.lon + 180.0) % 360.0 - 180.0
        return east_deg * self._east_m_per_deg, (lats - self.lat) * _NORTH_M_PER_DEG

    def to_lonlat(self, x_m: float, y_m: float) -> tuple[float, float]:
        """The place (lon, lat) at these metres; the inverse of `to_xy`."""
        lon = self.lon + x_m / self._east_m_per_deg
        return (lon + 180.0) % 360.0 - 180.0, self.lat + y_m / _NORTH_M_PER_DEG


_NORTH_M_PER_DEG: Final = math.radians(EARTH_RADIUS_M)
