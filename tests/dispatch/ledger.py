"""Reads a journal fact by fact, and finds any that does not explain itself.

A fact names only what earlier facts made, each order says where it comes from, and no
timer fires twice. Nothing here looks at the hub: it is what an auditor sees.
"""

from dataclasses import dataclass, field

from dispatch.events import (
    AlarmJoined,
    AlarmLeft,
    AlarmReceived,
    AssignmentEvent,
    CancelAnswered,
    CancelRequested,
    DrillEnded,
    DrillStarted,
    Event,
    IncidentClosed,
    IncidentEscalated,
    IncidentEvent,
    IncidentLinked,
    IncidentOpened,
    IncidentReopened,
    IncidentTaken,
    LeaseLapsed,
    PlanChanged,
    ResponseDecided,
    SeenConfirmed,
    ShiftHandedOver,
    StepBegun,
    UnitAssigned,
)
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommunityId,
    DrillId,
    IncidentId,
    OperatorName,
    UnitId,
    unit_of,
)
from dispatch.words import EscalationReason, Rung

BY_MACHINE = {None, EscalationReason.NOBODY_THERE, EscalationReason.NOBODY_LEFT}
"""Why a step may begin without an operator."""


@dataclass(slots=True)
class Told:
    """What the journal has said of one incident."""

    drill: DrillId | None
    open: bool = True
    covert: bool = False
    holder: OperatorName | None = None
    lease: int = 0
    asked: AlarmId | None = None
    waves: set[tuple[int, UnitId]] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)
    """Those the machine began since an operator last chose one."""
    rungs: set[tuple[Rung, EscalationReason]] = field(default_factory=set)


class Ledger:
    """All that was said so far."""

    def __init__(self) -> None:
        self.incidents: dict[IncidentId, Told] = {}
        self.alarms: dict[AlarmId, UnitId] = {}
        self.orders: dict[AssignmentId, tuple[IncidentId, UnitId]] = {}
        self.whereabouts: dict[AlarmId, IncidentId | None] = {}
        """Which incident each press belongs to; None while it is on its way to another."""
        self.promised: set[IncidentId] = set()
        self.drills: dict[CommunityId, DrillId] = {}

    def read(self, fact: Event) -> None:
        """One more fact; AssertionError where it explains nothing."""
        match fact:
            case AlarmReceived():
                assert fact.alarm not in self.alarms, fact
                self.alarms[fact.alarm] = unit_of(fact.radio)
            case DrillStarted():
                assert fact.community not in self.drills, fact
                self.drills[fact.community] = fact.drill
            case DrillEnded():
                assert self.drills.pop(fact.community) == fact.drill, fact
            case ShiftHandedOver():
                for incident in fact.incidents:
                    assert self.incidents[incident].holder == fact.by, fact
            case IncidentOpened():
                self._opened(fact)
            case IncidentEvent():
                told = self.incidents[fact.incident]
                self._of_incident(told, fact)

    def balanced(self) -> None:
        """Between turns nothing is on its way."""
        assert not self.promised
        assert None not in self.whereabouts.values()

    def _opened(self, fact: IncidentOpened) -> None:
        assert fact.incident not in self.incidents, fact
        assert fact.linked_to is None or fact.linked_to in self.incidents, fact
        assert (fact.alarm is not None) or (fact.by is not None), fact
        assert fact.drill in (None, *self.drills.values(), *self._drills_of_incidents()), fact
        self.incidents[fact.incident] = Told(drill=fact.drill, covert=fact.covert)
        self.promised.discard(fact.incident)
        if fact.alarm is not None:
            assert self.alarms[fact.alarm] == fact.sender, fact
            assert self.whereabouts.get(fact.alarm) is None, fact
            self.whereabouts[fact.alarm] = fact.incident

    def _drills_of_incidents(self) -> set[DrillId | None]:
        """A split one belongs to the exercise of the first, which may be over."""
        return {told.drill for told in self.incidents.values()}

    def _of_incident(self, told: Told, fact: IncidentEvent) -> None:
        match fact:
            case AlarmJoined():
                assert self.whereabouts.get(fact.alarm) is None, fact
                assert fact.alarm in self.alarms, fact
                if fact.moved_from is not None:
                    assert self.incidents[fact.moved_from].drill == told.drill, fact
                self.whereabouts[fact.alarm] = fact.incident
            case AlarmLeft():
                assert self.whereabouts[fact.alarm] == fact.incident, fact
                self.whereabouts[fact.alarm] = None
                if fact.to not in self.incidents:
                    self.promised.add(fact.to)
            case IncidentLinked():
                assert fact.other in self.incidents, fact
                assert fact.other != fact.incident, fact
            case ResponseDecided():
                told.waves |= {(fact.wave, unit) for unit in fact.called}
                assert len(set(fact.called)) == len(fact.called), fact
            case UnitAssigned():
                self._assigned(told, fact)
            case AssignmentEvent():
                assert self.orders[fact.assignment] == (fact.incident, fact.unit), fact
            case IncidentTaken():
                assert fact.lease == told.lease + 1, fact
                assert fact.taken_from == told.holder, fact
                assert fact.taken_from is None or fact.taken_from != fact.by, fact
                told.holder, told.lease = fact.by, fact.lease
            case LeaseLapsed():
                assert (fact.by, fact.lease) == (told.holder, told.lease), fact
                told.holder, told.rungs = None, set()
            case CancelRequested():
                assert self.alarms[fact.alarm] == fact.unit, fact
                assert self.whereabouts[fact.alarm] == fact.incident, fact
                told.asked = fact.alarm
            case CancelAnswered():
                assert told.asked is not None, fact
                told.asked = None
            case SeenConfirmed():
                assert self.whereabouts[fact.alarm] == fact.incident, fact
                assert told.holder is not None, fact
            case _:
                _of_response(told, fact)
        if isinstance(fact, IncidentClosed):
            other = fact.duplicate_of
            assert other is None or (other in self.incidents and other != fact.incident), fact

    def _assigned(self, told: Told, fact: UnitAssigned) -> None:
        """A decision, an operator, an own offer or a merge."""
        decided = (fact.wave, fact.unit) in told.waves
        assert (fact.wave > 0) == decided, fact
        assert decided or (fact.by is not None) != fact.volunteered, fact
        if fact.carried_from is not None:
            assert self.orders[fact.carried_from][1] == fact.unit, fact
        assert fact.assignment not in self.orders, fact
        assert told.open, fact
        self.orders[fact.assignment] = (fact.incident, fact.unit)


def _of_response(told: Told, fact: IncidentEvent) -> None:
    """Each timer fires once in a round, and what ended is not ended again."""
    match fact:
        case StepBegun():
            assert told.open, fact
            if fact.by is None:
                assert fact.reason in BY_MACHINE, fact
                assert fact.step not in told.steps, fact
            else:
                assert fact.reason is EscalationReason.BY_OPERATOR, fact
                told.steps.clear()
            told.steps.add(fact.step)
        case PlanChanged():
            told.steps.clear()
        case IncidentEscalated():
            assert told.open, fact
            assert (fact.rung, fact.reason) not in told.rungs, fact
            told.rungs.add((fact.rung, fact.reason))
        case IncidentClosed():
            assert told.open, fact
            told.open = False
        case IncidentReopened():
            assert not told.open, fact
            told.open, told.holder, told.asked = True, None, None
            told.steps.clear()
            told.rungs.clear()
