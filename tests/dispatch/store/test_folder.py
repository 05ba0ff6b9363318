"""The data folder, as the supervisor has it: held by one, and without a database."""

import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.errors import SettingsError
from dispatch.store.folder import FolderLock, make_folder

LOADED = """
import sys
import devices.broker.binary, devices.broker.room, dispatch.roster_kept, dispatch.settings_file
import dispatch.__main__, dispatch.store.folder, dispatch.supervisor, dispatch.wiring
seldom = ("sqlalchemy", "numpy", "dispatch.board", "importlib.metadata")
print(*(name in sys.modules for name in seldom))
"""
"""What ``yihu run`` loads of ours where nothing about its communities is new."""


def test_the_supervisor_loads_no_database_and_no_geometry() -> None:
    """It runs before the hub does: each module it loads is waited for at every start."""
    told = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["False"] * 4


def test_a_folder_is_held_by_one_of_a_kind(tmp_path: Path) -> None:
    """Supervisor and hub each have a lock of their own."""
    folder = tmp_path / "data"
    make_folder(folder)
    hub, yihu = FolderLock(folder), FolderLock(folder, name="run.lock", kind="yihu")

    with pytest.raises(SettingsError, match="another hub"):
        FolderLock(folder)

    hub.release()
    FolderLock(folder).release()
    yihu.release()
