"""The broker's program is found, or its absence said in one sentence."""

from pathlib import Path

import pytest

from devices.broker import binary
from devices.broker.binary import (
    BrokerMissingError,
    BrokerSilentError,
    BrokerTooOldError,
    find_nats_server,
    read_version,
)
from dispatch.errors import SettingsError


def program(folder: Path, says: str, status: int = 0) -> Path:
    """Something that calls itself nats-server."""
    path = folder / "nats-server"
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    path.chmod(0o755)
    return path


def test_the_program_beside_our_python_is_taken(tmp_path: Path) -> None:
    """Another nats-server on PATH is not the one we were tested with."""
    path = program(tmp_path, "nats-server: v2.15.1")

    assert find_nats_server(tmp_path) == path


def test_without_a_program_the_way_out_is_named(tmp_path: Path) -> None:
    """There is no wheel for every platform; any broker will do instead."""
    with pytest.raises(BrokerMissingError, match="--broker") as caught:
        find_nats_server(tmp_path)

    assert isinstance(caught.value, SettingsError)
    assert "\n" not in str(caught.value)


def test_a_broker_that_cannot_ask_us_is_refused(tmp_path: Path) -> None:
    """Before 2.10 there was no auth callout: every radio would be let in or none."""
    program(tmp_path, "nats-server: v2.9.25")

    with pytest.raises(BrokerTooOldError, match=r"2\.9 is older than 2\.10"):
        find_nats_server(tmp_path)


def test_a_program_that_does_not_run_here_is_as_good_as_none(tmp_path: Path) -> None:
    """A wheel for another libc or processor ends so."""
    program(tmp_path, "Illegal instruction", status=132)

    with pytest.raises(BrokerMissingError, match="does not run"):
        find_nats_server(tmp_path)


def test_a_machine_too_busy_is_not_taken_for_a_broker_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody should look for another broker because of it."""
    (tmp_path / "nats-server").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "nats-server").chmod(0o755)
    monkeypatch.setattr(binary, "VERSION_TIMEOUT_S", 0.05)

    with pytest.raises(BrokerSilentError, match="overloaded"):
        find_nats_server(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "mosquitto version 2.0.11", "nats-server: v2", "nats\n" * 999]
)
def test_another_programs_version_is_not_taken_for_its(text: str) -> None:
    with pytest.raises(BrokerMissingError):
        read_version(text)
