"""What those who may read tips ask of one: each request is checked whole, then gives its fact.

That the asker may read tips where it belongs is for the caller to know. Raises RefusedError, and
then there is no fact. Pure.
"""

from typing import Any

from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import Instant
from dispatch.events import Personal, Purpose
from dispatch.ids import OperatorName
from dispatch.tips.facts import TipClosed, TipNoted, TipRead
from dispatch.tips.refusals import ReadItFirstError, TipClosedError
from dispatch.tips.sealing import TipKey
from dispatch.tips.tip import Tip
from dispatch.tips.told import checked_words
from dispatch.tips.words import NOTE_MAX, WHY_MAX, Outcome


def read(tip: Tip, by: OperatorName, why: str, now: Instant) -> TipRead:
    """See what it says; one that is closed, too."""
    checked_words("why", why, WHY_MAX)
    return TipRead(
        t=now,
        community=NO_COMMUNITY,
        tip=tip.tip,
        where=tip.where,
        by=by,
        why=Personal(Purpose.WORDS, why),
    )


def note(
    tip: Tip, key: TipKey, by: OperatorName, words: str, *, acted: bool, now: Instant
) -> TipNoted:
    """Write down what was found or done; of one that is closed, too."""
    _check_read(tip, by)
    checked_words("words", words, NOTE_MAX)
    return TipNoted(
        t=now,
        community=NO_COMMUNITY,
        tip=tip.tip,
        where=tip.where,
        by=by,
        acted=acted,
        words=_box(key, tip, words),
    )


def close(
    tip: Tip, key: TipKey, by: OperatorName, outcome: Outcome, words: str, now: Instant
) -> TipClosed:
    """It is over."""
    _check_read(tip, by)
    if tip.closed_by is not None:
        raise TipClosedError(tip.tip, tip.closed_by)
    checked_words("words", words, NOTE_MAX, may_be_empty=True)
    return TipClosed(
        t=now,
        community=NO_COMMUNITY,
        tip=tip.tip,
        where=tip.where,
        by=by,
        outcome=outcome,
        words=_box(key, tip, words) if words else None,
    )


def _box(key: TipKey, tip: Tip, words: Any) -> Personal:
    return Personal(Purpose.TIP, key.seal(words, tip.tip, "note"))


def _check_read(tip: Tip, by: OperatorName) -> None:
    if by not in tip.readers:
        raise ReadItFirstError(tip.tip)
