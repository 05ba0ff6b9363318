"""devices/broker/admission.py: many questions at once, without a broker."""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from structlog.testing import capture_logs

from devices.broker import admission
from devices.broker.admission import ANSWERED_AT_ONCE, Admission
from devices.broker.config import BrokerSettings
from devices.broker.credentials import keep_secrets
from devices.broker.doorman import AdmissionRequest, Grant, Refusal


@dataclass(slots=True)
class Nobody:
    """Lets nobody in, and remembers who was looked at together."""

    looked_at: list[list[str]] = field(default_factory=list)

    def __call__(self, requests: Sequence[AdmissionRequest]) -> list[Grant | Refusal]:
        self.looked_at.append([each.username for each in requests])
        return [Refusal(reason="unknown_radio") for _ in requests]

    @property
    def everybody(self) -> list[str]:
        return [name for names in self.looked_at for name in names]


def made(folder: Path, table: Nobody) -> Admission:
    """One that has no broker."""
    secrets = keep_secrets(folder, lambda count: b"7" * count)
    return Admission(BrokerSettings(data_dir=folder), secrets, table, unix_time=lambda: 100.0)


def asked(radio: str, password: str = "secret") -> bytes:
    """A question as nats-server asks it, abridged."""
    claims = {
        "iat": 100,
        "exp": 105,
        "nats": {
            "server_id": {"id": "NSERVER"},
            "user_nkey": "UUSER",
            "client_info": {"host": "127.0.0.1", "id": 8, "type": "mqtt", "mqtt_id": radio},
            "connect_opts": {"user": radio, "pass": password},
        },
    }
    return b"e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()) + b".sig"


async def ask(door: Admission, *questions: bytes) -> None:
    """The broker asks all of it at once; returns when all is looked at."""
    client = Client()
    with capture_logs():
        for data in questions:
            await door._on_question(Msg(_client=client, data=data))
        if door._answering is not None:
            await asyncio.wait_for(door._answering, 20)
    door._thread.shutdown()


async def test_a_district_that_comes_back_is_looked_at_by_dozens_and_told_once(
    tmp_path: Path,
) -> None:
    """Every question is looked at, in the order they came in; one line tells that they are many."""
    table = Nobody()
    door = made(tmp_path, table)
    radios = [f"r-{number}" for number in range(3 * ANSWERED_AT_ONCE)]
    client = Client()

    with capture_logs() as told:
        for radio in radios:
            await door._on_question(Msg(_client=client, data=asked(radio)))
        assert door._answering is not None
        await asyncio.wait_for(door._answering, 20)
    door._thread.shutdown()

    assert table.everybody == radios
    assert [len(names) for names in table.looked_at] == [ANSWERED_AT_ONCE] * 3
    assert [each["event"] for each in told].count("many_radios_come") == 1


async def test_questions_beyond_the_room_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are refused by silence; the radio asks again."""
    monkeypatch.setattr(admission, "QUESTIONS_WAITING_MAX", 2)
    table = Nobody()
    door = made(tmp_path, table)

    await ask(door, *(asked(f"r-{number}") for number in range(5)))

    assert door.refused["too_many"] == 3
    assert table.everybody == ["r-0", "r-1"]


async def test_a_radio_that_asks_again_before_its_turn_is_looked_at_once(tmp_path: Path) -> None:
    """It has given its first try up; to check that one too would only keep others waiting."""
    table = Nobody()
    door = made(tmp_path, table)

    await ask(door, asked("r-1"), asked("r-2"), asked("r-1"))

    assert table.everybody == ["r-1", "r-2"]
    assert door.refused["superseded"] == 1


async def test_a_stranger_does_not_take_a_radios_place_in_the_line(tmp_path: Path) -> None:
    """Its name is no secret: whoever knew it could keep the radio outside for ever."""
    table = Nobody()
    door = made(tmp_path, table)

    await ask(door, asked("r-1"), asked("r-1", "guessed"))

    assert table.everybody == ["r-1", "r-1"]
    assert "superseded" not in door.refused


async def test_noise_is_counted_and_takes_no_place(tmp_path: Path) -> None:
    """It names nobody to answer."""
    table = Nobody()
    door = made(tmp_path, table)

    await ask(door, b"noise")

    assert (table.looked_at, door.refused) == ([], {"not_jwt": 1})
