"""Reads a file within bounds, and TOML out of it; refuses either in one sentence.

What the file may say is the business of whoever asked for it (config.py, plan_files.py).
"""

import tomllib
from pathlib import Path
from typing import Any

from dispatch.errors import SettingsError


def read_bounded(file: Path, what: str, bytes_max: int) -> bytes:
    """All of a file. Raises SettingsError where it cannot be read or is longer."""
    try:
        with file.open("rb") as stream:
            data = stream.read(bytes_max + 1)
    except OSError as exc:
        raise SettingsError(
            f"the {what} {file} cannot be read ({exc.strerror})",
            "check its name and its permissions",
        ) from exc
    if len(data) > bytes_max:
        raise SettingsError(f"the {what} {file} is too long", f"keep it under {bytes_max} bytes")
    return data


def toml_of(file: Path, data: bytes) -> dict[str, Any]:
    """The table that these bytes of the file say. Raises SettingsError."""
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as exc:
        raise SettingsError(f"{file} is not UTF-8 at byte {exc.start}", "save it as UTF-8") from exc
    except (ValueError, RecursionError) as exc:  # ValueError: also a number of 5,000 digits
        raise SettingsError(f"{file} is not TOML ({exc})", "mend that line") from exc
