"""Enrolment: the roster of the files comes onto the hub's table, and secrets survive it."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.credentials import CREDENTIALS_FILE, load_credentials
from devices.enrolment import enroll_listed
from devices.secrets import SALT_BYTES, hash_secret, verify_secret
from dispatch.clock import SECOND
from dispatch.events import RadioRevoked
from dispatch.ids import CommunityId, GridId, RadioId
from dispatch.roster import RadioRecord
from dispatch.store.sql import SqlStore
from dispatch.words import Role

XIZI = CommunityId("xizi")
NOON = 1_780_000_000 * SECOND
R1 = RadioId("r1")


def record(name: str, call_sign: str = "西子一间") -> RadioRecord:
    return RadioRecord(
        radio=RadioId(name),
        community=XIZI,
        call_sign=call_sign,
        role=Role.VOLUNTEER,
        post=GridId("g1"),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = SqlStore.open("", data_dir=tmp_path, on_state=lambda _why: None)
    yield opened
    opened.close()


def enroll(store: SqlStore, folder: Path, *listed: RadioRecord, renew_lost: bool = False) -> int:
    return enroll_listed(
        store,
        listed,
        enrolled=store.load().radios,
        file=folder / CREDENTIALS_FILE,
        broker_url="mqtt://127.0.0.1:1883",
        now=NOON,
        token=random.Random(1).randbytes,
        renew_lost=renew_lost,
    )


def test_a_new_radio_gets_a_secret_that_opens_the_door(store: SqlStore, tmp_path: Path) -> None:
    """The word in the file fits the hash in the table."""
    assert enroll(store, tmp_path, record("r1")) == 1

    word = load_credentials(tmp_path / CREDENTIALS_FILE).radios[R1].secret
    kept = store.radio_secret(R1)
    assert kept is not None
    assert verify_secret(word, kept.secret_hash)
    assert (tmp_path / CREDENTIALS_FILE).stat().st_mode & 0o777 == 0o600


def test_the_second_start_changes_nothing(store: SqlStore, tmp_path: Path) -> None:
    """Radios in people's hands keep working over a restart."""
    enroll(store, tmp_path, record("r1"))
    before = store.radio_secret(R1)

    assert enroll(store, tmp_path, record("r1")) == 0

    assert store.radio_secret(R1) == before


def test_a_new_call_sign_keeps_the_secret(store: SqlStore, tmp_path: Path) -> None:
    """Renaming a post must not silence its radio."""
    enroll(store, tmp_path, record("r1"))
    before = store.radio_secret(R1)

    assert enroll(store, tmp_path, record("r1", call_sign="西子二间")) == 1

    assert store.radio_secret(R1) == before
    assert [known.call_sign for known in store.load().radios] == ["西子二间"]


def test_a_prepared_secret_is_taken(store: SqlStore, tmp_path: Path) -> None:
    """A credentials file made beforehand is the one that radios already have."""
    (tmp_path / CREDENTIALS_FILE).write_text(
        '{"radios": {"r1": {"secret": "prepared", "community": "xizi"}}}'
    )

    enroll(store, tmp_path, record("r1"))

    kept = store.radio_secret(R1)
    assert kept is not None
    assert verify_secret("prepared", kept.secret_hash)


def test_a_revoked_radio_stays_out_over_a_restart(store: SqlStore, tmp_path: Path) -> None:
    """It still stands in the community file; that must not let it in again."""
    enroll(store, tmp_path, record("r1"))
    store.submit([RadioRevoked(t=NOON, community=XIZI, radio=R1, by=None)]).result(10)

    assert enroll(store, tmp_path, record("r1"), renew_lost=True) == 0

    kept = store.radio_secret(R1)
    assert kept is not None
    assert kept.revoked


def test_secrets_handed_out_and_removed_from_the_file_stay_good(
    store: SqlStore, tmp_path: Path
) -> None:
    """An administrator who deletes the file has not locked out a community."""
    enroll(store, tmp_path, record("r1"))
    before = store.radio_secret(R1)
    (tmp_path / CREDENTIALS_FILE).unlink()

    assert enroll(store, tmp_path, record("r1")) == 0

    assert store.radio_secret(R1) == before


def test_a_secret_given_later_outlives_a_restart(store: SqlStore, tmp_path: Path) -> None:
    """`yihu enroll` gave it a new one; the old word in the file must not bring the old one back."""
    enroll(store, tmp_path, record("r1"))
    later = hash_secret("later", b"s" * SALT_BYTES)
    store.enroll(record("r1"), secret_hash=later, t=NOON).result(10)

    enroll(store, tmp_path, record("r1", call_sign="西子二间"))

    kept = store.radio_secret(R1)
    assert kept is not None
    assert kept.secret_hash == later


def test_the_demo_makes_its_lost_secrets_anew(store: SqlStore, tmp_path: Path) -> None:
    """Its simulated radios need words, and nobody carries them."""
    enroll(store, tmp_path, record("r1"))
    (tmp_path / CREDENTIALS_FILE).unlink()

    assert enroll(store, tmp_path, record("r1"), renew_lost=True) == 1

    word = load_credentials(tmp_path / CREDENTIALS_FILE).radios[R1].secret
    kept = store.radio_secret(R1)
    assert kept is not None
    assert verify_secret(word, kept.secret_hash)


def test_a_start_without_changes_hashes_nothing(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand secrets would take a minute."""
    enroll(store, tmp_path, record("r1"), record("r2"))
    monkeypatch.setattr("devices.enrolment.verify_secret", _never)
    monkeypatch.setattr("devices.enrolment.hash_secret", _never)

    assert enroll(store, tmp_path, record("r1"), record("r2")) == 0


def _never(*_: object) -> bool:
    raise AssertionError("a secret was hashed")


def test_a_secret_given_anew_since_is_told_to_be_another_than_in_the_file(
    store: SqlStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`yihu press` would be refused, and nobody would know why."""
    enroll(store, tmp_path, record("r1"), record("r2"))
    later = round((tmp_path / CREDENTIALS_FILE).stat().st_mtime + 60) * SECOND
    anew = hash_secret("another", b"s" * SALT_BYTES)
    store.enroll(record("r1"), secret_hash=anew, t=later).result(20)

    assert enroll(store, tmp_path, record("r1"), record("r2")) == 0

    told = capsys.readouterr().out
    assert "secret_in_file_is_void" in told
    assert "r1" in told
    assert "r2" not in told
