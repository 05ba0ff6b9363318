"""How a simulated radio and its bearer behave: whether they come, and how well the link holds."""

import random
from dataclasses import dataclass
from typing import Final

from dispatch.words import Role

LINK_LOSSES_PER_H: Final = 1.5

ACCEPTS: Final[dict[Role, float]] = {
    Role.VOLUNTEER: 0.35,
    Role.GUARD: 0.9,
    Role.POLICE: 0.9,
}
"""Of those who hear the order."""
SAYS_NO: Final = 0.5
"""Of those who will not go; the other half says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How a radio and its bearer behave."""

    role: Role
    likely: dict[Role, float]
    """How likely the bearer goes where called."""
    says_no: float = SAYS_NO
    """Of the rest, how many say so; the others say nothing."""
    link_losses_per_h: float = LINK_LOSSES_PER_H

    @classmethod
    def of(cls, role: Role) -> "Temper":
        """As people of this role do."""
        return cls(role=role, likely=ACCEPTS)

    @classmethod
    def mute(cls, role: Role) -> "Temper":
        """Hears orders and answers none; its link holds. For replayed traces."""
        return cls(role=role, likely=dict.fromkeys(Role, 0.0), says_no=0.0, link_losses_per_h=0.0)


def goes(chance: random.Random, likely: float, says_no: float) -> bool | None:
    """Whether this bearer would go; None where nothing will be said."""
    if chance.random() < likely:
        return True
    return False if chance.random() < says_no else None
