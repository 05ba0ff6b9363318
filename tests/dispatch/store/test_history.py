"""Positions are kept in order, shed when they must be, and cut off by day; alarms never wait."""

import datetime
import threading

import numpy as np
import pytest
from sqlalchemy import text

from dispatch.clock import DAY, HOUR, MINUTE, SECOND
from dispatch.errors import StoreError
from dispatch.ids import UnitId
from dispatch.store.history import reading
from dispatch.store.history import writer as history_writer
from dispatch.store.port import CrossingRow, Names
from dispatch.store.sql import SqlStore, history_at
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import NOON, alarm, signed_on
from tests.dispatch.store.past import WORLD, everything, fixes, times

NAN = float("nan")
TODAY = datetime.datetime.fromtimestamp(NOON // DAY * DAY / SECOND, datetime.UTC).date()


def test_a_fix_is_kept_as_small_whole_numbers(store: SqlStore) -> None:
    store.submit_fixes(fixes(), [])
    store.flush_history()

    assert everything(store) == [("r1", NOON, 1201234567, 307654321, 4.3, 1.5, 359.0, 77, "g1")]


def test_what_a_radio_did_not_say_is_unknown(store: SqlStore) -> None:
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

    assert everything(store) == [("r1", NOON, 1201234567, 307654321, -1, -1, -1, -1, "")]


def test_nonsense_is_cut_to_fit_or_left_out(store: SqlStore) -> None:
    """One absurd number must not cost a whole group of fixes."""
    store.submit_fixes(fixes(speed_mps=np.array([3e38], np.float32)), [])
    store.submit_fixes(fixes(unit="r2", lon=np.array([NAN])), [])
    store.submit_fixes(fixes(unit="r3", lat=np.array([91.0])), [])
    store.flush_history()

    assert [(row[0], row[5]) for row in everything(store)] == [("r1", 10_000.0)]
    assert store.history_shed == 2


def test_the_same_fix_twice_is_kept_once(store: SqlStore) -> None:
    """A backlog sent again after a lost acknowledgement is no second walk."""
    store.submit_fixes(fixes(count=3), [])
    store.flush_history()
    store.submit_fixes(fixes(count=5), [])
    store.flush_history()
    assert len(everything(store)) == 5

    store.settle_history()
    store.submit_fixes(fixes(count=6), [])
    store.flush_history()

    assert len(everything(store)) == 6


def test_a_fix_sent_again_after_a_restart_is_kept_once(home: Home) -> None:
    """The next run numbers rows anew; on disk a unit is known by its name."""
    store = home.open()
    names = Names(units=[UnitId("r1"), UnitId("r2")], grids=["", "g1", "g2"])
    rows = fixes(count=2, names=names, rows=np.array([0, 1]), grid=np.array([1, 2], np.int32))
    store.submit_fixes(rows, [])
    store.close()

    store = home.open()
    turned = Names(units=[UnitId("r2"), UnitId("r1")], grids=["", "g2", "g1"])
    again = fixes(count=2, names=turned, rows=np.array([1, 0]), grid=np.array([2, 1], np.int32))
    store.submit_fixes(again, [])
    store.flush_history()

    assert [(row[0], row[1], row[-1]) for row in everything(store)] == [
        ("r1", NOON, "g1"),
        ("r2", NOON + SECOND, "g2"),
    ]


def test_names_may_grow_between_two_batches(store: SqlStore) -> None:
    """The lists belong to the hub, which adds to them while this thread reads."""
    units = [UnitId("r1")]
    names = Names(units=units, grids=["", "g1"])
    store.submit_fixes(fixes(names=names), [])
    store.flush_history()
    units.append(UnitId("r2"))
    names.grids.append("g2")
    later = fixes(names=names, rows=np.array([1]), grid=np.array([2], np.int32))
    store.submit_fixes(later, [])
    store.flush_history()

    assert [(row[0], row[-1]) for row in everything(store)] == [("r1", "g1"), ("r2", "g2")]


def test_a_late_fix_goes_to_the_day_of_its_own_time(store: SqlStore) -> None:
    """A radio that was in a cellar for a night tells it in the morning."""
    night = fixes(start=NOON - DAY, count=2, t=np.array([NOON - DAY, NOON]))
    store.submit_fixes(night, [])
    store.flush_history()

    assert store.drop_history_before(TODAY) == 1
    assert times(store) == [NOON]


def test_crossings_are_kept_once(store: SqlStore, home: Home) -> None:
    crossing = CrossingRow(unit=UnitId("r1"), t=NOON, from_grid="g1", to_grid="")
    store.submit_fixes(fixes(), [crossing])
    store.submit_fixes(fixes(), [crossing])
    store.flush_history()

    with history_at(home.url, home.data_dir) as past:
        assert past.crossings(from_t=NOON, to_t=NOON) == [crossing]


def test_an_area_has_who_was_in_it_and_when(store: SqlStore) -> None:
    """Borders of the box and of the time belong to it."""
    lon = np.array([120.0, 120.1, 120.2])
    store.submit_fixes(fixes(count=3, lon=lon), [])
    store.submit_fixes(fixes(unit="r0", count=3, lon=lon + 5), [])
    store.submit_fixes(fixes(unit="r2", count=3, lon=lon + 0.1), [])
    for settle in (store.flush_history, store.settle_history):
        settle()

        found = store.area((120.1, 30.0, 120.2, 31.0), from_t=NOON, to_t=NOON + SECOND)

        assert found.units == ["r1", "r2"]
        assert found.unit.tolist() == [0, 1, 1]
        assert found.t.tolist() == [NOON + SECOND, NOON, NOON + SECOND]
        assert found.lon.tolist() == [120.1, 120.1, 120.2]
    nowhere = store.area((0.0, 0.0, 1.0, 1.0), from_t=NOON, to_t=NOON)
    assert (len(nowhere), nowhere.units) == (0, [])


def test_an_area_too_big_for_one_answer_is_refused(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for a month of a district must not cost the hub its memory."""
    store.submit_fixes(fixes(count=11), [])
    store.flush_history()
    past = store._past

    with pytest.raises(StoreError, match="more than 10 fixes in this area and time"):
        past.area(WORLD, from_t=NOON, to_t=NOON + HOUR, fixes_max=10)
    assert len(past.area(WORLD, from_t=NOON, to_t=NOON + HOUR, fixes_max=11)) == 11


def test_a_unit_is_forgotten_for_a_span_and_no_other(store: SqlStore, home: Home) -> None:
    """Somebody's way home is nobody's business; erasing it must not cost the watch."""
    crossing = CrossingRow(unit=UnitId("r1"), t=NOON + 3 * SECOND, from_grid="g1", to_grid="")
    store.submit([signed_on("r1"), signed_on("r2")]).result(20)
    for unit in ("r1", "r2"):
        store.submit_fixes(fixes(unit=unit, start=NOON - DAY, count=5), [])
        store.submit_fixes(fixes(unit=unit, count=5), [crossing])
    store.flush_history()
    store.settle_history()
    store.submit_fixes(fixes(count=6), [])

    erased = store.erase_fixes(UnitId("r1"), from_t=NOON + 2 * SECOND, to_t=NOON + DAY)

    assert erased == 4
    assert times(store) == [NOON - DAY + n * SECOND for n in range(5)] + [NOON, NOON + SECOND]
    assert len(times(store, "r2")) == 10
    assert {fix.unit: fix.t for fix in store.load().last_fixes} == {
        "r1": NOON + SECOND,
        "r2": NOON + 4 * SECOND,
    }
    with history_at(home.url, home.data_dir) as past:
        assert past.crossings(from_t=NOON, to_t=NOON + DAY) == []
    assert store.erase_fixes(UnitId("nobody"), from_t=0, to_t=NOON + DAY) == 0


def test_days_are_cut_off_whole(store: SqlStore) -> None:
    """Retention by day: everything before it, nothing of it."""
    midnight = NOON // DAY * DAY
    for unit in ("r1", "r2", "r3"):
        store.submit_fixes(fixes(unit=unit, start=midnight - 2 * DAY, count=4), [])
        store.submit_fixes(fixes(unit=unit, start=midnight - SECOND, count=2), [])
    crossing = CrossingRow(unit=UnitId("r1"), t=midnight - DAY, from_grid="", to_grid="g1")
    store.submit_fixes(fixes(count=0), [crossing])
    store.flush_history()

    dropped = store.drop_history_before(TODAY)

    assert dropped == 3 * 4 + 3 * 1 + 1
    assert [row[:2] for row in everything(store)] == [
        ("r1", midnight),
        ("r2", midnight),
        ("r3", midnight),
    ]
    assert store.drop_history_before(TODAY) == 0


def test_a_day_that_was_dropped_may_come_again(store: SqlStore) -> None:
    """A radio's very late backlog makes the day anew, with numbers of its own."""
    for unit in ("r1", "r2"):
        store.submit_fixes(fixes(unit=unit, start=NOON - DAY), [])
    store.flush_history()
    assert len(everything(store)) == 2
    store.drop_history_before(TODAY)
    for unit in ("r3", "r2"):
        store.submit_fixes(fixes(unit=unit, start=NOON - DAY), [])
    store.flush_history()

    assert [row[0] for row in everything(store)] == ["r2", "r3"]


def test_a_unit_silent_for_days_has_no_last_fix(store: SqlStore) -> None:
    store.submit([signed_on("r1"), signed_on("r2")]).result(20)
    store.submit_fixes(fixes(unit="r1"), [])
    store.submit_fixes(fixes(unit="r2", start=NOON - 3 * DAY), [])
    store.flush_history()

    assert [fix.unit for fix in store.load().last_fixes] == ["r1"]


def test_many_units_get_their_last_fixes_in_order_or_not(store: SqlStore) -> None:
    count = 401
    units = [UnitId(f"u{i:04}") for i in range(count)]
    store.submit([signed_on(unit) for unit in units]).result(20)
    for t in (NOON, NOON + SECOND):
        rows = fixes(
            count=count,
            names=Names(units=units, grids=["", "g1"]),
            rows=np.arange(count),
            t=np.full(count, t, np.int64),
        )
        store.submit_fixes(rows, [])
        store.flush_history()
        store.settle_history()
    store.submit_fixes(fixes(unit="u0007", start=NOON - MINUTE), [])
    store.flush_history()

    last = store.load().last_fixes

    assert [fix.unit for fix in last] == units
    assert {fix.t for fix in last} == {NOON + SECOND}


def rename_today(home: Home, of: str, to: str) -> None:
    """Takes a table away from under the store, or brings it back."""
    day = NOON // DAY
    names = (f"history_{of}_{day}", f"history_{to}_{day}") if home.url else (of, to)
    home.tamper_day(TODAY, f"ALTER TABLE {names[0]} RENAME TO {names[1]}")


def test_history_waits_and_comes_back(home: Home) -> None:
    store = home.open()
    store.submit_fixes(fixes(), [])
    store.flush_history()
    rename_today(home, "blocks", "away")
    home.on_pause = lambda: rename_today(home, "away", "blocks")

    store.submit_fixes(fixes(count=3), [])
    store.flush_history()

    assert len(everything(store)) == 3
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
    store.submit_fixes(fixes(), [])
    store.flush_history()
    home.on_pause = on_pause
    rename_today(home, "blocks", "away")
    store.submit_fixes(fixes(count=1), [])
    assert stalled.wait(20)

    shed = [store.submit_fixes(fixes(start=NOON + n * MINUTE, count=2), []) for n in (1, 2, 3, 4)]

    rename_today(home, "away", "blocks")
    gate.set()
    store.flush_history()
    assert shed == [0, 0, 2, 2]
    assert store.history_shed == 4
    assert [(t - NOON) // MINUTE for t in times(store)] == [0, 3, 3, 4, 4]


def test_an_alarm_does_not_wait_for_a_stalled_history(home: Home) -> None:
    """Positions may pile up behind a lock or a slow disk; the red button may not."""
    store = home.open()
    store.submit_fixes(fixes(), [])
    store.flush_history()
    engine = home.day_engine(TODAY)
    with engine.connect() as holder:
        lock = f"LOCK TABLE history_blocks_{NOON // DAY}" if home.url else "BEGIN EXCLUSIVE"
        holder.execute(text(lock))
        store.submit_fixes(fixes(count=3), [])

        assert store.submit([alarm()]).result(20).seq == 1
        holder.rollback()
    engine.dispose()
    store.flush_history()
    assert len(everything(store)) == 3


def test_what_was_queued_is_written_at_close(home: Home) -> None:
    store = home.open()
    store.submit_fixes(fixes(count=3), [])
    store.close()

    assert len(everything(home.open())) == 3


def test_history_that_is_gone_at_close_is_given_up(home: Home) -> None:
    """Positions are not worth a process that never ends."""
    store = home.open()
    store.submit_fixes(fixes(), [])
    store.flush_history()
    rename_today(home, "blocks", "away")
    store.submit_fixes(fixes(count=3), [])

    store.close()

    assert store.history_shed == 3


def test_the_history_is_read_while_a_hub_writes_it(home: Home) -> None:
    """Whoever looks into it from beside neither waits nor locks anybody out."""
    store = home.open()
    store.submit_fixes(fixes(count=3), [])
    store.flush_history()

    with history_at(home.url, home.data_dir) as past:
        assert len(past.area(WORLD, from_t=NOON, to_t=NOON + HOUR)) == 3
        store.submit_fixes(fixes(count=5), [])
        store.flush_history()
        assert len(past.area(WORLD, from_t=NOON, to_t=NOON + HOUR)) == 5


def test_a_track_of_more_days_than_anybody_walks_is_cut(store: SqlStore) -> None:
    for day in range(reading.TRACK_DAYS_MAX + 2):
        store.submit_fixes(fixes(start=NOON + day * DAY), [])
    store.flush_history()

    found = store.track(UnitId("r1"), from_t=NOON, to_t=NOON + 99 * DAY, fixes_max=100)

    assert len(found.fixes) == reading.TRACK_DAYS_MAX
