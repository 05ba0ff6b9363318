"""What operators and administrators ask of the hub, in the imperative. Refusals are in errors.py.

Every command carries its own id (asking twice is harmless) and who asks;
those that change an incident carry the version they were based on, 0 meaning
*whatever it is now*.
"""

from dataclasses import dataclass

from dispatch.ids import (
    AssignmentId,
    CommandId,
    CommunityId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.words import Disposition, Kind

NOTE_LENGTH_MAX = 5_000
"""Characters in a note: two printed pages; longer is refused with a sentence."""
WORDS_LENGTH_MAX = 500
OPERATOR_LENGTH_MAX = 40


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeIncident(IncidentCommand):
    """I handle this one."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenIncident(IncidentCommand):
    """It is not over after all."""

    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRadio(Command):
    """This radio may not connect any more."""

    radio: RadioId


AnyCommand = (
    OpenIncident
    | TakeIncident
    | AddNote
    | AssignUnit
    | WithdrawUnit
    | CloseIncident
    | ReopenIncident
    | RevokeRadio
)
