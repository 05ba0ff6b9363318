"""The response to one incident: steps, waves of orders, enough of a need, nobody left, lapsed.

Nothing here is triggered by hand: after every turn, each incident that changed is
looked at, and what its state calls for is done.
"""

import heapq
from collections.abc import Collection
from typing import Final

from dispatch.clock import MILLISECOND, SECOND, Instant
from dispatch.decide import Choice
from dispatch.desk import Desk, us
from dispatch.events import (
    AssignmentWithdrawn,
    IncidentEscalated,
    Personal,
    Purpose,
    ResponseDecided,
    ResponseLapsed,
    StepBegun,
    UnitAssigned,
)
from dispatch.ids import (
    AssignmentId,
    CommandId,
    CommunityId,
    DecisionId,
    IncidentId,
    OperatorName,
    UnitId,
    unit_of_alarm,
)
from dispatch.incident import Assignment, Candidate, Decision, Incident
from dispatch.lifecycle import STANDING
from dispatch.nearby import prospects
from dispatch.need import awaited, coming, counted, missing, on_scene, step_of
from dispatch.releasing import turn_back
from dispatch.rules.call import Call
from dispatch.steps import begin_first, go_on
from dispatch.timers import Due, Key
from dispatch.turn import Turn
from dispatch.words import (
    ASKED,
    DRILL_PRIORITY,
    AssignmentState,
    EscalationReason,
    Phase,
    Role,
    Rung,
    WithdrawReason,
)

MAY_BE_ASKED_AGAIN: Final = frozenset(
    {
        WithdrawReason.ENOUGH,
        WithdrawReason.OFF_DUTY,
        WithdrawReason.PREEMPTED,
        WithdrawReason.MOVED,
    }
)
"""Orders taken back for these reasons leave the unit free to be asked once more."""

ANSWERING: Final = frozenset({Phase.DISPATCHED, Phase.ACCEPTED, Phase.EN_ROUTE, Phase.ON_SCENE})

OFFERED_MAX: Final = 5
"""Incidents that are short of people and look when somebody comes free: the most urgent. Others
look again by themselves."""

LOOK_PAUSE: Final = SECOND
"""Between two looks because somebody came free: a shift that comes on duty together is some
thousand times somebody."""

NEXT_TURN: Final = MILLISECOND
"""Looks are turns of their own: a turn stays short, and so does what an alarm waits for."""

WAVES_A_TURN_MAX: Final = 10
"""A plan has at most eight steps; each of them may find nobody and make way for the next."""


def settle_response(turn: Turn, incident: Incident) -> None:
    """Do what the incident's state calls for: a wave, and further steps while one finds nobody."""
    if not incident.open:
        forget_looks(turn.desk, incident)
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
    if incident.phase in ANSWERING and not _live(incident) and not on_scene(incident):
        turn.record(
            ResponseLapsed(t=turn.now, community=incident.community, incident=incident.incident)
        )


