"""What happened in a world, line by line: for whoever looks for the reason, and to tell whether
two runs were the same. A line is put together only when somebody reads it."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.simulation.agenda import Agenda


class Trace:
    """All lines so far."""

    def __init__(self, agenda: Agenda, *, aloud: bool = False) -> None:
        self._agenda = agenda
        self._aloud = aloud
        self._said: list[tuple[int, str, tuple[Any, ...]]] = []

    def __len__(self) -> int:
        return len(self._said)

    def say(self, what: str, *about: Any) -> None:
        """One more; whatever it is about must not change any more."""
        said = (self._agenda.now, what, about)
        self._said.append(said)
        if self._aloud:
            print(_line(said))

    def lines(self, last: int = 0) -> Iterator[str]:
        """All, or the last so many."""
        return map(_line, self._said[-last:])

    def count(self) -> Counter[str]:
        """How often what happened."""
        return Counter(what for _, what, _ in self._said)

    def digest(self) -> str:
        """SHA-256 of all lines."""
        return hashlib.sha256("\n".join(self.lines()).encode()).hexdigest()


def _line(said: tuple[int, str, tuple[Any, ...]]) -> str:
    t, what, about = said
    return " ".join([f"{t / 1_000_000:11.6f}", what, *map(str, about)])
