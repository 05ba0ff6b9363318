"""The table of radios decides who may come in."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from devices.broker import table
from devices.broker.doorman import AdmissionRequest, Decide, Grant, Refusal
from devices.broker.table import Verified, by_table
from devices.secrets import hash_secret, verify_secret
from dispatch.ids import CommunityId, RadioId
from dispatch.store.port import RadioSecret

R1, R2 = RadioId("r-1"), RadioId("r-2")
LET_IN = Grant(radio=R1, community=CommunityId("demo"))


def row(
    *, revoked: bool = False, stored: str | None = None, radio: RadioId = R1, secret: str = "secret"
) -> RadioSecret:
    return RadioSecret(
        radio=radio,
        community=CommunityId("demo"),
        secret_hash=stored or hash_secret(secret, b"0123456789ab", 1),
        revoked=revoked,
    )


def asks(password: str = "secret", name: str = "r-1") -> AdmissionRequest:
    return AdmissionRequest(client_id=name, username=name, password=password, host="127.0.0.1")


def over(rows: list[RadioSecret]) -> Decide:
    """Decides by these rows, as they stand when it is asked."""

    def secrets_of(radios: Sequence[RadioId]) -> list[RadioSecret]:
        return [each for each in rows if each.radio in radios]

    return by_table(secrets_of, lambda count: b"k" * count)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each secret that was hashed to be compared."""
    secrets: list[str] = []

    def counted(secret: str, stored: str) -> bool:
        secrets.append(secret)
        return verify_secret(secret, stored)

    monkeypatch.setattr(table, "verify_secret", counted)
    return secrets


@pytest.mark.parametrize(
    ("request_", "known", "verdict"),
    [
        (asks(), row(), LET_IN),
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
    decide = over([known] if known else [])

    assert decide([request_]) == [verdict]


def test_those_who_ask_together_are_looked_up_once_and_answered_in_their_order() -> None:
    """A look for each was most of what letting a district in cost."""
    looks: list[Sequence[RadioId]] = []

    def secrets_of(radios: Sequence[RadioId]) -> list[RadioSecret]:
        looks.append(radios)
        return [row(), row(radio=R2, secret="other")]

    decide = by_table(secrets_of, lambda count: b"k" * count)

    verdicts = decide([asks("other", "r-2"), asks("x"), asks(), asks(name="r-9")])

    assert verdicts == [
        Grant(radio=R2, community=CommunityId("demo")),
        Refusal(reason="wrong_secret"),
        LET_IN,
        Refusal(reason="unknown_radio"),
    ]
    assert looks == [["r-1", "r-2", "r-9"]]


def test_the_table_is_asked_every_time() -> None:
    """A radio revoked a moment ago must not come in by a memory of ours."""
    rows = [row()]
    decide = over(rows)

    assert decide([asks()]) == [LET_IN]
    rows[:] = [row(revoked=True)]
    assert decide([asks()]) == [Refusal(reason="revoked")]


def test_a_radio_that_comes_again_is_not_hashed_again(hashed: list[str]) -> None:
    """A district comes back in the same minute, and its presses must not wait for that."""
    decide = over([row()])

    assert decide([asks()]) == decide([asks()]) == [LET_IN]

    assert hashed == ["secret"]


def test_a_secret_of_before_opens_nothing_any_more(hashed: list[str]) -> None:
    """A lost radio's secret is changed so that whoever found it stays outside."""
    rows = [row()]
    decide = over(rows)
    assert decide([asks()]) == [LET_IN]

    rows[:] = [row(secret="new")]

    assert decide([asks(), asks("new")]) == [Refusal(reason="wrong_secret"), LET_IN]
    assert hashed == ["secret", "secret", "new"]


def test_a_wrong_secret_is_never_remembered(hashed: list[str]) -> None:
    """Whatever was tried before, only the right one opens."""
    decide = over([row()])

    for _ in range(2):
        assert decide([asks("wrong")]) == [Refusal(reason="wrong_secret")]

    assert hashed == ["wrong", "wrong"]


def test_what_is_remembered_is_bounded(hashed: list[str]) -> None:
    """Beyond it each is hashed once more, and comes in all the same."""
    verified = Verified(b"k", remembered_max=1)
    stored = hash_secret("secret", b"0123456789ab", 1)

    assert all(verified.right(radio, "secret", stored) for radio in (R1, R2, R2, R1))

    assert len(hashed) == 3


def test_a_damaged_hash_is_not_the_radios_fault_and_nobody_elses() -> None:
    """It is told as an error of the hub's; those who asked at the same time come in."""
    decide = over([row(stored="damaged"), row(radio=R2)])

    with capture_logs() as told:
        verdicts = decide([asks(), asks(name="r-2")])

    assert verdicts == [
        Refusal(reason="hub_error"),
        Grant(radio=R2, community=CommunityId("demo")),
    ]
    assert [(each["event"], each["radio"]) for each in told] == [("stored_secret_damaged", "r-1")]
