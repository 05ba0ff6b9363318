"""Whoever is off duty is left in peace."""

from dispatch.incident import Candidate
from dispatch.rules.call import Call
from dispatch.rules.crowd import Codes, Crowd, says
from dispatch.words import Verdict


def on_duty(_: Call, candidate: Candidate) -> Verdict | None:
    """Off duty means silent: a community that wakes people who have gone home loses them."""
    return None if candidate.on_duty else Verdict.OFF_DUTY


def on_duty_of_all(_: Call, crowd: Crowd) -> Codes:
    """The same of many."""
    return says(~crowd.on_duty, Verdict.OFF_DUTY)
