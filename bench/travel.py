"""How long a unit travels, fitted on real rows: seconds = exp(a) * metres ** b, a by type of unit.

Nobody wrote down where the units set out from. Crews of a station mostly set out from
it: its place is the one under which their travel times fit best, found together with
the curve. Ambulances post themselves over the town: for them the median place of their
calls must do, which blurs their distances and would flatten the curve, so its bend
is taken from the crews and only its height is their own. Bends near 0.5 are what is known
of fire engines on short ways (Kolesar's square-root law, 1975).

Fitted on the first days; the error is told on the last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from bench.calls import STAYS_S, Place, Sent, middle, rows_by_unit
from geo.arrays import Floats
from geo.distance import LocalPlane

FITTED_PART: Final = 0.7
"""Of the rows, in the order of time: five of seven days."""

TRAVEL_S_MIN: Final = 20.0
TRAVEL_S_MAX: Final = 3_600.0
"""Rows outside are slips of a button: there before leaving, or an hour under way in a town
one crosses in half of that."""

NEAR_M: Final = 100.0
"""The file tells the street block only: below this all distances are the same."""

STATIONED: Final = frozenset(
    {"ENGINE", "TRUCK", "CHIEF", "RESCUE CAPTAIN", "RESCUE SQUAD", "SUPPORT", "INVESTIGATION"}
)
ROWS_FOR_HOME: Final = 8
"""Fewer rows do not find a station; then the median place of its calls is its home."""

STEP_M: Final = 250.0
HALF_SIDE_M: Final = 8_000.0
"""Homes are sought on a net so fine, so far each way from the middle of the town."""

QUARTILE: Final = 0.6745
"""Half of a normal distribution lies within so many of its spreads."""

ROUNDS: Final = 5
"""Homes by the curve, the curve by the homes: after five turns neither moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """How far off the curve was, on rows it had not seen."""

    rows: int
    log_sd: float
    """Spread of the logarithm of real over expected."""
    factor: float
    """Half of the real times lie within this factor of the expected one."""
    factor_blind: float
    """The same for a guess that knows no place: the median time of the type."""

    @property
    def spread(self) -> float:
        """Of the logarithm, by its middle half: slips of a button do not widen it."""
        return math.log(self.factor) / QUARTILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """The fitted curve, the homes of the units, and what it is worth."""

    bend: float
    height: Mapping[str, float]
    turnout: Mapping[str, float]
    """Median seconds from being sent to moving, by type."""
    homes: Mapping[str, Place]
    stationed: Error
    roaming: Error

    def seconds(self, kind: str, metres: float) -> float:
        """Expected seconds from being sent to being there: as likely sooner as later."""
        way = math.exp(self.height[kind]) * math.pow(max(metres, NEAR_M), self.bend)
        return self.turnout[kind] + way


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trip:
    """One row that tells a travel time, in metres on the plane."""

    unit: str
    kind: str
    at: float
    x: float
    y: float
    log_s: float
    turnout_s: float
    from_last: tuple[float, float] | None
    """Where it set out from, if that was its last call's place."""


class _Homes:
    """Places on the plane, by unit."""

    def __init__(self, rows: Mapping[str, Sequence[Sent]], plane: LocalPlane) -> None:
        self.xy: dict[str, tuple[float, float]] = {
            unit: plane.to_xy(*middle([row.place for row in mine])) for unit, mine in rows.items()
        }
        net = np.arange(-HALF_SIDE_M, HALF_SIDE_M + 1.0, STEP_M)
        xs, ys = np.meshgrid(net, net)
        self._xs, self._ys = xs.ravel()[:, None], ys.ravel()[:, None]

    def move(self, unit: str, trips: Sequence[_Trip], height: float, bend: float) -> None:
        """To the place of the net under which its trips fit best."""
        x, y, log_s = np.array([(trip.x, trip.y, trip.log_s) for trip in trips]).T
        metres = np.hypot(self._xs - x, self._ys - y)
        missed = np.abs(height + bend * np.log(np.maximum(metres, NEAR_M)) - log_s).sum(axis=1)
        best = int(missed.argmin())
        self.xy[unit] = float(self._xs[best, 0]), float(self._ys[best, 0])

    def log_m(self, trip: _Trip) -> float:
        x, y = trip.from_last or self.xy[trip.unit]
        return math.log(max(math.hypot(trip.x - x, trip.y - y), NEAR_M))


