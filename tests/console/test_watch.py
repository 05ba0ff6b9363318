"""console/watch.py: ``yihu watch`` against a real console, which goes and comes back."""

import argparse
import asyncio
from pathlib import Path

import msgspec
import pytest

from console import watch
from console.telling import Teller
from console.watch import json_lines, story_lines, stream_url
from console.words import Tongue
from dispatch.errors import SettingsError
from dispatch.outgoing import ToConsoles
from tests.console.builders import incident
from tests.console.samples import frame_sample
from tests.console.server import Console, running


class Listener:
    """What was told, and whether the server was said to be lost."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.lost = asyncio.Event()

    async def line(self) -> str:
        """The next line."""
        return await asyncio.wait_for(self.lines.get(), timeout=5.0)


def watching(console: Console, listener: Listener, *, as_json: bool = False) -> asyncio.Task[None]:
    """A watcher of this console."""
    hear = json_lines if as_json else story_lines(Teller(Tongue("zh")))
    url = stream_url(console.url(""))
    return asyncio.create_task(
        watch.watch(url, hear, listener.lines.put_nowait, listener.lost.set, token=lambda: "")
    )


async def test_the_story_is_told_as_it_happens(tmp_path: Path) -> None:
    """Where things stand, then each thing once."""
    listener = Listener()
    async with running(tmp_path) as console:
        task = watching(console, listener)
        assert "5 起未结警情" in await listener.line()
        for _ in range(7):
            await listener.line()

        console.hub.hold(incident(8, story=[]))
        console.hub.broker_down = "gone"
        console.feed.changed(ToConsoles(incidents=frozenset({incident(8).incident})))

        assert (await listener.line()).endswith("消息服务断开：gone")
        assert console.shell.present == []
        task.cancel()


async def test_a_server_that_went_is_said_to_be_lost_once(tmp_path: Path) -> None:
    """And the watcher goes on trying."""
    listener = Listener()
    async with running(tmp_path) as console:
        task = watching(console, listener)
        await listener.line()

    await asyncio.wait_for(listener.lost.wait(), timeout=5.0)
    assert not task.done()
    task.cancel()


async def test_a_gap_asks_for_a_snapshot(tmp_path: Path) -> None:
    """Whatever was missed is told after all."""
    listener = Listener()
    async with running(tmp_path) as console:
        task = watching(console, listener, as_json=True)
        while msgspec.json.decode(await listener.line())["type"] != "snapshot":
            pass
        console.feed.seq += 5
        console.hub.broker_down = "gone"
        console.feed.changed(ToConsoles(status=True))

        kinds = []
        while "snapshot" not in kinds:
            kinds.append(msgspec.json.decode(await listener.line())["type"])

        assert "change" not in kinds
        task.cancel()


def test_positions_are_told_as_json_too() -> None:
    """For scripts that want a map of their own."""
    beside = frame_sample()

    [line] = json_lines(bytes.fromhex(str(beside["hex"])))

    told = msgspec.json.decode(line)
    assert (told["type"], told["whole"]) == ("positions", True)
    assert [(unit["row"], unit["lon"]) for unit in told["units"]] == [
        (unit["row"], unit["lon"])
        for unit in beside["units"]  # type: ignore[attr-defined]  # a list of the sample
    ]


def test_noise_between_frames_is_passed_over() -> None:
    """A newer server may send more than this knows."""
    assert json_lines(b"\x02noise") == []


@pytest.mark.parametrize(
    ("url", "stream"),
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:8080/api/v1/stream"),
        ("http://localhost", "ws://localhost/api/v1/stream"),
        ("https://[::1]:8443/", "wss://[::1]:8443/api/v1/stream"),
        ("ws://127.0.0.1:1/x", "ws://127.0.0.1:1/api/v1/stream"),
    ],
)
def test_the_stream_is_found_by_the_consoles_address(url: str, stream: str) -> None:
    """What one copies from the browser is enough."""
    assert stream_url(url) == stream


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "ftp://x", "http://", "http://x:99999"])
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    """With what to write instead."""
    with pytest.raises(SettingsError, match="write http"):
        stream_url(url)


def test_its_arguments_are_as_documented() -> None:
    """``yihu watch --url URL --json --lang en``."""
    parser = argparse.ArgumentParser()
    watch.add_arguments(parser)

    options = parser.parse_args(["--url", "http://localhost:1", "--json", "--lang", "en"])

    assert (options.url, options.json, options.lang) == ("http://localhost:1", True, "en")
