"""The doctor tells how old the newest backup is, where the settings ask for any."""

import os
from pathlib import Path

import msgspec
import pytest

from devices.doctor.backups import look_at_backups
from devices.doctor.findings import Level
from devices.doctor.words import TONGUES, say
from dispatch.backup.manifest import MANIFEST_FILE, text_of
from dispatch.clock import DAY, HOUR
from dispatch.settings import Backups, Settings
from tests.dispatch.backup.test_manifest import manifest

NOW = 1_795_375_800_000_000


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data", backup=Backups(to=folder / "usb"))


def put(folder: Path, *, age: int) -> None:
    made = msgspec.structs.replace(
        manifest(),
        made_t=NOW - age,
        machine=os.uname().nodename,
        data_dir=str(folder / "data"),
    )
    backup = folder / "usb" / "yihu-20261122-033000"
    backup.mkdir(parents=True)
    (backup / MANIFEST_FILE).write_bytes(text_of(made))


@pytest.mark.parametrize(
    ("age", "code", "level"),
    [
        (5 * HOUR, "backup.ok", Level.OK),
        (-HOUR, "backup.ok", Level.OK),
        (2 * DAY, "backup.ok", Level.OK),
        (2 * DAY + 1, "backup.old", Level.WARNING),
    ],
)
def test_an_old_one_is_told(tmp_path: Path, age: int, code: str, level: Level) -> None:
    put(tmp_path, age=age)

    found = look_at_backups(settings(tmp_path), NOW)

    assert (found.code, found.level) == (code, level)
    for lang in TONGUES:
        assert str(tmp_path / "usb") in say(found, lang)[0]


def test_a_stick_that_is_out_is_told(tmp_path: Path) -> None:
    assert look_at_backups(settings(tmp_path), NOW).code == "backup.unseen"


def test_a_place_without_any_is_told(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()

    assert look_at_backups(settings(tmp_path), NOW).code == "backup.none"


def test_whoever_wants_none_is_told_how(tmp_path: Path) -> None:
    found = look_at_backups(Settings(data_dir=tmp_path), NOW)

    assert (found.code, found.level) == ("backup.unset", Level.SKIPPED)
