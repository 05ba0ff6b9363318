"""Runs many seeds, on several cores; of each that fails it says what broke and how to repeat it."""

import contextlib
import gc
import io
import logging
import multiprocessing
import signal
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from tests.simulation.chance import Fault
from tests.simulation.laws import SENTENCES, LawBrokenError
from tests.simulation.world import World

SEEDS_A_TASK: Final = 20
"""Handed to a process at once; small enough that none waits long for the last."""
TRACE_LINES: Final = 40
WORLD_CPU_S_MAX: Final = 60
"""The biggest take two or three; one that takes longer goes round in circles."""
COLLECTED_EVERY: Final = 50
"""Worlds between two collections of garbage: what one leaves behind is a few megabytes, and
looking for it all the time costs a tenth of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A seed whose world broke a law."""

    seed: int
    law: str
    found: str
    trace: tuple[str, ...]
    """The last lines before it."""
    where: str
    """The traceback."""

    def words(self, *, needs: Collection[Fault] | None = None) -> str:
        """For people: what, how to repeat it, and which faults it takes."""
        lines = [f"seed {self.seed} breaks {self.law}: {SENTENCES[self.law]}", f"  {self.found}"]
        if self.law == "nothing_escapes":
            lines.append(self.where)
        lines += [f"  | {line}" for line in self.trace]
        if needs is not None:
            lines.append(f"  still fails with no fault but: {', '.join(sorted(needs)) or 'none'}")
        without = [] if needs is None else sorted(set(Fault) - set(needs))
        also = f' WITHOUT="{" ".join(without)}"' if without else ""
        lines.append(f"  repeat it: make simulate SEED={self.seed}{also}")
        return "\n".join(lines)


def play(seed: int, *, without: Collection[Fault] = (), aloud: bool = False) -> Failure | None:
    """One world; what it broke, or None."""
    world: World | None = None
    try:
        with bounded():
            world = World(seed, without=without, aloud=aloud)
            world.run()
    except LawBrokenError as exc:
        return _failed(seed, world, exc.law, exc.found)
    except Exception as exc:  # whatever it is, the seed is to blame
        return _failed(seed, world, "nothing_escapes", f"{type(exc).__name__}: {exc}")
    return None


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """A world that stands still is a failure like any other. In a main thread only: elsewhere
    there are no signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise TimeoutError(f"it took more than {WORLD_CPU_S_MAX} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, WORLD_CPU_S_MAX)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def needed(failure: Failure) -> set[Fault]:
    """The faults without which this law is not broken: each is turned off in turn, and stays
    off where the same law breaks all the same."""
    needs = set(World(failure.seed).chance.on)
    for fault in sorted(needs):
        fewer = needs - {fault}
        again = play(failure.seed, without=set(Fault) - fewer)
        if again is not None and again.law == failure.law:
            needs = fewer
    return needs


def play_many(
    seeds: Iterable[int],
    *,
    processes: int,
    tell: Callable[[int, float], None],
    without: Collection[Fault] = (),
) -> Iterator[Failure]:
    """All these worlds; yields what fails. ``tell`` hears now and then how many were played, and
    in how many seconds."""
    some = partial(_play_some, without=without)
    began_s = time.monotonic()
    played = 0
    with multiprocessing.get_context("spawn").Pool(processes, _begin) as pool:
        for count, failures in pool.imap_unordered(some, _tasks(seeds)):
            played += count
            yield from failures
            tell(played, time.monotonic() - began_s)


def _tasks(seeds: Iterable[int]) -> Iterator[list[int]]:
    task: list[int] = []
    for seed in seeds:
        task.append(seed)
        if len(task) == SEEDS_A_TASK:
            yield task
            task = []
    if task:
        yield task


def _play_some(seeds: list[int], without: Collection[Fault]) -> tuple[int, list[Failure]]:
    played = (play(seed, without=without) for seed in seeds)
    return len(seeds), [failure for failure in played if failure is not None]


def _begin() -> None:
    """A new process: its worlds are silent, and its garbage waits."""
    hush()
    gc.freeze()
    gc.set_threshold(200_000, 10, COLLECTED_EVERY)


def hush() -> None:
    """What a hub logs of all that goes wrong is nothing that anybody reads here."""
    structlog.configure(
        processors=[structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(file=io.StringIO()),
        cache_logger_on_first_use=False,
    )


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """The same for a while: other tests have their loggers back."""
    before = structlog.get_config()
    hush()
    try:
        yield
    finally:
        structlog.configure(**before)


def _failed(seed: int, world: World | None, law: str, found: str) -> Failure:
    lines = () if world is None else tuple(world.trace.lines(TRACE_LINES))
    return Failure(seed=seed, law=law, found=found, trace=lines, where=traceback.format_exc())
