"""The one door to the MQTT client: keeps a connection to a broker up, in asyncio. Reads no payload.

paho-mqtt does the protocol; the sockets are the loop's, no thread moves data.
Connecting alone happens in a thread, since paho looks names up and shakes hands
while it blocks. Each connection has a paho client of its own, because one that
reconnects brings along what must not come back: messages of hours ago sent again,
and packet ids that mean other messages to the broker now, so that acknowledging
one would lose an alarm. The session itself is the broker's to keep.
"""

import asyncio
import contextlib
import random
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from devices.withheld import Withheld
from dispatch.errors import SettingsError, YihuError, quoted

MQTT_PORT: Final = 1883
MQTTS_PORT: Final = 8883
QUERY_FIELDS_MAX: Final = 4
PEM_CHARS_MAX: Final = 256 * 1024
VERIFY_NO_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, for which Python has no name. Our own line to our own
broker does not end on the day that a certificate does: radios that look at no dates go on."""

KEEPALIVE_S: Final = 30
"""A link that died in silence is noticed within a minute, and by the broker within 45 s."""
TICK_S: Final = 1.0
"""How often keepalive and overdue acknowledgements are looked at."""
CONNECT_TIMEOUT_S: Final = 5.0
"""For TCP and TLS; the broker's answer to CONNECT and SUBSCRIBE may take as long again."""
BACKOFF_MIN_S: Final = 0.2
BACKOFF_MAX_S: Final = 5.0
"""A broker that is back is found within half the 10 s that a restart may take."""
STEADY_S: Final = 10.0
"""A connection that held so long was a good one: the next is tried without much waiting."""
PACKETS_PER_TURN: Final = 32
TURN_S: Final = 0.001
"""Read in one turn of the loop, whichever is reached first: after that other connections have
theirs. Statuses of a district that comes back take a fifth of a millisecond each."""
IN_FLIGHT_OUT_MAX: Final = 1000
"""QoS 1 messages the broker has not acknowledged; further ones are refused to the caller."""

log = structlog.get_logger(__name__)

Ack = Callable[[], None]


class LinkDownError(YihuError):
    """The connection did not come up, or ended."""

    def __init__(self, address: str, why: str) -> None:
        self.address = address
        self.why = why
        super().__init__(f"the broker at {address}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where a broker listens, and the login its URL carried, if any."""

    host: str
    port: int
    tls: bool = False
    username: str = ""
    password: str = ""
    ca: str = ""
    """PEM file of an authority to know it by; empty: those that this machine knows."""
    pin: str = ""
    """PEM file of its very certificate, whoever signed it and for whatever name and days: for
    our own broker on this machine."""

    @property
    def url(self) -> str:
        """To be written down, without the login."""
        place = f"[{self.host}]" if ":" in self.host else self.host
        named = {"ca": self.ca, "pin": self.pin}
        known = urlencode({key: file for key, file in named.items() if file}, quote_via=quote)
        scheme = "mqtts" if self.tls else "mqtt"
        return f"{scheme}://{place}:{self.port}{'?' if known else ''}{known}"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"BrokerAddress({self})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who a connection is, and what it wants of the broker."""

    client_id: str
    username: str
    password: str
    filters: tuple[tuple[str, int], ...] = ()
    """Topic filters to subscribe to, each with its QoS."""
    persistent: bool = False
    """The broker keeps the session, and QoS 1 messages in it, while we are away."""
    will: tuple[str, bytes] | None = None
    """Topic and payload that the broker sends, QoS 1, when the connection is lost."""

    def __repr__(self) -> str:
        return f"Login({self.client_id})"


def parse_broker_url(url: str) -> BrokerAddress:
    """``mqtt://[user:password@]host[:port]``, or ``mqtts://`` with TLS, where ``?ca=FILE`` and
    ``?pin=FILE`` say how the broker is known. Raises SettingsError."""
    remedy = "write mqtt://[USER:PASSWORD@]HOST[:PORT]"
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts"):
        raise SettingsError("the broker's address has no mqtt:// or mqtts:// in front", remedy)
    tls = parts.scheme == "mqtts"
    try:
        port = parts.port or (MQTTS_PORT if tls else MQTT_PORT)
    except ValueError as exc:
        raise SettingsError("the broker's address has no port between 1 and 65535", remedy) from exc
    known = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX))
    if known.keys() - {"ca", "pin"} or (known and not tls) or not all(known.values()):
        raise SettingsError(
            "the broker's address says something else behind the question mark than how the"
            " broker is known over TLS",
            "write mqtt://HOST:PORT, or mqtts://HOST:PORT?ca=FILE",
        )
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise SettingsError("the broker's address is not just a host and a port", remedy)
    return BrokerAddress(
        host=parts.hostname,
        port=port,
        tls=tls,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca=known.get("ca", ""),
        pin=known.get("pin", ""),
    )


