"""What a decision is about: the place, who is lacking, who was asked. A value, no rule."""

from dataclasses import dataclass

from dispatch.clock import Instant
from dispatch.ids import CommunityId, GridId, UnitId
from dispatch.plan import Matter, Need, Plan, PlanStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A need of the step, and how many of it are not there yet."""

    need: Need
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Whom do we need, and where, now?"""

    now: Instant
    community: CommunityId
    lon: float | None
    """None with ``lat``: nobody knows where; then units are taken by their ids."""
    lat: float | None
    grid: GridId | None
    sender: UnitId | None
    reporters: frozenset[UnitId] = frozenset()
    """Others who pressed for the same matter."""
    priority: int
    """Of the incident: 1 is the most urgent."""
    asked: frozenset[UnitId]
    """Who was asked in this round already and is not asked again."""
    lacking: tuple[Lack, ...]
    """Most wanted first; only what is lacking."""
    plan: Plan
    step: PlanStep
    fresh_us: int
    """Age up to which a fix counts."""
    coming: frozenset[UnitId] = frozenset()
    """Who counts as there, or on the way: ``lacking`` is what the step asks for without them."""
    awaited: frozenset[UnitId] = frozenset()
    """Who has not answered yet and may still say yes: a wave that found too few to ask asks others
    beside them. Empty for any other wave."""
    matter: Matter | None = None
    """What the plan was chosen by, kept for choosing another one by it later; no rule asks."""
