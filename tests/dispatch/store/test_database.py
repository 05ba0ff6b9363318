"""What cannot work is said in one sentence with a remedy, and two hubs never share a store."""

import builtins
import os
from pathlib import Path
from typing import Any

import pytest

from dispatch.errors import SettingsError, StoreUnreachableError
from dispatch.store.sql import SqlStore, verify_at
from tests.dispatch.store.conftest import Home, after
from tests.dispatch.store.facts import alarm


def open_at(url: str, data_dir: Path) -> SqlStore:
    return SqlStore.open(url, data_dir=data_dir, on_state=lambda _why: None)


def test_a_second_hub_is_refused(home: Home) -> None:
    """Two hubs would call the same people twice and fork the chain."""
    home.open()

    with pytest.raises(SettingsError, match=r"another hub .*has .*; stop it"):
        home.open()


def test_once_the_first_hub_has_gone_the_next_may_come(home: Home) -> None:
    home.open().close()

    assert home.open().submit([alarm()]).result(20).seq == 1


def test_a_hub_that_lost_its_lock_does_not_write(home: Home) -> None:
    """Cut off and replaced by another hub, it must not come back and append to that one's chain."""
    if not home.url:
        pytest.skip("a lock on a file is not lost while the process lives")
    first = home.open()
    home.tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    second = home.open()
    home.on_pause = after(2, second.close)

    answer = first.submit([alarm()])

    assert answer.result(20).seq == 1
    assert home.states[0].startswith("terminating connection")
    assert "another hub has taken this database" in home.states


def test_the_store_is_private(tmp_path: Path) -> None:
    """Names and places are inside: nobody else on the machine may read them."""
    store = open_at("", tmp_path / "data")
    store.submit([alarm()]).result(20)

    modes = {p.name: p.stat().st_mode & 0o077 for p in (tmp_path / "data").iterdir()}

    store.close()
    assert modes.keys() >= {"journal.db", "journal.db-wal", "history.db", "hub.lock"}
    assert set(modes.values()) == {0}
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_sqlite_syncs_every_commit(tmp_path: Path) -> None:
    """``stored`` promises that a power cut changes nothing."""
    store = open_at("", tmp_path)
    with store._engines.journal.begin() as conn:
        asked = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    store.close()

    assert asked == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(SettingsError, match=r"data folder .*/file/data cannot be written \(Not a"):
        open_at("", tmp_path / "file" / "data")


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(SettingsError, match="Permission denied"):
        open_at("", tmp_path / "data")


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"something else entirely" * 100)

    with pytest.raises(SettingsError, match=r"the store in .* cannot be opened \(file is not a"):
        open_at("", tmp_path)


def test_a_failed_start_leaves_the_folder_free(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"something else entirely" * 100)
    with pytest.raises(SettingsError):
        open_at("", tmp_path)
    (tmp_path / "journal.db").unlink()

    open_at("", tmp_path).close()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://root@localhost/yihu", "names mysql"),
        ("sqlite:///x.db", "names sqlite"),
        ("not an address", "no address of a database"),
        ("postgresql://h:port/x", "no address of a database"),
    ],
)
def test_an_address_we_cannot_use_is_refused(url: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"{why}.*; write postgresql://"):
        open_at(url, tmp_path)


def test_a_server_that_does_not_answer_is_named_without_the_password(tmp_path: Path) -> None:
    """The sentence goes to a terminal and a log; the password must not."""
    with pytest.raises(SettingsError, match=r"yihu:\*\*\*@127\.0\.0\.1:1/yihu cannot be") as told:
        open_at("postgresql://yihu:hunter2@127.0.0.1:1/yihu", tmp_path)

    assert "hunter2" not in str(told.value)
    assert "see that it is running" in told.value.remedy


def test_a_server_that_does_not_answer_may_yet_do_so(tmp_path: Path) -> None:
    """After a power cut both start at once: this start fails, and the next need not."""
    for host in ("127.0.0.1:1", "nowhere.invalid"):
        with pytest.raises(StoreUnreachableError):
            open_at(f"postgresql://yihu@{host}/yihu", tmp_path)


def test_a_file_that_cannot_be_opened_is_not_waited_for(tmp_path: Path) -> None:
    """Nothing but an administrator makes a folder out of it."""
    (tmp_path / "journal.db").mkdir()

    with pytest.raises(SettingsError) as told:
        open_at("", tmp_path)

    assert not isinstance(told.value, StoreUnreachableError)


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_psycopg(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "psycopg":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_psycopg)

    with pytest.raises(SettingsError, match=r"psycopg.*; install yihu\[postgresql\]"):
        open_at("postgresql://yihu@127.0.0.1/yihu", tmp_path)


def test_verifying_where_no_hub_ever_ran_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no journal in"):
        verify_at("", tmp_path)
