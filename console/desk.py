"""What every HTTP handler works with: its collaborators. What is done with them is elsewhere."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import web

from console.archive import Archive
from console.feed import Feed
from console.feeds import Feeds
from console.login.guarding import Gate
from console.lookups import BackupsDoc
from console.packed import PackedAnswers
from console.wire import IncidentDoc
from dispatch.commands import AnyCommand
from dispatch.ids import IncidentId
from dispatch.messages import Reply

FILES_AT_ONCE: Final = 2
"""Incident files being made: each may take some 200 MB for seconds."""

Ask = Callable[[AnyCommand], Awaitable[Reply]]
"""Does what a person asks; raises RefusedError or StoreError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The collaborators, and what was counted here."""

    feeds: Feeds
    """By what may be seen."""
    gate: Gate
    archive: Archive
    ask: Ask
    counters: Callable[[], Mapping[str, int]]
    """Counts of the other rooms, by ``name`` or ``name:reason`` (console/metrics.py)."""
    ready: Callable[[], bool]
    """Whether the hub has its state back."""
    static_dir: Path
    notices: Callable[[], list[tuple[str, str]]] = list
    """Further things that may not be as they should: (what, why), why empty where all is well."""
    gauges: Callable[[], Mapping[str, float]] = dict
    """How things stand in the other rooms, for /metrics."""
    backups: Callable[[], BackupsDoc] = BackupsDoc
    """How it stands with backups; reads a disk, so asked in a thread."""
    packed: PackedAnswers = field(default_factory=PackedAnswers)
    making: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILES_AT_ONCE))
    """Held while an incident file is made."""

    @property
    def feed(self) -> Feed:
        """Of everything: whoever hands something of it out has looked at rights before."""
        return self.feeds.whole

    def incident(self, incident: str) -> IncidentDoc | None:
        """An incident as it stands in memory; None where it is not there."""
        return self.feed.picture.incident(IncidentId(incident))


DESK: Final = web.AppKey("desk", Desk)
