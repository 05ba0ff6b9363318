"""Servers that are others' to start, and are here: a Mosquitto and a PostgreSQL to be killed.

Whoever runs them has a service manager that starts them again; ``Kept`` is ours, as quick as
systemd is by default (RestartSec=100ms). Each is on loopback, on a free port, in a folder of its
own, and gone when the block ends.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from dispatch.ports import Port, answers
from tests.devices.test_mosquitto import find_mosquitto
from tests.ports import free_port
from tests.postgres import USER, find_binaries, make_cluster, ordinary_user
from tests.system import descendants

RESTART_S: Final = 0.1
"""systemd.service(5), RestartSec."""
UP_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 20.0
PAUSE_S: Final = 0.05


class Kept:
    """A server that is started again whenever it was killed."""

    def __init__(
        self, argv: Sequence[str], port: int, folder: Path, as_user: dict[str, Any]
    ) -> None:
        self.port = port
        self.folder = folder
        self._argv = list(argv)
        self._as_user = as_user
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def pids(self) -> list[int]:
        """Of all its processes, the first one first."""
        assert self._process is not None
        pid = self._process.pid
        return [pid, *(each for each in descendants(pid) if each != pid)]

    def kill(self) -> None:
        """SIGKILL to all of it, and wait until it is gone."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    async def start(self) -> None:
        """Start it; returns when it answers. One that ends at once, since what was killed has
        not let go of everything yet, is started again."""
        until_s = time.monotonic() + UP_TIMEOUT_S
        self._spawn()
        while not await answers(Port(port=self.port)):
            assert self._process is not None
            if self._process.poll() is not None:
                await asyncio.sleep(RESTART_S)
                self._spawn()
            if time.monotonic() > until_s:
                raise RuntimeError(f"{self._argv[0]} did not come up:\n{self._tail()}")
            await asyncio.sleep(PAUSE_S)

    async def again(self) -> None:
        """As a service manager does after a death."""
        await asyncio.sleep(RESTART_S)
        await self.start()

    def stop(self, number: signal.Signals) -> None:
        """Ask it to end with this signal, insist after a while."""
        if self._process is None or self._process.poll() is not None:
            return
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv, cwd=self.folder, stdout=log, stderr=log, **self._as_user
            )

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]


# --- PostgreSQL ---


@contextmanager
def kept_postgresql() -> Iterator[tuple[Kept, str]]:
    """One that answers, and the address of its database. Skips (tests.postgres) where none is."""
    binaries, as_user = find_binaries(), ordinary_user()
    folder = Path(tempfile.mkdtemp(prefix="yihu-chaos-postgres-", dir="/tmp"))
    port = free_port()
    argv = [
        *(str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port)),
        *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=on"),
        *("-c", f"unix_socket_directories={folder}"),
    ]
    server = Kept(argv, port, folder, as_user)
    try:
        if as_user:
            shutil.chown(folder, user=as_user["user"], group=as_user["group"])
        make_cluster(binaries, folder, as_user)
        asyncio.run(server.start())
        url = f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        _until_it_takes(url)
        yield server, url
    finally:
        server.stop(signal.SIGINT)  # a fast shutdown
        shutil.rmtree(folder, ignore_errors=True)


def _until_it_takes(url: str) -> None:
    """It answers on its port some moments before it lets anybody in."""
    until_s = time.monotonic() + UP_TIMEOUT_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > until_s:
                raise
            time.sleep(PAUSE_S)


# --- Mosquitto ---


@contextmanager
def kept_mosquitto(folder: Path, port: int) -> Iterator[Kept]:
    """One that is not started yet: ``configure`` it first. Skips where there is none."""
    folder.mkdir()
    argv = [find_mosquitto(), "-c", str(folder / "mosquitto.conf")]
    server = Kept(argv, port, folder, {})
    try:
        yield server
    finally:
        server.stop(signal.SIGTERM)


def configure(server: Kept, conf: Path) -> None:
    """The lines that ``yihu acl`` wrote, and where it keeps its sessions."""
    # Started as root it would become the user mosquitto, who may read none of our files.
    user = "user root\n" if os.geteuid() == 0 else ""
    text = f"{conf.read_text()}persistence_location {server.folder}/\n{user}"
    (server.folder / "mosquitto.conf").write_text(text)


def forget(server: Kept) -> None:
    """Take what it kept of its sessions away, while it is dead."""
    (server.folder / "mosquitto.db").unlink(missing_ok=True)
