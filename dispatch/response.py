"""The response to one incident: steps, waves of orders, enough of a need, nobody left, lapsed.

Nothing here is triggered by hand: after every turn, each incident that changed is
looked at, and what its state calls for is done.
"""

from typing import Final

from dispatch.calls import anybody_free, call_for, called_by_machine, wanted_roles
from dispatch.clock import Instant
from dispatch.decide import Choice
from dispatch.desk import Desk
from dispatch.events import (
    IncidentEscalated,
    Personal,
    Purpose,
    ResponseDecided,
    ResponseLapsed,
    StepBegun,
)
from dispatch.ids import CommandId, DecisionId, OperatorName
from dispatch.incident import Candidate, Decision, Incident
from dispatch.looking import forget_look, gives_way, look_again
from dispatch.nearby import prospects
from dispatch.need import counted, likely_missing, missing, on_scene
from dispatch.orders import assign, withdraw
from dispatch.releasing import turn_back
from dispatch.rules.call import Call
from dispatch.steps import begin_first, go_on
from dispatch.turn import Turn
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
        _next_wave(turn, incident)
        if not _is_exhausted(turn, incident):
            break
        if not go_on(turn, incident, EscalationReason.NOBODY_LEFT):
            _tell_nobody_left(turn, incident)
            break
    if not _looks_on(turn.desk, incident, turn.now):
        forget_look(turn.desk, incident)
    if incident.phase in ANSWERING and not _live(incident) and not on_scene(incident):
        turn.record(
            ResponseLapsed(t=turn.now, community=incident.community, incident=incident.incident)
        )


def record_wave(
    turn: Turn,
    incident: Incident,
    choice: Choice,
    *,
    by: OperatorName | None = None,
    command: CommandId | None = None,
) -> None:
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
            all_asked=choice.all_asked,
            inputs=Personal(Purpose.DECISION, choice.inputs),
            step="" if by is not None or incident.step is None else incident.step.step,
            chance=choice.chance,
            by=by,
            command=command,
        )
    )
    for each in choice.called:
        _call_off_errands(turn, incident, each)
        assign(
            turn,
            incident,
            each.unit,
            each.role,
            each.distance_m,
            wave=wave,
            need=each.need,
            walk_s=each.walk_s,
            by=by,
        )
    if by is None and (choice.all_asked or not choice.called):
        look_again(turn.desk, incident, turn.now, besides_asked=bool(choice.called))


def _release_enough(turn: Turn, incident: Incident) -> None:
    """Those whom the plan asked and nobody waits for any more; whom an operator asked, stays."""
    for each in turn_back(turn.desk, incident, turn.now):
        withdraw(turn, incident, each, WithdrawReason.ENOUGH)


def _call_off_errands(turn: Turn, incident: Incident, called: Candidate) -> None:
    """A unit that was chosen although it is on something less urgent leaves that."""
    if not called.busy:
        return
    for other, standing in turn.board.orders_of(called.unit):
        if standing.live and other is not incident:
            withdraw(turn, other, standing, WithdrawReason.PREEMPTED)


def _next_wave(turn: Turn, incident: Incident) -> None:
    desk, now = turn.desk, turn.now
    if not called_by_machine(desk, incident) or not missing(desk, incident):
        return
    new_step = _step_is_new(incident)
    besides = not new_step and _asked(incident)
    if besides and not _lacks_besides_asked(desk, incident, now):
        return
    if not new_step and not _wave_is_due(turn, incident, besides_asked=besides):
        return
    says_nothing_new = besides or (
        _last_wave_was_empty(incident) and not new_step and not _lacks_more(desk, incident)
    )
    if says_nothing_new and gives_way(desk, incident, now, besides_asked=besides):
        return
    forget_look(desk, incident)
    call = call_for(desk, incident, now, besides_asked=besides)
    lacks = likely_missing(desk, incident, now) if besides else call.lacking
    if says_nothing_new and not anybody_free(desk, call, lacks):
        look_again(desk, incident, now, besides_asked=besides)
        return
    choice = _choose(turn, incident, call)
    if choice is not None and (choice.called or not says_nothing_new):
        record_wave(turn, incident, choice)
    else:
        look_again(desk, incident, now, besides_asked=besides)


def _wave_is_due(turn: Turn, incident: Incident, *, besides_asked: bool) -> bool:
    """The last wave has answered. One that found nobody is tried again only now and then, while
    nobody is coming, or at once when somebody has dropped out; so is one that found too few."""
    if not besides_asked and _last_wave_was_empty(incident):
        if _lacks_more(turn.desk, incident):
            return True
        if _live(incident):
            return False
    look = turn.desk.looks.get(incident.incident)
    return look is None or look.besides_asked != besides_asked or look.due_t <= turn.now


def _looks_on(desk: Desk, incident: Incident, now: Instant) -> bool:
    """Whether it looks for more people. Not while those who were asked suffice, nor, where nobody
    was found, while somebody is coming all the same."""
    if not called_by_machine(desk, incident) or not missing(desk, incident):
        return False
    if _asked(incident):
        return _lacks_besides_asked(desk, incident, now)
    return not (_live(incident) and _last_wave_was_empty(incident))


def _choose(turn: Turn, incident: Incident, call: Call) -> Choice | None:
    """None where deciding failed: it is counted and tried again; the orders that stand, stand."""
    try:
        return turn.desk.choose(call, prospects(turn.desk, call))
    except Exception as exc:  # a fault in a rule must not stop the hub
        turn.count("decide_failed")
        turn.desk.last_fault = f"{incident.incident}: {type(exc).__name__}: {exc}"
        return None


def _is_exhausted(turn: Turn, incident: Incident) -> bool:
    """The step found nobody to ask, and nobody is asked or coming."""
    if incident.step is None or not called_by_machine(turn.desk, incident):
        return False
    idle = not _live(incident) and not on_scene(incident)
    if not idle or not _last_wave_was_empty(incident) or _step_is_new(incident):
        return False
    return not _somebody_may_say_no(turn, incident)


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


def _plan_waves(incident: Incident) -> list[Decision]:
    """Waves of this round that the plan called, not an operator."""
    return [each for each in incident.round_decisions() if each.by is None]


def _asked(incident: Incident) -> bool:
    """Whether somebody whom the plan asked may still answer."""
    return any(
        each.wave and each.by is None and each.state in ASKED
        for each in incident.round_assignments()
    )


def _lacks_besides_asked(desk: Desk, incident: Incident, now: Instant) -> bool:
    """There were too few to ask in the last wave, and of all who may still answer too few are
    likely to come. Where there were enough, their answers are waited for."""
    waves = _plan_waves(incident)
    return bool(waves) and waves[-1].all_asked and bool(likely_missing(desk, incident, now))


def _step_is_new(incident: Incident) -> bool:
    """No wave of the present step was called yet: the first, or the one after a change. The
    order of the facts says so, not their times: a clock may have stepped back between."""
    if incident.step is None:
        return False
    for fact in reversed(incident.story):
        match fact:
            case ResponseDecided(by=None):
                return False
            case StepBegun():
                return True
    return True


def _last_wave_was_empty(incident: Incident) -> bool:
    waves = _plan_waves(incident)
    return bool(waves) and not waves[-1].called


def _lacks_more(desk: Desk, incident: Incident) -> bool:
    """Somebody dropped out since the last wave: worth another at once."""
    before = _plan_waves(incident)[-1].missing
    now = counted(missing(desk, incident))
    return any(count > before.get(label, 0) for label, count in now.items())


def _live(incident: Incident) -> bool:
    return any(each.live for each in incident.round_assignments())
