"""The documents of a snapshot as bytes, a piece at a time. No I/O, knows no stream.

A hub of 100,000 units draws for half a second at what a page shows of them, and alarms must
not wait for that: so each piece is drawn when somebody is to be sent it, kept a few
seconds for whoever else comes (after a restart all pages come), and dropped as soon as one of
its documents changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from console.picture import Picture
from console.standing import Standing
from console.wire import AlarmDoc, Doc, StatusDoc
from dispatch.ids import IncidentId, UnitId
from geo.arrays import Rows

UNITS_A_PIECE: Final = 250
"""Drawn in a millisecond, 60 kB."""
INCIDENTS_A_PIECE: Final = 10
"""Drawn in a few milliseconds, at the very worst 300 kB."""


class _Snapshot(Doc, tag_field="type", tag="snapshot"):
    """console/wire.py's Snapshot, of pieces that are bytes already."""

    seq: int
    now: int
    incidents: msgspec.Raw
    undecided: list[AlarmDoc]
    units: msgspec.Raw
    status: StatusDoc
    parts: int


class _Part(Doc, tag_field="type", tag="part"):
    """console/wire.py's Part, of one piece."""

    left: int
    incidents: msgspec.Raw = msgspec.Raw(b"[]")
    units: msgspec.Raw = msgspec.Raw(b"[]")


class Groups:
    """Units in pieces, by their rows: four bytes each, where lists of a hundred thousand ids
    take seven megabytes for nothing while no page opens."""

    def __init__(self, rows: Rows) -> None:
        """``rows`` ascend."""
        self._rows = rows.astype(np.int32)

    def __len__(self) -> int:
        return -(-len(self._rows) // UNITS_A_PIECE) or 1

    @property
    def count(self) -> int:
        """How many units there are."""
        return len(self._rows)

    def rows(self, piece: int) -> list[int]:
        """Those of a piece."""
        first = piece * UNITS_A_PIECE
        rows: list[int] = self._rows[first : first + UNITS_A_PIECE].tolist()
        return rows

    def of(self, row: int) -> int:
        """The number of a row's piece; of a row that is in none, any."""
        return int(np.searchsorted(self._rows, row)) // UNITS_A_PIECE


class Plan:
    """What a snapshot tells, in its order: pieces of incidents, then pieces of units."""

    def __init__(self, incidents: Sequence[IncidentId], groups: Groups) -> None:
        step = INCIDENTS_A_PIECE
        self.incidents = [incidents[at : at + step] for at in range(0, len(incidents), step)]
        self.groups = groups

    @property
    def parts(self) -> int:
        """Messages that follow the snapshot, which tells the first piece of each."""
        return max(0, len(self.incidents) - 1) + len(self.groups) - 1


class Kept:
    """Draws pieces, and keeps them until they change or ``drop`` is called."""

    def __init__(self, picture: Picture, standing: Standing) -> None:
        self._picture = picture
        self._standing = standing
        self._groups = Groups(np.zeros(0, np.int64))
        self._incidents: dict[IncidentId, bytes] = {}
        self._units: dict[int, bytes] = {}
        self._encode = msgspec.json.Encoder().encode

    def plan(self) -> Plan:
        """The order of a snapshot that is made now."""
        rows = self._picture.rows()
        if len(rows) != self._groups.count:
            self._groups = Groups(rows)
            self._units.clear()
        return Plan([each.incident for each in self._picture.in_order()], self._groups)

    def changed(self, incidents: Iterable[IncidentId], units: Iterable[UnitId]) -> None:
        """These are drawn anew when somebody asks."""
        for incident in incidents:
            self._incidents.pop(incident, None)
        for unit in units if self._units else ():
            row = self._picture.hub.live.row_of(unit)
            if row is not None:
                self._units.pop(self._groups.of(row), None)

    def drop(self) -> None:
        """Nobody came for a while, or what is kept grows old: all are drawn anew."""
        self._incidents.clear()
        self._units.clear()

    def snapshot(self, plan: Plan, *, seq: int) -> bytes:
        """The first message: the first pieces, and the units that those incidents are about."""
        names = [name for piece in plan.incidents[:1] for name in piece]
        seen = self._standing.seen_for([*names, *self._standing.waiting])
        units = [self._units_of(plan, 0), self._drawn(seen.difference(self._piece(plan, 0)))]
        return self._whole(seq, [self._incidents_of(names)], units, parts=plan.parts)

    def parts(self, plan: Plan) -> Iterator[bytes]:
        """The messages after the first, each drawn when it is asked for."""
        left = plan.parts
        for names in plan.incidents[1:]:
            left -= 1
            yield self._encode(_Part(left=left, incidents=_array([self._incidents_of(names)])))
        for number in range(1, len(plan.groups)):
            left -= 1
            yield self._encode(_Part(left=left, units=_array([self._units_of(plan, number)])))

    def at_once(self, plan: Plan, *, seq: int) -> list[bytes]:
        """All of one moment as one message, in pieces to be joined by whoever sends it; quick
        only where ``parts`` was gone through just before."""
        incidents = [self._incidents_of(names) for names in plan.incidents]
        units = [self._units_of(plan, number) for number in range(len(plan.groups))]
        bare = self._whole(seq, [], [], parts=0)
        head, at_incidents, rest = bare.partition(b'"incidents":[')
        middle, at_units, tail = rest.rpartition(b'"units":[')
        return [head, at_incidents, *_listed(incidents), middle, at_units, *_listed(units), tail]

    def _whole(
        self, seq: int, incidents: Iterable[bytes], units: Iterable[bytes], *, parts: int
    ) -> bytes:
        picture = self._picture
        snapshot = _Snapshot(
            seq=seq,
            now=picture.now_ms(),
            incidents=_array(incidents),
            undecided=picture.undecided(self._standing.waiting),
            units=_array(units),
            status=picture.status(),
            parts=parts,
        )
        return self._encode(snapshot)

    def _incidents_of(self, names: Iterable[IncidentId]) -> bytes:
        """Documents without the brackets; what is gone is left out."""
        return b",".join(filter(None, map(self._incident, names)))

    def _incident(self, name: IncidentId) -> bytes:
        if name not in self._incidents:
            doc = self._picture.incident(name)
            if doc is None:
                return b""
            self._incidents[name] = self._encode(doc)
        return self._incidents[name]

    def _units_of(self, plan: Plan, number: int) -> bytes:
        """Documents of one piece, without the brackets."""
        if plan.groups is not self._groups:  # a radio joined since; few are sent by this plan
            return self._drawn(self._piece(plan, number))
        if number not in self._units:
            self._units[number] = self._drawn(self._piece(plan, number))
        return self._units[number]

    def _piece(self, plan: Plan, number: int) -> list[UnitId]:
        return self._picture.units_of_rows(plan.groups.rows(number))

    def _drawn(self, units: Iterable[UnitId]) -> bytes:
        return self._encode(self._picture.units(units, self._standing.engaged))[1:-1]


def _array(pieces: Iterable[bytes]) -> msgspec.Raw:
    return msgspec.Raw(b"".join((b"[", *_listed(pieces), b"]")))


def _listed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """With commas between those that are not empty."""
    for number, piece in enumerate(filter(None, pieces)):
        if number:
            yield b","
        yield piece
