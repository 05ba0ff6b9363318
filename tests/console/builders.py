"""Builders of a small community and what may happen in it; a test says only what it is about.

No name here is a person's: units have call signs, operators have the names of
desks. Places are those of no real address.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dispatch.awaited import NOTHING_AWAITED, Awaited
from dispatch.clock import SECOND, Instant, ManualClock
from dispatch.desk import Trial
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommunityId,
    DecisionId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.incident import Alarm, Assignment, Candidate, Candidates, Decision, Incident
from dispatch.plan import Library, PlanId
from dispatch.plan_files import default_book
from dispatch.records import Records
from dispatch.roster import Community, RadioRecord, Roster
from dispatch.settings import Settings
from dispatch.words import AssignmentState, Kind, Phase, PlaceSource, Role, Verdict
from geo.columns import LiveColumns
from geo.grids import load_grids

NOON: Instant = 1_763_697_600 * SECOND
"""2025-11-21T04:00:00Z, noon in Shanghai."""

XIZI = CommunityId("xizi")
OPERATOR = OperatorName("调度一席")


def square(west: float, south: float, size: float = 0.01) -> list[list[float]]:
    """A ring of a square, in degrees."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


GRIDS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [square(120.0, 30.0)]},
            "properties": {
                "id": "g1",
                "name": "西子小区一期",
                "name_en": "Xizi Estate, Phase 1",
                "key_units": [
                    {
                        "name": "幼儿园",
                        "name_en": "Kindergarten",
                        "lon": 120.005,
                        "lat": 30.005,
                        "kind": "school",
                    }
                ],
            },
        },
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [square(120.01, 30.0)]},
            "properties": {
                "id": "g2",
                "name": "西子小区二期",
                "key_units": [{"name": "湖滨宾馆", "lon": 120.015, "lat": 30.005, "kind": "hotel"}],
            },
        },
    ],
}


def community(streets: bytes = b"") -> Community:
    """Two grids with a key unit each."""
    return Community(
        community=XIZI,
        name_zh="西子社区",
        name_en="Xizi",
        zone="Asia/Shanghai",
        grids=load_grids(GRIDS),
        streets=streets,
    )


def radio(name: str, call_sign: str = "", role: Role = Role.VOLUNTEER) -> RadioRecord:
    """A radio on the roster."""
    return RadioRecord(
        radio=RadioId(name),
        community=XIZI,
        call_sign=call_sign or name,
        role=role,
        post=GridId("g1"),
    )


RADIOS = (
    radio("r01", "西子一间"),
    radio("r02", "西子二间"),
    radio("r03", "湖滨三间"),
    radio("g01", "保安一号", Role.GUARD),
    radio("p01", "民警一号", Role.POLICE),
)


class FakeLive:
    """A live table whose rows a test writes itself."""

    def __init__(self, units: Iterable[UnitId]) -> None:
        self.columns = LiveColumns()
        for unit in units:
            row = self.columns.add(unit)
            self.columns.on_duty[row] = True
            self.columns.online[row] = True

    def row_of(self, unit: UnitId) -> int | None:
        """The unit's row, None for an unknown one."""
        return self.columns.row_of(unit) if unit in self.columns else None

    def group(self, community: CommunityId) -> int:
        """Of one community."""
        del community
        return 0

    def rows(self, unit: str) -> npt.NDArray[np.int32]:
        """The unit's row, as the live table tells of changed ones."""
        return np.array([self.columns.row_of(unit)], dtype=np.int32)

    def put(self, unit: str, lon: float, lat: float, t: Instant) -> int:
        """A fix of one unit; gives back its row."""
        row = self.columns.row_of(unit)
        self.columns.update_batch(np.array([row]), np.array([t]), np.array([lon]), np.array([lat]))
        return row


@dataclass
class FakeHub:
    """A hub that holds what it is given and decides nothing."""

    roster: Roster
    live: FakeLive
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    alarms: dict[AlarmId, Alarm] = field(default_factory=dict)
    operators: frozenset[OperatorName] = frozenset()
    store_down: str = ""
    broker_down: str = ""
    trial: Trial | None = None
    drills: dict[CommunityId, tuple[DrillId, str]] = field(default_factory=dict)
    records: Records = field(default_factory=Records)
    libraries: dict[CommunityId, Library] = field(
        default_factory=lambda: {XIZI: Library([default_book()])}
    )
    due: dict[IncidentId, Awaited] = field(default_factory=dict)

    def awaited(self, incident: Incident) -> Awaited:
        """What a test says is awaited."""
        return self.due.get(incident.incident, NOTHING_AWAITED)

    def hold(self, incident: Incident, *alarms: Alarm) -> None:
        """Keep an incident with its alarms."""
        self.incidents[incident.incident] = incident
        self.alarms.update({each.alarm: each for each in alarms})


