"""Small matters stay in the grid: a step asks only so many rings of grids round the place."""

import numpy as np

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import SILENT, Codes, Crowd, says
from dispatch.words import Verdict


def within_rings(call: Call, candidate: Candidate) -> Verdict | None:
    """Where the place itself is in no grid there are no rings, and nobody is too far by them."""
    if call.step.rings is None or call.grid is None:
        return None
    return None if 0 <= candidate.ring <= call.step.rings else Verdict.TOO_FAR


def within_rings_of_all(call: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    if call.step.rings is None or call.grid is None:
        return np.full(len(crowd), SILENT)
    return says((crowd.ring < 0) | (crowd.ring > call.step.rings), Verdict.TOO_FAR)
