"""A week of real calls: who was sent where and when, and so who was free, and where, at any moment.

Reads `calls/sf_fire_calls_2017-01.csv.gz` of the test data, one row for each unit sent
to a call, and decides nothing. Times are seconds since 1970, places WGS-84.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Final

from shapely import make_valid
from shapely.geometry import shape

from geo.gridset import Grid, GridSet

REPOSITORY: Final = Path(__file__).resolve().parent.parent
FILE: Final = "sf_fire_calls_2017-01.csv.gz"
NEIGHBOURHOODS: Final = "sf_planning_neighborhoods.geojson"

STAYS_S: Final = 900.0
"""How long a unit counts as standing where its last call was; then it is back at its home.
Of 5, 15, 30 and 60 minutes the one under which most types' travel is told best."""

SHIFT_S: Final = 6 * 3_600.0
"""A unit is on duty so long before and after each call it was really sent to."""

Place = tuple[float, float]
"""(lon, lat)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One unit sent to one call, as it really was."""

    call: str
    unit: str
    kind: str
    """ENGINE, MEDIC, ..."""
    dispatched: float
    moved: float | None
    on_scene: float | None
    free: float
    """When it could be sent again; the last step known where the file does not say."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RealCall:
    """One call, at the moment its first unit was sent."""

    name: str
    at: float
    place: Place


def calls_folder() -> Path:
    """Where the real calls lie, whether or not they are there."""
    return Path(os.environ.get("YIHU_TEST_DATA", REPOSITORY.parent / "shared" / "data")) / "calls"


def read_rows(folder: Path) -> list[Sent]:
    """Every row of the file, in the order of dispatch."""
    with gzip.open(folder / FILE, "rt", encoding="utf-8", newline="") as lines:
        rows = [_sent(row) for row in csv.DictReader(lines)]
    return sorted(rows, key=lambda row: (row.dispatched, row.call, row.unit))


def _sent(row: Mapping[str, str]) -> Sent:
    names = ("dispatch", "response", "on_scene", "transport", "hospital", "available")
    steps = [_seconds(row[f"{name}_utc"]) for name in names]
    dispatched, available = steps[0], steps[-1]
    assert dispatched is not None, "every row of the file has been dispatched"
    known = [step for step in steps if step is not None]
    return Sent(
        call=row["call_number"],
        unit=row["unit_id"],
        kind=row["unit_type"],
        dispatched=dispatched,
        moved=steps[1],
        on_scene=steps[2],
        free=max(known) if available is None else available,
        place=(float(row["lon"]), float(row["lat"])),
    )


def _seconds(text: str) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None


def calls_of(rows: Iterable[Sent]) -> list[RealCall]:
    """The calls behind the rows, in the order in which their first unit was sent."""
    first: dict[str, Sent] = {}
    for row in rows:
        first.setdefault(row.call, row)
    return [RealCall(name=row.call, at=row.dispatched, place=row.place) for row in first.values()]


def rows_by_unit(rows: Iterable[Sent]) -> dict[str, list[Sent]]:
    """Each unit's rows, in the order of dispatch."""
    found: dict[str, list[Sent]] = defaultdict(list)
    for row in rows:
        found[row.unit].append(row)
    return dict(found)


def middle(places: Sequence[Place]) -> Place:
    """The median place."""
    return median(lon for lon, _ in places), median(lat for _, lat in places)


class Whereabouts:
    """Where one unit stood, and whether it was free: by its real rows alone.

    So all strategies under test meet the same world, whomever they would have sent.
    """

    def __init__(self, rows: Sequence[Sent], home: Place) -> None:
        self._rows = rows
        self._home = home
        self._dispatched = [row.dispatched for row in rows]

    def at(self, now: float, call: str) -> Place | None:
        """Its place; None where it was off duty or busy with another call than this one."""
        past = bisect_right(self._dispatched, now)
        earlier = [row for row in self._rows[max(0, past - BUSY_LOOK) : past] if row.call != call]
        if any(row.free > now for row in earlier) or not self._on_duty(now, past):
            return None
        last = max(earlier, key=lambda row: row.free, default=None)
        if last is not None and last.on_scene is not None and now - last.free < STAYS_S:
            return last.place
        return self._home

    def _on_duty(self, now: float, past: int) -> bool:
        before = past > 0 and now - self._rows[past - 1].free < SHIFT_S
        after = past < len(self._rows) and self._rows[past].dispatched - now < SHIFT_S
        return before or after


BUSY_LOOK: Final = 4
"""Rows looked back upon: no unit is on more calls at once."""


def read_neighbourhoods(folder: Path) -> GridSet:
    """The town's neighbourhoods as grids.

    Rounded to 1e-6 one touches itself and some overlap by some square metres, which our
    reader of grid files rightly refuses: here they are mended and taken as they are.
    """
    features = json.loads((folder / NEIGHBOURHOODS).read_bytes())["features"]
    names = [feature["properties"]["name"] for feature in features]
    polygons = [make_valid(shape(feature["geometry"])) for feature in features]
    pairs = zip(names, polygons, strict=True)
    return GridSet(Grid(id=name, name=name, polygon=polygon) for name, polygon in pairs)
