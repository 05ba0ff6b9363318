"""A real PostgreSQL for the tests: found on this machine, started on loopback, stopped again.

Looked for on PATH and in /usr/lib/postgresql/*/bin. It refuses root, so as root
it runs as the user ``postgres`` or ``nobody``. Where it is not to be had, the
tests that need it are skipped and say why. ``fsync`` stays on.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from tests.ports import free_port

START_S: Final = 30.0
STOP_S: Final = 30.0
PROBE_S: Final = 0.05
USER: Final = "yihu"


class PostgresServer:
    """A running server; gives each test a database of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as the settings want it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def database(self, *, template: str = "template1") -> Iterator[str]:
        """The address of a fresh database, dropped afterwards whoever is still connected.

        ``template`` is the name of a database to copy, to which nobody may be connected.
        """
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as conn:
            conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        try:
            yield self.url(name)
        finally:
            with psycopg.connect(self.url(), autocommit=True) as conn:
                conn.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as the block lasts; skips, saying why, where there is none."""
    binaries = find_binaries()
    as_user = ordinary_user()
    folder = Path(tempfile.mkdtemp(prefix="yihu-postgres-", dir="/tmp"))
    try:
        if as_user:
            shutil.chown(folder, user=as_user["user"], group=as_user["group"])
        make_cluster(binaries, folder, as_user)
        yield from _serve(binaries, folder, as_user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """The folder with its programs; skips, saying where it was looked, if there is none."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.skip("no PostgreSQL: neither initdb on PATH nor /usr/lib/postgresql/*/bin")


def ordinary_user() -> dict[str, Any]:
    """Arguments for subprocess that leave root; empty for an ordinary user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            who = pwd.getpwnam(name)
            return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    pytest.skip("PostgreSQL refuses root, and there is no user postgres or nobody to run it as")


def make_cluster(binaries: Path, folder: Path, as_user: dict[str, Any]) -> None:
    """An empty cluster in ``folder/data``; skips where initdb fails."""
    made = subprocess.run(
        [
            *(str(binaries / "initdb"), "-D", str(folder / "data"), "-U", USER),
            *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **as_user,
    )
    if made.returncode != 0:
        pytest.skip(f"initdb failed: {made.stderr.strip()}")


def _serve(binaries: Path, folder: Path, as_user: dict[str, Any]) -> Iterator[PostgresServer]:
    server = PostgresServer(free_port())
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(str(binaries / "postgres"), "-D", str(folder / "data")),
                *("-c", "listen_addresses=127.0.0.1", "-p", str(server.port)),
                *("-c", f"unix_socket_directories={folder}", "-c", "fsync=on"),
            ],
            cwd=folder,
            stdout=log,
            stderr=log,
            **as_user,
        )
        try:
            _wait_ready(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(2)  # SIGINT: a fast shutdown
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_ready(server: PostgresServer, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at once:\n{log.read_text(errors='replace')}")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.url(), connect_timeout=2).close()
            return
        time.sleep(PROBE_S)  # starting a server is nothing a clock of ours could wind
    raise RuntimeError(f"PostgreSQL did not come up in {START_S} s:\n{log.read_text()}")