def fit_travel(rows: Sequence[Sent]) -> Travel:
    """The curve from the first days of these rows, its error from the last."""
    plane = LocalPlane(*middle([row.place for row in rows]))
    by_unit = rows_by_unit(rows)
    trips = sorted(
        (trip for mine in by_unit.values() for trip in _trips(mine, plane)), key=lambda x: x.at
    )
    cut = int(len(trips) * FITTED_PART)
    fitted, later = trips[:cut], trips[cut:]
    homes = _Homes(by_unit, plane)
    bend = _fit_stationed([trip for trip in fitted if trip.kind in STATIONED], homes)
    kinds = {row.kind for row in rows}
    height = _by_kind(kinds, fitted, lambda trip: trip.log_s - bend * homes.log_m(trip))
    blind = _by_kind(kinds, fitted, lambda trip: trip.log_s)

    def error(stationed: bool) -> Error:
        mine = [trip for trip in later if (trip.kind in STATIONED) is stationed]
        assert mine, "rows of both sorts of unit"
        off = [trip.log_s - height[trip.kind] - bend * homes.log_m(trip) for trip in mine]
        return Error(
            rows=len(mine),
            log_sd=float(np.std(off)),
            factor=math.exp(median(map(abs, off))),
            factor_blind=math.exp(median(abs(trip.log_s - blind[trip.kind]) for trip in mine)),
        )

    return Travel(
        bend=bend,
        height=height,
        turnout=_by_kind(kinds, fitted, lambda trip: trip.turnout_s),
        homes={unit: plane.to_lonlat(*xy) for unit, xy in homes.xy.items()},
        stationed=error(True),
        roaming=error(False),
    )


def _trips(mine: Sequence[Sent], plane: LocalPlane) -> list[_Trip]:
    """The rows of one unit that tell a travel time; none that began during another call."""
    found = []
    for last, row in zip((None, *mine), mine, strict=False):
        if row.moved is None or row.on_scene is None:
            continue
        idle_s = math.inf if last is None else row.dispatched - last.free
        travel_s = row.on_scene - row.moved
        if idle_s < 0.0 or not TRAVEL_S_MIN <= travel_s <= TRAVEL_S_MAX:
            continue
        x, y = plane.to_xy(*row.place)
        stays = last is not None and last.on_scene is not None and idle_s < STAYS_S
        found.append(
            _Trip(
                unit=row.unit,
                kind=row.kind,
                at=row.dispatched,
                x=x,
                y=y,
                log_s=math.log(travel_s),
                turnout_s=row.moved - row.dispatched,
                from_last=plane.to_xy(*last.place) if last is not None and stays else None,
            )
        )
    return found


def _fit_stationed(trips: Sequence[_Trip], homes: _Homes) -> float:
    """Moves each unit to its station; returns the bend of the curve."""
    from_home: dict[str, list[_Trip]] = {}
    for trip in trips:
        if trip.from_last is None:
            from_home.setdefault(trip.unit, []).append(trip)
    settled = {unit: mine for unit, mine in from_home.items() if len(mine) >= ROWS_FOR_HOME}
    usable = [trip for trip in trips if trip.unit in settled]
    height, bend = _line(usable, homes)
    for _ in range(ROUNDS):
        for unit, mine in settled.items():
            homes.move(unit, mine, height, bend)
        height, bend = _line(usable, homes)
    return bend


def _line(trips: Sequence[_Trip], homes: _Homes) -> tuple[float, float]:
    """Height and bend with the least absolute misses: slips of a button pull no square."""
    log_m: Floats = np.array([homes.log_m(trip) for trip in trips])
    log_s: Floats = np.array([trip.log_s for trip in trips])
    columns = np.column_stack((np.ones_like(log_m), log_m))
    weight = np.ones_like(log_m)
    for _ in range(REWEIGHED):
        line = np.linalg.lstsq(columns * weight[:, None], log_s * weight, rcond=None)[0]
        weight = 1.0 / np.sqrt(np.maximum(np.abs(log_s - columns @ line), WEIGHED_AT_LEAST))
    return float(line[0]), float(line[1])


REWEIGHED: Final = 20
WEIGHED_AT_LEAST: Final = 0.01
"""Twenty turns of reweighted squares are absolute misses to a hundredth."""


def _by_kind(
    kinds: set[str], trips: Sequence[_Trip], tell: Callable[[_Trip], float]
) -> dict[str, float]:
    """The median by type; that of all for a type without a trip."""
    told = {kind: [tell(trip) for trip in trips if trip.kind == kind] for kind in kinds}
    everybody = median(tell(trip) for trip in trips)
    return {kind: median(values) if values else everybody for kind, values in told.items()}
