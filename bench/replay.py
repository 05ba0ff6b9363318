"""One call played to the first arrival, under one way of asking and one of releasing.

A wave is asked at once. Of those asked, each answers after some seconds or not at all;
who says yes sets out and is there after their travel. Once somebody of a wave has said
yes, nobody more is asked; else the next wave goes out when all have declined, at
the latest after `WAVE_S`. Who is withdrawn hears of it `HEARD_S` later. Who is there
by then although another was there first came for nothing: a *redundant arrival*. The
others turn back, and are no arrivals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bench.scenes import REACH_S, WAVE_S, Scene
from dispatch.chances import TURNOUT_S
from dispatch.clock import MINUTE, SECOND
from dispatch.decide import Prospects, choose
from dispatch.enough import CLOSE_S
from dispatch.ids import CommunityId, UnitId
from dispatch.incident import Candidate
from dispatch.plan import Need, Plan, PlanId, PlanStep
from dispatch.rules.call import Call, Lack
from dispatch.words import Kind, Role, Tier, Verdict

HEARD_S: Final = 30.0
"""A withdrawal is heard as late as a call is answered: within the seconds of a wave."""

PROSPECTS: Final = 40
"""Of those not yet asked, so many of the best placed are put before the product: it asks
fifteen for one at most, and looking at a hundred each time would make this run minutes longer."""

Wave = Sequence[int]
"""Who is asked at once, as indices of the scene."""

Ask = Callable[[Scene, Sequence[int]], Wave]
"""Who is asked next, given who was asked already; at least one."""


class Release(StrEnum):
    """What becomes of the others when somebody says yes."""

    ON_SCENE = "on_scene"
    """Nothing, until the first is on scene; then all are withdrawn."""
    CLOSE = "close"
    """Nothing, until the first seems a minute away by its fixes (`dispatch.enough`); then all
    others are withdrawn. Where travel is as expected they would all be later: none is redundant."""
    FIRST_YES = "first_yes"
    """All who have not answered yet are withdrawn."""
    FARTHER_UNANSWERED = "farther_unanswered"
    """Of those who have not answered, those expected later than the one who said yes."""
    FARTHER = "farther"
    """All who are expected later, on their way or not; who is nearer may still say yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one call to which somebody came."""

    arrival_s: float
    """From the first asking to the first on scene."""
    as_near: bool
    """No nearer one would have come, had everybody been asked: as good as hindsight."""
    soonest_s: float
    """The soonest arrival there was to be had, everybody asked at once."""
    waves: int
    asked: int
    redundant: int
    turned_back: int
    """Set out and were withdrawn on the way."""


def waves_of(scene: Scene, ask: Ask, rate: float) -> list[Wave]:
    """The waves that go out until somebody says yes or nobody is left."""
    waves: list[Wave] = []
    asked: list[int] = []
    while len(asked) < len(scene):
        wave = ask(scene, asked)
        assert wave, "somebody is left to be asked"
        waves.append(wave)
        asked += wave
        if any(scene.accepts(each, rate) for each in wave):
            break
    return waves


def played(
    scene: Scene, waves: Sequence[Wave], rate: float, release: Release, *, drawn: bool
) -> Told | None:
    """The call to its end, with the travel's error drawn or not; None where nobody came."""
    before_s = sum(max(scene.answered_s(each, rate) for each in wave) for wave in waves[:-1])
    yes = [each for each in waves[-1] if scene.accepts(each, rate)] if waves else []
    if not yes:
        return None
    coming, turned_back = _kept(scene, yes, release, drawn=drawn)
    there_s = sorted((scene.there_s(each, drawn=drawn), each) for each in coming)
    first_s, first = there_s[0]
    redundant = sum(seconds <= first_s + HEARD_S for seconds, _ in there_s[1:])
    would = [each for each in range(len(scene)) if scene.accepts(each, rate)]
    return Told(
        arrival_s=before_s + first_s,
        as_near=scene.expected_s[first] <= scene.expected_s[would[0]],
        soonest_s=min(scene.there_s(each, drawn=drawn) for each in would),
        waves=len(waves),
        asked=sum(map(len, waves)),
        redundant=redundant,
        turned_back=turned_back + len(coming) - 1 - redundant,
    )


