"""Decides whom one wave calls, and says of every unit why or why not. Pure: inputs in, Choice out.

Rules speak in the order of ``rules.RULES``; the first that has something to say of
a unit is the verdict. Those of whom no rule speaks are called, nearest first,
until each role has as many as the wave asks.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dispatch.clock import SECOND
from dispatch.incident import Candidate
from dispatch.live import LiveTable
from dispatch.nearby import prospects
from dispatch.plan import ResponsePlan
from dispatch.rules import RULES
from dispatch.rules.call import Call
from dispatch.words import Role, Verdict

CANDIDATES_KEPT_MAX: Final = 1_000
"""Candidates written down with a decision, the called first, then the nearest: a community
of a thousand whole. Beyond that the verdicts are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one wave comes to."""

    called: tuple[Candidate, ...]
    """Nearest first within each role, roles in the plan's order."""
    candidates: tuple[Candidate, ...]
    """Every unit of the community, the called first, then by nearness."""
    missing: dict[Role, int]
    short: dict[Role, int]
    inputs: dict[str, Any]
    """JSON-shaped, complete enough to decide again."""


Chooser = Callable[[Call, LiveTable], Choice]


def choose(call: Call, live: LiveTable) -> Choice:
    """Whom to call now. The same inputs choose the same units: ties break on the id."""
    near = [_spoken(call, each) for each in prospects(call, live)]
    wanted = call.plan.wave(call.missing)
    called = [unit for role in wanted for unit in _first(near, role, wanted[role])]
    chosen = {candidate.unit for candidate in called}
    rest = [_left_out(each) for each in near if each.unit not in chosen]
    taken = [replace(each, verdict=Verdict.CALLED) for each in called]
    found = Counter(each.role for each in called)
    short = {role: count - found[role] for role, count in wanted.items() if count > found[role]}
    candidates = (*taken, *rest)
    return Choice(
        called=tuple(taken),
        candidates=candidates,
        missing=dict(call.missing),
        short=short,
        inputs=_inputs(call, candidates),
    )


def _spoken(call: Call, prospect: Candidate) -> Candidate:
    for rule in RULES:
        verdict = rule(call, prospect)
        if verdict is not None:
            return replace(prospect, verdict=verdict)
    return prospect


def _first(near: Sequence[Candidate], role: Role, count: int) -> list[Candidate]:
    fit = [each for each in near if each.role is role and each.verdict is Verdict.CALLED]
    return fit[:count]


def _left_out(prospect: Candidate) -> Candidate:
    if prospect.verdict is Verdict.CALLED:
        return replace(prospect, verdict=Verdict.NOT_NEEDED)
    return prospect


def _inputs(call: Call, candidates: Sequence[Candidate]) -> dict[str, Any]:
    return {
        "now": call.now,
        "community": call.community,
        "place": {"lon": call.lon, "lat": call.lat, "grid": call.grid},
        "plan": _plan(call.plan),
        "missing": {role.value: count for role, count in call.missing.items()},
        "sender": call.sender,
        "asked": sorted(call.asked),
        "fresh_s": call.fresh_us / SECOND,
        "candidates": [_told(each) for each in candidates[:CANDIDATES_KEPT_MAX]],
        "verdicts": dict(sorted(Counter(each.verdict.value for each in candidates).items())),
    }


def _plan(plan: ResponsePlan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "needs": {role.value: count for role, count in plan.needs.items()},
        "asked_for_each": {role.value: count for role, count in plan.asked_for_each.items()},
    }


def _told(candidate: Candidate) -> dict[str, Any]:
    return {
        "unit": candidate.unit,
        "verdict": candidate.verdict.value,
        "role": candidate.role.value,
        "ring": candidate.ring,
        "distance_m": candidate.distance_m,
        "fix_age_s": candidate.fix_age_s,
    }
