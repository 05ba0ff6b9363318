"""How long each step of an incident took, from the button to the last who left. Pure.

Each interval is told only where both its ends happened. The names are those of the field:
answering, processing, turnout, travel (NFPA 1225, NFPA 1710), with the radio's own way before.
"""

from collections.abc import Mapping
from typing import Final

from dispatch.clock import MILLISECOND, Instant
from dispatch.ids import AlarmId
from dispatch.incident import Alarm, Incident
from dispatch.words import AssignmentState

INTERVALS: Final = (
    ("device_to_received", "device", "received"),
    ("received_to_decided", "received", "decided"),
    ("received_to_taken", "received", "taken"),
    ("received_to_first_order_heard", "received", "order_heard"),
    ("received_to_first_accepted", "received", "accepted"),
    ("accepted_to_en_route", "accepted", "en_route"),
    ("en_route_to_on_scene", "en_route", "on_scene"),
    ("received_to_on_scene", "received", "on_scene"),
    ("on_scene_to_clear", "on_scene", "clear"),
    ("received_to_closed", "received", "closed"),
)
"""Name, from which moment, to which."""


def moments(incident: Incident, alarms: Mapping[AlarmId, Alarm]) -> dict[str, Instant]:
    """When each thing happened for the first time; what did not, is not there.

    ``device`` is what the first radio's clock said, where that is known to go right: the other
    moments are ours, and between two clocks there is no interval. ``clear`` is the last one.
    """
    first = next((alarms[each] for each in incident.alarms if each in alarms), None)
    found: dict[str, Instant | None] = {
        "device": first.device_t if first is not None and _is_timed(first) else None,
        "received": incident.opened_t if first is None else first.received_t,
        "decided": min((each.t for each in incident.decisions), default=None),
        "taken": incident.first_taken_t,
        "order_heard": _first(incident, AssignmentState.RECEIVED),
        "accepted": _first(incident, AssignmentState.ACCEPTED),
        "en_route": _first(incident, AssignmentState.EN_ROUTE),
        "on_scene": _first(incident, AssignmentState.ON_SCENE),
        "clear": max(_times(incident, AssignmentState.CLEAR), default=None),
        "closed": incident.closed_t,
    }
    return {name: t for name, t in found.items() if t is not None}


def intervals_ms(incident: Incident, alarms: Mapping[AlarmId, Alarm]) -> dict[str, int]:
    """Milliseconds of each interval of INTERVALS that has both ends. One that would be negative
    (a radio's clock a little ahead; somebody there who never said that they went) is left out."""
    at = moments(incident, alarms)
    spans = {
        name: (at[end] - at[begin]) // MILLISECOND
        for name, begin, end in INTERVALS
        if begin in at and end in at
    }
    return {name: span for name, span in spans.items() if span >= 0}


def _is_timed(press: Alarm) -> bool:
    return not press.late and press.clock_off_us == 0


def _times(incident: Incident, state: AssignmentState) -> list[Instant]:
    return [each.times[state] for each in incident.assignments.values() if state in each.times]


def _first(incident: Incident, state: AssignmentState) -> Instant | None:
    return min(_times(incident, state), default=None)
