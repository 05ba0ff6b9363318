"""One feed for each set of communities that somebody here may see, and all of them as one sink.

    hub -> Feeds -> Feed of everything          for those who may see all
                 -> Feed of xizi (HubWithin)    for those who may see it alone

Each numbers its own changes. One that nobody listens to for a while is let go.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from console.feed import Feed
from console.within import WHOLE, HubWithin, Scope
from dispatch.access.accounts import holds
from dispatch.access.words import EVERYWHERE
from dispatch.ids import OperatorName
from dispatch.outgoing import ToConsoles

IDLE_TICKS_MAX: Final = 300
"""A minute: pages that reload find theirs."""

Names = Callable[[frozenset[OperatorName]], None]
Make = Callable[[Scope, Names], tuple[Feed, HubWithin | None]]
"""Makes the feed of a scope, and the view it draws from (None: the hub itself)."""


@dataclass(slots=True)
class _Kept:
    feed: Feed
    view: HubWithin | None
    idle_ticks: int = 0
    flushed: ExitStack = field(default_factory=ExitStack)
    """Holds it in the state of being flushed."""


class Feeds:
    """What the shell tells, told to every feed as far as it concerns it."""

    def __init__(self, make: Make, *, present: Names) -> None:
        self._make = make
        self._present = present
        self._names: dict[Scope, frozenset[OperatorName]] = {}
        self._told: frozenset[OperatorName] = frozenset()
        self._kept: dict[Scope, _Kept] = {}
        self._flushing = False
        self._gone_behind = 0
        self._gone_cut_off: Counter[str] = Counter()
        self.whole = self._add(WHOLE).feed
        """Of everything: what the server itself looks at."""

    def of(self, scope: Scope) -> Feed:
        """The feed of those who may see these communities."""
        communities = self.whole.picture.hub.roster.communities
        known = frozenset(each for each in communities if holds(scope, each))
        if EVERYWHERE in scope or len(known) == len(communities) > 0:
            return self.whole
        kept = self._kept.get(known) or self._add(known)
        kept.idle_ticks = 0
        return kept.feed

    # --- what the hub and the clock say ---

    def changed(self, what: ToConsoles) -> None:
        """These things look different now."""
        for kept in tuple(self._kept.values()):
            mine = what if kept.view is None else kept.view.restricted(what)
            if mine is not None:
                kept.feed.changed(mine)

    def moved(self, rows: npt.NDArray[np.int32]) -> None:
        """These rows have a new fix; each feed shows its own."""
        for kept in self._kept.values():
            kept.feed.moved(rows)

    def tell_now(self) -> None:
        """Let nothing wait."""
        for kept in self._kept.values():
            kept.feed.tell_now()

    def flush(self) -> None:
        """The window is over."""
        for kept in self._kept.values():
            kept.feed.flush()

    def tick(self) -> None:
        """Positions may go; a feed that nobody listens to is let go after a while."""
        for scope, kept in tuple(self._kept.items()):
            kept.feed.tick()
            kept.idle_ticks = 0 if kept.feed.streams else kept.idle_ticks + 1
            if kept.idle_ticks > IDLE_TICKS_MAX and scope != WHOLE:
                self._gone_behind += kept.feed.behind
                self._gone_cut_off.update(kept.feed.cut_off)
                del self._kept[scope]
                kept.flushed.close()

    @contextmanager
    def flushing(self) -> Iterator[None]:
        """While this lasts, ``flush()`` or ``tick()`` comes regularly."""
        self._flushing = True
        for kept in self._kept.values():
            kept.flushed.enter_context(kept.feed.flushing())
        try:
            yield
        finally:
            self._flushing = False
            for kept in self._kept.values():
                kept.flushed.close()

    # --- counts ---

    @property
    def streams(self) -> int:
        """How many are open."""
        return sum(kept.feed.streams for kept in self._kept.values())

    @property
    def behind(self) -> int:
        """How often any stream could not keep up."""
        return self._gone_behind + sum(kept.feed.behind for kept in self._kept.values())

    @property
    def cut_off(self) -> Counter[str]:
        """Streams that we ended, by reason."""
        return sum((kept.feed.cut_off for kept in self._kept.values()), self._gone_cut_off)

    # --- steps ---

    def _add(self, scope: Scope) -> _Kept:
        def hear(names: frozenset[OperatorName]) -> None:
            self._hear(scope, names)

        kept = self._kept[scope] = _Kept(*self._make(scope, hear))
        if self._flushing:
            kept.flushed.enter_context(kept.feed.flushing())
        return kept

    def _hear(self, scope: Scope, names: frozenset[OperatorName]) -> None:
        """Somebody is there once, whatever they look at."""
        self._names[scope] = names
        told = frozenset().union(*self._names.values())
        if told != self._told:
            self._told = told
            self._present(told)
