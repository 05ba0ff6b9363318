"""A real embedded broker for tests, with admission, and clients that await what MQTT answers.

    async with running_broker(tmp_path, {"r-1": ("demo", "secret")}) as broker:
        async with broker.radio("r-1") as radio, broker.hub() as hub:
            await hub.subscribe("patrol/#", qos=1)
            await radio.publish("patrol/demo/r-1/alarm", b"{}", qos=1)
            message = await hub.next_message()

Each test has its own broker on free ports, in its own folder, gone when the block
ends. Without a broker for this platform the test is skipped and says so.
"""

import asyncio
import contextlib
import secrets
import shutil
import signal
import socket
import ssl
import threading
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from devices.acl import HUB_USERS
from devices.broker.admission import Admission
from devices.broker.binary import BrokerMissingError, find_nats_server, lay_out
from devices.broker.config import BrokerSettings
from devices.broker.credentials import BrokerSecrets, keep_secrets
from devices.broker.doorman import AdmissionRequest, Grant, Refusal
from devices.broker.room import find_room, memory_folder
from devices.broker.violations import Violations, read_violation
from dispatch.ids import CommunityId, RadioId
from dispatch.ports import Port, answers
from tests.ports import free_ports

ANSWER_TIMEOUT_S = 10.0
"""For one answer of a broker; far above what it takes, so that a busy machine fails no test."""


class RefusedByBrokerError(Exception):
    """The broker answered CONNECT with something else than success."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    mid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker is to say for a client that vanishes."""

    topic: str
    payload: bytes = b"gone"
    qos: int = 1
    retain: bool = False


class Peer:
    """An MQTT client whose answers are awaited. Never reconnects by itself."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        client_id: str,
        username: str,
        password: str,
        clean_session: bool = True,
        manual_ack: bool = False,
        will: Will | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._address = (host, port)
        self._loop = asyncio.get_running_loop()
        self._connected: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._answers: dict[tuple[str, int], asyncio.Future[list[ReasonCode]]] = {}
        self._messages: asyncio.Queue[Received] = asyncio.Queue()
        self.lost = asyncio.Event()
        """Set when the connection has ended, by whomever."""
        self.session_present = False
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=clean_session,
            manual_ack=manual_ack,
            reconnect_on_failure=False,
        )
        self._client.username_pw_set(username, password)
        if tls is not None:
            self._client.tls_set_context(tls)
        if will is not None:
            self._client.will_set(will.topic, will.payload, will.qos, will.retain)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        self._client.on_subscribe = self._on_subscribe

    async def __aenter__(self) -> Self:
        """Raises RefusedByBrokerError when the broker does not let us in."""
        await asyncio.to_thread(self._client.connect, *self._address)
        self._client.loop_start()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            code = await self._connected
        if code.is_failure:
            await self._end()
            raise RefusedByBrokerError(str(code))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._end()

    async def publish(
        self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False
    ) -> None:
        """Returns when the broker has acknowledged it (QoS 0: when it was sent)."""
        info = self._client.publish(topic, payload, qos, retain)
        await self._answer("publish", info.mid)

    async def subscribe(self, topic: str, *, qos: int = 0) -> bool:
        """Whether the broker granted it."""
        _, mid = self._client.subscribe(topic, qos)
        assert mid is not None
        codes = await self._answer("subscribe", mid)
        return not any(code.is_failure for code in codes)

    async def next_message(self) -> Received:
        """The next message; TimeoutError when none comes."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await self._messages.get()

    def messages_so_far(self) -> list[Received]:
        """All that have come and were not asked for."""
        return [self._messages.get_nowait() for _ in range(self._messages.qsize())]

    def ack(self, message: Received) -> None:
        """Acknowledge it by hand (``manual_ack``)."""
        self._client.ack(message.mid, message.qos)

    async def vanish(self) -> None:
        """Drop the line without a word, as a radio does in a lift."""
        sock = self._client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)
        await asyncio.wait_for(self.lost.wait(), ANSWER_TIMEOUT_S)

    async def _end(self) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        # paho closes its sockets when it is collected: let that be now, not in a cycle with us.
        for name in ("connect", "disconnect", "message", "publish", "subscribe"):
            setattr(self._client, f"on_{name}", None)

    async def _answer(self, kind: str, mid: int) -> list[ReasonCode]:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await self._waiting(kind, mid)

    def _waiting(self, kind: str, mid: int) -> asyncio.Future[list[ReasonCode]]:
        return self._answers.setdefault((kind, mid), self._loop.create_future())

    def _settle(self, kind: str, mid: int, codes: list[ReasonCode]) -> None:
        future = self._waiting(kind, mid)
        if not future.done():
            future.set_result(codes)

    # paho calls these in its own thread.

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: object,
        flags: mqtt.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.session_present = flags.session_present
        self._loop.call_soon_threadsafe(self._connected.set_result, code)

    def _on_disconnect(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be gone before the thread
            self._loop.call_soon_threadsafe(self._on_lost)

    def _on_lost(self) -> None:
        self.lost.set()
        if not self._connected.done():
            self._connected.set_exception(RefusedByBrokerError("closed without an answer"))

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        received = Received(
            topic=message.topic,
            payload=bytes(message.payload),
            qos=message.qos,
            retain=message.retain,
            dup=message.dup,
            mid=message.mid,
        )
        self._loop.call_soon_threadsafe(self._messages.put_nowait, received)

    def _on_publish(
        self,
        _client: mqtt.Client,
        _data: object,
        mid: int,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._settle, "publish", mid, [code])

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _data: object,
        mid: int,
        codes: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._settle, "subscribe", mid, codes)


