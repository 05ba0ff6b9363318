"""Files that settings name: whole, within bounds, and regular."""

import os
from pathlib import Path

import pytest

from dispatch.config import load_community
from dispatch.errors import SettingsError
from dispatch.settings_file import load_settings
from dispatch.toml_files import opened, read_bounded
from tests.dispatch.test_config import write_community


def test_a_pipe_or_a_device_is_refused_unread(tmp_path: Path) -> None:
    """A pipe that nobody writes to kept the hub from starting, and said nothing."""
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for file in (pipe, Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(SettingsError, match="a pipe, a socket or a device is no file"):
            read_bounded(file, "plan book", 10)


@pytest.mark.parametrize("key", ["walking", "streets", "grids", "plans"])
def test_no_file_that_a_community_names_may_be_a_pipe(tmp_path: Path, key: str) -> None:
    """They are all opened in one place."""
    os.mkfifo(tmp_path / "pipe.geojson")
    file = write_community(tmp_path)
    text = "\n".join(line for line in file.read_text().splitlines() if not line.startswith(key))
    named = '["pipe.geojson"]' if key == "plans" else '"pipe.geojson"'
    file.write_text(text.replace("[community]", f"[community]\n{key} = {named}", 1))

    with pytest.raises(SettingsError, match=r"pipe\.geojson cannot be read \(a pipe"):
        load_community(file)


def test_the_settings_themselves_may_be_no_pipe(tmp_path: Path) -> None:
    """The same place opens them."""
    os.mkfifo(tmp_path / "yihu.toml")

    with pytest.raises(SettingsError, match=r"the settings file .*\(a pipe"):
        load_settings(data_dir=tmp_path)


def test_a_folder_and_a_missing_file_are_told_by_their_names(tmp_path: Path) -> None:
    """The system's own words say which of the two it is."""
    with pytest.raises(SettingsError, match="Is a directory"):
        read_bounded(tmp_path, "plan book", 10)
    with pytest.raises(SettingsError, match="No such file"), opened(tmp_path / "gone", "book"):
        pass


def test_a_file_is_read_whole_or_refused(tmp_path: Path) -> None:
    """Cut in the middle it might still be a file, and another one."""
    file = tmp_path / "a"
    file.write_bytes(b"0123456789")

    assert read_bounded(file, "file", 10) == b"0123456789"
    with pytest.raises(SettingsError, match="keep it under 9 bytes"):
        read_bounded(file, "file", 9)
