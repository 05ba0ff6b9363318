"""Copies PostgreSQL by its own programs, pg_dump and pg_restore, and says where the journal ended.

The dump and the journal's end are of one snapshot. Passwords go by the environment: whoever
is on the machine can read what a program was started with.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from dispatch.errors import SettingsError, StoreError, quoted
from dispatch.store.copying import OPENERS, NoRoomError
from dispatch.store.database import (
    ADVISORY_LOCK,
    CONNECT_TIMEOUT_S,
    opening,
    place_of,
    postgresql_address,
    reason_of,
)
from dispatch.store.folder import PRIVATE_FILE
from dispatch.store.heads import Head, head_of

DEBIANS_FOLDER: Final = Path("/usr/lib/postgresql")
STOP_S: Final = 10.0
TRIES_MAX: Final = 3
"""A day that the hub drops while pg_dump lists the tables ends it: the next try has a new list."""
MAJOR: Final = 10_000
"""server_version_num is this times the major version."""
TOLD_BYTES_MAX: Final = 4_000

TABLES: Final = text(
    "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    """How the programs find the database."""

    address: str
    """Without a password."""
    environment: Mapping[str, str]


def dump(url: str, target: Path, *, tools: Sequence[Path] | None = None) -> Head:
    """Into a file that is not there; gives back where its journal ends.

    ``tools``: folders to look for the programs in. Raises SettingsError, NoRoomError, StoreError.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    with _session(url) as conn:
        program = _program("pg_dump", conn, tools)
    for left in reversed(range(TRIES_MAX)):
        try:
            return _dumped(url, target, program)
        except StoreError as exc:
            if not left or "does not exist" not in str(exc):
                raise
    raise AssertionError("the last try returns or raises")


def _dumped(url: str, target: Path, program: Path) -> Head:
    reach = _reach(url)
    with _session(url) as conn, _one_snapshot(conn) as snapshot:
        head = head_of(conn)
        left_out = [f"--exclude-table-data={table}" for table in OPENERS]
        what = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        _run(
            [str(program), *what, *left_out, f"--file={target}", f"--dbname={reach.address}"], reach
        )
    return head


@contextlib.contextmanager
def held_database(url: str) -> Iterator[Connection]:
    """A session that keeps every hub off this database. Raises SettingsError, StoreError."""
    with _session(url) as conn:
        free = conn.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        conn.commit()
        if not free:
            raise SettingsError(
                f"a hub has {place_of(url, Path())}", "stop it, or name another database"
            )
        yield conn


def is_empty(conn: Connection) -> bool:
    """Whether it has no tables."""
    with conn.begin():
        return not conn.scalar(TABLES)


def put_back(
    url: str, file: Path, conn: Connection, *, tools: Sequence[Path] | None = None
) -> None:
    """All of a dump or nothing of it. Raises SettingsError, StoreError."""
    program = _program("pg_restore", conn, tools)
    conn.commit()
    reach = _reach(url)
    how = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run([str(program), *how, f"--dbname={reach.address}", str(file)], reach)


# --- the database ---


@contextlib.contextmanager
def _session(url: str) -> Iterator[Connection]:
    """A look that may take long. Raises SettingsError, StoreError."""
    engine = create_engine(
        postgresql_address(url),
        isolation_level="REPEATABLE READ",
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "yihu backup"},
    )
    try:
        with opening(place_of(url, Path()), remote=True):
            conn = engine.connect()
        with conn:
            yield conn
    except SQLAlchemyError as exc:
        raise StoreError(f"the database does not answer: {reason_of(exc)}") from exc
    finally:
        engine.dispose()


@contextlib.contextmanager
def _one_snapshot(conn: Connection) -> Iterator[str]:
    """Its name, for as long as this transaction lasts."""
    with conn.begin():
        yield str(conn.scalar(text("SELECT pg_export_snapshot()")))


def _reach(url: str) -> _Reach:
    """Raises SettingsError."""
    address = postgresql_address(url).set(drivername="postgresql")
    query: dict[str, Any] = dict(address.query)
    if "sslpassword" in query:
        raise SettingsError(
            "store_url has sslpassword, which pg_dump would show to everybody on this machine",
            "take the password off that key, and let only this user read it",
        )
    password = address.password or query.pop("password", None)
    plain = URL.create(
        "postgresql",
        username=address.username,
        host=address.host,
        port=address.port,
        database=address.database,
        query=query,
    )
    secret = {} if password is None else {"PGPASSWORD": str(password)}
    return _Reach(address=plain.render_as_string(hide_password=False), environment=secret)


# --- the programs ---


def _program(name: str, conn: Connection, tools: Sequence[Path] | None) -> Path:
    """The first that is as new as the server. Raises SettingsError where there is none."""
    needed = int(conn.scalar(text("SHOW server_version_num")) or 0) // MAJOR
    for folder in _folders(name) if tools is None else tools:
        program = folder / name
        if program.is_file() and _major_of(program) >= needed:
            return program
    raise SettingsError(
        f"there is no {name} of PostgreSQL {needed} or later on this machine",
        f"install it (Debian: apt install postgresql-client-{needed}), or put it on PATH",
    )


def _folders(name: str) -> list[Path]:
    found = shutil.which(name)
    on_path = [Path(found).parent] if found else []
    return [*on_path, *sorted(DEBIANS_FOLDER.glob("*/bin"), key=_number, reverse=True)]


def _number(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def _major_of(program: Path) -> int:
    """0: it does not say."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=STOP_S, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def _run(argv: Sequence[str], reach: _Reach) -> None:
    """To its end; ended with us. Raises NoRoomError, StoreError with what it said."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **reach.environment, "LC_ALL": "C"},
    )
    try:
        _, told = process.communicate()
    except BaseException:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        process.kill()
        process.wait()
        raise
    if process.returncode:
        words = told[:TOLD_BYTES_MAX].decode(errors="replace")
        if "No space left on device" in words:
            raise NoRoomError("the disk is full")
        name = Path(argv[0]).name
        raise StoreError(f"{name} ended with {process.returncode}: {quoted(_first(words))}")


def _first(words: str) -> str:
    """What went wrong, without the program's name before it."""
    lines = [line for line in words.splitlines() if "error:" in line] or words.splitlines()
    return lines[0].partition("error: ")[2] or lines[0] if lines else "it said nothing"
