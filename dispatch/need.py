"""What a step of a plan still lacks, given who comes; and what one incident lacks now. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from dispatch.chances import accept_chance
from dispatch.clock import Instant
from dispatch.decide import besides, most_wanted_first
from dispatch.desk import Desk
from dispatch.incident import Assignment, Incident
from dispatch.nearby import skills_of
from dispatch.plan import Need, PlanStep
from dispatch.rules.call import Lack
from dispatch.words import ASKED, COMING, AssignmentState, Role

Bearer = tuple[Role, Sequence[str]]
"""Role and skills of one who comes."""


def lacking(needs: Sequence[Need], have: Iterable[Bearer]) -> tuple[Lack, ...]:
    """What is not there yet, most wanted first. One who has a skill that is wanted counts for
    it, else for the role."""
    coming = list(have)
    lacks = []
    for need in most_wanted_first(needs):
        fit = [each for each in coming if need.fits(*each)][: need.count]
        for each in fit:
            coming.remove(each)
        if len(fit) < need.count:
            lacks.append(Lack(need=need, count=need.count - len(fit)))
    return tuple(lacks)


def step_of(desk: Desk, incident: Incident) -> PlanStep:
    """The step of its plan that the response is in, or would begin with, as it answers."""
    plan = desk.plan_of(incident)
    return plan.steps[0] if incident.step is None else plan.answering(incident.step.step)


def missing(desk: Desk, incident: Incident) -> tuple[Lack, ...]:
    """What the present step lacks: those coming or done there count."""
    have = [(each.role, skills_of(desk, each.unit)) for each in coming(incident)]
    return lacking(step_of(desk, incident).needs, have)


def likely_missing(desk: Desk, incident: Incident, now: Instant) -> tuple[Lack, ...]:
    """What the present step lacks of which fewer are likely to come than are wanted, of those who
    were asked and may still say yes."""
    waiting = []
    for each in awaited(incident):
        tally = desk.board.records.of(each.unit, now)
        accepts = accept_chance(each.role, asked=tally.asked, accepted=tally.accepted)
        waiting.append((each.role, skills_of(desk, each.unit), accepts))
    lacks = missing(desk, incident)
    wanted = besides(lacks, waiting)
    return tuple(lack for lack, (count, _) in zip(lacks, wanted, strict=True) if count)


def coming(incident: Incident) -> list[Assignment]:
    """Of this round: who is on the way, is there, or has been and finished."""
    there = COMING | {AssignmentState.CLEAR}
    return [each for each in incident.round_assignments() if each.state in there]


def awaited(incident: Incident) -> list[Assignment]:
    """Of this round: who was asked and may still say yes or no."""
    return [each for each in incident.round_assignments() if each.state in ASKED]


def counted(lacks: Iterable[Lack]) -> Counter[str]:
    """How many by the need's label, as decisions keep it."""
    return Counter({each.need.label: each.count for each in lacks})


def on_scene(incident: Incident) -> int:
    """How many are there, or have been and finished, in this round."""
    there = {AssignmentState.ON_SCENE, AssignmentState.CLEAR}
    return sum(each.state in there for each in incident.round_assignments())
