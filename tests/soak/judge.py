"""Whether a run was flat: the rules, their limits, the reasons for them. Looks at nothing itself.

The first quarter is for warming up: caches fill, the allocator takes what it keeps, everybody's
first call is decided. What is compared is the rest, or its last quarter with its first.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.rig import percentile
from tests.soak.samples import PROCESSES, Process, Sample

GROWTH_MAX_MB_PER_H: Final[Mapping[str, float]] = {"hub": 8.0, "broker": 8.0, "supervisor": 0.5}
"""The slope of a straight line through the memory. A hub that leaks a hundred bytes a position
grows by some 70 MB an hour here, one that leaks a kilobyte a radio's status by as much; 8 MB an
hour is 200 MB a day, still less than a small machine has, and above what an allocator wanders."""
SLOWER_MAX: Final = 1.5
"""The slowest alarms of the last quarter against those of the second."""
SLOW_LEAST_MS: Final = 100.0
"""Below this nobody is slow: with one alarm a minute a quarter has few, and one that met a
neighbour's work on this machine is its p99."""
THREADS_MORE_MAX: Final[Mapping[str, int]] = {"hub": 2, "broker": 2, "supervisor": 0}
"""The broker's Go runtime adds a thread when one is held in the kernel, the hub's pool (six at
most) when all it has are busy, and neither takes one back; one lost with each alarm would be
thirty by the last quarter of an hour."""
COUNTS_LEAST_S: Final = 240.0
SLOPES_LEAST_S: Final = 1_200.0
"""In less than that a slope is noise, as is a quarter's p99: these rules are not applied then, and
the verdict says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule and what came of it."""

    what: str
    found: str
    limit: str
    kept: bool | None
    """None where the run was too short to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The radios' logs against the journal on the disk."""

    pressed: int
    stored: int
    """Of those, in the journal."""
    lost: int
    doubled: int
    unheard: int
    """Presses whose radio was never told ``stored``."""
    chain_fault: str


def judged(samples: Sequence[Sample], count: Count, lasted_s: float) -> list[Finding]:
    """Every rule, in the order in which a reader asks."""
    return [
        *_counted(count),
        _same_processes(samples),
        *_growth(samples, lasted_s),
        *_numbers(samples, lasted_s),
        _latency(samples, lasted_s),
    ]


def verdict(findings: Sequence[Finding]) -> str:
    """``flat``, ``not flat``, or that the run was too short for some of the rules."""
    if any(each.kept is False for each in findings):
        return "not flat"
    short = sum(each.kept is None for each in findings)
    return f"too short to say: {short} rules not applied" if short else "flat"


def _counted(count: Count) -> Iterator[Finding]:
    whole = (count.lost, count.doubled, count.unheard) == (0, 0, 0) and count.pressed > 0
    yield Finding(
        what="presses",
        found=f"{count.pressed} made, {count.stored} stored, {count.lost} lost,"
        f" {count.doubled} doubled, {count.unheard} unheard",
        limit="each stored once, and told",
        kept=whole,
    )
    chain = count.chain_fault or "unbroken"
    yield Finding(
        what="the journal's chain", found=chain, limit="unbroken", kept=not count.chain_fault
    )


def _same_processes(samples: Sequence[Sample]) -> Finding:
    again = [who for who in PROCESSES if len({each.processes[who].pid for each in samples}) > 1]
    found = ", ".join(again) or "none"
    return Finding(what="started again", found=found, limit="none", kept=not again)


def _growth(samples: Sequence[Sample], lasted_s: float) -> Iterator[Finding]:
    warm = [each for each in samples if each.t_s > lasted_s / 4]
    for who, limit in GROWTH_MAX_MB_PER_H.items():
        per_h = slope([(each.t_s / 3600, each.processes[who].mb) for each in warm])
        peak_mb = max(each.processes[who].mb for each in samples)
        yield Finding(
            what=f"memory of the {who}",
            found=f"{per_h:+.1f} MB/h, {peak_mb:.0f} MB at most",
            limit=f"{limit:+.1f} MB/h",
            kept=per_h <= limit if lasted_s >= SLOPES_LEAST_S else None,
        )


def _numbers(samples: Sequence[Sample], lasted_s: float) -> Iterator[Finding]:
    looks: list[tuple[str, Callable[[Process], int], Mapping[str, int]]] = [
        ("descriptors", lambda one: one.fds, dict.fromkeys(PROCESSES, 0)),
        ("threads", lambda one: one.threads, THREADS_MORE_MAX),
    ]
    for name, number, more in looks:
        for who in PROCESSES:
            before, after = (
                statistics.median_high(number(each.processes[who]) for each in quarter)
                for quarter in _second_and_last(samples, lasted_s)
            )
            yield Finding(
                what=f"{name} of the {who}",
                found=f"{before} → {after}",
                limit="no more" if not more[who] else f"{more[who]} more",
                kept=after <= before + more[who] if lasted_s >= COUNTS_LEAST_S else None,
            )


def _latency(samples: Sequence[Sample], lasted_s: float) -> Finding:
    second, last = (
        [ms for each in quarter for ms in each.alarm_ms] or [0.0]
        for quarter in _second_and_last(samples, lasted_s)
    )
    before, after = percentile(second, 0.99), percentile(last, 0.99)
    limit_ms = max(SLOWER_MAX * before, SLOW_LEAST_MS)
    return Finding(
        what="alarms' p99, second and last quarter",
        found=f"{before:.0f} ms → {after:.0f} ms",
        limit=f"{limit_ms:.0f} ms",
        kept=after <= limit_ms if lasted_s >= SLOPES_LEAST_S else None,
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line through these points by least squares; 0 where there is none."""
    if len({x for x, _ in points}) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def _second_and_last(
    samples: Sequence[Sample], lasted_s: float
) -> tuple[list[Sample], list[Sample]]:
    """Each with one sample at least."""
    second = [each for each in samples if 0.25 < each.t_s / lasted_s <= 0.5]
    last = [each for each in samples if each.t_s / lasted_s > 0.75]
    return second or list(samples[:1]), last or list(samples[-1:])
