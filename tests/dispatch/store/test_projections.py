"""The tables for looking up are nothing but the journal, told another way."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select

from dispatch.board import Board
from dispatch.events import (
    EVENT_TYPES,
    AssignmentExpired,
    AssignmentWithdrawn,
    Event,
    OrderReceived,
    RadioRevoked,
    ResponseLapsed,
    UnitAccepted,
    UnitArrived,
    UnitCleared,
    UnitDeclined,
    UnitEnRoute,
)
from dispatch.fold import fold
from dispatch.ids import GridId, RadioId
from dispatch.incident import Incident
from dispatch.records import answered
from dispatch.store import projections
from dispatch.store.schema import METADATA, PROJECTIONS, alarms, assignments, drills, incidents
from dispatch.store.sql import SqlStore
from dispatch.words import Disposition, FalseReason, Kind, PlaceSource, WithdrawReason
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import (
    COMMUNITY,
    INCIDENT,
    NOON,
    alarm,
    alarm_id,
    assigned,
    closed,
    connected,
    note,
    opened,
    place,
    report,
    signed_on,
    taken,
)
from tests.dispatch.store.story import (
    EXERCISE,
    OTHER,
    a_whole_story,
    about,
    drill_ended,
    drill_started,
    found_at,
    joined,
    lapsed,
    moved,
    of,
    reopened,
    replanned,
    revised,
    wished,
)

STEPS: Final[list[Event]] = [
    *(of(OrderReceived, n) for n in (1, 2)),
    *(of(UnitAccepted, n) for n in (1, 2)),
    *(of(UnitDeclined, n, reason=None) for n in (1, 2)),
    *(of(UnitEnRoute, n) for n in (1, 2)),
    *(of(UnitArrived, n) for n in (1, 2)),
    *(of(UnitCleared, n) for n in (1, 2)),
    *(of(AssignmentExpired, n) for n in (1, 2)),
    *(of(AssignmentWithdrawn, n, reason=WithdrawReason.ENOUGH, by=None) for n in (1, 2)),
    ResponseLapsed(**about()),
    *(taken(), taken(by="李"), lapsed()),
    *(revised(), revised(Kind.FIRE, 1), found_at("g2"), found_at(None), replanned()),
    *(wished(duress=False), wished(duress=True)),
    *(joined(2), joined(2, place_source=PlaceSource.FIX, grid=GridId("g3"), place=place())),
    closed(),
    *(
        closed(disposition=Disposition.FALSE_ALARM, false_reason=reason)
        for reason in (None, *FalseReason)
    ),
    reopened(),
]
"""What may happen to an incident with two units called, in any order."""

MOVES: Final[list[list[Event]]] = [
    *(moved(counter, a, b) for counter in (1, 2) for a, b in ((INCIDENT, OTHER), (OTHER, INCIDENT)))
]
"""An operator puts presses where they belong."""


def test_the_story_tells_every_kind_of_fact() -> None:
    """Or the next test would claim more than it checks."""
    assert {type(fact).__name__ for fact in a_whole_story()} == set(EVENT_TYPES)


def test_rebuilt_is_the_same_as_grown(store: SqlStore, home: Home) -> None:
    """Otherwise a repair would quietly change what the console shows of the past."""
    for fact in a_whole_story():
        store.submit([fact]).result(20)
    grown = home.tables()

    for table in PROJECTIONS:
        home.tamper(f"DELETE FROM {table.name}")
    home.tamper("INSERT INTO units (unit, community) VALUES ('ghost', 'xizi')")
    count = store.rebuild()

    assert count == len(a_whole_story())
    assert home.tables() == grown
    assert all(grown.values())


def test_what_happened_to_an_alarm_can_be_looked_up(store: SqlStore, home: Home) -> None:
    store.submit(a_whole_story()).result(20)

    assert home.rows(
        "SELECT incident, repeats, conflicts, tries, undecided, drill FROM alarms ORDER BY alarm"
    ) == [
        (INCIDENT, 7, 1, 2, "", False),
        (INCIDENT, 0, 0, 0, "", False),
        (EXERCISE, 0, 0, 0, "", True),
    ]


def test_where_each_assignment_stands_can_be_looked_up(store: SqlStore, home: Home) -> None:
    store.submit(a_whole_story()).result(20)

    states = home.rows("SELECT state, answered FROM assignments ORDER BY assignment")

    assert states == [
        *(("clear", True), ("declined", False), ("expired", False)),
        *(("withdrawn", None), ("offered", None), ("offered", None)),
    ]
    assert home.rows("SELECT need, volunteered, carried_from FROM assignments ORDER BY assignment")[
        -2:
    ] == [("volunteer", False, None), ("", True, f"{OTHER}/1")]


@given(st.lists(st.sampled_from([*([step] for step in STEPS), *MOVES]), max_size=25), st.booleans())
def test_the_tables_say_what_the_board_says(steps: list[list[Event]], in_one_group: bool) -> None:
    """One life cycle: looking back must not tell another story than the screen did.

    However the facts were grouped: runs of one statement go to the database together.
    """
    story = [
        *(alarm(1), alarm(2), opened(alarm=alarm_id(1)), opened(OTHER, alarm=alarm_id(2))),
        *(assigned(1), assigned(2, "r3"), *(fact for step in steps for fact in step)),
    ]
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
        told_incident = _row_of(conn, INCIDENT)
        told_alarms = _pairs(conn, alarms.c.alarm, alarms.c.incident)
        told = conn.execute(select(assignments).order_by(assignments.c.assignment)).all()

    engine.dispose()
    incident = board.incidents[INCIDENT]
    assert told_incident == _told(incident)
    assert told_alarms == {each.alarm: each.incident for each in board.alarms.values()}
    assert [(row.state, row.state_t, row.answered) for row in told] == [
        (a.state, a.state_t, answered(a.times)) for a in incident.assignments.values()
    ]


def _row_of(conn: Connection, incident: str) -> dict[str, Any]:
    row = conn.execute(select(incidents).where(incidents.c.incident == incident)).mappings().one()
    fixed = ("incident", "community", "day", "number", "opened_t", "sender", "linked_to")
    return {key: value for key, value in row.items() if key not in fixed}


def _told(incident: Incident) -> dict[str, Any]:
    """What the table should say of an incident that changes."""
    return {
        "kind": incident.kind,
        "priority": incident.priority,
        "covert": incident.covert,
        "phase": incident.phase,
        "closed_t": incident.closed_t,
        "grid": incident.grid or "",
        "taken_by": incident.taken_by or "",
        "taken_t": incident.taken_t,
        "disposition": incident.disposition or "",
        "duplicate_of": incident.duplicate_of,
        "plan": incident.plan,
        "drill": incident.drill,
        "false_reason": incident.false_reason,
    }


def _pairs(conn: Connection, key: Any, value: Any) -> dict[str, Any]:
    return {row[0]: row[1] for row in conn.execute(select(key, value))}


@pytest.mark.parametrize("fact", STEPS, ids=lambda fact: type(fact).__name__)
def test_the_same_fact_twice_in_one_group_is_taken(store: SqlStore, fact: Event) -> None:
    """Five units accept within a millisecond: not every statement may be run in a row like that."""
    store.submit([opened(), assigned(1), assigned(2, "r3"), fact, fact]).result(20)

    assert store.verify().facts == 5


def test_an_exercise_is_on_until_it_has_ended(store: SqlStore, home: Home) -> None:
    store.submit([drill_started("one"), drill_started("two"), drill_ended("one")]).result(20)

    rows = home.rows(f"SELECT drill, seq, ended_t FROM {drills.name} ORDER BY seq")

    assert rows == [("one", 1, NOON), ("two", 2, None)]


def test_an_exercise_that_begins_again_under_its_name_is_on(store: SqlStore, home: Home) -> None:
    """Names tell the second by the wall clock, which comes twice in an autumn night."""
    store.submit([drill_started("one"), drill_ended("one"), drill_started("one")]).result(20)

    assert home.rows("SELECT drill, seq, ended_t FROM drills") == [("one", 3, None)]


def test_a_revoked_radio_is_neither_on_duty_nor_online(store: SqlStore) -> None:
    """After a restart it must not walk again."""
    revoked = RadioRevoked(t=NOON, community=COMMUNITY, radio=RadioId("r1"), by=None)
    store.submit([signed_on("r1"), connected("r1"), revoked]).result(20)

    restored = store.load()
    assert (list(restored.on_duty), list(restored.online)) == ([], [])


def test_no_table_but_one_holds_what_is_personal(store: SqlStore, home: Home) -> None:
    """Erasing reaches only there."""
    store.submit([alarm(), opened(), note("13800000000"), report(), closed()]).result(20)

    assert "13800000000" not in str(home.tables()) + str(home.rows("SELECT * FROM journal"))
