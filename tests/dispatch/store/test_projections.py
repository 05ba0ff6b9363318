"""The tables for looking up are nothing but the journal, told another way."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from dispatch.board import Board
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
    UnitAccepted,
    UnitArrived,
    UnitCleared,
    UnitDeclined,
    UnitEnRoute,
)
from dispatch.fold import fold
from dispatch.ids import AssignmentId, CommandId, GridId, OperatorName, RadioId, UnitId
from dispatch.store import projections
from dispatch.store.schema import METADATA, PROJECTIONS, assignments, incidents
from dispatch.store.sql import SqlStore
from dispatch.words import Disposition, EscalationReason, PlaceSource, Role, Rung, WithdrawReason
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
    bare: dict[str, Any] = {"t": NOON, "community": COMMUNITY}
    joined = AlarmJoined(
        **ABOUT,
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
    escalated = IncidentEscalated(**ABOUT, rung=Rung.LOUDER, reason=EscalationReason.NOT_TAKEN)
    reopened = IncidentReopened(**ABOUT, by=WANG, words=None, command=CommandId("c9"))
    return [
        *(enrolled, ConsoleUnattended(**bare), connected(), signed_on(), alarm(1), alarm(2)),
        *(AlarmRepeated(**bare, alarm=alarm_id(1), repeats=7), conflict(1), undecided(1, tries=2)),
        *(opened(alarm=alarm_id(1)), joined, decided(), escalated),
        *(assigned(n, f"r{n + 1}") for n in range(1, 6)),
        *(of(OrderReceived), accepted(), of(UnitEnRoute), arrived(), of(UnitCleared)),
        *(of(UnitDeclined, 2, reason=None), of(AssignmentExpired, 3)),
        of(AssignmentWithdrawn, 4, reason=WithdrawReason.ENOUGH, by=None),
        *(ResponseLapsed(**ABOUT), taken(), SeenConfirmed(**ABOUT, alarm=alarm_id(1)), note()),
        *(closed(), reopened, closed("xizi-20260921-002"), report()),
        *(signed_off(), lost(), RadioRevoked(**bare, radio=RadioId("r1"), by=None)),
        ConsoleAttended(**bare, by=WANG),
    ]


ABOUT: Final[dict[str, Any]] = {"t": NOON, "community": COMMUNITY, "incident": INCIDENT}
WANG: Final = OperatorName("王芳")

STEPS: Final[list[Event]] = [
    *(of(OrderReceived, n) for n in (1, 2)),
    *(of(UnitAccepted, n) for n in (1, 2)),
    *(of(UnitDeclined, n, reason=None) for n in (1, 2)),
    *(of(UnitEnRoute, n) for n in (1, 2)),
    *(of(UnitArrived, n) for n in (1, 2)),
    *(of(UnitCleared, n) for n in (1, 2)),
    *(of(AssignmentExpired, n) for n in (1, 2)),
    *(of(AssignmentWithdrawn, n, reason=WithdrawReason.ENOUGH, by=None) for n in (1, 2)),
    ResponseLapsed(**ABOUT),
    taken(),
    closed(),
    closed(disposition=Disposition.FALSE_ALARM),
    IncidentReopened(**ABOUT, by=WANG, words=None, command=CommandId("c9")),
]
"""What may happen to an incident with two units called, in any order."""


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
        store.submit([fact]).result(20)
    grown = tables(home)

    for table in PROJECTIONS:
        home.tamper(f"DELETE FROM {table.name}")
    home.tamper("INSERT INTO units (unit, community) VALUES ('ghost', 'xizi')")
    count = store.rebuild()

    assert count == len(a_whole_story())
    assert tables(home) == grown
    assert all(grown.values())


def test_what_happened_to_an_alarm_can_be_looked_up(store: SqlStore, home: Home) -> None:
    store.submit(a_whole_story()).result(20)

    assert home.rows(
        "SELECT incident, repeats, conflicts, tries, undecided FROM alarms ORDER BY alarm"
    ) == [(INCIDENT, 7, 1, 2, ""), (INCIDENT, 0, 0, 0, "")]


def test_where_each_assignment_stands_can_be_looked_up(store: SqlStore, home: Home) -> None:
    store.submit(a_whole_story()).result(20)

    states = home.rows("SELECT state FROM assignments ORDER BY assignment")

    assert states == [("clear",), ("declined",), ("expired",), ("withdrawn",), ("offered",)]


@given(st.lists(st.sampled_from(STEPS), max_size=25), st.booleans())
def test_the_tables_say_what_the_board_says(steps: list[Event], in_one_group: bool) -> None:
    """One life cycle: looking back must not tell another story than the screen did.

    However the facts were grouped: runs of one statement go to the database together.
    """
    story = [opened(), assigned(1), assigned(2, "r3"), *steps]
    board = Board()
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)

    with engine.begin() as conn:
        todo: list[projections.Change] = []
        for seq, fact in enumerate(story, start=1):
            fold(board, fact)
            todo += projections.changes(fact, seq)
            if not in_one_group:
                projections.apply(conn, todo)
                todo = []
        projections.apply(conn, todo)
        told = conn.execute(
            select(incidents.c.phase, incidents.c.closed_t, incidents.c.disposition)
        ).one()
        states = conn.execute(
            select(assignments.c.state, assignments.c.state_t).order_by(assignments.c.assignment)
        ).all()

    engine.dispose()
    incident = board.incidents[INCIDENT]
    assert tuple(told) == (incident.phase, incident.closed_t, incident.disposition or "")
    assert [tuple(row) for row in states] == [
        (a.state, a.state_t) for a in incident.assignments.values()
    ]


@pytest.mark.parametrize("fact", STEPS, ids=lambda fact: type(fact).__name__)
def test_the_same_fact_twice_in_one_group_is_taken(store: SqlStore, fact: Event) -> None:
    """Five units accept within a millisecond: not every statement may be run in a row like that."""
    store.submit([opened(), assigned(1), assigned(2, "r3"), fact, fact]).result(20)

    assert store.verify().facts == 5


def test_a_revoked_radio_is_neither_on_duty_nor_online(store: SqlStore) -> None:
    """After a restart it must not walk again."""
    revoked = RadioRevoked(t=NOON, community=COMMUNITY, radio=RadioId("r1"), by=None)
    store.submit([signed_on("r1"), connected("r1"), revoked]).result(20)

    assert store.load().facts == []


def test_no_table_but_one_holds_what_is_personal(store: SqlStore, home: Home) -> None:
    """Erasing reaches only there."""
    store.submit([alarm(), opened(), note("13800000000"), report(), closed()]).result(20)

    assert "13800000000" not in str(tables(home)) + str(home.rows("SELECT * FROM journal"))
