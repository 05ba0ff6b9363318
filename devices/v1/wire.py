"""The shapes of wire v1 as types, for the decoder, the encoder and the AsyncAPI page. No meaning.

docs/wire.md in msgspec's words: a member that may be absent may also be null, members
not named here are passed over. ``order`` and the like are said once, here, so that the
document we serve cannot differ from what we accept.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from dispatch.commands import DRILL_NAME_LENGTH_MAX, OPERATOR_LENGTH_MAX, WORDS_LENGTH_MAX
from dispatch.tips.words import TipKind
from dispatch.words import AssignmentState, Kind

PAYLOAD_BYTES_MAX: Final = 64 * 1024
FIXES_MAX: Final = 500
"""A backlog message: 80 minutes of a fix every 10 s; 130 bytes each still fit the payload."""
REASON_LENGTH_MAX: Final = 200
PHOTO_LENGTH_MAX: Final = 200
ORDER_LENGTH_MAX: Final = 80
"""Community, day, number and count, with room to spare."""

PRESS_PATTERN: Final = "^[0-9a-f]{16}:(0|[1-9][0-9]{0,9})$(?!\\n)"
"""No leading zeros: one press has one name. Python's ``$`` lets a last line break by."""
REPORT_PATTERN: Final = "^[A-Za-z0-9:._-]{1,64}$(?!\\n)"
ORDER_PATTERN: Final = "^[a-z0-9-]{1,64}/[0-9]{1,6}$(?!\\n)"
OFFER_PATTERN: Final = "^[a-z0-9-]{1,64}$(?!\\n)"
PIN_PATTERN: Final = "^[0-9]{0,8}$(?!\\n)"
NEAREST: Final = "nearest"
"""An offer to go to whatever is nearest. No incident is called so: their names have a date."""

Millis = Annotated[int, Meta(description="milliseconds UTC since 1970, by the sender's clock")]
Lon = Annotated[float, Meta(ge=-180.0, le=180.0)]
Lat = Annotated[float, Meta(ge=-90.0, le=90.0)]
AccuracyM = Annotated[float, Meta(ge=0.0, le=1_000_000.0)]
SpeedMps = Annotated[float, Meta(ge=0.0, le=1_000.0)]
CourseDeg = Annotated[float, Meta(ge=0.0, le=360.0)]
BatteryPct = Annotated[int, Meta(ge=0, le=100)]
Press = Annotated[str, Meta(pattern=PRESS_PATTERN, description="boot:counter")]
OrderId = Annotated[str, Meta(pattern=ORDER_PATTERN, max_length=ORDER_LENGTH_MAX)]
ReportKey = Annotated[str, Meta(pattern=REPORT_PATTERN)]
Offered = Annotated[
    str, Meta(pattern=OFFER_PATTERN, description=f"an incident, or '{NEAREST}': the nearest")
]
Pin = Annotated[
    str,
    Meta(
        description="what was typed; empty for nothing, and anything else counts as a wrong PIN",
        extra_json_schema={"pattern": PIN_PATTERN},  # told, not enforced
    ),
]
DrillName = Annotated[str, Meta(max_length=DRILL_NAME_LENGTH_MAX)]
Reason = Annotated[str, Meta(max_length=REASON_LENGTH_MAX)]
Words = Annotated[str, Meta(max_length=WORDS_LENGTH_MAX)]
Photo = Annotated[str, Meta(max_length=PHOTO_LENGTH_MAX)]
Name = Annotated[str, Meta(max_length=OPERATOR_LENGTH_MAX)]
DatumWord = Literal["wgs84", "gcj02", "bd09"]
Duty = Literal["on", "off"]
AnswerState = Literal["received", "accepted", "declined", "en_route", "on_scene", "clear"]


