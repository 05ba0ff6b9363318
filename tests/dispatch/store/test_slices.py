"""An incident is cut out of the journal row by row, as it stands, and its tracks of the history."""

import numpy as np

from dispatch.clock import DAY, MINUTE, SECOND
from dispatch.events import AlarmJoined, IncidentExported
from dispatch.ids import CommandId, IncidentId, OperatorName, UnitId
from dispatch.store import slices
from dispatch.store.chain import GENESIS, Tail, next_tail
from dispatch.store.database import look
from dispatch.store.sql import SqlStore, beside_at
from dispatch.words import PlaceSource
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import (
    COMMUNITY,
    INCIDENT,
    NOON,
    alarm,
    alarm_id,
    assigned,
    closed,
    decided,
    note,
    opened,
    place,
    signed_on,
    taken,
)
from tests.dispatch.store.past import fixes

OTHER = IncidentId("xizi-20260921-002")


def joined(incident: IncidentId, counter: int) -> AlarmJoined:
    return AlarmJoined(
        t=NOON,
        community=COMMUNITY,
        incident=incident,
        alarm=alarm_id(counter),
        place_source=PlaceSource.FIX,
        grid=None,
        fix_t=NOON,
        place=place(),
    )


def test_every_row_can_be_hashed_again_from_the_slice_alone(store: SqlStore) -> None:
    """Whoever holds the slice needs nothing of the journal between its rows."""
    store.submit([alarm(), signed_on("r9"), opened(alarm=alarm_id())]).result(20)
    store.submit([signed_on("r8"), note(), closed()]).result(20)

    found = store.incident_slice(INCIDENT)

    assert [row.name for row in found.rows] == [
        "AlarmReceived",
        "IncidentOpened",
        "NoteAdded",
        "IncidentClosed",
    ]
    assert [row.seq for row in found.rows] == [1, 3, 5, 6]
    assert found.rows[0].before == GENESIS
    for row in found.rows:
        tail = Tail(row.seq - 1, row.before)
        here = next_tail(tail, t=row.t, community=row.community, name=row.name, body=row.body)
        assert here.hash == row.hash
    assert found.rows_left_out == 0


def test_personal_values_stand_beside_and_erased_ones_say_when(store: SqlStore) -> None:
    """The salt goes out with the text: without it nobody could check the digest."""
    store.submit([opened(), note(), closed()]).result(20)
    before = store.incident_slice(INCIDENT).values
    store.erase(incident=INCIDENT, t=NOON + DAY)

    after = store.incident_slice(INCIDENT).values

    assert all(value.salt and value.text and value.erased_t is None for value in before)
    assert [value.id for value in after] == [value.id for value in before]
    assert all((v.salt, v.text, v.erased_t) == (None, None, NOON + DAY) for v in after)
    assert not any(value.left_out for value in after)


def test_other_incidents_facts_are_not_in_it(store: SqlStore) -> None:
    """An alarm that an operator moved is told of in both, each by its own facts."""
    store.submit([alarm(1), opened(alarm=alarm_id(1)), opened(OTHER)]).result(20)
    store.submit([joined(OTHER, 1), note("别处", OTHER)]).result(20)

    mine = [(row.seq, row.name) for row in store.incident_slice(INCIDENT).rows]
    other = [(row.seq, row.name) for row in store.incident_slice(OTHER).rows]

    assert mine == [(1, "AlarmReceived"), (2, "IncidentOpened")]
    assert [seq for seq, _ in other] == [1, 3, 4, 5]


def test_an_unknown_incident_has_no_rows(store: SqlStore) -> None:
    assert store.incident_slice(INCIDENT).rows == ()


