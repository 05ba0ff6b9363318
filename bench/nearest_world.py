"""Units walking in a square of 400 grids, and calls there: for bench.nearest and bench.scale."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from geo.arrays import Flags, Floats, GridIndices, Rows, Times
from geo.columns import LiveColumns
from geo.distance import LocalPlane
from geo.grids import GridSet, load_grids
from geo.nearest import nearest
from geo.searching import Rings

WANTED: Final = 8
ROLES: Final = 8
SKILL: Final = 1
SIDE_M: Final = 40_000.0
GRIDS_A_SIDE: Final = 20
STEP_M: Final = 12.0
STEP_US: Final = 10_000_000
AGE_MAX_US: Final = 90_000_000
BATCH: Final = 2_000
"""Fixes written at a time."""

Batch: TypeAlias = tuple[Rows, Times, Floats, Floats, GridIndices]

ORIGIN: Final = LocalPlane(116.34, 39.96)
METRES_PER_DEG: Final = ORIGIN.to_xy(ORIGIN.lon + 1.0, ORIGIN.lat + 1.0)


@dataclass(frozen=True, slots=True)
class Question:
    """An alarm somewhere, for one role."""

    lon: float
    lat: float
    role: int
    rings: Rings
    ring_of: Rows
    """The ring of each grid, made beforehand: the floor need not pay for it."""


class World:
    """Units walking in a square of 20 by 20 grids, none of them in the order of its place."""

    def __init__(self, units: int, chance: np.random.Generator) -> None:
        self.units = units
        self.chance = chance
        self.gridset = squares()
        self.gridset.fill_rasters()
        self.x, self.y = chance.uniform(-SIDE_M / 2, SIDE_M / 2, (2, units))
        self.columns = columns = LiveColumns()
        for number in range(units):
            columns.add(f"u{number:07}")
        columns.set_roles(slice(None), chance.integers(ROLES, size=units).astype(np.int8))
        columns.skills[:] = chance.integers(2, size=units) * SKILL
        columns.on_duty[:] = chance.random(units) < 0.9
        columns.online[:] = chance.random(units) < 0.95
        columns.busy[:] = chance.random(units) < 0.1
        self.late = chance.random(units) < 0.05
        self.now = STEP_US * 100
        self.locate()
        self.order = chance.permutation(units)

    def walk(self) -> None:
        """Ten seconds: everybody is elsewhere, and reports in another order."""
        self.now += STEP_US
        half = SIDE_M / 2
        self.x = np.clip(self.x + self.chance.normal(0, STEP_M, self.units), -half, half)
        self.y = np.clip(self.y + self.chance.normal(0, STEP_M, self.units), -half, half)
        self.order = self.chance.permutation(self.units)

    def place(self) -> None:
        """Metres as degrees."""
        self.lon: Floats = ORIGIN.lon + self.x / METRES_PER_DEG[0]
        self.lat: Floats = ORIGIN.lat + self.y / METRES_PER_DEG[1]

    def locate(self) -> None:
        """And the grid of everybody."""
        self.place()
        self.grid = self.gridset.locate_batch(self.lon, self.lat)

    def batches(self) -> list[Batch]:
        """What one round of reports brings: rows, times, places, grids."""
        t = np.where(self.late, self.now - 2 * AGE_MAX_US, self.now)
        cut = [self.order[first : first + BATCH] for first in range(0, self.units, BATCH)]
        return [(rows, t[rows], self.lon[rows], self.lat[rows], self.grid[rows]) for rows in cut]

    def update(self, batches: list[Batch]) -> None:
        """Writes them, one after the other."""
        for rows, t, lon, lat, grid in batches:
            self.columns.update_batch(rows, t, lon, lat, grid=grid)

    def able(self) -> Flags:
        """Who can be sent, whatever the role: constant, so that floors can rely on it."""
        columns = self.columns
        able: Flags = columns.on_duty & columns.online & ~columns.busy & ~self.late
        able &= columns.skills & np.uint64(SKILL) != 0
        return able

    def fit(self, question: Question) -> Flags:
        """Who can be sent there, every filter looked at."""
        columns = self.columns
        fit = columns.live & columns.on_duty & columns.online & ~columns.busy
        fit &= (columns.role == question.role) & (columns.skills & np.uint64(SKILL) != 0)
        fit &= (columns.fix_t > 0) & (columns.fix_t >= self.now - AGE_MAX_US)
        return fit

    def question(self) -> Question:
        x, y = self.chance.uniform(-SIDE_M / 2, SIDE_M / 2, 2).tolist()
        lon, lat = ORIGIN.to_lonlat(x, y)
        rings = self.gridset.rings(max(0, self.gridset.locate_index(lon, lat)))
        ring_of = np.full(len(self.gridset) + 1, len(rings), dtype=np.int64)
        for number, ring in enumerate(rings):
            ring_of[list(ring)] = number
        return Question(lon, lat, int(self.chance.integers(ROLES)), rings, ring_of)

    def ask(self, question: Question, rings: Rings) -> list[int]:
        found = nearest(
            self.columns,
            lon=question.lon,
            lat=question.lat,
            grid_rings=rings,
            k=WANTED,
            roles=(question.role,),
            skills_all=SKILL,
            now=self.now,
            age_max_us=AGE_MAX_US,
        )
        answer: list[int] = found.rows.tolist()
        return answer


def squares() -> GridSet:
    """The square of the bench, cut into 400 grids of 2 km."""
    edges = np.linspace(-SIDE_M / 2, SIDE_M / 2, GRIDS_A_SIDE + 1).tolist()
    features = []
    for row, (south, north) in enumerate(pairwise(edges)):
        for column, (west, east) in enumerate(pairwise(edges)):
            corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
            ring = [list(ORIGIN.to_lonlat(*corner)) for corner in corners]
            name = f"{row:02}-{column:02}"
            features.append(
                {
                    "type": "Feature",
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                    "properties": {"id": name, "name": name},
                }
            )
    return load_grids({"type": "FeatureCollection", "features": features})
