"""Three made-up incidents that between them use every member a document may have.

Folded from their facts, so that story and state cannot disagree: one that was
carried from step to step and from hand to hand, one of an exercise that ended, and one
that was found to be another.
"""

from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import asdict

from dispatch.awaited import Awaited
from dispatch.board import Board
from dispatch.clock import MINUTE, SECOND, Instant
from dispatch.events import (
    AlarmJoined,
    AlarmLeft,
    AlarmReceived,
    AssignmentWithdrawn,
    CallbackMade,
    CallsHeld,
    CancelAnswered,
    CancelRequested,
    ChecklistTicked,
    Event,
    GatewayTried,
    HandedOver,
    IncidentClosed,
    IncidentExported,
    IncidentLinked,
    IncidentOpened,
    IncidentRevised,
    IncidentTaken,
    LeaseLapsed,
    OrderReceived,
    OrderShown,
    Personal,
    PersonTold,
    PlaceRevised,
    PlanChanged,
    Purpose,
    ResponseDecided,
    StepBegun,
    UnitAccepted,
    UnitArrived,
    UnitAssigned,
    UnitEnRoute,
)
from dispatch.fold import fold
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    DecisionId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.incident import Alarm, Candidate, Incident
from dispatch.words import (
    Agency,
    Disposition,
    EscalationReason,
    FalseReason,
    Kind,
    Linked,
    PlaceSource,
    Role,
    Satisfaction,
    Tier,
    Verdict,
    WithdrawReason,
)
from tests.console.builders import NOON, OPERATOR, XIZI, candidate

SECOND_DESK: Final = OperatorName("调度二席")
STEERED: Final = IncidentId("xizi-20251121-007")
MERGED: Final = IncidentId("xizi-20251121-009")
EXERCISE: Final = IncidentId("xizi-20251121-008")
OTHER: Final = IncidentId("xizi-20251121-002")
DRILL: Final = DrillId("xizi-drill-20251121115500")
STEERED_AWAITS: Final = Awaited(step_t=NOON + 15 * MINUTE, lease_t=NOON + 11 * MINUTE)
PRESS: Final = AlarmId("r01/00000000000000a7/1")
STRAY: Final = AlarmId("r03/00000000000000b7/2")
NEIGHBOUR: Final = AlarmId("r03/00000000000000b7/1")


def steered() -> tuple[Incident, list[Alarm]]:
    """A quarrel that turned out to be a fire, and a wish to call it off that was forced."""
    incident, alarms = folded(STEERED, steered_facts())
    first = next(iter(incident.assignments.values()))
    first.at_broker_t = first.offered_t + SECOND // 5  # no fact tells of it
    return incident, alarms


def exercise() -> tuple[Incident, list[Alarm]]:
    """Reported by phone for an exercise, pressed as well, ended as an accident with the button."""
    return folded(EXERCISE, exercise_facts())


def merged() -> tuple[Incident, list[Alarm]]:
    """Found to be the quarrel of the steered one: its press and its guard went there."""
    return folded(MERGED, merged_facts())


def folded(of: IncidentId, facts: Iterable[Event]) -> tuple[Incident, list[Alarm]]:
    """What became of these facts."""
    board = Board()
    for fact in facts:
        fold(board, fact)
    return board.incidents[of], list(board.alarms.values())


