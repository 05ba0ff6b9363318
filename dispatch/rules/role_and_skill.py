"""Only what the plan still lacks is called: the role, and the skill where one is asked."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.words import Verdict


def role_and_skill(call: Call, candidate: Candidate) -> Verdict | None:
    """A retired doctor on patrol is called as a doctor, and as a volunteer."""
    role, skills = candidate.role, candidate.skills
    for lack in call.lacking:
        if lack.need.fits(role, skills):
            return None
    right_role = False
    for need in call.step.needs:
        if need.fits(role, skills):
            return Verdict.NOT_NEEDED
        right_role = right_role or need.role in (None, role)
    return Verdict.LACKS_SKILL if right_role else Verdict.WRONG_ROLE
