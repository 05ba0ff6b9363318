"""Commands that read the store look into the one that ``yihu run`` would keep."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.__main__ import main
from dispatch.settings_file import store_of
from tests.dispatch.store.conftest import Home, postgres
from tests.dispatch.store.facts import closed, opened, words
from tests.ports import free_port
from tests.postgres import PostgresServer

__all__ = ["postgres"]

COMMANDS = (
    ["verify"],
    ["audit", "verify"],
    ["history", "track", "xizi-v01", "--day=2026-11-22"],
    ["person", "export", "liu", "--by=wang", "--out={folder}/person.json"],
    ["replay-decision", "xizi-20260921-001/w1"],
    ["acl", "--out={folder}/acl"],
)


@pytest.fixture(autouse=True)
def logging_is_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands set up logging for their process; here that is every test's."""
    monkeypatch.setattr("dispatch.__main__.configure_logs", lambda **_: None)


@pytest.fixture
def url(postgres: PostgresServer) -> Iterator[str]:
    """A database with one incident in it."""
    with postgres.database() as url:
        yield url


def options(folder: Path, **given: object) -> argparse.Namespace:
    return argparse.Namespace(**{"data": folder, "settings": None, "store_url": None, **given})


def settings_in(folder: Path, url: str) -> Path:
    file = folder / "yihu.toml"
    file.write_text(f'store_url = "{url}"\n')
    return file


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_every_command_asks_the_database_that_yihu_toml_names(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Or an auditor is told that an empty file beside the real journal is unbroken."""
    settings_in(tmp_path, f"postgresql://yihu@127.0.0.1:{free_port()}/yihu")

    status = main([*(each.format(folder=tmp_path) for each in command), f"--data={tmp_path}"])

    assert status != 0
    assert "database" in capsys.readouterr().err


@pytest.mark.postgresql
def test_the_chain_in_that_database_is_walked(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`yihu verify` needs no more words than `yihu run`."""
    store = Home(url=url, data_dir=tmp_path).open()
    store.submit([opened(words=words()), closed()]).result(20)
    store.close()
    settings_in(tmp_path, url)

    for command in (["verify"], ["audit", "verify"]):
        assert main([*command, f"--data={tmp_path}"]) == 0
        assert capsys.readouterr().out.startswith("2 facts, unbroken")


def test_what_is_typed_goes_before_the_file(tmp_path: Path) -> None:
    """As everywhere."""
    file = settings_in(tmp_path, "postgresql://yihu@db/yihu")
    other = "postgresql://yihu@other/yihu"

    assert store_of(options(tmp_path)) == ("postgresql://yihu@db/yihu", tmp_path)
    assert store_of(options(tmp_path, store_url=other)) == (other, tmp_path)
    assert store_of(options(tmp_path / "none", settings=file))[0] == "postgresql://yihu@db/yihu"
    assert store_of(options(tmp_path / "none")) == ("", tmp_path / "none")
