"""The history of positions: how fast it is written, how small it lies, how fast it is read.

    python -m bench.history [--json] [--small]

1,000 units walk for 30 days, a fix every 10 to 42 s (26 on the mean), 100 million in all,
given to the store as the hub gives them, in batches in the order of time, and as fast as it
takes them. What is asked then is asked of all 30 days on disk. The walkers are drawn
(``Walkers``); where the recorded traces of the test data are at hand (YIHU_TEST_DATA) these
are packed too, to show that the drawn ones pack no better.

``store_per_s``       from the first batch to the last one on disk, feeding included
``ordered_per_s``     the same until all of it is in order, too
``writer_cpu_us_per_fix``  the processor's time of the one thread that writes, over the same time
``unit_day_ms``, ``area_hour_ms``  medians over 30 questions, each the best of 5 tries, so that
                      neighbours on the machine count little; files in the system's memory. With
                      ``cpu``: the processor's time of it; with ``once``: the first try after
                      the warming one, as a user has it beside those neighbours; with ``cold``:
                      connections new and the files' pages given up before each question
``late_p99_ms``       how late a thread is woken that sleeps 1 ms beside a steady 20,000
                      fixes a second; ``late_floor_ms`` with nothing beside it
``took``              seconds of each part of the run. One day is drawn and given again
                      and again, moved, by other people: drawing costs no figure anything.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import gzip
import math
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from bench.rig import arguments, percentile, report
from dispatch.clock import DAY, HOUR, SECOND
from dispatch.ids import UnitId
from dispatch.store.database import HISTORY_FOLDER
from dispatch.store.port import FixRows, Names
from dispatch.store.sql import SqlStore

UNITS: Final = 1_000
DAYS: Final = 30
SMALL_UNITS: Final = 100
SMALL_DAYS: Final = 2
BATCH_ROWS: Final = 10_000
QUEUED_MAX: Final = 400_000
"""Well below where the store would shed: here it is the feeder that waits."""
FIRST_DAY: Final = 20_000 * DAY
MEAN_S: Final = 26.0
M_PER_DEG: Final = 111_320.0
WEST, SOUTH = 116.3, 39.9
DISTRICT_M: Final = 12_000.0
QUESTIONS: Final = 30
TRIES: Final = 5
COLD: Final = range(5)
PACED_PER_S: Final = 20_000
PACED_S: Final = 5.0
PROBE_S: Final = 0.001
MANY_UNITS: Final = 100_000
SEED: Final = 20_261_122
REPOSITORY: Final = Path(__file__).resolve().parent.parent

Floats = npt.NDArray[np.float64]
T = TypeVar("T")


def main() -> int:
    options = arguments((__doc__ or "").splitlines()[0])
    with tempfile.TemporaryDirectory(prefix="yihu-bench-") as folder:
        figures = measure(Path(folder), small=options.small)
    report(f"{figures['fixes']:,} fixes", figures, as_json=options.json)
    return 0 if figures["lost"] == 0 else 1


def measure(folder: Path, *, small: bool) -> dict[str, Any]:
    """Everything, in one data folder after the other."""
    units, days = (SMALL_UNITS, SMALL_DAYS) if small else (UNITS, DAYS)
    data_dir = folder / "walkers"
    figures: dict[str, Any] = {}
    took: dict[str, float] = {}

    @contextlib.contextmanager
    def part(name: str) -> Iterator[None]:
        began_s = time.perf_counter()
        yield
        took[f"took_{name}_s"] = round(time.perf_counter() - began_s, 1)

    with part("draw"):
        walkers = Walkers(np.random.default_rng(SEED), units)
    with part("build"):
        figures |= build(data_dir, walkers, days)
    with part("ask"):
        figures |= ask(data_dir, walkers, days)
    with part("pace"):
        figures |= pace(folder / "paced", walkers)
    with part("start"):
        figures |= start(folder / "start", MANY_UNITS // (10 if small else 1))
    with part("traces"):
        figures |= traces_packed(folder / "traces")
    return figures | took


@dataclass(frozen=True, slots=True)
class Day:
    """A day of fixes in the order of time."""

    rows: npt.NDArray[np.int64]
    t: npt.NDArray[np.int64]
    lon: Floats
    lat: Floats
    acc_m: npt.NDArray[np.float32]
    speed_mps: npt.NDArray[np.float32]
    course_deg: npt.NDArray[np.float32]
    battery_pct: npt.NDArray[np.int8]
    grid: npt.NDArray[np.int32]


class Walkers:
    """People on patrol, two thirds of the time on the move, each round a beat of 3 km: half of
    them on foot, half on bicycles, or the recorded traces would pack worse than they do.

    A receiver's error wanders (3 m) and jitters (1 m); accuracy, speed and course have noise
    of their own, times are told to the millisecond, a battery lasts a shift. One day is
    drawn; on others everybody has somebody else's walk, moved by some metres.
    """

    def __init__(self, rng: np.random.Generator, units: int) -> None:
        self.names = Names(
            units=[UnitId(f"r{n:05}") for n in range(units)],
            grids=["", *(f"grid-{n:03}" for n in range(400))],
        )
        self._rng = rng
        count = int(DAY / SECOND / MEAN_S)
        shape = (units, count)
        gap_s = rng.uniform(10, 42, shape)
        t_s = (np.cumsum(gap_s, axis=1) - 10) % (DAY / SECOND)
        moving = wander(rng, shape, 0.995, 1.0) > -0.3
        pace = np.where(np.arange(units) % 2, 1.0, 3.5).reshape(-1, 1)
        walk = np.clip(1.3 + wander(rng, shape, 0.9, 0.35), 0.1, 2.5)
        speed = np.where(moving, pace * walk, 0.0)
        corner = np.where(rng.random(shape) < 0.06, rng.choice([-90.0, 90.0], shape), 0.0)
        head = np.cumsum(rng.normal(0, 12, shape) + corner, axis=1) + rng.uniform(
            0, 360, (units, 1)
        )
        x, y = (
            within_beat(np.cumsum(speed * gap_s * turn(np.radians(head)), axis=1))
            + rng.uniform(0, DISTRICT_M, (units, 1))
            + wander(rng, shape, 0.9, 3.0)
            + rng.normal(0, 1.0, shape)
            for turn in (np.sin, np.cos)
        )
        told_speed = np.abs(speed * rng.normal(1, 0.25, shape) + rng.normal(0, 0.25, shape))
        self._day = self._in_order(
            t_s,
            x,
            y,
            np.clip(np.exp(1.6 + wander(rng, shape, 0.97, 0.5) + rng.normal(0, 0.1, shape)), 2, 80),
            told_speed,
            (head + rng.normal(0, 30, shape)) % 360,
            np.clip(95 - (t_s / 3_600 * 4 + rng.uniform(0, 50, (units, 1))) % 85, 5, 100),
        )

    def _in_order(self, t_s: Floats, x: Floats, y: Floats, *rest: Floats) -> Day:
        acc, speed, course, battery = rest
        order = np.argsort(t_s, axis=None, kind="stable")
        grid = np.clip(x // 800, 0, 19).astype(np.int32) * 20 + np.clip(y // 800, 0, 19)
        return Day(
            rows=order // t_s.shape[1],
            t=np.floor(t_s.ravel()[order] * 1_000).astype(np.int64) * 1_000,
            lon=WEST + x.ravel()[order] / M_PER_DEG / 0.77,
            lat=SOUTH + y.ravel()[order] / M_PER_DEG,
            acc_m=acc.ravel()[order].astype(np.float32),
            speed_mps=speed.ravel()[order].astype(np.float32),
            course_deg=course.ravel()[order].astype(np.float32),
            battery_pct=battery.ravel()[order].astype(np.int8),
            grid=grid.ravel()[order].astype(np.int32),
        )

    def __len__(self) -> int:
        """Fixes of a day."""
        return len(self._day.t)

    def batches(self, number: int, rows: int = BATCH_ROWS) -> Iterator[FixRows]:
        """The fixes of a day as the hub would give them."""
        day = self._day
        who = self._rng.permutation(len(self.names.units))
        east, north = self._rng.normal(0, 30 / M_PER_DEG, (2, len(who)))
        for start in range(0, len(self), rows):
            part = slice(start, start + rows)
            drawn = day.rows[part]
            yield FixRows(
                names=self.names,
                rows=who[drawn],
                t=day.t[part] + (FIRST_DAY + number * DAY),
                lon=day.lon[part] + east[drawn],
                lat=day.lat[part] + north[drawn],
                acc_m=day.acc_m[part],
                speed_mps=day.speed_mps[part],
                course_deg=day.course_deg[part],
                battery_pct=day.battery_pct[part],
                grid=day.grid[part],
            )


def wander(rng: np.random.Generator, shape: tuple[int, int], keep: float, spread: float) -> Floats:
    """What drifts: each value keeps so much of the one before it."""
    pushes = rng.normal(0, spread * np.sqrt(1 - keep * keep), shape)
    found = np.empty(shape)
    found[:, 0] = rng.normal(0, spread, shape[0])
    for i in range(1, shape[1]):
        found[:, i] = keep * found[:, i - 1] + pushes[:, i]
    return found


def within_beat(metres: Floats) -> Floats:
    """Folded back and forth into 3 km."""
    return np.abs((metres + 1_500) % 6_000 - 3_000)


# --- writing ---


def build(data_dir: Path, walkers: Walkers, days: int) -> dict[str, Any]:
    """Everything into a fresh store, as fast as it takes it."""
    store = open_store(data_dir)
    feeding_us = feeding_cost_us(walkers)
    writer = next(t for t in threading.enumerate() if t.name == "history-writer").native_id
    began_s, began_cpu, began_writer_s = time.perf_counter(), cpu_now_s(), thread_cpu_s(writer)
    for number in range(days):
        for batch in walkers.batches(number):
            while store.history_queued > QUEUED_MAX:
                time.sleep(0.001)
            store.submit_fixes(batch, [])
    store.flush_history()
    stored_s = time.perf_counter() - began_s
    unordered = store.history_unordered
    running = medians(lambda n: whole_day(store, walkers, n, days - 1), 5)
    settle_s, _ = timed(store.settle_history)
    cpu_s = cpu_now_s() - began_cpu
    writer_s = thread_cpu_s(writer) - began_writer_s
    shed = store.history_shed
    store.close()
    fixes = len(walkers) * days
    return {
        "fixes": fixes,
        "store_per_s": fixes / stored_s,
        "ordered_per_s": fixes / (stored_s + settle_s),
        "cpu_us_per_fix": cpu_s / fixes * 1e6 - feeding_us,
        "writer_cpu_us_per_fix": writer_s / fixes * 1e6,
        "feeding_us_per_fix": feeding_us,
        "unordered_at_end": unordered,
        "unit_running_day_ms": running,
        "bytes_per_fix": size_of(data_dir) / fixes,
        "packed_bytes_per_fix": packed_size(data_dir),
        "lost": shed,
    }


def feeding_cost_us(walkers: Walkers) -> float:
    """What drawing a fix costs, which is no work of the store."""
    began = cpu_now_s()
    count = sum(len(batch) for batch in walkers.batches(0))
    return (cpu_now_s() - began) / count * 1e6


# --- reading ---


def ask(data_dir: Path, walkers: Walkers, days: int) -> dict[str, Any]:
    """Questions to a hub just started, then the oldest day is dropped."""
    cold_day = [cold(data_dir, lambda s, n: whole_day(s, walkers, n, n % days), n) for n in COLD]
    cold_area = [cold(data_dir, lambda s, n: an_hour(s, n % days, n, 1 / 3), n) for n in COLD]
    store = open_store(data_dir)
    found = len(an_hour(store, days - 1, 12, 1 / 3))
    figures = {
        "unit_day_ms": medians(lambda n: whole_day(store, walkers, n, n % days), QUESTIONS),
        "unit_day_cpu_ms": medians(
            lambda n: whole_day(store, walkers, n, n % days), QUESTIONS, time.thread_time
        ),
        "unit_day_once_ms": medians(
            lambda n: whole_day(store, walkers, n, n % days), QUESTIONS, tries=1
        ),
        "unit_day_cold_ms": statistics.median(cold_day),
        "unit_day_fixes": len(whole_day(store, walkers, 1, 0)),
        "area_hour_ms": medians(lambda n: an_hour(store, n % days, n, 1 / 3), QUESTIONS),
        "area_hour_cpu_ms": medians(
            lambda n: an_hour(store, n % days, n, 1 / 3), QUESTIONS, time.thread_time
        ),
        "area_hour_once_ms": medians(
            lambda n: an_hour(store, n % days, n, 1 / 3), QUESTIONS, tries=1
        ),
        "area_hour_cold_ms": statistics.median(cold_area),
        "area_hour_fixes": found,
        "district_hour_ms": medians(lambda n: an_hour(store, n % days, n, 2.0), 5),
    }
    second_day = datetime.date(1970, 1, 1) + datetime.timedelta(days=FIRST_DAY // DAY + 1)
    dropped_s, dropped = timed(lambda: store.drop_history_before(second_day))
    store.close()
    lost = len(walkers) - dropped
    return figures | {"drop_day_s": dropped_s, "lost": lost}


def whole_day(store: SqlStore, walkers: Walkers, which: int, day: int) -> list[Any]:
    """A unit's fixes of a day."""
    units = walkers.names.units
    from_t = FIRST_DAY + day * DAY
    found = store.track(
        units[which * 37 % len(units)], from_t=from_t, to_t=from_t + DAY - 1, fixes_max=100_000
    )
    return list(found.fixes)


