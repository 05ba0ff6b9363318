"""What the doctor finds of a machine."""

import os
from pathlib import Path

import pytest

from devices.doctor.findings import Level
from devices.doctor.machine import (
    FREE_MIN_MB,
    FREE_WANTED_MB,
    SYNCS,
    file_system,
    folder,
    kind_of,
    look_at_machine,
    python,
    space,
    syncs,
)


def mounts(kind: str, path: Path) -> str:
    """A line of /proc/self/mountinfo for the disk that this path lies on."""
    device = path.stat().st_dev
    return f"36 35 {os.major(device)}:{os.minor(device)} / /data rw shared:1 - {kind} /dev/x rw\n"


def test_an_old_python_is_refused() -> None:
    """The packages would install, and fail at the first alarm."""
    assert python((3, 10), "3.10.9").level is Level.FAILED
    assert python((3, 11), "3.11.2").level is Level.OK


def test_a_disk_of_another_machine_is_refused(tmp_path: Path) -> None:
    """SQLite's locks and syncs do not hold there: a power cut would take alarms along."""
    for kind in ("nfs4", "cifs", "fuse.sshfs", "9p"):
        assert file_system(tmp_path, mounts(kind, tmp_path)).code == "disk.remote"
    assert file_system(tmp_path, mounts("ext4", tmp_path)).code == "disk.local"
    assert file_system(tmp_path, "").code == "disk.unknown"


def test_lines_that_are_no_mounts_are_passed_over() -> None:
    """The kernel's own file may hold what we do not know."""
    assert kind_of("\n - \nnonsense\n1 2 3\n", 0) == ""


def test_room_is_told_in_three_steps() -> None:
    """Low is time to act, none is too late for it."""
    assert space(FREE_WANTED_MB).level is Level.OK
    assert space(FREE_WANTED_MB - 1).level is Level.WARNING
    assert space(FREE_MIN_MB - 1).level is Level.FAILED


def test_a_slow_disk_is_told_with_its_times(tmp_path: Path) -> None:
    """Each alarm waits for two of these: an administrator should know."""
    ticks = iter(range(2 * SYNCS))

    slow = syncs(tmp_path, now=lambda: next(ticks) * 0.03)

    assert (slow.code, slow.level) == ("sync.slow", Level.WARNING)
    assert slow.facts["p50_ms"] == pytest.approx(30.0)


def test_a_fast_disk_is_well(tmp_path: Path) -> None:
    """And nothing is left behind."""
    ticks = iter(range(2 * SYNCS))

    found = syncs(tmp_path, now=lambda: next(ticks) * 0.001)

    assert found.code == "sync.ok"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    """A doctor changes nothing."""
    found = {each.code for each in look_at_machine(tmp_path / "a" / "b")}

    assert "folder.to_be_made" in found
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Somebody named the settings file by mistake."""
    file = tmp_path / "yihu.toml"
    file.touch()

    assert folder(file, file).code == "folder.unwritable"
