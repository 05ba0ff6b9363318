"""Looks at this machine: Python, the data folder, its disk and how fast that is. Leaves nothing."""

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from devices.doctor.findings import Finding, failed, ok, skipped, warning

PYTHON_MIN: Final = (3, 11)

FREE_MIN_MB: Final = 200
"""With less a busy day's journal and history may find no room."""
FREE_WANTED_MB: Final = 2_000
"""A thousand units' month of positions and the journal beside it, with room to spare."""

SYNCS: Final = 50
SYNC_BYTES: Final = 4096
"""A page of the journal."""
SYNC_P50_MAX_MS: Final = 10.0
SYNC_P99_MAX_MS: Final = 100.0
"""An alarm waits for one before ``stored`` and for another before anybody is called."""

REMOTE: Final = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "9p", "afs", "fuse.")
"""Kinds of file systems that another machine keeps, or may keep: locks and syncs are not
what SQLite needs there."""
MOUNTS: Final = Path("/proc/self/mountinfo")


def look_at_machine(data_dir: Path) -> Iterator[Finding]:
    """Each check, in the order in which one asks."""
    yield python(sys.version_info[:2], platform.python_version())
    present = _present(data_dir)
    yield folder(data_dir, present)
    yield file_system(present, _mounts())
    yield space(shutil.disk_usage(present).free // 10**6)
    yield syncs(present)


def python(found: tuple[int, int], version: str) -> Finding:
    """Whether this Python will do."""
    if found < PYTHON_MIN:
        return failed("python.old", version=version, wanted=".".join(map(str, PYTHON_MIN)))
    return ok("python.ok", version=version)


def folder(data_dir: Path, present: Path) -> Finding:
    """Whether the data folder, or what it will be made in, can be written."""
    if not present.is_dir() or not os.access(present, os.W_OK | os.X_OK):
        return failed("folder.unwritable", folder=str(present))
    if present != data_dir:
        return ok("folder.to_be_made", folder=str(data_dir))
    return ok("folder.ok", folder=str(data_dir))


def file_system(present: Path, mounts: str) -> Finding:
    """Whether the disk is this machine's own."""
    kind = kind_of(mounts, present.stat().st_dev)
    if not kind:
        return skipped("disk.unknown")
    if kind.startswith(REMOTE):
        return failed("disk.remote", kind=kind)
    return ok("disk.local", kind=kind)


def kind_of(mounts: str, device: int) -> str:
    """The kind of file system on a device (``st_dev``), by /proc/self/mountinfo (proc(5))::

    36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw

    Empty where it is not there.
    """
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [number]:
            return next(iter(after.split()), "")
    return ""


def space(free_mb: int) -> Finding:
    """Whether there is room."""
    if free_mb < FREE_MIN_MB:
        return failed("space.none", free_mb=free_mb)
    if free_mb < FREE_WANTED_MB:
        return warning("space.low", free_mb=free_mb)
    return ok("space.ok", free_gb=round(free_mb / 1000, 1))


def syncs(present: Path, now: Callable[[], float] = time.perf_counter) -> Finding:
    """How long the disk takes to have a page for good; measured in a file without a name."""
    try:
        with tempfile.TemporaryFile(dir=present) as file:
            took_ms = sorted(_sync_ms(file.fileno(), now) for _ in range(SYNCS))
    except OSError as exc:
        return failed("sync.failed", why=exc.strerror or type(exc).__name__)
    p50_ms, p99_ms = took_ms[len(took_ms) // 2], took_ms[-1]
    facts = {"p50_ms": round(p50_ms, 2), "p99_ms": round(p99_ms, 2)}
    if p50_ms > SYNC_P50_MAX_MS or p99_ms > SYNC_P99_MAX_MS:
        return warning("sync.slow", **facts)
    return ok("sync.ok", **facts)


def _sync_ms(fd: int, now: Callable[[], float]) -> float:
    os.write(fd, bytes(SYNC_BYTES))
    begun_s = now()
    os.fdatasync(fd)
    return 1000 * (now() - begun_s)


def _present(data_dir: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (data_dir, *data_dir.parents) if each.exists())


def _mounts() -> str:
    return MOUNTS.read_text(errors="replace") if MOUNTS.exists() else ""
