"""What incident a press or a call becomes: its number, its links, its plan. Pure.

A press out of a backlog opens an incident too, but nobody is called for it by
machine: it is shown as late, and an operator judges.
"""

from dataclasses import dataclass
from typing import Final

from dispatch.clock import HOUR, SECOND, Instant
from dispatch.commands import OpenIncident
from dispatch.desk import Desk
from dispatch.events import AlarmJoined, IncidentOpened, Personal, Purpose
from dispatch.ids import CommunityId, DrillId, IncidentId, UnitId, unit_of_alarm
from dispatch.incident import Alarm, Incident
from dispatch.place import NOWHERE, Place, place_of_alarm
from dispatch.plan import Plan
from dispatch.words import COMING, Nearby, PlaceSource
from geo.distance import distance_m

LINKED_WITHIN: Final = HOUR
"""A press so soon after its sender's last incident ended is told as the same matter."""

IN_DANGER_PRIORITY: Final = 1

BETTER_KNOWN: Final = (
    PlaceSource.FIX,
    PlaceSource.OPERATOR,
    PlaceSource.LAST_FIX,
    PlaceSource.POST,
    PlaceSource.NONE,
)
"""Best first: a further press moves the place only to one at least as well known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An open incident near which a press of another sender came, and what that means."""

    incident: Incident
    nearby: Nearby


def next_incident(desk: Desk, community: CommunityId, now: Instant) -> IncidentId:
    """``community-YYYYMMDD-NNN``, counted anew each day of the community's zone."""
    key = f"{desk.local(community, now):%Y%m%d}"
    number = desk.board.numbers.get((community, key), 0) + 1
    return IncidentId(f"{community}-{key}-{number:03d}")


def to_join(desk: Desk, alarm: Alarm) -> Incident | None:
    """The open incident that this press belongs to by its sender: the newest, or None."""
    drill = drill_of(desk, alarm)
    mine = [
        incident
        for incident in desk.board.open_incidents()
        if incident.drill == drill and _pressed_by(incident, alarm.unit)
    ]
    return mine[-1] if mine else None


def near_match(desk: Desk, alarm: Alarm, place: Place, now: Instant) -> Match | None:
    """The open incident of its kind that this press may be about, by nearness and time; the
    nearest, or None. A covert alarm is nobody else's, and a responder in danger has their own."""
    rule = desk.kind_rule(alarm.community, alarm.kind, now)
    alone = alarm.late or alarm.covert or rule.nearby is Nearby.APART
    if alone or place.lon is None or _answering(desk, alarm) is not None:
        return None
    near = [
        (away_m, each.incident)
        for each in desk.board.open_incidents()
        if _alike(desk, each, alarm)
        and now - (each.last_press_t or each.opened_t) <= rule.near_s * SECOND
        and (away_m := _away_m(each, place)) is not None
        and away_m <= rule.near_m
    ]
    if not near:
        return None
    return Match(incident=desk.board.incidents[min(near)[1]], nearby=rule.nearby)


def drill_of(desk: Desk, alarm: Alarm) -> DrillId | None:
    """The exercise a press belongs to. A radio left in exercise mode is heard as real once
    the exercise is over."""
    on = desk.board.drills.get(alarm.community)
    return on[0] if alarm.drill and on is not None else None


def joined(
    desk: Desk, incident: Incident, alarm: Alarm, now: Instant, *, reporter: bool = False
) -> AlarmJoined:
    """The press belongs to this incident; a late one moves nothing, nor does another's press
    where the place is known."""
    stays = alarm.late or (reporter and incident.lon is not None)
    place = NOWHERE if stays else place_of_alarm(desk, alarm)
    known, better = (BETTER_KNOWN.index(each.source) for each in (_of(incident), place))
    if better > known or (better == known and place.source is not PlaceSource.FIX):
        place = NOWHERE
    return AlarmJoined(
        t=now,
        community=incident.community,
        incident=incident.incident,
        alarm=alarm.alarm,
        place_source=place.source,
        grid=place.grid,
        fix_t=place.fix_t,
        place=place.personal,
        reporter=reporter,
    )


