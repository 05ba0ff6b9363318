"""Makes the file of an incident out of the journal, the history and the roster.

It waits for the store and may take seconds: call it in a thread. The same
incident gives the same file, seal and all, as long as nothing happened to it and
nothing was erased: there is no time of making in it, and the facts of earlier
exports at the very end are left out.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from dispatch.casefile.decisions import decisions_of
from dispatch.casefile.directory import directory_of
from dispatch.casefile.involved import Span, involved, unit_of_fact
from dispatch.casefile.seal import SECTIONS, CaseFile, sealed
from dispatch.casefile.shape import (
    About,
    Contents,
    Fact,
    LeftOut,
    TrackDoc,
    Value,
)
from dispatch.casefile.state import State, state_of
from dispatch.clock import Instant
from dispatch.errors import UnknownIncidentError
from dispatch.ids import CommunityId, IncidentId, UnitId
from dispatch.roster import Roster
from dispatch.store.port import IncidentSlice, SliceRow, SliceValue, Track
from dispatch.store.slices import EXPORTED

TRACKS_MAX: Final = 200
"""Units whose tracks are in the file, first come first; a wave asks some twenty."""
FIXES_MAX: Final = 200_000
"""Of all tracks together, some 9 MB: each of 50 has 4,000, one every 11 s of a watch of 12 h."""
FIXES_MAX_EACH: Final = 10_000
"""14 h at a fix every 5 s; of more, every n-th is kept."""


class Shelf(Protocol):
    """What is read of the store."""

    def incident_slice(self, incident: IncidentId) -> IncidentSlice:
        """The journal's own rows about an incident and its alarms; none where unknown."""
        ...

    def track(self, unit: UnitId, *, from_t: Instant, to_t: Instant, fixes_max: int) -> Track:
        """Where a unit was between two times, thinned evenly."""
        ...


def make_case_file(
    shelf: Shelf, roster: Roster, incident: IncidentId, *, personal: bool, near_m: float
) -> CaseFile:
    """The file. Without ``personal`` there are no places, words, names and tracks in it.

    ``near_m`` is how far a key unit may be away to tell a place by it. Raises
    UnknownIncidentError, StoreError.
    """
    found = shelf.incident_slice(incident)
    rows = _without_last_exports(found.rows)
    if not rows:
        raise UnknownIncidentError(incident)
    facts = [_fact(row) for row in rows]
    numbers = {row.seq for row in rows}
    values = [_value(each, personal) for each in found.values if each.seq in numbers]
    spans = involved(rows)
    tracks = _tracks(shelf, spans[:TRACKS_MAX]) if personal else []
    state = state_of(facts, values, incident)
    contents = Contents(
        about=About(
            incident=incident,
            community=rows[0].community,
            facts=len(rows),
            first_t=rows[0].t,
            last_t=rows[-1].t,
            personal=personal,
            left_out=LeftOut(
                facts=found.rows_left_out,
                values=sum(each.left_out for each in found.values if each.seq in numbers),
                fixes=sum(track.fixes_left_out for track in tracks),
            ),
        ),
        facts=facts,
        values=values,
        decisions=decisions_of(facts, {each.id: each for each in values}),
        tracks=tracks,
        directory=directory_of(
            roster,
            roster.communities[CommunityId(rows[0].community)],
            units=_units(rows),
            grids=_grids(rows),
            place=_place(state),
            tracks=tracks,
            near_m=near_m,
        ),
    )
    return sealed({name: _plain(getattr(contents, name)) for name in SECTIONS})


def _plain(content: Any) -> Any:
    """JSON-shaped, an item at a time, so that other threads run in between."""
    if isinstance(content, list):
        return [msgspec.to_builtins(item) for item in content]
    return msgspec.to_builtins(content)


def _without_last_exports(rows: Sequence[SliceRow]) -> list[SliceRow]:
    kept = list(rows)
    while kept and kept[-1].name == EXPORTED:
        kept.pop()
    return kept


def _fact(row: SliceRow) -> Fact:
    return Fact(
        seq=row.seq,
        t=row.t,
        community=row.community,
        name=row.name,
        body=row.body,
        before=row.before,
        hash=row.hash,
    )


def _value(value: SliceValue, personal: bool) -> Value:
    """An erased value is told so in any case; one that was tampered away is there with nothing."""
    about: dict[str, Any] = {"id": value.id, "seq": value.seq, "purpose": value.purpose}
    if value.erased_t is not None:
        return Value(**about, erased_t=value.erased_t)
    if value.left_out or not personal:
        return Value(**about, left_out=True)
    return Value(**about, salt=value.salt, text=value.text)


def _tracks(shelf: Shelf, spans: Sequence[Span]) -> list[TrackDoc]:
    each_max = min(FIXES_MAX_EACH, FIXES_MAX // max(1, len(spans)))
    found = [
        shelf.track(span.unit, from_t=span.from_t, to_t=span.to_t, fixes_max=each_max)
        for span in spans
    ]
    return [
        TrackDoc(
            unit=track.unit,
            from_t=track.from_t,
            to_t=track.to_t,
            fixes=list(track.fixes),
            fixes_left_out=track.fixes_left_out,
        )
        for track in found
    ]


def _units(rows: Sequence[SliceRow]) -> list[UnitId]:
    """Every unit that a row names."""
    named: set[UnitId] = set()
    for row in rows:
        body = msgspec.json.decode(row.body)
        unit = unit_of_fact(body)
        named.update(() if unit is None else (unit,))
        for member in ("sender", "called"):
            said = body.get(member) or ()
            named.update(UnitId(each) for each in ([said] if isinstance(said, str) else said))
    return sorted(named)


def _grids(rows: Sequence[SliceRow]) -> list[str]:
    """Every grid that a row names, in the order they come into the story."""
    named = (msgspec.json.decode(row.body).get("grid") for row in rows)
    return list(dict.fromkeys(grid for grid in named if isinstance(grid, str)))


def _place(state: State) -> tuple[float, float] | None:
    incident = state.incident
    if incident is None or incident.lon is None or incident.lat is None:
        return None
    return incident.lon, incident.lat
