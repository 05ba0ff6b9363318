"""Makes a trial press on a running Yihu, and times each hop of it. No alarm to anybody.

    doctor --alarm--> broker --> hub --> disk --stored--> broker --> doctor
                                  `----> heard, decided: on the live stream --> doctor

Two ears: the one of a radio, which hears ``stored``, and the one of a page, which sees the
stream. What a page sees although a radio hears nothing, or the other way round, tells the hop
that fails. What the hub makes of it is told in dispatch/trial.py.
"""

import asyncio
import json
import random
import secrets
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from devices.acl import DOCTOR_PRESS_TOPIC, DOCTOR_STORED_TOPIC, DOCTOR_USER
from devices.doctor.findings import Finding, failed, ok, skipped
from devices.mqtt import Ack, BrokerAddress, Login, MqttLink
from dispatch.errors import SettingsError
from dispatch.local_token import known_on_this_machine, read_local_address, read_local_token

CONNECT_TIMEOUT_S: Final = 6.0
TRIAL_TIMEOUT_S: Final = 10.0
"""Its hops take milliseconds. A store that hangs is called down sooner than that."""
MESSAGE_BYTES_MAX: Final = 64 * 2**20
"""A snapshot of 100,000 units is 25 MB."""
STREAM_PATH: Final = "/api/v1/stream"

NO_STREAM: Final = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, ValueError)


@dataclass(slots=True, kw_only=True)
class Hops:
    """When each hop was seen to be done, milliseconds after the press; None: not seen."""

    taken_ms: float | None = None
    """The broker has it."""
    heard_ms: float | None = None
    """The hub has it, and a page sees so."""
    stored_ms: float | None = None
    """It is on disk, and its radio knows."""
    decided_ms: float | None = None
    """Whom to call is decided, and a page sees so."""
    would_call: int = 0
    fault: str = ""
    store_down: str = ""

    @property
    def all_done(self) -> bool:
        """Nothing more is awaited."""
        done = (self.taken_ms, self.heard_ms, self.stored_ms, self.decided_ms)
        return None not in done


def judged(hops: Hops) -> Iterator[Finding]:
    """Each hop that was done with its time, and the first that was not in one sentence."""
    if hops.taken_ms is not None:
        yield ok("trial.taken", ms=round(hops.taken_ms, 1))
    if hops.heard_ms is not None:
        yield ok("trial.heard", ms=round(hops.heard_ms, 1))
    if hops.stored_ms is not None:
        yield ok("trial.stored", ms=round(hops.stored_ms, 1))
    if hops.decided_ms is not None and not hops.fault:
        yield ok("trial.decided", ms=round(hops.decided_ms, 1), count=hops.would_call)
    waited_s = round(TRIAL_TIMEOUT_S)
    if hops.taken_ms is None and hops.heard_ms is None and hops.stored_ms is None:
        yield failed("trial.untaken", waited_s=waited_s)
    elif hops.heard_ms is None and hops.stored_ms is None:
        yield failed("trial.unheard", waited_s=waited_s)
    elif hops.heard_ms is None:
        yield failed("trial.unseen", waited_s=waited_s)
    elif hops.stored_ms is None and (hops.store_down or hops.decided_ms is None):
        yield failed("trial.unstored", waited_s=waited_s, why=hops.store_down or "-")
    elif hops.stored_ms is None:
        yield failed("trial.untold", waited_s=waited_s)
    elif hops.decided_ms is None:
        yield failed("trial.undecided", why=f"> {waited_s} s")
    elif hops.fault:
        yield failed("trial.undecided", why=hops.fault)


async def look_at_trial(data_dir: Path, address: BrokerAddress, password: str) -> list[Finding]:
    """Press at the server of this folder, and tell how far it came."""
    try:
        server = read_local_address(data_dir)
        token = read_local_token(data_dir)
        trust = None if server.certificate is None else known_on_this_machine(server.certificate)
    except SettingsError as exc:
        return [skipped("trial.no_token", why=exc.what)]
    press = TrialPress(address, password)
    try:
        async with connect(
            f"ws{server.url.removeprefix('http')}{STREAM_PATH}",
            additional_headers={"Authorization": f"Bearer {token}"},
            max_size=MESSAGE_BYTES_MAX,
            open_timeout=CONNECT_TIMEOUT_S,
            proxy=None,
            **_known_by(trust),
        ) as socket:
            hops = await press.seen_by(socket)
    except NO_STREAM as exc:
        return [failed("trial.no_stream", why=str(exc) or type(exc).__name__)]
    if hops is None:
        return [failed("trial.no_link", why=press.why or "-")]
    return list(judged(hops))


