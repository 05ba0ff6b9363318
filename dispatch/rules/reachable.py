"""Only whom an order would reach is called."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import Codes, Crowd, says
from dispatch.words import Verdict


def reachable(_: Call, candidate: Candidate) -> Verdict | None:
    """A wave waits for answers: a radio that is away would only use up its seconds."""
    return None if candidate.online else Verdict.OFFLINE


def reachable_of_all(_: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    return says(~crowd.online, Verdict.OFFLINE)
