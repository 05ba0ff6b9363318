"""What bench.scale found, as one drawing of two fields, both axes logarithmic; measures nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

WIDTH, HEIGHT, MARGIN = 460, 360, 60
CURVES: Final = (
    ("fix_us", "#1a5fb4", "one fix: located, held against borders, written"),
    ("locate_us", "#26a269", "of that: which grid"),
    ("cross_us", "#c64600", "of that: crossings"),
    ("update_us", "#813d9c", "of that: live columns and index"),
    ("nearest_us", "#a51d2d", "8 nearest, ring by ring"),
    ("metres_us", "#e66100", "8 nearest, by metres alone"),
)
"""Figure, colour, caption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One of the two: where it begins, and which powers of ten its axes go through."""

    left: float
    across: tuple[int, int]
    up: tuple[int, int]

    def xy(self, across: float, up: float) -> tuple[float, float]:
        return (
            self.left + MARGIN + _part(across, self.across) * (WIDTH - MARGIN - 45),
            HEIGHT - MARGIN - _part(up, self.up) * (HEIGHT - MARGIN - 30),
        )


def drawing(figures: Mapping[str, Any]) -> str:
    """SVG: cost in microseconds (up) against units, and against fixes a second (across)."""
    by_units, by_rate = figures["by_units"], figures["by_rate"]
    costs = [point[name] for point in (*by_units, *by_rate) for name, _, _ in CURVES]
    up = _powers(costs)
    parts = [
        *_field(
            Field(left=0, across=_powers([point["units"] for point in by_units]), up=up),
            by_units,
            "units",
            f"units, {by_units[0]['batch']} fixes a batch",
        ),
        *_field(
            Field(left=WIDTH, across=_powers([each["rate_per_s"] for each in by_rate]), up=up),
            by_rate,
            "rate_per_s",
            f"fixes a second of {by_rate[0]['units']:,} units, 20 batches a second",
        ),
    ]
    for row, (_, colour, caption) in enumerate(CURVES):
        column, line = divmod(row, 3)
        parts.append(_text(MARGIN + column * WIDTH, HEIGHT + 8 + 18 * line, caption, colour))
    wide, high = 2 * WIDTH, HEIGHT + 60
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    )
    return "\n".join((head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"))


def _field(
    field: Field, points: Sequence[Mapping[str, Any]], key: str, below: str
) -> Iterator[str]:
    left, bottom = field.xy(10.0 ** field.across[0], 10.0 ** field.up[0])
    right, top = field.xy(10.0 ** field.across[1], 10.0 ** field.up[1])
    yield (f'<path d="M{left:.0f} {top:.0f}V{bottom:.0f}H{right:.0f}" fill="none" stroke="black"/>')
    yield _text(left, HEIGHT - 20, below)
    yield _text(left - 45, top - 12, "microseconds of processor time")
    for power in range(field.across[0], field.across[1] + 1):
        x, _ = field.xy(10.0**power, 10.0 ** field.up[0])
        yield _text(x - 12, bottom + 16, f"{10**power:,}")
    for power in range(field.up[0], field.up[1] + 1):
        _, y = field.xy(10.0 ** field.across[0], 10.0**power)
        yield (
            f'<path d="M{left:.0f} {y:.0f}H{right:.0f}" fill="none" stroke="#ccc" '
            'stroke-width="0.5"/>'
        )
        yield _text(left - 40, y + 4, f"{10.0**power:g}")
    for name, colour, _ in CURVES:
        places = [field.xy(point[key], point[name]) for point in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten that hold them all; two different ones."""
    first = math.floor(math.log10(min(values)))
    return first, max(first + 1, math.ceil(math.log10(max(values))))


def _part(value: float, powers: tuple[int, int]) -> float:
    return (math.log10(value) - powers[0]) / (powers[1] - powers[0])


def _text(x: float, y: float, words: str, colour: str = "black") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}">{words}</text>'
