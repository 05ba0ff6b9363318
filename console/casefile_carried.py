"""What a fact or a candidate carries, told in words: a label and a value for each of its members.

Written for any member, known or not: what a later version adds is shown under
its own name rather than passed over.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from console.casefile_words import PageTongue
from console.story_lines import why_words
from dispatch.casefile.shape import Fact, NameDoc
from dispatch.clock import Instant

DULL: Final = frozenset(
    {"incident", "command", "assignment", "alarm", "radio", "unit", "by", "lease", "fix_t"}
)
"""Members that say nothing to a reader, or that stand elsewhere in the line."""
SAID_WHEN_TRUE: Final = frozenset({"reporter", "volunteered", "duress", "drill", "covert", "late"})
"""Of the others a *no* is worth as much as a *yes*."""
EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "AlarmJoined": ("reporter", "moved_from"),
    "UnitAssigned": ("volunteered", "need"),
    "IncidentTaken": ("taken_from",),
    "IncidentClosed": ("false_reason", "duplicate_of"),
}
"""What the story's own words for a fact leave out."""
WORDS_OF: Final[Mapping[str, str]] = {
    "tier": "tier",
    "agency": "agency",
    "how": "link",
    "satisfaction": "satisfaction",
    "reason": "escalation",
    "false_reason": "false_reason",
    "kind": "kind",
    "place_source": "source",
}
"""Members whose values are codes: the group of their words."""
PLAIN_CANDIDATE: Final = frozenset({"unit", "verdict", "role", "ring", "on_duty", "online"})
"""A called unit was on duty and in reach; the others stand in columns of their own."""
ZERO_TELLS: Final = frozenset({"distance_m", "fix_age_s"})
"""Of the others 0 is nothing: never asked, not busy."""
SPAN_S: Final = frozenset({"walk_s", "eta_s"})
MINUTE_S: Final = 60.0


class Carried:
    """Tells members in one language, with the names of one file."""

    def __init__(
        self,
        say: PageTongue,
        *,
        unit: Callable[[str], str],
        moment: Callable[[Instant], str],
        grids: Mapping[str, NameDoc],
    ) -> None:
        self._say = say
        self._unit = unit
        self._moment = moment
        self._grids = grids

    def whole(self, fact: Fact, actor: str) -> str:
        """A fact by its name, who did it, and all that it carries."""
        told = "; ".join(self._members(body_of(fact)))
        named = f"{actor} {self._say('fact', fact.name)}".strip()
        return f"{named} ({told})" if told else named

    def extras(self, fact: Fact) -> list[str]:
        """What is to be added to a fact that has words of its own."""
        wanted = EXTRAS.get(fact.name, ())
        return list(self._members({k: v for k, v in body_of(fact).items() if k in wanted}))

    def why_called(self, facts: Mapping[str, Any]) -> list[str]:
        """What was known of a unit when it was called; nothing for what was not known."""
        told = [self._candidate("distance_m", facts.get("distance_m")), self._ring(facts)]
        told += [
            self._candidate(key, value)
            for key, value in facts.items()
            if key not in PLAIN_CANDIDATE and key != "distance_m"
        ]
        return [each for each in told if each]

    # --- pieces ---

    def _members(self, body: Mapping[str, Any]) -> Iterator[str]:
        for key, value in body.items():
            if key in DULL or value in (None, "", [], {}) or _is_reference(value):
                continue
            if value is False and key in SAID_WHEN_TRUE:
                continue
            label = self._say("member", key) if self._say.knows("member", key) else key
            if value is True and key in SAID_WHEN_TRUE:
                yield label
            else:
                yield f"{label}: {self._value(key, value)}"

    def _value(self, key: str, value: Any) -> str:
        match value:
            case bool():
                return self._say("yes", "true" if value else "false")
            case int() if key.endswith("_t"):
                return self._moment(value)
            case str() if key in WORDS_OF:
                return self._say(WORDS_OF[key], value)
            case str() if key == "why":
                return why_words(self._say, value)
            case str() if key == "need":
                return self._need(value)
            case str() if key == "grid":
                name = self._grids.get(value)
                return value if name is None else self._say.either(name.zh, name.en)
            case str() if key in ("sender", "taken_by"):
                return self._unit(value)
            case list():
                return self._say("mark", "comma").join(map(str, value))
            case _:
                return _number(key, value)

    def _candidate(self, key: str, value: Any) -> str:
        if value in (None, "", [], {}, False, 0):
            return (
                "" if value != 0 or key not in ("distance_m", "fix_age_s") else self._told(key, 0)
            )
        return self._told(key, value)

    def _told(self, key: str, value: Any) -> str:
        match key:
            case "chance":
                shown = f"{float(value):.0%}"
            case "need":
                shown = self._need(str(value))
            case "skills":
                shown = self._say("mark", "comma").join(self._say("skill", each) for each in value)
            case _ if key in SPAN_S:
                shown = self._span(float(value))
            case _:
                shown = _number(key, value)
        if self._say.knows("candidate", key):
            return self._say("candidate", key, value=shown)
        return f"{key}: {shown}"

    def _need(self, need: str) -> str:
        """``volunteer+medical``: a role and perhaps skills."""
        role, *skills = need.split("+")
        return "+".join((self._say("role", role), *(self._say("skill", each) for each in skills)))

    def _span(self, seconds: float) -> str:
        if seconds < MINUTE_S:
            return self._say("span", "seconds", value=f"{seconds:.0f}")
        return self._say("span", "minutes", value=f"{seconds / MINUTE_S:.0f}")

    def _ring(self, facts: Mapping[str, Any]) -> str:
        ring = facts.get("ring")
        if not isinstance(ring, int):
            return ""
        if self._say.knows("ring", str(ring)):
            return self._say("ring", str(ring))
        return self._say("ring", "n", value=ring)


def body_of(fact: Fact) -> dict[str, Any]:
    """The members of a fact's body."""
    return msgspec.json.decode(fact.body, type=dict[str, Any])


def _is_reference(value: Any) -> bool:
    """Whether a personal value stands beside in its place."""
    return isinstance(value, dict) and value.keys() == {"digest", "personal"}


def _number(key: str, value: Any) -> str:
    """Fractions stand as text in the file; nobody needs the centimetres on paper."""
    try:
        number = float(str(value))
    except ValueError:
        return str(value)
    if key.endswith(("_m", "_s")) or number.is_integer():
        return f"{number:.0f}"
    return f"{number:.2f}"
