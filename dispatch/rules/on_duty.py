"""Whoever is off duty is left in peace."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.words import Verdict


def on_duty(_: Call, candidate: Candidate) -> Verdict | None:
    """Off duty means silent: a community that wakes people who have gone home loses them."""
    return None if candidate.on_duty else Verdict.OFF_DUTY
