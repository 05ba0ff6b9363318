"""Builders that default everything, and a small town to try the hub in.

The town is a row of square grids, ``g1`` to ``g4`` from west to east, 500 m each, in
flat metres from its south-west corner; a kindergarten stands in the middle of ``g1``.
``Shell`` plays the part of the real one: it stores at once, hands in what follows, and keeps
what went out.
"""

import itertools
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from shapely.geometry import Polygon

from dispatch.clock import SECOND, Instant
from dispatch.commands import (
    AddNote,
    AnswerCancel,
    AssignUnit,
    BeginStep,
    CallMore,
    ChangePlan,
    CloseIncident,
    Command,
    EndDrill,
    ExportIncident,
    HandOver,
    HandOverShift,
    HoldCalls,
    IncidentCommand,
    OpenIncident,
    RecordCallback,
    ReopenIncident,
    ReviseIncident,
    RevisePlace,
    RevokeRadio,
    StartDrill,
    TakeIncident,
    TickItem,
    WithdrawUnit,
)
from dispatch.decide import Chooser, choose
from dispatch.events import AlarmReceived, Event
from dispatch.hub import Hub
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    CommunityId,
    DrillId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
    radio_of,
)
from dispatch.incident import Assignment, Incident
from dispatch.live import FixOutcome, LiveTable
from dispatch.messages import (
    AlarmKnown,
    AlarmNotStored,
    AlarmStored,
    Effects,
    Message,
    OperatorsPresent,
    Reply,
)
from dispatch.outgoing import Outgoing, RadioMessage, ToConsoles, ToRadio
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    Fix,
    FixBatch,
    Heard,
    HeardReading,
    LinkReading,
    OfferReading,
    PressId,
    PressReading,
    ReportReading,
)
from dispatch.roster import Community, Pins, RadioRecord, Roster
from dispatch.settings import Settings
from dispatch.store.port import Restored
from dispatch.words import (
    Agency,
    AssignmentState,
    Disposition,
    FalseReason,
    Kind,
    Role,
    Satisfaction,
)
from geo.distance import offset_lonlat
from geo.grids import Grid, GridSet, KeyUnit

NOON: Final[Instant] = 1_780_027_200 * SECOND
"""2026-05-29 12:00 in Shanghai."""

TOWN: Final = CommunityId("town")
CORNER: Final = (120.15, 30.25)
GRID_M: Final = 500.0
BOOT: Final = "0123456789abcdef"
WANG: Final = OperatorName("王")
LI: Final = OperatorName("李")

CALM: Final = "1111"
FORCED: Final = "9999"
SEAL: Final = "ab" * 32

WAKINGS_MAX: Final = 100_000
"""Deadlines in one wait; more, and the hub goes round in circles."""

Said = TypeVar("Said", bound=RadioMessage)

ASKS: Final[dict[type[IncidentCommand], dict[str, object]]] = {
    ReviseIncident: {"priority": 2},
    RevisePlace: {"grid": "g4"},
    ChangePlan: {"plan": "default-1/watch", "words": "只是看一看"},
    HoldCalls: {"held": True, "words": "民警已在场"},
    BeginStep: {},
    CallMore: {"count": 1},
    TickItem: {"item": "speak"},
    HandOver: {"agency": Agency.POLICE},
    AnswerCancel: {"granted": True},
    RecordCallback: {"satisfaction": Satisfaction.SATISFIED},
    ExportIncident: {"community": TOWN, "seal": SEAL, "personal": False},
    AddNote: {"words": "已联系"},
    CloseIncident: {"disposition": Disposition.RESOLVED},
}
"""What a command about an incident says unless a test says otherwise; what is not here needs
another incident, a unit or presses."""


def at(east_m: float, north_m: float = 250.0) -> tuple[float, float]:
    """The (lon, lat) so many metres from the town's corner."""
    return offset_lonlat(*CORNER, east_m, north_m)


