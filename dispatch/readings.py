"""What the radios' side tells the hub, whatever wire it came by. No decoding here.

Codecs in ``devices`` make these; times the radio states are claims and stand
beside ``received_t``, which is the hub's own.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.clock import Instant
from dispatch.ids import (
    BOOT,
    PRESS_COUNTER_MAX,
    AlarmId,
    AssignmentId,
    CommunityId,
    IncidentId,
    RadioId,
)
from dispatch.tips.words import TipKind
from dispatch.words import AssignmentState, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PressId:
    """One push of a button, named by the radio that felt it."""

    radio: RadioId
    boot: str
    """64 random bits drawn at the radio's start, as 16 hex digits."""
    counter: int

    def __post_init__(self) -> None:
        assert BOOT.fullmatch(self.boot), self.boot
        assert 0 <= self.counter <= PRESS_COUNTER_MAX, self.counter

    @property
    def wire(self) -> str:
        """The identity as the radio writes it: ``boot:counter``."""
        return f"{self.boot}:{self.counter}"

    @property
    def alarm(self) -> AlarmId:
        """The alarm this press raises."""
        return AlarmId(f"{self.radio}/{self.boot}/{self.counter}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A place that a radio says it was at, already WGS-84."""

    t: Instant
    """The radio's time of the fix, a claim."""
    lon: float
    lat: float
    acc_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    battery_pct: int | None = None
    datum: str = "wgs84"
    """The datum it came in (``wgs84``, ``gcj02``, ``bd09``); lon and lat are converted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PressReading:
    """The red button, or a message that counts as one."""

    press: PressId
    community: CommunityId
    device_t: Instant
    received_t: Instant
    kind: Kind
    covert: bool
    fix: Fix | None
    digest: str
    """SHA-256 (hex) of what the radio sent: the same identity with another digest is a conflict."""
    mended: tuple[str, ...] = ()
    """Why parts of it could not be read; they were left out, for the alarm itself counts."""
    drill: bool = False
    """The radio says that it is an exercise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyReading:
    """A radio's bearer signed on or off."""

    radio: RadioId
    community: CommunityId
    on: bool
    device_t: Instant
    received_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReading:
    """A radio came to the broker or left it (its last will)."""

    radio: RadioId
    community: CommunityId
    online: bool
    received_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReading:
    """A unit's answer to an order: received, accepted, declined, en route, on scene or clear."""

    radio: RadioId
    community: CommunityId
    assignment: AssignmentId
    state: AssignmentState
    reason: str
    """Free words with a refusal, at most 200 characters; often empty."""
    device_t: Instant
    received_t: Instant


class Heard(StrEnum):
    """Which repeated message a radio says it has heard."""

    SEEN = "seen"
    CANCEL = "cancel"
    SHOWN = "shown"
    """The order stands before its bearer's eyes."""
    CALLED_OFF = "called_off"
    """The screen shows that the alarm is called off, as its sender asked."""
    REFUSED = "refused"
    """The screen shows that it is not called off, and that help keeps coming."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardReading:
    """A radio confirms a message that is repeated until confirmed."""

    radio: RadioId
    community: CommunityId
    what: Heard
    subject: str
    """What it is about: the alarm (``seen``, ``called_off``, ``refused``) or the assignment."""
    received_t: Instant


WRONG_PIN: Final = "?"
"""Stands for whatever was typed that is no PIN at all: none agreed on is equal to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffReading:
    """The sender of an alarm asks to call it off. Only an operator can."""

    radio: RadioId
    community: CommunityId
    alarm: AlarmId
    pin: str = field(repr=False)
    """What its bearer typed, up to 8 digits; empty where the radio asks for none, WRONG_PIN
    where it was anything else."""
    device_t: Instant
    received_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferReading:
    """A unit that saw the matter offers to go."""

    radio: RadioId
    community: CommunityId
    incident: IncidentId | None
    """None: the one nearest to it."""
    device_t: Instant
    received_t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReading:
    """A patrol report: what a volunteer saw and said."""

    radio: RadioId
    community: CommunityId
    key: str
    """The radio's name for it, repeated until acknowledged; ``[A-Za-z0-9:._-]{1,64}``."""
    kind: Kind
    words: str
    photo: str
    """A reference to a photo uploaded apart; empty for none."""
    fix: Fix | None
    device_t: Instant
    received_t: Instant
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialReading:
    """A press of the doctor, to see how long each hop takes; no alarm to anybody (trial.py)."""

    press: PressReading
    """As a radio's would have been read; its radio is nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TipReading:
    """A sealed tip told by a radio. It is no message of the alarm lane's hub: the tips' room alone
    hears it (tips/room.py), and no console."""

    radio: RadioId
    community: CommunityId
    key: str
    """As a report's."""
    about: TipKind
    words: str = field(repr=False)
    anonymous: bool
    """Whoever told it does not want to be named: neither radio nor place is kept with it."""
    fix: Fix | None = field(repr=False)
    device_t: Instant
    """As it says; not kept."""


MessageReading = (
    PressReading
    | DutyReading
    | LinkReading
    | AnswerReading
    | HeardReading
    | CallOffReading
    | OfferReading
    | ReportReading
)
"""The alarm lane: message by message, durable, never shed."""


NO_ROW: Final = -1
"""The row of a fix whose sender the live table does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixBatch:
    """The position lane: fixes of many radios collected for at most 50 ms, as columns.

    ``rows[i]`` is the row that the live table gave the sender of fix i, ``NO_ROW`` where it
    knows none; fixes stand in the order they arrived. Unknown accuracy, speed and course
    are NaN, unknown battery is -1.
    """

    rows: npt.NDArray[np.int64]
    t: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    acc_m: npt.NDArray[np.float32]
    speed_mps: npt.NDArray[np.float32]
    course_deg: npt.NDArray[np.float32]
    battery_pct: npt.NDArray[np.int8]
    received_t: Instant

    def __post_init__(self) -> None:
        n = len(self.rows)
        for name in ("t", "lon", "lat", "acc_m", "speed_mps", "course_deg", "battery_pct"):
            assert getattr(self, name).shape == (n,), name

    def __len__(self) -> int:
        return len(self.rows)

    def chosen(self, part: "slice | npt.NDArray[np.bool_]") -> "FixBatch":
        """Some of it, in the same order."""
        return FixBatch(
            rows=self.rows[part],
            t=self.t[part],
            lon=self.lon[part],
            lat=self.lat[part],
            acc_m=self.acc_m[part],
            speed_mps=self.speed_mps[part],
            course_deg=self.course_deg[part],
            battery_pct=self.battery_pct[part],
            received_t=self.received_t,
        )
