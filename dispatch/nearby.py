"""Who is near a call, and what the live table knows against each. Chooses nobody.

Nearest is the own grid, then ring by ring, then metres, then the id; where nobody
knows the place, it is the id alone.
"""

import numpy as np

from dispatch.clock import SECOND
from dispatch.incident import Candidate
from dispatch.live import ROLES, LiveTable
from dispatch.rules.call import Call
from dispatch.words import Verdict
from geo.columns import NEVER
from geo.grids import NO_GRID, Level
from geo.nearest import Verdict as GeoVerdict
from geo.nearest import explain

Rings = tuple[tuple[int, ...], ...]

_VERDICTS = [
    Verdict.CALLED if verdict is GeoVerdict.FIT else Verdict(verdict.value)
    for verdict in GeoVerdict
    if verdict is not GeoVerdict.EXCLUDED
]
_EXCLUDED = tuple(GeoVerdict).index(GeoVerdict.EXCLUDED)
_VERDICTS.insert(_EXCLUDED, Verdict.NOT_NEEDED)  # never given: we exclude nobody by row


def prospects(call: Call, live: LiveTable) -> list[Candidate]:
    """Every unit of the community, nearest first, with what stands against it, or *called*."""
    point, rings = _aim(call, live)
    lon, lat = point or (0.0, 0.0)
    found = explain(
        live.columns,
        lon=lon,
        lat=lat,
        grid_rings=rings,
        roles=[ROLES.index(role) for role in call.plan.needs],
        now=call.now,
        age_max_us=call.fresh_us,
    )
    mine = live.members(call.community, found.rows)
    rows = found.rows[mine]
    fix_t = live.columns.fix_t[rows]
    told = zip(
        live.units_of_rows(rows.tolist()),
        found.verdict[mine].tolist(),
        live.columns.role[rows].tolist(),
        np.where(found.ring[mine] < len(rings), found.ring[mine], -1).tolist(),
        np.round(found.distance_m[mine], 1).tolist(),
        np.round(np.maximum(call.now - fix_t, 0) / SECOND, 3).tolist(),
        (fix_t != NEVER).tolist(),
        strict=True,
    )
    candidates = [
        Candidate(
            unit=unit,
            verdict=_VERDICTS[verdict],
            role=ROLES[role],
            ring=ring,
            distance_m=away_m if point and has_fix else None,
            fix_age_s=age_s if has_fix else None,
        )
        for unit, verdict, role, ring, away_m, age_s, has_fix in told
    ]
    return candidates if point else sorted(candidates, key=lambda each: each.unit)


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
