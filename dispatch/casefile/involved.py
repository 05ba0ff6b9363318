"""Who was involved, and from when to when their tracks belong into the file. Pure.

Read from the rows themselves, by the members every such fact has (``unit``,
``radio``, ``alarm``), so that facts of later versions count too. A track says
where a person was: it begins with the person's own first press or order, and
ends a few minutes after they were released, not at the end of their day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from dispatch.clock import MINUTE, Instant
from dispatch.ids import UnitId
from dispatch.store.port import SliceRow

AFTER: Final = 5 * MINUTE
"""Who leaves the scene, and which way, is still part of the story."""

RELEASED: Final = frozenset(
    {"UnitDeclined", "UnitCleared", "AssignmentExpired", "AssignmentWithdrawn", "AlarmLeft"}
)
"""After these a unit is neither asked nor coming, unless it says something new."""
PASSIVE: Final = frozenset({"OrderReceived", "OrderShown", "GatewayTried"})
"""What radios and gateways do by themselves: it brings nobody back."""
ENDED: Final = "IncidentClosed"
REOPENED: Final = "IncidentReopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A unit, and the time its track is asked for."""

    unit: UnitId
    from_t: Instant
    to_t: Instant


def involved(rows: Iterable[SliceRow]) -> list[Span]:
    """Senders and units asked, in the order they come into the story."""
    begun: dict[UnitId, Instant] = {}
    done: dict[UnitId, Instant] = {}
    last_t, ended_t = 0, None
    for row in rows:
        body = msgspec.json.decode(row.body)
        last_t = max(last_t, row.t)
        if row.name == ENDED:
            ended_t = row.t
        elif row.name == REOPENED:
            ended_t = None
        unit = unit_of_fact(body)
        if unit is None:
            continue
        begun.setdefault(unit, row.t)
        if row.name in RELEASED:
            done[unit] = row.t
        elif row.name not in PASSIVE:
            done.pop(unit, None)
    end = last_t if ended_t is None else ended_t
    return [
        Span(unit=unit, from_t=t, to_t=max(t, min(done.get(unit, end), end)) + AFTER)
        for unit, t in begun.items()
    ]


def unit_of_fact(body: Mapping[str, Any]) -> UnitId | None:
    """The unit that a fact is about: one that was asked, or the sender of its alarm."""
    for member in ("unit", "radio"):
        if isinstance(body.get(member), str):
            return UnitId(body[member])
    alarm = body.get("alarm")
    if isinstance(alarm, str):
        return UnitId(alarm.partition("/")[0])  # an alarm is named radio/boot/counter
    return None
