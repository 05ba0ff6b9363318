"""Starts the rivals that a machine has, each as its own handbook says: taky and Node-RED.

Neither is a dependency of ours: they are looked for, never fetched. bench/rivals.md tells in
words what is configured here, and why. How they are loaded is bench/rivals.py's business.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.ports import free_port

START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 10.0
PAUSE_S: Final = 0.1
LAST_WORDS: Final = 2_000
FOLDER_VARIABLE: Final = "YIHU_RIVALS"
TOPIC: Final = "patrol/+/+/position"
PAGE_PATH: Final = "/positions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A server that somebody else wrote."""

    name: str
    package: str
    places: tuple[str, ...]
    """Below the folder that the rivals are in; the last part is its name on the PATH."""

    def found(self, folder: Path | None) -> Path | None:
        """Its program; None where this machine has none."""
        below = [folder / place for place in self.places] if folder is not None else []
        on_path = shutil.which(Path(self.places[0]).name)
        return next(
            (each for each in below if os.access(each, os.X_OK)), Path(on_path) if on_path else None
        )

    @property
    def missing(self) -> str:
        """What to tell instead of figures."""
        return (
            f"{self.name} was not run: no {self.places[0]} below --rivals (or ${FOLDER_VARIABLE}) "
            f"and none on the PATH; bench/rivals.md says how to install {self.package}"
        )


TAKY: Final = Rival(name="taky", package="taky", places=("bin/taky",))
NODE_RED: Final = Rival(
    name="Node-RED", package="node-red", places=("node_modules/.bin/node-red", "bin/node-red")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running rival."""

    pid: int
    port: int
    stored_in: Path
    """A file, or a folder with files, that grows by ``mark`` with every position."""
    mark: bytes

    def stored(self) -> int:
        """How many positions are in its files."""
        files = [self.stored_in] if self.stored_in.is_file() else self.stored_in.glob("*")
        return sum(file.read_bytes().count(self.mark) for file in files)


def version_of(program: Path) -> str:
    """As it says itself: the last word of the first line."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60)
    return (done.stdout or done.stderr).splitlines()[0].split()[-1].lstrip("v")


TAKY_CONF: Final = """\
[taky]
hostname = localhost
bind_ip = 127.0.0.1
root_dir = {folder}

[cot_server]
port = {port}
log_cot = {folder}/cot

[ssl]
enabled = false
"""


@contextmanager
def running_taky(program: Path, folder: Path) -> Iterator[Server]:
    """taky with its CoT log on and TLS off; ended when the block ends."""
    (folder / "cot").mkdir(parents=True)
    port = free_port()
    conf = folder / "taky.conf"
    conf.write_text(TAKY_CONF.format(folder=folder, port=port))
    argv: list[str | Path] = [program, "-l", "warning", "-c", conf]
    with _running(argv, folder, lambda _: _listens(port)) as pid:
        yield Server(pid=pid, port=port, stored_in=folder / "cot", mark=b"</event>")


def node_red_flow(*, mqtt_port: int, client: str, file: Path) -> list[dict[str, Any]]:
    """mqtt in -> json -> file and websocket out: the shortest flow that stores and shows."""
    placed = {"z": "tab", "x": 100, "y": 100}
    # On the sheet: a node without a place is taken for a setting.
    return [
        {"id": "tab", "type": "tab", "label": "positions"},
        {
            "id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1",
            "port": str(mqtt_port), "clientid": client, "autoConnect": True, "usetls": False,
            "protocolVersion": "4", "keepalive": "60", "cleansession": True,
        },
        {"id": "page", "type": "websocket-listener", "path": PAGE_PATH, "wholemsg": "false"},
        {
            "id": "hear", "type": "mqtt in", **placed, "topic": TOPIC, "qos": "0",
            "datatype": "utf8", "broker": "broker", "inputs": 0, "wires": [["parse"]],
        },
        {
            "id": "parse", "type": "json", **placed, "property": "payload", "action": "obj",
            "pretty": False, "wires": [["store", "show"]],
        },
        {
            "id": "store", "type": "file", **placed, "filename": str(file),
            "filenameType": "str", "appendNewline": True, "createDir": False,
            "overwriteFile": "false", "encoding": "none", "wires": [[]],
        },
        {"id": "show", "type": "websocket out", **placed, "server": "page", "client": ""},
    ]  # fmt: skip


NODE_RED_SETTINGS: Final = """\
module.exports = {
    flowFile: "flows.json", credentialSecret: false, uiHost: "127.0.0.1",
    disableEditor: true, httpAdminRoot: false,
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: "info", metrics: false, audit: false } },
};
"""


CONNECTED: Final = "Connected to broker"
"""What its log says when the flow has begun and hears."""


@contextmanager
def running_node_red(
    program: Path, folder: Path, *, mqtt_port: int, user: str, password: str
) -> Iterator[Server]:
    """Node-RED with that flow, without its editor; ended when the block ends."""
    folder.mkdir(parents=True)
    port, file = free_port(), folder / "positions.jsonl"
    flow = node_red_flow(mqtt_port=mqtt_port, client="bench-node-red", file=file)
    (folder / "flows.json").write_text(json.dumps(flow))
    login = {"broker": {"user": user, "password": password}}
    (folder / "flows_cred.json").write_text(json.dumps(login))
    settings = folder / "settings.cjs"
    settings.write_text(NODE_RED_SETTINGS)
    argv: list[str | Path] = [program, "-u", folder, "-s", settings, "-p", str(port)]
    with _running(argv, folder, lambda told: CONNECTED in told) as pid:
        yield Server(pid=pid, port=port, stored_in=file, mark=b"\n")


@contextmanager
def _running(
    argv: Sequence[str | Path], folder: Path, ready: Callable[[str], bool]
) -> Iterator[int]:
    """Its process id, once ``ready`` says so of its log. Raises RuntimeError where it is not."""
    log_path = folder / "log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder
        )
    try:
        until_s = time.monotonic() + START_TIMEOUT_S
        while not ready(told := log_path.read_text(errors="replace")):
            if process.poll() is not None or time.monotonic() > until_s:
                raise RuntimeError(f"{argv[0]} did not start:\n{told[-LAST_WORDS:]}")
            time.sleep(PAUSE_S)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
