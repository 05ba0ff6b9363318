"""An order is given to a unit, and taken back. Who gets one is decided elsewhere."""

from dispatch.desk import Desk, us
from dispatch.events import AssignmentWithdrawn, UnitAssigned
from dispatch.ids import AssignmentId, CommandId, OperatorName, UnitId
from dispatch.incident import Assignment, Incident
from dispatch.lifecycle import STANDING
from dispatch.need import step_of
from dispatch.turn import Turn
from dispatch.words import AssignmentState, Role, WithdrawReason


def assign(
    turn: Turn,
    incident: Incident,
    unit: UnitId,
    role: Role,
    distance_m: float | None,
    *,
    wave: int = 0,
    need: str = "",
    walk_s: float | None = None,
    volunteered: bool = False,
    carried_from: AssignmentId | None = None,
    by: OperatorName | None = None,
    command: CommandId | None = None,
) -> AssignmentId:
    """Send a unit an order. An older one that it never answered is taken back first."""
    for other, standing in turn.board.orders_of(unit):
        if standing.state is AssignmentState.EXPIRED:
            withdraw(turn, other, standing, WithdrawReason.REPLACED)
    assignment = AssignmentId(f"{incident.incident}/{len(incident.assignments) + 1}")
    turn.record(
        UnitAssigned(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            assignment=assignment,
            unit=unit,
            role=role,
            wave=wave,
            distance_m=distance_m,
            answer_by_t=turn.now + _answer_us(turn.desk, incident),
            by=by,
            command=command,
            need=need,
            walk_s=walk_s,
            volunteered=volunteered,
            carried_from=carried_from,
        )
    )
    return assignment


def withdraw(
    turn: Turn,
    incident: Incident,
    assignment: Assignment,
    reason: WithdrawReason,
    *,
    by: OperatorName | None = None,
    command: CommandId | None = None,
) -> None:
    """Take an order back; the radio is told until it has heard."""
    assert assignment.state in STANDING, assignment
    turn.record(
        AssignmentWithdrawn(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            assignment=assignment.assignment,
            unit=assignment.unit,
            reason=reason,
            by=by,
            command=command,
        )
    )


def _answer_us(desk: Desk, incident: Incident) -> int:
    wave_s = step_of(desk, incident).wave_s
    return us(desk.settings.waits.wave_s if wave_s is None else wave_s)
