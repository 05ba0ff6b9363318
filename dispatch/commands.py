"""What operators and administrators ask of the hub, in the imperative. Refusals are in errors.py.

Every command carries its own id (asking twice is harmless) and who asks;
those that change an incident carry the version they were based on and the lease
they were given under, 0 meaning *whatever it is now*. A reason in words is asked
for where a person overrules the machine or another person.
"""

import hashlib
from dataclasses import dataclass, fields

from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    CommunityId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.words import Agency, Disposition, FalseReason, Kind, Role, Satisfaction

NOTE_LENGTH_MAX = 5_000
"""Characters in a note: two printed pages; longer is refused with a sentence."""
WORDS_LENGTH_MAX = 500
OPERATOR_LENGTH_MAX = 40
CALLER_LENGTH_MAX = 60
DRILL_NAME_LENGTH_MAX = 40
CALL_MORE_MAX = 50
"""People asked at once beyond the plan; a whole neighbourhood is called by a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request by a person."""

    command: CommandId
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCommand(Command):
    """A request about one incident."""

    incident: IncidentId
    based_on: int = 0
    lease: int = 0
    """The lease of the asker, where they hold one: somebody may have taken over since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident(Command):
    """Begin one by hand: a phone call, somebody at the desk. A place, a grid, a unit or words."""

    community: CommunityId
    kind: Kind
    words: str
    lon: float | None = None
    lat: float | None = None
    grid: GridId | None = None
    unit: UnitId | None = None
    priority: int | None = None
    """None: as the kind has it."""
    plan: str = ""
    """Empty: the plan that fits."""
    caller_name: str = ""
    caller_phone: str = ""
    drill: bool = False
    """For the exercise that is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeIncident(IncidentCommand):
    """I handle this one. From somebody who has it, only with a reason."""

    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseIncident(IncidentCommand):
    """It is of another kind or priority than it seemed."""

    kind: Kind | None = None
    priority: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisePlace(IncidentCommand):
    """It is here: a point, a grid, where a unit is, or words."""

    words: str = ""
    lon: float | None = None
    lat: float | None = None
    grid: GridId | None = None
    unit: UnitId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan(IncidentCommand):
    """Answer it by another plan, for this reason."""

    plan: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCalls(IncidentCommand):
    """Call nobody further by machine, or go on with it."""

    held: bool
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginStep(IncidentCommand):
    """Carry it up now: to the plan's next step, or to the one that is named."""

    step: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMore(IncidentCommand):
    """Ask so many more people, chosen by the rules, whatever the plan wants."""

    count: int
    role: Role | None = None
    skill: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TickItem(IncidentCommand):
    """This item of the checklist is done, or is not after all."""

    item: str
    done: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIncident(IncidentCommand):
    """It has to do with the other one, or has not: they stay two."""

    other: IncidentId
    linked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeIncident(IncidentCommand):
    """It is the other one: its presses and the units on their way go there, and it ends."""

    into: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitIncident(IncidentCommand):
    """These presses are about another matter, which begins with them."""

    alarms: tuple[AlarmId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(IncidentCommand):
    """Police, fire service, ambulance or hotline was told of it."""

    agency: Agency
    contact: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCancel(IncidentCommand):
    """The sender's wish to call it off: granted, after a word with them, or not.

    Granted, a plain wish ends the incident as a false alarm or cancelled; one under
    duress ends nothing, the radio only looks as if it did.
    """

    granted: bool
    false_reason: FalseReason | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCallback(IncidentCommand):
    """The one who reported was asked how it went."""

    satisfaction: Satisfaction
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportIncident(IncidentCommand):
    """A file of it, with this seal, is being handed out. It may have ended long ago."""

    community: CommunityId
    seal: str
    personal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote(IncidentCommand):
    """Write this down."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignUnit(IncidentCommand):
    """Send this unit, whatever the rules say."""

    unit: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawUnit(IncidentCommand):
    """Call this unit back."""

    assignment: AssignmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIncident(IncidentCommand):
    """It is over."""

    disposition: Disposition
    words: str = ""
    duplicate_of: IncidentId | None = None
    false_reason: FalseReason | None = None
    """Asked for where the disposition is a false alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenIncident(IncidentCommand):
    """It is not over after all."""

    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRadio(Command):
    """This radio may not connect any more."""

    radio: RadioId


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverShift(Command):
    """All open work of mine in this community is the other's now."""

    community: CommunityId
    to: OperatorName
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartDrill(Command):
    """An exercise begins."""

    community: CommunityId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDrill(Command):
    """The exercise is over."""

    drill: DrillId


AnyIncidentCommand = (
    TakeIncident
    | ReviseIncident
    | RevisePlace
    | ChangePlan
    | HoldCalls
    | BeginStep
    | CallMore
    | TickItem
    | LinkIncident
    | MergeIncident
    | SplitIncident
    | HandOver
    | AnswerCancel
    | RecordCallback
    | ExportIncident
    | AddNote
    | AssignUnit
    | WithdrawUnit
    | CloseIncident
    | ReopenIncident
)
AnyCommand = AnyIncidentCommand | OpenIncident | HandOverShift | StartDrill | EndDrill | RevokeRadio


def fingerprint(command: AnyCommand) -> str:
    """Who asks for what of which thing, as a digest: two commands that share it are one asked
    twice. What the asker knew when they asked (version, lease) may have changed in between."""
    said = [
        (each.name, getattr(command, each.name))
        for each in fields(command)
        if each.name not in ("command", "based_on", "lease")
    ]
    return hashlib.sha256(f"{type(command).__name__} {said!r}".encode()).hexdigest()
