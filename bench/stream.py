"""What the live stream costs: processor microseconds a position frame, sent to many consoles.

    python -m bench.stream [--json] [--small]

Beside it in the same run, in turn: websockets' ``broadcast`` of a ready frame of the same
size at the same pace, which encodes nothing and looks at nothing. Processor time is the
server's alone, by the scheduler's count, less what it uses while no console is open.

``lane`` is a street's 5,000 positions a second before 20 consoles, ``hall`` 200 consoles that
show the same 5,000 units at 2 Hz, ``views`` the same with a view each, ``crowd`` 100,000
units. What a page costs as it opens, and one change among many, is bench/pieces.py's.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median
from typing import IO, Final

from bench.pieces import change_us, opening
from bench.rig import arguments, cpu_s, report

"""A page of 100,000 units has opened by then."""
TICKS_PER_S: Final = 5.0
"""How often the console sends positions; the floor sends as often."""


@dataclass(frozen=True, slots=True)
class Scene:
    """So many units, each so many fixes a second, before so many consoles."""

    units: int
    per_s: float
    consoles: int
    own: bool = False
    """Every console has a view of its own."""


SCENES: Final = {
    "lane": Scene(5_000, 1.0, 20),
    "hall": Scene(5_000, 2.0, 200),
    "views": Scene(5_000, 2.0, 200, own=True),
    "crowd": Scene(100_000, 0.05, 20),
}


@dataclass(frozen=True, slots=True)
class Spent:
    """By one server, in one round."""

    cpu_s: float
    seconds: float
    frames: int
    bytes: int


Process = subprocess.Popen[str]


@contextmanager
def end(*words: object) -> Iterator[Process]:
    """One of bench/stream_ends.py."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.stream_ends", *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        _pipe(process.stdin).close()
        process.wait(timeout=20)
        _pipe(process.stdout).close()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _line(process: Process) -> str:
    return _pipe(process.stdout).readline()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long it is looked at, how often, and how long things settle before."""

    seconds: float
    rounds: int
    settle_s: float


FULL: Final = Pace(4.0, 3, 3.0)
SMALL: Final = Pace(1.0, 1, 1.0)
"""So short that what the machine does besides is in it: it shows that everything works."""


def spend(server: Process, port: str, scene: Scene, pace: Pace) -> Spent:
    """A round: the consoles come, are sent what there is, and go."""
    how = "own" if scene.own else "same"
    with end("readers", port, scene.consoles, how) as readers:
        assert _line(readers) == "ready\n"
        time.sleep(pace.settle_s)
        counted = _counted(readers)
        began_s, used_s = time.perf_counter(), cpu_s(server.pid)
        time.sleep(pace.seconds)
        used_s, took_s = cpu_s(server.pid) - used_s, time.perf_counter() - began_s
        frames, size = (new - old for new, old in zip(_counted(readers), counted, strict=True))
    return Spent(used_s, took_s, frames, size)


def _counted(readers: Process) -> tuple[int, int]:
    pipe = _pipe(readers.stdin)
    pipe.write("\n")
    pipe.flush()
    frames, size = _line(readers).split()
    return int(frames), int(size)


def alone(server: Process, pace: Pace) -> float:
    """Processor seconds a second while nobody listens."""
    time.sleep(pace.settle_s)
    used_s = cpu_s(server.pid)
    time.sleep(pace.seconds)
    return (cpu_s(server.pid) - used_s) / pace.seconds


def ours(scene: Scene, pace: Pace) -> dict[str, float]:
    """What the console costs before this scene, the median of the rounds."""
    with end("ours", scene.units, scene.per_s) as server:
        port = _line(server).strip()
        quiet = alone(server, pace)
        rounds = [spend(server, port, scene, pace) for _ in range(pace.rounds)]
    cores = median(each.cpu_s / each.seconds - quiet for each in rounds)
    frames_per_s = median(each.frames / each.seconds for each in rounds)
    return {
        "cores": round(cores, 4),
        "frames_per_s": round(frames_per_s, 1),
        "cpu_us_per_frame": round(1e6 * cores / max(1.0, frames_per_s), 2),
        "bytes_per_frame": round(median(each.bytes / max(1, each.frames) for each in rounds)),
        "us_per_position": round(1e6 * cores / (scene.units * scene.per_s), 3),
    }


def beside(scene: Scene, pace: Pace) -> dict[str, float]:
    """The console and the floor in turn: microseconds a frame of each, and their ratio."""
    with (
        end("ours", scene.units, scene.per_s) as server,
        end("floor", scene.units, scene.per_s) as floor,
    ):
        ports = {each.pid: _line(each).strip() for each in (server, floor)}
        quiet = {each.pid: alone(each, pace) for each in (server, floor)}
        cost: dict[int, list[float]] = {server.pid: [], floor.pid: []}
        for _ in range(pace.rounds):
            for each in (server, floor):
                spent = spend(each, ports[each.pid], scene, pace)
                used_s = spent.cpu_s - quiet[each.pid] * spent.seconds
                cost[each.pid].append(1e6 * used_s / max(1, spent.frames))
    mine, least = median(cost[server.pid]), median(cost[floor.pid])
    return {
        "cpu_us_per_frame": round(mine, 2),
        "floor_us": round(least, 2),
        "to_floor": round(mine / least, 2),
    }


def run(*, small: bool) -> dict[str, float]:
    """All scenes; the figures."""
    part, pace = (10, SMALL) if small else (1, FULL)
    figures = beside(Scene(625 // part, TICKS_PER_S, 100 // part), pace)
    for name, scene in SCENES.items():
        sized = replace(scene, units=scene.units // part, consoles=max(1, scene.consoles // part))
        figures |= {f"{name}_{key}": value for key, value in ours(sized, pace).items()}
    for units in (1_000, 10_000, 100_000):
        figures |= opening(units // part, incidents=200 // part)
    return figures | change_us(100_000 // part, incidents=10_000 // part)


def main() -> None:
    """Print what was measured."""
    options = arguments("processor microseconds a position frame, to many consoles")
    report("the stream", run(small=options.small), as_json=options.json)


if __name__ == "__main__":
    main()
