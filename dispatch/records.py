"""What units did with the orders of the last months: the record that waves are sized by. Pure.

Counted by the day of the offer, so that what is old falls away whole. An order counts
once its answer is known: accepted, or declined or left without one; one taken back before
that says nothing about anybody. Exercises are never counted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.chances import RECORD_DAYS
from dispatch.clock import DAY, Instant
from dispatch.ids import IncidentId, UnitId
from dispatch.words import AssignmentState

CALL_OUT_DAYS: Final = 7
"""How far back call-outs count for fairness: who went yesterday may rest this week."""

FALSE_DAYS: Final = 90
"""How far back false alarms count toward a radio's care."""

_YES: Final = frozenset(
    {AssignmentState.ACCEPTED, AssignmentState.EN_ROUTE, AssignmentState.ON_SCENE}
)
_NO: Final = frozenset({AssignmentState.DECLINED, AssignmentState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Tally:
    """One unit's record."""

    asked: int = 0
    accepted: int = 0
    call_outs: int = 0
    """Accepted within the last CALL_OUT_DAYS."""


NOTHING: Final = Tally()


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """An incident of this unit that was closed as a false alarm for its radio's sake."""

    unit: UnitId
    incident: IncidentId
    t: Instant


def answered(times: Mapping[AssignmentState, Instant]) -> bool | None:
    """Whether an order with these states was accepted; None while that is not known."""
    if not _YES.isdisjoint(times):
        return True
    return None if _NO.isdisjoint(times) else False


class _ReadBack:
    """Counts of one moment as columns: a district's season is a third of a million of them,
    as objects a hundred megabytes and a second of every start."""

    def __init__(self, told: str) -> None:
        lines = [line.partition(" ") for line in told.splitlines()]
        self._code = {UnitId(unit): code for code, (unit, _, _) in enumerate(lines)}
        assert len(self._code) == len(lines), "a unit has one line"
        numbers = np.fromstring(" ".join(days for _, _, days in lines), np.int32, sep=" ")
        self._rows = numbers.reshape(-1, 3)
        days_of = [(days.count(" ") + 1) // 3 for _, _, days in lines]
        self._starts = np.cumsum([0, *days_of], dtype=np.int32)

    def __iter__(self) -> Iterator[UnitId]:
        return iter(self._code)

    def of(self, unit: UnitId) -> dict[int, list[int]]:
        """Asked and accepted, by day."""
        code = self._code.get(unit)
        if code is None:
            return {}
        theirs = self._rows[self._starts[code] : self._starts[code + 1]]
        return {day: [asked, accepted] for day, asked, accepted in theirs.tolist()}


class Records:
    """The counts of all units."""

    def __init__(self, told: str = "", false_alarms: Iterable[FalseAlarm] = ()) -> None:
        """``told``: counts of one moment, a line for each unit: its id, and then for each day its
        number since 1970 (UTC), the orders that were offered on it and answered, and those of
        them that were accepted. A database puts this together while our threads do other things.
        """
        self._read_back = _ReadBack(told)
        self._days: dict[UnitId, dict[int, list[int]]] = {}
        """Of those about whom something came since, all of theirs."""
        self._false: dict[UnitId, dict[IncidentId, Instant]] = {}
        self._tallies: dict[UnitId, tuple[int, Tally]] = {}
        """What was counted up, and on which day: an alarm asks for hundreds of them."""
        for alarm in false_alarms:
            self.note_false(alarm.unit, alarm.incident, alarm.t)

    def note(
        self, unit: UnitId, offered_t: Instant, before: bool | None, after: bool | None
    ) -> None:
        """An order's answer became another one."""
        if before is after:
            return
        self._tallies.pop(unit, None)
        days = self._days[unit] = self._days_of(unit)
        count = days.setdefault(offered_t // DAY, [0, 0])
        count[0] += (after is not None) - (before is not None)
        count[1] += (after is True) - (before is True)
        oldest = offered_t // DAY - RECORD_DAYS
        for day in [day for day in days if day < oldest]:
            del days[day]

    def of(self, unit: UnitId, now: Instant) -> Tally:
        """The unit's record as it counts now."""
        today = now // DAY
        known = self._tallies.get(unit)
        if known is None or known[0] != today:
            days = self._days_of(unit)
            if not days:
                return NOTHING
            known = (today, _tally(days, today))
            self._tallies[unit] = known
        return known[1]

    def _days_of(self, unit: UnitId) -> dict[int, list[int]]:
        days = self._days.get(unit)
        return self._read_back.of(unit) if days is None else days

    def note_false(self, unit: UnitId, incident: IncidentId, t: Instant) -> None:
        """This incident of the unit was a false alarm for its radio's sake."""
        alarms = self._false.setdefault(unit, {})
        alarms[incident] = t
        for old in [each for each, at in alarms.items() if at < t - FALSE_DAYS * DAY]:
            del alarms[old]

    def forget_false(self, unit: UnitId, incident: IncidentId) -> None:
        """It was not, after all."""
        alarms = self._false.get(unit, {})
        alarms.pop(incident, None)
        if not alarms:
            self._false.pop(unit, None)

    def false_alarms(self, unit: UnitId, now: Instant) -> int:
        """How many there were lately."""
        return sum(t >= now - FALSE_DAYS * DAY for t in self._false.get(unit, {}).values())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Records):
            return NotImplemented
        return self._counted() == other._counted() and self._false == other._false

    __hash__ = None  # type: ignore[assignment]  # it changes

    def _counted(self) -> dict[tuple[UnitId, int], tuple[int, int]]:
        return {
            (unit, day): (n[0], n[1])
            for unit in {*self._days, *self._read_back}
            for day, n in self._days_of(unit).items()
            if n != [0, 0]
        }


def _tally(days: Mapping[int, Sequence[int]], today: int) -> Tally:
    counted = [(day, n) for day, n in days.items() if day > today - RECORD_DAYS]
    return Tally(
        asked=sum(n[0] for _, n in counted),
        accepted=sum(n[1] for _, n in counted),
        call_outs=sum(n[1] for day, n in counted if day > today - CALL_OUT_DAYS),
    )
