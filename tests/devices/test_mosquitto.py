"""A real Mosquitto with the files we write holds radios to the same rules."""

import asyncio
import secrets
import shutil
import ssl
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from devices.acl import (
    HUB_USERS,
    mosquitto_acl,
    mosquitto_conf,
    mosquitto_passwords,
)
from devices.mqtt import ClosedIfRefused
from devices.secrets import hash_secret
from dispatch.ids import CommunityId, RadioId
from dispatch.ports import Port, answers
from dispatch.store.port import RadioSecret
from tests.broker import ANSWER_TIMEOUT_S, Peer, RefusedByBrokerError
from tests.dispatch.tls.certificates import shown
from tests.ports import free_port

pytestmark = pytest.mark.broker

RADIOS = ("r-1", "r-2")
Connect = Callable[..., Peer]


def find_mosquitto() -> str:
    # Debian keeps it in a folder that ordinary users do not have on PATH.
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed here")
    return program


def stored(secret: str) -> str:
    return hash_secret(secret, secrets.token_bytes(12))


def write_files(folder: Path, port: int, *, tls: tuple[str, str] | None = None) -> Path:
    """What ``yihu acl`` writes, and where Mosquitto keeps its sessions."""
    radios = [
        RadioSecret(
            radio=RadioId(name),
            community=CommunityId("demo"),
            secret_hash=stored(f"of {name}"),
            revoked=False,
        )
        for name in RADIOS
    ]
    acl, passwords, conf = folder / "acl", folder / "passwords", folder / "mosquitto.conf"
    acl.write_text(mosquitto_acl(radios))
    passwords.write_text(mosquitto_passwords(radios, dict.fromkeys(HUB_USERS, stored("of hub"))))
    text = mosquitto_conf(acl_path=str(acl), passwords_path=str(passwords), port=port, tls=tls)
    conf.write_text(f"{text}persistence_location {folder}/\nuser root\n")
    return conf


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Connect]:
    """A way to connect to a Mosquitto that runs while the test does."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        find_mosquitto(), "-c", str(write_files(tmp_path, port)), stdout=DEVNULL, stderr=PIPE
    )
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        while not await answers(Port(port=port)):
            assert process.returncode is None, await process.communicate()
            await asyncio.sleep(0.01)

    def peer(name: str, **more: object) -> Peer:
        secret = "of hub" if name in HUB_USERS else f"of {name}"
        arguments = {"client_id": name, "username": name, "password": secret, **more}
        return Peer(host="127.0.0.1", port=port, **arguments)  # type: ignore[arg-type]  # as Peer has them

    try:
        yield peer
    finally:
        process.terminate()
        await process.communicate()


async def test_a_radio_reaches_the_hub_and_is_reached(connect: Connect) -> None:
    """With the hash that the embedded broker's admission uses too."""
    async with connect(HUB_USERS[0]) as hub, connect("r-1") as radio:
        assert await hub.subscribe("patrol/#", qos=1)
        assert await radio.subscribe("radio/demo/r-1/#", qos=1)

        await radio.publish("patrol/demo/r-1/alarm", b"press", qos=1)
        await hub.publish("radio/demo/r-1/order", b"go", qos=1)

        assert (await hub.next_message()).topic == "patrol/demo/r-1/alarm"
        assert (await radio.next_message()).topic == "radio/demo/r-1/order"


async def test_a_radio_speaks_only_as_itself(connect: Connect) -> None:
    """Mosquitto too acknowledges a forbidden publish and drops it."""
    async with connect(HUB_USERS[0]) as hub, connect("r-1") as radio:
        await hub.subscribe("patrol/#", qos=1)

        await radio.publish("patrol/demo/r-2/alarm", b"forged", qos=1)
        await radio.publish("patrol/demo/r-1/status", b"marker", qos=1)

        assert (await hub.next_message()).payload == b"marker"


