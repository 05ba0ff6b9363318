"""Only what the plan still lacks is called: the role, and the skill where one is asked."""

import numpy as np

from dispatch.incident import Candidate
from dispatch.plan import Need
from dispatch.rules.call import Call
from dispatch.rules.crowd import CODE, ROLES, SILENT, Codes, Crowd
from dispatch.words import Verdict
from geo.arrays import Flags


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


def role_and_skill_of_all(call: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    codes = np.full(len(crowd), CODE[Verdict.WRONG_ROLE])
    for need in call.step.needs:
        np.copyto(codes, CODE[Verdict.LACKS_SKILL], where=_of_role(need, crowd))
    for need in call.step.needs:
        np.copyto(codes, CODE[Verdict.NOT_NEEDED], where=fit(need, crowd))
    for lack in call.lacking:
        np.copyto(codes, SILENT, where=fit(lack.need, crowd))
    return codes


def fit(need: Need, crowd: Crowd) -> Flags:
    """``Need.fits`` of many."""
    fits = _of_role(need, crowd)
    return fits & crowd.skilled(need.skill) if need.skill else fits


def _of_role(need: Need, crowd: Crowd) -> Flags:
    if need.role is None:
        return np.ones(len(crowd), np.bool_)
    which: Flags = crowd.role == ROLES.index(need.role)
    return which
