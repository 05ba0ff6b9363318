"""What the hub wants told to the world after a turn. How it travels is not said here.

A message to a radio is a fact's echo or a request; ``needs_commit`` marks the
ones that promise durability and are withheld while the store is down.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from dispatch.clock import Instant
from dispatch.gateways.messages import Message
from dispatch.ids import AlarmId, AssignmentId, CommunityId, IncidentId, RadioId, UnitId
from dispatch.words import AssignmentState, Kind


class RadioTopic(StrEnum):
    """The last level of ``radio/{community}/{radio}/...``."""

    STORED = "stored"
    SEEN = "seen"
    ORDER = "order"
    CANCEL = "cancel"
    PAGE = "page"
    ASK = "ask"
    CONFIG = "config"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """Your press (or report) is on disk; stop repeating it."""

    subject: str
    """``boot:counter`` of the press, or the report's key."""
    is_report: bool
    t: Instant
    drill: bool | None = None
    """Of a press that said it was an exercise: whether it is taken for one, since one is on.
    None: it said no such thing."""
    code: str | None = field(default=None, repr=False)
    """Of a sealed tip: with it its teller looks what became of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMessage:
    """A named person has your alarm. Repeated until the radio confirms."""

    press: str
    by: str
    t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMessage:
    """Go there. Repeated until received; sent again with the new state as the echo of an answer."""

    order: AssignmentId
    incident: IncidentId
    kind: Kind
    priority: int
    state: AssignmentState
    t: Instant
    lon: float | None
    lat: float | None
    grid: str
    """The grid's name, empty where unknown."""
    near: str
    """The nearest key unit's name, empty where none is near."""
    near_m: int | None
    bearing: str
    """From the key unit to the place: N NE E SE S SW W NW, ``at`` or empty."""
    sender: str
    """Call sign of who pressed; empty for a covert alarm or a phone call."""
    covert: bool
    drill: bool = False
    """An exercise: the radio must look different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelMessage:
    """Do not go, or come back. Repeated until heard."""

    order: AssignmentId
    reason: str
    t: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledOffMessage:
    """How the sender's wish to call its alarm off stands. ``done`` and ``refused`` are repeated
    until shown.

    A wish under duress is answered with the very same messages as one that is granted.
    """

    press: str
    """``boot:counter``."""
    done: bool
    """False: the centre has the wish; True: the alarm is called off."""
    t: Instant
    refused: bool = False
    """An operator did not grant it: help keeps coming. Never together with ``done``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMessage:
    """The answer to signing on or off: the centre's time, and how often to report."""

    duty: bool
    t: Instant
    interval_s: float
    clock_speed: float
    drill: str = ""
    """The name of the exercise that is on; empty for none."""


RadioMessage = (
    StoredMessage | SeenMessage | OrderMessage | CancelMessage | CalledOffMessage | ConfigMessage
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRadio:
    """One message to one radio."""

    community: CommunityId
    radio: RadioId
    topic: RadioTopic
    message: RadioMessage
    needs_commit: bool = False
    rests_on_earlier: bool = False
    """What it confirms may have been put down by an earlier turn, whose facts must be on disk,
    too: of something that is repeated, only the first is a fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToConsoles:
    """These things look different now; the console tells its pages what they are."""

    incidents: frozenset[IncidentId] = field(default_factory=frozenset)
    units: frozenset[UnitId] = field(default_factory=frozenset)
    undecided: frozenset[AlarmId] = field(default_factory=frozenset)
    status: bool = False
    """Whether the links, the store or who is present changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToGateway:
    """Tell one person by SMS, voice or chat what a radio may not have told.

    What comes of it comes back as a message; nothing waits for it.
    """

    message: Message
    incident: IncidentId
    assignment: AssignmentId | None
    """None: somebody outside the roster is told."""
    person: str
    recall: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KickRadio:
    """Cut this radio's live connection; its row is already gone."""

    radio: RadioId


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetFixes:
    """These fixes came before the news that their bearer was off duty by then: out of the history.
    Nothing waits for it."""

    unit: UnitId
    from_t: Instant
    to_t: Instant
    """Included, as ``from_t`` is."""


Outgoing = ToRadio | ToConsoles | ToGateway | KickRadio | ForgetFixes
