"""One evening with every kind of fact in it, for tests that must not overlook any."""

from typing import Any, Final

from dispatch.clock import MINUTE
from dispatch.events import (
    AlarmJoined,
    AlarmLeft,
    AlarmRepeated,
    AssignmentEvent,
    AssignmentExpired,
    AssignmentWithdrawn,
    CallbackMade,
    CallsHeld,
    CancelAnswered,
    CancelRequested,
    ChecklistTicked,
    CodeRefused,
    ConsoleAttended,
    ConsoleUnattended,
    DrillEnded,
    DrillStarted,
    Event,
    GatewayTried,
    HandedOver,
    IncidentEscalated,
    IncidentExported,
    IncidentLinked,
    IncidentReopened,
    IncidentRevised,
    LeaseLapsed,
    OrderReceived,
    OrderShown,
    Personal,
    PersonTold,
    PlaceRevised,
    PlanBookAdopted,
    PlanChanged,
    Purpose,
    RadioCodeMade,
    RadioCodeRefused,
    RadioEnrolled,
    RadioLetIn,
    RadioRevoked,
    ResponseLapsed,
    SeenConfirmed,
    ShiftHandedOver,
    StepBegun,
    TrackErased,
    TrialPressed,
    UnitCleared,
    UnitDeclined,
    UnitEnRoute,
)
from dispatch.ids import (
    AssignmentId,
    CommandId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.words import (
    Agency,
    Disposition,
    EscalationReason,
    FalseReason,
    Kind,
    Linked,
    PlaceSource,
    Role,
    Rung,
    Satisfaction,
    Tier,
    WithdrawReason,
)
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
    conflict,
    connected,
    decided,
    lost,
    note,
    opened,
    place,
    report,
    signed_off,
    signed_on,
    taken,
    undecided,
    words,
)

WANG: Final = OperatorName("王芳")
OTHER: Final = IncidentId("xizi-20260921-002")
EXERCISE: Final = IncidentId("xizi-20260921-003")
DRILL: Final = DrillId("xizi-drill-20260921120000")
BARE: Final[dict[str, Any]] = {"t": NOON, "community": COMMUNITY}


def about(incident: str = INCIDENT) -> dict[str, Any]:
    """What every fact about an incident says."""
    return {**BARE, "incident": IncidentId(incident)}


def by_wang(command: str = "c9") -> dict[str, Any]:
    """What every fact says that an operator asked for."""
    return {"by": WANG, "command": CommandId(command)}


def of(cls: type[AssignmentEvent], number: int = 1, **more: Any) -> AssignmentEvent:
    """A fact about one assignment, a minute later."""
    return cls(
        t=NOON + MINUTE,
        community=COMMUNITY,
        incident=INCIDENT,
        assignment=AssignmentId(f"{INCIDENT}/{number}"),
        unit=UnitId(f"r{number + 1}"),
        **more,
    )


def joined(counter: int = 2, incident: str = INCIDENT, **more: Any) -> AlarmJoined:
    """A further press, which tells of no place."""
    nowhere = {"place_source": PlaceSource.NONE, "grid": None, "fix_t": None, "place": None}
    return AlarmJoined(**about(incident), alarm=alarm_id(counter), **nowhere | more)


def moved(counter: int, incident: str, into: str) -> list[Event]:
    """An operator found that a press belongs elsewhere."""
    return [
        AlarmLeft(**about(incident), alarm=alarm_id(counter), to=IncidentId(into)),
        joined(counter, into, moved_from=IncidentId(incident)),
    ]


def revised(kind: Kind = Kind.MEDICAL, priority: int = 2, incident: str = INCIDENT) -> Event:
    """It is of another kind."""
    return IncidentRevised(
        **about(incident), kind=kind, priority=priority, words=words("摔倒"), **by_wang()
    )


def found_at(grid: str | None = "g2", incident: str = INCIDENT) -> Event:
    """It is somewhere else."""
    return PlaceRevised(
        **about(incident),
        place_source=PlaceSource.OPERATOR,
        grid=None if grid is None else GridId(grid),
        fix_t=None,
        place=place(),
        words=words("后门"),
        **by_wang(),
    )


def replanned(plan: str = "default-1/medical", incident: str = INCIDENT) -> Event:
    """An operator chose another plan."""
    return PlanChanged(**about(incident), plan=plan, words=words("要医生"), **by_wang())


def wished(*, duress: bool, incident: str = INCIDENT) -> Event:
    """The sender calls it off."""
    return CancelRequested(**about(incident), alarm=alarm_id(1), unit=UnitId("r1"), duress=duress)


def lapsed(incident: str = INCIDENT) -> Event:
    """Who had it has been away for too long."""
    return LeaseLapsed(**about(incident), by=WANG, lease=1)


def reopened(incident: str = INCIDENT) -> Event:
    """It was not over."""
    return IncidentReopened(**about(incident), words=words("又闹了"), **by_wang())


def adopted(version: int = 1, book: str = "default", **more: Any) -> PlanBookAdopted:
    """A plan book that may answer from here on."""
    return PlanBookAdopted(**BARE | more, book=book, version=version, text=f"{book}-{version}")


