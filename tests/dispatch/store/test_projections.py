"""The tables for looking up are nothing but the journal, told another way."""

from typing import Any

from dispatch.clock import MINUTE
from dispatch.events import (
    EVENT_TYPES,
    AlarmJoined,
    AlarmRepeated,
    AssignmentEvent,
    AssignmentExpired,
    AssignmentWithdrawn,
    ConsoleAttended,
    ConsoleUnattended,
    Event,
    IncidentEscalated,
    IncidentReopened,
    OrderReceived,
    RadioEnrolled,
    RadioRevoked,
    ResponseLapsed,
    SeenConfirmed,
    UnitCleared,
    UnitDeclined,
    UnitEnRoute,
)
from dispatch.ids import AssignmentId, CommandId, GridId, OperatorName, RadioId, UnitId
from dispatch.store.projections import STATE_AFTER
from dispatch.store.schema import PROJECTIONS
from dispatch.store.sql import SqlStore
from dispatch.words import EscalationReason, PlaceSource, Role, Rung, WithdrawReason
from tests.dispatch.store.conftest import Home
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
    report,
    signed_off,
    signed_on,
    taken,
    undecided,
)


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


def a_whole_story() -> list[Event]:
    """Every kind of fact at least once."""
    about: dict[str, Any] = {"t": NOON, "community": COMMUNITY, "incident": INCIDENT}
    bare: dict[str, Any] = {"t": NOON, "community": COMMUNITY}
    joined = AlarmJoined(
        **about,
        alarm=alarm_id(2),
        place_source=PlaceSource.NONE,
        grid=None,
        fix_t=None,
        place=None,
    )
    enrolled = RadioEnrolled(
        **bare,
        radio=RadioId("r1"),
        call_sign="西子一间",
        role=Role.GUARD,
        skills=("aed",),
        post=GridId("g1"),
    )
    escalated = IncidentEscalated(**about, rung=Rung.LOUDER, reason=EscalationReason.NOT_TAKEN)
    reopened = IncidentReopened(
        **about, by=OperatorName("王芳"), words=None, command=CommandId("c9")
    )
    return [
        *(enrolled, ConsoleUnattended(**bare), connected(), signed_on(), alarm(1), alarm(2)),
        *(AlarmRepeated(**bare, alarm=alarm_id(1), repeats=7), conflict(1), undecided(1, tries=2)),
        *(opened(alarm=alarm_id(1)), joined, decided(), escalated),
        *(assigned(n, f"r{n + 1}") for n in range(1, 6)),
        *(of(OrderReceived), accepted(), of(UnitEnRoute), arrived(), of(UnitCleared)),
        *(of(UnitDeclined, 2, reason=None), of(AssignmentExpired, 3)),
        of(AssignmentWithdrawn, 4, reason=WithdrawReason.ENOUGH, by=None),
        *(ResponseLapsed(**about), taken(), SeenConfirmed(**about, alarm=alarm_id(1)), note()),
        *(closed(), reopened, closed("xizi-20260921-002"), report()),
        *(signed_off(), lost(), RadioRevoked(**bare, radio=RadioId("r1"), by=None)),
        ConsoleAttended(**bare, by=OperatorName("王芳")),
    ]


def tables(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: sorted(home.rows(f"SELECT * FROM {table.name}"), key=str)
        for table in PROJECTIONS
    }


def test_the_story_tells_every_kind_of_fact() -> None:
    """Or the next test would claim more than it checks."""
    assert {type(fact).__name__ for fact in a_whole_story()} == set(EVENT_TYPES)


def test_rebuilt_is_the_same_as_grown(store: SqlStore, home: Home) -> None:
    """Otherwise a repair would quietly change what the console shows of the past."""
    for fact in a_whole_story():
        store.submit([fact]).result(5)
    grown = tables(home)

    for table in PROJECTIONS:
        home.tamper(f"DELETE FROM {table.name}")
    home.tamper("INSERT INTO units (unit, community) VALUES ('ghost', 'xizi')")
    count = store.rebuild()

    assert count == len(a_whole_story())
    assert tables(home) == grown
    assert all(grown.values())


def test_what_happened_to_an_alarm_can_be_looked_up(store: SqlStore, home: Home) -> None:
    store.submit(a_whole_story()).result(5)

    assert home.rows(
        "SELECT incident, repeats, conflicts, tries, undecided FROM alarms ORDER BY alarm"
    ) == [(INCIDENT, 7, 1, 2, ""), (INCIDENT, 0, 0, 0, "")]


def test_where_each_assignment_stands_can_be_looked_up(store: SqlStore, home: Home) -> None:
    store.submit(a_whole_story()).result(5)

    states = home.rows("SELECT state FROM assignments ORDER BY assignment")

    assert states == [("clear",), ("declined",), ("expired",), ("withdrawn",), ("offered",)]


def test_every_fact_about_an_assignment_has_a_state() -> None:
    kinds = {cls for cls in EVENT_TYPES.values() if issubclass(cls, AssignmentEvent)}

    assert set(STATE_AFTER) == kinds


def test_an_open_incident_tells_how_far_it_has_come(store: SqlStore, home: Home) -> None:
    """A late order to one more unit does not set an incident back that has people on scene."""
    seen = []
    for fact in (opened(), taken(), assigned(), accepted(), arrived(), assigned(2, "r3")):
        store.submit([fact]).result(5)
        seen.append(home.rows("SELECT phase FROM incidents")[0][0])

    assert seen == ["received", "acknowledged", "dispatched", "accepted", "on_scene", "on_scene"]


def test_no_table_but_one_holds_what_is_personal(store: SqlStore, home: Home) -> None:
    """Erasing reaches only there."""
    store.submit([alarm(), opened(), note("13800000000"), report(), closed()]).result(5)

    assert "13800000000" not in str(tables(home)) + str(home.rows("SELECT * FROM journal"))