def _kept(
    scene: Scene, yes: Sequence[int], release: Release, *, drawn: bool
) -> tuple[list[int], int]:
    """Who is still coming when the first is there, and how many turned back before."""
    if release is Release.ON_SCENE:
        return list(yes), 0
    if release is Release.CLOSE:
        closest = min(yes, key=lambda each: _close_s(scene, each, drawn=drawn))
        heard_s = _close_s(scene, closest, drawn=drawn) + HEARD_S
        late = {each for each in yes if scene.there_s(each, drawn=drawn) > heard_s} - {closest}
        return [each for each in yes if each not in late], len(late)
    in_time = sorted(yes, key=lambda each: scene.answer_s[each])
    if release is Release.FIRST_YES:
        return in_time[:1], 0
    coming: list[int] = []
    turned_back = 0
    for each in in_time:
        if coming and each > min(coming):
            continue  # withdrawn before it answered
        if release is Release.FARTHER:
            heard_s = scene.answer_s[each] + HEARD_S
            back = [far for far in coming if scene.there_s(far, drawn=drawn) > heard_s]
            turned_back += len(back)
            coming = [far for far in coming if far not in back]
        coming.append(each)
    return coming, turned_back


def _close_s(scene: Scene, each: int, *, drawn: bool) -> float:
    """When its fixes make it seem `CLOSE_S` away: who is slow is still farther than that."""
    slower = scene.drawn_s[each] / scene.expected_s[each] if drawn else 1.0
    return scene.there_s(each, drawn=drawn) - CLOSE_S * slower


def everybody(scene: Scene, asked: Sequence[int]) -> Wave:
    """All in range at once; if none of them comes, or none is in range, all others at once."""
    if not asked and scene.in_range:
        return range(scene.in_range)
    return range(len(asked), len(scene))


def one_at_a_time(_: Scene, asked: Sequence[int]) -> Wave:
    """The nearest not yet asked."""
    return (len(asked),)


class Product:
    """The product's own chooser, for one wanted; it learns who accepts as the week goes on."""

    def __init__(self, *, sure: float, by_rings: bool = False) -> None:
        self._plan = _plan(sure, by_rings)
        self._asked: Counter[str] = Counter()
        self._accepted: Counter[str] = Counter()

    def __call__(self, scene: Scene, asked: Sequence[int]) -> Wave:
        left = sorted(set(range(len(scene))).difference(asked))
        if self._plan.by_rings:
            left.sort(key=lambda each: (scene.rings[each] % RINGS_MAX, each))
        number = {scene.units[each]: each for each in left[:PROSPECTS]}
        choice = choose(
            _call(scene, self._plan),
            Prospects(seen=[self._seen(scene, x) for x in number.values()]),
        )
        return [number[candidate.unit] for candidate in choice.called]

    def learn(self, scene: Scene, waves: Sequence[Wave], rate: float) -> None:
        """What was asked and accepted goes into the records."""
        for each in (each for wave in waves for each in wave):
            self._asked[scene.units[each]] += 1
            self._accepted[scene.units[each]] += scene.accepts(each, rate)

    def _seen(self, scene: Scene, each: int) -> Candidate:
        unit = scene.units[each]
        return Candidate(
            unit=UnitId(unit),
            verdict=Verdict.CALLED,
            role=Role.VOLUNTEER,
            ring=scene.rings[each],
            distance_m=None,
            fix_age_s=0.0,
            walk_s=max(0.0, scene.expected_s[each] - TURNOUT_S[Role.VOLUNTEER]),
            asked=self._asked[unit],
            accepted=self._accepted[unit],
        )


RINGS_MAX: Final = 1_000
"""-1, outside all of them, is then the last."""

_NEED: Final = Need(count=1, role=Role.VOLUNTEER)


def _plan(sure: float, by_rings: bool) -> Plan:
    step = PlanStep(
        step="all",
        tier=Tier.GRID,
        needs=(_NEED,),
        rings=None,
        wave_s=WAVE_S,
        hold_s=None,
        then="",
    )
    return Plan(
        plan=PlanId("bench-1/one"),
        kinds=frozenset({Kind.SOS}),
        classes=frozenset(),
        hours=(),
        target_s=REACH_S,
        sure=sure,
        on_scene=1,
        fairness_s=0.0,
        by_rings=by_rings,
        preempts=None,
        steps=(step,),
    )


def _call(scene: Scene, plan: Plan) -> Call:
    lon, lat = scene.call.place
    return Call(
        now=int(scene.call.at) * SECOND,
        community=CommunityId("town"),
        lon=lon,
        lat=lat,
        grid=None,
        sender=None,
        priority=1,
        asked=frozenset(),
        lacking=(Lack(need=_NEED, count=_NEED.count),),
        plan=plan,
        step=plan.steps[0],
        fresh_us=MINUTE,
    )
