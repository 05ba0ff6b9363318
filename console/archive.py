"""Incidents that the hub no longer holds, folded again from what the store kept of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from dispatch.board import Board
from dispatch.clock import Instant
from dispatch.events import Event
from dispatch.fold import fold
from dispatch.ids import AlarmId, IncidentId
from dispatch.incident import Alarm, Incident
from dispatch.store.port import IncidentRow


class Archive(Protocol):
    """What the console reads of the store; called in a thread, since it may take its time."""

    def incident_facts(self, incident: IncidentId) -> list[Event]:
        """Every fact about an incident and its alarms, oldest first; empty where unknown."""
        ...

    def closed_incidents(self, *, before_t: Instant, count_max: int) -> list[IncidentRow]:
        """Ended incidents, newest first."""
        ...


def folded(
    incident: IncidentId, facts: Sequence[Event]
) -> tuple[Incident, Mapping[AlarmId, Alarm]] | None:
    """The incident as it stood at the last of its facts; None where they tell of none."""
    board = Board()
    for fact in facts:
        fold(board, fact)
    found = board.incidents.get(incident)
    return None if found is None else (found, board.alarms)
