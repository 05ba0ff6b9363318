"""The doorman: what no table can allow, what a table's word becomes, and what is counted."""

import base64
import json
from collections.abc import Sequence

import pytest

from devices.broker.doorman import (
    AdmissionRequest,
    Doorman,
    Grant,
    Refusal,
    refused_outright,
    rights_of,
)
from devices.broker.jwt import Issuer, Question, read_question
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
    ("knocks", "reason"),
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
    knocks: Question, reason: str
) -> None:
    """A wildcard as a name would grant everyone's topics, another's client id his session."""
    assert refused_outright(knocks) == Refusal(reason=reason)


def test_rights_name_one_radio_in_one_community() -> None:
    """Nothing wider: a radio that hears another's orders learns where people need help."""
    rights = rights_of(Grant(radio=RadioId("r-1"), community=CommunityId("demo")))

    assert rights.publish == ("patrol.demo.r-1.>",)
    assert rights.subscribe == ("radio.demo.r-1", "radio.demo.r-1.>", "$MQTT.sub.>")


def asked(*, expires_at: int = 103, username: str = "r-1") -> bytes:
    """A question as nats-server asks it, abridged."""
    claims = {
        "iat": 100,
        "exp": expires_at,
        "nats": {
            "server_id": {"id": "NSERVER"},
            "user_nkey": "UUSER",
            "client_info": {"host": "127.0.0.1", "id": 8, "type": "mqtt", "mqtt_id": "r-1"},
            "connect_opts": {"user": username, "pass": "secret"},
        },
    }
    return b"e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()) + b".sig"


def said(data: bytes) -> dict[str, str]:
    """The verdict in a signed answer."""
    body = data.split(b".")[1]
    nats: dict[str, str] = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))[
        "nats"
    ]
    return nats


class Table:
    """Says the same to everyone, and remembers who asked."""

    def __init__(self, verdict: Grant | Refusal | Exception) -> None:
        self._verdict = verdict
        self.asked: list[str] = []

    def __call__(self, requests: Sequence[AdmissionRequest]) -> list[Grant | Refusal]:
        self.asked += [request.username for request in requests]
        if isinstance(self._verdict, Exception):
            raise self._verdict
        return [self._verdict] * len(requests)


def doorman(table: Table, *, at: float = 100.0) -> Doorman:
    return Doorman(Issuer(Issuer.new_seed(bytes(range(32)))), table, unix_time=lambda: at)


def answer(door: Doorman, *data: bytes) -> list[bytes | None]:
    """What the doorman says to questions asked at the same time."""
    return door.answers([read_question(each) for each in data])


def granted(radio: str) -> Grant:
    return Grant(radio=RadioId(radio), community=CommunityId("demo"))


def test_a_granted_radio_is_let_in_and_counted() -> None:
    door = doorman(Table(granted("r-1")))

    assert answer(door, asked()) != [None]
    assert (door.admitted, door.refused) == (1, {})


def test_of_those_who_ask_together_each_has_its_own_answer() -> None:
    """The table is asked once, for those whom it can help; the others keep their place."""
    table = Table(granted("r-1"))
    door = doorman(table)

    late, admitted, stranger = answer(door, asked(expires_at=100), asked(), asked(username="r-2"))

    assert late is None
    assert admitted is not None
    assert "jwt" in said(admitted)
    assert stranger is not None
    assert said(stranger)["error"] == "client_id_differs"
    assert table.asked == ["r-1"]
    assert (door.admitted, door.refused) == (1, {"too_late": 1, "client_id_differs": 1})


def test_a_question_read_too_late_is_not_answered() -> None:
    """The broker has refused by then; hashing for it would only delay the others."""
    table = Table(granted("r-1"))
    door = doorman(table, at=103.0)

    assert answer(door, asked(expires_at=103)) == [None]
    assert table.asked == []
    assert door.refused == {"too_late": 1}


def test_a_table_that_fails_refuses() -> None:
    """The store gone must not open the door, nor break it."""
    door = doorman(Table(OSError("disk")))

    assert None not in answer(door, asked(), asked())
    assert (door.admitted, door.refused) == (0, {"hub_error": 2})


def test_a_grant_for_another_radio_is_a_refusal() -> None:
    """A mistake in a table must not become another radio's rights."""
    door = doorman(Table(granted("r-2")))

    assert answer(door, asked()) != [None]
    assert door.refused == {"client_id_differs": 1}


def test_a_stranger_by_name_never_reaches_the_table() -> None:
    table = Table(granted("r-1"))
    door = doorman(table)

    assert answer(door, asked(username="r-2")) != [None]
    assert table.asked == []


def test_noise_is_counted_and_not_answered() -> None:
    """It names nobody to answer."""
    door = doorman(Table(granted("r-1")))

    assert door.read(b"noise") is None
    assert door.refused == {"not_jwt": 1}