def steered_facts(at: Instant = NOON + 6 * MINUTE) -> list[Event]:
    """In the order in which the hub would tell them."""

    def about(seconds: int) -> dict[str, Any]:
        return {"t": at + seconds * SECOND, "community": XIZI, "incident": STEERED}

    def asked(seconds: int, number: int, unit: str) -> dict[str, Any]:
        order = AssignmentId(f"{STEERED}/{number}")
        return {**about(seconds), "assignment": order, "unit": UnitId(unit)}

    def by(seconds: int, name: OperatorName = OPERATOR) -> dict[str, Any]:
        return {**about(seconds), "by": name, "command": CommandId(f"s{seconds}")}

    return [
        pressed(at, PRESS, Kind.DISPUTE),
        IncidentOpened(
            **about(0),
            kind=Kind.DISPUTE,
            priority=2,
            covert=False,
            alarm=PRESS,
            sender=UnitId("r01"),
            by=None,
            linked_to=None,
            place_source=PlaceSource.FIX,
            grid=GridId("g1"),
            fix_t=at - 3 * SECOND,
            place=place(120.00542, 30.005),
            words=None,
            plan="default-1/dispute",
        ),
        step(about(0), "dispute", "near", Tier.GRID, due_t=at + 300 * SECOND),
        IncidentLinked(**about(0), other=OTHER, how=Linked.OFFERED, by=None),
        ResponseDecided(
            **about(0),
            decision=DecisionId(f"{STEERED}/w1"),
            wave=1,
            called=(UnitId("r02"),),
            missing={"guard": 1, "volunteer+medical": 1},
            short={"guard": 1},
            all_asked=True,
            inputs=Personal(Purpose.DECISION, {"candidates": [asdict(c) for c in looked_at()]}),
            step="near",
            chance=0.91,
        ),
        UnitAssigned(
            **asked(0, 1, "r02"),
            role=Role.VOLUNTEER,
            wave=1,
            distance_m=120.4,
            answer_by_t=at + 60 * SECOND,
            by=None,
            need="volunteer+medical",
            walk_s=131.0,
        ),
        OrderReceived(**asked(1, 1, "r02")),
        OrderShown(**asked(2, 1, "r02")),
        GatewayTried(**asked(20, 1, "r02"), gateway="sms", ok=False, why="HTTP 500"),
        GatewayTried(**asked(25, 1, "r02"), gateway="voice", ok=True, why=""),
        UnitAccepted(**asked(28, 1, "r02")),
        pressed(at + 40 * SECOND, NEIGHBOUR, Kind.DISPUTE),
        AlarmJoined(
            **about(40),
            alarm=NEIGHBOUR,
            place_source=PlaceSource.NONE,
            grid=None,
            fix_t=None,
            place=None,
            reporter=True,
        ),
        pressed(at + 42 * SECOND, STRAY, Kind.DISPUTE),
        AlarmJoined(
            **about(42),
            alarm=STRAY,
            place_source=PlaceSource.NONE,
            grid=None,
            fix_t=None,
            place=None,
            reporter=True,
            moved_from=OTHER,
        ),
        IncidentTaken(**by(45, SECOND_DESK), lease=1),
        CallsHeld(**by(50, SECOND_DESK), held=True, words=said("先问清楚")),
        LeaseLapsed(**about(120), by=SECOND_DESK, lease=1),
        IncidentTaken(**by(125, SECOND_DESK), lease=2),
        IncidentTaken(**by(130), lease=3, taken_from=SECOND_DESK, words=said("二席在接另一起")),
        ChecklistTicked(**by(140), item="weapon", done=True),
        ChecklistTicked(**by(141), item="listen", done=True),
        ChecklistTicked(**by(142), item="listen", done=False),
        IncidentRevised(**by(150), kind=Kind.FIRE, priority=1, words=said("厨房起火")),
        PlaceRevised(
            **by(155),
            place_source=PlaceSource.OPERATOR,
            grid=GridId("g1"),
            fix_t=None,
            place=place(120.0052, 30.0052),
            words=said("三号楼二层厨房"),
        ),
        PlanChanged(**by(160), plan="default-1/fire", words=said("是火情")),
        step(about(160), "fire", "near", Tier.GRID, agency=Agency.FIRE, tell=("supervisor",)),
        PersonTold(**about(161), person="supervisor", gateway="wecom", ok=True, why=""),
        PersonTold(**about(162), person="fire-post", gateway="sms", ok=False, why="timed out"),
        HandedOver(
            **by(170),
            agency=Agency.FIRE,
            contact=Personal(Purpose.PERSON, "接线员 7 号"),
            words=said("已出车,八分钟"),
        ),
        IncidentLinked(**by(175), other=OTHER, how=Linked.LINKED),
        CallsHeld(**by(180), held=False, words=None),
        step(
            about(200),
            "fire",
            "wider",
            Tier.COMMUNITY,
            due_t=STEERED_AWAITS.step_t,
            reason=EscalationReason.BY_OPERATOR,
            by=OPERATOR,
            words=said("烟很大"),
        ),
        ResponseDecided(
            **by(210),
            decision=DecisionId(f"{STEERED}/w2"),
            wave=2,
            called=(UnitId("r03"),),
            missing={"any": 2},
            short={"any": 1},
            inputs=Personal(Purpose.DECISION, {"candidates": [asdict(c) for c in looked_again()]}),
        ),
        UnitAssigned(
            **asked(210, 4, "r03"),
            role=Role.VOLUNTEER,
            wave=2,
            distance_m=940.0,
            answer_by_t=at + 240 * SECOND,
            by=OPERATOR,
            need="any",
        ),
        UnitAssigned(
            **asked(220, 2, "g01"),
            role=Role.GUARD,
            wave=0,
            distance_m=310.0,
            answer_by_t=at + 250 * SECOND,
            by=None,
            volunteered=True,
        ),
        UnitAccepted(**asked(220, 2, "g01")),
        UnitEnRoute(**asked(225, 2, "g01")),
        UnitAssigned(
            **asked(230, 3, "p01"),
            role=Role.POLICE,
            wave=0,
            distance_m=None,
            answer_by_t=at + 260 * SECOND,
            by=OPERATOR,
            carried_from=AssignmentId(f"{OTHER}/1"),
        ),
        UnitAccepted(**asked(230, 3, "p01")),
        UnitArrived(**asked(231, 3, "p01")),
        AssignmentWithdrawn(**asked(240, 1, "r02"), reason=WithdrawReason.PREEMPTED, by=None),
        GatewayTried(**asked(241, 1, "r02"), gateway="voice", ok=True, why="", recall=True),
        AlarmLeft(**about(245), alarm=STRAY, to=OTHER),
        CancelRequested(**about(250), alarm=PRESS, unit=UnitId("r01"), duress=True),
        CancelAnswered(**by(260), granted=True, words=said("声音发抖,背景有人")),
    ]


