"""A whole incident by a plan of one's own: carried up by steps, handed over, ended, asked after.

The plans are in a hurry, so that the tests need not wait for minutes.
"""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from tests.console_client import Console, Doc
from tests.integration.conftest import SETTINGS, Community
from tests.radio_client import Radio
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

HOLD_S = 10
"""The shortest time that a step may have."""
LONG_HOLD_S = 30
"""A killed hub is back before that, also on a machine with other tests."""
ON_TIME_MS = 15_000
"""A step is late by what the hub does at that moment, and by what the other tests do: no figure,
only that it was this deadline that began it."""
BOOK = """
[book]
name = "hurry"
version = 3
begins = "2020-01-01"
"""
PLAN = """
[[plans]]
plan = "{plan}"
kinds = ["{kind}"]
target_s = 60
on_scene = 1

[[plans.steps]]
step = "near"
tier = "grid"
needs = [{{ count = 1, role = "volunteer" }}]
hold_s = {first_s}
then = "wider"

[[plans.steps]]
step = "wider"
tier = "community"
needs = [{{ count = 1, role = "volunteer" }}, {{ count = 1, role = "guard" }}]
hold_s = {hold_s}
then = "agency"
tell = ["supervisor"]

[[plans.steps]]
step = "agency"
tier = "agency"
tell = ["supervisor"]
agency = "110"
"""


@pytest.fixture(scope="module", name="book")
def plan_book() -> str:
    """Every community of this module answers by it."""
    short = PLAN.format(plan="danger", kind="sos", first_s=HOLD_S, hold_s=HOLD_S)
    return (
        BOOK + short + PLAN.format(plan="ill", kind="medical", first_s=LONG_HOLD_S, hold_s=HOLD_S)
    )


@pytest.fixture(scope="module", name="settings")
def patient_waves() -> str:
    """Nobody's silence ends within a test: what is tried is the steps' time."""
    return f"{SETTINGS}wave_s = 300\n"


