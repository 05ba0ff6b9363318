"""The response to one incident: waves of orders, enough of a role, nobody left, lapsed.

Nothing here is triggered by hand: after every turn, each incident that changed is
looked at, and what its state calls for is done.
"""

from collections import Counter
from typing import Final

from dispatch.clock import Instant
from dispatch.decide import Choice
from dispatch.desk import Desk, us
from dispatch.events import (
    AssignmentWithdrawn,
    IncidentEscalated,
    Personal,
    Purpose,
    ResponseDecided,
    ResponseLapsed,
    UnitAssigned,
)
from dispatch.ids import AssignmentId, CommandId, DecisionId, OperatorName, UnitId
from dispatch.incident import Assignment, Incident
from dispatch.lifecycle import STANDING
from dispatch.rules.call import Call
from dispatch.turn import Turn
from dispatch.words import (
    ASKED,
    COMING,
    AssignmentState,
    EscalationReason,
    Phase,
    Role,
    Rung,
    WithdrawReason,
)

MAY_BE_ASKED_AGAIN: Final = frozenset({WithdrawReason.ENOUGH, WithdrawReason.OFF_DUTY})
"""Orders taken back for these reasons leave the unit free to be asked once more."""

ANSWERING: Final = frozenset({Phase.DISPATCHED, Phase.ACCEPTED, Phase.EN_ROUTE})


def settle_response(turn: Turn, incident: Incident) -> None:
    """Do what the incident's state calls for: at most one wave."""
    if not incident.open:
        turn.desk.retry_t.pop(incident.incident, None)
        return
    _release_enough(turn, incident)
    _next_wave(turn, incident)
    if incident.phase in ANSWERING and not _live(incident) and not _attended(incident):
        turn.record(
            ResponseLapsed(t=turn.now, community=incident.community, incident=incident.incident)
        )
    _tell_nobody_left(turn, incident)


