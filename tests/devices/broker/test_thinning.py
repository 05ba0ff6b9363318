"""A port scan leaves a line a minute in the log, and the number of its connections."""

import pytest

from devices.broker.thinning import EVERY_S, KINDS_MAX, OTHERS, BrokerNoise, kind_of


def refused(number: int, name: str = "r-1") -> str:
    """As nats-server 2.15 writes it."""
    port = 40_000 + number
    return (
        f'[8808] [ERR] 127.0.0.1:{port} - mid:{number} - "{name}" - authentication error'
        f' - User "{name}"'
    )


def test_of_a_thousand_like_it_one_is_told_a_minute_with_their_number() -> None:
    """A thousand radios with an old secret come back every few seconds."""
    noise = BrokerNoise()

    told = [noise.take(refused(n, f"r-{n}"), n * 0.05) for n in range(1_000)]

    assert told[0] == refused(0, "r-0")
    assert set(told[1:]) == {None}
    assert noise.take(refused(7), EVERY_S) == refused(7) + " (999 more like it since the last)"
    assert noise.take(refused(8), 2 * EVERY_S) == refused(8)


def test_another_kind_is_told_at_once() -> None:
    """What fails in a new way must not be lost among what always does."""
    noise = BrokerNoise()
    noise.take(refused(1), 0)
    handshake = "[8808] [ERR] 127.0.0.1:47494 - mid:31 - TLS handshake error: EOF"

    assert noise.take(handshake, 1) == handshake


@pytest.mark.parametrize(
    "line",
    [
        "[8808] [INF] Server is ready",
        "[88] [ERR] JetStream failed to store a msg on stream 'RADIOS > $MQTT_msgs': no space",
        "[88] [FTL] cannot listen",
        "",
    ],
)
def test_what_is_about_no_connection_is_told_each_time(line: str) -> None:
    """A full disk is said as often as the broker says it."""
    noise = BrokerNoise()

    assert [noise.take(line, n) for n in range(3)] == [line] * 3


def test_a_stranger_makes_no_kinds() -> None:
    """Names and topics are theirs to choose, and are no part of a kind."""
    hostile = (
        r'[8] [ERR] [::1]:4 - mid:3 - "x\" - disk full - \"y" - authentication error - User "z"'
    )
    assert kind_of(hostile) == kind_of(refused(1)) == "authentication error"
    assert kind_of('[8] [ERR] 1.2.3.4:4 - mid:3 - "a" - 0x31337') == OTHERS

    noise = BrokerNoise()
    for n in range(5 * KINDS_MAX):
        word = "".join(chr(ord("a") + int(digit)) for digit in str(n))
        noise.take(f"[8] [ERR] 1.2.3.4:4 - mid:{n} - {word}: broken", 0)
    assert len(noise._told_s) <= KINDS_MAX + 1
