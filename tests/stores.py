"""A store in memory that commits when told to: for tests of the shell and the console."""

from collections.abc import Sequence
from concurrent.futures import Future

from dispatch.clock import Instant
from dispatch.errors import StoreDownError, StoreError
from dispatch.events import AlarmReceived, Event, IncidentEvent, RadioLetIn
from dispatch.ids import AlarmId, DrillId, IncidentId, RadioId, UnitId
from dispatch.roster import RadioRecord
from dispatch.store.port import (
    AlarmOutcome,
    AreaFixes,
    Box,
    ChainReport,
    Committed,
    CrossingRow,
    DrillRow,
    FixRows,
    IncidentRow,
    IncidentSlice,
    RadioSecret,
    Restored,
    Track,
)


class ManualStore:
    """Keeps facts in order; ``commit()`` puts the waiting ones on disk, or it does ``at_once``."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self.full = False
        self.facts: list[Event] = []
        self.fixes: list[FixRows] = []
        self.crossings: list[CrossingRow] = []
        self.secrets: dict[RadioId, RadioSecret] = {}
        self.closed = False
        self._digests: dict[AlarmId, str] = {}
        self._waiting: list[tuple[tuple[Event, ...], Future[Committed]]] = []

    def submit(self, facts: Sequence[Event], *, more_soon: bool = False) -> "Future[Committed]":
        """Queue, and commit where that happens by itself."""
        if self.full:
            raise StoreDownError("the queue is full")
        future: Future[Committed] = Future()
        self._waiting.append((tuple(facts), future))
        if self.at_once:
            self.commit()
        return future

    @property
    def waiting(self) -> int:
        """How many submissions are not on disk."""
        return len(self._waiting)

    def commit(self) -> None:
        """Put everything that waits on disk."""
        waiting, self._waiting = self._waiting, []
        for facts, future in waiting:
            future.set_result(self._append(facts))

    def refuse(self) -> None:
        """Refuse what waits for its content, for good."""
        waiting, self._waiting = self._waiting, []
        for _facts, future in waiting:
            future.set_exception(StoreError("refused for its content"))

    def _append(self, facts: tuple[Event, ...]) -> Committed:
        outcomes: dict[AlarmId, AlarmOutcome] = {}
        for fact in facts:
            if isinstance(fact, AlarmReceived):
                kept = self._digests.setdefault(fact.alarm, fact.digest)
                if any(isinstance(f, AlarmReceived) and f.alarm == fact.alarm for f in self.facts):
                    same = kept == fact.digest
                    outcomes[fact.alarm] = AlarmOutcome.SAME if same else AlarmOutcome.CONFLICT
                    continue
                outcomes[fact.alarm] = AlarmOutcome.NEW
            self.facts.append(fact)
        return Committed(seq=len(self.facts), alarms=outcomes)

    def submit_fixes(self, rows: FixRows, crossings: Sequence[CrossingRow]) -> int:
        """Keep them; nothing is ever shed."""
        self.fixes.append(rows)
        self.crossings.extend(crossings)
        return 0

    def load(self) -> Restored:
        """Every fact it has."""
        last_t = self.facts[-1].t if self.facts else 0
        return Restored(
            seq=len(self.facts),
            last_t=last_t,
            facts=list(self.facts),
            radios=[],
            last_fixes=[],
            incident_numbers={},
        )

    def incident_facts(self, incident: IncidentId) -> list[Event]:
        """The facts of one incident."""
        return [f for f in self.facts if isinstance(f, IncidentEvent) and f.incident == incident]

    def closed_incidents(self, *, before_t: Instant, count_max: int) -> list[IncidentRow]:
        """None: tests of looking back use a real store."""
        return []

    def drill(self, drill: DrillId) -> DrillRow | None:
        """None: tests of looking back use a real store."""
        return None

    def incidents_of_drill(self, drill: DrillId, *, count_max: int) -> list[IncidentRow]:
        """None, for the same reason."""
        return []

    def incident_slice(self, incident: IncidentId) -> IncidentSlice:
        """Nothing: files are made of a real store."""
        return IncidentSlice(rows=(), values=(), rows_left_out=0)

    def track(self, unit: UnitId, *, from_t: Instant, to_t: Instant, fixes_max: int) -> Track:
        """No history is kept here."""
        return Track(unit=unit, from_t=from_t, to_t=to_t, fixes=(), fixes_left_out=0)

    def area(self, box: Box, *, from_t: Instant, to_t: Instant) -> AreaFixes:
        """No history is kept here; tests of looking back use a real store."""
        raise NotImplementedError

    def erase_fixes(self, unit: UnitId, *, from_t: Instant, to_t: Instant) -> int:
        """There is nothing to erase."""
        return 0

    def forget_fixes(self, unit: UnitId, *, from_t: Instant, to_t: Instant) -> None:
        """There is nothing to erase."""

    def enroll(
        self,
        record: RadioRecord,
        *,
        secret_hash: str,
        t: Instant,
        let_in: RadioLetIn | None = None,
    ) -> "Future[Committed]":
        """Put a radio on the roster."""
        self.secrets[record.radio] = RadioSecret(
            radio=record.radio,
            community=record.community,
            secret_hash=secret_hash,
            revoked=False,
        )
        return self.submit([record.enrolled(t), *([let_in] if let_in else [])])

    def radio_secret(self, radio: RadioId) -> RadioSecret | None:
        """One radio's secret."""
        return self.secrets.get(radio)

    def radio_secrets_of(self, radios: Sequence[RadioId]) -> list[RadioSecret]:
        """Those of these radios."""
        return [self.secrets[r] for r in sorted(radios) if r in self.secrets]

    def radio_secrets(self, *, after_t: Instant = -1) -> list[RadioSecret]:
        """All of them."""
        return [self.secrets[r] for r in sorted(self.secrets)]

    def erase(self, *, incident: IncidentId, t: Instant) -> int:
        """Nothing is erased here."""
        return 0

    def verify(self) -> ChainReport:
        """No chain is kept here."""
        return ChainReport(facts=len(self.facts), broken_at_seq=None, why="", erased=[])

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True
