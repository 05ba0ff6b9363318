"""An incident and its assignments as they stand: state folded from facts. Decides nothing."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, overload

import msgspec

from dispatch.clock import Instant
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommunityId,
    DecisionId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    UnitId,
)
from dispatch.plan import PlanId
from dispatch.story import QUICKLY, Story
from dispatch.words import (
    ENDED,
    LIVE,
    Agency,
    AssignmentState,
    Disposition,
    EscalationReason,
    FalseReason,
    Kind,
    Linked,
    Phase,
    PlaceSource,
    Role,
    Rung,
    Satisfaction,
    Tier,
    Verdict,
    WithdrawReason,
)


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One unit as a decision saw it, and why it was called, or why not.

    All but the verdict and the need are facts about the unit then: enough to
    judge it again under other rules.

    A struct where the house's values are dataclasses: an alarm makes a hundred of them
    in its way, and a struct is made in a tenth of the time and never walked by the
    garbage collector (``gc=False``: it holds words and numbers, nothing that could hold it).
    """

    unit: UnitId
    verdict: Verdict
    role: Role
    ring: int
    """0 own grid, 1 next to it, ...; -1 outside every grid or unknown."""
    distance_m: float | None
    fix_age_s: float | None
    skills: tuple[str, ...] = ()
    on_duty: bool = True
    online: bool = True
    busy: int = 0
    """Priority of the most urgent incident it is asked or coming to, or calls for help in;
    0: free."""
    walk_s: float | None = None
    """Seconds on foot by the streets, for the nearest of them; None: not known."""
    eta_s: float | None = None
    """Expected seconds until it is there, getting ready counted."""
    asked: int = 0
    """Orders of the last 90 days that it could have answered, and ..."""
    accepted: int = 0
    """... those it accepted."""
    call_outs: int = 0
    """Orders it accepted in the last days: they make it count as farther away."""
    chance: float | None = None
    """How likely it accepts and arrives within the plan's target."""
    need: str = ""
    """What it was called for (``volunteer+medical``); empty where it was not."""


class Candidates(Sequence[Candidate]):
    """Candidates in their order; those that were read back are unpacked when looked at."""

    __slots__ = ("_all", "_packed")

    def __init__(self, told: Iterable[Candidate] = ()) -> None:
        self._all = tuple(told)
        self._packed: bytes | None = None
        """All of them, until they are first looked at."""

    @classmethod
    def of_bytes(cls, data: bytes) -> "Candidates":
        """What ``to_bytes`` gave; read later, and believed to be ours."""
        found = cls()
        found._packed = data
        return found

    def to_bytes(self) -> bytes:
        """All of them, compressed."""
        if self._packed is not None:
            return self._packed
        return zlib.compress(_ENCODER.encode(self._all), QUICKLY)

    @overload
    def __getitem__(self, index: int) -> Candidate: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Candidate, ...]: ...

    def __getitem__(self, index: int | slice) -> Candidate | tuple[Candidate, ...]:
        return self._told()[index]

    def __len__(self) -> int:
        return len(self._told())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Candidates):
            return NotImplemented
        return self._told() == other._told()

    def __hash__(self) -> int:
        return hash(self._told())

    def __repr__(self) -> str:
        return f"Candidates({self._told()!r})"

    def _told(self) -> tuple[Candidate, ...]:
        if self._packed is not None:
            self._all = _CANDIDATES.decode(zlib.decompress(self._packed))
            self._packed = None
        return self._all


