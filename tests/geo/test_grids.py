"""Reading grid files: what is understood, and what is refused and why."""

from __future__ import annotations

import gzip
import json
import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import grids as limits
from geo.datum import Datum, from_wgs84
from geo.distance import distance_m
from geo.grids import GridFileError, Level, load_grids
from tests.data import data_folder
from tests.geo.places import at, collection, feature, square

words = st.text("aé名\n\u202e", max_size=5)
"""A few kinds of character; drawing from all of Unicode is slow on a first run."""
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=8,
)


def refusal(document: bytes | dict[str, Any]) -> GridFileError:
    with pytest.raises(GridFileError) as caught:
        load_grids(document)
    return caught.value


def test_a_file_says_everything_about_its_grids() -> None:
    """What an integrator writes is what the dispatcher sees."""
    gate = at(50, 50)
    names = {"name": "西子幼儿园", "name_en": " Xizi Kindergarten "}
    unit = {**names, "lon": gate[0], "lat": gate[1], "kind": "kindergarten"}
    one = feature(square(0, 0), id="370102013006008", level="grid", klass="A", key_units=[unit])
    one["properties"]["name_en"] = "Xizi"

    (grid,) = load_grids(json.dumps(collection(one)).encode()).grids

    assert (grid.id, grid.name, grid.level, grid.klass) == (
        "370102013006008",
        "西子",
        Level.GRID,
        "A",
    )
    (key_unit,) = grid.key_units
    assert (key_unit.name, key_unit.kind) == ("西子幼儿园", "kindergarten")
    assert (grid.name_en, key_unit.name_en) == ("Xizi", "Xizi Kindergarten")
    assert (key_unit.lon, key_unit.lat) == gate


def test_what_is_not_said_has_a_default() -> None:
    """A bare polygon with a name is a grid, ungraded, without key units."""
    (grid,) = load_grids(collection(feature(square(0, 0)))).grids

    assert (grid.level, grid.klass, grid.key_units) == (Level.GRID, "", ())
    assert grid.name_en == ""


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_english_name_may_be_left_empty(empty: str | None) -> None:
    """A table exported with the column empty is as good as one without it."""
    unit = {"name": "门", "name_en": empty, "lon": LON, "lat": LAT}

    (grid,) = load_grids(collection(feature(square(0, 0), name_en=empty, key_units=[unit]))).grids

    assert (grid.name_en, grid.key_units[0].name_en) == ("", "")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"id": "a", "code": "b"}, "a"),
        ({"code": 370102}, "370102"),
        ({"district": "西湖区"}, "西湖区/西子"),
        ({}, "西子"),
    ],
)
def test_a_grid_without_an_id_is_called_by_its_place(
    properties: dict[str, Any], expected: str
) -> None:
    """The journal names grids for years; a position in a file would not last."""
    (grid,) = load_grids(collection(feature(square(0, 0), **properties))).grids

    assert grid.id == expected


def test_a_feature_id_of_geojson_is_an_id() -> None:
    """RFC 7946 puts it beside the properties; so do many programs."""
    one = {**feature(square(0, 0)), "id": 7}

    assert load_grids(collection(one)).grids[0].id == "7"


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("where", ["collection", "feature"])
def test_grids_drawn_on_a_chinese_map_are_put_where_they_are(datum: Datum, where: str) -> None:
    """Half a kilometre off, every alarm near a border would go to the wrong team."""
    lon, lat = from_wgs84(*at(10, 10), datum)
    unit = {"name": "门", "lon": lon, "lat": lat}
    one = feature(square(0, 0), drawn_on=datum, key_units=[unit])
    if where == "feature":
        one["properties"]["datum"] = datum.value
    members = {"datum": datum.value} if where == "collection" else {"datum": "wgs84"}

    (grid,) = load_grids(collection(one, **members)).grids

    lon, lat = grid.polygon.exterior.coords[0]
    assert distance_m(lon, lat, *at(0, 0)) < 0.01
    assert distance_m(grid.key_units[0].lon, grid.key_units[0].lat, *at(10, 10)) < 0.01


