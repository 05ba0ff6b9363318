"""``yihu tips``: the key kept safe, and what can be read with it."""

import stat
from pathlib import Path
from typing import Any

import pytest

from dispatch.__main__ import main
from dispatch.store.sql import SqlStore
from dispatch.tips.keys import FILE, KeyFile
from dispatch.tips.sealing import KeyRing
from tests.dispatch.tips.tips import given


def run(data: Path, *arguments: str) -> int:
    """The command, in this data folder."""
    return main(["tips", *arguments, "--data", str(data)])


def ring_in(data: Path) -> KeyRing:
    """The keys there."""
    ring = KeyFile.of(data).read()
    assert ring is not None
    return ring


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a key, and a tip that it sealed."""
    folder = tmp_path / "data"
    folder.mkdir()
    assert run(folder, "key", "new") == 0
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    store.record([given(ring_in(folder))])
    store.close()
    return folder


def test_a_key_is_exported_and_opens_elsewhere(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way of a disk that dies: a backup, and the key that was kept apart."""
    out = tmp_path / "safe.key"
    assert run(data, "key", "export", "--out", str(out)) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    key = ring_in(data).newest.id
    (data / FILE).unlink()

    assert run(data, "check") == 1
    said = capsys.readouterr().out
    assert f"1 records of tips are sealed with the key {key}, which is not here" in said

    assert run(data, "key", "import", str(out)) == 0
    assert run(data, "check") == 0
    assert run(data, "key", "import", str(out)) == 0
    assert "nothing new" in capsys.readouterr().out


def test_an_imported_key_does_not_take_the_place_of_the_one_that_seals(
    data: Path, tmp_path: Path
) -> None:
    """After a restore a new one may have been made already; both are needed."""
    out = tmp_path / "safe.key"
    run(data, "key", "export", "--out", str(out))
    old = ring_in(data).newest.id
    (data / FILE).unlink()
    run(data, "key", "new")
    new = ring_in(data).newest.id

    run(data, "key", "import", str(out))

    assert [each.id for each in ring_in(data).keys] == [new, old]


def test_no_export_goes_into_the_data_folder_or_over_something(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next backup would have it; what is there may be the only copy of another key."""
    there = tmp_path / "there"
    there.write_text("another")

    assert run(data, "key", "export", "--out", str(data / "copy.key")) == 1
    assert run(data, "key", "export", "--out", str(there)) == 1

    assert "the next backup would have it" in capsys.readouterr().err
    assert there.read_text() == "another"
    assert not (data / "copy.key").exists()


def test_the_secret_is_shown_only_where_it_is_asked_for(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody may stand behind whoever looks which keys there are."""
    capsys.readouterr()
    secret = (data / FILE).read_text()

    run(data, "key", "show")
    plain = capsys.readouterr().out
    run(data, "key", "show", "--secret")
    whole = capsys.readouterr().out

    assert ring_in(data).newest.id in plain
    assert secret not in plain
    assert "private" not in plain
    assert secret in whole


def test_where_no_tip_ever_came_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[Any]
) -> None:
    """And nothing is made by looking."""
    assert run(tmp_path, "key", "show") == 0
    assert "no key yet" in capsys.readouterr().out
    assert run(tmp_path, "key", "export", "--out", str(tmp_path.parent / "x.key")) == 1
    assert not (tmp_path / FILE).exists()
