"""What the office page is told of backups."""

from pathlib import Path

import msgspec
import pytest

from console import backups
from console.backups import backups_doc
from dispatch.backup.daily import OLD_AFTER, Daily
from dispatch.backup.restored import RestoredFrom
from dispatch.clock import DAY, SECOND, Instant
from dispatch.settings import Backups, Settings

NOW = 1_790_000_000 * SECOND


async def nothing() -> str:
    return ""


def daily() -> Daily:
    return Daily(at="03:30", zone="UTC", newest=lambda: None, make=nothing)


def settings(folder: Path, to: Path | None) -> Settings:
    return Settings(data_dir=folder, backup=Backups(to=to))


class Found:
    """A backup in the folder, made then."""

    def __init__(self, made_t: Instant) -> None:
        self.manifest = msgspec.defstruct("Manifest", [("made_t", int)])(made_t=made_t)


@pytest.mark.parametrize(("age", "stale"), [(DAY, False), (OLD_AFTER + 1, True)])
def test_an_old_one_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: Instant, stale: bool
) -> None:
    """Two nights without one is no accident any more."""
    monkeypatch.setattr(backups, "newest_of", lambda *_: Found(NOW - age))
    made = daily()
    made.checked_t, made.wrong = NOW, "a file is missing"

    told = backups_doc(settings(tmp_path, tmp_path), made, None, lambda: NOW)

    assert (told.to, told.newest, told.stale) == (str(tmp_path), (NOW - age) // 1000, stale)
    assert (told.checked, told.wrong) == (NOW // 1000, "a file is missing")


def test_a_folder_that_cannot_be_seen_is_told_with_its_reason(tmp_path: Path) -> None:
    """The stick is out."""
    told = backups_doc(settings(tmp_path, tmp_path / "none"), daily(), None, lambda: NOW)

    assert (told.unseen, told.newest, told.stale) == ("No such file or directory", None, True)


def test_without_a_folder_nothing_is_stale(tmp_path: Path) -> None:
    """That none is set up is said in another sentence."""
    told = backups_doc(settings(tmp_path, None), None, None, lambda: NOW)

    assert (told.to, told.stale) == ("", False)


def test_a_restore_is_told_with_what_is_missing(tmp_path: Path) -> None:
    """Whoever revoked a radio after that moment has to do it again."""
    restored = RestoredFrom(backup="yihu-20260921-033000", until_t=NOW - DAY, restored_t=NOW)

    told = backups_doc(settings(tmp_path, None), None, restored, lambda: NOW)

    assert (told.restored, told.restored_until) == (NOW // 1000, (NOW - DAY) // 1000)
    assert told.restored_from == "yihu-20260921-033000"
