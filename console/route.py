"""One address of the server: what it is for, who may ask, what goes in and out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from aiohttp import web

from dispatch.access.needs import AnyNeed

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A part of an address after the question mark."""

    name: str
    what: str
    is_number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address and what it does."""

    method: str
    path: str
    summary: str
    handle: Handler
    need: AnyNeed
    """Who may ask: no default, so that nobody forgets it."""
    body: type[msgspec.Struct] | None = None
    """What changes something has one."""
    is_command: bool = True
    """Whether its header Idempotency-Key is asked for, where it has a body."""
    answer: type[msgspec.Struct] | None = None
    answer_type: str = "application/json"
    query: tuple[Query, ...] = ()


def look(
    path: str,
    handle: Handler,
    need: AnyNeed,
    summary: str,
    answer: type[msgspec.Struct] | None = None,
    *,
    answer_type: str = "application/json",
    query: tuple[Query, ...] = (),
) -> Route:
    """An address that changes nothing."""
    return Route(
        method="GET",
        path=path,
        summary=summary,
        handle=handle,
        need=need,
        answer=answer,
        answer_type=answer_type,
        query=query,
    )
