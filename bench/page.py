"""Says what was measured: the table of aims, and docs/performance.md. Measures nothing.

No figure stands in this file but the aims; a figure that is missing leaves a dash.
"""

import datetime
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

ELAPSED: Final = "elapsed_s"
"""What a script took, as the caller saw it."""

Results = Mapping[str, Mapping[str, Any]]
"""By script, the figures that it printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """One line of the table: a figure, what stands beside it in the same run, and the aim."""

    what: str
    script: str
    key: str
    unit: str
    beside: str = ""
    """The key of the floor or rival; empty for none."""
    beside_is: str = ""
    at_most: float | None = None
    at_least: float | None = None
    ratio_at_most: float | None = None
    """Against what stands beside it."""

    def figure(self, results: Results) -> float | None:
        """What was measured; None where it was not."""
        return _number(results.get(self.script, {}).get(self.key))

    def floor(self, results: Results) -> float | None:
        """What stands beside it; None for nothing."""
        return _number(results.get(self.script, {}).get(self.beside)) if self.beside else None

    def ratio(self, results: Results) -> float | None:
        """The figure against what stands beside it."""
        figure, floor = self.figure(results), self.floor(results)
        return figure / floor if figure is not None and floor else None

    def met(self, results: Results) -> bool | None:
        """Whether the aim is met; None where that was not measured."""
        figure, ratio = self.figure(results), self.ratio(results)
        judged: list[bool] = []
        if self.at_most is not None and figure is not None:
            judged.append(figure <= self.at_most)
        if self.at_least is not None and figure is not None:
            judged.append(figure >= self.at_least)
        if self.ratio_at_most is not None and ratio is not None:
            judged.append(ratio <= self.ratio_at_most)
        return all(judged) if judged else None

    @property
    def aim(self) -> str:
        """The aim in a few characters."""
        said = []
        if self.ratio_at_most is not None:
            said.append(f"≤ {self.ratio_at_most:g} ×")
        if self.at_most is not None:
            said.append(f"≤ {_shown(self.at_most)}")
        if self.at_least is not None:
            said.append(f"≥ {_shown(self.at_least)}")
        return ", ".join(said)


SPIKE: Final = "spike of 60 lines"
AIMS: Final = (
    Aim(what="a position, 5,000/s, 20 consoles", script="positions", key="paced_cpu_us",
        unit="µs", beside="paced_floor_us", beside_is=SPIKE, ratio_at_most=2, at_most=30),
    Aim(what="a position, 20,000/s, 20 consoles", script="positions", key="cpu_us", unit="µs",
        beside="floor_us", beside_is=SPIKE, ratio_at_most=2, at_most=15),
    Aim(what="rate borne for ten minutes", script="sustained", key="rate_per_s", unit="/s",
        at_least=20_000),
    Aim(what="positions lost at that rate", script="sustained", key="lost", unit="", at_most=0),
    Aim(what="positions given up at that rate", script="sustained", key="shed", unit="",
        at_most=0),
    Aim(what="press to stored, idle, p99", script="alarm", key="stored_p99_ms", unit="ms",
        beside="floor_p99_ms", beside_is="script of 40 lines", ratio_at_most=3),
    Aim(what="press to stored, loaded, p99", script="alarm", key="loaded_stored_p99_ms",
        unit="ms", beside="floor_p99_ms", beside_is="the same, idle", ratio_at_most=5),
    Aim(what="200 presses in a second, all stored", script="alarm", key="burst_200_ms",
        unit="ms", at_most=250),
    Aim(what="press to frame, idle, p99", script="alarm", key="frame_p99_ms", unit="ms",
        at_most=20),
    Aim(what="press to order, idle, p99", script="alarm", key="order_p99_ms", unit="ms",
        at_most=20),
    Aim(what="press to frame, loaded, p99", script="alarm", key="loaded_frame_p99_ms",
        unit="ms", at_most=50),
    Aim(what="press to order, loaded, p99", script="alarm", key="loaded_order_p99_ms",
        unit="ms", at_most=50),
    Aim(what="nearest 8 of 100,000", script="nearest", key="us_100k", unit="µs",
        beside="floor_us_100k", beside_is="best NumPy or dict, metres only",
        ratio_at_most=2, at_most=40),
    Aim(what="nearest 8 of 1,000,000", script="nearest", key="us_1m", unit="µs",
        beside="floor_us_1m", beside_is="best NumPy or dict, metres only",
        ratio_at_most=2, at_most=120),
    Aim(what="nearest 8 of 100,000, the same", script="nearest", key="us_100k", unit="µs",
        beside="redis_us", beside_is="Redis GEOSEARCH, no filters", ratio_at_most=1),
    Aim(what="update of a unit's place, in batches", script="nearest", key="update_us",
        unit="µs", at_most=1),
    Aim(what="grid of a position, 1,000 grids", script="grids", key="us_per_point", unit="µs",
        beside="strtree_us", beside_is="Shapely STRtree", at_most=0.5),
    Aim(what="history, fixes stored", script="history", key="store_per_s", unit="/s",
        at_least=500_000),
    Aim(what="a fix on disk", script="history", key="bytes_per_fix", unit="bytes", at_most=12),
    Aim(what="a unit's day of 100 million", script="history", key="unit_day_ms", unit="ms",
        at_most=5),
    Aim(what="an area's hour of 100 million", script="history", key="area_hour_ms", unit="ms",
        at_most=50),
    Aim(what="a day dropped", script="history", key="drop_day_s", unit="s", at_most=1),
    Aim(what="memory a unit", script="start", key="bytes_per_unit", unit="bytes", at_most=400),
    Aim(what="serving after start", script="start", key="ready_s", unit="s", at_most=3),
    Aim(what="a position frame to a console", script="stream", key="cpu_us_per_frame",
        unit="µs", beside="floor_us", beside_is="websockets broadcast", ratio_at_most=2),
    *(
        Aim(what=f"press to stored, p99, {what}", script="overload", key=f"{case}_alarm_p99_ms",
            unit="ms", beside="idle_alarm_p99_ms", beside_is="idle", at_most=250)
        for what, case in (
            ("history's disk stalls 10 s", "stalled"),
            ("a radio sends 1,000 fixes/s", "flood"),
            ("fixes of impossible times", "bad_times"),
            ("10 consoles read 1 KB/s", "slow_console"),
            ("5,000 radios join in 25 s", "joining"),
            ("more positions than are borne", "overload"),
        )
    ),
    Aim(what="radios that joined, of 5,000", script="overload", key="joined", unit="",
        at_least=5_000),
    Aim(what="of a stalled history lost", script="overload", key="stalled_lost", unit="",
        at_most=0),
    Aim(what="of a flooding radio's neighbours lost", script="overload",
        key="flood_neighbours_lost", unit="", at_most=0),
    Aim(what="newest positions lost in overload", script="overload", key="overload_lost_newest",
        unit="", at_most=0),
    Aim(what="the truth on a console after overload", script="overload", key="recovered_s",
        unit="s", at_most=1),
)  # fmt: skip


def table(results: Results) -> str:
    """Every aim with what was measured, as Markdown."""
    lines = [
        "| what | measured | beside it, in the same run | ratio | aim | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for aim in AIMS:
        figure, floor, ratio = aim.figure(results), aim.floor(results), aim.ratio(results)
        met = {True: "met", False: "**missed**", None: ""}[aim.met(results)]
        cells = (
            aim.what,
            "-" if figure is None else f"{_shown(figure)} {aim.unit}".strip(),
            "" if floor is None else f"{_shown(floor)} {aim.unit}, {aim.beside_is}",
            "" if ratio is None else f"{ratio:.2f}",
            aim.aim,
            met,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def unsaid(results: Results) -> list[Aim]:
    """Aims whose script worked and did not print the figure, not even as unknown."""
    return [
        aim
        for aim in AIMS
        for key in (aim.key, aim.beside)
        if key
        and aim.script in results
        and "failed" not in results[aim.script]
        and key not in results[aim.script]
    ]


def took(results: Results) -> str:
    """What each script took, in a sentence."""
    of_each = {name: _number(figures.get(ELAPSED)) for name, figures in results.items()}
    told = [f"{name} {seconds:.0f} s" for name, seconds in of_each.items() if seconds is not None]
    whole_s = sum(seconds or 0.0 for seconds in of_each.values())
    return f"The run took {whole_s / 60:.1f} minutes: {', '.join(told) or 'nothing worked'}."


def page(results: Results, scripts: Sequence[str], full: Sequence[str] = ()) -> str:
    """docs/performance.md; ``full`` are the scripts that only ``--full`` runs."""
    machine: Mapping[str, str] = next(
        (f["machine"] for f in results.values() if "machine" in f), {}
    )
    on = ", ".join(f"{name} {value}" for name, value in machine.items())
    parts = [
        HEAD.format(date=datetime.datetime.now(datetime.UTC).date(), machine=on),
        table(results),
        took(results),
        TAIL,
    ]
    parts += [_section(name, results.get(name, {}), only_full=name in full) for name in scripts]
    return "\n\n".join(parts).rstrip() + "\n"


HEAD: Final = """\
# What it costs, measured

