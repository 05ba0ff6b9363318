"""What boxes hold once they are opened: for the list, for whoever gave a reason, for the teller's
own copy. Pure: reads no disk, and records nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.clock import Instant
from dispatch.errors import RefusedError
from dispatch.events import Personal
from dispatch.ids import OperatorName
from dispatch.tips.facts import TipClosed, TipFact, TipGiven, TipNoted, TipRead
from dispatch.tips.refusals import TipErasedError, TipSealedError
from dispatch.tips.sealing import KeyRing, TipBoxBrokenError, TipKeyMissingError
from dispatch.tips.tip import Tip
from dispatch.tips.told import Teller, Told, kind_in, teller_in, told_in
from dispatch.tips.words import Outcome, TipId, TipKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTip:
    """One as the list shows it: no word of what it says."""

    tip: Tip
    kind: TipKind | None
    """None: it was erased in time, or its key is not here (``sealed``)."""
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBefore:
    """Who saw it, and why."""

    t: Instant
    by: OperatorName
    why: str | None
    """None: its time was over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What somebody wrote to it, and what they closed it with."""

    t: Instant
    by: OperatorName
    acted: bool
    outcome: Outcome | None
    words: str | None
    """None: it was erased, or its key is not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTip:
    """All that one says, for whoever gave a reason."""

    tip: Tip
    told: Told
    teller: Teller | None
    """None: nobody said who they are, or it was erased."""
    reads: tuple[ReadBefore, ...]
    notes: tuple[Note, ...]


def opened(tip: Tip, facts: Sequence[TipFact], ring: KeyRing | None) -> OpenTip:
    """All that one says, of its facts with their boxes. Raises TipErasedError, TipSealedError."""
    given = next((each for each in facts if isinstance(each, TipGiven)), None)
    if given is None or given.content.value is None or given.kind.value is None:
        raise TipErasedError(tip.tip)
    try:
        kind = _opened(ring, given.kind, given.tip, "kind")
        told = told_in(kind, _opened(ring, given.content, given.tip, "content"))
        teller = None
        if given.teller is not None and given.teller.value is not None:
            teller = teller_in(_opened(ring, given.teller, given.tip, "teller"))
    except TipKeyMissingError as exc:
        raise TipSealedError("key", exc.key) from exc
    except (TipBoxBrokenError, ValueError, RefusedError) as exc:
        raise TipSealedError("broken") from exc
    return OpenTip(
        tip=tip,
        told=told,
        teller=teller,
        reads=tuple(
            ReadBefore(t=each.t, by=each.by, why=_text(each.why.value))
            for each in facts
            if isinstance(each, TipRead)
        ),
        notes=tuple(_note(each, ring) for each in facts if isinstance(each, TipNoted | TipClosed)),
    )


def listed(tip: Tip, fact: TipFact | None, ring: KeyRing | None) -> ListedTip:
    """One for the list: its kind is opened, and nothing else."""
    if not isinstance(fact, TipGiven) or fact.kind.value is None:
        return ListedTip(tip=tip, kind=None)
    try:
        return ListedTip(tip=tip, kind=kind_in(_opened(ring, fact.kind, fact.tip, "kind")))
    except (TipKeyMissingError, TipBoxBrokenError, ValueError):
        return ListedTip(tip=tip, kind=None, sealed=True)


def _note(fact: TipNoted | TipClosed, ring: KeyRing | None) -> Note:
    words: str | None = ""
    if fact.words is not None:
        try:
            words = _text(_opened(ring, fact.words, fact.tip, "note"))
        except (TipKeyMissingError, TipBoxBrokenError):
            words = None
    return Note(
        t=fact.t,
        by=fact.by,
        acted=isinstance(fact, TipNoted) and fact.acted,
        outcome=fact.outcome if isinstance(fact, TipClosed) else None,
        words=words,
    )


def own_doc(fact: TipGiven, tip: Tip | None, ring: KeyRing | None) -> dict[str, Any]:
    """One for its teller's own copy."""
    doc: dict[str, Any] = {
        "tip": fact.tip,
        "t": fact.t,
        "community": fact.where,
        "way": fact.way.value,
        "state": None if tip is None else tip.state.value,
    }
    if fact.content.value is None or fact.kind.value is None:
        return {**doc, "erased": True}
    try:
        kind = _opened(ring, fact.kind, fact.tip, "kind")
        return {**doc, "kind": kind, **_opened(ring, fact.content, fact.tip, "content")}
    except (TipKeyMissingError, TipBoxBrokenError):
        return {**doc, "sealed": True}


def _opened(ring: KeyRing | None, box: Personal, tip: TipId, field: str) -> Any:
    """What is in a box; None where it was erased. Raises TipKeyMissingError, TipBoxBrokenError."""
    if box.value is None:
        return None
    if ring is None:
        ring = KeyRing(())
    return ring.open(box.value, tip, field)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
