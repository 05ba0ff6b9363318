"""Whoever changes what was recorded is found out, at the fact that was touched."""

import pytest

from dispatch.clock import DAY
from dispatch.store import journal
from dispatch.store.sql import SqlStore, verify_at
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import INCIDENT, alarm, alarm_id, closed, note, opened, signed_on

STORY = [
    alarm(),
    opened(alarm=alarm_id()),
    note("一"),
    note("二"),
    signed_on("r2"),
    closed(),
]


def told(home: Home) -> SqlStore:
    store = home.open()
    store.submit(STORY).result(20)
    return store


def test_an_untouched_journal_is_whole(home: Home) -> None:
    found = told(home).verify()

    assert (found.facts, found.broken_at_seq, found.why, found.erased) == (6, None, "", [])
    assert home.rows("SELECT hash FROM journal WHERE seq = 6") == [(found.head,)]


def test_an_empty_journal_is_whole(store: SqlStore) -> None:
    assert store.verify().broken_at_seq is None


@pytest.mark.parametrize(
    ("deed", "seq", "why"),
    [
        ("UPDATE journal SET body = replace(body, 'r2', 'r3') WHERE seq = 5", 5, "hash"),
        ("UPDATE journal SET t = t + 1 WHERE seq = 2", 2, "hash"),
        ("UPDATE journal SET community = 'east' WHERE seq = 3", 3, "hash"),
        ("UPDATE journal SET name = 'UnitSignedOff' WHERE seq = 5", 5, "hash"),
        ("UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 3) WHERE seq = 4", 4, ""),
        ("DELETE FROM journal WHERE seq = 4", 4, "fact 4 is missing"),
        ("DELETE FROM journal WHERE seq = 1", 1, "fact 1 is missing"),
        ("DELETE FROM journal WHERE seq = 6", 6, "missing at the end"),
        ("UPDATE journal SET incident = NULL WHERE seq = 3", 3, "column"),
        ("UPDATE journal SET alarm = 'r9/x/1' WHERE seq = 1", 1, "column"),
        ("UPDATE personal SET value = '\"三\"' WHERE seq = 4", 4, "was changed"),
        ("UPDATE personal SET salt = 'ff' WHERE seq = 4", 4, "was changed"),
        ("UPDATE personal SET salt = 'no hex' WHERE seq = 4", 4, "was changed"),
        ("UPDATE personal SET salt = NULL WHERE seq = 4", 4, "was changed"),
        ("UPDATE personal SET value = NULL WHERE seq = 4", 4, "was removed"),
        ("DELETE FROM personal WHERE seq = 3", 3, "was removed"),
    ],
)
def test_a_touched_fact_is_found(home: Home, deed: str, seq: int, why: str) -> None:
    """The journal is what a court or a grieving family will be shown."""
    store = told(home)

    home.tamper(deed)

    found = store.verify()
    assert found.broken_at_seq == seq
    assert found.facts == seq - 1
    assert why in found.why


def test_swapped_facts_are_found(home: Home) -> None:
    """Who was told first can matter more than what was said."""
    store = told(home)

    home.tamper(
        "UPDATE journal SET seq = -3 WHERE seq = 3",
        "UPDATE journal SET seq = 3 WHERE seq = 4",
        "UPDATE journal SET seq = 4 WHERE seq = -3",
    )

    assert store.verify().broken_at_seq == 3


def test_a_forged_fact_at_the_end_is_found(home: Home) -> None:
    store = told(home)

    home.tamper(
        "INSERT INTO journal (seq, t, community, name, body, hash)"
        " SELECT 7, t, community, name, body, hash FROM journal WHERE seq = 5"
    )

    assert store.verify().broken_at_seq == 7


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE journal SET body = x'ff00' WHERE seq = 3",
        "UPDATE journal SET community = 7.5 WHERE seq = 3",
        "UPDATE personal SET value = x'ff00' WHERE seq = 3",
        "UPDATE personal SET salt = x'ff00' WHERE seq = 3",
    ],
)
def test_bytes_where_text_should_be_are_found(home: Home, deed: str) -> None:
    """SQLite keeps anything in any column; checking must not fall over it."""
    if home.url:
        pytest.skip("PostgreSQL's columns hold only what they declare")
    store = told(home)

    home.tamper(deed)

    assert store.verify().broken_at_seq == 3


def test_erased_values_keep_the_chain_whole_and_are_listed(home: Home) -> None:
    """Erasable and tamper-evident together: the law asks for one, the case for the other."""
    store = told(home)

    assert store.erase(incident=INCIDENT, t=alarm().t + DAY) == 5

    found = store.verify()
    assert found.broken_at_seq is None
    assert [seq for seq, _ in found.erased] == [1, 2, 3, 4, 6]
    assert {t for _, t in found.erased} == {alarm().t + DAY}


def test_a_long_journal_is_walked_in_pages(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of a district must not have to fit in memory."""
    monkeypatch.setattr(journal, "ROWS_AT_ONCE", 2)
    store = told(home)
    assert store.verify().facts == 6

    home.tamper("UPDATE journal SET t = 0 WHERE seq = 5")

    assert store.verify().broken_at_seq == 5


def test_the_chain_is_walked_while_a_hub_is_running(home: Home) -> None:
    told(home)

    assert verify_at(home.url, home.data_dir).facts == 6
