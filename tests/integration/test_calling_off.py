"""The sender asks to call it off: with the PIN, and with the one that says *I am forced*.

Whoever looks over a shoulder may see no difference, on the radio or on the wire.
"""

import asyncio
import re
from typing import Any

import pytest

from tests.console_client import Console, Doc
from tests.integration.conftest import Community
from tests.radio_client import Radio
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

CALM, DURESS = "0417", "9417"


@pytest.fixture(scope="module", name="pins")
def agreed_pins() -> dict[str, str]:
    """The first volunteer of each community has both."""
    return {"v01": f'pin = "{CALM}"\nduress_pin = "{DURESS}"'}


async def test_a_wish_by_command_is_answered_by_an_operator(
    system: System, community: Community
) -> None:
    """``yihu press --call-off`` waits; the operator grants it; everybody may go home."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v02") as (unit,),
    ):
        pressing = asyncio.create_task(
            pressed_and_called_off(system, f"{community.name}一间", CALM)
        )
        wished = await console.sees_incident(lambda each: each.get("cancel"))
        assert wished["cancel"]["duress"] is False
        assert wished["cancel"]["granted"] is None
        await unit.hears("order", incident=wished["id"])

        answer = {"granted": True, "false_reason": "by_accident"}
        await console.do(f"incidents/{wished['id']}/cancel", answer)

        status, told = await pressing
        assert status == 0
        assert told[-1] == f"{community.name}一间 ({community.name}-v01): called off after N s"
        assert (await unit.hears("cancel"))["reason"] == "incident_ended"
        ended = await console.sees_of(wished["id"], lambda each: each["closed_t"])
        assert (ended["phase"], ended["false_reason"]) == ("false", "by_accident")
        again = await console.ask(f"incidents/{wished['id']}/cancel", answer)
        assert (again[0], again[1]["code"]) == (409, "wrong_phase")


async def test_a_refused_wish_leaves_the_alarm_standing(
    system: System, community: Community
) -> None:
    """Everybody goes on, and the sender's radio hears so until it has shown it."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v01", "v02") as (sender, unit),
    ):
        press = await sender.press()
        await sender.call_off(press, CALM)
        wished = await console.sees_incident(
            lambda each: each["sender"] == sender.name and each.get("cancel")
        )

        refused = {"granted": False, "words": "孩子还没找到"}
        await console.do(f"incidents/{wished['id']}/cancel", refused)

        stands = await console.sees_of(
            wished["id"], lambda each: each["cancel"]["granted"] is False
        )
        assert stands["closed_t"] is None
        assert [each["state"] for each in stands["assignments"]] == ["offered"]
        await sender.shows_refused(press)
        assert not sender.all_heard("called_off", done=True)
        assert not unit.all_heard("cancel")


async def test_under_duress_the_radio_hears_the_same_and_the_incident_goes_on_covertly(
    system: System, community: Community, communities: Any
) -> None:
    """Two senders, one forced. What their radios hear differs in nothing but names and times."""
    free, forced = community, next(communities)
    async with (
        Console(system, "张三") as console,
        free.patrol(console, "v01", "v02") as (free_sender, _),
        forced.patrol(console, "v01", "v02") as (forced_sender, helper),
    ):
        ended = await call_off(console, free_sender, CALM)
        going_on = await call_off(console, forced_sender, DURESS)

        assert shapes(free_sender) == shapes(forced_sender)
        assert ended["phase"] == "cancelled"
        assert going_on["closed_t"] is None
        assert going_on["covert"] is True
        assert going_on["priority"] == 1
        assert going_on["cancel"]["duress"] is True
        assert not helper.all_heard("cancel")
        assert not forced_sender.all_heard("called_off", refused=True)
        order = await helper.hears("order", covert=True)
        assert order["sender"] == ""
        await helper.answer(order["order"], "accepted")

        await console.do(f"incidents/{going_on['id']}/take")
        await console.do(f"incidents/{going_on['id']}/notes", {"words": "已报 110"})
        noted = await console.sees_of(going_on["id"], lambda each: each["taken_by"])
        assert noted["taken_by"] == "张三"
        assert shapes(free_sender) == shapes(forced_sender), "nothing more is told to the radio"


async def test_a_forced_wish_cannot_be_refused(system: System, community: Community) -> None:
    """The answer says why; the radio hears nothing of it."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v01") as (sender,),
    ):
        press = await sender.press()
        await sender.call_off(press, DURESS)
        wished = await console.sees_incident(
            lambda each: each["sender"] == sender.name and each.get("cancel")
        )

        status, refusal = await console.ask(f"incidents/{wished['id']}/cancel", {"granted": False})

        assert (status, refusal["code"]) == (409, "unfit")
        assert refusal["facts"]["field"] == "granted"
        assert not sender.all_heard("called_off", refused=True)


async def test_by_command_duress_looks_the_same_too(system: System, community: Community) -> None:
    """Line by line, but for the times."""
    async with Console(system, "张三") as console:
        name = f"{community.name}一间"
        told = []
        for pin in (DURESS, CALM):
            pressing = asyncio.create_task(pressed_and_called_off(system, name, pin))
            wished = await console.sees_incident(
                lambda each: (
                    each["community"] == community.name
                    and each.get("cancel")
                    and each["cancel"]["granted"] is None
                )
            )
            await console.do(f"incidents/{wished['id']}/cancel", {"granted": True})
            told.append(await pressing)

        assert told[0] == told[1]


async def call_off(console: Console, sender: Radio, pin: str) -> Doc:
    """Press, ask to call it off, have it granted and shown; gives back the incident then."""
    press = await sender.press()
    await sender.call_off(press, pin)
    wished = await console.sees_incident(
        lambda each: each["sender"] == sender.name and each.get("cancel")
    )
    await console.do(f"incidents/{wished['id']}/cancel", {"granted": True})
    await sender.is_called_off(press)
    return await console.sees_of(wished["id"], lambda each: each["cancel"]["granted"])


def shapes(radio: Radio) -> set[tuple[str, tuple[str, ...], object]]:
    """What it heard, without names and times; a message may be repeated."""
    return {(each.topic, tuple(sorted(each.said)), each.said.get("done")) for each in radio.heard}


async def pressed_and_called_off(system: System, name: str, pin: str) -> tuple[int, list[str]]:
    """``yihu press --call-off``: its exit status and lines, numbers of seconds and presses out."""
    command = ("press", name, "--call-off", f"--pin={pin}", "--wait=40")
    done = await asyncio.to_thread(system.command, *command, f"--data={system.data_dir}")
    lines = re.sub(r"\d+\.\d+ s\b", "N s", re.sub(r"[0-9a-f]{16}:\d+", "PRESS", done.stdout))
    assert done.stderr == ""
    return done.returncode, lines.splitlines()
