"""The hub's present state as documents: one thing, many, or everything at once. Changes nothing.

``HubView`` names all that the console reads of the hub; it reads it on the
hub's own loop, between two turns, so that a picture is never half of a turn.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from console.books import books_doc
from console.docs import DecisionDocs, Engagement, alarm_doc, engagements, incident_doc, unit_doc
from console.lookups import BooksDoc
from console.places import Places
from console.wire import (
    AlarmDoc,
    DrillDoc,
    IncidentDoc,
    Snapshot,
    StatusDoc,
    TrialDoc,
    UnitDoc,
)
from dispatch.awaited import Awaited
from dispatch.clock import SECOND, Clock
from dispatch.desk import Trial
from dispatch.ids import (
    AlarmId,
    CommunityId,
    DrillId,
    IncidentId,
    OperatorName,
    UnitId,
    radio_of,
)
from dispatch.incident import Alarm, Incident
from dispatch.plan import Library
from dispatch.records import Records
from dispatch.roster import Community, RadioRecord, Roster
from geo.arrays import Rows
from geo.columns import LiveColumns

NO_ROW = -1
_OPENED_T = attrgetter("opened_t")


Mask = npt.NDArray[np.bool_]
Among = Callable[[npt.NDArray[np.int16]], Mask]
"""Which of these communities' codes may be seen."""


def everybody(groups: npt.NDArray[np.int16]) -> Mask:
    """All of them."""
    return np.ones(len(groups), np.bool_)


class LiveView(Protocol):
    """What the console reads of the live table."""

    @property
    def columns(self) -> LiveColumns:
        """One row a unit."""
        ...

    def row_of(self, unit: UnitId) -> int | None:
        """The unit's row; None where it has none."""
        ...

    def group(self, community: CommunityId) -> int:
        """The code of a community in the columns."""
        ...


class HubView(Protocol):
    """What the console reads of the hub."""

    @property
    def incidents(self) -> Mapping[IncidentId, Incident]:
        """Open and lately closed ones."""
        ...

    @property
    def alarms(self) -> Mapping[AlarmId, Alarm]:
        """Of those incidents, and those not decided."""
        ...

    @property
    def live(self) -> LiveView:
        """Where the units are."""
        ...

    @property
    def roster(self) -> Roster:
        """Communities and radios."""
        ...

    @property
    def operators(self) -> frozenset[OperatorName]:
        """Who is at a console."""
        ...

    @property
    def trial(self) -> Trial | None:
        """How far the doctor's last trial press came."""
        ...

    @property
    def store_down(self) -> str:
        """Why the store takes no writes; empty where it does."""
        ...

    @property
    def broker_down(self) -> str:
        """Why the broker is not there; empty where it is."""
        ...

    @property
    def libraries(self) -> Mapping[CommunityId, Library]:
        """The plan books of each community."""
        ...

    @property
    def drills(self) -> Mapping[CommunityId, tuple[DrillId, str]]:
        """The exercise that is on, and its name, by community."""
        ...

    @property
    def records(self) -> Records:
        """What units did with orders and presses lately."""
        ...

    def awaited(self, incident: Incident) -> Awaited:
        """What is awaited of an incident."""
        ...


