"""Who is near a call, with every fact that rules and chances look at. Chooses nobody.

The whole community is looked at in columns; of those whom ``shortlist.py`` names all facts
are gathered, and the others are counted, by verdict. Nearest is the own grid, then ring by
ring, then metres, then the id; where nobody knows the place, it is the id alone. Where the
streets are known, those whom no rule keeps back are told with their way on foot, too.
"""

import math
from collections import Counter
from collections.abc import Collection, Mapping
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import SECOND
from dispatch.decide import Prospects
from dispatch.desk import Desk
from dispatch.ids import UnitId, radio_of
from dispatch.incident import Candidate
from dispatch.line import OUTSIDE, Places, line_of
from dispatch.live import WALKED_MAX, LiveTable
from dispatch.rules import verdicts_of
from dispatch.rules.call import Call
from dispatch.rules.crowd import CODE, ROLES, SILENT, VERDICTS, Crowd
from dispatch.shortlist import ROOM, Room, shortlist
from dispatch.words import Role, Verdict
from geo.arrays import Flags, Floats
from geo.columns import NEVER, status_pattern
from geo.distance import distances_m
from geo.grids import NO_GRID, Level
from geo.walkways import FASTEST_MPS

PLANE: Final = 0.99
"""Metres on the plane of the streets, and walks told in tenths of a second, are within so much."""

Point = tuple[float, float]
Rings = tuple[tuple[int, ...], ...]


def prospects(desk: Desk, call: Call, room: Room = ROOM) -> Prospects:
    """Whom the choice depends on and who else is near, nearest first; how many others there are."""
    found = _Found(desk, call)
    crowd = found.crowd
    said = verdicts_of(call, crowd)
    walk_s = found.walk_s(np.flatnonzero(said == SILENT), room.walked)
    kept = shortlist(
        call,
        crowd,
        said,
        line_of(call, crowd, walk_s),
        name_of=found.name,
        call_outs_of=lambda unit: desk.board.records.of(unit, call.now).call_outs,
        room=room,
    )
    verdicts = np.where(said == SILENT, CODE[Verdict.NOT_NEEDED], said)
    counts = np.bincount(np.delete(verdicts, kept), minlength=len(VERDICTS)).tolist()
    return Prospects(
        seen=found.candidates(kept, walk_s),
        counted=+Counter(dict(zip(VERDICTS, counts, strict=True))),
    )


def any_fit(desk: Desk, call: Call, units: Collection[UnitId]) -> bool:
    """Whether no rule speaks against one of these: then a wave would call somebody now."""
    rows = [row for unit in units if (row := desk.live.row_of(unit)) is not None]
    found = _Found(desk, call, np.array(sorted(rows), np.int64))
    return bool((verdicts_of(call, found.crowd) == SILENT).any())


def skills_of(desk: Desk, unit: UnitId) -> tuple[str, ...]:
    """What the unit's bearer can do, as the roster has it."""
    record = desk.roster.radios.get(radio_of(unit))
    return () if record is None else record.skills


def role_of(desk: Desk, unit: UnitId) -> Role | None:
    """The unit's role, as the roster has it; None of a stranger."""
    record = desk.roster.radios.get(radio_of(unit))
    return None if record is None else record.role


