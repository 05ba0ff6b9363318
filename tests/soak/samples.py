"""What a run of the soak looks at, minute by minute, and the table it is kept in. Judges nothing.

The table is CSV with a head of names, one line a sample::

    t_s,hub_mb,hub_fds,hub_threads,broker_mb,...,history_mb,alarms,alarm_p50_ms,alarm_p99_ms,...
    60.0,131.2,41,9,96.4,...,3.1,1,14.2,14.2,...

Times are empty where nobody pressed since the sample before.
"""

import contextlib
import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, TextIO

from bench.rig import memory_mb, percentile
from dispatch.store.database import HISTORY_FILE, HISTORY_FOLDER, JOURNAL_FILE

PROCESSES: Final = ("hub", "broker", "supervisor")
MB: Final = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process at one moment, by the kernel."""

    pid: int
    mb: float
    """Resident memory."""
    fds: int
    """Open file descriptors, connections among them."""
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Everything at one moment; the alarms and the console since the sample before."""

    t_s: float
    """Since the load began."""
    processes: Mapping[str, Process]
    """By name, PROCESSES."""
    journal_mb: float
    history_mb: float
    alarm_ms: Sequence[float]
    """How long each press waited for its ``stored``; one still waiting has waited so long."""
    on_duty: int
    console_gap_s: float
    """The longest that an open page was told nothing."""
    load: float
    """What this machine has to do beside (getloadavg(3), one minute)."""


def look(pid: int) -> Process:
    """At one process, now. Raises OSError where there is none."""
    folder = Path(f"/proc/{pid}")
    return Process(
        pid=pid,
        mb=round(memory_mb(pid), 2),
        fds=sum(1 for _ in (folder / "fd").iterdir()),
        threads=sum(1 for _ in (folder / "task").iterdir()),
    )


def stores_mb(data_dir: Path) -> tuple[float, float]:
    """The journal's files on the disk, and the history's with its days, each with what SQLite
    keeps beside it."""
    history = f"{HISTORY_FILE}*", f"{HISTORY_FOLDER}/*"
    return _mb(data_dir, f"{JOURNAL_FILE}*"), _mb(data_dir, *history)


def _mb(folder: Path, *patterns: str) -> float:
    size = 0
    for file in (each for pattern in patterns for each in folder.glob(pattern)):
        with contextlib.suppress(FileNotFoundError):  # moved on to the disk, and gone, meanwhile
            size += file.stat().st_size
    return round(size / MB, 3)


HEAD: Final = (
    "t_s",
    *(f"{who}_{each.name}" for who in PROCESSES for each in fields(Process)),
    "journal_mb", "history_mb", "alarms", "alarm_p50_ms", "alarm_p99_ms", "on_duty",
    "console_gap_s", "load",
)  # fmt: skip


class Table:
    """The CSV of a run, whole after every line."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._csv = csv.writer(file, lineterminator="\n")
        self._csv.writerow(HEAD)

    def write(self, sample: Sample) -> None:
        """One more line, on the disk for whoever looks in meanwhile."""
        self._csv.writerow(_line(sample))
        self._file.flush()


def _line(sample: Sample) -> list[object]:
    of_processes = [value for who in PROCESSES for value in asdict(sample.processes[who]).values()]
    return [
        round(sample.t_s, 1), *of_processes, sample.journal_mb, sample.history_mb,
        len(sample.alarm_ms), _shown(sample.alarm_ms, 0.5), _shown(sample.alarm_ms, 0.99),
        sample.on_duty, round(sample.console_gap_s, 2), round(sample.load, 2),
    ]  # fmt: skip


def _shown(values_ms: Sequence[float], part: float) -> object:
    return round(percentile(values_ms, part), 1) if values_ms else ""
