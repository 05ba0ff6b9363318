"""Settings files: what is read, and the sentence that refuses the rest."""

from __future__ import annotations

import dataclasses
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.errors import SettingsError
from dispatch.settings import Backups, KeptDays, Settings, Waits
from dispatch.settings_file import SETTINGS_BYTES_MAX, load_settings
from tests.data import REPOSITORY


def write_settings(folder: Path, text: str) -> Path:
    """A settings file in its usual place."""
    file = folder / "yihu.toml"
    file.write_text(text, encoding="utf-8")
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
        ("[backup]\nkeep = 0", r"keep is 0; set it between 1 and 1000 backups"),
        ('[backup]\nat = "25:00"', r'at is .*25:00.*; write a time of day, such as "03:30"'),
        ("[backup]\ntoo = 1", r"no setting backup.too; did you mean backup.to\?"),
        ("[kept_days]\nplace = 0", r"place is 0; set it between 1 and 3650 days"),
        ("[kept_days]\nplaces = 9", r"no setting kept_days.places; did you mean kept_days.place\?"),
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
    (tmp_path / "image").write_bytes(b"#" * (SETTINGS_BYTES_MAX + 1))

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


@pytest.mark.parametrize("kind", [Settings, Waits, KeptDays, Backups])
def test_the_settings_page_names_every_field_and_its_default(kind: type) -> None:
    """docs/settings.md is what administrators read; it may not lag behind the code."""
    page = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", page, re.MULTILINE))

    for field in dataclasses.fields(kind):
        if field.name in ("data_dir", "waits", "kept_days", "backup"):
            continue
        assert told.pop(field.name) == told_default(field.default), field.name


def test_the_settings_page_names_nothing_else() -> None:
    """A setting that was taken out must not linger on the page."""
    page = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    kinds = (Settings, Waits, KeptDays, Backups)
    names = {field.name for kind in kinds for field in dataclasses.fields(kind)}

    told = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert told == names - {"waits", "kept_days", "backup"}


def told_default(value: object) -> str:
    """How the page writes a default."""
    if value in ("", (), None):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, int | float) else f"`{value}`"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"http_host": "192.168.1.5"}, "no certificate"),
        ({"http_host": "0.0.0.0", "insecure_http": True}, "http_names is empty"),
        ({"http_cert": Path("c.pem")}, "belong together"),
        ({"http_key": Path("k.pem")}, "belong together"),
        ({"http_names": ("http://yihu",)}, "without a port"),
        ({"http_names": ("yihu:8443/",)}, "without a port"),
        ({"oidc_issuer": "https://login.example"}, "belong together"),
    ],
)
def test_a_console_for_other_machines_is_asked_for_whole(
    changes: dict[str, Any], words: str
) -> None:
    """Passwords shall not go over a network because of one line that was forgotten."""
    with pytest.raises(SettingsError, match=words):
        Settings(data_dir=Path("var"), **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mqtt_listen": "0.0.0.0"}, r"mqtt_listen is 0\.0\.0\.0, and there is no certificate"),
        ({"mqtt_listen": "192.168.1.5"}, "yihu tls makes them"),
        ({"mqtt_cert": Path("c.pem")}, "belong together"),
        ({"mqtt_key": Path("k.pem")}, "belong together"),
        (
            {
                "mqtt_cert": Path("c.pem"),
                "mqtt_key": Path("k.pem"),
                "broker_url": "mqtts://broker:8883",
            },
            "the embedded broker's",
        ),
    ],
)
def test_radios_elsewhere_come_in_over_tls_or_it_is_said(
    changes: dict[str, Any], words: str
) -> None:
    """Secrets shall not go over a network because of one line that was forgotten."""
    with pytest.raises(SettingsError, match=words):
        Settings(data_dir=Path("var"), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"mqtt_listen": "0.0.0.0", "insecure_mqtt": True},
        {"mqtt_listen": "0.0.0.0", "mqtt_cert": Path("c.pem"), "mqtt_key": Path("k.pem")},
        {"mqtt_listen": "0.0.0.0", "broker_url": "mqtt://127.0.0.1:1883"},
        {"mqtt_listen": "::1"},
    ],
)
def test_what_was_said_so_or_is_nobodys_is_let_be(changes: dict[str, Any]) -> None:
    """A wire of one's own; a certificate; a broker that is not ours."""
    assert Settings(data_dir=Path("var"), **changes).mqtt_listen == changes["mqtt_listen"]


@pytest.mark.parametrize(
    ("changes", "url", "public_url"),
    [
        ({}, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ({"http_host": "::1"}, "http://[::1]:8080", "http://[::1]:8080"),
        (
            {"http_host": "192.168.1.5", "insecure_http": True},
            "http://192.168.1.5:8080",
            "http://192.168.1.5:8080",
        ),
        (
            {
                "http_host": "0.0.0.0",
                "http_names": ("yihu.example.cn",),
                "http_cert": Path("c.pem"),
                "http_key": Path("k.pem"),
            },
            "https://127.0.0.1:8080",
            "https://yihu.example.cn:8080",
        ),
    ],
)
def test_what_people_open_and_what_this_machine_asks(
    changes: dict[str, Any], url: str, public_url: str
) -> None:
    """The greeting and the first link bear the name that browsers know."""
    settings = Settings(data_dir=Path("var"), **changes)

    assert (settings.url, settings.public_url) == (url, public_url)
    assert {"localhost", "127.0.0.1", "::1"} <= settings.http_hosts
    assert set(changes.get("http_names", ())) <= settings.http_hosts
