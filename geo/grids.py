"""Reads grids from a GeoJSON file and refuses what would mislead a dispatcher.

The file is an RFC 7946 FeatureCollection, made by an integrator by hand or out
of a municipal system, so nothing in it is trusted:

    {"type": "FeatureCollection",
     "datum": "gcj02",                          wgs84 if absent
     "features": [
       {"type": "Feature",
        "geometry": {"type": "Polygon" | "MultiPolygon", "coordinates": ...},
        "properties": {
          "name": "西子社区",                    required
          "name_en": "Xizi Community",          "" or absent: pages in English show `name`
          "id" or "code": "370102013006008",    see below
          "level": "grid",                      community | grid | building
          "class": "A",                         A | B | "" or absent
          "datum": "bd09",                      over the collection's
          "key_units": [{"name": ..., "name_en": ..., "lon": ..., "lat": ..., "kind": ...}]}}]}

Other properties are ignored. A grid without `id`, `code` or a Feature id is
called "district/name", or by its name where there is no district: unlike its
place in the file, that stays the same when the file is sorted anew, and the
journal will name grids for years. The first faulty feature is refused with its
index and the reason; a file is read whole or not at all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon

from geo.adjacency import ROAD_WIDTH_M, TooManyTouchingError
from geo.arrays import Floats
from geo.datum import Datum, to_wgs84, to_wgs84_arrays
from geo.distance import distance_m
from geo.gridset import NO_GRID, Grid, GridSet, KeyUnit, Level

__all__ = ["NO_GRID", "Grid", "GridFileError", "GridSet", "KeyUnit", "Level", "load_grids"]

FILE_BYTES_MAX: Final = 16 * 2**20
"""Some 600,000 vertices as text; as Python objects it takes ten times as much memory."""

FEATURES_MAX: Final = 10_000
"""A district with its buildings; a city is split over several hubs."""

VERTICES_MAX: Final = 500_000
"""All rings together; 126 real subdistricts have 21,523."""

KEY_UNITS_MAX: Final = 200
"""Key units of one grid: what a team can know by heart is far fewer."""

NAME_CHARS_MAX: Final = 100
ID_CHARS_MAX: Final = 100
"""Twenty digits by CJ/T 349, or district and name: bounded since they go into every log line."""

OVERLAP_M2_MAX: Final = 50.0
"""What two grids of a level may share: borders digitised twice differ by slivers of
a few square metres; more than a room is a mistake about whose alarm it is."""

KEY_UNIT_AWAY_M_MAX: Final = 2_000.0
"""How far outside its grid a key unit may stand: over the road, not in another town."""

UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that could break a log line or turn the text of a screen around;
`str.isprintable` would refuse the ideographic space as well."""

CLASSES: Final = frozenset({"", "A", "B"})

CRS_NAMES: Final = frozenset(
    {
        "CRS84",
        "OGC:CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "WGS84",
        "EPSG:4326",
        "urn:ogc:def:crs:EPSG::4326",
        "EPSG:4490",
        "urn:ogc:def:crs:EPSG::4490",
    }
)
"""What may stand in the old `crs` member: WGS-84, and China's CGCS2000 (4490),
which agrees with it to centimetres. Longitude first whatever the name says, as
every program writes GeoJSON."""


class GridFileError(ValueError):
    """A grid file was refused; `feature_index` counts from 0, None is the file itself."""

    def __init__(self, feature_index: int | None, reason: str) -> None:
        self.feature_index = feature_index
        self.reason = reason
        where = "" if feature_index is None else f", feature {feature_index} (counted from 0)"
        super().__init__(f"grid file refused{where}: {reason}")


def load_grids(geojson: bytes | dict[str, Any], *, bytes_max: int = FILE_BYTES_MAX) -> GridSet:
    """The grids of a GeoJSON document, in its order and in WGS-84.

    Raises GridFileError.
    """
    document = _document(geojson, bytes_max)
    _check_crs(document)
    datum = _datum(document.get("datum"), Datum.WGS84, None)
    features = _features(document)
    vertices_left = VERTICES_MAX
    grids: list[Grid] = []
    for index, raw in enumerate(features):
        feature = _converted(raw, index)
        vertices_left -= _vertex_count(feature.geometry)
        if vertices_left < 0:
            raise GridFileError(index, f"the file has more than {VERTICES_MAX} vertices")
        grids.append(_grid(feature, index, datum))
    _check_ids(grids)
    return _checked_set(grids)


# The shapes of the document, as msgspec checks them.

_Position = Annotated[list[float], msgspec.Meta(min_length=2, max_length=4)]
_Rings = Annotated[list[list[_Position]], msgspec.Meta(min_length=1)]


