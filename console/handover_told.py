"""What an agency is told of an incident, as rows of words. Makes no HTML.

What is no business of the agency stays out: distances and tracks of our people, why
somebody declined, what the sender said of us afterwards, who took a call elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import structs

from console.handover_words import SHEET_WORDS
from console.paper import PaperTongue, Times
from console.story_lines import StoryLines
from console.wire import AssignmentDoc, IncidentDoc
from console.words import Tongue, outside_words
from dispatch.casefile.shape import Directory
from dispatch.words import Agency
from geo.datum import Datum, from_wgs84
from geo.gridset import KeyUnit

MINUTE_MS: Final = 60_000
DIGITS: Final = 6
"""Of a degree: a tenth of a metre."""
NOTES_MAX: Final = 40
"""The newest; a sheet is read aloud."""
DONE_MAX: Final = 40

THERE: Final = frozenset({"on_scene"})
COMING: Final = frozenset({"accepted", "en_route"})
ASKED: Final = frozenset({"offered", "received"})
ORDER: Final = ("on_scene", "en_route", "accepted", "received", "offered", "clear")

DONE: Final = frozenset(
    {
        "IncidentTaken",
        "IncidentRevised",
        "HandedOver",
        "UnitArrived",
        "UnitCleared",
        "IncidentClosed",
        "IncidentReopened",
    }
)
"""Facts that an agency may want to know we did; told without anybody's words."""
KNOWN: Final = frozenset({"IncidentOpened", "NoteAdded", "PlaceRevised", "IncidentRevised"})
"""Facts whose words are about the matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that is known, as somebody wrote it down."""

    t: int
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the sheet is made of. Times are milliseconds UTC."""

    doc: IncidentDoc
    agency: Agency
    names: Directory
    """Call signs, grids, the community: of the incident only."""
    items: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Words of the checklist's items, in Chinese and English."""
    near: Sequence[KeyUnit] = ()
    """Key units around the place."""
    printed_t: int


