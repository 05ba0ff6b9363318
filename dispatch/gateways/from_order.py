"""Facts for a message over a gateway, taken from the order as a radio gets it. Pure.

What must not leave the machine is left out here already: the sender always, and of a covert
alarm everything but whom it is sent to.
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from dispatch.clock import SECOND, Instant
from dispatch.gateways.facts import METRES_MAX, NAME_CHARS_MAX, Facts, Purpose
from dispatch.outgoing import OrderMessage
from dispatch.roster import Community
from dispatch.words import Kind

ROUND_M: Final = 10
"""Distances are told in tens of metres: a fix is no better, and it is said aloud."""


def facts_of(
    order: OrderMessage,
    *,
    community: Community,
    purpose: Purpose,
    opened_t: Instant,
    who: str = "",
    away_m: float | None = None,
) -> Facts:
    """What may be said of this order to one person.

    ``who`` is the call sign of the one spoken to, ``away_m`` how far they are; ``opened_t`` is
    when the incident was opened. Raises nothing: names too long are cut.
    """
    if order.covert:
        return Facts(
            purpose=purpose, kind=Kind.OTHER, who=_name(who), drill=order.drill, covert=True
        )
    grids = community.grids
    grid_en = next((each.name_en for each in grids.grids if each.name == order.grid), "")
    near_en = next((each.name_en for each in grids.key_units if each.name == order.near), "")
    return Facts(
        purpose=purpose,
        kind=order.kind,
        who=_name(who),
        at=_time_of_day(opened_t, community.zone),
        community=_name(community.name_zh),
        community_en=_name(community.name_en),
        grid=_name(order.grid),
        grid_en=_name(grid_en),
        near=_name(order.near),
        near_en=_name(near_en),
        near_m=_tens(order.near_m),
        bearing=order.bearing,
        away_m=_tens(away_m),
        drill=order.drill,
    )


def _name(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:NAME_CHARS_MAX])


def _tens(metres: float | None) -> int | None:
    """None where it is unknown, or no distance that anybody walks."""
    if metres is None or not 0 <= metres <= METRES_MAX:
        return None
    return max(ROUND_M, round(metres / ROUND_M) * ROUND_M)


def _time_of_day(t: Instant, zone: str) -> str:
    return datetime.fromtimestamp(t / SECOND, UTC).astimezone(ZoneInfo(zone)).strftime("%H:%M")
