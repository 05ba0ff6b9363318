"""Calls, plans and units as a rule or the choosing sees them, everything with a default.

Two volunteers of whom nothing is known are wanted in the middle of ``g1``, and anybody of
the whole community may be asked; a unit is a volunteer on duty, in reach, free, a hundred
metres away in the same grid.
"""

from dataclasses import replace

import msgspec

from dispatch.clock import SECOND
from dispatch.ids import GridId, UnitId
from dispatch.incident import Candidate
from dispatch.need import lacking
from dispatch.plan import Need, Plan, PlanId, PlanStep
from dispatch.rules.call import Call
from dispatch.words import Kind, Role, Tier, Verdict
from tests.builders import NOON, TOWN, at

VOLUNTEERS = Need(count=2, role=Role.VOLUNTEER)
DOCTOR = Need(count=1, skill="medical")


def a_step(*needs: Need, **changes: object) -> PlanStep:
    """A step that asks for these, without an end."""
    step = PlanStep(
        step="near",
        tier=Tier.GRID,
        needs=needs or (VOLUNTEERS,),
        rings=None,
        wave_s=None,
        hold_s=None,
        then="",
    )
    return replace(step, **changes)  # type: ignore[arg-type]  # fields are named by tests


def a_plan(*needs: Need, **changes: object) -> Plan:
    """A plan of one step that is content with who its needs name: no more for the target."""
    plan = Plan(
        plan=PlanId("test-1/plan"),
        kinds=frozenset(Kind),
        classes=frozenset(),
        hours=(),
        target_s=180.0,
        sure=0.0,
        on_scene=1,
        fairness_s=0.0,
        by_rings=True,
        preempts=None,
        steps=(a_step(*needs),),
    )
    return replace(plan, **changes)  # type: ignore[arg-type]  # fields are named by tests


def a_call(*needs: Need, plan: Plan | None = None, **changes: object) -> Call:
    """A call for these needs, of which nothing is met; of a plan's first step."""
    plan = a_plan(*needs) if plan is None else plan
    lon, lat = at(250)
    call = Call(
        now=NOON,
        community=TOWN,
        lon=lon,
        lat=lat,
        grid=GridId("g1"),
        sender=None,
        priority=1,
        asked=frozenset(),
        lacking=lacking(plan.steps[0].needs, ()),
        plan=plan,
        step=plan.steps[0],
        fresh_us=90 * SECOND,
    )
    return replace(call, **changes)  # type: ignore[arg-type]  # fields are named by tests


def seen(unit: str = "v1", **changes: object) -> Candidate:
    """A unit fit to be called."""
    unit_seen = Candidate(
        unit=UnitId(unit),
        verdict=Verdict.NOT_NEEDED,
        role=Role.VOLUNTEER,
        ring=0,
        distance_m=100.0,
        fix_age_s=5.0,
    )
    return msgspec.structs.replace(unit_seen, **changes)
