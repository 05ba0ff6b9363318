"""A disk that takes no positions for a while: said once, counted, and made up for afterwards."""

import threading
import time

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from dispatch.clock import DAY, SECOND
from dispatch.store.history import writer as history_writer
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import NOON, alarm
from tests.dispatch.store.past import everything, fixes
from tests.dispatch.store.test_history import TODAY

TIMEOUT_S = 20.0
MOMENT_S = 0.02


def test_a_stalled_disk_is_told_once_and_caught_up_with(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks after the machine hears of it while it lasts, and when it is over."""
    monkeypatch.setattr(history_writer, "STALLED_S", 3 * MOMENT_S)
    store = home.open()
    store.submit_fixes(fixes(), [])
    store.flush_history()
    engine = home.day_engine(TODAY)
    with capture_logs() as told, engine.connect() as holder:
        lock = f"LOCK TABLE history_blocks_{NOON // DAY}" if home.url else "BEGIN EXCLUSIVE"
        holder.execute(text(lock))
        sent, until_s = 1, time.monotonic() + TIMEOUT_S
        while store.history_counts()["history_stalls"] == 0 or sent < 10:
            assert time.monotonic() < until_s
            store.submit_fixes(fixes(start=NOON + sent * SECOND), [])
            sent += 1
            threading.Event().wait(MOMENT_S)

        stored = store.submit([alarm()]).result(TIMEOUT_S)
        words = store.history_words
        waiting = store.history_gauges()["history_rows_waiting"]
        holder.rollback()
        store.flush_history()
    engine.dispose()

    assert stored.seq == 1
    assert "positions wait in memory" in words
    assert waiting > 0
    assert [each["event"] for each in told if each["event"] == "history_stalled"] == [
        "history_stalled"
    ]
    caught_up = [each for each in told if each["event"] == "history_caught_up"]
    assert [each["shed"] for each in caught_up] == [0]
    assert len(everything(store)) == sent
    assert store.history_words == ""
    assert store.history_gauges()["history_stalled_seconds"] == 0


def test_what_was_shed_is_counted_by_its_reason(home: Home) -> None:
    """A place that is none, and what nobody could write, are different troubles."""
    store = home.open()
    store.submit_fixes(fixes(lat=fixes().lat + 90.0), [])
    store.flush_history()

    counts = store.history_counts()
    assert counts["history_shed:nowhere"] == 1
    assert counts["history_torn_rows"] == counts["history_torn_blocks:reading"] == 0
