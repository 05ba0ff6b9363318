"""What a person gave under their own name. Only the key tells: the journal names no teller."""

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.privacy.holdings import NOBODY, Person
from dispatch.tips.facts import TipGiven
from dispatch.tips.sealing import KeyRing, TipBoxBrokenError, TipKeyMissingError
from dispatch.tips.told import teller_in


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTips:
    """Of one person."""

    given: tuple[TipGiven, ...]
    sealed: int
    """So many whose teller is not to be seen, for the key is not here: one may be theirs."""


def own_tips(ring: KeyRing | None, given: Iterable[TipGiven], person: Person) -> OwnTips:
    """Those that they gave by their account or a radio of theirs, as far as keys are here."""
    found: list[TipGiven] = []
    sealed = 0
    for fact in given:
        if fact.teller is None or fact.teller.value is None:
            continue
        try:
            if ring is None:
                raise TipKeyMissingError("")
            teller = teller_in(ring.open(fact.teller.value, fact.tip, "teller"))
        except (TipKeyMissingError, TipBoxBrokenError, ValueError):
            sealed += 1
            continue
        by_account = person.account != NOBODY and teller.account == person.account
        if by_account or (teller.unit is not None and person.bore(teller.unit, fact.t)):
            found.append(fact)
    return OwnTips(given=tuple(found), sealed=sealed)
