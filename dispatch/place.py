"""Where an incident is, from the best that is known, and how that is told to a radio."""

import functools
from dataclasses import dataclass
from typing import Final

from dispatch.clock import Instant
from dispatch.desk import Desk
from dispatch.events import Personal, Purpose
from dispatch.ids import AssignmentId, CommunityId, GridId, UnitId, radio_of
from dispatch.incident import Alarm, Assignment, Incident
from dispatch.outgoing import OrderMessage
from dispatch.words import AssignmentState, PlaceSource
from geo.gridset import GridSet
from geo.words import PlaceFacts, place_facts

PLACES_TOLD_MAX: Final = 256
"""Places whose words are remembered: those of the incidents that are open on a bad night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place and how it is known. Only a grid may be known, or nothing."""

    source: PlaceSource
    grid: GridId | None = None
    lon: float | None = None
    lat: float | None = None
    acc_m: float | None = None
    fix_t: Instant | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known."""
        return self.lon is not None or self.grid is not None

    @property
    def personal(self) -> Personal | None:
        """The point as a fact holds it; None where there is none."""
        if self.lon is None:
            return None
        return Personal(Purpose.PLACE, {"lon": self.lon, "lat": self.lat, "acc_m": self.acc_m})


NOWHERE = Place(source=PlaceSource.NONE)


def place_of_alarm(desk: Desk, alarm: Alarm) -> Place:
    """The fix of the press, else the unit's last one, else the grid of its post, else nothing."""
    if alarm.lon is not None and alarm.lat is not None:
        return Place(
            source=PlaceSource.FIX,
            grid=desk.live.locate(alarm.community, alarm.lon, alarm.lat),
            lon=alarm.lon,
            lat=alarm.lat,
            acc_m=alarm.acc_m,
            fix_t=alarm.fix_t,
        )
    return place_of_unit(desk, alarm.community, alarm.unit)


def place_of_unit(desk: Desk, community: CommunityId, unit: UnitId) -> Place:
    """Where a unit was last, else its post."""
    fix = desk.live.last_fix(unit)
    if fix is not None:
        return Place(
            source=PlaceSource.LAST_FIX,
            grid=desk.live.locate(community, fix.lon, fix.lat),
            lon=fix.lon,
            lat=fix.lat,
            acc_m=fix.acc_m,
            fix_t=fix.t,
        )
    record = desk.roster.radios.get(radio_of(unit))
    grids = desk.roster.communities[community].grids
    if record is not None and record.post is not None and record.post in grids.by_id:
        return Place(source=PlaceSource.POST, grid=record.post)
    return NOWHERE


def order_message(
    desk: Desk, incident: Incident, assignment: Assignment, now: Instant
) -> OrderMessage:
    """The order as the unit's radio shows it, with the state that its bearer may rely on."""
    return _message(desk, incident, assignment.assignment, shown_state(assignment), now)


def wide_message(desk: Desk, incident: Incident, now: Instant) -> OrderMessage:
    """The same for somebody who is told and sent nowhere."""
    return _message(desk, incident, AssignmentId(""), AssignmentState.OFFERED, now)


def _message(
    desk: Desk, incident: Incident, order: AssignmentId, state: AssignmentState, now: Instant
) -> OrderMessage:
    grids = desk.roster.communities[incident.community].grids
    grid = grids.by_id.get(incident.grid or "")
    near, near_m, bearing = "", None, ""
    if incident.lon is not None and incident.lat is not None:
        facts = _facts_of(grids, incident.lon, incident.lat)
        if facts.distance_m is not None and facts.distance_m <= desk.settings.near_key_unit_m:
            near, near_m = facts.key_unit_name or "", round(facts.distance_m)
            bearing = facts.bearing.value if facts.bearing is not None else ""
    return OrderMessage(
        order=order,
        incident=incident.incident,
        kind=incident.kind,
        priority=incident.priority,
        state=state,
        t=now,
        lon=incident.lon,
        lat=incident.lat,
        grid="" if grid is None else grid.name,
        near=near,
        near_m=near_m,
        bearing=bearing,
        sender=_sender(desk, incident),
        covert=incident.covert,
        drill=incident.drill is not None,
    )


@functools.lru_cache(PLACES_TOLD_MAX)
def _facts_of(grids: GridSet, lon: float, lat: float) -> PlaceFacts:
    """A wave tells the same place to everybody it calls."""
    return place_facts(grids, lon, lat)


def shown_state(assignment: Assignment) -> AssignmentState:
    """The state as the radio knows it: an order whose time ran out may still be answered."""
    if assignment.state is not AssignmentState.EXPIRED:
        return assignment.state
    received = AssignmentState.RECEIVED in assignment.times
    return AssignmentState.RECEIVED if received else AssignmentState.OFFERED


def _sender(desk: Desk, incident: Incident) -> str:
    if incident.sender is None or incident.covert:
        return ""
    record = desk.roster.radios.get(radio_of(incident.sender))
    return "" if record is None else record.call_sign
