"""The data folder: made where it is missing, and held by one. Knows no database, for the supervisor
needs none and a start has no time to load one.
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from dispatch.errors import SettingsError

LOCK_FILE: Final = "hub.lock"

RESTORING: Final = "restore.partial"
"""A folder in the data folder for as long as a backup is being put back into it."""

PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600
"""Locations and names are inside: nobody else on the machine may read them."""


class FolderLock:
    """Keeps a second one of its kind out of a data folder, for as long as the process lives."""

    def __init__(self, data_dir: Path, *, name: str = LOCK_FILE, kind: str = "hub") -> None:
        path = data_dir / name
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE), "r+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = self._file.read(20).strip()
            self._file.close()
            raise SettingsError(
                f"another {kind} (process {holder or 'unknown'}) has the data folder {data_dir}",
                "stop it, or choose another data folder",
            ) from exc
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Let another have it."""
        self._file.close()


def make_folder(data_dir: Path) -> None:
    """The data folder, made where missing and written to. Raises SettingsError, also where a backup
    was put back into it only in part: a hub there would begin a journal of its own."""
    refuse_half_restored(data_dir)
    probe = data_dir / f".probe-{os.getpid()}"
    try:
        data_dir.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as exc:
        raise SettingsError(
            f"the data folder {data_dir} cannot be written ({exc.strerror})",
            "make it writable for this user or choose another data folder",
        ) from exc


def refuse_half_restored(data_dir: Path) -> None:
    """Raises SettingsError while a backup is being put back, or was put back only in part."""
    if (data_dir / RESTORING).exists():
        raise SettingsError(
            f"a backup is being put back into {data_dir}, or that was broken off",
            "let yihu restore end, or give it the same backup again",
        )
