"""A backup holds all that cannot be made again, and nothing that opens a door."""

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest

from dispatch.backup import files
from dispatch.backup.errors import BackupError
from dispatch.backup.manifest import DATA, DUMP_FILE, read_manifest
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from dispatch.store import copying
from dispatch.store.folder import FolderLock
from dispatch.store.sql import verify_at
from tests.dispatch.backup.conftest import DAYS, Centre
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import NOON, note
from tests.dispatch.store.past import fixes


def names(centre: Centre) -> set[str]:
    return {each.name for each in read_manifest(centre.backup().folder).files}


def only_sqlite(centre: Centre) -> None:
    if centre.home.url:
        pytest.skip("PostgreSQL has no files of days")


def test_what_cannot_be_made_again_is_in_it(centre: Centre) -> None:
    stored = {f"{DATA}/journal.db", f"{DATA}/history.db", *(f"{DATA}/history/{d}.db" for d in DAYS)}

    assert names(centre) == {
        *({DUMP_FILE} if centre.home.url else stored),
        f"{DATA}/yihu.toml",
        f"{DATA}/town/community.toml",
        f"{DATA}/town/g.geojson",
        f"{DATA}/credentials.json",
    }


def test_what_is_left_out_is_said_with_the_reason(centre: Centre) -> None:
    left_out = {each.name: each.why for each in centre.backup().manifest.left_out}

    assert left_out["cache/"] == "the next start makes it again"
    assert "local-token" in left_out


def test_it_says_where_the_journal_ended(centre: Centre) -> None:
    """The hash is what one notes elsewhere, to see later that nothing was cut off."""
    manifest = centre.backup().manifest

    there = verify_at(centre.home.url, centre.data_dir)
    assert (manifest.journal.seq, manifest.journal.hash) == (there.facts, there.head)
    assert manifest.schema == "0005"


