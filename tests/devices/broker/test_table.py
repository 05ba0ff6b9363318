"""The table of radios decides who may come in."""

import pytest

from devices.broker.doorman import AdmissionRequest, Grant, Refusal
from devices.broker.table import by_table
from devices.secrets import hash_secret
from dispatch.ids import CommunityId, RadioId
from dispatch.store.port import RadioSecret


def row(*, revoked: bool = False, stored: str | None = None) -> RadioSecret:
    return RadioSecret(
        radio=RadioId("r-1"),
        community=CommunityId("demo"),
        secret_hash=stored or hash_secret("secret", b"0123456789ab", 1),
        revoked=revoked,
    )


def asks(password: str = "secret", name: str = "r-1") -> AdmissionRequest:
    return AdmissionRequest(client_id=name, username=name, password=password, host="127.0.0.1")


@pytest.mark.parametrize(
    ("request_", "known", "verdict"),
    [
        (asks(), row(), Grant(radio=RadioId("r-1"), community=CommunityId("demo"))),
        (asks("Secret"), row(), Refusal(reason="wrong_secret")),
        (asks(""), row(), Refusal(reason="wrong_secret")),
        (asks(), row(revoked=True), Refusal(reason="revoked")),
        (asks(), None, Refusal(reason="unknown_radio")),
    ],
)
def test_a_known_radio_with_its_secret_comes_in_and_nobody_else(
    request_: AdmissionRequest, known: RadioSecret | None, verdict: Grant | Refusal
) -> None:
    """Each way of failing has its own reason: people look in different places for each."""
    assert by_table(lambda _radio: known)(request_) == verdict


def test_the_table_is_asked_every_time() -> None:
    """A radio revoked a moment ago must not come in by a memory of ours."""
    rows = [row(), row(revoked=True)]
    decide = by_table(lambda _radio: rows.pop(0))

    assert isinstance(decide(asks()), Grant)
    assert decide(asks()) == Refusal(reason="revoked")


def test_a_damaged_hash_is_not_the_radios_fault() -> None:
    """It surfaces as an error of the hub's, not as a wrong secret."""
    with pytest.raises(ValueError, match="stored secret"):
        by_table(lambda _radio: row(stored="damaged"))(asks())
