"""Only a unit that is known to be near is called as near."""

import numpy as np

from dispatch.clock import SECOND
from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import Codes, Crowd, says
from dispatch.words import Verdict


def fresh_fix(call: Call, candidate: Candidate) -> Verdict | None:
    """An old place sends the wrong volunteer."""
    if candidate.fix_age_s is None:
        return Verdict.NO_FIX
    return Verdict.STALE if candidate.fix_age_s * SECOND > call.fresh_us else None


def fresh_fix_of_all(call: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    stale = crowd.fix_age_s * SECOND > call.fresh_us  # nothing is greater where there is no age
    return says(np.isnan(crowd.fix_age_s), Verdict.NO_FIX) | says(stale, Verdict.STALE)
