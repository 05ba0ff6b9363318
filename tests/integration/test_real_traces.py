"""The main job on real input: 220 recorded journeys over 126 real subdistricts, and 25 presses.

The first 60 minutes at 20x, through the real broker, store and console stream. Everything
asserted here is worked out again without our own search: grids by ray casting over
the file's own rings, whom to call by brute force over the fixes in the history.
"""

import asyncio
import csv
import gzip
import itertools
import json
import math
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from dispatch.chances import ROUNDING, accept_chance, arrive_chance, eta_s
from dispatch.clock import MILLISECOND, SECOND
from dispatch.decide import MORE_MAX, USEFUL_CHANCE
from dispatch.events import (
    AlarmJoined,
    AlarmReceived,
    AssignmentEvent,
    AssignmentExpired,
    AssignmentWithdrawn,
    Event,
    IncidentOpened,
    RadioConnected,
    RadioLost,
    ResponseDecided,
    UnitAssigned,
    UnitCleared,
    UnitDeclined,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.store.database import open_for_hub
from dispatch.store.journal import fact_of, kept_of, pages_of, personal_of
from dispatch.store.sql import history_at
from dispatch.told import tables_of
from dispatch.words import Role
from geo.grids import load_grids
from tests.console_client import Console
from tests.data import data_folder
from tests.system import System, running_yihu

pytestmark = [pytest.mark.broker, pytest.mark.slow]

SPEED: Final = 20
MINUTES: Final = 60
PRESSES: Final = 25
REPLAY_TIMEOUT_S: Final = 400.0
IN_FLIGHT_S: Final = 60.0
"""A fix this young by the hub's clock may still have been on its way: 3 s of real time at 20x,
for radios, broker and a hub that share two cores with other work."""
FOREVER: Final = 1 << 52
"""An instant beyond all fixes: the year 2112."""
EARTH_M: Final = 6_371_008.8
ENDED: Final = (UnitDeclined, AssignmentExpired, AssignmentWithdrawn, UnitCleared)

BOOK: Final = """
[book]
name = "traces"
version = 1
begins = "2020-01-01"

[[plans]]
plan = "danger"
kinds = ["sos"]
target_s = 600
by_rings = true
fairness_s = 20

[[plans.steps]]
step = "near"
tier = "grid"
needs = [
    { count = 3, role = "volunteer" },
    { count = 1, role = "guard" },
    { count = 1, role = "police" },
]
wave_s = 600
"""
"""Neighbours first, so that the rings of real polygons are tried too. Nobody answers in a replay:
with waves of half a minute, at this speed, twenty orders a second would go out."""

JUMP_M: Final = 200.0
AGREEING_MIN: Final = 2
"""Fixes after a jump that must agree with it before it may count as a way gone."""

Ring = list[list[float]]
Placed = tuple[int, float, float]
"""(t, lon, lat)"""
Fixes = list[Placed]


@dataclass(frozen=True, slots=True)
class Polygon:
    """A subdistrict as the file has it."""

    name: str
    parts: list[list[Ring]]

    def holds(self, lon: float, lat: float) -> bool:
        """In an outer ring and in none of its holes."""
        return any(
            crosses(part[0], lon, lat) and not any(crosses(hole, lon, lat) for hole in part[1:])
            for part in self.parts
        )


def crosses(ring: Ring, lon: float, lat: float) -> bool:
    """Whether a ray to the east crosses the ring an odd number of times."""
    odd = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great circle, by the haversine."""
    a, b = math.radians(lat1), math.radians(lat2)
    h = (
        math.sin((b - a) / 2) ** 2
        + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(math.sqrt(h))


def subdistricts(file: Path) -> list[Polygon]:
    """Every polygon, in the order of the file."""
    found = []
    for feature in json.loads(file.read_bytes())["features"]:
        shape, said = feature["geometry"], feature["properties"]
        parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        found.append(Polygon(f"{said['district']}/{said['name']}", parts))
    return found


@dataclass(frozen=True, slots=True)
class Night:
    """What the replay left behind."""

    presses: list[dict[str, Any]]
    facts: list[Event]
    """The whole journal, in order."""
    fixes: dict[str, Fixes]
    """By unit: (t, lon, lat), oldest first, as the history has them."""
    crossings: list[tuple[str, int, str, str]]
    roles: dict[str, str]
    polygons: list[Polygon]
    grids: Path

    def grid_of(self, lon: float, lat: float) -> str:
        """The polygon that holds a place, empty for none."""
        return next((each.name for each in self.polygons if each.holds(lon, lat)), "")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Replays once for all tests of this file; they look at it from different sides."""
    data = data_folder()
    traces = data / "traces" / "beijing_traces.csv.gz"
    grids = data / "city" / "beijing_core_subdistricts.geojson"
    if not traces.exists() or not grids.exists():
        pytest.skip(f"the recorded traces are not in {data}")
    folder = tmp_path_factory.mktemp("traces")
    roster = folder / "roster"
    yihu("replay", "--prepare", str(roster), "--traces", str(traces), "--grids", str(grids))
    give_plans(roster)
    arguments = (
        f"--community={roster / 'community.toml'}",
        f"--credentials={roster / 'credentials.json'}",
        f"--clock-speed={SPEED}",
    )
    log = folder / "presses.json"
    with running_yihu(folder, *arguments) as system:
        asyncio.run(play(system, roster, traces, log))
        system.stop()
    engines = open_for_hub("", system.data_dir)
    with engines.journal_read.connect() as conn:
        facts = [
            fact_of(row, kept_of(personal_of(conn, [row["seq"]])))
            for page in pages_of(conn)
            for row in page
        ]
    fixes: dict[str, Fixes] = defaultdict(list)
    with history_at("", system.data_dir) as past:
        found = past.area((-180.0, -90.0, 180.0, 90.0), from_t=0, to_t=FOREVER)
        columns = (found.unit, found.t, found.lon, found.lat)
        for unit, t, lon, lat in zip(*(c.tolist() for c in columns), strict=True):
            fixes[found.units[unit]].append((t, lon, lat))
        crossings: list[tuple[str, int, str, str]] = [
            (line.unit, line.t, line.from_grid, line.to_grid)
            for line in past.crossings(from_t=0, to_t=FOREVER)
        ]
    engines.close()
    return Night(
        presses=json.loads(log.read_text()),
        facts=facts,
        fixes=dict(fixes),
        crossings=crossings,
        roles=roles_of(roster),
        polygons=subdistricts(grids),
        grids=grids,
    )


def yihu(*arguments: str) -> None:
    """One command, to its end."""
    subprocess.run([sys.executable, "-m", "dispatch", *arguments], check=True, timeout=120)


def give_plans(roster: Path) -> None:
    """The prepared community answers by BOOK."""
    (roster / "plans.toml").write_text(BOOK, encoding="utf-8")
    file = roster / "community.toml"
    text = file.read_text(encoding="utf-8")
    assert "[community]\n" in text
    named = text.replace("[community]\n", '[community]\nplans = ["plans.toml"]\n', 1)
    file.write_text(named, encoding="utf-8")


def roles_of(roster: Path) -> dict[str, str]:
    """Role by radio, as the prepared community file says."""
    import tomllib

    with (roster / "community.toml").open("rb") as file:
        return {radio["id"]: radio["role"] for radio in tomllib.load(file)["radios"]}


async def play(system: System, roster: Path, traces: Path, log: Path) -> None:
    """Replay with a console open; at the end that console must agree with a fresh one."""
    async with Console(system, "值班员") as console:
        replay = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dispatch",
            "replay",
            str(traces),
            f"--credentials={roster / 'credentials.json'}",
            f"--speed={SPEED}",
            f"--minutes={MINUTES}",
            f"--presses={PRESSES}",
            "--seed=11",
            f"--log={log}",
        )
        async with asyncio.timeout(REPLAY_TIMEOUT_S):
            assert await replay.wait() == 0
        await console.sees(lambda: console.status["units_online"] == 0, "all radios gone", 60)
        assert len(console.incidents) == PRESSES
        await console.agrees_with_a_fresh_snapshot()


