"""What an exercise came to: times per incident and per unit against the plan's target. Pure.

It is the one place where incidents of exercises are counted at all; every other figure
leaves them out.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.docs import ms, ms_or_none
from console.wire import Doc, Name
from dispatch.clock import MILLISECOND, SECOND, Instant
from dispatch.ids import AlarmId, UnitId, radio_of
from dispatch.incident import Alarm, Assignment, Incident
from dispatch.intervals import INTERVALS, intervals_ms
from dispatch.plan import Library
from dispatch.roster import Roster
from dispatch.store.port import DrillRow
from dispatch.words import AssignmentState

ARRIVAL: Final = "received_to_on_scene"
"""The interval that the plan's target is about."""

UNIT_SPANS: Final = (
    ("order_to_heard", AssignmentState.OFFERED, AssignmentState.RECEIVED),
    ("order_to_accepted", AssignmentState.OFFERED, AssignmentState.ACCEPTED),
    ("order_to_on_scene", AssignmentState.OFFERED, AssignmentState.ON_SCENE),
    ("on_scene_to_clear", AssignmentState.ON_SCENE, AssignmentState.CLEAR),
)
"""Name, from which state of an order, to which."""

WENT: Final = frozenset(
    {AssignmentState.ACCEPTED, AssignmentState.EN_ROUTE, AssignmentState.ON_SCENE}
)
ANSWERED: Final = WENT | {AssignmentState.DECLINED, AssignmentState.CLEAR}


class SpanDoc(Doc):
    """One interval over several incidents or orders (milliseconds)."""

    count: int
    """How many had both its ends."""
    median: int
    longest: int


class DrillIncidentDoc(Doc):
    """One incident of the exercise."""

    id: str
    kind: str
    priority: int
    plan: str
    phase: str
    disposition: str | None
    opened_t: int
    closed_t: int | None
    taken_by: str | None
    waves: int
    asked: int
    """Orders sent, by the machine and by hand."""
    came: int
    """Units that were on scene."""
    intervals: dict[str, int]
    """Milliseconds (dispatch/intervals.py)."""
    target_s: float | None
    """Of the plan: somebody on scene so soon; null where the plan is not known any more."""
    met: bool | None
    """Whether it was met; null while that is open, or where the incident ended before."""


class DrillUnitDoc(Doc):
    """What one unit did in the exercise."""

    unit: str
    call_sign: str
    role: str
    asked: int
    accepted: int
    declined: int
    came: int
    silent: int
    """Orders that expired with no answer ..."""
    unheard: int
    """... and of these, ones that its radio never had."""
    spans: dict[str, SpanDoc]
    """order_to_heard | order_to_accepted | order_to_on_scene | on_scene_to_clear"""


class DrillReport(Doc):
    """``GET /api/v1/drills/{id}``: the report of an exercise, while it is on and afterwards."""

    id: str
    community: str
    community_name: Name
    zone: str
    name: str
    by: str
    started_t: int
    ended_t: int | None
    """null: it is on"""
    now: int
    incidents: list[DrillIncidentDoc]
    """Oldest first."""
    incidents_left_out: bool
    """There are more than are told here."""
    units: list[DrillUnitDoc]
    """By call sign."""
    spans: dict[str, SpanDoc]
    """Each interval over all incidents."""
    targets: int
    """Incidents whose target was met or missed, and ..."""
    targets_met: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """All there is to know of one."""

    drill: DrillRow
    incidents: Sequence[Incident]
    alarms: Mapping[AlarmId, Alarm]
    left_out: bool


def drill_report(
    exercise: Exercise, roster: Roster, library: Library | None, now: Instant
) -> DrillReport:
    """The report as it stands at ``now``."""
    drill = exercise.drill
    community = roster.communities.get(drill.community)
    told = [
        _incident(each, exercise.alarms, library, now)
        for each in sorted(exercise.incidents, key=lambda i: (i.opened_t, i.incident))
    ]
    judged = [each.met for each in told if each.met is not None]
    return DrillReport(
        id=drill.drill,
        community=drill.community,
        community_name=Name(
            zh=drill.community if community is None else community.name_zh,
            en=drill.community if community is None else community.name_en,
        ),
        zone="UTC" if community is None else community.zone,
        name=drill.name,
        by=drill.by,
        started_t=ms(drill.started_t),
        ended_t=ms_or_none(drill.ended_t),
        now=ms(now),
        incidents=told,
        incidents_left_out=exercise.left_out,
        units=_units(exercise.incidents, roster),
        spans=_spans([name for name, _, _ in INTERVALS], [each.intervals for each in told]),
        targets=len(judged),
        targets_met=sum(judged),
    )


