"""An operator whose hub starts slowly can say what it was busy with."""

import time

import pytest
import structlog

from dispatch.starting import (
    LOOK_EVERY_S,
    Phase,
    StartTrace,
    process_age_s,
    rss_mb,
    tell_serving,
)


class Watch:
    """A clock and a count of processor time that are wound by hand."""

    def __init__(self) -> None:
        self.s = 100.0
        self.busy_s = 0.0

    def clock_s(self) -> float:
        return self.s

    def cpu_s(self) -> float:
        return self.busy_s

    def work(self, seconds: float) -> None:
        self.s += seconds
        self.busy_s += seconds


def test_each_part_of_a_start_is_told_with_its_own_time() -> None:
    """One sum says only that it was slow."""
    watch = Watch()
    trace = StartTrace(clock_s=watch.clock_s, cpu_s=watch.cpu_s)
    watch.work(1.0)
    trace.over("imports")
    watch.work(0.5)
    watch.s += 2.0  # the disk
    trace.over("state")

    first, second = trace.phases
    assert first.s >= 1.0  # what ran before the first look counts, too
    assert second == Phase(name="state", s=2.5, cpu_s=0.5)


def test_a_start_that_is_refused_tells_no_parts() -> None:
    """Where another hub has the folder one sentence is said; else all that was noted, in order."""
    with structlog.testing.capture_logs() as said:
        trace = StartTrace()
        trace.over("imports")
        assert not said

        trace.begin_telling()
        trace.over("state")

    assert [each["name"] for each in said] == ["imports", "state"]


def test_what_ran_beside_takes_nothing_from_the_laps() -> None:
    """A thread that reads while the hub folds would otherwise be counted twice."""
    watch = Watch()
    trace = StartTrace(clock_s=watch.clock_s, cpu_s=watch.cpu_s)
    trace.over("imports")
    since_s = trace.now_s()
    watch.work(3.0)
    trace.beside("records", since_s)
    trace.over("state")

    assert [(each.name, each.s) for each in trace.phases[1:]] == [("records", 3.0), ("state", 3.0)]


def test_a_process_knows_its_age_and_its_size() -> None:
    """Loading Python and its modules is a good part of a start, and over before the first line
    of ours."""
    assert 0.0 < process_age_s() < time.clock_gettime(time.CLOCK_BOOTTIME)
    assert rss_mb() > 5


async def test_it_serves_once_alarms_can_come() -> None:
    """A port that is open while the broker is away serves nobody."""
    watch = Watch()
    doors, done = iter([False, False, True]), iter([False, True])

    async def pause(seconds: float) -> None:
        watch.s += seconds

    trace = StartTrace(clock_s=watch.clock_s, cpu_s=watch.cpu_s)
    trace.over("http")
    await tell_serving(trace, lambda: next(doors), lambda: next(done), pause)

    assert [each.name for each in trace.phases] == ["http", "broker", "catch_up"]
    assert [each.s for each in trace.phases[1:]] == pytest.approx([2 * LOOK_EVERY_S, LOOK_EVERY_S])