def retry_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When to look again for somebody to ask; None while that is not needed."""
    called = incident.open and called_by_machine(desk, incident)
    idle = not called or not missing(desk, incident)
    if not idle and _asked(incident) and _lacks_besides_asked(desk, incident):
        return desk.more_t.get(incident.incident)
    if idle or (_live(incident) and _last_wave_was_empty(incident)):
        return None
    return desk.retry_t.get(incident.incident)


def short_of_people(
    desk: Desk, communities: Collection[CommunityId], *, before: Incident | None = None
) -> list[Incident]:
    """Those of these communities that look for more people, the most urgent first, at most
    ``OFFERED_MAX``; only what is more urgent than ``before``, where that is given."""
    least = None if before is None else urgency(before)
    short = (
        incident
        for each in {**desk.retry_t, **desk.more_t}
        if (incident := desk.board.incidents.get(each))
        and incident.community in communities
        and (least is None or urgency(incident) < least)
    )
    return heapq.nsmallest(OFFERED_MAX, short, key=urgency)


def urgency(incident: Incident) -> tuple[bool, int, Instant, str]:
    """Sorts the most urgent first; an exercise comes behind anything real."""
    return incident.drill is not None, incident.priority, incident.opened_t, incident.incident


def look_sooner(desk: Desk, incident: Incident, now: Instant) -> Instant:
    """Somebody came free: what would look again soon looks in the next turn, or ``LOOK_PAUSE``
    after it looked last. When that is."""
    me, key = incident.incident, Key(Due.WAVE, incident.incident)
    looks = desk.retry_t if me in desk.retry_t else desk.more_t
    sooner_t = max(now + NEXT_TURN, desk.looked_t.get(me, 0) + LOOK_PAUSE)
    if sooner_t < looks[me]:
        looks[me] = sooner_t
        if key in desk.timers:
            desk.timers.set(key, sooner_t)
    return looks[me]


def forget_looks(desk: Desk, incident: Incident) -> None:
    """It looks for nobody any more."""
    desk.retry_t.pop(incident.incident, None)
    desk.more_t.pop(incident.incident, None)
    desk.looked_t.pop(incident.incident, None)
    desk.let_before.discard(incident.incident)


def called_by_machine(desk: Desk, incident: Incident) -> bool:
    """Whether people are called without an operator's word.

    Not for a press out of a backlog, which may be long over, not for a phone call that
    nobody could place, and not while an operator holds the calls.
    """
    if incident.calls_held:
        return False
    if incident.alarms:
        return not desk.board.is_late(incident)
    return incident.lon is not None or incident.grid is not None


def call_for(desk: Desk, incident: Incident, now: Instant, *, besides_asked: bool = False) -> Call:
    """What the next wave of this incident is to decide; ``besides_asked``: while others may still
    say yes, who are taken as if they had."""
    asked = (each for each in incident.round_assignments() if _stays_asked(each))
    return Call(
        now=now,
        community=incident.community,
        lon=incident.lon,
        lat=incident.lat,
        grid=incident.grid,
        sender=incident.sender,
        reporters=frozenset(unit_of_alarm(each) for each in incident.reporters),
        priority=incident.priority if incident.drill is None else DRILL_PRIORITY,
        asked=frozenset(each.unit for each in asked),
        lacking=missing(desk, incident, asked_come=besides_asked),
        plan=desk.plan_of(incident),
        step=step_of(desk, incident),
        fresh_us=desk.fresh_us,
        coming=frozenset(each.unit for each in coming(incident)),
        awaited=frozenset(each.unit for each in awaited(incident) if besides_asked),
        matter=desk.matter(incident.community, incident.kind, incident.grid, incident.opened_t),
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
    if by is None:
        if not choice.called:
            _look_again_soon(turn, incident, turn.desk.retry_t)
        elif choice.short:
            _look_again_soon(turn, incident, turn.desk.more_t)


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


def _release_enough(turn: Turn, incident: Incident) -> None:
    """Those whom the plan asked and nobody waits for any more; whom an operator asked, stays."""
    for each in turn_back(turn.desk, incident, turn.now):
        withdraw(turn, incident, each, WithdrawReason.ENOUGH)


def _answer_us(desk: Desk, incident: Incident) -> int:
    wave_s = step_of(desk, incident).wave_s
    return us(desk.settings.waits.wave_s if wave_s is None else wave_s)


def _call_off_errands(turn: Turn, incident: Incident, called: Candidate) -> None:
    """A unit that was chosen although it is on something less urgent leaves that."""
    if not called.busy:
        return
    for other, standing in turn.board.orders_of(called.unit):
        if standing.live and other is not incident:
            withdraw(turn, other, standing, WithdrawReason.PREEMPTED)


def _next_wave(turn: Turn, incident: Incident) -> None:
    if not called_by_machine(turn.desk, incident) or not missing(turn.desk, incident):
        return
    new_step = _step_is_new(incident)
    besides = not new_step and _asked(incident)
    if besides and not _lacks_besides_asked(turn.desk, incident):
        return
    if not new_step and not _wave_is_due(turn, incident, besides_asked=besides):
        return
    looks = turn.desk.more_t if besides else turn.desk.retry_t
    says_nothing_new = besides or (
        _last_wave_was_empty(incident) and not new_step and not _lacks_more(turn.desk, incident)
    )
    wait_t = _after_the_urgent(turn, incident) if says_nothing_new else None
    if wait_t is not None:
        looks[incident.incident] = wait_t
        return
    forget_looks(turn.desk, incident)
    if says_nothing_new and not _anybody_free(turn, incident, besides_asked=besides):
        _look_again_soon(turn, incident, looks)
        return
    choice = _choose(turn, incident, besides_asked=besides)
    if choice is not None and (choice.called or not says_nothing_new):
        record_wave(turn, incident, choice)
    else:
        _look_again_soon(turn, incident, looks)


def _after_the_urgent(turn: Turn, incident: Incident) -> Instant | None:
    """When it may look, behind what is more urgent and looks for people, too; None: now. It lets
    them go before it once for each of its looks, or where people come and go it never would."""
    desk, now = turn.desk, turn.now
    if incident.incident in desk.let_before:
        desk.let_before.discard(incident.incident)
        return None
    soon = []
    for other in short_of_people(desk, {incident.community}, before=incident):
        looked_t = desk.looked_t.get(other.incident, 0)
        looks_t = (
            look_sooner(desk, other, now) if looked_t <= now - LOOK_PAUSE else _looks_t(desk, other)
        )
        if looks_t <= max(now + NEXT_TURN, looked_t + LOOK_PAUSE):
            soon.append(looks_t)
    if not soon:
        return None
    desk.let_before.add(incident.incident)
    return max(*soon, now) + NEXT_TURN


def _looks_t(desk: Desk, incident: Incident) -> Instant:
    """When it looks for more people; it does."""
    me = incident.incident
    return desk.retry_t[me] if me in desk.retry_t else desk.more_t[me]


def _look_again_soon(turn: Turn, incident: Incident, looks: dict[IncidentId, Instant]) -> None:
    """Who signs on, comes into reach or tells a first fix after a wave that found too few is asked
    within moments, not a whole wave later. A look that finds nobody writes nothing."""
    looks[incident.incident] = turn.now + us(turn.desk.settings.waits.decide_retry_s)
    turn.desk.looked_t[incident.incident] = turn.now


def _anybody_free(turn: Turn, incident: Incident, *, besides_asked: bool) -> bool:
    """Asked before choosing again: a hundred incidents that found nobody must not keep the hub
    from the next alarm."""
    call = call_for(turn.desk, incident, turn.now, besides_asked=besides_asked)
    known = {*call.asked, *call.reporters}
    if call.sender is not None:
        known.add(call.sender)
    least = DRILL_PRIORITY if call.plan.preempts is None else call.plan.preempts
    return turn.desk.live.anybody_free(
        call.community, _wanted_roles(call), known, gives_way=max(least, call.priority + 1)
    )


def _wanted_roles(call: Call) -> tuple[Role, ...]:
    roles = {lack.need.role for lack in call.lacking}
    return tuple(Role) if None in roles else tuple(role for role in roles if role is not None)


def _wave_is_due(turn: Turn, incident: Incident, *, besides_asked: bool) -> bool:
    """The last wave has answered. One that found nobody is tried again only now and then, while
    nobody is coming, or at once when somebody has dropped out; so is one that found too few."""
    if besides_asked:
        return turn.desk.more_t.get(incident.incident, 0) <= turn.now
    if _last_wave_was_empty(incident):
        if _lacks_more(turn.desk, incident):
            return True
        if _live(incident):
            return False
    return turn.desk.retry_t.get(incident.incident, 0) <= turn.now


def _choose(turn: Turn, incident: Incident, *, besides_asked: bool) -> Choice | None:
    """None where deciding failed: it is counted and tried again; the orders that stand, stand."""
    try:
        call = call_for(turn.desk, incident, turn.now, besides_asked=besides_asked)
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
    roles = _wanted_roles(call_for(turn.desk, incident, turn.now))
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


def _lacks_besides_asked(desk: Desk, incident: Incident) -> bool:
    """The last wave found too few to ask, and would still if all of them said yes."""
    waves = _plan_waves(incident)
    short = bool(waves) and bool(waves[-1].short)
    return short and bool(missing(desk, incident, asked_come=True))


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


def _stays_asked(assignment: Assignment) -> bool:
    return assignment.withdrawn_for not in MAY_BE_ASKED_AGAIN
