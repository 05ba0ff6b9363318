"""The store of one hub, on SQLite or PostgreSQL: opens it, and puts its parts behind one door."""

import contextlib
import datetime
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from dispatch.access.facts import AccountFact
from dispatch.access.kept import BesideChange, CodeRow, DropCode, KeptBeside
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import DAY, Instant
from dispatch.errors import StoreDownError, StoreError
from dispatch.events import Event, Personal, Purpose, RadioLetIn, TrackErased
from dispatch.ids import DrillId, IncidentId, OperatorName, RadioId, UnitId, radio_of
from dispatch.privacy.facts import PersonErased, PositionsExpired, ValuesExpired
from dispatch.privacy.holdings import Person, Span
from dispatch.records import Records
from dispatch.roster import RadioRecord
from dispatch.store import (
    access,
    auditing,
    erasure,
    history,
    migrate,
    persons,
    reading,
    roll,
    slices,
    standing,
    starting,
    tips,
)
from dispatch.store import verify as verifying
from dispatch.store.auditing import AuditPage, AuditQuery
from dispatch.store.chain import Tail
from dispatch.store.codec import TokenBytes, encode
from dispatch.store.database import (
    HISTORY_FILE,
    HISTORY_FOLDER,
    Engines,
    day_reader,
    day_writer,
    look,
    open_for_hub,
    open_for_reading,
    opening,
    place_of,
    reason_of,
    unhurried,
)
from dispatch.store.history import GATHER_S, HistoryReader, HistoryWriter, RowsV1, Shelf
from dispatch.store.journal import Secret, Submission, read_tail
from dispatch.store.port import (
    AreaFixes,
    Beside,
    Box,
    ChainReport,
    Committed,
    CrossingRow,
    DrillRow,
    FixRows,
    IncidentRow,
    IncidentSlice,
    LastFix,
    RadioSecret,
    Restored,
    Track,
)
from dispatch.store.rebuild import rebuild
from dispatch.store.retention import KEPT_FOR, KeptFor
from dispatch.store.roll import RollQuery, RollRow
from dispatch.store.writer import JournalWriter, Pause
from dispatch.tips.facts import TipFact
from dispatch.tips.words import TipId

T = TypeVar("T")

log = structlog.get_logger("yihu.store")

FIXES_A_DAY_MAX: Final = 1_000_000
"""More than ten a second: a day of one unit is never thinned."""

WORK_TIMEOUT_S: Final = 30.0
"""Erasing waits its turn behind the facts; longer than this, and the store is as good as down."""


