"""Places: datum, distance, grid polygons, who is nearest. Knows nothing of patrols or alarms."""

from geo.columns import ColumnsFullError, LiveColumns
from geo.crossings import UNPLACED, CrossingDetector, CrossingRules, Crossings
from geo.datum import Datum, from_wgs84, from_wgs84_arrays, to_wgs84, to_wgs84_arrays
from geo.distance import LocalPlane, bearing_deg, distance_m, distances_m, offset_lonlat
from geo.grids import NO_GRID, Grid, GridFileError, GridSet, KeyUnit, Level, load_grids
from geo.nearest import VERDICTS, Explanation, Found, Verdict, explain, nearest
from geo.words import Bearing, PlaceFacts, place_facts

__all__ = [
    "NO_GRID",
    "UNPLACED",
    "VERDICTS",
    "Bearing",
    "ColumnsFullError",
    "CrossingDetector",
    "CrossingRules",
    "Crossings",
    "Datum",
    "Explanation",
    "Found",
    "Grid",
    "GridFileError",
    "GridSet",
    "KeyUnit",
    "Level",
    "LiveColumns",
    "LocalPlane",
    "PlaceFacts",
    "Verdict",
    "bearing_deg",
    "distance_m",
    "distances_m",
    "explain",
    "from_wgs84",
    "from_wgs84_arrays",
    "load_grids",
    "nearest",
    "offset_lonlat",
    "place_facts",
    "to_wgs84",
    "to_wgs84_arrays",
]
