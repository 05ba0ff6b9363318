"""What the soak calls flat, and what it does not: a leak must not pass for an ordinary day."""

import pytest

from tests.soak.drawing import drawing
from tests.soak.judge import Count, Finding, judged, slope, verdict
from tests.soak.samples import PROCESSES, Process, Sample

HOUR_S = 3600.0
WHOLE = Count(pressed=60, stored=60, lost=0, doubled=0, unheard=0, chain_fault="")


def sample(
    minute: int, *, hub_mb: float = 130.0, fds: int = 40, ms: float = 20.0, pid: int = 7,
    broker_threads: int = 9,
) -> Sample:  # fmt: skip
    """One minute of a run, dull but for what is given."""
    threads = {"hub": 9, "broker": broker_threads, "supervisor": 1}
    return Sample(
        t_s=60.0 * minute,
        processes={
            who: Process(
                pid=pid, mb=hub_mb if who == "hub" else 50.0, fds=fds, threads=threads[who]
            )
            for who in PROCESSES
        },
        journal_mb=1.0, history_mb=2.0, alarm_ms=[ms], on_duty=900, console_gap_s=0.5, load=1.0,
    )  # fmt: skip


def broken(samples: list[Sample], count: Count = WHOLE) -> list[str]:
    """What an hour of these breaks."""
    return [each.what for each in judged(samples, count, HOUR_S) if each.kept is False]


def test_a_dull_hour_is_flat() -> None:
    """Memory that wanders by a megabyte, and caches that fill in the first quarter, are no leak."""
    samples = [sample(n, hub_mb=min(130.0, 100.0 + 2 * n) + n % 2) for n in range(1, 61)]

    assert verdict(judged(samples, WHOLE, HOUR_S)) == "flat"


@pytest.mark.parametrize(
    ("samples", "what"),
    [
        ([sample(n, hub_mb=130 + n / 5) for n in range(1, 61)], "memory of the hub"),
        ([sample(n, fds=40 + n // 40) for n in range(1, 61)], "descriptors of the hub"),
        ([sample(n, broker_threads=9 + n // 12) for n in range(1, 61)], "threads of the broker"),
        (
            [sample(n, ms=80.0 + n * (n > 45)) for n in range(1, 61)],
            "alarms' p99, second and last quarter",
        ),
        ([sample(n, pid=7 + n // 50) for n in range(1, 61)], "started again"),
    ],
)
def test_what_grows_is_found(samples: list[Sample], what: str) -> None:
    """Each rule for its own: a leak of 12 MB an hour, one more file, a slow end, a death."""
    assert what in broken(samples)


@pytest.mark.parametrize(
    "count",
    [
        Count(pressed=60, stored=59, lost=1, doubled=0, unheard=0, chain_fault=""),
        Count(pressed=60, stored=60, lost=0, doubled=1, unheard=0, chain_fault=""),
        Count(pressed=60, stored=60, lost=0, doubled=0, unheard=1, chain_fault=""),
        Count(pressed=0, stored=0, lost=0, doubled=0, unheard=0, chain_fault=""),
        Count(pressed=60, stored=60, lost=0, doubled=0, unheard=0, chain_fault="broken at 7"),
    ],
)
def test_a_press_that_is_lost_is_never_flat(count: Count) -> None:
    """However flat the memory; and a run in which nobody pressed has shown nothing."""
    assert broken([sample(n) for n in range(1, 61)], count)


def test_a_short_run_says_what_it_cannot_say() -> None:
    """Five minutes of slope are noise: neither a promise kept nor one broken."""
    samples = [sample(n, hub_mb=130 + n) for n in range(1, 6)]

    findings = judged(samples, WHOLE, 300.0)

    assert verdict(findings) == "too short to say: 4 rules not applied"
    assert [each.kept for each in findings if each.what.startswith("descriptors")] == [True] * 3


def test_one_that_was_broken_outweighs_what_was_too_short() -> None:
    short = Finding(what="a", found="", limit="", kept=None)
    bad = Finding(what="b", found="", limit="", kept=False)

    assert verdict([short, bad]) == "not flat"


def test_the_slope_is_that_of_the_line() -> None:
    assert slope([(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)]) == pytest.approx(2.0)
    assert slope([(1.0, 5.0)]) == 0.0


def test_a_run_without_alarms_is_drawn_all_the_same() -> None:
    """The drawing is made before anybody knows what is in it."""
    svg = drawing([sample(1), sample(2)])

    assert svg.count("<polyline") == 3 + 4 + 2 + 2
