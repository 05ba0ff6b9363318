"""Names for the ids that a file's facts use: units, grids with their outlines, the place. Pure.

They are as the roster has them when the file is made; the journal itself holds ids.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from dispatch.casefile.shape import (
    Directory,
    GridShape,
    NameDoc,
    OutsideWords,
    PlaceWords,
    TrackDoc,
    UnitName,
)
from dispatch.ids import UnitId, radio_of
from dispatch.roster import Community, Roster
from geo.grids import Grid
from geo.words import outside_facts, place_facts

E7: Final = 10_000_000
OUTLINE_DEG: Final = 0.00003
"""Outlines are simplified to some three metres: the width of the line they are drawn with."""
GRIDS_MAX: Final = 100
"""Nearest first by the file's order; a picture with more outlines is a carpet."""
MARGIN_DEG: Final = 0.002
"""Some 200 m around what happened: the grids that a reader knows it by."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


def directory_of(
    roster: Roster,
    community: Community,
    *,
    units: Iterable[UnitId],
    grids: Sequence[str],
    place: Point | None,
    tracks: Sequence[TrackDoc],
    near_m: float,
) -> Directory:
    """``grids`` are those that facts name; ``place`` (lon, lat) the last known, None for none."""
    return Directory(
        community=NameDoc(zh=community.name_zh, en=community.name_en),
        zone=community.zone,
        units={unit: _unit(roster, unit) for unit in sorted(set(units))},
        grids=[_shape(grid) for grid in _grids(community, grids, _box(tracks, place))],
        place=None if place is None else _place(community, place, near_m),
        outside=None if place is None else _outside(community, place),
    )


def _unit(roster: Roster, unit: UnitId) -> UnitName:
    record = roster.radios.get(radio_of(unit))
    if record is None:
        return UnitName(call_sign=unit, role="")
    return UnitName(call_sign=record.call_sign, role=record.role.value)


def _box(tracks: Sequence[TrackDoc], place: Point | None) -> Box | None:
    """West, south, east, north of all that happened, with a margin; None where nothing did."""
    lons = [lon for track in tracks for _, lon, _, _ in track.fixes]
    lats = [lat for track in tracks for _, _, lat, _ in track.fixes]
    if place is not None:
        lons.append(round(place[0] * E7))
        lats.append(round(place[1] * E7))
    if not lons:
        return None
    west, south, east, north = min(lons) / E7, min(lats) / E7, max(lons) / E7, max(lats) / E7
    return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG


def _grids(community: Community, named: Sequence[str], box: Box | None) -> list[Grid]:
    """Those named, then those around what happened."""
    known = community.grids.by_id
    found = {grid: known[grid] for grid in named if grid in known}
    if box is not None:
        west, south, east, north = box
        for grid in community.grids.grids:
            left, low, right, high = grid.polygon.bounds
            if left <= east and right >= west and low <= north and high >= south:
                found.setdefault(grid.id, grid)
    return list(found.values())[:GRIDS_MAX]


def _shape(grid: Grid) -> GridShape:
    polygon = grid.polygon.simplify(OUTLINE_DEG)
    pieces = getattr(polygon, "geoms", [polygon])
    rings = [ring for piece in pieces for ring in (piece.exterior, *piece.interiors)]
    return GridShape(
        id=grid.id,
        name=NameDoc(zh=grid.name, en=grid.name_en),
        outline=[_ring(ring) for ring in rings],
    )


def _ring(ring: Any) -> list[tuple[int, int]]:
    """Shapely has no types."""
    return [(round(x * E7), round(y * E7)) for x, y, *_ in ring.coords]


def _place(community: Community, place: Point, near_m: float) -> PlaceWords | None:
    facts = place_facts(community.grids, *place)
    if facts.distance_m is None or facts.distance_m > near_m or facts.bearing is None:
        return None
    return PlaceWords(
        key_unit=NameDoc(zh=facts.key_unit_name or "", en=facts.key_unit_name_en),
        away_m=round(facts.distance_m),
        bearing=facts.bearing.value,
    )


def _outside(community: Community, place: Point) -> OutsideWords | None:
    facts = outside_facts(community.grids, *place)
    if facts is None:
        return None
    return OutsideWords(
        grid=NameDoc(zh=facts.grid_name, en=facts.grid_name_en),
        away_m=round(facts.distance_m),
        bearing=facts.bearing.value,
    )
