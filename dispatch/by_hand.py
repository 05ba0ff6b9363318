"""What people at consoles ask for. Each request is checked whole before the first fact of it.

A request based on a version that has since changed is refused, so that nobody decides
on what they no longer see; a note is never refused for that, it changes nothing.
"""

import math

from dispatch.commands import (
    NOTE_LENGTH_MAX,
    OPERATOR_LENGTH_MAX,
    WORDS_LENGTH_MAX,
    AddNote,
    AnyCommand,
    AssignUnit,
    CloseIncident,
    IncidentCommand,
    OpenIncident,
    ReopenIncident,
    RevokeRadio,
    TakeIncident,
    WithdrawUnit,
)
from dispatch.errors import (
    StaleVersionError,
    UnfitCommandError,
    UnknownAssignmentError,
    UnknownIncidentError,
    UnknownUnitError,
    WrongPhaseError,
)
from dispatch.events import (
    IncidentClosed,
    IncidentReopened,
    IncidentTaken,
    NoteAdded,
    Personal,
    Purpose,
    RadioRevoked,
)
from dispatch.ids import AssignmentId, IncidentId, UnitId, radio_of, unit_of
from dispatch.incident import Incident
from dispatch.lifecycle import STANDING
from dispatch.messages import Reply
from dispatch.opening import opened_by_hand
from dispatch.outgoing import KickRadio
from dispatch.place import NOWHERE, Place, place_of_unit
from dispatch.response import assign, withdraw
from dispatch.roster import RadioRecord
from dispatch.turn import Turn
from dispatch.words import Disposition, PlaceSource, WithdrawReason


def do(turn: Turn, command: AnyCommand) -> str:
    """Do what is asked; gives back the id of what it made or changed. Raises RefusedError."""
    _check_length("by", command.by, OPERATOR_LENGTH_MAX, at_least=1)
    match command:
        case OpenIncident():
            return _open(turn, command)
        case TakeIncident():
            return _take(turn, command)
        case AddNote():
            return _note(turn, command)
        case AssignUnit():
            return _assign(turn, command)
        case WithdrawUnit():
            return _withdraw(turn, command)
        case CloseIncident():
            return _close(turn, command)
        case ReopenIncident():
            return _reopen(turn, command)
        case RevokeRadio():
            return _revoke(turn, command)


def reply_of(turn: Turn, subject: str) -> Reply:
    """What a command came to, told after everything that followed from it."""
    order = turn.board.order(AssignmentId(subject))
    incident = order[0] if order is not None else turn.board.incidents.get(IncidentId(subject))
    return Reply(subject=subject, version=0 if incident is None else incident.version)


def _open(turn: Turn, command: OpenIncident) -> str:
    place = _place(turn, command)
    opened = opened_by_hand(turn.desk, command, place, turn.now)
    turn.record(opened)
    turn.record(
        IncidentTaken(
            t=turn.now,
            community=command.community,
            incident=opened.incident,
            by=command.by,
            command=command.command,
        )
    )
    return opened.incident


def _take(turn: Turn, command: TakeIncident) -> str:
    incident = _open_incident(turn, command, "taking it")
    if incident.taken_by != command.by:
        turn.record(
            IncidentTaken(
                t=turn.now,
                community=incident.community,
                incident=incident.incident,
                by=command.by,
                command=command.command,
            )
        )
    return incident.incident


def _note(turn: Turn, command: AddNote) -> str:
    incident = _incident(turn, command)
    _check_length("words", command.words.strip(), NOTE_LENGTH_MAX, at_least=1)
    turn.record(
        NoteAdded(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            by=command.by,
            words=Personal(Purpose.WORDS, command.words),
            command=command.command,
        )
    )
    return incident.incident


def _assign(turn: Turn, command: AssignUnit) -> str:
    incident = _open_incident(turn, command, "sending a unit")
    record = _unit(turn, command.unit)
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


def _withdraw(turn: Turn, command: WithdrawUnit) -> str:
    incident = _incident(turn, command)
    _check_version(incident, command)
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


def _close(turn: Turn, command: CloseIncident) -> str:
    incident = _open_incident(turn, command, "closing it")
    _check_length("words", command.words, NOTE_LENGTH_MAX)
    _check_duplicate(turn, incident, command)
    turn.record(
        IncidentClosed(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            by=command.by,
            disposition=command.disposition,
            duplicate_of=command.duplicate_of,
            words=Personal(Purpose.WORDS, command.words) if command.words.strip() else None,
            command=command.command,
        )
    )
    for each in incident.assignments.values():
        if each.state in STANDING:
            withdraw(turn, incident, each, WithdrawReason.INCIDENT_ENDED)
    return incident.incident


