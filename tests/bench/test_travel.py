"""The travel that is fitted is the travel that was, and its error is told on rows not fitted."""

import random

import pytest

from bench.calls import Sent
from bench.travel import fit_travel
from geo.distance import LocalPlane, distance_m

TOWN = LocalPlane(-122.44, 37.76)
TURNOUT_S = 60.0
HOUR_S = 3_600.0


def week(chance: random.Random, *, kind: str, bend: float) -> list[Sent]:
    """Six units, each from its own corner of the town, an hour apart, without any slip."""
    rows = []
    for unit in range(6):
        x, y = 1_500.0 * (unit % 3 - 1), 1_500.0 * (unit // 3)
        for turn in range(40):
            to_x, to_y = x + chance.uniform(-3e3, 3e3), y + chance.uniform(-3e3, 3e3)
            away_m = max(((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5, 100.0)
            sent = turn * HOUR_S + unit
            moved = sent + TURNOUT_S
            rows.append(
                Sent(
                    call=f"{unit}-{turn}",
                    unit=f"{kind}{unit}",
                    kind=kind,
                    dispatched=sent,
                    moved=moved,
                    on_scene=moved + 5.0 * away_m**bend,
                    free=sent + HOUR_S / 2,
                    place=TOWN.to_lonlat(to_x, to_y),
                )
            )
    return rows


def test_stations_and_curve_are_found_together() -> None:
    """Nobody wrote down where the units set out from: the times tell it."""
    chance = random.Random(1)
    rows = [row for kind in ("ENGINE", "MEDIC") for row in week(chance, kind=kind, bend=0.5)]

    travel = fit_travel(sorted(rows, key=lambda row: row.dispatched))

    assert travel.bend == pytest.approx(0.5, abs=0.05)
    assert travel.seconds("ENGINE", 2_000.0) == pytest.approx(60.0 + 5.0 * 2_000.0**0.5, rel=0.05)
    assert travel.stationed.factor < 1.1 < travel.stationed.factor_blind
    for unit in range(6):
        home = TOWN.to_lonlat(1_500.0 * (unit % 3 - 1), 1_500.0 * (unit // 3))
        assert distance_m(*travel.homes[f"ENGINE{unit}"], *home) < 400.0
