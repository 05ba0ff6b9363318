"""The steps of a plan: when the next begins, and that it does. Whom it asks is response.py's.

Small matters stay in the grid and big ones are carried up: each step of a plan stands for
a tier, asks more people or farther ones than the one before, and has a time in which
somebody should be there. Its deadline stands in the fact that began it, so that a restart,
or another version of the plan, neither loses nor doubles it.
"""

from dispatch.clock import Instant
from dispatch.desk import Desk, us
from dispatch.events import Personal, StepBegun
from dispatch.ids import CommandId, OperatorName
from dispatch.incident import Incident
from dispatch.need import on_scene, step_of
from dispatch.plan import PlanStep
from dispatch.turn import Turn
from dispatch.words import EscalationReason


def step_due_t(desk: Desk, incident: Incident) -> Instant | None:
    """When the next step begins by itself; None while nothing calls for it."""
    begun = incident.step
    if begun is None or not incident.open or incident.calls_held or enough(desk, incident):
        return None
    return begun.due_t if next_step(desk, incident) is not None else None


def reach_step(turn: Turn, incident: Incident) -> None:
    """The time of a step is over, and too few are there: the next one."""
    due_t = step_due_t(turn.desk, incident)
    if due_t is not None and due_t <= turn.now:
        go_on(turn, incident, EscalationReason.NOBODY_THERE)


def begin_first(turn: Turn, incident: Incident) -> None:
    """The response begins."""
    begin(turn, incident, turn.desk.plan_of(incident).steps[0], None)


def go_on(turn: Turn, incident: Incident, reason: EscalationReason) -> bool:
    """Begin the next step by machine; whether there is one."""
    step = next_step(turn.desk, incident)
    if step is not None:
        begin(turn, incident, step, reason)
    return step is not None


def begin(
    turn: Turn,
    incident: Incident,
    step: PlanStep,
    reason: EscalationReason | None,
    *,
    by: OperatorName | None = None,
    command: CommandId | None = None,
    words: Personal | None = None,
) -> None:
    """Enter a step of the incident's plan."""
    turn.record(
        StepBegun(
            t=turn.now,
            community=incident.community,
            incident=incident.incident,
            plan=turn.desk.plan_of(incident).plan,
            step=step.step,
            tier=step.tier,
            due_t=None if step.hold_s is None else turn.now + us(step.hold_s),
            reason=reason,
            tell=step.tell,
            agency=step.agency,
            by=by,
            command=command,
            words=words,
        )
    )


def next_step(desk: Desk, incident: Incident) -> PlanStep | None:
    """The step after the present one; None where it is the last, or none has begun."""
    if incident.step is None:
        return None
    name = step_of(desk, incident).then
    return desk.plan_of(incident).step(name) if name else None


def enough(desk: Desk, incident: Incident) -> bool:
    """Whether as many are on scene as the plan wants."""
    return on_scene(incident) >= desk.plan_of(incident).on_scene