def drill_started(drill: str = DRILL, **more: Any) -> DrillStarted:
    """An exercise began."""
    return DrillStarted(**BARE | more, drill=DrillId(drill), name="夜间演练", **by_wang())


def drill_ended(drill: str = DRILL, **more: Any) -> DrillEnded:
    """It is over."""
    return DrillEnded(**BARE | more, drill=DrillId(drill), **by_wang())


def a_whole_story() -> list[Event]:
    """Every kind of fact at least once."""
    return [*_before(), *_the_response(), *_the_operator(), *_afterwards()]


def _before() -> list[Event]:
    enrolled = RadioEnrolled(
        **BARE,
        radio=RadioId("r1"),
        call_sign="西子一间",
        role=Role.GUARD,
        skills=("aed",),
        post=GridId("g1"),
    )
    return [
        *(
            adopted(),
            enrolled,
            ConsoleUnattended(**BARE),
            TrialPressed(**BARE, press="0" * 16 + ":1"),
            connected(),
            signed_on(),
        ),
        *(alarm(1), alarm(2, radio="r1"), alarm(3, drill=True)),
        *(AlarmRepeated(**BARE, alarm=alarm_id(1), repeats=7), conflict(1), undecided(1, tries=2)),
        opened(alarm=alarm_id(1), caller=Personal(Purpose.PERSON, {"name": "张三", "phone": "1"})),
        opened(OTHER, kind=Kind.DISPUTE),
        *(joined(2, OTHER), *moved(2, OTHER, INCIDENT)),
        *(drill_started(), opened(EXERCISE, alarm=alarm_id(3), drill=DRILL), drill_ended()),
    ]


def _the_response() -> list[Event]:
    begun = StepBegun(
        **about(),
        plan="default-1/sos",
        step="near",
        tier=Tier.GRID,
        due_t=NOON + MINUTE,
        reason=None,
        tell=(),
        agency=None,
        by=None,
    )
    escalated = IncidentEscalated(**about(), rung=Rung.LOUDER, reason=EscalationReason.NOT_TAKEN)
    told = PersonTold(**about(), person="supervisor", gateway="sms", ok=False, why="busy")
    return [
        *(begun, decided(), escalated, told),
        *(assigned(n, f"r{n + 1}", need="volunteer") for n in range(1, 6)),
        assigned(6, "r7", volunteered=True, carried_from=AssignmentId(f"{OTHER}/1")),
        *(of(OrderReceived), of(OrderShown), of(GatewayTried, gateway="sms", ok=True, why="")),
        *(accepted(), of(UnitEnRoute), arrived(), of(UnitCleared)),
        *(of(UnitDeclined, 2, reason=words("走不开")), of(AssignmentExpired, 3)),
        of(AssignmentWithdrawn, 4, reason=WithdrawReason.ENOUGH, by=None),
        ResponseLapsed(**about()),
    ]


def _the_operator() -> list[Event]:
    shift = ShiftHandedOver(
        **BARE, to=OperatorName("李"), incidents=(INCIDENT,), words=words("交班"), **by_wang()
    )
    handed = HandedOver(
        **about(),
        agency=Agency.AMBULANCE,
        contact=Personal(Purpose.PERSON, "李医生"),
        words=words("已派车"),
        **by_wang(),
    )
    answered = CancelAnswered(**about(), granted=False, words=words("不像误报"), **by_wang())
    return [
        *(taken(), SeenConfirmed(**about(), alarm=alarm_id(1)), note(), shift, lapsed(), taken()),
        *(revised(), found_at(), replanned(), handed, wished(duress=True), answered),
        CallsHeld(**about(), held=True, words=words("够了"), **by_wang()),
        ChecklistTicked(**about(), item="conscious", done=True, **by_wang()),
        IncidentLinked(**about(), other=OTHER, how=Linked.MERGED, by=None),
    ]


def _afterwards() -> list[Event]:
    callback = CallbackMade(
        **about(), satisfaction=Satisfaction.VERY, words=words("很快"), **by_wang()
    )
    false = {"disposition": Disposition.FALSE_ALARM, "false_reason": FalseReason.RADIO_FAULT}
    exported = IncidentExported(**about(), seal="a" * 64, personal=False, **by_wang())
    return [
        *(closed(), reopened(), closed(**false), callback, exported, closed(OTHER)),
        *(report(), signed_off(), lost(), RadioRevoked(**BARE, radio=RadioId("r1"), by=None)),
        RadioCodeMade(**BARE, radio=RadioId("r1"), expires_t=NOON, by=WANG),
        RadioLetIn(
            **BARE,
            radio=RadioId("r1"),
            by=WANG,
            by_code=True,
            address=Personal(Purpose.ADDRESS, "10.0.0.7"),
        ),
        RadioCodeRefused(
            **BARE,
            why=CodeRefused.RUN_OUT,
            radio=RadioId("r1"),
            times=3,
            address=Personal(Purpose.ADDRESS, "10.0.0.8"),
        ),
        TrackErased(
            **BARE, unit=UnitId("r1"), from_t=NOON, to_t=NOON, by=WANG, why=words("本人要求")
        ),
        ConsoleAttended(**BARE, by=WANG),
    ]
