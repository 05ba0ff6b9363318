"""What a message over a gateway may be made of. No words yet: those are words.py's.

There is no field for who raised the alarm, so that no wording can ever name them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dispatch.words import Kind

NAME_CHARS_MAX: Final = 100
"""Of a name among the facts: what a grid file may hold."""
METRES_MAX: Final = 1_000_000


class Purpose(StrEnum):
    """Why this person is written to."""

    ASK = "ask"
    """Please go, or say that you cannot."""
    TELL = "tell"
    """You should know; a plan says so."""
    RECALL = "recall"
    """You were asked, and need not go any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a message may be made of. Names are the community file's, never of a sender."""

    purpose: Purpose
    kind: Kind
    who: str = ""
    """Call sign of the one spoken to."""
    at: str = ""
    """``HH:MM`` in the community's zone: a message may arrive late."""
    community: str = ""
    community_en: str = ""
    grid: str = ""
    grid_en: str = ""
    near: str = ""
    near_en: str = ""
    """The nearest key unit."""
    near_m: int | None = None
    bearing: str = ""
    """From the key unit to the place: N NE E SE S SW W NW, ``at`` or empty."""
    away_m: int | None = None
    """From the one spoken to."""
    drill: bool = False
    covert: bool = False

    def __post_init__(self) -> None:
        for name in (
            "who",
            "at",
            "community",
            "community_en",
            "grid",
            "grid_en",
            "near",
            "near_en",
            "bearing",
        ):
            text = getattr(self, name)
            if len(text) > NAME_CHARS_MAX or not text.isprintable():
                raise ValueError(f"{name} is longer than {NAME_CHARS_MAX}, or not printable")
        for name in ("near_m", "away_m"):
            metres = getattr(self, name)
            if metres is not None and not 0 <= metres <= METRES_MAX:
                raise ValueError(f"{name} is {metres}")


class Part(StrEnum):
    """What may be left out where it gets too long."""

    WHO = "who"
    GRID = "grid"
    AWAY = "away"
    AT = "at"
    NEAR = "near"


Parts = frozenset[Part]
