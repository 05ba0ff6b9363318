"""What is open is kept as it stands, for a quick start, and believed only where it fits."""

from dispatch.clock import DAY, HOUR, MINUTE
from dispatch.ids import IncidentId
from dispatch.store.sql import SqlStore
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import (
    INCIDENT,
    NOON,
    accepted,
    alarm,
    alarm_id,
    assigned,
    closed,
    decided,
    opened,
    signed_on,
    taken,
)
from tests.dispatch.store.started import board_of, folded

STORY = [alarm(1), opened(alarm=alarm_id(1)), decided(), assigned()]
LATER = [accepted(), taken()]
OTHER = IncidentId("xizi-20260921-002")


def kept(home: Home) -> int:
    """How many rows there are, the head among them."""
    [(count,)] = home.rows("SELECT count(*) FROM standing")
    return int(count)


def noted(store: SqlStore) -> None:
    """All that there is to note."""
    while store.note_standing():
        pass


def test_a_start_goes_on_from_what_is_kept(home: Home) -> None:
    """It folds what came since, instead of an evening's facts."""
    store = home.open()
    store.load()
    store.submit(STORY).result(20)
    store.load()
    store.submit(LATER).result(20)

    restored = store.load()

    assert restored.facts == []
    assert board_of(restored).incidents == folded([*STORY, *LATER]).incidents
    assert board_of(store.load()).alarms == folded([*STORY, *LATER]).alarms


def test_what_is_kept_goes_on_with_the_journal(home: Home) -> None:
    """A hub that runs for a month starts as quickly as one that was just started."""
    store = home.open()
    store.submit(STORY).result(20)
    store.load()
    store.submit(LATER).result(20)

    noted(store)

    restored = home_again(home, store).load()
    assert restored.facts == []
    assert restored.board is not None
    assert restored.board.incidents == folded([*STORY, *LATER]).incidents


def test_a_hub_that_has_nothing_to_go_on_with_notes_nothing(store: SqlStore) -> None:
    store.submit(STORY).result(20)

    assert not store.note_standing()


def test_what_was_deleted_is_folded_again(home: Home) -> None:
    """It costs time, and nothing else."""
    store = home.open()
    store.submit(STORY).result(20)
    store.load()
    home.tamper("DELETE FROM standing")

    assert board_of(store.load()).incidents == folded(STORY).incidents
    assert kept(home) == 3


def test_a_missing_or_damaged_row_is_found_out(home: Home) -> None:
    """Half a board is worse than none."""
    store = home.open()
    store.submit(STORY).result(20)
    for damage in (
        "DELETE FROM standing WHERE key LIKE 'i/%'",
        "DELETE FROM standing WHERE key LIKE 'a/%'",
        "UPDATE standing SET data = 'x' WHERE key LIKE 'i/%'",
        "UPDATE standing SET data = 'x' WHERE key = 'head'",
    ):
        store.load()
        home.tamper(damage.replace("'x'", "CAST('x' AS BLOB)" if not home.url else "'x'"))

        assert board_of(store.load()).incidents == folded(STORY).incidents


def test_what_was_kept_beside_another_journal_is_not_believed(home: Home) -> None:
    """A backup of one was put back without the other: the hash says so."""
    store = home.open()
    store.submit(STORY).result(20)
    store.load()
    home.tamper("UPDATE journal SET hash = 'other' WHERE seq = 4")

    assert store.load().facts == []
    assert board_of(store.load()).incidents == folded(STORY).incidents


def test_ended_incidents_leave_after_a_shift(home: Home) -> None:
    """The table is as long as the night is bad, not as the years."""
    store = home.open()
    store.submit([*STORY, closed()]).result(20)
    store.load()
    store.submit([opened(OTHER, t=NOON + 13 * HOUR)]).result(20)

    noted(store)

    assert {key for (key,) in home.rows("SELECT key FROM standing")} == {"head", f"i/{OTHER}"}
    assert board_of(store.load()).incidents.keys() == {OTHER}


def test_erasing_leaves_nothing_of_it_here(home: Home) -> None:
    """A place that somebody had erased must not live on in a shortcut."""
    store = home.open()
    store.submit([*STORY, closed(t=NOON + MINUTE), signed_on(t=NOON + HOUR)]).result(20)
    store.load()
    assert kept(home) == 3

    assert store.erase(incident=INCIDENT, t=NOON + 2 * HOUR) > 0

    assert kept(home) == 0
    assert board_of(store.load()).incidents[INCIDENT].lon is None


def test_what_expires_leaves_nothing_of_it_here_either(home: Home) -> None:
    """A hub that was off for a season still holds its last shift."""
    store = home.open()
    store.submit([*STORY, closed(t=NOON + MINUTE)]).result(20)
    store.load()

    assert store.erase_expired(NOON + 400 * DAY) > 0

    assert kept(home) == 0


def home_again(home: Home, store: SqlStore) -> SqlStore:
    """As after a restart."""
    store.close()
    return home.open()
