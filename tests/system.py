"""A whole Yihu as its users run it, in processes of its own: broker, hub, simulated radios.

    with running_yihu(tmp_path, "--no-simulator") as system:
        system.get("/api/v1/snapshot")
        killed = system.kill_hub()
        system.wait_hub_after(killed)

What is waited for here happens in other processes that tell nobody: hence the pauses.
"""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.broker.room import memory_folder
from tests.ports import free_ports

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
NEWS_TIMEOUT_S = 45.0
"""Above a killed process's way back on a busy machine."""
PAUSE_S = 0.05
PASSWORD = "tests sit at many desks"
HUB = " hub "
BROKER = "nats-server"
SIMULATOR = " simulate "
"""Words of the children's command lines."""


@dataclass(slots=True)
class System:
    """A running Yihu and how to reach it."""

    data_dir: Path
    http_port: int
    mqtt_port: int
    nats_port: int
    argv: list[str]
    log_path: Path
    process: "subprocess.Popen[bytes]"
    people: dict[str, dict[str, str]] = field(default_factory=dict)
    """Headers of those who are logged in, by name."""
    _letting_in: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """The one address."""
        return f"http://127.0.0.1:{self.http_port}"

    def get(self, path: str) -> Any:
        """JSON from the API."""
        with self._open(path, headers=self.machine()) as answer:
            return json.load(answer)

    def text(self, path: str) -> str:
        """Text from the server."""
        with self._open(path, headers=self.machine()) as answer:
            body: bytes = answer.read()
            return body.decode()

    def post(
        self, path: str, body: object, *, operator: str = "tester", command: str = ""
    ) -> tuple[int, Any]:
        """Status and JSON of a command."""
        headers = {
            **self.person(operator),
            "Idempotency-Key": command or f"test-{time.monotonic_ns()}",
        }
        try:
            with self._open(path, body, headers) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as exc:
            return exc.code, json.load(exc)

    # --- who asks ---

    def machine(self) -> dict[str, str]:
        """Headers of the machine's own token; none before the server made it."""
        try:
            token = (self.data_dir / "local-token").read_text().strip()
        except FileNotFoundError:
            return {}
        return {"Authorization": f"Bearer {token}"}

    def person(self, name: str) -> dict[str, str]:
        """Headers of an operator who is logged in: let in the first time they are asked for."""
        with self._letting_in:
            if name not in self.people:
                self.people[name] = self._let_in(name)
            return self.people[name]

    def let_in(self, name: str) -> None:
        """Open an account with the password of all tests."""
        self.person(name)

    def _let_in(self, name: str) -> dict[str, str]:
        """By the ways that people have: an account, its link, a password."""
        everywhere = [{"office": each, "where": "*"} for each in ("operator", "manager")]
        wanted = {"name": name, "offices": everywhere}
        with self._open("/api/v1/people", wanted, self.machine()) as answer:
            link = json.load(answer)["path"].partition("=")[2]
        with self._open("/api/v1/login/link", {"link": link, "password": PASSWORD}) as answer:
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
            return {"Cookie": cookie, "X-CSRF": json.load(answer)["csrf"]}

    def _open(
        self, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """An answer to be read and closed; a body makes it a POST."""
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={**(headers or {}), "Content-Type": "application/json"},
        )
        return urllib.request.urlopen(request, timeout=10)

    def credentials(self) -> Any:
        """The radios' secrets."""
        return json.loads((self.data_dir / "credentials.json").read_text())

    def metrics(self) -> dict[str, float]:
        """Every number of ``/metrics``, by its name with its labels."""
        lines = [line for line in self.text("/metrics").splitlines() if line[:1] != "#"]
        return {name: float(number) for name, _, number in (s.rpartition(" ") for s in lines)}

    def counted(self, name: str, at_least: float = 1) -> float:
        """The number of this name, once it has come to so many."""
        self.until(lambda: self.metrics().get(name, 0) >= at_least, f"{name} >= {at_least}")
        return self.metrics()[name]

    def logged(self, text: str) -> str:
        """The first line of the log with this text in it, once it is there."""
        self.until(lambda: text in self.log(), f"a log line with {text!r}")
        return next(line for line in self.log().splitlines() if text in line)

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Another ``yihu`` command to its end, such as ``command("verify", "--data=...")``."""
        return subprocess.run(
            [*self.argv[: self.argv.index("run")], *arguments],
            capture_output=True,
            text=True,
            timeout=READY_TIMEOUT_S,
            check=False,
        )

    def facts(self, name: str) -> list[dict[str, Any]]:
        """Every fact of this name, by the journal itself, read beside the running hub."""
        (file,) = self.data_dir.glob("*journal*.db")
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as journal:
            ordered = "SELECT body FROM journal WHERE name = ? ORDER BY seq"
            return [json.loads(body) for (body,) in journal.execute(ordered, (name,))]

    # --- its processes ---

    def processes(self) -> dict[int, str]:
        """The command lines of everything it started, by process id."""
        return {pid: line for pid, line in descendants(self.process.pid).items() if line}

    def pid_of(self, word: str) -> int:
        """The process with this word in its command line: HUB, BROKER or SIMULATOR."""
        found = [pid for pid, line in self.processes().items() if word in line]
        assert len(found) == 1, (word, self.processes(), self.log()[-4000:])
        return found[0]

    def hub_pid(self) -> int:
        """The hub's process id."""
        return self.pid_of(HUB)

    def kill_hub(self) -> int:
        """SIGKILL to the hub; gives back which process it was."""
        pid = self.hub_pid()
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_hub_after(self, pid: int) -> None:
        """Until another hub than this one serves."""

        def another() -> bool:
            return any(HUB in line for other, line in self.processes().items() if other != pid)

        self.until(another, f"a hub after {pid}")
        self.wait_ready()

    def wait_gone(self, pids: Sequence[int]) -> None:
        """Until none of these processes is left."""
        self.until(lambda: not [pid for pid in pids if _lives(pid)], f"the end of {pids}")

    def log(self) -> str:
        """Everything it has said so far."""
        return self.log_path.read_text(errors="replace")

    def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Until the page is served and the broker is there."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(
                    f"yihu ended with {self.process.returncode}:\n{self.log()[-4000:]}"
                )
            try:
                if self.get("/health")["ready"]:
                    return
            except (OSError, ValueError):
                pass
            time.sleep(PAUSE_S)
        raise RuntimeError(f"yihu was not ready in {timeout_s} s:\n{self.log()[-4000:]}")

    def stop(self) -> int:
        """Ask it to end, and wait; gives back its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def start(self) -> None:
        """Start it (again) on the same data and ports."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=_environment()
            )

    def until(self, look: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + NEWS_TIMEOUT_S
        while not look():
            if time.monotonic() >= deadline:
                raise AssertionError(f"not within {NEWS_TIMEOUT_S} s: {what}\n{self.log()[-4000:]}")
            time.sleep(PAUSE_S)


def descendants(root: int) -> dict[int, str]:
    """Process id -> command line of all that ``root`` started, and what these started."""
    parents = {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            pid = int(folder.name)
            # After the name, which is in brackets and may hold anything: state, parent (proc(5)).
            parents[pid] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found: dict[int, str] = {}
    new = {root}
    while new:
        new = {pid for pid, parent in parents.items() if parent in new}
        for pid in new:
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
                found[pid] = line.replace(b"\0", b" ").decode(errors="replace")
    return found


def _lives(pid: int) -> bool:
    """Whether it runs; one that ended and was not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


@contextmanager
def running_yihu(
    folder: Path, *arguments: str, wait: bool = True, command: Sequence[str] = ()
) -> Iterator[System]:
    """``yihu run`` on free ports with its data in ``folder``; ended when the block ends."""
    http_port, mqtt_port, nats_port = free_ports(3)
    data_dir = folder / "data"
    argv = [
        *(command or (sys.executable, "-m", "dispatch")),
        "run",
        f"--data={data_dir}",
        f"--http-port={http_port}",
        f"--mqtt-port={mqtt_port}",
        f"--nats-port={nats_port}",
        *arguments,
    ]
    log_path = folder / "yihu.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=_environment()
        )
    system = System(
        data_dir=data_dir,
        http_port=http_port,
        mqtt_port=mqtt_port,
        nats_port=nats_port,
        argv=argv,
        log_path=log_path,
        process=process,
    )
    try:
        if wait:
            system.wait_ready()
        yield system
    finally:
        system.stop()
        shutil.rmtree(memory_folder(data_dir), ignore_errors=True)