_ENCODER: Final = msgspec.msgpack.Encoder()
_CANDIDATES: Final = msgspec.msgpack.Decoder(tuple[Candidate, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whom one wave called, and what those looked like who were near then."""

    decision: DecisionId
    wave: int
    t: Instant
    called: tuple[UnitId, ...]
    missing: dict[str, int]
    """By need, such as ``volunteer+medical``."""
    short: dict[str, int]
    candidates: Candidates
    """The called, and of the others the nearest: CANDIDATES_REMEMBERED_MAX in all, in the order
    in which they were lined up. The journal has some more. Empty once the inputs were erased."""
    verdicts: dict[str, int]
    """How many units were looked at, by verdict; empty once the inputs were erased."""
    step: str = ""
    all_asked: bool = False
    """Of some need everybody who was free was asked, and fewer were likely to come than wanted."""
    chance: float | None = None
    """How likely somebody arrives within the target: of those called, or coming then."""
    by: OperatorName | None = None
    """Who asked for more people; None: the plan did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTry:
    """Somebody was told by SMS, voice or a chat, or that failed."""

    t: Instant
    gateway: str
    ok: bool
    why: str
    recall: bool = False
    """That the order was taken back was told."""
    person: str = ""
    """Who outside the roster; empty where it was the unit's bearer."""


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
    need: str = ""
    """What it was called for, as decisions name it."""
    walk_s: float | None = None
    volunteered: bool = False
    carried_from: AssignmentId | None = None
    at_broker_t: Instant | None = None
    """When the broker took the order. No fact tells of it: after a restart it is not known."""
    shown_t: Instant | None = None
    """When the radio put it before its bearer's eyes."""
    gateways: list["GatewayTry"] = field(default_factory=list)

    @property
    def live(self) -> bool:
        """Whether the unit is asked or coming."""
        return self.state in LIVE


Calling: TypeAlias = tuple[Instant, Instant]
"""Since when a unit calls for help: when it reached us, and when by its radio's own clock."""


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
    battery_pct: int | None = None
    drill: bool = False
    """The radio said that it was an exercise."""
    clock_off_us: int | None = 0
    """By how much its clock was known to be off; None where nothing was known of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A step of the plan that the response entered."""

    t: Instant
    plan: PlanId
    step: str
    tier: Tier
    due_t: Instant | None
    reason: EscalationReason | None
    by: OperatorName | None
    tell: tuple[str, ...]
    agency: Agency | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelWish:
    """The sender's wish to call it off."""

    t: Instant
    alarm: AlarmId
    duress: bool
    granted: bool | None = None
    """None while no operator has answered."""
    answered_t: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The incident was told to an agency."""

    t: Instant
    agency: Agency
    by: OperatorName
    contact: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the one who reported said afterwards."""

    t: Instant
    satisfaction: Satisfaction
    by: OperatorName
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """From where an incident's response counts: its opening, or its last reopening.

    The numbers are how many assignments, decisions, escalations and steps there were before.
    """

    t: Instant
    """When it began to ring: the first escalation is counted from here."""
    assignments: int = 0
    decisions: int = 0
    escalations: int = 0
    steps: int = 0


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
    plan: PlanId
    alarms: list[AlarmId] = field(default_factory=list)
    last_press_t: Instant | None = None
    taken_by: OperatorName | None = None
    taken_t: Instant | None = None
    first_taken_t: Instant | None = None
    assignments: dict[AssignmentId, Assignment] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    escalations: list[tuple[Instant, Rung, EscalationReason]] = field(default_factory=list)
    story: Story = field(default_factory=Story)
    """Every fact about it, oldest first."""
    closed_t: Instant | None = None
    closed_by: OperatorName | None = None
    disposition: Disposition | None = None
    duplicate_of: IncidentId | None = None
    phase_times: dict[Phase, Instant] = field(default_factory=dict)
    """First time of every phase it has had."""
    round: Round = Round(t=0)
    drill: DrillId | None = None
    """The exercise it belongs to; None: it is real."""
    in_danger: bool = False
    """Its sender was answering another incident when they pressed."""
    caller_name: str = ""
    caller_phone: str = ""
    links: dict[IncidentId, Linked] = field(default_factory=dict)
    """How it stands to others, ``linked_to`` among them."""
    reporters: set[AlarmId] = field(default_factory=set)
    """Presses of others who told of the same matter."""
    moved_in: set[AlarmId] = field(default_factory=set)
    """Presses that an operator brought here from another incident: they rang there."""
    steps: list[Begun] = field(default_factory=list)
    calls_held: bool = False
    """An operator keeps the machine from calling further people."""
    checked: dict[str, tuple[Instant, OperatorName]] = field(default_factory=dict)
    """Items of the checklist that are done, when and by whom."""
    lease: int = 0
    """Grows with each taking."""
    cancel: CancelWish | None = None
    call_off_answer_shown: bool = True
    """False while the answer to the sender's wish waits for its radio: that it is called off,
    or that it is not. No fact tells of it."""
    given: list[Given] = field(default_factory=list)
    told: list[GatewayTry] = field(default_factory=list)
    """People outside the roster."""
    false_reason: FalseReason | None = None
    callbacks: list[Callback] = field(default_factory=list)

    @property
    def rings(self) -> int:
        """How many different presses rang for it."""
        return len(self.alarms) - len(self.moved_in)

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

    def round_steps(self) -> list[Begun]:
        """Those of this round, oldest first."""
        return self.steps[self.round.steps :]

    @property
    def step(self) -> Begun | None:
        """Where the response stands in its plan; None before it began."""
        steps = self.round_steps()
        return steps[-1] if steps else None

    @property
    def tier(self) -> Tier:
        """How high it has been carried in all."""
        order = list(Tier)
        tiers = [each.tier for each in self.round_steps()]
        tiers += [Tier.AGENCY] if self.given else []
        return max(tiers, key=order.index, default=Tier.GRID)

    def has_escalated(self, rung: Rung, reason: EscalationReason) -> bool:
        """Whether this rung was reached for this reason in this round."""
        reached = self.escalations[self.round.escalations :]
        return any((was, why) == (rung, reason) for _, was, why in reached)
