"""Reading streets from GeoJSON: what is understood, and what is refused and why."""

from __future__ import annotations

import gzip
import json
import math
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from geo import street_files as limits
from geo.datum import Datum, from_wgs84
from geo.street_files import StreetFileError, load_streets
from tests.data import data_folder
from tests.geo.places import at
from tests.geo.test_grids import json_values
from tests.geo.towns import town_file, way

LANE = way((0, 0), (100, 0))


def refusal(document: bytes | dict[str, Any]) -> StreetFileError:
    with pytest.raises(StreetFileError) as caught:
        load_streets(document)
    return caught.value


def line(*places: list[float], **properties: Any) -> dict[str, Any]:
    """A feature in degrees."""
    geometry = {"type": "LineString", "coordinates": list(places)}
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"highway": "path", **properties},
    }


def test_a_file_is_read_from_its_bytes() -> None:
    """What a map program exports, as it lies on the disk."""
    assert len(load_streets(json.dumps(town_file(LANE)).encode())) == 1


def test_class_says_what_highway_would() -> None:
    """Overture's files have `class`."""
    lane = way((0, 0), (100, 0))
    lane["properties"] = {"class": "footway"}

    assert len(load_streets(town_file(lane))) == 1


def test_what_is_no_street_to_walk_on_is_passed_over() -> None:
    """Exports carry bus stops, squares, motorways and ways without a kind."""
    stop = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}}
    nowhere = {"type": "Feature", "geometry": None, "properties": {"highway": "service"}}
    motorway = way((0, 0), (0, 500), highway="motorway")
    river = {**way((0, 0), (0, 500)), "properties": {"waterway": "river", "highway": 7}}

    document = town_file(stop, nowhere, motorway, river, LANE)

    assert len(load_streets(document)) == 1


def test_a_way_of_several_lines_is_several_streets() -> None:
    """MultiLineString: the lines are not joined by what lies between them."""
    parts = [[list(at(0, 0)), list(at(400, 0))], [list(at(0, 90)), list(at(400, 90))]]
    both = {**LANE, "geometry": {"type": "MultiLineString", "coordinates": parts}}

    assert len(load_streets(town_file(both, way((0, 0), (0, 90))))) == 3


def test_positions_meet_to_a_ten_millionth_of_a_degree() -> None:
    """As OpenStreetMap keeps them; programs write digits of noise behind."""
    document = town_file(
        line([116.0, 40.0], [116.001, 40.0]),
        line([116.00100000001, 40.00000000001], [116.001, 40.002]),
        line([116.0010004, 40.0], [116.003, 40.0]),
    )

    streets = load_streets(document)

    assert len(streets.node_x) == 5
    assert len(streets) == 2, "the third is an island, four centimetres off"


def test_a_repeated_position_leads_nowhere() -> None:
    """Rounded coordinates: harmless, and found in every real file."""
    document = town_file(line([116.0, 40.0], [116.0, 40.0], [116.001, 40.0], [116.001, 40.0]))

    assert len(load_streets(document)) == 1


def test_a_way_that_is_one_place_leads_nowhere() -> None:
    """A loop of no length; the streets about it are as good as without it."""
    document = town_file(LANE, line([120.15, 30.25], [120.15, 30.25]))

    assert len(load_streets(document)) == 1


def test_streets_drawn_on_a_chinese_map_are_moved_where_they_are() -> None:
    """GCJ-02 lies some 500 m off; every unit would be put on the wrong street."""
    plain = way((0, 0), (300, 200))
    shifted = [list(from_wgs84(*place, Datum.GCJ02)) for place in (at(0, 0), at(300, 200))]
    drawn = {**plain, "geometry": {"type": "LineString", "coordinates": shifted}}

    wgs84, gcj02 = (
        load_streets(town_file(f, datum=d)) for f, d in ((plain, None), (drawn, "gcj02"))
    )

    assert gcj02.plane.lon == pytest.approx(wgs84.plane.lon, abs=2e-5)
    assert gcj02.plane.lat == pytest.approx(wgs84.plane.lat, abs=2e-5)


