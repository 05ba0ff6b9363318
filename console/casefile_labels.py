"""Finds room for the names on the sketch: none lies on another. Pure; draws nothing.

Letters are not measured, there being no font here: a Chinese one is as wide as it is high,
others are reckoned generously.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

WIDE_FROM: Final = "\u2e80"
"""From here on characters fill a square."""
NARROW_EM: Final = 0.6
"""Of a letter, a figure, a gap: bold capitals are hardly wider."""
ASCENT_EM: Final = 0.88
DESCENT_EM: Final = 0.24

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """What is taken, in the picture's units; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether any of the one lies on the other."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, other: "Box") -> bool:
        """Whether all of the other is inside."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Spot:
    """Where words may stand: the foot of the first, the middle or the last letter."""

    x: float
    y: float
    anchor: Anchor = "start"


def box_of(spot: Spot, words: str, size: float) -> Box:
    """The room that words take in letters of this size."""
    width = size * sum(1.0 if each >= WIDE_FROM else NARROW_EM for each in words)
    left = spot.x - {"start": 0.0, "middle": width / 2, "end": width}[spot.anchor]
    return Box(left, spot.y - ASCENT_EM * size, left + width, spot.y + DESCENT_EM * size)


class Room:
    """A picture that fills: who asks first stands best."""

    def __init__(self, width: float, height: float) -> None:
        self._whole = Box(0.0, 0.0, width, height)
        self._taken: list[Box] = []

    def take(self, box: Box) -> None:
        """A mark stands here, whatever is there already."""
        self._taken.append(box)

    def find(self, spots: Iterable[Spot], words: str, size: float) -> Spot | None:
        """The first of these spots where the words lie on nothing and are not cut off; they then
        stand there. None where there is no room: a name on a name is no name."""
        for spot in spots:
            box = box_of(spot, words, size)
            if self._whole.holds(box) and not any(box.meets(each) for each in self._taken):
                self._taken.append(box)
                return spot
        return None