def test_only_its_owner_may_look(centre: Centre) -> None:
    """Locations, names and secrets are inside."""
    folder = centre.backup().folder

    for top, folders, found in os.walk(folder):
        for name in folders:
            assert stat.S_IMODE((Path(top) / name).stat().st_mode) == 0o700
        for name in found:
            assert stat.S_IMODE((Path(top) / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_day_that_is_as_it_was_takes_no_room_again(centre: Centre) -> None:
    """A month of positions on a stick, day by day, must not become thirty months."""
    only_sqlite(centre)
    first = centre.backup()

    second = centre.backup()

    day = f"{DATA}/history/{DAYS[0]}.db"
    assert (first.folder / day).stat().st_ino == (second.folder / day).stat().st_ino
    assert second.manifest.file(day) == first.manifest.file(day)
    assert second.linked == 6  # two days and four files


def test_a_day_that_changed_is_copied_anew(centre: Centre) -> None:
    """Erased positions must not live on in the next backup by way of the last one."""
    only_sqlite(centre)
    first = centre.backup()
    store = centre.home.open()
    store.submit_fixes(fixes(unit="r2", start=NOON, count=1), [])
    store.flush_history()
    store.close()

    second = centre.backup()

    for day, same in zip(DAYS, (True, False), strict=True):
        name = f"{DATA}/history/{day}.db"
        both = first.manifest.file(name), second.manifest.file(name)
        assert both[0] is not None
        assert both[1] is not None
        assert (both[0].sha256 == both[1].sha256) is same


def test_a_day_written_a_moment_ago_is_not_taken_for_unchanged(centre: Centre) -> None:
    """Two writes may bear one time."""
    only_sqlite(centre)
    day = centre.data_dir / "history" / f"{DAYS[0]}.db"
    centre.now_ns = day.stat().st_mtime_ns - 60_000_000_000 + 1
    first = centre.backup()

    second = centre.backup()

    name = f"{DATA}/history/{DAYS[0]}.db"
    assert (first.folder / name).stat().st_ino != (second.folder / name).stat().st_ino


def test_without_links_it_is_copied(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stick from the shop is FAT."""
    only_sqlite(centre)
    centre.backup()

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    second = centre.backup()

    assert second.linked == 0
    assert (second.folder / DATA / "history" / f"{DAYS[0]}.db").is_file()


def test_a_day_dropped_meanwhile_breaks_nothing(centre: Centre) -> None:
    """The hub drops what is too old whenever its day is over, also at half past three."""
    only_sqlite(centre)

    dropped = centre.data_dir / "history" / f"{DAYS[1]}.db"

    def drop(_s: float) -> None:
        if any(centre.to.glob("*/data/history")):  # the days are listed, the first is copied
            dropped.unlink(missing_ok=True)

    made = centre.backup(on_pause=drop)

    name = f"{DATA}/history/{DAYS[1]}.db"
    assert made.manifest.file(name) is None
    assert {each.name: each.why for each in made.manifest.left_out}[name].startswith("the hub drop")


def test_a_torn_day_is_named_and_the_others_are_kept(centre: Centre) -> None:
    only_sqlite(centre)
    (centre.data_dir / "history" / f"{DAYS[0]}.db").write_bytes(b"no database" * 1000)

    made = centre.backup()

    assert made.manifest.file(f"{DATA}/history/{DAYS[1]}.db") is not None
    assert any(DAYS[0] in remark for remark in made.remarks)


def test_writing_meanwhile_neither_waits_nor_begins_it_anew(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is of one moment, the one when it began."""
    only_sqlite(centre)
    monkeypatch.setattr(copying, "STEP_PAGES", 4)
    store = centre.home.open()
    written = iter(range(50))

    def write(_s: float) -> None:
        if next(written, None) is not None:
            store.submit([note("二")]).result(20)

    manifest = centre.backup(on_pause=write).manifest

    assert manifest.journal.seq == 3
    assert store.verify().facts > 10
    store.close()


def test_nobody_is_logged_in_in_a_backup(centre: Centre) -> None:
    """What was let in then may have been shown out since."""
    centre.home.tamper(
        "INSERT INTO sessions VALUES ('d', 's', 'wang', 1, 1, '10.0.0.1', 'a browser')",
        "INSERT INTO access_links VALUES ('d', 'wang', 9)",
    )

    folder = centre.backup().folder

    if not centre.home.url:
        assert b"10.0.0.1" not in (folder / DATA / "journal.db").read_bytes()
    assert centre.home.rows("SELECT count(*) FROM sessions") == [(1,)]


def test_what_the_settings_name_elsewhere_is_taken_too(centre: Centre, tmp_path: Path) -> None:
    town = tmp_path / "etc" / "town"
    town.mkdir(parents=True)
    (town / "community.toml").write_text('[community]\ngrids = "g.geojson"\nplans = ["p.toml"]\n')
    (town / "g.geojson").write_text("{}")
    (centre.data_dir / "yihu.toml").write_text(f'community_files = ["{town}/community.toml"]\n')

    made = centre.backup()

    taken = {each.name for each in made.manifest.files}
    assert {f"outside{town}/community.toml", f"outside{town}/g.geojson"} < taken
    assert [r for r in made.remarks if f"{town}/p.toml" in r]


# --- refused ---


def refused(centre: Centre, to: Path) -> str:
    with pytest.raises(BackupError) as caught:
        Centre(home=centre.home, to=to).backup()
    return str(caught.value)


def test_a_place_in_the_data_folder_is_refused(centre: Centre) -> None:
    assert "in the data folder itself" in refused(centre, centre.data_dir / "backups")


def test_a_disk_that_is_not_there_is_refused(centre: Centre, tmp_path: Path) -> None:
    """Else the stick that nobody plugged in is a folder on the disk that will die."""
    assert "is its disk mounted?" in refused(centre, tmp_path / "usb" / "yihu")
    assert not (tmp_path / "usb" / "yihu").exists()


def test_a_file_in_its_place_is_refused(centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert "ours to write" in refused(centre, tmp_path / "file")


def test_a_folder_without_a_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "usb").mkdir()
    with pytest.raises(SettingsError, match="no journal"):
        Centre(home=_empty(tmp_path), to=tmp_path / "usb").backup()


def _empty(tmp_path: Path) -> Home:
    return Home(url="", data_dir=tmp_path / "data")


def test_two_at_a_time_are_refused(centre: Centre) -> None:
    lock = FolderLock(centre.to, name=".yihu-backup.lock", kind="backup")

    said = refused(centre, centre.to)

    lock.release()
    assert "another backup" in said


def test_too_little_room_is_refused_before_it_begins(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(centre.data_dir)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))

    assert "has 1 MB free" in refused(centre, centre.to)


# --- broken off ---


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_nothing_that_looks_whole(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files, "write", full)

    assert "is full" in refused(centre, centre.to)
    assert [each.name for each in centre.to.iterdir()] == [".yihu-backup.lock"]


def test_one_broken_off_leaves_nothing_that_looks_whole(centre: Centre) -> None:
    only_sqlite(centre)

    def end(_s: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        centre.backup(on_pause=end)

    assert [each.name for each in centre.to.iterdir()] == [".yihu-backup.lock"]


def test_what_a_killed_one_left_is_removed_by_the_next(centre: Centre) -> None:
    left = centre.to / "yihu-20260101-000000.partial"
    left.mkdir()
    (left / "data").mkdir()
    other = centre.to / "holiday.partial"
    other.mkdir()

    centre.backup()

    assert not left.exists()
    assert other.exists()


def test_a_disk_of_its_own_is_recommended(centre: Centre) -> None:
    said = " ".join(centre.backup().remarks)

    assert ("same disk" in said) is not bool(centre.home.url)


def test_settings_need_no_file(centre: Centre) -> None:
    """The demo, or a hub whose options stand in its unit file."""
    (centre.data_dir / "yihu.toml").unlink()

    assert isinstance(centre.settings(), Settings)
    assert f"{DATA}/town/g.geojson" in names(centre)
