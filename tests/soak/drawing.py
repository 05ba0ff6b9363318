"""A run of the soak as one drawing: memory, descriptors, alarms and disk over the minutes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.colours import STYLE, style_of
from bench.rig import percentile
from tests.soak.samples import PROCESSES, Sample

WIDTH, HEIGHT = 470, 290
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 36, 76
STEPS: Final = (1, 2, 5)
TICKS_MAX: Final = 6
INKS: Final = (("blue", ""), ("orange", "6 3"), ("green", "2 3"), ("purple", "8 3 2 3"))
"""Colour and dashes: told apart without colours, too."""

Value = Callable[[Sample], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One of the four: its curves by caption."""

    title: str
    curves: dict[str, Value]


def drawing(samples: Sequence[Sample]) -> str:
    """SVG; a sample without a value leaves a gap of no width: its neighbours are joined."""
    wide, high = 2 * WIDTH, 2 * HEIGHT
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="12">'
    )
    parts = [head, style_of(STYLE), '<rect class="paper" width="100%" height="100%"/>']
    for number, panel in enumerate(_panels()):
        row, column = divmod(number, 2)
        parts.append(f'<g transform="translate({column * WIDTH} {row * HEIGHT})">')
        parts += [*_panel(panel, samples), "</g>"]
    return "\n".join((*parts, "</svg>\n"))


def _panels() -> tuple[Panel, ...]:
    return (
        Panel(
            title="Memory (MB)",
            curves={who: _memory_of(who) for who in PROCESSES},
        ),
        Panel(
            title="Descriptors and threads (number)",
            curves={
                "descriptors: hub": lambda each: each.processes["hub"].fds,
                "supervisor": lambda each: each.processes["supervisor"].fds,
                "threads: hub": lambda each: each.processes["hub"].threads,
                "broker": lambda each: each.processes["broker"].threads,
            },
        ),
        Panel(
            title="Alarms: press to stored (ms)",
            curves={"p50": _part_of(0.5), "p99": _part_of(0.99)},
        ),
        Panel(
            title="On the disk (MB)",
            curves={
                "journal": lambda each: each.journal_mb,
                "history": lambda each: each.history_mb,
            },
        ),
    )


def _memory_of(who: str) -> Value:
    return lambda each: each.processes[who].mb


def _part_of(part: float) -> Value:
    return lambda each: percentile(each.alarm_ms, part) if each.alarm_ms else None


def _panel(panel: Panel, samples: Sequence[Sample]) -> Iterator[str]:
    curves = {
        caption: [(each.t_s / 60, found) for each in samples if (found := value(each)) is not None]
        for caption, value in panel.curves.items()
    }
    across = _ticks(max(each.t_s for each in samples) / 60)
    up = _ticks(max((y for points in curves.values() for _, y in points), default=0.0))
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM

    def xy(x: float, y: float) -> tuple[float, float]:
        return (
            left + x / across[-1] * (right - left),
            bottom - y / up[-1] * (bottom - top),
        )

    yield _text(left, top - 14, panel.title, size=13)
    for x in across:
        yield _text(xy(x, 0)[0], bottom + 18, f"{x:g}", anchor="middle")
    for y in up:
        at = xy(0, y)[1]
        yield f'<path class="l-grid" d="M{left} {at:.1f}H{right}" fill="none"/>'
        yield _text(left - 8, at + 4, f"{y:,g}", anchor="end")
    yield f'<path class="l-ink" d="M{left} {top}V{bottom}H{right}" fill="none"/>'
    yield _text((left + right) / 2, bottom + 36, "minutes", anchor="middle")
    room = (right - left) / len(curves)
    for number, ((caption, points), (colour, dashes)) in enumerate(
        zip(curves.items(), INKS, strict=False)
    ):
        pen = f'class="l-{colour}" fill="none" stroke-width="2" stroke-dasharray="{dashes}"'
        places = " ".join(f"{a:.1f},{b:.1f}" for a, b in (xy(x, y) for x, y in points))
        yield f'<polyline {pen} points="{places}"/>'
        at = left + number * room
        yield f'<path {pen} d="M{at:.0f} {bottom + 54}h22"/>'
        yield _text(at, bottom + 70, caption, size=11)


def _ticks(top: float) -> list[float]:
    """From 0 to at least ``top`` in steps that one can read; two of them at least."""
    step = 0.001
    while True:
        for each in STEPS:
            if top <= step * each * TICKS_MAX:
                count = max(1, -int(-top // (step * each)))
                return [round(n * step * each, 6) for n in range(count + 1)]
        step *= 10


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'
