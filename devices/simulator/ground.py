"""Where a simulated patrol can walk: along streets, or inside its grid. No time, no gait."""

import heapq
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, Protocol

import msgspec
from shapely.geometry import MultiPolygon, Point, Polygon

from geo.distance import LocalPlane, distance_m

Place = tuple[float, float]
"""Longitude and latitude, degrees WGS-84."""

TRIES_MAX: Final = 200
"""Draws for a place inside a polygon; one that fills a hundredth of its box is still hit."""
SAME_PLACE_DIGITS: Final = 6
"""Street ends that agree to a tenth of a metre are one crossing."""
STREET_NODES_MAX: Final = 200_000
"""A district's streets; a way through them is found in a second at worst."""
LEASH_M: Final = 150.0
"""How far a patrol strays from its grid before it turns back."""


class Ground(Protocol):
    """Where one patrol walks."""

    def start(self, chance: random.Random) -> Place:
        """Somewhere to begin the round."""
        ...

    def onward(self, at: Place, came_from: Place, chance: random.Random) -> Place:
        """The next place of the round."""
        ...

    def way(self, at: Place, to: Place) -> list[Place]:
        """The places to pass, ``to`` included as the last."""
        ...


class InsideGrid:
    """Walks from one place in the grid to another; walls are not known."""

    def __init__(self, polygon: Polygon | MultiPolygon) -> None:
        self._polygon = polygon

    def start(self, chance: random.Random) -> Place:
        """Somewhere inside."""
        west, south, east, north = self._polygon.bounds
        for _ in range(TRIES_MAX):
            lon, lat = chance.uniform(west, east), chance.uniform(south, north)
            if self._polygon.contains(Point(lon, lat)):
                return lon, lat
        point = self._polygon.representative_point()
        return float(point.x), float(point.y)

    def onward(self, at: Place, came_from: Place, chance: random.Random) -> Place:
        """Somewhere else inside."""
        del at, came_from
        return self.start(chance)

    def way(self, at: Place, to: Place) -> list[Place]:
        """Straight on."""
        del at
        return [to]


class Streets:
    """Crossings and the pieces of street between them, of a whole community."""

    def __init__(self, lines: Sequence[Sequence[Place]]) -> None:
        self._ends: dict[Place, dict[Place, float]] = {}
        for line in lines:
            places = [
                (round(lon, SAME_PLACE_DIGITS), round(lat, SAME_PLACE_DIGITS)) for lon, lat in line
            ]
            for one, other in pairwise(places):
                if one != other and len(self._ends) < STREET_NODES_MAX:
                    metres = distance_m(*one, *other)
                    self._ends.setdefault(one, {})[other] = metres
                    self._ends.setdefault(other, {})[one] = metres
        self.crossings = tuple(self._ends)

    def __contains__(self, place: Place) -> bool:
        return place in self._ends

    def __bool__(self) -> bool:
        return bool(self._ends)

    def beside(self, crossing: Place) -> tuple[Place, ...]:
        """The crossings one piece of street away."""
        return tuple(self._ends[crossing])

    def nearest(self, place: Place) -> Place:
        """The crossing nearest to a place."""
        plane = LocalPlane(*place)

        def square_m(crossing: Place) -> float:
            x, y = plane.to_xy(*crossing)
            return x * x + y * y

        return min(self.crossings, key=square_m)

    def way(self, start: Place, goal: Place) -> list[Place]:
        """Crossings from ``start`` to ``goal``, both included, by the shortest way; [] for none."""
        came: dict[Place, Place] = {}
        best = {start: 0.0}
        queue = [(0.0, start)]
        while queue:
            done_m, at = heapq.heappop(queue)
            if at == goal:
                return _traced(came, start, goal)
            if done_m > best[at]:
                continue
            for beside, metres in self._ends[at].items():
                total_m = done_m + metres
                if total_m < best.get(beside, float("inf")):
                    best[beside] = total_m
                    came[beside] = at
                    heapq.heappush(queue, (total_m, beside))
        return []


class AlongStreets:
    """Walks street by street, on a leash about its own grid."""

    def __init__(self, streets: Streets, home: Polygon | MultiPolygon) -> None:
        assert streets
        self._streets = streets
        centre = home.representative_point()
        self._centre: Place = (float(centre.x), float(centre.y))
        near = home.buffer(LEASH_M / 111_000.0)  # degrees of latitude: a leash need not be exact
        self._near = {c for c in streets.crossings if near.contains(Point(c))}

    def start(self, chance: random.Random) -> Place:
        """A crossing near the grid, or the nearest one there is."""
        if not self._near:
            return self._streets.nearest(self._centre)
        return chance.choice(sorted(self._near))

    def onward(self, at: Place, came_from: Place, chance: random.Random) -> Place:
        """The next crossing: not back where there is another way, not away from the grid."""
        crossing = at if at in self._streets else self._streets.nearest(at)
        if crossing != at:
            return crossing
        choices = [place for place in self._streets.beside(at) if place in self._near]
        choices = choices or list(self._streets.beside(at))
        ahead = [place for place in choices if place != came_from]
        return chance.choice(sorted(ahead or choices))

    def way(self, at: Place, to: Place) -> list[Place]:
        """To the nearest crossing, along the streets, and from the last one straight."""
        return [*self._streets.way(self._streets.nearest(at), self._streets.nearest(to)), to]


def read_streets(geojson: bytes) -> Streets:
    """The LineStrings of a FeatureCollection; other geometry and broken lines are passed over."""
    document = msgspec.json.decode(geojson) if geojson else {}
    features = document.get("features", []) if isinstance(document, dict) else []
    return Streets([line for feature in features for line in _lines(feature)])


def _lines(feature: Any) -> list[list[Place]]:
    match feature:
        case {"geometry": {"type": "LineString", "coordinates": list(line)}}:
            lines = [line]
        case {"geometry": {"type": "MultiLineString", "coordinates": list(several)}}:
            lines = several
        case _:
            return []
    try:
        return [[(float(place[0]), float(place[1])) for place in line] for line in lines]
    except (TypeError, ValueError, IndexError, KeyError):
        return []


def _traced(came: dict[Place, Place], start: Place, goal: Place) -> list[Place]:
    places = [goal]
    while places[-1] != start:
        places.append(came[places[-1]])
    return places[::-1]
