"""The facts the hub records, in the past tense. Storing and hashing them is the store's business.

A fact is enough by itself to tell the story: who (an id), what, where, when,
with the numbers as known then. Hashed bodies carry ids only: whatever is
personal stands in a field of type ``Personal`` and is kept beside the chain,
erasable, with its salted digest in the body (docs/architecture.md).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dispatch.clock import Instant
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    CommunityId,
    DecisionId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    ReportId,
    UnitId,
)
from dispatch.words import (
    Agency,
    Disposition,
    EscalationReason,
    FalseReason,
    Kind,
    Linked,
    PlaceSource,
    Role,
    Rung,
    Satisfaction,
    Tier,
    WithdrawReason,
)


class Purpose(StrEnum):
    """What a personal value is kept for; its expiry follows from this."""

    PLACE = "place"
    WORDS = "words"
    MEDIA = "media"
    DECISION = "decision"
    PERSON = "person"
    ADDRESS = "address"
    """Where somebody sat when they logged in, or used a radio's code."""
    TIP = "tip"
    """What a sealed tip says, and what was written to it: boxes (tips/facts.py)."""


class CodeRefused(StrEnum):
    """Why a radio's code let nobody in."""

    MISTYPED = "mistyped"
    """Its symbols do not belong together: a slip of the finger."""
    UNKNOWN = "unknown_code"
    """It was used, is void, or was never made."""
    RUN_OUT = "run_out"
    WAIT = "wait"
    """Too many tries from there before it."""


@dataclass(frozen=True, slots=True)
class Personal:
    """A value that a person may have erased: a fix, free text, a name, a phone.

    ``value`` is JSON-shaped; None once it was erased (nothing else is None).
    """

    purpose: Purpose
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, at the hub's time ``t``."""

    t: Instant
    community: CommunityId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent(Event):
    """Something that happened to one incident."""

    incident: IncidentId