def test_enclaves_and_several_parts_are_understood() -> None:
    """A community around another, and one on both sides of a river."""
    ring = feature(square(0, 0, 300), square(100, 100), id="around")
    west, east = feature(square(1000, 0), id="parts"), feature(square(1200, 0))
    parts = [west["geometry"]["coordinates"], east["geometry"]["coordinates"]]
    west["geometry"] = {"type": "MultiPolygon", "coordinates": parts}
    inner = feature(square(100, 100), id="inner")

    gridset = load_grids(collection(ring, west, inner))

    places = {(50, 50): "around", (150, 150): "inner", (1050, 50): "parts", (1250, 50): "parts"}
    for place, expected in places.items():
        grid = gridset.locate(*at(*place))
        assert grid is not None
        assert grid.id == expected


def test_a_grid_may_lie_in_its_community_but_not_in_another_grid() -> None:
    """Levels overlap by nature; within a level an overlap is a quarrel over an alarm."""
    community = feature(square(0, 0, 500), id="c", level="community")
    first, second = feature(square(0, 0), id="a"), feature(square(90, 0), id="b", name="水岸")

    assert len(load_grids(collection(community, first))) == 2
    error = refusal(collection(community, first, second))

    assert error.feature_index == 2
    assert "水岸 overlaps feature 1 (西子) of the same level by 1000 m2" in str(error)


def test_slivers_between_grids_are_forgiven() -> None:
    """Two people digitised one border: 10 cm along 100 m are 10 m2."""
    assert len(load_grids(collection(feature(square(0, 0)), feature(square(99.9, 0), id="b")))) == 2


def altered(**geometry: object) -> dict[str, Any]:
    one = feature(square(0, 0))
    one["geometry"] = {**one["geometry"], **geometry}
    return one


