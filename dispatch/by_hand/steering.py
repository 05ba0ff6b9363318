"""An operator overrules the plan: another one, a step at once, more people, or no more calls."""

from dataclasses import replace

from dispatch.by_hand.checks import common, steered, still_open, words_of
from dispatch.calls import call_for
from dispatch.commands import (
    CALL_MORE_MAX,
    WORDS_LENGTH_MAX,
    BeginStep,
    CallMore,
    ChangePlan,
    HoldCalls,
    TickItem,
)
from dispatch.decide import Choice
from dispatch.errors import UnfitCommandError, WrongPhaseError
from dispatch.events import CallsHeld, ChecklistTicked, PlanChanged
from dispatch.nearby import prospects
from dispatch.plan import Need, PlanId
from dispatch.rules.call import Call, Lack
from dispatch.steps import begin, next_step
from dispatch.turn import Turn
from dispatch.waves import record_wave
from dispatch.words import EscalationReason


def change_plan(turn: Turn, command: ChangePlan) -> str:
    """Its first step begins; who is coming already counts."""
    incident = steered(turn, command, "changing the plan")
    plan = turn.desk.libraries[incident.community].plan(PlanId(command.plan))
    if plan is None:
        raise UnfitCommandError(field="plan", why="is none of the community")
    if plan.plan == incident.plan:
        raise UnfitCommandError(field="plan", why="is the one that answers it")
    words = words_of(command.words, WORDS_LENGTH_MAX, needed=True)
    assert words is not None, "needed"
    turn.record(
        PlanChanged(
            **common(turn, incident),
            plan=plan.plan,
            by=command.by,
            words=words,
            command=command.command,
        )
    )
    if incident.step is not None:
        begin(turn, incident, plan.steps[0], EscalationReason.BY_OPERATOR, by=command.by)
    return incident.incident


def hold_calls(turn: Turn, command: HoldCalls) -> str:
    """The machine calls nobody further, or goes on."""
    incident = steered(turn, command, "holding the calls")
    words = words_of(command.words, WORDS_LENGTH_MAX, needed=command.held)
    if command.held is incident.calls_held:
        raise UnfitCommandError(field="held", why="is as it was")
    turn.record(
        CallsHeld(
            **common(turn, incident),
            held=command.held,
            by=command.by,
            words=words,
            command=command.command,
        )
    )
    return incident.incident


def begin_step(turn: Turn, command: BeginStep) -> str:
    """Up at once: to the next step, or to one by name."""
    incident = steered(turn, command, "carrying it up")
    words = words_of(command.words, WORDS_LENGTH_MAX)
    plan = turn.desk.plan_of(incident)
    if command.step and all(each.step != command.step for each in plan.steps):
        raise UnfitCommandError(field="step", why=f"is none of plan {plan.plan}")
    if command.step:
        step = plan.step(command.step)
    else:
        after = plan.steps[0] if incident.step is None else next_step(turn.desk, incident)
        if after is None:
            raise WrongPhaseError(
                subject=incident.incident, phase="at the last step", request="carrying it up"
            )
        step = after
    begin(
        turn,
        incident,
        step,
        EscalationReason.BY_OPERATOR,
        by=command.by,
        command=command.command,
        words=words,
    )
    return incident.incident


def call_more(turn: Turn, command: CallMore) -> str:
    """So many more, chosen by the rules, all over the community. Nobody fit is a refusal."""
    incident = steered(turn, command, "calling more people")
    if not 1 <= command.count <= CALL_MORE_MAX:
        raise UnfitCommandError(field="count", why=f"is 1 to {CALL_MORE_MAX}")
    need = Need(count=command.count, role=command.role, skill=command.skill)
    call = call_for(turn.desk, incident, turn.now)
    call = replace(
        call,
        lacking=(Lack(need=need, count=command.count),),
        step=replace(call.step, needs=(need,), rings=None),
    )
    choice = _choose(turn, call)
    if not choice.called:
        raise UnfitCommandError(field="count", why="cannot be met: nobody fit is left")
    record_wave(turn, incident, choice, by=command.by, command=command.command)
    return incident.incident


def _choose(turn: Turn, call: Call) -> Choice:
    """A fault in a rule is a refusal: the operator sends units by name."""
    try:
        return turn.desk.choose(call, prospects(turn.desk, call))
    except Exception as exc:  # whatever a rule fails with, the hub goes on
        turn.count("decide_failed")
        turn.desk.last_fault = f"{type(exc).__name__}: {exc}"
        raise UnfitCommandError(
            field="count", why="cannot be met: choosing failed, send units by name"
        ) from exc


def tick(turn: Turn, command: TickItem) -> str:
    """One thing of the checklist. Whoever did it may say so, also beside the holder."""
    incident = still_open(turn, command, "ticking the checklist")
    rule = turn.desk.rule_of(incident.community, incident.plan, incident.kind, turn.now)
    if all(each.item != command.item for each in rule.checklist):
        raise UnfitCommandError(field="item", why="is none of the checklist")
    if (command.item in incident.checked) is not command.done:
        turn.record(
            ChecklistTicked(
                **common(turn, incident),
                item=command.item,
                done=command.done,
                by=command.by,
                command=command.command,
            )
        )
    return incident.incident
