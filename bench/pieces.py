"""What the console holds the loop with: a page that opens, and one change among many incidents.

Processor microseconds and milliseconds of this very process, no socket; beside each what it
would cost to draw everything, as was done before there were pieces.
"""

import gc
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Final, TypeVar

from bench.stream_ends import district, name_of
from console.api import make_feeds
from console.feed import Feed
from dispatch.clock import HubClock
from dispatch.ids import IncidentId, UnitId
from dispatch.outgoing import ToConsoles
from dispatch.words import AssignmentState, Phase
from tests.console.builders import FakeHub, assignment, incident, settings_of_a_hub

CALLED: Final = 6
"""Units at each incident."""
CHANGES: Final = 50

T = TypeVar("T")


def busy(units: int, incidents: int, *, open_: bool) -> tuple[FakeHub, Feed]:
    """A district with so many incidents, all with their six units, and its feed."""
    full = district(units)
    state = AssignmentState.ACCEPTED if open_ else AssignmentState.CLEAR
    for number in range(incidents):
        of = f"xizi-20251121-{number + 1:03d}"
        who = [name_of((number * CALLED + each) % units) for each in range(CALLED)]
        made = [assignment(n + 1, unit, state, of=of) for n, unit in enumerate(who)]
        full.hold(
            incident(
                number + 1,
                sender=UnitId(name_of(number % units)),
                phase=Phase.RECEIVED if open_ else Phase.CLOSED,
                alarms=[],
                assignments={each.assignment: each for each in made},
            )
        )
    feed = make_feeds(
        hub=full,
        settings=settings_of_a_hub(),
        clock=HubClock(),
        present=lambda _: None,
        counters={},
        version="0",
        demo=False,
    ).whole
    gc.collect()
    gc.freeze()  # what a collection costs is measured elsewhere, by what runs the hub
    return full, feed


def spent_s(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds, and what came of it."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def opening(units: int, *, incidents: int) -> dict[str, float]:
    """A page opens where so many units and ended incidents are."""
    _, feed = busy(units, incidents, open_=False)
    feed.snapshot()  # groups the units, as any page before did
    feed.changed(ToConsoles(incidents=frozenset({IncidentId("xizi-20251121-001")})))
    first_s, first = spent_s(feed.snapshot)
    parts: Iterator[bytes] = feed.parts()
    each_s, size = [0.0], len(first)
    while True:
        took_s, part = spent_s(lambda: next(parts, None))
        if part is None:
            break
        each_s.append(took_s)
        size += len(part)
    at_once_s, _ = spent_s(lambda: feed.picture.snapshot(0))
    name = f"open_{units}"
    return {
        f"{name}_first_ms": round(1e3 * first_s, 2),
        f"{name}_part_ms": round(1e3 * median(each_s), 2),
        f"{name}_longest_ms": round(1e3 * max(first_s, *each_s), 2),
        f"{name}_all_ms": round(1e3 * (first_s + sum(each_s)), 1),
        f"{name}_at_once_ms": round(1e3 * at_once_s, 1),
        f"{name}_bytes": size,
        f"{name}_messages": len(each_s),
    }


def change_us(units: int, *, incidents: int) -> dict[str, float]:
    """One incident of so many open ones changed; and the look at everything that it spares."""
    full, feed = busy(units, incidents, open_=True)
    each_s = []
    for name in list(full.incidents)[:CHANGES]:
        full.incidents[name].version += 1
        what = ToConsoles(incidents=frozenset({name}))
        each_s.append(spent_s(lambda what=what: feed.changed(what))[0])  # type: ignore[misc]
    looked_s, _ = spent_s(feed.picture.engaged)
    return {
        "change_us": round(1e6 * median(each_s), 1),
        "change_look_at_all_us": round(1e6 * looked_s, 1),
    }
