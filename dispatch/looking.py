"""Looking for more people: what found too few looks again, and whoever comes free is the most
urgent one's first.

A look that finds nobody writes nothing. After a restart everything that lacks people looks at once.
"""

import heapq
from collections.abc import Collection
from typing import Final

from dispatch.clock import MILLISECOND, SECOND, Instant
from dispatch.desk import Desk, Look, us
from dispatch.ids import CommunityId
from dispatch.incident import Incident
from dispatch.timers import Due, Key

OFFERED_MAX: Final = 5
"""Incidents that look when somebody comes free: the most urgent. Others look again by
themselves."""

LOOK_PAUSE: Final = SECOND
"""Between two looks because somebody came free: a shift that comes on duty together is some
thousand times somebody."""

NEXT_TURN: Final = MILLISECOND
"""Looks are turns of their own: a turn stays short, and so does what an alarm waits for."""


def look_again(desk: Desk, incident: Incident, now: Instant, *, besides_asked: bool) -> None:
    """It has looked, and found too few. Who signs on, comes into reach or tells a first fix then is
    asked within moments, not a whole wave later."""
    desk.looks[incident.incident] = Look(
        due_t=now + us(desk.settings.waits.decide_retry_s),
        rests_until_t=now + LOOK_PAUSE,
        besides_asked=besides_asked,
    )


def forget_look(desk: Desk, incident: Incident) -> None:
    """It looks for nobody any more."""
    desk.looks.pop(incident.incident, None)


def look_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When it looks again; None where it looks for nobody."""
    look = desk.looks.get(incident.incident)
    return None if look is None else look.due_t


def offer_to_the_urgent(desk: Desk, communities: Collection[CommunityId], now: Instant) -> None:
    """Somebody came free there: the most urgent of those that look are the first to do so."""
    for incident in _looking(desk, communities):
        _look_sooner(desk, incident, now)


def gives_way(desk: Desk, incident: Incident, now: Instant, *, besides_asked: bool) -> bool:
    """Whether it looks later, behind what is more urgent and is about to look. It gives way once
    for each of its looks, or where people come and go it never would look."""
    mine = desk.looks.get(incident.incident)
    if mine is not None and mine.gave_way:
        return False
    soon = []
    for other in _looking(desk, {incident.community}, before=incident):
        look = desk.looks[other.incident]
        if look.rests_until_t <= now:
            _look_sooner(desk, other, now)
        if look.due_t <= _earliest_t(look, now):
            soon.append(look.due_t)
    if soon:
        desk.looks[incident.incident] = Look(
            due_t=max(*soon, now) + NEXT_TURN,
            rests_until_t=now if mine is None else mine.rests_until_t,
            besides_asked=besides_asked,
            gave_way=True,
        )
    return bool(soon)


def urgency(incident: Incident) -> tuple[bool, int, Instant, str]:
    """Sorts the most urgent first; an exercise comes behind anything real."""
    return incident.drill is not None, incident.priority, incident.opened_t, incident.incident


def _looking(
    desk: Desk, communities: Collection[CommunityId], *, before: Incident | None = None
) -> list[Incident]:
    """Those of these communities that look for people, the most urgent first, at most
    ``OFFERED_MAX``; only what is more urgent than ``before``, where that is given."""
    least = None if before is None else urgency(before)
    looking = (
        incident
        for each in desk.looks
        if (incident := desk.board.incidents.get(each))
        and incident.community in communities
        and (least is None or urgency(incident) < least)
    )
    return heapq.nsmallest(OFFERED_MAX, looking, key=urgency)


def _look_sooner(desk: Desk, incident: Incident, now: Instant) -> None:
    look = desk.looks[incident.incident]
    sooner_t = _earliest_t(look, now)
    if sooner_t < look.due_t:
        look.due_t = sooner_t
        desk.timers.set(Key(Due.WAVE, incident.incident), sooner_t)


def _earliest_t(look: Look, now: Instant) -> Instant:
    return max(now + NEXT_TURN, look.rests_until_t)
