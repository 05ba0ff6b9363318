"""What is awaited of one incident, for those who count down. A value."""

from dataclasses import dataclass
from typing import Final

from dispatch.clock import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Instants of the hub's clock; None where nothing is awaited."""

    step_t: Instant | None = None
    """The plan's next step begins."""
    lease_t: Instant | None = None
    """Its holder, who is away, loses it."""


NOTHING_AWAITED: Final = Awaited()
