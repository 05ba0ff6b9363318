"""Which radios send faster than any patrol needs, and how much of it was not taken. No I/O.

Both lanes thin them (lane.py, ../measure.py) so that they cost their neighbours nothing; whoever
looks after the radios wants to know which ones they are.
"""

import itertools
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from dispatch.clock import MINUTE, Instant
from dispatch.ids import RadioId

LATELY: Final = MINUTE
"""Thinned within so long, a radio counts as one that floods."""
RADIOS_MAX: Final = 1_000
"""Remembered at once; beyond it those thinned longest ago go. All are counted in any case."""
NAMED_MAX: Final = 5
"""Named in the sentence; the log has a line for each."""


@dataclass(slots=True)
class _Thinned:
    messages: int
    t: Instant


class TooFast:
    """The radios thinned lately, with how much of each was not taken since it began."""

    def __init__(self) -> None:
        self._radios: OrderedDict[RadioId, _Thinned] = OrderedDict()

    def note(self, radio: RadioId, messages: int, now: Instant) -> int:
        """So many fixes or messages of it were not taken; gives back how many since it began."""
        self._forget(now)
        known = self._radios.setdefault(radio, _Thinned(0, now))
        known.messages += messages
        known.t = now
        self._radios.move_to_end(radio)
        if len(self._radios) > RADIOS_MAX:
            self._radios.popitem(last=False)
        return known.messages

    def count(self, now: Instant) -> int:
        """How many radios were thinned lately."""
        self._forget(now)
        return len(self._radios)

    def words(self, now: Instant) -> str:
        """Which ones, in a sentence; empty where there are none."""
        self._forget(now)
        if not self._radios:
            return ""
        latest = itertools.islice(reversed(self._radios.items()), NAMED_MAX)
        named = ", ".join(f"{radio} ({thinned.messages} not taken)" for radio, thinned in latest)
        more = len(self._radios) - NAMED_MAX
        return (
            f"more than any patrol needs comes from {named}"
            f"{f' and {more} more' if more > 0 else ''}; what is too much is not taken,"
            " and costs the others nothing: have these radios looked at"
        )

    def _forget(self, now: Instant) -> None:
        while self._radios:
            first = next(iter(self._radios))
            if self._radios[first].t > now - LATELY:
                return
            del self._radios[first]
