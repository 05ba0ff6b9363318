"""How soon a district serves after a start, and how many bytes a unit takes.

    python -m bench.start [--json] [--small] [--keep DIR]

A store of 100,000 units, 10,000 open and 1,000,000 ended incidents is built (start_store.py:
about 25 minutes, kept between runs in DIR), then `yihu run` is started as users start it, once
to make what a start keeps and then three times to be measured: from the command to the first
`/health` that says it is ready. Beside the wall clock stands the processor time until then, of
the supervisor and the hub, since other programs have their share of the clock; and of each
part of the hub's start what its own trace says (dispatch/starting.py).

Bytes a unit, of the hub's resident memory (VmRSS of its process, five seconds after its second
start serves; no incident, a fifth of the radios on duty, each with one fix, no console):

``bytes_per_unit``        100 communities of a thousand radios, less one of a thousand, by the
                          difference in radios: what a district pays for each, its share of its
                          community's grids and plans included. Not what is taken once people
                          report: the grids' raster and prepared polygons (100 kB a community in
                          which many walk), and of each who does what bench.memory tells
``bytes_per_radio``       the same less 100 communities of ten radios: what one more radio costs
                          where the communities stay as they are
``bytes_per_community``   what is left: the 99 communities, without their radios
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from bench.rig import cpu_s, memory_mb, report
from bench.start_scenes import UNITS
from bench.start_store import Size, build

WHOLE: Final = Size(communities=100, open_ones=10_000, ended=1_000_000)
SMALL: Final = Size(communities=2, open_ones=100, ended=1_000)
ONE: Final = Size(communities=1, open_ones=0, ended=0)
FEW_RADIOS: Final = 10
RUNS: Final = 3
READY_TIMEOUT_S: Final = 900.0
"""The first start folds every fact."""
PROBE_EVERY_S: Final = 0.02
QUIET_S: Final = 5.0
"""After the start, until what it deferred is done."""
LOG_BYTES_MAX: Final = 2**26
BUILT: Final = "built.json"


@dataclass(frozen=True, slots=True)
class Start:
    """One start."""

    ready_s: float
    cpu_s: float
    hub_cpu_s: float
    hub_rss_bytes: int
    phases: dict[str, float]
    """Processor seconds of the hub's parts."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.start", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a small store, to see that it works")
    parser.add_argument("--keep", type=Path, help="where stores are built and kept")
    parser.add_argument("--ended", type=int, help="so many ended incidents instead")
    options = parser.parse_args()
    size = SMALL if options.small else WHOLE
    if options.ended is not None:
        size = Size(communities=size.communities, open_ones=size.open_ones, ended=options.ended)
    with _folder(options.keep) as folder:
        figures = measure(folder, size)
    report("start", figures, as_json=options.json)
    return 0


def measure(folder: Path, size: Size) -> dict[str, Any]:
    """All figures."""
    data_dir, build_s = _built(folder, size)
    ports = _free_ports(3)  # the same for all: another address of the broker is a change to keep
    first = start(data_dir, ports)
    runs = [start(data_dir, ports) for _ in range(RUNS)]
    return {
        "ready_s": statistics.median(each.ready_s for each in runs),
        **_bytes(folder, size.communities, ports),
        "ready_cpu_s": statistics.median(each.cpu_s for each in runs),
        "hub_cpu_s": statistics.median(each.hub_cpu_s for each in runs),
        "first_ready_s": first.ready_s,
        "first_cpu_s": first.cpu_s,
        "phases_cpu_s": {
            name: statistics.median(each.phases.get(name, 0.0) for each in runs)
            for name in runs[-1].phases
        },
        "hub_rss_mb": statistics.median(each.hub_rss_bytes for each in runs) / 1e6,
        "units": size.units,
        "open": size.open_ones,
        "ended": size.ended,
        "build_s": build_s,
    }