# --- alarms ---


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmReceived(Event):
    """A press reached us for the first time. Turn one; nothing is decided yet."""

    alarm: AlarmId
    radio: RadioId
    boot: str
    counter: int
    kind: Kind
    covert: bool
    device_t: Instant
    late: bool
    """It came out of a backlog: shown as late, not as live."""
    digest: str
    fix: Personal | None
    """{t, lon, lat, acc_m, speed_mps, course_deg, battery_pct, datum}, WGS-84."""
    drill: bool = False
    """The radio said it was an exercise; it counts as one only while one is on."""
    clock_off_us: int | None = 0
    """By how much its clock was known to be behind ours (negative: ahead); None where its first
    message was this press. ``device_t`` is as it claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRepeated(Event):
    """The same press was heard again; ``repeats`` in all. Told at most every 10 s an alarm."""

    alarm: AlarmId
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmConflicted(Event):
    """The same identity came with other content; the first is kept, this is recorded, and an alarm
    of its own follows under a name made of the content."""

    alarm: AlarmId
    radio: RadioId
    digest: str
    content: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmUndecided(Event):
    """Deciding failed. The alarm stands on every screen as *call by hand* and is tried again."""

    alarm: AlarmId
    reason: str
    tries: int


# --- incidents ---


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOpened(IncidentEvent):
    """The centre began to handle something."""

    kind: Kind
    priority: int
    covert: bool
    alarm: AlarmId | None
    """The first alarm; None where it began by hand."""
    sender: UnitId | None
    by: OperatorName | None
    """Who opened it by hand."""
    linked_to: IncidentId | None
    place_source: PlaceSource
    grid: GridId | None
    fix_t: Instant | None
    """Time of the fix the place comes from."""
    place: Personal | None
    """{lon, lat, acc_m} WGS-84, where known."""
    words: Personal | None
    """What the caller or operator said of the place or matter."""
    plan: str
    """The response plan that answered, as ``book-version/plan``."""
    command: CommandId | None = None
    drill: DrillId | None = None
    """The exercise it belongs to; None: it is real."""
    caller: Personal | None = None
    """{name, phone} of who told of it, where that was no radio."""
    in_danger: bool = False
    """Its sender was answering another incident when they pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmJoined(IncidentEvent):
    """A further press belongs to this open incident and rings again."""

    alarm: AlarmId
    place_source: PlaceSource
    grid: GridId | None
    fix_t: Instant | None
    place: Personal | None
    reporter: bool = False
    """Its sender is another one, who tells of the same matter."""
    moved_from: IncidentId | None = None
    """An operator merged or split; it rings no more than it did there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLeft(IncidentEvent):
    """An operator found that a press belongs to another incident."""

    alarm: AlarmId
    to: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLinked(IncidentEvent):
    """How this incident stands to another one; the other has the same fact."""

    other: IncidentId
    how: Linked
    by: OperatorName | None
    """None: found by machine, and offered."""
    command: CommandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBegun(IncidentEvent):
    """The response entered a step of its plan. Its timer is this fact: it fires once."""

    plan: str
    step: str
    tier: Tier
    due_t: Instant | None
    """When the next step begins unless enough are on scene; None: never by itself."""
    reason: EscalationReason | None
    """Why it was not enough before; None for the first step."""
    tell: tuple[str, ...]
    agency: Agency | None
    by: OperatorName | None
    command: CommandId | None = None
    words: Personal | None = None
    """Why an operator began it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged(IncidentEvent):
    """An operator chose another plan; its first step begins."""

    plan: str
    by: OperatorName
    words: Personal
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsHeld(IncidentEvent):
    """An operator stopped the machine from calling further people, or let it go on."""

    held: bool
    by: OperatorName
    words: Personal | None
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRevised(IncidentEvent):
    """An operator found that it is of another kind or priority."""

    kind: Kind
    priority: int
    by: OperatorName
    words: Personal | None
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRevised(IncidentEvent):
    """An operator found that it is somewhere else."""

    place_source: PlaceSource
    grid: GridId | None
    fix_t: Instant | None
    place: Personal | None
    words: Personal | None
    by: OperatorName
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistTicked(IncidentEvent):
    """An operator did one thing of the kind's checklist, or took the tick back."""

    item: str
    done: bool
    by: OperatorName
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDecided(IncidentEvent):
    """Whom to call in one wave, with the inputs kept so that it can be replayed."""

    decision: DecisionId
    wave: int
    called: tuple[UnitId, ...]
    missing: dict[str, int]
    """How many the plan still lacked before this wave, by need (``volunteer+medical``)."""
    short: dict[str, int]
    """How many fewer could be asked than the wave wanted, by need."""
    inputs: Personal
    """What decide.py kept, enough to decide again."""
    step: str = ""
    """The plan's step; empty where it had none, or an operator asked for more people."""
    all_asked: bool = False
    """Of some need everybody who was free was asked, and fewer were likely to come than it wanted.
    In journals of before it is not told, but whatever was ``short`` was it, too."""
    chance: float | None = None
    """How likely it is that somebody arrives within the target: of those called, or coming."""
    by: OperatorName | None = None
    """Who asked for more people; None: the plan did."""
    command: CommandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAssigned(IncidentEvent):
    """A unit was told to go; nothing yet says that it accepted."""

    assignment: AssignmentId
    unit: UnitId
    role: Role
    wave: int
    """0 where an operator chose the unit, or it offered itself."""
    distance_m: float | None
    answer_by_t: Instant
    """Silent until then, the order has expired (and may still be accepted late)."""
    by: OperatorName | None
    command: CommandId | None = None
    need: str = ""
    """What it was called for, as decisions name it."""
    walk_s: float | None = None
    """Seconds on foot by the streets, where they are known."""
    volunteered: bool = False
    """It saw the matter and offered to go; that it accepts is the next fact."""
    carried_from: AssignmentId | None = None
    """The order that this one goes on from, where incidents were merged; how far it was are
    the next facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEvent(IncidentEvent):
    """Something that happened to one assignment."""

    assignment: AssignmentId
    unit: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived(AssignmentEvent):
    """The unit's radio has the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShown(AssignmentEvent):
    """The radio has put the order before its bearer's eyes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTried(AssignmentEvent):
    """The order was also told by SMS, voice or a chat, or that failed."""

    gateway: str
    ok: bool
    why: str
    """What went wrong, cut; empty where nothing did."""
    recall: bool = False
    """That the order was taken back was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAccepted(AssignmentEvent):
    """The unit will go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDeclined(AssignmentEvent):
    """The unit will not go."""

    reason: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEnRoute(AssignmentEvent):
    """The unit is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitArrived(AssignmentEvent):
    """The unit is on scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCleared(AssignmentEvent):
    """The unit has finished there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentExpired(AssignmentEvent):
    """The wave ended with no answer from the unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentWithdrawn(AssignmentEvent):
    """The order was taken back."""

    reason: WithdrawReason
    by: OperatorName | None
    command: CommandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLapsed(IncidentEvent):
    """Nobody is asked or coming any more, and nobody has been on scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTaken(IncidentEvent):
    """A named operator handles it; the sender is told ``seen by NAME``."""

    by: OperatorName
    command: CommandId
    lease: int = 0
    """Grows with each taking: what an earlier holder still sends is refused by it."""
    taken_from: OperatorName | None = None
    """Who had it until now."""
    words: Personal | None = None
    """Why it was taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseLapsed(IncidentEvent):
    """Who had taken it has been away from every console for too long: it is nobody's again."""

    by: OperatorName
    lease: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(IncidentEvent):
    """An operator told police, fire service, ambulance or hotline of it."""

    agency: Agency
    by: OperatorName
    contact: Personal | None
    """Who took it there, and under which number."""
    words: Personal | None
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTold(IncidentEvent):
    """Somebody outside the roster was told by a gateway, or that failed."""

    person: str
    """A name of the gateways' file, such as ``supervisor``."""
    gateway: str
    ok: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(IncidentEvent):
    """The sender asks to call it off; an operator decides."""

    alarm: AlarmId
    unit: UnitId
    duress: bool
    """Asked with the duress PIN: somebody forces them. Outwardly nothing differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAnswered(IncidentEvent):
    """An operator let the sender's radio show that it is called off, or did not grant the wish;
    of one under duress only older journals say that it was not granted."""

    granted: bool
    by: OperatorName
    words: Personal | None
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenConfirmed(IncidentEvent):
    """The sender's radio has shown who took its alarm."""

    alarm: AlarmId


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(IncidentEvent):
    """An operator wrote something down."""

    by: OperatorName
    words: Personal
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEscalated(IncidentEvent):
    """Nobody took or answered it in time; the next rung was reached. Each fires once."""

    rung: Rung
    reason: EscalationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClosed(IncidentEvent):
    """A person ended it. Every timer is cancelled, every unit released."""

    by: OperatorName
    disposition: Disposition
    duplicate_of: IncidentId | None
    words: Personal | None
    command: CommandId
    false_reason: FalseReason | None = None
    """Why it was a false alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReopened(IncidentEvent):
    """A person found that it was not over."""

    by: OperatorName
    words: Personal | None
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackMade(IncidentEvent):
    """The one who reported was asked afterwards."""

    satisfaction: Satisfaction
    by: OperatorName
    words: Personal | None
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentExported(IncidentEvent):
    """A file of it was handed out."""

    by: OperatorName
    seal: str
    """The last hash of the file: whoever shows it later can be checked against the journal."""
    personal: bool
    """Whether names, words and tracks were in it."""
    command: CommandId


# --- plans, shifts, exercises ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBookAdopted(Event):
    """From here on incidents may be answered by this version of the plans."""

    book: str
    version: int
    text: str
    """The whole book (plan_files.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftHandedOver(Event):
    """An operator gave the next one all open work."""

    by: OperatorName
    to: OperatorName
    incidents: tuple[IncidentId, ...]
    words: Personal | None
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillStarted(Event):
    """An exercise began: presses that say so, and incidents opened for it, belong to it."""

    drill: DrillId
    name: str
    by: OperatorName
    command: CommandId


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillEnded(Event):
    """The exercise is over; its open incidents stay until somebody closes them."""

    drill: DrillId
    by: OperatorName
    command: CommandId


# --- units, radios, consoles ---


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSignedOn(Event):
    """A bearer went on duty: from here on its fixes are kept."""

    unit: UnitId
    device_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSignedOff(Event):
    """A bearer went off duty: from here on its fixes are dropped at ingest."""

    unit: UnitId
    device_t: Instant
    forget_from_t: Instant | None = None
    """Since when fixes that came before this news are none of ours; None: there were none. They go
    out of the history next, and by this at the next start where the hub ended before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioConnected(Event):
    """A radio came to the broker."""

    radio: RadioId


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioLost(Event):
    """A radio's last will was published, or it fell silent for too long."""

    radio: RadioId
    silent: bool
    """True: nothing was heard; False: the broker said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolReported(Event):
    """A unit reported what it saw."""

    report: ReportId
    unit: UnitId
    kind: Kind
    grid: GridId | None
    device_t: Instant
    digest: str
    words: Personal
    photo: Personal | None
    fix: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioEnrolled(Event):
    """A radio may connect from now on. Its secret's hash is kept apart."""

    radio: RadioId
    call_sign: str
    role: Role
    skills: tuple[str, ...]
    post: GridId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioRevoked(Event):
    """A radio may not connect any more; its live connection was cut."""

    radio: RadioId
    by: OperatorName | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioCodeMade(Event):
    """A code was made that lets this radio in once; until then everything is as it was."""

    radio: RadioId
    expires_t: Instant
    """By the machine's own time."""
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioLetIn(Event):
    """Beside *RadioEnrolled*: somebody answers for it, not a community's file."""

    radio: RadioId
    by: OperatorName
    """Who gave the secret, or made the code that was used."""
    by_code: bool
    address: Personal | None
    """From where the code was used."""
    consented: tuple[str, ...] = ()
    """What whoever held it consented to, each as ``text/version/SHA-256 of the words``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioCodeRefused(Event):
    """Somebody showed a code that lets nobody in; told at most once a minute for a reason and a
    place. Who it was is not known: its community is "". The code is not written down."""

    why: CodeRefused
    radio: RadioId | None
    """Whose code it was, where that is known."""
    times: int
    """How often since this was told last."""
    address: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackErased(Event):
    """Where a unit was in a span is erased from the history of positions; told before it is done,
    so that nothing goes that nobody answers for."""

    unit: UnitId
    from_t: Instant
    to_t: Instant
    """Included, as ``from_t`` is."""
    by: OperatorName
    why: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleUnattended(Event):
    """Alarms may come and no operator is at any console."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleAttended(Event):
    """An operator is at a console again."""

    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPressed(Event):
    """The doctor pressed to see how long each hop takes: no alarm, of no community (trial.py)."""

    press: str
    """``boot:counter``."""


EVENT_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        AlarmReceived,
        AlarmRepeated,
        AlarmConflicted,
        AlarmUndecided,
        IncidentOpened,
        AlarmJoined,
        AlarmLeft,
        IncidentLinked,
        StepBegun,
        PlanChanged,
        CallsHeld,
        IncidentRevised,
        PlaceRevised,
        ChecklistTicked,
        ResponseDecided,
        UnitAssigned,
        OrderReceived,
        OrderShown,
        GatewayTried,
        UnitAccepted,
        UnitDeclined,
        UnitEnRoute,
        UnitArrived,
        UnitCleared,
        AssignmentExpired,
        AssignmentWithdrawn,
        ResponseLapsed,
        IncidentTaken,
        LeaseLapsed,
        HandedOver,
        PersonTold,
        CancelRequested,
        CancelAnswered,
        SeenConfirmed,
        NoteAdded,
        IncidentEscalated,
        IncidentClosed,
        IncidentReopened,
        CallbackMade,
        IncidentExported,
        PlanBookAdopted,
        ShiftHandedOver,
        DrillStarted,
        DrillEnded,
        UnitSignedOn,
        UnitSignedOff,
        RadioConnected,
        RadioLost,
        PatrolReported,
        RadioEnrolled,
        RadioRevoked,
        RadioCodeMade,
        RadioLetIn,
        RadioCodeRefused,
        TrackErased,
        ConsoleUnattended,
        ConsoleAttended,
        TrialPressed,
    )
}
"""Every fact by the name it has in the journal. Names are never reused for another meaning."""