class Picture:
    """Draws documents of one hub. ``counts`` holds at least ``positions_shed`` once any were."""

    def __init__(
        self,
        *,
        hub: HubView,
        clock: Clock,
        places: Places,
        counts: Mapping[str, int],
        among: Among = everybody,
        restored_until: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.hub = hub
        self.among = among
        self.places = places
        self._clock = clock
        self._counts = counts
        self._restored_until = restored_until
        self._decisions = DecisionDocs()

    def now_ms(self) -> int:
        """The hub's time, as the wire tells it."""
        return self._clock.now() // 1000

    def incident(self, incident: IncidentId) -> IncidentDoc | None:
        """One incident, None where the hub does not hold it any more."""
        found = self.hub.incidents.get(incident)
        if found is None:
            return None
        return self._incident(found)

    def engaged(self) -> dict[UnitId, Engagement]:
        """Who is asked or coming to what."""
        return engagements(each for each in self.hub.incidents.values() if each.open)

    def rows(self) -> Rows:
        """The rows of all units that may be seen, in their order."""
        columns = self.hub.live.columns
        return np.flatnonzero(columns.live & self.among(columns.group))

    def units_of_rows(self, rows: Iterable[int]) -> list[UnitId]:
        """Whose rows these are."""
        return list(map(UnitId, map(self.hub.live.columns.key_of, rows)))

    def units(self, units: Iterable[UnitId], engaged: Mapping[UnitId, Engagement]) -> list[UnitDoc]:
        """These units in order of their ids; one that is on no roster is left out."""
        docs = []
        for unit in sorted(set(units)):
            record = self.hub.roster.radios.get(radio_of(unit))
            if record is not None:
                docs.append(self._unit(unit, record, engaged))
        return docs

    def undecided(self, among: Iterable[AlarmId] | None = None) -> list[AlarmDoc]:
        """Presses that deciding failed for, oldest first: call by hand. ``among`` those that
        are in no incident, where the caller knows them; else all are looked at."""
        alarms = self.hub.alarms
        held = alarms.values() if among is None else [alarms[a] for a in among if a in alarms]
        waiting = [a for a in held if a.undecided and a.incident is None]
        return [alarm_doc(a) for a in sorted(waiting, key=lambda a: (a.received_t, a.alarm))]

    def status(self) -> StatusDoc:
        """The links, who is here, and how many are out there."""
        columns = self.hub.live.columns
        seen = columns.live & self.among(columns.group)
        return StatusDoc(
            store_down=self.hub.store_down,
            broker_down=self.hub.broker_down,
            operators=sorted(self.hub.operators),
            units_on_duty=int((columns.on_duty & seen).sum()),
            units_online=int((columns.online & seen).sum()),
            positions_shed=self._counts.get("positions_shed", 0),
            drills=[
                DrillDoc(id=drill, community=community, name=name)
                for community, (drill, name) in sorted(self.hub.drills.items())
            ],
            trial=_trial_doc(self.hub.trial),
            restored_until=self._restored_until(),
        )

    def in_order(self) -> list[Incident]:
        """Open ones first, each kind newest first: as a page fills."""
        newest = sorted(self.hub.incidents.values(), key=_OPENED_T, reverse=True)
        return [i for i in newest if i.open] + [i for i in newest if not i.open]

    def snapshot(self, seq: int) -> Snapshot:
        """Everything at once, drawn afresh: what the pieces of kept.py must come to."""
        return Snapshot(
            seq=seq,
            now=self.now_ms(),
            incidents=[self._incident(each) for each in self.in_order()],
            undecided=self.undecided(),
            units=self.units(map(UnitId, self.hub.roster.radios), self.engaged()),
            status=self.status(),
        )

    def books(self, community: Community) -> BooksDoc:
        """The plan books of a community; the one that answers today is marked."""
        now = datetime.fromtimestamp(self._clock.now() // SECOND, ZoneInfo(community.zone))
        return books_doc(self.hub.libraries[community.community], f"{now:%Y-%m-%d}")

    def _incident(self, incident: Incident) -> IncidentDoc:
        return incident_doc(
            incident,
            self.hub.alarms,
            self.places,
            self._decisions,
            self.hub.awaited(incident),
        )

    def _unit(
        self,
        unit: UnitId,
        record: RadioRecord,
        engaged: Mapping[UnitId, Engagement],
    ) -> UnitDoc:
        row = self.hub.live.row_of(unit)
        columns = self.hub.live.columns
        return unit_doc(
            record,
            row=NO_ROW if row is None else row,
            on_duty=row is not None and bool(columns.on_duty[row]),
            online=row is not None and bool(columns.online[row]),
            engaged=engaged.get(unit),
            false_alarms=self.hub.records.false_alarms(unit, self._clock.now()),
        )


def _trial_doc(trial: Trial | None) -> TrialDoc | None:
    if trial is None:
        return None
    return TrialDoc(
        press=trial.press,
        decided=trial.decided,
        would_call=trial.would_call,
        fault=trial.fault,
    )
