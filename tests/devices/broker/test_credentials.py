"""The broker's secrets are made once and kept from others."""

import json
import stat
from pathlib import Path

import pytest

from devices.broker.credentials import SECRETS_FILE, keep_secrets
from dispatch.errors import SettingsError


def counting(size: int) -> bytes:
    return bytes(range(size))


def never(size: int) -> bytes:
    raise AssertionError("new secrets were made")


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """A restart must find the password that the hub's session was opened with."""
    made = keep_secrets(tmp_path / "data", counting)

    assert keep_secrets(tmp_path / "data", never) == made


def test_only_their_owner_reads_them(tmp_path: Path) -> None:
    """Whoever has the seed can sign himself in as any radio."""
    keep_secrets(tmp_path, counting)

    assert stat.S_IMODE((tmp_path / SECRETS_FILE).stat().st_mode) == 0o600


def test_no_secret_is_shown_by_printing_them(tmp_path: Path) -> None:
    """They stand in tracebacks and debug lines otherwise."""
    made = keep_secrets(tmp_path, counting)

    assert made.hub_password not in repr(made)
    assert made.issuer_seed not in repr(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "{" * 5000,
        '{"hub_password": "a", "admission_password": "b", "issuer_seed": "no seed"}',
        '{"hub_password": "a", "admission_password": "b", "issuer_seed": 5}',
        '{"hub_password": 1, "admission_password": "b", "issuer_seed": "SAAA"}',
    ],
)
def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, text: str) -> None:
    """Making new ones silently would hide that somebody or something wrote there."""
    path = tmp_path / SECRETS_FILE
    path.write_text(text)

    with pytest.raises(SettingsError, match=SECRETS_FILE):
        keep_secrets(tmp_path, never)

    assert path.read_text() == text


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """A file where the data folder should be: as wrong as one without permission."""
    place = tmp_path / "data"
    place.write_text(json.dumps({}))

    with pytest.raises(SettingsError, match="data folder"):
        keep_secrets(place, counting)
