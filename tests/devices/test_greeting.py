"""What is said at the start: one address, and a press that works as it is printed."""

import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from devices.credentials import Credentials, RadioCredentials
from devices.greeting import greeting
from devices.v1 import V1
from dispatch.clock import SECOND
from dispatch.config import load_roster
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import PressReading

DEMO = Credentials(
    broker_url="mqtt://127.0.0.1:11883",
    radios={
        RadioId("xizi-v01"): RadioCredentials(
            radio=RadioId("xizi-v01"),
            community=CommunityId("xizi"),
            call_sign="西子一间",
            secret="word",
        )
    },
)


def test_exactly_one_address_is_told() -> None:
    """A newcomer clicks what looks like a link."""
    told = greeting("http://127.0.0.1:8080", load_roster(()), DEMO)

    assert re.findall(r"https?://\S+", told) == ["http://127.0.0.1:8080"]
    assert "yihu press 西子一间" in told


def test_no_secret_is_told_outside_the_demo() -> None:
    """Terminals are photographed."""
    told = greeting("http://127.0.0.1:8080", load_roster(()), None)

    assert "word" not in told


@pytest.mark.skipif(shutil.which("od") is None, reason="no od: the line is for a shell with it")
def test_the_printed_press_is_one_that_the_codec_reads() -> None:
    """It is copied into a shell as it stands; quoting goes wrong easily."""
    told = greeting("http://127.0.0.1:8080", load_roster(()), DEMO)
    line = next(each for each in told.splitlines() if "mosquitto_pub" in each)
    as_arguments = line.replace("mosquitto_pub", "printf '%s\\n'", 1)

    said = subprocess.run(
        ["sh", "-c", as_arguments], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    payload, topic = said[-1], said[said.index("-t") + 1]
    assert json.loads(payload)["kind"] == "sos"
    reading = V1().decode(topic, payload.encode(), 1_780_000_000 * SECOND)
    assert isinstance(reading, PressReading)
    assert said[said.index("-p") + 1] == "11883"


def test_over_tls_it_tells_the_press_that_needs_no_certificate() -> None:
    """Each client of MQTT has words of its own for whom it trusts; ours knows its broker."""
    demo = replace(DEMO, broker_url="mqtts://127.0.0.1:8883?pin=/data/tls/server.pem")

    told = greeting("https://127.0.0.1:8443", load_roster(()), demo)

    assert "yihu press" in told
    assert "mosquitto_pub" not in told
    assert "server.pem" not in told
