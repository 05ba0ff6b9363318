"""What the centre knows: incidents, alarms, exercises. Only ``fold`` changes it.

Who is on duty and in reach stands in the live table alone, a byte a unit (live.py).
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from dispatch.clock import Instant
from dispatch.events import IncidentOpened
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    CommunityId,
    DrillId,
    IncidentId,
    ReportId,
    UnitId,
)
from dispatch.incident import Alarm, Assignment, Calling, Incident
from dispatch.lifecycle import STANDING
from dispatch.messages import Reply
from dispatch.records import Records
from dispatch.words import DRILL_PRIORITY, LIVE, AssignmentState

MOST_URGENT: Final = 1
NOT_BUSY: Final = DRILL_PRIORITY + 1
"""Less urgent than anything."""

COMMANDS_KEPT_MAX: Final = 10_000
"""Replies to commands already done: a busy day of ten operators. A command repeated after
ten thousand others is done again, as far as the life cycle still allows it."""

REPORTS_KEPT_MAX: Final = 10_000
"""Patrol reports remembered by name; the store's unique key catches older repetitions."""


PRESSES_KEPT_MAX: Final = 10_000
"""Presses of forgotten incidents remembered by name, so that one repeated while the store is
down is not taken for new. The store's unique key catches what is older."""


class Board:
    """The state folded from facts, with what is looked up in it often."""

    def __init__(self) -> None:
        self.incidents: dict[IncidentId, Incident] = {}
        self.alarms: dict[AlarmId, Alarm] = {}
        self.numbers: dict[tuple[CommunityId, str], int] = {}
        """The highest NNN used by (community, YYYYMMDD)."""
        self.replies: OrderedDict[CommandId, Reply] = OrderedDict()
        self.reports: OrderedDict[ReportId, str] = OrderedDict()
        """Digest by report."""
        self.past: OrderedDict[AlarmId, str] = OrderedDict()
        """Digest by press, of incidents no longer in memory."""
        self.unattended: set[CommunityId] = set()
        self.records = Records()
        self.books: dict[tuple[CommunityId, str], str] = {}
        """The text of every plan book that was adopted, by community and name."""
        self.drills: dict[CommunityId, tuple[DrillId, str]] = {}
        """The exercise that is on, and its name."""
        self._orders: dict[UnitId, dict[AssignmentId, IncidentId]] = {}
        self._unheard: dict[UnitId, dict[AssignmentId, IncidentId]] = {}
        """Orders taken back of which a unit's radio may not have heard."""
        self._of_sender: dict[UnitId, dict[IncidentId, None]] = {}
        self._undecided: dict[AlarmId, None] = {}
        self._ended: dict[IncidentId, None] = {}

    def remember_reply(self, command: CommandId, reply: Reply) -> None:
        """Keep what a command came to, and forget the oldest beyond the maximum."""
        self.replies[command] = reply
        if len(self.replies) > COMMANDS_KEPT_MAX:
            self.replies.popitem(last=False)

    def remember_report(self, report: ReportId, digest: str) -> None:
        """Keep a report's name, and forget the oldest beyond the maximum."""
        self.reports[report] = digest
        if len(self.reports) > REPORTS_KEPT_MAX:
            self.reports.popitem(last=False)

    def note_incident(self, incident: Incident) -> None:
        """Take in an incident that begins, or is read back."""
        self.incidents[incident.incident] = incident
        if incident.sender is not None:
            self._of_sender.setdefault(incident.sender, {})[incident.incident] = None
        self.note_end(incident)

    def note_end(self, incident: Incident) -> None:
        """It was closed, or reopened."""
        if incident.closed_t is None:
            self._ended.pop(incident.incident, None)
        else:
            self._ended[incident.incident] = None

    def note_alarm(self, alarm: Alarm) -> None:
        """Take in an alarm, or that it belongs to another incident now."""
        self.alarms[alarm.alarm] = alarm
        if alarm.incident is None:
            self._undecided[alarm.alarm] = None
        else:
            self._undecided.pop(alarm.alarm, None)

    def keep_only(self, communities: Collection[CommunityId]) -> int:
        """Let go of what belongs to other communities; gives back how many incidents and
        alarms that were."""
        known = {each.community for each in self.incidents.values()}
        known |= {each.community for each in self.alarms.values()}
        if known.issubset(communities):
            return 0
        kept, self._of_sender = list(self.incidents.values()), {}
        pressed, self._undecided = list(self.alarms.values()), {}
        self.incidents, self.alarms, self._orders, self._ended = {}, {}, {}, {}
        self._unheard = {}
        for incident in kept:
            if incident.community in communities:
                self.note_incident(incident)
                for assignment in incident.assignments.values():
                    self.note_assignment(incident.incident, assignment)
        for alarm in pressed:
            if alarm.community in communities:
                self.note_alarm(alarm)
        return len(kept) + len(pressed) - len(self.incidents) - len(self.alarms)

    def note_assignment(self, incident: IncidentId, assignment: Assignment) -> None:
        """Keep the indexes of orders in step with an assignment that changed."""
        if not assignment.cancel_heard:
            taken_back = self._unheard.setdefault(assignment.unit, {})
            taken_back[assignment.assignment] = incident
        orders = self._orders.setdefault(assignment.unit, {})
        if assignment.state in STANDING:
            orders[assignment.assignment] = incident
        else:
            orders.pop(assignment.assignment, None)
        if not orders:
            del self._orders[assignment.unit]

    def note_orders(self, orders: Iterable[tuple[IncidentId, Assignment]]) -> None:
        """What ``note_assignment`` does, for orders that are read back, oldest first."""
        standing, unheard = self._orders, self._unheard
        for incident, order in orders:
            unit = order.unit
            if order.state in STANDING:
                if unit not in standing:
                    standing[unit] = {}
                standing[unit][order.assignment] = incident
            if not order.cancel_heard:
                if unit not in unheard:
                    unheard[unit] = {}
                unheard[unit][order.assignment] = incident

    def unheard_of(self, unit: UnitId) -> list[tuple[Incident, Assignment]]:
        """The orders taken back of which this unit's radio has not said that it heard, those of
        the oldest incident first. They cost as much as there are of them."""
        found = []
        taken_back = self._unheard.get(unit, {})
        for assignment, incident_id in list(taken_back.items()):
            incident = self.incidents.get(incident_id)
            order = None if incident is None else incident.assignments.get(assignment)
            if incident is None or order is None or order.cancel_heard:
                del taken_back[assignment]
            else:
                found.append((incident, order))
        if unit in self._unheard and not taken_back:
            del self._unheard[unit]
        return sorted(found, key=_oldest_first)

    def orders_of(self, unit: UnitId) -> list[tuple[Incident, Assignment]]:
        """The orders that stand on this unit's radio, oldest first."""
        found = []
        for assignment, incident_id in self._orders.get(unit, {}).items():
            incident = self.incidents[incident_id]
            found.append((incident, incident.assignments[assignment]))
        return found

    def order(self, assignment: AssignmentId) -> tuple[Incident, Assignment] | None:
        """The assignment and its incident, or None where neither is in memory."""
        incident = self.incidents.get(IncidentId(assignment.rpartition("/")[0]))
        found = None if incident is None else incident.assignments.get(assignment)
        return None if incident is None or found is None else (incident, found)

    def is_live(self, unit: UnitId) -> bool:
        """Whether the unit is asked or coming to any incident."""
        return any(assignment.live for _, assignment in self.orders_of(unit))

    def busy_with(self, unit: UnitId) -> int:
        """The priority of the most urgent incident it is asked or coming to, or calls for help
        in; 0: it is free. Who calls for help, or is on scene somewhere, is called off nothing:
        they count as busy with what is most urgent."""
        if self.calls_for_help(unit):
            return 1
        orders = self.orders_of(unit)
        return min((_urgency(incident, each) for incident, each in orders if each.live), default=0)

    def all_busy(self, calling: Iterable[UnitId]) -> dict[UnitId, int]:
        """``busy_with`` of everybody who is busy, where all who call for help are ``calling``: by
        one look at everything, in the order in which it was read. By unit, memory is gone through
        at random, which takes four times as long."""
        busy = dict.fromkeys(calling, MOST_URGENT)
        for incident in self.incidents.values():
            for order in incident.assignments.values():
                if order.state in LIVE:
                    urgency = _urgency(incident, order)
                    if urgency < busy.get(order.unit, NOT_BUSY):
                        busy[order.unit] = urgency
        return busy

    def all_calling(self) -> dict[UnitId, Calling]:
        """Every unit that ``calls_for_help``, since when."""
        calling: dict[UnitId, Calling] = {}

        def note(unit: UnitId, since: Calling) -> None:
            calling[unit] = min(since, calling.get(unit, since))

        for alarm in self.undecided():
            note(alarm.unit, _pressed(alarm))
        for unit, incidents in self._of_sender.items():
            for incident in map(self.incidents.__getitem__, incidents):
                if _calls(incident):
                    note(unit, self._called(incident))
        return calling

    def ended(self) -> Iterator[Incident]:
        """Those that ended and are still at hand."""
        return (self.incidents[incident] for incident in self._ended)

    @property
    def ended_count(self) -> int:
        """How many these are."""
        return len(self._ended)

    def open_incidents(self) -> Iterator[Incident]:
        """Those that still need somebody, oldest first."""
        return (incident for incident in self.incidents.values() if incident.open)

    def of_sender(self, unit: UnitId) -> list[Incident]:
        """Incidents in memory that this unit raised, oldest first."""
        return [self.incidents[incident] for incident in self._of_sender.get(unit, ())]

    def calls_for_help(self, unit: UnitId) -> bool:
        """Whether the unit has an open incident of its own, or a press still undecided."""
        return any(map(_calls, self.of_sender(unit))) or any(
            alarm.unit == unit for alarm in self.undecided()
        )

    def calling_since(self, unit: UnitId) -> Calling | None:
        """Since when the unit ``calls_for_help``; None where it does not."""
        since = [_pressed(alarm) for alarm in self.undecided() if alarm.unit == unit]
        since += [self._called(each) for each in self.of_sender(unit) if _calls(each)]
        return min(since, default=None)

    def _called(self, incident: Incident) -> Calling:
        """Since when its sender calls for help by it: their first press, or that somebody opened
        it for them."""
        held = (self.alarms[each] for each in incident.alarms if each in self.alarms)
        pressed = (_pressed(alarm) for alarm in held if alarm.unit == incident.sender)
        return min(pressed, default=(incident.opened_t, incident.opened_t))

    def undecided(self) -> Iterator[Alarm]:
        """Alarms that belong to no incident yet."""
        return (self.alarms[alarm] for alarm in self._undecided)

    def is_late(self, incident: Incident) -> bool:
        """Whether it began with a press from a backlog and no live one has come since. A phone
        call that such a press joins is no less live for it."""
        first = incident.story[0]
        if isinstance(first, IncidentOpened) and first.alarm is None:
            return False
        alarms = [self.alarms[alarm] for alarm in incident.alarms if alarm in self.alarms]
        return bool(alarms) and all(alarm.late for alarm in alarms)

    def forget(self, incident_id: IncidentId) -> None:
        """Let go of an ended incident and its alarms; the store keeps them."""
        incident = self.incidents.pop(incident_id)
        assert not incident.open, "an open incident is never forgotten"
        self._ended.pop(incident_id, None)
        if incident.sender is not None:
            theirs = self._of_sender[incident.sender]
            del theirs[incident_id]
            if not theirs:
                del self._of_sender[incident.sender]
        for order in incident.assignments.values():
            if not order.cancel_heard:
                self._hear(order)
        for alarm_id in incident.alarms:
            alarm = self.alarms.pop(alarm_id, None)
            self._undecided.pop(alarm_id, None)
            if alarm is not None:
                self.past[alarm_id] = alarm.digest
        while len(self.past) > PRESSES_KEPT_MAX:
            self.past.popitem(last=False)

    def _hear(self, order: Assignment) -> None:
        taken_back = self._unheard.get(order.unit, {})
        taken_back.pop(order.assignment, None)
        if not taken_back:
            self._unheard.pop(order.unit, None)


def _calls(incident: Incident) -> bool:
    """Whether its sender calls for help by it."""
    return incident.open and incident.drill is None


def _pressed(alarm: Alarm) -> Calling:
    return alarm.received_t, alarm.device_t


def _oldest_first(found: tuple[Incident, Assignment]) -> tuple[Instant, IncidentId, Instant, str]:
    incident, order = found
    return incident.opened_t, incident.incident, order.offered_t, order.assignment


def _urgency(incident: Incident, order: Assignment) -> int:
    if incident.drill is not None:
        return DRILL_PRIORITY
    return MOST_URGENT if order.state is AssignmentState.ON_SCENE else incident.priority
