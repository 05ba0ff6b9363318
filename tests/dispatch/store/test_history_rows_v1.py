"""A history of version 1 is whole at every moment: before, while and after it is moved."""

import pytest
from sqlalchemy import insert

from dispatch.clock import DAY, MINUTE, SECOND
from dispatch.ids import UnitId
from dispatch.store.history import rows_v1
from dispatch.store.port import CrossingRow
from dispatch.store.sql import SqlStore, history_at
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import NOON, signed_on
from tests.dispatch.store.past import everything, fixes, times
from tests.dispatch.store.test_history import TODAY


def row(unit: str, t: int, **fields: object) -> dict[str, object]:
    return {
        "day": t // DAY,
        "unit": unit,
        "t": t,
        "lon_e7": 1201234567,
        "lat_e7": 307654321,
        "acc_dm": 43,
        "speed_cmps": 150,
        "course_deg": 359,
        "battery_pct": 77,
        "grid": "g1",
    } | fields


def as_version_1(home: Home, *rows: dict[str, object]) -> None:
    """What a hub of that version left behind."""
    home.data_dir.mkdir(exist_ok=True)
    engine = home.history_engine()
    with engine.begin() as conn:
        rows_v1.METADATA.create_all(conn)
        rows_v1.VERSIONS.create_all(conn)
        conn.execute(rows_v1.history_version.delete())
        conn.execute(insert(rows_v1.history_version).values(version=1))
        conn.execute(insert(rows_v1.fixes), list(rows))
        conn.execute(
            insert(rows_v1.crossings).values(
                day=NOON // DAY, unit="r1", t=NOON, from_grid="g1", to_grid=""
            )
        )
    engine.dispose()


def tables_left(home: Home) -> set[str]:
    query = (
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        if home.url
        else "SELECT name FROM sqlite_master"
    )
    return {name for (name,) in home.history_rows(query)} & {"fixes", "crossings"}


def test_rows_are_read_at_once_and_moved_in_time(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the step is at when somebody asks."""
    monkeypatch.setattr(rows_v1, "STEP_ROWS", 3)
    unknown = dict.fromkeys(("acc_dm", "speed_cmps", "course_deg", "battery_pct"))
    old = [row("r1", NOON + n * SECOND) for n in range(8)]
    old += [row("r2", NOON - DAY + n * SECOND, grid="", **unknown) for n in range(4)]
    as_version_1(home, *old)
    store = home.open()

    expected = [
        ("r1", NOON + n * SECOND, 1201234567, 307654321, 4.3, 1.5, 359.0, 77, "g1")
        for n in range(8)
    ] + [
        ("r2", NOON - DAY + n * SECOND, 1201234567, 307654321, -1, -1, -1, -1, "") for n in range(4)
    ]
    for _ in range(5):
        assert everything(store) == expected
    store.settle_history()

    assert everything(store) == expected
    assert tables_left(home) == set()
    with history_at(home.url, home.data_dir) as past:
        crossing = CrossingRow(unit=UnitId("r1"), t=NOON, from_grid="g1", to_grid="")
        assert past.crossings(from_t=NOON, to_t=NOON) == [crossing]
    store.close()
    assert everything(home.open()) == expected


def test_what_is_in_both_places_is_read_once(home: Home) -> None:
    """A kill between writing to the new place and deleting at the old one."""
    store = home.open()
    store.submit_fixes(fixes(count=5), [])
    store.close()
    as_version_1(home, *(row("r1", NOON + n * SECOND) for n in range(3, 8)))

    store = home.open()

    assert len(times(store)) == len(everything(store)) == 8


def still_there(home: Home, monkeypatch: pytest.MonkeyPatch, *rows: dict[str, object]) -> SqlStore:
    """A hub that has had no time for moving yet."""
    as_version_1(home, *rows)
    monkeypatch.setattr(rows_v1.RowsV1, "move", lambda *_: [])
    return home.open()


def test_last_fixes_come_from_rows_not_moved_yet(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub serves at once after an update, and knows where everybody was."""
    rows = [row("r1", NOON - DAY), row("r1", NOON), row("r2", NOON, acc_dm=None)]
    store = still_there(home, monkeypatch, *rows)
    store.submit([signed_on("r1"), signed_on("r2")]).result(20)
    store.submit_fixes(fixes(unit="r2", start=NOON + MINUTE), [])
    store.flush_history()

    last = store.load().last_fixes

    assert [(fix.unit, fix.t, fix.acc_m) for fix in last] == [
        ("r1", NOON, 4.3),
        ("r2", NOON + MINUTE, pytest.approx(4.3)),
    ]


def test_rows_not_moved_yet_are_dropped_and_erased_too(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(unit, NOON - day * DAY) for unit in ("r1", "r2") for day in (0, 1)]
    store = still_there(home, monkeypatch, *rows)

    assert store.erase_fixes(UnitId("r1"), from_t=NOON - MINUTE, to_t=NOON) == 1
    assert store.drop_history_before(TODAY) == 2

    assert [row[:2] for row in everything(store)] == [("r2", NOON)]