def exercise_facts(at: Instant = NOON + 7 * MINUTE) -> list[Event]:
    """In the order in which the hub would tell them."""

    def by(seconds: int) -> dict[str, Any]:
        return {
            "t": at + seconds * SECOND,
            "community": XIZI,
            "incident": EXERCISE,
            "by": OPERATOR,
            "command": CommandId(f"e{seconds}"),
        }

    def asked(seconds: int) -> dict[str, Any]:
        order = AssignmentId(f"{EXERCISE}/1")
        about = {"t": at + seconds * SECOND, "community": XIZI, "incident": EXERCISE}
        return {**about, "assignment": order, "unit": UnitId("g01")}

    press = AlarmId("r02/00000000000000d8/1")
    return [
        IncidentOpened(
            **by(0),
            kind=Kind.SOS,
            priority=1,
            covert=False,
            alarm=None,
            sender=UnitId("r02"),
            linked_to=None,
            place_source=PlaceSource.OPERATOR,
            grid=GridId("g2"),
            fix_t=None,
            place=place(120.0151, 30.0051),
            words=said("演练:大堂有人晕倒"),
            plan="default-1/sos",
            drill=DRILL,
            caller=Personal(Purpose.PERSON, {"name": "前台", "phone": "010-5550-0100"}),
        ),
        IncidentTaken(**by(0), lease=1),
        CallsHeld(**by(1), held=True, words=said("演练只派一人")),
        pressed(at + 5 * SECOND, press, Kind.SOS, drill=True),
        AlarmJoined(
            t=at + 5 * SECOND,
            community=XIZI,
            incident=EXERCISE,
            alarm=press,
            place_source=PlaceSource.NONE,
            grid=None,
            fix_t=None,
            place=None,
        ),
        UnitAssigned(
            **asked(6),
            role=Role.GUARD,
            wave=0,
            distance_m=80.0,
            answer_by_t=at + 36 * SECOND,
            by=OPERATOR,
        ),
        OrderReceived(**asked(7)),
        UnitAccepted(**asked(20)),
        UnitEnRoute(**asked(22)),
        UnitArrived(**asked(150)),
        IncidentClosed(
            **by(200),
            disposition=Disposition.FALSE_ALARM,
            duplicate_of=None,
            words=said("演练结束"),
            false_reason=FalseReason.BY_ACCIDENT,
        ),
        CallbackMade(**by(300), satisfaction=Satisfaction.VERY, words=said("反应很快")),
        IncidentExported(**by(400), seal="5" * 64, personal=False),
    ]