class SqlStore:
    """Implements ``port.Store``. Every method may be called from any thread."""

    def __init__(
        self,
        engines: Engines,
        shelf: Shelf,
        *,
        on_state: Callable[[str], None],
        token_bytes: TokenBytes,
        pause: Pause,
        gather_s: float,
        kept_for: KeptFor = KEPT_FOR,
    ) -> None:
        self._engines = engines
        self._kept_for = kept_for
        self.expired = 0
        """Personal values erased since the start because their time was over."""
        self._token_bytes = token_bytes
        self._journal = JournalWriter(
            engines.journal, on_state=on_state, pause=pause, kept_for=kept_for
        )
        rows_v1 = RowsV1(engines.history, engines.history_read)
        self._shelf = shelf
        self._past = HistoryReader(shelf, rows_v1)
        self._history = HistoryWriter(
            shelf, rows_v1, gather_s=gather_s, pause=pause, on_gone=self._past.forget
        )

    @classmethod
    def open(
        cls,
        url: str,
        *,
        data_dir: Path,
        on_state: Callable[[str], None],
        token_bytes: TokenBytes = secrets.token_bytes,
        pause: Pause = threading.Event.wait,
        gather_s: float = GATHER_S,
        kept_for: KeptFor = KEPT_FOR,
    ) -> "SqlStore":
        """Open the store, bring its tables up to date and keep every other hub out.

        ``url`` is PostgreSQL's address, empty for SQLite in ``data_dir``.
        ``on_state`` is called from the writer's thread when writing begins to
        fail (why) and when it works again (empty). Raises SettingsError.
        """
        engines = open_for_hub(url, data_dir)
        try:
            with opening(place_of(url, data_dir), remote=bool(url)):
                with engines.journal.begin() as conn:
                    unhurried(conn)
                    migrate.bring_up_to_date(conn)
                with engines.history.begin() as conn:
                    history.prepare(conn)
            with opening(place_of(url, data_dir), remote=bool(url)):
                return cls(
                    engines,
                    _shelf(url, data_dir, engines.history, engines.history_read),
                    on_state=on_state,
                    token_bytes=token_bytes,
                    pause=pause,
                    gather_s=gather_s,
                    kept_for=kept_for,
                )
        except BaseException:
            engines.close()
            raise

    # --- writing ---

    def submit(self, facts: Sequence[Event], *, more_soon: bool = False) -> "Future[Committed]":
        """Queue facts that stand or fall together; see ``port.Store``.

        Raises FactRefusedError where one cannot be written down as it is.
        """
        encoded = tuple(encode(fact, self._token_bytes) for fact in facts)
        return self._journal.submit(Submission(encoded), more_soon=more_soon)

    def record(self, facts: Sequence[Event]) -> None:
        """``submit``, and wait until they are on disk. Raises StoreDownError, FactRefusedError."""
        _awaited(self.submit(facts), "journal")

    def submit_fixes(self, rows: FixRows, crossings: Sequence[CrossingRow]) -> int:
        """Queue fixes for the history; gives back how many rows were shed to make room."""
        return self._history.submit(rows, crossings)

    def enroll(
        self,
        record: RadioRecord,
        *,
        secret_hash: str,
        t: Instant,
        let_in: RadioLetIn | None = None,
    ) -> "Future[Committed]":
        """Put a radio on the roster, with the fact of it; a known one is enrolled afresh.

        ``let_in``: and who answers for it. A code that was to let it in is void.
        """
        facts: list[Event] = [record.enrolled(t)]
        if let_in is not None:
            facts.append(let_in)
        secret = Secret(radio=record.radio, secret_hash=secret_hash, t=t)
        encoded = tuple(encode(fact, self._token_bytes) for fact in facts)
        beside = () if let_in is None else (DropCode(record.radio),)
        return self._journal.submit(Submission(encoded, (secret,), beside))

    def keep_access(
        self, facts: Sequence[Event], beside: Sequence[BesideChange]
    ) -> "Future[Committed]":
        """Queue facts about accounts or codes with what changes beside the journal: both or
        neither.

        Raises FactRefusedError, StoreDownError.
        """
        encoded = tuple(encode(fact, self._token_bytes) for fact in facts)
        return self._journal.submit(Submission(encoded, beside=tuple(beside)))

    def erase(self, *, incident: IncidentId, t: Instant) -> int:
        """Erase every personal value of an ended incident and its alarms; gives back how many.

        Raises UnknownIncidentError, WrongPhaseError where it is open, StoreDownError.
        """
        return self._work(lambda conn: erasure.erase_incident(conn, incident, t))

    def person(self, name: str) -> Person:
        """Whoever has this account, radio or call sign. Raises UnknownPersonError."""
        with look(self._engines.journal_read) as conn:
            return persons.find(conn, name)

    def person_document(self, person: Person) -> dict[str, Any]:
        """Everything that is held of them, to be handed out (privacy/holdings.py)."""
        with look(self._engines.journal_read) as conn:
            held = persons.document(conn, person)
        return {**held, "tracks": [self._tracked(span) for span in person.spans]}

    def _tracked(self, span: Span) -> dict[str, Any]:
        """All fixes of a radio while it was theirs: [t, lon_e7, lat_e7, acc_dm] each."""
        fixes = [
            fix
            for from_t, to_t in self._past.spans()
            if from_t < span.to_t and to_t >= span.from_t
            for fix in self._past.track(
                span.unit,
                from_t=max(from_t, span.from_t),
                to_t=min(to_t, span.to_t - 1),
                fixes_max=FIXES_A_DAY_MAX,
            ).fixes
        ]
        return {"unit": span.unit, "fixes": fixes}

    def person_plan(self, person: Person, tips: Collection[TipId] = ()) -> tuple[persons.Plan, int]:
        """What erasing them means: of the journal and beside it, and how many fixes. ``tips`` are
        those that they gave, which only the key tells: who gave them goes."""
        with look(self._engines.journal_read) as conn:
            planned = persons.plan(conn, person, tips)
        return planned, sum(len(self._tracked(span)["fixes"]) for span in person.spans)

    def erase_person(
        self, planned: persons.Plan, *, by: OperatorName, why: str, t: Instant
    ) -> tuple[int, int]:
        """Tell it, then erase what was planned; gives back how many values, and how many fixes.

        Asked again after a failure it goes on: what is gone is gone. Raises StoreError.
        """
        person = planned.person
        told = PersonErased(
            t=t,
            community=NO_COMMUNITY,
            account=person.account,
            units=person.units,
            by=by,
            erased_t=t,
            values=persons.by_purpose(planned.values),
            why=Personal(Purpose.WORDS, why),
        )
        self.record([told])
        values = self._work(lambda conn: persons.erase(conn, planned, t), timeout_s=None)
        fixes = sum(
            self.erase_fixes(
                span.unit, from_t=max(from_t, span.from_t), to_t=min(to_t, span.to_t - 1)
            )
            for span in person.spans
            for from_t, to_t in self._past.spans()
            if from_t < span.to_t and to_t >= span.from_t
        )
        return values, fixes

    def erase_tracks(
        self, person: Person, *, by: OperatorName, why: str, t: Instant, until_t: Instant
    ) -> int:
        """Tell it at ``t``, then erase every position of theirs up to ``until_t``; gives back how
        many.

        Asked again after a failure it goes on. Raises StoreError.
        """
        done = 0
        for span in person.spans:
            record = self.radio_secret(radio_of(span.unit))
            to_t = min(until_t, span.to_t - 1)
            told = TrackErased(
                t=t,
                community=NO_COMMUNITY if record is None else record.community,
                unit=span.unit,
                from_t=span.from_t,
                to_t=to_t,
                by=by,
                why=Personal(Purpose.WORDS, why),
            )
            self.record([told])
            done += sum(
                self.erase_fixes(span.unit, from_t=max(from_t, span.from_t), to_t=min(end_t, to_t))
                for from_t, end_t in self._past.spans()
                if from_t <= to_t and end_t >= span.from_t
            )
        return done

    def holds_tracks(self, person: Person, *, until_t: Instant) -> bool:
        """Whether any position of theirs up to then is left."""
        return any(
            self._past.track(
                span.unit,
                from_t=max(from_t, span.from_t),
                to_t=min(end_t, until_t, span.to_t - 1),
                fixes_max=1,
            ).fixes
            for span in person.spans
            for from_t, end_t in self._past.spans()
            if from_t <= min(until_t, span.to_t - 1) and end_t >= span.from_t
        )

    def erase_expired(self, t: Instant, *, told_t: Instant | None = None) -> int:
        """Erase the personal values whose time is over (retention.py); gives back how many.

        That they go is told by a fact first, at ``told_t``, the hub's time (None: ``t``). Values
        that were written under other settings are held to these.
        """
        self._redate()
        with look(self._engines.journal_read) as conn:
            values = erasure.count_expired(conn, t)
        if not values:
            return 0
        told = ValuesExpired(
            t=t if told_t is None else told_t,
            community=NO_COMMUNITY,
            erased_t=t,
            values=values,
        )
        self.record([told])
        total = 0
        while count := self._work(lambda conn: erasure.erase_expired(conn, t)):
            total += count
        self.expired += total
        return total

    def _redate(self) -> None:
        """Read beside the writer; it is asked only for what has to change."""
        above: int | None = 0
        while above is not None:
            with look(self._engines.journal_read) as conn:
                above, due = erasure.misdated(conn, self._kept_for, above=above)
            if due:
                self._work(partial(erasure.redate, due=due))

    def rebuild(self) -> int:
        """Build the projections again from the journal; gives back the number of facts.

        One long transaction: facts submitted meanwhile wait. For a hub at rest.
        """
        return self._work(rebuild, timeout_s=None)

    def drop_history_before(self, day: datetime.date, *, told_t: Instant | None = None) -> int:
        """Drop positions and crossings of days (UTC) before ``day``; gives back how many rows.

        Where there are any, a fact tells of it first, at ``told_t``; None: it is not told.
        """
        first_kept = (day - datetime.date(1970, 1, 1)).days
        before_t = first_kept * DAY
        if told_t is not None and any(to_t < before_t for _, to_t in self._past.spans()):
            told = PositionsExpired(t=told_t, community=NO_COMMUNITY, before_t=before_t)
            self.record([told])
        return _awaited(self._history.drop_before(first_kept), "history")

    def erase_fixes(self, unit: UnitId, *, from_t: Instant, to_t: Instant) -> int:
        """Erase where a unit was between two times; gives back how many fixes. The rest stays.

        Those submitted before are erased, too. Raises StoreDownError.
        """
        return _awaited(self._history.erase(unit, from_t, to_t), "history")

    def forget_fixes(self, unit: UnitId, *, from_t: Instant, to_t: Instant) -> None:
        """``erase_fixes`` without waiting for it; what fails is said in the log."""

        def told(done: "Future[int]") -> None:
            why = done.exception()
            if why is None:
                log.info("off_duty_fixes_forgotten", unit=unit, fixes=done.result())
            else:
                log.error("off_duty_fixes_not_forgotten", unit=unit, why=reason_of(why))

        try:
            self._history.erase(unit, from_t, to_t).add_done_callback(told)
        except StoreDownError as exc:
            log.error("off_duty_fixes_not_forgotten", unit=unit, why=str(exc))

    @property
    def history_shed(self) -> int:
        """Rows of the history given up since the start, for want of room or of a database."""
        return self._history.shed.total()

    def history_counts(self) -> dict[str, int]:
        """What was counted of the history, as ``name`` or ``name:reason``."""
        return {
            "personal_values_expired": self.expired,
            **{f"history_shed:{reason}": n for reason, n in self._history.shed.items()},
            "history_stalls": self._history.stalls,
            "history_torn_rows": self._history.torn_rows,
            "history_torn_blocks:putting_in_order": self._history.torn_blocks,
            "history_torn_blocks:reading": self._past.torn_blocks,
        }

    def history_gauges(self) -> dict[str, float]:
        """How it stands now."""
        return {
            "history_rows_waiting": self.history_queued,
            "history_rows_unordered": self.history_unordered,
            "history_stalled_seconds": self._history.stalled_s,
        }

    @property
    def history_words(self) -> str:
        """What is wrong with the history's disk, in a sentence; empty where nothing is."""
        stalled_s = self._history.stalled_s
        if not stalled_s:
            return ""
        return (
            f"the history has not been written for {stalled_s:.0f} s, {self.history_queued}"
            " positions wait in memory; alarms are stored and people called all the same"
        )

    @property
    def history_queued(self) -> int:
        """Rows of the history that are not on disk yet."""
        return self._history.queued

    @property
    def history_unordered(self) -> int:
        """Rows of the history on disk that stand as they came: a busy hub lets them wait."""
        return self._history.unordered

    @property
    def history_torn(self) -> int:
        """Rows of the history lost since the start with blocks that could not be read."""
        return self._history.torn_rows

    def settle_history(self) -> None:
        """Wait until all of the history is in order, hours that are not over too."""
        self._history.settle().result()

    def flush_history(self) -> None:
        """Wait until the fixes queued so far are written."""
        self._history.flush()

    def close(self) -> None:
        """Commit what is queued and let go; facts that cannot be kept fail their futures."""
        self._history.close()
        self._journal.close()
        self._shelf.close()
        self._engines.close()

    # --- reading ---

    def load(self, *, with_units: bool = True) -> Restored:
        """Everything a starting hub needs; its roster and who is there may be asked for apart.

        A season's records are counted beside the rest, by another thread: mostly SQLite's work.
        Nothing is written to what they are counted from while a hub starts.
        """
        with ThreadPoolExecutor(1, "records") as beside:
            counting = beside.submit(self._records)
            return replace(self._load(with_units=with_units), records=counting.result())

    def _records(self) -> Records:
        with look(self._engines.journal_read) as conn:
            return reading.records(conn, reading.last_time(conn))

    def _where_they_were(self, units: Sequence[UnitId]) -> list[LastFix]:
        """Nowhere, where the history cannot be read: alarms wait for no history, and everybody
        says within half a minute where they are."""
        try:
            return self._past.last_fixes(units)
        except StoreError as exc:
            log.error("last_fixes_unknown", why=str(exc))
            return []

    def _load(self, *, with_units: bool) -> Restored:
        """All but the records."""
        with look(self._engines.journal_read) as conn:
            last_t = reading.last_time(conn)
            tail = read_tail(conn)
            to_forget = starting.to_forget(conn, tail.seq)
            started = starting.state(conn, last_t)
            radios = reading.radio_records(conn) if with_units else []
            numbers = reading.incident_numbers(conn, last_t)
        if started.anew is not None:
            self._keep_standing(started.anew, tail)
        restored = Restored(
            seq=tail.seq,
            last_t=last_t,
            facts=started.facts,
            board=started.board,
            to_forget=to_forget,
            radios=radios,
            last_fixes=[],
            incident_numbers=numbers,
        )
        return self.with_shift(restored) if with_units else restored

    def with_shift(self, restored: Restored) -> Restored:
        """The same with who is on duty and in reach, and where they were.

        Whoever asks for these last, and lets go of them at once, has them leave few holes between
        what stays.
        """
        with look(self._engines.journal_read) as conn:
            on_duty, online = starting.on_duty(conn), starting.online(conn)
            signed_off = starting.signed_off(conn, restored.seq)
        last_fixes = self._where_they_were([unit for unit, *_ in on_duty])
        return replace(
            restored,
            on_duty=on_duty,
            signed_off=signed_off,
            online=online,
            last_fixes=last_fixes,
        )

    def let_go(self) -> None:
        """Of the connections that a start reads by, each with up to two megabytes of pages that
        nobody else asks for. Whoever asks next opens one."""
        self._engines.journal_read.dispose()

    def note_standing(self) -> bool:
        """Go on by a page of facts with what is kept of the open incidents for a quick start;
        False where there is nothing to go on with. For a thread of its own, now and then.

        Raises StoreError, StoreDownError.
        """
        with look(self._engines.journal_read) as conn:
            step = standing.next_step(conn)
        return step is not None and self._work(lambda conn: standing.write_step(conn, step))

    def _keep_standing(self, folded: standing.Folded, tail: Tail) -> None:
        """Begin it anew. That it failed costs the next start some time, and nothing else."""
        try:
            self._work(lambda conn: standing.write_all(conn, folded, tail))
        except StoreError as exc:
            log.warning("standing_not_kept", why=str(exc))

    def tip_facts(self) -> list[tuple[int, TipFact]]:
        """All facts about tips with their numbers, oldest first, without what is personal."""
        with look(self._engines.journal_read) as conn:
            return tips.tip_facts(conn)

    def whole_tip_facts(self, seqs: Sequence[int]) -> list[tuple[int, TipFact]]:
        """These facts about tips with their boxes."""
        with look(self._engines.journal_read) as conn:
            return tips.whole_tip_facts(conn, seqs)

    def accounts(self) -> tuple[list[AccountFact], KeptBeside]:
        """What accounts are folded from, and what is kept beside the journal."""
        with look(self._engines.journal_read) as conn:
            return auditing.access_facts(conn), access.read(conn)

    def audit(self, query: AuditQuery) -> AuditPage:
        """Who did what, a page at a time."""
        with look(self._engines.journal_read) as conn:
            return auditing.audit(conn, query)

    def incident_facts(self, incident: IncidentId) -> list[Event]:
        """Every fact about an incident and its alarms, oldest first; empty where unknown."""
        with look(self._engines.journal_read) as conn:
            return reading.incident_facts(conn, incident)

    def closed_incidents(self, *, before_t: Instant, count_max: int) -> list[IncidentRow]:
        """Incidents that ended before ``before_t``, newest first."""
        with look(self._engines.journal_read) as conn:
            return reading.closed_incidents(conn, before_t=before_t, count_max=count_max)

    def drill(self, drill: DrillId) -> DrillRow | None:
        """An exercise; None where there was none of this name."""
        with look(self._engines.journal_read) as conn:
            return reading.drill(conn, drill)

    def incidents_of_drill(self, drill: DrillId, *, count_max: int) -> list[IncidentRow]:
        """Incidents of an exercise, open and ended, oldest first."""
        with look(self._engines.journal_read) as conn:
            return reading.incidents_of_drill(conn, drill, count_max=count_max)

    def incident_slice(self, incident: IncidentId) -> IncidentSlice:
        """The journal's own rows about an incident and its alarms; none where unknown."""
        with look(self._engines.journal_read) as conn:
            return slices.incident_slice(conn, incident)

    def track(self, unit: UnitId, *, from_t: Instant, to_t: Instant, fixes_max: int) -> Track:
        """Where a unit was between two times, thinned evenly to about ``fixes_max`` fixes."""
        return self._past.track(unit, from_t=from_t, to_t=to_t, fixes_max=fixes_max)

    def last_fixes(self, units: Sequence[UnitId]) -> list[LastFix]:
        """The newest fix of each of these units in the history's last days, by unit."""
        return self._past.last_fixes(units)

    def area(self, box: Box, *, from_t: Instant, to_t: Instant) -> AreaFixes:
        """Every fix of the history in a box and between two times, both ends included.

        Raises StoreError where they are too many for one answer.
        """
        return self._past.area(box, from_t=from_t, to_t=to_t)

    def radio_records(self) -> list[RadioRecord]:
        """The roster, revoked radios too, by id."""
        with look(self._engines.journal_read) as conn:
            return reading.radio_records(conn)

    def radios_print(self) -> str:
        """Another text after every change of the roster."""
        with look(self._engines.journal_read) as conn:
            return reading.radios_print(conn)

    def radio_secret(self, radio: RadioId) -> RadioSecret | None:
        """What admission needs; None where no such radio was ever enrolled."""
        return next(iter(self.radio_secrets_of([radio])), None)

    def radio_secrets_of(self, radios: Sequence[RadioId]) -> list[RadioSecret]:
        """Those of these radios that were ever enrolled, in one look, by id."""
        with look(self._engines.journal_read) as conn:
            return reading.secrets_of(conn, radios)

    def radio_secrets(self, *, after_t: Instant = -1) -> list[RadioSecret]:
        """Those given after a time, revoked ones too, by id; all where none is said."""
        with look(self._engines.journal_read) as conn:
            return reading.secrets_of(conn, after_t=after_t)

    def radio_codes(self) -> list[CodeRow]:
        """The codes that may let a radio in, those that have run out too."""
        with look(self._engines.journal_read) as conn:
            return access.codes(conn)

    def radio_roll(self, query: RollQuery) -> list[RollRow]:
        """Radios with how they stand, by id, a page at a time."""
        with look(self._engines.journal_read) as conn:
            return roll.radio_roll(conn, query)

    def verify(self) -> ChainReport:
        """Walk the whole chain."""
        with look(self._engines.journal_read) as conn:
            return verifying.verify(conn)

    def _work(self, work: Callable[[Connection], T], timeout_s: float | None = WORK_TIMEOUT_S) -> T:
        return _awaited(self._journal.run(work), "journal", timeout_s)


