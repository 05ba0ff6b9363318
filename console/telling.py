"""Tells the stream as a story, a line at a time. Knows no socket and no terminal.

It remembers who is called what and how far each incident's story was told, and
forgets an incident when the hub does.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.wire import (
    AlarmDoc,
    Beat,
    Behind,
    Change,
    Hello,
    IncidentDoc,
    PlaceDoc,
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

PLAIN_OF_UNIT: Final = frozenset(
    {
        "OrderReceived",
        "UnitAccepted",
        "UnitEnRoute",
        "UnitArrived",
        "UnitCleared",
        "AssignmentExpired",
        "SeenConfirmed",
    }
)
"""Facts told as: who, what."""


class Teller:
    """Makes lines of messages."""

    def __init__(self, tongue: Tongue) -> None:
        self._say = tongue
        self._zones: dict[str, str] = {}
        self._units: dict[str, UnitDoc] = {}
        self._told: dict[str, int] = {}
        self._undecided: set[str] = set()
        self._status: StatusDoc | None = None

    def hear(self, message: ServerMessage) -> list[str]:
        """The lines for one message; most beats have none."""
        match message:
            case Hello():
                self._zones = {each.id: each.zone for each in message.communities}
                return []
            case Snapshot():
                return [_printable(line) for line in self._begin(message)]
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
        return self._story(incident, line)

    # --- messages ---

    def _begin(self, snapshot: Snapshot) -> Iterator[str]:
        """A page opens in the middle of the night: where things stand, then what is new."""
        known = bool(self._units)
        self._units = {each.id: each for each in snapshot.units}
        if known:
            yield from self._news(snapshot.incidents, snapshot.now)
        else:
            held = [each for each in snapshot.incidents if each.closed_t is None]
            summary = self._say("say", "now", open=len(held), units=snapshot.status.units_on_duty)
            yield f"{self._clock(snapshot.now)} {summary}"
            for each in reversed(held):
                yield f"  #{_number(each)} {self._opening(each)} · {self._phase(each)}"
        self._told = {each.id: _length(each) for each in snapshot.incidents}
        yield from self._stuck(snapshot.undecided, snapshot.now)
        yield from self._links(snapshot.status, snapshot.now)

    def _go_on(self, change: Change) -> Iterator[str]:
        for unit in change.units:
            yield from self._unit(unit, change.now)
        yield from self._news(change.incidents, change.now)
        for gone in change.incidents_gone:
            self._told.pop(gone, None)
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
                yield f"{self._clock(now, each.community)} #{_number(each)} {not_stored}"

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

    # --- lines ---

    def _line(self, incident: IncidentDoc, line: StoryDoc) -> str:
        """One line of an incident's story; empty for what another line tells."""
        told = self._story(incident, line)
        if told and line.what != "IncidentOpened":
            return f"#{_number(incident)} {told}"
        return told

    def _story(self, incident: IncidentDoc, line: StoryDoc) -> str:
        who = self._name(line.unit) if line.unit else line.by or ""
        fact = self._say("fact", line.what)
        match line.what:
            case "IncidentOpened":
                return f"{self._opening(incident)} · #{_number(incident)}"
            case "AlarmJoined":
                return f"{who} {self._say('say', 'again')}{self._where(incident.place)}"
            case "ResponseDecided":
                return self._wave(incident, line)
            case "UnitAssigned":
                return f"{line.by} {self._say('say', 'sends')} {who}" if line.by else ""
            case "UnitDeclined" | "NoteAdded" | "IncidentReopened":
                return f"{who} {fact}{self._words(line)}"
            case "AssignmentWithdrawn":
                return f"{who} {fact} ({self._say('withdraw', line.reason or '')})"
            case "IncidentTaken":
                return f"{who} {fact}"
            case "IncidentEscalated":
                rung = self._say("rung", line.rung or "")
                return f"{fact}{self._colon}{rung} ({self._say('escalation', line.reason or '')})"
            case "IncidentClosed":
                ended = self._say("disposition", line.disposition or "")
                return f"{who} {fact}{self._colon}{ended}{self._words(line)}"
            case what if what in PLAIN_OF_UNIT:
                return f"{who} {fact}"
            case _:
                return f"{who} {fact}".strip()

    def _opening(self, incident: IncidentDoc) -> str:
        kind = self._say("kind", incident.kind)
        if incident.sender is None:
            by = incident.opened_by or self._say("say", "by_phone")
            told = f"{by} {self._say('say', 'opened')}{self._colon}{kind}"
        elif incident.kind == "sos":
            told = f"{self._name(incident.sender)} {self._say('say', 'pressed')}"
        else:
            told = f"{self._name(incident.sender)} {self._say('say', 'reports')}{self._colon}{kind}"
        told += self._where(incident.place)
        late = bool(incident.alarms) and all(alarm.late for alarm in incident.alarms)
        for said, holds in (
            ("covert", incident.covert),
            ("late", late),
            ("linked", incident.linked_to is not None),
        ):
            if holds:
                told += f" · {self._say('say', said)}"
        return told

    def _wave(self, incident: IncidentDoc, line: StoryDoc) -> str:
        asked = [each for each in incident.assignments if each.wave == line.wave]
        if not line.called:
            return f"{self._say('say', 'wave', wave=line.wave)} {self._say('say', 'nobody')}"
        names = [
            self._name(each.unit)
            if each.distance_m is None
            else self._say("say", "from", unit=self._name(each.unit), away=each.distance_m)
            for each in asked
        ]
        known = {each.unit for each in asked}
        waves = (each for each in incident.decisions if each.wave == line.wave)
        names += [self._name(u) for each in waves for u in each.called if u not in known]
        comma = self._say("mark", "comma")
        return f"{self._say('say', 'wave', wave=line.wave)}{self._colon}{comma.join(names)}"

    def _where(self, place: PlaceDoc) -> str:
        """The grid, and the nearest key unit; what the caller said where nobody knows."""
        told = [place.grid_name] if place.grid_name else []
        if place.key_unit and place.bearing == "at":
            told.append(self._say("say", "at", near=place.key_unit))
        elif place.key_unit:
            bearing = self._say("bearing", place.bearing)
            told.append(
                self._say(
                    "say", "metres", near=place.key_unit, bearing=bearing, away=place.key_unit_m
                )
            )
        if place.words:
            told.append(place.words)
        return "".join(f" · {each}" for each in told)

    def _words(self, line: StoryDoc) -> str:
        if line.erased:
            return f" ({self._say('say', 'erased')})"
        return f"{self._colon}{line.words}" if line.words else ""

    def _phase(self, incident: IncidentDoc) -> str:
        phase = self._say("phase", incident.phase)
        return f"{phase} ({incident.taken_by})" if incident.taken_by else phase

    def _name(self, unit: str) -> str:
        known = self._units.get(unit)
        return unit if known is None else known.call_sign

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


def _number(incident: IncidentDoc) -> str:
    """What people call an incident within its day."""
    return incident.id.rpartition("-")[2]


def _length(incident: IncidentDoc) -> int:
    return incident.story_left_out + len(incident.story)


def _printable(line: str) -> str:
    """Nothing in it moves a cursor or turns text around, whatever a server sends."""
    shown = line if len(line) <= LINE_LENGTH_MAX else line[: LINE_LENGTH_MAX - 1] + "…"
    return "".join(c if c.isprintable() else " " for c in shown)
