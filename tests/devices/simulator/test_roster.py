"""As many simulated radios as one likes: a prepared community is one a hub can start with."""

import random
from pathlib import Path

import pytest

from devices.credentials import load_credentials
from devices.simulator.roster import COUNT_MAX, prepare
from dispatch.config import load_community
from dispatch.demo import demo_community_path
from dispatch.errors import SettingsError
from dispatch.words import Role


def prepared(folder: Path, count: int) -> Path:
    prepare(folder, demo_community_path(), count=count, seed=1, token=random.Random(1).randbytes)
    return folder / "community.toml"


def test_every_radio_has_a_place_a_role_and_a_secret(tmp_path: Path) -> None:
    """The hub reads the files as it reads anybody's."""
    community, records = load_community(prepared(tmp_path, 500))
    known = load_credentials(tmp_path / "credentials.json").radios

    demo, _ = load_community(demo_community_path())
    assert len(records) == 500
    assert {record.radio for record in records} == set(known)
    assert {record.post for record in records} == set(demo.grids.by_id)
    assert community.streets == demo.streets
    assert [record.role for record in records].count(Role.POLICE) == 50
    assert [record.role for record in records].count(Role.GUARD) == 100


def test_the_same_seed_makes_the_same_people(tmp_path: Path) -> None:
    """A drill can be repeated."""
    first = prepared(tmp_path / "a", 40).read_text()

    assert prepared(tmp_path / "b", 40).read_text() == first


@pytest.mark.parametrize("count", [0, -1, COUNT_MAX + 1])
def test_a_number_that_makes_no_sense_is_refused(tmp_path: Path, count: int) -> None:
    """In one sentence, before anything is written."""
    with pytest.raises(SettingsError, match="--count"):
        prepared(tmp_path / "c", count)

    assert not (tmp_path / "c").exists()
