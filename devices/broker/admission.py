"""Answers the embedded broker when it asks who may come in, and throws out who no longer may.

It waits and carries; what is answered is ``doorman``'s. Silence is a refusal too: a hub
that is busy, hung or gone lets nobody new in, and nobody already in notices.

The one place that imports the NATS client.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from devices.broker.config import ADMISSION_USER, BrokerSettings
from devices.broker.credentials import BrokerSecrets
from devices.broker.doorman import Decide, Doorman
from devices.broker.jwt import Issuer, Question
from dispatch.errors import YihuError
from dispatch.ids import RadioId
from dispatch.seldom import Seldom

QUESTION_SUBJECT: Final = "$SYS.REQ.USER.AUTH"
CONNECTIONS_SUBJECT: Final = "$SYS.REQ.SERVER.PING.CONNZ"

QUESTIONS_WAITING_MAX: Final = 2048
"""Questions not yet looked at; beyond them the broker hears nothing, which is a refusal.

Twice a community coming back at once, and more than can be checked before they expire.
"""

ANSWERED_AT_ONCE: Final = 32
"""In one visit to the thread, some 5 ms where nothing needs hashing. A visit waits twice for its
turn at Python's lock, on a busy hub longer than an answer takes, and looks at the table once.
"""

PAUSE_S: Final = 0.02
"""Between two visits, unless more wait than one visit answers: those who ask meanwhile share a
visit and a look at the table. Who asks alone waits for nothing."""

Who = tuple[str, str, str]
"""Client id, user name and password of a try."""

TOO_MANY: Final = "too_many"
"""Counted where a question found no place."""

SUPERSEDED: Final = "superseded"
"""Counted where the same radio asked again, with the same secret, before its turn came."""

REQUEST_TIMEOUT_S: Final = 2
CONNECT_TIMEOUT_S: Final = 2
RECONNECT_WAIT_S: Final = 0.2
"""A broker that restarts asks within moments; every moment without us refuses radios."""

log = structlog.get_logger(__name__)


class BrokerUnreachableError(YihuError):
    """The embedded broker does not answer on its own port."""

    def __init__(self, url: str, why: str) -> None:
        self.url = url
        self.why = why
        super().__init__(f"the broker at {url} does not answer: {why}")


class Admission:
    """The hub's word at the broker's door, from ``async with`` to its end.

    Checking a password costs half a millisecond of hashing, so it happens in a
    thread of its own: a thousand radios that come back at once must not hold up
    an alarm. One thread keeps their order and spares ``decide`` from locking.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        secrets: BrokerSecrets,
        decide: Decide,
        *,
        unix_time: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._doorman = Doorman(Issuer(secrets.issuer_seed), decide, unix_time=unix_time)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="admission")
        self._client = Client()
        self._waiting: dict[Who, tuple[Msg, Question]] = {}
        """In the order in which they first asked; the newest try of each. By the secret, too, or
        a stranger with a radio's name could keep that radio from ever having its turn."""
        self._answering: asyncio.Task[None] | None = None
        self._seldom = Seldom()
        self._closing = False

    async def __aenter__(self) -> Self:
        """Raises BrokerUnreachableError when the broker is not there."""
        url = self._settings.nats_url
        try:
            await self._client.connect(
                url,
                user=ADMISSION_USER,
                password=self._secrets.admission_password,
                name="yihu admission",
                connect_timeout=CONNECT_TIMEOUT_S,
                reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type]  # only slept on
                max_reconnect_attempts=-1,
                allow_reconnect=True,
                error_cb=self._on_error,
                disconnected_cb=self._on_disconnected,
                reconnected_cb=self._on_reconnected,
            )
            await self._client.subscribe(
                QUESTION_SUBJECT,
                cb=self._on_question,
                pending_msgs_limit=QUESTIONS_WAITING_MAX,
            )
            await self._client.flush(REQUEST_TIMEOUT_S)
        except (OSError, nats.errors.Error, TimeoutError) as exc:
            await self._close()
            raise BrokerUnreachableError(url, str(exc) or type(exc).__name__) from exc
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._close()

    @property
    def admitted(self) -> int:
        """How many were let in."""
        return self._doorman.admitted

    @property
    def refused(self) -> Mapping[str, int]:
        """How many were turned away, by reason."""
        return dict(self._doorman.refused)  # the thread may be adding to it

    @property
    def connected(self) -> bool:
        """Whether the broker can ask us now; while not, it lets nobody new in."""
        return self._client.is_connected

    async def kick(self, radio: RadioId) -> int:
        """Drop the radio's live connections; how many there were.

        Take the radio off the table first. Then none slips through: the broker
        lists a connection from the moment it has read the client id, which is
        before it asks us about it.

        Raises BrokerUnreachableError; the radio is then still off the table but
        may still be connected, so call again.
        """
        query = json.dumps({"mqtt_client": radio}).encode()
        listing = await self._request(CONNECTIONS_SUBJECT, query)
        server = listing["server"]["id"]
        connections = listing["data"].get("connections") or []
        for connection in connections:
            order = json.dumps({"cid": connection["cid"]}).encode()
            await self._request(f"$SYS.REQ.SERVER.{server}.KICK", order)
        if connections:
            log.info("radio_kicked", radio=radio, connections=len(connections))
        return len(connections)

    async def _request(self, subject: str, data: bytes) -> dict[str, Any]:
        try:
            reply = await self._client.request(subject, data, timeout=REQUEST_TIMEOUT_S)
            answer: dict[str, Any] = json.loads(reply.data)
        except (OSError, nats.errors.Error, TimeoutError, ValueError) as exc:
            why = str(exc) or type(exc).__name__
            raise BrokerUnreachableError(self._settings.nats_url, why) from exc
        return answer

    async def _on_question(self, message: Msg) -> None:
        """They come one after the other, and are answered in that order, some at once."""
        question = self._doorman.read(message.data)
        if question is None:
            return
        who = (question.client_id, question.username, question.password)
        if who in self._waiting:
            self._doorman.refused[SUPERSEDED] += 1
        elif len(self._waiting) >= QUESTIONS_WAITING_MAX:
            self._doorman.refused[TOO_MANY] += 1
            return
        self._waiting[who] = (message, question)
        self._tell_many()
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer_all(), name="admission answers")

    def _tell_many(self) -> None:
        waiting = len(self._waiting)
        if waiting > ANSWERED_AT_ONCE and self._seldom.worth_telling("", time.monotonic()):
            log.info("many_radios_come", waiting=waiting, admitted_so_far=self.admitted)

    async def _answer_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            first = list(islice(self._waiting, ANSWERED_AT_ONCE))
            some = [self._waiting.pop(who) for who in first]
            questions = [question for _, question in some]
            answers = await loop.run_in_executor(self._thread, self._doorman.answers, questions)
            for (message, _), answer in zip(some, answers, strict=True):
                await self._respond(message, answer)
            if len(self._waiting) < ANSWERED_AT_ONCE:
                await asyncio.sleep(PAUSE_S)

    async def _respond(self, message: Msg, answer: bytes | None) -> None:
        if answer is None:
            return
        try:
            await message.respond(answer)
        except (nats.errors.Error, OSError) as exc:
            log.warning("admission_answer_lost", why=str(exc) or type(exc).__name__)

    async def _on_error(self, exc: Exception) -> None:
        # Away, it tries five times a second: the loss was said once, below.
        say = log.warning if self.connected else log.debug
        say("broker_connection_error", why=str(exc) or type(exc).__name__)

    async def _on_disconnected(self) -> None:
        if not self._closing:
            log.warning("broker_connection_lost", url=self._settings.nats_url)

    async def _on_reconnected(self) -> None:
        log.info("broker_connection_back", url=self._settings.nats_url)

    async def _close(self) -> None:
        self._closing = True
        self._waiting.clear()
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.gather(self._answering, return_exceptions=True)
        with contextlib.suppress(OSError, nats.errors.Error):  # it may be gone already
            await self._client.close()
        self._thread.shutdown(wait=True, cancel_futures=True)
