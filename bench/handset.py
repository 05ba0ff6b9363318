"""A radio for benches, by hand-made packets: presses, hears, and confirms what it is told.

A full MQTT client takes some 100 µs of processor a message, which on a shared machine
would stand in every figure; this one takes a tenth of that.
"""

import asyncio
import json
import random
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

from bench.packets import connect, publish, publish_once, subscribe
from bench.town import CALLED, secret_of

CONNACK: Final = 0x20
PUBLISH: Final = 0x30
SUBACK: Final = 0x90
PUBACK: Final = b"\x40\x02"
QOS_BITS: Final = 0x06
CENTRE: Final = (112.93, 28.2)
SPREAD_DEG: Final = 0.002

Hear = Callable[[str, bytes], None]


class Line(asyncio.Protocol):
    """One connection: CONNECT, one subscription, then messages both ways; QoS 1 is confirmed."""

    def __init__(
        self,
        client: str,
        password: str,
        topic: str,
        hear: Hear,
        user: str = "",
        *,
        qos: int = 1,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        """``qos`` is that of the subscription."""
        self._hello = connect(client, password, user=user, will=will) + subscribe(topic, qos=qos)
        self._hear = hear
        self._held = bytearray()
        self._last_id = 1
        self._transport: asyncio.Transport | None = None
        self.up: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def say(self, topic: str, data: bytes, *, qos: int) -> None:
        """Publish."""
        assert self._transport is not None
        if not qos:
            self._transport.write(publish(topic, data))
            return
        self._last_id = self._last_id % 65535 + 1
        self._transport.write(publish_once(topic, data, self._last_id))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who we are, and what we want to hear."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits for the beginning learns that there is none."""
        if not self.up.done():
            self.up.set_exception(exc or ConnectionError("closed before the broker answered"))

    def data_received(self, data: bytes) -> None:
        """Whole packets are handled, the rest waits."""
        self._held += data
        while (packet := self._next()) is not None:
            self._handle(*packet)

    def _next(self) -> tuple[int, bytes] | None:
        """(first byte, what follows the length) of the next whole packet (section 2.2)."""
        length, at = 0, 1
        while at < len(self._held):
            byte = self._held[at]
            length |= (byte & 0x7F) << (7 * (at - 1))
            at += 1
            if byte & 0x80:
                continue
            if len(self._held) < at + length:
                return None
            kind, body = self._held[0], bytes(self._held[at : at + length])
            del self._held[: at + length]
            return kind, body
        return None

    def _handle(self, kind: int, body: bytes) -> None:
        what = kind & 0xF0
        if what == CONNACK and body[1]:
            self.up.set_exception(ConnectionError(f"refused: {body[1]}"))
        elif what == SUBACK and not self.up.done():
            self.up.set_result(None)
        elif what == PUBLISH:
            end = 2 + int.from_bytes(body[:2], "big")
            topic = body[2:end].decode()
            if kind & QOS_BITS:
                assert self._transport is not None
                self._transport.write(PUBACK + body[end : end + 2])
                end += 2
            self._hear(topic, body[end:])


async def open_line(line: Line, port: int) -> None:
    """Connect it. Raises ConnectionError where it is refused."""
    await asyncio.get_running_loop().create_connection(lambda: line, "127.0.0.1", port)
    await line.up


class Handset:
    """A radio that stands still, can be called, and can press."""

    def __init__(self, radio: str, chance: random.Random, came: Callable[[str], None]) -> None:
        """``came`` hears ``stored:PRESS`` and ``order``."""
        self.radio = radio
        self.called_to = ""
        """The last incident it was called to."""
        self._came = came
        self._place = tuple(each + SPREAD_DEG * (chance.random() - 0.5) for each in CENTRE)
        self._line = Line(radio, secret_of(radio), f"radio/{CALLED}/{radio}/+", self._hear)

    async def open(self, port: int) -> None:
        """Connect, sign on, say where it stands. Raises ConnectionError where it is refused."""
        await open_line(self._line, port)
        self.say("status", duty="on")

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def say(self, lane: str, **said: Any) -> None:
        """One message on a lane of its own."""
        body = {"t": time.time_ns() // 10**6, **said}
        topic = f"patrol/{CALLED}/{self.radio}/{lane}"
        self._line.say(topic, json.dumps(body).encode(), qos=int(lane != "position"))

    def stand(self) -> None:
        """Say where it is."""
        self.say("position", lon=self._place[0], lat=self._place[1], acc=5.0)

    def press(self) -> str:
        """Push the button; gives back the press's name, BOOT:COUNTER."""
        press = f"{secrets.token_hex(8)}:1"
        fix = {"t": time.time_ns() // 10**6, "lon": self._place[0], "lat": self._place[1]}
        self.say("alarm", press=press, kind="sos", fix=fix)
        return press

    def alarm(self, press: str) -> str:
        """What the hub calls this press."""
        return f"{self.radio}/{press.replace(':', '/')}"

    def _hear(self, topic: str, data: bytes) -> None:
        said = json.loads(data)
        match topic.rpartition("/")[2]:
            case "stored":
                self._came("stored:" + said.get("press", ""))
            case "order" if said["state"] == "offered":
                self.called_to = said["incident"]
                self._came("order")
                self.say("status", order=said["order"], state="received")
            case "cancel":
                self.say("status", cancel=said["order"])
            case "seen":
                self.say("status", seen=said["press"])
