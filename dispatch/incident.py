"""An incident and its assignments as they stand: state folded from facts. Decides nothing."""

from dataclasses import dataclass, field

from dispatch.clock import Instant
from dispatch.events import Event
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommunityId,
    DecisionId,
    GridId,
    IncidentId,
    OperatorName,
    UnitId,
)
from dispatch.words import (
    ENDED,
    LIVE,
    AssignmentState,
    Disposition,
    EscalationReason,
    Kind,
    Phase,
    PlaceSource,
    Role,
    Rung,
    Verdict,
    WithdrawReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One unit as a decision saw it: why it was called, or why not."""

    unit: UnitId
    verdict: Verdict
    role: Role
    ring: int
    """0 own grid, 1 next to it, ...; -1 outside every grid or unknown."""
    distance_m: float | None
    fix_age_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whom one wave called, and what every unit looked like then."""

    decision: DecisionId
    wave: int
    t: Instant
    called: tuple[UnitId, ...]
    missing: dict[Role, int]
    short: dict[Role, int]
    candidates: tuple[Candidate, ...]
    """Empty once the inputs were erased."""


@dataclass(slots=True, kw_only=True)
class Assignment:
    """One unit asked to one incident."""

    assignment: AssignmentId
    unit: UnitId
    role: Role
    wave: int
    by: OperatorName | None
    distance_m: float | None
    state: AssignmentState
    offered_t: Instant
    answer_by_t: Instant
    state_t: Instant
    """When the present state began."""
    times: dict[AssignmentState, Instant] = field(default_factory=dict)
    """First time of every state it has had."""
    withdrawn_for: WithdrawReason | None = None
    cancel_heard: bool = True
    """False while a withdrawal waits for the radio's confirmation. No fact tells of it:
    after a restart the radio is asked once more."""

    @property
    def live(self) -> bool:
        """Whether the unit is asked or coming."""
        return self.state in LIVE


@dataclass(slots=True, kw_only=True)
class Alarm:
    """What a radio sent, while its incident is kept in memory."""

    alarm: AlarmId
    community: CommunityId
    unit: UnitId
    press: str
    """``boot:counter``, as the radio knows it."""
    kind: Kind
    covert: bool
    late: bool
    device_t: Instant
    received_t: Instant
    digest: str
    repeats: int = 0
    conflicts: int = 0
    incident: IncidentId | None = None
    stored: bool = True
    """False while the store is down: shown as *not stored*, and ``stored`` withheld."""
    undecided: str = ""
    """Why deciding failed; empty where it has not."""
    seen_confirmed: bool = False
    lon: float | None = None
    lat: float | None = None
    acc_m: float | None = None
    fix_t: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """From where an incident's response counts: its opening, or its last reopening.

    The numbers are how many assignments, decisions and escalations there were before.
    """

    t: Instant
    """When it began to ring: the first escalation is counted from here."""
    assignments: int = 0
    decisions: int = 0
    escalations: int = 0


@dataclass(slots=True, kw_only=True)
class Incident:
    """What the centre handles. Changed only by folding facts into it."""

    incident: IncidentId
    community: CommunityId
    kind: Kind
    priority: int
    covert: bool
    phase: Phase
    opened_t: Instant
    version: int
    """Counts the facts folded in; commands say which one they were based on."""
    sender: UnitId | None
    opened_by: OperatorName | None
    linked_to: IncidentId | None
    place_source: PlaceSource
    grid: GridId | None
    fix_t: Instant | None
    lon: float | None
    lat: float | None
    acc_m: float | None
    words: str
    plan: str
    alarms: list[AlarmId] = field(default_factory=list)
    last_press_t: Instant | None = None
    taken_by: OperatorName | None = None
    taken_t: Instant | None = None
    assignments: dict[AssignmentId, Assignment] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    escalations: list[tuple[Instant, Rung, EscalationReason]] = field(default_factory=list)
    story: list[Event] = field(default_factory=list)
    """Every fact about it, oldest first."""
    closed_t: Instant | None = None
    closed_by: OperatorName | None = None
    disposition: Disposition | None = None
    duplicate_of: IncidentId | None = None
    phase_times: dict[Phase, Instant] = field(default_factory=dict)
    """First time of every phase it has had."""
    round: Round = Round(t=0)

    @property
    def open(self) -> bool:
        """Whether it still needs anybody."""
        return self.phase not in ENDED

    def round_assignments(self) -> list[Assignment]:
        """Those of this round, in the order in which units were asked."""
        return list(self.assignments.values())[self.round.assignments :]

    def round_decisions(self) -> list[Decision]:
        """Those of this round, oldest first."""
        return self.decisions[self.round.decisions :]

    def has_escalated(self, rung: Rung, reason: EscalationReason) -> bool:
        """Whether this rung was reached for this reason in this round."""
        reached = self.escalations[self.round.escalations :]
        return any((was, why) == (rung, reason) for _, was, why in reached)
