"""What bench.dispatch found, as a table for people and as one drawing; measures nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

COLUMNS: Final[Sequence[tuple[str, str, str]]] = (
    ("arrival_s", "mean s", "{:.0f}"),
    ("arrival_p50_s", "median", "{:.0f}"),
    ("arrival_p90_s", "p90", "{:.0f}"),
    ("vs_hindsight", "/ best", "{:.3f}"),
    ("as_near", "as near", "{:.1%}"),
    ("waves", "waves", "{:.2f}"),
    ("asked", "asked", "{:.1f}"),
    ("redundant", "redundant", "{:.2f}"),
    ("turned_back", "back", "{:.2f}"),
)
RATIOS: Final[Sequence[tuple[str, str, str]]] = (
    ("arrival_vs_all", "arrival", "{:.3f}"),
    ("redundant_vs_all", "redundant", "{:.3f}"),
    ("in_vain_vs_all", "in vain", "{:.3f}"),
    ("asked", "asked", "{:.1f}"),
    ("waves", "waves", "{:.2f}"),
)
Columns = Sequence[tuple[str, str, str]]

WIDTH, HEIGHT, MARGIN = 640, 400, 60
DRAWN: Final = (
    ("crowd", "fitted", "#1a5fb4", "20 or more in range, travel as fitted"),
    ("crowd", "error_drawn", "#c64600", "20 or more in range, its error drawn"),
    ("few", "fitted", "#26a269", "fewer in range, travel as fitted"),
    ("few", "error_drawn", "#813d9c", "fewer in range, its error drawn"),
)
"""The curves: which calls, which travel, colour, caption."""


def table(figures: Mapping[str, Any]) -> str:
    """Everything, in the order in which one asks."""
    return "\n".join(_lines(figures))


def _lines(figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"{figures['calls']} calls, {figures['units']} units"
    yield f"travel grows with metres ** {figures['travel']['bend']:.2f}; on rows not fitted:"
    for name in ("stationed", "roaming"):
        error = figures["travel"][name]
        yield (
            f"  {name}: half of {error['rows']} real times within a factor of "
            f"{error['factor']:.2f} ({error['factor_blind']:.2f} without knowing any place)"
        )
    yield (
        f"ours, sure {figures['sure']}, release {figures['release']}: arrival "
        f"{figures['arrival_vs_all']:.3f}, redundant {figures['redundant_vs_all']:.3f} of alerting "
        f"everybody's; {figures['candidates']:.1f} candidates in range"
    )
    crowd = f"{figures['calls_compared']} calls, 20 or more in range"
    titles = (("crowd", crowd), ("few", "fewer in range"), ("all_calls", "all calls"))
    for name, title in titles:
        yield from _block(
            title,
            COLUMNS,
            {
                f"{rate} {way}": told
                for rate, ways in figures[name].items()
                for way, told in ways.items()
            },
        )
    for name, title in (
        ("releases", "ways to release, travel as fitted, against everybody"),
        ("releases_error_drawn", "the same, travel with its error drawn"),
    ):
        rows = {
            f"{who} {release}": ways[who]
            for who in ("ours", "everybody")
            for release, ways in figures[name].items()
        }
        yield from _block(title, RATIOS, rows)
    yield from _block("neighbourhoods first", RATIOS, {"ours": figures["rings_first"]})
    for calls, trade_off in figures["trade_off"].items():
        rows = {
            f"{name} {sure}": ways[name]
            for name in ("fitted", "error_drawn", "nobody_released")
            for sure, ways in trade_off.items()
        }
        yield from _block(f"how sure, {calls}", RATIOS, rows)


def _block(title: str, columns: Columns, rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    width = max(len(name) for name in (title, *rows))
    yield ""
    yield f"{title:<{width}}" + "".join(f"{head:>11}" for _, head, _ in columns)
    for name, told in rows.items():
        cells = (form.format(told[key]) for key, _, form in columns)
        yield f"{name:<{width}}" + "".join(f"{cell:>11}" for cell in cells)


def drawing(figures: Mapping[str, Any]) -> str:
    """SVG: units asked for a call (across) against arrival, everybody's being 1 (up)."""
    curves = [
        [
            (told[travel]["asked"], told[travel]["arrival_vs_all"], sure)
            for sure, told in figures["trade_off"][calls].items()
        ]
        for calls, travel, _, _ in DRAWN
    ]
    points = [point for curve in curves for point in curve]
    axes = Axes(
        across=max(asked for asked, _, _ in points) * 1.1,
        low=min(1.0, *(arrival for _, arrival, _ in points)),
        high=max(1.05, *(arrival for _, arrival, _ in points)) + 0.05,
    )
    parts = [_frame(axes)]
    for row, (curve, (_, _, colour, caption)) in enumerate(zip(curves, DRAWN, strict=True)):
        parts.append(_curve(curve, axes, colour))
        parts.append(_text(WIDTH - 290, 24 + 18 * row, caption, colour))
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    )
    return "\n".join((head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Units asked from 0 to `across`, arrivals from `low` to `high`."""

    across: float
    low: float
    high: float

    def xy(self, asked: float, arrival: float) -> tuple[float, float]:
        wide, tall = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        up = (arrival - self.low) / (self.high - self.low)
        return MARGIN + asked / self.across * wide, HEIGHT - MARGIN - up * tall


def _frame(axes: Axes) -> str:
    left, bottom = axes.xy(0.0, axes.low)
    right, top = axes.xy(axes.across, axes.high)
    parts = [
        f'<path d="M{left:.0f} {top:.0f}V{bottom:.0f}H{right:.0f}" fill="none" stroke="black"/>',
        _text(left, HEIGHT - 16, "units asked for a call (mean)"),
        _text(8, top - 12, "mean arrival, alerting all in range = 1"),
    ]
    for step in range(5):
        asked = axes.across * step / 4
        arrival = axes.low + (axes.high - axes.low) * step / 4
        parts.append(_text(axes.xy(asked, axes.low)[0] - 6, bottom + 16, f"{asked:.0f}"))
        parts.append(_text(left - 36, axes.xy(0.0, arrival)[1] + 4, f"{arrival:.2f}"))
    return "\n".join(parts)


def _curve(curve: Sequence[tuple[float, float, str]], axes: Axes, colour: str) -> str:
    places = [(*axes.xy(asked, arrival), sure) for asked, arrival, sure in curve]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    parts = [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for x, y, sure in places:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        parts.append(_text(x + 5, y - 5, sure, colour))
    return "\n".join(parts)


def _text(x: float, y: float, words: str, colour: str = "black") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}">{words}</text>'