@cache
def town(community: CommunityId = TOWN, *, zone: str = "Asia/Shanghai") -> Community:
    """Four grids in a row."""
    grids = []
    for index in range(4):
        west, east = index * GRID_M, (index + 1) * GRID_M
        corners = [at(west, 0), at(east, 0), at(east, GRID_M), at(west, GRID_M)]
        lon, lat = at(west + GRID_M / 2)
        key_units = (KeyUnit(name="幼儿园", lon=lon, lat=lat),) if index == 0 else ()
        grids.append(
            Grid(
                id=f"g{index + 1}",
                name=f"第{index + 1}网格",
                polygon=Polygon(corners),
                key_units=key_units,
            )
        )
    return Community(
        community=community, name_zh="小镇", name_en="Town", zone=zone, grids=GridSet(grids)
    )


def volunteer(name: str, **changes: object) -> RadioRecord:
    """A volunteer on the roster; any field may be given."""
    record = RadioRecord(
        radio=RadioId(name), community=TOWN, call_sign=f"呼号{name}", role=Role.VOLUNTEER
    )
    return replace(record, **changes)  # type: ignore[arg-type]  # fields are named by tests


def guard(name: str) -> RadioRecord:
    """A guard on the roster."""
    return volunteer(name, role=Role.GUARD)


def police(name: str) -> RadioRecord:
    """A police officer on the roster."""
    return volunteer(name, role=Role.POLICE)


def settings(**changes: object) -> Settings:
    """Settings as they come."""
    return replace(Settings(data_dir=Path("unused")), **changes)  # type: ignore[arg-type]


def press(
    radio: str = "v1",
    counter: int = 1,
    *,
    t: Instant = NOON,
    device_t: Instant | None = None,
    kind: Kind = Kind.SOS,
    covert: bool = False,
    where: tuple[float, float] | None = None,
    digest: str = "same",
    community: CommunityId = TOWN,
    drill: bool = False,
) -> PressReading:
    """A red button pressed at ``t``."""
    fix = None if where is None else Fix(t=t, lon=where[0], lat=where[1], acc_m=8.0)
    return PressReading(
        press=PressId(radio=RadioId(radio), boot=BOOT, counter=counter),
        community=community,
        device_t=t if device_t is None else device_t,
        received_t=t,
        kind=kind,
        covert=covert,
        fix=fix,
        digest=digest,
        drill=drill,
    )


def fixes(
    live: LiveTable,
    *told: tuple[str, Instant, tuple[float, float]],
    received_t: Instant | None = None,
) -> FixBatch:
    """A batch of fixes: (radio, time by its clock, (lon, lat)) each."""
    count = len(told)
    return FixBatch(
        rows=np.array([live.find(TOWN, RadioId(r)) for r, _, _ in told], dtype=np.int64),
        t=np.array([t for _, t, _ in told], dtype=np.int64),
        lon=np.array([lon for _, _, (lon, _) in told], dtype=np.float64),
        lat=np.array([lat for _, _, (_, lat) in told], dtype=np.float64),
        acc_m=np.full(count, 8.0, dtype=np.float32),
        speed_mps=np.full(count, np.nan, dtype=np.float32),
        course_deg=np.full(count, np.nan, dtype=np.float32),
        battery_pct=np.full(count, 80, dtype=np.int8),
        received_t=max((t for _, t, _ in told), default=0) if received_t is None else received_t,
    )


def duty(radio: str, on: bool, t: Instant, *, device_t: Instant | None = None) -> DutyReading:
    """A bearer signs on or off."""
    said_t = t if device_t is None else device_t
    return DutyReading(radio=RadioId(radio), community=TOWN, on=on, device_t=said_t, received_t=t)


