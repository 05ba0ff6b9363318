"""Decides whom one wave calls, and says of every unit why or why not. Pure: inputs in, Choice out.

Rules speak in the order of ``rules.RULES``; the first that has something to say of a
unit is the verdict. Those of whom no rule speaks are lined up, best placed first. For
each need as many are asked as make it likely that so many come as are wanted, by each
one's own record; then more, of whatever need, until it is likely enough that somebody
arrives within the plan's target; and no more.

Everything a decision looks at is in its inputs, so that ``replay.py`` can decide again.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from dispatch.chances import accept_chance, arrive_chance, eta_s, someone, wave_size
from dispatch.clock import SECOND
from dispatch.incident import Candidate
from dispatch.plan import Need
from dispatch.rules import verdict_of
from dispatch.rules.call import Call
from dispatch.words import Verdict

CANDIDATES_KEPT_MAX: Final = 1_000
"""Candidates written down with a decision, the called first, then the nearest: a community
of a thousand whole. Beyond that the verdicts are only counted."""

MORE_MAX: Final = 15
"""So many more are asked for the sake of the target at most: of people who answer one call in
six, thirteen make it nine times in ten."""

USEFUL_CHANCE: Final = 0.05
"""Nobody is asked for the sake of the target who would come in time less often than that: they
are too far, and asking them all would only teach a community not to listen."""

CALLED_OFF_S: Final = 180.0
"""A unit that would be called off an errand counts as so much farther away than a free one."""

INPUTS_VERSION: Final = 2
"""Of the shape that ``_inputs`` gives; the first had no facts to decide from again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one wave comes to."""

    called: tuple[Candidate, ...]
    """Needs in the step's order, within each the best placed first."""
    candidates: tuple[Candidate, ...]
    """Every unit of the community, the called first, then as they are lined up."""
    missing: dict[str, int]
    """By the need's label."""
    short: dict[str, int]
    chance: float
    """How likely somebody of the called arrives within the plan's target."""
    inputs: dict[str, Any]
    """JSON-shaped, complete enough to decide again."""


Chooser = Callable[[Call, Sequence[Candidate]], Choice]


def choose(call: Call, prospects: Sequence[Candidate]) -> Choice:
    """Whom to call now. The same inputs choose the same units: ties break on the id."""
    told = [_placed(call, each) for each in prospects]
    line = sorted(told, key=lambda each: _rank(call, each))
    free = [each for each in line if each.verdict is Verdict.CALLED]
    called, short = _wanted(call, free)
    called += _for_target(call, free, called)
    chosen = {each.unit for each in called}
    rest = [_left_out(each) for each in line if each.unit not in chosen]
    candidates = (*called, *rest)
    return Choice(
        called=tuple(called),
        candidates=candidates,
        missing={each.need.label: each.count for each in call.lacking},
        short=short,
        chance=round(someone(each.chance or 0.0 for each in called), 4),
        inputs=_inputs(call, candidates),
    )


def _wanted(call: Call, free: Sequence[Candidate]) -> tuple[list[Candidate], dict[str, int]]:
    """For each need as many as let so many come as it lacks; and what cannot be met."""
    called: list[Candidate] = []
    short: dict[str, int] = {}
    for lack in call.lacking:
        taken = {each.unit for each in called}
        fit = [
            each
            for each in free
            if each.unit not in taken and lack.need.fits(each.role, each.skills)
        ]
        accepts = [_accepts(each) for each in fit]
        asked = fit[: wave_size(accepts, wanted=lack.count, sure=0.0)]
        if len(asked) < lack.count:
            short[lack.need.label] = lack.count - len(asked)
        called += [replace(each, need=lack.need.label) for each in asked]
    return called, short


def _for_target(
    call: Call, free: Sequence[Candidate], called: Sequence[Candidate]
) -> list[Candidate]:
    """More people, until somebody is likely enough there in time."""
    chances = [each.chance or 0.0 for each in called]
    taken = {each.unit for each in called}
    more: list[Candidate] = []
    for each in free:
        if len(more) == MORE_MAX or someone(chances) >= call.plan.sure:
            break
        chance = each.chance or 0.0
        if each.unit not in taken and chance >= USEFUL_CHANCE:
            label = next(
                lack.need.label for lack in call.lacking if lack.need.fits(each.role, each.skills)
            )
            more.append(replace(each, need=label))
            chances.append(chance)
    return more


def most_wanted_first(needs: Sequence[Need]) -> list[Need]:
    """Needs with a skill before those that anybody fills, so that nobody is used up; else
    as the plan has them."""
    return sorted(needs, key=lambda need: (not need.skill, need.role is None))


def _placed(call: Call, prospect: Candidate) -> Candidate:
    """With the verdict, and with what follows from way and record."""
    eta = eta_s(prospect.role, walk_s=prospect.walk_s, distance_m=prospect.distance_m)
    chance = _accepts(prospect) * arrive_chance(eta, call.plan.target_s)
    return replace(
        prospect,
        verdict=verdict_of(call, prospect),
        eta_s=None if eta is None else round(eta, 1),
        chance=round(chance, 4),
        need="",
    )


def _rank(call: Call, each: Candidate) -> tuple[int, float, str]:
    """Own grid, then ring by ring, then who is there soonest; who was called out lately, or
    would be called off an errand, counts as farther. Without a place, the id alone."""
    if each.eta_s is None:
        return (_last_ring(each), float("inf"), each.unit)
    counted_s = each.eta_s + call.plan.fairness_s * each.call_outs
    counted_s += CALLED_OFF_S if each.busy else 0.0
    ring = _last_ring(each) if call.plan.by_rings else 0
    return (ring, counted_s, each.unit)


def _last_ring(each: Candidate) -> int:
    """Outside every grid is behind every ring."""
    return each.ring if each.ring >= 0 else 2**31


def _accepts(each: Candidate) -> float:
    return accept_chance(each.role, asked=each.asked, accepted=each.accepted)


def _left_out(prospect: Candidate) -> Candidate:
    if prospect.verdict is Verdict.CALLED:
        return replace(prospect, verdict=Verdict.NOT_NEEDED)
    return prospect


def _inputs(call: Call, candidates: Sequence[Candidate]) -> dict[str, Any]:
    return {
        "v": INPUTS_VERSION,
        "now": call.now,
        "community": call.community,
        "place": {"lon": call.lon, "lat": call.lat, "grid": call.grid},
        "priority": call.priority,
        "plan": call.plan.plan,
        "step": call.step.step,
        "needs": [_need(need, need.count) for need in call.step.needs],
        "lacking": [_need(each.need, each.count) for each in call.lacking],
        "rings": call.step.rings,
        "target_s": call.plan.target_s,
        "sure": call.plan.sure,
        "fairness_s": call.plan.fairness_s,
        "by_rings": call.plan.by_rings,
        "preempts": call.plan.preempts,
        "sender": call.sender,
        "asked": sorted(call.asked),
        "fresh_s": call.fresh_us / SECOND,
        "candidates": [_told(each) for each in candidates[:CANDIDATES_KEPT_MAX]],
        "verdicts": dict(sorted(Counter(each.verdict.value for each in candidates).items())),
    }


def _need(need: Need, count: int) -> Mapping[str, Any]:
    return {"role": need.role, "skill": need.skill, "count": count}


def _told(candidate: Candidate) -> dict[str, Any]:
    """As its fields are, words as text."""
    told = asdict(candidate)
    return {**told, "verdict": candidate.verdict.value, "role": candidate.role.value}
