"""Incidents that the hub no longer holds, folded again from what the store kept of them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from dispatch.board import Board
from dispatch.clock import Instant
from dispatch.events import Event, ResponseDecided
from dispatch.fold import candidates_of, fold, personal
from dispatch.ids import AlarmId, DecisionId, DrillId, IncidentId, UnitId
from dispatch.incident import Alarm, Candidate, Incident
from dispatch.store.port import DrillRow, IncidentRow, IncidentSlice, Track


class Archive(Protocol):
    """What the console reads of the store; called in a thread, since it may take its time."""

    def incident_facts(self, incident: IncidentId) -> list[Event]:
        """Every fact about an incident and its alarms, oldest first; empty where unknown."""
        ...

    def incident_slice(self, incident: IncidentId) -> IncidentSlice:
        """The journal's own rows about an incident and its alarms; none where unknown."""
        ...

    def track(self, unit: UnitId, *, from_t: Instant, to_t: Instant, fixes_max: int) -> Track:
        """Where a unit was between two times, thinned evenly."""
        ...

    def drill(self, drill: DrillId) -> DrillRow | None:
        """An exercise; None where there was none of this name."""
        ...

    def incidents_of_drill(self, drill: DrillId, *, count_max: int) -> list[IncidentRow]:
        """Incidents of an exercise, open and ended, oldest first."""
        ...

    def closed_incidents(self, *, before_t: Instant, count_max: int) -> list[IncidentRow]:
        """Ended incidents, newest first."""
        ...


def candidates_in(facts: Sequence[Event], decision: DecisionId) -> tuple[Candidate, ...]:
    """Everybody whom a decision's inputs tell of; empty where they were erased, or are not
    among these facts."""
    for fact in facts:
        if isinstance(fact, ResponseDecided) and fact.decision == decision:
            return candidates_of(personal(fact.inputs).get("candidates", ()))
    return ()


def folded(
    incident: IncidentId, facts: Sequence[Event]
) -> tuple[Incident, Mapping[AlarmId, Alarm]] | None:
    """The incident as it stood at the last of its facts; None where they tell of none."""
    board = Board()
    for fact in facts:
        fold(board, fact)
    found = board.incidents.get(incident)
    return None if found is None else (found, board.alarms)
