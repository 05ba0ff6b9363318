"""How likely somebody comes in time, and how many are asked for it. Chooses nobody.

One asked is there in time if they accept, which their own record tells, and if the
way is not too long. People are taken as independent of each other: nobody's answer
waits for another's.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from dispatch.words import Role
from geo.walkways import STREET_MPS

ACCEPT_PRIOR: Final[Mapping[Role, float]] = MappingProxyType(
    {Role.VOLUNTEER: 0.30, Role.GUARD: 0.85, Role.POLICE: 0.85}
)
"""Chance that one of whom nothing is known says yes. Alerted volunteers answer 17 to 47 %
of calls in the field (community responders, JMIR 2023). Guards and officers on paid
duty may not refuse, yet can be held up: 0.85 is our assumption, not measured."""

PRIOR_ASKS: Final = 5.0
"""Asks of their own after which a person's record weighs as much as the prior; our choice:
one answer moves the chance by a sixth of the way, ten settle it."""

RECORD_DAYS: Final = 90
"""How far back a record counts: a season, for people's shifts and lives change."""

TURNOUT_S: Final[Mapping[Role, float]] = MappingProxyType(
    {Role.VOLUNTEER: 60.0, Role.GUARD: 50.0, Role.POLICE: 50.0}
)
"""From being asked to moving. Volunteers: what NFPA 1710 allows a medical crew. On duty:
the median of 7,490 turnouts of San Francisco's fire service, a week of 2017, is 49 s."""

DETOUR: Final = 1.43
"""Walking metres for each straight metre: the median of 2,178 walks of 100 to 1,000 m
along the streets of Beijing's core (`geo.walking`); nine in ten need less than 2.2."""

ETA_SIGMA: Final = 0.55
"""Spread of the logarithm of the real time round the expected one: what is left, on days
not fitted, of San Francisco's fire crews by their distance (`bench/travel.py`)."""

UNKNOWN_ARRIVES: Final = 0.5
"""Chance to be there in time of one who is nobody knows how far away: about twice as many
are asked as if all were near. Cautious, and our choice."""

_SPREAD: Final = NormalDist(sigma=ETA_SIGMA)

ROUNDING: Final = 1e-9
"""Ten times 0.3 is to be three."""


def accept_chance(role: Role, *, asked: int, accepted: int) -> float:
    """Chance that one of this role accepts, by their own record over `RECORD_DAYS`.

    `asked` counts only orders that could be answered: an order withdrawn before its
    radio had it says nothing of its bearer. The mean of a Beta distribution that
    starts from `ACCEPT_PRIOR`, so a newcomer is neither trusted nor written off.
    """
    assert 0 <= accepted <= asked, (accepted, asked)
    return (ACCEPT_PRIOR[role] * PRIOR_ASKS + accepted) / (PRIOR_ASKS + asked)


def eta_s(role: Role, *, walk_s: float | None, distance_m: float | None) -> float | None:
    """Seconds from being asked to being there: as likely sooner as later.

    `walk_s` is the walk along the streets where one is known; else the straight
    distance makes a walk. None where neither is known.
    """
    if walk_s is None:
        if distance_m is None:
            return None
        walk_s = distance_m * DETOUR / STREET_MPS
    assert walk_s >= 0.0, walk_s
    return TURNOUT_S[role] + walk_s


def arrive_chance(eta_s: float | None, target_s: float) -> float:
    """Chance that one who accepted is there within `target_s`, given what is expected.

    Times spread by factors, not by seconds: their logarithm is taken as normal, with
    `ETA_SIGMA` round that of `eta_s`. None, where nobody knows, is `UNKNOWN_ARRIVES`.
    """
    if target_s <= 0.0:
        return 0.0
    if eta_s is None:
        return UNKNOWN_ARRIVES
    assert eta_s >= 0.0, eta_s
    if eta_s == 0.0:
        return 1.0
    return _SPREAD.cdf(math.log(target_s) - math.log(eta_s))


def someone(chances: Iterable[float]) -> float:
    """Chance that at least one comes; 0 of nobody."""
    return 1.0 - math.prod(1.0 - each for each in chances)


def wave_size(chances: Sequence[float], *, wanted: float, sure: float) -> int:
    """How many of the candidates to ask, best-placed first.

    The fewest of whom somebody comes with a chance of `sure` or more, and of whom
    `wanted` come on average (a fraction, where others may come who were asked before); all
    of them where even all do not suffice. Nobody where nobody is wanted.
    """
    assert wanted >= 0.0, wanted
    assert 0.0 <= sure <= 1.0, sure
    if not wanted:
        return 0
    nobody, expected = 1.0, 0.0
    for size, chance in enumerate(chances, start=1):
        assert 0.0 <= chance <= 1.0, chance
        nobody *= 1.0 - chance
        expected += chance
        if 1.0 - nobody >= sure - ROUNDING and expected >= wanted - ROUNDING:
            return size
    return len(chances)
