"""Looks at the broker: is it there, does it let us in, and how long is a message on its way?

    doctor                          broker
      | PUBLISH, QoS 1  ------------> |
      | PUBLISH, QoS 0  ------------> |
      | <---- the first, and its PUBACK
      | <---------------- the second, measured

To the second nothing is answered, as a radio answers nothing to the PUBACK of its press
before ``stored`` is there. A broker without ``TCP_NODELAY`` then holds it back until the
packet before was acknowledged, and the kernel acknowledges late (RFC 1122, 4.2.3.2):
some 40 ms, for nothing.
"""

import asyncio
import random
import socket
import ssl
import time
from collections.abc import Callable
from typing import Final

from devices.acl import DOCTOR_TOPIC, DOCTOR_USER
from devices.broker.binary import find_nats_server
from devices.doctor.findings import Finding, failed, ok, skipped, warning
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink, tls_context
from dispatch.errors import SettingsError

FIRST: Final = b"1"
SECOND: Final = b"2"

TRIPS_FIRST: Final = 30
"""Not measured: at first the kernel acknowledges at once, and a broker warms up."""
TRIPS: Final = 30
TRIP_TIMEOUT_S: Final = 2.0
CONNECT_TIMEOUT_S: Final = 6.0

REFUSED: Final = ("refused: ", "a subscription was refused")
"""How our client's reasons begin where the broker itself said no."""

HELD_MS: Final = (35.0, 60.0)
"""A delayed acknowledgement takes 40 ms on Linux."""
SLOW_MS: Final = 20.0
"""Of a round trip's median: a broker next door takes one or two."""

CERTIFICATE_DAYS_MIN: Final = 21
DAY_S: Final = 86_400


def look_at_program() -> Finding:
    """Whether the embedded broker's program came with the packages."""
    try:
        return ok("program.ok", program=str(find_nats_server()))
    except SettingsError as exc:
        return failed("program.missing", why=exc.what)


async def look_at_broker(address: BrokerAddress, password: str) -> Finding:
    """Connect, and send round trips; ``password`` is the hub's own."""
    echo = Echo(address, password)
    task = asyncio.create_task(echo.link.run(), name="doctor's link")
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await echo.linked.wait()
        if echo.why:
            code = "broker.refused" if echo.why.startswith(REFUSED) else "broker.down"
            return failed(code, address=str(address), why=echo.why)
        return judged(await echo.trips_ms(), str(address))
    except TimeoutError:
        return warning("broker.silent", address=str(address))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def judged(trips_ms: list[float], address: str) -> Finding:
    """What round trips of these lengths mean."""
    middle_ms = sorted(trips_ms)[len(trips_ms) // 2]
    facts: dict[str, str | float] = {"address": address, "trip_ms": round(middle_ms, 1)}
    if HELD_MS[0] <= middle_ms <= HELD_MS[1]:
        return warning("broker.held", **facts)
    return warning("broker.slow", **facts) if middle_ms > SLOW_MS else ok("broker.ok", **facts)


class Echo:
    """A link that hears what it says."""

    def __init__(self, address: BrokerAddress, password: str) -> None:
        self.linked = asyncio.Event()
        self.why = ""
        """Why there is no link; told with the first news."""
        self._came = asyncio.Event()
        self.link = MqttLink(
            address,
            Login(
                client_id=DOCTOR_USER,
                username=address.username or DOCTOR_USER,
                password=address.password or password,
                filters=((DOCTOR_TOPIC, 0),),
            ),
            on_message=self._hear,
            on_link=self._on_link,
            chance=random.Random(),
        )

    async def trips_ms(self) -> list[float]:
        """One after the other. Raises TimeoutError where a message does not come back."""
        trips = [await self._trip_ms() for _ in range(TRIPS_FIRST + TRIPS)]
        return trips[TRIPS_FIRST:]

    async def _trip_ms(self) -> float:
        self._came.clear()
        begun_s = time.perf_counter()
        self.link.publish(DOCTOR_TOPIC, FIRST, qos=1)
        self.link.publish(DOCTOR_TOPIC, SECOND, qos=0)
        async with asyncio.timeout(TRIP_TIMEOUT_S):
            await self._came.wait()
        return 1000 * (time.perf_counter() - begun_s)

    def _hear(self, _topic: str, data: bytes, ack: Ack) -> None:
        ack()
        if data == SECOND:
            self._came.set()

    def _on_link(self, why: str) -> None:
        if not self.linked.is_set():
            self.why = why
            self.linked.set()


def look_at_certificate(
    address: BrokerAddress, now_s: float, context: Callable[[], ssl.SSLContext] | None = None
) -> Finding:
    """How long the broker's certificate holds; blocks for a moment."""
    if not address.tls:
        return skipped("certificate.none")
    try:
        tls = context() if context is not None else tls_context(address)
        assert tls is not None
        with (
            socket.create_connection((address.host, address.port), CONNECT_TIMEOUT_S) as plain,
            tls.wrap_socket(plain, server_hostname=address.host) as sock,
        ):
            certificate = sock.getpeercert() or {}
    except (OSError, ValueError, SettingsError) as exc:  # ssl's errors are the first two
        return failed("certificate.bad", why=str(exc) or type(exc).__name__)
    left_s = ssl.cert_time_to_seconds(str(certificate["notAfter"])) - now_s
    days = int(left_s // DAY_S)
    facts = {"days": days}
    return (
        warning("certificate.soon", **facts)
        if days < CERTIFICATE_DAYS_MIN
        else ok("certificate.ok", **facts)
    )
