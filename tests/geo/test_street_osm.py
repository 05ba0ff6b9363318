"""Reading streets from OpenStreetMap extracts."""

from __future__ import annotations

import gzip
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import street_osm as limits
from geo.street_files import StreetFileError, load_streets
from geo.street_osm import OsmReaderMissingError, load_streets_osm
from tests.data import data_folder
from tests.geo.places import at

Ways = dict[int, tuple[list[int], dict[str, str]]]


def extract(folder: Path, nodes: dict[int, tuple[float, float]], ways: Ways) -> Path:
    """An .osm.pbf with these nodes, in metres, and ways."""
    path = folder / "town.osm.pbf"
    file = osmium.io.File(str(path), "pbf,pbf_compression=none")  # so that damage gets deep
    with osmium.SimpleWriter(file) as writer:
        for node, point in nodes.items():
            writer.add_node(osmium.osm.mutable.Node(id=node, location=at(*point)))
        for way, (refs, tags) in ways.items():
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=refs, tags=tags))
    return path


LANE = {"highway": "residential"}


def test_ways_meet_at_nodes_they_share(tmp_path: Path) -> None:
    """Not at two nodes in one place: one of them may be on a bridge."""
    nodes = {1: (0.0, 0.0), 2: (600.0, 0.0), 3: (600.0, 600.0), 4: (600.0, 0.0), 5: (1200.0, 0.0)}
    path = extract(tmp_path, nodes, {7: ([1, 2, 3], LANE), 8: ([4, 5], LANE)})

    streets = load_streets_osm(path)

    assert len(streets) == 3
    assert len(streets.node_x) == 5


def test_what_is_not_walked_is_passed_over(tmp_path: Path) -> None:
    """Houses, rivers and motorways are ways too."""
    nodes = {1: (0.0, 0.0), 2: (600.0, 0.0), 3: (0.0, 600.0)}
    others = [{"highway": "motorway"}, {"building": "yes"}, {**LANE, "foot": "no"}]
    ways: Ways = {7 + i: ([1, 3], tags) for i, tags in enumerate(others)}
    path = extract(tmp_path, nodes, {**ways, 20: ([1, 2], LANE)})

    assert len(load_streets_osm(path)) == 1


def test_a_way_ends_where_the_extract_does(tmp_path: Path) -> None:
    """Nodes beyond the cut are missing; no street is drawn across the gap."""
    nodes = {1: (0.0, 0.0), 2: (600.0, 0.0), 4: (600.0, 900.0), 5: (0.0, 900.0), 6: (0.0, 950.0)}
    path = extract(tmp_path, nodes, {7: ([1, 2, 3, 4, 5, 99, 6], LANE)})

    streets = load_streets_osm(path)

    assert streets.edge_m.tolist() == pytest.approx([600.0, 600.0], rel=1e-3)


def test_a_street_too_long_is_refused_with_its_way(tmp_path: Path) -> None:
    """A node moved by mistake."""
    path = extract(tmp_path, {1: (0.0, 0.0), 2: (0.0, 50_000.0)}, {77: ([1, 2], LANE)})

    with pytest.raises(StreetFileError, match="way 77: it runs 50 km without a bend") as caught:
        load_streets_osm(path)
    assert caught.value.way == 77


@pytest.mark.parametrize("content", [b"", b"no map at all", bytes(1000), b"\xff" * 100])
def test_what_is_no_extract_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever libosmium says of it becomes our sentence."""
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(content)

    with pytest.raises(StreetFileError):
        load_streets_osm(path)


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    """A download that broke off must not look like a town with fewer streets."""
    whole = extract(tmp_path, {1: (0.0, 0.0), 2: (600.0, 0.0)}, {7: ([1, 2], LANE)}).read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[:-9])

    with pytest.raises(StreetFileError, match=r"it cannot be read as \.osm\.pbf"):
        load_streets_osm(path)


@given(st.data())
def test_a_damaged_extract_is_read_or_refused(data: st.DataObject) -> None:
    """A bad disk, a bad line: no other error comes out, whatever bytes were lost."""
    with TemporaryDirectory() as folder:
        nodes = {1: (0.0, 0.0), 2: (600.0, 0.0), 3: (600.0, 90.0)}
        path = extract(Path(folder), nodes, {7: ([1, 2, 3], {**LANE, "foot": "yes"})})
        damaged = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(damaged)

        with suppress(StreetFileError):
            load_streets_osm(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With the system's own words."""
    with pytest.raises(StreetFileError, match="No such file"):
        load_streets_osm(tmp_path / "none.osm.pbf")


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("FILE_BYTES_MAX", "bytes; at most 1 are read"),
        ("VERTICES_MAX", "way 7: the file has more than 1 positions"),
        ("NODES_READ_MAX", "it has more than 1 nodes"),
    ],
)
def test_a_file_beyond_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, reason: str
) -> None:
    """A whole country takes minutes and gigabytes: it must be cut first."""
    path = extract(tmp_path, {1: (0.0, 0.0), 2: (600.0, 0.0)}, {7: ([1, 2], LANE)})
    monkeypatch.setattr(limits, limit, 1)

    with pytest.raises(StreetFileError, match=reason):
        load_streets_osm(path)


def test_without_its_reader_the_way_out_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pyosmium is an extra; who has not got it is told its name and what to do."""
    monkeypatch.setitem(sys.modules, "osmium", None)

    with pytest.raises(OsmReaderMissingError, match=r"install yihu\[osm\]") as caught:
        load_streets_osm(tmp_path / "town.osm.pbf")
    assert caught.value.path.name == "town.osm.pbf"


def test_a_town_is_the_same_from_either_kind_of_file() -> None:
    """Beijing's core as an extract and as GeoJSON."""
    folder = data_folder() / "city"
    packed = (folder / "beijing_core_ways.geojson.gz").read_bytes()

    osm = load_streets_osm(folder / "beijing_core.osm.pbf")
    geojson = load_streets(gzip.decompress(packed))

    assert osm.edge_m.sum() == pytest.approx(geojson.edge_m.sum(), rel=0.001)


def test_a_full_extract_of_another_town_is_read() -> None:
    """Helsinki's centre, with its houses, relations and stairs."""
    streets = load_streets_osm(data_folder() / "city" / "helsinki_centre.osm.pbf")

    assert len(streets) > 5_000
    assert 50_000 < streets.edge_m.sum() < 200_000