class SheetTold:
    """One sheet in one language."""

    def __init__(self, sheet: Sheet, language: str) -> None:
        self.sheet, self.doc = sheet, sheet.doc
        self.say = PaperTongue(language, SHEET_WORDS)
        self.times = Times(sheet.names.zone)
        self._lines = StoryLines(Tongue(language), name=self.unit)

    @property
    def agency(self) -> str:
        """Whom it is for."""
        return self.say("agency", self.sheet.agency)

    @property
    def community(self) -> str:
        """Who we are."""
        name = self.sheet.names.community
        return self.say.either(name.zh, name.en)

    def unit(self, unit: str) -> str:
        """The call sign."""
        known = self.sheet.names.units.get(unit)
        return unit if known is None else known.call_sign

    def where(self) -> str:
        """Grid or what lies nearest to it, nearest key unit, words; the bare coordinates where
        there is nothing else, empty where nothing is known."""
        place = self.doc.place
        told = [self.say.either(place.grid_name, place.grid_name_en) or self._outside()]
        near = self.say.either(place.key_unit, place.key_unit_en)
        if near and place.bearing == "at":
            told.append(self.say("say", "at", near=near))
        elif near:
            bearing = self.say("bearing", place.bearing)
            told.append(
                self.say("say", "metres", near=near, bearing=bearing, away=place.key_unit_m)
            )
        said = " · ".join(each for each in (*told, place.words) if each)
        return said or self.points().get("wgs84", "")

    def points(self) -> dict[str, str]:
        """The coordinates by datum; empty where there are none."""
        lon, lat = self.doc.place.lon, self.doc.place.lat
        if lon is None or lat is None:
            return {}
        shifted = from_wgs84(lon, lat, Datum.GCJ02)
        return {"wgs84": self._point(lon, lat), "gcj02": self._point(*shifted)}

    def landmarks(self) -> list[tuple[str, tuple[float, float]]]:
        """Names and points of key units around, for the sketch."""
        return [
            (self.say.either(each.name, each.name_en), (each.lon, each.lat))
            for each in self.sheet.near
        ]

    def warnings(self) -> list[str]:
        """What must be minded before anything is said."""
        doc = self.doc
        told = []
        if doc.drill is not None:
            told.append(self.say("warn", "drill", agency=self.agency))
        if doc.covert:
            told.append(self.say("warn", "covert"))
        if doc.cancel is not None and doc.cancel.duress:
            told.append(self.say("warn", "duress"))
        if doc.alarms and all(each.late for each in doc.alarms):
            told.append(self.say("warn", "late"))
        if doc.closed_t is not None:
            how = self.say("disposition", doc.disposition or "")
            told.append(self.say("warn", "ended", when=self.times.moment(doc.closed_t), how=how))
        return told

    def read_out(self) -> list[str]:
        """Sentence by sentence, as one says it on the phone."""
        doc, say = self.doc, self.say
        kind = say("kind", doc.kind)
        minutes = max(0, (self.sheet.printed_t - doc.opened_t) // MINUTE_MS)
        where = self.where()
        told = [say("out", "drill")] if doc.drill is not None else []
        told.append(say("out", "who", community=self.community, kind=kind, priority=doc.priority))
        told.append(say("out", "where", where=where) if where else say("out", "no_where"))
        since = ("since_now", "since_one")[minutes] if minutes < 2 else "since"
        told.append(say("out", since, when=self.times.clock(doc.opened_t), minutes=minutes))
        there, coming = self._units_in(THERE), self._units_in(COMING)
        told.append(self._ours("there", there) if there else say("out", "nobody"))
        if coming:
            told.append(self._ours("coming", coming))
        if doc.covert:
            told.append(say("out", "quiet"))
        return told

    def known(self) -> list[Note]:
        """What was said of the matter, newest last; the very first and the newest of many."""
        notes = [
            Note(t=line.t, by=line.by or "", text=line.words)
            for line in self.doc.story
            if line.what in KNOWN and line.words and not line.erased
        ]
        return notes if len(notes) <= NOTES_MAX else [notes[0], *notes[1 - NOTES_MAX :]]

    def units(self) -> list[tuple[str, str, str, str, str]]:
        """(call sign, role, state, since, ordered) of those there, coming, asked, and done."""
        held = [each for each in self.doc.assignments if each.state in ORDER]
        held.sort(key=lambda each: (ORDER.index(each.state), each.state_t))
        return [
            (
                self.unit(each.unit),
                self.say("role", each.role),
                self.say("state", each.state),
                self.times.clock(each.state_t),
                self.times.clock(each.offered_t),
            )
            for each in held
        ]

    def reporters(self) -> list[str]:
        """Call signs of others who told of the same matter."""
        others = (each.unit for each in self.doc.alarms if each.unit != self.doc.sender)
        return [self.unit(each) for each in dict.fromkeys(others)]

    def done(self) -> list[tuple[str, str]]:
        """(time, what) of what we did; the newest of many."""
        lines = [
            structs.replace(line, words=None, erased=False)  # what was said of it is told above
            for line in self.doc.story
            if line.what in DONE
        ]
        return [
            (self.times.clock(line.t), self._lines.tell(self.doc, line))
            for line in lines[-DONE_MAX:]
        ]

    def checked(self) -> list[tuple[str, str]]:
        """(time, what) of the checklist's items that are done."""
        return [
            (self.times.clock(each.t), self.say.either(*self.sheet.items.get(item, (item, item))))
            for item, each in self.doc.checked.items()
        ]

    def told_before(self) -> list[str]:
        """When this agency was told already."""
        return [
            self.say(
                "receipt",
                "before",
                by=each.by,
                when=self.times.moment(each.t),
                agency=self.agency,
            )
            for each in self.doc.given
            if each.agency == self.sheet.agency
        ]

    def _outside(self) -> str:
        """Beside which grid a point in none lies; empty where it is in one."""
        place = self.doc.place
        near = self.say.either(place.outside, place.outside_en)
        return outside_words(self.say, near, place.outside_m, place.outside_bearing)

    def _units_in(self, states: Iterable[str]) -> list[AssignmentDoc]:
        return [each for each in self.doc.assignments if each.state in states]

    def _ours(self, how: str, units: list[AssignmentDoc]) -> str:
        named = self.say("mark", "comma").join(self.unit(each.unit) for each in units)
        return self.say("out", how, count=len(units), units=named)

    def _point(self, lon: float, lat: float) -> str:
        return self.say("place", "latlon", lat=f"{lat:.{DIGITS}f}", lon=f"{lon:.{DIGITS}f}")
