"""Brings the journal's tables up to date at start, or refuses a journal from the future.

The steps are in ``migrations/``, inside the package, so that an installed
wheel finds them; no alembic.ini is needed. A step changes the shape of the
tables; what stands in those for looking things up is then built again from the
journal, so that they hold what this version makes of it, whatever the last one did.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import Connection, inspect, text

from dispatch.errors import SettingsError
from dispatch.store.rebuild import rebuild

log = structlog.get_logger("yihu.store")

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

FOLDER: Final = Path(__file__).parent / "migrations"

NEWEST: Final = "0005"
"""The last step. Where the tables say so, Alembic is not even loaded: that takes a tenth of a
second of every start."""


def bring_up_to_date(conn: Connection) -> None:
    """Run the missing steps in the caller's transaction. Raises SettingsError if it is newer."""
    before = _current(conn)
    if before == NEWEST:
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _config()
    script = ScriptDirectory.from_config(config)
    _refuse_newer(before, script)
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
    if before is not None and _fills_again(script, before):
        _fill_again(conn)


def _fills_again(script: "ScriptDirectory", before: str) -> bool:
    """Whether a step since then changed what stands in the tables for looking things up."""
    steps = script.iterate_revisions("head", before)
    return any(getattr(step.module, "fills_again", True) for step in steps)


def _fill_again(conn: Connection) -> None:
    log.info("store_upgrading", why="tables of an older version are built again")
    began_s = time.monotonic()
    facts = rebuild(conn)
    log.info("store_upgraded", facts=facts, seconds=round(time.monotonic() - began_s, 1))


def check_up_to_date(conn: Connection) -> None:
    """Refuse to read tables that are not the ones we know (SettingsError)."""
    current = _current(conn)
    if current == NEWEST:
        return
    from alembic.script import ScriptDirectory

    _refuse_newer(current, ScriptDirectory.from_config(_config()))
    raise SettingsError(
        f"the journal's tables are of an older version ({current or 'none'})",
        "start the hub once to bring them up to date",
    )


def revision_of(conn: Connection) -> str | None:
    """The last step that these tables have seen; None where they are none of ours."""
    return _current(conn)


def refuse_newer(revision: str) -> None:
    """Refuse tables that only a later version knows (SettingsError)."""
    from alembic.script import ScriptDirectory

    _refuse_newer(revision, ScriptDirectory.from_config(_config()))


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _current(conn: Connection) -> str | None:
    """As Alembic notes it; None where it never ran."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _refuse_newer(current: str | None, script: "ScriptDirectory") -> None:
    known = {step.revision for step in script.walk_revisions()}
    if current is not None and current not in known:
        raise SettingsError(
            f"the journal was written by a newer Yihu (its tables are version {current})",
            "install that version or a later one",
        )
