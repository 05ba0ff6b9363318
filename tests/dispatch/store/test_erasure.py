"""Personal values go when asked for and when their time is over, and never while needed."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from dispatch.clock import DAY, MINUTE
from dispatch.errors import StoreDownError, StoreError, UnknownIncidentError, WrongPhaseError
from dispatch.events import NoteAdded, Personal, Purpose
from dispatch.ids import IncidentId
from dispatch.settings import KeptDays
from dispatch.store import erasure
from dispatch.store.retention import KEPT_FOR, kept_for
from dispatch.store.sql import SqlStore
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import (
    INCIDENT,
    NOON,
    alarm,
    alarm_id,
    closed,
    conflict,
    note,
    opened,
    place,
    report,
    words,
)
from tests.dispatch.store.story import EXERCISE, OTHER, a_whole_story, moved


def test_an_ended_incident_is_erased_with_its_alarms(store: SqlStore, home: Home) -> None:
    """The press carried a place, the conflict what else was sent, the note a name."""
    store.submit([alarm(), opened(alarm=alarm_id()), conflict(), note("张三"), closed()])
    store.submit([alarm(2), opened("xizi-20260921-002", alarm=alarm_id(2))]).result(20)

    assert store.erase(incident=INCIDENT, t=NOON + DAY) == 5

    facts = store.incident_facts(INCIDENT)
    assert [f.words for f in facts if isinstance(f, NoteAdded)] == [Personal(Purpose.WORDS, None)]
    assert home.rows("SELECT count(*) FROM personal WHERE value IS NOT NULL") == [(2,)]
    assert store.erase(incident=INCIDENT, t=NOON + 2 * DAY) == 0


def test_every_word_about_an_incident_is_reached(store: SqlStore, home: Home) -> None:
    """Who called, the doctor's number, why it was taken over: new facts bring new words."""
    store.submit(a_whole_story()).result(20)

    store.erase(incident=INCIDENT, t=NOON + DAY)

    left = home.rows(
        "SELECT DISTINCT name, incident FROM personal JOIN journal ON journal.seq = personal.seq"
        " WHERE value IS NOT NULL ORDER BY name, incident"
    )
    assert left == [
        ("AlarmReceived", None),  # the exercise's
        ("IncidentClosed", OTHER),
        *(("IncidentOpened", OTHER), ("IncidentOpened", EXERCISE)),
        *(("PatrolReported", None), ("RadioCodeRefused", None), ("RadioLetIn", None)),
        *(("ShiftHandedOver", None), ("TrackErased", None)),
    ]
    assert store.verify().broken_at_seq is None


def test_every_word_goes_with_its_time(store: SqlStore, home: Home) -> None:
    """A caller's name after a month, a shift's words after a year, whatever fact holds them."""
    store.submit([*a_whole_story(), closed(EXERCISE)]).result(20)
    over = NOON + MINUTE + KEPT_FOR[Purpose.PERSON]

    store.erase_expired(over)

    named = "SELECT DISTINCT name FROM personal JOIN journal ON journal.seq = personal.seq"
    assert home.rows(f"{named} WHERE value IS NULL ORDER BY name") == [
        ("HandedOver",),
        ("IncidentOpened",),
    ]
    store.erase_expired(NOON + MINUTE + max(KEPT_FOR.values()))
    assert home.rows(f"{named} WHERE value IS NOT NULL") == []


def test_a_press_that_was_moved_is_erased_where_it_is(store: SqlStore, home: Home) -> None:
    """The incident that it left is erased without taking from the open one what it needs."""
    store.submit([alarm(1), opened(alarm=alarm_id(1)), alarm(2), opened(OTHER, alarm=alarm_id(2))])
    store.submit([*moved(1, INCIDENT, OTHER), closed()]).result(20)

    assert store.erase(incident=INCIDENT, t=NOON + DAY) == 2

    gone = "SELECT journal.seq FROM personal JOIN journal ON journal.seq = personal.seq"
    assert home.rows(f"{gone} WHERE value IS NULL ORDER BY journal.seq") == [(2,), (7,)]
    store.submit([closed(OTHER)]).result(20)
    assert store.erase(incident=OTHER, t=NOON + DAY) == 4


def test_nothing_of_an_erased_value_stays(store: SqlStore, home: Home) -> None:
    """With the salt left behind, a phone number could be found by trying them all."""
    store.submit([opened(), note("13800000000"), closed()]).result(20)

    store.erase(incident=INCIDENT, t=NOON + DAY)

    assert home.rows("SELECT DISTINCT salt, value, erased_t FROM personal") == [
        (None, None, NOON + DAY)
    ]


