"""An evening's incident as a store would hand it out, with another incident's facts in between."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dispatch.casefile.make import make_case_file
from dispatch.casefile.seal import CaseFile, sealed
from dispatch.clock import MINUTE, SECOND, Instant
from dispatch.events import (
    AlarmReceived,
    Event,
    OrderReceived,
    Personal,
    Purpose,
    UnitDeclined,
)
from dispatch.ids import AssignmentId, GridId, IncidentId, RadioId, UnitId
from dispatch.roster import Community, RadioRecord, Roster
from dispatch.store.port import IncidentSlice, Track
from dispatch.words import Role
from geo.grids import load_grids
from tests.dispatch.store.facts import (
    COMMUNITY,
    INCIDENT,
    NOON,
    accepted,
    alarm,
    alarm_id,
    arrived,
    assigned,
    closed,
    decided,
    note,
    opened,
    signed_on,
    taken,
)
from tests.slices import slice_of

LON_E7: Final = 1_201_000_000
LAT_E7: Final = 302_000_000

RING: Final = [
    [120.09, 30.19],
    [120.11, 30.19],
    [120.11, 30.21],
    [120.09, 30.21],
    [120.09, 30.19],
]
GRIDS: Final[dict[str, Any]] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [RING]},
            "properties": {
                "id": "g1",
                "name": "西子一期",
                "name_en": "Xizi, Phase 1",
                "key_units": [
                    {"name": "幼儿园", "name_en": "Kindergarten", "lon": 120.1, "lat": 30.2004}
                ],
            },
        }
    ],
}


def roster() -> Roster:
    """One community, one grid, three radios."""
    community = Community(
        community=COMMUNITY,
        name_zh="西子社区",
        name_en="Xizi",
        zone="Asia/Shanghai",
        grids=load_grids(GRIDS),
    )
    radios = [
        RadioRecord(
            radio=RadioId(name),
            community=COMMUNITY,
            call_sign=call_sign,
            role=role,
            post=GridId("g1"),
        )
        for name, call_sign, role in (
            ("r1", "西子一间", Role.VOLUNTEER),
            ("r2", "西子二间", Role.VOLUNTEER),
            ("r3", "保安三号", Role.GUARD),
        )
    ]
    return Roster([community], radios)


def candidate(unit: str, verdict: str = "called", distance_m: float = 120.5) -> dict[str, Any]:
    """One unit as a decision's inputs tell of it."""
    return {
        "unit": unit,
        "verdict": verdict,
        "role": "volunteer",
        "ring": 0,
        "distance_m": distance_m,
        "fix_age_s": 3.0,
    }


def inputs() -> Personal:
    """Two called, two not."""
    looked_at = [
        candidate("r2"),
        candidate("r3", distance_m=300.25),
        candidate("r1", "sender", 0.0),
        candidate("r4", "stale", 900.0),
    ]
    return Personal(Purpose.DECISION, {"now": NOON, "candidates": looked_at})


def press(**fields: Any) -> AlarmReceived:
    """The press of r1 that it begins with."""
    return alarm(**fields)


def evening() -> list[Event]:
    """Pressed, decided, two asked: one declines, one comes; taken, noted, closed."""
    second: dict[str, Any] = {"assignment": AssignmentId(f"{INCIDENT}/2"), "unit": UnitId("r3")}
    about: dict[str, Any] = {"community": COMMUNITY, "incident": INCIDENT}
    return [
        signed_on("r1"),
        press(t=NOON + SECOND),
        opened(t=NOON + SECOND, alarm=alarm_id()),
        decided(t=NOON + SECOND, inputs=inputs()),
        assigned(1, "r2", t=NOON + SECOND),
        assigned(2, "r3", t=NOON + SECOND),
        signed_on("r9"),
        OrderReceived(t=NOON + 2 * SECOND, **about, **second),
        UnitDeclined(
            t=NOON + 9 * SECOND, **about, **second, reason=Personal(Purpose.WORDS, "在另一处")
        ),
        taken(t=NOON + 10 * SECOND),
        accepted(1, "r2", NOON + 12 * SECOND),
        note("居民:<b>有人追赶</b>", t=NOON + 20 * SECOND),
        signed_on("r8"),
        arrived(1, "r2", NOON + 4 * MINUTE),
        closed(t=NOON + 10 * MINUTE),
    ]


@dataclass
class Shelf:
    """A store that holds these facts; ``walked`` says how many fixes each unit's track has."""

    facts: Sequence[Event] = field(default_factory=evening)
    walked: int = 5
    erased: frozenset[str] = frozenset()
    """Purposes of the values that were erased."""
    asked: list[tuple[str, Instant, Instant, int]] = field(default_factory=list)

    def incident_slice(self, incident: IncidentId) -> IncidentSlice:
        """The rows about it."""
        return slice_of(self.facts, incident, erased=self.erased)

    def track(self, unit: UnitId, *, from_t: Instant, to_t: Instant, fixes_max: int) -> Track:
        """A walk to the north, a fix a second."""
        self.asked.append((unit, from_t, to_t, fixes_max))
        count = min(self.walked, fixes_max, (to_t - from_t) // SECOND)
        return Track(
            unit=unit,
            from_t=from_t,
            to_t=to_t,
            fixes=tuple(
                (from_t + n * SECOND, LON_E7, LAT_E7 + n * 100, 50 if n % 2 else None)
                for n in range(count)
            ),
            fixes_left_out=self.walked - count,
        )


def filed(shelf: Shelf | None = None, *, personal: bool = True) -> CaseFile:
    """The evening's file."""
    return make_case_file(
        Shelf() if shelf is None else shelf, roster(), INCIDENT, personal=personal, near_m=300
    )


def sealed_anew(file: CaseFile, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file of somebody who changed it and then computed every section's hash again."""
    sections = json.loads(json.dumps(file.sections))
    change(sections)
    return sealed(sections).data


def changed(file: CaseFile, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file of somebody who changed it and left the hashes as they were."""
    document = json.loads(file.data)
    change(document)
    return json.dumps(document, ensure_ascii=False).encode()
