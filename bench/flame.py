"""Where time goes, function by function: takes samples of threads, and draws them. Judges nothing.

Twice in a millisecond the stacks of the threads are looked at, and each is given the processor
time its thread has used since the last look: what waits counts nothing. Functions of packages
that are not ours are one box by the package's name; those of the bench itself are left out.
"""

from __future__ import annotations

import functools
import html
import math
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

from bench.colours import STYLE, style_of

EVERY_S: Final = 0.0005
DEPTH_MAX: Final = 60
REPOSITORY: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = ("dispatch", "devices", "console", "geo")
HERE: Final = REPOSITORY / "bench"

WIDTH, ROW, MARGIN = 960, 19, 10
LETTER: Final = 6.1
"""Pixels of a letter, on the mean."""
ROWS_MAX: Final = 12
NARROWEST: Final = 1.0

INNER: Final = re.compile(r"(\.<locals>)?\.<\w+>|\.<locals>")
"""A comprehension or a lambda is the function it stands in."""

Stack = tuple[str, ...]


class Sampler:
    """Processor seconds by stack, of the main thread and of one other."""

    def __init__(self, other: threading.Thread) -> None:
        self._threads = {
            each.name: (each.ident, time.pthread_getcpuclockid(each.ident))
            for each in (threading.main_thread(), other)
            if each.ident is not None
        }
        self._spent: dict[str, dict[tuple[CodeType, ...], float]] = {
            name: {} for name in self._threads
        }
        self._last_s: dict[str, float] = {}

    def __enter__(self) -> Sampler:
        """Begin. Signals come to the main thread alone, so this must be it."""
        signal.signal(signal.SIGALRM, lambda _number, frame: self._look(frame))
        self._look(None)
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)

    def spent(self, thread: str) -> dict[Stack, float]:
        """Of the thread of this name; what is none of ours is left out."""
        found: dict[Stack, float] = {}
        for codes, seconds in list(self._spent[thread].items()):  # a look may come meanwhile
            stack = stack_of(codes)
            if stack:
                found[stack] = found.get(stack, 0.0) + seconds
        return found

    def _look(self, frame: FrameType | None) -> None:
        """What looking takes is not counted, and the next look comes after this one has ended."""
        main_frame = frame
        frames = sys._current_frames()
        for name, (ident, clock) in self._threads.items():
            since_s = time.clock_gettime(clock) - self._last_s.get(name, math.inf)
            at = main_frame if ident == threading.main_thread().ident else frames.get(ident)
            if at is not None and since_s > 0:
                codes = _codes(at)
                of_thread = self._spent[name]
                of_thread[codes] = of_thread.get(codes, 0.0) + since_s
        for name, (_, clock) in self._threads.items():
            self._last_s[name] = time.clock_gettime(clock)
        signal.setitimer(signal.ITIMER_REAL, EVERY_S)


def _codes(frame: FrameType) -> tuple[CodeType, ...]:
    """Innermost first."""
    found: list[CodeType] = []
    at: FrameType | None = frame
    while at is not None and len(found) < DEPTH_MAX:
        found.append(at.f_code)
        at = at.f_back
    return tuple(found)


def stack_of(codes: Sequence[CodeType]) -> Stack:
    """Our functions from the outermost on, a foreign package once; empty where none is ours."""
    found: list[str] = []
    for name in map(_name, reversed(codes)):
        foreign = "." not in name
        if name and name not in found[-1:] and (found or not foreign):
            found.append(name)
    return tuple(found)


@functools.cache
def _name(code: CodeType) -> str:
    """``room.file.function``, a package's name alone, or nothing for the bench's own."""
    path = Path(code.co_filename)
    if path.is_relative_to(HERE) or path.name == "threading.py":
        return ""
    for room in ROOMS:
        if path.is_relative_to(REPOSITORY / room):
            return f"{room}.{path.stem}.{INNER.sub('', code.co_qualname)}"
    parts = path.parts
    return parts[parts.index("site-packages") + 1] if "site-packages" in parts else "python"


@dataclass(slots=True)
class Box:
    """A function, called from the one that holds it."""

    name: str
    us: float = 0.0
    inside: dict[str, Box] = field(default_factory=dict)


def boxes(name: str, spent: Mapping[Stack, float], positions: int) -> Box:
    """Microseconds a position of each function under a box of this name."""
    root = Box(name)
    for stack, seconds in spent.items():
        box = root
        box.us += seconds / positions * 1e6
        for each in stack:
            box = box.inside.setdefault(each, Box(each))
            box.us += seconds / positions * 1e6
    return root


def drawing(roots: Sequence[Box], title: str) -> str:
    """SVG: each root on top, below it what it spends its time on, as wide as that is long."""
    whole_us = sum(root.us for root in roots)
    scale = (WIDTH - 2 * MARGIN) / whole_us
    x, top = float(MARGIN), 34
    parts: list[str] = []
    deepest = 0
    for root in roots:
        for row, left, box in _placed(root, 0, x, scale):
            deepest = max(deepest, row)
            parts.append(_drawn(box, left, top + row * ROW, box.us * scale))
        x += root.us * scale
    height = top + (deepest + 1) * ROW + 34
    legend = [
        f'<rect class="{room}" x="{MARGIN + n * 110}" y="{height - 22}" width="12" height="12"/>'
        f'<text x="{MARGIN + 18 + n * 110}" y="{height - 12}">{room}/</text>'
        for n, room in enumerate(ROOMS)
    ]
    at = MARGIN + len(ROOMS) * 110
    legend.append(
        f'<rect class="foreign" x="{at}" y="{height - 22}" width="12" height="12"/>'
        f'<text x="{at + 18}" y="{height - 12}">packages, Python, and the whole</text>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">'
    )
    return "\n".join(
        (
            head,
            style_of(STYLE),
            '<rect class="paper" width="100%" height="100%"/>',
            f'<text x="{MARGIN}" y="20" font-size="13">{html.escape(title)}</text>',
            *parts,
            *legend,
            "</svg>\n",
        )
    )


def _placed(box: Box, row: int, x: float, scale: float) -> Iterator[tuple[int, float, Box]]:
    yield row, x, box
    if row + 1 >= ROWS_MAX:
        return
    for inner in sorted(box.inside.values(), key=lambda each: -each.us):
        if inner.us * scale >= NARROWEST:
            yield from _placed(inner, row + 1, x, scale)
        x += inner.us * scale


def _drawn(box: Box, x: float, y: float, width: float) -> str:
    room, _, rest = box.name.partition(".")
    kind = room if room in ROOMS else "foreign"
    said = rest if room in ROOMS else box.name
    inner = said.partition(".")[2]
    told = f"{said} {box.us:.2f} µs"
    room_for = int((width - 6) / LETTER)
    short = next(
        (text for text in (told, said, inner, said.rpartition(".")[2]) if len(text) <= room_for), ""
    )
    return (
        f"<g><title>{html.escape(f'{box.name}: {box.us:.3f} µs')}</title>"
        f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{max(width - 0.6, 0.4):.1f}" '
        f'height="{ROW - 1}"/>'
        + (
            f'<text class="on" x="{x + 3:.1f}" y="{y + 13}">{html.escape(short)}</text>'
            if short
            else ""
        )
        + "</g>"
    )
