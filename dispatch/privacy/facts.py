"""The facts that tell of personal data handed out or erased. They stand in the journal like all.

An erasing is told before it is done, with the time that the erased values bear afterwards, so
that nothing goes that nobody answers for: ``verify`` finds values whose time no fact told of.
Their community is "": what is held on a person may stem from several.
"""

from dataclasses import dataclass
from typing import Final

from dispatch.clock import Instant
from dispatch.events import Event, Personal
from dispatch.ids import OperatorName, UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFact(Event):
    """Something that was done with all that is held on one person."""

    account: OperatorName
    """Empty where they have none."""
    units: tuple[UnitId, ...]
    """The radios they carry or carried."""
    by: OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExported(PersonFact):
    """A copy of it was handed out."""

    digest: str
    """SHA-256 of the document, in hex: whoever shows one later can be told whether it is this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(PersonFact):
    """What may be erased of it is."""

    erased_t: Instant
    values: dict[str, int]
    """How many personal values of the journal, by purpose."""
    why: Personal


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesExpired(Event):
    """The time of these values is over, and they go."""

    erased_t: Instant
    values: dict[str, int]
    """How many, by purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsExpired(Event):
    """Whole days of positions go: all that were before this time."""

    before_t: Instant


PRIVACY_FACTS: Final[dict[str, type[Event]]] = {
    cls.__name__: cls for cls in (PersonExported, PersonErased, ValuesExpired, PositionsExpired)
}
"""Every one of them by the name it has in the journal. Names are never reused."""

ERASING_FACTS: Final = frozenset({"PersonErased", "ValuesExpired"})
"""Those that tell the time of an erasing."""