async def test_a_radio_hears_only_what_is_said_to_it(connect: Connect) -> None:
    """Mosquitto 2.0 grants the subscription and then delivers nothing by it."""
    async with connect(HUB_USERS[0]) as hub, connect("r-1") as radio:
        for topic in ("radio/#", "#", "radio/demo/r-2/#"):
            await radio.subscribe(topic, qos=1)

        await hub.publish("radio/demo/r-2/order", b"for r-2", qos=1)
        await hub.publish("radio/demo/r-1/order", b"for r-1", qos=1)

        assert (await radio.next_message()).payload == b"for r-1"


async def test_a_client_id_is_of_no_use_to_another_radio(connect: Connect) -> None:
    """``use_username_as_clientid``: r-1 under r-2's client id is r-1, and r-2 stays."""
    async with connect("r-2") as victim:
        await victim.subscribe("radio/demo/r-2/#", qos=1)
        async with connect("r-1", client_id="r-2"), connect(HUB_USERS[0]) as hub:
            await hub.publish("radio/demo/r-2/order", b"go", qos=1)

            assert (await victim.next_message()).payload == b"go"
            assert not victim.lost.is_set()


@pytest.mark.parametrize("name", ["r-1", HUB_USERS[0]])
async def test_a_wrong_password_is_refused(connect: Connect, name: str) -> None:
    with pytest.raises(RefusedByBrokerError):
        async with connect(name, password="guessed"):
            pytest.fail("it was let in")


async def test_both_of_the_hubs_connections_stay(connect: Connect) -> None:
    """Alarms and positions have their own; as one user they would throw each other out."""
    async with connect(HUB_USERS[0]) as alarms, connect(HUB_USERS[1]) as positions:
        await alarms.subscribe("patrol/+/+/alarm", qos=1)
        await positions.subscribe("patrol/+/+/position")
        async with connect("r-1") as radio:
            await radio.publish("patrol/demo/r-1/position", b"here")
            await radio.publish("patrol/demo/r-1/alarm", b"press", qos=1)

        assert (await alarms.next_message()).payload == b"press"
        assert (await positions.next_message()).payload == b"here"


async def test_an_order_waits_for_a_radio_that_is_away(connect: Connect) -> None:
    """A lift, a cellar: the session is kept and the order with it."""
    async with connect("r-1", clean_session=False) as radio:
        await radio.subscribe("radio/demo/r-1/#", qos=1)
        await radio.vanish()
    async with connect(HUB_USERS[0]) as hub:
        await hub.publish("radio/demo/r-1/order", b"go", qos=1)

    async with connect("r-1", clean_session=False) as radio:
        assert radio.session_present
        assert (await radio.next_message()).payload == b"go"


async def test_over_tls_a_radio_knows_the_broker_by_the_authority(tmp_path: Path) -> None:
    """By the lines that ``yihu acl --cert --key`` writes; without the authority it hangs up."""
    files, port = shown(tmp_path), free_port()
    conf = write_files(tmp_path, port, tls=(str(files.certificate), str(files.key)))
    process = await asyncio.create_subprocess_exec(
        find_mosquitto(), "-c", str(conf), stdout=DEVNULL, stderr=PIPE
    )

    def radio(trust: ssl.SSLContext) -> Peer:
        trust.sslsocket_class = ClosedIfRefused
        return Peer(
            host="127.0.0.1",
            port=port,
            client_id="r-1",
            username="r-1",
            password="of r-1",
            tls=trust,
        )

    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while not await answers(Port(port=port)):
                assert process.returncode is None, await process.communicate()
                await asyncio.sleep(0.01)
        async with radio(ssl.create_default_context(cafile=files.authority)) as peer:
            await peer.publish("patrol/demo/r-1/status", b"{}", qos=1)
        with pytest.raises(ssl.SSLCertVerificationError):
            async with radio(ssl.create_default_context()):
                pytest.fail("it came in")
    finally:
        process.terminate()
        await process.communicate()
