"""Names by number and numbers by name: one pair for all tables whose rows are the same units.

A dictionary and a list of a hundred thousand names take 8 MB; two tables that each had their
own would hold that twice. Numbers are given in order and never taken back.
"""

from __future__ import annotations

from collections.abc import Iterable


class Numbering:
    """Every name has one number, from 0 up. Its owner adds; whoever it is lent to reads."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Raises ValueError for a name that comes twice."""
        self.names: list[str] = list(names)
        self.numbers: dict[str, int] = dict(zip(self.names, range(len(self.names)), strict=True))
        if len(self.numbers) != len(self.names):
            raise ValueError(f"{len(self.names) - len(self.numbers)} names come twice")

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: str) -> int:
        """The number of a new name."""
        assert name not in self.numbers, f"{name} has a number already"
        number = self.numbers[name] = len(self.names)
        self.names.append(name)
        return number
