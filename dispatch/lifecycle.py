"""The life cycles of incidents and assignments, as tables that code, tests and docs read alike.

A fact that a table does not name for a phase or state changes nothing there. What
operators may ask for in which phase follows from the same tables.
"""

from typing import Final

from dispatch.events import (
    AssignmentExpired,
    AssignmentWithdrawn,
    Event,
    IncidentReopened,
    IncidentTaken,
    LeaseLapsed,
    OrderReceived,
    ResponseLapsed,
    UnitAccepted,
    UnitArrived,
    UnitAssigned,
    UnitCleared,
    UnitDeclined,
    UnitEnRoute,
)
from dispatch.words import ENDED, AssignmentState, Phase

_RESPONSE: Final = (
    (UnitAssigned, Phase.DISPATCHED),
    (UnitAccepted, Phase.ACCEPTED),
    (UnitEnRoute, Phase.EN_ROUTE),
    (UnitArrived, Phase.ON_SCENE),
)
"""What the response does, and how far the incident then stands, nearest first."""

_BEFORE_RESPONSE: Final = (Phase.RECEIVED, Phase.ACKNOWLEDGED, Phase.REOPENED)

PHASES: Final[dict[tuple[Phase, type[Event]], Phase]] = {
    (Phase.RECEIVED, IncidentTaken): Phase.ACKNOWLEDGED,
    (Phase.REOPENED, IncidentTaken): Phase.ACKNOWLEDGED,
    (Phase.ACKNOWLEDGED, LeaseLapsed): Phase.RECEIVED,
    **{(before, fact): after for before in _BEFORE_RESPONSE for fact, after in _RESPONSE},
    (Phase.DISPATCHED, UnitAccepted): Phase.ACCEPTED,
    (Phase.DISPATCHED, UnitEnRoute): Phase.EN_ROUTE,
    (Phase.DISPATCHED, UnitArrived): Phase.ON_SCENE,
    (Phase.ACCEPTED, UnitEnRoute): Phase.EN_ROUTE,
    (Phase.ACCEPTED, UnitArrived): Phase.ON_SCENE,
    (Phase.EN_ROUTE, UnitArrived): Phase.ON_SCENE,
    (Phase.DISPATCHED, ResponseLapsed): Phase.RECEIVED,
    (Phase.ACCEPTED, ResponseLapsed): Phase.RECEIVED,
    (Phase.EN_ROUTE, ResponseLapsed): Phase.RECEIVED,
    (Phase.ON_SCENE, ResponseLapsed): Phase.RECEIVED,
    **{(ended, IncidentReopened): Phase.REOPENED for ended in ENDED},
}
"""(phase, fact) -> phase. The phase is the furthest that the response has stood since
it last lapsed; *received* is told as *acknowledged* once somebody has taken it.
IncidentClosed ends any open phase, and which end it is follows from the disposition."""

STATES: Final[dict[tuple[AssignmentState, type[Event]], AssignmentState]] = {
    (AssignmentState.OFFERED, OrderReceived): AssignmentState.RECEIVED,
    (AssignmentState.EXPIRED, OrderReceived): AssignmentState.EXPIRED,
    (AssignmentState.ACCEPTED, OrderReceived): AssignmentState.ACCEPTED,
    (AssignmentState.EN_ROUTE, OrderReceived): AssignmentState.EN_ROUTE,
    (AssignmentState.ON_SCENE, OrderReceived): AssignmentState.ON_SCENE,
    **{
        (asked, fact): after
        for asked in (AssignmentState.OFFERED, AssignmentState.RECEIVED, AssignmentState.EXPIRED)
        for fact, after in (
            (UnitAccepted, AssignmentState.ACCEPTED),
            (UnitDeclined, AssignmentState.DECLINED),
            (UnitEnRoute, AssignmentState.EN_ROUTE),
            (UnitArrived, AssignmentState.ON_SCENE),
            (AssignmentWithdrawn, AssignmentState.WITHDRAWN),
        )
    },
    (AssignmentState.OFFERED, AssignmentExpired): AssignmentState.EXPIRED,
    (AssignmentState.RECEIVED, AssignmentExpired): AssignmentState.EXPIRED,
    (AssignmentState.ACCEPTED, UnitEnRoute): AssignmentState.EN_ROUTE,
    (AssignmentState.ACCEPTED, UnitArrived): AssignmentState.ON_SCENE,
    (AssignmentState.EN_ROUTE, UnitArrived): AssignmentState.ON_SCENE,
    (AssignmentState.ACCEPTED, UnitDeclined): AssignmentState.DECLINED,
    (AssignmentState.EN_ROUTE, UnitDeclined): AssignmentState.DECLINED,
    **{
        (coming, fact): after
        for coming in (AssignmentState.ACCEPTED, AssignmentState.EN_ROUTE, AssignmentState.ON_SCENE)
        for fact, after in (
            (UnitCleared, AssignmentState.CLEAR),
            (AssignmentWithdrawn, AssignmentState.WITHDRAWN),
        )
    },
}
"""(state, fact) -> state. A unit that forgot a button may skip a step; one that had
accepted may still decline; declined, clear and withdrawn are final. An order whose unit
offered itself is received after it was accepted."""

STANDING: Final = frozenset(
    state for state, fact in STATES if fact in (AssignmentWithdrawn, UnitCleared)
)
"""States in which the order still stands on the unit's radio: also silence that expired."""

ANSWER: Final[dict[AssignmentState, type[Event]]] = {
    AssignmentState.RECEIVED: OrderReceived,
    AssignmentState.ACCEPTED: UnitAccepted,
    AssignmentState.DECLINED: UnitDeclined,
    AssignmentState.EN_ROUTE: UnitEnRoute,
    AssignmentState.ON_SCENE: UnitArrived,
    AssignmentState.CLEAR: UnitCleared,
}
"""What a radio may say of an order, and the fact that becomes of it."""
