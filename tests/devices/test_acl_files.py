"""``yihu acl``: the files for a Mosquitto of one's own, readable by their owner only."""

import grp
import os
import random
from pathlib import Path

import pytest

from devices.acl_files import write_acl
from devices.secrets import SALT_BYTES, hash_secret
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from dispatch.store.port import RadioSecret
from tests.dispatch.tls.certificates import shown


def secret(name: str, *, revoked: bool = False) -> RadioSecret:
    return RadioSecret(
        radio=RadioId(name),
        community=CommunityId("xizi"),
        secret_hash=hash_secret("word", b"s" * SALT_BYTES),
        revoked=revoked,
    )


def write(
    folder: Path, group: str | None = None, *, tls: tuple[Path, Path] | None = None
) -> list[Path]:
    return write_acl(
        folder,
        [secret("r1"), secret("r2", revoked=True)],
        hub_password="hub",
        host="127.0.0.1",
        port=1883,
        token=random.Random(1).randbytes,
        group=group,
        tls=tls,
    )


def test_a_certificate_is_copied_for_the_same_readers(tmp_path: Path) -> None:
    """Mosquitto's user may not read our folder, and the listener names the copies."""
    files = shown(tmp_path / "made")
    folder = tmp_path / "mosquitto"

    written = write(folder, grp.getgrgid(os.getegid()).gr_name, tls=files.pair)

    names = {file.name: file.stat().st_mode & 0o777 for file in written}
    assert names["yihu.key"] == names["yihu.crt"] == 0o640
    text = (folder / "yihu.conf").read_text()
    assert f"certfile {folder}/yihu.crt\nkeyfile {folder}/yihu.key\n" in text
    with pytest.raises(SettingsError, match="cannot be used"):
        write(folder, tls=(files.certificate, files.certificate))


def test_a_revoked_radio_stands_in_none_of_the_files(tmp_path: Path) -> None:
    """Writing the files again is how a foreign broker learns of a revocation."""
    texts = [file.read_text() for file in write(tmp_path / "mosquitto")]

    assert any("r1" in text for text in texts)
    assert not any("r2" in text for text in texts)


def test_only_their_owner_may_read_them(tmp_path: Path) -> None:
    """Hashes are not for everybody either."""
    for file in write(tmp_path):
        assert file.stat().st_mode & 0o077 == 0


def test_the_group_that_is_named_may_read_them_and_nobody_else(tmp_path: Path) -> None:
    """Debian's Mosquitto runs as a user of its own and could not start otherwise."""
    ours = grp.getgrgid(os.getegid())

    for file in write(tmp_path, group=ours.gr_name):
        assert file.stat().st_gid == ours.gr_gid
        assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to any group")
def test_root_may_name_any_group(tmp_path: Path) -> None:
    other = next(group for group in grp.getgrall() if group.gr_gid != os.getegid())

    for file in write(tmp_path, group=other.gr_name):
        assert file.stat().st_gid == other.gr_gid


@pytest.mark.parametrize("group", ["no-such-group", "", "a\0b"])
def test_a_group_that_is_none_is_said_before_anything_is_written(
    tmp_path: Path, group: str
) -> None:
    with pytest.raises(SettingsError, match="--group"):
        write(tmp_path / "mosquitto", group=group)

    assert not (tmp_path / "mosquitto").exists()


def test_a_group_that_we_may_not_give_files_to_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel lets an ordinary user give files to the groups it is in only."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)

    with pytest.raises(SettingsError, match=r"not permitted.*root"):
        write(tmp_path, group=grp.getgrgid(os.getegid()).gr_name)


def test_a_folder_that_is_none_is_said_in_one_sentence(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="--out"):
        write(tmp_path / "file")
