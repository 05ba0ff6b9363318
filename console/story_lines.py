"""What one line of an incident's story says, in Chinese or English. Remembers nothing.

A fact that is not known here is told by its name: an older watcher may meet a newer server.
"""

import re
from collections.abc import Callable
from typing import Final

from console.wire import IncidentDoc, PlaceDoc, StoryDoc
from console.words import Tongue, outside_words

PLAIN_OF_UNIT: Final = frozenset(
    {
        "OrderReceived",
        "OrderShown",
        "UnitAccepted",
        "UnitEnRoute",
        "UnitArrived",
        "UnitCleared",
        "AssignmentExpired",
        "SeenConfirmed",
    }
)
"""Facts told as: who, what."""

ANSWERED: Final = re.compile(r"(?P<what>http|answer)_(?P<number>-?[0-9]+)")
"""A gateway's failure that carries the service's own number: docs/gateways.md."""

LINK_SAYS: Final = {
    "offered": "may_be",
    "linked": "links",
    "apart": "keeps_apart",
    "merged": "merges",
    "split": "splits",
}


class StoryLines:
    """Makes sentences of facts."""

    def __init__(
        self,
        tongue: Tongue,
        *,
        name: Callable[[str], str],
    ) -> None:
        """``name`` gives a unit's call sign."""
        self._say = tongue
        self._name = name

    def tell(self, incident: IncidentDoc, line: StoryDoc) -> str:
        """One line, without its time; empty where another line says it."""
        who = self._name(line.unit) if line.unit else line.by or ""
        fact = self._say("fact", line.what)
        match line.what:
            case "IncidentOpened":
                return f"{self.opening(incident)} · #{number(incident.id)}"
            case "AlarmJoined" | "AlarmLeft":
                return self._press(incident, line, who)
            case "ResponseDecided":
                return self._wave(incident, line)
            case "UnitAssigned":
                return self._assigned(line, who)
            case "UnitDeclined" | "NoteAdded" | "IncidentReopened":
                return f"{who} {fact}{self._words(line)}"
            case "AssignmentWithdrawn":
                return f"{who} {fact}{self._bracket(self._say('withdraw', line.reason or ''))}"
            case "IncidentTaken":
                over = line.other and self._say("say", "takes_over", other=line.other)
                return f"{who} {over or fact}{self._words(line)}"
            case "IncidentEscalated":
                rung = self._say("rung", line.rung or "")
                why = self._bracket(self._say("escalation", line.reason or ""))
                return f"{fact}{self._colon}{rung}{why}"
            case "IncidentClosed":
                ended = self._say("disposition", line.disposition or "")
                why = self._bracket(self._say("false_reason", line.reason)) if line.reason else ""
                return f"{who} {fact}{self._colon}{ended}{why}{self._words(line)}"
            case "GatewayTried":
                return self._told(line, who)
            case "PersonTold":
                return self._told(line, self._say("person", line.other or ""))
            case _:
                return self._steered(incident, line, who, fact)

    def opening(self, incident: IncidentDoc) -> str:
        """Who told of what, where, and what is special about it."""
        kind = self._say("kind", incident.kind)
        if incident.sender is None:
            by = incident.opened_by or self._say("say", "by_phone")
            told = f"{by} {self._say('say', 'opened')}{self._colon}{kind}"
        elif incident.kind == "sos":
            told = f"{self._name(incident.sender)} {self._say('say', 'pressed')}"
        else:
            told = f"{self._name(incident.sender)} {self._say('say', 'reports')}{self._colon}{kind}"
        told += self._where(incident.place)
        late = bool(incident.alarms) and all(alarm.late for alarm in incident.alarms)
        marks = (("covert", incident.covert), ("late", late), ("linked", incident.in_danger))
        told += "".join(f" · {self._say('say', code)}" for code, holds in marks if holds)
        if incident.linked_to is not None and not incident.in_danger:
            told += f" · {self._say('say', 'linked_to', other=number(incident.linked_to))}"
        return told

    # --- presses and those who are asked ---

    def _press(self, incident: IncidentDoc, line: StoryDoc, who: str) -> str:
        """One that came, came over from another incident, or went there."""
        if line.other is not None:
            way = "moved_in" if line.what == "AlarmJoined" else "moved_out"
            return self._say("say", way, unit=who, other=number(line.other))
        if line.how == "reporter":
            return f"{who} {self._say('say', 'too')}"
        return f"{who} {self._say('say', 'again')}{self._where(incident.place)}"

    def _assigned(self, line: StoryDoc, who: str) -> str:
        """Whom the machine called, its wave tells."""
        if line.volunteered:
            return f"{who} {self._say('say', 'volunteers')}"
        if line.how == "carried":
            return f"{line.by} {self._say('say', 'carries', unit=who)}"
        return f"{line.by} {self._say('say', 'sends')} {who}" if line.by else ""

    def _wave(self, incident: IncidentDoc, line: StoryDoc) -> str:
        asked = [each for each in incident.assignments if each.wave == line.wave]
        begins = self._say("say", "wave", wave=line.wave)
        if line.by:
            begins = f"{line.by} {self._say('say', 'asks_more')}{self._comma}{begins}"
        waves = [each for each in incident.decisions if each.wave == line.wave]
        short = sum(count for each in waves for count in each.short.values())
        if short:
            lacks = f" · {self._say('say', 'short', count=short)}"
        elif any(each.all_asked for each in waves):
            lacks = f" · {self._say('say', 'all_asked')}"
        else:
            lacks = ""
        if not line.called:
            return f"{begins}{self._colon}{self._say('say', 'nobody')}{lacks}"
        names = [
            self._name(each.unit)
            if each.distance_m is None
            else self._say("say", "from", unit=self._name(each.unit), away=each.distance_m)
            for each in asked
        ]
        known = {each.unit for each in asked}
        names += [self._name(u) for each in waves for u in each.called if u not in known]
        return f"{begins}{self._colon}{self._say('mark', 'comma').join(names)}{lacks}"

    def _told(self, line: StoryDoc, who: str) -> str:
        """Somebody was told by SMS, voice or a chat, or was not."""
        way = "told_by" if line.ok else "not_told_by"
        way = f"{way}_off" if line.how == "recall" else way
        said = self._say("say", way, who=who, gateway=line.gateway)
        return f"{said}{self._colon}{why_words(self._say, line.reason)}" if line.reason else said

    # --- what operators and the plan do ---

    def _steered(self, incident: IncidentDoc, line: StoryDoc, who: str, fact: str) -> str:
        words = self._words(line)
        match line.what:
            case "StepBegun":
                return self._step(line)
            case "PlanChanged":
                return f"{who} {fact} {line.plan}{words}"
            case "CallsHeld":
                does = self._say("say", "holds" if line.how == "held" else "releases")
                return f"{who} {does}{words}"
            case "IncidentRevised":
                kind = self._say("kind", line.kind or "")
                now = self._say("say", "priority", kind=kind, priority=line.priority)
                return f"{who} {fact} {now}{words}"
            case "PlaceRevised":
                return f"{who} {fact}{words}{self._where(incident.place)}"
            case "ChecklistTicked":
                did = "ticked" if line.how == "done" else "unticked"
                return f"{who} {self._say('say', did, item=line.item)}"
            case "IncidentLinked":
                other = number(line.other or "")
                says = LINK_SAYS.get(line.how or "", "")
                return self._say("say", says, by=who, other=other).strip()
            case "HandedOver":
                return f"{who} {fact} {self._say('agency', line.agency or '')}{words}"
            case "CancelRequested":
                return f"{who} {self._say('say', 'forced') if line.duress else fact}"
            case "CancelAnswered":
                return f"{who} {self._say('say', _answer(incident, line))}{words}"
            case "CallbackMade":
                said = self._say("satisfaction", line.how or "")
                return f"{who} {fact}{self._colon}{said}{words}"
            case "IncidentExported" if line.how == "without_names":
                return f"{who} {fact}{self._bracket(self._say('say', 'without_names'))}"
            case _:
                return f"{who} {fact}{words}".strip()

    def _step(self, line: StoryDoc) -> str:
        tier = self._say("tier", line.tier or "")
        what = self._say("say", "step", step=line.step, tier=tier)
        if line.by:
            told = f"{line.by} {self._say('say', 'begins', what=what)}{self._words(line)}"
        else:
            told = self._say("say", "step_begins", what=what)
            if line.reason:
                told += f"{self._colon}{self._say('escalation', line.reason)}"
        if line.agency:
            agency = self._say("agency", line.agency)
            told += f" · {self._say('say', 'propose', agency=agency)}"
        return told

    # --- pieces ---

    def _where(self, place: PlaceDoc) -> str:
        """The grid, and the nearest key unit; what the caller said where nobody knows."""
        grid = self._either(place.grid_name, place.grid_name_en)
        near = self._either(place.key_unit, place.key_unit_en)
        beside = self._either(place.outside, place.outside_en)
        outside = outside_words(self._say, beside, place.outside_m, place.outside_bearing)
        told = [each for each in (grid or outside,) if each]
        if near and place.bearing == "at":
            told.append(self._say("say", "at", near=near))
        elif near:
            bearing = self._say("bearing", place.bearing)
            away = place.key_unit_m
            told.append(self._say("say", "metres", near=near, bearing=bearing, away=away))
        if place.words:
            told.append(place.words)
        return "".join(f" · {each}" for each in told)

    def _either(self, zh: str, en: str) -> str:
        """A name in the language of the lines; in the other one where it has none."""
        return (en or zh) if self._say.language == "en" else (zh or en)

    def _words(self, line: StoryDoc) -> str:
        if line.erased:
            return self._bracket(self._say("say", "erased"))
        return f"{self._colon}{line.words}" if line.words else ""

    @property
    def _colon(self) -> str:
        return self._say("mark", "colon")

    def _bracket(self, text: str) -> str:
        return self._say("mark", "bracket", text=text)

    @property
    def _comma(self) -> str:
        return self._say("mark", "pause")


def number(incident: str) -> str:
    """What people call an incident within its day."""
    return incident.rpartition("-")[2]


def why_words(say: Callable[..., str], why: str) -> str:
    """Why a message did not go out; ``http_500`` and ``answer_93000`` end in the service's own
    number."""
    answered = ANSWERED.fullmatch(why)
    if answered is None:
        return say("gateway_why", why)
    return say("gateway_why", answered["what"], number=answered["number"])


def _answer(incident: IncidentDoc, line: StoryDoc) -> str:
    """A wish under duress that is granted ends nothing; it only looks so on the radio."""
    if line.how != "granted":
        return "refuses"
    return "pretends" if incident.cancel is not None and incident.cancel.duress else "grants"
