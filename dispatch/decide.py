"""Decides whom one wave calls, and says of every unit why or why not. Pure: inputs in, Choice out.

Rules speak in the order of ``rules.RULES``; the first that has something to say of a
unit is the verdict. Those of whom no rule speaks are lined up, best placed first. For
each need as many are asked as make it likely that so many come as are wanted, by each
one's own record; then more, of whatever need, until it is likely enough that somebody
arrives within the plan's target, those who have said yes counted; and no more. Who may still
answer counts by the chance to say yes.

Everything a decision looks at is in its inputs, so that ``replay_decision.py`` can decide again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from dispatch.chances import ROUNDING, accept_chance, arrive_chance, eta_s, someone, wave_size
from dispatch.clock import SECOND
from dispatch.incident import Candidate
from dispatch.line import rank
from dispatch.plan import Matter, Need
from dispatch.rules import verdict_of
from dispatch.rules.call import Call, Lack
from dispatch.told import columns_of
from dispatch.words import Role, Verdict

MORE_MAX: Final = 15
"""So many more are asked for the sake of the target at most: of people who answer one call in
six, thirteen make it nine times in ten."""

USEFUL_CHANCE: Final = 0.05
"""Nobody is asked for the sake of the target who would come in time less often than that: they
are too far, and asking them all would only teach a community not to listen."""

INPUTS_VERSION: Final = 4
"""Of the shape that ``_inputs`` gives. The first had no facts to decide from again; the second
had every candidate as a table (told.py), and up to a thousand of them; in the third those who
were awaited had been taken off what was lacking, each as one who comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospects:
    """The units that a wave may call, or might have been asked about."""

    seen: Sequence[Candidate]
    """Nearest first, their verdicts open."""
    counted: Mapping[Verdict, int] = field(default_factory=dict)
    """How many others there are, by verdict; *not_needed* are those free behind all these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What one wave comes to."""

    called: tuple[Candidate, ...]
    """Needs in the step's order, within each the best placed first."""
    missing: dict[str, int]
    """By the need's label."""
    short: dict[str, int]
    all_asked: bool
    """Of some need everybody who was free is asked, and fewer are likely to come than it wants."""
    chance: float
    """How likely somebody arrives within the target: of all who are asked, or have said yes."""
    inputs: dict[str, Any]
    """JSON-shaped, complete enough to decide again. Its ``candidates`` (told.py) are the
    prospects: the called, then those who were free, as they are lined up, then the others. Its
    ``verdicts`` count every unit of the community."""


Chooser = Callable[[Call, Prospects], Choice]


class _Free(NamedTuple):
    """One of whom no rule speaks, and what follows from way and record."""

    rank: tuple[int, float, str]
    seen: Candidate
    eta_s: float | None
    accepts: float
    chance: float

    def called(self, need: Need) -> Candidate:
        """As one who is asked, for this need."""
        return replace(
            self.seen,
            verdict=Verdict.CALLED,
            eta_s=self.eta_s,
            chance=self.chance,
            need=need.label,
        )

    def left_out(self) -> Candidate:
        """As one who was free, and is not asked."""
        return replace(
            self.seen,
            verdict=Verdict.NOT_NEEDED,
            eta_s=self.eta_s,
            chance=self.chance,
            need="",
        )


def choose(call: Call, prospects: Prospects) -> Choice:
    """Whom to call now. The same inputs choose the same units: ties break on the id."""
    free: list[_Free] = []
    others: list[Candidate] = []
    for seen in prospects.seen:
        verdict = verdict_of(call, seen)
        if verdict is Verdict.CALLED:
            free.append(_placed(call, seen))
        else:
            others.append(_as(seen, verdict))
    free.sort(key=attrgetter("rank"))
    awaited = [_placed(call, each) for each in prospects.seen if each.unit in call.awaited]
    wanted = besides(
        call.lacking, [(each.seen.role, each.seen.skills, each.accepts) for each in awaited]
    )
    called, short, all_asked = _wanted(call, free, wanted)
    arriving = _arriving(call, prospects.seen) + [each.chance for each in awaited]
    unmet = [lack.need for lack, (count, _) in zip(call.lacking, wanted, strict=True) if count]
    called += _for_target(call, free, called, arriving, unmet)
    chosen = {each.unit for each in called}
    left_out = [each.left_out() for each in free if each.seen.unit not in chosen]
    told = [*called, *left_out, *others]
    verdicts = Counter(prospects.counted) + Counter(each.verdict for each in told)
    return Choice(
        called=tuple(called),
        missing={each.need.label: each.count for each in call.lacking},
        short=short,
        all_asked=all_asked,
        chance=round(someone([*arriving, *(each.chance or 0.0 for each in called)]), 4),
        inputs=_inputs(call, told, verdicts),
    )