def test_of_too_many_facts_the_first_and_the_last_are_kept(store: SqlStore, home: Home) -> None:
    """How it began and how it ended; what is left out is counted."""
    store.submit([opened(), *(note(str(n)) for n in range(8)), closed()]).result(20)
    engine = home.engine()
    with look(engine) as conn:
        by_count = slices.incident_slice(conn, INCIDENT, facts_max=4)
        by_length = slices.incident_slice(conn, INCIDENT, body_chars_max=1_500)
    engine.dispose()

    assert [row.seq for row in by_count.rows] == [1, 2, 9, 10]
    assert by_count.rows_left_out == 6
    assert {value.seq for value in by_count.values} == {1, 2, 9, 10}
    assert by_length.rows_left_out > 0
    assert {by_length.rows[0].seq, by_length.rows[-1].seq} == {1, 10}


def test_of_too_long_values_the_inputs_of_decisions_give_way_first(
    store: SqlStore, home: Home
) -> None:
    """Words and places are short and wanted; a thousand candidates a wave are long."""
    store.submit([opened(), decided(), note("有人追赶"), closed()]).result(20)
    whole = store.incident_slice(INCIDENT).values
    decision = next(value for value in whole if value.purpose == "decision")
    room = sum(len(v.text or "") for v in whole if v is not decision)
    engine = home.engine()
    with look(engine) as conn:
        found = slices.incident_slice(conn, INCIDENT, value_chars_max=room)
    engine.dispose()

    assert [v.id for v in found.values if v.left_out] == [decision.id]
    assert all(v.text for v in found.values if not v.left_out)


def test_a_track_is_read_over_midnight_and_in_order(store: SqlStore) -> None:
    """Rows lie by day; a night's walk lies over two."""
    midnight = NOON // DAY * DAY
    store.submit_fixes(fixes(start=midnight - 5 * SECOND, count=10), [])
    store.submit_fixes(fixes(unit="r2", start=midnight, count=3), [])
    store.flush_history()

    found = store.track(
        UnitId("r1"), from_t=midnight - 2 * SECOND, to_t=midnight + SECOND, fixes_max=100
    )

    assert [t for t, *_ in found.fixes] == [midnight + n * SECOND for n in (-2, -1, 0, 1)]
    assert found.fixes[0][1:] == (1201234567, 307654321, 43)
    assert found.fixes_left_out == 0


def test_a_long_track_is_thinned_evenly_and_says_by_how_much(store: SqlStore) -> None:
    """Every n-th fix: no stretch of the way is missing."""
    acc = np.full(1_000, np.nan, np.float32)
    store.submit_fixes(fixes(count=1_000, acc_m=acc), [])
    store.flush_history()

    found = store.track(UnitId("r1"), from_t=NOON, to_t=NOON + DAY, fixes_max=100)

    assert len(found.fixes) == 100
    assert found.fixes_left_out == 900
    assert {b[0] - a[0] for a, b in zip(found.fixes, found.fixes[1:], strict=False)} == {
        10 * SECOND
    }
    assert found.fixes[0][3] is None


def test_the_journal_says_what_it_has_beside_a_file(store: SqlStore, home: Home) -> None:
    """By number, with what a file may have left out, and the seals of those handed out."""
    exported = IncidentExported(
        t=NOON + 2 * MINUTE,
        community=COMMUNITY,
        incident=INCIDENT,
        by=OperatorName("王芳"),
        seal="ab" * 32,
        personal=True,
        command=CommandId("c9"),
    )
    store.submit([opened(), taken(), closed(), exported]).result(20)

    found = beside_at(home.url, home.data_dir, incident=INCIDENT, seqs=[1, 3, 99])

    assert sorted(found.rows) == [1, 3]
    assert found.rows[3] == store.incident_slice(INCIDENT).rows[2]
    assert found.numbers == {1, 2, 3, 4}
    assert found.exports == (("ab" * 32, "王芳", NOON + 2 * MINUTE),)


def test_a_row_whose_neighbour_was_removed_says_so(store: SqlStore, home: Home) -> None:
    """An empty hash before it fits nothing, so that the file made of it is found broken."""
    store.submit([opened(), signed_on(), assigned()]).result(20)
    home.tamper("DELETE FROM journal WHERE seq = 2")

    rows = store.incident_slice(INCIDENT).rows

    assert [(row.seq, row.before == "") for row in rows] == [(1, False), (3, True)]
