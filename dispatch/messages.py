"""What the shell itself tells the hub: the store's answers, who is present, what to decide next."""

from dataclasses import dataclass, field

from dispatch.commands import AnyCommand
from dispatch.events import AlarmReceived, Event
from dispatch.ids import AlarmId, AssignmentId, IncidentId, OperatorName
from dispatch.outgoing import Outgoing
from dispatch.readings import MessageReading, TrialReading


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStored:
    """Turn one is on disk: acknowledge it to the radio, then decide in a turn of its own."""

    fact: AlarmReceived


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmNotStored:
    """The store is down: show and call all the same, withhold ``stored``."""

    fact: AlarmReceived


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsGivenUp:
    """The store refused these and will never have them of itself: its queue is full, or it does
    not take their content. What a radio repeats of it is put down anew."""

    facts: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmKnown:
    """The store already holds this identity: count it, or record the conflict."""

    fact: AlarmReceived
    same: bool
    """False where the content differs from what was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideAlarm:
    """Turn two: which incident, which plan."""

    alarm: AlarmId


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideTrial:
    """Turn two of a trial press: whom a real one would call."""

    press: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPeople:
    """Turn three: whom to call first to an incident that a press has just opened."""

    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsPresent:
    """Who has a console open now, each name once."""

    names: frozenset[OperatorName]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksChanged:
    """The store or the broker went or came back; empty text means it is there."""

    store_down: str
    broker_down: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAtBroker:
    """The broker has taken an order. It is known while we run only: no fact tells of it."""

    assignment: AssignmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayTold:
    """What came of telling somebody by a gateway."""

    id: str
    """The message's own name."""
    gateway: str
    incident: IncidentId
    assignment: AssignmentId | None
    person: str
    """Who outside the roster was told; empty where a unit was."""
    recall: bool
    """It took an order back."""
    ok: bool
    why: str


ShellMessage = (
    AlarmStored
    | AlarmNotStored
    | FactsGivenUp
    | AlarmKnown
    | DecideAlarm
    | DecideTrial
    | CallPeople
    | OperatorsPresent
    | LinksChanged
    | OrderAtBroker
    | GatewayTold
)
Message = MessageReading | TrialReading | AnyCommand | ShellMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a command came to: the thing it made or changed, at which version."""

    subject: str
    version: int
    asked: str = field(default="", compare=False)
    """The fingerprint of the command it answers; empty where only the journal remembers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What one turn wants done: store the facts, then send, then handle what follows."""

    facts: tuple[Event, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    follow: tuple[Message, ...] = ()
    """Each is handled as a turn of its own, after the facts are committed."""
    onward: tuple[Message, ...] = ()
    """The same, but the commit need not be waited for: what comes of them is stored behind it."""
    reply: Reply | None = None


NOTHING = Effects()
