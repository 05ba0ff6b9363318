"""What bench.scale found, as one drawing of two fields, all axes logarithmic; measures nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.colours import STYLE, style_of

WIDTH, HEIGHT = 470, 380
LEFT, RIGHT, TOP, BOTTOM = 74, 24, 40, 66
CURVES: Final = (
    ("nearest_us", "red", "", "a search: 8 nearest, ring by ring"),
    ("metres_us", "orange", "6 3", "a search: 8 nearest, by metres alone"),
    ("fix_us", "blue", "", "a fix: the other three together"),
    ("locate_us", "green", "6 3", "of that: which grid"),
    ("cross_us", "purple", "2 3", "of that: crossings of borders"),
    ("update_us", "teal", "8 3 2 3", "of that: live columns and place index"),
)
"""Figure, colour, dashes, caption: told apart without colours, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One of the two: where it begins, and which powers of ten its axes go through."""

    left: float
    across: tuple[int, int]
    up: tuple[int, int]

    def xy(self, across: float, up: float) -> tuple[float, float]:
        """Pixels of a point."""
        return (
            self.left + LEFT + _part(across, self.across) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - _part(up, self.up) * (HEIGHT - TOP - BOTTOM),
        )


def drawing(figures: Mapping[str, Any]) -> str:
    """SVG: cost in microseconds (up) against units, and against fixes a second (across)."""
    by_units, by_rate = figures["by_units"], figures["by_rate"]
    costs = [point[name] for point in (*by_units, *by_rate) for name, *_ in CURVES]
    up = _powers(costs)
    parts = [
        *_field(
            Field(left=0, across=_powers([point["units"] for point in by_units]), up=up),
            by_units,
            "units",
            f"As the town grows: batches of {by_units[0]['batch']} fixes",
            "units (number)",
        ),
        *_field(
            Field(left=WIDTH, across=_powers([each["rate_per_s"] for each in by_rate]), up=up),
            by_rate,
            "rate_per_s",
            f"As reports come faster: {by_rate[0]['units']:,} units, 20 batches a second",
            "fixes a second (1/s)",
        ),
    ]
    for row, (_, colour, dashes, caption) in enumerate(CURVES):
        column, line = divmod(row, 2)
        x, y = 20 + column * (2 * WIDTH - 30) / 3, HEIGHT + 12 + 20 * line
        parts.append(
            f'<path class="l-{colour}" d="M{x:.0f} {y - 4}h30" fill="none" stroke-width="2.5" '
            f'stroke-dasharray="{dashes}"/>'
        )
        parts.append(_text(x + 38, y, caption))
    wide, high = 2 * WIDTH, HEIGHT + 48
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    )
    paper = '<rect class="paper" width="100%" height="100%"/>'
    return "\n".join((head, style_of(STYLE), paper, *parts, "</svg>\n"))


def _field(
    field: Field, points: Sequence[Mapping[str, Any]], key: str, title: str, below: str
) -> Iterator[str]:
    left, bottom = field.xy(10.0 ** field.across[0], 10.0 ** field.up[0])
    right, top = field.xy(10.0 ** field.across[1], 10.0 ** field.up[1])
    middle = (top + bottom) / 2
    yield _text(left, top - 16, title, size=13)
    yield _text((left + right) / 2, bottom + 40, below, anchor="middle")
    yield (
        f'<text transform="translate({left - 56:.0f} {middle:.0f}) rotate(-90)" '
        'text-anchor="middle">processor time (µs)</text>'
    )
    for power in range(field.across[0], field.across[1] + 1):
        x, _ = field.xy(10.0**power, 10.0 ** field.up[0])
        yield _line(f"M{x:.1f} {top:.1f}V{bottom:.1f}", "grid")
        yield _text(x, bottom + 18, f"{10**power:,}", anchor="middle")
    for power in range(field.up[0], field.up[1] + 1):
        _, y = field.xy(10.0 ** field.across[0], 10.0**power)
        yield _line(f"M{left:.1f} {y:.1f}H{right:.1f}", "grid")
        yield _text(left - 8, y + 4, f"{10.0**power:,g}", anchor="end")
    yield _line(f"M{left:.1f} {top:.1f}V{bottom:.1f}H{right:.1f}", "ink")
    for name, colour, dashes, _ in CURVES:
        places = [field.xy(point[key], point[name]) for point in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield (
            f'<polyline class="l-{colour}" points="{line}" fill="none" stroke-width="2" '
            f'stroke-dasharray="{dashes}"/>'
        )
        for point, (x, y) in zip(points, places, strict=True):
            told = f"{point[key]:,}: {point[name]:g} µs"
            yield (
                f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
                f"<title>{told}</title></circle>"
            )


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that hold them all; two different ones."""
    first = math.floor(math.log10(min(values)))
    return first, max(first + 1, math.ceil(math.log10(max(values))))


def _part(value: float, powers: tuple[int, int]) -> float:
    return (math.log10(value) - powers[0]) / (powers[1] - powers[0])


def _line(path: str, colour: str) -> str:
    return f'<path class="l-{colour}" d="{path}" fill="none"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'