def of_type(night: Night, *types: type[Event]) -> Iterator[Any]:
    return (fact for fact in night.facts if isinstance(fact, types))


def test_every_press_became_exactly_one_incident(night: Night) -> None:
    """Nothing lost, nothing doubled."""
    pressed = [press["alarm"] for press in night.presses]

    received = Counter(fact.alarm for fact in of_type(night, AlarmReceived))
    opened = Counter(fact.alarm for fact in of_type(night, IncidentOpened))

    assert len(set(pressed)) == PRESSES
    assert all(press["stored"] for press in night.presses)
    assert received == Counter(pressed)
    assert opened == Counter(pressed)
    assert not list(of_type(night, AlarmJoined))


def test_each_is_in_the_grid_that_ray_casting_names(night: Night) -> None:
    """Over the file's own rings, holes and all."""
    opened = {fact.alarm: fact for fact in of_type(night, IncidentOpened)}

    for press in night.presses:
        told = opened[press["alarm"]]
        assert told.grid == night.grid_of(press["fix"]["lon"], press["fix"]["lat"])


def test_those_called_are_those_that_brute_force_names(night: Night) -> None:
    """On duty, linked, free, of a missing role and fresh; own grid, then rings, then who is there
    soonest; of each role as many as come on average, then more until one is likely in time."""
    rings = rings_by_name(night)
    state = Watch()
    decided = 0
    for fact in night.facts:
        if isinstance(fact, ResponseDecided):
            decided += 1
            inputs = fact.inputs.value
            assert inputs["now"] == fact.t
            expected = brute_force(night, state, inputs, rings, fact.missing)
            assert set(fact.called) == expected, fact.decision
        state.see(fact)
    assert decided >= PRESSES


