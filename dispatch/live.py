"""The live table: where every unit is now and whether it can be sent. Decides nothing, pure.

One row a unit in ``geo``'s columns, the grids of each community, and a detector of
crossings for each. Fixes come in batches; no Python object per fix survives one.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from dispatch.clock import DAY, MINUTE, Instant
from dispatch.heard import OFF_LEAST, Heard
from dispatch.ids import CommunityId, GridId, RadioId, UnitId, unit_of
from dispatch.incident import Alarm, Calling
from dispatch.radio_table import RadioTable
from dispatch.readings import NO_ROW, Fix, FixBatch
from dispatch.roster import RadioRecord, Roster
from dispatch.store.port import CrossingRow, FixRows, LastFix, Names
from dispatch.words import Role
from geo.columns import NEVER, ROWS_FIRST, LiveColumns
from geo.crossings import CrossingDetector, Crossings, CrossingState
from geo.distance import distance_m
from geo.grids import NO_GRID, GridSet
from geo.walking import rank_by_walking

FUTURE_MAX: Final = MINUTE
"""A radio's clock so far off is worth counting; a press may be so far in the future."""

BACKLOG_MAX: Final = DAY
"""A fix older than this is no news to anybody; the radio's own record keeps it."""

SKILLS_MAX: Final = 64
"""Different skills on one hub: they are bits of one column. Later ones are not filtered by."""

WALKED_MAX: Final = 32
"""Units whose way on foot is looked up: two waves of a plan. One search costs about a
millisecond, and whoever is behind these is not there first."""

ROLES: Final = tuple(Role)

