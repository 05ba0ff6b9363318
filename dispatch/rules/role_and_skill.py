"""Only what the plan still lacks is called: the role, and the skill where one is asked."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.words import Verdict


def role_and_skill(call: Call, candidate: Candidate) -> Verdict | None:
    """A retired doctor on patrol is called as a doctor, and as a volunteer."""
    if any(each.need.fits(candidate.role, candidate.skills) for each in call.lacking):
        return None
    if any(need.fits(candidate.role, candidate.skills) for need in call.step.needs):
        return Verdict.NOT_NEEDED
    if any(need.role in (None, candidate.role) for need in call.step.needs):
        return Verdict.LACKS_SKILL
    return Verdict.WRONG_ROLE