def _wanted(
    call: Call, free: Sequence[_Free], wanted: Sequence[tuple[float, int]]
) -> tuple[list[Candidate], dict[str, int], bool]:
    """For each need as many as let so many come as it lacks; what cannot be met; and whether
    there were too few to ask."""
    called: list[Candidate] = []
    short: dict[str, int] = {}
    all_asked = False
    for lack, (count, heads) in zip(call.lacking, wanted, strict=True):
        taken = {each.unit for each in called}
        fit = [
            each
            for each in free
            if each.seen.unit not in taken and lack.need.fits(each.seen.role, each.seen.skills)
        ]
        accepts = [each.accepts for each in fit]
        size = wave_size(accepts, wanted=count, sure=0.0)
        if size < heads:
            short[lack.need.label] = heads - size
        all_asked |= sum(accepts[:size]) < count - ROUNDING
        called += [each.called(lack.need) for each in fit[:size]]
    return called, short, all_asked


def besides(
    lacking: Sequence[Lack], waiting: Iterable[tuple[Role, Sequence[str], float]]
) -> list[tuple[float, int]]:
    """Of each lack, how many are wanted besides those who may still answer, who count by their
    chance to say yes; and how many if all of them did. ``waiting``: role, skills, chance."""
    left = list(waiting)
    wanted = []
    for lack in lacking:
        count, heads = float(lack.count), lack.count
        for each in [each for each in left if lack.need.fits(each[0], each[1])]:
            if count <= ROUNDING:
                break
            left.remove(each)
            count, heads = max(count - each[2], 0.0), max(heads - 1, 0)
        wanted.append((count if count > ROUNDING else 0.0, heads))
    return wanted


def _arriving(call: Call, prospects: Sequence[Candidate]) -> list[float]:
    """How likely each of those who have said yes is there in time."""
    coming = [each for each in prospects if each.unit in call.coming]
    etas = [eta_s(each.role, walk_s=each.walk_s, distance_m=each.distance_m) for each in coming]
    return [arrive_chance(eta, call.plan.target_s) for eta in etas]


def _for_target(
    call: Call,
    free: Sequence[_Free],
    called: Sequence[Candidate],
    arriving: Sequence[float],
    needs: Sequence[Need],
) -> list[Candidate]:
    """More people for these needs, until somebody is likely enough there in time, those on the
    way counted."""
    chances = [*arriving, *(each.chance or 0.0 for each in called)]
    taken = {each.unit for each in called}
    more: list[Candidate] = []
    for each in free:
        if len(more) == MORE_MAX or someone(chances) >= call.plan.sure:
            break
        fits = (need for need in needs if need.fits(each.seen.role, each.seen.skills))
        if each.seen.unit not in taken and each.chance >= USEFUL_CHANCE:
            need = next(fits, None)
            if need is not None:
                more.append(each.called(need))
                chances.append(each.chance)
    return more


def most_wanted_first(needs: Sequence[Need]) -> list[Need]:
    """Needs with a skill before those that anybody fills, so that nobody is used up; else
    as the plan has them."""
    return sorted(needs, key=lambda need: (not need.skill, need.role is None))


def _placed(call: Call, seen: Candidate) -> _Free:
    eta = eta_s(seen.role, walk_s=seen.walk_s, distance_m=seen.distance_m)
    accepts = accept_chance(seen.role, asked=seen.asked, accepted=seen.accepted)
    return _Free(
        rank=rank(call, seen, eta),
        seen=seen,
        eta_s=None if eta is None else round(eta, 1),
        accepts=accepts,
        chance=round(accepts * arrive_chance(eta, call.plan.target_s), 4),
    )


def _inputs(
    call: Call, told: Sequence[Candidate], verdicts: Mapping[Verdict, int]
) -> dict[str, Any]:
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
        "reporters": sorted(call.reporters),
        "asked": sorted(call.asked),
        "coming": sorted(call.coming),
        **({"awaited": sorted(call.awaited)} if call.awaited else {}),
        "fresh_s": call.fresh_us / SECOND,
        "matter": None if call.matter is None else _matter(call.matter),
        "candidates": columns_of(told),
        "verdicts": {verdict.value: count for verdict, count in sorted(verdicts.items())},
    }


def _matter(matter: Matter) -> Mapping[str, Any]:
    return {
        "kind": matter.kind.value,
        "grid_class": matter.grid_class,
        "minute": matter.minute,
    }


def _need(need: Need, count: int) -> Mapping[str, Any]:
    return {"role": need.role, "skill": need.skill, "count": count}


def _as(seen: Candidate, verdict: Verdict) -> Candidate:
    """One whom a rule keeps back: what they would do is nobody's business, nor is it known."""
    return replace(seen, verdict=verdict, eta_s=None, chance=None, need="")
