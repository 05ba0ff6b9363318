"""Loads the streets that people of a community walk along, and says how long it took.

ways.geojson    ways with OpenStreetMap's tags (geo.street_files)
city.osm.pbf    an OpenStreetMap extract (geo.street_osm); needs ``yihu[osm]``
"""

import time
from pathlib import Path
from typing import Final

import numpy as np
import structlog

from dispatch.errors import SettingsError
from dispatch.toml_files import opened, read_bounded
from geo.gridset import GridSet
from geo.street_files import FILE_BYTES_MAX, StreetFileError, load_streets
from geo.street_osm import OsmReaderMissingError, load_streets_osm
from geo.streets import Streets

GEOJSON: Final = (".geojson", ".json")
OSM: Final = ".osm.pbf"

log = structlog.get_logger("yihu.command")


def check_walking(file: Path) -> None:
    """Whether there is such a file, of a kind that is read. Raises SettingsError.

    The streets of a city take seconds to load: whoever only checks settings leaves it at this.
    """
    if not file.name.endswith((*GEOJSON, OSM)):
        raise SettingsError(
            f"the walking file {file} is of no kind that is read",
            f"give the streets as {GEOJSON[0]} or {OSM}",
        )
    with opened(file, "walking file"):
        pass


def load_walking(file: Path, grids: GridSet) -> Streets:
    """The streets of this file, some of them where the grids are. Raises SettingsError."""
    check_walking(file)
    began_s = time.monotonic()
    try:
        if file.name.endswith(OSM):
            streets = load_streets_osm(file)
        else:
            streets = load_streets(read_bounded(file, "walking file", FILE_BYTES_MAX))
    except StreetFileError as exc:
        raise SettingsError(f"{file}: {exc}", "mend it there, or leave walking out") from exc
    except OsmReaderMissingError as exc:
        what, _, remedy = str(exc).partition(": ")
        raise SettingsError(f"{file}: {what}", remedy) from exc
    if not len(streets):
        raise SettingsError(
            f"the walking file {file} has no way from one place to another",
            "give the streets of the town, or leave walking out",
        )
    if _apart(streets, grids):
        raise SettingsError(
            f"the streets of {file} lie nowhere near the grids", "give those of the same town"
        )
    took_s = round(time.monotonic() - began_s, 1)
    log.info("walking_streets_loaded", file=str(file), edges=len(streets), seconds=took_s)
    return streets


def _apart(streets: Streets, grids: GridSet) -> bool:
    """Another town's streets would leave everybody where metres are all there is, unsaid."""
    corners = np.array([grid.polygon.bounds for grid in grids.grids])
    west, south = streets.plane.to_xy_arrays(corners[:, 0], corners[:, 1])
    east, north = streets.plane.to_xy_arrays(corners[:, 2], corners[:, 3])
    x, y = streets.node_x, streets.node_y
    beside = x.max() < west.min() or east.max() < x.min()
    return bool(beside or y.max() < south.min() or north.max() < y.min())
