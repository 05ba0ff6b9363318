"""The broker's log lines about forbidden topics are read, counted, and do not flood ours."""

import asyncio

import pytest
from structlog.testing import capture_logs

from devices.broker.violations import (
    OTHERS,
    RADIOS_COUNTED_MAX,
    Attempt,
    Violation,
    Violations,
    count_forwarded,
    read_violation,
    topic_of,
)

PUBLISH = (
    '[8808] [ERR] 127.0.0.1:47493 - mid:30 - "r-1" - Publish Violation'
    ' - Subject "patrol.demo.朝阳区.alarm"'
)
SUBSCRIBE = (
    '[8808] [ERR] [::1]:47493 - mid:30 - "r-1" - Subscription Violation'
    ' - Subject "radio.*.r-2.>", SID radio.*.r-2.>'
)


def violation(radio: str = "r-1") -> Violation:
    return Violation(radio=radio, attempt=Attempt.PUBLISH, topic="patrol/demo/r-2/alarm")


def test_a_forbidden_publish_is_read() -> None:
    """As nats-server 2.15 writes it."""
    assert read_violation(PUBLISH) == Violation(
        radio="r-1", attempt=Attempt.PUBLISH, topic="patrol/demo/朝阳区/alarm"
    )


def test_a_forbidden_subscription_is_read() -> None:
    assert read_violation(SUBSCRIBE) == Violation(
        radio="r-1", attempt=Attempt.SUBSCRIBE, topic="radio/+/r-2/#"
    )


def test_a_line_cut_off_still_counts() -> None:
    """A topic may be 64 KiB long; the supervisor hands on pieces."""
    cut = read_violation(PUBLISH[:100])

    assert cut is not None
    assert cut.radio == "r-1"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[8808] [INF] Server is ready",
        '[8808] [ERR] 127.0.0.1:4 - mid:39 - "r-1" - authentication error - User "r-5"',
        r'[8] [ERR] 127.0.0.1:4 - mid:3 - "x\" - Publish Violation - Subject \"y" - bad - User "z"',
        PUBLISH.replace("mid:", "cid:"),
    ],
)
def test_other_lines_tell_of_no_violation(line: str) -> None:
    """A client id that imitates such a line is quoted by the broker, and not taken for one."""
    assert read_violation(line) is None


@pytest.mark.parametrize(
    ("subject", "topic"),
    [
        ("a.b", "a/b"),
        ("a.*.>", "a/+/#"),
        ("a.b//c", "a/b.c"),
        ("/.a", "/a"),
        ("a./.b", "a//b"),
    ],
)
def test_a_subject_is_told_as_the_topic_that_was_tried(subject: str, topic: str) -> None:
    """An integrator looks for what the radio sent, not for the broker's own notation."""
    assert topic_of(subject) == topic


def test_a_radio_with_wrong_settings_fills_no_log() -> None:
    """It fails with every position: one line a minute, and the count."""
    violations = Violations()

    with capture_logs() as lines:
        for second in range(130):
            violations.note(violation(), now_s=1000.0 + second)

    assert [line["so_far"] for line in lines] == [1, 61, 121]
    assert violations.by_radio == {"r-1": 130}


def test_one_radio_does_not_silence_another() -> None:
    violations = Violations()

    with capture_logs() as lines:
        violations.note(violation("r-1"), now_s=0)
        violations.note(violation("r-2"), now_s=0)

    assert len(lines) == 2


def test_more_radios_than_expected_are_counted_together() -> None:
    """The table of counts has a bound; the total has none."""
    violations = Violations()

    with capture_logs():
        for number in range(RADIOS_COUNTED_MAX + 5):
            violations.note(violation(f"r-{number}"), now_s=0)

    assert violations.by_radio[OTHERS] == 5
    assert violations.total == RADIOS_COUNTED_MAX + 5


async def test_forwarded_lines_are_counted_until_they_end() -> None:
    """As they arrive at the hub's standard input, with others between."""
    lines = asyncio.StreamReader()
    lines.feed_data(f"{PUBLISH}\nsomething else\n{SUBSCRIBE}\n".encode() + b"\xff\xfe\n")
    lines.feed_eof()
    violations = Violations()

    await count_forwarded(lines, violations, lambda: 0.0)

    assert violations.by_radio == {"r-1": 2}


async def test_a_line_without_an_end_stops_nothing() -> None:
    """The reader's limit is met by hostile or broken input; what follows is still counted."""
    lines = asyncio.StreamReader(limit=512)
    lines.feed_data(b"x" * 2000 + b"\n" + PUBLISH.encode() + b"\n")
    lines.feed_eof()
    violations = Violations()

    await count_forwarded(lines, violations, lambda: 0.0)

    assert violations.total == 1
