"""The radios as whoever manages them looks at them, with how each stands. Changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, not_, or_, select

from dispatch.clock import Instant
from dispatch.ids import CommunityId, OperatorName, RadioId
from dispatch.store.schema import radio_codes, radios, units

PAGE_MAX: Final = 200


class RadioState(StrEnum):
    """How a radio stands with us."""

    ONLINE = "online"
    OFFLINE = "offline"
    """It was here before."""
    NEVER = "never"
    """Its secret, or its code, was used by nobody yet."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollQuery:
    """What is looked for; nothing said: every radio."""

    communities: Collection[str] | None = None
    """Those that may be told of; None: all."""
    text: str = ""
    """A part of the call sign or the id."""
    state: RadioState | None = None
    after: str = ""
    """Of a page before: its last radio."""
    count: int = PAGE_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRow:
    """One radio."""

    radio: RadioId
    community: CommunityId
    call_sign: str
    role: str
    state: RadioState
    enrolled_t: Instant
    """When it was given its secret, by the hub's time."""
    code_by: OperatorName
    """Who made the code that may let it in; empty: there is none."""
    code_expires_t: Instant
    """By the machine's time; 0: there is none."""


_STATES: Final[dict[RadioState, ColumnElement[bool]]] = {
    RadioState.REVOKED: radios.c.revoked,
    RadioState.NEVER: and_(not_(radios.c.revoked), units.c.online.is_(None)),
    RadioState.ONLINE: and_(not_(radios.c.revoked), units.c.online.is_(True)),
    RadioState.OFFLINE: and_(not_(radios.c.revoked), units.c.online.is_(False)),
}


def radio_roll(conn: Connection, query: RollQuery) -> list[RollRow]:
    """One page, by id."""
    wanted = (
        select(radios, units.c.online, radio_codes.c.by, radio_codes.c.expires_t)
        .join(units, units.c.unit == radios.c.radio, isouter=True)
        .join(radio_codes, radio_codes.c.radio == radios.c.radio, isouter=True)
        .where(radios.c.radio > query.after)
        .order_by(radios.c.radio)
        .limit(max(1, min(query.count, PAGE_MAX)))
    )
    if query.communities is not None:
        wanted = wanted.where(radios.c.community.in_(sorted(query.communities)))
    if query.text:
        wanted = wanted.where(
            or_(
                radios.c.call_sign.icontains(query.text, autoescape=True),
                radios.c.radio.icontains(query.text, autoescape=True),
            )
        )
    if query.state is not None:
        wanted = wanted.where(_STATES[query.state])
    return [
        RollRow(
            radio=RadioId(row.radio),
            community=CommunityId(row.community),
            call_sign=row.call_sign,
            role=row.role,
            state=_state(row.revoked, row.online),
            enrolled_t=row.enrolled_t,
            code_by=OperatorName(row.by or ""),
            code_expires_t=row.expires_t or 0,
        )
        for row in conn.execute(wanted)
    ]


def _state(revoked: bool, online: bool | None) -> RadioState:
    if revoked:
        return RadioState.REVOKED
    if online is None:
        return RadioState.NEVER
    return RadioState.ONLINE if online else RadioState.OFFLINE
