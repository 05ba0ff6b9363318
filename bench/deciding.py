"""What one wave costs in a community of 100, 1,000 and 20,000: processor time, and bytes kept.

    python -m bench.deciding [--json] [--small]

A fifth of the people are on duty, all over the demo's ten grids; a third have been asked
lately and went out. It is the first wave of an SOS by the built-in plan: looking who there is,
choosing, and making the text that the journal is given. Processor time of this thread, medians.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np

from bench.rig import arguments, report
from bench.town import ROLES
from dispatch.clock import DAY, SECOND, Instant
from dispatch.config import load_community
from dispatch.decide import choose
from dispatch.demo import demo_community_path
from dispatch.desk import Desk
from dispatch.ids import RadioId, UnitId
from dispatch.live import LiveTable
from dispatch.nearby import prospects
from dispatch.need import lacking
from dispatch.roster import RadioRecord, Roster
from dispatch.rules.call import Call
from dispatch.settings import Settings
from dispatch.store.codec import canonical
from dispatch.words import Kind, Role

SIZES: Final = (100, 1_000, 20_000)
SMALLER: Final = 10
WAVES: Final = 15
NOW: Final[Instant] = 20_000 * DAY
ON_DUTY: Final = 0.2
ASKED_EVERY: Final = 3
SEED: Final = 20_170_101

Answer = TypeVar("Answer")
Given = ParamSpec("Given")


def main() -> int:
    options = arguments("What a wave costs")
    figures: dict[str, Any] = {}
    for size in SIZES:
        figures |= measure(size // (SMALLER if options.small else 1), str(size))
    report("One wave, by the units of the community", figures, as_json=options.json)
    return 0


def measure(units: int, name: str) -> dict[str, Any]:
    """One community; its figures end in ``name``."""
    desk, call = a_desk(units)
    took: dict[str, list[float]] = {"nearby": [], "choose": [], "write": []}
    for _ in range(WAVES):
        found = _timed(took["nearby"], prospects, desk, call)
        choice = _timed(took["choose"], choose, call, found)
        text = _timed(took["write"], canonical, choice.inputs)
    parts = {what: statistics.median(each) for what, each in took.items()}
    return {
        f"wave_us_{name}": round(sum(parts.values())),
        **{f"{what}_us_{name}": round(each) for what, each in parts.items()},
        f"bytes_{name}": len(text),
        f"kept_{name}": len(found.seen),
        f"called_{name}": len(choice.called),
    }


def a_desk(units: int) -> tuple[Desk, Call]:
    """A hub's tables with so many people, and somebody in need among them."""
    community, _ = load_community(demo_community_path())
    radios = [
        RadioRecord(
            radio=RadioId(f"radio-{n:05d}"),
            community=community.community,
            call_sign=f"{n:05d}",
            role=Role(ROLES[n % len(ROLES)]),
        )
        for n in range(units)
    ]
    roster = Roster([community], radios)
    live = LiveTable(roster)
    desk = Desk(settings=Settings(data_dir=Path("unused")), roster=roster, live=live)
    rng = np.random.default_rng(SEED)
    on_duty = rng.random(units) < ON_DUTY
    live.columns.on_duty[:], live.columns.online[:] = on_duty, on_duty
    lon, lat = _places(units, [each.polygon.bounds for each in community.grids.grids], rng)
    fix_t = np.full(units, NOW - 5 * SECOND)
    grid = community.grids.locate_batch(lon, lat)
    live.columns.update_batch(np.arange(units), fix_t, lon, lat, grid=grid)
    for n in range(0, units, ASKED_EVERY):
        for days in range(1, 5):
            desk.board.records.note(
                UnitId(radios[n].radio), NOW - days * DAY, None, bool((n + days) % 2)
            )
    at_lon, at_lat = float(np.median(lon)), float(np.median(lat))
    spot = live.locate(community.community, at_lon, at_lat)
    plan = desk.plan_for(community.community, Kind.SOS, spot, NOW)
    call = Call(
        now=NOW,
        community=community.community,
        lon=at_lon,
        lat=at_lat,
        grid=spot,
        sender=UnitId(radios[0].radio),
        priority=1,
        asked=frozenset(),
        lacking=lacking(plan.steps[0].needs, ()),
        plan=plan,
        step=plan.steps[0],
        fresh_us=desk.fresh_us,
    )
    return desk, call


def _places(
    units: int, bounds: list[tuple[float, float, float, float]], rng: np.random.Generator
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """All over the box that holds the grids."""
    west, south, east, north = np.array(bounds).T
    return (
        rng.uniform(west.min(), east.max(), units),
        rng.uniform(south.min(), north.max(), units),
    )


def _timed(
    took: list[float],
    work: Callable[Given, Answer],
    /,
    *args: Given.args,
    **kwargs: Given.kwargs,
) -> Answer:
    start = time.thread_time_ns()
    answer = work(*args, **kwargs)
    took.append((time.thread_time_ns() - start) / 1_000)
    return answer


if __name__ == "__main__":
    raise SystemExit(main())
