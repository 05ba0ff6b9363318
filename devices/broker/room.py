"""Where the embedded broker keeps its store: in memory where that is possible, else on the disk.

Its store need not outlive the machine: alarms, orders and reports are acknowledged end
to end and repeated until they are. In the data folder it would share a disk that may
fill up, and nats-server does not get over a failed write when there is room again.
"""

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

MEMORY: Final = Path("/dev/shm")  # noqa: S108 -- the folder in it is made and checked as ours
MOUNTS: Final = Path("/proc/self/mountinfo")

MEMORY_FREE_BYTES_MIN: Final = 64 * 1024 * 1024
"""What a container has there if nobody asked for more. With less, better the disk."""

MEMORY_BYTES_MAX: Final = 256 * 1024 * 1024
"""A thousand radios away, with some thousands of short messages each."""

MEMORY_SHARE: Final = 4
"""At most one part in so many of what is free: others use it too, and it is real memory."""

DISK_BYTES_MAX: Final = 1024 * 1024 * 1024

_NAME_DIGITS: Final = 12

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRoom:
    """A folder for the broker's store, and how much may come to lie in it.

    It holds the messages waiting for radios that are away. Full, the broker refuses QoS 1.
    """

    folder: Path
    bytes_max: int


def disk_room(data_dir: Path) -> StoreRoom:
    """Room in the data folder, as far as its disk goes."""
    return StoreRoom(folder=data_dir / "broker", bytes_max=DISK_BYTES_MAX)


def find_room(data_dir: Path, *, memory: Path = MEMORY) -> StoreRoom:
    """Room in memory, its folder made and ours alone, else in the data folder."""
    folder = memory_folder(data_dir, memory=memory)
    try:
        if not _is_memory(memory) or not os.access(memory, os.W_OK | os.X_OK):
            return disk_room(data_dir)
        free_bytes = _free_bytes(memory) + _used_bytes(folder)
        if free_bytes < MEMORY_FREE_BYTES_MIN:
            return disk_room(data_dir)
        _make_ours(folder)
    except OSError as exc:
        log.warning("broker_store_not_in_memory", folder=str(folder), why=exc.strerror)
        return disk_room(data_dir)
    bytes_max = min(MEMORY_BYTES_MAX, free_bytes // MEMORY_SHARE)
    return StoreRoom(folder=folder, bytes_max=bytes_max)


def memory_folder(data_dir: Path, *, memory: Path = MEMORY) -> Path:
    """The folder in memory that belongs to this data folder and this user."""
    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()
    return memory / f"yihu-{os.geteuid()}-{digest[:_NAME_DIGITS]}"


def is_tmpfs(mounts: str, device: int) -> bool:
    """Whether this device (``st_dev``) is a tmpfs, by /proc/self/mountinfo (proc(5))::

    36 35 0:26 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw
    """
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [number]:
            return after.split()[:1] == ["tmpfs"]
    return False


def _is_memory(folder: Path) -> bool:
    """Whether it is a folder on a tmpfs; elsewhere than on Linux nobody can say."""
    if not folder.is_dir() or not MOUNTS.exists():
        return False
    return is_tmpfs(MOUNTS.read_text(errors="replace"), folder.stat().st_dev)


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _used_bytes(folder: Path) -> int:
    """What our store holds from before: it is room for us, or a full store would move out."""
    used = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                used += os.lstat(Path(place) / name).st_blocks * 512  # stat(2): always 512
    return used


def _make_ours(folder: Path) -> None:
    """Everybody may write in /dev/shm: what lies there under our name is looked at first.

    Raises PermissionError when it is a link, no folder, or somebody else's.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(0, "what lies there is not ours")
    folder.chmod(0o700)