LON, LAT = at(0, 0)
TRIANGLE = [[LON, LAT], [LON + 0.01, LAT], [LON, LAT + 0.01], [LON, LAT]]
BOW_TIE = [[LON, LAT], [LON + 1, LAT + 1], [LON + 1, LAT], [LON, LAT + 1], [LON, LAT]]
WRONG_FEATURES: dict[str, tuple[object, str]] = {
    "no name": (feature(square(0, 0), name=None), "it has no name"),
    "blank name": (feature(square(0, 0), name=" "), "name is empty"),
    "long name": (feature(square(0, 0), name="长" * 101), "101 characters; at most 100"),
    "name breaks the log": (feature(square(0, 0), name="a\nb"), "unprintable"),
    "name turns the text around": (feature(square(0, 0), name="a\u202eb"), "unprintable"),
    "name is a number": (feature(square(0, 0), name=5), "Expected `str"),
    "blank id": (feature(square(0, 0), id=""), "id is empty"),
    "id is a fraction": (feature(square(0, 0), id=1.5), "$.properties.id"),
    "level": (feature(square(0, 0), level="street"), "unknown level 'street'"),
    "class": (feature(square(0, 0), klass="C"), "unknown class 'C'"),
    "no properties": ({**feature(square(0, 0)), "properties": None}, "$.properties"),
    "no geometry": ({**feature(square(0, 0)), "geometry": None}, "$.geometry"),
    "a point": (altered(type="Point", coordinates=[LON, LAT]), "Point"),
    "no rings": (altered(coordinates=[]), "$.geometry.coordinates"),
    "empty ring": (altered(coordinates=[[]]), "0 positions"),
    "two corners": (altered(coordinates=[TRIANGLE[:2]]), "2 positions"),
    "open": (altered(coordinates=[[*TRIANGLE[:3], [LON, LAT + 1e-6]]]), "not closed"),
    "crossing itself": (altered(coordinates=[BOW_TIE]), "Self-intersection"),
    "flat": (altered(coordinates=[[TRIANGLE[0], TRIANGLE[1], *TRIANGLE[:1] * 2]]), "not valid"),
    "hole outside": (feature(square(0, 0), square(500, 500)), "not valid"),
    "not a number": (altered(coordinates=[[[math.nan, LAT], *TRIANGLE]]), "(nan, 30.25)"),
    "infinite": (altered(coordinates=[[[LON, math.inf], *TRIANGLE]]), "not a longitude"),
    "huge": (altered(coordinates=[[[10**400, LAT], *TRIANGLE]]), ""),
    "true": (altered(coordinates=[[[True, LAT], *TRIANGLE]]), "bool"),
    "text": (altered(coordinates=[[["120", LAT], *TRIANGLE]]), "str"),
    "one number": (altered(coordinates=[[[LON], *TRIANGLE]]), "length"),
    "projected": (altered(coordinates=[[[13374000.0, 3536000.0], *TRIANGLE]]), "projected metres"),
    "latitude first": (altered(coordinates=[[[LAT, LON], *TRIANGLE]]), "latitude first"),
    "datum": (feature(square(0, 0), datum="cgcs"), "unknown datum 'cgcs'"),
    "datum is a number": (feature(square(0, 0), datum=4), "unknown datum 4"),
    "key unit without a name": (
        feature(square(0, 0), key_units=[{"lon": LON, "lat": LAT}]),
        "missing required field `name`",
    ),
    "key unit in another town": (
        feature(square(0, 0), key_units=[{"name": "门", "lon": LON + 1, "lat": LAT}]),
        "key unit 门 lies 95",
    ),
    "key unit nowhere": (
        feature(square(0, 0), key_units=[{"name": "门", "lon": math.nan, "lat": LAT}]),
        "not a longitude",
    ),
    "English name with a line end": (
        feature(square(0, 0), name_en="Xizi\nroad"),
        "its name_en 'Xizi\\nroad' has unprintable characters",
    ),
    "English name too long": (
        feature(
            square(0, 0), key_units=[{"name": "门", "name_en": "x" * 101, "lon": LON, "lat": LAT}]
        ),
        "its key unit's name_en has 101 characters; at most 100",
    ),
    "English name is a number": (feature(square(0, 0), name_en=7), "name_en"),
    "too many key units": (
        feature(square(0, 0), key_units=[{"name": "门", "lon": LON, "lat": LAT}] * 201),
        "201 key units; at most 200",
    ),
    "not a feature": ({"type": "Point"}, "Point"),
    "not an object": (7, "int"),
}


@pytest.mark.parametrize("case", list(WRONG_FEATURES))
def test_a_wrong_feature_is_refused_with_its_index_and_the_reason(case: str) -> None:
    """The integrator must find the one polygon among hundreds."""
    wrong, reason = WRONG_FEATURES[case]
    right = feature(square(5000, 5000), id="right")

    error = refusal({"type": "FeatureCollection", "features": [right, wrong]})

    assert error.feature_index == 1
    assert reason in error.reason
    assert str(error) == f"grid file refused, feature 1 (counted from 0): {error.reason}"


def test_two_grids_cannot_have_one_id() -> None:
    """Else an alarm could be filed under either."""
    error = refusal(collection(feature(square(0, 0), id="a"), feature(square(500, 0), id="a")))

    assert (error.feature_index, error.reason) == (1, "its id 'a' is that of feature 0 already")


