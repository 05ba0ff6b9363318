"""Whose a personal value is, and everything held on one person as one document.

Whose it is follows from the fact and its field, in one table (``_theirs``): a place from their own
press, their report, where they sat when they logged in. What an operator wrote about an incident is
the centre's record and no person's own; a caller's name is the caller's. Values of others
are never in the document, and never go with a person's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Final

from dispatch.access.facts import LoggedIn, LoginRefused, ProviderLinked, RequestDenied
from dispatch.clock import Instant
from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmReceived,
    Event,
    IncidentOpened,
    PatrolReported,
    Personal,
    PlaceRevised,
    RadioLetIn,
    ResponseDecided,
    UnitDeclined,
)
from dispatch.ids import IncidentId, OperatorName, UnitId, unit_of, unit_of_alarm
from dispatch.told import tables_of

NOBODY: Final = OperatorName("")
"""Instead of an account, where they have none."""
FOREVER: Final[Instant] = 2**62


@dataclass(frozen=True, slots=True)
class Span:
    """A radio, and when it was this person's: ``to_t`` is not included."""

    unit: UnitId
    from_t: Instant = 0
    to_t: Instant = FOREVER

    def covers(self, unit: UnitId | None, t: Instant) -> bool:
        """Whether what this radio told then was theirs."""
        return unit == self.unit and self.from_t <= t < self.to_t


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, by their account, their radios, or both."""

    account: OperatorName = NOBODY
    spans: tuple[Span, ...] = ()
    incidents: frozenset[IncidentId] = field(default=frozenset())
    """Those that they raised."""

    @property
    def units(self) -> tuple[UnitId, ...]:
        """Every radio they carry or carried, once each."""
        return tuple(sorted({span.unit for span in self.spans}))

    def bore(self, unit: UnitId | None, t: Instant) -> bool:
        """Whether the radio was theirs then."""
        return any(span.covers(unit, t) for span in self.spans)


def theirs(fact: Event, person: Person) -> tuple[str, ...]:
    """The personal fields of a fact that are this person's own."""
    unit, names = _theirs(fact)
    if unit is None and names:  # by account; a stranger's refused login is of none
        by_account = person.account != NOBODY and getattr(fact, "account", "") == person.account
        return names if by_account else ()
    if names and person.bore(unit, fact.t):
        return names
    match fact:
        case PlaceRevised() if fact.incident in person.incidents:
            return ("place",)
        case ResponseDecided() if any(
            person.bore(each, fact.t) for each in seen_by(fact.inputs.value)
        ):
            return ("inputs",)
    return ()


def _theirs(fact: Event) -> tuple[UnitId | None, tuple[str, ...]]:
    """Whose radio the fact is of, and which of its fields are of whoever bore it; without a radio
    they are the account's."""
    match fact:
        case AlarmReceived():
            return unit_of(fact.radio), ("fix",)
        case AlarmConflicted():
            return unit_of(fact.radio), ("content",)
        case AlarmJoined():
            return unit_of_alarm(fact.alarm), ("place",)
        case IncidentOpened() if fact.sender is not None:
            return fact.sender, ("place", "words")
        case PatrolReported():
            return fact.unit, ("words", "photo", "fix")
        case UnitDeclined():
            return fact.unit, ("reason",)
        case RadioLetIn():
            return unit_of(fact.radio), ("address",)
        case LoggedIn() | LoginRefused() | RequestDenied():
            return None, ("address",)
        case ProviderLinked():
            return None, ("subject",)
        case _:
            return None, ()


def seen_by(inputs: Any) -> tuple[UnitId, ...]:
    """Every unit that a decision's inputs tell something of."""
    if not isinstance(inputs, Mapping):
        return ()
    told = [each.get("unit") for each in tables_of(inputs.get("candidates") or ())]
    return tuple(UnitId(unit) for unit in (*told, inputs.get("sender")) if unit)


def fact_doc(seq: int, fact: Event, person: Person) -> dict[str, Any]:
    """A fact as the person may have it: their own values whole, those of others withheld."""
    own = theirs(fact, person)
    doc: dict[str, Any] = {"seq": seq, "what": type(fact).__name__}
    for each in fields(fact):
        value = getattr(fact, each.name)
        if isinstance(value, Personal):
            value = _personal_doc(value, person, own=each.name in own)
        doc[each.name] = _plain(value)
    return doc


def _personal_doc(value: Personal, person: Person, *, own: bool) -> Any:
    if value.value is None:
        return {"erased": True}
    if not own:
        return {"withheld": True}
    if isinstance(value.value, Mapping) and "candidates" in value.value:
        seen = tables_of(value.value["candidates"])
        return {"seen": [each for each in seen if each.get("unit") in person.units]}
    return value.value


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case tuple() | list() | frozenset() | set():
            return [_plain(each) for each in value]
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case _:
            return value
