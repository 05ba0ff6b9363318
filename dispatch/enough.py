"""Who may turn back: once as many as are wanted are about to be there. Withdraws nobody itself.

A yes alone is no reason to withdraw others. The first to say yes is seldom the nearest,
and nobody knows who will be held up: withdrawing at the first yes makes help come a
tenth later, more where travel is uncertain (docs/whom-we-ask.md). When the first are
a minute away their own fixes show it, and the others can still be spared the way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dispatch.ids import UnitId

CLOSE_S: Final = 60.0
"""Who is expected so soon is as good as there. A withdrawal is heard within some 30 s, the
time in which a call is answered: so those who would come just behind still turn back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One unit that was asked, and has neither declined nor been withdrawn."""

    unit: UnitId
    coming: bool
    """It said yes."""
    eta_s: float | None
    """Seconds it still needs from where it is now; 0 on scene; None: not known."""


def surplus(asked: Iterable[Standing], *, wanted: int) -> frozenset[UnitId]:
    """Who need not come: all but those close by, once they are as many as wanted; else nobody."""
    assert wanted >= 0, wanted
    asked = tuple(asked)
    close = {each.unit for each in asked if is_close(each)}
    if len(close) < wanted:
        return frozenset()
    return frozenset(each.unit for each in asked if each.unit not in close)


def is_close(each: Standing) -> bool:
    """Whether it is as good as there."""
    return each.coming and each.eta_s is not None and each.eta_s <= CLOSE_S
