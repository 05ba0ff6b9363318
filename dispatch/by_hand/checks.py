"""What every request is held to: it names what there is, as it is now, and may be asked by whom.

Raises RefusedError, before anything was recorded.
"""

import math
from typing import Any, Final

from dispatch.commands import IncidentCommand
from dispatch.errors import (
    HeldError,
    StaleLeaseError,
    StaleVersionError,
    UnfitCommandError,
    UnknownIncidentError,
    UnknownUnitError,
    WrongPhaseError,
)
from dispatch.events import Personal, Purpose
from dispatch.ids import CommunityId, GridId, UnitId, radio_of
from dispatch.incident import Incident
from dispatch.place import NOWHERE, Place, place_of_unit
from dispatch.roster import Community, RadioRecord
from dispatch.turn import Turn
from dispatch.words import PlaceSource
from geo.distance import distance_m

FAR_M_MAX: Final = 20_000
"""A place farther than that from every grid is a slip: 0, 0 lies in the sea off Africa."""


def known(turn: Turn, command: IncidentCommand) -> Incident:
    """The incident, open or lately ended."""
    incident = turn.board.incidents.get(command.incident)
    if incident is None:
        raise UnknownIncidentError(command.incident)
    return incident


def as_it_is(turn: Turn, command: IncidentCommand) -> Incident:
    """The incident, as the asker saw it."""
    incident = known(turn, command)
    if command.lease not in (0, incident.lease):
        raise StaleLeaseError(
            incident=incident.incident,
            lease=command.lease,
            present=incident.lease,
            held_by=incident.taken_by,
        )
    if command.based_on not in (0, incident.version):
        raise StaleVersionError(
            incident=incident.incident, based_on=command.based_on, version=incident.version
        )
    return incident


def still_open(turn: Turn, command: IncidentCommand, request: str) -> Incident:
    """The incident, as the asker saw it, and not ended."""
    incident = as_it_is(turn, command)
    if not incident.open:
        raise WrongPhaseError(subject=incident.incident, phase=incident.phase, request=request)
    return incident


def steered(turn: Turn, command: IncidentCommand, request: str) -> Incident:
    """The open incident, which the asker or nobody holds."""
    incident = still_open(turn, command, request)
    if incident.taken_by not in (None, command.by):
        raise HeldError(incident=incident.incident, held_by=str(incident.taken_by), request=request)
    return incident


def common(turn: Turn, incident: Incident) -> dict[str, Any]:
    """What every fact about an incident says."""
    return {"t": turn.now, "community": incident.community, "incident": incident.incident}


def check_length(field: str, text: str, length_max: int, *, at_least: int = 0) -> None:
    """Raises UnfitCommandError."""
    if len(text) > length_max:
        raise UnfitCommandError(field=field, why=f"has more than {length_max} characters")
    if len(text) < at_least:
        raise UnfitCommandError(field=field, why="is empty")


def words_of(
    text: str, length_max: int, *, needed: bool = False, purpose: Purpose = Purpose.WORDS
) -> Personal | None:
    """Free words as a fact holds them; None for none."""
    said = text.strip()
    check_length("words", said, length_max, at_least=int(needed))
    return Personal(purpose, said) if said else None


def unit_record(turn: Turn, unit: UnitId, community: CommunityId) -> RadioRecord:
    """The unit on the community's roster, not revoked. One elsewhere is as unknown as none: what
    there is elsewhere is nobody's business here."""
    record = turn.desk.roster.radios.get(radio_of(unit))
    if record is None or record.community != community:
        raise UnknownUnitError(unit)
    if record.revoked:
        raise UnfitCommandError(field="unit", why=f"{unit} has been revoked")
    return record


def place_said(
    turn: Turn,
    community: CommunityId,
    *,
    lon: float | None,
    lat: float | None,
    grid: GridId | None,
    unit: UnitId | None,
) -> Place:
    """The point shown, else the grid, else where the unit is, else nowhere but in words.

    The grid of a point follows from it; another one named beside it is refused.
    """
    found = turn.desk.roster.communities.get(community)
    if found is None:
        raise UnfitCommandError(field="community", why="is not on the roster")
    if unit is not None:
        unit_record(turn, unit, community)
    if grid is not None and grid not in found.grids.by_id:
        raise UnfitCommandError(field="grid", why="is not one of the community")
    if (lon is None) != (lat is None):
        raise UnfitCommandError(field="lon", why="and lat belong together")
    if lon is not None and lat is not None:
        if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            raise UnfitCommandError(field="lon", why="and lat are no place on Earth")
        if _is_far(found, lon, lat):
            far_km = FAR_M_MAX // 1000
            why = f"and lat are more than {far_km} km from every grid of the community"
            raise UnfitCommandError(field="lon", why=why)
        inside = turn.desk.live.locate(community, lon, lat)
        if grid is not None:
            _check_holds(found, grid, lon, lat)
        return Place(source=PlaceSource.OPERATOR, grid=inside or grid, lon=lon, lat=lat)
    if grid is not None:
        return Place(source=PlaceSource.OPERATOR, grid=grid)
    return NOWHERE if unit is None else place_of_unit(turn.desk, community, unit)


def _check_holds(community: Community, grid: GridId, lon: float, lat: float) -> None:
    """Raises UnfitCommandError where the point is in another grid of that level, or in none."""
    there = community.grids.locate(lon, lat, community.grids.by_id[grid].level)
    if there is None or there.id != grid:
        where = "none" if there is None else there.id
        raise UnfitCommandError(field="grid", why=f"{grid} does not hold lon and lat: {where} does")


def _is_far(community: Community, lon: float, lat: float) -> bool:
    """Whether a slip of the hand put it where nobody of the community goes."""
    away_m = (
        distance_m(lon, lat, min(max(lon, west), east), min(max(lat, south), north))
        for west, south, east, north in (each.polygon.bounds for each in community.grids.grids)
    )
    return min(away_m, default=0.0) > FAR_M_MAX
