"""Connections: which database an address means, how each is set up, and that one hub has it alone.

SQLite: two files in the data folder, ``journal.db`` and ``history.db``, and one for each
day of positions in the folder ``history``, in WAL with ``synchronous=FULL``. A lock on the
file ``hub.lock`` keeps a second hub out.

PostgreSQL: one database. The journal's writing session holds an advisory
lock; a hub that lost its session must win the lock again before it writes, so
that two hubs never append to one journal. (A connection pooler in transaction
mode would break this: give the hub a direct connection.)
"""

import contextlib
import os
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from dispatch.errors import SettingsError, StoreDownError, StoreError, StoreUnreachableError
from dispatch.store.checkpoint import PAGES_MAX, Checkpointer
from dispatch.store.folder import PRIVATE_FILE, FolderLock, make_folder, refuse_half_restored

JOURNAL_FILE: Final = "journal.db"
HISTORY_FILE: Final = "history.db"
HISTORY_FOLDER: Final = "history"

BUSY_TIMEOUT_MS: Final = 1_000
"""How long SQLite waits for another program's lock before we say so and try again."""
CONNECT_TIMEOUT_S: Final = 5
DEAD_PEER_TIMEOUT_MS: Final = 10_000
"""Unanswered so long, a PostgreSQL connection is given up; left alone the kernel takes 15 min."""
LOCK_TIMEOUT_MS: Final = 2_000
"""How long PostgreSQL waits for another session's lock before we say so and try again."""
STATEMENT_TIMEOUT_MS: Final = 20_000
"""A statement that writes the journal takes milliseconds, erasing what has expired a second or
two: one that takes so long has stalled, is given up by the server and tried again."""
READERS_MAX: Final = 4
"""Reading connections; further readers wait for one."""

ADVISORY_LOCK: Final = int.from_bytes(b"yihuhub1", "big")
"""The key of our lock among all advisory locks of a database."""


class AnotherHubError(StoreDownError):
    """Another session holds the advisory lock: we may not write."""

    def __init__(self) -> None:
        super().__init__("another hub has taken this database")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The doors to the databases: one connection writes each, a few read."""

    journal: Engine
    history: Engine
    journal_read: Engine
    history_read: Engine
    lock: "FolderLock | None" = None
    checkpointer: Checkpointer | None = None

    def close(self) -> None:
        """Let every connection and the lock go."""
        if self.checkpointer is not None:
            self.checkpointer.close()
        for engine in (self.journal_read, self.history_read, self.journal, self.history):
            engine.dispose()
        if self.lock is not None:
            self.lock.release()


def open_for_hub(url: str, data_dir: Path) -> Engines:
    """Connections for the one hub that writes. Raises SettingsError with the remedy."""
    if url:
        refuse_half_restored(data_dir)  # SQLite's make_folder does
        address = postgresql_address(url)
        return Engines(
            journal=_postgresql(address, pool_size=1, alone=True),
            history=_postgresql(address, pool_size=1),
            journal_read=_postgresql_reader(address),
            history_read=_postgresql_reader(address),
        )
    make_folder(data_dir)
    with opening(place_of(url, data_dir)):
        lock = FolderLock(data_dir)
        try:
            for name in (JOURNAL_FILE, HISTORY_FILE):
                os.close(os.open(data_dir / name, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
        except OSError:
            lock.release()
            raise
    journal = _sqlite(data_dir / JOURNAL_FILE, begin="BEGIN IMMEDIATE", pool_size=1)
    pragma = f"PRAGMA wal_autocheckpoint={PAGES_MAX}"  # the checkpointer does it before
    event.listen(journal, "connect", lambda dbapi, _: _run(dbapi, pragma))
    return Engines(
        journal=journal,
        history=_sqlite(data_dir / HISTORY_FILE, begin="BEGIN IMMEDIATE", pool_size=1),
        journal_read=_sqlite_reader(data_dir / JOURNAL_FILE),
        history_read=_sqlite_reader(data_dir / HISTORY_FILE),
        lock=lock,
        checkpointer=Checkpointer(data_dir / JOURNAL_FILE),
    )


def day_writer(path: Path) -> Engine:
    """The writing connection to a day of positions, a file that is there."""
    return _sqlite(_there(path), begin="BEGIN IMMEDIATE", pool_size=1)


def day_reader(path: Path) -> Engine:
    """Reading connections to it."""
    return _sqlite_reader(_there(path))


def _there(path: Path) -> URL:
    """Never makes the file: a reader that comes late must not bring back a day that was dropped."""
    quoted = urllib.parse.quote(str(path))
    return URL.create("sqlite", database=f"file:{quoted}", query={"mode": "rw", "uri": "true"})


def place_of(url: str, data_dir: Path) -> str:
    """Where the store is, for a sentence; without the password."""
    if url:
        address = postgresql_address(url).set(drivername="postgresql")
        return f"the database {address.render_as_string(hide_password=True)}"
    return f"the store in {data_dir}"


def open_for_reading(url: str, data_dir: Path, file: str = JOURNAL_FILE) -> Engine:
    """Connections to a store whose hub may be running or not. Raises SettingsError."""
    if url:
        return _postgresql_reader(postgresql_address(url))
    if not (data_dir / JOURNAL_FILE).is_file():
        raise SettingsError(
            f"there is no journal in {data_dir}", "name the data folder of a hub that has run"
        )
    return _sqlite_reader(data_dir / file)


def postgresql_address(url: str) -> URL:
    """The address with our driver in it. Raises SettingsError; never quotes the password."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as exc:
        raise SettingsError("store_url is no address of a database", URL_REMEDY) from exc
    if address.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise SettingsError(
            f"store_url names {address.drivername}, which we do not keep a journal in", URL_REMEDY
        )
    try:
        import psycopg  # noqa: F401  (an extra: only those who use it have it)
    except ImportError as exc:
        raise SettingsError(
            "PostgreSQL needs the package psycopg, which is not installed",
            "install yihu[postgresql]",
        ) from exc
    return address.set(drivername="postgresql+psycopg")


