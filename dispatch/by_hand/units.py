"""An operator sends a unit, or calls it back."""

from dispatch.by_hand.checks import as_it_is, steered, unit_record
from dispatch.commands import AssignUnit, WithdrawUnit
from dispatch.errors import (
    HeldError,
    UnfitCommandError,
    UnknownAssignmentError,
    WrongPhaseError,
)
from dispatch.lifecycle import STANDING
from dispatch.orders import assign, withdraw
from dispatch.turn import Turn
from dispatch.words import WithdrawReason


def assign_unit(turn: Turn, command: AssignUnit) -> str:
    """Whatever the rules say: busy, far or off duty, the operator knows why."""
    incident = steered(turn, command, "sending a unit")
    record = unit_record(turn, command.unit, incident.community)
    if command.unit == incident.sender:
        raise UnfitCommandError(field="unit", why="is the one who called for help")
    for each in incident.assignments.values():
        if each.unit == command.unit and each.live:
            subject = f"unit {command.unit} at {incident.incident}"
            raise WrongPhaseError(subject=subject, phase=each.state, request="sending it")
    distance_m = None
    if incident.lon is not None and incident.lat is not None:
        distance_m = turn.desk.live.distance_m(command.unit, incident.lon, incident.lat)
    return assign(
        turn,
        incident,
        command.unit,
        record.role,
        distance_m,
        by=command.by,
        command=command.command,
    )


def withdraw_unit(turn: Turn, command: WithdrawUnit) -> str:
    """It need not go, or may come back."""
    incident = as_it_is(turn, command)
    if incident.open and incident.taken_by not in (None, command.by):
        raise HeldError(
            incident=incident.incident,
            held_by=str(incident.taken_by),
            request="calling a unit back",
        )
    assignment = incident.assignments.get(command.assignment)
    if assignment is None:
        raise UnknownAssignmentError(command.assignment)
    if assignment.state not in STANDING:
        raise WrongPhaseError(
            subject=assignment.assignment, phase=assignment.state, request="calling it back"
        )
    reason = WithdrawReason.BY_OPERATOR
    withdraw(turn, incident, assignment, reason, by=command.by, command=command.command)
    return assignment.assignment