def retry_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When to look again for somebody to ask; None while that is not needed."""
    idle = not incident.open or not missing(desk, incident)
    if idle or (_live(incident) and _last_wave_was_empty(incident)):
        return None
    return desk.retry_t.get(incident.incident)


def called_by_machine(desk: Desk, incident: Incident) -> bool:
    """Whether people are called without an operator's word.

    Not for a press out of a backlog, which may be long over, and not for a phone call
    that nobody could place.
    """
    if incident.alarms:
        return not desk.board.is_late(incident)
    return incident.lon is not None or incident.grid is not None


def missing(desk: Desk, incident: Incident) -> dict[Role, int]:
    """How many of each role the plan lacks: those coming or done there count."""
    have = Counter(
        each.role
        for each in incident.round_assignments()
        if each.state in COMING or each.state is AssignmentState.CLEAR
    )
    return desk.plan.missing(have)


def call_for(desk: Desk, incident: Incident, now: Instant) -> Call:
    """What the next wave of this incident is to decide."""
    asked = (each for each in incident.round_assignments() if _stays_asked(each))
    return Call(
        now=now,
        community=incident.community,
        lon=incident.lon,
        lat=incident.lat,
        grid=incident.grid,
        sender=incident.sender,
        asked=frozenset(each.unit for each in asked),
        missing=missing(desk, incident),
        plan=desk.plan,
        fresh_us=desk.fresh_us,
    )


def record_wave(turn: Turn, incident: Incident, choice: Choice) -> None:
    """One wave: the decision with its inputs, and an order to each unit called."""
    wave = len(incident.decisions) + 1
    turn.record(
        ResponseDecided(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            decision=DecisionId(f"{incident.incident}/w{wave}"),
            wave=wave,
            called=tuple(each.unit for each in choice.called),
            missing=choice.missing,
            short=choice.short,
            inputs=Personal(Purpose.DECISION, choice.inputs),
        )
    )
    for each in choice.called:
        assign(turn, incident, each.unit, each.role, each.distance_m, wave=wave)
    if not choice.called:
        _look_again_soon(turn, incident)


def assign(
    turn: Turn,
    incident: Incident,
    unit: UnitId,
    role: Role,
    distance_m: float | None,
    *,
    wave: int = 0,
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
            answer_by_t=turn.now + us(turn.desk.settings.waits.wave_s),
            by=by,
            command=command,
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


def _release_enough(turn: Turn, incident: Incident) -> None:
    lacking = missing(turn.desk, incident)
    for each in incident.round_assignments():
        unanswered = each.state in ASKED or each.state is AssignmentState.EXPIRED
        if each.wave and unanswered and each.role not in lacking:
            withdraw(turn, incident, each, WithdrawReason.ENOUGH)


def _next_wave(turn: Turn, incident: Incident) -> None:
    if not called_by_machine(turn.desk, incident) or not missing(turn.desk, incident):
        return
    if any(each.wave and each.state in ASKED for each in incident.round_assignments()):
        return
    if not _wave_is_due(turn, incident):
        return
    says_nothing_new = _last_wave_was_empty(incident) and not _lacks_more(turn.desk, incident)
    turn.desk.retry_t.pop(incident.incident, None)
    if says_nothing_new and not _anybody_free(turn, incident):
        _look_again_soon(turn, incident)
        return
    choice = _choose(turn, incident)
    if choice is not None and (choice.called or not says_nothing_new):
        record_wave(turn, incident, choice)
    elif choice is not None:
        _look_again_soon(turn, incident)


def _look_again_soon(turn: Turn, incident: Incident) -> None:
    """Who signs on, comes into reach or tells a first fix after a wave that found nobody is asked
    within moments, not a whole wave later. A look that finds nobody writes nothing."""
    pause_us = us(turn.desk.settings.waits.decide_retry_s)
    turn.desk.retry_t[incident.incident] = turn.now + pause_us


def _anybody_free(turn: Turn, incident: Incident) -> bool:
    """Asked before choosing again: a hundred incidents that found nobody must not keep the hub
    from the next alarm."""
    call = call_for(turn.desk, incident, turn.now)
    known = call.asked if call.sender is None else {*call.asked, call.sender}
    return turn.desk.live.anybody_free(call.community, call.missing, known)


def _wave_is_due(turn: Turn, incident: Incident) -> bool:
    """The last wave has answered. One that found nobody is tried again only now and then, while
    nobody is coming, or at once when somebody has dropped out."""
    if _last_wave_was_empty(incident):
        if _lacks_more(turn.desk, incident):
            return True
        if _live(incident):
            return False
    return turn.desk.retry_t.get(incident.incident, 0) <= turn.now


def _choose(turn: Turn, incident: Incident) -> Choice | None:
    """None where deciding failed: it is counted and tried again; the orders that stand, stand."""
    try:
        return turn.desk.choose(call_for(turn.desk, incident, turn.now), turn.desk.live)
    except Exception as exc:  # a fault in a rule must not stop the hub
        turn.count("decide_failed")
        turn.desk.last_fault = f"{incident.incident}: {type(exc).__name__}: {exc}"
        _look_again_soon(turn, incident)
        return None


def _tell_nobody_left(turn: Turn, incident: Incident) -> None:
    """Once in a round: the plan has nobody left to ask, and nobody is coming."""
    told = incident.has_escalated(Rung.SUPERVISOR, EscalationReason.NOBODY_LEFT)
    if told or _live(incident) or _attended(incident) or not _last_wave_was_empty(incident):
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


def _last_wave_was_empty(incident: Incident) -> bool:
    decisions = incident.round_decisions()
    return bool(decisions) and not decisions[-1].called


def _lacks_more(desk: Desk, incident: Incident) -> bool:
    """Somebody dropped out since the last wave: worth another at once."""
    before = incident.round_decisions()[-1].missing
    return any(count > before.get(role, 0) for role, count in missing(desk, incident).items())


def _live(incident: Incident) -> bool:
    return any(each.live for each in incident.round_assignments())


def _attended(incident: Incident) -> bool:
    """Somebody has been there in this round."""
    there = {AssignmentState.ON_SCENE, AssignmentState.CLEAR}
    return any(there & each.times.keys() for each in incident.round_assignments())


def _stays_asked(assignment: Assignment) -> bool:
    return assignment.withdrawn_for not in MAY_BE_ASKED_AGAIN
