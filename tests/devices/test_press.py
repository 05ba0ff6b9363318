"""`yihu press`: by the simulator where there is one, else as the radio itself, and honest."""

import argparse
import asyncio
import random
import time
from pathlib import Path

import pytest

from devices import press
from devices.credentials import Credentials, RadioCredentials, save_credentials
from devices.mqtt import BrokerAddress
from devices.press import press_by_mqtt
from devices.simulator.control import Control
from devices.simulator.fleet import Fleet
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import PressReading
from dispatch.words import Kind
from tests.broker import RunningBroker, running_broker
from tests.devices.simulator.centre import running_centre

KNOWN = RadioCredentials(
    radio=RadioId("r-1"), community=CommunityId("demo"), call_sign="西子一间", secret="s-1"
)
RADIOS = {"r-1": ("demo", "s-1")}


def options(folder: Path, *arguments: str) -> argparse.Namespace:
    """The command line of ``yihu press``, with a credentials file beside it."""
    save_credentials(
        folder / "credentials.json",
        Credentials(broker_url="mqtt://127.0.0.1:1", radios={KNOWN.radio: KNOWN}),
    )
    parser = argparse.ArgumentParser()
    press.add_arguments(parser)
    return parser.parse_args([f"--data={folder}", *arguments])


def address_of(broker: RunningBroker) -> BrokerAddress:
    """Where it listens."""
    return BrokerAddress(host=broker.host, port=broker.mqtt_port)


@pytest.mark.broker
async def test_a_radio_nobody_plays_presses_for_itself(tmp_path: Path) -> None:
    """A radio out of a drawer: connect, press, hear `stored`."""
    async with running_broker(tmp_path, RADIOS) as broker, running_centre(broker) as centre:
        outcome = await press.press(
            KNOWN,
            kind=Kind.MEDICAL,
            covert=True,
            socket=tmp_path / "simulator.sock",
            address=address_of(broker),
        )
    heard = centre.of(PressReading)[0]

    assert outcome.stored
    assert isinstance(heard, PressReading)
    assert heard.press.wire == outcome.press
    assert (heard.kind, heard.covert) == (Kind.MEDICAL, True)


@pytest.mark.broker
async def test_a_simulator_that_does_not_play_it_is_passed_by(tmp_path: Path) -> None:
    """It may play another community, or only some radios."""
    socket = tmp_path / "simulator.sock"
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        running_centre(broker),
        Control(socket, Fleet([])),
    ):
        outcome = await press.press(
            KNOWN, kind=Kind.SOS, covert=False, socket=socket, address=address_of(broker)
        )

    assert outcome.stored


@pytest.mark.broker
async def test_a_press_nobody_stores_is_told_as_such(tmp_path: Path) -> None:
    """Repeated all the while; then the truth."""
    async with (
        running_broker(tmp_path, RADIOS) as broker,
        running_centre(broker, stores=False) as centre,
    ):
        outcome = await press_by_mqtt(
            KNOWN,
            kind=Kind.SOS,
            covert=False,
            address=address_of(broker),
            chance=random.Random(1),
            wall_ns=time.time_ns,
            wait_s=1.5,
        )

    assert not outcome.stored
    assert outcome.why == "The centre did not answer."
    assert len(centre.of(PressReading)) >= 2


async def test_without_a_broker_the_reason_is_told() -> None:
    """Connection refused is what the person at the keyboard needs to read."""
    outcome = await press_by_mqtt(
        KNOWN,
        kind=Kind.SOS,
        covert=False,
        address=BrokerAddress(host="127.0.0.1", port=1),
        chance=random.Random(1),
        wall_ns=time.time_ns,
        wait_s=0.5,
    )

    assert not outcome.stored
    assert "refused" in outcome.why


def test_a_name_nobody_has_is_refused_with_one_that_exists(tmp_path: Path) -> None:
    """Exit status 2, and what to write instead."""
    with pytest.raises(SettingsError, match="西子一间"):
        press.run(options(tmp_path, "西子二间"))


def test_what_happened_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 where nobody stored it."""

    async def told(*_: object, **__: object) -> press.Outcome:
        await asyncio.sleep(0)
        return press.Outcome(stored=False, press="00:1", waited_s=0.2, why="The broker: gone.")

    monkeypatch.setattr(press, "press_by_mqtt", told)

    status = press.run(options(tmp_path, "西子一间", "--kind=fire"))

    assert status == 1
    assert "NOT stored" in capsys.readouterr().out
