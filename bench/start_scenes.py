"""Stories of one made-up community, told by the real hub: what bench.start fills a store with.

A thousand radios, two hundred on duty, the demo's ten grids. Each story is played on a
hub of its own, with people who answer, decline or stay silent, and an operator.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.commands import CloseIncident, Command, TakeIncident
from dispatch.config import load_community
from dispatch.events import AlarmReceived, Event
from dispatch.hub import Hub
from dispatch.ids import (
    AssignmentId,
    CommandId,
    IncidentId,
    OperatorName,
    RadioId,
    radio_of,
    unit_of,
)
from dispatch.incident import Incident
from dispatch.live import LiveTable
from dispatch.messages import AlarmStored, Effects, Message, OperatorsPresent
from dispatch.readings import AnswerReading, DutyReading, Fix, PressId, PressReading
from dispatch.roster import Community, RadioRecord, Roster
from dispatch.settings import Settings
from dispatch.store.port import LastFix
from dispatch.words import AssignmentState, Disposition, Kind

COMMUNITY: Final = "c000"
BOOT: Final = "00000000000b0075"
BEGAN: Final[Instant] = 1_780_000_000 * SECOND
"""The stories' own time: whoever writes them down moves them to another."""
UNITS: Final = 1_000
ON_DUTY: Final = 200
GRIDS: Final = 10
WANG: Final = OperatorName("王")
KINDS: Final = (Kind.SOS, Kind.MEDICAL, Kind.FIRE, Kind.NUISANCE)
"""Of the open ones. Those that ended are nuisances, to which three people are asked: most of
what a district hears is no emergency."""
TURNS_MAX: Final = 10_000


def radio_name(number: int, community: str = COMMUNITY) -> str:
    """Of one length everywhere, so that a story can be moved to another community."""
    return f"{community}-r{number:03d}"


@dataclass(slots=True)
class Story:
    """The facts of one incident, oldest first, in the stories' own time."""

    facts: list[Event]
    incident: IncidentId
    sender: RadioId
    lasted: Instant


@dataclass(slots=True)
class _Play:
    """A hub whose store is always there, and a clock that is wound."""

    hub: Hub
    now: Instant = BEGAN
    facts: list[Event] = field(default_factory=list)
    commands: int = 0

    def take(self, effects: Effects) -> None:
        self.facts += effects.facts
        for fact in effects.facts:
            if isinstance(fact, AlarmReceived):
                self.give(AlarmStored(fact=fact))
        for message in (*effects.onward, *effects.follow):
            self.give(message)

    def give(self, message: Message) -> None:
        self.take(self.hub.handle(message, self.now))

    def ask(self, command: Command) -> None:
        self.take(self.hub.handle(command, self.now))  # type: ignore[arg-type]  # of the union

    def wait(self, seconds: float) -> None:
        until = self.now + round(seconds * SECOND)
        for _ in range(TURNS_MAX):
            due = self.hub.next_deadline()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.take(self.hub.expire(self.now))
        self.now = until

    def name(self, incident: IncidentId) -> CommandId:
        self.commands += 1
        return CommandId(f"{incident}/{self.commands}")


def call_sign(number: int, name: str) -> str:
    """What people say."""
    return f"西子{name}{number:03d}"


def places(made: Community, chance: random.Random) -> list[tuple[float, float]]:
    """Where those on duty are: each in the grid of its post."""
    found = []
    for number in range(ON_DUTY):
        lon, lat = made.grids.centre(number % len(made.grids.grids))
        found.append((lon + chance.uniform(-0.001, 0.001), lat + chance.uniform(-0.001, 0.001)))
    return found


def stories(folder: Path, seed: int) -> tuple[list[Story], list[Story]]:
    """Those that are open and those that ended."""
    chance = random.Random(seed)
    made, records = load_community(folder / f"{COMMUNITY}.toml")
    where = places(made, chance)
    open_ones = [_told(made, records, where, chance, how) for how in OPEN]
    ended = [_told(made, records, where, chance, how, ends=True) for how in ENDED]
    return open_ones, ended


OPEN: Final = ("on_scene",) * 4 + ("coming",) * 2 + ("taken",) * 3 + ("fresh",)
"""Of ten: four with somebody on scene, two with people coming, three that an operator keeps
open after all have left, one that has just rung."""
COME: Final = 2
"""Of those asked for one need, so many come; the others are silent until they are let go."""
ENDED: Final = ("on_scene",) * 4 + ("taken",)


