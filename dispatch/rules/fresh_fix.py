"""Only a unit that is known to be near is called as near."""

from dispatch.clock import SECOND
from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.words import Verdict


def fresh_fix(call: Call, candidate: Candidate) -> Verdict | None:
    """An old place sends the wrong volunteer."""
    if candidate.fix_age_s is None:
        return Verdict.NO_FIX
    return Verdict.STALE if candidate.fix_age_s * SECOND > call.fresh_us else None