def hub(streets: bytes = b"", radios: Iterable[RadioRecord] = RADIOS) -> FakeHub:
    """A hub of one community with five radios on duty."""
    radios = tuple(radios)
    return FakeHub(
        roster=Roster([community(streets)], radios),
        live=FakeLive(UnitId(each.radio) for each in radios),
    )


def alarm(name: str = "r01/00000000000000a1/1", *, at: Instant = NOON, **changes: object) -> Alarm:
    """A press of 西子一间 at noon, with a fix 40 m east of the kindergarten."""
    sender, boot, counter = name.split("/")
    made = Alarm(
        alarm=AlarmId(name),
        community=XIZI,
        unit=UnitId(sender),
        press=f"{boot}:{counter}",
        kind=Kind.SOS,
        covert=False,
        late=False,
        device_t=at - 40_000,
        received_t=at,
        digest="0" * 64,
        incident=IncidentId("xizi-20251121-001"),
        lon=120.00542,
        lat=30.005,
        acc_m=8.0,
        fix_t=at - 3 * SECOND,
    )
    for key, value in changes.items():
        setattr(made, key, value)
    return made


def incident(number: int = 1, *, at: Instant = NOON, **changes: object) -> Incident:
    """An SOS of 西子一间, just opened."""
    made = Incident(
        incident=IncidentId(f"xizi-20251121-{number:03d}"),
        community=XIZI,
        kind=Kind.SOS,
        priority=1,
        covert=False,
        phase=Phase.RECEIVED,
        opened_t=at,
        version=1,
        sender=UnitId("r01"),
        opened_by=None,
        linked_to=None,
        place_source=PlaceSource.FIX,
        grid=GridId("g1"),
        fix_t=at - 3 * SECOND,
        lon=120.00542,
        lat=30.005,
        acc_m=8.0,
        words="",
        plan=PlanId("default-1/sos"),
        alarms=[AlarmId("r01/00000000000000a1/1")],
        last_press_t=at,
        phase_times={Phase.RECEIVED: at},
    )
    for key, value in changes.items():
        setattr(made, key, value)
    return made


def assignment(
    number: int,
    unit: str,
    state: AssignmentState = AssignmentState.OFFERED,
    *,
    of: str = "xizi-20251121-001",
    at: Instant = NOON,
    **changes: object,
) -> Assignment:
    """One unit asked in the first wave."""
    made = Assignment(
        assignment=AssignmentId(f"{of}/{number}"),
        unit=UnitId(unit),
        role=Role.VOLUNTEER,
        wave=1,
        by=None,
        distance_m=120.4,
        state=state,
        offered_t=at,
        answer_by_t=at + 30 * SECOND,
        state_t=at,
        times={AssignmentState.OFFERED: at},
    )
    for key, value in changes.items():
        setattr(made, key, value)
    return made


def candidate(unit: str, verdict: Verdict, away_m: float | None, **changes: object) -> Candidate:
    """One unit as a decision saw it."""
    facts: dict[str, object] = {
        "unit": UnitId(unit),
        "verdict": verdict,
        "role": Role.VOLUNTEER,
        "ring": 0,
        "distance_m": away_m,
        "fix_age_s": 4.2,
    }
    return Candidate(**(facts | changes))  # type: ignore[arg-type]  # a test's own words


def decision(candidates: Iterable[Candidate], *, wave: int = 1, at: Instant = NOON) -> Decision:
    """A wave that called those whose verdict says so."""
    looked_at = tuple(candidates)
    return Decision(
        decision=DecisionId(f"xizi-20251121-001/w{wave}"),
        wave=wave,
        t=at,
        called=tuple(each.unit for each in looked_at if each.verdict is Verdict.CALLED),
        missing={Role.VOLUNTEER: 3, Role.GUARD: 1, Role.POLICE: 1},
        short={Role.VOLUNTEER: 7},
        candidates=Candidates(looked_at),
        verdicts=dict(Counter(each.verdict.value for each in looked_at)),
    )


def clock() -> ManualClock:
    """A clock that stands at noon."""
    return ManualClock(NOON)


def settings_of_a_hub() -> Settings:
    """Settings with nothing but their defaults."""
    return Settings(data_dir=Path("unused"))
