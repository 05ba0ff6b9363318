"""Whatever is written is read, whenever it is put in order, stopped, damaged or begun again."""

import datetime
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select

from dispatch.clock import DAY, HOUR, SECOND
from dispatch.errors import StoreError
from dispatch.ids import UnitId
from dispatch.store.database import day_reader, day_writer
from dispatch.store.history import block, plan, tend
from dispatch.store.history.erase import erase_of_day
from dispatch.store.history.reading import HistoryReader
from dispatch.store.history.rows_v1 import RowsV1
from dispatch.store.history.schema import JUST_CAME, NEWEST, SETTLED
from dispatch.store.history.scribe import Scribe
from dispatch.store.history.shelf import DayFolder
from dispatch.store.history.tend import Tender
from dispatch.store.port import FixRows, Names
from dispatch.store.sql import SqlStore, history_at
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import NOON, alarm, signed_on
from tests.dispatch.store.past import WORLD, everything, fixes, times

TODAY = datetime.date(1970, 1, 1) + datetime.timedelta(days=NOON // DAY)
START = NOON // DAY * DAY - 2 * HOUR
"""Late on the day before."""

Fix = tuple[int, int, int]
"""Unit, time and a number that stands for the place."""


@dataclass(frozen=True)
class Write:
    fixes: list[Fix]


@dataclass(frozen=True)
class Erase:
    unit: int
    from_t: int
    to_t: int


TIMES = st.integers(0, 40).map(lambda n: START + n * 9 * 60 * SECOND)
FIXES = st.tuples(st.integers(0, 4), TIMES, st.integers(0, 3))
STEPS = st.lists(
    st.lists(FIXES, min_size=1, max_size=12).map(Write)
    | st.just("tend")
    | st.just("settle")
    | st.just("begin again")
    | st.builds(Erase, st.integers(0, 4), TIMES, TIMES),
    max_size=14,
)


class Past:
    """A history without a thread: each step is taken when the test says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engine = create_engine("sqlite://")
        self.begin_again()

    def begin_again(self) -> None:
        """As after a kill: nothing is closed in order, nothing is remembered."""
        self.shelf = DayFolder(self._folder / "history", writer=day_writer, reader=day_reader)
        self.scribe = Scribe(self.shelf)
        self.tender = Tender(self.shelf)
        self.reader = HistoryReader(self.shelf, RowsV1(self._engine, self._engine))

    def write(self, batch: list[Fix]) -> None:
        """In an order of units that is another each time."""
        units = list(dict.fromkeys(unit for unit, _, _ in batch))
        wrote, _ = self.scribe.write([rows_of(batch, units)], [])
        self.tender.note(wrote)

    def erase(self, unit: int, from_t: int, to_t: int) -> None:
        for day in self.shelf.days():
            erase_of_day(self.shelf, day, UnitId(f"r{unit}"), from_t, to_t)
            self.tender.forget(day)

    def settle(self) -> None:
        while self.tender.step(all_of_it=True):
            pass

    def all(self) -> dict[tuple[int, int], int]:
        """What an area as big as the world has; a fix that is there twice fails the test."""
        found = self.reader.area(WORLD, from_t=START - DAY, to_t=START + 3 * DAY)
        units = [int(found.units[n][1:]) for n in found.unit.tolist()]
        keys = list(zip(units, found.t.tolist(), strict=True))
        assert len(set(keys)) == len(keys)
        return dict(zip(keys, np.rint(found.lon * 100).astype(int).tolist(), strict=True))

    def close(self) -> None:
        self.shelf.close()
        self._engine.dispose()


def rows_of(batch: list[Fix], units: list[int]) -> FixRows:
    unit, t, place = (np.array(column) for column in zip(*batch, strict=True))
    count = len(batch)
    return FixRows(
        names=Names(units=[UnitId(f"r{n}") for n in units], grids=["", "g1"]),
        rows=np.array([units.index(n) for n in unit.tolist()]),
        t=t,
        lon=place / 100,
        lat=np.full(count, 30.0),
        acc_m=np.full(count, 5, np.float32),
        speed_mps=np.full(count, np.nan, np.float32),
        course_deg=np.full(count, 90, np.float32),
        battery_pct=np.full(count, 50, np.int8),
        grid=np.ones(count, np.int32),
    )


@given(STEPS)
@settings(max_examples=40, deadline=None)
def test_whatever_happens_what_was_written_is_read(steps: list[Write | Erase | str]) -> None:
    """Batches, orders, duplicates, lateness, restarts, merges and erasing, in any order."""
    model: dict[tuple[int, int], int] = {}
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        make_everything_small(patch)
        past = Past(Path(folder))
        for step in steps:
            match step:
                case Write(batch):
                    past.write(batch)
                    for unit, t, place in batch:
                        model[unit, t] = min(place, model.get((unit, t), place))
                case Erase(unit, from_t, to_t):
                    past.erase(unit, from_t, to_t)
                    model = {
                        (u, t): place
                        for (u, t), place in model.items()
                        if u != unit or not from_t <= t <= to_t
                    }
                case "tend":
                    past.tender.step()
                case "settle":
                    past.settle()
                case "begin again":
                    past.begin_again()
            assert past.all() == model
        last = past.reader.last_fixes([UnitId(f"r{n}") for n in range(5)])
        past.close()
    newest = max((t // DAY for _, t in model), default=0)
    assert {fix.unit: fix.t for fix in last} == {
        f"r{unit}": max(t for u, t in model if u == unit)
        for unit in {u for u, t in model if t // DAY > newest - 3}
    }


def make_everything_small(patch: pytest.MonkeyPatch) -> None:
    """So that a handful of fixes fills blocks, rounds and levels."""
    patch.setattr(block, "BLOCK_ROWS", 3)
    patch.setattr(plan, "FAN", 2)
    patch.setattr(plan, "STEP_ROWS", 9)
    patch.setattr(plan, "WHOLE_HOUR_MIN", 4)
    patch.setattr(plan, "WHOLE_HOUR_MAX", 30)
    patch.setattr(tend, "STEP_ROWS", 9)
    patch.setattr(tend, "FRESH_BLOCKS_MAX", 2)


def test_an_hour_that_came_whole_is_settled_in_one_step(tmp_path: Path) -> None:
    """As after an outage, or in an import: what follows it waits, and stays readable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "WHOLE_HOUR_MIN", 100)
        past = Past(tmp_path)
        batches = [
            [(unit, START + (minute + n) * 60 * SECOND, unit) for n in range(25) for unit in (1, 2)]
            for minute in range(0, 100, 25)
        ]
        for batch in batches:
            past.write(batch)
        past.tender.step(all_of_it=True)  # sees the day

        past.tender.step(all_of_it=True)

    [day, *_] = past.shelf.days()
    with past.shelf.looking(day) as (conn, tables):
        lying = {(row.hour, row.level): row.rows for row in conn.execute(tables.blocks.select())}
    assert lying[22, SETTLED] == 2 * 60
    assert {hour for hour, _ in lying} == {22, JUST_CAME, NEWEST}
    assert past.all() == {(unit, t): place for batch in batches for unit, t, place in batch}
    past.close()