def _reopen(turn: Turn, command: ReopenIncident) -> str:
    incident = _incident(turn, command)
    _check_version(incident, command)
    if incident.open:
        raise WrongPhaseError(
            subject=incident.incident, phase=incident.phase, request="reopening it"
        )
    _check_length("words", command.words, NOTE_LENGTH_MAX)
    turn.record(
        IncidentReopened(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            by=command.by,
            words=Personal(Purpose.WORDS, command.words) if command.words.strip() else None,
            command=command.command,
        )
    )
    return incident.incident


def _revoke(turn: Turn, command: RevokeRadio) -> str:
    record = turn.desk.roster.radios.get(command.radio)
    if record is None:
        raise UnknownUnitError(command.radio)
    if record.revoked:
        return command.radio
    turn.tell(KickRadio(radio=command.radio))
    for incident, assignment in turn.board.orders_of(unit_of(command.radio)):
        withdraw(turn, incident, assignment, WithdrawReason.REVOKED, by=command.by)
        assignment.cancel_heard = True  # it can hear nothing any more
    turn.record(
        RadioRevoked(t=turn.now, community=record.community, radio=command.radio, by=command.by)
    )
    return command.radio


def _incident(turn: Turn, command: IncidentCommand) -> Incident:
    incident = turn.board.incidents.get(command.incident)
    if incident is None:
        raise UnknownIncidentError(command.incident)
    return incident


def _open_incident(turn: Turn, command: IncidentCommand, request: str) -> Incident:
    incident = _incident(turn, command)
    _check_version(incident, command)
    if not incident.open:
        raise WrongPhaseError(subject=incident.incident, phase=incident.phase, request=request)
    return incident


def _check_version(incident: Incident, command: IncidentCommand) -> None:
    if command.based_on not in (0, incident.version):
        raise StaleVersionError(
            incident=incident.incident, based_on=command.based_on, version=incident.version
        )


def _check_length(field: str, text: str, length_max: int, *, at_least: int = 0) -> None:
    if len(text) > length_max:
        raise UnfitCommandError(field=field, why=f"has more than {length_max} characters")
    if len(text) < at_least:
        raise UnfitCommandError(field=field, why="is empty")


def _check_duplicate(turn: Turn, incident: Incident, command: CloseIncident) -> None:
    is_duplicate = command.disposition is Disposition.DUPLICATE
    other = command.duplicate_of
    if not is_duplicate and other is None:
        return
    if not is_duplicate:
        raise UnfitCommandError(field="duplicate_of", why="needs the disposition duplicate")
    if other is None or other == incident.incident:
        raise UnfitCommandError(field="duplicate_of", why="must name another incident")
    kept = turn.board.incidents.get(other)
    if kept is None:
        raise UnknownIncidentError(other)
    if kept.duplicate_of is not None:
        raise UnfitCommandError(field="duplicate_of", why="is a duplicate itself")


def _unit(turn: Turn, unit: UnitId) -> RadioRecord:
    record = turn.desk.roster.radios.get(radio_of(unit))
    if record is None:
        raise UnknownUnitError(unit)
    if record.revoked:
        raise UnfitCommandError(field="unit", why=f"{unit} has been revoked")
    return record


def _place(turn: Turn, command: OpenIncident) -> Place:
    """The point shown, else the grid, else where the unit is, else nowhere but in words."""
    community = turn.desk.roster.communities.get(command.community)
    if community is None:
        raise UnfitCommandError(field="community", why="is not on the roster")
    _check_length("words", command.words, WORDS_LENGTH_MAX)
    if command.unit is not None:
        record = _unit(turn, command.unit)
        if record.community != command.community:
            raise UnfitCommandError(field="unit", why="belongs to another community")
    if command.grid is not None and command.grid not in community.grids.by_id:
        raise UnfitCommandError(field="grid", why="is not one of the community")
    if (command.lon is None) != (command.lat is None):
        raise UnfitCommandError(field="lon", why="and lat belong together")
    if command.lon is not None and command.lat is not None:
        return _pointed_at(turn, command, command.lon, command.lat)
    if command.grid is not None:
        return Place(source=PlaceSource.OPERATOR, grid=command.grid)
    if command.unit is not None:
        return place_of_unit(turn.desk, command.community, command.unit)
    _check_length("words", command.words.strip(), WORDS_LENGTH_MAX, at_least=1)
    return NOWHERE


def _pointed_at(turn: Turn, command: OpenIncident, lon: float, lat: float) -> Place:
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise UnfitCommandError(field="lon", why="and lat are no place on Earth")
    grid = command.grid or turn.desk.live.locate(command.community, lon, lat)
    return Place(source=PlaceSource.OPERATOR, grid=grid, lon=lon, lat=lat)
