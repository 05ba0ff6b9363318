"""Positions that no good radio sends: counted, told with whose they are, and nothing else lost."""

import asyncio
import json

import pytest

from tests.console_client import Console
from tests.integration.conftest import Community
from tests.integration.test_bad_input import history, still_works
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

DAY_MS = 86_400_000
FLOOD = 2_000


def count(system: System, name: str, reason: str) -> float:
    """A number of /metrics by its reason."""
    return system.metrics().get(f'{name}{{reason="{reason}"}}', 0)


async def test_a_flood_of_one_radio_is_thinned_and_told_by_its_name(
    system: System, community: Community
) -> None:
    """In the log, in the metrics and in /health; its neighbour and its own press lose nothing."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01", "v02") as (flood, calm),
    ):
        lon, lat = community.place("v05")
        begun_ms = flood.now_ms()
        for number in range(FLOOD):
            fix = {"t": begun_ms + number, "lon": lon, "lat": lat}
            flood.publish("position", json.dumps(fix), qos=0)
        calm.tell_position(lon, lat)

        thinned = 'yihu_positions_shed_at_door_total{reason="too_fast"}'
        await asyncio.to_thread(system.counted, thinned, FLOOD / 3)
        row = console.units[calm.name]["row"]
        await console.sees(lambda: shown(console, row) == e7(lon, lat), "the neighbour's fix")

        line = system.logged("radio_too_fast")
        assert f"radio={flood.name}" in line
        assert "taken_per_s=4" in line
        degraded = {each["what"]: each["why"] for each in system.get("/health")["degraded"]}
        assert flood.name in degraded["radios"]
        assert system.metrics()["yihu_radios_too_fast"] == 1
        await still_works(console, flood)


async def test_times_that_cannot_be_neither_freeze_a_unit_nor_move_it_back(
    system: System, community: Community
) -> None:
    """Tomorrow's, last week's and those of before signing on are refused with a reason and a name;
    late ones are history."""
    dropped = "yihu_positions_dropped_total"
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v03") as (radio,),
    ):
        before = {reason: count(system, dropped, reason) for reason in ("future", "off_duty")}
        lon, lat = community.place("v03")
        here, late, wrong = ((lon + steps * 1e-4, lat) for steps in (1, 2, 3))
        now_ms = radio.now_ms()
        told = [
            (now_ms + 1_000, here),
            (now_ms, late),
            (now_ms + DAY_MS, wrong),
            (now_ms - 7 * DAY_MS, wrong),
            (now_ms - 30_000, wrong),
            (now_ms, late),
        ]
        fixes = [{"t": t, "lon": lon, "lat": lat} for t, (lon, lat) in told]
        radio.publish("position", json.dumps({"fixes": fixes}), qos=0)

        for reason, times in (("future", 1), ("off_duty", 2)):
            name = f'{dropped}{{reason="{reason}"}}'
            await asyncio.to_thread(system.counted, name, before[reason] + times)
        row = console.units[radio.name]["row"]
        await console.sees(lambda: shown(console, row) == e7(*here), "its newest fix")
        kept = [e7(lon, lat), e7(*here), e7(*late)]
        await asyncio.to_thread(
            system.until, lambda: len(history(system, radio.name)) >= len(kept), "a history"
        )

        assert sorted(history(system, radio.name)) == kept
        line = next(x for x in system.log().splitlines() if "reason=future" in x)
        assert f"unit={radio.name}" in line
        assert shown(console, row) == e7(*here)
        await still_works(console, radio)


def e7(lon: float, lat: float) -> tuple[int, int]:
    """A place as it stands in a frame."""
    return round(lon * 1e7), round(lat * 1e7)


def shown(console: Console, row: int) -> tuple[int, ...]:
    """Where the page has this unit: of its record, the place before time and movement."""
    return tuple(console.positions[row][-7:-5])
