"""The facts about sealed tips. They stand in the journal like all others.

Their community is "" as that of facts about accounts (access/words.NO_COMMUNITY); the one that a
tip belongs to is ``where``. So they are found among millions by the index that is there, are in no
community's stream, and reach no hub: nothing that shows, calls or counts knows of them.

A box is a personal value ``{"key": id, "box": base64}`` (sealing.py). The kind is sealed as well
as words, place and teller: that somebody told of gambling on the day when the police came is as
much as a name to whoever has a copy of the database.
"""

from dataclasses import dataclass
from typing import Final

from dispatch.events import Event, Personal
from dispatch.ids import CommunityId, OperatorName
from dispatch.tips.words import Outcome, TipId, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class TipFact(Event):
    """Something that happened to a tip."""

    tip: TipId
    where: CommunityId


@dataclass(frozen=True, slots=True, kw_only=True)
class TipGiven(TipFact):
    """Somebody told something. Who, only its boxes say, where it is said at all."""

    way: Way
    taken_by: OperatorName | None
    """Who wrote down what another one said; None where the teller wrote it. Never the teller."""
    code: str
    """Digest of the code by which its teller looks what became of it, keyed by a key of the file
    that is in no backup."""
    heard: str
    """The same of a radio's name for its report, so that one that is sent twice is there once;
    empty of other ways, and of one without a name: it would be a way to its teller."""
    kind: Personal
    """Box: its kind alone, opened for the list of those who may read."""
    content: Personal
    """Box: words and place."""
    teller: Personal | None
    """Box: who told it; None: nobody said who they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipRead(TipFact):
    """Somebody is about to see what it says: told before it goes out."""

    by: OperatorName
    why: Personal
    """Their reason, in their words. Not sealed: it is what the audit shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipNoted(TipFact):
    """Whoever read it wrote down what they found or did."""

    by: OperatorName
    acted: bool
    """Whether something was done because of it."""
    words: Personal
    """Box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipClosed(TipFact):
    """It is over; what it says stays until its time is."""

    by: OperatorName
    outcome: Outcome
    words: Personal | None
    """Box."""


AnyTipFact = TipGiven | TipRead | TipNoted | TipClosed

TIP_FACTS: Final[dict[str, type[Event]]] = {
    cls.__name__: cls for cls in (TipGiven, TipRead, TipNoted, TipClosed)
}
"""Every one of them by the name it has in the journal. Names are never reused. That boxes went
because their time was over is told by *ValuesExpired*, with those of other purposes."""

TOLD_IN_AUDIT: Final = frozenset({"TipRead", "TipNoted", "TipClosed"})
"""Who read which one and why, and what they did. That one was given is told to nobody but those who
may read it."""
