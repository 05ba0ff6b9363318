"""How long a personal value is kept, by what it is kept for. Erasing it is erasure.py's work.

Personal data may be kept only as long as its purpose needs it (PIPL, article
19). The days of settings.KeptDays are ours, a cautious beginning that an administrator
should settle with the community's own rules; docs/privacy.md has the reason for each.
"""

from collections.abc import Mapping
from typing import Final

from dispatch.clock import DAY, Instant
from dispatch.events import Purpose
from dispatch.settings import KeptDays

KeptFor = Mapping[Purpose, int]
"""Microseconds from the fact's time, of every purpose."""


def kept_for(days: KeptDays) -> KeptFor:
    """As the settings say."""
    return {purpose: getattr(days, purpose.value) * DAY for purpose in Purpose}


KEPT_FOR: Final[KeptFor] = kept_for(KeptDays())
"""Where no settings say otherwise."""


def expires_t(purpose: Purpose, t: Instant, kept: KeptFor = KEPT_FOR) -> Instant:
    """When a value recorded at ``t`` is to be erased."""
    return t + kept[purpose]
