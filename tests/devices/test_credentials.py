"""The file of radios' secrets: kept from others, refused in a sentence."""

from pathlib import Path

import pytest

from devices.credentials import (
    Credentials,
    RadioCredentials,
    load_credentials,
    save_credentials,
)
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId

KNOWN = RadioCredentials(
    radio=RadioId("xz-01"), community=CommunityId("xizi"), call_sign="西子一间", secret="s3cret"
)
FILE = Credentials(broker_url="mqtt://127.0.0.1:1883", radios={KNOWN.radio: KNOWN})


def test_what_was_saved_is_loaded_and_nobody_else_reads_it(tmp_path: Path) -> None:
    """Secrets in a data folder must not be the whole machine's."""
    file = tmp_path / "credentials.json"

    save_credentials(file, FILE)

    assert load_credentials(file) == FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["credentials.json"]


def test_a_radio_is_found_by_call_sign_or_id() -> None:
    """People say 西子一间; programs say xz-01."""
    assert FILE.by_name("西子一间") == FILE.by_name("xz-01") == KNOWN
    assert FILE.by_name("nobody") is None


def test_secrets_are_not_shown() -> None:
    """Not in a traceback, not in a log."""
    assert "s3cret" not in repr(FILE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"radios": {"xz-01": {}}}',
        '{"radios": {"XZ 01": {"secret": "s", "community": "xizi"}}}',
        '{"radios": {"xz-01": {"secret": "s", "community": "../"}}}',
        "[" * 100_000,
    ],
)
def test_another_file_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    """Naming the file and what to do."""
    file = tmp_path / "credentials.json"
    file.write_text(text)

    with pytest.raises(SettingsError, match=str(file)):
        load_credentials(file)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    """The first thing somebody will run into."""
    with pytest.raises(SettingsError, match="start yihu once"):
        load_credentials(tmp_path / "credentials.json")
    with pytest.raises(SettingsError, match="cannot be written"):
        save_credentials(tmp_path / "no" / "credentials.json", FILE)
