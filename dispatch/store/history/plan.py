"""Which blocks to put in order or to merge next. Pure: from what the index says of them.

Merging replaces blocks by others with the same fixes, so a plan may be good or
bad but never wrong. Blocks of an hour lie over ranges of units; how many lie
over one unit is what reading it costs, and what is kept small here: eight of a
level become one of the next, and an hour that is over becomes one layer.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.clock import DAY, HOUR, Instant
from dispatch.store.history.schema import SETTLED

FAN: Final = 8
"""So many layers of a level are merged: each fix is packed again log8 of its rounds, two or
three times, and a unit's running hour is in at most some twenty blocks."""
STEP_ROWS: Final = 128_000
"""Rows taken into one step: some 100 ms of work and 20 MB; new fixes wait for no longer."""
LATE_PART: Final = 8
"""Late fixes are worked into an hour that is settled once they are an eighth of what they
would have to be merged with."""
WHOLE_HOUR_MIN: Final = STEP_ROWS // 4
WHOLE_HOUR_MAX: Final = 4 * STEP_ROWS
"""Rows of blocks as they came that an hour is taken out of: with fewer nobody is in a hurry, and
more would keep new fixes waiting for half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A block as it came."""

    id: int
    rows: int
    t_lo: Instant
    t_hi: Instant


@dataclass(frozen=True, slots=True)
class PutInOrder:
    """These blocks are put in order next: all of them, or only the hour before ``until_t``, which
    is then settled."""

    ids: tuple[int, ...]
    rows: int
    until_t: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """A block of an hour, as the index has it."""

    id: int
    level: int
    unit_lo: int
    unit_hi: int
    rows: int


@dataclass(frozen=True, slots=True)
class Merge:
    """These blocks become blocks of this level."""

    ids: tuple[int, ...]
    level: int


def put_in_order_of(
    came: Sequence[Came], begun: Container[int], *, over_t: Instant, blocks_max: int
) -> PutInOrder:
    """What to put in order of a day's blocks as they came, oldest first.

    Where so much waits that an hour that is over (before ``over_t``) is in it whole, and not in
    ``begun``, that hour alone: it is packed once, where else it would be packed at least twice.
    """
    hour = min(block.t_lo for block in came) // HOUR
    until_t = (hour + 1) * HOUR
    if until_t <= over_t and hour % (DAY // HOUR) not in begun:
        whole = [block for block in came if block.t_lo < until_t]
        rows = sum(block.rows for block in whole)
        inside = sum(block.rows for block in whole if block.t_hi < until_t)
        if WHOLE_HOUR_MIN <= rows <= WHOLE_HOUR_MAX and 2 * inside >= rows:
            return PutInOrder(tuple(block.id for block in whole), rows, until_t)
    ids: list[int] = []
    taken = 0
    for block in came[:blocks_max]:
        if ids and taken + block.rows > STEP_ROWS:
            break
        ids.append(block.id)
        taken += block.rows
    return PutInOrder(tuple(ids), taken)


def merge_of(blocks: Sequence[Lying], *, over: bool) -> Merge | None:
    """The next merge of an hour; None where it lies well. ``over``: nothing new is expected."""
    lower = [block for block in blocks if block.level < SETTLED]
    if over and lower:
        return _settling(lower, [block for block in blocks if block.level == SETTLED])
    return _raising(lower)


def depth(blocks: Sequence[Lying]) -> int:
    """How many lie over the unit that most lie over."""
    if not blocks:
        return 0
    los = np.sort(np.array([block.unit_lo for block in blocks]))
    his = np.sort(np.array([block.unit_hi for block in blocks]))
    begun = np.searchsorted(los, los, side="right")
    ended = np.searchsorted(his, los, side="left")
    return int((begun - ended).max())


def _settling(lower: Sequence[Lying], settled: Sequence[Lying]) -> Merge | None:
    window = _window(lower)
    lo = min(block.unit_lo for block in window)
    hi = max(block.unit_hi for block in window)
    under = [block for block in settled if block.unit_lo <= hi and block.unit_hi >= lo]
    rows = sum(block.rows for block in window)
    rows_under = sum(block.rows for block in under)
    if rows_under > STEP_ROWS:  # too much for one step: the late ones stay a few layers above it
        return _raising(lower)
    if depth(lower) >= FAN or rows * LATE_PART >= rows_under:
        return Merge(_ids([*window, *under]), SETTLED)
    return None


def _raising(lower: Sequence[Lying]) -> Merge | None:
    """A layer too deep becomes part of the next level, so that fewer are left of it each time."""
    for level in sorted({block.level for block in lower}):
        layer = [block for block in lower if block.level == level]
        if depth(layer) >= FAN:
            return Merge(_ids(_window(layer)), level + 1)
    return None


def _window(blocks: Sequence[Lying]) -> list[Lying]:
    """As many as a step takes, from the lowest units on; one at least."""
    taken: list[Lying] = []
    rows = 0
    for block in sorted(blocks, key=lambda block: (block.unit_lo, block.id)):
        rows += block.rows
        if taken and rows > STEP_ROWS:
            break
        taken.append(block)
    return taken


def _ids(blocks: Sequence[Lying]) -> tuple[int, ...]:
    return tuple(sorted(block.id for block in blocks))
