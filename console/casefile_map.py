"""Draws the tracks of an incident file as one small picture (SVG): outlines, ways, the place. Pure.

It stands for itself on paper: ways differ by dashes as well as by colour, and
each bears its number.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from console.casefile_labels import Anchor, Box, Room, Spot, box_of
from console.casefile_words import PageTongue
from dispatch.casefile.shape import GridShape, TrackDoc

WIDTH: Final = 1000.0
HEIGHT_MIN: Final = 420.0
HEIGHT_MAX: Final = 700.0
MARGIN: Final = 60.0
SPAN_M_MIN: Final = 160.0
"""Nobody moved: the picture still shows a street's worth of ground."""
M_PER_DEG: Final = 111_195.0
"""Metres in a degree of latitude, on the sphere of geo.distance."""
E7: Final = 1e7
POINTS_MAX: Final = 400
"""Of one way; more cannot be told apart on paper."""
WAYS_MAX: Final = 40
SCALES_M: Final = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)

COLOURS: Final = ("#0b5cad", "#b4420f", "#2e7d32", "#6a3d9a", "#8a6d00", "#00797a", "#a3195b")
SIZE: Final = 19.0
"""Of the letters, on a picture as wide as the paper."""

DASHES: Final = ("", "14 6", "4 5", "18 5 4 5", "8 8")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Frame:
    """From degrees to the picture's units."""

    west: float
    north: float
    east_m: float
    """Metres in a degree of longitude here."""
    scale: float
    """Units a metre."""
    height: float

    def at(self, lon: float, lat: float) -> Point:
        x = (lon - self.west) * self.east_m * self.scale
        y = (self.north - lat) * M_PER_DEG * self.scale
        return x, y


def picture(
    tracks: Sequence[TrackDoc],
    grids: Iterable[GridShape],
    place: Point | None,
    tongue: PageTongue,
    landmarks: Sequence[tuple[str, Point]] = (),
    *,
    size: float = SIZE,
) -> str:
    """The picture; empty where there is no place and nobody went anywhere. ``landmarks`` are
    places that everybody knows, by name; ``size`` is that of the letters. The place's own name
    stands first; one that would lie on another is left out."""
    walked = [track for track in tracks if track.fixes][:WAYS_MAX]
    points = [(lon / E7, lat / E7) for track in walked for _, lon, lat, _ in track.fixes]
    if place is not None:
        points.append(place)
    if not points:
        return ""
    frame = _frame([*points, *(point for _, point in landmarks)])
    ways = [
        part
        for number, track in enumerate(tracks, start=1)
        if track in walked
        for part in _way(frame, number, track)
    ]
    room = Room(WIDTH, frame.height)
    # Whoever asks for room first has it: what the picture is about, then what is known by all.
    scale = _scale(frame, room, tongue, size)
    here = [] if place is None else _place(frame, room, place, tongue, size)
    known = [
        part for name, point in landmarks for part in _landmark(frame, room, name, point, size)
    ]
    named = [part for grid in grids for part in _grid(frame, room, grid, tongue, size)]
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {frame.height:.0f}"'
            f' role="img" aria-label="{escape(tongue("part", "tracks"))}">'
        ),
        *named,
        *ways,
        *known,
        *here,
        *scale,
        "</svg>",
    ]
    return "\n".join(parts)


def way_style(number: int) -> tuple[str, str]:
    """Colour and dashes of the way with this number (from 1)."""
    return COLOURS[(number - 1) % len(COLOURS)], DASHES[(number - 1) % len(DASHES)]


def _frame(points: Sequence[Point]) -> _Frame:
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    east_m = M_PER_DEG * max(0.05, math.cos(math.radians((min(lats) + max(lats)) / 2)))
    across_m = max((max(lons) - min(lons)) * east_m, SPAN_M_MIN)
    up_m = max((max(lats) - min(lats)) * M_PER_DEG, SPAN_M_MIN)
    scale = min((WIDTH - 2 * MARGIN) / across_m, (HEIGHT_MAX - 2 * MARGIN) / up_m)
    height = max(HEIGHT_MIN, up_m * scale + 2 * MARGIN)
    middle_lon, middle_lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    return _Frame(
        west=middle_lon - WIDTH / 2 / scale / east_m,
        north=middle_lat + height / 2 / scale / M_PER_DEG,
        east_m=east_m,
        scale=scale,
        height=height,
    )


def _grid(frame: _Frame, room: Room, grid: GridShape, tongue: PageTongue, size: float) -> list[str]:
    """The outline, with its name where its middle is in the picture and has room."""
    rings = [[frame.at(lon / E7, lat / E7) for lon, lat in ring] for ring in grid.outline]
    lines = "".join(f"M{_joined(ring, ' L')}Z" for ring in rings if ring)
    drawn = [f'<path d="{lines}" fill="none" stroke="#8a8f94" stroke-width="1.6"/>']
    if rings and rings[0]:
        x = sum(px for px, _ in rings[0]) / len(rings[0])
        y = sum(py for _, py in rings[0]) / len(rings[0])
        name = tongue.either(grid.name.zh, grid.name.en)
        spots = (Spot(x, y + by * size, "middle") for by in (0, -1.5, 1.5))
        drawn += _named(room, spots, name, size * 0.9, colour="#7a8087")
    return drawn


