"""An exercise: the same everything, marked everywhere, and in no figure."""

import asyncio

import pytest

from tests.console_client import Console
from tests.integration.conftest import Community
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

OPEN, DRILLS = "yihu_incidents_open", "yihu_drill_incidents_open"


async def test_an_exercise_is_called_like_the_real_thing_and_counted_apart(
    system: System, community: Community
) -> None:
    """Radios and pages say what it is; the figures of the night stay true."""
    async with (
        Console(system, "张三") as console,
        Console(system, "李四") as other,
        community.patrol(console, "v01", "v02", "v03") as (sender, unit, real),
    ):
        before = system.metrics()
        body = {"name": "消防演练"}
        drill = (await console.do(f"communities/{community.name}/drills", body))["subject"]
        for radio in (sender, unit):
            await radio.hears("config", drill="消防演练")
        told = await other.sees(lambda: other.status.get("drills"), "the exercise")
        assert told == [{"id": drill, "community": community.name, "name": "消防演练"}]
        twice = await console.ask(f"communities/{community.name}/drills", body)
        assert (twice[0], twice[1]["code"]) == (409, "unfit")

        await sender.press(drill=True)
        played = await console.sees_incident(lambda each: each["sender"] == sender.name)
        order = await unit.hears("order", incident=played["id"])
        assert (played["drill"], order["drill"]) == (drill, True)
        await real.press()
        meant = await console.sees_incident(lambda each: each["sender"] == real.name)
        assert "drill" not in meant
        emergency = await unit.hears("order", incident=meant["id"])
        assert "drill" not in emergency

        now = system.metrics()
        assert now[OPEN] == before[OPEN] + 1
        assert now[DRILLS] == before[DRILLS] + 1

        again = asyncio.create_task(sender.hears_again("config", duty="on"))
        await asyncio.sleep(0)  # it counts what was heard so far
        await console.do(f"drills/{drill}/end")
        await other.sees(lambda: not other.status.get("drills"), "its end")
        assert "drill" not in await again
        await sender.press(drill=True)
        after = await console.sees_incident(
            lambda each: each["sender"] == sender.name and each["id"] != played["id"]
        )
        assert "drill" not in after, "a radio left in exercise mode is heard as real"
        still = console.incidents[played["id"]]
        assert (still["drill"], still["closed_t"]) == (drill, None)
        await console.do(f"incidents/{played['id']}/close", {"disposition": "resolved"})
        await console.agrees_with_a_fresh_snapshot()