def merged_facts(at: Instant = NOON + 8 * MINUTE) -> list[Event]:
    """In the order in which the hub would tell them."""
    press = AlarmId("r03/00000000000000e9/1")

    def about(seconds: int) -> dict[str, Any]:
        return {"t": at + seconds * SECOND, "community": XIZI, "incident": MERGED}

    order: dict[str, Any] = {"assignment": AssignmentId(f"{MERGED}/1"), "unit": UnitId("p01")}
    by: dict[str, Any] = {"by": OPERATOR, "command": CommandId("m1")}
    return [
        pressed(at, press, Kind.DISPUTE),
        IncidentOpened(
            **about(0),
            kind=Kind.DISPUTE,
            priority=2,
            covert=False,
            alarm=press,
            sender=UnitId("r03"),
            by=None,
            linked_to=None,
            place_source=PlaceSource.POST,
            grid=GridId("g1"),
            fix_t=None,
            place=None,
            words=None,
            plan="default-1/dispute",
        ),
        UnitAssigned(
            **about(1),
            **order,
            role=Role.POLICE,
            wave=1,
            distance_m=None,
            answer_by_t=at + 61 * SECOND,
            by=None,
        ),
        UnitAccepted(**about(9), **order),
        IncidentLinked(**about(30), other=STEERED, how=Linked.MERGED, **by),
        AlarmLeft(**about(30), alarm=press, to=STEERED),
        AssignmentWithdrawn(
            **about(30), **order, reason=WithdrawReason.MERGED, by=OPERATOR, command=None
        ),
        IncidentClosed(
            **about(30),
            **by,
            disposition=Disposition.DUPLICATE,
            duplicate_of=STEERED,
            words=None,
        ),
    ]


def pressed(at: Instant, alarm: AlarmId, kind: Kind, *, drill: bool = False) -> AlarmReceived:
    """A press without a fix of its own."""
    radio, boot, counter = alarm.split("/")
    return AlarmReceived(
        t=at,
        community=XIZI,
        alarm=alarm,
        radio=RadioId(radio),
        boot=boot,
        counter=int(counter),
        kind=kind,
        covert=False,
        device_t=at - SECOND,
        late=False,
        digest="0" * 64,
        fix=None,
        drill=drill,
    )


def step(about: dict[str, Any], plan: str, name: str, tier: Tier, **changes: Any) -> StepBegun:
    """A step of a plan of the built-in book."""
    facts: dict[str, Any] = {
        "plan": f"default-1/{plan}",
        "step": name,
        "tier": tier,
        "due_t": None,
        "reason": None,
        "tell": (),
        "agency": None,
        "by": None,
    }
    return StepBegun(**about, **(facts | changes))


def looked_at() -> list[Candidate]:
    """What the first wave knew of everybody."""
    return [
        candidate(
            "r02",
            Verdict.CALLED,
            120.4,
            skills=("medical", "first_aid"),
            walk_s=131.0,
            eta_s=161.0,
            asked=12,
            accepted=5,
            call_outs=2,
            chance=0.91,
            need="volunteer+medical",
        ),
        candidate("r01", Verdict.SENDER, 0.0, busy=1),
        candidate("r03", Verdict.TOO_FAR, 940.0, ring=2, fix_age_s=12.0, eta_s=812.0, chance=0.0),
        candidate("g01", Verdict.BUSY, 310.0, role=Role.GUARD, busy=9),
        candidate("p01", Verdict.LACKS_SKILL, 400.0, role=Role.POLICE),
    ]


def looked_again() -> list[Candidate]:
    """What an operator's asking for more people found."""
    return [
        candidate(
            "r03",
            Verdict.CALLED,
            940.0,
            ring=2,
            skills=("fire",),
            walk_s=760.0,
            eta_s=790.0,
            asked=4,
            accepted=1,
            call_outs=1,
            chance=0.24,
            need="any",
        ),
        candidate("r02", Verdict.ALREADY_ASKED, 90.0, busy=1),
        candidate("r01", Verdict.SENDER, 0.0),
        candidate("g01", Verdict.OFFLINE, 310.0, role=Role.GUARD, fix_age_s=301.0),
        candidate("p01", Verdict.BUSY, 400.0, role=Role.POLICE, busy=2),
    ]


def place(lon: float, lat: float) -> Personal:
    """A point as facts hold it."""
    return Personal(Purpose.PLACE, {"lon": lon, "lat": lat, "acc_m": 8.0})


def said(text: str) -> Personal:
    """Free words as a fact holds them."""
    return Personal(Purpose.WORDS, text)
