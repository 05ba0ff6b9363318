"""Whoever pressed is not sent to what they pressed for."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import Codes, Crowd, says
from dispatch.words import Verdict


def sender_stays(call: Call, candidate: Candidate) -> Verdict | None:
    """An order would light and sound the sender's radio: with a covert alarm, a danger. Whose
    incident was merged into this one may be in need as well, and a reporter is there already."""
    pressed = candidate.unit == call.sender or candidate.unit in call.reporters
    return Verdict.SENDER if pressed else None


def sender_stays_of_all(call: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    pressed = call.reporters if call.sender is None else {call.sender, *call.reporters}
    return says(crowd.among(pressed), Verdict.SENDER)
