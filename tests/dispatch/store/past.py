"""Fixes for the history's tests, and everything it has of them."""

from typing import Any

import numpy as np

from dispatch.clock import DAY, SECOND
from dispatch.ids import UnitId
from dispatch.store.port import FixRows, Names
from dispatch.store.sql import SqlStore
from tests.dispatch.store.facts import NOON

WORLD = (-180.0, -90.0, 180.0, 90.0)
YEAR = 365 * DAY

Kept = tuple[str, int, int, int, float, float, float, int, str]
"""unit, t, lon_e7, lat_e7, acc_m, speed_mps, course_deg, battery_pct, grid; unknown is -1."""


def fixes(*, unit: str = "r1", start: int = NOON, count: int = 1, **fields: Any) -> FixRows:
    """A unit's fixes, one a second."""
    defaults: dict[str, Any] = {
        "names": Names(units=[UnitId(unit)], grids=["", "g1"]),
        "rows": np.zeros(count, np.int64),
        "t": start + np.arange(count, dtype=np.int64) * SECOND,
        "lon": np.full(count, 120.1234567),
        "lat": np.full(count, 30.7654321),
        "acc_m": np.full(count, 4.26, np.float32),
        "speed_mps": np.full(count, 1.5, np.float32),
        "course_deg": np.full(count, 359.4, np.float32),
        "battery_pct": np.full(count, 77, np.int8),
        "grid": np.ones(count, np.int32),
    }
    return FixRows(**defaults | fields)


def everything(
    store: SqlStore, *, from_t: int = NOON - YEAR, to_t: int = NOON + YEAR
) -> list[Kept]:
    """By unit and time, as an area as big as the world has it."""
    found = store.area(WORLD, from_t=from_t, to_t=to_t)
    numbers = zip(
        found.unit.tolist(),
        found.t.tolist(),
        np.rint(found.lon * 1e7).astype(int).tolist(),
        np.rint(found.lat * 1e7).astype(int).tolist(),
        *(_known(column) for column in (found.acc_m, found.speed_mps, found.course_deg)),
        found.battery_pct.tolist(),
        found.grid.tolist(),
        strict=True,
    )
    return [(found.units[unit], *rest, found.grids[grid]) for unit, *rest, grid in numbers]


def times(store: SqlStore, unit: str = "r1") -> list[int]:
    """When the history has this unit."""
    found = store.track(
        UnitId(unit), from_t=NOON - 4 * DAY, to_t=NOON + 3 * DAY, fixes_max=1_000_000
    )
    return [t for t, *_ in found.fixes]


def _known(column: Any) -> list[float]:
    return [round(number, 2) for number in np.where(np.isnan(column), -1.0, column).tolist()]
