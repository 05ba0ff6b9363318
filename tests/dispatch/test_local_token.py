"""dispatch/local_token.py: the machine's own token, which nobody else can read."""

import argparse
import asyncio
import os
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch import local_token
from dispatch.errors import SettingsError
from dispatch.local_token import (
    FILE,
    LocalServer,
    keep_local_address,
    keep_local_token,
    read_local_address,
    read_local_token,
    token_shown,
)
from tests.dispatch.tls.certificates import shown


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


def test_a_command_asks_the_server_of_its_folder(tmp_path: Path) -> None:
    """On whatever port it is; the address and the token are nobody else's to read."""
    keep_local_address(tmp_path, "http://127.0.0.1:8181", os.getpid())

    assert read_local_address(tmp_path) == LocalServer("http://127.0.0.1:8181", None)
    assert stat.S_IMODE((tmp_path / "local-address").stat().st_mode) == 0o600


def test_the_token_goes_nowhere_where_no_server_of_the_folder_works(tmp_path: Path) -> None:
    """Somebody else may listen on that port by now: they would have everything."""
    with pytest.raises(SettingsError, match="no server works in"):
        read_local_address(tmp_path)

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    keep_local_address(tmp_path, "http://127.0.0.1:8181", ended.pid)

    with pytest.raises(SettingsError, match="start it with yihu run"):
        read_local_address(tmp_path)


@pytest.mark.parametrize("said", ["", "http://127.0.0.1:8181\n", "a b c", "http://x\nnine\n", "\0"])
def test_an_address_that_is_none_is_no_server(tmp_path: Path, said: str) -> None:
    """A file cut short by a full disk."""
    (tmp_path / "local-address").write_text(said)

    with pytest.raises(SettingsError):
        read_local_address(tmp_path)


async def test_over_tls_it_is_known_by_the_very_certificate(tmp_path: Path) -> None:
    """Of whatever authority, for whatever name; nobody types where it lies. Another one that
    listens there is no server of ours."""
    ours = shown(tmp_path / "a folder", names=("yihu.example.cn",))
    other = shown(tmp_path / "other", names=("yihu.example.cn",))

    for files, known in ((ours, True), (other, False)):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files.pair)
        async with await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            url = f"https://127.0.0.1:{port}"
            keep_local_address(tmp_path, url, os.getpid(), ours.certificate)
            asked = options("--data", str(tmp_path))
            assert local_token.url_shown(asked) == url
            trust = local_token.trust(asked)
            if known:
                await shake_hands(port, trust)
            else:
                with pytest.raises(ssl.SSLCertVerificationError):
                    await shake_hands(port, trust)


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Whoever came this far knows us."""
    writer.close()
    await writer.wait_closed()


async def shake_hands(port: int, trust: ssl.SSLContext | None) -> None:
    """Raises SSLError."""
    assert trust is not None
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    writer.close()
    await writer.wait_closed()


def test_a_server_without_tls_needs_no_trust(tmp_path: Path) -> None:
    """Nor does one that an older Yihu wrote down."""
    keep_local_address(tmp_path, "http://127.0.0.1:8181", os.getpid())

    assert local_token.trust(options("--data", str(tmp_path))) is None
    assert local_token.trust(options("--url", "https://yihu.example.cn")) is None


def test_a_certificate_that_is_gone_is_said(tmp_path: Path) -> None:
    """Renewed to another place, say, with the server not started again."""
    keep_local_address(tmp_path, "https://127.0.0.1:1", os.getpid(), tmp_path / "gone.pem")

    with pytest.raises(SettingsError, match=r"gone\.pem cannot be read"):
        local_token.trust(options("--data", str(tmp_path)))
