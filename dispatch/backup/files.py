"""Plain files: copied and hashed in one pass, linked where they are the same, and safe on the disk.

Everything here is for one owner's eyes. What the disk says no to becomes a sentence.
"""

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dispatch.backup.errors import BackupError
from dispatch.backup.manifest import Seen
from dispatch.errors import StoreError
from dispatch.store.copying import NoRoomError
from dispatch.store.folder import PRIVATE_FILE, PRIVATE_FOLDER

CHUNK_BYTES: Final = 2**20
SETTLED_NS: Final = 2_000_000_000
"""A file that was written less than so long ago may be written again with the same time: disks
count in two seconds (FAT)."""


def make_private(folder: Path) -> None:
    """A folder, and those above it that are not there yet."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def copy(source: Path, target: Path) -> tuple[int, str]:
    """Into a file that is not there; gives back its size and SHA-256. Raises OSError, also where
    the source is no regular file."""
    fd = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as reading:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(source))
        made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(made, "wb") as writing:
            digest = hashlib.sha256()
            size = 0
            while chunk := reading.read(CHUNK_BYTES):
                digest.update(chunk)
                writing.write(chunk)
                size += len(chunk)
            writing.flush()
            os.fsync(made)
    return size, digest.hexdigest()


def hashed(file: Path) -> tuple[int, str]:
    """A file's size and SHA-256; a link is not followed. Raises OSError."""
    fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as reading:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(file))
        digest = hashlib.file_digest(reading, "sha256")
        return reading.tell(), digest.hexdigest()


def seen_of(file: Path, now_ns: int) -> Seen | None:
    """How it stands; None where it was written a moment ago. Raises OSError where it is gone."""
    of_file = file.stat()
    log_bytes = log_mtime_ns = 0
    with contextlib.suppress(FileNotFoundError):
        of_log = file.with_name(file.name + "-wal").stat()
        if of_log.st_size:  # a reader makes an empty one
            log_bytes, log_mtime_ns = of_log.st_size, of_log.st_mtime_ns
    if now_ns - max(of_file.st_mtime_ns, log_mtime_ns) < SETTLED_NS:
        return None
    return Seen(
        bytes=of_file.st_size,
        mtime_ns=of_file.st_mtime_ns,
        log_bytes=log_bytes,
        log_mtime_ns=log_mtime_ns,
    )


def link(source: Path, target: Path) -> bool:
    """The same file under another name; False where this disk has no such thing."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise
        return False
    return True


def write(file: Path, data: bytes) -> None:
    """A small file that is not there yet, on the disk when this is over. Raises OSError."""
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(fd, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(fd)


def sync_folders(top: Path) -> None:
    """The names in a folder and in those below it, on the disk."""
    for folder, _, _ in os.walk(top):
        sync_folder(Path(folder))


def sync_folder(folder: Path) -> None:
    """Not every disk can; one that cannot has no such promise to keep."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(fd)
    finally:
        os.close(fd)


@contextlib.contextmanager
def told_in_a_sentence(doing: str, where: Path) -> Iterator[None]:
    """What a disk or a database refuses. Raises BackupError."""
    try:
        yield
    except NoRoomError as exc:
        raise _full(doing, where) from exc
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(doing, where) from exc
        of = f"{exc.filename}: " if exc.filename else ""
        raise BackupError(
            f"{doing} failed ({of}{exc.strerror or exc})",
            f"see that {where} is there and ours to write",
        ) from exc
    except StoreError as exc:
        raise BackupError(f"{doing} failed ({exc})", "see what yihu doctor says") from exc


def _full(doing: str, where: Path) -> BackupError:
    return BackupError(
        f"{doing} failed, for the disk with {where} is full",
        "make room there, or name another disk; nothing was kept",
    )
