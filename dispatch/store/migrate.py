"""Brings the journal's tables up to date at start, or refuses a journal from the future.

The steps are in ``migrations/``, inside the package, so that an installed
wheel finds them; no alembic.ini is needed. A step changes the shape of the
tables; what stands in those for looking things up is then built again from the
journal, so that they hold what this version makes of it, whatever the last one did.
"""

import time
from pathlib import Path
from typing import Final

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dispatch.errors import SettingsError
from dispatch.store.rebuild import rebuild

log = structlog.get_logger("yihu.store")

FOLDER: Final = Path(__file__).parent / "migrations"


def bring_up_to_date(conn: Connection) -> None:
    """Run the missing steps in the caller's transaction. Raises SettingsError if it is newer."""
    config = _config()
    script = ScriptDirectory.from_config(config)
    before = _current(conn)
    _refuse_newer(before, script)
    if before == script.get_current_head():
        return
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
    if before is not None:
        _fill_again(conn)


def _fill_again(conn: Connection) -> None:
    log.info("store_upgrading", why="tables of an older version are built again")
    began_s = time.monotonic()
    facts = rebuild(conn)
    log.info("store_upgraded", facts=facts, seconds=round(time.monotonic() - began_s, 1))


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
