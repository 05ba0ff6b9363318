"""Who is near a call, with every fact that rules and chances look at. Chooses nobody.

Nearest is the own grid, then ring by ring, then metres, then the id; where nobody
knows the place, it is the id alone. Where the streets are known, those whom no rule
keeps back are told with their way on foot, too.
"""

import numpy as np
from msgspec.structs import replace

from dispatch.clock import SECOND
from dispatch.desk import Desk
from dispatch.ids import UnitId, radio_of
from dispatch.incident import Candidate
from dispatch.live import ROLES, LiveTable
from dispatch.rules import verdict_of
from dispatch.rules.call import Call
from dispatch.words import Verdict
from geo.columns import NEVER
from geo.grids import NO_GRID, Level
from geo.nearest import explain

Rings = tuple[tuple[int, ...], ...]

EVERY_ROLE = range(len(ROLES))


def prospects(desk: Desk, call: Call) -> list[Candidate]:
    """Every unit of the community, nearest first, its verdict open."""
    point, rings = _aim(call, desk.live)
    found = _found(desk, call, point, rings)
    if point is None:
        return sorted(found, key=lambda each: each.unit)
    return _walking(desk, call, found, point) if desk.live.has_streets(call.community) else found


def _walking(
    desk: Desk, call: Call, found: list[Candidate], point: tuple[float, float]
) -> list[Candidate]:
    fit = [each.unit for each in found if verdict_of(call, each) is Verdict.CALLED]
    walk_s = desk.live.walk_s(call.community, fit, *point)
    return [
        replace(each, walk_s=walk_s[each.unit]) if each.unit in walk_s else each for each in found
    ]


def _found(
    desk: Desk, call: Call, point: tuple[float, float] | None, rings: Rings
) -> list[Candidate]:
    live, columns = desk.live, desk.live.columns
    lon, lat = point or (0.0, 0.0)
    found = explain(
        columns,
        lon=lon,
        lat=lat,
        grid_rings=rings,
        roles=EVERY_ROLE,
        now=call.now,
        age_max_us=call.fresh_us,
        group=live.group(call.community),
    )
    mine = live.members(call.community, found.rows)
    rows, ring_of = found.rows[mine], found.ring[mine]
    fix_t = columns.fix_t[rows]
    told = zip(
        live.units_of_rows(rows.tolist()),
        columns.role[rows].tolist(),
        np.where(ring_of < len(rings), ring_of, -1).tolist(),
        np.round(found.distance_m[mine], 1).tolist(),
        np.round(np.maximum(call.now - fix_t, 0) / SECOND, 3).tolist(),
        (fix_t != NEVER).tolist(),
        columns.on_duty[rows].tolist(),
        columns.online[rows].tolist(),
        live.busy[rows].tolist(),
        strict=True,
    )
    records, radios, now = desk.board.records, desk.roster.radios, call.now
    found_all = []
    for unit, role, ring, away_m, age_s, has_fix, on_duty, online, busy in told:
        record, radio = records.of(unit, now), radios.get(radio_of(unit))
        found_all.append(
            Candidate(
                unit=unit,
                verdict=Verdict.NOT_NEEDED,
                role=ROLES[role],
                ring=ring,
                distance_m=away_m if point and has_fix else None,
                fix_age_s=age_s if has_fix else None,
                skills=() if radio is None else radio.skills,
                on_duty=on_duty,
                online=online,
                busy=busy,
                asked=record.asked,
                accepted=record.accepted,
                call_outs=record.call_outs,
            )
        )
    return found_all


def skills_of(desk: Desk, unit: UnitId) -> tuple[str, ...]:
    """What the unit's bearer can do, as the roster has it."""
    record = desk.roster.radios.get(radio_of(unit))
    return () if record is None else record.skills


def _aim(call: Call, live: LiveTable) -> tuple[tuple[float, float] | None, Rings]:
    """The place to measure from, and the rings round its grid; none where it is in none."""
    grids = live.gridset(call.community)
    if call.lon is not None and call.lat is not None:
        point = (call.lon, call.lat)
    elif call.grid is not None:
        point = live.centre(call.community, call.grid)
    else:
        return None, ()
    index = grids.locate_index(*point, Level.GRID)
    return point, grids.rings(index) if index != NO_GRID else ()
