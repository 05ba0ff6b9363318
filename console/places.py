"""Tells where an incident is, in numbers and in facts that become words.

People find "40 m east of the kindergarten" faster than a pair of degrees.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

from console.wire import PlaceDoc
from dispatch.ids import CommunityId, GridId
from dispatch.incident import Incident
from dispatch.roster import Community
from geo.grids import Grid
from geo.words import OutsideFacts, PlaceFacts, outside_facts, place_facts

Where: TypeAlias = tuple[CommunityId, float, float]

FACTS_KEPT_MAX: Final = 4_096
"""Places described already: those of the incidents that a page shows on a very bad night. An
incident is drawn some thirty times while it lasts, and hardly ever moves."""


class Places:
    """Describes places in the communities it was made for."""

    def __init__(self, communities: Iterable[Community], *, near_m: float) -> None:
        """A key unit farther away than ``near_m`` is of no help and not told."""
        self.near_m = near_m
        self._grids = {each.community: each.grids for each in communities}
        self._ready: dict[Where, tuple[PlaceFacts, OutsideFacts | None]] = {}

    def grid_name(self, community: CommunityId, grid: GridId | None) -> str:
        """What people call the grid; its id where it is not known any more, empty for none."""
        known = self._grid(community, grid)
        return (grid or "") if known is None else known.name

    def doc(self, incident: Incident) -> PlaceDoc:
        """Where the incident is, and how well that is known."""
        known = self._grid(incident.community, incident.grid)
        doc = PlaceDoc(
            source=incident.place_source,
            lon=incident.lon,
            lat=incident.lat,
            acc_m=incident.acc_m,
            fix_t=None if incident.fix_t is None else incident.fix_t // 1000,
            grid=incident.grid,
            grid_name=self.grid_name(incident.community, incident.grid),
            grid_name_en="" if known is None else known.name_en,
            key_unit="",
            key_unit_en="",
            key_unit_m=None,
            bearing="",
            words=incident.words,
        )
        facts, outside = self._facts(incident)
        if facts and facts.distance_m is not None and facts.distance_m <= self.near_m:
            doc.key_unit = facts.key_unit_name or ""
            doc.key_unit_en = facts.key_unit_name_en
            doc.key_unit_m = round(facts.distance_m)
            doc.bearing = facts.bearing or ""
        if outside is not None and incident.grid is None:
            doc.outside, doc.outside_en = outside.grid_name, outside.grid_name_en
            doc.outside_m, doc.outside_bearing = round(outside.distance_m), outside.bearing
        return doc

    def _grid(self, community: CommunityId, grid: GridId | None) -> Grid | None:
        if grid is None or community not in self._grids:
            return None
        return self._grids[community].by_id.get(grid)

    def _facts(self, incident: Incident) -> tuple[PlaceFacts | None, OutsideFacts | None]:
        if incident.lon is None or incident.lat is None or incident.community not in self._grids:
            return None, None
        where = incident.community, incident.lon, incident.lat
        told = self._ready.get(where)
        if told is None:
            grids, point = self._grids[incident.community], (incident.lon, incident.lat)
            told = place_facts(grids, *point), outside_facts(grids, *point)
            self._ready[where] = told
            if len(self._ready) > FACTS_KEPT_MAX:
                del self._ready[next(iter(self._ready))]
        return told
