"""The line of those of whom no rule speaks: who is asked before whom. Pure.

Own grid, then ring by ring, then who is there soonest; who was called out lately, or would
be called off an errand, counts as farther. Where nobody knows the place, the id alone.
One unit is placed by ``rank``; of many ``line_of`` finds the head, call-outs apart.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.chances import DETOUR, TURNOUT_S
from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import ROLES, Crowd
from geo.arrays import Floats
from geo.walkways import STREET_MPS

CALLED_OFF_S: Final = 180.0
"""A unit that would be called off an errand counts as so much farther away than a free one."""

OUTSIDE: Final = 2**31
"""The ring of what is outside every grid: behind all of them."""

Places = NDArray[np.int64]
"""Places in the columns of a crowd."""

_TURNOUT_S: Final = np.array([TURNOUT_S[role] for role in ROLES])


def rank(call: Call, seen: Candidate, eta: float | None) -> tuple[int, float, str]:
    """Where in the line a unit stands: the smallest first."""
    ring = seen.ring if seen.ring >= 0 else OUTSIDE
    if eta is None:
        return (ring, float("inf"), seen.unit)
    counted_s = eta + (CALLED_OFF_S if seen.busy else 0.0)
    counted_s += call.plan.fairness_s * seen.call_outs
    return (ring if call.plan.by_rings else 0, counted_s, seen.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where everybody of a crowd stands, call-outs apart: nobody stands before that, whatever is
    known of theirs."""

    ring: NDArray[np.int64]
    counted_s: Floats
    """Infinite where nobody knows how far it is."""

    def head(self, of: Places, count: int) -> Places:
        """The first so many of these, in no order, and all who stand level with the last."""
        if len(of) <= count:
            return of
        ring = self.ring.take(of)
        last = np.partition(ring, count - 1)[count - 1]
        inner, edge = of[ring < last], of[ring == last]
        counted_s = self.counted_s.take(edge)
        wanted = count - len(inner)
        latest_s = np.partition(counted_s, wanted - 1)[wanted - 1]
        return np.concatenate([inner, edge[counted_s <= latest_s]])


def line_of(call: Call, crowd: Crowd, walk_s: Floats) -> Line:
    """``rank`` of many; ``walk_s`` is NaN where the way on foot is not known."""
    straight_s = crowd.distance_m * DETOUR / STREET_MPS
    eta_s = _TURNOUT_S.take(crowd.role) + np.where(np.isnan(walk_s), straight_s, walk_s)
    unknown = np.isnan(eta_s)
    ring = np.where(crowd.ring >= 0, crowd.ring, OUTSIDE)
    if not call.plan.by_rings:
        ring[~unknown] = 0
    counted_s = eta_s + np.where(crowd.busy > 0, CALLED_OFF_S, 0.0)
    counted_s[unknown] = np.inf
    return Line(ring=ring, counted_s=counted_s)