URL_REMEDY: Final = "write postgresql://USER@HOST/DATABASE, or leave it out for SQLite"


def reason_of(exc: BaseException) -> str:
    """What went wrong, in one line, in the database's own words."""
    if isinstance(exc, StoreDownError):
        return exc.why
    told = getattr(exc, "orig", None) or exc
    lines = str(told).strip().splitlines()
    return lines[0] if lines else type(told).__name__


@contextlib.contextmanager
def look(engine: Engine) -> Iterator[Connection]:
    """One consistent look at the database. Raises StoreError where it cannot be read."""
    try:
        with engine.connect() as conn, conn.begin():
            yield conn
    except SQLAlchemyError as exc:
        raise StoreError(f"the store cannot be read: {reason_of(exc)}") from exc


@contextlib.contextmanager
def opening(where: str, *, remote: bool = False) -> Iterator[None]:
    """Turns what a database refuses at start into one sentence with a remedy.

    Raises SettingsError; StoreUnreachableError where the database is ``remote`` and no session
    came about. The driver gives no code for why: a wrong password counts as that, too.
    """
    try:
        yield
    except AnotherHubError as exc:
        raise SettingsError(f"another hub has {where}", "stop it first") from exc
    except (SQLAlchemyError, OSError) as exc:
        may_yet_answer = remote and isinstance(exc, OperationalError)
        kind = StoreUnreachableError if may_yet_answer else SettingsError
        raise kind(
            f"{where} cannot be opened ({reason_of(exc)})",
            "see that it is running, reachable and ours to write",
        ) from exc


def _sqlite(path: Path | URL, *, begin: str, pool_size: int) -> Engine:
    engine = create_engine(
        path if isinstance(path, URL) else URL.create("sqlite", database=str(path)),
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"isolation_level": None, "check_same_thread": False},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql(begin))
    return engine


def _sqlite_reader(path: Path | URL) -> Engine:
    engine = _sqlite(path, begin="BEGIN", pool_size=READERS_MAX)
    event.listen(engine, "connect", lambda dbapi, _: _run(dbapi, "PRAGMA query_only=ON"))
    return engine


def _set_up_sqlite(dbapi: Any, _entry: ConnectionPoolEntry) -> None:
    _run(
        dbapi,
        f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA secure_delete=ON",  # an erased value is overwritten, not only unlinked
    )


def unhurried(conn: Connection) -> None:
    """Statements of this transaction may take long: bringing tables up to date rebuilds them."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _postgresql(address: URL, *, pool_size: int, alone: bool = False, **options: Any) -> Engine:
    settings = f"-c synchronous_commit=on -c lock_timeout={LOCK_TIMEOUT_MS}"
    if alone:
        settings += f" -c statement_timeout={STATEMENT_TIMEOUT_MS}"
    engine = create_engine(
        address,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 2,
            "tcp_user_timeout": DEAD_PEER_TIMEOUT_MS,
            "application_name": "yihu",
            "options": settings,
        },
        **options,
    )
    if alone:
        event.listen(engine, "connect", _hold_advisory_lock)
    return engine


def _postgresql_reader(address: URL) -> Engine:
    engine = _postgresql(
        address, pool_size=READERS_MAX, isolation_level="REPEATABLE READ", pool_pre_ping=True
    )
    return engine.execution_options(postgresql_readonly=True)


def _hold_advisory_lock(dbapi: Any, _entry: ConnectionPoolEntry) -> None:
    """Wait a moment for it: the session of a hub that was just killed may still be ending."""
    import psycopg  # an extra: only those who use it have it

    try:
        with dbapi.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (ADVISORY_LOCK,))
        dbapi.commit()
    except psycopg.errors.LockNotAvailable as exc:
        dbapi.close()
        raise AnotherHubError from exc


def _run(dbapi: Any, *statements: str) -> None:
    cursor = dbapi.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
