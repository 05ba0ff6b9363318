"""Which ways may be walked, and how fast: one table; reads no file.

The table follows the default access on foot of the OpenStreetMap wiki ("OSM tags
for routing/Access restrictions", all countries) with two departures: a trunk
road is not walked unless it says so, since in China that is a fenced city
expressway; a cycleway is, since patrols do walk there.

Paces: 1.2 m/s is the Highway Capacity Manual's design pace of pedestrians (2000,
chapter 18). On stairs people get on at less than half of that along the ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STREET_MPS: Final = 1.2
STEPS_MPS: Final = 0.5
OFF_STREET_MPS: Final = 0.8
"""From a place to its street and back: a yard, a gate, parked cars. Slower than the
street, for whatever stands in the way is not on the map; our choice."""

FASTEST_MPS: Final = max(STREET_MPS, STEPS_MPS, OFF_STREET_MPS)
"""Nobody is anywhere sooner than by a straight line at this pace."""

WALKED_MPS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("primary", "primary_link", "secondary", "secondary_link"), STREET_MPS),
    **dict.fromkeys(("tertiary", "tertiary_link", "unclassified", "residential"), STREET_MPS),
    **dict.fromkeys(("living_street", "service", "road", "track", "path"), STREET_MPS),
    **dict.fromkeys(("pedestrian", "footway", "cycleway", "platform", "crossing"), STREET_MPS),
    **dict.fromkeys(("corridor", "trail"), STREET_MPS),
    "steps": STEPS_MPS,
}
"""Metres a second by `highway`. What is not here is not walked: motorways, trunks,
building sites, raceways, and words nobody knows."""

ON_REQUEST_MPS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("trunk", "trunk_link", "bridleway", "busway"), STREET_MPS),
}
"""Walked where the way itself says that one may, or that it has a sidewalk."""

MAY: Final = frozenset({"yes", "designated", "permissive", "official", "destination"})
MAY_NOT: Final = frozenset({"no", "use_sidepath"})
SIDEWALKS: Final = frozenset({"yes", "both", "left", "right"})
"""Not "separate": then the sidewalk is a way of its own in the file."""

TAGS: Final = ("highway", "foot", "access", "sidewalk")
"""What `pace_mps` reads of a way."""


def pace_mps(tags: Mapping[str, str]) -> float | None:
    """Metres a second on a way with these tags; None where it may not be walked.

    `foot` decides over `access`. "private" counts as open: a patrol is let in where
    it keeps watch, and the lanes of most compounds are tagged so.
    """
    highway = tags.get("highway", "")
    foot = tags.get("foot", "")
    if foot in MAY_NOT or (tags.get("access") == "no" and foot not in MAY):
        return None
    if highway in ON_REQUEST_MPS:
        asked = foot in MAY or tags.get("sidewalk") in SIDEWALKS
        return ON_REQUEST_MPS[highway] if asked else None
    return WALKED_MPS.get(highway)
