"""Positions are kept in order, shed when they must be, and cut off by day; alarms never wait."""

import datetime
import threading
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from dispatch.clock import DAY, SECOND
from dispatch.ids import UnitId
from dispatch.store import history, history_writer
from dispatch.store.port import CrossingRow, FixRows, Names
from dispatch.store.sql import SqlStore
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import NOON, alarm, signed_on

NAN = float("nan")


def fixes(*, unit: str = "r1", start: int = NOON, count: int = 1, **fields: Any) -> FixRows:
    """A unit's fixes, one a second."""
    defaults: dict[str, Any] = {
        "names": Names(units=[UnitId(unit)], grids=["", "g1"]),
        "rows": np.zeros(count, np.int64),
        "t": start + np.arange(count, dtype=np.int64) * SECOND,
        "lon": np.full(count, 120.1234567),
        "lat": np.full(count, 30.7654321),
        "acc_m": np.full(count, 4.26, np.float32),
        "speed_mps": np.full(count, 1.5, np.float32),
        "course_deg": np.full(count, 359.4, np.float32),
        "battery_pct": np.full(count, 77, np.int8),
        "grid": np.ones(count, np.int32),
    }
    return FixRows(**defaults | fields)


def count_of(home: Home, table: str = "fixes") -> int:
    return int(home.history_rows(f"SELECT count(*) FROM {table}")[0][0])


