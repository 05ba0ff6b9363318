"""One turn of the hub: collects its facts and messages, and leaves everything settled.

Handlers record facts, which change the board at once. What follows from the changed
state (a further wave, an order to send again, the next deadline) is not theirs to
remember: when the turn ends, every incident that was touched is settled.
"""

from collections.abc import Callable
from typing import Final

from dispatch.clock import Instant
from dispatch.desk import Desk
from dispatch.events import (
    AlarmConflicted,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    AssignmentEvent,
    ConsoleAttended,
    ConsoleUnattended,
    Event,
    IncidentEvent,
    RadioConnected,
    RadioLost,
    RadioRevoked,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import AlarmId, CommunityId, IncidentId, RadioId, UnitId, unit_of
from dispatch.messages import CallPeople, Effects, Message, Reply
from dispatch.outgoing import Outgoing, RadioMessage, RadioTopic, ToConsoles, ToRadio

SETTLE_STEPS_MAX: Final = 10_000
"""Incidents settled in one turn. One settling touches others at most once (a silent unit's
older order is replaced), so this is never reached; it keeps a mistake from hanging the hub."""


class Turn:
    """What happens at one instant."""

    def __init__(self, desk: Desk, now: Instant, apply: Callable[[Event], None]) -> None:
        self.desk = desk
        self.board = desk.board
        self.now = now
        self.reply: Reply | None = None
        self._apply = apply
        self._facts: list[Event] = []
        self._outgoing: list[Outgoing] = []
        self._follow: list[Message] = []
        self._onward: list[Message] = []
        self._unsettled: dict[IncidentId, None] = {}
        self._incidents: set[IncidentId] = set()
        self._units: set[UnitId] = set()
        self._undecided: set[AlarmId] = set()
        self._status = False
        self.came_free: dict[CommunityId, set[UnitId]] = {}
        """Whom this turn made free to be called, or brought into reach. Answers are not looked at
        for it while nothing looks for people."""

    def record(self, fact: Event) -> None:
        """It happened: the board changes, and the journal will hold it."""
        self._touch_alarm_of(fact)
        self._apply(fact)
        self._facts.append(fact)
        self._touch(fact)

    def emit(self, fact: Event) -> None:
        """It is to be stored first, and applied only then."""
        self._facts.append(fact)

    def absorb(self, fact: Event) -> None:
        """It was stored in an earlier turn; now it changes the board. Nobody is shown it before
        it is opened, or that failed."""
        self._apply(fact)

    def send(
        self,
        radio: RadioId,
        topic: RadioTopic,
        message: RadioMessage,
        *,
        promise: bool = False,
        rests_on_earlier: bool = False,
    ) -> None:
        """To one radio; a promise waits until the facts are on disk, those of earlier turns too
        where it rests on them."""
        record = self.desk.roster.radios.get(radio)
        if record is not None and not record.revoked:
            community = record.community
            self._outgoing.append(
                ToRadio(
                    community=community,
                    radio=radio,
                    topic=topic,
                    message=message,
                    needs_commit=promise,
                    rests_on_earlier=rests_on_earlier,
                )
            )

    def tell(self, outgoing: Outgoing) -> None:
        """To the world, as it is."""
        self._outgoing.append(outgoing)

    def follow(self, message: Message) -> None:
        """To be handled as a turn of its own, after this one is stored."""
        self._follow.append(message)

    def call_next(self, incident: IncidentId) -> None:
        """It has just opened: shown first, and then people are called, in a turn of its own."""
        self.desk.uncalled.add(incident)
        self._onward.append(CallPeople(incident=incident))

    def count(self, what: str) -> None:
        """One more of these, for the metrics."""
        self.desk.counts[what] += 1

    def look_at(self, incident: IncidentId) -> None:
        """Something about it changed besides facts: settle it and tell the consoles."""
        self._unsettled[incident] = None
        self._incidents.add(incident)

    def resettle(self, incident: IncidentId) -> None:
        """Its deadlines may be others now; nobody sees a difference."""
        self._unsettled[incident] = None

    def look_at_unit(self, unit: UnitId) -> None:
        """The unit looks different on the consoles."""
        self._units.add(unit)

    def look_at_alarm(self, alarm: AlarmId) -> None:
        """The list of undecided alarms, or an alarm's incident, looks different."""
        found = self.board.alarms.get(alarm)
        if found is not None and found.incident is not None:
            self._incidents.add(found.incident)
        else:
            self._undecided.add(alarm)

    def look_at_status(self) -> None:
        """The links, or who is present, changed."""
        self._status = True

    def next_unsettled(self) -> IncidentId | None:
        """Takes the next incident to settle; None once all are."""
        if not self._unsettled:
            return None
        first = next(iter(self._unsettled))
        del self._unsettled[first]
        return first

    def effects(self) -> Effects:
        """All that this turn wants done."""
        if self._incidents or self._units or self._undecided or self._status:
            self._outgoing.append(
                ToConsoles(
                    incidents=frozenset(self._incidents),
                    units=frozenset(self._units),
                    undecided=frozenset(self._undecided),
                    status=self._status,
                )
            )
        return Effects(
            facts=tuple(self._facts),
            outgoing=tuple(self._outgoing),
            follow=tuple(self._follow),
            onward=tuple(self._onward),
            reply=self.reply,
        )

    def _touch_alarm_of(self, fact: Event) -> None:
        """An alarm that was on the undecided list leaves it when an incident takes it in."""
        alarm = self.board.alarms.get(getattr(fact, "alarm", None) or AlarmId(""))
        if alarm is not None and alarm.undecided:
            self._undecided.add(alarm.alarm)

    def _touch(self, fact: Event) -> None:
        match fact:
            case IncidentEvent():
                self.look_at(fact.incident)
                self._touch_units(fact)
            case AlarmReceived() | AlarmRepeated() | AlarmConflicted() | AlarmUndecided():
                self.look_at_alarm(fact.alarm)
            case UnitSignedOn() | UnitSignedOff():
                self._units.add(fact.unit)
                if isinstance(fact, UnitSignedOn):
                    self._came_free(fact.community, fact.unit)
            case RadioConnected() | RadioLost() | RadioRevoked():
                self._units.add(unit_of(fact.radio))
                if isinstance(fact, RadioConnected):
                    self._came_free(fact.community, unit_of(fact.radio))
            case ConsoleAttended() | ConsoleUnattended():
                self._status = True

    def _touch_units(self, fact: IncidentEvent) -> None:
        if isinstance(fact, UnitAssigned | AssignmentEvent):
            self._units.add(fact.unit)
            if self.desk.looks and not self.board.busy_with(fact.unit):
                self._came_free(fact.community, fact.unit)
        incident = self.board.incidents.get(fact.incident)
        if incident is not None and incident.sender is not None:
            self._units.add(incident.sender)
            if not incident.open:
                self._came_free(fact.community, incident.sender)

    def _came_free(self, community: CommunityId, unit: UnitId) -> None:
        self.came_free.setdefault(community, set()).add(unit)
