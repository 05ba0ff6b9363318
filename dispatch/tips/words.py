"""The words of sealed tips, and how long they may be. No behaviour."""

from enum import StrEnum
from typing import Final, NewType

TipId = NewType("TipId", str)
"""A tip's name: ten letters and digits by chance, so that none tells how many came before it."""


class TipKind(StrEnum):
    """What a tip is about."""

    GAMBLING = "gambling"
    DRUGS = "drugs"
    VICE = "vice"
    FRAUD = "fraud"
    VIOLENCE = "violence"
    """At home, where nobody else sees it."""
    OTHER = "other"


class Way(StrEnum):
    """How a tip came."""

    PAGE = "page"
    CALL = "call"
    """Somebody told it by telephone or at the desk; an operator wrote it down."""
    RADIO = "radio"


class Outcome(StrEnum):
    """What came of it, when it is closed."""

    ACTED = "acted"
    HANDED_OVER = "handed_over"
    """To the police or another authority."""
    UNFOUNDED = "unfounded"
    TOO_LITTLE = "too_little"
    """Too little was told to do anything."""
    REPEATED = "repeated"
    """Another tip tells the same."""


class TipState(StrEnum):
    """How far it came; all that its teller is told."""

    GIVEN = "given"
    READ = "read"
    ACTED = "acted"
    CLOSED = "closed"


WORDS_MAX: Final = 2_000
"""Two pages by hand. A radio's report has five hundred (devices/v1/wire.py)."""
PLACE_MAX: Final = 200
CALLER_MAX: Final = 100
WHY_MAX: Final = 200
"""A reason for reading is a sentence."""
NOTE_MAX: Final = 2_000