Written by `python -m bench` (all of it: `make bench`) on {date}: {machine}.
Nothing on this page is typed in.

Machines are shared and noisy: a ratio to what ran beside it is worth more than a microsecond,
and processor time more than a clock on the wall. No test asserts a time. How the rivals of the
field were run is in [bench/rivals.md](../bench/rivals.md); who comes, how soon, and for nothing
is in [whom-we-ask.md](whom-we-ask.md)."""

TAIL: Final = """\
What a position and a search cost as a town grows, and as positions come faster (`bench.scale`):

![Processor time of a position and of a search: against 1,000 to 1,000,000 units, and against \
100 to 40,000 positions a second](img/scale.svg)

Where the microseconds of a position go, from the bytes of the broker to the frames of 20 consoles
and the history's blocks, by step and then by function (`bench.hotpath`; opened by itself, the
second picture tells every box's name and figure under the pointer):

![A bar for each rate, its parts the steps of the lane](img/hotpath.svg)

![Each function as wide as its time, below it those that it calls](img/hotpath-flame.svg)

Each script below is run by `python -m bench.NAME`, with `--json` for one object and `--small`
to see that it works."""


def _section(name: str, figures: Mapping[str, Any], *, only_full: bool) -> str:
    told = importlib.import_module(f"bench.{name}").__doc__ or ""
    lines = [f"## `bench.{name}`", "", _prose(told), ""]
    if "failed" in figures:
        return "\n".join([*lines, f"It did not work: `{figures['failed']}`"])
    if not figures:
        said = " (`python -m bench --full` does)" if only_full else ""
        return "\n".join([*lines, f"Not measured in this run{said}."])
    lines += ["| figure | |", "| --- | --- |"]
    for key, value in figures.items():
        number = _number(value)
        if number is not None:
            lines.append(f"| {key} | {_shown(number)} |")
    return "\n".join(lines)


def _prose(told: str) -> str:
    """A docstring as paragraphs; its command line as code."""
    paragraphs = [part.strip("\n") for part in told.strip().split("\n\n")]
    return "\n\n".join(
        f"```\n{part}\n```" if part.startswith("    ") else part.replace("``", "`")
        for part in paragraphs
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _shown(number: float) -> str:
    """Three figures or so."""
    if number == int(number) or abs(number) >= 1_000:
        return f"{number:,.0f}"
    return f"{number:.3g}"