class ClosedIfRefused(ssl.SSLSocket):
    """A socket that is closed where its handshake fails: paho forgets it, and it would stay open
    until somebody collects it."""

    def do_handshake(self, block: bool = False) -> None:
        """Raises what it raises."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def tls_context(address: BrokerAddress) -> ssl.SSLContext | None:
    """How the broker is known; None without TLS. Raises SettingsError for a file that is none."""
    if not address.tls:
        return None
    context = ssl.create_default_context()
    file = address.pin or address.ca
    try:
        if address.pin:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=_first_certificate(Path(address.pin)))
            context.check_hostname = False
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | VERIFY_NO_TIME
        elif address.ca:
            context.load_verify_locations(cafile=address.ca)
    except (OSError, ValueError) as exc:  # ssl's errors are either
        why = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise SettingsError(
            f"{file}, by which the broker is known, cannot be read ({quoted(why)})",
            "name a PEM file",
        ) from exc
    context.sslsocket_class = ClosedIfRefused
    return context


def _first_certificate(file: Path) -> str:
    """Of those in a PEM file the server's own: what signed it has signed others, too."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    with file.open(encoding="ascii") as stream:
        text = stream.read(PEM_CHARS_MAX)
    if begin not in text or end not in text:
        raise ValueError("there is no certificate in it")
    return begin + text.partition(begin)[2].partition(end)[0] + end


def backoff_s(failures: int, chance: random.Random) -> float:
    """How long to wait after so many failures in a row: doubling, with half of it left to chance.

    Without the chance a thousand radios come back in the same instant, again and again.
    """
    longest_s = min(BACKOFF_MAX_S, BACKOFF_MIN_S * 2.0 ** min(failures, 16))
    return longest_s * (0.5 + 0.5 * chance.random())


class MqttLink:
    """A connection that comes back. ``run`` it in a task; cancelling it says goodbye.

    ``on_message(topic, payload, ack)`` is called for each message; a QoS 1 message
    is the broker's until ``ack`` was called. ``on_link(why)`` is called with "" when
    the subscriptions stand and with a reason when the link is gone.
    """

    def __init__(
        self,
        address: BrokerAddress,
        login: Login,
        *,
        on_message: Callable[[str, bytes, Ack], None],
        on_link: Callable[[str], None],
        chance: random.Random,
    ) -> None:
        self._address = address
        self._login = login
        self._on_message = on_message
        self._on_link = on_link
        self._chance = chance
        self._tls = tls_context(address)
        self._connection: _Connection | None = None
        self.acked_early = 0
        """How many messages the broker was acknowledged before they were committed."""
        self.dropped_out = 0
        """How many messages were not sent, for want of a link or of room."""
        self.held_back = 0
        """How many were not sent since the same was still on its way to the broker."""

    @property
    def up(self) -> bool:
        """Whether messages can be sent and heard now."""
        return self._connection is not None

    @property
    def unacked(self) -> int:
        """How many messages the broker still waits to have acknowledged."""
        return 0 if self._connection is None else len(self._connection.withheld)

    async def run(self) -> None:
        """Connect, stay, and come back, until cancelled."""
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            begun_s = loop.time()
            try:
                await self._stay_connected()
            except LinkDownError as exc:
                # One let in and thrown out at once, again and again, is failing too.
                failures = 0 if loop.time() - begun_s > STEADY_S else failures + 1
                self._connection = None
                self._on_link(exc.why)
            await asyncio.sleep(backoff_s(failures, self._chance))

    def publish(
        self,
        topic: str,
        data: bytes,
        *,
        qos: int = 1,
        same: str = "",
        on_taken: Callable[[], None] | None = None,
    ) -> bool:
        """Send it; False where it was dropped, for whoever has something to say repeats it.

        ``same`` names what is said (QoS 1): while the broker has not acknowledged
        it, saying it again would only lengthen the queue that it stands in.
        ``on_taken`` is called once the broker has acknowledged it (QoS 1), and never
        where the connection ends before that.
        """
        connection = self._connection
        if connection is not None and same and connection.on_its_way(same):
            self.held_back += 1
            return True
        sent = connection is not None and connection.publish(topic, data, qos, same, on_taken)
        self.dropped_out += not sent
        return sent

    def cut(self) -> None:
        """Lose the line without a word, as a radio in a lift does; the link then comes back."""
        if self._connection is not None:
            self._connection.cut()

    async def _stay_connected(self) -> None:
        """Ends only by an exception: LinkDownError, or being cancelled."""
        connection = _Connection(self._address, self._login, self._tls, self._on_message)
        try:
            await connection.open()
            self._connection = connection
            self._on_link("")
            while True:
                self.acked_early += await connection.tick()
        except asyncio.CancelledError:
            self._connection = None
            raise
        finally:
            connection.close()


