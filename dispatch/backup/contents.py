"""What is taken of a data folder, and of what its settings name elsewhere; what is not, and why.

Whatever is not known to be made again is taken: a file that somebody put there was put there for
a reason. The journal and the history are not looked at here: they are copied as databases.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dispatch.backup.manifest import FILES_MAX, LeftOut, is_inside
from dispatch.backup.restored import RESTORED_FILE
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from dispatch.store.database import HISTORY_FILE, HISTORY_FOLDER, JOURNAL_FILE
from dispatch.tips.keys import FILE as TIPS_KEY
from dispatch.toml_files import read_bounded, toml_of

FILE_BYTES_MAX: Final = 2 * 2**30
"""Nothing of ours comes near it; an image of a disk that lies there would fill every backup."""
COMMUNITY_BYTES_MAX: Final = 32 * 2**20
"""As config.py has it."""

NOT_TAKEN: Final = {
    "cache": "the next start makes it again",
    "broker": "the embedded broker's own; radios repeat what it had not handed on",
    "clock.json": "of this machine's clock, since it was last switched on",
    "local-token": "opens this server on this machine; the next start makes another",
    "local-address": "where the server of this moment is",
    RESTORED_FILE: "tells where this folder itself came from",
    TIPS_KEY: "opens sealed tips, so that no backup does: keep it apart (yihu tips key export)",
}
DATABASES: Final = (JOURNAL_FILE, HISTORY_FILE)
SIDES: Final = ("", "-wal", "-shm", "-journal")
UNFINISHED: Final = (".new", ".part", ".partial", ".tmp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Plain files to copy, and what is left out."""

    inside: list[str]
    """By their names in the data folder."""
    outside: list[Path]
    """By their whole paths."""
    left_out: list[LeftOut]


def contents_of(settings: Settings, settings_file: Path | None) -> Contents:
    """Changes nothing. Raises OSError where the data folder cannot be listed."""
    data_dir = settings.data_dir
    inside: list[str] = []
    left_out: list[LeftOut] = []
    for name, why in _walked(data_dir):
        if why is None:
            inside.append(name)
        elif why:
            left_out.append(LeftOut(name=name, why=why, harm=why in HARM))
    here = data_dir.resolve()
    outside: list[Path] = []
    for path, why in _named(settings, settings_file):
        if why:
            left_out.append(LeftOut(name=str(path), why=why, harm=True))
        elif not path.resolve().is_relative_to(here) and path not in outside:
            outside.append(path)
    return Contents(inside=sorted(inside), outside=outside, left_out=left_out)


# --- the data folder ---

TOO_BIG: Final = f"longer than {FILE_BYTES_MAX // 2**30} GiB"
TOO_MANY: Final = f"there are more than {FILES_MAX // 2} files"
ODD_NAME: Final = "its name cannot be written down"
ODD_LINK: Final = "a link to a folder"
UNREADABLE: Final = "it cannot be read by this user"
HARM: Final = frozenset({TOO_BIG, TOO_MANY, ODD_NAME, ODD_LINK, UNREADABLE})


def _walked(data_dir: Path) -> Iterator[tuple[str, str | None]]:
    """Each file's name, and why it is left out: None, it is not; empty, it is taken otherwise."""
    count = 0
    for top, folders, files in os.walk(data_dir, onerror=_raise):
        for name in sorted(folders):
            path = Path(top, name)
            said = str(path.relative_to(data_dir))
            why = _why_no_folder(path, said)
            if why is not None:
                folders.remove(name)
                yield f"{said}/", why
        for name in sorted(files):
            path = Path(top, name)
            said = str(path.relative_to(data_dir))
            why = _why_not(path, said)
            if why is None:
                count += 1
                if count > FILES_MAX // 2:
                    yield f"{said} and what follows", TOO_MANY
                    return
            yield said, why


def _raise(exc: OSError) -> None:
    raise exc


def _why_no_folder(path: Path, said: str) -> str | None:
    if said == HISTORY_FOLDER:
        return ""
    if path.is_symlink():
        return ODD_LINK
    if not os.access(path, os.R_OK | os.X_OK):
        return UNREADABLE
    if said.endswith(UNFINISHED):
        return "it was never finished"
    return NOT_TAKEN.get(said)


def _why_not(path: Path, said: str) -> str | None:
    if said in {f"{name}{side}" for name in DATABASES for side in SIDES}:
        return ""
    if said in NOT_TAKEN:
        return NOT_TAKEN[said]
    if said.endswith(".lock"):
        return "says which process has the folder"
    if said.endswith(UNFINISHED) or path.name.startswith(".probe-"):
        return "it was never finished"
    if said.endswith(".log"):
        return "what was said in a terminal is no record"
    if not is_inside(f"data/{said}"):
        return ODD_NAME
    try:
        found = path.stat()
    except OSError:
        return "it was gone, or leads nowhere"
    if not stat.S_ISREG(found.st_mode):
        return "no file: a socket, a pipe or a device"
    if found.st_size > FILE_BYTES_MAX:
        return TOO_BIG
    return None if os.access(path, os.R_OK) else UNREADABLE


# --- what the settings name ---


def _named(settings: Settings, settings_file: Path | None) -> Iterator[tuple[Path, str]]:
    """Every file, and why it cannot be taken; empty: it can."""
    plain = (
        settings_file,
        settings.gateways_file,
        settings.http_cert,
        settings.http_key,
        settings.mqtt_cert,
        settings.mqtt_key,
        settings.oidc_secret_file,
    )
    for path in plain:
        if path is not None:
            yield _looked_at(path)
    for file in settings.community_files:
        yield _looked_at(file)
        for path in _of_community(file):
            yield _looked_at(path)


def _looked_at(path: Path) -> tuple[Path, str]:
    whole = Path(os.path.normpath(path.absolute()))
    try:
        found = whole.stat()
    except OSError as exc:
        return whole, f"the settings name it, and it cannot be read ({exc.strerror})"
    if not stat.S_ISREG(found.st_mode):
        return whole, "the settings name it, and it is no file"
    if found.st_size > FILE_BYTES_MAX:
        return whole, TOO_BIG
    if not is_inside(f"outside{whole}"):
        return whole, ODD_NAME
    return whole, "" if os.access(whole, os.R_OK) else UNREADABLE


def _of_community(file: Path) -> Iterator[Path]:
    """What it names; nothing where it cannot be read, which a start will say."""
    try:
        table = toml_of(file, read_bounded(file, "community file", COMMUNITY_BYTES_MAX))
    except SettingsError:
        return
    head = table.get("community")
    named: dict[str, Any] = head if isinstance(head, dict) else {}
    plans = named.get("plans")
    each_named = [named.get(key) for key in ("grids", "streets", "walking")]
    for name in (*each_named, *(plans if isinstance(plans, list) else [])):
        if isinstance(name, str) and name:
            yield file.parent / name
