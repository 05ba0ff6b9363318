"""The log of SQLite is moved into the database beside the writer."""

import sqlite3
from contextlib import closing
from pathlib import Path

from dispatch.store.checkpoint import PAGES_MAX, Checkpointer
from dispatch.store.database import open_for_hub

HOUR_S = 3600.0


def test_what_was_committed_leaves_the_log_without_the_writer(tmp_path: Path) -> None:
    """No alarm's commit pays for the fourteen before it."""
    file = tmp_path / "journal.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.execute("CREATE TABLE fact (body TEXT)")
        db.execute("INSERT INTO fact VALUES (?)", ("x" * 100_000,))
        before = file.stat().st_size

        Checkpointer(file, every_s=HOUR_S).close()

        assert file.stat().st_size > before + 100_000


def test_a_file_that_cannot_be_read_is_the_writers_to_report(tmp_path: Path) -> None:
    """The thread ends when it is told to, whatever became of the file."""
    file = tmp_path / "journal.db"
    file.write_bytes(b"no database at all" * 300)

    Checkpointer(file, every_s=HOUR_S).close()

    assert file.read_bytes() == b"no database at all" * 300


def test_the_writer_keeps_the_rail(tmp_path: Path) -> None:
    """A log that outgrows the thread is still cut, by the writer itself."""
    engines = open_for_hub("", tmp_path)
    try:
        with engines.journal.connect() as conn:
            pages = conn.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()
        assert engines.checkpointer is not None
        assert pages == PAGES_MAX
    finally:
        engines.close()
