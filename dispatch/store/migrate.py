"""Brings the journal's tables up to date at start, or refuses a journal from the future.

The steps are in ``migrations/``, inside the package, so that an installed
wheel finds them; no alembic.ini is needed.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dispatch.errors import SettingsError

FOLDER: Final = Path(__file__).parent / "migrations"


def bring_up_to_date(conn: Connection) -> None:
    """Run the missing steps in the caller's transaction. Raises SettingsError if it is newer."""
    config = _config()
    _refuse_newer(_current(conn), ScriptDirectory.from_config(config))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def check_up_to_date(conn: Connection) -> None:
    """Refuse to read tables that are not the ones we know (SettingsError)."""
    script = ScriptDirectory.from_config(_config())
    current = _current(conn)
    _refuse_newer(current, script)
    if current != script.get_current_head():
        raise SettingsError(
            f"the journal's tables are of an older version ({current or 'none'})",
            "start the hub once to bring them up to date",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _current(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _refuse_newer(current: str | None, script: ScriptDirectory) -> None:
    known = {step.revision for step in script.walk_revisions()}
    if current is not None and current not in known:
        raise SettingsError(
            f"the journal was written by a newer Yihu (its tables are version {current})",
            "install that version or a later one",
        )
