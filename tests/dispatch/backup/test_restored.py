"""A hub on a restored folder says from when on something is missing."""

from pathlib import Path

import pytest

from dispatch.backup.contents import contents_of
from dispatch.backup.restored import (
    RESTORED_FILE,
    SHOWN_FOR,
    TOLD_FOR,
    RestoredFrom,
    lately,
    note_restored,
    restored_from,
)
from dispatch.clock import SECOND
from dispatch.settings import Settings

NOON = 1_790_000_000 * SECOND
TOLD = RestoredFrom(backup="yihu-20260921-033000", until_t=NOON - 3600 * SECOND, restored_t=NOON)


def test_what_was_noted_is_read_again(tmp_path: Path) -> None:
    note_restored(tmp_path, TOLD)

    assert restored_from(tmp_path) == TOLD
    assert (tmp_path / RESTORED_FILE).stat().st_mode & 0o777 == 0o600
    assert TOLD.words == (
        "restored on 2026-09-21 from the backup yihu-20260921-033000:"
        " what was done after 2026-09-21 13:13 UTC is missing here"
    )


def test_a_folder_of_its_own_was_restored_from_nothing(tmp_path: Path) -> None:
    assert restored_from(tmp_path) is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"backup": 1}', b"\xff" * 9000])
def test_a_file_that_cannot_be_read_keeps_no_hub_down(tmp_path: Path, data: bytes) -> None:
    """Somebody edited it, or the disk did."""
    (tmp_path / RESTORED_FILE).write_bytes(data)

    assert restored_from(tmp_path) is None


def test_it_is_told_for_a_while_and_then_no_more() -> None:
    """A sentence that stands for ever is read by nobody."""
    assert lately(TOLD, NOON, within=SHOWN_FOR) == TOLD
    assert lately(TOLD, NOON + SHOWN_FOR + 1, within=SHOWN_FOR) is None
    assert lately(TOLD, NOON + SHOWN_FOR + 1, within=TOLD_FOR) == TOLD
    assert lately(TOLD, NOON + TOLD_FOR + 1, within=TOLD_FOR) is None
    assert lately(None, NOON, within=TOLD_FOR) is None


def test_it_is_in_no_backup(tmp_path: Path) -> None:
    """A folder restored from that one was not restored from this one's."""
    note_restored(tmp_path, TOLD)

    assert RESTORED_FILE not in contents_of(Settings(data_dir=tmp_path), None).inside