def test_a_fix_is_kept_as_small_whole_numbers(store: SqlStore, home: Home) -> None:
    store.submit_fixes(fixes(), [])
    store.flush_history()

    assert home.history_rows("SELECT * FROM fixes") == [
        (NOON // DAY, "r1", NOON, 1201234567, 307654321, 43, 150, 359, 77, "g1")
    ]


def test_what_a_radio_did_not_say_is_null(store: SqlStore, home: Home) -> None:
    unknown = np.array([NAN], np.float32)
    rows = fixes(
        acc_m=unknown,
        speed_mps=unknown,
        course_deg=unknown,
        battery_pct=np.array([-1], np.int8),
        grid=np.zeros(1, np.int32),
    )
    store.submit_fixes(rows, [])
    store.flush_history()

    assert home.history_rows(
        "SELECT acc_dm, speed_cmps, course_deg, battery_pct, grid FROM fixes"
    ) == [(None, None, None, None, "")]


def test_nonsense_is_cut_to_fit_its_column(store: SqlStore, home: Home) -> None:
    """One absurd speed must not cost a whole group of fixes."""
    store.submit_fixes(fixes(speed_mps=np.array([3e38], np.float32)), [])
    store.flush_history()

    assert home.history_rows("SELECT speed_cmps FROM fixes") == [(1_000_000,)]


def test_the_same_fix_twice_is_kept_once(store: SqlStore, home: Home) -> None:
    """A backlog sent again after a lost acknowledgement is no second walk."""
    store.submit_fixes(fixes(count=3), [])
    store.submit_fixes(fixes(count=5), [])
    store.flush_history()

    assert count_of(home) == 5


def test_crossings_are_kept(store: SqlStore, home: Home) -> None:
    crossing = CrossingRow(unit=UnitId("r1"), t=NOON, from_grid="g1", to_grid="")
    store.submit_fixes(fixes(), [crossing])
    store.submit_fixes(fixes(), [crossing])
    store.flush_history()

    assert home.history_rows("SELECT * FROM crossings") == [(NOON // DAY, "r1", NOON, "g1", "")]


def test_days_are_cut_off_whole(
    store: SqlStore, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retention by day: everything before it, nothing of it, in small transactions."""
    monkeypatch.setattr(history, "DELETE_ROWS", 3)
    midnight = NOON // DAY * DAY
    for unit in ("r1", "r2", "r3"):
        store.submit_fixes(fixes(unit=unit, start=midnight - 2 * DAY, count=4), [])
        store.submit_fixes(fixes(unit=unit, start=midnight - SECOND, count=2), [])
    crossing = CrossingRow(unit=UnitId("r1"), t=midnight - DAY, from_grid="", to_grid="g1")
    store.submit_fixes(fixes(count=0), [crossing])
    store.flush_history()
    today = datetime.datetime.fromtimestamp(midnight / SECOND, datetime.UTC).date()

    dropped = store.drop_history_before(today)

    assert dropped == 3 * 4 + 3 * 1 + 1
    assert home.history_rows("SELECT unit, t FROM fixes ORDER BY unit") == [
        ("r1", midnight),
        ("r2", midnight),
        ("r3", midnight),
    ]


def test_a_unit_silent_for_days_has_no_last_fix(store: SqlStore) -> None:
    store.submit([signed_on("r1"), signed_on("r2")]).result(20)
    store.submit_fixes(fixes(unit="r1"), [])
    store.submit_fixes(fixes(unit="r2", start=NOON - 3 * DAY), [])
    store.flush_history()

    assert [fix.unit for fix in store.load().last_fixes] == ["r1"]


def test_many_units_get_their_last_fixes(store: SqlStore) -> None:
    """More than fit into one statement."""
    count = 2 * history.UNITS_AT_ONCE + 1
    units = [f"u{i:04}" for i in range(count)]
    store.submit([signed_on(unit) for unit in units]).result(20)
    names = Names(units=[UnitId(unit) for unit in units], grids=["", "g1"])
    for t in (NOON, NOON + SECOND):
        store.submit_fixes(
            fixes(count=count, names=names, rows=np.arange(count), t=np.full(count, t, np.int64)),
            [],
        )
    store.flush_history()

    last = store.load().last_fixes

    assert [fix.unit for fix in last] == units
    assert {fix.t for fix in last} == {NOON + SECOND}


def test_history_waits_and_comes_back(home: Home) -> None:
    store = home.open()
    home.tamper_history("ALTER TABLE fixes RENAME TO away")
    home.on_pause = lambda: home.tamper_history("ALTER TABLE away RENAME TO fixes")

    store.submit_fixes(fixes(count=3), [])
    store.flush_history()

    assert count_of(home) == 3
    assert home.states == []


def test_when_history_stalls_the_oldest_fixes_give_way_and_are_counted(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody is now matters more than where they were."""
    monkeypatch.setattr(history_writer, "ROWS_QUEUED_MAX", 4)
    stalled, gate = threading.Event(), threading.Event()

    def on_pause() -> None:
        stalled.set()
        assert gate.wait(20)

    store = home.open()
    home.on_pause = on_pause
    home.tamper_history("ALTER TABLE fixes RENAME TO away")
    store.submit_fixes(fixes(count=1), [])
    assert stalled.wait(20)

    shed = [store.submit_fixes(fixes(start=NOON + n * DAY, count=2), []) for n in (1, 2, 3, 4)]

    home.tamper_history("ALTER TABLE away RENAME TO fixes")
    gate.set()
    store.flush_history()
    assert shed == [0, 0, 2, 2]
    assert store.history_shed == 4
    assert home.history_rows("SELECT DISTINCT day FROM fixes ORDER BY day") == [
        (NOON // DAY + n,) for n in (0, 3, 4)
    ]


def test_an_alarm_does_not_wait_for_a_stalled_history(home: Home) -> None:
    """Positions may pile up behind a lock or a slow disk; the red button may not."""
    store = home.open()
    engine = home.history_engine()
    with engine.connect() as holder:
        lock = "LOCK TABLE fixes" if home.url else "BEGIN EXCLUSIVE"
        holder.execute(text(lock))
        store.submit_fixes(fixes(count=3), [])

        assert store.submit([alarm()]).result(20).seq == 1
        holder.rollback()
    engine.dispose()
    store.flush_history()
    assert count_of(home) == 3


def test_what_was_queued_is_written_at_close(home: Home) -> None:
    store = home.open()
    store.submit_fixes(fixes(count=3), [])
    store.close()

    assert count_of(home) == 3


def test_history_that_is_gone_at_close_is_given_up(home: Home) -> None:
    """Positions are not worth a process that never ends."""
    store = home.open()
    home.tamper_history("ALTER TABLE fixes RENAME TO away")
    store.submit_fixes(fixes(count=3), [])

    store.close()

    assert store.history_shed == 3
