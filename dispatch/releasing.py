"""Who may turn back, because as many as are wanted are there or about to be. Pure.

For what is urgent a yes is no reason to take orders back: the first to say yes is seldom
the nearest, and nobody knows who will be held up (enough.py has the measurement). For the
rest it is: nobody's evening is spent on a matter that has its people already.
"""

from typing import Final

from dispatch.chances import DETOUR
from dispatch.clock import SECOND, Instant
from dispatch.decide import most_wanted_first
from dispatch.desk import Desk
from dispatch.enough import Standing, is_close, surplus
from dispatch.ids import UnitId
from dispatch.incident import Assignment, Incident
from dispatch.lifecycle import STANDING
from dispatch.nearby import skills_of
from dispatch.need import missing, step_of
from dispatch.words import ASKED, COMING, AssignmentState
from geo.walkways import STREET_MPS

SPARE_PAUSE: Final = 5 * SECOND
"""How often those under way are looked at: with CLOSE_S of a minute, five seconds are no
difference, and one look costs little."""

NOT_THERE_M: Final = 250.0
"""Farther than a bad fix and a big building: whoever is so far from a corrected place is at the
one that was wrong."""

URGENT: Final = 2
"""Down to this priority everybody asked stays asked until others are close."""


def turn_back(desk: Desk, incident: Incident, now: Instant) -> list[Assignment]:
    """Orders that the plan gave and nobody waits for any more, in the order they were given.

    A plan that never asked for anybody lets nobody turn back.
    """
    if not step_of(desk, incident).needs:
        return []
    asked = [each for each in incident.round_assignments() if _by_plan(each)]
    if incident.priority > URGENT:
        lacks = missing(desk, incident)
        return [
            each
            for each in asked
            if each.state not in COMING
            and not any(lack.need.fits(each.role, skills_of(desk, each.unit)) for lack in lacks)
        ]
    spared = _spared(desk, incident, now)
    return [each for each in asked if each.unit in spared]


def at_the_old_place(desk: Desk, incident: Incident, now: Instant) -> list[Assignment]:
    """After the place was corrected: who said that they are there, and by a fresh fix are not at
    the new one. Whose fix is old, or near, is believed."""
    return [
        each
        for each in incident.round_assignments()
        if _is_there(each) and (_away_m(desk, incident, each, now) or 0.0) > NOT_THERE_M
    ]


def spare_due_t(incident: Incident, now: Instant) -> Instant | None:
    """When to look at those under way again; None while nobody could be spared. One need may have
    its people close by while another has nobody: so it does not matter what is lacking."""
    if not incident.open or incident.priority > URGENT:
        return None
    standing = [each for each in incident.round_assignments() if each.state in STANDING]
    coming = any(each.state in COMING for each in standing)
    could = any(_by_plan(each) and not _is_there(each) for each in standing)
    return now + SPARE_PAUSE if coming and could else None


def _by_plan(each: Assignment) -> bool:
    """Whom an operator sent, or who offered to go, stays."""
    return bool(each.wave) and each.by is None and each.state in STANDING


def _is_there(each: Assignment) -> bool:
    return each.state is AssignmentState.ON_SCENE


def _spared(desk: Desk, incident: Incident, now: Instant) -> set[UnitId]:
    """Those whom no need waits for: each need is met by the first close by, and while it is not,
    everybody who fits it is waited for. Who is close counts for one need only, met or not, as in
    what is lacking: else one and the same would be spared here and called again there. Who said
    yes under another plan and fits no need of this one comes until its needs are met; who is
    there stays."""
    pool = [
        (each, _standing(desk, incident, each, now))
        for each in incident.round_assignments()
        if each.state in STANDING
    ]
    spared = {each.unit for each, _ in pool if not _is_there(each)}
    needs = most_wanted_first(step_of(desk, incident).needs)
    fits_none = {
        each.unit
        for each, standing in pool
        if standing.coming
        and not any(need.fits(each.role, skills_of(desk, each.unit)) for need in needs)
    }
    for need in needs:
        fit = [
            (each, standing)
            for each, standing in pool
            if need.fits(each.role, skills_of(desk, each.unit))
        ]
        close = [each for each, standing in fit if is_close(standing)]
        if len(close) < need.count:
            spared -= fits_none.union(each.unit for each, _ in fit)
        else:
            over = surplus((standing for _, standing in fit), wanted=need.count)
            spared -= {each.unit for each, standing in fit if standing.unit not in over}
        taken = {each.assignment for each in close[: need.count]}
        pool = [(each, standing) for each, standing in pool if each.assignment not in taken]
    return spared


def _standing(desk: Desk, incident: Incident, each: Assignment, now: Instant) -> Standing:
    return Standing(
        unit=each.unit,
        coming=each.state in COMING,
        eta_s=0.0 if _is_there(each) else _way_s(desk, incident, each, now),
    )


def _way_s(desk: Desk, incident: Incident, each: Assignment, now: Instant) -> float | None:
    """Seconds on foot from its last fix; None where that is old, or the place not known."""
    if each.state in ASKED:
        return None
    away_m = _away_m(desk, incident, each, now)
    return None if away_m is None else away_m * DETOUR / STREET_MPS


def _away_m(desk: Desk, incident: Incident, each: Assignment, now: Instant) -> float | None:
    """Metres from its last fix to the place; None where that is old, or the place not known."""
    fix = desk.live.last_fix(each.unit)
    if fix is None or now - fix.t > desk.fresh_us or incident.lon is None or incident.lat is None:
        return None
    return desk.live.distance_m(each.unit, incident.lon, incident.lat)
