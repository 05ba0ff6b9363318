"""The one in need is not sent to their own rescue."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.words import Verdict


def sender_stays(call: Call, candidate: Candidate) -> Verdict | None:
    """An order would light and sound the sender's radio: with a covert alarm, a danger."""
    return Verdict.SENDER if candidate.unit == call.sender else None
