"""Tells the stream as a story, a line at a time. Knows no socket and no terminal.

It remembers who is called what and how far each incident's story was told, and
forgets an incident when the hub does.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.story_lines import PLAIN_OF_UNIT as PLAIN_OF_UNIT
from console.story_lines import StoryLines, number
from console.wire import (
    AlarmDoc,
    Beat,
    Behind,
    Change,
    Hello,
    IncidentDoc,
    Part,
    ServerMessage,
    Snapshot,
    StatusDoc,
    StoryDoc,
    UnitDoc,
)
from console.words import Tongue

UTC: Final = "UTC"
LINE_LENGTH_MAX: Final = 1_000
"""A note may be two pages; a terminal tells its beginning."""


class Teller:
    """Makes lines of messages."""

    def __init__(self, tongue: Tongue) -> None:
        self._say = tongue
        self._zones: dict[str, str] = {}
        self._units: dict[str, UnitDoc] = {}
        self._told: dict[str, int] = {}
        """Units that went to each incident."""
        self._undecided: set[str] = set()
        self._by_hand: set[str] = set()
        """Incidents nobody could be chosen for, as was told."""
        self._status: StatusDoc | None = None
        self._opening: Snapshot | None = None
        """A snapshot of which parts are still to come."""
        self._lines = StoryLines(tongue, name=self._name)

    def hear(self, message: ServerMessage) -> list[str]:
        """The lines for one message; most beats have none."""
        match message:
            case Hello():
                self._zones = {each.id: each.zone for each in message.communities}
                return []
            case Snapshot(parts=0):
                self._opening = None
                return [_printable(line) for line in self._begin(message)]
            case Snapshot():
                self._opening = message
                return []
            case Part():
                return self._gather(message, message.left) if self._opening else []
            case Change() if self._opening:
                return self._gather(message, 1)
            case Change():
                return [_printable(line) for line in self._go_on(message)]
            case Behind():
                return [self._say("say", "behind")]
            case Beat():
                return []

    def know(self, units: Iterable[UnitDoc]) -> None:
        """Call these units by their call signs from now on."""
        self._units.update((each.id, each) for each in units)

    def tell(self, incident: IncidentDoc, line: StoryDoc) -> str:
        """What one line of a story says, without its time; empty where another line says it."""
        return self._lines.tell(incident, line)

    # --- messages ---

    def _begin(self, snapshot: Snapshot) -> Iterator[str]:
        """A page opens in the middle of the night: where things stand, then what is new."""
        known = bool(self._units)
        self._units = {each.id: each for each in snapshot.units}
        if known:
            yield from self._news(snapshot.incidents, snapshot.now)
        else:
            held = [each for each in snapshot.incidents if each.closed_t is None]
            yield f"{self._clock(snapshot.now)} {self._summary(snapshot, held)}"
            for each in reversed(held):
                yield f"  {self._tag(each)} {self._lines.opening(each)} · {self._phase(each)}"
        self._told = {each.id: _length(each) for each in snapshot.incidents}
        yield from self._stuck(snapshot.undecided, snapshot.now)
        yield from self._links(snapshot.status, snapshot.now)

    def _gather(self, message: Part | Change, left: int) -> list[str]:
        """A snapshot in parts is told once it is whole, with what changed meanwhile in it."""
        opening = self._opening
        assert opening is not None
        incidents = {each.id: each for each in (*opening.incidents, *message.incidents)}
        units = {each.id: each for each in (*opening.units, *message.units)}
        if isinstance(message, Change):
            opening.now = message.now
            opening.status = message.status or opening.status
            if message.undecided is not None:
                opening.undecided = message.undecided
            for gone in message.incidents_gone:
                incidents.pop(gone, None)
        opening.incidents, opening.units = list(incidents.values()), list(units.values())
        if left:
            return []
        self._opening = None
        return [_printable(line) for line in self._begin(opening)]

    def _go_on(self, change: Change) -> Iterator[str]:
        for unit in change.units:
            yield from self._unit(unit, change.now)
        yield from self._news(change.incidents, change.now)
        for gone in change.incidents_gone:
            self._told.pop(gone, None)
            self._by_hand.discard(gone)
        if change.undecided is not None:
            yield from self._stuck(change.undecided, change.now)
        if change.status is not None:
            yield from self._links(change.status, change.now)

    def _news(self, incidents: Iterable[IncidentDoc], now: int) -> Iterator[str]:
        for each in sorted(incidents, key=lambda doc: doc.opened_t):
            already = self._told.get(each.id, 0)
            self._told[each.id] = _length(each)
            for line in each.story[max(0, already - each.story_left_out) :]:
                told = self._line(each, line)
                if told:
                    yield f"{self._clock(line.t, each.community)} {told}"
            if not already and any(not alarm.stored for alarm in each.alarms):
                not_stored = self._say("say", "not_stored")
                yield f"{self._clock(now, each.community)} {self._tag(each)} {not_stored}"
            by_hand = any(alarm.undecided for alarm in each.alarms)
            if by_hand and each.id not in self._by_hand:
                said = self._say("say", "undecided")
                yield f"{self._clock(now, each.community)} {self._tag(each)} {said}"
            (self._by_hand.add if by_hand else self._by_hand.discard)(each.id)

    def _unit(self, unit: UnitDoc, now: int) -> Iterator[str]:
        before = self._units.get(unit.id)
        self._units[unit.id] = unit
        if before is None:
            return
        at = self._clock(now, unit.community)
        if unit.on_duty != before.on_duty:
            said = self._say("say", "on_duty" if unit.on_duty else "off_duty")
            yield f"{at} {unit.call_sign} {said}"
        if unit.online != before.online and unit.on_duty:
            said = self._say("say", "online" if unit.online else "offline")
            yield f"{at} {unit.call_sign} {said}"

    def _stuck(self, undecided: list[AlarmDoc], now: int) -> Iterator[str]:
        for alarm in undecided:
            if alarm.id not in self._undecided:
                said = self._say("say", "undecided")
                yield f"{self._clock(now)} {self._name(alarm.unit)} {said}"
        self._undecided = {alarm.id for alarm in undecided}

    def _links(self, status: StatusDoc, now: int) -> Iterator[str]:
        before, self._status = self._status, status
        at = self._clock(now)
        for link in ("store", "broker"):
            why = getattr(status, f"{link}_down")
            was = "" if before is None else getattr(before, f"{link}_down")
            if why and why != was:
                yield f"{at} {self._say('say', f'{link}_down')}{self._colon}{why}"
            elif was and not why:
                yield f"{at} {self._say('say', f'{link}_up')}"
        were = set() if before is None else set(before.operators)
        for name in sorted(set(status.operators) - were):
            yield f"{at} {name} {self._say('say', 'sits')}"
        for name in sorted(were - set(status.operators)):
            yield f"{at} {name} {self._say('say', 'leaves')}"
        on = {each.id: each for each in status.drills}
        was_on = {} if before is None else {each.id: each for each in before.drills}
        for drill in sorted(on.keys() - was_on.keys()):
            yield f"{at} {self._say('fact', 'DrillStarted')}{self._colon}{on[drill].name}"
        for drill in sorted(was_on.keys() - on.keys()):
            yield f"{at} {self._say('fact', 'DrillEnded')}{self._colon}{was_on[drill].name}"

    # --- lines ---

    def _line(self, incident: IncidentDoc, line: StoryDoc) -> str:
        """One line of an incident's story; empty for what another line tells."""
        told = self._lines.tell(incident, line)
        if not told:
            return ""
        if line.what == "IncidentOpened":
            return f"{self._drill} {told}" if incident.drill else told
        return f"{self._tag(incident)} {told}"

    def _tag(self, incident: IncidentDoc) -> str:
        """Its number; nothing of an exercise is ever told without saying so."""
        mark = f" {self._drill}" if incident.drill else ""
        return f"#{number(incident.id)}{mark}"

    def _summary(self, snapshot: Snapshot, held: list[IncidentDoc]) -> str:
        """What is open, exercises apart."""
        real = sum(each.drill is None for each in held)
        told = self._say("say", "now", open=real, units=snapshot.status.units_on_duty)
        drills = len(held) - real
        return told + self._say("say", "now_drills", count=drills) if drills else told

    def _phase(self, incident: IncidentDoc) -> str:
        phase = self._say("phase", incident.phase)
        by = incident.taken_by
        return phase + self._say("mark", "bracket", text=by) if by else phase

    def _name(self, unit: str) -> str:
        known = self._units.get(unit)
        return unit if known is None else known.call_sign

    @property
    def _drill(self) -> str:
        return self._say("say", "drill")

    @property
    def _colon(self) -> str:
        return self._say("mark", "colon")

    def _clock(self, t_ms: int, community: str = "") -> str:
        """The time of day where it happened; of the first community for what concerns all."""
        zone = self._zones.get(community) or next(iter(self._zones.values()), UTC)
        try:
            return datetime.fromtimestamp(t_ms / 1000, ZoneInfo(zone)).strftime("%H:%M:%S")
        except (ZoneInfoNotFoundError, ValueError, OverflowError, OSError):
            return "--:--:--"


def _length(incident: IncidentDoc) -> int:
    return incident.story_left_out + len(incident.story)


def _printable(line: str) -> str:
    """Nothing in it moves a cursor or turns text around, whatever a server sends."""
    shown = line if len(line) <= LINE_LENGTH_MAX else line[: LINE_LENGTH_MAX - 1] + "…"
    return "".join(c if c.isprintable() else " " for c in shown)
