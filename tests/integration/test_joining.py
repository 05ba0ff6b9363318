"""A radio that lets itself in by its code, at a whole running Yihu: the wire, the broker, the kick.

The tests run in their order on one system, each with radios of its own.
"""

import asyncio
import json
from pathlib import Path

import pytest

from devices.credentials import load_credentials
from tests.broker import Peer, RefusedByBrokerError
from tests.console_client import Console
from tests.integration.conftest import Community
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]


def peer(system: System, radio: str, secret: str) -> Peer:
    """A client of the broker by this radio's name."""
    return Peer(
        host="127.0.0.1",
        port=system.mqtt_port,
        client_id=radio,
        username=radio,
        password=secret,
    )


def made(system: System, radio: str) -> str:
    """A code, by the manager's click."""
    status, told = system.post(f"/api/v1/radios/{radio}/code", {"minutes": 60})
    assert status == 200, told
    code: str = told["code"]
    return code


async def test_a_radio_joins_by_its_code_and_the_old_one_is_cut_off(
    system: System, community: Community, tmp_path: Path
) -> None:
    """The old phone was lost: the moment the new one has its secret, the old one is out."""
    file = tmp_path / "credentials.json"
    async with Console(system, "一号台") as console, community.radio("v01") as old:
        code = await asyncio.to_thread(made, system, old.name)
        assert old.linked
        wanted = ("join", code, "--url", system.url, "--credentials", str(file))
        done = await asyncio.to_thread(system.command, *wanted)
        assert done.returncode == 0, done.stderr
        await old.is_refused()

        word = next(iter(load_credentials(file).radios.values()))
        assert file.stat().st_mode & 0o777 == 0o600
        assert word.radio == old.name
        async with peer(system, word.radio, word.secret) as fresh:
            press = {"press": "0123456789abcdef:1", "t": 1_790_000_000_000, "kind": "sos"}
            topic = f"patrol/{word.community}/{word.radio}/alarm"
            await fresh.publish(topic, json.dumps(press), qos=1)
            await console.sees(
                lambda: any(each["sender"] == old.name for each in console.incidents.values()),
                "its alarm",
            )


async def test_a_code_lives_through_a_killed_hub_and_dies_with_a_revocation(
    system: System, community: Community
) -> None:
    """Revoked at once, tried live: nobody comes back by a code of before."""
    radio = f"{community.name}-v02"
    first, other = (
        await asyncio.to_thread(made, system, radio),
        await asyncio.to_thread(made, system, f"{community.name}-v03"),
    )
    await asyncio.to_thread(lambda: system.wait_hub_after(system.kill_hub()))

    status, told = await asyncio.to_thread(system.post, "/api/v1/radios/join", {"code": first})
    assert status == 200
    async with peer(system, radio, told["secret"]) as in_hand:
        late = await asyncio.to_thread(made, system, radio)
        status, _ = await asyncio.to_thread(system.post, f"/api/v1/radios/{radio}/revoke", {})
        assert status == 200
        await asyncio.wait_for(in_hand.lost.wait(), 20)
    with pytest.raises(RefusedByBrokerError):
        async with peer(system, radio, told["secret"]):
            pytest.fail("it was let in")

    for code in (first, late):
        status, refused = await asyncio.to_thread(
            system.post, "/api/v1/radios/join", {"code": code}
        )
        assert (status, refused["code"]) == (403, "bad_code")
    status, back = await asyncio.to_thread(system.post, "/api/v1/radios/join", {"code": other})
    assert status == 200
    async with peer(system, back["radio"], back["secret"]):
        pass
