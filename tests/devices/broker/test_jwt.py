"""The broker's question is read or refused; the answer is signed and says only what it should."""

import base64
import json
from typing import Any

import nkeys
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.broker.jwt import QUESTION_BYTES_MAX, Issuer, Question, Rights, read_question
from dispatch.errors import DeviceProtocolError

RIGHTS = Rights(
    name="r-1",
    account="RADIOS",
    publish=("patrol.demo.r-1.>",),
    subscribe=("radio.demo.r-1.>",),
)


def an_issuer() -> Issuer:
    return Issuer(Issuer.new_seed(bytes(range(32))))


def claims(**changes: Any) -> dict[str, Any]:
    """A question as nats-server 2.15 asks it, abridged."""
    nats = {
        "server_id": {"name": "yihu", "id": "NSERVER"},
        "user_nkey": "UUSER",
        "client_info": {"host": "127.0.0.1", "id": 8, "type": "mqtt", "mqtt_id": "r-1"},
        "connect_opts": {"user": "r-1", "pass": "密码"},
    }
    return {"aud": "x", "iat": 100, "exp": 103, "nats": {**nats, **changes}}


def token(body: object) -> bytes:
    part = base64.urlsafe_b64encode(json.dumps(body).encode()).rstrip(b"=")
    return b"e30." + part + b".sig"


def opened(answer: bytes) -> dict[str, Any]:
    part = answer.split(b".")[1]
    body: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    return body


def a_question() -> Question:
    return read_question(token(claims()))


def test_a_question_is_read() -> None:
    """Who asks, who knocks, with which words, until when."""
    assert a_question() == Question(
        server="NSERVER",
        user_nkey="UUSER",
        connection=8,
        host="127.0.0.1",
        kind="mqtt",
        client_id="r-1",
        username="r-1",
        password="密码",
        asked_at=100,
        expires_at=103,
    )


def test_a_client_without_credentials_is_a_question_too() -> None:
    """It is refused by name, not as noise."""
    question = read_question(token(claims(connect_opts={})))

    assert (question.username, question.password) == ("", "")


def test_a_password_is_not_shown_by_printing_the_question() -> None:
    assert "密码" not in repr(a_question())


def test_an_admission_grants_these_rights_by_mqtt_only() -> None:
    """Radio credentials at the broker's other port would be a way round the topics."""
    issuer = an_issuer()

    answer = opened(issuer.admit(a_question(), RIGHTS))
    user = opened(answer["nats"]["jwt"].encode())

    assert (answer["aud"], answer["sub"], answer["iss"]) == ("NSERVER", "UUSER", issuer.public)
    assert (user["aud"], user["sub"], user["name"]) == ("RADIOS", "UUSER", "r-1")
    assert user["nats"]["pub"] == {"allow": ["patrol.demo.r-1.>"]}
    assert user["nats"]["sub"] == {"allow": ["radio.demo.r-1.>"]}
    assert user["nats"]["allowed_connection_types"] == ["MQTT"]


def test_a_refusal_carries_a_reason_and_no_rights() -> None:
    answer = opened(an_issuer().refuse(a_question(), "wrong_secret"))

    assert answer["nats"]["error"] == "wrong_secret"
    assert "jwt" not in answer["nats"]


def test_an_answer_is_signed_by_the_issuer() -> None:
    """The signature covers header and claims as they stand."""
    seed = Issuer.new_seed(bytes(range(32)))
    answer = Issuer(seed).refuse(a_question(), "no")

    signed, _, signature = answer.rpartition(b".")

    pair = nkeys.from_seed(bytearray(seed.encode()))
    assert pair.verify(signed, base64.urlsafe_b64decode(signature + b"=="))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_jwt"),
        (b"a.b", "not_jwt"),
        (b"a.!!!.c", "not_json"),
        (token([]), "wrong_type"),
        (token({}), "wrong_type"),
        (token(claims(client_info=None)), "wrong_type"),
        (token(claims(connect_opts={"user": 5})), "wrong_type"),
        (token({**claims(), "exp": "soon"}), "wrong_type"),
        (token({**claims(), "exp": True}), "wrong_type"),
        (b"x" * (QUESTION_BYTES_MAX + 1), "too_long"),
    ],
)
def test_anything_else_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(DeviceProtocolError) as caught:
        read_question(data)

    assert caught.value.reason == reason


@given(
    st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["nats", "iat", "exp", "server_id", "id", "user"]),
                    inner,
                    max_size=4,
                )
            ),
        ).map(token),
    )
)
def test_any_noise_is_read_or_refused(data: bytes) -> None:
    """Nothing but our own error leaves the reader."""
    try:
        read_question(data)
    except DeviceProtocolError:
        return


@pytest.mark.parametrize("seed", ["", "SAAA", "ü", "S" * 58, "SUAM" + "A" * 54])
def test_a_seed_that_is_none_is_refused(seed: str) -> None:
    with pytest.raises(ValueError, match="seed"):
        Issuer(seed)
