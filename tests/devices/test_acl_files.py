"""``yihu acl``: the files for a Mosquitto of one's own, readable by their owner only."""

import random
from pathlib import Path

import pytest

from devices.acl_files import write_acl
from devices.secrets import SALT_BYTES, hash_secret
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from dispatch.store.port import RadioSecret


def secret(name: str, *, revoked: bool = False) -> RadioSecret:
    return RadioSecret(
        radio=RadioId(name),
        community=CommunityId("xizi"),
        secret_hash=hash_secret("word", b"s" * SALT_BYTES),
        revoked=revoked,
    )


def write(folder: Path) -> list[Path]:
    return write_acl(
        folder,
        [secret("r1"), secret("r2", revoked=True)],
        hub_password="hub",
        host="127.0.0.1",
        port=1883,
        token=random.Random(1).randbytes,
    )


def test_a_revoked_radio_stands_in_none_of_the_files(tmp_path: Path) -> None:
    """Writing the files again is how a foreign broker learns of a revocation."""
    texts = [file.read_text() for file in write(tmp_path / "mosquitto")]

    assert any("r1" in text for text in texts)
    assert not any("r2" in text for text in texts)


def test_only_their_owner_may_read_them(tmp_path: Path) -> None:
    """Hashes are not for everybody either."""
    for file in write(tmp_path):
        assert file.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_none_is_said_in_one_sentence(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="--out"):
        write(tmp_path / "file")
