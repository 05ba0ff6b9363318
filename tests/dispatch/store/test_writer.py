"""The writer when the database fails: order kept, nothing lost, said aloud, tried again."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from dispatch.errors import FactRefusedError, StoreDownError
from dispatch.store import writer as writing
from dispatch.store.codec import encode
from dispatch.store.database import STATEMENT_TIMEOUT_MS, open_for_hub, unhurried
from dispatch.store.journal import Submission
from dispatch.store.port import AlarmOutcome, Committed
from dispatch.store.sql import SqlStore
from dispatch.store.writer import Door, JournalWriter
from tests.dispatch.store.conftest import Home, after
from tests.dispatch.store.facts import alarm, alarm_id, opened, signed_on
from tests.dispatch.store.test_codec import counting

TAKE_AWAY = "ALTER TABLE journal RENAME TO away"
BRING_BACK = "ALTER TABLE away RENAME TO journal"


def test_facts_wait_in_order_until_the_database_is_back(home: Home) -> None:
    """An alarm must not be lost, nor overtaken by what follows from it."""
    store = home.open()
    home.tamper(TAKE_AWAY)
    home.on_pause = after(3, lambda: home.tamper(BRING_BACK))

    answers = [store.submit([alarm(n)]) for n in range(1, 6)]

    assert [a.result(20).seq for a in answers] == [1, 2, 3, 4, 5]
    assert home.rows("SELECT alarm FROM journal ORDER BY seq") == [
        (alarm_id(n),) for n in range(1, 6)
    ]
    assert home.pauses == [0.2, 0.4, 0.8]
    assert "journal" in home.states[0]
    assert home.states[1:] == [""]


def test_pauses_grow_to_five_seconds_and_no_further(home: Home) -> None:
    store = home.open()
    home.tamper(TAKE_AWAY)
    home.on_pause = after(8, lambda: home.tamper(BRING_BACK))

    store.submit([alarm()]).result(20)

    assert home.pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


def test_a_full_disk_is_told_and_outlived(home: Home) -> None:
    """Freed by a person at three in the morning, everything that came since is still there."""
    if home.url:
        pytest.skip("PostgreSQL's disk cannot be filled from here; the lost table stands for it")
    store = home.open()
    engine = store._engines.journal  # the one writing connection: its limit is what fills the disk

    def limit(pages: str) -> None:
        with engine.begin() as conn:
            conn.execute(text(f"PRAGMA max_page_count={pages}"))

    with engine.begin() as conn:
        used = conn.execute(text("PRAGMA page_count")).scalar()
    limit(str(used))
    home.on_pause = after(2, lambda: limit("1000000"))

    answers = [store.submit([alarm(n, fix=None)]) for n in range(1, 200)]

    assert [a.result(20).seq for a in answers] == list(range(1, 200))
    assert home.states == ["database or disk is full", ""]
    assert store.verify().broken_at_seq is None


def test_a_cut_connection_is_replaced(home: Home) -> None:
    """PostgreSQL was restarted: the next alarm connects again, and wins the lock again."""
    if not home.url:
        pytest.skip("SQLite has no connection to cut")
    store = home.open()
    store.submit([alarm(1)]).result(20)
    home.tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    assert store.submit([alarm(2)]).result(20).seq == 2
    assert home.states[-1] == ""
    assert store.verify().facts == 2


def test_a_fact_the_database_refuses_does_not_hold_up_the_others(home: Home) -> None:
    """The same incident opened twice is our fault; the next alarm must not pay for it."""
    store = home.open()
    with stalled(home, store):
        good = [store.submit([alarm(1)]), store.submit([opened()])]
        bad = store.submit([opened(), signed_on()])
        more = [store.submit([alarm(2)]), store.submit([signed_on("r2")])]

    assert [answer.result(20).seq for answer in good + more] == [2, 3, 4, 5]
    with pytest.raises(FactRefusedError, match="IncidentOpened, UnitSignedOn"):
        bad.result(20)
    assert store.verify().facts == 5
    assert home.states[-1] == ""


def test_presses_of_one_identity_in_one_group_are_told_apart(home: Home) -> None:
    """A radio's repeats come in bursts; nothing on disk tells them apart yet."""
    store = home.open()
    with stalled(home, store):
        answers = [store.submit([alarm(digest=d)]) for d in ("a", "a", "b")]

    outcomes = [answer.result(20).alarms[alarm_id()] for answer in answers]

    assert outcomes == [AlarmOutcome.NEW, AlarmOutcome.SAME, AlarmOutcome.CONFLICT]
    assert store.verify().facts == 2