def test_tending_leaves_few_blocks_and_gives_room_back(tmp_path: Path) -> None:
    """A day that is over takes up what its fixes need and no more."""
    past = Past(tmp_path)
    chance = np.random.default_rng(1)
    for n in range(130):
        # half an hour of two units a batch, and one a second: like a busy minute
        t = START + (n * 60 + np.arange(60)) * SECOND
        past.write([(unit, int(at), int(chance.integers(9))) for unit in (1, 2) for at in t])
        while past.tender.wants:
            past.tender.step()
    [day, *_] = past.shelf.days()

    with past.shelf.looking(day) as (conn, tables):
        levels = [row.level for row in conn.execute(tables.blocks.select())]
    assert len(levels) < tend.FRESH_BLOCKS_MAX + 20
    past.settle()
    with past.shelf.looking(day) as (conn, tables):
        hours = [row.hour for row in conn.execute(tables.blocks.select())]
        assert conn.exec_driver_sql("PRAGMA freelist_count").scalar() == 0
    assert len(hours) <= 1 + 2 * 4  # the newest, and two hours of 3,600 rows a unit
    past.close()


def damage(home: Home, which: str) -> None:
    """A byte in the middle of the chosen blocks of today."""
    name = f"history_blocks_{NOON // DAY}" if home.url else "blocks"
    cut = "substring(data from 1 for 60)" if home.url else "substr(data, 1, 60)"
    home.tamper_day(TODAY, f"UPDATE {name} SET data = {cut} WHERE {which}")


@pytest.mark.parametrize("settled", [False, True])
def test_a_torn_block_is_left_out_and_the_rest_lives(home: Home, settled: bool) -> None:
    store = home.open()
    store.submit_fixes(fixes(unit="r1", count=3), [])
    store.flush_history()
    store.settle_history()
    if not settled:
        store.submit_fixes(fixes(unit="r2", count=2), [])
        store.flush_history()
    store.submit_fixes(fixes(unit="r3", start=NOON - DAY), [])
    store.flush_history()
    damage(home, "hour >= 0" if settled else "hour = -1")

    assert [row[0] for row in everything(store)] == (["r3"] if settled else ["r1"] * 3 + ["r3"])
    store.settle_history()
    assert (store.history_torn > 0) is (not settled)  # found when it was to be put in order


