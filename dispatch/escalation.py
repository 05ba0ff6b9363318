"""How an incident calls for an operator: louder, second console, supervisor; and who holds it.

Deadlines follow from the state alone, and each rung is a fact, reached once in a round for each
reason, so that a restart neither repeats nor skips one. An operator who took an incident holds it
as long as they are at a console: after that it is nobody's, and rings again.
"""

from dispatch.clock import Instant
from dispatch.desk import Desk, us
from dispatch.events import ConsoleUnattended, IncidentEscalated, LeaseLapsed
from dispatch.incident import Incident
from dispatch.settings import Waits
from dispatch.turn import Turn
from dispatch.words import EscalationReason, Rung


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


def lease_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When the one who took it loses it for being away; None while they are there."""
    by = incident.taken_by
    if not incident.open or by is None or by in desk.operators:
        return None
    since = max(desk.left.get(by, 0), incident.taken_t or 0)
    return since + us(desk.settings.waits.lease_s)


def end_lease(turn: Turn, incident: Incident) -> None:
    """It is nobody's again, and its rungs are counted from now."""
    due_t = lease_due_t(turn.desk, incident)
    if due_t is None or due_t > turn.now:
        return
    assert incident.taken_by is not None
    turn.record(
        LeaseLapsed(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            by=incident.taken_by,
            lease=incident.lease,
        )
    )


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


def ladder(waits: Waits, priority: int) -> tuple[tuple[float, Rung], ...]:
    """After how many seconds which rung is reached. An emergency climbs within a minute; what is
    urgent or to be watched goes to the supervisor when it has lain for too long; a note waits."""
    match priority:
        case 1:
            return (
                (waits.louder_s, Rung.LOUDER),
                (waits.second_console_s, Rung.SECOND_CONSOLE),
                (waits.supervisor_s, Rung.SUPERVISOR),
            )
        case 2:
            return ((waits.urgent_s, Rung.SUPERVISOR),)
        case 3:
            return ((waits.watch_s, Rung.SUPERVISOR),)
        case _:
            return ()


def _rungs(desk: Desk, incident: Incident) -> list[tuple[Instant, Rung]]:
    if not incident.open or incident.taken_by is not None or desk.board.is_late(incident):
        return []
    rungs = ladder(desk.settings.waits, incident.priority)
    return [(incident.round.t + us(s), rung) for s, rung in rungs]


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
