"""``yihu watch`` in a terminal of its own: the story of a press, in both languages."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.awaiting import NEWS_TIMEOUT_S
from tests.console_client import Console
from tests.integration.conftest import Community
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@asynccontextmanager
async def watching(system: System, *arguments: str) -> AsyncIterator[Process]:
    """A running ``yihu watch`` that has said its first line."""
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "dispatch",
            "watch",
            f"--url={system.url}",
            f"--data={system.data_dir}",
        ),
        *arguments,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        await says(process, [""])
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def says(process: Process, words: Sequence[str]) -> str:
    """The next line that has all these words."""
    assert process.stdout is not None
    said: list[str] = []
    try:
        async with asyncio.timeout(NEWS_TIMEOUT_S):
            while True:
                line = (await process.stdout.readline()).decode()
                assert line, f"it ended; it had said {said}"
                if all(word in line for word in words):
                    return line
                said.append(line)
    except TimeoutError:
        raise AssertionError(f"not said: {words}; it said {said}") from None


@pytest.mark.parametrize(
    ("lang", "pressed", "called", "place"),
    [
        ("zh", "按下红色按钮", "批呼叫", "小荷幼儿园"),
        ("en", "pressed the red button", "wave 1 calls", "Little Lotus Kindergarten"),
    ],
    ids=["zh", "en"],
)
async def test_a_press_is_told_to_its_end(
    system: System, community: Community, lang: str, pressed: str, called: str, place: str
) -> None:
    """Who pressed, where, who was called, who took it and that it is over, a line each."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v01", "v02") as (sender, unit),
        watching(system, f"--lang={lang}") as terminal,
    ):
        await sender.press(fix=sender.fix(*community.place("v01")))

        await says(terminal, [sender.call_sign, pressed, place])
        await says(terminal, [called, unit.call_sign])
        incident = await console.sees_incident(lambda each: each["sender"] == sender.name)
        number = f"#{incident['id'][-3:]}"
        await console.do(f"incidents/{incident['id']}/take")
        await says(terminal, [number, "张三"])
        await console.do(f"incidents/{incident['id']}/close", {"disposition": "resolved"})
        await says(terminal, [number, "张三"])

        terminal.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(terminal.wait(), NEWS_TIMEOUT_S) == 128 + signal.SIGINT


async def test_a_watcher_is_nobody(system: System, community: Community) -> None:
    """A terminal left running must not count as a console that somebody sits at."""
    async with Console(system, "张三") as console, watching(system):
        await console.do("incidents", {"community": community.name, "kind": "other", "words": "x"})

        assert console.status["operators"] == ["张三"]


async def test_a_watcher_comes_back_after_the_hub(system: System, community: Community) -> None:
    """It says that the line is lost, and goes on with the story when the hub is back."""
    async with watching(system, "--lang=en") as terminal, community.radio("v01") as sender:
        await asyncio.to_thread(lambda: system.wait_hub_after(system.kill_hub()))

        await sender.press()

        await says(terminal, [sender.call_sign])
