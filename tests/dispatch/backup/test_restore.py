"""What was backed up is back, whole, and nothing else is touched on the way."""

import shutil
from pathlib import Path

import msgspec
import pytest

from dispatch.backup import files
from dispatch.backup.check import check
from dispatch.backup.errors import BackupError
from dispatch.backup.manifest import (
    DATA,
    DUMP_FILE,
    MANIFEST_FILE,
    read_manifest,
    text_of,
)
from dispatch.errors import SettingsError
from dispatch.store import dumping
from dispatch.store.folder import RESTORING, FolderLock, make_folder
from dispatch.store.sql import verify_at
from tests.dispatch.backup.conftest import Centre, Elsewhere
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import note
from tests.dispatch.store.left import as_left_by
from tests.dispatch.store.past import everything


def rewritten(folder: Path, **changes: object) -> Path:
    """The backup with another manifest."""
    manifest = msgspec.structs.replace(read_manifest(folder), **changes)
    (folder / MANIFEST_FILE).write_bytes(text_of(manifest))
    return folder


def test_a_hub_goes_on_where_the_backup_ended(centre: Centre, elsewhere: Elsewhere) -> None:
    backup = centre.backup().folder

    done = elsewhere.put_back(backup)

    assert done.faults == []
    store, was = elsewhere.open(), centre.home.open()
    assert store.load().seq == 3
    assert store.verify().head == was.verify().head
    assert everything(store) == everything(was)
    store.submit([note("后")]).result(20)
    assert store.verify().broken_at_seq is None
    store.close()
    was.close()


