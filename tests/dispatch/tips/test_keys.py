"""The file with the keys: made once, for its owner's eyes, refused where it is another thing."""

import secrets
import stat
from pathlib import Path

import pytest

from dispatch.tips.keys import FILE, FILE_BYTES_MAX, KeyFile, TipKeyFileError, text_of
from dispatch.tips.sealing import KeyRing
from tests.dispatch.tips.rooms import DAY
from tests.dispatch.tips.tips import key, ring


def test_it_is_made_at_first_need_and_stays(tmp_path: Path) -> None:
    """A second one would shut what the first has sealed."""
    file = KeyFile.of(tmp_path)
    assert file.read() is None

    made = file.keep(secrets.token_bytes, DAY)

    assert file.keep(secrets.token_bytes, DAY) == made
    assert file.read() == made
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [FILE], "nothing half is left"


def test_two_that_make_it_at_once_have_the_same(tmp_path: Path) -> None:
    """The hub and a command; whoever was slower takes what is there."""
    file = KeyFile.of(tmp_path)
    faster: list[KeyRing] = []

    def token(size: int) -> bytes:
        if not faster:
            faster.append(KeyRing(()))  # so that it is asked once
            faster.append(KeyFile.of(tmp_path).keep(secrets.token_bytes, DAY))
        return secrets.token_bytes(size)

    assert file.keep(token, DAY) == faster[1]


def test_what_others_can_read_is_not_used(tmp_path: Path) -> None:
    """Whoever copied it has it: that must be said, and not be passed over."""
    file = KeyFile.of(tmp_path)
    file.keep(secrets.token_bytes, DAY)
    file.path.chmod(0o640)

    with pytest.raises(TipKeyFileError, match="chmod 600"):
        file.read()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"format":"another","keys":[]}',
        '{"format":"yihu-tips-key/1","keys":[]}',
        '{"format":"yihu-tips-key/1","keys":[{"made":"2026-11-22","private":"AAAA"}]}',
        '{"format":"yihu-tips-key/1","keys":[{"made":"2026-11-22","private":"no base64"}]}',
        " " * (FILE_BYTES_MAX + 1),
    ],
)
def test_what_is_no_such_file_is_refused_and_not_written_over(tmp_path: Path, text: str) -> None:
    """A key that somebody broke by hand may be mended by hand."""
    path = tmp_path / FILE
    path.write_text(text)
    path.chmod(0o600)

    with pytest.raises(TipKeyFileError, match="no file with keys"):
        KeyFile.of(tmp_path).keep(secrets.token_bytes, DAY)

    assert path.read_text() == text


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """Nothing is sealed with a key that is not on the disk."""
    with pytest.raises(TipKeyFileError, match="cannot be written"):
        KeyFile.of(tmp_path / "gone").keep(secrets.token_bytes, DAY)


def test_keys_are_written_newest_first(tmp_path: Path) -> None:
    """The first one seals."""
    old, new = key(), key()
    file = KeyFile.of(tmp_path)

    file.replace(ring(new, old))

    read = file.read()
    assert read is not None
    assert [each.id for each in read.keys] == [new.id, old.id]
    assert read.newest == new
    assert text_of(read) == file.path.read_text()