def opened_by_press(desk: Desk, alarm: Alarm, place: Place, now: Instant) -> IncidentOpened:
    """A new incident, linked to the one its sender answers, or has lately had."""
    answering = _answering(desk, alarm)
    linked = answering or _lately_ended(desk, alarm, now)
    rule = desk.kind_rule(alarm.community, alarm.kind, now)
    return IncidentOpened(
        t=now,
        community=alarm.community,
        incident=next_incident(desk, alarm.community, now),
        kind=alarm.kind,
        priority=IN_DANGER_PRIORITY if answering or alarm.covert else rule.priority,
        covert=alarm.covert,
        alarm=alarm.alarm,
        sender=alarm.unit,
        by=None,
        linked_to=linked,
        place_source=place.source,
        grid=place.grid,
        fix_t=place.fix_t,
        place=place.personal,
        words=None,
        plan=desk.plan_for(alarm.community, alarm.kind, place.grid, now).plan,
        drill=drill_of(desk, alarm),
        in_danger=answering is not None,
    )


def opened_by_hand(
    desk: Desk, command: OpenIncident, place: Place, plan: Plan | None, now: Instant
) -> IncidentOpened:
    """A new incident as an operator told it; ``plan`` where they chose one."""
    words = command.words.strip()
    rule = desk.kind_rule(command.community, command.kind, now)
    fits = desk.plan_for(command.community, command.kind, place.grid, now)
    caller = {"name": command.caller_name.strip(), "phone": command.caller_phone.strip()}
    drill = desk.board.drills.get(command.community) if command.drill else None
    return IncidentOpened(
        t=now,
        community=command.community,
        incident=next_incident(desk, command.community, now),
        kind=command.kind,
        priority=rule.priority if command.priority is None else command.priority,
        covert=False,
        alarm=None,
        sender=command.unit,
        by=command.by,
        linked_to=None,
        place_source=place.source,
        grid=place.grid,
        fix_t=place.fix_t,
        place=place.personal,
        words=Personal(Purpose.WORDS, words) if words else None,
        plan=(plan or fits).plan,
        command=command.command,
        drill=None if drill is None else drill[0],
        caller=Personal(Purpose.PERSON, caller) if any(caller.values()) else None,
    )


def _pressed_by(incident: Incident, unit: UnitId) -> bool:
    """Its sender, or one who reported the same."""
    return incident.sender == unit or unit in map(unit_of_alarm, incident.reporters)


def _alike(desk: Desk, incident: Incident, alarm: Alarm) -> bool:
    """Whether another's press could be about this one at all."""
    return (
        incident.community == alarm.community
        and incident.kind is alarm.kind
        and not incident.covert
        and incident.drill == drill_of(desk, alarm)
        and not desk.board.is_late(incident)
    )


def _away_m(incident: Incident, place: Place) -> float | None:
    if incident.lon is None or incident.lat is None or place.lon is None or place.lat is None:
        return None
    return distance_m(incident.lon, incident.lat, place.lon, place.lat)


def _answering(desk: Desk, alarm: Alarm) -> IncidentId | None:
    """The incident that its sender is coming to or at: the responder is in danger. What is
    played and what is real are never each other's reason."""
    drill = drill_of(desk, alarm)
    coming = [
        incident.incident
        for incident, each in desk.board.orders_of(alarm.unit)
        if each.state in COMING and incident.drill == drill
    ]
    return coming[-1] if coming else None


def _lately_ended(desk: Desk, alarm: Alarm, now: Instant) -> IncidentId | None:
    drill = drill_of(desk, alarm)
    ended = [
        (incident.closed_t, incident.incident)
        for incident in desk.board.of_sender(alarm.unit)
        if incident.closed_t is not None
        and incident.drill == drill
        and now - incident.closed_t <= LINKED_WITHIN
    ]
    return max(ended)[1] if ended else None


def _of(incident: Incident) -> Place:
    return Place(source=incident.place_source)
