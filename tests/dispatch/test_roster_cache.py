"""A community file is read once; then only where it, its grids or the program are others."""

import tomllib
from pathlib import Path

import pytest

from dispatch.config import load_roster
from dispatch.errors import SettingsError
from dispatch.ids import RadioId
from dispatch.roster import Roster
from tests.dispatch.test_config import RADIO, write_community


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which TOML was read, as often as it was."""
    texts: list[str] = []
    loads = tomllib.loads

    def noting(text: str) -> dict[str, object]:
        texts.append(text)
        return loads(text)

    monkeypatch.setattr("dispatch.toml_files.tomllib.loads", noting)
    return texts


def told(roster: Roster) -> tuple[object, object, object]:
    names = [(c.community, c.name_zh, c.zone, len(c.grids)) for c in roster.communities.values()]
    return names, roster.radios, roster.pins


def test_the_second_start_does_not_read_toml(tmp_path: Path, read: list[str]) -> None:
    """A hundred thousand radios take ten seconds; the same is known without."""
    file = write_community(tmp_path, radios=RADIO + 'pin = "0417"\n')

    first = load_roster([file], keep_in=tmp_path / "data")
    again = load_roster([file], keep_in=tmp_path / "data")

    assert len(read) == 1
    assert told(again) == told(first) == told(load_roster([file]))


def test_what_is_kept_is_ours_alone(tmp_path: Path) -> None:
    """There are PINs in it."""
    load_roster([write_community(tmp_path)], keep_in=tmp_path / "data")

    [kept] = (tmp_path / "data" / "cache").iterdir()

    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700


def test_a_changed_file_is_read_and_the_old_copy_goes(tmp_path: Path) -> None:
    """Whoever takes somebody off the list wants them gone here, too."""
    file = write_community(tmp_path, radios=RADIO)
    load_roster([file], keep_in=tmp_path / "data")
    file.write_text(file.read_text().replace("巷一", "巷九"))

    roster = load_roster([file], keep_in=tmp_path / "data")

    assert roster.radios[RadioId("lane-1")].call_sign == "巷九"
    assert len(list((tmp_path / "data" / "cache").iterdir())) == 1


def test_a_damaged_or_missing_copy_is_made_again(tmp_path: Path, read: list[str]) -> None:
    """It is a copy: nothing hangs on it."""
    file = write_community(tmp_path, radios=RADIO)
    first = told(load_roster([file], keep_in=tmp_path / "data"))
    [kept] = (tmp_path / "data" / "cache").iterdir()

    for damage in (b"", kept.read_bytes()[:-1], kept.read_bytes()[:-1] + b"?"):
        kept.write_bytes(damage)
        assert told(load_roster([file], keep_in=tmp_path / "data")) == first
    kept.unlink()
    assert told(load_roster([file], keep_in=tmp_path / "data")) == first

    assert len(read) == 5


def test_a_post_whose_grid_is_gone_is_found_out(tmp_path: Path) -> None:
    """The grids are a file of their own: the community's may be unchanged."""
    file = write_community(tmp_path, radios=RADIO + 'post = "g1"\n')
    load_roster([file], keep_in=tmp_path / "data")
    grids = tmp_path / "grids.geojson"
    grids.write_text(grids.read_text().replace('"g1"', '"g7"'))

    with pytest.raises(SettingsError, match="post g1 is no grid"):
        load_roster([file], keep_in=tmp_path / "data")


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    """The data folder is checked elsewhere, with a sentence of its own."""
    file = write_community(tmp_path, radios=RADIO)
    (tmp_path / "data").write_text("no folder")

    assert told(load_roster([file], keep_in=tmp_path / "data")) == told(load_roster([file]))
