"""devices/broker/admission.py: many questions at once, without a broker."""

import asyncio
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

NOT_A_QUESTION = b"noise"


def made(folder: Path) -> Admission:
    """One that has no broker, and lets nobody in."""

    def nobody(request: AdmissionRequest) -> Grant | Refusal:
        return Refusal(reason=f"unknown_{request.client_id}")

    secrets = keep_secrets(folder, lambda count: b"7" * count)
    return Admission(BrokerSettings(data_dir=folder), secrets, nobody)


async def ask(door: Admission, times: int) -> None:
    """The broker asks so often at once; returns when all is looked at."""
    client = Client()
    for _ in range(times):
        await door._on_question(Msg(_client=client, data=NOT_A_QUESTION))
    assert door._answering is not None
    await asyncio.wait_for(door._answering, 20)
    door._thread.shutdown()


async def test_a_district_that_comes_back_is_looked_at_by_dozens_and_told_once(
    tmp_path: Path,
) -> None:
    """Every question is looked at, whatever it says; one line tells that they are many."""
    door = made(tmp_path)

    with capture_logs() as told:
        await ask(door, 3 * ANSWERED_AT_ONCE)

    assert sum(door.refused.values()) == 3 * ANSWERED_AT_ONCE
    assert [each["event"] for each in told].count("many_radios_come") == 1


async def test_questions_beyond_the_room_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are refused by silence; the radio asks again."""
    monkeypatch.setattr(admission, "QUESTIONS_WAITING_MAX", 2)
    door = made(tmp_path)

    with capture_logs():
        await ask(door, 5)

    assert door.refused["too_many"] == 3
    assert sum(door.refused.values()) == 5