@dataclass(slots=True)
class Shell:
    """The hub with a shell that stores everything at once, and a clock that tests wind."""

    hub: Hub
    now: Instant = NOON
    facts: list[Event] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    store_down: bool = False
    unstored: list[Message] = field(default_factory=list)
    """What the store will say of alarms once it is back."""
    _commands: "itertools.count[int]" = field(default_factory=itertools.count)

    # --- the shell's part ---

    def take(self, effects: Effects) -> Reply | None:
        """Store, send, and hand in what follows."""
        self.facts += [fact for fact in effects.facts if not isinstance(fact, AlarmReceived)]
        self.outgoing += effects.outgoing
        for fact in effects.facts:
            if isinstance(fact, AlarmReceived):
                self._store_alarm(fact)
        for message in (*effects.onward, *effects.follow):
            self.give(message)
        return effects.reply

    def give(self, message: Message) -> Reply | None:
        """One message, at the present time."""
        return self.take(self.hub.handle(message, self.now))

    def store_comes_back(self) -> None:
        """What could not be stored is stored after all."""
        self.store_down = False
        waiting, self.unstored = self.unstored, []
        for outcome in waiting:
            self.give(outcome)

    def wait(self, seconds: float) -> None:
        """Wind the clock on, waking the hub at each of its deadlines."""
        until = self.now + round(seconds * SECOND)
        for _ in range(WAKINGS_MAX):
            due = self.hub.next_deadline()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.take(self.hub.expire(self.now))
        else:
            raise AssertionError(f"woken {WAKINGS_MAX} times in {seconds} s")
        self.now = until

    def jump(self, seconds: float) -> None:
        """Wind the clock on at once, as a machine that was asleep."""
        self.now += round(seconds * SECOND)
        self.handle_due()

    def handle_due(self) -> None:
        """Everything that is due by now, as the waking shell would have it handled."""
        for _ in range(WAKINGS_MAX):
            self.take(self.hub.expire(self.now))
            due = self.hub.next_deadline()
            if due is None or due > self.now:
                return
        raise AssertionError(f"still due after {WAKINGS_MAX} turns")

    def restarted(self, community: Community | None = None) -> "Shell":
        """Another hub on the same roster and facts, as after a kill; with the community's file
        changed where one is given."""
        old = self.hub
        communities = old.roster.communities.values() if community is None else [community]
        roster = Roster(communities, old.roster.radios.values(), old.roster.pins)
        ways = old._desk.ways
        hub = Hub(settings=old.settings, roster=roster, live=LiveTable(roster), ways=ways)
        shell = Shell(hub, now=self.now, facts=list(self.facts), _commands=self._commands)
        restored = Restored(
            seq=len(self.facts),
            last_t=self.now,
            facts=list(self.facts),
            radios=list(roster.radios.values()),
            last_fixes=[],
            incident_numbers={},
        )
        shell.take(hub.restore(restored, self.now))
        return shell

    def _store_alarm(self, fact: AlarmReceived) -> None:
        """The store keeps facts in the order in which they came, also while it is down."""
        first = next(
            (f for f in self.facts if isinstance(f, AlarmReceived) and f.alarm == fact.alarm), None
        )
        if first is None:
            self.facts.append(fact)
        outcome: Message = AlarmStored(fact=fact)
        if first is not None:
            outcome = AlarmKnown(fact=fact, same=first.digest == fact.digest)
        if self.store_down:
            self.unstored.append(outcome)
            self.give(AlarmNotStored(fact=fact))
        else:
            self.give(outcome)

    # --- what radios and people do ---

    def sign_on(self, radio: str, where: tuple[float, float] | None = None) -> None:
        """A bearer signs on, and tells where."""
        self.give(duty(radio, True, self.now))
        if where is not None:
            self.walk(radio, where)

    def sign_off(self, radio: str) -> None:
        """A bearer signs off."""
        self.give(duty(radio, False, self.now))

    def walk(self, radio: str, where: tuple[float, float]) -> FixOutcome:
        """The unit is there now."""
        return self.hub.live.take(fixes(self.hub.live, (radio, self.now, where)), self.now)

    def press(self, radio: str = "v1", counter: int = 1, **changes: object) -> AlarmId:
        """A red button pressed now."""
        reading = press(radio, counter, t=self.now, **changes)  # type: ignore[arg-type]
        self.give(reading)
        return reading.press.alarm

    def link(self, radio: str, online: bool) -> None:
        """A radio comes to the broker or leaves it."""
        self.give(
            LinkReading(radio=RadioId(radio), community=TOWN, online=online, received_t=self.now)
        )

    def answer(
        self,
        order: AssignmentId,
        state: AssignmentState,
        *,
        radio: str | None = None,
        reason: str = "",
    ) -> None:
        """The unit says how it stands with its order."""
        unit = self.assignment(order).unit if radio is None else UnitId(radio)
        self.give(
            AnswerReading(
                radio=radio_of(unit),
                community=TOWN,
                assignment=order,
                state=state,
                reason=reason,
                device_t=self.now,
                received_t=self.now,
            )
        )

    def hear(self, radio: str, what: Heard, subject: str) -> None:
        """A radio confirms a repeated message."""
        self.give(
            HeardReading(
                radio=RadioId(radio),
                community=TOWN,
                what=what,
                subject=subject,
                received_t=self.now,
            )
        )

    def call_off(self, alarm: AlarmId, pin: str = CALM) -> None:
        """The sender asks to call it off."""
        self.give(
            CallOffReading(
                radio=RadioId(alarm.partition("/")[0]),
                community=TOWN,
                alarm=alarm,
                pin=pin,
                device_t=self.now,
                received_t=self.now,
            )
        )

    def offer(self, radio: str, incident: IncidentId | None = None) -> None:
        """A unit offers to go: to this one, or to the nearest."""
        self.give(
            OfferReading(
                radio=RadioId(radio),
                community=TOWN,
                incident=incident,
                device_t=self.now,
                received_t=self.now,
            )
        )

    def report(self, radio: str, key: str = "r1", **changes: object) -> None:
        """A patrol report."""
        reading = ReportReading(
            radio=RadioId(radio),
            community=TOWN,
            key=key,
            kind=Kind.HAZARD,
            words="楼道堆物",
            photo="",
            fix=None,
            device_t=self.now,
            received_t=self.now,
            digest="same",
        )
        self.give(replace(reading, **changes))  # type: ignore[arg-type]

    def present(self, *names: OperatorName) -> None:
        """These have a console open."""
        self.give(OperatorsPresent(names=frozenset(names)))

    def ask(self, command: Command) -> Reply:
        """A command; its reply."""
        reply = self.give(command)  # type: ignore[arg-type]  # every Command is one of AnyCommand
        assert reply is not None
        return reply

    def command_id(self) -> CommandId:
        """A fresh one."""
        return CommandId(f"c{next(self._commands)}")

    def open(self, **changes: object) -> IncidentId:
        """Begin an incident by hand."""
        command = OpenIncident(
            command=self.command_id(), by=WANG, community=TOWN, kind=Kind.SOS, words="来电"
        )
        reply = self.ask(replace(command, **changes))  # type: ignore[arg-type]
        return IncidentId(reply.subject)

    def open_by_press(self, radio: str = "v1", **changes: object) -> Incident:
        """Press, and the incident that came of it."""
        alarm = self.press(radio, **changes)  # type: ignore[arg-type]
        return self.incident_of(alarm)

    def took(
        self, incident: Incident, by: OperatorName = WANG, words: str = "", based_on: int = 0
    ) -> Reply:
        """An operator takes it, from somebody who has it with a reason."""
        return self.do(TakeIncident, incident, by=by, words=words, based_on=based_on)

    def do(self, asked: type[IncidentCommand], incident: Incident, /, **said: object) -> Reply:
        """Any command about one incident, by 王 unless said, with the defaults of ``ASKS``."""
        fields: dict[str, object] = {
            "command": self.command_id(),
            "by": WANG,
            "incident": incident.incident,
        }
        return self.ask(asked(**{**fields, **ASKS.get(asked, {}), **said}))  # type: ignore[arg-type]

    def hand_shift(self, by: OperatorName = WANG, to: OperatorName = LI, words: str = "") -> Reply:
        """An operator goes home."""
        return self.ask(
            HandOverShift(command=self.command_id(), by=by, community=TOWN, to=to, words=words)
        )

    def start_drill(self, name: str = "夜间演练") -> DrillId:
        """An exercise begins."""
        command = StartDrill(command=self.command_id(), by=WANG, community=TOWN, name=name)
        return DrillId(self.ask(command).subject)

    def end_drill(self, drill: DrillId) -> Reply:
        """It is over."""
        return self.ask(EndDrill(command=self.command_id(), by=WANG, drill=drill))

    def note(self, incident: Incident, words: str = "已联系", based_on: int = 0) -> Reply:
        """An operator writes something down."""
        return self.ask(
            AddNote(
                command=self.command_id(),
                by=WANG,
                incident=incident.incident,
                words=words,
                based_on=based_on,
            )
        )

    def assign(self, incident: Incident, unit: str) -> AssignmentId:
        """An operator sends a unit."""
        reply = self.ask(
            AssignUnit(
                command=self.command_id(),
                by=WANG,
                incident=incident.incident,
                unit=UnitId(unit),
            )
        )
        return AssignmentId(reply.subject)

    def withdraw(self, incident: Incident, order: AssignmentId) -> Reply:
        """An operator calls a unit back."""
        return self.ask(
            WithdrawUnit(
                command=self.command_id(), by=WANG, incident=incident.incident, assignment=order
            )
        )

    def close(
        self, incident: Incident, disposition: Disposition = Disposition.RESOLVED, **changes: object
    ) -> Reply:
        """An operator ends it."""
        if disposition is Disposition.FALSE_ALARM:
            changes = {"false_reason": FalseReason.MISTAKEN, **changes}
        return self.do(CloseIncident, incident, disposition=disposition, **changes)

    def reopen(self, incident: Incident) -> Reply:
        """An operator finds that it is not over."""
        return self.ask(
            ReopenIncident(command=self.command_id(), by=WANG, incident=incident.incident)
        )

    def revoke(self, radio: str) -> Reply:
        """A radio may not connect any more."""
        return self.ask(RevokeRadio(command=self.command_id(), by=WANG, radio=RadioId(radio)))

    # --- looking ---

    def incident_of(self, alarm: AlarmId) -> Incident:
        """The incident that an alarm belongs to."""
        incident = self.hub.alarms[alarm].incident
        assert incident is not None, f"{alarm} is undecided"
        return self.hub.incidents[incident]

    def assignment(self, order: AssignmentId) -> Assignment:
        """An assignment by its id."""
        return self.hub.incidents[IncidentId(order.rpartition("/")[0])].assignments[order]

    def order_of(self, incident: Incident, unit: str) -> AssignmentId:
        """The unit's newest order to this incident."""
        orders = [a.assignment for a in incident.assignments.values() if a.unit == unit]
        assert orders, f"{unit} was not asked to {incident.incident}"
        return orders[-1]

    def sent(self, kind: type[Said], radio: str = "") -> list[Said]:
        """Messages of one kind so far, to one radio or to all."""
        return [
            each.message
            for each in self.outgoing
            if isinstance(each, ToRadio)
            and isinstance(each.message, kind)
            and radio in ("", each.radio)
        ]

    def told(self) -> list[ToConsoles]:
        """What the consoles were told so far."""
        return [each for each in self.outgoing if isinstance(each, ToConsoles)]

    def of(self, kind: type[Event]) -> list[str]:
        """Facts of one kind so far, by the unit, incident or alarm they are about."""
        found = [fact for fact in self.facts if isinstance(fact, kind)]
        return [
            str(getattr(fact, "unit", None) or getattr(fact, "incident", None) or fact.community)
            for fact in found
        ]

    def forget_sent(self) -> None:
        """Look only at what goes out from here on."""
        self.outgoing.clear()