def test_the_fixes_it_used_are_the_newest_there_were(night: Night) -> None:
    """The age that a decision names belongs to a fix in the history, and none newer was there."""
    told = {fact.radio: fact.fix.value["t"] for fact in of_type(night, AlarmReceived) if fact.fix}
    checked = 0
    for fact in of_type(night, ResponseDecided):
        for candidate in tables_of(fact.inputs.value["candidates"]):
            if candidate["fix_age_s"] is None:
                continue
            fix_t = fact.t - round(candidate["fix_age_s"] * SECOND)
            if abs(fix_t - told.get(candidate["unit"], 0)) <= MILLISECOND:
                continue  # the fix of its own press, which is no position report
            kept = night.fixes[candidate["unit"]]
            assert any(abs(t - fix_t) <= MILLISECOND for t, _, _ in kept), candidate
            newer = [t for t, _, _ in kept if fix_t + 1000 < t < fact.t - IN_FLIGHT_S * SECOND]
            assert not newer, candidate
            checked += 1
    assert checked > PRESSES


def test_jumps_of_kilometres_made_no_crossing(night: Night) -> None:
    """GPS does that. Only where the next fixes agree with the new place was it no jump."""
    assert night.crossings, "220 journeys over 126 grids cross some border"
    crossed = {(unit, t) for unit, t, _, _ in night.crossings}
    jumps = [(unit, *jump) for unit, kept in night.fixes.items() for jump in jumps_of(kept)]

    assert jumps, "the recording has jumps"
    for unit, t, agreeing in jumps:
        if agreeing < AGREEING_MIN:
            assert (unit, t) not in crossed, f"{unit} crossed at {t} by a jump"


def test_a_crossing_ends_where_its_fix_is(night: Night) -> None:
    """By ray casting again."""
    places = {(unit, t): (lon, lat) for unit, kept in night.fixes.items() for t, lon, lat in kept}
    for unit, t, _, to_grid in night.crossings:
        assert night.grid_of(*places[(unit, t)]) == to_grid


def test_the_history_holds_what_the_recording_has(night: Night) -> None:
    """Every recorded fix of the hour, once and where it was: none shed, none doubled."""
    with gzip.open(data_folder() / "traces" / "beijing_traces.csv.gz", "rt") as file:
        recorded: dict[str, dict[int, tuple[float, float]]] = defaultdict(dict)
        for row in csv.DictReader(file):
            t = int(datetime.fromisoformat(row["time"]).timestamp())
            recorded[row["trace_id"]].setdefault(t, (float(row["lon"]), float(row["lat"])))
    hour = {
        unit: [place for t, place in sorted(trace.items()) if t - min(trace) < MINUTES * 60 - 60]
        for unit, trace in zip(sorted(night.roles), recorded.values(), strict=True)
    }

    for unit, places in hour.items():
        kept = night.fixes[unit]
        assert len({t for t, _, _ in kept}) == len(kept)
        told = [(round(lon, 6), round(lat, 6)) for _, lon, lat in kept]
        assert told[: len(places)] == places, unit


class Watch:
    """Who is on duty, linked and busy after each fact: the filters, from the journal alone."""

    def __init__(self) -> None:
        self.on_duty: set[str] = set()
        self.linked: set[str] = set()
        self.live: dict[str, str] = {}
        """Unit by live assignment."""
        self.calling: set[str] = set()
        """Senders of open incidents; none closes in a replay."""
        self.asked: dict[str, set[str]] = defaultdict(set)

    def see(self, fact: Event) -> None:
        """Take one fact into account."""
        match fact:
            case UnitSignedOn():
                self.on_duty.add(fact.unit)
            case UnitSignedOff():
                self.on_duty.discard(fact.unit)
            case RadioConnected():
                self.linked.add(fact.radio)
            case RadioLost():
                self.linked.discard(fact.radio)
            case AlarmReceived():
                self.calling.add(fact.radio)
            case UnitAssigned():
                self.live[fact.assignment] = fact.unit
                self.asked[fact.incident].add(fact.unit)
            case AssignmentEvent() if isinstance(fact, ENDED):
                self.live.pop(fact.assignment, None)

    def free(self, unit: str) -> bool:
        """On duty, linked, and wanted by nobody else."""
        busy = unit in self.calling or unit in self.live.values()
        return unit in self.on_duty and unit in self.linked and not busy


