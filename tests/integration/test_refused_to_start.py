"""What cannot work is said before anything runs: one sentence, exit status 2, nothing left."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.communities import copies_of_demo
from tests.integration.conftest import skip_without_broker
from tests.ports import free_ports
from tests.system import running_yihu

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TIMEOUT_S = 60.0
NO_BROKER = (
    "import sys, sysconfig;"
    "sysconfig.get_path = lambda *_: {folder!r};"
    "from dispatch.__main__ import main;"
    "sys.exit(main(sys.argv[1:]))"
)
"""Python whose scripts folder holds no broker, as on a platform that has no wheel of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    status: int
    said: str
    left: list[int]
    """Processes of its session that still live."""


def started(
    folder: Path,
    *arguments: str,
    python: tuple[str, ...] = ("-m", "dispatch"),
    by: tuple[str, ...] = (),
) -> Ended:
    """``yihu run`` in ``folder`` on free ports, which is expected to end by itself.

    ``by`` is a program that starts it, such as one that takes rights away first.
    """
    http_port, mqtt_port, nats_port = free_ports(3)
    argv = [
        *by,
        sys.executable,
        *python,
        "run",
        f"--data={folder / 'data'}",
        f"--http-port={http_port}",
        f"--mqtt-port={mqtt_port}",
        f"--nats-port={nats_port}",
        *arguments,
    ]
    process = subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        out, err = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"it runs: {out}{err}")
    assert out == ""
    return Ended(status=process.returncode, said=err, left=session_of(process.pid))


def session_of(leader: int) -> list[int]:
    """The processes of a session (proc(5), stat: the fourth number after the name)."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(after_name[3]) == leader:
                found.append(int(folder.name))
    return found


def assert_refused(ended: Ended, *words: str) -> None:
    """One sentence with these words; status 2; nothing of it lives on."""
    assert ended.status == 2, ended
    (line,) = ended.said.splitlines()
    assert line.startswith("yihu: ")
    for word in words:
        assert word in line, line
    assert ended.left == []


def held_to_file_modes() -> tuple[str, ...]:
    """What makes even root ask a folder's mode (capabilities(7)); nothing for ordinary users."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to take that from it")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@contextlib.contextmanager
def taken_port() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http_port = ", ("yihu.toml", "is not TOML", "mend that line")),
        ('http_port = "eighty"', ("yihu.toml", "http_port", "whole number")),
        ("http_prot = 8080", ("yihu.toml", "http_prot", "did you mean http_port?")),
        ("[waits]\nwave_s = -1", ("yihu.toml", "wave_s", "above 0")),
        ('http_host = "0.0.0.0"', ("yihu.toml", "http_host", "no certificate", "127.0.0.1")),
        (
            'http_host = "0.0.0.0"\ninsecure_http = true',
            ("yihu.toml", "http_names", "any other name is refused"),
        ),
        ('http_cert = "cert.pem"', ("yihu.toml", "http_cert and http_key belong together")),
        ("insecure_http = 1", ("yihu.toml", "insecure_http", "true or false")),
        ('community_files = ["none.toml"]', ("none.toml", "cannot be read", "check its name")),
    ],
)
def test_a_wrong_settings_file(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    """The file, the key and what may stand there."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "yihu.toml").write_text(text)

    assert_refused(started(tmp_path), *words)


def test_a_settings_file_that_is_not_there(tmp_path: Path) -> None:
    """Named by hand, it must exist; only the one in the data folder may be missing."""
    ended = started(tmp_path, f"--settings={tmp_path}/other.toml")

    assert_refused(ended, "other.toml", "cannot be read")


@pytest.mark.parametrize("option", ["--http-port", "--mqtt-port", "--nats-port"])
def test_a_taken_port(tmp_path: Path, option: str) -> None:
    """Which port, and which option chooses another."""
    skip_without_broker()
    with taken_port() as port:
        ended = started(tmp_path, f"{option}={port}")

    assert_refused(ended, str(port), "another program has it", option)


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    """Not even root can write there."""
    (tmp_path / "data").write_text("not a folder")

    assert_refused(started(tmp_path), f"{tmp_path}/data", "cannot be written", "choose another")


def test_a_data_folder_of_somebody_else(tmp_path: Path) -> None:
    """The usual mistake: made by root, run by an ordinary user."""
    (tmp_path / "data").mkdir(mode=0o500)

    ended = started(tmp_path, by=held_to_file_modes())

    assert_refused(ended, f"{tmp_path}/data", "cannot be written (Permission denied)")


def test_a_second_yihu_on_the_same_data_folder(tmp_path: Path) -> None:
    """Told whose it is; the first one does not even notice."""
    skip_without_broker()
    with running_yihu(tmp_path, "--no-simulator") as first:
        ended = started(tmp_path)

        assert_refused(ended, f"process {first.process.pid}", f"{tmp_path}/data", "stop it")
        assert first.get("/health")["ready"]
        assert "child_died" not in first.log()


def test_a_hub_beside_a_running_one(tmp_path: Path) -> None:
    """``yihu hub`` by hand finds the lock of the hub itself."""
    skip_without_broker()
    with running_yihu(tmp_path, "--no-simulator") as first:
        beside = first.command("hub", *first.argv[first.argv.index("run") + 1 :])

        assert beside.returncode == 2
        (line,) = beside.stderr.splitlines()
        assert f"another hub (process {first.hub_pid()}) has the data folder" in line


def test_no_broker_for_this_platform(tmp_path: Path) -> None:
    """It says that a broker of one's own will do, and how to name it."""
    python = ("-c", NO_BROKER.format(folder=str(tmp_path)))

    ended = started(tmp_path, python=python)

    assert_refused(ended, "no embedded broker for this platform", "--broker mqtt://")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"Polygon"', '"Circle"', ("feature 0",)),
        ('"FeatureCollection"', '"Features"', ("grids.geojson",)),
    ],
)
def test_a_broken_grids_file(
    tmp_path: Path, before: str, after: str, words: tuple[str, ...]
) -> None:
    """Which feature is wrong, so that it can be found on a map."""
    (file,) = copies_of_demo(tmp_path / "community", "c1")
    grids = file.parent / "grids.geojson"
    text = grids.read_text(encoding="utf-8")
    assert before in text
    grids.write_text(text.replace(before, after, 1), encoding="utf-8")

    assert_refused(started(tmp_path, f"--community={file}"), "grids.geojson", *words)


def test_two_communities_with_the_same_radios(tmp_path: Path) -> None:
    """A copy that was not renamed: which id stands twice."""
    (file,) = copies_of_demo(tmp_path / "community", "c1")
    copy = Path(shutil.copy(file, file.with_name("copy.toml")))

    ended = started(tmp_path, f"--community={file}", f"--community={copy}")

    assert_refused(ended, "community id c1 is used twice")


def test_the_data_folder_of_another_community(tmp_path: Path) -> None:
    """Its journal would be told under the wrong names."""
    skip_without_broker()
    one, other = copies_of_demo(tmp_path / "community", "c1", "c2")
    with running_yihu(tmp_path, f"--community={one}"):
        pass

    ended = started(tmp_path, f"--community={other}")

    assert ended.status == 2
    (line,) = [each for each in ended.said.splitlines() if each.startswith("yihu: ")]
    assert f"{tmp_path}/data belongs to c1" in line
    assert "Traceback" not in ended.said
    assert ended.left == []
