"""What incident a press or a call becomes: its number, its links, its first wave. Pure.

A press out of a backlog opens an incident too, but nobody is called for it by
machine: it is shown as late, and an operator judges.
"""

from datetime import UTC, datetime
from typing import Final

from dispatch.clock import HOUR, SECOND, Instant
from dispatch.commands import OpenIncident
from dispatch.desk import Desk
from dispatch.events import AlarmJoined, IncidentOpened, Personal, Purpose
from dispatch.ids import CommunityId, IncidentId, UnitId
from dispatch.incident import Alarm, Incident
from dispatch.place import NOWHERE, Place, place_of_alarm
from dispatch.rules.call import Call
from dispatch.words import COMING, PRIORITY_OF, PlaceSource

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


def next_incident(desk: Desk, community: CommunityId, now: Instant) -> IncidentId:
    """``community-YYYYMMDD-NNN``, counted anew each day of the community's zone."""
    day = datetime.fromtimestamp(now // SECOND, UTC).astimezone(desk.zones[community])
    key = f"{day:%Y%m%d}"
    number = desk.board.numbers.get((community, key), 0) + 1
    return IncidentId(f"{community}-{key}-{number:03d}")


def to_join(desk: Desk, alarm: Alarm) -> Incident | None:
    """The open incident that this press belongs to: the newest of its sender, or None."""
    mine = [incident for incident in desk.board.of_sender(alarm.unit) if incident.open]
    return mine[-1] if mine else None


def joined(desk: Desk, incident: Incident, alarm: Alarm, now: Instant) -> AlarmJoined:
    """The press belongs to this incident; a late one moves nothing."""
    place = NOWHERE if alarm.late else place_of_alarm(desk, alarm)
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
    )


def opened_by_press(desk: Desk, alarm: Alarm, now: Instant) -> IncidentOpened:
    """A new incident, linked to the one its sender answers, or has lately had."""
    answering = _answering(desk, alarm.unit)
    linked = answering or _lately_ended(desk, alarm.unit, now)
    place = place_of_alarm(desk, alarm)
    return IncidentOpened(
        t=now,
        community=alarm.community,
        incident=next_incident(desk, alarm.community, now),
        kind=alarm.kind,
        priority=IN_DANGER_PRIORITY if answering or alarm.covert else PRIORITY_OF[alarm.kind],
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
        plan=desk.plan.name,
    )


def opened_by_hand(desk: Desk, command: OpenIncident, place: Place, now: Instant) -> IncidentOpened:
    """A new incident as an operator told it."""
    words = command.words.strip()
    return IncidentOpened(
        t=now,
        community=command.community,
        incident=next_incident(desk, command.community, now),
        kind=command.kind,
        priority=PRIORITY_OF[command.kind],
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
        plan=desk.plan.name,
        command=command.command,
    )


def first_call(desk: Desk, opened: IncidentOpened) -> Call:
    """What the first wave of an incident that is about to open decides."""
    point = opened.place.value if opened.place is not None else {}
    return Call(
        now=opened.t,
        community=opened.community,
        lon=point.get("lon"),
        lat=point.get("lat"),
        grid=opened.grid,
        sender=opened.sender,
        asked=frozenset(),
        missing=desk.plan.missing({}),
        plan=desk.plan,
        fresh_us=desk.fresh_us,
    )


def _answering(desk: Desk, unit: UnitId) -> IncidentId | None:
    """The incident that this unit is coming to or at: the responder is in danger."""
    coming = [i.incident for i, each in desk.board.orders_of(unit) if each.state in COMING]
    return coming[-1] if coming else None


def _lately_ended(desk: Desk, unit: UnitId, now: Instant) -> IncidentId | None:
    ended = [
        (incident.closed_t, incident.incident)
        for incident in desk.board.of_sender(unit)
        if incident.closed_t is not None and now - incident.closed_t <= LINKED_WITHIN
    ]
    return max(ended)[1] if ended else None


def _of(incident: Incident) -> Place:
    return Place(source=incident.place_source)
