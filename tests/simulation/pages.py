"""A page of the console: reads its stream when it likes, and draws what it was told. No more."""

import random
from typing import Any, Final

import msgspec

from console.feed import Feed
from console.wire import ServerMessage
from dispatch.ids import OperatorName
from tests.shown import Shown
from tests.simulation.agenda import Agenda, Owner

READS_US: Final = (5_000, 400_000)
"""From news until the page has it."""
SLOW_US: Final = (2_000_000, 20_000_000)

_DECODER: Final = msgspec.json.Decoder(ServerMessage)


class Page:
    """One open page."""

    def __init__(
        self, name: OperatorName, feed: Feed, *, agenda: Agenda, life: Owner, draw: random.Random
    ) -> None:
        self.shown = Shown()
        self._feed = feed
        self._agenda = agenda
        self._life = life
        self._draw = draw
        self._due = False
        self.slow = False
        self.session = feed.join(name, self._wake)
        self._wake()

    def read(self) -> None:
        """All that waits."""
        while (piece := self.session.take()) is not None:
            if not piece.binary:
                self.shown.hear(_DECODER.decode(piece.data))

    def resync(self) -> None:
        """It lost track, and asks for a snapshot."""
        self.session.hear('{"type":"resync"}', self._agenda.now / 1_000_000)
        self._wake()

    def leave(self) -> None:
        """Closed."""
        self._feed.leave(self.session)

    def _wake(self) -> None:
        if not self._due:
            self._due = True
            wait_us = self._draw.randint(*(SLOW_US if self.slow else READS_US))
            self._agenda.after(wait_us, self._read_now, self._life)

    def _read_now(self) -> None:
        self._due = False
        self.read()


def drawn_anew(feed: Feed) -> tuple[Any, ...]:
    """What a page that opens now would draw, from documents made anew."""
    shown = Shown()
    shown.hear(feed.picture.snapshot(feed.seq))
    return shown.sees()
