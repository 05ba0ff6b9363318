"""Just enough of MQTT 3.1.1 to be a cheap radio: the packets of one that only speaks.

A load that costs more than what it loads would measure itself; a full client costs
ten times as much a message as a socket with ready bytes.
"""

import asyncio
import json
import time

CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT = 0x10, 0x30, 0x82, 0xE0
CONNACK_BYTES = 4


def connect(
    client: str, password: str, *, user: str = "", will: tuple[str, bytes] | None = None
) -> bytes:
    """CONNECT with a clean session, no keepalive (section 3.1); the user name is the client id
    where none is given, ``will`` a topic with what is said there at QoS 1 when the link is lost."""
    flags = 0xC2 if will is None else 0xCE
    head = b"\x00\x04MQTT\x04" + bytes((flags, 0, 0)) + _text(client)
    if will is not None:
        topic, said = will
        head += _text(topic) + len(said).to_bytes(2, "big") + said
    return _packet(CONNECT, head + _text(user or client) + _text(password))


def subscribe(topic: str, *, qos: int = 0) -> bytes:
    """SUBSCRIBE, with packet id 1 (section 3.8)."""
    return _packet(SUBSCRIBE, b"\x00\x01" + _text(topic) + bytes([qos]))


def publish(topic: str, payload: bytes) -> bytes:
    """PUBLISH at QoS 0 (section 3.3)."""
    return _packet(PUBLISH, _text(topic) + payload)


def publish_once(topic: str, payload: bytes, packet_id: int) -> bytes:
    """PUBLISH at QoS 1."""
    return _packet(PUBLISH | 0x02, _text(topic) + packet_id.to_bytes(2, "big") + payload)


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _length(len(body)) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _length(number: int) -> bytes:
    """Seven bits a byte, the low ones first (section 2.2.3)."""
    out = bytearray()
    while True:
        number, low = divmod(number, 128)
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


class Walker:
    """A radio that signs on and then says where it is whenever it is told to."""

    def __init__(self, community: str, radio: str, secret: str) -> None:
        self.radio = radio
        self._topic = f"patrol/{community}/{radio}/position"
        self._status = f"patrol/{community}/{radio}/status"
        self._secret = secret
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, host: str, port: int) -> None:
        """Connect and sign on. Raises ConnectionError where the broker refuses."""
        reader, self._writer = await asyncio.open_connection(host, port)
        self._writer.write(connect(self.radio, self._secret))
        answer = await reader.readexactly(CONNACK_BYTES)
        if answer[3] != 0:
            raise ConnectionError(f"{self.radio} was refused: {answer[3]}")
        on = json.dumps({"t": time.time_ns() // 10**6, "duty": "on"}).encode()
        self._writer.write(publish_once(self._status, on, 1))

    def walk(self, lon: float, lat: float) -> None:
        """One fix, now."""
        assert self._writer is not None
        fix = (
            f'{{"t":{time.time_ns() // 10**6},"lon":{lon:.6f},"lat":{lat:.6f},'
            '"acc":8.0,"spd":1.2,"crs":90.0,"bat":77}'
        )
        self._writer.write(publish(self._topic, fix.encode()))

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