def _told(
    made: Community,
    records: Sequence[RadioRecord],
    where: Sequence[tuple[float, float]],
    chance: random.Random,
    how: str,
    *,
    ends: bool = False,
) -> Story:
    play = _Play(_hub(made, records, where))
    for number in range(ON_DUTY):
        play.give(_duty(made, number, play.now))
    play.give(OperatorsPresent(names=frozenset({WANG})))
    before = len(play.facts)
    sender = RadioId(radio_name(chance.randrange(ON_DUTY)))
    kind = Kind.NUISANCE if ends else chance.choice(KINDS)
    play.give(_press(made, sender, where, play.now, kind))
    [incident] = [each for each in play.hub.incidents.values() if each.open]
    _answered(play, made, incident, how, ends=ends)
    return Story(
        facts=play.facts[before:],
        incident=incident.incident,
        sender=sender,
        lasted=play.now - BEGAN,
    )


def _hub(
    made: Community, records: Sequence[RadioRecord], where: Sequence[tuple[float, float]]
) -> Hub:
    roster = Roster([made], records)
    live = LiveTable(roster)
    hub = Hub(settings=Settings(data_dir=Path("unused")), roster=roster, live=live)
    live.restore_fixes(
        LastFix(
            unit=unit_of(RadioId(radio_name(number))),
            t=BEGAN,
            lon=lon,
            lat=lat,
            acc_m=8.0,
            battery_pct=80,
        )
        for number, (lon, lat) in enumerate(where)
    )
    return hub


def _duty(made: Community, number: int, now: Instant) -> DutyReading:
    return DutyReading(
        radio=RadioId(radio_name(number)),
        community=made.community,
        on=True,
        device_t=now,
        received_t=now,
    )


def _press(
    made: Community,
    sender: RadioId,
    where: Sequence[tuple[float, float]],
    now: Instant,
    kind: Kind,
) -> PressReading:
    lon, lat = where[int(sender[-3:])]
    return PressReading(
        press=PressId(radio=sender, boot=BOOT, counter=1),
        community=made.community,
        device_t=now,
        received_t=now,
        kind=kind,
        covert=False,
        fix=Fix(t=now, lon=lon, lat=lat, acc_m=8.0),
        digest="d" * 64,
    )


def _answered(play: _Play, made: Community, incident: Incident, how: str, *, ends: bool) -> None:
    orders = list(incident.assignments)
    for order in orders:
        _say(play, made, incident, order, AssignmentState.RECEIVED)
    if how == "fresh":
        return
    play.wait(6)
    name = play.name(incident.incident)
    play.ask(TakeIncident(command=name, by=WANG, incident=incident.incident))
    coming = _first_of_each_need(incident)
    for order in coming:
        _say(play, made, incident, order, AssignmentState.ACCEPTED)
    play.wait(4)
    _say(play, made, incident, coming[0], AssignmentState.EN_ROUTE)
    if how == "coming":
        return
    play.wait(15)
    for order in coming:
        _say(play, made, incident, order, AssignmentState.ON_SCENE)
    if how == "taken":
        play.wait(20)
        for order in coming[1:]:
            _say(play, made, incident, order, AssignmentState.CLEAR)
    if ends:
        play.wait(30)
        play.ask(
            CloseIncident(
                command=play.name(incident.incident),
                by=WANG,
                incident=incident.incident,
                based_on=incident.version,
                lease=incident.lease,
                disposition=Disposition.RESOLVED,
            )
        )


def _first_of_each_need(incident: Incident) -> list[AssignmentId]:
    coming: dict[str, list[AssignmentId]] = {}
    for each in incident.assignments.values():
        coming.setdefault(each.need, []).append(each.assignment)
    return [order for orders in coming.values() for order in orders[:COME]]


def _say(
    play: _Play, made: Community, incident: Incident, order: AssignmentId, state: AssignmentState
) -> None:
    assignment = incident.assignments[order]
    if not assignment.live:
        return
    play.give(
        AnswerReading(
            radio=radio_of(assignment.unit),
            community=made.community,
            assignment=assignment.assignment,
            state=state,
            reason="",
            device_t=play.now,
            received_t=play.now,
        )
    )
