"""Where a unit's bytes are: part by part of the hub, by what Python says it has allocated.

    python -m bench.memory [--json] [--small]

One community of 20,000 radios, its live table, history, console feed and the lane of positions,
in this process, without broker and doors. First nobody has said anything (``_known``: all are on
the roster), then everybody is on duty, has sent a position, and was searched for (``_heard``).

These are bytes asked for (tracemalloc), the most that a unit can come to; ``bench.start`` has what
is resident. That is less for who says nothing, since memory that is not written to is not taken,
and more by what lies free between what is used.
"""

import sys
import tempfile
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.rig import arguments, report
from console.api import make_feeds
from devices.positions.lane import PositionLane
from devices.v1 import V1
from dispatch.clock import MILLISECOND, SECOND, ManualClock
from dispatch.config import load_roster
from dispatch.demo import demo_community_path
from dispatch.errors import DeviceProtocolError
from dispatch.hub import Hub
from dispatch.ids import RadioId
from dispatch.live import LiveTable
from dispatch.roster import Roster
from dispatch.settings import Settings
from dispatch.store.sql import SqlStore

UNITS: Final = 20_000
"""Each is as dear as one of more, and what is followed here takes ten times its time."""
SMALLER: Final = 10
SLICE: Final = 500
NOON: Final = 1_780_000_000 * SECOND
PARTS: Final = (
    ("history", "dispatch/store"),
    ("history", "sqlalchemy/"),
    ("pages", "console/"),
    ("lane", "devices/"),
    ("lane", "bench/memory"),  # topics, which the lane remembers
    ("ids", "geo/numbering"),
    ("roster", "dispatch/radio_table"),
    ("crossings", "geo/crossings"),
    ("index", "geo/buckets"),
    ("live", "geo/columns"),
    ("heard", "dispatch/heard"),
    ("table", "dispatch/live"),
)
"""Whose memory it is by the file that asked for it; the first that fits. Ids are counted as such
wherever they are numbered: on the roster, and in the history's day."""
REST: Final = "rest"


def main() -> int:
    options = arguments("Where a unit's bytes are")
    units = UNITS // (SMALLER if options.small else 1)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), units)
    report("Bytes a unit", figures, as_json=options.json)
    return 0


def measure(folder: Path, units: int) -> dict[str, Any]:
    """Bytes a unit of each part, on the roster and once heard."""
    warm = _District(folder / "warm", SLICE)  # loads what is loaded when it is first asked for
    warm.everybody_reports()
    warm.store.close()
    tracemalloc.start()
    try:
        before = _held()
        district = _District(folder / "district", units)
        known = _held()
        district.everybody_reports()
        heard = _held()
        district.store.close()
    finally:
        tracemalloc.stop()
    figures: dict[str, Any] = {"units": units}
    for when, now in (("known", known), ("heard", heard)):
        each = {name: (now[name] - before[name]) / units for name in now}
        figures |= {f"{name}_{when}": round(count, 1) for name, count in each.items()}
        figures[f"bytes_{when}"] = round(sum(each.values()), 1)
    return figures


class _District:
    """What a hub has of its units."""

    def __init__(self, folder: Path, units: int) -> None:
        folder.mkdir()
        listed = load_roster([demo_community_path()])
        self._community = next(iter(listed.communities.values()))
        first = next(iter(listed.radios.values()))
        names = (f"w{number:06d}" for number in range(units))
        radios = (replace(first, radio=RadioId(name), revoked=False) for name in names)
        roster = Roster([self._community], radios)
        settings = Settings(data_dir=folder)
        self._live = LiveTable(roster)
        self._clock = ManualClock(NOON)
        self.store = SqlStore.open("", data_dir=folder, on_state=lambda _: None)
        self._feed = make_feeds(
            hub=Hub(settings=settings, roster=roster, live=self._live),
            settings=settings,
            clock=self._clock,
            present=lambda _: None,
            counters={},
            version="bench",
            demo=False,
        ).whole
        self._lane = PositionLane(V1(), self._live.find, _refused)
        self._units = units

    def everybody_reports(self) -> None:
        """One position of each, from the broker's bytes to the disk and the pages."""
        self._live.columns.on_duty[:] = True
        west, south, east, north = self._community.grids.grids[0].polygon.bounds
        chance = np.random.default_rng(1)
        for first in range(0, self._units, SLICE):
            now = self._clock.advance(SECOND // 100)
            rows = range(first, min(first + SLICE, self._units))
            lons = chance.uniform(west, east, len(rows)).tolist()
            lats = chance.uniform(south, north, len(rows)).tolist()
            self._lane.hear(
                [
                    (self._topic(row), _said(now // MILLISECOND, lon, lat))
                    for row, lon, lat in zip(rows, lons, lats, strict=True)
                ]
            )
            while (batch := self._lane.take(now)) is not None:
                outcome = self._live.take(batch, now)
                assert not outcome.dropped, outcome.dropped
                self.store.submit_fixes(outcome.rows, outcome.crossings)
                self._feed.moved(outcome.changed_rows)
            self._feed.tick()
        self.store.flush_history()
        self._live.columns.index()

    def _topic(self, row: int) -> bytes:
        return f"patrol/{self._community.community}/w{row:06d}/position".encode()


def _said(t_ms: int, lon: float, lat: float) -> bytes:
    return b'{"t":%d,"lon":%.6f,"lat":%.6f,"acc":8.0,"spd":1.2,"crs":90.0,"bat":77}' % (
        t_ms,
        lon,
        lat,
    )


def _refused(error: DeviceProtocolError, _radio: RadioId | None) -> None:
    raise error


def _held() -> dict[str, int]:
    """Bytes that are allocated now, by part."""
    held = dict.fromkeys([*(name for name, _ in PARTS), REST], 0)
    for each in tracemalloc.take_snapshot().statistics("filename"):
        file = each.traceback[0].filename
        held[next((name for name, of in PARTS if f"/{of}" in file), REST)] += each.size
    return held


if __name__ == "__main__":
    sys.exit(main())
