"""What a decision is about: the place, who is lacking, who was asked. A value, no rule."""

from dataclasses import dataclass

from dispatch.clock import Instant
from dispatch.ids import CommunityId, GridId, UnitId
from dispatch.plan import Need, Plan, PlanStep


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
