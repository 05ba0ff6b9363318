"""A journal of Yihu's first tables goes on: nothing is lost, nothing reads otherwise.

``journal_0001.json`` is what that version left on disk after an evening in the builders'
town: an incident resolved, a false alarm, a phone call with a guard called back, and a press
that a volunteer is on the way to. Its decisions name roles where later ones name needs.
"""

from itertools import count
from typing import Final

import pytest

from dispatch.board import Board
from dispatch.fold import fold
from dispatch.hub import Hub
from dispatch.ids import IncidentId, UnitId
from dispatch.live import LiveTable
from dispatch.records import Tally
from dispatch.roster import Roster
from dispatch.store.journal import facts_at
from dispatch.store.port import Restored
from dispatch.words import AssignmentState, Phase
from tests.builders import WANG, Shell, called, settings, states, town
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.left import as_left_by, left_by

CALLED_BACK: Final = IncidentId("town-20260529-003")
OPEN: Final = IncidentId("town-20260529-004")


@pytest.fixture
def old(home: Home) -> Home:
    """A store as the first version left it."""
    return as_left_by("0001", home)


def hub_of(restored: Restored) -> Shell:
    """A hub that goes on with these facts."""
    roster = Roster([town()], restored.radios)
    hub = Hub(settings=settings(), roster=roster, live=LiveTable(roster))
    commands = count(100)  # those of that evening are done already
    shell = Shell(hub, now=restored.last_t, facts=list(restored.facts), _commands=commands)
    shell.take(shell.hub.restore(restored, shell.now))
    shell.present(WANG)
    return shell


def test_the_chain_is_whole_after_the_step(old: Home) -> None:
    """Its last hash may have been noted elsewhere: the step may not touch what is hashed."""
    journal = left_by("0001")["journal"]

    report = old.open().verify()

    assert (report.facts, report.broken_at_seq) == (len(journal), None)
    assert report.head == journal[-1]["hash"]


def test_old_rows_say_what_new_ones_would(old: Home) -> None:
    """Who answered is in no column of the first tables: the guard who was called back had."""
    store = old.open()
    grown = old.tables()

    store.rebuild()

    assert old.tables() == grown
    assert old.rows(
        "SELECT unit, state, answered, carried_from FROM assignments"
        f" WHERE incident = '{CALLED_BACK}'"
    ) == [("g1", "withdrawn", True, None)]
    assert old.rows("SELECT count(*) FROM incidents WHERE drill IS NOT NULL") == [(0,)]


def test_the_records_of_that_time_count(old: Home) -> None:
    """The first wave after the upgrade is sized by what people did before it."""
    restored = old.open().load()
    engine = old.engine()
    board = Board()
    with engine.connect() as conn:
        for fact in facts_at(conn, range(1, restored.seq + 1)):
            fold(board, fact)
    engine.dispose()

    assert restored.records is not None
    assert restored.records == board.records
    assert restored.records.of(UnitId("v2"), restored.last_t) == Tally(2, 2, 2)
    assert restored.records.of(UnitId("g1"), restored.last_t) == Tally(3, 1, 1)
    assert restored.records.of(UnitId("v3"), restored.last_t) == Tally(2, 0, 0)


def test_a_hub_goes_on_with_the_incident_that_is_open(old: Home) -> None:
    """A press of the minute before the upgrade has somebody on the way."""
    shell = hub_of(old.open().load())

    incident = shell.hub.incidents[OPEN]
    assert incident.phase == Phase.ACCEPTED
    assert called(incident)[:5] == ["v2", "v3", "v4", "g1", "p1"]
    assert states(incident)["v2"] == AssignmentState.ACCEPTED
    assert incident.decisions[0].missing == {"guard": 1, "police": 1, "volunteer": 3}
    assert {each.unit for each in incident.decisions[0].candidates} >= {"v1", "v2", "g1"}

    shell.answer(shell.order_of(incident, "v2"), AssignmentState.ON_SCENE, radio="v2")
    shell.wait(600)
    shell.took(incident)
    shell.close(incident)

    assert not incident.open
    assert not any(each.live for each in incident.assignments.values())


def test_what_the_new_version_writes_stands_beside_the_old(old: Home) -> None:
    """One chain, one set of tables."""
    store = old.open()
    restored = store.load()
    shell = hub_of(restored)
    shell.took(shell.hub.incidents[OPEN])
    shell.wait(60)

    store.submit(shell.facts[len(restored.facts) :]).result(20)

    assert store.verify().broken_at_seq is None
    again = hub_of(store.load())
    assert again.hub.incidents[OPEN].taken_by == WANG
    assert again.hub.records == shell.hub.records


def test_a_fact_that_cannot_be_read_does_not_keep_the_hub_from_starting(old: Home) -> None:
    """Somebody tampered with one old row: `yihu verify` says so, the next press is heard."""
    old.tamper("UPDATE journal SET name = 'Nonsense' WHERE seq = 1")

    store = old.open()

    assert store.load().seq > 1
    assert store.verify().broken_at_seq == 1


def test_the_tables_are_built_again_only_after_a_step(
    old: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """A long journal takes a while: once, and said."""
    old.open().close()
    assert "store_upgraded" in capsys.readouterr().out

    old.open().close()

    assert "store_upgraded" not in capsys.readouterr().out