def an_hour(store: SqlStore, day: int, hour: int, part: float) -> npt.NDArray[np.int64]:
    """Everybody's fixes of an hour in a box whose sides are this part of the district's."""
    side = DISTRICT_M * part / M_PER_DEG
    west, south = WEST + side / 0.77, SOUTH + side
    box = (west, south, west + side / 0.77, south + side)
    if part > 1:
        box = (WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1)
    from_t = FIRST_DAY + day * DAY + hour % 24 * HOUR
    return store.area(box, from_t=from_t, to_t=from_t + HOUR - 1).t


def cold(data_dir: Path, question: Callable[[SqlStore, int], Any], number: int) -> float:
    """Milliseconds of a question to a store just opened, its files out of the system's memory."""
    store = open_store(data_dir)
    for path in (data_dir / HISTORY_FOLDER).iterdir():
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    took_s, _ = timed(lambda: question(store, number))
    store.close()
    return took_s * 1e3


# --- beside a loop; at the start ---


def pace(data_dir: Path, walkers: Walkers) -> dict[str, Any]:
    """Lateness of another thread, alone and beside a steady stream."""
    floor = Probe()
    time.sleep(1.0)
    floor_ms = floor.stop()
    store = open_store(data_dir)
    probe = Probe()
    rows = PACED_PER_S // 20
    began_s, began_cpu = time.perf_counter(), cpu_now_s()
    count = 0
    for n, batch in enumerate(walkers.batches(0, rows)):
        if n >= PACED_S * 20:
            break
        time.sleep(max(0.0, began_s + n / 20 - time.perf_counter()))
        store.submit_fixes(batch, [])
        count += len(batch)
    late_ms = probe.stop()
    store.flush_history()
    cpu_us = (cpu_now_s() - began_cpu) / count * 1e6
    store.close()
    return {
        "paced_cpu_us_per_fix": cpu_us,
        "late_floor_p99_ms": percentile(floor_ms, 0.99),
        "late_p99_ms": percentile(late_ms, 0.99),
        "late_max_ms": max(late_ms),
    }


