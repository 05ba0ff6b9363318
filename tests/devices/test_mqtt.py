"""Broker addresses and the patience of a link; the link itself is tested with a real broker."""

import random

import pytest

from devices.mqtt import (
    BACKOFF_MAX_S,
    BACKOFF_MIN_S,
    BrokerAddress,
    Login,
    backoff_s,
    parse_broker_url,
)
from dispatch.errors import SettingsError


def test_an_address_has_defaults_for_what_is_left_out() -> None:
    """mqtt://host is enough."""
    assert parse_broker_url("mqtt://b.local") == BrokerAddress(host="b.local", port=1883)
    assert parse_broker_url("mqtts://b.local/") == BrokerAddress(
        host="b.local", port=8883, tls=True
    )


def test_a_login_in_the_address_is_read() -> None:
    """With anything in it that a URL must escape; IPv6 too."""
    address = parse_broker_url("mqtt://hub:p%40ss%3A@[::1]:1884")

    assert (address.host, address.port) == ("::1", 1884)
    assert (address.username, address.password) == ("hub", "p@ss:")


@pytest.mark.parametrize(
    "url",
    [
        "localhost:1883",
        "http://host",
        "mqtt://",
        "mqtt://host:99999",
        "mqtt://host:x",
        "mqtt://host/topic",
        "mqtt://host?x=1",
    ],
)
def test_another_address_is_refused_in_a_sentence(url: str) -> None:
    """Exit status 2, saying what to write instead."""
    with pytest.raises(SettingsError, match="write mqtt://"):
        parse_broker_url(url)


def test_passwords_are_not_shown() -> None:
    """Not in a log line, not in a traceback."""
    address = parse_broker_url("mqtt://hub:hunter2@host")
    login = Login(client_id="a", username="a", password="hunter2")

    assert "hunter2" not in f"{address} {address!r} {login!r}"


def test_waiting_doubles_up_to_a_bound_and_half_of_it_is_chance() -> None:
    """A thousand radios must not come back in the same instant."""
    chance = random.Random(1)

    waits = [backoff_s(failures, chance) for failures in range(100)]

    assert BACKOFF_MIN_S / 2 <= waits[0] <= BACKOFF_MIN_S
    assert all(BACKOFF_MAX_S / 2 <= wait <= BACKOFF_MAX_S for wait in waits[10:])
    assert len(set(waits)) == len(waits)
