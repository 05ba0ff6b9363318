"""Builders of facts: everything has a default, a test spells out what it is about."""

from typing import Any, Final

from dispatch.clock import MINUTE, SECOND
from dispatch.events import (
    AlarmConflicted,
    AlarmReceived,
    AlarmUndecided,
    IncidentClosed,
    IncidentOpened,
    IncidentTaken,
    NoteAdded,
    PatrolReported,
    Personal,
    Purpose,
    RadioConnected,
    RadioLost,
    ResponseDecided,
    UnitAccepted,
    UnitArrived,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    CommunityId,
    DecisionId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    ReportId,
    UnitId,
)
from dispatch.words import Disposition, Kind, PlaceSource, Role

NOON: Final = 1_790_000_000 * SECOND
"""A day in September 2026."""
COMMUNITY: Final = CommunityId("xizi")
BOOT: Final = "00112233445566ff"
INCIDENT: Final = IncidentId("xizi-20260921-001")


def place(lon: float = 120.1, lat: float = 30.2) -> Personal:
    return Personal(Purpose.PLACE, {"lon": lon, "lat": lat, "acc_m": 5.0})


def words(text: str = "门口有人摔倒") -> Personal:
    return Personal(Purpose.WORDS, text)


def alarm_id(counter: int = 1, radio: str = "r1") -> AlarmId:
    return AlarmId(f"{radio}/{BOOT}/{counter}")


def alarm(counter: int = 1, radio: str = "r1", **fields: Any) -> AlarmReceived:
    defaults: dict[str, Any] = {
        "t": NOON,
        "community": COMMUNITY,
        "alarm": alarm_id(counter, radio),
        "radio": RadioId(radio),
        "boot": BOOT,
        "counter": counter,
        "kind": Kind.SOS,
        "covert": False,
        "device_t": NOON - SECOND,
        "late": False,
        "digest": "d" * 64,
        "fix": place(),
    }
    return AlarmReceived(**defaults | fields)


def conflict(counter: int = 1, **fields: Any) -> AlarmConflicted:
    defaults: dict[str, Any] = {
        "t": NOON,
        "community": COMMUNITY,
        "alarm": alarm_id(counter),
        "radio": RadioId("r1"),
        "digest": "e" * 64,
        "content": Personal(Purpose.WORDS, {"press": "other"}),
    }
    return AlarmConflicted(**defaults | fields)


def undecided(counter: int = 1, tries: int = 1) -> AlarmUndecided:
    return AlarmUndecided(
        t=NOON, community=COMMUNITY, alarm=alarm_id(counter), reason="no grid", tries=tries
    )


def opened(incident: str = INCIDENT, **fields: Any) -> IncidentOpened:
    defaults: dict[str, Any] = {
        "t": NOON,
        "community": COMMUNITY,
        "incident": IncidentId(incident),
        "kind": Kind.SOS,
        "priority": 1,
        "covert": False,
        "alarm": None,
        "sender": UnitId("r1"),
        "by": None,
        "linked_to": None,
        "place_source": PlaceSource.FIX,
        "grid": GridId("g1"),
        "fix_t": NOON,
        "place": place(),
        "words": None,
        "plan": "default/1",
    }
    return IncidentOpened(**defaults | fields)


def decided(incident: str = INCIDENT, **fields: Any) -> ResponseDecided:
    defaults: dict[str, Any] = {
        "t": NOON,
        "community": COMMUNITY,
        "incident": IncidentId(incident),
        "decision": DecisionId(f"{incident}/w1"),
        "wave": 1,
        "called": (UnitId("r2"), UnitId("r3")),
        "missing": {Role.VOLUNTEER: 3, Role.GUARD: 1},
        "short": {Role.POLICE: 1},
        "inputs": Personal(Purpose.DECISION, {"now": NOON, "candidates": []}),
    }
    return ResponseDecided(**defaults | fields)


def assigned(number: int = 1, unit: str = "r2", **fields: Any) -> UnitAssigned:
    defaults: dict[str, Any] = {
        "t": NOON,
        "community": COMMUNITY,
        "incident": INCIDENT,
        "assignment": AssignmentId(f"{INCIDENT}/{number}"),
        "unit": UnitId(unit),
        "role": Role.VOLUNTEER,
        "wave": 1,
        "distance_m": 120.5,
        "answer_by_t": NOON + MINUTE,
        "by": None,
    }
    return UnitAssigned(**defaults | fields)


def accepted(number: int = 1, unit: str = "r2", t: int = NOON) -> UnitAccepted:
    return UnitAccepted(
        t=t,
        community=COMMUNITY,
        incident=INCIDENT,
        assignment=AssignmentId(f"{INCIDENT}/{number}"),
        unit=UnitId(unit),
    )


def arrived(number: int = 1, unit: str = "r2", t: int = NOON) -> UnitArrived:
    return UnitArrived(
        t=t,
        community=COMMUNITY,
        incident=INCIDENT,
        assignment=AssignmentId(f"{INCIDENT}/{number}"),
        unit=UnitId(unit),
    )


def taken(incident: str = INCIDENT, by: str = "王芳", t: int = NOON) -> IncidentTaken:
    return IncidentTaken(
        t=t,
        community=COMMUNITY,
        incident=IncidentId(incident),
        by=OperatorName(by),
        command=CommandId("c1"),
    )


def note(text: str = "已通知物业", incident: str = INCIDENT, t: int = NOON) -> NoteAdded:
    return NoteAdded(
        t=t,
        community=COMMUNITY,
        incident=IncidentId(incident),
        by=OperatorName("王芳"),
        words=words(text),
        command=CommandId("c2"),
    )


def closed(incident: str = INCIDENT, **fields: Any) -> IncidentClosed:
    defaults: dict[str, Any] = {
        "t": NOON + MINUTE,
        "community": COMMUNITY,
        "incident": IncidentId(incident),
        "by": OperatorName("王芳"),
        "disposition": Disposition.RESOLVED,
        "duplicate_of": None,
        "words": words("老人已送医"),
        "command": CommandId("c3"),
    }
    return IncidentClosed(**defaults | fields)


def signed_on(unit: str = "r1", t: int = NOON) -> UnitSignedOn:
    return UnitSignedOn(t=t, community=COMMUNITY, unit=UnitId(unit), device_t=t)


def signed_off(unit: str = "r1", t: int = NOON) -> UnitSignedOff:
    return UnitSignedOff(t=t, community=COMMUNITY, unit=UnitId(unit), device_t=t)


def connected(radio: str = "r1", t: int = NOON) -> RadioConnected:
    return RadioConnected(t=t, community=COMMUNITY, radio=RadioId(radio))


def lost(radio: str = "r1", t: int = NOON) -> RadioLost:
    return RadioLost(t=t, community=COMMUNITY, radio=RadioId(radio), silent=True)


def report(key: str = "k1", **fields: Any) -> PatrolReported:
    defaults: dict[str, Any] = {
        "t": NOON,
        "community": COMMUNITY,
        "report": ReportId(f"r1/{key}"),
        "unit": UnitId("r1"),
        "kind": Kind.HAZARD,
        "grid": GridId("g1"),
        "device_t": NOON,
        "digest": "a" * 64,
        "words": words("井盖松动"),
        "photo": None,
        "fix": None,
    }
    return PatrolReported(**defaults | fields)
