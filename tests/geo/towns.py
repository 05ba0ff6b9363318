"""Builders of small towns for tests, and the plainest way to walk in them.

Ways are given in metres about the place of `tests.geo.places`. `plain_seconds` shares
nothing with the code but the graph's arrays: every edge is measured for every place,
and one search over the whole town settles everything.
"""

from __future__ import annotations

import heapq
import math
from typing import Any

from geo.snapping import EQUAL_M, SNAP_M_MAX
from geo.street_files import load_streets
from geo.streets import Streets
from geo.walkways import OFF_STREET_MPS
from tests.geo.places import at

Point = tuple[float, float]


def way(*points: Point, highway: str = "residential", **tags: Any) -> dict[str, Any]:
    """A LineString feature through these places, in metres."""
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [list(at(x, y)) for x, y in points]},
        "properties": {"highway": highway, **tags},
    }


def town_file(*ways: dict[str, Any], **members: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(ways)}


def town(*ways: dict[str, Any]) -> Streets:
    return load_streets(town_file(*ways))


def plain_snap(streets: Streets, x: float, y: float) -> tuple[int, float, float] | None:
    """(edge, part along it, metres away) of the nearest of all edges, the first of equal ones."""
    measured: list[tuple[int, float, float]] = []
    for edge in range(len(streets)):
        a, b = int(streets.edge_a[edge]), int(streets.edge_b[edge])
        ax, ay = float(streets.node_x[a]), float(streets.node_y[a])
        dx, dy = float(streets.node_x[b]) - ax, float(streets.node_y[b]) - ay
        squared = dx * dx + dy * dy
        along = ((x - ax) * dx + (y - ay) * dy) / squared if squared else 0.0
        along = min(1.0, max(0.0, along))
        away_m = math.hypot(x - ax - along * dx, y - ay - along * dy)
        measured.append((edge, along, away_m))
    least_m = min((away_m for *_, away_m in measured), default=math.inf)
    if least_m > SNAP_M_MAX:
        return None
    return next(each for each in measured if each[2] <= least_m + EQUAL_M)


def plain_seconds(
    streets: Streets, place: tuple[float, float], units: list[tuple[float, float]]
) -> list[float | None]:
    """Seconds from the place to each unit (lon, lat), None where there is no walk."""
    x, y = streets.plane.to_xy(*place)
    start = plain_snap(streets, x, y)
    if start is None:
        return [None] * len(units)
    edge, along, away_m = start
    street_s = float(streets.edge_s[edge])
    ends = {int(streets.edge_a[edge]): along * street_s}
    other = int(streets.edge_b[edge])
    ends[other] = min(ends.get(other, math.inf), (1.0 - along) * street_s)
    reached = _plain_dijkstra(streets, ends)
    answers: list[float | None] = []
    for lon, lat in units:
        unit_x, unit_y = streets.plane.to_xy(lon, lat)
        end = plain_snap(streets, unit_x, unit_y)
        if end is None:
            answers.append(None)
            continue
        its, part, its_away_m = end
        its_s = float(streets.edge_s[its])
        legs_s = (away_m + its_away_m) / OFF_STREET_MPS
        a, b = int(streets.edge_a[its]), int(streets.edge_b[its])
        ways = [
            legs_s + reached.get(a, math.inf) + part * its_s,
            legs_s + reached.get(b, math.inf) + (1.0 - part) * its_s,
        ]
        if its == edge:
            ways.append(legs_s + abs(part - along) * its_s)
        straight_m = math.hypot(unit_x - x, unit_y - y)
        if straight_m < away_m + its_away_m:
            ways.append(straight_m / OFF_STREET_MPS)
        answers.append(min(ways) if math.isfinite(min(ways)) else None)
    return answers


def _plain_dijkstra(streets: Streets, ends: dict[int, float]) -> dict[int, float]:
    beside: dict[int, list[tuple[int, float]]] = {}
    edges = zip(
        streets.edge_a.tolist(), streets.edge_b.tolist(), streets.edge_s.tolist(), strict=True
    )
    for a, b, seconds in edges:
        beside.setdefault(a, []).append((b, seconds))
        beside.setdefault(b, []).append((a, seconds))
    heap = [(seconds, node) for node, seconds in ends.items()]
    heapq.heapify(heap)
    reached: dict[int, float] = {}
    while heap:
        seconds, node = heapq.heappop(heap)
        if node not in reached:
            reached[node] = seconds
            for other, more in beside[node]:
                heapq.heappush(heap, (seconds + more, other))
    return reached
