"""Who is asked, coming or calling for help, kept up as incidents change. Draws no document, no I/O.

Drawn anew for each change this would cost as much as there are open incidents. The hub says
which incidents and presses look different; only these are looked at here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from console.docs import Engagement, Ranked, ranked
from console.picture import HubView
from dispatch.ids import AlarmId, IncidentId, UnitId
from dispatch.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What an update changed."""

    units: set[UnitId]
    """Their card says something else: asked, coming, or free again."""
    pinned: set[UnitId]
    """To be seen by every operator from now on, wherever the map looks."""
    unpinned: set[UnitId]


class Standing:
    """What each unit is asked or coming to; and who must be seen: senders, asked, coming."""

    def __init__(self, hub: HubView) -> None:
        self.engaged: dict[UnitId, Engagement] = {}
        self.waiting: set[AlarmId] = set()
        """Presses that are in no incident yet."""
        self._hub = hub
        self._asked: dict[UnitId, dict[IncidentId, Ranked]] = {}
        self._pins: dict[UnitId, int] = {}
        """By unit, for how many incidents and presses it is to be seen."""
        self._pinned_by: dict[str, frozenset[UnitId]] = {}
        self._asked_by: dict[IncidentId, frozenset[UnitId]] = {}

    def seen_for(self, reasons: Iterable[str]) -> set[UnitId]:
        """The units that every operator must see for these incidents and presses."""
        return set().union(*(self._pinned_by.get(each, frozenset()) for each in reasons))

    def take_stock(self) -> Shift:
        """Look at everything: as the server begins, when nothing was announced yet."""
        return self.update(self.everything(), self._undecided())

    def everything(self) -> list[IncidentId]:
        """What ``take_stock`` looks at, for who does so a few at a time."""
        return [*self._hub.incidents, *self._asked_by]

    def take_presses(self) -> Shift:
        """Look at the presses that are in no incident."""
        return self.update((), self._undecided())

    def _undecided(self) -> list[AlarmId]:
        return [name for name, alarm in self._hub.alarms.items() if alarm.incident is None]

    def update(self, incidents: Iterable[IncidentId], alarms: Iterable[AlarmId]) -> Shift:
        """These look different; presses that waited are looked at in any case."""
        cards: dict[UnitId, Engagement | None] = {}
        pins: dict[UnitId, bool] = {}
        for name in incidents:
            held = self._hub.incidents.get(name)
            self._engage(name, {} if held is None or not held.open else ranked(held), cards)
            self._pin(name, _seen_for(held), pins)
        for press in self.waiting | set(alarms):
            alarm = self._hub.alarms.get(press)
            if alarm is not None and alarm.incident is None:
                self.waiting.add(press)
                self._pin(press, frozenset({alarm.unit}), pins)
            else:
                self.waiting.discard(press)
                self._pin(press, frozenset(), pins)
        return Shift(
            units={unit for unit, was in cards.items() if self.engaged.get(unit) != was},
            pinned={unit for unit, was in pins.items() if not was and unit in self._pins},
            unpinned={unit for unit, was in pins.items() if was and unit not in self._pins},
        )

    def _engage(
        self,
        name: IncidentId,
        asked: dict[UnitId, Ranked],
        cards: dict[UnitId, Engagement | None],
    ) -> None:
        """``cards`` is told what the card of each unit concerned said before."""
        for unit in self._asked_by.get(name, frozenset()) - asked.keys():
            cards.setdefault(unit, self.engaged.get(unit))
            of = self._asked[unit]
            del of[name]
            if of:
                self.engaged[unit] = _best(of)
            else:
                del self._asked[unit], self.engaged[unit]
        for unit, found in asked.items():
            cards.setdefault(unit, self.engaged.get(unit))
            of = self._asked.setdefault(unit, {})
            of[name] = found
            self.engaged[unit] = found[1] if len(of) == 1 else _best(of)
        if asked:
            self._asked_by[name] = frozenset(asked)
        else:
            self._asked_by.pop(name, None)

    def _pin(self, reason: str, units: frozenset[UnitId], pins: dict[UnitId, bool]) -> None:
        """``pins`` is told whether each unit concerned was pinned before. Incidents and presses
        never share a name: a press has slashes."""
        before = self._pinned_by.get(reason, frozenset())
        if units == before:
            return
        for unit in units - before:
            held = self._pins.get(unit, 0)
            pins.setdefault(unit, held > 0)
            self._pins[unit] = held + 1
        for unit in before - units:
            pins.setdefault(unit, True)
            self._pins[unit] -= 1
            if not self._pins[unit]:
                del self._pins[unit]
        if units:
            self._pinned_by[reason] = units
        else:
            del self._pinned_by[reason]


def _best(of: dict[IncidentId, Ranked]) -> Engagement:
    return max(of.values(), key=lambda each: each[0])[1]


def _seen_for(incident: Incident | None) -> frozenset[UnitId]:
    if incident is None or not incident.open:
        return frozenset()
    seen = {each.unit for each in incident.assignments.values() if each.live}
    if incident.sender is not None:
        seen.add(incident.sender)
    return frozenset(seen)
