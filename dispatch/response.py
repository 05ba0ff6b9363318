"""The response to one incident: steps, waves of orders, enough of a need, nobody left, lapsed.

Nothing here is triggered by hand: after every turn, each incident that changed is
looked at, and what its state calls for is done.
"""

from typing import Final

from dispatch.calls import called_by_machine, wanted_roles
from dispatch.events import IncidentEscalated, ResponseLapsed
from dispatch.incident import Incident
from dispatch.looking import forget_look
from dispatch.need import missing, on_scene
from dispatch.orders import withdraw
from dispatch.releasing import turn_back
from dispatch.steps import begin_first, go_on
from dispatch.turn import Turn
from dispatch.waves import (
    is_offered_somebody,
    last_wave_was_empty,
    live,
    looks_on,
    next_wave,
    step_is_new,
)
from dispatch.words import ASKED, EscalationReason, Phase, Rung, WithdrawReason

ANSWERING: Final = frozenset({Phase.DISPATCHED, Phase.ACCEPTED, Phase.EN_ROUTE, Phase.ON_SCENE})

WAVES_A_TURN_MAX: Final = 10
"""A plan has at most eight steps; each of them may find nobody and make way for the next."""


def settle_response(turn: Turn, incident: Incident) -> None:
    """Do what the incident's state calls for: a wave, and further steps while one finds nobody."""
    if not incident.open:
        forget_look(turn.desk, incident)
        return
    if incident.step is None and called_by_machine(turn.desk, incident):
        begin_first(turn, incident)
    _release_enough(turn, incident)
    for _ in range(WAVES_A_TURN_MAX):
        next_wave(turn, incident)
        if not _is_exhausted(turn, incident):
            break
        if not go_on(turn, incident, EscalationReason.NOBODY_LEFT):
            _tell_nobody_left(turn, incident)
            break
    if not looks_on(turn.desk, incident, turn.now):
        forget_look(turn.desk, incident)
    if incident.phase in ANSWERING and not live(incident) and not on_scene(incident):
        turn.record(
            ResponseLapsed(t=turn.now, community=incident.community, incident=incident.incident)
        )


def _release_enough(turn: Turn, incident: Incident) -> None:
    """Those whom the plan asked and nobody waits for any more; whom an operator asked, stays."""
    for each in turn_back(turn.desk, incident, turn.now):
        withdraw(turn, incident, each, WithdrawReason.ENOUGH)


def _is_exhausted(turn: Turn, incident: Incident) -> bool:
    """The step found nobody to ask, and nobody is asked or coming."""
    if incident.step is None or not called_by_machine(turn.desk, incident):
        return False
    idle = not live(incident) and not on_scene(incident)
    if not idle or not last_wave_was_empty(incident) or step_is_new(incident):
        return False
    return not is_offered_somebody(turn, incident) and not _somebody_may_say_no(turn, incident)


def _somebody_may_say_no(turn: Turn, incident: Incident) -> bool:
    """Whether somebody who is wanted here is only asked elsewhere: within a wave's time they have
    said yes or no there, and a step is not given up before. Its own time ends it all the same."""
    roles = wanted_roles(missing(turn.desk, incident))
    known = {each.unit for each in incident.round_assignments()}
    for unit in turn.desk.live.busy_units(incident.community, roles):
        orders = [order for _, order in turn.board.orders_of(unit) if order.live]
        if orders and unit not in known and all(order.state in ASKED for order in orders):
            return True
    return False


def _tell_nobody_left(turn: Turn, incident: Incident) -> None:
    """Once in a round: the plan has nobody left to ask, and nobody is coming."""
    if incident.has_escalated(Rung.SUPERVISOR, EscalationReason.NOBODY_LEFT):
        return
    turn.record(
        IncidentEscalated(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            rung=Rung.SUPERVISOR,
            reason=EscalationReason.NOBODY_LEFT,
        )
    )
