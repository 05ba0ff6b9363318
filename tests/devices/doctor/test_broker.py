"""The doctor measures a real Mosquitto, and the file of ours in deploy/ makes it a quick one."""

import asyncio
import secrets
import shutil
import ssl
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.acl import DOCTOR_USER, HUB_USERS, mosquitto_acl, mosquitto_passwords
from devices.doctor.broker import judged, look_at_broker, look_at_certificate
from devices.doctor.findings import Level
from devices.mqtt import BrokerAddress
from devices.secrets import hash_secret
from dispatch.ids import CommunityId, RadioId
from dispatch.ports import Port, answers
from dispatch.store.port import RadioSecret
from tests.broker import Peer, RefusedByBrokerError
from tests.devices.test_mosquitto import find_mosquitto
from tests.ports import free_port

READY_S = 20.0
PASSWORD = "of the hub"
DEPLOYED = Path(__file__).parents[3] / "deploy" / "mosquitto.conf"


@asynccontextmanager
async def mosquitto(folder: Path, conf: str, port: int) -> AsyncIterator[BrokerAddress]:
    """A Mosquitto with this configuration, while the block lasts."""
    program = find_mosquitto()
    file = folder / "mosquitto.conf"
    file.write_text(conf)
    process = await asyncio.create_subprocess_exec(
        program, "-c", str(file), stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(READY_S):
            while not await answers(Port(port=port)):
                assert process.returncode is None, "mosquitto did not start"
        yield BrokerAddress(host="127.0.0.1", port=port)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def deployed(folder: Path, port: int) -> str:
    """The file that we ship, with the paths and the port of a test."""
    known = [
        RadioSecret(
            radio=RadioId("r-1"),
            community=CommunityId("demo"),
            secret_hash=stored("of r-1"),
            revoked=False,
        )
    ]
    ours = dict.fromkeys((*HUB_USERS, DOCTOR_USER), stored(PASSWORD))
    (folder / "yihu.acl").write_text(mosquitto_acl(known))
    (folder / "yihu.passwords").write_text(mosquitto_passwords(known, ours))
    text = DEPLOYED.read_text()
    for there, here in (
        ("/etc/mosquitto/yihu/", f"{folder}/"),
        ("/var/lib/mosquitto/", f"{folder}/"),
        ("listener 1883 127.0.0.1", f"listener {port} 127.0.0.1"),
    ):
        assert there in text, there
        text = text.replace(there, here)
    return f"user root\n{text}"


def stored(secret: str) -> str:
    return hash_secret(secret, secrets.token_bytes(12))


@pytest.mark.broker
async def test_a_broker_that_holds_packets_back_is_named_with_the_line_that_helps(
    tmp_path: Path,
) -> None:
    """42 ms of every alarm for want of one line: the dearest line of a whole installation."""
    port = free_port()
    conf = f"listener {port} 127.0.0.1\nallow_anonymous true\n"
    async with mosquitto(tmp_path, conf, port) as address:
        found = await look_at_broker(address, "")

    assert found.code == "broker.held", found


@pytest.mark.broker
async def test_the_file_that_we_ship_holds_nothing_back_and_keeps_the_door(tmp_path: Path) -> None:
    """Debian's Mosquitto starts with it; strangers and wrong passwords stay out."""
    if shutil.which("mosquitto", path="/usr/sbin:/usr/bin") is None:
        pytest.skip("mosquitto is not installed here")
    port = free_port()
    async with mosquitto(tmp_path, deployed(tmp_path, port), port) as address:
        found = await look_at_broker(address, PASSWORD)
        refused = await look_at_broker(address, "another")
        async with Peer(
            host=address.host, port=port, client_id="any", username="r-1", password="of r-1"
        ):
            pass
        with pytest.raises(RefusedByBrokerError):
            async with Peer(
                host=address.host, port=port, client_id="r-1", username="", password=""
            ):
                pass

    assert found.code in ("broker.ok", "broker.slow"), found
    assert (refused.code, refused.level) == ("broker.refused", Level.FAILED)


async def test_a_broker_that_is_not_there_is_said_to_be_down() -> None:
    """With the address that was tried."""
    address = BrokerAddress(host="127.0.0.1", port=free_port())

    found = await look_at_broker(address, "")

    assert (found.code, found.facts["address"]) == ("broker.down", str(address))


@pytest.mark.parametrize(
    ("trip_ms", "code"), [(0.6, "broker.ok"), (41.0, "broker.held"), (200.0, "broker.slow")]
)
def test_only_forty_milliseconds_are_the_symptom(trip_ms: float, code: str) -> None:
    """A far or busy broker is slow for another reason, and another line would not help it."""
    assert judged([trip_ms] * 9, "h:1").code == code


def test_without_tls_there_is_no_certificate_to_check() -> None:
    """Within one machine nobody listens in."""
    plain = BrokerAddress(host="127.0.0.1", port=1883)

    assert look_at_certificate(plain, 0.0).code == "certificate.none"


def test_a_broker_that_speaks_no_tls_has_no_good_certificate() -> None:
    """Its port answers nobody."""
    nobody = BrokerAddress(host="127.0.0.1", port=free_port(), tls=True)

    assert look_at_certificate(nobody, 0.0, ssl.create_default_context).code == "certificate.bad"
