"""Settings and community files: what is read, and the sentence that refuses the rest."""

from __future__ import annotations

import dataclasses
import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch import config
from dispatch.config import load_community, load_roster, load_settings
from dispatch.demo import demo_community_path
from dispatch.errors import SettingsError
from dispatch.ids import RadioId
from dispatch.roster import Pins
from dispatch.settings import Settings, Waits
from dispatch.words import Role
from tests.data import REPOSITORY


def write_settings(folder: Path, text: str) -> Path:
    """A settings file in its usual place."""
    file = folder / "yihu.toml"
    file.write_text(text, encoding="utf-8")
    return file


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


def test_an_empty_data_folder_needs_no_settings_file(tmp_path: Path) -> None:
    """`make run` works before anybody has written a line."""
    assert load_settings(data_dir=tmp_path) == Settings(data_dir=tmp_path)


def test_the_file_in_the_data_folder_is_read_and_the_command_line_wins(tmp_path: Path) -> None:
    """An administrator tries a port by hand without touching what is set for good."""
    write_settings(tmp_path, "http_port = 9000\nfresh_s = 60\n[waits]\nwave_s = 20\n")

    found = load_settings(data_dir=tmp_path, overrides={"http_port": 9001})

    assert (found.http_port, found.fresh_s, found.waits.wave_s) == (9001, 60.0, 20.0)


def test_community_files_are_found_beside_the_settings_file(tmp_path: Path) -> None:
    """The folder can be moved or started from anywhere."""
    file = write_settings(tmp_path, 'community_files = ["xizi/community.toml"]')

    found = load_settings(data_dir=tmp_path / "data", settings_file=file)

    assert found.community_files == (tmp_path / "xizi" / "community.toml",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("http_prot = 1", r"no setting http_prot; did you mean http_port\?"),
        ("zzz = 1", r"no setting zzz; remove it"),
        ('http_port = "80"', r"http_port is '80'; write a whole number"),
        ("http_port = true", r"http_port is True; write a whole number"),
        ("http_port = 80.5", r"http_port is 80.5; write a whole number"),
        ("http_port = 0", r"http_port is 0; set it between 1 and 65535"),
        ("mqtt_port = 8080", r"http_port and mqtt_port are both 8080; give each a port of its own"),
        ("nats_port = 1883", r"mqtt_port and nats_port are both 1883; give each a port of its own"),
        ("history_days = 0", r"history_days is 0; set it between 1 and 3650"),
        ("history_days = 99999999999", r"history_days is 99999999999; set it between 1 and 3650"),
        ('fresh_s = "x"', r"fresh_s is 'x'; write a number"),
        ("fresh_s = nan", r"fresh_s is nan; set it above 0"),
        ("fresh_s = inf", r"fresh_s is inf; set it above 0"),
        ("clock_speed = -1", r"clock_speed is -1.0; set it above 0"),
        ("broker_url = 1883", r"broker_url is 1883; write text in quotes"),
        ('broker_url = "mqtt://u:secret@:99999"', r"broker_url is no address of a broker"),
        ('store_url = "mysql://u:secret@db"', r"store_url is no address of PostgreSQL"),
        ('community_files = "a.toml"', r"community_files is 'a.toml'; write a list of files"),
        ("community_files = [1]", r"community_files is \[1\]; write a list of files"),
        ('data_dir = "x"', r"data_dir cannot stand here; give it as --data"),
        ("waits = 3", r"waits is no table"),
        ("[waits]\nwav_s = 3", r"no setting waits.wav_s; did you mean waits.wave_s\?"),
        ("[waits]\nwave_s = 0", r"wave_s is 0.0; set it above 0 and up to 86400 seconds"),
        ("[waits]\nwave_s = nan", r"wave_s is nan"),
        ("http_port = ?", r"is not TOML .*line 1"),
        ("a = " + "[" * 3000, r"is not TOML"),
    ],
)
def test_a_wrong_setting_is_refused_by_file_key_and_remedy(
    tmp_path: Path, text: str, says: str
) -> None:
    """One sentence is all an administrator gets at two in the morning; passwords are not in it."""
    file = write_settings(tmp_path, text)

    with pytest.raises(SettingsError) as refused:
        load_settings(data_dir=tmp_path)

    assert re.search(says, str(refused.value)), str(refused.value)
    assert str(file) in str(refused.value)
    assert "secret" not in str(refused.value)


def test_ports_of_a_broker_that_is_not_started_are_in_nobodys_way(tmp_path: Path) -> None:
    """With a broker of one's own the embedded one's ports mean nothing."""
    write_settings(tmp_path, 'broker_url = "mqtt://broker:1883"\nhttp_port = 1883\n')

    assert load_settings(data_dir=tmp_path).http_port == 1883


def test_a_settings_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """A misspelt --settings would else run with other settings than meant."""
    with pytest.raises(SettingsError, match=r"gone.toml cannot be read \(No such file"):
        load_settings(data_dir=tmp_path, settings_file=tmp_path / "gone.toml")


def test_a_settings_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A picture, or a whole disk image, named by mistake."""
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    (tmp_path / "image").write_bytes(b"#" * (config.SETTINGS_BYTES_MAX + 1))

    with pytest.raises(SettingsError, match=r"picture is not UTF-8 at byte 0"):
        load_settings(data_dir=tmp_path, settings_file=tmp_path / "picture")
    with pytest.raises(SettingsError, match=r"image is too long; keep it under 65536 bytes"):
        load_settings(data_dir=tmp_path, settings_file=tmp_path / "image")


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_settings_file_is_read_or_refused(tmp_path: Path, text: str) -> None:
    """Nothing but a SettingsError leaves, whatever stands in the file."""
    file = tmp_path / "any.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    with suppress(SettingsError):
        load_settings(data_dir=tmp_path, settings_file=file)


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


@pytest.mark.parametrize("kind", [Settings, Waits])
def test_the_settings_page_names_every_field_and_its_default(kind: type) -> None:
    """docs/settings.md is what administrators read; it may not lag behind the code."""
    page = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", page, re.MULTILINE))

    for field in dataclasses.fields(kind):
        if field.name in ("data_dir", "waits"):
            continue
        assert told.pop(field.name) == told_default(field.default), field.name


def test_the_settings_page_names_nothing_else() -> None:
    """A setting that was taken out must not linger on the page."""
    page = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    names = {field.name for kind in (Settings, Waits) for field in dataclasses.fields(kind)}

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == names - {"waits"}


def told_default(value: object) -> str:
    """How the page writes a default."""
    if value in ("", (), None):
        return "none"
    return f"`{value:g}`" if isinstance(value, int | float) else f"`{value}`"
