"""Places: datum, distance, grid polygons, who is nearest. Knows nothing of patrols or alarms."""

from geo.datum import Datum, from_wgs84, from_wgs84_arrays, to_wgs84, to_wgs84_arrays
from geo.distance import LocalPlane, bearing_deg, distance_m, distances_m, offset_lonlat
from geo.grids import NO_GRID, Grid, GridFileError, GridSet, KeyUnit, Level, load_grids

__all__ = [
    "NO_GRID",
    "Datum",
    "Grid",
    "GridFileError",
    "GridSet",
    "KeyUnit",
    "Level",
    "LocalPlane",
    "bearing_deg",
    "distance_m",
    "distances_m",
    "from_wgs84",
    "from_wgs84_arrays",
    "load_grids",
    "offset_lonlat",
    "to_wgs84",
    "to_wgs84_arrays",
]
