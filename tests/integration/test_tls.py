"""A whole Yihu with the certificate that ``yihu tls`` made, at the radios' port.

The page stays on loopback without one here: the door over TLS is tried in tests/console/login.
"""

import asyncio
import datetime
import json
import ssl
from pathlib import Path

import pytest

from dispatch.tls.command import make
from dispatch.tls.folder import TlsFolder
from tests.broker import Peer
from tests.integration.conftest import SETTINGS, Community
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module", name="settings")
def settings_with_a_certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Made by the command, as an administrator does."""
    tls = TlsFolder.of(tmp_path_factory.mktemp("made"))
    make(
        tls,
        names=("yihu.example.cn",),
        otherwise=(),
        days=30,
        again=False,
        new_authority=False,
        now=datetime.datetime.now(datetime.UTC),
    )
    return f'mqtt_cert = "{tls.server_file}"\nmqtt_key = "{tls.server_key_file}"\n{SETTINGS}'


async def test_the_hub_a_radio_and_the_doctor_meet_over_tls(
    system: System, community: Community, settings: str
) -> None:
    """From a press over TLS to ``stored``; and by a code a radio is told that it is TLS."""
    name = f"{community.name}-v01"
    status, told = await asyncio.to_thread(system.post, f"/api/v1/radios/{name}/code", {})
    assert status == 200
    status, joined = await asyncio.to_thread(
        system.post, "/api/v1/radios/join", {"code": told["code"]}
    )
    assert status == 200
    assert joined["broker"]["tls"] is True

    authority = Path(settings.partition('"')[2].partition('"')[0]).with_name("ca.pem")
    trust = ssl.create_default_context(cafile=authority)
    login = {"client_id": name, "username": name, "password": joined["secret"]}
    async with Peer(host="127.0.0.1", port=system.mqtt_port, tls=trust, **login) as radio:
        await radio.subscribe(f"radio/{community.name}/{name}/+")
        press = {"press": "0123456789abcdef:1", "t": 1_790_000_000_000, "kind": "sos"}
        await radio.publish(joined["publish"] + "alarm", json.dumps(press), qos=1)
        while (
            heard := await radio.next_message()
        ).topic != f"radio/{community.name}/{name}/stored":
            pass
        assert json.loads(heard.payload)["press"] == press["press"]

    credentials = system.credentials()["broker"]["url"]
    assert credentials.startswith("mqtts://127.0.0.1:")
    doctor = await asyncio.to_thread(
        system.command,
        "doctor",
        f"--data={system.data_dir}",
        f"--http-port={system.http_port}",
        f"--mqtt-port={system.mqtt_port}",
        f"--nats-port={system.nats_port}",
        "--json",
    )
    codes = {each["code"] for each in json.loads(doctor.stdout)["findings"]}
    assert {"cert.ok", "broker.ok"} <= codes or {"cert.ok", "broker.slow"} <= codes
