"""The streets of a community: which file is read, and the sentence that refuses the others."""

import json
import sys
from pathlib import Path

import pytest

from dispatch.config import load_community, load_roster
from dispatch.errors import SettingsError
from dispatch.walking import check_walking, load_walking
from geo.grids import GridSet
from tests.data import data_folder
from tests.dispatch.test_config import write_community

LANES = [[112.9301, 28.2001], [112.9305, 28.2005], [112.9309, 28.2009]]


def write_lanes(folder: Path, lanes: list[list[float]], name: str = "ways.geojson") -> Path:
    """One lane through these places."""
    lane = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": lanes},
        "properties": {"highway": "residential"},
    }
    file = folder / name
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [lane]}))
    return file


def grids(folder: Path) -> GridSet:
    """Those that test communities have."""
    return load_community(write_community(folder))[0].grids


def test_a_hub_has_the_streets_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From here on the nearest is who walks least."""
    write_lanes(tmp_path, LANES)
    file = write_community(tmp_path, more='walking = "ways.geojson"')

    [community] = load_roster([file], with_walking=True).communities.values()

    assert community.walking is not None
    assert len(community.walking) == 2
    said = capsys.readouterr().out
    assert "walking_streets_loaded" in said
    assert "edges=2" in said


def test_who_only_checks_settings_does_not_wait_for_a_city(tmp_path: Path) -> None:
    """The supervisor and the simulator read the same file."""
    (tmp_path / "city.osm.pbf").write_bytes(b"not looked into")
    file = write_community(tmp_path, more='walking = "city.osm.pbf"')

    [community] = load_roster([file]).communities.values()

    assert community.walking is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ways.csv", r"ways.csv is of no kind that is read; give the streets as .geojson or"),
        ("city.osm", r"city.osm is of no kind"),
        ("gone.osm.pbf", r"gone.osm.pbf cannot be read \(No such file"),
        ("gone.geojson", r"gone.geojson cannot be read \(No such file"),
    ],
)
def test_a_file_that_is_not_there_is_refused_before_anything_starts(
    tmp_path: Path, name: str, says: str
) -> None:
    """A misspelt name would else be found by the hub alone, after the broker runs."""
    (tmp_path / "ways.csv").touch()
    (tmp_path / "city.osm").touch()

    with pytest.raises(SettingsError, match=says):
        load_community(write_community(tmp_path, more=f'walking = "{name}"'))


@pytest.mark.parametrize("name", ["ways.geojson", "city.osm.pbf"])
def test_a_file_that_holds_no_streets_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    """The fault lies in the drawing, not in the community file that names it."""
    file = tmp_path / name
    file.write_bytes(b"\x00noise")

    with pytest.raises(SettingsError, match=rf"{name}: street file refused"):
        load_walking(file, grids(tmp_path))


def test_streets_that_lead_nowhere_are_refused(tmp_path: Path) -> None:
    """One place twice is no way: with such a file everybody would be told metres, unsaid."""
    file = write_lanes(tmp_path, [LANES[0], LANES[0]])

    with pytest.raises(SettingsError, match="no way from one place to another; give the streets"):
        load_walking(file, grids(tmp_path))


def test_the_streets_of_another_town_are_refused(tmp_path: Path) -> None:
    """Nobody would ever be found on them, and nobody would be told why."""
    there = [[lon + 1, lat] for lon, lat in LANES]
    file = write_lanes(tmp_path, there)

    with pytest.raises(SettingsError, match="lie nowhere near the grids; give those of the same"):
        load_walking(file, grids(tmp_path))


def test_without_the_reader_the_sentence_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Yihu runs without pyosmium; only this file needs it."""
    monkeypatch.setitem(sys.modules, "osmium", None)
    file = tmp_path / "city.osm.pbf"
    file.touch()

    with pytest.raises(SettingsError, match=r"osmium, which is not installed; install yihu\[osm\]"):
        load_walking(file, grids(tmp_path))


def test_a_real_town_is_read_from_its_extract(tmp_path: Path) -> None:
    """Central Helsinki's streets, but the grids of another town."""
    file = data_folder() / "city" / "helsinki_centre.osm.pbf"
    check_walking(file)

    with pytest.raises(SettingsError, match="lie nowhere near the grids"):
        load_walking(file, grids(tmp_path))
