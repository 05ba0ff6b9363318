"""The promise of ``stored``: kill the hub whenever you like, and each press is kept once.

Radios press at a steady pace while the hub is killed at moments drawn from a seed: before
it read a press, while it wrote it, after it wrote and before it said so.
"""

import asyncio
import contextlib
import random
from collections import Counter

import pytest

from tests.console_client import Console
from tests.integration.conftest import Community
from tests.radio_client import Radio
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

SEED = 1121
KILLS = 5
PACE_S = 0.3
"""Of each radio; faster than a press is repeated, so that several are always under way."""
RADIOS = ("v01", "v02", "v03", "v04")
ALIVE_MAX_S = 1.5
"""The hub lives so long at most between two kills, once it serves."""


async def test_every_press_is_stored_once_whenever_the_hub_is_killed(
    system: System, community: Community
) -> None:
    """None lost that was said to be stored, none stored twice, none left unanswered."""
    chance = random.Random(SEED)
    done = asyncio.Event()
    async with contextlib.AsyncExitStack() as stack:
        radios = [await stack.enter_async_context(community.radio(each)) for each in RADIOS]
        pressing = [asyncio.create_task(keep_pressing(radio, done)) for radio in radios]

        for _ in range(KILLS):
            await passed(chance.uniform(0.0, ALIVE_MAX_S))
            killed = await asyncio.to_thread(system.kill_hub)
            await asyncio.to_thread(system.wait_hub_after, killed)
        done.set()
        pressed = {radio.name: await task for radio, task in zip(radios, pressing, strict=True)}
        for radio in radios:
            for press in pressed[radio.name]:
                await radio.hears("stored", press=press)

        all_pressed = {f"{name}/{p}".replace(":", "/") for name, ps in pressed.items() for p in ps}
        assert len(all_pressed) > KILLS * len(RADIOS)
        received = Counter(each["alarm"] for each in system.facts("AlarmReceived"))
        assert received == dict.fromkeys(all_pressed, 1), f"seed {SEED}"
        rings = {name: len(presses) for name, presses in pressed.items()}
        async with Console(system, "一号台") as console:
            await console.sees(
                lambda: rings_shown(console, set(pressed)) == rings,
                f"{rings}: a press is decided on a moment after it is stored",
            )


def rings_shown(console: Console, senders: set[str]) -> dict[str, int]:
    """How many presses the console counts, by sender."""
    shown = [each for each in console.incidents.values() if each["sender"] in senders]
    return {each["sender"]: each["rings"] for each in shown}


async def keep_pressing(radio: Radio, done: asyncio.Event) -> list[str]:
    """Push the button again and again; every press is repeated until it is stored."""
    presses = []
    while not done.is_set():
        presses.append(radio.push())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), PACE_S)
    return presses


async def passed(seconds: float) -> None:
    """Let radios press for so long: the passing of time is what is tried here."""
    await asyncio.sleep(seconds)
