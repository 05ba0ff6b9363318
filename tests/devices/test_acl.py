"""The files for a Mosquitto say what the embedded broker's door says."""

import pytest

from devices.acl import (
    HUB_USERS,
    mosquitto_acl,
    mosquitto_conf,
    mosquitto_passwords,
)
from devices.secrets import hash_secret
from dispatch.ids import WORD, CommunityId, RadioId
from dispatch.store.port import RadioSecret

STORED = hash_secret("secret", b"0123456789ab", 1)


def radio(
    name: str, community: str = "demo", *, stored: str = STORED, revoked: bool = False
) -> RadioSecret:
    return RadioSecret(
        radio=RadioId(name),
        community=CommunityId(community),
        secret_hash=stored,
        revoked=revoked,
    )


def test_a_radio_writes_as_itself_and_reads_what_is_for_it() -> None:
    """Whole text: what an access list does not say, Mosquitto denies."""
    assert mosquitto_acl([radio("r-2"), radio("r-1", "west")]) == (
        "user yihu_alarms\n"
        "topic read patrol/#\n"
        "topic write radio/#\n"
        "\n"
        "user yihu_statuses\n"
        "topic read patrol/#\n"
        "topic write radio/#\n"
        "\n"
        "user yihu_positions\n"
        "topic read patrol/#\n"
        "topic write radio/#\n"
        "\n"
        "user yihu_orders\n"
        "topic read patrol/#\n"
        "topic write radio/#\n"
        "\n"
        "user yihu_doctor\n"
        "topic readwrite yihu/doctor\n"
        "topic write patrol/yihu_doctor/yihu_doctor/alarm\n"
        "topic read radio/yihu_doctor/yihu_doctor/stored\n"
        "\n"
        "user r-1\n"
        "topic write patrol/west/r-1/#\n"
        "topic read radio/west/r-1/#\n"
        "\n"
        "user r-2\n"
        "topic write patrol/demo/r-2/#\n"
        "topic read radio/demo/r-2/#\n"
    )


def test_the_stored_hash_is_the_password_lines() -> None:
    """No second secret and no second hash to keep for a Mosquitto."""
    text = mosquitto_passwords([radio("r-1")], {"yihu_alarms": STORED})

    assert text == f"yihu_alarms:{STORED}\nr-1:{STORED}\n"


def test_a_revoked_radio_is_in_neither_file() -> None:
    """Mosquitto rereads them on SIGHUP; a live connection it keeps, which we cannot help."""
    gone = radio("r-1", revoked=True)

    assert "r-1" not in mosquitto_acl([gone])
    assert mosquitto_passwords([gone], {}) == ""


@pytest.mark.parametrize("name", ["r-1\nuser x", "r 1", "#", "+", "", "a" * 41, "西子"])
def test_no_name_can_add_a_line_or_a_wildcard(name: str) -> None:
    """An id from a roster file ends in an access list: a line break there would be a rule."""
    with pytest.raises(ValueError, match="level of a topic"):
        mosquitto_acl([radio(name)])
    with pytest.raises(ValueError, match="level of a topic"):
        mosquitto_acl([radio("r-1", community=name)])
    with pytest.raises(ValueError, match="level of a topic"):
        mosquitto_passwords([radio(name)], {})


def test_a_hash_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="stored secret"):
        mosquitto_passwords([radio("r-1", stored="secret")], {})
    with pytest.raises(ValueError, match="stored secret"):
        mosquitto_passwords([], {"yihu_alarms": "plain"})


def test_no_radio_can_have_a_name_of_the_hubs() -> None:
    """It would take over the hub's session, and with it every alarm."""
    assert not any(WORD.fullmatch(user) for user in HUB_USERS)


def test_a_path_cannot_add_a_line() -> None:
    with pytest.raises(ValueError, match="line break"):
        mosquitto_conf(acl_path="/a\nallow_anonymous true", passwords_path="/p")
