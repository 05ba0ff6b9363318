"""Old backups go, the newest stay, and those of another centre are nobody's to drop."""

import os
from pathlib import Path

import msgspec
import pytest

from dispatch.backup.manifest import MANIFEST_FILE, text_of
from dispatch.backup.shelf import backups_in, drop_old, newest_of, sweep
from tests.dispatch.backup.test_manifest import manifest

HERE = Path("/srv/yihu")


def put(folder: Path, name: str, *, machine: str = "", data_dir: Path = HERE) -> None:
    made = msgspec.structs.replace(
        manifest(), machine=machine or os.uname().nodename, data_dir=str(data_dir)
    )
    (folder / name).mkdir()
    (folder / name / MANIFEST_FILE).write_bytes(text_of(made))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three backups, and what looks like one."""
    for day in (1, 2, 3):
        put(tmp_path, f"yihu-2026110{day}-033000")
    (tmp_path / "yihu-20261104-033000").mkdir()  # nothing in it: a copy that was broken off
    put(tmp_path, "yihu-20261105-033000.partial")
    put(tmp_path, "photos")
    return tmp_path


def names(folder: Path) -> list[str]:
    return [each.folder.name for each in backups_in(folder)]


def test_only_whole_ones_count_the_newest_first(folder: Path) -> None:
    assert names(folder) == [f"yihu-2026110{day}-033000" for day in (3, 2, 1)]


def test_the_newest_stay(folder: Path) -> None:
    gone = drop_old(folder, HERE, keep=2)

    assert [each.name for each in gone] == ["yihu-20261101-033000"]
    assert names(folder) == ["yihu-20261103-033000", "yihu-20261102-033000"]
    assert (folder / "photos").is_dir()


def test_those_of_another_centre_stay(folder: Path) -> None:
    """Two offices may back up to one disk."""
    put(folder, "yihu-20260101-033000", data_dir=Path("/srv/other"))
    put(folder, "yihu-20260102-033000", machine="another-pc")

    drop_old(folder, HERE, keep=1)

    assert names(folder) == [
        "yihu-20261103-033000",
        "yihu-20260102-033000",
        "yihu-20260101-033000",
    ]


def test_the_newest_of_a_centre_is_its_own(folder: Path) -> None:
    put(folder, "yihu-20261201-033000", machine="another-pc")

    newest = newest_of(folder, HERE)

    assert newest is not None
    assert newest.folder.name == "yihu-20261103-033000"
    assert newest_of(folder, Path("/nowhere")) is None


def test_only_what_was_begun_is_swept(folder: Path) -> None:
    sweep(folder)

    assert sorted(each.name for each in folder.iterdir()) == [
        "photos",
        *(f"yihu-2026110{day}-033000" for day in (1, 2, 3, 4)),
    ]