def _incident(
    incident: Incident, alarms: Mapping[AlarmId, Alarm], library: Library | None, now: Instant
) -> DrillIncidentDoc:
    plan = None if library is None else library.plan(incident.plan)
    orders = incident.assignments.values()
    intervals = intervals_ms(incident, alarms)
    target_s = None if plan is None else plan.target_s
    return DrillIncidentDoc(
        id=incident.incident,
        kind=incident.kind,
        priority=incident.priority,
        plan=incident.plan,
        phase=incident.phase,
        disposition=incident.disposition,
        opened_t=ms(incident.opened_t),
        closed_t=ms_or_none(incident.closed_t),
        taken_by=incident.taken_by,
        waves=len(incident.decisions),
        asked=sum(each.carried_from is None for each in orders),
        came=len({each.unit for each in orders if AssignmentState.ON_SCENE in each.times}),
        intervals=intervals,
        target_s=target_s,
        met=None if target_s is None else _met(incident, intervals, target_s, now),
    )


def _met(
    incident: Incident, intervals: Mapping[str, int], target_s: float, now: Instant
) -> bool | None:
    """An incident that ended before its target was over says nothing about it."""
    if ARRIVAL in intervals:
        return intervals[ARRIVAL] * MILLISECOND <= target_s * SECOND
    until = now if incident.closed_t is None else incident.closed_t
    return False if until - incident.opened_t > target_s * SECOND else None


def _units(incidents: Iterable[Incident], roster: Roster) -> list[DrillUnitDoc]:
    orders: dict[UnitId, list[Assignment]] = defaultdict(list)
    for incident in incidents:
        for each in incident.assignments.values():
            orders[each.unit].append(each)
    told = [_unit(unit, each, roster) for unit, each in orders.items()]
    return sorted(told, key=lambda doc: (doc.call_sign, doc.unit))


def _unit(unit: UnitId, orders: Sequence[Assignment], roster: Roster) -> DrillUnitDoc:
    record = roster.radios.get(radio_of(unit))
    spans = [
        {
            name: (each.times[end] - each.times[begin]) // MILLISECOND
            for name, begin, end in UNIT_SPANS
            if begin in each.times and end in each.times
        }
        for each in orders
    ]
    counts = Counter(what for each in orders for what in _what_came_of(each))
    return DrillUnitDoc(
        unit=unit,
        call_sign=unit if record is None else record.call_sign,
        role=orders[-1].role,
        asked=counts["asked"],
        accepted=counts["accepted"],
        declined=counts["declined"],
        came=counts["came"],
        silent=counts["silent"],
        unheard=counts["unheard"],
        spans=_spans([name for name, _, _ in UNIT_SPANS], spans),
    )


def _what_came_of(order: Assignment) -> list[str]:
    """An order that was taken back before its time was up is nobody's silence; one carried on
    from a merged incident was asked there."""
    states = order.times.keys()
    silent = AssignmentState.EXPIRED in states and not ANSWERED & states
    found = {
        "asked": order.carried_from is None,
        "accepted": bool(WENT & states) and order.carried_from is None,
        "declined": AssignmentState.DECLINED in states,
        "came": AssignmentState.ON_SCENE in states,
        "silent": silent,
        "unheard": silent and AssignmentState.RECEIVED not in states,
    }
    return [what for what, is_so in found.items() if is_so]


def _spans(names: Iterable[str], of: Sequence[Mapping[str, int]]) -> dict[str, SpanDoc]:
    """Those that anybody had, in the order of the names."""
    found: dict[str, SpanDoc] = {}
    for name in names:
        had = [each[name] for each in of if each.get(name, -1) >= 0]
        if had:
            found[name] = SpanDoc(
                count=len(had), median=round(statistics.median(had)), longest=max(had)
            )
    return found
