"""The incident as a file's own facts leave it: the same folding that the hub does. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatch.board import Board
from dispatch.casefile.shape import Fact, Value
from dispatch.events import Event, Purpose
from dispatch.fold import fold
from dispatch.ids import AlarmId, IncidentId
from dispatch.incident import Alarm, Incident
from dispatch.store.codec import Kept, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The facts as this program knows them, and what they come to."""

    events: list[Event]
    """In the order of the file's facts."""
    incident: Incident | None
    """None where the facts do not tell of its opening."""
    alarms: Mapping[AlarmId, Alarm]


def state_of(facts: Iterable[Fact], values: Iterable[Value], incident: IncidentId) -> State:
    """Fold the facts. Raises FactUnreadableError for one that this program does not know.

    What decisions looked at is not unfolded: ``decisions`` have what a file tells of it, and
    a thousand candidates a wave are objects enough to stop every thread while they are cleared.
    """
    kept = {
        each.id: Kept(each.purpose, None if each.purpose == Purpose.DECISION else each.text)
        for each in values
    }
    events = [
        decode(
            seq=fact.seq,
            t=fact.t,
            community=fact.community,
            name=fact.name,
            body=fact.body,
            personal=kept,
        )
        for fact in facts
    ]
    board = Board()
    for event in events:
        fold(board, event)
    return State(events=events, incident=board.incidents.get(incident), alarms=board.alarms)