NOT_CALLING: Final = (NEVER, NEVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOutcome:
    """What a batch of fixes came to."""

    rows: FixRows
    """Accepted fixes, older ones from a backlog too, for the history."""
    crossings: list[CrossingRow]
    changed_rows: npt.NDArray[np.int32]
    """Units whose newest fix changed."""
    dropped: dict[str, int]
    """Fixes not taken, by reason: unknown_radio, revoked_radio, future, out_of_range, off_duty,
    older, repeated. ``clock_ahead`` and ``clock_behind`` count those that were taken with a time
    corrected by more than a minute."""
    whose: dict[str, int] = field(default_factory=dict)
    """The row of one of them, by reason; NO_ROW for a stranger's."""


class LiveTable:
    """Every unit's row, and the grids that fixes are placed in."""

    def __init__(self, roster: Roster) -> None:
        names = roster.radios.names
        rows = len(names)
        self.columns = LiveColumns(rows_first=max(ROWS_FIRST, rows), names=names)
        self.heard = Heard()
        self._unfollowed = np.zeros(0, np.int64)
        """Rows of those who withdrew their consent."""
        self._barred: frozenset[UnitId] = frozenset()
        self._gridsets = {c.community: c.grids for c in roster.communities.values()}
        self._walking = {c.community: c.walking for c in roster.communities.values()}
        crossing = CrossingState()  # rows are one numbering for all communities
        crossing.make_room(rows - 1)  # at once: growing would leave some empty
        self._detectors = {
            c: CrossingDetector(grids, state=crossing) for c, grids in self._gridsets.items()
        }
        self._communities = list(self._gridsets)
        self._names, self._find = names, names.find
        self.names = Names(units=cast("Sequence[UnitId]", names), grids=[""])
        """A radio is never struck off, only revoked: no row is used twice. The roster's own
        numbering (each radio is a unit), which it adds to."""
        self._first_code: list[int] = []
        """Of each community, the code of its first grid."""
        for grids in self._gridsets.values():
            self._first_code.append(len(self.names.grids))
            self.names.grids.extend(grid.id for grid in grids.grids)
        self._community = np.zeros(0, np.int32)
        self._revoked = np.zeros(0, np.bool_)
        self.busy = np.zeros(0, np.int8)
        """Priority of the most urgent incident that a unit is asked or coming to, or calls for
        help in; 0: free."""
        self._by_press = np.zeros(0, np.bool_)
        """A press told its newest fix; the same fix by the position lane is no repetition,
        or the history would lack it."""
        self._skills: dict[str, int] = {}
        if rows:
            self._make_room(rows - 1)
            self._fill(roster.radios)

    # --- units ---

    def _fill(self, radios: RadioTable) -> None:
        """What ``put`` does, for all of a roster at once."""
        self.columns.add_lent()
        of, shares = radios.rows["shared"], radios.shares
        groups = np.array([self.group(community) for community, _, _ in shares], np.int32)
        skills = np.array([self._skill_bits(skills) for _, skills, _ in shares], np.uint64)
        self.columns.set_roles(slice(None), radios.rows["role"])
        self.columns.skills[:] = skills[of]
        self.columns.group[:] = self._community[: len(of)] = groups[of]
        self._revoked[: len(of)] = radios.rows["revoked"]

    def put(self, record: RadioRecord) -> int:
        """What changed about this radio's unit, or its row, which the roster has given it."""
        unit = unit_of(record.radio)
        row = self._names.number(unit)
        if unit not in self.columns:
            self.columns.add(unit)
            self._make_room(row)
        self.columns.set_roles(np.array([row]), ROLES.index(record.role))
        self.columns.skills[row] = self._skill_bits(record.skills)
        group = self.group(record.community)
        if self._community[row] != group:
            self._detector(row).forget(row)  # its grid was one of the other community's
        self._community[row] = self.columns.group[row] = group
        self._revoked[row] = record.revoked
        return row

    def row_of(self, unit: UnitId) -> int | None:
        """The unit's row, or None where it has none."""
        return self._find(unit)

    def find(self, community: CommunityId, radio: RadioId) -> int:
        """The row of this community's radio; NO_ROW where it has no such radio."""
        row = self._find(unit_of(radio))
        if row is None or self._communities[self._community[row]] != community:
            return NO_ROW
        return row

    def unit_of_row(self, row: int) -> UnitId:
        """The unit in a row."""
        return UnitId(self.columns.key_of(row))

    def units_of_rows(self, rows: Iterable[int]) -> list[UnitId]:
        """The same for many rows of units that are there."""
        units = self.names.units
        return [units[row] for row in rows]

    def set_duty(self, unit: UnitId, on: bool, now: Instant, said_t: Instant | None = None) -> None:
        """Its bearer signed on or off, at ``said_t`` by its own clock. Signed off, its return is
        no crossing."""
        row = self._find(unit)
        if row is None:
            return
        self.columns.on_duty[row] = on
        if on:
            self.heard.duty_t[row] = now
            self.heard.duty_said[row] = now if said_t is None else said_t
        else:
            self._detector(row).forget(row)

    def set_unfollowed(self, units: Iterable[UnitId]) -> None:
        """The bearers of these, and no others, withdrew their consent to be followed: on duty or
        not, they are as those off duty. Where they are known to be now is forgotten; a press of
        theirs is taken like any other, with its places."""
        rows = [row for unit in units if (row := self._find(unit)) is not None]
        for row in set(rows) - set(self._unfollowed.tolist()):
            if self.heard.call_t[row] == NEVER:
                self.columns.forget_fix(row)
        self._unfollowed = np.array(sorted(rows), np.int64)

    def set_barred(self, units: Iterable[UnitId]) -> None:
        """The bearers of these, and no others, may not sign on: they have not consented, and
        their community asks for it. Who is on duty stays so."""
        self._barred = frozenset(units)

    def is_barred(self, unit: UnitId) -> bool:
        """Whether its bearer may not sign on."""
        return unit in self._barred

    def forget_after(self, unit: UnitId, said_t: Instant) -> Instant | None:
        """It signed off at ``said_t`` by its own clock, and fixes from after that may have come
        before the news. Forgets the newest where it is one; gives back since when they are none of
        ours, None where there are none. A clock that says it was before signing on is not believed.
        """
        row, heard, columns = self._find(unit), self.heard, self.columns
        if row is None or heard.call_t[row] != NEVER or said_t < int(heard.duty_said[row]):
            return None
        ended_t = said_t + int(heard.correction[row])
        if int(columns.fix_t[row]) <= ended_t:
            return None
        columns.forget_fix(row)
        return ended_t + 1

    def signed_on_before(self, unit: UnitId, said_t: Instant, now: Instant) -> bool:
        """Whether it is this very sign-on, told some time ago, that made its last duty."""
        row, heard = self._find(unit), self.heard
        if row is None or int(heard.duty_said[row]) != said_t:
            return False
        return int(heard.duty_t[row]) < now

    def set_online(self, unit: UnitId, online: bool, now: Instant) -> None:
        """Its radio was found or lost."""
        row = self._find(unit)
        if row is None:
            return
        self.columns.online[row] = online
        if online:
            self.heard.hear(row, now)
        else:
            self.heard.lost_t[row] = now

    def is_on_duty(self, unit: UnitId) -> bool:
        """Whether its bearer signed on; of no stranger."""
        row = self._find(unit)
        return row is not None and bool(self.columns.on_duty[row])

    def is_online(self, unit: UnitId) -> bool:
        """Whether its radio is in reach; of no stranger."""
        row = self._find(unit)
        return row is not None and bool(self.columns.online[row])

    def anybody_there(self) -> bool:
        """Whether any bearer is on duty, or any radio in reach."""
        return bool(self.columns.on_duty.any() or self.columns.online.any())

    def units_on_duty(self, community: CommunityId) -> list[UnitId]:
        """Of this community, by id."""
        rows = np.flatnonzero(self.columns.live & self.columns.on_duty)
        code = self.group(community)
        return sorted(self.units_of_rows(rows[self._community[rows] == code].tolist()))

    def set_busy(self, unit: UnitId, priority: int) -> None:
        """It is asked or coming to an incident of this priority, or calls for help itself; 0: to
        none."""
        row = self._find(unit)
        if row is not None:
            self.columns.busy[row] = priority > 0
            self.busy[row] = priority

    def set_kept(self, unit: UnitId, since: Calling | None) -> None:
        """Its alarm is live since then: fixes are kept even off duty; None: none is."""
        row = self._find(unit)
        if row is not None:
            self.heard.call_t[row], self.heard.call_said[row] = since or NOT_CALLING

    def restore_busy(self, busy: Mapping[UnitId, int], calling: Mapping[UnitId, Calling]) -> None:
        """What ``set_busy`` and ``set_kept`` do for all who are, as a hub begins."""
        known = [(row, p) for unit, p in busy.items() if (row := self._find(unit)) is not None]
        both = np.array(known, np.int64).reshape(-1, 2)
        self.columns.busy[both[:, 0]] = True
        self.busy[both[:, 0]] = both[:, 1]
        for unit, since in calling.items():
            self.set_kept(unit, since)

    # --- places ---

    def last_fix(self, unit: UnitId) -> Fix | None:
        """The unit's newest fix, or None where it never had one."""
        row = self._find(unit)
        if row is None or self.columns.fix_t[row] == 0:
            return None
        acc_m = float(self.columns.acc_m[row])
        return Fix(
            t=int(self.columns.fix_t[row]),
            lon=float(self.columns.lon[row]),
            lat=float(self.columns.lat[row]),
            acc_m=None if np.isnan(acc_m) else round(acc_m, 1),
        )

    def locate(self, community: CommunityId, lon: float, lat: float) -> GridId | None:
        """The grid that a place is in, or None outside of all."""
        grid = self._gridsets[community].locate(lon, lat)
        return None if grid is None else GridId(grid.id)

    def centre(self, community: CommunityId, grid: GridId) -> tuple[float, float]:
        """A place (lon, lat) inside a grid, for when nothing more is known."""
        grids = self._gridsets[community]
        return grids.centre(grids.index_of(grid))

    def distance_m(self, unit: UnitId, lon: float, lat: float) -> float | None:
        """Metres from the unit's newest fix to a place; None without a fix."""
        fix = self.last_fix(unit)
        return None if fix is None else round(distance_m(fix.lon, fix.lat, lon, lat), 1)

    def has_streets(self, community: CommunityId) -> bool:
        """Whether ways on foot are known there."""
        return self._walking[community] is not None

    def walk_s(
        self, community: CommunityId, units: Sequence[UnitId], lon: float, lat: float
    ) -> dict[UnitId, float]:
        """Seconds on foot from the units that are there first to a place; without streets, of
        nobody. Of those left out nothing is known, but that others are there before."""
        streets = self._walking[community]
        if streets is None or not units:
            return {}
        rows = np.array([self._names.number(unit) for unit in units])
        walked = rank_by_walking(
            streets,
            lon=lon,
            lat=lat,
            lons=self.columns.lon[rows],
            lats=self.columns.lat[rows],
            keys=list(units),
            k=WALKED_MAX,
        )
        if walked is None:
            return {}
        told = zip(walked.rows.tolist(), walked.seconds.tolist(), strict=True)
        return {units[row]: round(seconds, 1) for row, seconds in told}

    def gridset(self, community: CommunityId) -> GridSet:
        """The grids of a community."""
        return self._gridsets[community]

    def group(self, community: CommunityId) -> int:
        """The number that the units of a community have in the columns."""
        return self._communities.index(community)

    def members(self, community: CommunityId, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of these rows are units of this community, not revoked."""
        code = self._communities.index(community)
        mine: npt.NDArray[np.bool_] = (self._community[rows] == code) & ~self._revoked[rows]
        return mine

    def skilled(self, skill: str, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_] | None:
        """Which of these rows' bearers can do this; None where the columns do not know it."""
        bit = self._skills.get(skill)
        if bit is None:
            return None if len(self._skills) >= SKILLS_MAX else np.zeros(len(rows), np.bool_)
        which: npt.NDArray[np.bool_] = self.columns.skills[rows] & np.uint64(1 << bit) != 0
        return which

    def anybody_free(
        self,
        community: CommunityId,
        roles: Iterable[Role],
        but: Iterable[UnitId],
        *,
        gives_way: int | None = None,
    ) -> bool:
        """Whether any other unit of these roles is on duty, in reach, and not busy or only with
        what has this priority or a lower one, wherever it is: where none is, choosing finds
        nobody, and this is far cheaper than choosing."""
        columns = self.columns
        busy = self.busy[: len(columns.live)]
        free = columns.live & columns.on_duty & columns.online
        free &= busy == 0 if gives_way is None else (busy == 0) | (busy >= gives_way)
        free &= np.isin(columns.role, [ROLES.index(role) for role in roles])
        rows = [row for unit in but if (row := self._find(unit)) is not None]
        free[rows] = False
        return bool(self.members(community, np.flatnonzero(free)).any())

    def busy_units(self, community: CommunityId, roles: Iterable[Role]) -> Iterator[UnitId]:
        """Units of these roles who are on duty and in reach, and asked or coming to something, or
        calling for help themselves."""
        columns = self.columns
        busy = columns.live & columns.on_duty & columns.online & columns.busy
        busy &= np.isin(columns.role, [ROLES.index(role) for role in roles])
        rows = np.flatnonzero(busy)
        return map(self.unit_of_row, rows[self.members(community, rows)].tolist())

    def clock_stepped(self, by_us: int) -> None:
        """The hub's clock was set forward: everybody is as fresh and as near as before."""
        self.heard.shift(by_us)
        fix_t = self.columns.fix_t
        fix_t[fix_t != NEVER] += by_us

    # --- fixes ---

    def restore_fixes(self, fixes: Iterable[LastFix]) -> None:
        """Where units were when the last hub ended."""
        known = [(fix, row) for fix in fixes if (row := self._find(fix.unit)) is not None]
        rows = np.array([row for _, row in known], np.int64)
        self._write_many(rows, [fix for fix, _ in known])
        for code in self._communities_of(rows):
            theirs = rows[self._community[rows] == code]
            detector = self._detectors[self._communities[code]]
            detector.place_many(theirs, self.columns.grid[theirs])

    def note_press_fixes(self, alarms: Iterable[Alarm]) -> None:
        """What ``note_press_fix`` does, for the presses of a hub that ended."""
        told, rows = [], []
        for alarm in alarms:
            row = self._find(alarm.unit)
            fix = _press_fix(alarm)
            if row is not None and fix is not None and fix.t <= alarm.received_t + FUTURE_MAX:
                told.append(fix)
                rows.append(row)
        where = np.array(rows, np.int64)
        newest = self._write_many(where, told)
        self._by_press[where[newest]] = True

    def restore_duty(self, since: Iterable[tuple[UnitId, Instant, Instant]]) -> None:
        """Who was on duty when the last hub ended, and since when: by our clock, by theirs."""
        told = array("q")
        for unit, t, said_t in since:
            row = self._find(unit)
            if row is not None:
                told.extend((row, t, said_t))
        rows, times, said = np.array(told, np.int64).reshape(-1, 3).T
        self.columns.on_duty[rows] = True
        self.heard.duty_t[rows], self.heard.duty_said[rows] = times, said

    def restore_online(self, since: Iterable[tuple[UnitId, Instant]]) -> None:
        """Whose radio was in reach, and when that was found."""
        told = array("q")
        for unit, t in since:
            row = self._find(unit)
            if row is not None:
                told.extend((row, t))
        rows, times = np.array(told, np.int64).reshape(-1, 2).T
        self.columns.online[rows] = True
        self.heard.heard_t[rows] = np.maximum(self.heard.heard_t[rows], times)

    def hear_online(self, now: Instant) -> None:
        """Of those in reach silence is counted from now."""
        rows = np.flatnonzero(self.columns.online)
        self.heard.heard_t[rows] = np.maximum(self.heard.heard_t[rows], now)

    def _write_many(
        self, rows: npt.NDArray[np.int64], fixes: Sequence[LastFix]
    ) -> npt.NDArray[np.int64]:
        """Each unit's newest of these into its row; gives back which were news, by index."""
        lon, lat = np.array([f.lon for f in fixes]), np.array([f.lat for f in fixes])
        grid = np.full(len(rows), NO_GRID, np.int32)
        for code in self._communities_of(rows):
            where = np.flatnonzero(self._community[rows] == code)
            grids = self._gridsets[self._communities[code]]
            grid[where] = grids.locate_batch(lon[where], lat[where])
        return self.columns.update_batch(
            rows,
            np.array([f.t for f in fixes], np.int64),
            lon,
            lat,
            acc_m=np.array([np.nan if f.acc_m is None else f.acc_m for f in fixes]),
            battery=np.array(
                [-1 if f.battery_pct is None else f.battery_pct for f in fixes], np.int8
            ),
            grid=grid,
        )

    def note_press_fix(self, unit: UnitId, fix: dict[str, float], now: Instant) -> None:
        """A press told where the unit is: that is its newest fix, too."""
        row = self._find(unit)
        if row is None:
            return
        off = int(self.heard.correction[row])
        t = int(fix["t"]) if off == 0 else min(int(fix["t"]) + off, now)
        if t <= now + FUTURE_MAX:
            battery = fix.get("battery_pct")
            known = None if battery is None else int(battery)
            lon, lat = fix["lon"], fix["lat"]
            grid = self._grids_of(row).locate_index(lon, lat)
            news = self.columns.update(
                row, t, lon, lat, acc_m=fix.get("acc_m"), battery=known, grid=grid
            )
            self._by_press[row] |= news

    def take(self, batch: FixBatch, now: Instant) -> FixOutcome:
        """Takes what may be taken of a batch: the newest into the rows, all into the history."""
        dropped = _Dropped()
        theirs = _keep(self._admitted(batch.rows, dropped), batch)
        theirs = _keep(_possible(theirs, dropped), theirs)
        self.heard.hear_times(theirs.rows, theirs.t, theirs.received_t)
        t = self._times(theirs, now, dropped)
        wanted = self._wanted(theirs, t, now, dropped)
        kept = _keep(wanted, theirs)
        self._by_press[kept.rows] = False
        return self._accept(kept, t if kept is theirs else t[wanted], dropped)

    def _admitted(self, rows: npt.NDArray[np.int64], dropped: "_Dropped") -> npt.NDArray[np.bool_]:
        """Which fixes are of radios that may speak."""
        known = rows >= 0
        admitted: npt.NDArray[np.bool_] = known.copy()
        admitted[known] = ~self._revoked[rows[known]]
        dropped.note("unknown_radio", ~known, rows)
        dropped.note("revoked_radio", known & ~admitted, rows)
        return admitted

    def _times(self, batch: FixBatch, now: Instant, dropped: "_Dropped") -> npt.NDArray[np.int64]:
        """The radios' times, by our clock where theirs is known to be off."""
        off = self.heard.correction[batch.rows]
        if not off.any():
            return batch.t
        place = _is_place(batch.lon, batch.lat)
        dropped.note("clock_ahead", (off < -FUTURE_MAX) & place, batch.rows)
        dropped.note("clock_behind", (off > FUTURE_MAX) & place, batch.rows)
        return np.where(off == 0, batch.t, np.minimum(batch.t + off, now))

    def _wanted(
        self, batch: FixBatch, t: npt.NDArray[np.int64], now: Instant, dropped: "_Dropped"
    ) -> npt.NDArray[np.bool_]:
        """Which fixes are taken; the others are counted by the first reason against them.

        A person's fixes are theirs: only those from signing on, or from a press whose alarm is
        live. What a radio gathered before either is none of ours, whenever it comes.
        """
        rows, columns, heard = batch.rows, self.columns, self.heard
        on_duty = columns.on_duty[rows]
        on_duty &= t >= heard.since(rows, heard.duty_t[rows], heard.duty_said[rows])
        if len(self._unfollowed):
            on_duty &= ~np.isin(rows, self._unfollowed)
        calling = heard.call_t[rows] != NEVER
        if calling.any():
            calling &= t >= heard.since(rows, heard.call_t[rows], heard.call_said[rows])
        wanted = np.ones(len(rows), np.bool_)
        for reason, passes in (
            ("out_of_range", _is_place(batch.lon, batch.lat)),
            ("off_duty", on_duty | calling),
            ("older", t >= now - BACKLOG_MAX),
            ("repeated", (t != columns.fix_t[rows]) | self._by_press[rows]),
        ):
            dropped.note(reason, wanted & ~passes, rows)
            wanted &= passes
        return wanted

    def _accept(self, fixes: FixBatch, t: npt.NDArray[np.int64], dropped: "_Dropped") -> FixOutcome:
        rows = fixes.rows
        grid = np.full(len(rows), NO_GRID, np.int32)
        code = np.zeros(len(rows), np.int32)
        crossings: list[CrossingRow] = []
        for number, where in self._by_community(rows):
            name = self._communities[number]
            lon, lat = fixes.lon[where], fixes.lat[where]
            inside = self._gridsets[name].locate_batch(lon, lat)
            grid[where] = inside
            first = self._first_code[number]
            code[where] = np.where(inside == NO_GRID, 0, inside + first)
            found = self._detectors[name].detect(
                rows[where], t[where], lon, lat, fixes.acc_m[where].astype(np.float64), inside
            )
            crossings += self._told(found, first)
        newest = self.columns.update_batch(
            rows,
            t,
            fixes.lon,
            fixes.lat,
            acc_m=fixes.acc_m.astype(np.float64),
            speed=fixes.speed_mps.astype(np.float64),
            course=fixes.course_deg.astype(np.float64),
            battery=fixes.battery_pct,
            grid=grid,
        )
        return FixOutcome(
            rows=FixRows(
                names=self.names,
                rows=rows,
                t=t,
                lon=fixes.lon,
                lat=fixes.lat,
                acc_m=fixes.acc_m,
                speed_mps=fixes.speed_mps,
                course_deg=fixes.course_deg,
                battery_pct=fixes.battery_pct,
                grid=code,
            ),
            crossings=crossings,
            changed_rows=rows[newest].astype(np.int32),
            dropped=dict(dropped.counts),
            whose=dropped.whose,
        )

    def _communities_of(self, rows: npt.NDArray[np.int64]) -> list[int]:
        """The communities that these units are of, each once. (``np.unique`` would do it, and
        loads masked arrays when it is first called.)"""
        found: list[int] = np.flatnonzero(np.bincount(self._community[rows])).tolist()
        return found

    def _by_community(
        self, rows: npt.NDArray[np.int64]
    ) -> Iterator[tuple[int, slice | npt.NDArray[np.intp]]]:
        """Each community with where its fixes stand: nearly always one, and all of them."""
        numbers = self._community[rows]
        if len(numbers) and (numbers == numbers[0]).all():
            yield int(numbers[0]), slice(None)
            return
        for number in np.unique(numbers).tolist():
            yield number, np.flatnonzero(numbers == number)

    def _told(self, found: Crossings, first: int) -> list[CrossingRow]:
        grids = self.names.grids
        return [
            CrossingRow(
                unit=self.unit_of_row(row),
                t=at,
                from_grid="" if old == NO_GRID else grids[old + first],
                to_grid="" if new == NO_GRID else grids[new + first],
            )
            for row, at, old, new in zip(
                found.rows.tolist(),
                found.t.tolist(),
                found.from_grid.tolist(),
                found.to_grid.tolist(),
                strict=True,
            )
        ]

    def _grids_of(self, row: int) -> GridSet:
        return self._gridsets[self._communities[self._community[row]]]

    def _detector(self, row: int) -> CrossingDetector:
        return self._detectors[self._communities[self._community[row]]]

    def _skill_bits(self, skills: Iterable[str]) -> int:
        bits = 0
        for skill in sorted(skills):
            if skill in self._skills or len(self._skills) < SKILLS_MAX:
                bits |= 1 << self._skills.setdefault(skill, len(self._skills))
        return bits

    def _make_room(self, row: int) -> None:
        self.heard.make_room(row)
        more = len(self.heard.heard_t) - len(self._community)
        if more > 0:
            self._community = np.concatenate([self._community, np.zeros(more, np.int32)])
            self._revoked = np.concatenate([self._revoked, np.zeros(more, np.bool_)])
            self.busy = np.concatenate([self.busy, np.zeros(more, np.int8)])
            self._by_press = np.concatenate([self._by_press, np.zeros(more, np.bool_)])


def _keep(passes: npt.NDArray[np.bool_], batch: FixBatch) -> FixBatch:
    """The fixes that pass; the batch itself where all do, as nearly always."""
    return batch if passes.all() else batch.chosen(passes)


class _Dropped:
    """What was not taken of a batch, by reason, and whose one of it was."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.whose: dict[str, int] = {}

    def note(self, reason: str, which: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64]) -> None:
        count = int(np.count_nonzero(which))
        if count:
            self.counts[reason] += count
            self.whose[reason] = int(rows[int(np.argmax(which))])


def _possible(batch: FixBatch, dropped: _Dropped) -> npt.NDArray[np.bool_]:
    """Which fixes may be: one of the future among some of now has a broken time. Where all of a
    radio's are of the future its clock is ahead, which is another matter (heard.py)."""
    ahead = batch.t > batch.received_t + FUTURE_MAX
    if ahead.any():
        goes_right = batch.rows[np.abs(batch.t - batch.received_t) <= OFF_LEAST]
        ahead &= np.isin(batch.rows, goes_right)
        dropped.note("future", ahead, batch.rows)
    return ~ahead


def _is_place(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """NaN is none either."""
    valid: npt.NDArray[np.bool_] = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    return valid


def _press_fix(alarm: Alarm) -> LastFix | None:
    if alarm.fix_t is None or alarm.lon is None or alarm.lat is None:
        return None
    return LastFix(
        unit=alarm.unit,
        t=alarm.fix_t,
        lon=alarm.lon,
        lat=alarm.lat,
        acc_m=alarm.acc_m,
        battery_pct=alarm.battery_pct,
    )
