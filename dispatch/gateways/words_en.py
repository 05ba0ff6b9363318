"""Messages over gateways in English. What they may say, and how long they may be: words.py."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dispatch.gateways.facts import Facts, Part, Parts, Purpose
from dispatch.words import Kind

_KINDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.SOS: "call for help",
        Kind.MEDICAL: "medical emergency",
        Kind.FIRE: "fire",
        Kind.DISPUTE: "dispute",
        Kind.SUSPICIOUS: "suspicious activity",
        Kind.MISSING: "missing person",
        Kind.HAZARD: "hazard",
        Kind.NUISANCE: "nuisance",
        Kind.OTHER: "incident",
    }
)
_BEARINGS: Final = MappingProxyType(
    {
        "N": "north",
        "NE": "north-east",
        "E": "east",
        "SE": "south-east",
        "S": "south",
        "SW": "south-west",
        "W": "west",
        "NW": "north-west",
    }
)


def written(facts: Facts, callback: str, parts: Parts) -> str:
    """One line to read, made of these parts of the facts."""
    head = "DRILL! " if facts.drill else ""
    who = f"{facts.who}: " if facts.who and Part.WHO in parts else ""
    body = _covert(facts, callback) if facts.covert else _open(facts, callback, parts)
    return f"{head}{who}{body}"


def _covert(facts: Facts, callback: str) -> str:
    match facts.purpose:
        case Purpose.ASK:
            return f"Please look at your radio now{f', or call {callback}' if callback else ''}."
        case Purpose.TELL:
            return f"Please call the office now{f', {callback}' if callback else ''}."
        case Purpose.RECALL:
            return "That is settled, no need to come. Thank you."


def _open(facts: Facts, callback: str, parts: Parts) -> str:
    at = f"{facts.at} " if facts.at and Part.AT in parts else ""
    what = f"{at}{_KINDS[facts.kind]}"
    near = _place(facts) if Part.NEAR in parts else ""
    grid = (facts.grid_en or facts.grid) if Part.GRID in parts else ""
    place = f"{near} ({grid})" if near and grid else near or grid
    match facts.purpose:
        case Purpose.ASK:
            away = f", {facts.away_m} m from you" if _tells_away(facts, parts) else ""
            go = f"please go: {place}" if place else "please go there"
            back = f" or call {callback}" if callback else ""
            return f"{what}, {go}{away}. Answer by radio{back}."
        case Purpose.TELL:
            back = f" Call {callback} for more." if callback else ""
            return f"For your information: {what}{f', {place}' if place else ''}.{back}"
        case Purpose.RECALL:
            return f"{what}{f' ({near or grid})' if place else ''}: no need to go. Thank you."


def spoken(facts: Facts, callback: str) -> str:
    """To be read aloud by a machine: short sentences, said twice, numbers digit by digit."""
    drill = "This is a drill. " if facts.drill else ""
    community = facts.community_en or facts.community
    from_whom = f", this is {community} dispatch" if community else ", this is dispatch"
    hello = f"Hello{'' if facts.covert else from_whom}. "
    who = f"{facts.who}. " if facts.who else ""
    number = ", ".join(" ".join(group) for group in callback.split("-") if group)
    said = f"{who}{_news(facts, number)}"
    return f"{drill}{hello}{said} Again. {drill}{said}"


def _news(facts: Facts, number: str) -> str:
    if facts.covert:
        return _covert(facts, number)
    what = f"Reason: {_KINDS[facts.kind]}."
    place = ", in ".join(part for part in (_place(facts), facts.grid_en or facts.grid) if part)
    where = f" The place: {place}." if place else ""
    match facts.purpose:
        case Purpose.ASK:
            away = f" About {facts.away_m} metres from you." if facts.away_m is not None else ""
            back = f", or call back {number}" if number else ""
            return f"{what} Please go there.{where}{away} Answer by radio{back}."
        case Purpose.TELL:
            back = f" For more, call {number}." if number else ""
            return f"For your information. {what}{where}{back}"
        case Purpose.RECALL:
            return f"About the {_KINDS[facts.kind]}: there is no need to go. Thank you."


def _place(facts: Facts) -> str:
    near = facts.near_en or facts.near
    if not near or facts.near_m is None or facts.bearing not in _BEARINGS:
        return near
    return f"{facts.near_m} m {_BEARINGS[facts.bearing]} of {near}"


def _tells_away(facts: Facts, parts: Parts) -> bool:
    return facts.away_m is not None and Part.AWAY in parts
