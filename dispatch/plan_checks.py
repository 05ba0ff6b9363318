"""What a plan book must hold as a whole: ladders that end, plans that get their turn. Pure.

Keys, bounds and words are checked where they are read (plan_files.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from dispatch.errors import PlanError
from dispatch.plan import MINUTES_OF_DAY, KindRule, Plan, PlanStep
from dispatch.words import Kind, Tier

GRID_CLASSES: Final = ("", "A", "B")
"""All that a grid can be (geo.grids); empty also stands for a place in no grid."""

PRIORITY_MAX: Final = 4
"""1 emergency, 2 urgent, 3 watch, 4 note."""

TIERS: Final = tuple(Tier)


def check_ladder(where: str, steps: Sequence[PlanStep]) -> None:
    """Every step is reached from the first, once, and none goes down. Raises PlanError."""
    by_name = {each.step: each for each in steps}
    if len(by_name) < len(steps):
        raise PlanError(where, "two of its steps have one name", "give each its own")
    for each in steps:
        if each.then and each.then not in by_name:
            raise PlanError(
                f"{where}, step {each.step}",
                f"then = {each.then!r} is none of its steps",
                f"write one of {', '.join(by_name)}",
            )
    climbed = _climb(where, steps[0], by_name)
    for each in steps:
        if each.step not in climbed:
            raise PlanError(
                f"{where}, step {each.step}",
                "it is never reached",
                "name it as the `then` of another step, or remove it",
            )
    _check_tiers(where, [by_name[name] for name in climbed])


def _climb(where: str, first: PlanStep, by_name: dict[str, PlanStep]) -> list[str]:
    """The names in the order they are reached."""
    climbed = [first.step]
    while then := by_name[climbed[-1]].then:
        if then in climbed:
            loop = " -> ".join([*climbed[climbed.index(then) :], then])
            raise PlanError(
                where,
                f"its steps go round: {loop}",
                f"leave out the `then` of step {climbed[-1]}",
            )
        climbed.append(then)
    return climbed


def _check_tiers(where: str, climbed: Sequence[PlanStep]) -> None:
    for below, above in pairwise(climbed):
        if TIERS.index(above.tier) < TIERS.index(below.tier):
            raise PlanError(
                f"{where}, step {above.step}",
                f"its tier {above.tier} is lower than {below.tier} of step {below.step}",
                "a matter that was carried up does not go down by itself: set the same or higher",
            )


def check_enough(where: str, plan: Plan) -> None:
    """Enough can come about, and only the less urgent is interrupted. Raises PlanError."""
    most = max(sum(need.count for need in step.needs) for step in plan.steps)
    if plan.on_scene > max(most, 1):
        raise PlanError(
            where,
            f"on_scene is {plan.on_scene}, but no step asks for more than {most}",
            "lower it, or ask for more",
        )


def check_preempts(plans: Iterable[Plan], rules: Mapping[Kind, KindRule]) -> None:
    """Nobody is called off what is as urgent as the call itself. Raises PlanError."""
    for plan in plans:
        for kind in sorted(plan.kinds):
            priority = rules[kind].priority
            if plan.preempts is not None and plan.preempts <= priority:
                raise PlanError(
                    f"plan {_short(plan)}",
                    f"preempts is {plan.preempts}, but {kind} itself has priority {priority}",
                    f"set it above {priority}, or leave it out",
                )


def unanswered(plans: Sequence[Plan]) -> set[Kind]:
    """The kinds for which at some place or hour no plan fits."""
    return {
        kind for kind in Kind if any(_first(plans, kind, *case) is None for case in _cases(plans))
    }


def turns(plans: Sequence[Plan]) -> dict[int, set[Kind]]:
    """For which kinds each is ever the first that fits, by its place in the book; not there
    where it never is.
    """
    cases = _cases(plans)
    found: dict[int, set[Kind]] = {}
    for kind in Kind:
        for case in cases:
            first = _first(plans, kind, *case)
            if first is not None:
                found.setdefault(first, set()).add(kind)
    return found


def check_turns(plans: Sequence[Plan]) -> None:
    """No plan stands behind others that leave it nothing. Raises PlanError."""
    found = turns(plans)
    for index, plan in enumerate(plans):
        if index not in found:
            raise PlanError(
                f"plan {_short(plan)}",
                "it never gets its turn: plans above it fit wherever it would",
                "move it up, or give those above classes or hours",
            )


def _cases(plans: Sequence[Plan]) -> list[tuple[str, int]]:
    """Every class, with every minute at which another plan may begin to fit."""
    hours = [each for plan in plans for each in plan.hours]
    minutes = {0} | {each.begins for each in hours} | {each.ends % MINUTES_OF_DAY for each in hours}
    return [(grid_class, minute) for grid_class in GRID_CLASSES for minute in sorted(minutes)]


def _first(plans: Sequence[Plan], kind: Kind, grid_class: str, minute: int) -> int | None:
    fits = (n for n, each in enumerate(plans) if each.fits(kind, grid_class, minute))
    return next(fits, None)


def _short(plan: Plan) -> str:
    return plan.plan.partition("/")[2]
