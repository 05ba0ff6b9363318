"""Stores as earlier versions left them: ``journal_REVISION.json``, written by their own code.

Every table with its rows, as SQLite had them; bytes stand as ``{"base64": ...}``.
"""

import base64
import json
from typing import Any, Final

from alembic import command
from sqlalchemy import Boolean, Connection, MetaData, Table, insert

from dispatch.store import migrate
from tests.data import REPOSITORY
from tests.dispatch.store.conftest import Home

FOLDER: Final = REPOSITORY / "tests" / "dispatch" / "store"


def left_by(revision: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table."""
    text = (FOLDER / f"journal_{revision}.json").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, Any]]] = json.loads(text, object_hook=_bytes)
    return found


def as_left_by(revision: str, home: Home) -> Home:
    """A store whose tables and rows are those of then."""
    if home.url:  # a copy of a stocked database, for the other tests' sake
        home.tamper("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    home.data_dir.mkdir(exist_ok=True)
    engine = home.engine()
    with engine.begin() as conn:
        config = migrate._config()
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
        for name, rows in left_by(revision).items():
            if rows:
                _fill(conn, name, rows)
    engine.dispose()
    return home


def _fill(conn: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    """SQLite wrote truth as 0 and 1."""
    table = Table(name, MetaData(), autoload_with=conn)
    truths = [column.name for column in table.columns if isinstance(column.type, Boolean)]
    for row in rows:
        row.update({key: bool(row[key]) for key in truths if row[key] is not None})
    conn.execute(insert(table), rows)


def _bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value
