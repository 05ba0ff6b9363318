"""Looks at very many incidents a few at a time: after a start, and when consoles come or go.

Ten thousand take seconds, in which an alarm may come. The most urgent are looked at in
the turn that asks for it, the others soon; each is shown as it stands meanwhile, and whatever
happens to one settles it at once.
"""

from collections.abc import Iterable
from typing import Final

from dispatch.clock import MILLISECOND, SECOND, Instant
from dispatch.incident import Incident
from dispatch.timers import Due, Key
from dispatch.turn import Turn

AT_ONCE: Final = 10
"""Incidents looked at in the turn itself, an ordinary evening's; each may be a decision of seven
milliseconds, and nobody is served before."""

A_TURN: Final = 5
"""Then so many at a time, some two milliseconds of work ..."""

PAUSE: Final = MILLISECOND
"""... with so much time between them for whatever else comes."""

DOORS_FIRST: Final = SECOND // 2
"""After a start the others wait so long: the links to the radios come up in that time, and what
is sent before is lost. Half of it, the doors would wait for turns of the machine."""


def begin(turn: Turn, incidents: Iterable[Incident], *, others_after: int = PAUSE) -> None:
    """Have all of these looked at, the first at once; those that wait already do so once."""
    waiting = turn.desk.to_resume
    for incident in sorted(incidents, key=_most_urgent_first):
        waiting[incident.incident] = None
    _some(turn, AT_ONCE, others_after)


def go_on(turn: Turn) -> None:
    """The next few."""
    _some(turn, A_TURN, PAUSE)


def _some(turn: Turn, count: int, others_after: int) -> None:
    waiting = turn.desk.to_resume
    for _ in range(min(count, len(waiting))):
        turn.resettle(waiting.popitem(last=False)[0])
    if waiting:
        turn.desk.timers.set(Key(Due.RESUME), turn.now + others_after)


def _most_urgent_first(incident: Incident) -> tuple[bool, int, Instant, str]:
    return not incident.open, incident.priority, -incident.opened_t, incident.incident
