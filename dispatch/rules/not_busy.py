"""Whoever is asked or coming somewhere is not called away, but from an errand that can wait."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import Codes, Crowd, says
from dispatch.words import DRILL_PRIORITY, Verdict


def not_busy(call: Call, candidate: Candidate) -> Verdict | None:
    """Nobody is on two emergencies at once; a matter that can wait gives way to one that cannot."""
    if not candidate.busy:
        return None
    if candidate.busy == DRILL_PRIORITY and call.priority < DRILL_PRIORITY:
        return None
    least = call.plan.preempts
    gives_way = least is not None and candidate.busy >= least and candidate.busy > call.priority
    return None if gives_way else Verdict.BUSY


def not_busy_of_all(call: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    held = crowd.busy > 0
    if call.priority < DRILL_PRIORITY:
        held &= crowd.busy != DRILL_PRIORITY
    if call.plan.preempts is not None:
        held &= (crowd.busy < call.plan.preempts) | (crowd.busy <= call.priority)
    return says(held, Verdict.BUSY)
