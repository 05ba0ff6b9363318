"""Reads streets from a GeoJSON file; refuses what is no map of a town.

The file is a FeatureCollection as map programs export it, OpenStreetMap's tags
among the properties of each way:

    {"type": "FeatureCollection",
     "datum": "gcj02",                          wgs84 if absent
     "features": [
       {"type": "Feature",
        "geometry": {"type": "LineString" | "MultiLineString", "coordinates": ...},
        "properties": {
          "highway": "footway",                 or "class"; without either it is no street
          "foot": ..., "access": ..., "sidewalk": ...}}]}        see geo.walkways

Ways meet where they share a position (to 1e-7 degrees, a centimetre, as
OpenStreetMap keeps them), not where they merely cross: that may be a bridge.
`oneway` means nothing on foot. Features of other shapes (a bus stop, a square) are
passed over, as are ways that may not be walked; the first faulty street is refused
with its index and the reason. A position that repeats the one before it leads
nowhere and is passed over: 662 of the 16,525 ways of Beijing's core have one, since
their coordinates were rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import msgspec
import numpy as np

from geo.arrays import Floats
from geo.datum import Datum, to_wgs84_arrays
from geo.snapping import Indices
from geo.streets import Streets, Ways
from geo.walkways import TAGS, pace_mps

FILE_BYTES_MAX: Final = 64 * 2**20
"""A city: the 16,525 ways of Beijing's core take 4 MB."""

VERTICES_MAX: Final = 1_000_000
"""Positions of all ways together, twenty times Beijing's core."""

FEATURES_MAX: Final = 500_000

SEGMENT_M_MAX: Final = 20_000.0
"""No street runs farther without a bend: a coordinate is wrong."""

LENGTH_M_MAX: Final = 30_000_000.0
"""All ways together; all of Beijing has about as much."""

SPAN_M_MAX: Final = 200_000.0
"""From one side to the other, so that one plane does for all (off by 1 % at its edge)."""

SHOWN_CHARS_MAX: Final = 100

_PER_DEGREE: Final = 10_000_000


class StreetFileError(ValueError):
    """A street file was refused.

    `feature_index` counts the features of a GeoJSON file from 0; `way` is the id of a
    way in an OpenStreetMap file; both None is the file itself.
    """

    def __init__(self, feature_index: int | None, reason: str, *, way: int | None = None) -> None:
        self.feature_index = feature_index
        self.way = way
        self.reason = reason
        where = "" if feature_index is None else f", feature {feature_index} (counted from 0)"
        where += "" if way is None else f", way {way}"
        super().__init__(f"street file refused{where}: {reason}")


def load_streets(geojson: bytes | dict[str, Any], *, bytes_max: int = FILE_BYTES_MAX) -> Streets:
    """The street graph of a GeoJSON document. Raises StreetFileError."""
    document = _document(geojson, bytes_max)
    datum = _datum(document.get("datum"))
    lines = _Lines()
    for index, raw in enumerate(_features(document)):
        pace = _pace(raw, index)
        if pace is None:
            continue
        for line in _lines_of(raw, index):
            lines.add(line, pace, index)
    return Streets(lines.ways(datum))


def check_ways(ways: Ways, refused: Sequence[tuple[int | None, int | None]]) -> Ways:
    """The ways, if they fit on one plane and are no longer than streets are.

    `refused` has, for each value of `ways.way`, the (feature index, way id) to blame.
    Raises StreetFileError.
    """
    if not len(ways.node):
        raise StreetFileError(None, "it has no way that may be walked")
    x, y = ways.plane().to_xy_arrays(ways.lon, ways.lat)
    step = ways.way[1:] == ways.way[:-1]
    metres = np.where(step, np.hypot(np.diff(x), np.diff(y)), 0.0)
    too_long = np.flatnonzero(metres > SEGMENT_M_MAX)
    if len(too_long):
        index, way = refused[int(ways.way[too_long[0]])]
        far_km = metres[too_long[0]] / 1000.0
        reason = f"it runs {far_km:.0f} km without a bend; no street does"
        raise StreetFileError(index, reason, way=way)
    span_m = max(float(np.ptp(x)), float(np.ptp(y)))
    if span_m > SPAN_M_MAX:
        most = f"at most {SPAN_M_MAX / 1000.0:.0f} are read: cut out the town"
        raise StreetFileError(None, f"it is {span_m / 1000.0:.0f} km wide; {most}")
    length_m = float(metres.sum())
    if length_m > LENGTH_M_MAX:
        most = f"at most {LENGTH_M_MAX / 1000.0:.0f} are read: cut out the town"
        raise StreetFileError(None, f"its ways are {length_m / 1000.0:.0f} km long; {most}")
    return ways


