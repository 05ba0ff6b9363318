"""The lines between the hub and the gateway worker: one JSON object each. No secret is in them.

    hub to worker   {"id": "...", "gateway": "sms", "contact": "radio/xizi-v01",
                     "facts": {"purpose": "ask", "kind": "sos", "near": "...", ...}}
    worker to hub   {"id": "...", "ok": false, "why": "http_500", "took_ms": 41}

The worker looks up url and number in the gateway file itself, by their names.
"""

from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from dispatch.errors import YihuError, quoted
from dispatch.gateways.book import CALLBACK, ContactKey
from dispatch.gateways.facts import Facts

LINE_BYTES_MAX: Final = 8 * 1024
"""Eight names of 100 Chinese characters are 2,400; and room."""

ID_CHARS_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one person over one gateway."""

    id: str
    """Given by the hub; a result carries it back."""
    gateway: str
    contact: ContactKey
    facts: Facts
    callback: str = ""
    """The number to call back, where it is another than the gateway file's."""

    def __post_init__(self) -> None:
        if self.callback and not CALLBACK.fullmatch(self.callback):
            raise ValueError("callback is no number")
        if not 1 <= len(self.id) <= ID_CHARS_MAX:
            raise ValueError(f"id is not 1 to {ID_CHARS_MAX} characters long")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message at the service."""

    ok: bool
    """The service took it. Whether anybody reads it, it does not say."""
    why: str = ""
    """A code where it did not: docs/gateways.md has the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one message."""

    id: str
    ok: bool
    why: str = ""
    took_ms: int = 0


class LineError(YihuError):
    """A line between hub and worker that is none: a fault of ours, or another version's."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"no message: {quoted(why)}")


def encode(message: Message | Result) -> bytes:
    """One line, with its end."""
    return msgspec.json.encode(message) + b"\n"


def decode_message(line: bytes) -> Message:
    """Raises LineError."""
    return _decode(_MESSAGE, line)


def decode_result(line: bytes) -> Result:
    """Raises LineError."""
    return _decode(_RESULT, line)


_Line = TypeVar("_Line", Message, Result)

_MESSAGE: Final = msgspec.json.Decoder(Message)
_RESULT: Final = msgspec.json.Decoder(Result)


def _decode(decoder: msgspec.json.Decoder[_Line], line: bytes) -> _Line:
    if len(line) > LINE_BYTES_MAX:
        raise LineError(f"longer than {LINE_BYTES_MAX} bytes")
    try:
        return decoder.decode(line)
    except (ValueError, RecursionError) as exc:  # msgspec's errors are ValueErrors
        raise LineError(str(exc)) from exc
