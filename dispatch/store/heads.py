"""The end of a journal, for noting elsewhere; and looks at a journal file that nobody writes.

A journal of an older version is read here as it is: what the chain hashes has been in the same
two tables from the first version on.
"""

import contextlib
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

from dispatch.clock import Instant
from dispatch.errors import StoreError
from dispatch.store import migrate, reading
from dispatch.store.database import look, open_for_reading, opening, place_of, reason_of
from dispatch.store.journal import read_tail
from dispatch.store.port import ChainReport
from dispatch.store.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a journal ends."""

    seq: int
    """Facts in it."""
    hash: str
    last_t: Instant
    """0: it is empty."""
    schema: str
    """The last step of migrations/ that its tables have seen."""


def head_of(conn: Connection) -> Head:
    """Raises StoreError where these are no tables of ours."""
    try:
        schema = migrate.revision_of(conn)
        if schema is None:
            raise StoreError("there is no journal in it")
        tail = read_tail(conn)
        return Head(seq=tail.seq, hash=tail.hash, last_t=reading.last_time(conn), schema=schema)
    except SQLAlchemyError as exc:
        raise StoreError(f"the journal cannot be read: {reason_of(exc)}") from exc


@contextlib.contextmanager
def at_rest(file: Path) -> Iterator[Connection]:
    """A look at an SQLite file that nobody writes: leaves nothing beside it, on a read-only disk
    too. Raises StoreError."""
    name = f"file:{urllib.parse.quote(str(file))}"
    query = {"mode": "ro", "immutable": "1", "uri": "true"}
    engine = create_engine(URL.create("sqlite", database=name, query=query))
    try:
        with look(engine) as conn:
            yield conn
    finally:
        engine.dispose()


def walked_at_rest(file: Path) -> ChainReport:
    """The chain of such a journal, of any version. Raises StoreError."""
    with at_rest(file) as conn:
        return verify(conn)


def walked_in(url: str, data_dir: Path) -> ChainReport:
    """The chain of PostgreSQL's journal, of any version. Raises SettingsError, StoreError."""
    engine = open_for_reading(url, data_dir)
    try:
        with opening(place_of(url, data_dir), remote=True), look(engine) as conn:
            return verify(conn)
    finally:
        engine.dispose()