class _Connection:
    """One TCP connection from CONNECT to its end; never used again after that."""

    def __init__(
        self,
        address: BrokerAddress,
        login: Login,
        tls: ssl.SSLContext | None,
        on_message: Callable[[str, bytes, Ack], None],
    ) -> None:
        self._address = address
        self._login = login
        self._hear = on_message
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[str] = self._loop.create_future()
        self._lost: asyncio.Future[str] = self._loop.create_future()
        self._fd = -1
        """The socket's, once it is the loop's; -1 before and after."""
        self._packets = 0
        self._sent: dict[int, tuple[str, Callable[[], None] | None]] = {}
        """By packet id, what waits for the broker's ack, and who wants to know of it; at most
        IN_FLIGHT_OUT_MAX. It ends with the connection."""
        self._on_its_way: set[str] = set()
        self.withheld = Withheld()
        self._client = self._new_client(tls)

    def _new_client(self, tls: ssl.SSLContext | None) -> Client:
        login = self._login
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=login.client_id,
            clean_session=not login.persistent,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.username_pw_set(login.username, login.password)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(0)  # no queue of paho's own: what is taken is sent
        client.max_queued_messages_set(IN_FLIGHT_OUT_MAX)
        if login.will is not None:
            client.will_set(*login.will, qos=1)
        if tls is not None:
            client.tls_set_context(tls)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write
        return client

    async def open(self) -> None:
        """Returns when the broker has granted the subscriptions. Raises LinkDownError."""
        address = self._address
        connecting = self._loop.run_in_executor(
            None, self._client.connect, address.host, address.port, KEEPALIVE_S
        )
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            # The thread cannot be stopped, and what it opens must be closed.
            with contextlib.suppress(OSError, ValueError):
                await connecting
            raise
        except (OSError, ValueError) as exc:  # ssl's errors are OSErrors or ValueErrors
            raise LinkDownError(str(address), str(exc) or type(exc).__name__) from exc
        self._take_socket()
        await asyncio.wait(
            {self._ready, self._lost},
            timeout=CONNECT_TIMEOUT_S,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._lost.done() or not self._ready.done():
            why = self._lost.result() if self._lost.done() else "no answer to CONNECT"
            raise LinkDownError(str(address), why)

    async def tick(self) -> int:
        """Wait a moment; how many acks were given early. Raises LinkDownError at the end."""
        await asyncio.wait({self._lost}, timeout=TICK_S)
        if not self._lost.done():
            self._guarded(self._client.loop_misc)
        if self._lost.done():
            raise LinkDownError(str(self._address), self._lost.result())
        overdue = self.withheld.overdue(self._loop.time())
        for mid in overdue:
            self._client.ack(mid, 1)
        return len(overdue)

    def publish(
        self,
        topic: str,
        data: bytes,
        qos: int,
        same: str,
        on_taken: Callable[[], None] | None,
    ) -> bool:
        if self._lost.done():
            return False
        info = self._client.publish(topic, data, qos)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        if qos and (same or on_taken is not None):
            self._sent[info.mid] = (same, on_taken)
            self._on_its_way.add(same)
        return True

    def on_its_way(self, same: str) -> bool:
        return same in self._on_its_way

    def cut(self) -> None:
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            with contextlib.suppress(OSError):  # the other end was faster
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye if there is still a line, and let go of it."""
        self._end("closed here")
        if self._client.socket() is not None:
            self._client.disconnect()
            self._guarded(self._client.loop_write)  # sends DISCONNECT and closes the socket
        if (sock := self._client.socket()) is not None:
            self._forget_socket()
            sock.close()

    # --- the socket, as the loop's ---

    def _take_socket(self) -> None:
        sock = self._client.socket()
        if sock is None:
            raise LinkDownError(str(self._address), "closed before CONNECT was sent")
        self._fd = sock.fileno()
        self._loop.add_reader(self._fd, self._read)
        self._write()

    def _forget_socket(self) -> None:
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
            self._fd = -1

    def _read(self) -> None:
        """Read what has come, packet by packet; paho alone would ask the loop for each."""
        until_s = self._loop.time() + TURN_S
        for _ in range(PACKETS_PER_TURN):
            before = self._packets
            self._guarded(self._client.loop_read)
            if self._fd < 0 or (self._packets == before and not self._tls_pending()):
                return
            if self._loop.time() >= until_s:
                break
        if self._tls_pending():  # the socket may show nothing of it
            self._loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        if self._fd >= 0:
            self._read()

    def _tls_pending(self) -> bool:
        """Whether TLS has bytes of which the socket shows nothing any more."""
        sock = self._client.socket()
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    def _write(self) -> None:
        if self._fd < 0:
            return
        self._guarded(self._client.loop_write)
        if self._fd >= 0 and self._client.want_write():
            self._loop.add_writer(self._fd, self._write)

    def _guarded(self, step: Callable[[], object]) -> None:
        """Run a step of paho's; what escapes it ends this connection and nothing else."""
        try:
            step()
        except Exception:
            log.exception("mqtt_client_failed", client=self._login.client_id)
            self._end("the MQTT client failed")

    def _end(self, why: str) -> None:
        if not self._lost.done():
            self._lost.set_result(why)

    # --- what paho calls; always in the loop's thread but for _on_socket_open ---

    def _on_socket_open(self, _client: Client, _data: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_socket_close(self, _client: Client, _data: Any, _sock: Any) -> None:
        self._forget_socket()

    def _on_register_write(self, _client: Client, _data: Any, _sock: Any) -> None:
        # Soon, not now, so that what is said in one turn goes out together; the loop
        # is asked to watch the socket only where it is full (see _write).
        if self._fd >= 0:
            self._loop.call_soon(self._write)

    def _on_unregister_write(self, _client: Client, _data: Any, _sock: Any) -> None:
        if self._fd >= 0:
            self._loop.remove_writer(self._fd)

    def _on_connect(
        self, client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _more: Any
    ) -> None:
        if code.is_failure:
            self._end(f"refused: {code}")
        elif self._login.filters:
            client.subscribe(list(self._login.filters))
        else:
            self._ready.set_result("")

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _more: Any
    ) -> None:
        if any(code.is_failure for code in codes):
            self._end("a subscription was refused")
        elif not self._ready.done():
            self._ready.set_result("")

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _more: Any
    ) -> None:
        self._end(f"connection lost: {code}")

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, _code: ReasonCode, _more: Any
    ) -> None:
        same, on_taken = self._sent.pop(mid, ("", None))
        self._on_its_way.discard(same)
        if on_taken is not None:
            # Not here: what it does may publish, and a fault of its own is no fault of ours.
            self._loop.call_soon(on_taken)

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        self._packets += 1
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""  # no format of ours has it: it will be refused and counted
        ack = self._ack_of(client, message)
        try:
            self._hear(topic, bytes(message.payload), ack)
        except Exception:
            # The end of this message's way: it stays the broker's, the next one is heard.
            log.exception("message_failed", client=self._login.client_id, topic=quoted(topic))

    def _ack_of(self, client: Client, message: MQTTMessage) -> Ack:
        if message.qos == 0:
            return _nothing
        mid = message.mid
        token = self.withheld.hold(mid, self._loop.time())

        def ack() -> None:
            # After the end of this connection the packet id means nothing, or something else.
            if not self._lost.done() and self.withheld.release(mid, token):
                client.ack(mid, 1)

        return ack


def _nothing() -> None:
    """QoS 0 has no acknowledgement."""
