"""Tips as the facts say they are: how far each came, and in whose hands. No box is kept here:
what is erased on the disk must not live on in memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dispatch.clock import Instant
from dispatch.ids import CommunityId, OperatorName
from dispatch.tips.facts import TipClosed, TipFact, TipGiven, TipNoted, TipRead
from dispatch.tips.words import Outcome, TipId, TipState, Way


@dataclass(slots=True, kw_only=True)
class Tip:
    """One."""

    tip: TipId
    where: CommunityId
    way: Way
    given_t: Instant
    taken_by: OperatorName | None
    anonymous: bool
    code: str
    heard: str
    readers: list[OperatorName] = field(default_factory=list)
    """Whoever read it, each time."""
    acted: bool = False
    closed_by: OperatorName | None = None
    closed_t: Instant = 0
    outcome: Outcome | None = None
    seqs: list[int] = field(default_factory=list)
    """Numbers of its facts, oldest first."""

    @property
    def state(self) -> TipState:
        """How far it came."""
        if self.closed_by is not None:
            return TipState.CLOSED
        if self.acted:
            return TipState.ACTED
        return TipState.READ if self.readers else TipState.GIVEN


class Tips:
    """All there are."""

    def __init__(self, facts: Iterable[tuple[int, TipFact]] = ()) -> None:
        self._tips: dict[TipId, Tip] = {}
        self._of_code: dict[str, TipId] = {}
        self._heard: dict[str, TipId] = {}
        for seq, fact in facts:
            self.apply(seq, fact)

    def __iter__(self) -> Iterator[Tip]:
        return iter(self._tips.values())

    def __len__(self) -> int:
        return len(self._tips)

    def find(self, tip: str) -> Tip | None:
        """The tip of this name."""
        return self._tips.get(TipId(tip))

    def of_digest(self, digest: str) -> Tip | None:
        """The tip whose code has this digest."""
        return self._tips.get(self._of_code.get(digest, TipId("")))

    def heard_as(self, digest: str) -> Tip | None:
        """The tip that a radio told under the name with this digest."""
        return self._tips.get(self._heard.get(digest, TipId("")))

    def apply(self, seq: int, fact: TipFact) -> None:
        """Fold one fact. One about a tip that nothing told of is passed over: a journal that was
        tampered with must not keep people from reading the others."""
        if isinstance(fact, TipGiven):
            self._give(seq, fact)
            return
        tip = self._tips.get(fact.tip)
        if tip is None:
            return
        tip.seqs.append(seq)
        match fact:
            case TipRead():
                tip.readers.append(fact.by)
            case TipNoted():
                tip.acted = tip.acted or fact.acted
            case TipClosed():
                tip.closed_by, tip.closed_t, tip.outcome = fact.by, fact.t, fact.outcome

    def _give(self, seq: int, fact: TipGiven) -> None:
        if fact.tip in self._tips:
            return
        self._tips[fact.tip] = Tip(
            tip=fact.tip,
            where=fact.where,
            way=fact.way,
            given_t=fact.t,
            taken_by=fact.taken_by,
            anonymous=fact.teller is None,
            code=fact.code,
            heard=fact.heard,
            seqs=[seq],
        )
        self._of_code[fact.code] = fact.tip
        if fact.heard:
            self._heard[fact.heard] = fact.tip
