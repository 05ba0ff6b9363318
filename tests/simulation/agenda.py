"""True time, which only passes by jumping to the next step. Knows nothing of what the steps do.

Whoever owns a step may die (a hub that is killed): then its steps never come. Steps of
one moment come in the order in which they were put down, so that a run repeats.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

Micros = int
"""Of true time since the world began: nobody's clock shows it."""


class Owner(Protocol):
    """Whose steps they are."""

    alive: bool


@dataclass(slots=True, eq=False)
class Step:
    """Something that happens at a time."""

    t: Micros
    do: Callable[[], object]
    owner: Owner | None
    void: bool = False

    def cancel(self) -> None:
        """It does not happen."""
        self.void = True


class Agenda:
    """All that is going to happen."""

    def __init__(self) -> None:
        self.now: Micros = 0
        self._heap: list[tuple[Micros, int, Step]] = []
        """By time, and then by the order in which they were put down."""
        self._count = 0

    def at(self, t: Micros, do: Callable[[], object], owner: Owner | None = None) -> Step:
        """Put it down; a time that is past means as soon as possible. Who is dead puts down
        nothing: what is left of a hub's life is tidied away at no time that would repeat."""
        t = max(t, self.now)
        step = Step(t, do, owner)
        if owner is None or owner.alive:
            self._count += 1
            heapq.heappush(self._heap, (t, self._count, step))
        return step

    def after(self, wait: Micros, do: Callable[[], object], owner: Owner | None = None) -> Step:
        """The same, so long from now."""
        return self.at(self.now + wait, do, owner)

    def next(self, until: Micros) -> Step | None:
        """The next step, its time having come; None where there is none up to ``until``."""
        while self._heap and self._heap[0][0] <= until:
            _, _, step = heapq.heappop(self._heap)
            if step.void or not (step.owner is None or step.owner.alive):
                continue
            self.now = step.t
            return step
        self.now = until
        return None
