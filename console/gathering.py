"""Holds back what can wait a moment, so that many changes of one thing are told once. No clock.

    QUIET --a change, told at once--> OPEN --end(), told what waited--> OPEN
      ^                                |
      +------ end(), nothing waited ---+

Hundreds of orders that are received, expire and are recalled in the same second each change
an incident's whole document. Whoever holds a clock ends the window every ``GATHER_S``.
What an operator must act on does not wait for that, and takes along what does.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

from console.picture import HubView
from dispatch.ids import IncidentId, OperatorName
from dispatch.incident import Incident
from dispatch.outgoing import ToConsoles
from dispatch.words import Phase

GATHER_S: Final = 0.1
"""Of real time: an answer that a person still takes for immediate, and ten messages a second."""
EMERGENCY: Final = 1
"""The priority whose every step is told at once."""

Mark: TypeAlias = tuple[int, OperatorName | None, Phase | None]
"""Presses, who has it, and an emergency's phase: a change of any of these does not wait. That
the machine has called people may: the alarm itself is on screen, whom it called a moment later."""


class Gathering:
    """What waits to be told. It can never be more than the incidents and units there are."""

    def __init__(self, hub: HubView) -> None:
        self.timed = False
        """Whether somebody ends windows; while nobody does, nothing may wait."""
        self._hub = hub
        self._open = False
        self._waits: ToConsoles | None = None
        self._told = {name: _mark(held) for name, held in hub.incidents.items()}

    def add(self, what: ToConsoles) -> bool:
        """Something looks different; gives back whether it may wait for the window's end."""
        waits = self._waits or ToConsoles()
        self._waits = ToConsoles(
            incidents=waits.incidents | what.incidents,
            units=waits.units | what.units,
            undecided=waits.undecided | what.undecided,
            status=waits.status or what.status,
        )
        return self.timed and self._open and not self._pressing(what.incidents)

    def take(self) -> ToConsoles | None:
        """All that waited, to be told now: a window opens. None where nothing waited."""
        taken, self._waits = self._waits, None
        if taken is None:
            return None
        self._open = True
        for name in taken.incidents:
            held = self._hub.incidents.get(name)
            if held is None:
                self._told.pop(name, None)
            else:
                self._told[name] = _mark(held)
        return taken

    def end(self) -> None:
        """The window's time is over: it closes, unless something waited that is taken now."""
        self._open = False

    def _pressing(self, names: Iterable[IncidentId]) -> bool:
        """A new incident, a further press, a hand on it, an emergency's next step."""
        held = ((name, self._hub.incidents.get(name)) for name in names)
        return any(
            incident is not None and _mark(incident) != self._told.get(name)
            for name, incident in held
        )


def _mark(incident: Incident) -> Mark:
    phase = incident.phase if incident.priority == EMERGENCY else None
    if phase is Phase.DISPATCHED:
        phase = Phase.RECEIVED
    return len(incident.alarms), incident.taken_by, phase