def brute_force(
    night: Night,
    state: Watch,
    inputs: dict[str, Any],
    rings: dict[str, dict[str, int]],
    missing: dict[str, int],
) -> set[str]:
    """Whom a wave calls, by looking at everybody."""
    looked_at = {each.unit: each for each in looked_at_ones(night, inputs, rings)}
    free = [each for each in looked_at.values() if is_free(each.unit, state, inputs)]
    lined_up = sorted(each for each in free if each.fresh)
    waiting = [looked_at[unit] for unit in inputs.get("awaited", ())]
    called: list[Free] = []
    wanted = set()
    for role, count in missing.items():
        come = 0.0
        for each in (each for each in waiting if each.role == role):
            come += each.accepts
        if come < count - ROUNDING:
            wanted.add(role)
        for each in (each for each in lined_up if each.role == role):
            if come < count - ROUNDING:
                called.append(each)
                come += each.accepts
    more = 0
    for each in lined_up:
        if more == MORE_MAX or nobody(waiting + called) <= 1 - inputs["sure"]:
            break
        if each not in called and each.role in wanted and each.chance >= USEFUL_CHANCE:
            called.append(each)
            more += 1
    return {each.unit for each in called}


class Free(NamedTuple):
    """One who could be called; sorts best placed first."""

    ring: int
    counted_s: float
    unit: str
    role: str
    accepts: float
    chance: float
    fresh: bool


def nobody(called: list[Free]) -> float:
    """How likely none of them is there in time."""
    return math.prod(1 - each.chance for each in called)


def is_free(unit: str, state: Watch, inputs: dict[str, Any]) -> bool:
    """Filters from the journal; who was asked before is told with the decision."""
    return unit not in inputs["asked"] and unit != inputs["sender"] and state.free(unit)


def looked_at_ones(
    night: Night, inputs: dict[str, Any], rings: dict[str, dict[str, int]]
) -> Iterator[Free]:
    """Everybody who ever told a fix: places from the history, rings from the file; what a radio
    was asked before is told with the decision."""
    lon, lat = inputs["place"]["lon"], inputs["place"]["lat"]
    ring_of = rings.get(night.grid_of(lon, lat), {})
    beyond = max(ring_of.values(), default=0) + 1
    for candidate in tables_of(inputs["candidates"]):
        unit, age_s = candidate["unit"], candidate["fix_age_s"]
        if age_s is None:
            continue
        x, y = place_at(night, unit, inputs["now"] - round(age_s * SECOND))
        away_m = metres(lon, lat, x, y)
        assert abs(away_m - candidate["distance_m"]) <= 1 + away_m / 500
        role = Role(night.roles[unit])
        eta = eta_s(role, walk_s=None, distance_m=candidate["distance_m"])
        asked, accepted = candidate.get("asked", 0), candidate.get("accepted", 0)
        accepts = accept_chance(role, asked=asked, accepted=accepted)
        yield Free(
            ring=ring_of.get(night.grid_of(x, y), beyond),
            counted_s=(eta or 0) + inputs["fairness_s"] * candidate.get("call_outs", 0),
            unit=unit,
            role=role,
            accepts=accepts,
            chance=round(accepts * arrive_chance(eta, inputs["target_s"]), 4),
            fresh=age_s <= inputs["fresh_s"],
        )


def place_at(night: Night, unit: str, t: int) -> tuple[float, float]:
    """Where the history has the unit at this millisecond."""
    return next((x, y) for at, x, y in night.fixes[unit] if abs(at - t) <= MILLISECOND)


def rings_by_name(night: Night) -> dict[str, dict[str, int]]:
    """For each polygon, how many borders away every other one is, breadth first."""
    grids = load_grids(night.grids.read_bytes())
    names = [grid.id for grid in grids.grids]
    found = {}
    for start in range(len(names)):
        far, edge = {names[start]: 0}, [start]
        while edge:
            edge = sorted({n for at in edge for n in grids.neighbours(at) if names[n] not in far})
            step = max(far.values()) + 1
            far |= {names[n]: step for n in edge}
        found[names[start]] = far
    return found


def jumps_of(kept: Fixes) -> Iterator[tuple[int, int]]:
    """Fixes farther from the one before than anybody goes: (t, how many after it agree)."""
    for index in range(1, len(kept)):
        if is_jump(kept[index - 1], kept[index]):
            agreeing = itertools.takewhile(
                lambda pair: not is_jump(*pair), itertools.pairwise(kept[index:])
            )
            yield kept[index][0], sum(1 for _ in itertools.islice(agreeing, AGREEING_MIN))


def is_jump(a: Placed, b: Placed) -> bool:
    """Faster than 40 m/s over a distance that no drift explains."""
    far_m = metres(a[1], a[2], b[1], b[2])
    return far_m >= JUMP_M and far_m / ((b[0] - a[0]) / SECOND) > 40
