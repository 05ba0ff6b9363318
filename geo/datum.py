"""Datums: turns GCJ-02 and BD-09 coordinates into WGS-84 and back; projects nothing.

Maps sold in China do not show WGS-84, what a satellite receiver gives, but
GCJ-02 (AMap, Tencent), which is shifted by 100 to 700 m, or BD-09 (Baidu), which
shifts that once more. The shift is enough to call the wrong volunteer, so every
place is WGS-84 inside and its datum is asked for where it comes in.

GCJ-02 was never published. The formula here is the one that the open libraries
agree on (eviltransform, gcoord, coordtransform): a polynomial and three pairs of
sines give a shift in metres, which the Krasovsky 1940 ellipsoid (`a`, `ee`)
turns into degrees. It reproduces published pairs of points to under a metre.

Outside China all three are the same. "China" is the rectangle that these
libraries use; it is wrong near the borders (it covers Mongolia, Korea, northern
India), and a better outline has no published points to test it by.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

import numpy as np

from geo.arrays import Flags, Floats

CHINA_LON_MIN_DEG: Final = 72.004
CHINA_LON_MAX_DEG: Final = 137.8347
CHINA_LAT_MIN_DEG: Final = 0.8293
CHINA_LAT_MAX_DEG: Final = 55.8271

KRASOVSKY_A_M: Final = 6378245.0
KRASOVSKY_EE: Final = 0.00669342162296594323
BD09_X_PI: Final = math.pi * 3000.0 / 180.0
BD09_LON_DEG: Final = 0.0065
BD09_LAT_DEG: Final = 0.006

INVERSE_TOLERANCE_DEG: Final = 1e-9
"""A tenth of a millimetre: an order below the 1e-8 degrees that we promise."""

INVERSE_STEPS_MAX: Final = 10
"""Each step leaves under a hundredth of the error: three do, ten bound the loop."""


class Datum(StrEnum):
    """What a pair of coordinates was measured against."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """The WGS-84 (lon, lat) of a place given in `datum`; degrees.

    Outside China, NaN included, it comes back as it is.
    """
    if datum is Datum.WGS84 or not _in_china(lon, lat):
        return lon, lat
    guess_lon, guess_lat = lon, lat
    for _ in range(INVERSE_STEPS_MAX):
        seen_lon, seen_lat = _shifted(guess_lon, guess_lat, datum)
        off_lon, off_lat = seen_lon - lon, seen_lat - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if max(abs(off_lon), abs(off_lat)) < INVERSE_TOLERANCE_DEG:
            break
    return guess_lon, guess_lat


def from_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """A WGS-84 place as (lon, lat) in `datum`; degrees."""
    if datum is Datum.WGS84 or not _in_china(lon, lat):
        return lon, lat
    return _shifted(lon, lat, datum)


def to_wgs84_arrays(lons: Floats, lats: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """`to_wgs84` for many places at once; the inputs stay as they are."""
    if datum is Datum.WGS84:
        return lons.copy(), lats.copy()
    inside = _in_china_arrays(lons, lats)
    target_lons, target_lats = lons[inside], lats[inside]
    guess_lons, guess_lats = target_lons, target_lats
    for _ in range(INVERSE_STEPS_MAX):
        seen_lons, seen_lats = _shifted_arrays(guess_lons, guess_lats, datum)
        off_lons, off_lats = seen_lons - target_lons, seen_lats - target_lats
        guess_lons, guess_lats = guess_lons - off_lons, guess_lats - off_lats
        worst = np.maximum(np.abs(off_lons), np.abs(off_lats)).max(initial=0.0)
        if worst < INVERSE_TOLERANCE_DEG:
            break
    return _filled(lons, inside, guess_lons), _filled(lats, inside, guess_lats)


def from_wgs84_arrays(lons: Floats, lats: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """`from_wgs84` for many places at once; the inputs stay as they are."""
    if datum is Datum.WGS84:
        return lons.copy(), lats.copy()
    inside = _in_china_arrays(lons, lats)
    shifted_lons, shifted_lats = _shifted_arrays(lons[inside], lats[inside], datum)
    return _filled(lons, inside, shifted_lons), _filled(lats, inside, shifted_lats)


def _in_china(lon: float, lat: float) -> bool:
    return (
        CHINA_LON_MIN_DEG <= lon <= CHINA_LON_MAX_DEG
        and CHINA_LAT_MIN_DEG <= lat <= CHINA_LAT_MAX_DEG
    )


def _in_china_arrays(lons: Floats, lats: Floats) -> Flags:
    inside_lon = (lons >= CHINA_LON_MIN_DEG) & (lons <= CHINA_LON_MAX_DEG)
    inside_lat = (lats >= CHINA_LAT_MIN_DEG) & (lats <= CHINA_LAT_MAX_DEG)
    return inside_lon & inside_lat


def _filled(values: Floats, where: Flags, replacement: Floats) -> Floats:
    filled = values.copy()
    filled[where] = replacement
    return filled


# The formula stands here twice, with `math` for one place (3 µs) and with NumPy
# for many (a one-place array costs 40 µs). A test holds the two together.


def _shifted(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    gcj_lon, gcj_lat = _gcj02(lon, lat)
    return _bd09(gcj_lon, gcj_lat) if datum is Datum.BD09 else (gcj_lon, gcj_lat)


def _shifted_arrays(lons: Floats, lats: Floats, datum: Datum) -> tuple[Floats, Floats]:
    gcj_lons, gcj_lats = _gcj02_arrays(lons, lats)
    return _bd09_arrays(gcj_lons, gcj_lats) if datum is Datum.BD09 else (gcj_lons, gcj_lats)


def _gcj02(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    sin, pi = math.sin, math.pi
    root = math.sqrt(abs(x))
    both = 20.0 * sin(6.0 * pi * x) + 20.0 * sin(2.0 * pi * x)
    east = both + 20.0 * sin(pi * x) + 40.0 * sin(pi * x / 3.0)
    east += 150.0 * sin(pi * x / 12.0) + 300.0 * sin(pi * x / 30.0)
    north = both + 20.0 * sin(pi * y) + 40.0 * sin(pi * y / 3.0)
    north += 160.0 * sin(pi * y / 12.0) + 320.0 * sin(pi * y / 30.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + east * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += north * 2.0 / 3.0

    lat_rad = math.radians(lat)
    magic = 1.0 - KRASOVSKY_EE * sin(lat_rad) ** 2
    across_m = KRASOVSKY_A_M / math.sqrt(magic) * math.cos(lat_rad)
    along_m = KRASOVSKY_A_M * (1.0 - KRASOVSKY_EE) / (magic * math.sqrt(magic))
    return lon + math.degrees(east_m / across_m), lat + math.degrees(north_m / along_m)


def _gcj02_arrays(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    x, y = lons - 105.0, lats - 35.0
    sin, pi = np.sin, math.pi
    root = np.sqrt(np.abs(x))
    both = 20.0 * sin(6.0 * pi * x) + 20.0 * sin(2.0 * pi * x)
    east = both + 20.0 * sin(pi * x) + 40.0 * sin(pi * x / 3.0)
    east += 150.0 * sin(pi * x / 12.0) + 300.0 * sin(pi * x / 30.0)
    north = both + 20.0 * sin(pi * y) + 40.0 * sin(pi * y / 3.0)
    north += 160.0 * sin(pi * y / 12.0) + 320.0 * sin(pi * y / 30.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + east * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += north * 2.0 / 3.0

    lats_rad = np.radians(lats)
    magic = 1.0 - KRASOVSKY_EE * sin(lats_rad) ** 2
    across_m = KRASOVSKY_A_M / np.sqrt(magic) * np.cos(lats_rad)
    along_m = KRASOVSKY_A_M * (1.0 - KRASOVSKY_EE) / (magic * np.sqrt(magic))
    return lons + np.degrees(east_m / across_m), lats + np.degrees(north_m / along_m)


def _bd09(lon: float, lat: float) -> tuple[float, float]:
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * BD09_X_PI)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * BD09_X_PI)
    return radius * math.cos(angle) + BD09_LON_DEG, radius * math.sin(angle) + BD09_LAT_DEG


def _bd09_arrays(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lons, lats) + 0.00002 * np.sin(lats * BD09_X_PI)
    angle = np.arctan2(lats, lons) + 0.000003 * np.cos(lons * BD09_X_PI)
    return radius * np.cos(angle) + BD09_LON_DEG, radius * np.sin(angle) + BD09_LAT_DEG