def _way(frame: _Frame, number: int, track: TrackDoc) -> list[str]:
    every = -(-len(track.fixes) // POINTS_MAX)
    fixes = [*track.fixes[:-1:every], track.fixes[-1]]
    points = [frame.at(lon / E7, lat / E7) for _, lon, lat, _ in fixes]
    colour, dashes = way_style(number)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return [
        (
            f'<polyline points="{_joined(points, " ")}" fill="none" stroke="{colour}"'
            f' stroke-width="3.2" stroke-linejoin="round"{dashed}/>'
        ),
        (
            f'<circle cx="{x0:.1f}" cy="{y0:.1f}" r="7" fill="#fff" stroke="{colour}"'
            ' stroke-width="3"/>'
        ),
        f'<circle cx="{x1:.1f}" cy="{y1:.1f}" r="7" fill="{colour}"/>',
        _text(x0 + 11, y0 - 9, str(number), size=21, colour=colour, bold=True),
    ]


def _place(frame: _Frame, room: Room, place: Point, tongue: PageTongue, size: float) -> list[str]:
    x, y = frame.at(*place)
    room.take(Box(x - 16, y - 16, x + 16, y + 16))
    corners = _joined([(x, y - 15), (x + 15, y), (x, y + 15), (x - 15, y)], " ")
    said = tongue("tracks", "place")
    return [
        f'<polygon points="{corners}" fill="#c62828" stroke="#fff" stroke-width="2.5"/>',
        *_named(room, _around(x, y, 18, size), said, size, colour="#c62828", bold=True),
    ]


def _landmark(frame: _Frame, room: Room, name: str, point: Point, size: float) -> list[str]:
    x, y = frame.at(*point)
    room.take(Box(x - 8, y - 8, x + 8, y + 8))
    return [
        (
            f'<rect x="{x - 7:.1f}" y="{y - 7:.1f}" width="14" height="14" fill="#fff"'
            ' stroke="#111" stroke-width="3"/>'
        ),
        *_named(room, _around(x, y, 11, size), name, size, colour="#111"),
    ]


def _around(x: float, y: float, away: float, size: float) -> tuple[Spot, ...]:
    """Spots about a mark that reaches so far from its middle: below first, then beside, above."""
    below, above, level = y + away + 0.9 * size, y - away - 0.3 * size, y + 0.35 * size
    return (
        Spot(x, below, "middle"),
        Spot(x + away + 4, level),
        Spot(x, above, "middle"),
        Spot(x - away - 4, level, "end"),
        Spot(x + away, above),
        Spot(x + away, below),
        Spot(x - away, above, "end"),
        Spot(x - away, below, "end"),
    )


def _named(
    room: Room, spots: Iterable[Spot], words: str, size: float, *, colour: str, bold: bool = False
) -> list[str]:
    """The words where there is room for them, else none."""
    spot = room.find(spots, words, size)
    if spot is None:
        return []
    return [_text(spot.x, spot.y, words, size=size, colour=colour, anchor=spot.anchor, bold=bold)]


def _scale(frame: _Frame, room: Room, tongue: PageTongue, size: float) -> list[str]:
    """A bar of a round length, and where north is."""
    fitting = [m for m in SCALES_M if m * frame.scale <= WIDTH / 4]
    metres = fitting[-1] if fitting else SCALES_M[0]
    y, end = frame.height - 24, 24 + metres * frame.scale
    north = tongue("tracks", "north")
    room.take(Box(14, y - 12, end + 10, y + 10))
    room.take(Box(WIDTH - 56, 12, WIDTH - 10, 62 + 1.2 * size))
    room.take(box_of(Spot(end + 10, y + 3), f"{metres} m", size))
    return [
        (
            f'<path d="M24 {y - 7:.1f}V{y:.1f}H{end:.1f}V{y - 7:.1f}" fill="none" stroke="#111"'
            ' stroke-width="2"/>'
        ),
        _text(end + 10, y + 3, f"{metres} m", size=size, colour="#111"),
        (
            f'<path d="M{WIDTH - 36:.0f} 62V22l-8 14m8-14l8 14" fill="none" stroke="#111"'
            ' stroke-width="2.2"/>'
        ),
        _text(WIDTH - 36, 64 + size, north, size=size, colour="#111", anchor="middle"),
    ]


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    colour: str,
    anchor: Anchor = "start",
    bold: bool = False,
) -> str:
    """White around the letters, so that they are read on lines too."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"'
        f' stroke="#fff" stroke-width="4" paint-order="stroke"{weight}>{escape(words)}</text>'
    )


def _joined(points: Iterable[Point], between: str) -> str:
    return between.join(f"{x:.1f},{y:.1f}" for x, y in points)