class _Found:
    """The community's units as columns, and who they are."""

    def __init__(self, desk: Desk, call: Call, among: NDArray[np.int64] | None = None) -> None:
        self._desk, self._call, self._live = desk, call, desk.live
        self._point, rings = _aim(call, desk.live)
        columns = desk.live.columns
        mask, mine = status_pattern(live=1, group=desk.live.group(call.community))
        status = columns.status if among is None else columns.status[among]
        rows = np.flatnonzero((status & mask) == mine)
        rows = rows if among is None else among[rows]
        self._rows = rows[desk.live.members(call.community, rows)]
        fixes = columns.fixes.take(self._rows)
        known = fixes["fix_t"] != NEVER
        age_s = np.round(np.maximum(call.now - fixes["fix_t"], 0) / SECOND, 3)
        self.crowd = Crowd(
            role=columns.role[self._rows],
            ring=_ring_of(rings, len(desk.live.gridset(call.community))).take(fixes["grid"]),
            distance_m=_metres(self._point, fixes["lon"], fixes["lat"]),
            fix_age_s=np.where(known, age_s, np.nan),
            on_duty=columns.on_duty[self._rows],
            online=columns.online[self._rows],
            busy=desk.live.busy.take(self._rows),
            among=self._among,
            skilled=self._skilled,
        )

    def name(self, place: int) -> UnitId:
        """Who that is."""
        return self._live.names.units[int(self._rows[place])]

    def candidates(self, places: Places, walk_s: Floats) -> list[Candidate]:
        """These, nearest first, with all that is known of them."""
        crowd, rows = self.crowd, self._rows.take(places)
        told = zip(
            self._live.units_of_rows(rows.tolist()),
            *(
                column.take(places).tolist()
                for column in (
                    *(crowd.role, crowd.ring, crowd.distance_m, crowd.fix_age_s, walk_s),
                    *(crowd.on_duty, crowd.online, crowd.busy),
                )
            ),
            strict=True,
        )
        found = [self._candidate(*each) for each in told]
        return sorted(found, key=_nearest_first)

    def walk_s(self, free: Places, looked_max: int) -> Floats:
        """Seconds on foot of those who are there first, by the streets; NaN of the others."""
        walk_s = np.full(len(self._rows), np.nan)
        if self._point is None or not self._live.has_streets(self._call.community):
            return walk_s
        looked, beyond_s = self._nearest(free, looked_max)
        walked = self._walked(looked)
        if len(looked) < len(free) and _last_s(walked) >= beyond_s:
            looked = free
            walked = self._walked(free)
        for place in looked.tolist():
            seconds = walked.get(self.name(place))
            if seconds is not None:
                walk_s[place] = seconds
        return walk_s

    def _nearest(self, free: Places, count: int) -> tuple[Places, float]:
        """Those whose way on foot is worth looking for, and how soon any other could be there."""
        if len(free) <= count:
            return free, math.inf
        metres = self.crowd.distance_m.take(free)
        order = np.argpartition(metres, count)
        return free[order[:count]], float(metres[order[count]]) * PLANE / FASTEST_MPS

    def _walked(self, places: Places) -> dict[UnitId, float]:
        assert self._point is not None, "a way to nowhere"
        units = self._live.units_of_rows(self._rows.take(places).tolist())
        return self._live.walk_s(self._call.community, units, *self._point)

    def _among(self, units: Collection[UnitId]) -> Flags:
        which = np.zeros(len(self._rows), np.bool_)
        rows = [row for unit in units if (row := self._live.row_of(unit)) is not None]
        if rows and len(which):
            # Beyond the last the last is looked at: it is another row.
            places = np.minimum(np.searchsorted(self._rows, rows), len(which) - 1)
            which[places] = self._rows[places] == rows
        return which

    def _skilled(self, skill: str) -> Flags:
        which = self._live.skilled(skill, self._rows)
        if which is None:
            units = self._live.units_of_rows(self._rows.tolist())
            which = np.array([skill in skills_of(self._desk, unit) for unit in units], np.bool_)
        return which

    def _candidate(
        self,
        unit: UnitId,
        role: int,
        ring: int,
        away_m: float,
        age_s: float,
        walk_s: float,
        on_duty: bool,
        online: bool,
        busy: int,
    ) -> Candidate:
        record = self._desk.board.records.of(unit, self._call.now)
        return Candidate(
            unit=unit,
            verdict=Verdict.NOT_NEEDED,
            role=ROLES[role],
            ring=ring,
            distance_m=_known(away_m),
            fix_age_s=_known(age_s),
            skills=skills_of(self._desk, unit),
            on_duty=on_duty,
            online=online,
            busy=busy,
            walk_s=_known(walk_s),
            asked=record.asked,
            accepted=record.accepted,
            call_outs=record.call_outs,
        )


def _aim(call: Call, live: LiveTable) -> tuple[Point | None, Rings]:
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


def _ring_of(rings: Rings, grids: int) -> NDArray[np.int64]:
    """The ring of every grid by its index, -1 where it is in none; -1, no grid, is the last."""
    ring_of = np.full(grids + 1, -1)
    sizes = [len(ring) for ring in rings]
    members = np.fromiter(chain.from_iterable(rings), np.intp, sum(sizes))
    ring_of[members] = np.arange(len(rings)).repeat(sizes)
    return ring_of


def _metres(point: Point | None, lons: Floats, lats: Floats) -> Floats:
    if point is None:
        return np.full(len(lons), np.nan)
    return np.round(distances_m(*point, lons, lats), 1)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _last_s(walked: Mapping[UnitId, float]) -> float:
    """When the last of those wanted is there; of too few, never."""
    return max(walked.values()) if len(walked) >= WALKED_MAX else math.inf


def _nearest_first(each: Candidate) -> tuple[int, float, str]:
    ring = each.ring if each.ring >= 0 else OUTSIDE
    return ring, math.inf if each.distance_m is None else each.distance_m, each.unit