def _known_by(trust: ssl.SSLContext | None) -> dict[str, Any]:
    return {} if trust is None else {"ssl": trust}


class TrialPress:
    """One press, and what is heard of it."""

    def __init__(self, address: BrokerAddress, password: str) -> None:
        self.why = ""
        """Why there is no link to the broker."""
        self._press = f"{secrets.token_hex(8)}:1"
        self._hops = Hops()
        self._begun_s = 0.0
        self._linked = asyncio.Event()
        self._done = asyncio.Event()
        self._link = MqttLink(
            address,
            Login(
                client_id=DOCTOR_USER,
                username=address.username or DOCTOR_USER,
                password=address.password or password,
                filters=((DOCTOR_STORED_TOPIC, 1),),
            ),
            on_message=self._hear,
            on_link=self._on_link,
            chance=random.Random(),
        )

    async def seen_by(self, socket: ClientConnection) -> Hops | None:
        """Press once a page would see it; None where the broker does not let us in.

        Raises what the stream raises where it ends before that.
        """
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            while not _status(await socket.recv()):
                pass  # hello; the snapshot follows
        tasks = [
            asyncio.create_task(self._link.run(), name="trial's link"),
            asyncio.create_task(self._look(socket), name="trial's page"),
        ]
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._linked.wait()
            if self.why:
                return None
            self._begin()
            async with asyncio.timeout(TRIAL_TIMEOUT_S):
                await self._done.wait()
        except TimeoutError:
            if not self._linked.is_set():
                return None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._hops

    def _begin(self) -> None:
        self._begun_s = time.perf_counter()
        said = {"press": self._press, "t": int(time.time() * 1000), "kind": "sos"}
        self._link.publish(DOCTOR_PRESS_TOPIC, json.dumps(said).encode(), on_taken=self._taken)

    # --- what is heard ---

    def _taken(self) -> None:
        self._hops.taken_ms = self._hops.taken_ms or self._passed_ms()
        self._look_whether_done()

    def _hear(self, _topic: str, data: bytes, ack: Ack) -> None:
        ack()
        if _json(data).get("press") == self._press and self._hops.stored_ms is None:
            self._hops.stored_ms = self._passed_ms()
            self._look_whether_done()

    async def _look(self, socket: ClientConnection) -> None:
        """Until cancelled, or the stream ends: then the rest is not seen."""
        while True:
            status = _status(await socket.recv())
            if status:
                self._see(status)

    def _see(self, status: dict[str, Any]) -> None:
        hops, trial = self._hops, status.get("trial") or {}
        hops.store_down = str(status.get("store_down", ""))
        if trial.get("press") != self._press:
            return
        hops.heard_ms = hops.heard_ms or self._passed_ms()
        if trial.get("decided") and hops.decided_ms is None:
            hops.decided_ms = self._passed_ms()
            hops.would_call = int(trial.get("would_call", 0))
            hops.fault = str(trial.get("fault", ""))
        self._look_whether_done()

    def _on_link(self, why: str) -> None:
        if not self._linked.is_set():
            self.why = why
            self._linked.set()

    def _passed_ms(self) -> float:
        return 1000 * (time.perf_counter() - self._begun_s)

    def _look_whether_done(self) -> None:
        if self._hops.all_done:
            self._done.set()


def _status(data: str | bytes) -> dict[str, Any]:
    """The status in a message of the stream; empty where it tells of none."""
    if isinstance(data, bytes):
        return {}  # positions
    found = _json(data.encode()).get("status")
    return found if isinstance(found, dict) else {}


def _json(data: bytes) -> dict[str, Any]:
    """What comes from our own server; empty where it is no object."""
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
