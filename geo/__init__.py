"""Places: datum, distance, grid polygons, who is nearest. Knows nothing of patrols or alarms."""

from geo.columns import ColumnsFullError, LiveColumns
from geo.crossings import UNPLACED, CrossingDetector, CrossingRules, Crossings, CrossingState
from geo.datum import Datum, from_wgs84, from_wgs84_arrays, to_wgs84, to_wgs84_arrays
from geo.distance import LocalPlane, bearing_deg, distance_m, distances_m, offset_lonlat
from geo.grids import NO_GRID, Grid, GridFileError, GridSet, KeyUnit, Level, load_grids
from geo.nearest import Found, nearest
from geo.street_files import StreetFileError, load_streets
from geo.street_osm import OsmReaderMissingError, load_streets_osm
from geo.streets import Streets
from geo.walking import Walked, rank_by_walking, walking_seconds
from geo.words import Bearing, OutsideFacts, PlaceFacts, outside_facts, place_facts

__all__ = [
    "NO_GRID",
    "UNPLACED",
    "Bearing",
    "ColumnsFullError",
    "CrossingDetector",
    "CrossingRules",
    "CrossingState",
    "Crossings",
    "Datum",
    "Found",
    "Grid",
    "GridFileError",
    "GridSet",
    "KeyUnit",
    "Level",
    "LiveColumns",
    "LocalPlane",
    "OsmReaderMissingError",
    "OutsideFacts",
    "PlaceFacts",
    "StreetFileError",
    "Streets",
    "Walked",
    "bearing_deg",
    "distance_m",
    "distances_m",
    "from_wgs84",
    "from_wgs84_arrays",
    "load_grids",
    "load_streets",
    "load_streets_osm",
    "nearest",
    "offset_lonlat",
    "outside_facts",
    "place_facts",
    "rank_by_walking",
    "to_wgs84",
    "to_wgs84_arrays",
    "walking_seconds",
]
