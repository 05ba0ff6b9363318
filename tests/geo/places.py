"""Builders of grids for tests: squares in metres about one place in Hangzhou."""

from __future__ import annotations

from typing import Any, Final

from geo.datum import Datum, from_wgs84
from geo.distance import LocalPlane
from geo.grids import GridSet, load_grids

ORIGIN: Final = (120.15, 30.25)
PLANE: Final = LocalPlane(*ORIGIN)

Ring = list[tuple[float, float]]


def at(x_m: float, y_m: float) -> tuple[float, float]:
    """The (lon, lat) so many metres east and north of the origin."""
    return PLANE.to_lonlat(x_m, y_m)


def square(x_m: float, y_m: float, side_m: float = 100.0) -> Ring:
    """A closed ring of a square whose south-west corner is given, in metres."""
    east, north = x_m + side_m, y_m + side_m
    return [(x_m, y_m), (east, y_m), (east, north), (x_m, north), (x_m, y_m)]


def feature(*rings: Ring, drawn_on: Datum = Datum.WGS84, **properties: Any) -> dict[str, Any]:
    """A Polygon feature, outer ring first, given in metres; `klass` becomes "class"."""
    coordinates = [[list(from_wgs84(*at(x, y), drawn_on)) for x, y in ring] for ring in rings]
    if "klass" in properties:
        properties["class"] = properties.pop("klass")
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": coordinates},
        "properties": {"name": "西子", **properties},
    }


def collection(*features: dict[str, Any], **members: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def row_of_squares(count: int, *, gap_m: float = 0.0) -> GridSet:
    """Grids "g0", "g1", ... of 100 m from west to east."""
    step = 100.0 + gap_m
    return load_grids(
        collection(*(feature(square(i * step, 0), id=f"g{i}", name=f"格{i}") for i in range(count)))
    )
