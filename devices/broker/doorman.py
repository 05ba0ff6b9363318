"""Judges the broker's question and words the answer. No socket, no thread, no clock of its own.

Whether a radio is known, and with which secret, is decided elsewhere (``Decide``,
over the hub's table of radios). Here it becomes rights on topics, and what no table
can allow is refused before it is asked: another way in than MQTT, a client id that is
not the user name.
"""

from collections import Counter
from collections.abc import Callable, Sequence
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
    """Whether each one's credentials are a known radio's: one verdict a request, in their order.

    Called in a thread, one call at a time, with those that asked at the same time.
    """

    def __call__(self, requests: Sequence[AdmissionRequest], /) -> Sequence[Grant | Refusal]: ...


class Doorman:
    """Answers questions, some at once, and counts."""

    def __init__(self, issuer: Issuer, decide: Decide, *, unix_time: Callable[[], float]) -> None:
        self._issuer = issuer
        self._decide = decide
        self._unix_time = unix_time
        self._seldom = Seldom()
        self.admitted = 0
        self.refused: Counter[str] = Counter()
        """How many were turned away, by reason."""

    def read(self, data: bytes) -> Question | None:
        """What the broker asks; None where it cannot be read, which names nobody to answer."""
        try:
            return read_question(data)
        except DeviceProtocolError as exc:
            self.refused[exc.reason] += 1
            log.error("admission_question_unreadable", why=str(exc))
            return None

    def answers(self, questions: Sequence[Question]) -> list[bytes | None]:
        """The signed answers, in the questions' order; None when there is nobody left to answer."""
        now_s = self._unix_time()
        verdicts: dict[int, Grant | Refusal] = {}
        to_decide: list[int] = []
        for at, question in enumerate(questions):
            if now_s >= question.expires_at:
                self._refuse(question, "too_late")
            elif refusal := refused_outright(question):
                verdicts[at] = refusal
            else:
                to_decide.append(at)
        if to_decide:
            judged = self._judge([questions[at] for at in to_decide])
            verdicts |= zip(to_decide, judged, strict=True)
        return [
            self._worded(question, verdicts[at]) if at in verdicts else None
            for at, question in enumerate(questions)
        ]

    def _worded(self, question: Question, verdict: Grant | Refusal) -> bytes:
        if isinstance(verdict, Grant) and verdict.radio != question.client_id:
            verdict = Refusal(reason="client_id_differs")
        if isinstance(verdict, Refusal):
            self._refuse(question, verdict.reason)
            return self._issuer.refuse(question, verdict.reason)
        self.admitted += 1
        log.debug("radio_admitted", radio=verdict.radio, host=question.host)
        return self._issuer.admit(question, rights_of(verdict))

    def _judge(self, questions: Sequence[Question]) -> Sequence[Grant | Refusal]:
        try:
            return self._decide([_request(question) for question in questions])
        except Exception as exc:
            # The end of these connections' story: they are refused, the next are asked about.
            # No traceback: with the locals that some log renderers add, it would hold passwords.
            clients = " ".join(question.client_id for question in questions)
            log.error("admission_failed", clients=quoted(clients), why=quoted(repr(exc)))
            return [Refusal(reason="hub_error")] * len(questions)

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


def _request(question: Question) -> AdmissionRequest:
    return AdmissionRequest(
        client_id=question.client_id,
        username=question.username,
        password=question.password,
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
