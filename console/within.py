"""The hub as somebody sees it who may see some communities only. Leaves everything else out.

What is not in here cannot be told: a feed, its snapshot and its frames are drawn from such a
view, so that no panel, part or message has to remember to look at rights.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from console.picture import HubView, LiveView, Mask
from dispatch.access.accounts import holds
from dispatch.access.words import EVERYWHERE
from dispatch.awaited import Awaited
from dispatch.desk import Trial
from dispatch.ids import (
    AlarmId,
    CommunityId,
    DrillId,
    IncidentId,
    OperatorName,
    RadioId,
    radio_of,
    unit_of_alarm,
)
from dispatch.incident import Alarm, Incident
from dispatch.outgoing import ToConsoles
from dispatch.plan import Library
from dispatch.radio_table import RadioTable
from dispatch.records import Records
from dispatch.roster import RadioRecord, Roster

K = TypeVar("K")
V = TypeVar("V")

Scope = frozenset[CommunityId]
"""The communities that may be seen; ``EVERYWHERE`` among them: all."""
WHOLE: Scope = frozenset({EVERYWHERE})

WhereOf = Callable[[OperatorName], Scope]
"""Where an operator handles what comes in."""


class Chosen(Mapping[K, V]):
    """A mapping without what is not let through; nothing is copied."""

    def __init__(self, whole: Mapping[K, V], lets: Callable[[V], bool]) -> None:
        self._whole = whole
        self._lets = lets

    def __getitem__(self, key: K) -> V:
        value = self._whole[key]
        if not self._lets(value):
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[K]:
        return (key for key, value in self._whole.items() if self._lets(value))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class RadiosWithin(Mapping[RadioId, RadioRecord]):
    """The radios of some communities. Listed and counted by columns: a district's hundred
    thousand records are not made for it."""

    def __init__(self, whole: RadioTable, scope: Scope) -> None:
        self._whole = whole
        self._scope = scope

    def __getitem__(self, radio: RadioId) -> RadioRecord:
        record = self._whole[radio]
        if record.community not in self._scope:
            raise KeyError(radio)
        return record

    def __iter__(self) -> Iterator[RadioId]:
        return itertools.compress(self._whole, self._mine())

    def __len__(self) -> int:
        return int(self._mine().sum())

    def _mine(self) -> Mask:
        shares = enumerate(self._whole.shares)
        codes = [code for code, (community, *_) in shares if community in self._scope]
        mine: Mask = np.isin(self._whole.rows["shared"], codes)
        return mine


class HubWithin:
    """Implements ``picture.HubView`` of some communities."""

    def __init__(self, hub: HubView, scope: Scope, where_of: WhereOf) -> None:
        self._hub = hub
        self._scope = scope
        self._where_of = where_of
        self.roster = _roster(hub.roster, scope)
        self._codes = np.array([hub.live.group(each) for each in self.roster.communities], np.int16)

    def among(self, groups: npt.NDArray[np.int16]) -> Mask:
        """Which of these codes are of our communities."""
        mask: Mask = np.isin(groups, self._codes)
        return mask

    def restricted(self, what: ToConsoles) -> ToConsoles | None:
        """What of this concerns our communities; None where nothing does.

        An incident that is gone is known by its name alone, which begins with its community's.
        """
        radios, alarms = self.roster.radios, self._hub.alarms
        incidents = frozenset(
            each for each in what.incidents if each.rsplit("-", 2)[0] in self._scope
        )
        units = frozenset(each for each in what.units if radio_of(each) in radios)
        undecided = frozenset(
            each
            for each in what.undecided
            if (each in alarms and alarms[each].community in self._scope)
            or radio_of(unit_of_alarm(each)) in radios
        )
        if not (incidents or units or undecided or what.status):
            return None
        return ToConsoles(incidents=incidents, units=units, undecided=undecided, status=what.status)

    @property
    def incidents(self) -> Mapping[IncidentId, Incident]:
        """Ours."""
        return Chosen(self._hub.incidents, lambda each: each.community in self._scope)

    @property
    def alarms(self) -> Mapping[AlarmId, Alarm]:
        """Ours."""
        return Chosen(self._hub.alarms, lambda each: each.community in self._scope)

    @property
    def live(self) -> LiveView:
        """Where all units are: whoever reads the columns asks ``among``."""
        return self._hub.live

    @property
    def operators(self) -> frozenset[OperatorName]:
        """Those at a console who handle something of ours."""
        return frozenset(
            name
            for name in self._hub.operators
            if any(holds(self._where_of(name), community) for community in self._scope)
        )

    @property
    def trial(self) -> Trial | None:
        """The same for all."""
        return self._hub.trial

    @property
    def store_down(self) -> str:
        """The same for all."""
        return self._hub.store_down

    @property
    def broker_down(self) -> str:
        """The same for all."""
        return self._hub.broker_down

    @property
    def libraries(self) -> Mapping[CommunityId, Library]:
        """Ours."""
        every = self._hub.libraries
        return {each: every[each] for each in every if each in self._scope}

    @property
    def drills(self) -> Mapping[CommunityId, tuple[DrillId, str]]:
        """Ours."""
        on = self._hub.drills
        return {each: on[each] for each in on if each in self._scope}

    @property
    def records(self) -> Records:
        """Asked for units of ours only."""
        return self._hub.records

    def awaited(self, incident: Incident) -> Awaited:
        """Of one of ours."""
        return self._hub.awaited(incident)


def _roster(roster: Roster, scope: Scope) -> Roster:
    """The same radios, seen through the scope: one that joins is there at once."""
    seen = Roster([c for c in roster.communities.values() if c.community in scope], (), roster.pins)
    radios = RadiosWithin(roster.radios, scope)
    seen.radios = cast(RadioTable, radios)  # as far as the console reads it: a mapping
    return seen


def community_of_radio(roster: Roster, name: str) -> CommunityId | None:
    """The community of a radio or unit; None where none is called so."""
    record = roster.radios.get(RadioId(name))
    return None if record is None else record.community
