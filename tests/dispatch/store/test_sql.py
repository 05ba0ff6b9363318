"""The store as the hub meets it: what was submitted comes back, from disk, on both databases."""

from dispatch.store.port import AlarmOutcome
from dispatch.store.sql import SqlStore
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import (
    INCIDENT,
    alarm,
    alarm_id,
    opened,
)


def test_a_stored_alarm_is_there_after_a_restart(home: Home) -> None:
    """An alarm that was acknowledged and then forgotten is the worst that can happen."""
    store = home.open()
    answer = store.submit([alarm()]).result(5)
    store.close()

    restored = home.open().load()

    assert answer.seq == 1
    assert answer.alarms == {alarm_id(): AlarmOutcome.NEW}
    assert restored.facts == [alarm()]
    assert restored.seq == 1
    assert restored.last_t == alarm().t


def test_facts_of_an_open_incident_come_back_in_order(store: SqlStore) -> None:
    facts = [alarm(), opened(alarm=alarm_id())]
    store.submit(facts).result(5)

    assert store.load().facts == facts
    assert store.incident_facts(INCIDENT) == facts
