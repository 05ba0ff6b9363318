"""What no table of radios can allow, and which topics an admitted radio gets."""

import pytest

from devices.broker.admission import Grant, Refusal, refused_outright, rights_of
from devices.broker.jwt import Question
from dispatch.ids import CommunityId, RadioId


def question(
    *,
    kind: str = "mqtt",
    client_id: str = "r-1",
    username: str = "r-1",
    password: str = "secret",
) -> Question:
    return Question(
        server="N",
        user_nkey="U",
        connection=1,
        host="127.0.0.1",
        kind=kind,
        client_id=client_id,
        username=username,
        password=password,
        asked_at=0,
        expires_at=3,
    )


def test_a_radio_under_its_own_name_is_looked_up() -> None:
    assert refused_outright(question()) is None


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (question(kind="nats"), "not_mqtt"),
        (question(kind=""), "not_mqtt"),
        (question(username=""), "no_user_name"),
        (question(username="R-1", client_id="R-1"), "malformed_user_name"),
        (question(username="a.b", client_id="a.b"), "malformed_user_name"),
        (question(username="*", client_id="*"), "malformed_user_name"),
        (question(username=">", client_id=">"), "malformed_user_name"),
        (question(username="r-1\n", client_id="r-1\n"), "malformed_user_name"),
        (question(client_id="r-2"), "client_id_differs"),
        (question(client_id=""), "client_id_differs"),
        (question(password="x" * 129), "password_too_long"),
    ],
)
def test_what_no_table_could_allow_is_refused_before_it_is_asked(
    asked: Question, reason: str
) -> None:
    """A wildcard as a name would grant everyone's topics, another's client id his session."""
    assert refused_outright(asked) == Refusal(reason=reason)


def test_rights_name_one_radio_in_one_community() -> None:
    """Nothing wider: a radio that hears another's orders learns where people need help."""
    rights = rights_of(Grant(radio=RadioId("r-1"), community=CommunityId("demo")))

    assert rights.publish == ("patrol.demo.r-1.>",)
    assert rights.subscribe == ("radio.demo.r-1", "radio.demo.r-1.>", "$MQTT.sub.>")