class Probe:
    """A thread that sleeps a little, again and again, and notes how late it is woken."""

    def __init__(self) -> None:
        self._late_ms: list[float] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._main, name="probe")
        self._thread.start()

    def _main(self) -> None:
        while not self._stopping.is_set():
            due_s = time.perf_counter() + PROBE_S
            time.sleep(PROBE_S)
            self._late_ms.append((time.perf_counter() - due_s) * 1e3)

    def stop(self) -> list[float]:
        """Every lateness, in milliseconds."""
        self._stopping.set()
        self._thread.join()
        return self._late_ms


def start(data_dir: Path, units: int) -> dict[str, Any]:
    """What a starting hub waits for: the last fixes of very many units."""
    names = Names(units=[UnitId(f"r{n:06}") for n in range(units)], grids=[""])
    rng = np.random.default_rng(SEED)
    store = open_store(data_dir)
    for n in range(5):
        store.submit_fixes(
            FixRows(
                names=names,
                rows=rng.permutation(units),
                t=FIRST_DAY + n * HOUR + rng.integers(0, HOUR, units),
                lon=rng.uniform(116, 117, units),
                lat=rng.uniform(39, 40, units),
                acc_m=np.full(units, 5, np.float32),
                speed_mps=np.full(units, 1, np.float32),
                course_deg=np.full(units, 9, np.float32),
                battery_pct=np.full(units, 50, np.int8),
                grid=np.zeros(units, np.int32),
            ),
            [],
        )
    store.close()
    store = open_store(data_dir)
    took_s, found = timed(lambda: store.last_fixes(names.units))
    store.close()
    assert len(found) == units
    return {"last_fixes_units": units, "last_fixes_s": took_s}


