"""The units of a community as columns, as rules look at many of them at once. Decides nothing.

What a rule says of one unit (a candidate) it says here of all, in whole columns: each rule
stands in its file in both forms, and a test holds them against each other.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.ids import UnitId
from dispatch.words import Role, Verdict
from geo.arrays import Flags, Floats

ROLES: Final = tuple(Role)
"""``Crowd.role`` counts in this order."""

VERDICTS: Final = tuple(Verdict)
"""Codes count in this order. The first is *called*: what nobody speaks against."""

CODE: Final = {verdict: np.uint8(code) for code, verdict in enumerate(VERDICTS)}
SILENT: Final = CODE[Verdict.CALLED]
assert SILENT == 0, "a column of zeros is one in which no rule has spoken"

Codes = NDArray[np.uint8]
"""What is said of each unit, as an index into VERDICTS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """One value a unit in each column, as ``Candidate`` has it and rounded alike."""

    role: NDArray[np.int8]
    """As an index into ROLES."""
    ring: NDArray[np.int64]
    """-1 outside every grid or unknown."""
    distance_m: Floats
    """NaN: not known."""
    fix_age_s: Floats
    """NaN: there never was a fix."""
    on_duty: Flags
    online: Flags
    busy: NDArray[np.int8]
    among: Callable[[Collection[UnitId]], Flags]
    """Which of the units these are."""
    skilled: Callable[[str], Flags]
    """Which of them have this skill."""

    def __len__(self) -> int:
        return len(self.role)


def says(which: Flags, verdict: Verdict) -> Codes:
    """This of these, and nothing of the others."""
    codes: Codes = which * CODE[verdict]
    return codes
