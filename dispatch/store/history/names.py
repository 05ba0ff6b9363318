"""The numbers that units and grids have in a day's blocks. A day numbers them for itself.

Nothing on disk means a row of the live table: those are numbered anew by every run.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Column, Connection, Table, insert, select

from dispatch.store.history.columns import UNITS_MAX, Fixes
from dispatch.store.history.schema import DayTables
from dispatch.store.port import Names
from geo.numbering import Numbering

UNKNOWN: Final = -1
Codes = npt.NDArray[np.int32]


class Codebook:
    """One dictionary of a day as its writer knows it: words and their codes, from ``first`` on."""

    def __init__(self, table: Table, word: Column[str], *, reserved: Sequence[str] = ()) -> None:
        """``reserved`` have the first codes and do not stand in the table."""
        self._table = table
        self._word = word
        self._known = Numbering(reserved)
        self._new: list[dict[str, object]] = []
        self._of_list: tuple[Sequence[str], Codes] | None = None

    def load(self, conn: Connection) -> None:
        """Take in what the table has."""
        words = conn.scalars(select(self._word).order_by(self._table.c.code))  # without gaps
        self._known = Numbering([*self._known, *words])

    def codes(self, words: Sequence[str], which: npt.NDArray[np.int32]) -> Codes:
        """The codes of ``words[which]``; unknown words get the next ones.

        What list places mean is remembered for as long as the same list, which may only grow,
        is given.
        """
        if self._of_list is None or self._of_list[0] is not words:
            self._of_list = (words, np.full(len(words), UNKNOWN, np.int32))
        known = self._of_list[1]
        if len(known) < len(words):
            more = np.full(max(len(words) - len(known), len(known) // 2), UNKNOWN, np.int32)
            known = np.concatenate([known, more])
            self._of_list = (words, known)
        found = known[which]
        if len(found) and found.min() < 0:
            for place in np.unique(which[found < 0]).tolist():
                known[place] = self._code(words[place])
            found = known[which]
        return found

    def store_new(self, conn: Connection) -> None:
        """Put words with new codes into the table."""
        if self._new:
            conn.execute(insert(self._table), self._new)
            self._new = []

    def _code(self, word: str) -> int:
        code = self._known.find(word)
        if code is None:
            code = self._known.add(word)
            assert code < UNITS_MAX, "so many names in a day cannot be"
            self._new.append({"code": code, self._word.name: word})
        return code


class DayNames:
    """Both dictionaries of a day. What failed to be written must be forgotten with all of it."""

    def __init__(self, conn: Connection, tables: DayTables) -> None:
        self._units = Codebook(tables.units, tables.units.c.unit)
        self._grids = Codebook(tables.grids, tables.grids.c.grid, reserved=("",))
        self._units.load(conn)
        self._grids.load(conn)

    def coded(self, fixes: Fixes, names: Names) -> Fixes:
        """The same fixes in the day's own numbers."""
        return Fixes(
            unit=self._units.codes(names.units, fixes.unit),
            grid=self._grids.codes(names.grids, fixes.grid),
            t=fixes.t,
            lon=fixes.lon,
            lat=fixes.lat,
            acc=fixes.acc,
            speed=fixes.speed,
            course=fixes.course,
            battery=fixes.battery,
        )

    def store_new(self, conn: Connection) -> None:
        """Names first heard in this transaction."""
        self._units.store_new(conn)
        self._grids.store_new(conn)


class Words:
    """One dictionary as a reader knows it: words by code. It only grows while its day lives."""

    def __init__(self, reserved: Sequence[str] = ()) -> None:
        self._words: list[str] = list(reserved)

    def at_least(self, conn: Connection, table: Table, word: Column[str], count: int) -> list[str]:
        """Words by code, at least so many of them."""
        words = self._words
        if len(words) < count:
            more = select(word).where(table.c.code >= len(words)).order_by(table.c.code)
            words = [*words, *conn.execute(more).scalars()]  # codes have no gaps
            self._words = words
        return words
