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
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    ReportId,
    UnitId,
)
from dispatch.words import (
    Disposition,
    EscalationReason,
    Kind,
    PlaceSource,
    Role,
    Rung,
    WithdrawReason,
)


class Purpose(StrEnum):
    """What a personal value is kept for; its expiry follows from this."""

    PLACE = "place"
    WORDS = "words"
    MEDIA = "media"
    DECISION = "decision"
    PERSON = "person"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRepeated(Event):
    """The same press was heard again; ``repeats`` in all. Told at most every 10 s an alarm."""

    alarm: AlarmId
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmConflicted(Event):
    """The same identity came with other content; the first is kept, this is recorded."""

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
    """The response plan's name and version that answered."""
    command: CommandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmJoined(IncidentEvent):
    """A further press belongs to this open incident and rings again."""

    alarm: AlarmId
    place_source: PlaceSource
    grid: GridId | None
    fix_t: Instant | None
    place: Personal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDecided(IncidentEvent):
    """Whom to call in one wave, with the inputs kept so that it can be replayed."""

    decision: DecisionId
    wave: int
    called: tuple[UnitId, ...]
    missing: dict[Role, int]
    """How many of each role the plan still lacked before this wave."""
    short: dict[Role, int]
    """How many fewer could be asked than the wave wanted, by role."""
    inputs: Personal
    """{now, place, plan, candidates: [{unit, verdict, role, ring, distance_m, fix_age_s}]}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAssigned(IncidentEvent):
    """A unit was told to go; nothing yet says that it accepted."""

    assignment: AssignmentId
    unit: UnitId
    role: Role
    wave: int
    """0 where an operator chose the unit."""
    distance_m: float | None
    answer_by_t: Instant
    """Silent until then, the order has expired (and may still be accepted late)."""
    by: OperatorName | None
    command: CommandId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEvent(IncidentEvent):
    """Something that happened to one assignment."""

    assignment: AssignmentId
    unit: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived(AssignmentEvent):
    """The unit's radio has the order."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReopened(IncidentEvent):
    """A person found that it was not over."""

    by: OperatorName
    words: Personal | None
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
class ConsoleUnattended(Event):
    """Alarms may come and no operator is at any console."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleAttended(Event):
    """An operator is at a console again."""

    by: OperatorName


EVENT_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        AlarmReceived,
        AlarmRepeated,
        AlarmConflicted,
        AlarmUndecided,
        IncidentOpened,
        AlarmJoined,
        ResponseDecided,
        UnitAssigned,
        OrderReceived,
        UnitAccepted,
        UnitDeclined,
        UnitEnRoute,
        UnitArrived,
        UnitCleared,
        AssignmentExpired,
        AssignmentWithdrawn,
        ResponseLapsed,
        IncidentTaken,
        SeenConfirmed,
        NoteAdded,
        IncidentEscalated,
        IncidentClosed,
        IncidentReopened,
        UnitSignedOn,
        UnitSignedOff,
        RadioConnected,
        RadioLost,
        PatrolReported,
        RadioEnrolled,
        RadioRevoked,
        ConsoleUnattended,
        ConsoleAttended,
    )
}
"""Every fact by the name it has in the journal. Names are never reused for another meaning."""
