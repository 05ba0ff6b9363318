"""Reads settings from a TOML file; refuses what cannot work, in one sentence.

Knows files and spelling. What a value may be is checked where it is built (settings.py), so
that the command line is held to the same. Loads no geometry: the supervisor has none.

Settings stand in `yihu.toml` in the data folder, or in the file that is named:

    http_port = 8080
    community_files = ["xizi/community.toml"]   relative to this file (config.py)
    [waits]
    wave_s = 30

Every error is a SettingsError that names the file, the key and what to do.
"""

import argparse
import dataclasses
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_type_hints

from dispatch.errors import OpenTooSoonError, SettingsError, quoted
from dispatch.settings import DATA_DIR, Backups, KeptDays, Settings, Waits
from dispatch.toml_files import read_bounded, toml_of

SETTINGS_FILE: Final = "yihu.toml"

LOOPBACK_ADDRESS: Final = "127.0.0.1"

SETTINGS_BYTES_MAX: Final = 64 * 2**10
"""Some thousand lines; there are about thirty keys."""


def load_settings(
    *,
    data_dir: Path,
    settings_file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    closed: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of a file, then those of the command line over them.

    Without `settings_file` it is `yihu.toml` in the data folder, if there.
    `overrides` are fields of Settings, typed already; `closed` are fields that count whatever
    file and command line say (`load_unfinished`). Raises SettingsError.
    """
    file = settings_file or data_dir / SETTINGS_FILE
    settings = Settings(data_dir=data_dir)
    if settings_file is not None or file.exists():
        settings = _settings_of(file, data_dir, closed or {})
    return dataclasses.replace(settings, **{**(overrides or {}), **(closed or {})})


def load_unfinished(
    *,
    data_dir: Path,
    settings_file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[Settings, list[OpenTooSoonError]]:
    """As `load_settings`, for the commands that help to finish them: what is opened to others
    before it may be is taken as closed, and named beside. Raises SettingsError for all else."""
    closed: dict[str, str] = {}
    faults: list[OpenTooSoonError] = []
    while True:  # each turn closes another of the two
        try:
            settings = load_settings(
                data_dir=data_dir,
                settings_file=settings_file,
                overrides=overrides,
                closed=closed,
            )
        except OpenTooSoonError as exc:
            if exc.setting in closed:  # loopback never is; without this we would turn for ever
                raise
            closed[exc.setting] = LOOPBACK_ADDRESS
            faults.append(exc)
        else:
            return settings, faults


def store_of(options: argparse.Namespace) -> tuple[str, Path]:
    """Address and data folder of the store that these settings name, as ``yihu run`` finds it.

    For commands with the options of options.py, so that none looks into an empty SQLite file
    beside the PostgreSQL that yihu.toml names. Raises SettingsError.
    """
    data_dir = (options.data or DATA_DIR).absolute()
    given = {} if options.store_url is None else {"store_url": options.store_url}
    settings = load_settings(data_dir=data_dir, settings_file=options.settings, overrides=given)
    return settings.store_url, data_dir


def _settings_of(file: Path, data_dir: Path, closed: Mapping[str, str]) -> Settings:
    table = toml_of(file, read_bounded(file, "settings file", SETTINGS_BYTES_MAX))
    try:
        waits = Waits(**_fields_of(Waits, table.pop("waits", {}), file, "waits."))
        kept = KeptDays(**_fields_of(KeptDays, table.pop("kept_days", {}), file, "kept_days."))
        backup = Backups(**_fields_of(Backups, table.pop("backup", {}), file, "backup."))
        if "data_dir" in table:
            raise SettingsError("data_dir cannot stand here", "give it as --data")
        return Settings(
            data_dir=data_dir,
            waits=waits,
            kept_days=kept,
            backup=backup,
            **{**_fields_of(Settings, table, file, ""), **closed},
        )
    except OpenTooSoonError as exc:
        raise OpenTooSoonError(exc.setting, f"{file}: {exc.what}", exc.remedy) from exc
    except SettingsError as exc:
        raise SettingsError(f"{file}: {exc.what}", exc.remedy) from exc


def _fields_of(
    kind: type[Settings] | type[Waits] | type[KeptDays] | type[Backups],
    table: object,
    file: Path,
    prefix: str,
) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise SettingsError(
            f"{prefix.rstrip('.')} is no table",
            f"write [{prefix.rstrip('.')}] on a line of its own",
        )
    types = get_type_hints(kind)
    for key in table.keys() - types.keys():
        near = difflib.get_close_matches(key, types, n=1)
        remedy = f"did you mean {prefix}{near[0]}?" if near else "remove it"
        raise SettingsError(f"there is no setting {prefix}{quoted(key)}", remedy)
    return {key: _typed(f"{prefix}{key}", value, types[key], file) for key, value in table.items()}


def _typed(key: str, value: object, wanted: object, file: Path) -> object:
    match value:
        case bool() if wanted is bool:
            return value
        case bool():
            pass  # which Python would take for a number
        case str() if wanted is str:
            return value
        case int() if wanted is int:
            return value
        case int() | float() if wanted is float:
            return float(value)
        case str() if wanted == Path | None:
            return file.parent / Path(value).expanduser()
        case list() if wanted == tuple[Path, ...] and all(isinstance(each, str) for each in value):
            return tuple(file.parent / Path(each).expanduser() for each in value)
        case list() if wanted == tuple[str, ...] and all(isinstance(each, str) for each in value):
            return tuple(value)
    shown = {
        str: "text in quotes",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        tuple[str, ...]: 'a list of texts, such as ["yihu.example.cn"]',
    }
    remedy = shown.get(wanted, 'a list of files, such as ["community.toml"]')  # type: ignore[call-overload]  # any type may be asked for
    raise SettingsError(f"{key} is {quoted(repr(value))}", f"write {remedy}")
