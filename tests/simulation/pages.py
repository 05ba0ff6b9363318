"""A page of the console: reads its stream when it likes, and draws what it was told. No more."""

import random
from typing import Any, Final

import msgspec

from console.feed import Feed
from console.wire import Beat, Behind, Change, Hello, Part, ServerMessage, Snapshot
from dispatch.ids import OperatorName
from tests.simulation.agenda import Agenda, Owner

READS_US: Final = (5_000, 400_000)
"""From news until the page has it."""
SLOW_US: Final = (2_000_000, 20_000_000)

_DECODER: Final = msgspec.json.Decoder(ServerMessage)


class StreamBrokenError(AssertionError):
    """The stream said what no stream may say."""


class Shown:
    """What a page draws: the plainest reducer of documents there is."""

    def __init__(self) -> None:
        self.seq = -1
        self.incidents: dict[str, Any] = {}
        self.units: dict[str, Any] = {}
        self.undecided: list[Any] = []
        self.status: Any = None

    def hear(self, message: ServerMessage) -> None:
        """Take one message in; a gap in ``seq`` breaks the stream."""
        match message:
            case Snapshot():
                self.incidents = {each.id: each for each in message.incidents}
                self.units = {each.id: each for each in message.units}
                self.undecided, self.status = message.undecided, message.status
                self.seq = message.seq
            case Part():
                self.incidents |= {each.id: each for each in message.incidents}
                self.units |= {each.id: each for each in message.units}
            case Change():
                self._follows(message.seq, self.seq + 1)
                self.incidents |= {each.id: each for each in message.incidents}
                self.units |= {each.id: each for each in message.units}
                for gone in message.incidents_gone:
                    self.incidents.pop(gone, None)
                if message.undecided is not None:
                    self.undecided = message.undecided
                if message.status is not None:
                    self.status = message.status
            case Beat():
                self._follows(message.seq, self.seq)
            case Hello() | Behind():
                pass

    def sees(self) -> tuple[Any, ...]:
        """Everything there is to draw."""
        return self.incidents, self.units, self.undecided, self.status

    def _follows(self, seq: int, wanted: int) -> None:
        if seq != wanted:
            raise StreamBrokenError(f"number {seq} came where {wanted} was due")
        self.seq = seq


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
