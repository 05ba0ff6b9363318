"""A unit is asked once in a round."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import Codes, Crowd, says
from dispatch.words import Verdict


def asked_once(call: Call, candidate: Candidate) -> Verdict | None:
    """Who declined has said no; who was silent still has the order and may accept it late."""
    return Verdict.ALREADY_ASKED if candidate.unit in call.asked else None


def asked_once_of_all(call: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    return says(crowd.among(call.asked), Verdict.ALREADY_ASKED)
