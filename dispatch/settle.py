"""Leaves every touched incident as its state calls for: response, messages, deadlines.

All deadlines of an incident are derived here from its state, in one place, so that
closing cancels every timer simply by wanting none.
"""

from collections import Counter
from typing import Final

from dispatch.alarms import call_people
from dispatch.clock import HOUR, Instant
from dispatch.deliver import deliver
from dispatch.desk import Desk
from dispatch.escalation import lease_due_t, rung_due_t, unattended_due_t
from dispatch.gateway_steps import deliver_by_gateways
from dispatch.ids import IncidentId
from dispatch.incident import Incident
from dispatch.looking import came_free, forget_look, look_due_t
from dispatch.releasing import spare_due_t
from dispatch.response import settle_response
from dispatch.steps import step_due_t
from dispatch.timers import Due, Key
from dispatch.turn import SETTLE_STEPS_MAX, Turn
from dispatch.words import ASKED

ENDED_KEPT: Final = 12 * HOUR
"""A shift: an ended incident stays in memory for so long, to be seen and reopened."""

ENDED_KEPT_MAX: Final = 200
"""Ended incidents in memory; beyond, the one that ended first is left to the store."""


SETTLED_AGAIN_MAX: Final = 50
"""How often one incident is settled in one turn; twice or three times is usual. Beyond it is left
as it is until something else happens to it: two rules of ours that undo each other must not hang
the hub, nor send thousands of orders."""


def settle(turn: Turn) -> None:
    """Settle what this turn touched, and what that touches in its turn. Whoever came free by it
    is offered to those that are short of people, the most urgent first."""
    times: Counter[IncidentId] = Counter()
    _settle_touched(turn, times)
    if turn.desk.looks:
        for community, units in turn.came_free.items():
            came_free(turn.desk, community, units, turn.now)
    _forget_beyond_maximum(turn)


def _settle_touched(turn: Turn, times: Counter[IncidentId]) -> None:
    for _ in range(SETTLE_STEPS_MAX):
        incident_id = turn.next_unsettled()
        if incident_id is None:
            break
        times[incident_id] += 1
        incident = turn.board.incidents.get(incident_id)
        if times[incident_id] > SETTLED_AGAIN_MAX:
            turn.count("settling_stuck")
        elif incident is not None:
            _settle_one(turn, incident)


def forget(turn: Turn, incident_id: IncidentId) -> None:
    """An incident that ended long ago leaves memory; the consoles are told."""
    turn.desk.timers.replace(incident_id, {})
    turn.desk.sent.pop(incident_id, None)
    forget_look(turn.desk, turn.board.incidents[incident_id])
    for alarm in turn.board.incidents[incident_id].alarms:
        turn.desk.timers.cancel(Key(Due.TELL, alarm))
    turn.board.forget(incident_id)
    turn.look_at(incident_id)


def _settle_one(turn: Turn, incident: Incident) -> None:
    if not incident.open and incident.incident in turn.desk.uncalled:
        call_people(turn, incident.incident)  # nobody any more: its press is decided
    if incident.incident not in turn.desk.uncalled:
        settle_response(turn, incident)
    wanted = deliver(turn, incident)
    wanted.update(deliver_by_gateways(turn, incident))
    wanted.update(_deadlines(turn.desk, incident, turn.now))
    turn.desk.timers.replace(incident.incident, wanted)


def _deadlines(desk: Desk, incident: Incident, now: Instant) -> dict[Key, Instant]:
    """When to look at this incident again, messages apart. For an ended one: only to forget it."""
    me = incident.incident
    if incident.closed_t is not None:
        return {Key(Due.FORGET, me): incident.closed_t + ENDED_KEPT}
    told = {
        Key(Due.WAVE, me): look_due_t(desk, incident),
        Key(Due.SPARE, me): spare_due_t(incident, now),
        Key(Due.STEP, me): step_due_t(desk, incident),
        Key(Due.RUNG, me): rung_due_t(desk, incident),
        Key(Due.LEASE, me): lease_due_t(desk, incident),
        Key(Due.UNATTENDED, me): unattended_due_t(desk, incident),
    }
    wanted = {key: t for key, t in told.items() if t is not None}
    for each in incident.assignments.values():
        if each.state in ASKED:
            wanted[Key(Due.ANSWER, each.assignment)] = each.answer_by_t
    return wanted


def _forget_beyond_maximum(turn: Turn) -> None:
    if turn.board.ended_count <= ENDED_KEPT_MAX:  # looked at in every turn
        return
    ended = [
        (incident.closed_t, incident.incident)
        for incident in turn.board.ended()
        if incident.closed_t is not None
    ]
    for _, incident_id in sorted(ended)[: max(0, len(ended) - ENDED_KEPT_MAX)]:
        forget(turn, incident_id)
