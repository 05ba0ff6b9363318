"""Keeps a connection up that only listens for positions, and reads it in bursts. Reads no payload.

A wake of the event loop costs more than a position does, and nobody needs one within
milliseconds: after each read the socket is left alone for a moment, in which more comes.
What the broker cannot hand over it holds back, and drops us when that goes on too long.
"""

import asyncio
import contextlib
import random
import socket
from collections.abc import Callable
from typing import Final

import structlog

from devices.mqtt import (
    CONNECT_TIMEOUT_S,
    KEEPALIVE_S,
    STEADY_S,
    BrokerAddress,
    LinkDownError,
    Login,
    backoff_s,
    tls_context,
)
from devices.positions.packets import (
    CONNACK,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    SUBACK,
    Heard,
    PacketError,
    PacketReader,
    connect_packet,
    subscribe_packet,
)

BURST_S: Final = 0.045
"""How long a socket that was read empty is left alone: with the work on what was read, a
position is handled within 50 ms."""
READ_FULL_BYTES: Final = 128 * 1024
"""After so much in one read more is waiting, and it is read at once. asyncio reads up to
256 KiB, or what the kernel's buffer holds."""
SUBACK_REFUSED: Final = 0x80

log = structlog.get_logger(__name__)

_CONNACK_CODES: Final = {
    1: "another protocol version",
    2: "the client id was rejected",
    3: "the broker is not ready",
    4: "bad user name or password",
    5: "not authorised",
}
"""Why a broker says no [MQTT 3.1.1, 3.2.2.3]."""


class PositionReader:
    """A connection that comes back. ``run`` it in a task; cancelling it says goodbye.

    ``on_heard(messages)`` is called with each burst, at most some 20 times a second where
    little comes; ``on_link(why)`` with "" when the subscription stands and with a reason
    when the link is gone.
    """

    def __init__(
        self,
        address: BrokerAddress,
        login: Login,
        *,
        on_heard: Callable[[list[Heard]], None],
        on_link: Callable[[str], None],
        chance: random.Random,
    ) -> None:
        assert all(qos == 0 for _, qos in login.filters), "we cannot acknowledge"
        self._address = address
        self._login = login
        self._on_heard = on_heard
        self._on_link = on_link
        self._chance = chance
        self._tls = tls_context(address)
        self.up = False
        """Whether the subscription stands."""
        self.packets = PacketReader()
        """Of the connection that is, or was last."""
        self._too_long = 0
        self._connection: _Connection | None = None

    @property
    def behind(self) -> bool:
        """Whether the last read was a full one: more stands in the socket."""
        return self._connection is not None and self._connection.full

    @property
    def too_long(self) -> int:
        """How many packets were passed over for their length."""
        return self._too_long + self.packets.too_long

    async def run(self) -> None:
        """Connect, stay, and come back, until cancelled."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            begun_s = loop.time()
            try:
                await self._stay_connected()
            except LinkDownError as exc:
                failures = 0 if loop.time() - begun_s > STEADY_S else failures + 1
                self._on_link(exc.why)
            await asyncio.sleep(backoff_s(failures, self._chance))

    async def _stay_connected(self) -> None:
        """Ends only by an exception: LinkDownError, or being cancelled."""
        self._too_long += self.packets.too_long
        self.packets = PacketReader()
        connection = _Connection(self._login, self.packets, self._on_heard)
        await self._open(connection)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                why = await connection.ready
            if why:
                raise LinkDownError(str(self._address), why)
            self.up = True
            self._connection = connection
            self._on_link("")
            raise LinkDownError(str(self._address), await connection.ended())
        except TimeoutError as exc:
            raise LinkDownError(str(self._address), "no answer to CONNECT") from exc
        finally:
            self.up = False
            self._connection = None
            connection.close()

    async def _open(self, connection: "_Connection") -> None:
        address = self._address
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await asyncio.get_running_loop().create_connection(
                    lambda: connection, address.host, address.port, ssl=self._tls
                )
        except (OSError, TimeoutError, ValueError) as exc:  # ssl's errors are OSErrors or these
            raise LinkDownError(str(address), str(exc) or type(exc).__name__) from exc


class _Connection(asyncio.Protocol):
    """One TCP connection from CONNECT to its end."""

    def __init__(
        self, login: Login, packets: PacketReader, on_heard: Callable[[list[Heard]], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[str] = loop.create_future()
        """Empty when the subscription stands, or why it never will."""
        self.lost: asyncio.Future[str] = loop.create_future()
        self.full = False
        """Whether the last read was as much as one read gives."""
        self._packets = packets
        self._login = login
        self._on_heard = on_heard
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._heard_s = loop.time()
        self._resume: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sock: socket.socket | None = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.write(
            connect_packet(
                client_id=self._login.client_id,
                username=self._login.username,
                password=self._login.password,
                keepalive_s=KEEPALIVE_S,
            )
        )

    def data_received(self, data: bytes) -> None:
        self._heard_s = self._loop.time()
        self.full = len(data) >= READ_FULL_BYTES
        try:
            others = self._packets.feed(data)
        except PacketError as exc:
            self._end(exc.why)
            return
        for first, body in others:
            self._hear(first, body)
        if self._packets.heard:
            heard, self._packets.heard = self._packets.heard, []
            try:
                self._on_heard(heard)
            except Exception:  # a fault of ours must not cost the connection
                log.exception("positions_failed", messages=len(heard))
        if not self.full and self.ready.done():
            self._rest()

    def eof_received(self) -> None:
        self._end("connection lost: the broker closed it")

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(f"connection lost: {exc}" if exc else "connection lost")

    async def ended(self) -> str:
        """Why the connection ended; pings the broker until it did."""
        while not self.lost.done():
            await asyncio.wait({self.lost}, timeout=KEEPALIVE_S / 2)
            if self._loop.time() - self._heard_s > 1.5 * KEEPALIVE_S:
                self._end("the broker has fallen silent")
            elif self._transport is not None and not self.lost.done():
                self._transport.write(PINGREQ)
        return self.lost.result()

    def close(self) -> None:
        """Say goodbye if there is still a line, and let go of it."""
        self._end("closed here")
        if self._resume is not None:
            self._resume.cancel()
        if self._transport is not None and not self._transport.is_closing():
            with contextlib.suppress(OSError):
                self._transport.write(DISCONNECT)
            self._transport.close()

    def _hear(self, first: int, body: bytes) -> None:
        if first == CONNACK and body[1:] == b"\x00":
            assert self._transport is not None
            self._transport.write(subscribe_packet(tuple(f for f, _ in self._login.filters)))
        elif first == CONNACK:
            code = body[1] if len(body) > 1 else 0
            self._end(f"refused: {_CONNACK_CODES.get(code, f'code {code}')}")
        elif first == SUBACK and SUBACK_REFUSED in body[2:]:
            self._end("a subscription was refused")
        elif first == SUBACK and not self.ready.done():
            self.ready.set_result("")
        elif first != PINGRESP:
            self._end(f"a packet that begins with {first:#x}, unasked")

    def _rest(self) -> None:
        """Leave the socket alone for a moment."""
        transport = self._transport
        if transport is not None and not transport.is_closing() and self._resume is None:
            transport.pause_reading()
            self._resume = self._loop.call_later(BURST_S, self._read_on)

    def _read_on(self) -> None:
        self._resume = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _end(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)
        if not self.ready.done():
            self.ready.set_result(why)
