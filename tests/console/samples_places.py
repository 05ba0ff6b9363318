"""Which grid the hub finds a place in: the page tells it while a place is still being chosen."""

from itertools import pairwise
from typing import Any, Final

from shapely.geometry import MultiPolygon, Polygon, box

from dispatch.config import load_roster
from geo.gridset import Grid, GridSet, Level

NEAR_BORDER_DEG: Final = 2e-6
"""Some 20 cm: nearer than anybody points."""
ODD: Final = GridSet(
    [
        Grid(id="b", name="B", polygon=box(1.0, 0.0, 2.0, 1.0)),
        Grid(id="a", name="A", polygon=box(0.0, 0.0, 1.0, 1.0)),
        Grid(
            id="c",
            name="C",
            polygon=Polygon(box(0, 1, 3, 4).exterior, [box(1, 2, 2, 3).exterior.coords]),
        ),
        Grid(
            id="d",
            name="D",
            polygon=MultiPolygon([box(5, 0, 6, 1), Polygon([(5, 2), (7, 2), (5, 4)])]),
        ),
        Grid(id="0", name="House", level=Level.BUILDING, polygon=box(0.2, 0.2, 0.4, 0.4)),
    ]
)
"""Neighbours, one with a hole, one in two pieces, a house in a grid."""
ODD_PLACES: Final = (
    (0.3, 0.3),
    (1.0, 0.5),
    (1.0, 1.0),
    (2.0, 1.0),
    (0.0, 0.0),
    (1.5, 1.0),
    (1.5, 2.5),
    (1.0, 2.5),
    (2.5, 2.5),
    (5.5, 0.5),
    (5.5, 1.5),
    (5.5, 2.5),
    (6.0, 3.0),
    (6.5, 3.0),
    (5.0, 4.0),
    (9.0, 9.0),
)
FOUND_WRONG: Final = 112.937669, 28.200041
"""Nearer to the middle of grid 6 than to that of grid 10, which it is in."""


def places_sample() -> dict[str, Any]:
    """Places of odd grids, of which much lies on borders, and places beside the demo's borders."""
    (demo,) = load_roster(()).communities.values()
    return {
        "odd_grids": ODD.to_geojson(),
        "odd": [_told(ODD, *place) for place in ODD_PLACES],
        "demo": [
            _told(demo.grids, *place) for place in [FOUND_WRONG, *_beside_borders(demo.grids)]
        ],
    }


def _beside_borders(grids: GridSet) -> list[tuple[float, float]]:
    """Places on either side of the middle of some of the borders."""
    edges = [
        edge for grid in grids.grids for edge in pairwise(_corners(grid)) if edge[0] != edge[1]
    ]
    middles = [((x + to_x) / 2, (y + to_y) / 2) for (x, y), (to_x, to_y) in edges[::12]]
    return [(x + off, y + off) for x, y in middles for off in (-NEAR_BORDER_DEG, NEAR_BORDER_DEG)]


def _corners(grid: Grid) -> list[tuple[float, float]]:
    """Of a grid in one piece."""
    assert isinstance(grid.polygon, Polygon)
    return [(x, y) for x, y in grid.polygon.exterior.coords]


def _told(grids: GridSet, lon: float, lat: float) -> list[float | str | None]:
    grid = grids.locate(lon, lat)
    return [lon, lat, None if grid is None else grid.id]
