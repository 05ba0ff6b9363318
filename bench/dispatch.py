"""Who comes, how soon, and how many for nothing: a week of real calls, asked in three ways.

    python -m bench.dispatch [--json] [--small] [--seed N] [--plot FILE.svg]

3,560 calls and 178 units of San Francisco's fire and ambulance service (YIHU_TEST_DATA).
Where the units were, and whether free, follows from the real rows; travel is fitted on
them (`bench/travel.py`); who accepts is drawn, at 17, 30 and 47 %, alike for all ways:
*ours* is the product's chooser, `everybody` alerts all in range at once, `one_at_a_time`
asks the nearest and waits for the answer. One unit is wanted for each call. What counts
as an arrival, and as a redundant one, stands in `bench/replay.py`.

Alerting everybody has nobody withdrawn before somebody is there, as such alerts have it. Ours
releases as `PRODUCT_RELEASE` says; the other ways of releasing are told beside it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.calls import calls_folder, calls_of, read_neighbourhoods, read_rows
from bench.dispatch_report import drawing, table
from bench.replay import (
    Ask,
    Product,
    Release,
    Told,
    Wave,
    everybody,
    one_at_a_time,
    played,
    waves_of,
)
from bench.rig import machine, percentile
from bench.scenes import Scene, Week
from bench.travel import Travel, fit_travel

RATES: Final = (0.17, 0.30, 0.47)
"""Volunteers alerted in the field answer 17 to 47 % of calls."""

SURE: Final = 0.9
SURES: Final = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
PRODUCT_RELEASE: Final = Release.CLOSE
"""What `dispatch/releasing.py` does for priority 1 and 2, but that it looks only every five
seconds, and takes who has no fresh fix for far away."""
IN_RANGE_MIN: Final = 20
"""The aim is set for calls with so many candidates in range."""

SEED: Final = 20_170_101
SMALL: Final = 24
"""A small run takes every so manieth call."""
TRADED: Final = (
    ("fitted", PRODUCT_RELEASE, False),
    ("error_drawn", PRODUCT_RELEASE, True),
    ("nobody_released", Release.ON_SCENE, False),
)
"""What the trade-off is told for."""
SWEEP: Final = 4
"""The trade-off takes every so manieth call: it asks six times over."""


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    folder = calls_folder()
    if not folder.is_dir():
        figures: dict[str, Any] = {
            "skipped": f"nothing measured: {folder} is not a folder (set YIHU_TEST_DATA)"
        }
        print(json.dumps(figures) if options.json else figures["skipped"])
        return 0
    figures = measure(folder, seed=options.seed, every=SMALL if options.small else 1)
    if options.plot is not None:
        options.plot.write_text(drawing(figures), encoding="utf-8")
    print(json.dumps({**figures, "machine": machine()}) if options.json else table(figures))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.dispatch", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--small", action="store_true", help="a few calls, to see that it works")
    parser.add_argument("--seed", type=int, default=SEED, help="of everything drawn")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the trade-off")
    return parser.parse_args(arguments)


def measure(folder: Path, *, seed: int, every: int) -> dict[str, Any]:
    """All figures; of the calls, every so manieth."""
    rows = read_rows(folder)
    travel = fit_travel(rows)
    week = Week(rows, read_neighbourhoods(folder), travel, seed=seed)
    numbered = list(enumerate(calls_of(rows)))[::every]
    scenes = [scene for number, call in numbered if len(scene := week.scene(number, call))]
    crowd = [scene for scene in scenes if scene.in_range >= IN_RANGE_MIN]
    few = [scene for scene in scenes if scene.in_range < IN_RANGE_MIN]
    plays = _plays(scenes)
    ours, all_of_them = plays["ours"], plays["everybody"]
    main_one = _compared(ours.cut(crowd), all_of_them.cut(crowd), PRODUCT_RELEASE, drawn=False)
    return {
        "arrival_vs_all": main_one["arrival_vs_all"],
        "redundant_vs_all": main_one["redundant_vs_all"],
        "waves": main_one["waves"],
        "candidates": statistics.mean(scene.in_range for scene in crowd),
        "in_vain_vs_all": main_one["in_vain_vs_all"],
        "release": PRODUCT_RELEASE.value,
        "sure": SURE,
        "calls": len(scenes),
        "calls_compared": len(crowd),
        "units": len({row.unit for row in rows}),
        "travel": _travel(travel),
        "crowd": _by_rate(plays, crowd),
        "few": _by_rate(plays, few),
        "all_calls": _by_rate(plays, scenes),
        "releases": _releases(ours.cut(crowd), all_of_them.cut(crowd), drawn=False),
        "releases_error_drawn": _releases(ours.cut(crowd), all_of_them.cut(crowd), drawn=True),
        "rings_first": _compared(
            plays["rings_first"].cut(crowd), all_of_them.cut(crowd), PRODUCT_RELEASE, drawn=False
        ),
        "trade_off": {
            "crowd": _trade_off(crowd[:: SWEEP if every == 1 else 1]),
            "few": _trade_off(few[:: SWEEP if every == 1 else 1]),
        },
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """One way of asking: the waves of each call, by rate."""

    waves: Mapping[float, Mapping[str, tuple[Scene, Sequence[Wave]]]]

    def cut(self, scenes: Iterable[Scene]) -> Asked:
        """For these calls alone."""
        names = [scene.call.name for scene in scenes]
        return Asked(
            {rate: {name: all_[name] for name in names} for rate, all_ in self.waves.items()}
        )

    def told(self, release: Release, *, drawn: bool, rates: Iterable[float] = RATES) -> list[Told]:
        """The calls to which somebody came: the same ones for every way of asking."""
        return [
            told
            for rate in rates
            for scene, waves in self.waves[rate].values()
            if (told := played(scene, waves, rate, release, drawn=drawn)) is not None
        ]


def _plays(scenes: Sequence[Scene]) -> dict[str, Asked]:
    return {
        "ours": _learning(scenes, sure=SURE),
        "everybody": _asked(scenes, everybody),
        "one_at_a_time": _asked(scenes, one_at_a_time),
        "rings_first": _learning(scenes, sure=SURE, by_rings=True),
    }


def _asked(scenes: Sequence[Scene], ask: Ask) -> Asked:
    return Asked(
        {
            rate: {scene.call.name: (scene, waves_of(scene, ask, rate)) for scene in scenes}
            for rate in RATES
        }
    )


def _learning(scenes: Sequence[Scene], *, sure: float, by_rings: bool = False) -> Asked:
    """The product asks, call after call, and remembers who accepted: anew for each rate."""
    found: dict[float, dict[str, tuple[Scene, Sequence[Wave]]]] = {}
    for rate in RATES:
        product = Product(sure=sure, by_rings=by_rings)
        found[rate] = {}
        for scene in scenes:
            waves = waves_of(scene, product, rate)
            product.learn(scene, waves, rate)
            found[rate][scene.call.name] = scene, waves
    return Asked(found)


def _by_rate(plays: Mapping[str, Asked], scenes: Sequence[Scene]) -> dict[str, Any]:
    cut = {name: asked.cut(scenes) for name, asked in plays.items()}
    releases = {"ours": PRODUCT_RELEASE, "rings_first": PRODUCT_RELEASE}
    return {
        f"{rate:.2f}": {
            name: _figures(
                asked.told(releases.get(name, Release.ON_SCENE), drawn=False, rates=(rate,))
            )
            for name, asked in cut.items()
        }
        for rate in RATES
    }


def _figures(told: Sequence[Told]) -> dict[str, float]:
    arrivals = [each.arrival_s for each in told]
    return {
        "came": len(told),
        "arrival_s": statistics.mean(arrivals),
        "arrival_p50_s": statistics.median(arrivals),
        "arrival_p90_s": percentile(arrivals, 0.9),
        "vs_hindsight": sum(arrivals) / sum(each.soonest_s for each in told),
        "as_near": statistics.mean(each.as_near for each in told),
        "waves": statistics.mean(each.waves for each in told),
        "asked": statistics.mean(each.asked for each in told),
        "redundant": statistics.mean(each.redundant for each in told),
        "turned_back": statistics.mean(each.turned_back for each in told),
    }


def _compared(ours: Asked, everybodys: Asked, release: Release, *, drawn: bool) -> dict[str, float]:
    """Over all rates; everybody's with nobody withdrawn before somebody is there."""
    mine = _figures(ours.told(release, drawn=drawn))
    theirs = _figures(everybodys.told(Release.ON_SCENE, drawn=drawn))
    in_vain = theirs["redundant"] + theirs["turned_back"]
    return {
        "arrival_vs_all": mine["arrival_s"] / theirs["arrival_s"],
        "redundant_vs_all": mine["redundant"] / theirs["redundant"],
        "in_vain_vs_all": (mine["redundant"] + mine["turned_back"]) / in_vain,
        **mine,
    }


def _releases(ours: Asked, everybodys: Asked, *, drawn: bool) -> dict[str, Any]:
    return {
        release.value: {
            "ours": _compared(ours, everybodys, release, drawn=drawn),
            "everybody": _compared(everybodys, everybodys, release, drawn=drawn),
        }
        for release in Release
    }


def _trade_off(scenes: Sequence[Scene]) -> dict[str, Any]:
    """How sure, against how soon and how many: the error drawn and not, by rate and over all."""
    everybodys = _asked(scenes, everybody)
    found: dict[str, Any] = {}
    for sure in SURES:
        ours = _learning(scenes, sure=sure)
        found[f"{sure:.2f}"] = {
            name: _compared(ours, everybodys, release, drawn=drawn)
            for name, release, drawn in TRADED
        }
    return found


def _travel(travel: Travel) -> dict[str, Any]:
    errors = {"stationed": travel.stationed, "roaming": travel.roaming}
    return {
        "bend": travel.bend,
        "spread_drawn": travel.stationed.spread,
        **{
            name: {
                "rows": error.rows,
                "log_sd": error.log_sd,
                "factor": error.factor,
                "factor_blind": error.factor_blind,
            }
            for name, error in errors.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
