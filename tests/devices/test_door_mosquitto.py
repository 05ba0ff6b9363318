"""The door at a Mosquitto as its package sets it up: twenty unacknowledged messages, no more."""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.mqtt import BrokerAddress
from dispatch.ports import Port, answers
from tests.broker import Peer
from tests.devices.test_door import WAIT_S, Listener, alarm, open_door_at
from tests.ports import free_port

pytestmark = pytest.mark.broker


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[BrokerAddress]:
    """A Mosquitto that runs while the test does."""
    # Debian keeps it in a folder that ordinary users do not have on PATH.
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("mosquitto is not installed here")
    port = free_port()
    conf = tmp_path / "mosquitto.conf"
    conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = await asyncio.create_subprocess_exec(
        program, "-c", str(conf), stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(WAIT_S):
            while not await answers(Port(port=port)):
                assert process.returncode is None
        yield BrokerAddress(host="127.0.0.1", port=port)
    finally:
        process.terminate()
        await process.wait()


def radio(address: BrokerAddress) -> Peer:
    """A radio; this broker asks for no password."""
    return Peer(
        host=address.host, port=address.port, client_id="r-1", username="r-1", password="any"
    )


async def test_a_store_that_is_down_does_not_shut_new_alarms_out(address: BrokerAddress) -> None:
    """Forty alarms, none committed: all are heard, where the broker would stop at twenty."""
    listener = Listener()
    listener.withholds = True
    async with open_door_at(address, listener) as door, radio(address) as peer:
        for counter in range(40):
            await peer.publish("patrol/demo/r-1/alarm", alarm(counter), qos=1)
        heard = {(await listener.press())[0].press.counter for _ in range(40)}

        assert door.acked_early > 0
    assert heard == set(range(40))


async def test_what_was_not_committed_comes_again_at_once(address: BrokerAddress) -> None:
    """Mosquitto delivers again on reconnecting; the hub that was killed gets its press."""
    listener = Listener()
    listener.withholds = True
    async with radio(address) as peer:
        async with open_door_at(address, listener):
            await peer.publish("patrol/demo/r-1/alarm", alarm(1), qos=1)
            await listener.press()
        await peer.publish("patrol/demo/r-1/alarm", alarm(2), qos=1)

        async with open_door_at(address, listener):
            again = {(await listener.press())[0].press.counter for _ in range(2)}

    assert again == {1, 2}
