"""The data folder, as the supervisor has it: held by one, and without a database."""

import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.errors import SettingsError
from dispatch.store.folder import FolderLock, make_folder

LOADED = """
import sys
import devices.broker.binary, devices.broker.room, dispatch.config, dispatch.gateways.checking
import dispatch.store.folder, dispatch.supervisor
print("sqlalchemy" in sys.modules, "dispatch.board" in sys.modules)
"""
"""What ``yihu run`` loads of ours."""


def test_the_supervisor_loads_no_database() -> None:
    """It runs before the hub does: each module it loads is waited for at every start."""
    told = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["False", "False"]


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
