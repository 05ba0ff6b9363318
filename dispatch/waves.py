"""The waves of one response: when one is due, whom it calls, and that who comes free is offered to
the most urgent first.

Two rules keep the order among incidents. Whom a wave is about to call, every more urgent incident
that looks for people may call first. And who comes free is offered to all that look, in the order
of their urgency, in a turn of its own.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from dispatch.calls import anybody_free, call_for, called_by_machine, known_to, wanted_roles
from dispatch.clock import MILLISECOND, Instant
from dispatch.decide import Choice
from dispatch.desk import Desk
from dispatch.events import Personal, Purpose, ResponseDecided, StepBegun
from dispatch.ids import CommandId, CommunityId, DecisionId, OperatorName, UnitId
from dispatch.incident import Candidate, Decision, Incident
from dispatch.looking import forget_look, look_again, looking
from dispatch.nearby import any_fit, prospects, role_of
from dispatch.need import counted, likely_missing, missing
from dispatch.orders import assign, withdraw
from dispatch.rules.call import Lack
from dispatch.timers import Due, Key
from dispatch.turn import Turn
from dispatch.words import ASKED, WithdrawReason

OFFERS_A_TURN: Final = 20
"""Incidents gone through with the rules in one turn, a tenth of a millisecond each ..."""

OFFERS_PAUSE: Final = 20 * MILLISECOND
"""... and so much time between two such turns: a shift that comes on duty while hundreds of
incidents look takes a tenth of a core."""


def next_wave(turn: Turn, incident: Incident) -> None:
    """The plan's next wave, where one is due; a look that finds nobody new writes nothing."""
    desk, now = turn.desk, turn.now
    if not called_by_machine(desk, incident) or not missing(desk, incident):
        return
    new_step = step_is_new(incident)
    besides = not new_step and _asked(incident)
    if besides and not _lacks_besides_asked(desk, incident, now):
        return
    if not new_step and not _wave_is_due(turn, incident, besides_asked=besides):
        return
    says_nothing_new = besides or (
        last_wave_was_empty(incident) and not new_step and not _lacks_more(desk, incident)
    )
    forget_look(desk, incident)
    call = call_for(desk, incident, now, besides_asked=besides)
    lacks = _lacks_now(desk, incident, now)
    if says_nothing_new and not anybody_free(desk, call, lacks):
        look_again(desk, incident, now, besides_asked=besides)
        return
    try:
        choice = choose_wave(turn, incident, besides_asked=besides)
    except Exception as exc:  # a fault in a rule must not stop the hub, and orders stand
        _failed(turn, incident, exc)
        look_again(desk, incident, now, besides_asked=besides)
        return
    if choice.called or not says_nothing_new:
        record_wave(turn, incident, choice)
    else:
        look_again(desk, incident, now, besides_asked=besides)


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


def choose_wave(turn: Turn, incident: Incident, *, besides_asked: bool = False) -> Choice:
    """Whom it calls now: those whom nothing more urgent that lacks people could call. What is more
    urgent calls them first, here and now. Raises what a rule raises."""
    while True:
        call = call_for(turn.desk, incident, turn.now, besides_asked=besides_asked)
        choice = turn.desk.choose(call, prospects(turn.desk, call))
        if not _more_urgent_took(turn, incident, [each.unit for each in choice.called]):
            return choice


def offer(turn: Turn, community: CommunityId) -> None:
    """Whoever came free there is offered to what looks for people, the most urgent first; a part of
    it, where there is much."""
    desk = turn.desk
    offered = desk.offers.get(community)
    if offered is None:
        return
    tries = OFFERS_A_TURN
    for incident in looking(desk, community):
        if incident.incident in offered.passed or not _wants(turn, incident, offered.units):
            continue
        if not tries:
            desk.timers.set(Key(Due.OFFER, community), turn.now + OFFERS_PAUSE)
            return
        tries -= 1
        offered.passed.add(incident.incident)
        _call_if_fit(turn, incident, offered.units)
    del desk.offers[community]