class _Lines:
    """What was read so far, as flat lists."""

    def __init__(self) -> None:
        self._places: list[Floats] = []
        self._paces: list[float] = []
        self._indices: list[int] = []
        self._vertices = 0

    def add(self, line: Sequence[Sequence[float]], pace: float, index: int) -> None:
        if len(line) < 2:
            raise StreetFileError(index, f"a line has {len(line)} positions; a street needs 2")
        self._vertices += len(line)
        if self._vertices > VERTICES_MAX:
            raise StreetFileError(index, f"the file has more than {VERTICES_MAX} positions")
        places = np.array([position[:2] for position in line], dtype=np.float64)
        _check_places(places, index)
        self._places.append(places)
        self._paces.append(pace)
        self._indices.append(index)

    def ways(self, datum: Datum) -> Ways:
        places = np.concatenate([np.zeros((0, 2)), *self._places])
        counts = [len(line) for line in self._places]
        lon, lat = to_wgs84_arrays(places[:, 0], places[:, 1], datum)
        ways = Ways(
            node=node_numbers(places),
            way=np.repeat(np.arange(len(counts)), counts),
            lon=lon,
            lat=lat,
            pace_mps=np.repeat(np.array(self._paces), counts),
        )
        return check_ways(ways, [(index, None) for index in self._indices])


def node_numbers(places: Floats) -> Indices:
    """One number for each place (longitude, latitude), equal where it is to 1e-7 degrees."""
    lon, lat = np.rint(places * _PER_DEGREE).astype(np.int64).T
    numbers: Indices = lon * (180 * _PER_DEGREE + 1) + lat
    return numbers


# The shapes of the document, as msgspec checks them.

_Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=4)]


class _Line(msgspec.Struct, tag_field="type", tag="LineString"):
    coordinates: list[_Position]


class _MultiLine(msgspec.Struct, tag_field="type", tag="MultiLineString"):
    coordinates: list[list[_Position]]


def _document(geojson: bytes | dict[str, Any], bytes_max: int) -> dict[str, Any]:
    if isinstance(geojson, dict):
        return geojson
    if len(geojson) > bytes_max:
        raise StreetFileError(None, f"it has {len(geojson)} bytes; at most {bytes_max} are read")
    brackets = geojson.count(b"[")  # each position opens one; as objects they take ten times more
    if brackets > VERTICES_MAX + 2 * FEATURES_MAX:
        raise StreetFileError(None, f"the file has more than {VERTICES_MAX} positions")
    try:
        return msgspec.json.decode(geojson, type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise StreetFileError(None, f"it is not a JSON object ({exc})") from exc
    except RecursionError as exc:
        raise StreetFileError(None, "its JSON is nested too deeply") from exc


def _datum(value: object) -> Datum:
    if value is None:
        return Datum.WGS84
    if isinstance(value, str) and value in set(Datum):
        return Datum(value)
    known = ", ".join(Datum)
    raise StreetFileError(None, f"unknown datum {_shown(value)}; known are {known}")


def _features(document: dict[str, Any]) -> list[Any]:
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise StreetFileError(None, "it is not a GeoJSON FeatureCollection")
    if len(features) > FEATURES_MAX:
        raise StreetFileError(None, f"it has {len(features)} features; at most {FEATURES_MAX}")
    return features


def _pace(raw: object, index: int) -> float | None:
    """Metres a second on this feature; None where it is no street to walk on."""
    match raw:
        case {"type": "Feature", "properties": dict(properties)}:
            tags = {name: properties[name] for name in TAGS if name in properties}
            tags.setdefault("highway", properties.get("class"))
            return pace_mps({name: tag for name, tag in tags.items() if isinstance(tag, str)})
        case {"type": "Feature"}:
            return None
    raise StreetFileError(index, "it is not a GeoJSON Feature")


def _lines_of(raw: dict[str, Any], index: int) -> Iterable[Sequence[Sequence[float]]]:
    match raw.get("geometry"):
        case {"type": "LineString" | "MultiLineString"} as geometry:
            try:
                shape = msgspec.convert(geometry, _Line | _MultiLine)
            except (msgspec.ValidationError, OverflowError, RecursionError) as exc:
                raise StreetFileError(index, str(exc)) from exc
            return [shape.coordinates] if isinstance(shape, _Line) else shape.coordinates
    return ()


def _check_places(places: Floats, index: int) -> None:
    wrong = np.flatnonzero(~(np.abs(places) <= (180.0, 90.0)).all(axis=1))  # NaN is wrong too
    if len(wrong):
        lon, lat = places[wrong[0]].tolist()
        reason = f"({lon:g}, {lat:g}) is not a longitude and a latitude in degrees"
        raise StreetFileError(index, reason)


def _shown(value: object) -> str:
    return ascii(value)[:SHOWN_CHARS_MAX]