@dataclass(slots=True, kw_only=True)
class RunningBroker:
    """Where it listens, who may come in, and what it has logged."""

    settings: BrokerSettings
    secrets: BrokerSecrets
    program: Path
    radios: dict[str, tuple[str, str]]
    """radio: (community, secret). Delete an entry and kick the radio to revoke it."""
    lines: list[str] = field(default_factory=list)
    violations: Violations = field(default_factory=Violations)
    _process: Process | None = None
    _reader: asyncio.Task[None] | None = None
    _heard: asyncio.Condition = field(default_factory=asyncio.Condition)
    _admission: Admission | None = None
    _deciding: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return self.settings.mqtt_host

    @property
    def mqtt_port(self) -> int:
        return self.settings.mqtt_port

    @property
    def hub_password(self) -> str:
        """Of every user in ``HUB_USERS``."""
        return self.secrets.hub_password

    @property
    def admission(self) -> Admission:
        assert self._admission is not None
        return self._admission

    def radio(self, radio: str, *, password: str | None = None, **more: object) -> Peer:
        """A connection as this radio; ``more`` as for Peer, ``client_id`` and ``username`` too."""
        secret = self.radios[radio][1] if password is None else password
        return self._peer({"client_id": radio, "username": radio, "password": secret, **more})

    def hub(self, user: str = HUB_USERS[0], **more: object) -> Peer:
        """A connection of the hub's."""
        return self._peer(
            {"client_id": user, "username": user, "password": self.hub_password, **more}
        )

    def _peer(self, arguments: dict[str, object]) -> Peer:
        return Peer(host=self.host, port=self.mqtt_port, **arguments)  # type: ignore[arg-type]  # as Peer has them

    def hang(self) -> None:
        """From now on admission's question is not answered, until ``resume``."""
        self._deciding.clear()

    def resume(self) -> None:
        self._deciding.set()

    async def admission_back(self) -> None:
        """Returns when admission answers a restarted broker again."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while not self.admission.connected:  # noqa: ASYNC110 -- it has no event for it
                await asyncio.sleep(0.01)

    def decide(self, requests: Sequence[AdmissionRequest]) -> list[Grant | Refusal]:
        """The table of radios, without the hashing. Called in a thread of admission's."""
        self._deciding.wait(ANSWER_TIMEOUT_S)
        return [self._decide(request) for request in requests]

    def _decide(self, request: AdmissionRequest) -> Grant | Refusal:
        known = self.radios.get(request.username)
        if known is None:
            return Refusal(reason="unknown_radio")
        community, secret = known
        if request.password != secret:
            return Refusal(reason="wrong_secret")
        return Grant(radio=RadioId(request.username), community=CommunityId(community))

    async def start(self) -> None:
        command = lay_out(
            self.settings, self.secrets, self.program, find_room(self.settings.data_dir)
        )
        self._process = await asyncio.create_subprocess_exec(*command, stderr=PIPE)
        self._reader = asyncio.create_task(self._read(), name="broker log")
        for port in (self.settings.mqtt_port, self.settings.nats_port):
            await self._answering(port)

    async def reload(self) -> None:
        """Have it read its files again, as the supervisor does for a certificate that was renewed;
        returns once it has."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        await self.logged("Reloaded server configuration")

    async def stop(self, *, kill: bool = False) -> None:
        assert self._process is not None
        assert self._reader is not None
        if self._process.returncode is None:
            self._process.kill() if kill else self._process.terminate()
        await asyncio.wait_for(self._process.wait(), ANSWER_TIMEOUT_S)
        await self._reader

    async def logged(self, text: str) -> str:
        """The first log line with this text in it, when it is there."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S), self._heard:
            await self._heard.wait_for(lambda: any(text in line for line in self.lines))
        return next(line for line in self.lines if text in line)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for data in self._process.stderr:
            line = data.decode("utf-8", "replace").rstrip()
            if violation := read_violation(line):
                self.violations.note(violation, time.monotonic())
            async with self._heard:
                self.lines.append(line)
                self._heard.notify_all()

    async def _answering(self, port: int) -> None:
        assert self._process is not None
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while not await answers(Port(port=port)):
                if self._process.returncode is not None:
                    raise AssertionError("\n".join(self.lines))
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running_broker(
    tmp_path: Path,
    radios: Mapping[str, tuple[str, str]] | None = None,
    *,
    certificate: tuple[Path, Path] | None = None,
) -> AsyncIterator[RunningBroker]:
    """A broker that answers, with admission asking ``radios``: {radio: (community, secret)}.
    ``certificate`` and its key: over TLS."""
    try:
        program = find_nats_server()
    except BrokerMissingError as exc:
        pytest.skip(str(exc))
    mqtt_port, nats_port = free_ports(2)
    cert, key = certificate or (None, None)
    settings = BrokerSettings(
        data_dir=tmp_path,
        mqtt_port=mqtt_port,
        nats_port=nats_port,
        mqtt_cert=cert,
        mqtt_key=key,
    )
    broker = RunningBroker(
        settings=settings,
        secrets=keep_secrets(tmp_path, secrets.token_bytes),
        program=program,
        radios=dict(radios or {}),
    )
    await broker.start()
    broker.resume()
    try:
        async with Admission(settings, broker.secrets, broker.decide) as admission:
            broker._admission = admission
            yield broker
    finally:
        await broker.stop()
        shutil.rmtree(memory_folder(tmp_path), ignore_errors=True)