def _bytes(folder: Path, communities: int, ports: Sequence[int]) -> dict[str, float]:
    """What units and communities take in memory, by three stores without incidents."""
    many = Size(communities=communities, open_ones=0, ended=0)
    few = Size(communities=communities, open_ones=0, ended=0, radios=FEW_RADIOS)
    one_rss, few_rss, many_rss = (
        _settled(_built(folder, size)[0], ports).hub_rss_bytes for size in (ONE, few, many)
    )
    radio = (many_rss - few_rss) / (many.units - few.units)
    others = many_rss - one_rss - radio * (many.units - ONE.units)
    return {
        "bytes_per_unit": (many_rss - one_rss) / (many.units - ONE.units),
        "bytes_per_radio": radio,
        "bytes_per_community": others / (many.communities - ONE.communities),
    }


def _settled(data_dir: Path, ports: Sequence[int]) -> Start:
    """The second start, for the first keeps what it read; some seconds after it serves."""
    start(data_dir, ports)
    return start(data_dir, ports, settled_s=QUIET_S)


def start(data_dir: Path, ports: Sequence[int], *, settled_s: float = 0.0) -> Start:
    """Start everything, wait until it serves, and stop it."""
    http, mqtt, nats = ports
    argv = [sys.executable, "-m", "dispatch", "run", f"--data={data_dir}", "--log-json"]
    argv += [f"--http-port={http}", f"--mqtt-port={mqtt}", f"--nats-port={nats}"]
    with tempfile.TemporaryFile() as told:
        began_s = time.monotonic()
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=told)
        return _until_ready(process, http, began_s, told, settled_s=settled_s)


def _until_ready(
    process: "subprocess.Popen[bytes]",
    http: int,
    began_s: float,
    told: IO[bytes],
    *,
    settled_s: float,
) -> Start:
    try:
        while not _ready(http):
            if process.poll() is not None:
                raise RuntimeError(f"yihu run ended with {process.returncode}")
            if time.monotonic() - began_s > READY_TIMEOUT_S:
                raise TimeoutError("yihu run is not ready")
            time.sleep(PROBE_EVERY_S)
        ready_s = time.monotonic() - began_s
        hub = _hub_of(process.pid)
        hub_cpu_s = cpu_s(hub)
        spent_s = hub_cpu_s + cpu_s(process.pid)
        time.sleep(settled_s)
        return Start(ready_s, spent_s, hub_cpu_s, round(memory_mb(hub) * 1024**2), _phases(told))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _built(folder: Path, size: Size) -> tuple[Path, float]:
    """The data folder of this size, made where it is not there; how long that took."""
    radios = "" if size.radios == UNITS else f"-{size.radios}"
    home = folder / f"{size.communities}-{size.open_ones}-{size.ended}{radios}"
    note = home / BUILT
    if not note.exists():
        shutil.rmtree(home, ignore_errors=True)
        began_s = time.monotonic()
        build(home, size)
        note.write_text(json.dumps({"build_s": time.monotonic() - began_s}))
    return home / "data", float(json.loads(note.read_text())["build_s"])


def _phases(told: IO[bytes]) -> dict[str, float]:
    """What the hub has said so far of the parts of its start."""
    data = os.pread(told.fileno(), LOG_BYTES_MAX, 0)  # the hub goes on writing at its own place
    lines = (line for line in data.splitlines()[:-1] if b'"start_phase"' in line)
    phases = [json.loads(line) for line in lines]
    return {each["name"]: float(each["cpu_s"]) for each in phases}


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _ready(port: int) -> bool:
    """Whether the hub has its state back and its door to the radios is open."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            told: dict[str, Any] = json.loads(answer.read())
    except (OSError, ValueError, urllib.error.HTTPError):
        return False
    return bool(told["ready"])


def _hub_of(supervisor: int) -> int:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "status").read_text()
            argv = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"\nPPid:\t{supervisor}\n" in status and b"hub" in argv:
            return int(process.name)
    raise RuntimeError("the supervisor has no hub")


if __name__ == "__main__":
    sys.exit(main())
