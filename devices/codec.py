"""What a codec is to the rest of us: bytes in, one reading out; a message in, bytes out. No I/O.

An MQTT payload is a piece that happens to be whole, so a codec for MQTT has no
``feed`` and keeps nothing between two payloads: ``decode`` takes one and gives its
one reading. Codecs of byte streams keep their pieces themselves and meet this
``Protocol`` at the whole message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dispatch.clock import Instant
from dispatch.errors import DeviceProtocolError
from dispatch.ids import CommunityId, RadioId
from dispatch.outgoing import ToRadio
from dispatch.readings import Fix, FixBatch, MessageReading, TipReading


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionReading:
    """The fixes of one message of the position lane, oldest first as the radio sent them."""

    radio: RadioId
    community: CommunityId
    fixes: tuple[Fix, ...]
    received_t: Instant


Reading = MessageReading | PositionReading | TipReading


class Codec(Protocol):
    """One wire format over MQTT."""

    name: str
    """Stands in every DeviceProtocolError of its own."""
    alarm_filters: tuple[str, ...]
    """Topic filters of presses, QoS 1."""
    status_filters: tuple[str, ...]
    """Topic filters of all else that must not be lost, QoS 1."""
    position_filters: tuple[str, ...]
    """Topic filters of the position lane, QoS 0."""

    def decode(self, topic: str, data: bytes, received_t: Instant) -> Reading:
        """The reading in one payload. Raises DeviceProtocolError and nothing else."""
        ...

    def fixes(
        self, rows: Sequence[int], payloads: Sequence[bytes], received_t: Instant
    ) -> tuple[FixBatch, list[tuple[int, DeviceProtocolError]]]:
        """The fixes in many payloads of the position lane, as columns in their order.

        ``rows[i]`` is the sender's of payload i. The same as ``decode`` of each, but for the
        cost: those that could not be read are told with their index, and cost the others
        nothing.
        """
        ...

    def sender(self, topic: str) -> tuple[CommunityId, RadioId]:
        """Who speaks by a topic. Raises DeviceProtocolError."""
        ...

    def speaker(self, topic: str) -> RadioId | None:
        """Whose topic it is, for a log line about what was refused; None for nobody's."""
        ...

    def encode(self, to_radio: ToRadio) -> tuple[str, bytes]:
        """The topic and payload that say this to the radio."""
        ...