FINE = feature(square(0, 0))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "not a JSON object"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"\xff\xfe", "not a JSON object"),
        ({}, "not a GeoJSON FeatureCollection"),
        (FINE, "not a GeoJSON FeatureCollection"),
        ({"type": "FeatureCollection", "features": {}}, "not a GeoJSON FeatureCollection"),
        (collection(), "no features"),
        (collection(FINE, datum="gcj2"), "unknown datum 'gcj2'; known are wgs84, gcj02, bd09"),
        (collection(FINE, datum=["gcj02"]), "unknown datum"),
        (collection(FINE, crs=None), "not no name"),
        (collection(FINE, crs={"properties": {"name": "EPSG:3857"}}), "'EPSG:3857'"),
        (collection(FINE, crs={"properties": {"name": 4326}}), "not no name"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(
    document: bytes | dict[str, Any], reason: str
) -> None:
    """Faults of the whole file name no feature."""
    error = refusal(document)

    assert error.feature_index is None
    assert reason in error.reason


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "EPSG:4490"])
def test_the_old_crs_member_may_say_what_is_true(name: str) -> None:
    """Older programs write it; WGS-84 and CGCS2000 need no conversion."""
    crs = {"type": "name", "properties": {"name": name}}

    assert len(load_grids(collection(FINE, crs=crs))) == 1


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each bound holds by itself: bytes, features, vertices."""
    two = collection(feature(square(0, 0), id="a"), feature(square(500, 0), id="b"))
    with pytest.raises(GridFileError, match="2000 bytes; at most 1999"):
        load_grids(b" " * 2000, bytes_max=1999)

    monkeypatch.setattr(limits, "FEATURES_MAX", 1)
    assert "2 features; at most 1" in refusal(two).reason

    monkeypatch.undo()
    monkeypatch.setattr(limits, "VERTICES_MAX", 9)
    assert refusal(two).feature_index == 1


def test_thousands_of_grids_on_one_spot_are_refused() -> None:
    """Every pair would have to be compared; no town looks like that."""
    shards = [
        feature([(0, 0), (x, 100), (x + 0.01, 100), (0, 0)], id=str(x), name="片")
        for x in range(600)
    ]

    error = refusal(collection(*shards))

    assert error.feature_index is not None
    assert "of 599 others; no real grid does" in error.reason


@given(st.dictionaries(st.sampled_from(["type", "features", "crs", "datum"]), json_values))
def test_any_json_is_read_or_refused(noise: dict[str, Any]) -> None:
    """A broken file ends in a sentence, never in a stack trace."""
    with pytest.raises(GridFileError):
        load_grids(noise)


@given(
    st.sampled_from(["type", "geometry", "properties", "id"]), json_values, st.binary(max_size=60)
)
def test_any_noise_in_a_feature_is_read_or_refused(member: str, noise: object, data: bytes) -> None:
    """The same one level down, and for bytes that are not JSON at all."""
    for document in ({"type": "FeatureCollection", "features": [{**FINE, member: noise}]}, data):
        with suppress(GridFileError):
            assert len(load_grids(document)) == 1


def test_what_is_written_is_read_back() -> None:
    """The console gets its grids as GeoJSON; nothing is lost on the way."""
    unit = {"name": "酒店", "name_en": "Hotel", "lon": LON, "lat": LAT, "kind": "hotel"}
    gridset = load_grids(
        collection(
            feature(square(0, 0, 300), square(100, 100), id="a", klass="B", key_units=[unit]),
            feature(square(0, 0, 900), id="b", level="community", name_en="All of it"),
        )
    )

    again = load_grids(json.dumps(gridset.to_geojson()).encode())

    assert again.grids == gridset.grids


def test_the_subdistricts_of_a_real_city_load() -> None:
    """126 polygons with enclaves and parts, without ids, that tile central Beijing."""
    path = data_folder() / "city" / "beijing_core_subdistricts.geojson"

    gridset = load_grids(path.read_bytes())

    assert len(gridset) == 126
    assert "东城区/东华门街道" in gridset.by_id
    assert list(gridset.overlaps(1.0)) == []


def test_the_street_blocks_of_a_real_city_load() -> None:
    """4,267 blocks with roads between them and slivers of overlap, once they have names."""
    path = data_folder() / "city" / "beijing_core_blocks.geojson.gz"
    document = json.loads(gzip.decompress(path.read_bytes()))
    for each in document["features"]:
        each["properties"]["name"] = each["properties"]["code"]

    gridset = load_grids(document)

    assert len(gridset) == 4267
    alone = [index for index in range(len(gridset)) if not gridset.neighbours(index)]
    assert len(alone) < 100
