"""A backup that is stolen tells nothing of tips; one that is put back says what cannot be read."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dispatch.__main__ import main
from dispatch.store.sql import SqlStore
from dispatch.tips.keys import FILE, KeyFile
from dispatch.tips.told import Teller
from tests.dispatch.tips.tips import LI, PLACE, WORDS, given


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def niceness_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup lowers its process's; here that is every test's."""
    monkeypatch.setattr(os, "nice", lambda _by: 0)


def test_no_byte_of_a_backup_opens_or_tells_a_tip(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither words nor teller nor the key, under whatever name it lies there."""
    data, to, back = tmp_path / "data", tmp_path / "usb", tmp_path / "back"
    data.mkdir()
    to.mkdir()
    assert main(["tips", "key", "new", "--data", str(data)]) == 0
    ring = KeyFile.of(data).read()
    assert ring is not None
    store = SqlStore.open("", data_dir=data, on_state=lambda _why: None)
    store.record([given(ring, Teller(account=LI))])
    store.close()
    key = json.loads((data / FILE).read_text())["keys"][0]["private"]

    assert main(["backup", str(to), "--data", str(data), "--quiet"]) == 0
    (made,) = to.glob("yihu-*")

    every = b"".join(each.read_bytes() for each in made.rglob("*") if each.is_file())
    assert b"TipGiven" in every, "the tip itself is in it"
    for said in (WORDS, PLACE, LI, key, "gambling"):
        assert said.encode() not in every
        assert json.dumps(said)[1:-1].encode() not in every
    assert ring.newest.private not in every
    (left_out,) = (
        each
        for each in json.loads((made / "manifest.json").read_text())["left_out"]
        if each["name"] == FILE
    )
    assert "yihu tips key export" in left_out["why"]

    capsys.readouterr()
    assert main(["restore", str(made), "--data", str(back), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert f"sealed with the key {ring.newest.id}, which is not here" in said
    assert "yihu tips key import" in said
    assert not (back / FILE).exists()


def test_a_journal_without_tips_says_nothing_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody is told of a key that they never had."""
    data, to = tmp_path / "data", tmp_path / "usb"
    data.mkdir()
    to.mkdir()
    SqlStore.open("", data_dir=data, on_state=lambda _why: None).close()
    assert main(["backup", str(to), "--data", str(data), "--quiet"]) == 0
    (made,) = to.glob("yihu-*")
    capsys.readouterr()

    assert main(["restore", str(made), "--data", str(tmp_path / "back"), "--quiet"]) == 0

    assert "sealed with" not in capsys.readouterr().out
