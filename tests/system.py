"""A whole Yihu as its users run it, in processes of its own: broker, hub, simulated radios."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_ports

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0


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

    @property
    def url(self) -> str:
        """The one address."""
        return f"http://127.0.0.1:{self.http_port}"

    def get(self, path: str) -> Any:
        """JSON from the API."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def text(self, path: str) -> str:
        """Text from the server."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            body: bytes = answer.read()
            return body.decode()

    def post(
        self, path: str, body: object, *, operator: str = "tester", command: str = ""
    ) -> tuple[int, Any]:
        """Status and JSON of a command."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode(),
            method="POST",
            headers={
                "Content-Type": "application/json",
                "X-Operator": operator,
                "Idempotency-Key": command or f"test-{time.monotonic_ns()}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as exc:
            return exc.code, json.load(exc)

    def credentials(self) -> Any:
        """The radios' secrets."""
        return json.loads((self.data_dir / "credentials.json").read_text())

    def hub_pid(self) -> int:
        """The hub's process id, as its lock on the data folder says."""
        return int((self.data_dir / "hub.lock").read_text())

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
            time.sleep(0.05)
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
