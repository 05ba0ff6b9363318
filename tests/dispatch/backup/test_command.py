"""``yihu backup`` and ``yihu restore``: facts where it worked, one sentence where it did not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dispatch.__main__ import main
from dispatch.backup.manifest import DATA, MANIFEST_FILE
from tests.dispatch.backup.conftest import fill
from tests.dispatch.store.conftest import Home


@pytest.fixture(autouse=True)
def this_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The command sets up logging for its process and gives way to others: not so every test."""
    monkeypatch.setattr(os, "nice", lambda _by: 0)
    yield
    structlog.reset_defaults()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A centre at rest."""
    home = Home(url="", data_dir=tmp_path / "data")
    store = home.open()
    fill(store)
    store.close()
    (tmp_path / "usb").mkdir()
    return home.data_dir


def backup(data_dir: Path, to: Path, *more: str) -> int:
    return main(["backup", str(to), f"--data={data_dir}", *more])


def only(to: Path) -> Path:
    [found] = to.glob("yihu-*")
    return found


def test_it_goes_round(data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The three commands of a bad day."""
    to = tmp_path / "usb"

    assert backup(data_dir, to) == 0
    made = capsys.readouterr().out
    assert "3 facts, 4 files" in made
    assert "note: it is on the same disk" in made

    assert main(["backup", str(only(to)), "--check"]) == 0
    assert capsys.readouterr().out.startswith("whole: 4 files, 3 facts (unbroken)")

    assert main(["backup", str(to), "--list"]) == 0
    assert "3 facts, last 2026-09-21 14:13:20 UTC, 0 MB, sqlite" in capsys.readouterr().out

    assert main(["restore", str(only(to)), f"--data={tmp_path / 'new'}"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("3 facts, unbroken; the last hash is ")
    assert "erase it again" in told
    assert f"yihu run --data {tmp_path / 'new'}" in told

    assert main(["verify", f"--data={tmp_path / 'new'}"]) == 0


def test_a_damaged_one_is_said_and_not_restored(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "usb"
    backup(data_dir, to)
    with (only(to) / DATA / "journal.db").open("r+b") as file:
        file.seek(100)
        file.write(b"damaged")

    assert main(["backup", str(only(to)), "--check"]) == 1
    assert "data/journal.db is not as it was written" in capsys.readouterr().out
    assert main(["restore", str(only(to)), f"--data={tmp_path / 'new'}"]) == 1
    assert "is not as it was written; take another backup" in capsys.readouterr().err


def test_no_more_are_kept_than_asked(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever was erased is gone from everywhere once the last old one is dropped."""
    to = tmp_path / "usb"
    backup(data_dir, to)
    older = only(to).rename(to / "yihu-20200101-000000")
    capsys.readouterr()

    assert backup(data_dir, to, "--keep=1") == 0

    assert f"dropped {older}" in capsys.readouterr().out
    assert only(to) != older


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["backup", "{tmp}/usb", "--data={tmp}/nothing"], "there is no journal in"),
        (["backup", "{tmp}/data/x", "--data={tmp}/data"], "is in the data folder itself"),
        (["backup", "{tmp}/a", "--data={tmp}/data"], "is its disk mounted?"),
        (["backup", "{tmp}/none", "--check"], "is no whole backup"),
        (["backup", "{tmp}/none", "--list"], "cannot be read"),
        (["restore", "{tmp}/none", "--data={tmp}/new"], "is no whole backup"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    data_dir: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    sentence: str,
) -> None:
    status = main([each.format(tmp=tmp_path) for each in given])

    said = capsys.readouterr().err
    assert status in (1, 2)
    assert sentence in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_that_is_ended_leaves_nothing(data_dir: Path, tmp_path: Path, number: int) -> None:
    """Ctrl-C, the end of the hub that began it, and a terminal that is closed."""
    to = tmp_path / "usb"
    program = (
        "import os, sys\n"
        "from dispatch.store import copying\n"
        "from dispatch.__main__ import main\n"
        "forget = copying.forget_logins\n"
        f"copying.forget_logins = lambda file: os.kill(os.getpid(), {number})\n"
        f"sys.exit(main(['backup', {str(to)!r}, '--data={data_dir}']))\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ended.returncode == 128 + number
    assert ended.stderr == "yihu: the backup was broken off; nothing of it is left\n"
    assert [each.name for each in to.iterdir()] == [".yihu-backup.lock"]


def test_a_kill_leaves_nothing_that_counts(data_dir: Path, tmp_path: Path) -> None:
    """A power cut tells nobody. What lies there has no whole name, and the next one removes it."""
    to = tmp_path / "usb"
    program = (
        "import os, sys\n"
        "from dispatch.backup import make\n"
        "from dispatch.__main__ import main\n"
        "make.text_of = lambda _manifest: os.kill(os.getpid(), 9)\n"
        f"sys.exit(main(['backup', {str(to)!r}, '--data={data_dir}']))\n"
    )

    subprocess.run([sys.executable, "-c", program], capture_output=True)

    assert only(to).suffix == ".partial"
    assert backup(data_dir, to) == 0
    assert (only(to) / MANIFEST_FILE).is_file()
    assert only(to).suffix == ""
