"""``yihu doctor`` as it is typed, with a Yihu that runs and one that does not."""

import json
import socket
from pathlib import Path

import pytest

from dispatch.__main__ import main
from tests.ports import free_ports
from tests.system import running_yihu


@pytest.fixture(autouse=True)
def logging_is_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets up logging for its process, and a logger that was used keeps what it
    wrote to then: here that is the captured output of one test."""
    monkeypatch.setattr("dispatch.__main__.configure_logs", lambda **_: None)


def ports() -> list[str]:
    """Options with ports that nobody has."""
    names = ("http-port", "mqtt-port", "nats-port")
    return [f"--{name}={port}" for name, port in zip(names, free_ports(3), strict=True)]


def asked(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, str]]:
    """Exit status, and the level by code."""
    status = main(["doctor", "--json", *options])
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is (status == 0)
    assert all(each["says"] for each in told["findings"])
    return status, {each["code"]: each["level"] for each in told["findings"]}


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An administrator asks before starting."""
    _, found = asked(capsys, f"--data={tmp_path / 'data'}", *ports())

    assert found["hub.stopped"] == found["store.none"] == found["broker.unstarted"] == "skipped"
    assert found["trial.stopped"] == "skipped"
    assert found["ports.free"] == found["program.ok"] == found["folder.to_be_made"] == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_another_has_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The script that asks stops there, and the sentence names the setting."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = [each for each in ports() if "mqtt" not in each]

        status, found = asked(capsys, f"--data={tmp_path}", f"--mqtt-port={port}", *options)

    assert status == 1
    assert found["ports.taken"] == "failed"


def test_what_is_open_before_there_is_a_certificate_is_told_among_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who cannot start asks the doctor, and it does not fall over the same sentence."""
    (tmp_path / "yihu.toml").write_text('http_host = "0.0.0.0"\n')

    status = main(["doctor", "--json", f"--data={tmp_path}", "--mqtt-listen=0.0.0.0", *ports()])

    findings = json.loads(capsys.readouterr().out)["findings"]
    opened = [each for each in findings if each["code"] == "settings.open"]
    assert status == 1
    assert ["http_host" in each["says"] for each in opened] == [True, False]
    assert all("yihu tls" in each["remedy"] for each in opened)
    assert {"folder.ok", "hub.stopped", "ports.free"} <= {each["code"] for each in findings}


def test_a_journal_that_is_none_is_told_with_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody copied half a file."""
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 300)

    status = main(["doctor", "--lang=en", f"--data={tmp_path}", *ports()])

    said = capsys.readouterr().out
    assert status == 1
    assert "✗ " in said
    assert "    → " in said


def test_it_speaks_chinese_where_the_terminal_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the other commands do."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    main(["doctor", f"--data={tmp_path}", *ports()])

    assert "数据目录" in capsys.readouterr().out


@pytest.mark.broker
@pytest.mark.slow
def test_a_running_yihu_is_looked_at_and_not_disturbed(tmp_path: Path) -> None:
    """Its broker is measured under a name of the doctor's own: the hub keeps its connections."""
    with running_yihu(tmp_path, "--no-simulator") as system:
        done = system.command(
            "doctor",
            "--json",
            f"--data={system.data_dir}",
            f"--http-port={system.http_port}",
            f"--mqtt-port={system.mqtt_port}",
            f"--nats-port={system.nats_port}",
        )
        found = {each["code"] for each in json.loads(done.stdout)["findings"]}
        health = system.get("/health")
        snapshot = system.get("/api/v1/snapshot")
        trials = system.facts("TrialPressed")

    assert {"hub.ready", "store.ok", "clock.ok", "ports.ours"} <= found
    assert found & {"broker.ok", "broker.slow"}, (found, done.stdout)
    hops = {"trial.taken", "trial.heard", "trial.stored", "trial.decided"}
    assert hops <= found, done.stdout
    assert health["ready"]
    assert len(trials) == 1
    assert snapshot["incidents"] == snapshot["undecided"] == []
    assert system.log().count("why=\n") <= 1, "the broker's link was never lost"
