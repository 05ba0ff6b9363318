"""Yihu beside a Mosquitto of one's own, set up by the files that ``yihu acl`` writes."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch.demo import demo_community_path
from dispatch.ports import Port, answers
from tests.broker import Peer
from tests.communities import posts
from tests.console_client import Console
from tests.devices.test_mosquitto import find_mosquitto
from tests.ports import free_port
from tests.radio_client import Radio
from tests.system import System, running_yihu

pytestmark = [pytest.mark.broker, pytest.mark.slow]

SENDER, UNIT = "xizi-v01", "xizi-v02"
BOOT = "0123456789abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A Yihu and the port of the Mosquitto beside it."""

    system: System
    port: int

    def radio(self, name: str) -> Radio:
        """A radio of the demo at Mosquitto's door."""
        return Radio(self.system, name, mqtt_port=self.port)


@contextmanager
def mosquitto(folder: Path, conf: Path, port: int) -> Iterator[None]:
    """Mosquitto with these lines, as an administrator would include them."""
    own = folder / "mosquitto.conf"
    # Started as root it would become the user mosquitto, who may read none of our files.
    user = "user root\n" if os.geteuid() == 0 else ""
    own.write_text(f"{conf.read_text()}persistence_location {folder}/\n{user}")
    with (folder / "mosquitto.log").open("ab") as log:
        process = subprocess.Popen([find_mosquitto(), "-c", str(own)], stdout=log, stderr=log)
    try:
        for _ in range(200):
            if asyncio.run(answers(Port(port=port))):
                break
            assert process.poll() is None, (folder / "mosquitto.log").read_text()
            time.sleep(0.05)  # it tells nobody when it listens
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module", name="beside")
def yihu_beside_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    """In the order of an administrator: Yihu enrols, ``yihu acl`` writes, Mosquitto starts."""
    find_mosquitto()
    folder = tmp_path_factory.mktemp("mosquitto")
    port = free_port()
    broker = f"--broker=mqtt://127.0.0.1:{port}"
    with running_yihu(folder, broker, "--no-simulator", wait=False) as system:
        system.until(lambda: "broker_link" in system.log(), "the hub looking for its broker")
        files = (f"--data={system.data_dir}", f"--out={folder / 'out'}", f"--port={port}")
        wrote = system.command("acl", *files)
        assert wrote.returncode == 0, wrote
        (conf,) = [Path(line) for line in wrote.stdout.splitlines() if line.endswith(".conf")]
        with mosquitto(folder, conf, port):
            system.wait_ready()
            yield Beside(system=system, port=port)


async def test_a_press_arrives_and_an_order_goes_out(beside: Beside) -> None:
    """The main job does not depend on the broker that came with us."""
    places = posts(demo_community_path())
    async with (
        Console(beside.system, "一号台") as console,
        beside.radio(SENDER) as sender,
        beside.radio(UNIT) as unit,
    ):
        await unit.sign_on(*places[UNIT])
        row = console.units[UNIT]["row"]
        await console.sees(lambda: row in console.positions, "the unit's place")

        await sender.press()
        order = (await unit.hears("order", state="offered"))["order"]
        await unit.answer(str(order), "accepted")

        shown = await console.sees_incident(lambda each: each["phase"] == "accepted")
        assert shown["sender"] == SENDER
        await console.agrees_with_a_fresh_snapshot()


async def test_a_radio_speaks_only_as_itself(beside: Beside) -> None:
    """Mosquitto drops what the access list does not allow."""
    secret = beside.system.credentials()["radios"]["xizi-v03"]["secret"]
    press = json.dumps({"press": f"{BOOT}:1", "t": 1_760_000_000_000, "kind": "sos"})
    async with Console(beside.system) as console:
        forger = Peer(
            host="127.0.0.1",
            port=beside.port,
            client_id="xizi-v03",
            username="xizi-v03",
            password=secret,
        )
        async with forger:
            await forger.publish("patrol/xizi/xizi-v04/alarm", press, qos=1)
            await forger.publish("patrol/xizi/xizi-v03/alarm", press, qos=1)

        await console.sees_incident(lambda each: each["sender"] == "xizi-v03")
        assert not [each for each in console.incidents.values() if each["sender"] == "xizi-v04"]


async def test_a_killed_hub_loses_nothing(beside: Beside) -> None:
    """Mosquitto keeps the session's messages, the radio repeats: stored once all the same."""
    async with Console(beside.system) as console, beside.radio("xizi-v05") as sender:
        killed = beside.system.kill_hub()
        press = sender.push()

        await asyncio.to_thread(beside.system.wait_hub_after, killed)
        await sender.hears("stored", press=press)

        shown = await console.sees_incident(lambda each: each["sender"] == "xizi-v05")
        assert (shown["rings"], len(shown["alarms"])) == (1, 1)


async def test_a_revoked_radio_has_to_be_told_to_mosquitto(beside: Beside) -> None:
    """We cannot reach into another's broker: the log says what the administrator has to do."""
    async with Console(beside.system, "一号台") as console, beside.radio("xizi-v06") as stolen:
        await console.do("radios/xizi-v06/revoke")
        await console.sees(lambda: console.units["xizi-v06"]["revoked"], "it is revoked")
        stolen.push()

        await asyncio.to_thread(beside.system.counted, "yihu_press_refused_revoked_radio_total")
        assert beside.system.logged("write_acl_again")
        assert not [each for each in console.incidents.values() if each["sender"] == "xizi-v06"]
