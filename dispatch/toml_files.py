"""Reads a file within bounds, and TOML out of it; refuses either in one sentence.

What the file may say is the business of whoever asked for it (config.py, plan_files.py).
"""

import contextlib
import errno
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from dispatch.errors import SettingsError


@contextlib.contextmanager
def opened(file: Path, what: str) -> Iterator[BinaryIO]:
    """A regular file, to be read in the block: a pipe would be waited for, a device read without
    end. Raises SettingsError where there is none, or reading it fails."""
    try:
        with open(_regular(file), "rb") as stream:
            yield stream
    except OSError as exc:
        raise SettingsError(
            f"the {what} {file} cannot be read ({exc.strerror})",
            "check its name and its permissions",
        ) from exc


def read_bounded(file: Path, what: str, bytes_max: int) -> bytes:
    """All of a file. Raises SettingsError where it cannot be read or is longer."""
    with opened(file, what) as stream:
        data = stream.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise SettingsError(f"the {what} {file} is too long", f"keep it under {bytes_max} bytes")
    return data


def _regular(file: Path) -> int:
    """Its descriptor. Raises OSError."""
    opened_fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(opened_fd).st_mode
    if stat.S_ISREG(mode):
        return opened_fd
    os.close(opened_fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "a pipe, a socket or a device is no file")


def toml_of(file: Path, data: bytes) -> dict[str, Any]:
    """The table that these bytes of the file say. Raises SettingsError."""
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as exc:
        raise SettingsError(f"{file} is not UTF-8 at byte {exc.start}", "save it as UTF-8") from exc
    except (ValueError, RecursionError) as exc:  # ValueError: also a number of 5,000 digits
        raise SettingsError(f"{file} is not TOML ({exc})", "mend that line") from exc