def _awaited(work: "Future[T]", of: str, timeout_s: float | None = WORK_TIMEOUT_S) -> T:
    """What a writer's thread was asked for."""
    try:
        return work.result(timeout_s)
    except FutureTimeoutError as exc:
        raise StoreDownError(f"the {of}'s writer has not come to it in time") from exc
    except SQLAlchemyError as exc:
        raise StoreError(reason_of(exc)) from exc


def _shelf(
    url: str, data_dir: Path, writer: Engine, reader: Engine, *, alone: bool = True
) -> Shelf:
    """Where the days of the history lie."""
    if url:
        return history.DayTablesInOne(writer, reader, alone=alone)
    folder = data_dir / HISTORY_FOLDER
    return history.DayFolder(folder, writer=day_writer, reader=day_reader, alone=alone)


@contextlib.contextmanager
def history_at(url: str, data_dir: Path) -> Iterator[HistoryReader]:
    """The history of a store whose hub may be running or not. Raises SettingsError."""
    engine = open_for_reading(url, data_dir, HISTORY_FILE)
    shelf = _shelf(url, data_dir, engine, engine, alone=False)
    try:
        with opening(place_of(url, data_dir), remote=bool(url)):
            rows_v1 = RowsV1(engine, engine)
        yield HistoryReader(shelf, rows_v1)
    finally:
        shelf.close()
        engine.dispose()


