"""Whom of a community a decision looks at closely: the others are only counted. Pure.

In columns it is known what the first rule that speaks says of each unit, and where in the
line each free one stands. So facts are gathered only of those on whom the choice can depend,
and of those whom somebody may ask about afterwards:

- for each need that is lacking, the head of the line of those who fit it;
- who is on the way already;
- the nearest of those whom a rule keeps back, for "why not the one next door?";
- of each role the nearest whom only this plan does not ask, for deciding again by another.

The choice is that of looking at everybody, unless a wave would ask more than the head.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.ids import UnitId
from dispatch.line import Line, Places
from dispatch.rules.call import Call
from dispatch.rules.crowd import ROLES, SILENT, VERDICTS, Codes, Crowd
from dispatch.rules.role_and_skill import fit
from dispatch.words import Verdict
from geo.arrays import Flags

NameOf = Callable[[int], UnitId]
"""The unit at a place of the columns."""

CallOutsOf = Callable[[UnitId], int]

OF_THE_PLAN: Final = (
    Verdict.NOT_NEEDED,
    Verdict.WRONG_ROLE,
    Verdict.LACKS_SKILL,
    Verdict.TOO_FAR,
)
"""What is said for no reason of the unit's own."""

_OF_THE_PLAN: Final = np.isin(VERDICTS, OF_THE_PLAN)
"""By code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many are kept: generously, for of the others nothing can be told any more."""

    free: int = 64
    """At the head of the line of each need: of people who hardly ever come a wave asks 17 for
    one wanted, and 15 more for the target."""
    free_more: int = 16
    """For each further one wanted: people who answer one call in six are asked six for one."""
    line: int = 256
    """Of each need's line so many are asked for their call-outs before its head is taken: with
    the tired counted as minutes away, some who stand behind two hundred come into the head."""
    others: int = 32
    """The nearest of those whom a rule keeps back: the page tells of thirty."""
    spare: int = 16
    """Of each role, on duty and in reach, the nearest whom only the plan keeps back."""
    walked: int = 256
    """Free units among whom those there first on foot are looked for, eight times as many as are
    wanted: mostly none beyond could be one of them. Where one could, all are looked at."""


ROOM: Final = Room()


def shortlist(
    call: Call,
    crowd: Crowd,
    said: Codes,
    line: Line,
    *,
    name_of: NameOf,
    call_outs_of: CallOutsOf,
    room: Room = ROOM,
) -> Places:
    """Who is looked at closely, in the order of the columns. ``said`` is ``verdicts_of`` them."""
    kept = crowd.among(call.coming | call.awaited)
    free = np.flatnonzero(said == SILENT)
    for lack in call.lacking:
        fits = free[fit(lack.need, crowd)[free]]
        count = room.free + room.free_more * (lack.count - 1)
        wide = line.head(fits, max(room.line, count) if call.plan.fairness_s else count).tolist()
        if len(wide) > count:
            wide.sort(key=_stands(call, line, name_of, call_outs_of))
        kept[wide[:count]] = True
    kept[_nearest(crowd, said != SILENT, room.others)] = True
    spare = _OF_THE_PLAN.take(said) & crowd.on_duty & crowd.online
    for role in range(len(ROLES)):
        kept[_nearest(crowd, spare & (crowd.role == role), room.spare)] = True
    return np.flatnonzero(kept)


def _stands(
    call: Call, line: Line, name_of: NameOf, call_outs_of: CallOutsOf
) -> Callable[[int], tuple[int, float, str]]:
    """``line.rank`` of the unit at a place."""
    fairness_s = call.plan.fairness_s

    def key(place: int) -> tuple[int, float, str]:
        unit = name_of(place)
        counted_s = float(line.counted_s[place])
        if fairness_s:
            counted_s += fairness_s * call_outs_of(unit)
        return int(line.ring[place]), counted_s, unit

    return key


def _nearest(crowd: Crowd, which: Flags, count: int) -> Places:
    """The nearest of these; those who are nobody knows how far away are the last."""
    of = np.flatnonzero(which)
    if len(of) <= count:
        return of
    # NaN is sorted behind all numbers.
    return of[np.argpartition(crowd.distance_m.take(of), count - 1)[:count]]
