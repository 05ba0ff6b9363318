"""dispatch/local_token.py: the machine's own token, which nobody else can read."""

import argparse
import stat
from pathlib import Path

import pytest

from dispatch import local_token
from dispatch.errors import SettingsError
from dispatch.local_token import FILE, keep_local_token, read_local_token, token_shown


def options(*given: str) -> argparse.Namespace:
    """What a command was given."""
    parser = argparse.ArgumentParser()
    local_token.add_arguments(parser)
    return parser.parse_args(given)


def test_it_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    """A watcher comes back after a restart; another user of the machine does not get in."""
    first = keep_local_token(tmp_path)

    assert keep_local_token(tmp_path) == first == read_local_token(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]


def test_a_file_that_others_could_read_is_closed_again(tmp_path: Path) -> None:
    """A copy out of a backup comes with whatever mode."""
    keep_local_token(tmp_path)
    (tmp_path / FILE).chmod(0o644)

    keep_local_token(tmp_path)

    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "other", "yihu-local-" + "x" * 300, "yihu-local-\n\nx"])
def test_what_is_no_token_is_said(tmp_path: Path, text: str) -> None:
    """With what to do."""
    (tmp_path / FILE).write_text(text)

    with pytest.raises(SettingsError, match="holds no token"):
        read_local_token(tmp_path)


def test_without_a_server_there_is_none(tmp_path: Path) -> None:
    """The folder may be the wrong one."""
    with pytest.raises(SettingsError, match="--data"):
        token_shown(options("--data", str(tmp_path)))


def test_a_full_disk_on_the_first_day_keeps_no_server_from_starting(tmp_path: Path) -> None:
    """A terminal does without; alarms come in."""
    folder = tmp_path / "not-there"

    token = keep_local_token(folder)

    assert token.startswith("yihu-local-")
    assert not folder.exists()


def test_a_token_of_a_person_comes_from_a_file(tmp_path: Path) -> None:
    """Never from the command line, which every user of a machine can read."""
    file = tmp_path / "token"
    file.write_text("yihu-abc\n")

    assert token_shown(options("--token-file", str(file))) == "yihu-abc"
