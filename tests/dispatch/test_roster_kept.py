"""A start at which nothing about the roster is new takes it as the last one left it."""

import dataclasses
from pathlib import Path

import pytest

from dispatch.config import Listed, check_roster, find_settled, keep_settled, load_listed
from dispatch.errors import SettingsError
from dispatch.roster import Roster
from tests.dispatch.test_config import RADIO, write_community
from tests.dispatch.test_roster_cache import read, told

__all__ = ["read"]

PRINT = "1 1780000000000000 5 0"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_community(tmp_path, radios=RADIO + 'pin = "0417"\n')


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def settled(data_dir: Path, file: Path) -> Listed:
    """A start has come to its end with what this file says."""
    listed = load_listed([file], keep_in=data_dir)
    keep_settled(data_dir, [file], listed, listed.roster, PRINT)
    return listed


def test_the_next_start_has_the_same_roster(data_dir: Path, file: Path) -> None:
    """PINs and places, too."""
    listed = settled(data_dir, file)

    found = find_settled(data_dir, [file], PRINT)

    assert isinstance(found, Roster)
    assert told(found) == told(listed.roster)


def test_it_holds_the_stores_radios_and_not_only_the_files(data_dir: Path, file: Path) -> None:
    """Who was revoked stays so, whatever the file says."""
    listed = load_listed([file])
    [record] = listed.roster.radios.values()
    revoked = dataclasses.replace(record, revoked=True)
    from_store = Roster(listed.roster.communities.values(), [revoked])
    keep_settled(data_dir, [file], listed, from_store, PRINT)

    found = find_settled(data_dir, [file], PRINT)

    assert found is not None
    assert found.radios == from_store.radios


@pytest.mark.parametrize("name", ["community.toml", "grids.geojson"])
def test_a_file_with_other_bytes_is_read_again(data_dir: Path, file: Path, name: str) -> None:
    """Whoever takes a radio off the list, or draws a border anew, wants it so here."""
    settled(data_dir, file)
    changed = file.with_name(name)
    changed.write_text(changed.read_text() + "\n")

    assert find_settled(data_dir, [file], PRINT) is None


def test_other_radios_in_the_store_are_looked_at(data_dir: Path, file: Path) -> None:
    """A radio was revoked since."""
    settled(data_dir, file)

    assert find_settled(data_dir, [file], "1 1780000000000000 5 1") is None


def test_a_damaged_copy_counts_as_none(data_dir: Path, file: Path) -> None:
    """Nothing is lost by it but a second or two."""
    settled(data_dir, file)
    kept = data_dir / "cache" / "roster"
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")

    assert find_settled(data_dir, [file], PRINT) is None


def test_what_is_kept_is_ours_alone(data_dir: Path, file: Path) -> None:
    """There are PINs in it."""
    settled(data_dir, file)

    assert (data_dir / "cache" / "roster").stat().st_mode & 0o777 == 0o600


def test_what_was_checked_once_is_not_checked_again(
    data_dir: Path, file: Path, read: list[str]
) -> None:
    """The supervisor looks before anything starts; at most starts there is nothing to see."""
    settled(data_dir, file)
    read.clear()

    check_roster([file], keep_in=data_dir)

    assert read == []


def test_a_new_mistake_is_refused_all_the_same(data_dir: Path, file: Path) -> None:
    """Before anything starts."""
    settled(data_dir, file)
    file.write_text(file.read_text().replace('role = "guard"', 'role = "pilot"'))

    with pytest.raises(SettingsError, match="pilot"):
        check_roster([file], keep_in=data_dir)