async def test_an_incident_is_carried_up_handed_over_ended_and_asked_after(
    system: System, community: Community, tmp_path: Path
) -> None:
    """From the button to the callback, and a file of it that anybody can check."""
    async with (
        Console(system, "张三") as console,
        Console(system, "李四") as other,
        community.patrol(console, "v01", "v02", "g1") as (sender, silent, guard),
    ):
        await sender.press(fix=sender.fix(*community.place("v01")))
        order = (await silent.hears("order"))["order"]
        await silent.answer(order, "received")
        incident = (await console.sees_incident(lambda each: each["sender"] == sender.name))["id"]
        assert not guard.all_heard("order")

        await guard.hears("order", incident=incident)
        wider = await console.sees_of(incident, lambda each: each.get("tier") == "community")
        agency = await console.sees_of(incident, lambda each: each.get("tier") == "agency")

        assert [step["step"] for step in wider["steps"]] == ["near", "wider"]
        near, second, last = agency["steps"]
        assert {step["plan"] for step in agency["steps"]} == {"hurry-3/danger"}
        assert 0 <= second["t"] - near["due_t"] < ON_TIME_MS
        assert 0 <= last["t"] - second["due_t"] < ON_TIME_MS
        assert near["due_t"] - near["t"] == second["due_t"] - second["t"] == HOLD_S * 1000
        assert (second["reason"], last["reason"]) == ("nobody_there", "nobody_there")
        assert (last["agency"], last["due_t"]) == ("110", None)
        assert {each["state"] for each in agency["assignments"]} <= {"offered", "received"}

        await console.do(f"incidents/{incident}/take")
        told = {"agency": "110", "contact": "值班民警", "words": "两人，无伤"}
        await console.do(f"incidents/{incident}/hand-over", told)
        given = (await other.sees_of(incident, lambda each: each.get("given")))["given"]
        assert [(each["agency"], each["by"], each["words"]) for each in given] == [
            ("110", "张三", "两人，无伤")
        ]

        without = await console.ask(f"incidents/{incident}/close", {"disposition": "false_alarm"})
        assert (without[0], without[1]["code"]) == (409, "unfit")
        early = await console.ask(f"incidents/{incident}/callback", {"satisfaction": "satisfied"})
        assert (early[0], early[1]["code"]) == (409, "wrong_phase")
        ended = {"disposition": "false_alarm", "false_reason": "by_accident", "words": "口袋误触"}
        await console.do(f"incidents/{incident}/close", ended)
        for radio in (silent, guard):
            cancel = await radio.hears("cancel", reason="incident_ended")
            radio.confirm(cancel=str(cancel["order"]))
        asked = {"satisfaction": "satisfied", "words": "谢谢"}
        await console.do(f"incidents/{incident}/callback", asked)

        closed = await other.sees_of(incident, lambda each: each.get("callbacks"))
        assert (closed["phase"], closed["false_reason"]) == ("false", "by_accident")
        assert "step_due_t" not in closed
        assert other.units[sender.name]["false_alarms"] == 1
        await other.agrees_with_a_fresh_snapshot()

    file = tmp_path / "incident.json"
    path = f"/api/v1/incidents/{incident}/file"
    file.write_text(await asyncio.to_thread(system.text, path))
    checked = await asyncio.to_thread(
        system.command, "verify", str(file), f"--data={system.data_dir}"
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


async def test_a_killed_hub_begins_the_next_step_once_and_on_time(
    system: System, community: Community
) -> None:
    """The deadline stands in the fact that began the step: nothing loses or doubles it."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v01", "v02", "g1") as (sender, silent, guard),
    ):
        await sender.press(kind="medical", fix=sender.fix(*community.place("v01")))
        await answer_received(silent)
        before = await console.sees_incident(
            lambda each: each["sender"] == sender.name and "step_due_t" in each
        )
        snapshots = console.snapshots

        await asyncio.to_thread(lambda: system.wait_hub_after(system.kill_hub()))
        await console.sees(lambda: console.snapshots > snapshots, "the page back")
        guard.tell_position(*community.place("g1"))  # the one just before the kill may be lost
        back_ms = time.time() * 1000
        again = console.incidents[before["id"]]
        last = await console.sees_of(before["id"], lambda each: each.get("tier") == "agency")

        assert again["step_due_t"] == before["step_due_t"] == before["steps"][0]["due_t"]
        near, second, third = last["steps"]
        assert back_ms < near["due_t"], "not back in time for this test"
        assert 0 <= second["t"] - near["due_t"] < ON_TIME_MS
        assert 0 <= third["t"] - second["due_t"] < ON_TIME_MS
        await guard.hears("order", incident=before["id"])
        assert await begun(system, console, before["id"]) == ["near", "wider", "agency"]
        assert len(of_unit(last, silent)) == 1, "nobody is asked anew for a restart"


async def test_a_hub_that_was_away_when_a_step_was_due_begins_it_when_it_is_back(
    system: System, community: Community
) -> None:
    """Late is better than never, and once is better than twice."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v01", "v02", "g1") as (sender, silent, guard),
    ):
        await sender.press(fix=sender.fix(*community.place("v01")))
        await answer_received(silent)
        before = await console.sees_incident(
            lambda each: each["sender"] == sender.name and "step_due_t" in each
        )
        links = sender.links

        pids = list(system.processes())
        assert await asyncio.to_thread(system.stop) == 0
        await asyncio.to_thread(system.wait_gone, pids)
        await passed(before["step_due_t"] / 1000 - time.time())
        system.start()
        await asyncio.to_thread(system.wait_ready)
        await sender.links_again(links)

        second = await console.sees_of(before["id"], lambda each: len(each["steps"]) == 2)
        await guard.hears("order", incident=before["id"])
        assert second["steps"][1]["t"] > before["step_due_t"]
        assert second["step_due_t"] == second["steps"][1]["t"] + HOLD_S * 1000
        assert await begun(system, console, before["id"]) == ["near", "wider"]


async def answer_received(radio: Radio) -> None:
    """The radio has the order, and its bearer does nothing."""
    await radio.answer((await radio.hears("order"))["order"], "received")


async def passed(seconds: float) -> None:
    """The passing of time is what is tried here."""
    await asyncio.sleep(max(0.0, seconds))


def of_unit(incident: Doc, radio: Radio) -> list[Any]:
    """Its orders."""
    return [each for each in incident["assignments"] if each["unit"] == radio.name]


async def begun(system: System, console: Console, incident: str) -> list[str]:
    """Which steps began, by the journal itself: once a command is answered, all that was shown
    before it is on disk, too."""
    await console.do(f"incidents/{incident}/notes", {"words": "到目前为止"})
    return [each["step"] for each in system.facts("StepBegun") if each["incident"] == incident]
