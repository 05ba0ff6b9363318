"""What an incident file tells, as rows of words for its page. Makes no HTML; draws nothing.

All of it comes out of the file itself: a page of the same file is the same
page wherever it is made.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from console.casefile_carried import Carried, body_of
from console.casefile_words import PageTongue
from console.docs import unit_doc, whole_incident_doc
from console.places import Places
from console.story import story_doc
from console.telling import PLAIN_OF_UNIT, Teller
from console.wire import AssignmentDoc, PlaceDoc, StoryDoc
from console.words import Tongue, outside_words
from dispatch.casefile.seal import CaseFile
from dispatch.casefile.shape import Contents, Decision, Fact, Value
from dispatch.casefile.state import state_of
from dispatch.clock import SECOND, Instant
from dispatch.errors import UnknownIncidentError
from dispatch.events import (
    AlarmConflicted,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    Event,
    Personal,
    UnitAssigned,
)
from dispatch.free_text import plain
from dispatch.ids import CommunityId, IncidentId, RadioId
from dispatch.roster import RadioRecord
from dispatch.words import AssignmentState, Role

STORY_MAX: Final = 2_000
"""Rows of the story on the page: 60 sheets of paper. The file itself has them all."""
WRITTEN: Final = ("words", "reason", "caller", "contact")
"""Members that hold what somebody said or wrote: text, or a name and a phone."""
TOLD: Final = PLAIN_OF_UNIT | {
    "IncidentOpened",
    "AlarmJoined",
    "ResponseDecided",
    "UnitAssigned",
    "UnitDeclined",
    "NoteAdded",
    "IncidentReopened",
    "AssignmentWithdrawn",
    "IncidentTaken",
    "IncidentEscalated",
    "IncidentClosed",
    "ResponseLapsed",
}
"""Facts that are told as ``yihu watch`` tells them."""
ANSWERS: Final = (
    AssignmentState.ACCEPTED,
    AssignmentState.DECLINED,
    AssignmentState.EN_ROUTE,
    AssignmentState.ON_SCENE,
)

STEPS: Final = (
    ("received", "AlarmReceived"),
    ("opened", "IncidentOpened"),
    ("decided", "ResponseDecided"),
    ("ordered", "UnitAssigned"),
    ("heard", "OrderReceived"),
    ("taken", "IncidentTaken"),
    ("accepted", "UnitAccepted"),
    ("en_route", "UnitEnRoute"),
    ("on_scene", "UnitArrived"),
)
"""The first of each fact is a step; closing is the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A key time: the code of its words, when, how long after receipt, who."""

    code: str
    t: Instant
    since_us: Instant
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A unit that was called: why, and what came of it. Times are empty where there are none."""

    unit: str
    role: str
    why: str
    ordered: str
    answer: str
    on_scene: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A wave, or (``number`` 0) those whom operators sent."""

    number: int
    at: str
    asked: list[Asked]
    others: str
    """How many were not called, by reason; empty where there were none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A fact of the story. ``gone`` says why its words are not there; empty where they are."""

    seq: int
    t: Instant
    what: str
    gone: str
    missing_before: int
    """Facts of the incident that are not in the file, between this and the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Something that somebody wrote down."""

    t: Instant
    by: str
    what: str
    text: str


class Told:
    """One file in one language."""

    def __init__(self, file: CaseFile, tongue: PageTongue) -> None:
        self.seal = file.seal
        self.contents = msgspec.convert(dict(file.sections), Contents)
        about = self.contents.about
        state = state_of(self.contents.facts, self.contents.values, IncidentId(about.incident))
        if state.incident is None:
            raise UnknownIncidentError(about.incident)
        self.events = state.events
        self.place = _point(state.incident.lon, state.incident.lat)
        self._say = tongue
        self._zone = _zone(self.contents.directory.zone)
        self._values = _values_by_seq(self.contents.values)
        self._carried = Carried(
            tongue,
            unit=self.unit,
            moment=self.moment,
            grids={each.id: each.name for each in self.contents.directory.grids},
        )
        places = Places([], near_m=0)
        self.doc = whole_incident_doc(state.incident, state.alarms, places)
        self._name_place(self.doc.place)
        self._teller = Teller(Tongue(tongue.language))
        self._teller.know(
            unit_doc(
                RadioRecord(
                    radio=RadioId(unit),
                    community=CommunityId(about.community),
                    call_sign=named.call_sign,
                    role=Role.VOLUNTEER,  # the teller asks for the call sign only
                ),
                row=-1,
                on_duty=False,
                online=False,
                engaged=None,
            )
            for unit, named in self.contents.directory.units.items()
        )

    # --- times and names ---

    def day(self, t: Instant) -> str:
        """The date there."""
        return self._at(t).strftime("%Y-%m-%d")

    def clock(self, t: Instant) -> str:
        """The time of day there."""
        return self._at(t).strftime("%H:%M:%S")

    def moment(self, t: Instant) -> str:
        """Both."""
        return f"{self.day(t)} {self.clock(t)}"

    @property
    def zone(self) -> str:
        """The zone of all times, with its distance from UTC."""
        offset = self._at(self.contents.about.first_t).strftime("%z")
        return f"{self.contents.directory.zone} (UTC{offset[:3]}:{offset[3:]})"

    def unit(self, unit: str | None) -> str:
        """The call sign; empty for nobody."""
        if unit is None:
            return ""
        known = self.contents.directory.units.get(unit)
        return unit if known is None else known.call_sign

    @property
    def late(self) -> bool:
        """Whether every press came out of a backlog."""
        return bool(self.doc.alarms) and all(alarm.late for alarm in self.doc.alarms)

    @property
    def drill(self) -> bool:
        """Whether it belongs to an exercise."""
        return any(
            body_of(fact).get("drill") not in (None, False)
            for fact in self.contents.facts
            if fact.name == "IncidentOpened"
        )

    def where(self) -> str:
        """The place in words: grid or what lies nearest to it, key unit, what the caller said."""
        place = self.doc.place
        outside = outside_words(self._say, place.outside, place.outside_m, place.outside_bearing)
        told = [each for each in (place.grid_name or outside,) if each]
        if place.key_unit and place.bearing == "at":
            told.append(self._say("say", "at", near=place.key_unit))
        elif place.key_unit:
            bearing = self._say("bearing", place.bearing)
            told.append(
                self._say(
                    "say", "metres", near=place.key_unit, bearing=bearing, away=place.key_unit_m
                )
            )
        if place.words:
            told.append(place.words)
        return " · ".join(told)

    # --- what happened ---

    def steps(self) -> list[Step]:
        """The key times in their order."""
        found: list[tuple[Instant, str, str]] = []
        for code, name in STEPS:
            event = next((each for each in self.events if type(each).__name__ == name), None)
            if event is not None:
                found.append((event.t, code, self._actor(event)))
        press = next((each for each in self.events if isinstance(each, AlarmReceived)), None)
        if press is not None:
            found.append((press.device_t, "pressed", self.unit(press.radio)))
        if self.doc.closed_t is not None:
            found.append((self.doc.closed_t * 1000, "closed", self.doc.closed_by or ""))
        start = press.t if press is not None else self.events[0].t
        return [
            Step(code=code, t=t, since_us=t - start, who=who)
            for t, code, who in sorted(found, key=lambda each: each[0])
        ]

    def waves(self) -> list[Wave]:
        """Whom each decision called and why; then those whom operators sent."""
        of_wave: dict[int, dict[str, AssignmentDoc]] = defaultdict(dict)
        for each in self.doc.assignments:
            of_wave[each.wave][each.unit] = each
        told = [
            Wave(
                number=decision.wave,
                at=self.moment(decision.t),
                asked=[
                    self._asked(facts, of_wave[decision.wave].get(facts["unit"]))
                    for facts in decision.called
                ],
                others=self._others(decision),
            )
            for decision in self.contents.decisions
        ]
        by_hand = [each for each in self.doc.assignments if each.wave == 0]
        if by_hand:
            asked = [self._asked({"unit": each.unit}, each) for each in by_hand]
            told.append(Wave(number=0, at="", asked=asked, others=""))
        return told

    def story(self) -> Iterator[Line]:
        """Every fact in order, told in words."""
        missing, last_seq = self.contents.about.left_out.facts, 0
        middle = len(self.contents.facts) - len(self.contents.facts) // 2
        for n, (fact, event) in enumerate(zip(self.contents.facts, self.events, strict=True)):
            line = story_doc(event)
            line.erased = False  # told in a way of its own: erased, or only left out
            what = self._fact(event, line)
            if what:
                what = " · ".join((what, *self._carried.extras(fact)))
            else:
                what = self._carried.whole(fact, self._actor(event))
            yield Line(
                seq=fact.seq,
                t=fact.t,
                what=what,
                gone=self._gone(fact),
                # The store keeps both ends: what is missing is missing in the middle.
                missing_before=missing if n == middle and fact.seq > last_seq + 1 else 0,
            )
            last_seq = fact.seq

    def words(self) -> Iterator[Words]:
        """All that was written down, whole."""
        for event in self.events:
            for member in WRITTEN:
                said = getattr(event, member, None)
                text = _written(said.value) if isinstance(said, Personal) else ""
                if text:
                    yield Words(
                        t=event.t,
                        by=self._actor(event),
                        what=self._say("fact", type(event).__name__),
                        text=text,
                    )

    # --- pieces ---

    def _at(self, t: Instant) -> datetime:
        try:
            return datetime.fromtimestamp(t / SECOND, self._zone)
        except (ValueError, OverflowError, OSError):  # a radio may claim any time
            return datetime.fromtimestamp(0, self._zone)

    def _name_place(self, place: PlaceDoc) -> None:
        """Names in the page's language, out of the file's directory."""
        directory = self.contents.directory
        named = {grid.id: grid.name for grid in directory.grids}.get(place.grid or "")
        if named is not None:
            place.grid_name = self._say.either(named.zh, named.en)
        if directory.place is not None:
            near = directory.place
            place.key_unit = self._say.either(near.key_unit.zh, near.key_unit.en)
            place.key_unit_m, place.bearing = near.away_m, near.bearing
        if directory.outside is not None:
            beside = directory.outside
            place.outside = self._say.either(beside.grid.zh, beside.grid.en)
            place.outside_m, place.outside_bearing = beside.away_m, beside.bearing

    def _actor(self, event: Event) -> str:
        """Who did it: an operator, or a unit."""
        for member in ("by", "unit", "radio", "sender"):
            name = getattr(event, member, None)
            if isinstance(name, str) and name:
                return name if member == "by" else self.unit(name)
        return ""

    def _fact(self, event: Event, line: StoryDoc) -> str:
        """One fact in words; empty where there are none for it."""
        match event:
            case AlarmReceived():
                said = self._say(
                    "story",
                    "received",
                    unit=self.unit(event.radio),
                    device=self.moment(event.device_t),
                )
                marks = [code for code in ("covert", "late") if getattr(event, code)]
                return " · ".join([said, *(self._say("mark", code) for code in marks)])
            case AlarmRepeated():
                return self._say(
                    "story", "repeated", unit=self.unit(line.unit), count=event.repeats
                )
            case AlarmConflicted():
                return self._say("story", "conflicted", unit=self.unit(line.unit))
            case AlarmUndecided():
                return self._say("story", "undecided", reason=event.reason)
            case UnitAssigned() if event.by is None:
                said = self._say("story", "sent", unit=self.unit(event.unit))
                away = self._carried.why_called({"distance_m": event.distance_m})
                return " · ".join((said, *away))
        name = type(event).__name__
        if name not in TOLD:
            return ""
        told = self._teller.tell(self.doc, line)
        return told if name not in told else ""

    def _gone(self, fact: Fact) -> str:
        """Why personal values of a fact are not there; that of an exercise of rights comes first.

        Inputs of decisions are told of where the called are.
        """
        values = [each for each in self._values.get(fact.seq, ()) if each.purpose != "decision"]
        for value in values:
            if value.erased_t is not None:
                return self._say("story", "erased", day=self.day(value.erased_t))
        if any(value.left_out for value in values):
            return self._say("story", "left_out")
        return ""

    def _asked(self, facts: Mapping[str, Any], answer: AssignmentDoc | None) -> Asked:
        unit = str(facts["unit"])
        named = self.contents.directory.units.get(unit)
        role = facts.get("role") or (answer.role if answer else named.role if named else "")
        why = self._carried.why_called(facts)
        if answer is not None and answer.by:
            why.insert(0, answer.by)
        times = {} if answer is None else answer.times
        answered = [times[state] for state in ANSWERS if state in times]
        return Asked(
            unit=self.unit(unit),
            role=self._say("role", str(role)),
            why=self._say("mark", "comma").join(why),
            ordered="" if answer is None else self.clock(answer.offered_t * 1000),
            answer=self.clock(answered[0] * 1000) if answered else "",
            on_scene=self.clock(times["on_scene"] * 1000) if "on_scene" in times else "",
            state="" if answer is None else self._say("state", answer.state),
        )

    def _others(self, decision: Decision) -> str:
        if decision.others is None:
            return self._say("called", "others_gone")
        by_count = sorted(decision.others.items(), key=lambda each: (-each[1], each[0]))
        told = [
            self._say("called", "other", what=self._say("verdict", verdict), count=count)
            for verdict, count in by_count
        ]
        return self._say("called", "others") + self._say("mark", "comma").join(told) if told else ""


def _values_by_seq(values: Iterable[Value]) -> dict[int, list[Value]]:
    found: dict[int, list[Value]] = defaultdict(list)
    for value in values:
        found[value.seq].append(value)
    return found


def _point(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    return None if lon is None or lat is None else (lon, lat)


def _written(value: object) -> str:
    """Text, or the values of {name, phone}."""
    if isinstance(value, dict):
        return plain(" ".join(str(each) for each in value.values() if each))
    return plain(value) if isinstance(value, str) else ""


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
