"""Judges the broker's question and words the answer. No socket, no thread, no clock of its own.

Whether a radio is known, and with which secret, is decided elsewhere (``Decide``,
over the hub's table of radios). Here it becomes rights on topics, and what no table
can allow is refused before it is asked: another way in than MQTT, a client id that is
not the user name.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from devices.broker.config import RADIOS_ACCOUNT
from devices.broker.jwt import Issuer, Question, Rights, read_question
from dispatch.errors import DeviceProtocolError, quoted
from dispatch.ids import WORD, CommunityId, RadioId
from dispatch.seldom import Seldom

PASSWORD_CHARS_MAX: Final = 128
"""Ours have 26; longer ones are not worth hashing."""

log = structlog.get_logger(__name__)


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


class Doorman:
    """Answers one question after the other, and counts."""

    def __init__(self, issuer: Issuer, decide: Decide, *, unix_time: Callable[[], float]) -> None:
        self._issuer = issuer
        self._decide = decide
        self._unix_time = unix_time
        self._seldom = Seldom()
        self.admitted = 0
        self.refused: Counter[str] = Counter()
        """How many were turned away, by reason."""

    def answer(self, data: bytes) -> bytes | None:
        """The signed answer; None when there is nobody left, or nobody known, to answer."""
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
        if not self._seldom.worth_telling(f"{question.client_id} {reason}", self._unix_time()):
            return
        log.warning(
            "radio_refused",
            reason=reason,
            client=quoted(question.client_id),
            user=quoted(question.username),
            host=question.host,
        )


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