# --- recorded traces ---


def traces_packed(data_dir: Path) -> dict[str, Any]:
    """Bytes a fix of the recorded traces, thinned to 10 to 26 s; none where they are not here.

    What the recordings do not have is drawn as for the walkers, and so are centimetres.
    """
    data = Path(os.environ.get("YIHU_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    file = data / "traces" / "beijing_traces.csv.gz"
    if not file.is_file():
        return {"traces_skipped": f"{file} is not there"}
    store = open_store(data_dir)
    count = 0
    for rows in recorded(file, np.random.default_rng(SEED)):
        store.submit_fixes(rows, [])
        count += len(rows)
    store.flush_history()
    store.settle_history()
    store.close()
    return {
        "traces_fixes": count,
        "traces_bytes_per_fix": size_of(data_dir) / count,
        "traces_packed_bytes_per_fix": packed_size(data_dir),
    }


def recorded(file: Path, rng: np.random.Generator) -> Iterator[FixRows]:
    """Each recording as a unit of its own, all begun at once."""
    by_trace: dict[str, list[tuple[float, float, float]]] = {}
    with gzip.open(file, "rt") as lines:
        for row in csv.DictReader(lines):
            at_s = datetime.datetime.fromisoformat(row["time"]).timestamp()
            place = (at_s, float(row["lon"]), float(row["lat"]))
            by_trace.setdefault(row["trace_id"], []).append(place)
    names = Names(units=[UnitId(trace) for trace in by_trace], grids=["", "g1"])
    for number, places in enumerate(by_trace.values()):
        kept = [places[0]]
        for place in places:
            if place[0] - kept[-1][0] >= rng.uniform(10, 26):
                kept.append(place)
        t_s, lon, lat = np.array(kept).T
        count = len(kept)
        east_m = np.diff(lon, prepend=lon[0]) * M_PER_DEG * 0.77
        north_m = np.diff(lat, prepend=lat[0]) * M_PER_DEG
        took_s = np.maximum(np.diff(t_s, prepend=t_s[0] - 1), 1)
        speed = np.hypot(east_m, north_m) / took_s
        course = np.degrees(np.arctan2(east_m, north_m)) + rng.normal(0, 30, count)
        acc = np.exp(1.6 + wander(rng, (1, count), 0.97, 0.5)[0] + rng.normal(0, 0.1, count))
        yield FixRows(
            names=names,
            rows=np.full(count, number),
            t=FIRST_DAY
            + ((t_s - t_s[0]) * 1_000 + rng.integers(0, 1_000, count)).astype(np.int64) * 1_000,
            lon=lon + rng.normal(0, 5e-7, count),
            lat=lat + rng.normal(0, 5e-7, count),
            acc_m=np.clip(acc, 2, 80).astype(np.float32),
            speed_mps=np.abs(speed * rng.normal(1, 0.15, count)).astype(np.float32),
            course_deg=(course % 360).astype(np.float32),
            battery_pct=np.clip(95 - np.arange(count) // 40, 5, 100).astype(np.int8),
            grid=np.ones(count, np.int32),
        )


# --- the rig ---


def open_store(data_dir: Path) -> SqlStore:
    return SqlStore.open("", data_dir=data_dir, on_state=lambda _why: None)


def size_of(data_dir: Path) -> int:
    """Bytes on disk of all days."""
    return sum(path.stat().st_size for path in (data_dir / HISTORY_FOLDER).iterdir())


def packed_size(data_dir: Path) -> float:
    """Bytes a fix of the blocks in order alone: what compares stores of unlike size."""
    rows = size = 0
    for path in (data_dir / HISTORY_FOLDER).glob("*.db"):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as day:
            of_day = "SELECT sum(rows), sum(length(data)) FROM blocks WHERE hour >= 0"
            [(count, length)] = day.execute(of_day).fetchall()
        rows, size = rows + count, size + length
    return size / rows


def cpu_now_s() -> float:
    """Processor seconds of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def thread_cpu_s(thread: int | None) -> float:
    """Processor seconds of one thread of this process, by the scheduler's count."""
    return int(Path(f"/proc/self/task/{thread}/schedstat").read_text().split()[0]) / 1e9


def timed(work: Callable[[], T]) -> tuple[float, T]:
    began_s = time.perf_counter()
    found = work()
    return time.perf_counter() - began_s, found


def medians(
    question: Callable[[int], Any],
    count: int,
    clock: Callable[[], float] = time.perf_counter,
    tries: int = TRIES,
) -> float:
    """The median of so many different questions in milliseconds, each asked before to warm it,
    and then the best of so many tries."""
    took: list[float] = []
    for n in range(count):
        question(n)
        best_s = math.inf
        for _ in range(tries):
            began = clock()
            question(n)
            best_s = min(best_s, clock() - began)
        took.append(best_s * 1e3)
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())