def called(incident: Incident) -> list[str]:
    """Units that were asked, in the order in which they were."""
    return [each.unit for each in incident.assignments.values()]


def states(incident: Incident) -> dict[str, str]:
    """How each unit stands, by its newest order."""
    return {each.unit: each.state.value for each in incident.assignments.values()}


def shell(
    *records: RadioRecord,
    chooser: Chooser = choose,
    attended: bool = True,
    community: Community | None = None,
    **changes: object,
) -> Shell:
    """A hub for these radios, nobody signed on; an operator is at a console unless said."""
    roster = Roster([community or town()], records or [volunteer("v1")])
    hub = Hub(settings=settings(**changes), roster=roster, live=LiveTable(roster), choose=chooser)
    made = Shell(hub)
    if attended:
        made.present(WANG)
    return made


def patrol(
    *,
    volunteers: int = 4,
    guards: int = 1,
    officers: int = 1,
    community: Community | None = None,
) -> Shell:
    """A shift on duty: v1 stands in g1's middle, each further unit 100 m more to the east. All
    volunteers agreed on the same PINs."""
    records = [volunteer(f"v{n + 1}") for n in range(volunteers)]
    records += [guard(f"g{n + 1}") for n in range(guards)]
    records += [police(f"p{n + 1}") for n in range(officers)]
    made = shell(*records, community=community)
    pins = Pins(calm=CALM, duress=FORCED)
    made.hub.roster.pins.update(dict.fromkeys(made.hub.roster.radios, pins))
    for index, record in enumerate(records):
        made.sign_on(record.radio, at(250.0 + 100.0 * index))
    made.forget_sent()
    return made
