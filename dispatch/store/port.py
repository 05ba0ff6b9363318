"""What the shell and the console need of a store, whatever database stands behind it."""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from dispatch.board import Board
from dispatch.clock import Instant
from dispatch.events import Event, RadioLetIn
from dispatch.ids import (
    AlarmId,
    CommunityId,
    DrillId,
    IncidentId,
    OperatorName,
    RadioId,
    ReportId,
    UnitId,
)
from dispatch.records import Records
from dispatch.roster import RadioRecord


class AlarmOutcome(StrEnum):
    """What the store found for an *AlarmReceived* it was asked to append."""

    NEW = "new"
    SAME = "same"
    """The identity is there with the same content; nothing was appended."""
    CONFLICT = "conflict"
    """The identity is there with other content; nothing was appended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The facts are on disk, fsynced, with their projections."""

    seq: int
    """The journal's last number after them."""
    alarms: dict[AlarmId, AlarmOutcome] = field(default_factory=dict)
    reports: dict[ReportId, AlarmOutcome] = field(default_factory=dict)
    """The same for patrol reports, which radios also repeat until they hear ``stored``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the live table's rows and grid codes are called.

    Both only grow, and only at the end, so that a thread may read them while the hub adds.
    A row or a code means the same for as long as the hub runs and nothing on a disk.
    """

    units: Sequence[UnitId]
    """By row."""
    grids: list[str]
    """By code; code 0 is empty: in no grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixRows:
    """Accepted fixes for the history, as columns."""

    names: Names
    rows: npt.NDArray[np.int64]
    """Whose each fix is: ``names.units[rows[i]]``."""
    t: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    acc_m: npt.NDArray[np.float32]
    speed_mps: npt.NDArray[np.float32]
    course_deg: npt.NDArray[np.float32]
    battery_pct: npt.NDArray[np.int8]
    grid: npt.NDArray[np.int32]
    """The grid each was in, as its code: ``names.grids[grid[i]]``."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingRow:
    """A unit was found to have gone from one grid to another (empty: outside)."""

    unit: UnitId
    t: Instant
    from_grid: str
    to_grid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LastFix:
    """The newest fix of a unit in the history."""

    unit: UnitId
    t: Instant
    lon: float
    lat: float
    acc_m: float | None
    battery_pct: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a hub needs to go on where the last one stopped."""

    seq: int
    last_t: Instant
    """The time of the journal's last fact; the clock must not step behind it."""
    facts: list[Event]
    """What is to be folded onto ``board``, oldest first. The store gives the exercises that are
    on and every plan book that was ever adopted."""
    radios: list[RadioRecord]
    last_fixes: list[LastFix]
    """Of units on duty only."""
    incident_numbers: dict[tuple[CommunityId, str], int]
    """The highest NNN used by (community, YYYYMMDD)."""
    board: Board | None = None
    """The open and lately closed incidents and undecided alarms; None: ``facts`` tell all."""
    on_duty: Iterable[tuple[UnitId, Instant, Instant]] = ()
    """Who is, since when, and since when by the radio's own clock."""
    signed_off: Iterable[tuple[UnitId, Instant, Instant]] = ()
    """Who was lately, with when that began: the same sign-on, delivered again, is known by it."""
    to_forget: Sequence[tuple[UnitId, Instant, Instant]] = ()
    """Whose fixes since when are to go out of the history, and when that was told: the last hub
    may have ended before it was done, and to do it twice is harmless."""
    online: Iterable[tuple[RadioId, Instant]] = ()
    """Which radios are at the broker, and since when."""
    records: Records | None = None
    """What units did with orders and presses lately, of all facts there are; None: it follows
    from ``facts``, which are all there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """An incident in the table for looking back."""

    incident: IncidentId
    community: CommunityId
    kind: str
    priority: int
    phase: str
    opened_t: Instant
    closed_t: Instant | None
    sender: UnitId | None
    grid: str
    taken_by: str
    disposition: str
    drill: DrillId | None = None
    """The exercise it belonged to; None: it was real."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillRow:
    """An exercise in the table for looking back."""

    drill: DrillId
    community: CommunityId
    name: str
    by: OperatorName
    started_t: Instant
    ended_t: Instant | None
    """None: it is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceRow:
    """A row of the journal exactly as it stands, with the hash of the row before it."""

    seq: int
    t: Instant
    community: str
    name: str
    body: str
    before: str
    """Empty where the row before is missing: the journal was tampered with."""
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceValue:
    """A personal value that a row of the slice refers to."""

    id: str
    seq: int
    purpose: str
    salt: str | None
    text: str | None
    """None where it was erased, or where it is too much to read (``left_out``)."""
    erased_t: Instant | None
    left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSlice:
    """What the journal holds of one incident, in the order of ``seq``."""

    rows: tuple[SliceRow, ...]
    values: tuple[SliceValue, ...]
    rows_left_out: int
    """Facts in the middle that are beyond the limits of slices.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where a unit was, from the history."""

    unit: UnitId
    from_t: Instant
    to_t: Instant
    fixes: tuple[tuple[Instant, int, int, int | None], ...]
    """(t, lon_e7, lat_e7, acc_dm), oldest first; numbers as in history.py."""
    fixes_left_out: int


Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees WGS-84, borders included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFixes:
    """Who was in an area, from the history: columns, by unit and time."""

    units: list[UnitId]
    grids: list[str]
    """``grids[0]`` is empty: in no grid."""
    unit: npt.NDArray[np.int32]
    """Place in ``units``."""
    t: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    acc_m: npt.NDArray[np.float32]
    speed_mps: npt.NDArray[np.float32]
    course_deg: npt.NDArray[np.float32]
    """NaN where a radio did not say."""
    battery_pct: npt.NDArray[np.int8]
    """-1 where it did not."""
    grid: npt.NDArray[np.int32]
    """Place in ``grids``."""

    def __len__(self) -> int:
        return len(self.t)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a journal says of the facts in somebody's hands."""

    rows: dict[int, SliceRow]
    """Those of the numbers asked for that it has."""
    numbers: frozenset[int]
    """Every fact it has of the incident."""
    exports: tuple[tuple[str, str, Instant], ...]
    """Files of the incident that were handed out: (seal, by, t)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What ``verify`` found."""

    facts: int
    broken_at_seq: int | None
    """The first fact whose hash or order does not fit; None where the chain is whole."""
    why: str
    erased: list[tuple[int, Instant]]
    """Facts with an erased personal value: (seq, when erased)."""
    head: str = ""
    """Hash of the last fact. Noted elsewhere, it later shows whether the end was cut off."""
    erased_for: dict[tuple[Instant, str], int] = field(default_factory=dict)
    """How many values were erased, by the time they bear and the purpose they were kept for."""
    told: frozenset[Instant] = frozenset()
    """Times of erasing that a fact told of."""
    held: int | None = None
    """The number of the fact whose hash was asked for; None where none has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioSecret:
    """What admission needs of a radio."""

    radio: RadioId
    community: CommunityId
    secret_hash: str
    revoked: bool


class Store(Protocol):
    """One writer, many readers. Submissions are committed in the order they were made."""

    def submit(self, facts: Sequence[Event], *, more_soon: bool = False) -> "Future[Committed]":
        """Queue facts for the next group commit; the future resolves only when they are on disk.

        ``more_soon``: nobody waits for these before further ones, which come in some
        milliseconds; they may share a commit with them, and wait for them that long.
        While the database fails the writer keeps the facts in order and tries
        again; ``on_state`` (a constructor argument) tells the shell.
        Raises StoreDownError at once where the queue is full.
        """
        ...

    def submit_fixes(self, rows: FixRows, crossings: Sequence[CrossingRow]) -> int:
        """Queue fixes for the history; gives back how many were shed to make room."""
        ...

    def load(self) -> Restored:
        """Everything a starting hub needs."""
        ...

    def incident_facts(self, incident: IncidentId) -> list[Event]:
        """Every fact about an incident and its alarms, oldest first; empty where unknown."""
        ...

    def closed_incidents(self, *, before_t: Instant, count_max: int) -> list[IncidentRow]:
        """Ended incidents, newest first."""
        ...

    def drill(self, drill: DrillId) -> DrillRow | None:
        """An exercise; None where there was none of this name."""
        ...

    def incidents_of_drill(self, drill: DrillId, *, count_max: int) -> list[IncidentRow]:
        """Incidents of an exercise, open and ended, oldest first."""
        ...

    def incident_slice(self, incident: IncidentId) -> IncidentSlice:
        """The journal's own rows about an incident and its alarms; none where unknown."""
        ...

    def track(self, unit: UnitId, *, from_t: Instant, to_t: Instant, fixes_max: int) -> Track:
        """Where a unit was between two times, thinned evenly to about ``fixes_max`` fixes."""
        ...

    def area(self, box: Box, *, from_t: Instant, to_t: Instant) -> AreaFixes:
        """Every fix of the history in a box and between two times, both ends included.

        Raises StoreError where they are too many for one answer.
        """
        ...

    def erase_fixes(self, unit: UnitId, *, from_t: Instant, to_t: Instant) -> int:
        """Erase where a unit was between two times; gives back how many fixes. The rest stays."""
        ...

    def forget_fixes(self, unit: UnitId, *, from_t: Instant, to_t: Instant) -> None:
        """``erase_fixes`` without waiting for it; what fails is said in the log."""
        ...

    def enroll(
        self,
        record: RadioRecord,
        *,
        secret_hash: str,
        t: Instant,
        let_in: RadioLetIn | None = None,
    ) -> "Future[Committed]":
        """Put a radio on the roster, with the fact of it and (``let_in``) who answers for it."""
        ...

    def radio_secret(self, radio: RadioId) -> RadioSecret | None:
        """What admission needs; None where no such radio was ever enrolled."""
        ...

    def radio_secrets_of(self, radios: Sequence[RadioId]) -> list[RadioSecret]:
        """Those of these radios that were ever enrolled, in one look, by id."""
        ...

    def radio_secrets(self, *, after_t: Instant = -1) -> list[RadioSecret]:
        """Those given after a time, revoked ones too, by id; all where none is said."""
        ...

    def erase(self, *, incident: IncidentId, t: Instant) -> int:
        """Erase every personal value of an ended incident; gives back how many."""
        ...

    def verify(self) -> ChainReport:
        """Walk the whole chain."""
        ...

    def close(self) -> None:
        """Commit what is queued and let go."""
        ...
