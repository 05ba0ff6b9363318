"""Decides a wave of the past again, from what its decision kept: by its own plan or another. Pure.

What a decision kept (decide.py, ``inputs``) is the place, who was lacking and the facts of
everybody near as they were then (nearby.py says who that is). The rules, chances and numbers
are those of today, so that the same plan may call others than it did: that is what one wants
to see. What was called since then, and how people answered, is not known here and changes
nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from dispatch.clock import SECOND, Instant
from dispatch.decide import INPUTS_VERSION, Choice, Prospects, choose
from dispatch.errors import YihuError
from dispatch.ids import CommunityId, GridId, UnitId
from dispatch.incident import Candidate
from dispatch.need import lacking
from dispatch.plan import Matter, Need, Plan, PlanBook, PlanId, PlanStep
from dispatch.rules.call import Call, Lack
from dispatch.told import tables_of
from dispatch.words import Kind, Role, Tier, Verdict

VERSIONS: Final = (2, 3, INPUTS_VERSION)
"""Of the inputs that can be decided again."""

NOT_SAID: Final = Tier.GRID
"""The tier of a step that is known only from inputs; no rule looks at it."""


AWAITED_OFF: Final = 3
"""Up to this version those awaited were taken off what was lacking, as if they came."""

COUNT_MAX: Final = 10_000
FRESH_S_MAX: Final = 1e9
"""No plan and no setting says more; beyond, it is no number of ours."""

NOT_AS_WRITTEN: Final = "what the decision kept is not as it was written"


class ReplayError(YihuError):
    """A decision cannot be made again; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One unit then and now."""

    unit: UnitId
    then: Candidate
    now: Candidate

    @property
    def differs(self) -> bool:
        """Whether it is called now and was not, or the other way round, or for another reason."""
        return self.then.verdict is not self.now.verdict


class _Place(msgspec.Struct, kw_only=True):
    lon: float | None
    lat: float | None
    grid: str | None


class _Need(msgspec.Struct, kw_only=True):
    role: Role | None
    skill: str
    count: Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]


class _Matter(msgspec.Struct, kw_only=True):
    kind: Kind
    grid_class: str
    minute: int


class _Inputs(msgspec.Struct, kw_only=True):
    """As ``decide.py`` writes them."""

    v: int
    now: Instant
    community: str
    place: _Place
    priority: int
    plan: str
    step: str
    needs: list[_Need]
    lacking: list[_Need]
    rings: int | None
    target_s: float
    sure: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    fairness_s: float
    by_rings: bool
    preempts: int | None
    sender: str | None
    reporters: list[str] = msgspec.field(default_factory=list)
    asked: list[str]
    coming: list[str]
    awaited: list[str] = msgspec.field(default_factory=list)
    fresh_s: Annotated[float, msgspec.Meta(ge=0.0, le=FRESH_S_MAX)]
    matter: _Matter | None
    candidates: list[Candidate]
    verdicts: dict[Verdict, Annotated[int, msgspec.Meta(ge=0)]]


def decide_again(inputs: Mapping[str, Any], plan: Plan | None = None) -> Choice:
    """Whom the wave would call by the rules of today.

    Under another plan its step of the same name is asked, or its first where it has none
    such, and those who were coming then count for it. Of those who were only
    counted nothing is known but the verdict by the plan of then: under another they are left
    out. Raises ReplayError.
    """
    said = _read(inputs)
    counted = _counted(said) if plan is None else Counter[Verdict]()
    return choose(_call(said, plan), Prospects(seen=said.candidates, counted=counted))


def plan_for(inputs: Mapping[str, Any], book: PlanBook) -> Plan:
    """The plan of a book that would have answered the incident. Raises ReplayError."""
    matter = _read(inputs).matter
    if matter is None:
        raise ReplayError("the decision does not say what it was about: name no other plan for it")
    return book.plan_of(
        Matter(kind=matter.kind, grid_class=matter.grid_class, minute=matter.minute)
    )


def compare(inputs: Mapping[str, Any], choice: Choice) -> list[Compared]:
    """Every unit that the decision kept, in the order of the new one. Raises ReplayError."""
    then = {each.unit: each for each in _read(inputs).candidates}
    now = msgspec.convert(tables_of(choice.inputs["candidates"]), list[Candidate])
    return [Compared(unit=each.unit, then=then[each.unit], now=each) for each in now]


def not_kept(inputs: Mapping[str, Any]) -> int:
    """How many units were looked at then and only counted: of them nothing can be said."""
    return sum(_counted(_read(inputs)).values())


def _counted(said: _Inputs) -> Counter[Verdict]:
    """Those who were not kept, by what was said of them; none where less was counted than kept."""
    return Counter(said.verdicts) - Counter(each.verdict for each in said.candidates)


def _read(inputs: Mapping[str, Any]) -> _Inputs:
    version = inputs.get("v", 1)
    if version not in VERSIONS:
        raise ReplayError(
            f"the decision was kept in version {version!r} of its inputs, and only those of "
            f"version {', '.join(map(str, VERSIONS))} hold all that is needed to decide again"
        )
    try:
        candidates = tables_of(inputs.get("candidates"))
        said = msgspec.convert({**inputs, "candidates": candidates}, _Inputs)
    except (msgspec.ValidationError, ValueError, TypeError, RecursionError) as exc:
        raise ReplayError(f"{NOT_AS_WRITTEN}: {exc}") from exc
    for each in said.candidates:
        if not 0 <= each.accepted <= each.asked:
            raise ReplayError(
                f"{NOT_AS_WRITTEN}: {each.unit} accepted {each.accepted} of {each.asked} orders"
            )
        if min(each.distance_m or 0.0, each.walk_s or 0.0) < 0.0:
            raise ReplayError(f"{NOT_AS_WRITTEN}: {each.unit} is less than nothing away")
    return said


def _call(said: _Inputs, plan: Plan | None) -> Call:
    matter = said.matter
    asked_plan = _plan(said) if plan is None else plan
    step = asked_plan.answering(said.step)
    return Call(
        now=said.now,
        community=CommunityId(said.community),
        lon=said.place.lon,
        lat=said.place.lat,
        grid=None if said.place.grid is None else GridId(said.place.grid),
        sender=None if said.sender is None else UnitId(said.sender),
        reporters=frozenset(UnitId(each) for each in said.reporters),
        priority=said.priority,
        asked=frozenset(map(UnitId, said.asked)),
        lacking=_lacking(said) if plan is None else _lacking_by(step, said),
        plan=asked_plan,
        step=step,
        fresh_us=round(said.fresh_s * SECOND),
        coming=frozenset(map(UnitId, said.coming)),
        awaited=frozenset(map(UnitId, said.awaited if said.v > AWAITED_OFF else ())),
        matter=None
        if matter is None
        else Matter(kind=matter.kind, grid_class=matter.grid_class, minute=matter.minute),
    )


def _lacking(said: _Inputs) -> tuple[Lack, ...]:
    """As it was: the need itself is the one of the step, the count what of it was lacking."""
    needs = {(each.role, each.skill): _need(each) for each in said.needs}
    return tuple(
        Lack(need=needs.get((each.role, each.skill), _need(each)), count=each.count)
        for each in said.lacking
    )


def _lacking_by(step: PlanStep, said: _Inputs) -> tuple[Lack, ...]:
    coming = {*said.coming, *(() if said.v > AWAITED_OFF else said.awaited)}
    there = [(each.role, each.skills) for each in said.candidates if each.unit in coming]
    return lacking(step.needs, there)


def _plan(said: _Inputs) -> Plan:
    """So much of the plan as rules and numbers look at."""
    step = PlanStep(
        step=said.step,
        tier=NOT_SAID,
        needs=tuple(map(_need, said.needs)),
        rings=said.rings,
        wave_s=None,
        hold_s=None,
        then="",
    )
    return Plan(
        plan=PlanId(said.plan),
        kinds=frozenset(),
        classes=frozenset(),
        hours=(),
        target_s=said.target_s,
        sure=said.sure,
        on_scene=1,
        fairness_s=said.fairness_s,
        by_rings=said.by_rings,
        preempts=said.preempts,
        steps=(step,),
    )


def _need(said: _Need) -> Need:
    return Need(count=said.count, role=said.role, skill=said.skill)