def test_a_torn_block_that_is_put_in_order_is_counted(home: Home) -> None:
    store = home.open()
    store.submit_fixes(fixes(unit="r1", count=3), [])
    store.flush_history()
    damage(home, "hour = -1")
    store.submit_fixes(fixes(unit="r2", count=2), [])
    store.flush_history()

    store.settle_history()

    assert store.history_torn == 3
    assert times(store, "r2") == [NOON, NOON + SECOND]


def test_a_day_that_sqlite_cannot_read_is_set_aside(tmp_path: Path) -> None:
    """One broken file must cost neither the other days nor the fixes that come."""
    home = Home(url="", data_dir=tmp_path / "data")
    store = home.open()
    for start in (NOON - DAY, NOON):
        store.submit_fixes(fixes(start=start, count=3), [])
    store.close()
    file = tmp_path / "data" / "history" / f"{TODAY}.db"
    file.write_bytes(b"not a database any more" * 1_000)

    store = home.open()
    assert len(times(store)) == 3
    store.submit_fixes(fixes(start=NOON + HOUR, count=2), [])
    store.flush_history()

    assert len(times(store)) == 5
    assert file.with_name(f"{TODAY}.db.damaged").is_file()
    assert store.submit([alarm()]).result(20).seq == 1
    home.close()


def test_a_day_that_was_being_made_when_the_hub_was_killed_is_finished(tmp_path: Path) -> None:
    """A file without tables kept every later hub from starting, and that day's fixes from disk."""
    home = Home(url="", data_dir=tmp_path / "data")
    store = home.open()
    store.submit_fixes(fixes(start=NOON - DAY, count=3), [])
    store.submit([signed_on(unit="r1")]).result(20)
    store.close()
    bare = sqlite3.connect(tmp_path / "data" / "history" / f"{TODAY}.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL").fetchall()
    bare.close()

    store = home.open()
    restored = store.load()
    assert [fix.unit for fix in restored.last_fixes] == ["r1"]
    assert len(times(store)) == 3
    store.submit_fixes(fixes(start=NOON + HOUR, count=2), [])
    store.flush_history()

    assert len(times(store)) == 5
    home.close()


def test_a_day_gets_its_name_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in that moment, there is no such day, and what was begun is made anew."""
    folder = DayFolder(tmp_path, writer=day_writer, reader=day_reader)

    def killed(_from: Path, _to: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt), folder.writing(NOON // DAY):
        pytest.fail("there is nothing to write to")
    monkeypatch.undo()
    assert [each.name for each in tmp_path.iterdir()] == [f"{TODAY}.db.new"]
    assert DayFolder(tmp_path, writer=day_writer, reader=day_reader).days() == []

    with folder.writing(NOON // DAY) as (conn, tables):
        assert conn.scalar(select(func.count()).select_from(tables.blocks)) == 0
    folder.close()

    assert [each.name for each in tmp_path.iterdir()] == [f"{TODAY}.db"]


def test_a_history_that_cannot_be_read_keeps_no_hub_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alarms wait for no history: people are where they say next."""
    home = Home(url="", data_dir=tmp_path / "data")
    store = home.open()
    store.submit([signed_on(unit="r1")]).result(20)

    def unreadable(_self: HistoryReader, _units: object) -> None:
        raise StoreError("the history cannot be read: permission denied")

    monkeypatch.setattr(HistoryReader, "last_fixes", unreadable)

    assert store.load().last_fixes == []
    assert store.submit([alarm()]).result(20).seq == 2
    home.close()


def test_what_an_erased_fix_said_is_nowhere_on_the_disk(tmp_path: Path) -> None:
    """Overwritten, not only unlinked: not in the file, not in its log."""
    home = Home(url="", data_dir=tmp_path / "data")
    store = home.open()
    store.submit_fixes(fixes(unit="r1", count=3), [])
    store.submit_fixes(fixes(unit="r2", lon=np.array([1.0])), [])
    store.flush_history()
    place = np.int32(1201234567).tobytes()
    files = tmp_path / "data" / "history"
    assert any(place in file.read_bytes() for file in files.iterdir())

    assert store.erase_fixes(UnitId("r1"), from_t=NOON, to_t=NOON + HOUR) == 3

    assert not any(place in file.read_bytes() for file in files.iterdir())
    home.close()


def test_a_reader_that_comes_late_does_not_bring_a_day_back(store: SqlStore, home: Home) -> None:
    """Somebody looks at an old night at the very moment it is dropped."""
    store.submit_fixes(fixes(start=NOON - DAY), [])
    store.flush_history()
    with history_at(home.url, home.data_dir) as past:
        assert len(past.area(WORLD, from_t=NOON - DAY, to_t=NOON)) == 1
        store.drop_history_before(TODAY)
        past.area(WORLD, from_t=NOON - DAY, to_t=NOON)

    assert everything(store) == []
    if not home.url:
        assert not list((home.data_dir / "history").glob("*.db"))
