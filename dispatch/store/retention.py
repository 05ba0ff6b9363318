"""How long a personal value is kept, by what it is kept for. Erasing it is erasure.py's work.

Personal data may be kept only as long as its purpose needs it (PIPL, article
19). The days below are ours, a cautious beginning that an administrator
should settle with the community's own rules.

purpose    days  because
place        90  a complaint or a review of a response asks where people were
words       365  the case's record, as long as a yearly report looks back
media        90  as long as public-security video is kept where it is kept longest
decision    365  why one was called and another not, for the same yearly look back
person       30  a name or phone is of use until the case is followed up
"""

from typing import Final

from dispatch.clock import DAY, Instant
from dispatch.events import Purpose

KEPT_FOR: Final[dict[Purpose, int]] = {
    Purpose.PLACE: 90 * DAY,
    Purpose.WORDS: 365 * DAY,
    Purpose.MEDIA: 90 * DAY,
    Purpose.DECISION: 365 * DAY,
    Purpose.PERSON: 30 * DAY,
}
"""Microseconds from the fact's time."""


def expires_t(purpose: Purpose, t: Instant) -> Instant:
    """When a value recorded at ``t`` is to be erased."""
    return t + KEPT_FOR[purpose]
