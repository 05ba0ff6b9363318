"""What a page of the console draws of its stream: the plainest reducer of documents there is."""

from typing import Any

from console.wire import Beat, Behind, Change, Hello, Part, ServerMessage, Snapshot


class StreamBrokenError(AssertionError):
    """The stream said what no stream may say."""


class Shown:
    """What a page draws, message by message."""

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
