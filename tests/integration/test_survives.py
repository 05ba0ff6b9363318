"""Whatever dies, nothing is lost: restarts and kills in the middle of an open incident.

The tests run in their order on one system, each with people of its own.
"""

import asyncio
import os
import signal
import time

import pytest

from tests.console_client import Console
from tests.integration.conftest import SETTINGS, Community
from tests.radio_client import Radio
from tests.system import BROKER, System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

WAVE_S = 8
BACK_WITHIN_S = 10.0
"""What the design promises for a killed hub."""
BUSY_MACHINE = 3.0
"""Tests share their processors with other tests."""


@pytest.fixture(scope="module", name="settings")
def quick_waves() -> str:
    """Waves short enough to be outlived."""
    return f"{SETTINGS}wave_s = {WAVE_S}\n"


async def test_a_hub_killed_in_the_middle_goes_on_where_it_stopped(
    system: System, community: Community
) -> None:
    """State, timers and unheard messages come back; nobody has to press or answer again."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01", "v02", "v03") as (sender, coming, silent),
    ):
        press = await sender.press()
        order = (await coming.hears("order"))["order"]
        await coming.answer(order, "en_route")
        await silent.hears("order")
        before = await console.sees_incident(
            lambda each: each["sender"] == sender.name and each["phase"] == "en_route"
        )
        snapshots, began_s = console.snapshots, time.monotonic()

        await asyncio.to_thread(lambda: system.wait_hub_after(system.kill_hub()))
        took_s = time.monotonic() - began_s
        await console.sees(lambda: console.snapshots > snapshots, "the page back")

        assert took_s < BACK_WITHIN_S * BUSY_MACHINE
        after = console.incidents[before["id"]]
        assert [alarm["id"] for alarm in after["alarms"]] == [
            f"{sender.name}/{press}".replace(":", "/")
        ]
        assert due(after, silent) == due(before, silent)
        await silent.hears_again("order", order=order_of(before, silent)["id"])
        gone = await console.sees_of(before["id"], lambda each: state(each, silent) == "expired")
        assert moment(gone, silent) >= due(before, silent)

        await coming.answer(order, "on_scene")
        await console.do(f"incidents/{before['id']}/take")
        await sender.hears("seen", press=press, by="一号台")
        await console.sees_of(before["id"], lambda each: each["phase"] == "on_scene")
        await console.agrees_with_a_fresh_snapshot()


async def test_a_press_during_the_hubs_absence_is_there_exactly_once(
    system: System, community: Community
) -> None:
    """Its radio heard no ``stored`` and went on pressing; broker and radio both repeat it."""
    async with Console(system, "一号台") as console, community.radio("v01") as sender:
        killed = system.kill_hub()
        press = sender.push()

        await asyncio.to_thread(system.wait_hub_after, killed)
        await sender.hears("stored", press=press)
        shown = await console.sees_incident(lambda each: each["sender"] == sender.name)

        assert (len(shown["alarms"]), shown["rings"]) == (1, 1)
        await console.agrees_with_a_fresh_snapshot()


async def test_a_restart_by_hand_loses_nothing(system: System, community: Community) -> None:
    """SIGTERM ends everything with status 0; started again it shows the same."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01", "v02") as (sender, unit),
    ):
        await sender.press()
        order = (await unit.hears("order"))["order"]
        await unit.answer(order, "accepted")
        before = await console.sees_incident(
            lambda each: each["sender"] == sender.name and each["phase"] == "accepted"
        )
        snapshots, links = console.snapshots, unit.links
        pids = list(system.processes())

        assert await asyncio.to_thread(system.stop) == 0
        await asyncio.to_thread(system.wait_gone, pids)
        system.start()
        await asyncio.to_thread(system.wait_ready)
        await console.sees(lambda: console.snapshots > snapshots, "the page back")
        await unit.links_again(links)

        after = console.incidents[before["id"]]
        for part in ("phase", "place", "alarms", "decisions", "opened_t", "phase_times"):
            assert after[part] == before[part], part
        assert state(after, unit) == "accepted"
        await unit.answer(order, "clear")
        await console.sees_of(before["id"], lambda each: state(each, unit) == "clear")


async def test_a_killed_broker_is_said_and_radios_come_back(
    system: System, community: Community
) -> None:
    """Consoles show the dead link at once; a press made meanwhile arrives by itself."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01", "v02") as (sender, unit),
    ):
        links = unit.links

        os.kill(system.pid_of(BROKER), signal.SIGKILL)
        down = await console.sees(lambda: console.status["broker_down"], "the broker said down")
        press = sender.push()
        await console.sees(lambda: not console.status["broker_down"], "the broker back")
        await unit.links_again(links)
        await sender.hears("stored", press=press)
        await unit.hears("order")

        assert "connection lost" in down
        assert "child_died" in system.logged("child_died")
        shown = await console.sees_incident(lambda each: each["sender"] == sender.name)
        assert shown["rings"] == 1
        await console.agrees_with_a_fresh_snapshot()


def test_the_journal_is_unbroken_after_all_this(system: System) -> None:
    """Kills at any moment leave a chain that ``yihu verify`` can walk to its end."""
    verified = system.command("verify", f"--data={system.data_dir}")

    assert verified.returncode == 0, verified
    assert "unbroken" in verified.stdout


def test_nothing_outlives_a_killed_supervisor(system: System) -> None:
    """Not even SIGKILL leaves a hub or a broker behind that would hold the ports."""
    pids = list(system.processes())
    assert len(pids) == 2

    system.process.kill()
    system.process.wait()
    system.wait_gone(pids)
    system.start()
    system.wait_ready()

    assert system.get("/health")["ready"]


def due(incident: dict[str, object], radio: Radio) -> int:
    """Until when this unit may answer."""
    return int(order_of(incident, radio)["answer_by_t"])


def state(incident: dict[str, object], radio: Radio) -> str:
    """How this unit's order stands."""
    return str(order_of(incident, radio)["state"])


def moment(incident: dict[str, object], radio: Radio) -> int:
    """Since when it stands so."""
    return int(order_of(incident, radio)["state_t"])


def order_of(incident: dict[str, object], radio: Radio) -> dict[str, int]:
    """This unit's newest assignment."""
    assignments = incident["assignments"]
    assert isinstance(assignments, list)
    found: dict[str, int] = [each for each in assignments if each["unit"] == radio.name][-1]
    return found
