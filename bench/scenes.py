"""Each call of the week with who was free for it, how far away, and what chance holds for each.

Chance is drawn once for each call and unit, so that all ways of asking meet the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.calls import Place, RealCall, Sent, Whereabouts, rows_by_unit
from bench.travel import Travel
from geo.arrays import Floats
from geo.distance import distances_m
from geo.gridset import NO_GRID, GridSet

REACH_S: Final = 360.0
"""In range is who is expected within six minutes of saying yes: about what the engines of
this town need, turnout included, for three kilometres. It is the plan's target, too."""

WAVE_S: Final = 30.0
"""How long a wave waits for a yes: the product's setting."""

ANSWER_S_MIN: Final = 3.0
SILENT_PART: Final = 0.5
"""Of those who do not accept; the others decline. Who answers does so at any moment from
`ANSWER_S_MIN` to `WAVE_S`. Assumed: the calls tell nothing of refusals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who was free when one call came, soonest expected first; one entry a unit throughout."""

    call: RealCall
    units: tuple[str, ...]
    expected_s: tuple[float, ...]
    """From saying yes to being there, as the fitted travel tells it."""
    drawn_s: tuple[float, ...]
    """The same with the travel's error drawn: what nobody can know beforehand."""
    rings: tuple[int, ...]
    """Neighbourhoods away: 0 the call's own, -1 outside all."""
    in_range: int
    """So many, the first, are expected within `REACH_S`."""
    luck: tuple[float, ...]
    """Uniform: below the rate, the unit accepts."""
    answer_s: tuple[float, ...]
    silent: tuple[bool, ...]
    """If it does not accept."""

    def __len__(self) -> int:
        return len(self.units)

    def accepts(self, each: int, rate: float) -> bool:
        return self.luck[each] < rate

    def answered_s(self, each: int, rate: float) -> float:
        """When its wave need not wait for it any longer."""
        quiet = self.silent[each] and not self.accepts(each, rate)
        return WAVE_S if quiet else self.answer_s[each]

    def there_s(self, each: int, *, drawn: bool) -> float:
        """Seconds from asking to being there, of one who accepts."""
        return self.answer_s[each] + (self.drawn_s if drawn else self.expected_s)[each]


class Week:
    """The calls of the week, as chance of one seed has it."""

    def __init__(self, rows: Sequence[Sent], grids: GridSet, travel: Travel, *, seed: int) -> None:
        by_unit = rows_by_unit(rows)
        self._units = sorted(by_unit)
        self._kinds = [by_unit[unit][0].kind for unit in self._units]
        self._where = [Whereabouts(by_unit[unit], travel.homes[unit]) for unit in self._units]
        self._grids = grids
        self._travel = travel
        self._seed = seed

    def scene(self, number: int, call: RealCall) -> Scene:
        """Who could come to this call; the same for the same seed and number."""
        chance = np.random.default_rng((self._seed, number))
        luck, answer, quiet = chance.random((3, len(self._units))).tolist()
        slower = chance.normal(0.0, self._travel.stationed.spread, len(self._units)).tolist()
        places = [where.at(call.at, call.name) for where in self._where]
        free = [row for row, place in enumerate(places) if place is not None]
        lonlat: Floats = np.array([places[row] for row in free]).reshape(-1, 2)
        metres = distances_m(lonlat[:, 0], lonlat[:, 1], *call.place).tolist()
        rings = self._rings(call.place, lonlat)
        expected = [
            (self._travel.seconds(self._kinds[row], away_m), row, ring)
            for row, away_m, ring in zip(free, metres, rings, strict=True)
        ]
        expected.sort()
        rows = [row for _, row, _ in expected]
        answers_s = WAVE_S - ANSWER_S_MIN
        return Scene(
            call=call,
            units=tuple(self._units[row] for row in rows),
            expected_s=tuple(seconds for seconds, _, _ in expected),
            drawn_s=tuple(seconds * math.exp(slower[row]) for seconds, row, _ in expected),
            rings=tuple(ring for _, _, ring in expected),
            in_range=sum(seconds <= REACH_S for seconds, _, _ in expected),
            luck=tuple(luck[row] for row in rows),
            answer_s=tuple(ANSWER_S_MIN + answers_s * answer[row] for row in rows),
            silent=tuple(quiet[row] < SILENT_PART for row in rows),
        )

    def _rings(self, place: Place, lonlat: Floats) -> list[int]:
        own = self._grids.locate_index(*place)
        if own == NO_GRID:
            return [-1] * len(lonlat)
        rings = self._grids.rings(own)
        ring_of = {grid: ring for ring, grids in enumerate(rings) for grid in grids}
        found = self._grids.locate_batch(lonlat[:, 0], lonlat[:, 1]).tolist()
        return [ring_of.get(grid, -1) for grid in found]
