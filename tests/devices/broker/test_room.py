"""The broker's store lies in memory, and nobody else can lay something there for us."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.broker.room import (
    DISK_BYTES_MAX,
    MEMORY,
    MEMORY_BYTES_MAX,
    MEMORY_FREE_BYTES_MIN,
    disk_room,
    find_room,
    is_tmpfs,
    memory_folder,
)

MOUNTS = """\
29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
36 35 0:26 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw
noise
37 35 0:27 / /dev/mqueue rw - mqueue mqueue rw
"""


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder of the test's own in this machine's memory."""
    folder = MEMORY / f"yihu-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as exc:
        pytest.skip(f"no {MEMORY} here: {exc.strerror}")
    try:
        if os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize < 2 * MEMORY_FREE_BYTES_MIN:
            pytest.skip(f"too little room in {MEMORY}")
        yield folder
    finally:
        shutil.rmtree(folder)


def test_the_store_lies_in_memory_and_is_ours_alone(tmp_path: Path, memory: Path) -> None:
    """A data folder on a full disk must not cost the broker its store."""
    room = find_room(tmp_path, memory=memory)

    assert room.folder == memory_folder(tmp_path, memory=memory)
    assert room.folder.stat().st_mode & 0o777 == 0o700
    assert MEMORY_FREE_BYTES_MIN // 4 <= room.bytes_max <= MEMORY_BYTES_MAX


def test_it_is_found_again_by_the_same_data_folder_only(tmp_path: Path, memory: Path) -> None:
    """Two brokers on one store would damage it; one that restarts wants its own."""
    first = find_room(tmp_path / "a", memory=memory)
    (first.folder / "kept").write_text("x")

    assert find_room(tmp_path / "a", memory=memory).folder == first.folder
    assert (first.folder / "kept").exists()
    assert find_room(tmp_path / "b", memory=memory).folder != first.folder


def test_a_link_laid_there_by_another_is_not_followed(tmp_path: Path, memory: Path) -> None:
    """Everybody may write in /dev/shm, and our name there can be guessed."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    memory_folder(tmp_path, memory=memory).symlink_to(elsewhere)

    room = find_room(tmp_path, memory=memory)

    assert room == disk_room(tmp_path)
    assert elsewhere.stat().st_mode & 0o777 == 0o755


def test_what_is_no_folder_is_not_taken(tmp_path: Path, memory: Path) -> None:
    memory_folder(tmp_path, memory=memory).write_text("")

    assert find_room(tmp_path, memory=memory) == disk_room(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_not_taken(tmp_path: Path, memory: Path) -> None:
    """They could read what radios are told, and change it."""
    folder = memory_folder(tmp_path, memory=memory)
    folder.mkdir()
    os.chown(folder, 65534, 65534)

    assert find_room(tmp_path, memory=memory) == disk_room(tmp_path)


def test_a_folder_of_ours_that_others_could_read_is_closed(tmp_path: Path, memory: Path) -> None:
    memory_folder(tmp_path, memory=memory).mkdir(mode=0o755)

    assert find_room(tmp_path, memory=memory).folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("memory", [Path("/proc"), Path("/nonexistent")])
def test_without_memory_it_lies_in_the_data_folder(tmp_path: Path, memory: Path) -> None:
    """As on another system than Linux, or in a container without /dev/shm."""
    room = find_room(tmp_path, memory=memory)

    assert (room.folder, room.bytes_max) == (tmp_path / "broker", DISK_BYTES_MAX)


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (os.makedev(0, 26), True),
        (os.makedev(0, 27), False),
        (os.makedev(8, 1), False),
        (os.makedev(9, 9), False),
    ],
)
def test_the_kernel_says_what_is_memory(device: int, expected: bool) -> None:
    """A folder called /dev/shm on a disk gives nothing."""
    assert is_tmpfs(MOUNTS, device) is expected
