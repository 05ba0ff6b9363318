"""Counts what radios tried and were not allowed, from the embedded broker's log lines.

The broker acknowledges a publish to a forbidden topic and throws it away (MQTT 3.1.1
has no other answer), so the sender hears nothing and the hub sees nothing: only the
log says it. A line, without the time that we switch off::

    [8808] [ERR] 127.0.0.1:47493 - mid:30 - "r-1" - Publish Violation - Subject "patrol.demo.r-2.alarm"
    [8808] [ERR] 127.0.0.1:47493 - mid:30 - "r-1" - Subscription Violation - Subject "patrol.>", SID patrol.>

The name in quotes is the MQTT client id, which admission made equal to the radio's.
The supervisor has the line, the hub has the counters: the one forwards it to the
other as it stands (``dispatch.supervisor.Forward``), and it is read here.
"""  # noqa: E501 -- the lines are shown as they are

import re
from asyncio import StreamReader
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import structlog

from dispatch.errors import quoted

LOG_EVERY_S: Final = 60.0
"""A radio with wrong settings fails with each position; the log has one line a minute of it."""

RADIOS_COUNTED_MAX: Final = 10_000
"""Above the embedded broker's connections; further radios are counted together."""

OTHERS: Final = "(others)"

_LINE: Final = re.compile(
    r"\[\d+\] \[ERR\] \S+ - mid(?:_ws)?:\d+ - "
    r'"(?P<radio>[^"\\]*)" - (?P<what>Publish|Subscription) Violation'
    r' - Subject "(?P<subject>(?:[^"\\]|\\.)*)'
)

log = structlog.get_logger(__name__)


class Attempt(StrEnum):
    """What was tried."""

    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A radio tried a topic that is not its own."""

    radio: str
    attempt: Attempt
    topic: str


def read_violation(line: str) -> Violation | None:
    """What a log line of the broker tells; None when it tells of something else."""
    match = _LINE.match(line)
    if match is None:
        return None
    return Violation(
        radio=match["radio"],
        attempt=Attempt.PUBLISH if match["what"] == "Publish" else Attempt.SUBSCRIBE,
        topic=quoted(topic_of(match["subject"])),
    )


def topic_of(subject: str) -> str:
    """The MQTT topic or filter that nats-server turned into this subject.

    https://docs.nats.io/running-a-nats-service/configuration/mqtt: a level
    ends with a full stop instead of a slash, a full stop within one is ``//``,
    an empty level ``/``; ``*`` and ``>`` are MQTT's ``+`` and ``#``.
    """
    return "/".join(_level(level) for level in subject.split("."))


def _level(level: str) -> str:
    match level:
        case "/":
            return ""
        case "*":
            return "+"
        case ">":
            return "#"
        case _:
            return level.replace("//", ".")


class Violations:
    """The count, by radio, and a log that a wrongly set radio cannot flood."""

    def __init__(self) -> None:
        self.by_radio: Counter[str] = Counter()
        self.total = 0
        self._logged_at_s: dict[str, float] = {}

    def note(self, violation: Violation, now_s: float) -> None:
        """Count one; ``now_s`` is monotonic."""
        self.total += 1
        radio = violation.radio
        if radio not in self.by_radio and len(self.by_radio) >= RADIOS_COUNTED_MAX:
            radio = OTHERS
        self.by_radio[radio] += 1
        last_s = self._logged_at_s.get(radio)
        if last_s is not None and now_s - last_s < LOG_EVERY_S:
            return
        self._logged_at_s[radio] = now_s
        log.warning(
            "radio_overstepped",
            radio=quoted(violation.radio),
            attempt=violation.attempt.value,
            topic=violation.topic,
            so_far=self.by_radio[radio],
        )


async def count_forwarded(
    lines: StreamReader, violations: Violations, monotonic_s: Callable[[], float]
) -> None:
    """Read forwarded log lines until there are no more. Other lines are passed over."""
    while True:
        try:
            line = await lines.readline()
        except ValueError:  # longer than the reader holds: none of ours, and dropped by it
            continue
        if not line:
            return
        violation = read_violation(line.decode("utf-8", "replace"))
        if violation is not None:
            violations.note(violation, monotonic_s())