def verify_at(url: str, data_dir: Path, *, noted: str = "") -> ChainReport:
    """Walk the chain of a store whose hub may be running or not. Raises SettingsError."""
    with _beside_a_hub(url, data_dir) as conn:
        return verifying.verify(conn, noted=noted)


def radio_secrets_at(url: str, data_dir: Path) -> list[RadioSecret]:
    """What admission needs, of a store whose hub may be running or not. Raises SettingsError."""
    with _beside_a_hub(url, data_dir) as conn:
        return reading.secrets_of(conn)


def last_time_at(url: str, data_dir: Path) -> Instant:
    """The journal's last time (0: it is empty), of a store whose hub may be running or not.

    Raises SettingsError, also where its tables are of another version than ours.
    """
    with _beside_a_hub(url, data_dir) as conn:
        return reading.last_time(conn)


def beside_at(url: str, data_dir: Path, *, incident: IncidentId, seqs: Sequence[int]) -> Beside:
    """What a store, whose hub may be running or not, says of these facts. Raises SettingsError."""
    with _beside_a_hub(url, data_dir) as conn:
        return slices.beside(conn, incident, seqs)


def tip_boxes_at(url: str, data_dir: Path) -> list[tuple[int, str]]:
    """Every box of a tip with its fact's number, of a store whose hub may be running or not. Raises
    SettingsError."""
    with _beside_a_hub(url, data_dir) as conn:
        return tips.tip_boxes(conn)


def incident_facts_at(url: str, data_dir: Path, incident: IncidentId) -> list[Event]:
    """Every fact about an incident, of a store whose hub may be running or not; empty where
    unknown. Raises SettingsError."""
    with _beside_a_hub(url, data_dir) as conn:
        return reading.incident_facts(conn, incident)


@contextlib.contextmanager
def _beside_a_hub(url: str, data_dir: Path) -> Iterator[Connection]:
    """One look at a journal, without the hub's lock."""
    engine = open_for_reading(url, data_dir)
    try:
        with opening(place_of(url, data_dir), remote=bool(url)), engine.begin() as conn:
            migrate.check_up_to_date(conn)
        with look(engine) as conn:
            yield conn
    finally:
        engine.dispose()
