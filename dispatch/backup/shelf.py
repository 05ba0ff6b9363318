"""The backups that a folder has: which are whole, which is the newest, which are to go.

A name alone says nothing: what has no manifest that can be read is no backup. Only backups of the
same data folder are ever dropped.
"""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.backup.errors import BackupError
from dispatch.backup.manifest import MANIFEST_FILE, Manifest, read_manifest

NAME: Final = re.compile(r"yihu-\d{8}-\d{6}")
PARTIAL: Final = ".partial"
BACKUPS_MAX: Final = 1_000
"""Looked at, the newest first: three years of days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A whole one."""

    folder: Path
    manifest: Manifest


def backups_in(folder: Path) -> list[Backup]:
    """Whole ones, the newest first. Raises OSError."""
    names = sorted(each.name for each in folder.iterdir() if NAME.fullmatch(each.name))
    found = []
    for name in reversed(names[-BACKUPS_MAX:]):
        try:
            found.append(Backup(folder=folder / name, manifest=read_manifest(folder / name)))
        except BackupError:  # checking it will say why
            continue
    return found


def newest_of(folder: Path, data_dir: Path) -> Backup | None:
    """The last one of this data folder. Raises OSError."""
    return next(iter(_mine(folder, data_dir)), None)


def _mine(folder: Path, data_dir: Path) -> list[Backup]:
    """Of this machine and folder: two centres may back up to one place."""
    here = (os.uname().nodename, str(data_dir))
    return [
        each
        for each in backups_in(folder)
        if (each.manifest.machine, each.manifest.data_dir) == here
    ]


def sweep(folder: Path) -> None:
    """Remove what earlier runs began and did not finish. Raises OSError."""
    for each in folder.glob(f"yihu-*{PARTIAL}"):
        if NAME.fullmatch(each.name.removesuffix(PARTIAL)) and not each.is_symlink():
            shutil.rmtree(each)


def drop_old(folder: Path, data_dir: Path, *, keep: int) -> list[Path]:
    """All but the newest ``keep`` of this data folder; gives back which. Raises OSError."""
    assert keep > 0
    return drop([each.folder for each in _mine(folder, data_dir)[keep:]])


def drop(folders: Sequence[Path]) -> list[Path]:
    """The manifest first: what is left of one that is broken off here looks like no backup."""
    for each in folders:
        (each / MANIFEST_FILE).unlink()
        shutil.rmtree(each)
    return list(folders)