def is_offered_somebody(turn: Turn, incident: Incident) -> bool:
    """Whether somebody whom it may want came free, and was not offered to it yet."""
    waiting = turn.desk.offers.get(incident.community)
    units = set(turn.came_free.get(incident.community, ()))
    if waiting is not None and incident.incident not in waiting.passed:
        units |= waiting.units
    return _wants(turn, incident, units)


def _more_urgent_took(turn: Turn, incident: Incident, units: Collection[UnitId]) -> bool:
    """Whether something more urgent has called one of these, which were about to be called."""
    for other in looking(turn.desk, incident.community, before=incident) if units else ():
        if _wants(turn, other, units) and _call_if_fit(turn, other, units):
            return True
    return False


def _call_if_fit(turn: Turn, incident: Incident, units: Collection[UnitId]) -> bool:
    """It looks at once if the rules have nothing against one of these; whether it called one."""
    look = turn.desk.looks.get(incident.incident)
    turn.resettle(incident.incident)  # in any case: a step may have waited for this
    if look is None or not _fit(turn, incident, units):
        return False
    orders = len(incident.assignments)
    look.due_t = turn.now
    next_wave(turn, incident)
    new = list(incident.assignments.values())[orders:]
    return any(each.unit in units for each in new)


def _wants(turn: Turn, incident: Incident, units: Collection[UnitId]) -> bool:
    """Whether one of these is of a role that it looks for and was not asked: before the rules are
    gone through, which costs a hundred times as much."""
    roles = wanted_roles(_lacks_now(turn.desk, incident, turn.now))
    known = known_to(incident)
    return any(unit not in known and role_of(turn.desk, unit) in roles for unit in units)


def _fit(turn: Turn, incident: Incident, units: Collection[UnitId]) -> bool:
    try:
        call = call_for(turn.desk, incident, turn.now, besides_asked=_asked(incident))
        lacks = _lacks_now(turn.desk, incident, turn.now)
        return any_fit(turn.desk, replace(call, lacking=lacks), units)
    except Exception as exc:  # no other incident waits for the fault of this one's rules
        _failed(turn, incident, exc)
        return False


def _failed(turn: Turn, incident: Incident, exc: Exception) -> None:
    """Deciding is counted, and tried again."""
    turn.count("decide_failed")
    turn.desk.last_fault = f"{incident.incident}: {type(exc).__name__}: {exc}"


def _lacks_now(desk: Desk, incident: Incident, now: Instant) -> tuple[Lack, ...]:
    """What people are looked for, for: those who may still answer counted by their chance."""
    return likely_missing(desk, incident, now) if _asked(incident) else missing(desk, incident)


def looks_on(desk: Desk, incident: Incident, now: Instant) -> bool:
    """Whether it looks for more people. Not while those who were asked are likely to suffice."""
    if not called_by_machine(desk, incident) or not missing(desk, incident):
        return False
    return not _asked(incident) or _lacks_besides_asked(desk, incident, now)


def _wave_is_due(turn: Turn, incident: Incident, *, besides_asked: bool) -> bool:
    """The last wave has answered. One that found nobody, or too few, is tried again only now and
    then, or at once when somebody has dropped out."""
    if not besides_asked and last_wave_was_empty(incident) and _lacks_more(turn.desk, incident):
        return True
    look = turn.desk.looks.get(incident.incident)
    return look is None or look.besides_asked != besides_asked or look.due_t <= turn.now


def _call_off_errands(turn: Turn, incident: Incident, called: Candidate) -> None:
    """A unit that was chosen although it is on something less urgent leaves that."""
    if not called.busy:
        return
    for other, standing in turn.board.orders_of(called.unit):
        if standing.live and other is not incident:
            withdraw(turn, other, standing, WithdrawReason.PREEMPTED)


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


def step_is_new(incident: Incident) -> bool:
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


def last_wave_was_empty(incident: Incident) -> bool:
    waves = _plan_waves(incident)
    return bool(waves) and not waves[-1].called


def _lacks_more(desk: Desk, incident: Incident) -> bool:
    """Somebody dropped out since the last wave: worth another at once."""
    before = _plan_waves(incident)[-1].missing
    now = counted(missing(desk, incident))
    return any(count > before.get(label, 0) for label, count in now.items())


def live(incident: Incident) -> bool:
    return any(each.live for each in incident.round_assignments())
