"""What an address asks of whoever calls it: a right, and where it must count. Serves nothing.

Every address of the server has one (``Guarded``, console/routes.py): it is a field without a
default, so that a new address without it does not type-check, and one that slipped past is
denied by the guard.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dispatch.access.words import Right


class Where(StrEnum):
    """Of which community the right is asked."""

    ANY = "any"
    """Of any: the answer is cut to those where it counts."""
    EVERYWHERE = "everywhere"
    """Of all: it is about the server itself."""
    COMMUNITY = "community"
    """Of the one in the address."""
    INCIDENT = "incident"
    """Of the one that the incident in the address belongs to."""
    DRILL = "drill"
    RADIO = "radio"
    BODY_COMMUNITY = "body_community"
    """Of the one that the body names."""
    BODY_UNIT = "body_unit"
    """Of the one that the unit in the body belongs to."""


@dataclass(frozen=True, slots=True)
class Need:
    """A right, there."""

    right: Right
    where: Where


class Open(StrEnum):
    """No right is asked."""

    PUBLIC = "public"
    """Whoever is there: the page itself, logging in, whether the server lives."""
    PERSON = "person"
    """Whoever is logged in: about themselves only."""


AnyNeed = Need | Open


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """An address that another room hands to the server."""

    method: str
    path: str
    handle: Callable[[Any], Awaitable[Any]]
    """Of aiohttp, which this room does not know."""
    need: AnyNeed
    summary: str = ""
    """What it is for, in the API's description; empty: it is not told of there."""
    body: type[Any] | None = None
    answer: type[Any] | None = None
    """Shapes of what goes in and out, of msgspec."""
    query: tuple[tuple[str, str], ...] = ()
    """Parts of the address after the question mark, and what each is."""
