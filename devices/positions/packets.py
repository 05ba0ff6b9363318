"""The packets of MQTT 3.1.1 that a client needs which only listens, at QoS 0. No I/O.

The numbers in brackets are sections of the OASIS standard "MQTT Version 3.1.1". What comes
may be cut anywhere: a ``PacketReader`` keeps what is not whole yet.
"""

from typing import Final

from dispatch.errors import YihuError

CONNACK: Final = 0x20
SUBACK: Final = 0x90
PINGRESP: Final = 0xD0
"""First bytes, all with the flags that their packet has to have [2.2.2]."""

PINGREQ: Final = b"\xc0\x00"
DISCONNECT: Final = b"\xe0\x00"

PACKET_BYTES_MAX: Final = 66 * 1024
"""A payload of ours, 64 KiB at most, with its topic. What is longer is passed over unread."""

LENGTH_BYTES_MAX: Final = 4
"""Bytes of a remaining length [2.2.3]."""

_PUBLISH: Final = 0x30
_QOS0_MASK: Final = 0xF6
"""The type and the QoS of a PUBLISH; it may be a repetition or retained."""

Heard = tuple[bytes, bytes]
"""Topic and payload of one PUBLISH, unread."""


class PacketError(YihuError):
    """The broker sent what no broker sends to a client that listens at QoS 0."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"not MQTT 3.1.1 as we asked for it: {why}")


class PacketReader:
    """Takes the bytes of one connection and gives its packets.

    ``heard`` gathers what was published; whoever reads it puts an empty list in its place.
    """

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.too_long = 0
        """Packets passed over for their length."""
        self._rest = b""
        """The beginning of a packet whose end has not come: below PACKET_BYTES_MAX."""
        self._skip = 0
        """Bytes still to come of a packet that is passed over."""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The packets that are no PUBLISH, each as its first byte and its body.

        Raises PacketError; nothing more can be read of the connection then.
        """
        if self._skip:
            passed = min(self._skip, len(data))
            self._skip -= passed
            data = data[passed:]
        if self._rest:
            data = self._rest + data
        others: list[tuple[int, bytes]] = []
        hear = self.heard.append
        at, end = 0, len(data)
        while end - at >= 2:
            first, length, body = data[at], data[at + 1], at + 2
            if length > 127:
                # Two bytes of length are read here, for they are what positions have.
                if end == body:
                    break
                more = data[body]
                if more < 128:
                    length, body = (length & 127) | more << 7, body + 1
                else:
                    found = _long_length(data, at + 1, end)
                    if found is None:
                        break
                    length, body = found
                    if length > PACKET_BYTES_MAX:
                        self.too_long += 1
                        self._skip = max(0, body + length - end)
                        at = min(end, body + length)
                        continue
            stop = body + length
            if stop > end:
                break
            if first & _QOS0_MASK == _PUBLISH:
                if length < 2:
                    raise PacketError("a message without a topic")
                cut = body + 2 + (data[body] << 8 | data[body + 1])
                if cut > stop:
                    raise PacketError("a topic longer than its message")
                hear((data[body + 2 : cut], data[cut:stop]))
            else:
                others.append((first, data[body:stop]))
            at = stop
        self._rest = data[at:]
        return others


def _long_length(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """A remaining length of three or four bytes, and where it ends; None where it goes on."""
    length = 0
    for index in range(LENGTH_BYTES_MAX):
        if at + index == end:
            return None
        byte = data[at + index]
        length |= (byte & 127) << 7 * index
        if byte < 128:
            return length, at + index + 1
    raise PacketError(f"a length of more than {LENGTH_BYTES_MAX} bytes")


def connect_packet(*, client_id: str, username: str, password: str, keepalive_s: int) -> bytes:
    """CONNECT with a clean session [3.1]: QoS 0 is all that comes, nothing is kept for us."""
    clean_with_login = 0xC2
    head = _text("MQTT") + bytes([4, clean_with_login]) + keepalive_s.to_bytes(2, "big")
    return _packet(0x10, head + _text(client_id) + _text(username) + _text(password))


def subscribe_packet(filters: tuple[str, ...]) -> bytes:
    """SUBSCRIBE at QoS 0 [3.8], with packet id 1, for it is the only one we ever send."""
    return _packet(0x82, b"\x00\x01" + b"".join(_text(each) + b"\x00" for each in filters))


def _packet(first: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        left, low = divmod(left, 128)
        length.append(low | (128 if left else 0))
        if not left:
            return bytes([first]) + bytes(length) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