class Wire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Base of every shape: what is not said is left out."""


class FixWire(Wire, gc=False):
    """A place the radio was at.

    Numbers and one word only, so that the garbage collector need not know of it: thousands of
    these are made in a second.
    """

    t: Millis
    lon: Lon
    lat: Lat
    acc: AccuracyM | None = None
    spd: SpeedMps | None = None
    crs: CourseDeg | None = None
    bat: BatteryPct | None = None
    datum: DatumWord = "wgs84"


class BacklogWire(Wire):
    """Fixes kept while there was no link."""

    fixes: Annotated[list[FixWire], Meta(min_length=1, max_length=FIXES_MAX)]


class AlarmWire(Wire):
    """The red button; repeated until ``stored`` names the press."""

    press: Press
    t: Millis
    kind: Kind
    covert: bool = False
    fix: FixWire | None = None
    drill: bool = False


class ReportKind(StrEnum):
    """What a report is about: any kind that an alarm has, or a sealed tip."""

    SOS = "sos"
    MEDICAL = "medical"
    FIRE = "fire"
    DISPUTE = "dispute"
    SUSPICIOUS = "suspicious"
    MISSING = "missing"
    HAZARD = "hazard"
    NUISANCE = "nuisance"
    OTHER = "other"
    TIP = "tip"


class ReportWire(Wire):
    """A patrol report, or a sealed tip; repeated until ``stored`` names it."""

    report: ReportKey
    t: Millis
    kind: ReportKind
    words: Words
    photo: Photo | None = None
    fix: FixWire | None = None
    about: TipKind = TipKind.OTHER
    """Of a tip: what it is about."""
    anonymous: bool = False
    """Of a tip: nothing that names the radio or its bearer is kept with it."""


class DutyWire(Wire):
    """The bearer signs on or off."""

    t: Millis
    duty: Duty


class AnswerWire(Wire):
    """An answer to an order."""

    t: Millis
    order: OrderId
    state: AnswerState
    reason: Reason | None = None


class SeenHeardWire(Wire):
    """The radio shows who has the alarm."""

    t: Millis
    seen: Press


class CancelHeardWire(Wire):
    """The radio heard that an order was taken back."""

    t: Millis
    cancel: OrderId


class ShownWire(Wire):
    """The order stands before its bearer's eyes."""

    t: Millis
    shown: OrderId


class CallOffWire(Wire):
    """The sender asks to call its alarm off; repeated until ``called_off`` names the press."""

    t: Millis
    call_off: Press
    pin: Pin | None = None


class CalledOffHeardWire(Wire):
    """The radio shows that the alarm is called off."""

    t: Millis
    called_off: Press


class RefusedHeardWire(Wire):
    """The radio shows that the alarm is not called off, and that help keeps coming."""

    t: Millis
    refused: Press


class OfferWire(Wire):
    """A unit that saw the matter offers to go; repeated a few times, until an order comes."""

    t: Millis
    offer: Offered


class LinkWire(Wire):
    """After connecting, and as the last will."""

    link: Literal["online", "offline"]


StatusWire = (
    DutyWire
    | AnswerWire
    | SeenHeardWire
    | CancelHeardWire
    | ShownWire
    | CallOffWire
    | CalledOffHeardWire
    | RefusedHeardWire
    | OfferWire
    | LinkWire
)


class StoredWire(Wire):
    """Your press, or your report, is on disk; of a press with ``drill``, whether it is one."""

    t: Millis
    press: Press | None = None
    report: ReportKey | None = None
    drill: bool | None = None
    code: str | None = None
    """Of a tip: with it its teller looks what became of it."""


class SeenWire(Wire):
    """A named person has your alarm."""

    press: Press
    by: Name
    t: Millis


class OrderWire(Wire, omit_defaults=False):
    """Go there; or the echo of an answer."""

    order: OrderId
    incident: str
    kind: Kind
    priority: int
    state: AssignmentState
    t: Millis
    grid: str
    near: str
    bearing: str
    sender: str
    covert: bool
    lon: Lon | msgspec.UnsetType = msgspec.UNSET
    lat: Lat | msgspec.UnsetType = msgspec.UNSET
    near_m: int | msgspec.UnsetType = msgspec.UNSET
    drill: bool | msgspec.UnsetType = msgspec.UNSET


class CancelWire(Wire):
    """Do not go, or come back."""

    order: OrderId
    reason: str
    t: Millis


class CalledOffWire(Wire):
    """How the wish to call an alarm off stands: the centre has it, it is done, or refused."""

    press: Press
    done: bool
    t: Millis
    refused: bool = False


class ConfigWire(Wire):
    """The answer to signing on or off: the centre's clock and how often to report."""

    duty: Duty
    t: Millis
    interval_s: float
    clock_speed: float
    drill: DrillName = ""