class _Polygon(msgspec.Struct, tag_field="type", tag="Polygon"):
    coordinates: _Rings


class _MultiPolygon(msgspec.Struct, tag_field="type", tag="MultiPolygon"):
    coordinates: Annotated[list[_Rings], msgspec.Meta(min_length=1)]


class _KeyUnit(msgspec.Struct):
    name: str
    lon: float
    lat: float
    kind: str | None = None
    name_en: str | None = None


class _Properties(msgspec.Struct, rename={"klass": "class"}):
    name: str | None = None
    name_en: str | None = None
    id: str | int | None = None
    code: str | int | None = None
    district: Any = None
    level: str | None = None
    klass: str | None = None
    datum: Any = None
    key_units: list[_KeyUnit] | None = None


class _Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    geometry: _Polygon | _MultiPolygon
    properties: _Properties
    id: str | int | None = None


def _document(geojson: bytes | dict[str, Any], bytes_max: int) -> dict[str, Any]:
    if isinstance(geojson, dict):
        return geojson
    if len(geojson) > bytes_max:
        raise GridFileError(None, f"it has {len(geojson)} bytes; at most {bytes_max} are read")
    try:
        return msgspec.json.decode(geojson, type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise GridFileError(None, f"it is not a JSON object ({exc})") from exc
    except RecursionError as exc:
        raise GridFileError(None, "its JSON is nested too deeply") from exc


def _check_crs(document: dict[str, Any]) -> None:
    if "crs" not in document:
        return
    match document["crs"]:
        case {"properties": {"name": str(name)}} if name in CRS_NAMES:
            return
        case {"properties": {"name": str(name)}}:
            given = f"{name[:NAME_CHARS_MAX]!r}"
        case _:
            given = "no name"
    raise GridFileError(None, f"its crs must be WGS-84 (CRS84, EPSG:4326 or 4490), not {given}")


def _datum(value: object, default: Datum, index: int | None) -> Datum:
    if value is None:
        return default
    if isinstance(value, str) and value in set(Datum):
        return Datum(value)
    known = ", ".join(Datum)
    raise GridFileError(index, f"unknown datum {_shown(value)}; known are {known}")


def _features(document: dict[str, Any]) -> list[Any]:
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise GridFileError(None, "it is not a GeoJSON FeatureCollection")
    if not features:
        raise GridFileError(None, "it has no features")
    if len(features) > FEATURES_MAX:
        raise GridFileError(None, f"it has {len(features)} features; at most {FEATURES_MAX}")
    return features


def _converted(raw: object, index: int) -> _Feature:
    try:
        return msgspec.convert(raw, _Feature)
    except (msgspec.ValidationError, OverflowError, RecursionError) as exc:
        raise GridFileError(index, str(exc)) from exc


def _vertex_count(geometry: _Polygon | _MultiPolygon) -> int:
    return sum(len(ring) for rings in _parts(geometry) for ring in rings)


def _parts(geometry: _Polygon | _MultiPolygon) -> Sequence[list[list[list[float]]]]:
    return [geometry.coordinates] if isinstance(geometry, _Polygon) else geometry.coordinates


def _grid(feature: _Feature, index: int, collection_datum: Datum) -> Grid:
    properties = feature.properties
    datum = _datum(properties.datum, collection_datum, index)
    if properties.name is None:
        raise GridFileError(index, "it has no name")
    name = _text(properties.name, "name", NAME_CHARS_MAX, index)
    polygon = _polygon(feature.geometry, datum, index)
    units = properties.key_units or []
    if len(units) > KEY_UNITS_MAX:
        raise GridFileError(index, f"it has {len(units)} key units; at most {KEY_UNITS_MAX}")
    return Grid(
        id=_id(feature, name, index),
        name=name,
        level=_level(properties.level, index),
        klass=_klass(properties.klass, index),
        polygon=polygon,
        key_units=tuple(_key_unit(unit, polygon, datum, index) for unit in units),
        name_en=_english(properties.name_en, "name_en", index),
    )


def _id(feature: _Feature, name: str, index: int) -> str:
    for value in (feature.properties.id, feature.properties.code, feature.id):
        if value is not None:
            return _text(str(value), "id", ID_CHARS_MAX, index)
    district = feature.properties.district
    named = f"{district}/{name}" if isinstance(district, str) and district else name
    return _text(named, "id", ID_CHARS_MAX, index)


def _text(value: str, what: str, chars_max: int, index: int) -> str:
    text = value.strip()
    if not text:
        raise GridFileError(index, f"its {what} is empty")
    if len(text) > chars_max:
        raise GridFileError(index, f"its {what} has {len(text)} characters; at most {chars_max}")
    if any(unicodedata.category(character) in UNPRINTABLE for character in text):
        raise GridFileError(index, f"its {what} {_shown(text)} has unprintable characters")
    return text


def _english(value: str | None, what: str, index: int) -> str:
    return _text(value, what, NAME_CHARS_MAX, index) if value and value.strip() else ""


def _level(value: str | None, index: int) -> Level:
    if value is None:
        return Level.GRID
    if value not in set(Level):
        raise GridFileError(index, f"unknown level {_shown(value)}; known are {', '.join(Level)}")
    return Level(value)


def _klass(value: str | None, index: int) -> str:
    if value is not None and value not in CLASSES:
        raise GridFileError(index, f"unknown class {_shown(value)}; known are A and B")
    return value or ""


def _key_unit(unit: _KeyUnit, polygon: Polygon, datum: Datum, index: int) -> KeyUnit:
    name = _text(unit.name, "key unit's name", NAME_CHARS_MAX, index)
    kind = _text(unit.kind, "key unit's kind", NAME_CHARS_MAX, index) if unit.kind else ""
    _check_places(np.array([[unit.lon, unit.lat]]), index)
    lon, lat = to_wgs84(unit.lon, unit.lat, datum)
    (near_lon, near_lat), _ = shapely.shortest_line(polygon, Point(lon, lat)).coords
    away_m = distance_m(near_lon, near_lat, lon, lat)
    if away_m > KEY_UNIT_AWAY_M_MAX:
        raise GridFileError(index, f"its key unit {name} lies {away_m:.0f} m outside the grid")
    name_en = _english(unit.name_en, "key unit's name_en", index)
    return KeyUnit(name=name, lon=lon, lat=lat, kind=kind, name_en=name_en)


def _polygon(
    geometry: _Polygon | _MultiPolygon, datum: Datum, index: int
) -> Polygon | MultiPolygon:
    parts = []
    for rings in _parts(geometry):
        outer, *holes = (_ring(ring, datum, index) for ring in rings)
        parts.append(Polygon(outer, holes))
    polygon = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    if not polygon.is_valid:
        raise GridFileError(index, f"its polygon is not valid: {shapely.is_valid_reason(polygon)}")
    return polygon


def _ring(ring: list[list[float]], datum: Datum, index: int) -> Floats:
    if len(ring) < 4:
        raise GridFileError(index, f"a ring has {len(ring)} positions; a triangle needs 4")
    places = np.array([position[:2] for position in ring], dtype=np.float64)
    _check_places(places, index)
    if not np.array_equal(places[0], places[-1]):
        raise GridFileError(index, "a ring is not closed: its last position is not its first")
    return np.column_stack(to_wgs84_arrays(places[:, 0], places[:, 1], datum))


def _check_places(places: Floats, index: int) -> None:
    lons, lats = np.abs(places[:, 0]), np.abs(places[:, 1])
    wrong = np.flatnonzero(~((lons <= 180.0) & (lats <= 90.0)))  # NaN is wrong too
    if not len(wrong):
        return
    lon, lat = places[wrong[0]].tolist()
    reason = f"({lon:g}, {lat:g}) is not a longitude and a latitude in degrees"
    if abs(lon) > 360.0 or abs(lat) > 360.0:
        reason += "; it looks like projected metres"
    elif abs(lon) <= 90.0 and abs(lat) <= 180.0:
        reason += "; it looks like latitude first"
    raise GridFileError(index, reason)


def _check_ids(grids: Sequence[Grid]) -> None:
    first: dict[str, int] = {}
    for index, grid in enumerate(grids):
        if grid.id in first:
            other = first[grid.id]
            raise GridFileError(index, f"its id {grid.id!r} is that of feature {other} already")
        first[grid.id] = index


def _checked_set(grids: Sequence[Grid]) -> GridSet:
    try:
        gridset = GridSet(grids)
    except TooManyTouchingError as exc:
        reason = f"it lies within {ROAD_WIDTH_M:g} m of {exc.count} others; no real grid does"
        raise GridFileError(exc.index, reason) from exc
    for lower, higher, shared_m2 in gridset.overlaps(OVERLAP_M2_MAX):
        other = f"feature {lower} ({grids[lower].name})"
        reason = f"{grids[higher].name} overlaps {other} of the same level by {shared_m2:.0f} m2"
        raise GridFileError(higher, reason)
    return gridset


def _shown(value: object) -> str:
    return ascii(value)[:NAME_CHARS_MAX]