@pytest.mark.parametrize(
    ("faulty", "reason"),
    [
        (line([116.0, 40.0]), "a line has 1 positions; a street needs 2"),
        (line(), "a line has 0 positions; a street needs 2"),
        (line([math.nan, 40.0], [116.0, 40.0]), "(nan, 40) is not a longitude and a latitude"),
        (line([116.0, 40.0], [116.0, math.inf]), "(116, inf) is not a longitude"),
        (line([39.9, 116.4], [39.9, 116.5]), "(39.9, 116.4) is not a longitude and a latitude"),
        (line([116.0], [117.0]), "length >= 2"),
        (line(["116", 40.0], [117.0, 40.0]), "Expected `float`, got `str`"),  # type: ignore[list-item]
        (line([116.0, 40.0], [116.0, 41.0]), "it runs 111 km without a bend"),
        ({"type": "Way"}, "it is not a GeoJSON Feature"),
        ("road", "it is not a GeoJSON Feature"),
    ],
)
def test_a_faulty_street_is_refused_with_its_index_and_the_reason(faulty: Any, reason: str) -> None:
    """So that one finds it among sixteen thousand."""
    error = refusal(town_file(LANE, faulty))

    assert error.feature_index == 1
    assert reason in error.reason
    assert str(error) == f"street file refused, feature 1 (counted from 0): {error.reason}"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"{", "it is not a JSON object"),
        (b"[]", "it is not a JSON object"),
        (b'{"a":' * 100_000, "nested too deeply"),
        ({}, "it is not a GeoJSON FeatureCollection"),
        ({"type": "FeatureCollection", "features": {}}, "it is not a GeoJSON FeatureCollection"),
        (town_file(), "it has no way that may be walked"),
        (town_file(way((0, 0), (9, 9), highway="motorway")), "no way that may be walked"),
        (town_file(LANE, datum="mars"), "unknown datum 'mars'"),
        (town_file(LANE, line([10.0, 50.0], [10.001, 50.0])), "km wide; at most 200 are read"),
    ],
)
def test_a_file_that_is_no_map_of_a_town_is_refused(
    document: bytes | dict[str, Any], reason: str
) -> None:
    """As a whole, with the reason."""
    error = refusal(document)

    assert error.feature_index is None
    assert reason in error.reason


def test_ten_million_positions_are_refused_before_they_are_read() -> None:
    """Sixty megabytes of "[1,1]" would be gigabytes of objects."""
    error = refusal(b'{"features":[' + b"[1,1]," * 10_000_000)

    assert error.reason == "the file has more than 1000000 positions"


def test_limits_hold_for_a_document_read_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dict is counted as it is gone through."""
    document = town_file(LANE, LANE, LANE)
    assert len(load_streets(document)) == 3

    for name, most, reason in (
        ("VERTICES_MAX", 5, "the file has more than 5 positions"),
        ("FEATURES_MAX", 2, "it has 3 features; at most 2"),
        ("LENGTH_M_MAX", 150.0, "its ways are 0 km long"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(limits, name, most)
            assert reason in refusal(document).reason


def test_a_file_of_too_many_bytes_is_not_looked_at() -> None:
    """The bound is on what lies on the disk."""
    with pytest.raises(StreetFileError, match="it has 3 bytes; at most 2"):
        load_streets(b"{} ", bytes_max=2)


@given(json_values)
def test_any_noise_is_read_or_refused(value: Any) -> None:
    """Whatever stands in a file, no other error comes out of it."""
    feature = {"type": "Feature", "properties": {"highway": "path"}, "geometry": value}
    shaped = {**feature, "geometry": {"type": "LineString", "coordinates": value}}
    for document in (value, town_file(value), town_file(feature), town_file(shaped)):
        if isinstance(document, dict):
            with suppress(StreetFileError):
                load_streets(document)


def test_the_streets_of_a_real_town_are_read() -> None:
    """Beijing's core: nearly all of it hangs together."""
    packed = data_folder() / "city" / "beijing_core_ways.geojson.gz"

    streets = load_streets(gzip.decompress(packed.read_bytes()))

    assert 4_000_000 < streets.edge_m.sum() < 5_000_000
    assert np.isfinite(streets.edge_s).all()
