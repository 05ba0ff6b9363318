"""What a codec is to the rest of us: bytes in, one reading out; a message in, bytes out. No I/O.

An MQTT payload is a piece that happens to be whole, so a codec for MQTT has no
``feed`` and keeps nothing between two payloads: ``decode`` takes one and gives its
one reading. Codecs of byte streams keep their pieces themselves and meet this
``Protocol`` at the whole message.
"""

from dataclasses import dataclass
from typing import Protocol

from dispatch.clock import Instant
from dispatch.ids import CommunityId, RadioId
from dispatch.outgoing import ToRadio
from dispatch.readings import Fix, MessageReading


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionReading:
    """The fixes of one message of the position lane, oldest first as the radio sent them."""

    radio: RadioId
    community: CommunityId
    fixes: tuple[Fix, ...]
    received_t: Instant


Reading = MessageReading | PositionReading


class Codec(Protocol):
    """One wire format over MQTT."""

    name: str
    """Stands in every DeviceProtocolError of its own."""
    alarm_filters: tuple[str, ...]
    """Topic filters of the alarm lane, QoS 1."""
    position_filters: tuple[str, ...]
    """Topic filters of the position lane, QoS 0."""

    def decode(self, topic: str, data: bytes, received_t: Instant) -> Reading:
        """The reading in one payload. Raises DeviceProtocolError and nothing else."""
        ...

    def speaker(self, topic: str) -> RadioId | None:
        """Whose topic it is, for a log line about what was refused; None for nobody's."""
        ...

    def encode(self, to_radio: ToRadio) -> tuple[str, bytes]:
        """The topic and payload that say this to the radio."""
        ...
