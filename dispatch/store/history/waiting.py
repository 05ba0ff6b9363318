"""What of the history gives way when its disk cannot take it: never a unit's newest fix. No I/O.

A queue that is full lets its oldest batch go. What is in it of a unit that told nothing newer
since is kept apart: where somebody was last outlives any stall, and a hub that starts anew
finds it. Few of a unit are kept, so that they are bounded by the units.
"""

from dataclasses import fields
from typing import Final

import numpy as np

from dispatch.store.port import FixRows, Names

PIECES_MAX: Final = 64
"""Batches of what was kept before they are joined, and looked through again."""
GROW_PART: Final = 8
"""Rows are added an eighth at a time."""
NEVER: Final = np.iinfo(np.int64).min

_COLUMNS: Final = tuple(each.name for each in fields(FixRows) if each.name != "names")


class NewestKept:
    """The newest time of each row so far, and the fixes that were kept for being of it."""

    def __init__(self) -> None:
        self.rows = 0
        """How many fixes are kept."""
        self._names: Names | None = None
        self._newest = np.zeros(0, np.int64)
        self._kept: list[FixRows] = []

    def heard(self, fixes: FixRows) -> None:
        """These wait from now on."""
        if not len(fixes):
            return
        if fixes.names is not self._names:
            self._names, self._newest = fixes.names, np.zeros(0, np.int64)
        self._make_room(int(fixes.rows.max()))
        np.maximum.at(self._newest, fixes.rows, fixes.t)

    def give_way(self, fixes: FixRows) -> int:
        """These lose their place; gives back how many of all are lost by that."""
        if fixes.names is not self._names:
            return len(fixes)  # of another numbering: nothing is known of them
        before = self.rows + len(fixes)
        self._kept.append(self._newest_of(fixes))
        if len(self._kept) > PIECES_MAX:
            self._kept = [self._newest_of(_joined(self._names, self._kept))]
        self.rows = sum(map(len, self._kept))
        return before - self.rows

    def take(self) -> list[FixRows]:
        """All that was kept, to be written."""
        kept, self._kept, self.rows = self._kept, [], 0
        return kept

    def _newest_of(self, fixes: FixRows) -> FixRows:
        newest = fixes.t >= self._newest[fixes.rows]
        return FixRows(
            names=fixes.names, **{name: getattr(fixes, name)[newest] for name in _COLUMNS}
        )

    def _make_room(self, row: int) -> None:
        have = len(self._newest)
        if row >= have:
            more = np.full(max(row + 1 - have, have // GROW_PART), NEVER, np.int64)
            self._newest = np.concatenate([self._newest, more])


def _joined(names: Names, parts: list[FixRows]) -> FixRows:
    """One after the other; all of these names."""
    return FixRows(
        names=names,
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS},
    )
