"""How an incident that nobody takes is carried up: louder, second console, supervisor.

Deadlines follow from the state alone, and each rung is a fact, reached once in a round,
so that a restart neither repeats nor skips one.
"""

from typing import Final

from dispatch.clock import Instant
from dispatch.desk import Desk, us
from dispatch.events import ConsoleUnattended, IncidentEscalated
from dispatch.incident import Incident
from dispatch.settings import Waits
from dispatch.turn import Turn
from dispatch.words import EscalationReason, Rung

TOP_PRIORITY: Final = 1


def rung_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When the next rung is reached unless somebody takes it; None where none is left.

    A late alarm rings softly: it climbs no rungs, but an empty room is told of it.
    """
    due = [t for t, rung in _rungs(desk, incident) if not _reached(incident, rung)]
    return min(due, default=None)


def reach_rungs(turn: Turn, incident: Incident) -> None:
    """Every rung whose time has come, lowest first."""
    for due_t, rung in _rungs(turn.desk, incident):
        if due_t <= turn.now and not _reached(incident, rung):
            _escalate(turn, incident, rung, EscalationReason.NOT_TAKEN)


def unattended_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When the empty room is told of for this incident; None while somebody is there."""
    if not incident.open or desk.absent_since is None:
        return None
    told = incident.community in desk.board.unattended
    if told and (incident.taken_by is not None or _told_unattended(incident)):
        return None
    since = max(desk.absent_since, incident.round.t)
    return since + us(desk.settings.waits.unattended_s)


def tell_unattended(turn: Turn, incident: Incident) -> None:
    """No operator is there: an alarm of its own, and each untaken incident goes up at once."""
    due_t = unattended_due_t(turn.desk, incident)
    if due_t is None or due_t > turn.now:
        return
    if incident.community not in turn.board.unattended:
        turn.record(ConsoleUnattended(t=turn.now, community=incident.community))
    if incident.taken_by is None and not _told_unattended(incident):
        _escalate(turn, incident, Rung.SUPERVISOR, EscalationReason.UNATTENDED)


def _rungs(desk: Desk, incident: Incident) -> list[tuple[Instant, Rung]]:
    urgent = incident.open and incident.priority == TOP_PRIORITY and incident.taken_by is None
    if not urgent or desk.board.is_late(incident):
        return []
    return [(incident.round.t + us(s), rung) for s, rung in _ladder(desk.settings.waits)]


def _ladder(waits: Waits) -> tuple[tuple[float, Rung], ...]:
    return (
        (waits.louder_s, Rung.LOUDER),
        (waits.second_console_s, Rung.SECOND_CONSOLE),
        (waits.supervisor_s, Rung.SUPERVISOR),
    )


def _reached(incident: Incident, rung: Rung) -> bool:
    return incident.has_escalated(rung, EscalationReason.NOT_TAKEN)


def _told_unattended(incident: Incident) -> bool:
    return incident.has_escalated(Rung.SUPERVISOR, EscalationReason.UNATTENDED)


def _escalate(turn: Turn, incident: Incident, rung: Rung, reason: EscalationReason) -> None:
    turn.record(
        IncidentEscalated(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            rung=rung,
            reason=reason,
        )
    )
