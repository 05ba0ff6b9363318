"""Community files: what is read, and the sentence that refuses the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dispatch.config import load_community, load_roster
from dispatch.demo import demo_community_path
from dispatch.errors import SettingsError
from dispatch.ids import RadioId
from dispatch.privacy.consent import default_consent
from dispatch.roster import Pins
from dispatch.words import Role


def square(grid: str, west: float) -> dict[str, Any]:
    """A grid of some 100 m."""
    ring = [[west, 28.2], [west + 0.001, 28.2], [west + 0.001, 28.201], [west, 28.201]]
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {"id": grid, "name": grid},
    }


def write_community(
    folder: Path,
    *,
    community: str = "lane",
    zone: str = "Asia/Shanghai",
    more: str = "",
    radios: str = '[[radios]]\nid = "lane-1"\ncall_sign = "巷一"\nrole = "guard"\npost = "g1"\n',
) -> Path:
    """A community of one grid and one guard; a test changes what it is about."""
    grids = {"type": "FeatureCollection", "features": [square("g1", 112.93)]}
    (folder / "grids.geojson").write_text(json.dumps(grids), encoding="utf-8")
    file = folder / "community.toml"
    head = f'[community]\nid = "{community}"\nname_zh = "小巷"\nname_en = "Lane"\nzone = "{zone}"\n'
    file.write_text(f'{head}grids = "grids.geojson"\n{more}\n{radios}', encoding="utf-8")
    return file


def test_a_community_and_its_radios_are_read(tmp_path: Path) -> None:
    """The names, roles and posts that a dispatcher will see."""
    community, radios = load_community(write_community(tmp_path))

    assert (community.community, community.name_zh, community.zone) == (
        "lane",
        "小巷",
        "Asia/Shanghai",
    )
    assert [grid.id for grid in community.grids.grids] == ["g1"]
    assert community.streets == b""
    assert [(r.radio, r.call_sign, r.role, r.post) for r in radios] == [
        ("lane-1", "巷一", Role.GUARD, "g1")
    ]


RADIO = '[[radios]]\nid = "lane-1"\ncall_sign = "巷一"\nrole = "guard"\n'


@pytest.mark.parametrize(
    ("radios", "says"),
    [
        (RADIO.replace("lane-1", "Lane 1"), r"radio Lane 1: id is 'Lane 1'; write 1 to 40 of a-z"),
        (RADIO.replace("lane-1", "lane/+"), r"id is 'lane/\+'"),
        (RADIO.replace("巷一", " "), r"radio lane-1: call_sign is ' '"),
        (RADIO.replace("巷一", "巷\\u202e一"), r"call_sign is '巷\?一'"),
        (
            RADIO.replace("guard", "cook"),
            r"unknown role cook; write one of volunteer, guard, police",
        ),
        (RADIO + 'post = "g9"', r"radio lane-1: post g9 is no grid"),
        (RADIO + 'skills = ["First Aid"]', r"skills \['First Aid'\]"),
        (RADIO + "skills = [1]", r"Expected `str`, got `int` - at `\$.radios\[0\].skills"),
        (RADIO + 'phone = "1"', r"unknown field `phone` - at `\$.radios"),
        (RADIO + 'pin = "12a4"', r"radio lane-1: pin is not 4 to 8 digits; write the digits as"),
        (RADIO + 'pin = "٠٤١٧"', r"radio lane-1: pin is not 4 to 8 digits"),
        (RADIO + 'duress_pin = "123456789"', r"radio lane-1: duress_pin is not 4 to 8 digits"),
        (RADIO + 'duress_pin = "0417"', r"there is a duress_pin and no pin; write a pin"),
        (
            RADIO + 'pin = "0417"\nduress_pin = "0417"',
            r"pin and duress_pin are the same; the second",
        ),
        (RADIO + RADIO, r"radio id lane-1 is used twice; give each its own"),
        (RADIO + RADIO.replace("lane-1", "lane-2"), r"call sign 巷一 is used twice"),
    ],
)
def test_a_wrong_radio_is_refused_by_name(tmp_path: Path, radios: str, says: str) -> None:
    """With two hundred radios in a file, the sentence must say which."""
    file = write_community(tmp_path, radios=radios)

    with pytest.raises(SettingsError) as refused:
        load_community(file)

    assert re.search(says, str(refused.value)), str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Asia", "", "../../etc/passwd"])
def test_an_unknown_zone_is_refused(tmp_path: Path, zone: str) -> None:
    """Every time on the screens would else be wrong by hours."""
    with pytest.raises(SettingsError, match=r"community.zone .* is unknown; write one such as"):
        load_community(write_community(tmp_path, zone=zone))


def test_a_faulty_grid_or_street_file_is_refused_by_its_own_name(tmp_path: Path) -> None:
    """The fault lies in the drawing, not in the community file that names it."""
    file = write_community(tmp_path, more='streets = "streets.geojson"')

    with pytest.raises(SettingsError, match=r"streets file .*streets.geojson cannot be read"):
        load_community(file)
    (tmp_path / "streets.geojson").write_text('{"type": "Feature"}')
    with pytest.raises(SettingsError, match=r"streets.geojson is no GeoJSON FeatureCollection"):
        load_community(file)
    (tmp_path / "grids.geojson").write_text("{}")
    with pytest.raises(SettingsError, match=r"grids.geojson: grid file refused"):
        load_community(file)


def test_two_communities_may_not_share_a_radio(tmp_path: Path) -> None:
    """A radio's id is its MQTT client id: two would take each other's session over."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files = [
        write_community(tmp_path / "a", community="lane-a"),
        write_community(tmp_path / "b", community="lane-b"),
    ]

    with pytest.raises(SettingsError, match=r"radio id lane-1 is used twice"):
        load_roster(files)


def test_pins_come_from_the_file_and_are_shown_nowhere(tmp_path: Path) -> None:
    """Without them a wish under threat could not be told from a real one."""
    pins = 'pin = "0417"\nduress_pin = "9417"\n'
    other = RADIO.replace("lane-1", "lane-2").replace("巷一", "巷二")

    roster = load_roster([write_community(tmp_path, radios=RADIO + pins + other)])

    assert roster.pins[RadioId("lane-1")] == Pins(calm="0417", duress="9417")
    assert RadioId("lane-2") not in roster.pins
    assert "0417" not in repr(roster.pins)


def test_without_a_community_file_the_demo_is_loaded() -> None:
    """A first `yihu run` shows people, not an empty map."""
    roster = load_roster([])

    demo, radios = load_community(demo_community_path())
    assert set(roster.communities) == {demo.community}
    assert list(roster.radios.values()) == radios


def test_a_community_may_ask_for_consent_in_its_own_words(tmp_path: Path) -> None:
    """Without a file it asks in ours; a file that cannot be asked is refused at the start."""
    ours, _ = load_community(write_community(tmp_path))
    words = '[[texts]]\nid = "p"\nversion = 3\npurpose = "place"\nzh = "位置"\nen = "place"\n'
    (tmp_path / "consent.toml").write_text(words, encoding="utf-8")
    named = write_community(tmp_path, more='consent = "consent.toml"')

    own, _ = load_community(named)

    assert ours.consent == default_consent()
    assert [(each.id, each.version) for each in own.consent] == [("p", 3)]
    (tmp_path / "consent.toml").write_text("texts = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"consent\.toml"):
        load_community(named)
