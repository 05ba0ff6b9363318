"""Only roles that the plan still lacks are called."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.words import Verdict


def only_missing_roles(call: Call, candidate: Candidate) -> Verdict | None:
    """A role the plan never asks for is the wrong one; of the others there are enough."""
    if candidate.role not in call.plan.needs:
        return Verdict.WRONG_ROLE
    return None if candidate.role in call.missing else Verdict.NOT_NEEDED
