"""A radio's secret is kept as a hash that both brokers can check."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.secrets import (
    ITERATIONS_MAX,
    SECRET_CHARS_MAX,
    hash_secret,
    new_secret,
    read_hash,
    verify_secret,
)

SALT = b"0123456789ab"

BY_MOSQUITTO = (
    "$7$101$Yt5KGHVha7JmbaSS$cVDK6XOdoztZwg0wkzgf+uUFALQCIBHYECBr01WJdiHYaQl4rlVc5EE8I8i5k1"
    "LEytTms8SpNeAUBouPeg/YFw=="
)
"""What mosquitto_passwd 2.0.11 made of "secret"."""


def test_a_hash_made_by_mosquitto_is_checked() -> None:
    """Radios enrolled at a Mosquitto can move to us with the secrets they have."""
    assert verify_secret("secret", BY_MOSQUITTO)
    assert not verify_secret("Secret", BY_MOSQUITTO)


def test_a_hash_has_mosquittos_form() -> None:
    """Its parser wants 12 bytes of salt, 64 of hash, and base64 with padding."""
    iterations, salt, digest = read_hash(hash_secret("secret", SALT, 101))

    assert (iterations, salt, len(digest)) == (101, SALT, 64)


@given(st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=25)
def test_only_the_same_secret_fits(secret: str, other: str) -> None:
    """Any text that MQTT can carry may be somebody's secret."""
    stored = hash_secret(secret, SALT, 1)

    assert verify_secret(secret, stored)
    assert verify_secret(other, stored) == (other == secret)


def test_a_new_secret_can_be_copied_by_hand() -> None:
    """Letters and digits of one case, none of 0, 1, 8 and 9 that look like letters."""
    secret = new_secret(lambda size: bytes(range(size)))

    assert len(secret) == 26
    assert set(secret) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_a_long_password_is_not_even_hashed() -> None:
    stored = hash_secret("secret", SALT, 1)

    assert not verify_secret("x" * (SECRET_CHARS_MAX + 1), stored)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "secret",
        "$6$" + BY_MOSQUITTO[3:],
        BY_MOSQUITTO + "\n",
        BY_MOSQUITTO[:-1],
        BY_MOSQUITTO.replace("$101$", "$0$"),
        BY_MOSQUITTO.replace("$101$", f"${ITERATIONS_MAX + 1}$"),
        BY_MOSQUITTO.replace("$101$", "$9999999$"),
        BY_MOSQUITTO.replace("Yt5KGHVha7JmbaSS", "Yt5KGHVha7JmbaS="),
        BY_MOSQUITTO.replace("Yt5KGHVha7JmbaSS", "Yt5=GHVha7JmbaSS"),
    ],
)
def test_a_stored_text_that_is_no_hash_is_our_fault_not_the_radios(stored: str) -> None:
    """Refusing the radio for it would send people looking in the wrong place."""
    with pytest.raises(ValueError, match="stored secret"):
        verify_secret("secret", stored)
