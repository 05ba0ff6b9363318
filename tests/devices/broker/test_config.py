"""The broker's configuration says what it should, and nats-server agrees that it is one."""

import json
import subprocess
from pathlib import Path

import pytest

from devices.broker.binary import BrokerMissingError, find_nats_server
from devices.broker.config import BrokerSettings, broker_config
from devices.broker.credentials import BrokerSecrets, new_secrets
from devices.broker.room import StoreRoom

GOLDEN = Path(__file__).parent / "nats-server.json"


def some_secrets() -> BrokerSecrets:
    return new_secrets(lambda size: bytes(range(size)))


def some_settings() -> BrokerSettings:
    return BrokerSettings(data_dir=Path("/var/lib/yihu"))


def some_room(folder: Path = Path("/dev/shm/yihu-1000-0123456789ab")) -> StoreRoom:
    return StoreRoom(folder=folder, bytes_max=256 * 1024 * 1024)


def test_the_configuration_is_the_one_that_was_agreed() -> None:
    """A change here changes who may do what: it should be seen in a review."""
    text = broker_config(some_settings(), some_secrets(), some_room())

    assert text == GOLDEN.read_text(encoding="utf-8")


def test_by_default_nothing_but_this_machine_reaches_it() -> None:
    """Opening the radios' port is a decision; the hub's own port is never open."""
    config = json.loads(broker_config(some_settings(), some_secrets(), some_room()))

    assert config["host"] == "127.0.0.1"
    assert config["mqtt"]["host"] == "127.0.0.1"
    assert "http_port" not in config


def test_only_the_radios_port_can_be_opened() -> None:
    """``mqtt_listen`` opens MQTT, not the port by which the hub commands the broker."""
    settings = BrokerSettings(data_dir=Path("/var/lib/yihu"), mqtt_host="0.0.0.0")

    config = json.loads(broker_config(settings, some_secrets(), some_room()))

    assert (config["mqtt"]["host"], config["host"]) == ("0.0.0.0", "127.0.0.1")


def test_the_signing_seed_is_not_in_it() -> None:
    """The broker needs the public half; the seed would let its reader admit anyone."""
    secrets = some_secrets()

    text = broker_config(some_settings(), secrets, some_room())

    assert secrets.issuer_public in text
    assert secrets.issuer_seed not in text


@pytest.mark.broker
def test_the_broker_takes_it(tmp_path: Path) -> None:
    """nats-server refuses a misspelt field; a path with quotes and Chinese is no trouble."""
    try:
        program = find_nats_server()
    except BrokerMissingError as exc:
        pytest.skip(str(exc))
    path = tmp_path / "config.json"
    room = some_room(tmp_path / '数 据 "x" \\ $y')
    path.write_text(broker_config(some_settings(), some_secrets(), room), encoding="utf-8")

    done = subprocess.run(
        [program, "-t", "--config", path], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
