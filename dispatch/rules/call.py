"""What a decision is about: the place, who is lacking, who was asked. A value, no rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.clock import Instant
from dispatch.ids import CommunityId, GridId, UnitId
from dispatch.plan import ResponsePlan
from dispatch.words import Role


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
    asked: frozenset[UnitId]
    """Who was asked in this round already and is not asked again."""
    missing: Mapping[Role, int]
    plan: ResponsePlan
    fresh_us: int
    """Age up to which a fix counts."""
