"""Answers the embedded broker when it asks who may come in, and throws out who no longer may.

Whether a radio is known, and with which secret, is decided elsewhere (``Decide``,
over the hub's table of radios). Here it becomes rights on topics, and what no table
can allow is refused before it is asked: another way in than MQTT, a client id that is
not the user name. Silence is a refusal too: a hub that is busy, hung or gone lets
nobody new in, and nobody already in notices.

The one place that imports the NATS client.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from devices.broker.config import ADMISSION_USER, RADIOS_ACCOUNT, BrokerSettings
from devices.broker.credentials import BrokerSecrets
from devices.broker.jwt import Issuer, Question, Rights, read_question
from dispatch.errors import DeviceProtocolError, YihuError, quoted
from dispatch.ids import WORD, CommunityId, RadioId

QUESTION_SUBJECT: Final = "$SYS.REQ.USER.AUTH"
CONNECTIONS_SUBJECT: Final = "$SYS.REQ.SERVER.PING.CONNZ"

QUESTIONS_WAITING_MAX: Final = 2048
"""Questions not yet looked at; beyond them the broker hears nothing, which is a refusal.

Twice a community coming back at once, and more than can be checked before they expire.
"""

PASSWORD_CHARS_MAX: Final = 128
"""Ours have 26; longer ones are not worth hashing."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionRequest:
    """A client that calls itself ``client_id`` shows a user name and a password."""

    client_id: str
    username: str
    password: str
    host: str

    def __repr__(self) -> str:
        return f"AdmissionRequest(client_id={self.client_id!r}, host={self.host!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """It is this radio of this community."""

    radio: RadioId
    community: CommunityId


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """It is not let in; ``reason`` is a short code to count by."""

    reason: str


class Decide(Protocol):
    """Whether the credentials are a known radio's. Called in a thread, one call at a time."""

    def __call__(self, request: AdmissionRequest) -> Grant | Refusal: ...


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
        self._issuer = Issuer(secrets.issuer_seed)
        self._decide = decide
        self._unix_time = unix_time
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="admission")
        self._client = Client()
        self._closing = False
        self.admitted = 0
        self.refused: Counter[str] = Counter()
        """How many were turned away, by reason."""

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
        """One question at a time, as the NATS client calls us."""
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._thread, self._answer, message.data)
        if answer is None:
            return
        try:
            await message.respond(answer)
        except (nats.errors.Error, OSError) as exc:
            log.warning("admission_answer_lost", why=str(exc) or type(exc).__name__)

    def _answer(self, data: bytes) -> bytes | None:
        """In the thread. None when there is nobody left, or nobody known, to answer."""
        try:
            question = read_question(data)
        except DeviceProtocolError as exc:
            self.refused[exc.reason] += 1
            log.error("admission_question_unreadable", why=str(exc))
            return None
        if self._unix_time() >= question.expires_at:
            self._refuse(question, "too_late")
            return None
        verdict = self._judge(question)
        if isinstance(verdict, Refusal):
            self._refuse(question, verdict.reason)
            return self._issuer.refuse(question, verdict.reason)
        self.admitted += 1
        log.debug("radio_admitted", radio=verdict.radio, host=question.host)
        return self._issuer.admit(question, rights_of(verdict))

    def _judge(self, question: Question) -> Grant | Refusal:
        if refusal := refused_outright(question):
            return refusal
        request = AdmissionRequest(
            client_id=question.client_id,
            username=question.username,
            password=question.password,
            host=question.host,
        )
        try:
            verdict = self._decide(request)
        except Exception as exc:
            # The end of this connection's story: it is refused, the next one is asked about.
            # No traceback: with the locals that some log renderers add, it would hold passwords.
            log.error("admission_failed", client=quoted(question.client_id), why=quoted(repr(exc)))
            return Refusal(reason="hub_error")
        if isinstance(verdict, Grant) and verdict.radio != question.client_id:
            return Refusal(reason="client_id_differs")
        return verdict

    def _refuse(self, question: Question, reason: str) -> None:
        self.refused[reason] += 1
        log.warning(
            "radio_refused",
            reason=reason,
            client=quoted(question.client_id),
            user=quoted(question.username),
            host=question.host,
        )

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
        with contextlib.suppress(OSError, nats.errors.Error):  # it may be gone already
            await self._client.close()
        self._thread.shutdown(wait=True, cancel_futures=True)


def refused_outright(question: Question) -> Refusal | None:
    """What no table of radios could allow; None when the table has the word."""
    if question.kind != "mqtt":
        return Refusal(reason="not_mqtt")
    if not question.username:
        return Refusal(reason="no_user_name")
    if not WORD.fullmatch(question.username):
        return Refusal(reason="malformed_user_name")
    if question.client_id != question.username:
        return Refusal(reason="client_id_differs")
    if len(question.password) > PASSWORD_CHARS_MAX:
        return Refusal(reason="password_too_long")
    return None


def rights_of(grant: Grant) -> Rights:
    """A radio speaks only as itself and hears only what is said to it.

    ``$MQTT.sub.>`` is where the broker itself hands a session its QoS 1 messages:
    inboxes with random names, which it lets no MQTT client subscribe to by hand.
    """
    return Rights(
        name=grant.radio,
        account=RADIOS_ACCOUNT,
        publish=(f"patrol.{grant.community}.{grant.radio}.>",),
        subscribe=(
            f"radio.{grant.community}.{grant.radio}",
            f"radio.{grant.community}.{grant.radio}.>",
            "$MQTT.sub.>",
        ),
    )
