"""Reads streets from an OpenStreetMap extract (.osm.pbf); the one door to pyosmium.

pyosmium (package `osmium`) comes with the extra `yihu[osm]`; Yihu runs without it,
and GeoJSON is read without it. The file is gone through twice, ways first, so that
only the nodes of streets are kept of all those of houses and trees. Ways meet where
they share a node, not where two nodes lie at one place: that may be a bridge.
An extract ends somewhere, so nodes may be missing; a way ends where they do.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo.street_files import VERTICES_MAX, StreetFileError, check_ways
from geo.streets import Streets, Ways
from geo.walkways import TAGS, pace_mps

FILE_BYTES_MAX: Final = 128 * 2**20
"""A large city; cut it out of its country first."""

NODES_READ_MAX: Final = 40_000_000
"""Nodes gone through, streets or not: some 20 s. More is not the extract of a town."""

Line = tuple[int, float, list[int]]
"""A way: its id, its pace, its nodes' ids."""


class OsmReaderMissingError(RuntimeError):
    """An OpenStreetMap extract cannot be read: pyosmium is not installed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path.name} needs the package osmium, which is not installed:"
            " install yihu[osm], or give the streets as GeoJSON"
        )


def load_streets_osm(path: Path) -> Streets:
    """The street graph of an .osm.pbf file. Raises StreetFileError, OsmReaderMissingError."""
    try:
        import osmium
    except ImportError as exc:
        raise OsmReaderMissingError(path) from exc
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            reason = f"it has {size} bytes; at most {FILE_BYTES_MAX} are read: cut out the town"
            raise StreetFileError(None, reason)
        lines = _lines(osmium, path)
        places = _places(osmium, path, {node for _, _, nodes in lines for node in nodes})
    except StreetFileError:
        raise
    except (OSError, RuntimeError, ValueError, LookupError, ArithmeticError) as exc:
        # What libosmium throws arrives as any of these; UnicodeDecodeError is a ValueError.
        raise StreetFileError(None, f"it cannot be read as .osm.pbf ({exc})") from exc
    return Streets(_ways(lines, places))


def _lines(osmium: Any, path: Path) -> list[Line]:
    """The ways that may be walked."""
    lines: list[Line] = []
    vertices = 0
    streets = osmium.FileProcessor(osmium.io.File(str(path), "pbf"), osmium.osm.WAY)
    for way in streets.with_filter(osmium.filter.KeyFilter("highway")):
        tags = {name: way.tags[name] for name in TAGS if name in way.tags}
        pace = pace_mps(tags)
        if pace is None:
            continue
        nodes = [node.ref for node in way.nodes]
        vertices += len(nodes)
        if vertices > VERTICES_MAX:
            reason = f"the file has more than {VERTICES_MAX} positions"
            raise StreetFileError(None, reason, way=way.id)
        lines.append((way.id, pace, nodes))
    return lines


def _places(osmium: Any, path: Path, wanted: set[int]) -> dict[int, tuple[float, float]]:
    """(lon, lat) of the wanted nodes that the file has."""
    places: dict[int, tuple[float, float]] = {}
    nodes = osmium.FileProcessor(osmium.io.File(str(path), "pbf"), osmium.osm.NODE)
    for count, node in enumerate(nodes):
        if count >= NODES_READ_MAX:
            raise StreetFileError(None, f"it has more than {NODES_READ_MAX} nodes")
        if node.id in wanted and node.location.valid():
            places[node.id] = (node.location.lon, node.location.lat)
    return places


def _ways(lines: list[Line], places: dict[int, tuple[float, float]]) -> Ways:
    """Each run of known nodes is a way of its own."""
    nodes: list[int] = []
    counts: list[int] = []
    paces: list[float] = []
    ids: list[int] = []
    for way, pace, refs in lines:
        for known, run in groupby(refs, places.__contains__):
            part = list(run)
            if known and len(part) > 1:
                nodes += part
                counts.append(len(part))
                paces.append(pace)
                ids.append(way)
    at = np.array([places[node] for node in nodes]).reshape(-1, 2)
    ways = Ways(
        node=np.array(nodes, dtype=np.int64),
        way=np.repeat(np.arange(len(counts)), counts),
        lon=at[:, 0],
        lat=at[:, 1],
        pace_mps=np.repeat(np.array(paces), counts),
    )
    return check_ways(ways, [(None, way) for way in ids])
