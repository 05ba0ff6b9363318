"""Notes, handing over to an agency, closing, reopening, calling back, files handed out."""

import re
from typing import Final

from dispatch.by_hand.checks import as_it_is, common, known, steered, still_open, words_of
from dispatch.calling_off import asked_for
from dispatch.clock import HOUR
from dispatch.commands import (
    CALLER_LENGTH_MAX,
    NOTE_LENGTH_MAX,
    WORDS_LENGTH_MAX,
    AddNote,
    CloseIncident,
    ExportIncident,
    HandOver,
    RecordCallback,
    ReopenIncident,
)
from dispatch.deliver import tell_called_off
from dispatch.errors import UnfitCommandError, UnknownIncidentError, WrongPhaseError
from dispatch.events import (
    CallbackMade,
    HandedOver,
    IncidentClosed,
    IncidentExported,
    IncidentReopened,
    NoteAdded,
    Purpose,
)
from dispatch.ids import CommandId, IncidentId, OperatorName
from dispatch.incident import Incident
from dispatch.lifecycle import STANDING
from dispatch.orders import withdraw
from dispatch.turn import Turn
from dispatch.words import Disposition, FalseReason, Linked, WithdrawReason

ENDED_BEFORE_MAX: Final = HOUR
"""Somebody may report what has just ended, late; hours after it is another matter."""

SEAL: Final = re.compile(r"[0-9a-f]{64}")


def note(turn: Turn, command: AddNote) -> str:
    """Written down, by whomever, whatever the version."""
    incident = known(turn, command)
    words = words_of(command.words, NOTE_LENGTH_MAX, needed=True)
    assert words is not None, "needed"
    turn.record(
        NoteAdded(**common(turn, incident), by=command.by, words=words, command=command.command)
    )
    return incident.incident


def hand_over(turn: Turn, command: HandOver) -> str:
    """Somebody spoke with the agency: that is what is recorded."""
    incident = still_open(turn, command, "handing it over")
    contact = words_of(command.contact, CALLER_LENGTH_MAX, purpose=Purpose.PERSON)
    turn.record(
        HandedOver(
            **common(turn, incident),
            agency=command.agency,
            by=command.by,
            contact=contact,
            words=words_of(command.words, NOTE_LENGTH_MAX),
            command=command.command,
        )
    )
    return incident.incident


def close(turn: Turn, command: CloseIncident) -> str:
    """It is over: everybody is released."""
    incident = steered(turn, command, "closing it")
    _check_duplicate(turn, incident, command)
    is_false = command.disposition is Disposition.FALSE_ALARM
    if is_false and command.false_reason is None:
        raise UnfitCommandError(field="false_reason", why="is asked for with a false alarm")
    if not is_false and command.false_reason is not None:
        raise UnfitCommandError(field="false_reason", why="needs the disposition false_alarm")
    end(
        turn,
        incident,
        command.disposition,
        by=command.by,
        words=command.words,
        duplicate_of=command.duplicate_of,
        false_reason=command.false_reason,
        command=command.command,
    )
    return incident.incident


def end(
    turn: Turn,
    incident: Incident,
    disposition: Disposition,
    *,
    by: OperatorName,
    words: str,
    command: CommandId,
    duplicate_of: IncidentId | None = None,
    false_reason: FalseReason | None = None,
    reason: WithdrawReason = WithdrawReason.INCIDENT_ENDED,
) -> None:
    """Every timer is cancelled, every unit released; a sender who asked to call it off and had
    no answer yet reads that it is over. Checked by whoever calls."""
    waiting = [turn.board.alarms.get(alarm) for alarm in asked_for(incident)]
    turn.record(
        IncidentClosed(
            **common(turn, incident),
            by=by,
            disposition=disposition,
            duplicate_of=duplicate_of,
            words=words_of(words, NOTE_LENGTH_MAX),
            false_reason=false_reason,
            command=command,
        )
    )
    for each in incident.assignments.values():
        if each.state in STANDING:
            withdraw(turn, incident, each, reason)
    for alarm in waiting:
        if alarm is not None:
            tell_called_off(turn, alarm, done=True)


def reopen(turn: Turn, command: ReopenIncident) -> str:
    """It was not over."""
    incident = as_it_is(turn, command)
    if incident.open:
        raise WrongPhaseError(
            subject=incident.incident, phase=incident.phase, request="reopening it"
        )
    other = incident.duplicate_of
    if other is not None and incident.links.get(other) is Linked.MERGED:
        raise UnfitCommandError(
            field="incident", why=f"was merged into {other}: split it off there"
        )
    turn.record(
        IncidentReopened(
            **common(turn, incident),
            by=command.by,
            words=words_of(command.words, NOTE_LENGTH_MAX),
            command=command.command,
        )
    )
    return incident.incident


def record_callback(turn: Turn, command: RecordCallback) -> str:
    """Only of what has ended: before that there is nothing to be content with."""
    incident = as_it_is(turn, command)
    if incident.open:
        raise WrongPhaseError(
            subject=incident.incident, phase=incident.phase, request="recording a callback"
        )
    turn.record(
        CallbackMade(
            **common(turn, incident),
            satisfaction=command.satisfaction,
            by=command.by,
            words=words_of(command.words, WORDS_LENGTH_MAX),
            command=command.command,
        )
    )
    return incident.incident


def export(turn: Turn, command: ExportIncident) -> str:
    """The seal of a file that is handed out stands in the journal from now on, also of an
    incident that only the store still holds: whoever made its file has found it there."""
    if not SEAL.fullmatch(command.seal):
        raise UnfitCommandError(field="seal", why="is no SHA-256 in lower-case hex")
    if command.community not in turn.desk.roster.communities:
        raise UnfitCommandError(field="community", why="is not on the roster")
    turn.record(
        IncidentExported(
            t=turn.now,
            community=command.community,
            incident=command.incident,
            by=command.by,
            seal=command.seal,
            personal=command.personal,
            command=command.command,
        )
    )
    return command.incident


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
    if kept is None or kept.community != incident.community:
        raise UnknownIncidentError(other)  # what is elsewhere is nobody's business here
    if kept.duplicate_of is not None:
        raise UnfitCommandError(field="duplicate_of", why="is a duplicate itself")
    if kept.covert != incident.covert:
        why = "is covert and this is not, or the reverse"
        raise UnfitCommandError(field="duplicate_of", why=why)
    if kept.drill != incident.drill:
        raise UnfitCommandError(field="duplicate_of", why="and this are not of the same exercise")
    if kept.closed_t is not None and incident.opened_t - kept.closed_t > ENDED_BEFORE_MAX:
        why = "had ended more than an hour before this began: link them"
        raise UnfitCommandError(field="duplicate_of", why=why)
