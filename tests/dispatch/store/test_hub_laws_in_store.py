"""A shift in which anything may happen, through the journal and its tables and back.

The hub's own laws replay all facts; a real start is given some of them, and counts that
were made of the rest.
"""

import secrets
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import rule
from sqlalchemy import Connection, create_engine, select

from dispatch.hub import Hub
from dispatch.incident import Incident
from dispatch.records import answered
from dispatch.store import reading, standing, starting
from dispatch.store.codec import canonical, encode
from dispatch.store.journal import Submission, append, read_tail
from dispatch.store.port import Restored
from dispatch.store.rebuild import rebuild
from dispatch.store.schema import METADATA, PROJECTIONS, alarms, assignments, incidents
from tests.dispatch.test_hub_laws import FaultyChooser, HubLaws, a_hub, told


class ThroughTheStore(HubLaws):
    """The store writes as it goes, and notes now and then how things stand. At the end of the
    shift the machine is switched off."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://")
        METADATA.create_all(self.engine)
        self.written = 0

    @rule(facts_max=st.integers(1, 40), steps=st.integers(1, 6))
    def the_store_notes(self, facts_max: int, steps: int) -> None:
        """It goes on by some facts, wherever in a turn these end; the first time it begins."""
        with self.engine.begin() as conn:
            self._write(conn)
            started = starting.state(conn, reading.last_time(conn))
            if started.anew is not None:
                standing.write_all(conn, started.anew, read_tail(conn))
        for _ in range(steps):
            with self.engine.begin() as conn:
                step = standing.next_step(conn, facts_max=facts_max)
                assert step is None or standing.write_step(conn, step)

    @rule()
    def it_is_erased(self) -> None:
        """Whoever deletes what is noted deletes nothing."""
        with self.engine.begin() as conn:
            standing.forget(conn)

    def teardown(self) -> None:
        """In the middle of things, as a power cut finds them."""
        if hasattr(self, "desk"):
            self.the_store_has_it_all()
        self.engine.dispose()

    def the_store_has_it_all(self) -> None:
        """Tables, a start and a rebuild say the same as the hub that ran."""
        if self.desk.unstored:
            return
        with self.engine.begin() as conn:
            self._write(conn)
            for incident in self.desk.hub.incidents.values():
                _check_tables(conn, incident)
            grown = _tables(conn)
            rebuild(conn)
            assert _tables(conn) == grown
            noted = _check_start(conn, self.desk.hub)
            standing.forget(conn)
            folded = _check_start(conn, self.desk.hub)
        for what, told_anew in folded.items():
            assert noted[what] == told_anew, what

    def _write(self, conn: Connection) -> None:
        facts = self.desk.facts[self.written :]
        encoded = tuple(encode(fact, secrets.token_bytes) for fact in facts)
        append(conn, read_tail(conn), [Submission(encoded)])
        self.written += len(facts)


def _check_tables(conn: Connection, incident: Incident) -> None:
    row = conn.execute(select(incidents).where(incidents.c.incident == incident.incident)).one()
    assert (row.phase, row.kind, row.priority) == (incident.phase, incident.kind, incident.priority)
    assert (row.covert, row.grid, row.plan) == (incident.covert, incident.grid or "", incident.plan)
    assert (row.taken_by, row.taken_t) == (incident.taken_by or "", incident.taken_t)
    assert (row.closed_t, row.drill) == (incident.closed_t, incident.drill)
    assert (row.disposition, row.false_reason) == (
        incident.disposition or "",
        incident.false_reason,
    )
    theirs = select(alarms.c.alarm).where(alarms.c.incident == incident.incident)
    assert {alarm for (alarm,) in conn.execute(theirs)} == set(incident.alarms)
    rows = conn.execute(select(assignments).where(assignments.c.incident == incident.incident))
    assert {row.assignment: (row.state, row.state_t, row.answered, row.drill) for row in rows} == {
        each.assignment: (each.state, each.state_t, answered(each.times), incident.drill)
        for each in incident.assignments.values()
    }


def _tables(conn: Connection) -> dict[str, list[Any]]:
    return {
        table.name: sorted((tuple(row) for row in conn.execute(select(table))), key=str)
        for table in PROJECTIONS
    }


def _check_start(conn: Connection, ran: Hub) -> dict[str, Any]:
    """What a hub knows that was started from here; no more of the past than the last shift."""
    last_t = reading.last_time(conn)
    read = starting.state(conn, last_t)
    restored = Restored(
        seq=0,
        last_t=last_t,
        facts=read.facts,
        board=read.board,
        on_duty=starting.on_duty(conn),
        online=starting.online(conn),
        radios=[],
        last_fixes=[],
        incident_numbers=reading.incident_numbers(conn, last_t),
        records=reading.records(conn, last_t),
    )
    started = a_hub(FaultyChooser())
    started._take_up(restored)

    for name, incident in started.incidents.items():
        assert name in ran.incidents or not incident.open, f"{name} rose from the dead"
    for name, incident in ran.incidents.items():
        if incident.open or name in started.incidents:
            assert _as_written(started.incidents[name]) == _as_written(incident)
    for alarm in ran.alarms.values():
        if alarm.incident is None or alarm.incident in started.incidents:
            assert started.alarms[alarm.alarm] == alarm
    assert started.drills == ran.drills
    assert restored.records == ran.records
    for column in ("on_duty", "online"):
        ours, theirs = getattr(started.live.columns, column), getattr(ran.live.columns, column)
        assert ours.tolist() == theirs.tolist(), column
    return _known(started)


def _known(hub: Hub) -> dict[str, Any]:
    """All that a start may tell differently."""
    board, columns = hub._desk.board, hub.live.columns
    return {
        "incidents": {name: _as_written(each) for name, each in board.incidents.items()},
        "alarms": board.alarms,
        "undecided": [each.alarm for each in board.undecided()],
        "replies": dict(board.replies),  # their order only says which is forgotten first
        "orders": board._orders,
        "of_sender": board._of_sender,
        "drills": board.drills,
        "lon": np.nan_to_num(columns.lon).tolist(),
        "fixes": [columns.fix_t.tolist(), columns.battery.tolist(), columns.grid.tolist()],
        "busy": [columns.busy.tolist(), hub.live.busy.tolist(), hub.live.heard.call_t.tolist()],
        "duty": [columns.on_duty.tolist(), columns.online.tolist()],
        "by_press": hub.live._by_press.tolist(),
    }


def _as_written(incident: Incident) -> dict[str, Any]:
    """JSON knows no tuples: the story is compared as it stands in the journal."""
    return told(incident) | {"story": [canonical(fact) for fact in incident.story]}


TestThroughTheStore = ThroughTheStore.TestCase
TestThroughTheStore.settings = hypothesis_settings(
    max_examples=12, stateful_step_count=30, deadline=None, report_multiple_bugs=False
)