def test_a_full_queue_refuses(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is the last thing to run out of; the shell must hear it while it can still act."""
    monkeypatch.setattr(writing, "FACTS_QUEUED_MAX", 3)
    store = home.open()
    with stalled(home, store):
        waiting = [store.submit([alarm(n)]) for n in (1, 2)]

        with pytest.raises(StoreDownError, match="3 facts are waiting"):
            store.submit([alarm(3)])

    assert [answer.result(20).seq for answer in waiting] == [2, 3]
    assert store.submit([alarm(3)]).result(20).seq == 4


def test_what_waits_is_committed_together(home: Home) -> None:
    """A thousand radios signing on after a power cut must not take a thousand fsyncs."""
    slow: list[SlowToStart] = []

    def double(door: Door) -> Door:
        slow.append(SlowToStart(door))
        return slow[0]

    with writer_through(home, double) as submit:
        answers = [submit(signed_on(f"u{n}")) for n in range(1000)]
        slow[0].go.set()

        assert [answer.result(20).seq for answer in answers] == list(range(1, 1001))
    assert slow[0].commits <= 2


def test_what_has_more_behind_it_shares_its_commit(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An incident that opens and the wave that is called are one wait for the disk, not two."""
    monkeypatch.setattr(writing, "PATIENCE_S", 20.0)
    doors: list[SlowToStart] = []

    def double(door: Door) -> Door:
        doors.append(SlowToStart(door))
        doors[0].go.set()
        return doors[0]

    with writer_through(home, double) as submit:
        first = submit(alarm(1), more_soon=True)
        second = submit(alarm(2))

        assert (first.result(10).seq, second.result(10).seq) == (1, 2)
    assert doors[0].commits == 1


def test_what_has_more_behind_it_does_not_wait_for_ever(home: Home) -> None:
    """Deciding may fail, or find nobody to call."""
    with writer_through(home, lambda door: door) as submit:
        assert submit(alarm(1), more_soon=True).result(10).seq == 1


def test_closing_does_not_wait_for_more(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is committed at once: the hub is told to end."""
    monkeypatch.setattr(writing, "PATIENCE_S", 20.0)

    with writer_through(home, lambda door: door) as submit:
        answer = submit(alarm(1), more_soon=True)

    assert answer.result(0).seq == 1


def test_closing_while_the_database_is_gone_fails_what_waits(home: Home) -> None:
    """Better a refusal than a process that never ends; nobody was told it was stored."""
    store = home.open()
    home.tamper(TAKE_AWAY)
    waiting = [store.submit([alarm(n)]) for n in (1, 2)]

    store.close()

    for answer in waiting:
        with pytest.raises(StoreDownError, match="journal"):
            answer.result(0)


def test_a_listener_that_fails_does_not_stop_the_journal(home: Home) -> None:
    def deaf(_why: str) -> None:
        raise RuntimeError("the loop is closed")

    store = home.open()
    store._journal._on_state = deaf
    home.tamper(TAKE_AWAY)
    home.on_pause = after(1, lambda: home.tamper(BRING_BACK))

    assert store.submit([alarm()]).result(20).seq == 1


# --- databases that behave badly ---


@contextmanager
def stalled(home: Home, store: SqlStore) -> Iterator[None]:
    """The database is gone, the writer stands before its first fact: what is queued waits."""
    held, repaired = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        assert repaired.wait(20)

    home.on_pause = hold
    home.tamper(TAKE_AWAY)
    store.submit([signed_on("first")])
    assert held.wait(20)
    yield
    home.tamper(BRING_BACK)
    repaired.set()


class SlowToStart:
    """A database that takes its time over the first transaction, and counts its commits."""

    def __init__(self, door: Door) -> None:
        self.go = threading.Event()
        self.commits = 0
        self._door = door

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        assert self.go.wait(20)
        with self._door.begin() as conn:
            yield conn
        self.commits += 1


class LosesAnswers:
    """A database that commits, and whose confirmation never arrives, so many times."""

    def __init__(self, door: Door, *, times: int) -> None:
        self._door = door
        self._times = times

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._door.begin() as conn:
            yield conn
        if self._times:
            self._times -= 1
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("connection lost"))


class Dies:
    """A database whose driver takes the thread down with it."""

    def begin(self) -> AbstractContextManager[Connection]:
        raise SystemExit("the driver gave up")


@contextmanager
def writer_through(
    home: Home, double: Callable[[Door], Door]
) -> Iterator[Callable[..., "Future[Committed]"]]:
    home.open().close()  # makes the tables
    engines = open_for_hub(home.url, home.data_dir)
    writer = JournalWriter(double(engines.journal), on_state=home.states.append, pause=home.pause)
    token_bytes = counting()

    def submit(*facts: Any, more_soon: bool = False) -> "Future[Committed]":
        submission = Submission(tuple(encode(fact, token_bytes) for fact in facts))
        return writer.submit(submission, more_soon=more_soon)

    try:
        yield submit
    finally:
        writer.close()
        engines.close()


def test_a_commit_whose_answer_was_lost_is_not_done_twice(home: Home) -> None:
    """The connection broke between the commit and its confirmation: the chain tells."""
    with writer_through(home, lambda door: LosesAnswers(door, times=2)) as submit:
        first = submit(alarm(1), signed_on())
        second = submit(alarm(2))

        assert first.result(20) == Committed(seq=2, alarms={alarm_id(1): AlarmOutcome.NEW})
        assert second.result(20).seq == 3

    assert home.rows("SELECT seq, name FROM journal ORDER BY seq") == [
        (1, "AlarmReceived"),
        (2, "UnitSignedOn"),
        (3, "AlarmReceived"),
    ]
    assert home.states == ["connection lost", ""] * (len(home.states) // 2)


class Hangs:
    """A database that neither answers nor fails until it is let go on."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.goes_on = threading.Event()

    def begin(self) -> AbstractContextManager[Connection]:
        self.goes_on.wait(20)
        return self._door.begin()


def test_a_database_that_hangs_does_not_keep_the_hub_from_ending(home: Home) -> None:
    """Whoever waits is told that nothing is known to be kept; the supervisor need not kill us."""
    home.open().close()  # makes the tables
    engines = open_for_hub(home.url, home.data_dir)
    door = Hangs(engines.journal)
    writer = JournalWriter(door, on_state=home.states.append, close_wait_s=0.01)
    answer = writer.submit(Submission((encode(alarm(), counting()),)))

    writer.close()
    with pytest.raises(StoreDownError, match="gives no answer"):
        answer.result(0)

    door.goes_on.set()
    writer._thread.join(20)  # or it connects after the engines were closed, and nobody closes that
    engines.close()


def test_a_statement_that_stalls_is_given_up_by_postgresql(home: Home) -> None:
    """Else one stalled statement would hold up every alarm behind it for ever."""
    if not home.url:
        pytest.skip("SQLite has no server to give a statement up")
    engines = open_for_hub(home.url, home.data_dir)
    with engines.journal.begin() as conn:
        hurried = conn.execute(text("SHOW statement_timeout")).scalar()
        unhurried(conn)
        lifted = conn.execute(text("SHOW statement_timeout")).scalar()
    with engines.journal_read.begin() as conn:
        reading = conn.execute(text("SHOW statement_timeout")).scalar()
    engines.close()

    assert (hurried, lifted, reading) == (f"{STATEMENT_TIMEOUT_MS // 1000}s", "0", "0")


def test_a_dead_writer_fails_everything_rather_than_wait(home: Home) -> None:
    """A future that never resolves would leave an alarm neither stored nor marked so."""
    with writer_through(home, lambda _door: Dies()) as submit:
        with pytest.raises(StoreDownError, match="the driver gave up"):
            submit(alarm(1)).result(20)
        with pytest.raises(StoreDownError, match="the driver gave up"):
            submit(alarm(2))
        assert "the driver gave up" in home.states[0]
