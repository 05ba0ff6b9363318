"""Whether people are called to an incident, and what its next wave is to decide. Pure."""

from collections.abc import Sequence
from typing import Final

from dispatch.clock import Instant
from dispatch.desk import Desk
from dispatch.ids import UnitId, unit_of_alarm
from dispatch.incident import Assignment, Incident
from dispatch.need import awaited, coming, missing, step_of
from dispatch.rules.call import Call, Lack
from dispatch.words import DRILL_PRIORITY, Role, WithdrawReason

MAY_BE_ASKED_AGAIN: Final = frozenset(
    {
        WithdrawReason.ENOUGH,
        WithdrawReason.OFF_DUTY,
        WithdrawReason.PREEMPTED,
        WithdrawReason.MOVED,
    }
)
"""Orders taken back for these reasons leave the unit free to be asked once more."""


def called_by_machine(desk: Desk, incident: Incident) -> bool:
    """Whether people are called without an operator's word.

    Not for a press out of a backlog, which may be long over, not for a phone call that
    nobody could place, and not while an operator holds the calls.
    """
    if incident.calls_held:
        return False
    if incident.alarms:
        return not desk.board.is_late(incident)
    return incident.lon is not None or incident.grid is not None


def call_for(desk: Desk, incident: Incident, now: Instant, *, besides_asked: bool = False) -> Call:
    """What the next wave of this incident is to decide; ``besides_asked``: while others may still
    say yes, who are counted by their chance to."""
    asked = (each for each in incident.round_assignments() if _stays_asked(each))
    return Call(
        now=now,
        community=incident.community,
        lon=incident.lon,
        lat=incident.lat,
        grid=incident.grid,
        sender=incident.sender,
        reporters=frozenset(unit_of_alarm(each) for each in incident.reporters),
        priority=incident.priority if incident.drill is None else DRILL_PRIORITY,
        asked=frozenset(each.unit for each in asked),
        lacking=missing(desk, incident),
        plan=desk.plan_of(incident),
        step=step_of(desk, incident),
        fresh_us=desk.fresh_us,
        coming=frozenset(each.unit for each in coming(incident)),
        awaited=frozenset(each.unit for each in awaited(incident) if besides_asked),
        matter=desk.matter(incident.community, incident.kind, incident.grid, incident.opened_t),
    )


def anybody_free(desk: Desk, call: Call, lacks: Sequence[Lack]) -> bool:
    """Asked before choosing again: a hundred incidents that found nobody must not keep the hub
    from the next alarm."""
    known = {*call.asked, *call.reporters, *(() if call.sender is None else (call.sender,))}
    least = DRILL_PRIORITY if call.plan.preempts is None else call.plan.preempts
    return desk.live.anybody_free(
        call.community, wanted_roles(lacks), known, gives_way=max(least, call.priority + 1)
    )


def wanted_roles(lacks: Sequence[Lack]) -> tuple[Role, ...]:
    """Whom these lacks are looked for among."""
    roles = {lack.need.role for lack in lacks}
    return tuple(Role) if None in roles else tuple(role for role in roles if role is not None)


def known_to(incident: Incident) -> set[UnitId]:
    """Who is not called to it: asked in this round, or one of those who pressed."""
    known = {each.unit for each in incident.round_assignments() if _stays_asked(each)}
    known.update(unit_of_alarm(each) for each in incident.reporters)
    if incident.sender is not None:
        known.add(incident.sender)
    return known


def _stays_asked(assignment: Assignment) -> bool:
    return assignment.withdrawn_for not in MAY_BE_ASKED_AGAIN