def test_one_of_an_older_version_is_brought_up_to_date_by_the_next_start(
    home: Home, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """The last backup before an upgrade that went wrong, or one from last year."""
    as_left_by("0003", home)
    (tmp_path / "usb").mkdir()
    made = Centre(home=home, to=tmp_path / "usb").backup()
    assert made.manifest.schema == "0003"
    assert check(made.folder).faults == []

    done = elsewhere.put_back(made.folder)

    assert done.faults == []
    store = elsewhere.open()
    assert store.verify().head == made.manifest.journal.hash
    assert store.load().seq == made.manifest.journal.seq
    store.close()


def test_what_lay_beside_it_is_back(centre: Centre, elsewhere: Elsewhere) -> None:
    elsewhere.put_back(centre.backup().folder)

    for name in ("yihu.toml", "town/community.toml", "town/g.geojson", "credentials.json"):
        there = elsewhere.data_dir / name
        assert there.read_bytes() == (centre.data_dir / name).read_bytes()
        assert there.stat().st_mode & 0o777 == 0o600
    assert elsewhere.data_dir.stat().st_mode & 0o777 == 0o700
    assert not (elsewhere.data_dir / "local-token").exists()


def test_logins_end(centre: Centre, elsewhere: Elsewhere) -> None:
    """Whoever was shown out after the backup does not walk in again with it."""
    centre.home.tamper(
        "INSERT INTO sessions VALUES ('d', 's', 'wang', 1, 1, '10.0.0.1', 'a browser')",
        "INSERT INTO access_links VALUES ('d', 'wang', 9)",
        "INSERT INTO access_tokens VALUES ('d', 't', 'wang', 9)",
    )

    elsewhere.put_back(centre.backup().folder)

    there = Home(url=elsewhere.url, data_dir=elsewhere.data_dir)
    assert there.rows("SELECT count(*) FROM sessions") == [(0,)]
    assert there.rows("SELECT count(*) FROM access_links") == [(0,)]
    assert there.rows("SELECT count(*) FROM access_tokens") == [(1,)]


def test_what_the_settings_name_elsewhere_is_told_where_it_is_missing(
    centre: Centre, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    town = tmp_path / "etc"
    town.mkdir()
    for name in ("community.toml", "g.geojson"):
        shutil.copy(centre.data_dir / "town" / name, town / name)
    (centre.data_dir / "yihu.toml").write_text(f'community_files = ["{town}/community.toml"]\n')
    backup = centre.backup().folder
    (town / "g.geojson").unlink()

    done = elsewhere.put_back(backup)

    assert done.outside == [town / "g.geojson"]
    assert (elsewhere.data_dir / f"outside{town}" / "g.geojson").read_text() == "{}"


# --- refused ---


def refusal(elsewhere: Elsewhere, backup: Path) -> str:
    """And nothing that a hub would take for a store is there afterwards."""
    with pytest.raises((BackupError, SettingsError)) as caught:
        elsewhere.put_back(backup)
    return str(caught.value)


def test_a_folder_with_a_journal_is_refused(centre: Centre, elsewhere: Elsewhere) -> None:
    backup = centre.backup().folder
    elsewhere.data_dir.mkdir(parents=True)
    (elsewhere.data_dir / "journal.db-wal").write_text("mine")

    assert "has a journal or a history already" in refusal(elsewhere, backup)

    assert (elsewhere.data_dir / "journal.db-wal").read_text() == "mine"


def test_a_file_of_somebody_is_not_written_over(centre: Centre, elsewhere: Elsewhere) -> None:
    backup = centre.backup().folder
    elsewhere.data_dir.mkdir(parents=True)
    (elsewhere.data_dir / "yihu.toml").write_text("http_port = 8443\n")

    assert "yihu.toml is there already" in refusal(elsewhere, backup)

    assert (elsewhere.data_dir / "yihu.toml").read_text() == "http_port = 8443\n"


@pytest.mark.parametrize("name", ["hub.lock", "run.lock"])
def test_a_running_hubs_folder_is_refused(centre: Centre, elsewhere: Elsewhere, name: str) -> None:
    backup = centre.backup().folder
    elsewhere.data_dir.mkdir(parents=True)
    lock = FolderLock(elsewhere.data_dir, name=name)

    said = refusal(elsewhere, backup)

    lock.release()
    assert "has the data folder" in said


def test_a_database_that_is_not_empty_is_refused(centre: Centre, elsewhere: Elsewhere) -> None:
    if not elsewhere.url:
        pytest.skip("SQLite's is the folder")
    backup = centre.backup().folder
    Home(url=elsewhere.url, data_dir=elsewhere.data_dir).tamper("CREATE TABLE theirs (a int)")

    assert "is not empty" in refusal(elsewhere, backup)
    assert not (elsewhere.data_dir / "yihu.toml").exists()


def test_a_database_that_a_hub_has_is_refused(centre: Centre, tmp_path: Path) -> None:
    if not centre.home.url:
        pytest.skip("SQLite's is the folder")
    backup = centre.backup().folder
    store = centre.home.open()

    said = refusal(Elsewhere(data_dir=tmp_path / "new", url=centre.home.url), backup)

    store.close()
    assert "a hub has the database" in said


def test_the_other_database_is_refused(centre: Centre, elsewhere: Elsewhere) -> None:
    backup = centre.backup().folder
    other = "" if elsewhere.url else "postgresql://nobody@127.0.0.1:1/none"

    said = refusal(Elsewhere(data_dir=elsewhere.data_dir, url=other), backup)

    assert "the backup is of" in said


def test_a_newer_format_is_refused(centre: Centre, elsewhere: Elsewhere) -> None:
    backup = rewritten(centre.backup().folder, format=2)

    assert "format 2" in refusal(elsewhere, backup)


def test_a_newer_journal_is_refused(centre: Centre, elsewhere: Elsewhere) -> None:
    """Before an hour of copying, and before an older hub would say so."""
    backup = rewritten(centre.backup().folder, schema="9999")

    assert "newer Yihu" in refusal(elsewhere, backup)


def test_a_changed_file_is_refused_and_nothing_is_left(
    centre: Centre, elsewhere: Elsewhere
) -> None:
    backup = centre.backup().folder
    with (backup / DATA / "credentials.json").open("a") as file:
        file.write(" ")

    assert "is not as it was written" in refusal(elsewhere, backup)

    assert {each.name for each in elsewhere.data_dir.iterdir()} <= {"hub.lock", "run.lock"}


def test_a_missing_file_is_refused(centre: Centre, elsewhere: Elsewhere) -> None:
    backup = centre.backup().folder
    (backup / DATA / "credentials.json").unlink()

    assert "credentials.json" in refusal(elsewhere, backup)


def test_a_link_that_leads_elsewhere_is_refused(
    centre: Centre, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    backup = centre.backup().folder
    (backup / DATA / "town").rename(tmp_path / "town")
    (backup / DATA / "town").symlink_to(tmp_path / "town")

    assert "is a link" in refusal(elsewhere, backup)


def test_one_without_a_manifest_is_refused(centre: Centre, elsewhere: Elsewhere) -> None:
    backup = centre.backup().folder
    (backup / MANIFEST_FILE).unlink()

    assert "no whole backup" in refusal(elsewhere, backup)
    assert "never finished" in refusal(elsewhere, backup.with_suffix(".partial"))


def test_too_little_room_is_refused(
    centre: Centre, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = centre.backup().folder
    usage = shutil.disk_usage(backup)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1_000_000))

    assert "has 1 MB free" in refusal(elsewhere, backup)


def test_a_journal_that_ends_elsewhere_is_said(centre: Centre, elsewhere: Elsewhere) -> None:
    """It is put there all the same: there may be no other."""
    backup = centre.backup().folder
    end = read_manifest(backup).journal
    backup = rewritten(backup, journal=msgspec.structs.replace(end, seq=9))

    done = elsewhere.put_back(backup)

    assert done.faults == ["the journal ends at fact 3, and the manifest says 9"]


# --- broken off ---


class _PulledError(Exception):
    """Somebody pulled the plug."""


def test_broken_off_while_copying_nothing_is_left(
    centre: Centre, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = centre.backup().folder

    def pulled(*_: object) -> None:
        raise _PulledError

    monkeypatch.setattr(files, "copy", pulled)
    with pytest.raises(_PulledError):
        elsewhere.put_back(backup)

    assert {each.name for each in elsewhere.data_dir.iterdir()} <= {"hub.lock", "run.lock"}


def test_broken_off_in_the_middle_no_hub_starts_until_it_is_done_again(
    centre: Centre, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub would begin an empty journal, and the restore be refused for it ever after."""
    backup = centre.backup().folder
    with monkeypatch.context() as broken:
        broken.setattr(files, "sync_folders", _after(1))
        with pytest.raises(_PulledError):
            elsewhere.put_back(backup)

    assert (elsewhere.data_dir / RESTORING).is_dir()
    with pytest.raises(SettingsError, match="is being put back"):
        make_folder(elsewhere.data_dir)
    with pytest.raises(SettingsError, match="is being put back"):
        elsewhere.open()

    assert elsewhere.put_back(backup).faults == []
    elsewhere.open().close()


def test_broken_off_after_the_database_it_may_be_given_again(
    centre: Centre, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not elsewhere.url:
        pytest.skip("SQLite's is the folder")
    backup = centre.backup().folder
    put_back = dumping.put_back

    def pulled(*given: object) -> None:
        put_back(*given)  # type: ignore[arg-type]  # handed on as they are
        raise _PulledError

    with monkeypatch.context() as broken:
        broken.setattr(dumping, "put_back", pulled)
        with pytest.raises(_PulledError):
            elsewhere.put_back(backup)

    assert elsewhere.put_back(backup).faults == []


def _after(count: int) -> "Pulled":
    return Pulled(count)


class Pulled:
    """Does its work so many times."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self, top: Path) -> None:
        if not self.left:
            raise _PulledError
        self.left -= 1


# --- without restoring ---


def test_a_whole_backup_checks_as_whole(centre: Centre) -> None:
    assert check(centre.backup().folder).faults == []


def test_checking_finds_a_changed_byte(centre: Centre) -> None:
    backup = centre.backup().folder
    name = DUMP_FILE if centre.home.url else f"{DATA}/journal.db"
    with (backup / name).open("r+b") as file:
        file.seek(5000)
        file.write(b"?")

    assert check(backup).faults == [f"{name} is not as it was written"]


def test_checking_walks_the_chain(centre: Centre) -> None:
    """A journal that somebody tampered with before it was copied has the right sha256."""
    if centre.home.url:
        pytest.skip("a dump is not walked")
    centre.home.tamper("UPDATE journal SET t = t + 1 WHERE seq = 2")

    [fault] = check(centre.backup().folder).faults

    assert fault.startswith("the journal is broken at fact 2")


def test_checking_leaves_nothing_beside_it(centre: Centre) -> None:
    """A backup may lie on a disk that is written once."""
    backup = centre.backup().folder
    before = sorted(each.name for each in (backup / DATA).rglob("*"))

    check(backup)

    assert sorted(each.name for each in (backup / DATA).rglob("*")) == before


def test_the_restored_journal_is_one_for_verify(centre: Centre, elsewhere: Elsewhere) -> None:
    made = centre.backup()

    elsewhere.put_back(made.folder)

    report = verify_at(elsewhere.url, elsewhere.data_dir, noted=made.manifest.journal.hash)
    assert report.held == 3