def test_an_erased_value_is_gone_from_the_file(home: Home) -> None:
    """SQLite leaves deleted bytes lying about unless told to overwrite them."""
    if home.url:
        pytest.skip("PostgreSQL's files are its own; vacuum clears them")
    store = home.open()
    store.submit([opened(), note("phone-13800000000"), closed()]).result(20)
    store.erase(incident=INCIDENT, t=NOON + DAY)
    store.close()

    left = [p.name for p in Path(home.data_dir).iterdir() if b"phone-138" in p.read_bytes()]

    assert left == []


def test_an_open_incident_keeps_what_its_responders_need(store: SqlStore) -> None:
    store.submit([opened()]).result(20)

    with pytest.raises(WrongPhaseError, match=f"incident {INCIDENT} is received"):
        store.erase(incident=INCIDENT, t=NOON)


def test_an_unknown_incident_is_said_to_be_unknown(store: SqlStore) -> None:
    with pytest.raises(UnknownIncidentError):
        store.erase(incident=IncidentId("nowhere"), t=NOON)


def test_erasing_is_refused_once_the_store_is_closed(store: SqlStore) -> None:
    store.close()

    with pytest.raises(StoreDownError):
        store.erase(incident=INCIDENT, t=NOON)


def test_values_go_when_the_time_of_their_purpose_is_over(
    store: SqlStore, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept for so long and no longer, in small bites that no alarm waits behind."""
    monkeypatch.setattr(erasure, "EXPIRED_AT_ONCE", 1)
    store.submit([alarm(), opened(alarm=alarm_id()), note(), closed()]).result(20)
    places_over = NOON + KEPT_FOR[Purpose.PLACE]

    assert store.erase_expired(places_over - 1) == 0
    assert store.erase_expired(places_over) == 2

    assert home.rows("SELECT DISTINCT purpose FROM personal WHERE value IS NULL") == [("place",)]
    assert store.verify().broken_at_seq is None
    assert store.erase_expired(NOON + MINUTE + KEPT_FOR[Purpose.WORDS]) == 2


def test_expiry_leaves_what_is_still_open_or_undecided(store: SqlStore) -> None:
    store.submit([alarm(1), opened(alarm=alarm_id(1)), alarm(2), report()]).result(20)

    assert store.erase_expired(NOON + 1000 * DAY) == 1


def test_other_settings_count_for_what_is_there_already(home: Home) -> None:
    """A community that settles on a shorter time need not wait for the longer one to be over;
    one that needs a longer one loses nothing that is still there."""
    before = home.open(kept_for=kept_for(KeptDays(place=100, words=10)))
    before.submit([opened(place=place(), words=words("门口")), note(), closed()]).result(20)
    before.close()

    store = home.open(kept_for=kept_for(KeptDays(place=5, words=200)))

    assert store.erase_expired(NOON + 20 * DAY) == 1
    assert home.rows("SELECT purpose FROM personal WHERE value IS NULL") == [("place",)]
    assert store.erase_expired(NOON + 201 * DAY) == 3
    assert store.history_counts()["personal_values_expired"] == 4


def test_what_was_broken_off_goes_on(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine switched off in the middle of the night's round: the next one erases the rest,
    and tells of that, too."""
    monkeypatch.setattr(erasure, "EXPIRED_AT_ONCE", 1)
    store.submit([opened(place=place()), note(), note(), closed()]).result(20)
    one_only = iter([1])

    def broken_off(conn: Connection, t: int) -> int:
        if next(one_only, None) is None:
            raise StoreError("switched off")
        return erase_some(conn, t)

    erase_some = erasure.erase_expired
    monkeypatch.setattr(erasure, "erase_expired", broken_off)
    with pytest.raises(StoreError):
        store.erase_expired(NOON + 400 * DAY)
    monkeypatch.setattr(erasure, "erase_expired", erase_some)

    assert store.erase_expired(NOON + 401 * DAY) == 3

    found = store.verify()
    assert sum(found.erased_for.values()) == 4
    assert {t for t, _ in found.erased_for} == found.told == {NOON + 400 * DAY, NOON + 401 * DAY}


def test_every_purpose_has_its_time() -> None:
    assert set(KEPT_FOR) == set(Purpose)
